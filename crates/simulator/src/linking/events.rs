//! Skill events: what Alexa tells a skill outside of any session ("Skill Events in Alexa Skills").

use sayso_token::time::{Lifetime, Timestamp};
use serde_json::{Value, json};

use crate::deliver::{Letter, Sent, traced};
use crate::envelope::{Speaker, body, iso};
use crate::household::Membership;
use crate::inside;
use crate::package::Skill;
use crate::scrub::Scrubber;
use crate::simulator::Inner;
use crate::trace::Hop;

/// An event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Enabled,
    Disabled,
    Linked,
    PermissionsChanged,
}

impl Event {
    /// All of them, those first that change least when they come from somebody whom nobody knows.
    pub(crate) const ALL: [Self; 4] = [Self::Enabled, Self::PermissionsChanged, Self::Disabled, Self::Linked];

    /// Whether the skill's manifest subscribes to it.
    pub(crate) fn is_wanted_by(self, skill: &Skill) -> bool {
        skill.manifest.subscribes(self.subscription())
    }

    /// As a manifest subscribes to it.
    fn subscription(self) -> &'static str {
        match self {
            Self::Enabled => "SKILL_ENABLED",
            Self::Disabled => "SKILL_DISABLED",
            Self::Linked => "SKILL_ACCOUNT_LINKED",
            Self::PermissionsChanged => "SKILL_PERMISSION_CHANGED",
        }
    }

    /// As the request names it.
    fn kind(self) -> &'static str {
        match self {
            Self::Enabled => "AlexaSkillEvent.SkillEnabled",
            Self::Disabled => "AlexaSkillEvent.SkillDisabled",
            Self::Linked => "AlexaSkillEvent.SkillAccountLinked",
            Self::PermissionsChanged => "AlexaSkillEvent.SkillPermissionChanged",
        }
    }

    fn own(self, membership: &Membership) -> Option<Value> {
        match self {
            Self::Enabled => None,
            Self::Disabled => Some(json!({"userInformationPersistenceStatus": "NOT_PERSISTED"})),
            Self::Linked => membership.link.as_ref().map(|link| json!({"accessToken": link.access_token.expose()})),
            Self::PermissionsChanged => {
                let accepted = membership.permissions.iter().filter(|(_, granted)| **granted);
                let accepted: Vec<Value> = accepted.map(|(scope, _)| json!({ "scope": scope })).collect();
                Some(json!({"acceptedPermissions": accepted, "acceptedPersonPermissions": []}))
            }
        }
    }
}

impl Inner {
    /// The request that tells of an event which happened then.
    pub(crate) fn event_request(&self, event: Event, membership: &Membership, happened: Timestamp) -> Value {
        let mut request = json!({"type": event.kind(), "requestId": self.request_id(), "timestamp": iso(happened),
            "eventCreationTime": iso(happened), "eventPublishingTime": iso(self.real_now())});
        if let (Some(own), Some(request)) = (event.own(membership), request.as_object_mut()) {
            request.insert("body".into(), own);
        }
        request
    }

    /// Tells the skill of an event, if it wants to know. An event that comes late carries the time it happened at.
    pub(crate) async fn tell(
        &self,
        skill: &Skill,
        event: Event,
        membership: &Membership,
        scrubber: &mut Scrubber,
    ) -> Vec<Hop> {
        if !event.is_wanted_by(skill) {
            return Vec::new();
        }
        let late = Lifetime::from_seconds(membership.habits.events_late_seconds);
        let request = self.event_request(event, membership, self.real_now() - late);
        let device_id = self.household.device_id();
        let token = membership.link.as_ref().map(|link| &link.access_token).filter(|_| event == Event::Linked);
        if let Some(token) = token {
            scrubber.know(token);
        }
        let speaker = Speaker {
            skill_id: &skill.skill_id,
            user_id: &membership.user_id,
            device_id: &device_id,
            access_token: token,
            person: None,
            permissions: &membership.permissions,
        };
        let letter = Letter { skill, title: event.kind(), body: body(&speaker, None, request), fault: None };
        let Ok(Sent { answered, mut hop, calls }) = self.send(&letter).await else { return Vec::new() };
        if membership.habits.events_late_seconds > 0 {
            hop.note = Some(format!("The event comes {} seconds late.", membership.habits.events_late_seconds));
        }
        inside::told(hop, traced(&answered).as_ref(), calls)
    }
}
