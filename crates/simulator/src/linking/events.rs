//! Skill events: what Alexa tells a skill outside of any session ("Skill Events in Alexa Skills").

use sayso_token::time::Timestamp;
use serde_json::{Value, json};

use crate::deliver::{Letter, Sent, traced};
use crate::envelope::{Speaker, body, iso};
use crate::faults::Fault;
use crate::household::Membership;
use crate::inside;
use crate::package::Skill;
use crate::scrub::Scrubber;
use crate::simulator::Inner;
use crate::trace::{FaultShown, Hop};
use crate::verdict::{UNSIGNED, Verdict};

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

/// What was sent to tell a skill, and what came of a fault in it.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) hops: Vec<Hop>,
    pub(crate) fault: Option<FaultShown>,
}

impl Told {
    /// Goes on with another event of the same flow.
    pub(crate) fn extend(&mut self, other: Self) {
        self.hops.extend(other.hops);
        self.fault = match (self.fault.take(), other.fault) {
            (Some(one), Some(two)) => Some(one.worse(two)),
            (one, two) => one.or(two),
        };
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

    /// Tells the skill of an event, if it wants to know. An event that comes late carries the time it happened at. What must be
    /// refused is sent beside the event itself and before it: the skill has to learn what has happened all the same.
    pub(crate) async fn tell(
        &self,
        skill: &Skill,
        (event, fault): (Event, Option<Fault>),
        membership: &Membership,
        scrubber: &mut Scrubber,
    ) -> Told {
        let out_of_reach = |why: &str| fault.map(|fault| FaultShown::out_of_reach(fault, why));
        if !event.is_wanted_by(skill) {
            let why = format!("the manifest does not subscribe to {}, so nothing is sent.", event.subscription());
            return Told { hops: Vec::new(), fault: out_of_reach(&why) };
        }
        let unsigned = fault.is_some_and(|fault| fault.is_of_signature()) && skill.is_unsigned();
        let (spoilt, taken) = match fault.filter(|_| !unsigned) {
            Some(fault) if !fault.must_be_taken() => (Some(fault), None),
            taken => (None, taken),
        };
        let mut told = Told { hops: Vec::new(), fault: out_of_reach(UNSIGNED).filter(|_| unsigned) };
        for fault in spoilt.map(Some).into_iter().chain([taken]) {
            let (hops, judged) = self.send_event(skill, (event, fault), membership, scrubber).await;
            told.hops.extend(hops);
            told.fault = judged.or(told.fault);
        }
        told
    }

    /// Sends an event, or what a fault has made of it; what came of the fault.
    async fn send_event(
        &self,
        skill: &Skill,
        (event, fault): (Event, Option<Fault>),
        membership: &Membership,
        scrubber: &mut Scrubber,
    ) -> (Vec<Hop>, Option<FaultShown>) {
        let late = membership.habits.events_late_seconds;
        let off = fault.map_or(-i64::from(late), Fault::event_clock_off);
        let happened = Timestamp::from_millis(self.real_now().millis() + off * 1_000);
        let request = self.event_request(event, membership, happened);
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
        let letter = Letter { skill, title: event.kind(), body: body(&speaker, None, request), fault };
        let Ok(Sent { answered, mut hop, calls }) = self.send(&letter).await else { return (Vec::new(), None) };
        hop.note = match fault {
            Some(fault) => Some(fault.about().to_owned()),
            None if late > 0 => Some(format!("The event comes {late} seconds late.")),
            None => hop.note,
        };
        let judged = fault.map(|fault| judge(fault, answered.as_ref().ok().map(|incoming| incoming.status)));
        (inside::told(hop, traced(&answered).as_ref(), calls), judged)
    }
}

/// What a fault of an event came to, by the status of the answer.
fn judge(fault: Fault, status: Option<u16>) -> FaultShown {
    // The official Node SDK tells of a foreign skill id with 500.
    let most = if fault == Fault::SkillId { 600 } else { 500 };
    match status {
        Some(200..=299) => FaultShown::judged(fault, fault.verdict_of_event(true)),
        Some(status) if (400..most).contains(&status) => FaultShown::judged(fault, fault.verdict_of_event(false)),
        _ if fault.must_be_taken() => FaultShown::judged(fault, fault.verdict_of_event(false)),
        other => {
            let came = other.map_or_else(|| "no answer came".to_owned(), |status| format!("status {status} came"));
            let words =
                format!("The skill gave no clear answer, {came}: it has to refuse such an event with status 400.");
            FaultShown::worded(fault, Verdict::NotBorne, words)
        }
    }
}
