//! Sending the signed request to the skill.

use std::time::Duration;

use sayso_alexa::account_linking::is_loopback;
use serde_json::Value;
use url::Url;

use crate::alexa_api::{Call, Open};
use crate::answer::{Answer, LARGEST_ANSWER};
use crate::endpoint::{self, Endpoint, Event};
use crate::faults::Fault;
use crate::inside;
use crate::linking::{ALEXA, SKILL};
use crate::news;
use crate::outbound::{Incoming, Lost, Outgoing};
use crate::package::Skill;
use crate::simulator::{CHAIN_FOLDER, Inner};
use crate::trace::{GuardTrace, Hop};

/// A skill that has not answered by then has not answered.
const PATIENCE: Duration = Duration::from_secs(8);

/// What is sent to a skill.
pub(crate) struct Letter<'a> {
    pub(crate) skill: &'a Skill,
    pub(crate) title: &'a str,
    pub(crate) body: Value,
    /// What is to go wrong on the way.
    pub(crate) fault: Option<Fault>,
}

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

/// The header line with the name.
const TELL_HEADER: &str = "sayso-tell";

/// Where Amazon's own chain is.
const AMAZON_CHAIN_HOST: &str = "https://s3.amazonaws.com";

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

/// A request that was sent, and what came of it.
pub(crate) struct Sent {
    pub(crate) answered: Result<Incoming, Lost>,
    pub(crate) hop: Hop,
    /// What the skill has asked Alexa meanwhile.
    pub(crate) calls: Vec<Call>,
}

/// What a skill sent back.
pub(crate) struct Delivered {
    pub(crate) answer: Result<Answer, Broken>,
    pub(crate) trace: Option<GuardTrace>,
    /// The request, and whatever the skill asked others meanwhile; nothing when it could not be sent.
    pub(crate) hops: Vec<Hop>,
}

impl Inner {
    /// Sends a request of a session, and judges the answer.
    pub(crate) async fn deliver(&self, letter: &Letter<'_>) -> Delivered {
        let Sent { answered, mut hop, calls } = match self.send(letter).await {
            Ok(sent) => sent,
            Err(reason) => {
                let answer = Err(Broken { is_reachable: false, ..Broken::undelivered("INVALID_RESPONSE", reason) });
                return Delivered { answer, trace: None, hops: Vec::new() };
            }
        };
        let trace = traced(&answered);
        let answer = judge(answered);
        if let Err(broken) = &answer {
            hop.note = Some(broken.reason.clone());
        }
        Delivered { answer, hops: inside::told(hop, trace.as_ref(), calls), trace }
    }

    /// Sends it; what the skill asks Alexa meanwhile is not looked at.
    pub(crate) async fn post(&self, letter: &Letter<'_>) -> Result<(Result<Incoming, Lost>, Hop), String> {
        let Sent { answered, hop, .. } = self.send(letter).await?;
        Ok((answered, hop))
    }

    /// Sends it, while Alexa's own interfaces stand open for it.
    pub(crate) async fn send(&self, letter: &Letter<'_>) -> Result<Sent, String> {
        let endpoint = letter.skill.endpoint()?;
        let mut body = letter.body.clone();
        let api = if self.is_in_reach_of(&endpoint) { self.open_api(&letter.skill.slug, &mut body) } else { None };
        let (answered, hop) = self.transmit(letter, endpoint, body, api.as_ref()).await?;
        Ok(Sent { answered, hop, calls: api.map(Open::answered).unwrap_or_default() })
    }

    /// Sends it the way the skill is reached: signed over the web, bare to a function or a program of this machine.
    async fn transmit(
        &self,
        letter: &Letter<'_>,
        endpoint: Endpoint,
        mut body: Value,
        api: Option<&Open<'_>>,
    ) -> Result<(Result<Incoming, Lost>, Hop), String> {
        let Letter { skill, title, fault, .. } = *letter;
        if let Some(fault) = fault {
            fault.before_signing(&mut body);
        }
        let mut raw = serde_json::to_vec(&body).map_err(|error| error.to_string())?;
        let mut headers = vec![
            ("content-type", "application/json;charset=UTF-8".to_owned()),
            ("accept", "application/json".to_owned()),
        ];
        let leaves = || api.iter().for_each(|api| api.sent(self.real_now()));
        let url = match endpoint {
            Endpoint::Program(program) => {
                let event = Event { title, body: &body, limit: PATIENCE, largest: LARGEST_ANSWER };
                leaves();
                return Ok(endpoint::run(&program, event).await);
            }
            Endpoint::Function(url) => url,
            Endpoint::Web(url) => {
                headers.push(("accept-charset", "utf-8".into()));
                headers.extend(self.proofs(skill, &raw, fault).await?);
                // A skill on Sayso's SDK tells under this name what it does, while it does it.
                let name: String = self.entropy.token().chars().filter(char::is_ascii_alphanumeric).take(24).collect();
                if news::expect(&name) {
                    headers.push((TELL_HEADER, name));
                }
                url
            }
        };
        if let Some(fault) = fault {
            fault.after_signing(&mut raw);
        }
        let outgoing = Outgoing {
            title,
            from: ALEXA,
            to: SKILL,
            url,
            headers,
            body: raw,
            shown: body,
            limit: PATIENCE,
            largest: LARGEST_ANSWER,
        };
        leaves();
        Ok(self.outbound.post(outgoing).await)
    }

    /// Whether a skill that is reached there can reach this simulator.
    fn is_in_reach_of(&self, endpoint: &Endpoint) -> bool {
        match endpoint {
            Endpoint::Function(_) | Endpoint::Program(_) => true,
            Endpoint::Web(url) => is_loopback(url) || Url::parse(&self.public_url).is_ok_and(|own| !is_loopback(&own)),
        }
    }
}

impl Inner {
    /// The header lines that prove where a body comes from, or what a fault has made of them.
    async fn proofs(
        &self,
        skill: &Skill,
        raw: &[u8],
        fault: Option<Fault>,
    ) -> Result<Vec<(&'static str, String)>, String> {
        let signature = self.signer.sign(raw, fault, self.real_now()).await.map_err(|error| error.to_string())?;
        let host = if skill.amazon_chain_url { AMAZON_CHAIN_HOST } else { self.public_url.as_str() };
        let chain_url = format!("{host}{CHAIN_FOLDER}{}", self.signer.file_of(fault));
        let (signature, chain_url) = match fault {
            Some(fault) => (fault.signature(signature), fault.chain_url(chain_url)),
            None => (Some(signature), Some(chain_url)),
        };
        let lines = [("signature-256", signature), ("signaturecertchainurl", chain_url)];
        Ok(lines.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
    }
}

/// A function that failed answers 200 as well, with what went wrong in place of a response.
fn function_error(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let message = text("errorMessage").filter(|_| value.get("response").is_none())?;
    Some(format!("The function failed: {} {message}", text("errorType").unwrap_or_default()))
}

/// What the skill tells of its work, if it does.
pub(crate) fn traced(answered: &Result<Incoming, Lost>) -> Option<GuardTrace> {
    answered.as_ref().ok().and_then(|incoming| GuardTrace::parse(incoming.header("sayso-trace")?))
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
        Ok(incoming) => match function_error(&incoming.body) {
            Some(reason) => Err(Broken::undelivered("INVALID_RESPONSE", reason)),
            None => Answer::parse(&incoming.body).map_err(Broken::invalid),
        },
    }
}
