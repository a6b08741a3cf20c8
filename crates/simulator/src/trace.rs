//! What happened in a turn, hop by hop, as the console shows it and scripts read it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::faults::{Fault, Verdict};

/// One thing a person said, or one linking or unlinking, with all that followed.
#[derive(Clone, Debug, Serialize)]
pub struct Turn {
    /// Identifier.
    pub id: String,
    /// When it began, ISO 8601 in UTC.
    pub at: String,
    /// What the person typed; empty for linking and unlinking.
    pub utterance: String,
    /// The locale it was said in.
    pub locale: String,
    /// What was heard.
    pub heard: Heard,
    /// What Alexa says, as plain text.
    pub spoken: Option<String>,
    /// The same in SSML, where the skill sent it so.
    pub ssml: Option<String>,
    /// What Alexa says when the person stays silent.
    pub reprompt: Option<String>,
    /// The card for the Alexa app, as the skill sent it.
    pub card: Option<Value>,
    /// The state of the dialog in the last request, for intents with a dialog model: `STARTED`, `IN_PROGRESS`, `COMPLETED`.
    pub dialog_state: Option<String>,
    /// What was made to go wrong, and what came of it.
    pub fault: Option<FaultShown>,
    /// The directives for the device, as the skill sent them.
    pub directives: Vec<Value>,
    /// How it ended.
    pub outcome: Outcome,
    /// The same in words for a person.
    pub explanation: String,
    /// Everything that travelled, in order.
    pub hops: Vec<Hop>,
    /// The six checks of the access token, where the skill tells of them.
    pub checks: Vec<CheckShown>,
    /// The verified claims of the access token, never the token.
    pub claims: Option<Map<String, Value>>,
    /// The session after the turn.
    pub session: SessionShown,
}

impl Turn {
    /// A turn in which nothing has happened yet.
    pub(crate) fn begin(id: String, at: String, heard: Heard) -> Self {
        Self {
            id,
            at,
            utterance: String::new(),
            locale: "en-US".into(),
            heard,
            spoken: None,
            ssml: None,
            reprompt: None,
            card: None,
            dialog_state: None,
            fault: None,
            directives: Vec::new(),
            outcome: Outcome::Answered,
            explanation: String::new(),
            hops: Vec::new(),
            checks: Vec::new(),
            claims: None,
            session: SessionShown::default(),
        }
    }
}

/// A fault, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct FaultShown {
    /// Its name, such as `signature-wrong`.
    pub name: String,
    /// What it is, in words.
    pub about: String,
    /// `refused` or `borne` when all is well, `not_noticed` or `not_borne` when it is not; `does_not_apply` when it cannot
    /// happen on the way by which the skill is reached.
    pub verdict: String,
    /// The same in words.
    pub explanation: String,
}

impl FaultShown {
    pub(crate) fn of(fault: Fault, answered: bool) -> Self {
        Self::judged(fault, fault.verdict(answered))
    }

    pub(crate) fn judged(fault: Fault, verdict: Verdict) -> Self {
        Self {
            name: fault.name().to_owned(),
            about: fault.about().to_owned(),
            verdict: verdict.code().to_owned(),
            explanation: verdict.words().to_owned(),
        }
    }
}

/// What was heard.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Heard {
    /// What it is.
    pub kind: HeardKind,
    /// Slug of the skill.
    pub skill: Option<String>,
    /// Name of the intent.
    pub intent: Option<String>,
    /// The slots, filled or not.
    pub slots: BTreeMap<String, SlotShown>,
    /// Other intents considered.
    pub considered: Vec<String>,
    /// The chosen intent and the others, each with how far-fetched it is; 0 is a sample word for word.
    pub weighed: Vec<Weighed>,
}

/// An intent that was weighed.
#[derive(Clone, Debug, Serialize)]
pub struct Weighed {
    /// Name of the intent.
    pub intent: String,
    /// How far-fetched the reading is; nothing for a fallback.
    pub cost: Option<u32>,
    /// The sample it matched.
    pub sample: Option<String>,
}

