//! Linking from the provider's own app, which brings a fresh code of the authorization server with it (app-to-app account
//! linking, started from the app).

use sayso_alexa::account_linking::AccountLinking;
use sayso_token::secret::Secret;

use crate::linking::refresh::link_from;
use crate::linking::token_endpoint::{Asking, ask};
use crate::package::Skill;
use crate::scrub::Scrubber;
use crate::simulator::Inner;
use crate::trace::{Heard, HeardKind, Outcome, Turn};

/// What the app brings.
pub(crate) struct Activation {
    /// The app's own redirect URI, at which it received the code.
    pub(crate) redirect_uri: String,
    pub(crate) code: String,
}

impl Inner {
    /// Exchanges the code and links the household's account.
    ///
    /// # Errors
    /// Why the account was not linked.
    pub(crate) async fn activate(&self, skill: &Skill, activation: Activation) -> Result<(), String> {
        let Some(linking) = &skill.linking else { return Err("The skill links no accounts.".into()) };
        let heard = Heard { kind: HeardKind::Link, skill: Some(skill.slug.clone()), ..Heard::default() };
        let turn = Turn::begin(self.new_turn_id(), crate::envelope::iso(self.now()), heard);
        self.news.begin(&turn).with(self.exchange_of_app(skill, linking, activation, turn)).await
    }

    async fn exchange_of_app(
        &self,
        skill: &Skill,
        linking: &AccountLinking,
        activation: Activation,
        mut turn: Turn,
    ) -> Result<(), String> {
        let mut scrubber = Scrubber::default();
        let code = Secret::new(activation.code);
        scrubber.know(&code);
        let fields = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.expose().to_owned()),
            ("redirect_uri", activation.redirect_uri),
        ];
        let asking = Asking { title: "Exchange the app's code for tokens", fields, fault: None };
        let (answered, mut hops) = ask(&self.outbound, linking, asking).await;
        let ended = match answered {
            Ok(granted) => {
                for secret in [Some(&granted.access_token), granted.refresh_token.as_ref()].into_iter().flatten() {
                    scrubber.know(secret);
                }
                self.household.link(&skill.slug, None, link_from(granted, self.now()));
                hops.extend(self.after_linking(skill, None, &mut scrubber).await.hops);
                Ok(())
            }
            Err(withheld) => Err(withheld.reason().to_owned()),
        };
        (turn.outcome, turn.explanation) = match &ended {
            Ok(()) => (Outcome::Answered, "The provider's own app brought a code, and the account is linked.".into()),
            Err(reason) => (Outcome::Failed, reason.clone()),
        };
        turn.hops = hops;
        turn.session.open = self.session().is_some();
        scrubber.turn(&mut turn);
        self.record(turn);
        ended
    }
}
