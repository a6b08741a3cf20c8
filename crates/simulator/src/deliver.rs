//! Sending the signed request to the skill.

use std::time::Duration;

use serde_json::Value;

use crate::answer::{Answer, LARGEST_ANSWER};
use crate::envelope::{Speaker, body};
use crate::linking::{ALEXA, SKILL};
use crate::outbound::{Incoming, Lost, Outgoing};
use crate::package::Skill;
use crate::simulator::{CHAIN_PATH, Inner};
use crate::trace::{GuardTrace, Hop};

/// A skill that has not answered by then has not answered.
const PATIENCE: Duration = Duration::from_secs(8);

/// Why a skill's answer is none: the type of the error that ends the session, and the words for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// As in `SessionEndedRequest.error.type`.
    pub(crate) kind: &'static str,
    /// As in `SessionEndedRequest.error.message`: Amazon's words, where they are known.
    pub(crate) message: String,
    /// For the developer.
    pub(crate) reason: String,
    /// Whether the skill can be told of it.
    pub(crate) is_reachable: bool,
}

/// Amazon's words for whatever keeps it from an answer.
const NOT_DISPATCHED: &str = "An exception occurred while dispatching the request to the skill.";

impl Broken {
    fn undelivered(kind: &'static str, reason: String) -> Self {
        Self { kind, message: NOT_DISPATCHED.into(), reason, is_reachable: true }
    }

    /// An answer arrived, and is none that Alexa takes.
    pub(crate) fn invalid(reason: String) -> Self {
        Self { kind: "INVALID_RESPONSE", message: reason.clone(), reason, is_reachable: true }
    }
}

/// What a skill sent back.
pub(crate) struct Delivered {
    pub(crate) answer: Result<Answer, Broken>,
    pub(crate) trace: Option<GuardTrace>,
    pub(crate) hop: Option<Hop>,
}

impl Inner {
    /// Signs and sends `body` to `skill`, and judges the answer.
    pub(crate) async fn deliver(&self, skill: &Skill, title: &str, body: &Value) -> Delivered {
        let (answered, mut hop) = match self.post_signed(skill, title, body).await {
            Ok(sent) => sent,
            Err(reason) => {
                let answer = Err(Broken { is_reachable: false, ..Broken::undelivered("INVALID_RESPONSE", reason) });
                return Delivered { answer, trace: None, hop: None };
            }
        };
        let trace = answered.as_ref().ok().and_then(|incoming| GuardTrace::parse(incoming.header("sayso-trace")?));
        let answer = judge(answered);
        if let Err(broken) = &answer {
            hop.note = Some(broken.reason.clone());
        }
        Delivered { answer, trace, hop: Some(hop) }
    }

    /// Sends an event that belongs to no session; its answer does not matter.
    pub(crate) async fn send_event(
        &self,
        skill: &Skill,
        user_id: &str,
        request: Value,
    ) -> Result<(Result<Incoming, Lost>, Hop), String> {
        let device_id = self.household.device_id();
        let speaker = Speaker { skill_id: &skill.skill_id, user_id, device_id: &device_id, access_token: None };
        let title = request.get("type").and_then(Value::as_str).unwrap_or("Event").to_owned();
        self.post_signed(skill, &title, &body(&speaker, None, request)).await
    }

    async fn post_signed(
        &self,
        skill: &Skill,
        title: &str,
        body: &Value,
    ) -> Result<(Result<Incoming, Lost>, Hop), String> {
        let url = skill.endpoint()?;
        let raw = serde_json::to_vec(body).map_err(|error| error.to_string())?;
        let signature = self.signer.sign(&raw, self.now()).await.map_err(|error| error.to_string())?;
        let outgoing = Outgoing {
            title,
            from: ALEXA,
            to: SKILL,
            url,
            headers: vec![
                ("content-type", "application/json;charset=UTF-8".into()),
                ("accept", "application/json".into()),
                ("accept-charset", "utf-8".into()),
                ("signature-256", signature),
                ("signaturecertchainurl", format!("{}{CHAIN_PATH}", self.public_url)),
            ],
            body: raw,
            shown: body.clone(),
            limit: PATIENCE,
            largest: LARGEST_ANSWER,
        };
        Ok(self.outbound.post(outgoing).await)
    }
}

fn judge(answered: Result<Incoming, Lost>) -> Result<Answer, Broken> {
    match answered {
        Err(Lost::TooSlow) => {
            Err(Broken::undelivered("ENDPOINT_TIMEOUT", "The skill did not answer within 8 seconds.".into()))
        }
        Err(Lost::Unreachable) => Err(Broken {
            is_reachable: false,
            ..Broken::undelivered(
                "INTERNAL_SERVICE_ERROR",
                "The skill's endpoint cannot be reached: is it running?".into(),
            )
        }),
        Err(Lost::TooLarge) => Err(Broken::invalid(format!(
            "The skill's response exceeded the maximum response size of {LARGEST_ANSWER} bytes."
        ))),
        Ok(incoming) if incoming.status != 200 => Err(Broken::undelivered(
            "INVALID_RESPONSE",
            format!("The skill's endpoint answered with status {} instead of 200.", incoming.status),
        )),
        Ok(incoming) => Answer::parse(&incoming.body).map_err(Broken::invalid),
    }
}