/// The kinds of things heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeardKind {
    /// The skill is launched without a wish.
    Launch,
    /// A wish.
    Intent,
    /// The person leaves the skill.
    End,
    /// A skill was named that is not installed, or none was named and none is open.
    #[default]
    NoSkill,
    /// A skill was named but nothing it knows was said.
    NoIntent,
    /// A yes or a no to a question.
    Agreement,
    /// A PIN, which is not kept.
    Pin,
    /// Nothing was said while a skill was listening.
    Silence,
    /// An account was linked, or linking failed.
    Link,
    /// The skill was disabled.
    Unlink,
    /// Permissions were granted or denied.
    Permissions,
}

/// A slot as shown.
#[derive(Clone, Debug, Serialize)]
pub struct SlotShown {
    /// What it holds.
    pub value: Option<String>,
    /// The words of the sentence it comes from.
    pub words: Option<String>,
    /// Canonical names that entity resolution found.
    pub resolved: Vec<String>,
    /// Their ids.
    pub ids: Vec<String>,
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The skill answered.
    Answered,
    /// The skill's guard refused, or it asks to link an account.
    Refused,
    /// No skill or no intent was understood.
    NotUnderstood,
    /// Something broke on the way.
    Failed,
}

/// One request and its answer.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Hop {
    /// What it is for.
    pub title: String,
    /// Who sends.
    pub from: String,
    /// Who answers.
    pub to: String,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// What was sent.
    pub request: Option<RequestShown>,
    /// What came back; nothing when no answer came.
    pub response: Option<ResponseShown>,
    /// What to notice, in words.
    pub note: Option<String>,
}

/// A request as shown.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RequestShown {
    /// Method.
    pub method: String,
    /// Address.
    pub url: String,
    /// Header lines, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Body: JSON where it is JSON, form fields as an object, else text.
    pub body: Value,
}

/// An answer as shown.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ResponseShown {
    /// HTTP status.
    pub status: u16,
    /// Header lines, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Body: JSON where it is JSON, else text.
    pub body: Value,
}

/// One of the six checks as shown.
#[derive(Clone, Debug, Serialize)]
pub struct CheckShown {
    /// Its name: `well_formed`, `trusted_signature`, `meant_for_this_api`, `not_expired`, `user_allowed`,
    /// `scope_granted`.
    pub check: String,
    /// `passed`, `failed` or `not_reached`.
    pub outcome: String,
    /// Stable reason code of a failure.
    pub reason: Option<String>,
    /// The same in words.
    pub explanation: String,
}

/// A session as shown.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SessionShown {
    /// Whether the skill goes on listening.
    pub open: bool,
    /// What has been asked, when something specific: `slot city`, `confirmation of slot city`, `confirmation`.
    pub awaits: Option<String>,
}

/// What a skill tells of its guard in the `sayso-trace` header, which it sends only in local development.
#[derive(Clone, Debug, Default)]
pub(crate) struct GuardTrace {
    pub(crate) checks: Vec<CheckShown>,
    pub(crate) request_checks: Vec<CheckShown>,
    pub(crate) mode: Option<String>,
    pub(crate) introspection: Option<Value>,
    pub(crate) claims: Option<Map<String, Value>>,
}

/// A trace larger than this is not read.
const LARGEST_TRACE: usize = 64 * 1024;

impl GuardTrace {
    /// Reads the header; what cannot be read is no trace.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        use base64::Engine as _;
        if header.len() > LARGEST_TRACE {
            return None;
        }
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header.trim()).ok()?;
        let value: Value = serde_json::from_slice(&bytes).ok()?;
        Some(Self {
            checks: checks(value.get("checks")),
            request_checks: checks(value.get("request_checks")),
            mode: value.get("mode").and_then(Value::as_str).map(str::to_owned),
            introspection: value.get("introspection").filter(|found| found.is_object()).cloned(),
            claims: value.get("claims").and_then(Value::as_object).cloned(),
        })
    }

    /// Whether the guard refused.
    pub(crate) fn refused(&self) -> bool {
        self.checks.iter().any(|check| check.outcome == "failed")
    }
}

fn checks(value: Option<&Value>) -> Vec<CheckShown> {
    let list = value.and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|check| {
            let text = |key: &str| check.get(key).and_then(Value::as_str).map(str::to_owned);
            Some(CheckShown {
                check: text("check")?,
                outcome: text("outcome")?,
                reason: text("reason"),
                explanation: text("explanation").unwrap_or_default(),
            })
        })
        .collect()
}
