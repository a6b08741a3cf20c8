//! PKCE (RFC 7636): whether the server takes what the settings send, and nothing weaker.

use sayso_alexa::account_linking::{AccountLinking, LinkingGrant};
use serde_json::Value;

use super::authorization::{Asked, Challenge, Reception};
use super::{Checked, trials};
use crate::faults::Fault;
use crate::linking::token_endpoint::{ClientForm, send_form};
use crate::package::Skill;
use crate::simulator::Inner;
use crate::trace::HeardKind;

const SWITCH_ON: &str = "\"pkceConfiguration\": {\"status\": \"ENABLED\", \"codeChallengeMethod\": \"S256\"}";

impl Inner {
    /// Asks with and without a challenge, and with a plain one; exchanges a code with a wrong verifier, if one comes at once.
    pub(super) async fn examine_pkce(
        &self,
        skill: &Skill,
        linking: &AccountLinking,
        (uri, as_set): (&str, &Reception),
    ) -> Vec<Checked> {
        let LinkingGrant::AuthorizationCode { pkce, .. } = &linking.grant else { return Vec::new() };
        let ask = |challenge| self.received(linking, Asked { challenge, ..Asked::as_set(linking, uri) });
        match (as_set, *pkce) {
            (Reception::Unclear, _) => Vec::new(),
            (Reception::Refused(_), true) => {
                let without = ask(Challenge::Without).await;
                Vec::from_iter(without.is_taken().then(|| {
                    let remedy = "Let the server take code_challenge with S256 for this client; or take pkceConfiguration out of the settings.";
                    let found = "The server refuses the request with a challenge, and takes it without.";
                    Checked::bad(trials::PKCE, found, remedy)
                }))
            }
            (Reception::Refused(_), false) => {
                let with = ask(Challenge::S256).await;
                Vec::from_iter(with.is_taken().then(|| {
                    let remedy = format!("Write {SWITCH_ON}.");
                    Checked::bad(trials::PKCE, "The server demands PKCE, and the settings send no challenge.", &remedy)
                }))
            }
            (_, false) => vec![unused(&ask(Challenge::S256).await)],
            (_, true) => {
                let plain = weaker(&ask(Challenge::Plain).await);
                vec![plain, self.examine_verifier(skill, linking, uri, as_set).await]
            }
        }
    }

    /// Whether the verifier is compared at all.
    async fn examine_verifier(
        &self,
        skill: &Skill,
        linking: &AccountLinking,
        uri: &str,
        as_set: &Reception,
    ) -> Checked {
        let trial = trials::VERIFIER;
        let Reception::Code(code) = as_set else {
            return self.verifier_of_last_linking(skill);
        };
        let wrong = self.exchanged(linking, uri, (code, Some("another-verifier-than-the-one-of-the-challenge"))).await;
        let missing = match self.received(linking, Asked::as_set(linking, uri)).await {
            Reception::Code(code) => self.exchanged(linking, uri, (&code, None)).await,
            _ => None,
        };
        let remedy = "Compare the verifier with the challenge (RFC 7636 section 4.6), and refuse with invalid_grant; a code of a request with a challenge needs one.";
        match (wrong, missing) {
            (Some(true), _) => Checked::bad(trial, "The server issued tokens for a wrong verifier.", remedy),
            (_, Some(true)) => Checked::bad(trial, "The server issued tokens without a verifier.", remedy),
            (Some(false), _) => Checked::good(trial, "A wrong verifier is refused."),
            (None, _) => Checked::unknown(trial, "The token endpoint gave no clear answer.", ""),
        }
    }

    /// Exchanges a code; whether tokens came, where that is clear.
    async fn exchanged(
        &self,
        linking: &AccountLinking,
        uri: &str,
        (code, verifier): (&str, Option<&str>),
    ) -> Option<bool> {
        let LinkingGrant::AuthorizationCode { access_token_url: url, .. } = &linking.grant else { return None };
        let mut fields = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", uri.to_owned()),
        ];
        fields.extend(verifier.map(|verifier| ("code_verifier", verifier.to_owned())));
        let form = ClientForm { title: "Examine PKCE", url, fields };
        let incoming = send_form(&self.outbound, linking, form).await.ok()?.0.ok()?;
        let answer: Value = serde_json::from_slice(&incoming.body).ok()?;
        let error = answer.get("error").and_then(Value::as_str);
        match (incoming.status, error) {
            (200, None) => Some(answer.get("access_token").is_some()),
            (400, Some("invalid_grant" | "invalid_request")) => Some(false),
            _ => None,
        }
    }

    /// Somebody may have tried it in the companion.
    fn verifier_of_last_linking(&self, skill: &Skill) -> Checked {
        let trial = trials::VERIFIER.trying("It was looked up whether a linking here was tried with a wrong verifier.");
        let turns = self.turns();
        let is_such = |turn: &&std::sync::Arc<crate::trace::Turn>| {
            turn.heard.kind == HeardKind::Link && turn.heard.skill.as_deref() == Some(skill.slug.as_str())
        };
        let mut faults = turns.iter().rev().filter(is_such).filter_map(|turn| turn.fault.as_ref());
        let tried = faults.find(|fault| fault.name == Fault::VerifierWrong.name() && fault.verdict != "does_not_apply");
        let remedy = "Link in the companion, and choose verifier-wrong for what goes wrong: that linking has to fail.";
        match tried.map(|fault| fault.verdict.as_str()) {
            Some("refused") => Checked::good(trial, "It was, and the server refused it."),
            Some(_) => {
                let remedy =
                    "Compare the verifier with the challenge (RFC 7636 section 4.6), and refuse with invalid_grant.";
                Checked::bad(trial, "It was, and the server issued tokens all the same.", remedy)
            }
            None => Checked::unknown(trial, "A code is needed for it, and nobody signs in here.", remedy),
        }
    }
}

/// The settings send no challenge, and the request is taken so.
fn unused(with: &Reception) -> Checked {
    match with {
        Reception::Refused(why) => {
            let found = format!("The settings send no challenge, and the server would refuse one ({why}).");
            let remedy = "Let the server take S256 (RFC 9700 section 2.1.1), then switch pkceConfiguration on: a code that is caught on its way is of no use then.";
            Checked::doubtful(trials::PKCE, found, remedy)
        }
        _ => Checked::good(
            trials::PKCE,
            format!(
                "The settings send no challenge, and need not. The server would take one: {SWITCH_ON} makes a code useless that is caught on its way."
            ),
        ),
    }
}

/// The settings send S256, and the request is taken so.
fn weaker(plain: &Reception) -> Checked {
    match plain {
        Reception::Refused(_) => Checked::good(trials::PKCE, "S256 is taken, and plain is refused."),
        Reception::Taken | Reception::Code(_) => {
            let remedy =
                "Refuse plain: whoever sees the request has the verifier with it, and Amazon sends S256 alone.";
            Checked::doubtful(trials::PKCE, "S256 is taken, and plain too.", remedy)
        }
        Reception::Unclear => Checked::unknown(trials::PKCE, "S256 is taken. To plain came no clear answer.", ""),
    }
}
