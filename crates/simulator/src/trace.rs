//! What happened in a turn, hop by hop, as the console shows it and scripts read it.

mod told;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::faults::Fault;
use crate::linking::SKILL;
use crate::verdict::Verdict;

pub(crate) use told::{Called, GuardTrace};

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
    /// What Alexa says while the skill is still at work (progressive responses), as plain text.
    pub progressive: Vec<String>,
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
            progressive: Vec::new(),
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

    /// The last request to the skill.
    pub(crate) fn asked_skill(&mut self) -> Option<&mut Hop> {
        self.hops.iter_mut().rev().find(|hop| hop.to == SKILL)
    }

    /// How long it all took, in milliseconds. What happened while a request waited for its answer is not counted twice.
    pub(crate) fn millis(&self) -> u64 {
        self.hops.iter().filter(|hop| !hop.within).map(|hop| hop.millis).sum()
    }
}

/// A fault, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct FaultShown {
    /// Its name, such as `signature-wrong`.
    pub name: String,
    /// What it is, in words.
    pub about: String,
    /// `refused` or `borne` when all is well, `not_noticed` or `not_borne` when it is not; `not_yet` when a skill may go on for
    /// some minutes; `does_not_apply` when it cannot happen here.
    pub verdict: String,
    /// The same in words.
    pub explanation: String,
}

impl FaultShown {
    pub(crate) fn judged(fault: Fault, verdict: Verdict) -> Self {
        Self::worded(fault, verdict, verdict.words(fault).to_owned())
    }

    /// A fault that cannot happen here; `why` goes on after a colon.
    pub(crate) fn out_of_reach(fault: Fault, why: &str) -> Self {
        Self::worded(fault, Verdict::DoesNotApply, format!("It does not apply here: {why}"))
    }

    pub(crate) fn worded(fault: Fault, verdict: Verdict, explanation: String) -> Self {
        let (name, about, verdict) = (fault.name().to_owned(), fault.about().to_owned(), verdict.code().to_owned());
        Self { name, about, verdict, explanation }
    }

    /// Of two that befell one flow, the one that matters more.
    pub(crate) fn worse(self, other: Self) -> Self {
        let matters = |one: &Self| match one.verdict.as_str() {
            "not_noticed" | "not_borne" => 2,
            "does_not_apply" => 0,
            _ => 1,
        };
        if matters(&other) > matters(&self) { other } else { self }
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
    /// When it was sent, ISO 8601 in UTC, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// The same in microseconds, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub micros: Option<u64>,
    /// Whether it happened while the last one before it of which this is not so waited for its answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub within: bool,
    /// For a request to a skill, whether the skill told what it did with it. What was not told is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<bool>,
    /// The six checks of the access token that the skill made for this request, where it tells of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckShown>,
    /// What was sent.
    pub request: Option<RequestShown>,
    /// What came back; nothing when no answer came.
    pub response: Option<ResponseShown>,
    /// What to notice, in words.
    pub note: Option<String>,
    /// What Alexa says of it at once, as plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spoken: Option<String>,
}

impl Hop {
    /// It took so long.
    pub(crate) fn took(&mut self, time: std::time::Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        (self.millis, self.micros) = (micros / 1_000, Some(micros));
    }
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
    /// How long it took, in microseconds, where the skill tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub micros: Option<u64>,
}

/// A session as shown.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SessionShown {
    /// Whether the skill goes on listening.
    pub open: bool,
    /// What has been asked, when something specific: `slot city`, `confirmation of slot city`, `confirmation`.
    pub awaits: Option<String>,
}
