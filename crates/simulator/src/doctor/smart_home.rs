//! A smart home skill that wants to send events is handed a code of Amazon's when it is enabled, and enabling fails unless it
//! answers (`Alexa.Authorization`, `AcceptGrant`).

use serde_json::{Value, json};

use super::{Checked, trials};
use crate::deliver::Letter;
use crate::endpoint::Endpoint;
use crate::household::uuid_id;
use crate::outbound::Lost;
use crate::package::Skill;
use crate::simulator::Inner;

/// Without it, Alexa hands over no code.
const SENDS_EVENTS: &str = "alexa::async_event:write";
const ANSWER_IT: &str = "Answer Alexa.Authorization AcceptGrant with AcceptGrant.Response once the code is exchanged at Amazon, or with an ErrorResponse of the type ACCEPT_GRANT_FAILED.";

impl Inner {
    /// Hands over a code that is made up, if the package is one of smart home.
    pub(crate) async fn examine_accept_grant(&self, skill: &Skill) -> Option<Checked> {
        if !skill.manifest.is_smart_home() {
            return None;
        }
        let trial = trials::ACCEPT_GRANT;
        if !skill.manifest.asks_for(SENDS_EVENTS) {
            let trial = trial.trying("The manifest was read.");
            let found = format!("It does not ask for {SENDS_EVENTS}, so Alexa hands it no code.");
            return Some(Checked::good(trial, found));
        }
        let endpoint =
            skill.smart_home_endpoint.as_deref().ok_or("The manifest names no endpoint for smart home.".into());
        let not_sent = |why: String| {
            let remedy =
                "Run the function on this machine, and give --endpoint lambda+http://127.0.0.1:9000, or \"command:…\".";
            Some(Checked::unknown(trial.trying("The manifest was read."), why, remedy))
        };
        match endpoint.and_then(Endpoint::parse) {
            Ok(Endpoint::Function(_) | Endpoint::Program(_)) => {}
            Ok(Endpoint::Web(_)) => return not_sent("Directives go to a function, never to a web address.".into()),
            Err(why) => return not_sent(why),
        }
        let letter = Letter { skill, title: "Examine the skill", body: self.accept_grant(), fault: None };
        Some(match self.post(&letter).await {
            Err(why) => Checked::unknown(trial, why, ""),
            Ok((Ok(incoming), _)) => judge(serde_json::from_slice(&incoming.body).ok().as_ref()),
            Ok((Err(Lost::TooSlow), _)) => Checked::bad(trial, "There was no answer within 8 seconds.", ANSWER_IT),
            Ok((Err(Lost::TooLarge), _)) => {
                Checked::bad(trial, "The answer is larger than any that is due.", ANSWER_IT)
            }
            Ok((Err(Lost::Unreachable), hop)) => Checked::bad(
                trial,
                hop.note.unwrap_or_else(|| "No answer came.".into()),
                "See that it runs; then: answer AcceptGrant.",
            ),
        })
    }

    fn accept_grant(&self) -> Value {
        json!({"directive": {
            "header": {"namespace": "Alexa.Authorization", "name": "AcceptGrant", "payloadVersion": "3",
                "messageId": uuid_id(&self.entropy, "")},
            "payload": {
                "grant": {"type": "OAuth2.AuthorizationCode", "code": "sayso-doctor-made-up"},
                "grantee": {"type": "BearerToken", "token": "sayso-doctor-made-up"}}}})
    }
}

fn judge(answer: Option<&Value>) -> Checked {
    let trial = trials::ACCEPT_GRANT;
    let Some(answer) = answer.filter(|answer| !answer.is_null()) else {
        return Checked::bad(trial, "It answers nothing that is JSON: enabling fails for everybody.", ANSWER_IT);
    };
    let text = |place: &str| answer.pointer(place).and_then(Value::as_str).unwrap_or_default();
    let failed: String = text("/errorMessage").chars().take(200).collect();
    match (text("/event/header/namespace"), text("/event/header/name"), text("/event/payload/type")) {
        ("Alexa.Authorization", "AcceptGrant.Response", _) => {
            Checked::good(trial, "It is accepted. Whether a code is exchanged before that is not seen from here.")
        }
        ("Alexa.Authorization", "ErrorResponse", "ACCEPT_GRANT_FAILED") => {
            Checked::good(trial, "The made-up code is refused with ACCEPT_GRANT_FAILED, as Alexa wants to hear it.")
        }
        (_, "ErrorResponse", kind) => {
            Checked::doubtful(trial, format!("It answers with an ErrorResponse of the type {kind:?}."), ANSWER_IT)
        }
        _ if !failed.is_empty() => {
            Checked::bad(trial, format!("The function failed: {failed} Enabling fails for everybody."), ANSWER_IT)
        }
        (_, name, _) => {
            let what = if name.is_empty() { "something that is no event".to_owned() } else { format!("{name:?}") };
            Checked::bad(trial, format!("It answers {what}: enabling fails for everybody."), ANSWER_IT)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Health;

    fn event(namespace: &str, name: &str, payload: Value) -> Value {
        json!({"event": {"header": {"namespace": namespace, "name": name, "payloadVersion": "3"}, "payload": payload}})
    }

    #[test]
    fn an_answer_is_what_alexa_waits_for() {
        let auth = "Alexa.Authorization";
        for (answer, health, said) in [
            (Some(event(auth, "AcceptGrant.Response", json!({}))), Health::Good, "accepted"),
            (Some(event(auth, "ErrorResponse", json!({"type": "ACCEPT_GRANT_FAILED"}))), Health::Good, "made-up code"),
            (
                Some(event("Alexa", "ErrorResponse", json!({"type": "INVALID_DIRECTIVE"}))),
                Health::Doubtful,
                "INVALID_DIRECTIVE",
            ),
            (Some(event("Alexa", "Response", json!({}))), Health::Bad, "\"Response\""),
            (Some(json!({"errorType": "KeyError", "errorMessage": "'endpoint'"})), Health::Bad, "'endpoint'"),
            (Some(json!({"version": "1.0", "response": {}})), Health::Bad, "no event"),
            (Some(Value::Null), Health::Bad, "no"),
            (None, Health::Bad, "nothing that is JSON"),
        ] {
            let checked = judge(answer.as_ref());
            assert_eq!(checked.health, health, "{answer:?}");
            assert!(checked.found.contains(said), "{checked:?}");
        }
    }
}
