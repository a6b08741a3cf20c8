//! Disabling a skill: tokens are dropped, the user gets a new id.

use std::collections::BTreeMap;
use std::sync::Arc;

use sayso_alexa::account_linking::AccountLinking;
use sayso_token::secret::Secret;

use super::events::Event;
use super::token_endpoint::{ClientForm, send_form};
use crate::envelope::iso;
use crate::faults::Fault;
use crate::package::Skill;
use crate::scrub::Scrubber;
use crate::simulator::Inner;
use crate::trace::{Heard, HeardKind, Hop, Turn};

impl Inner {
    /// Disables `skill` for the household. The fault befalls the event that tells the skill.
    pub(crate) async fn unlink(&self, skill: &Skill, fault: Option<Fault>) -> Arc<Turn> {
        let heard = Heard { kind: HeardKind::Unlink, skill: Some(skill.slug.clone()), ..Heard::default() };
        let turn = Turn::begin(self.new_turn_id(), iso(self.now()), heard);
        self.news.begin(&turn).with(self.drop_links(skill, fault, turn)).await
    }

    async fn drop_links(&self, skill: &Skill, fault: Option<Fault>, mut turn: Turn) -> Arc<Turn> {
        self.close_session_of(&skill.slug);
        let before = self.household.disable(&skill.slug);
        let mut scrubber = Scrubber::default();
        let mut hops = Vec::new();
        for link in before.links() {
            let (Some(linking), Some(url)) = (&skill.linking, &skill.revocation_url) else { break };
            scrubber.know(&link.access_token);
            let (token, hint) = match &link.refresh_token {
                Some(refresh_token) => (refresh_token, "refresh_token"),
                None => (&link.access_token, "access_token"),
            };
            scrubber.know(token);
            hops.extend(self.revoke(linking, url, token, hint).await);
        }
        let told = self.tell(skill, (Event::Disabled, fault), &before, &mut scrubber).await;
        hops.extend(told.hops);
        turn.fault = told.fault;
        turn.explanation = format!(
            "{} is unlinked: its tokens are forgotten, and it will see a new user id when it is used again.",
            skill.name
        );
        turn.hops = hops;
        turn.session.open = self.session().is_some();
        scrubber.turn(&mut turn);
        self.record(turn)
    }

    /// Remembers what the person grants and denies, and tells the skill. The fault befalls the event.
    pub(crate) async fn permit(
        &self,
        skill: &Skill,
        decided: BTreeMap<String, bool>,
        fault: Option<Fault>,
    ) -> Arc<Turn> {
        self.household.permit(&skill.slug, decided);
        let membership = self.household.membership(&skill.slug);
        let mut scrubber = Scrubber::default();
        let told = self.tell(skill, (Event::PermissionsChanged, fault), &membership, &mut scrubber).await;
        let heard = Heard { kind: HeardKind::Permissions, skill: Some(skill.slug.clone()), ..Heard::default() };
        let mut turn = Turn::begin(self.new_turn_id(), iso(self.now()), heard);
        let granted: Vec<&str> =
            membership.permissions.iter().filter(|(_, granted)| **granted).map(|(scope, _)| scope.as_str()).collect();
        turn.explanation = match granted.as_slice() {
            [] => format!("{} is granted none of the permissions it asks for.", skill.name),
            granted => format!("{} is granted {}.", skill.name, granted.join(", ")),
        };
        (turn.hops, turn.fault) = (told.hops, told.fault);
        turn.session.open = self.session().is_some();
        scrubber.turn(&mut turn);
        self.record(turn)
    }

    /// Revokes a token (RFC 7009). Whatever comes of it, the link is gone on this side.
    async fn revoke(&self, linking: &AccountLinking, url: &str, token: &Secret, hint: &str) -> Option<Hop> {
        let fields = vec![("token", token.expose().to_owned()), ("token_type_hint", hint.to_owned())];
        let form = ClientForm { title: "Revoke the tokens", url, fields };
        let (answered, mut hop) = send_form(&self.outbound, linking, form).await.ok()?;
        if let Ok(incoming) = answered {
            hop.note = Some(match incoming.status {
                200 => "The authorization server has forgotten the link as well.".into(),
                status => format!(
                    "The authorization server answered with status {status}; the link is dropped here all the same."
                ),
            });
        }
        Some(hop)
    }
}
