//! Tasks that Alexa does for a skill while its session waits (`Connections.StartConnection`): confirming who speaks by a PIN,
//! and linking an account by voice.

use serde_json::{Value, json};

use crate::package::Skill;

/// The PIN of every person in the simulator's household.
pub(crate) const PIN: &str = "1234";
/// Alexa takes no more PINs after so many wrong ones.
const MOST_TRIES: u8 = 3;

/// A session that waits for a task.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Suspended {
    pub(crate) task: Task,
    token: Value,
    /// Whether the skill is told when it went well.
    resumes: bool,
    tries: u8,
}

/// What Alexa is doing meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Asking for a PIN.
    Pin,
    /// Waiting for the person to link an account in the companion.
    Linking,
}

/// What a directive or an answer leads to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Connected {
    /// The session waits; Alexa says this.
    Waiting(Suspended, &'static str),
    /// The session goes on: the skill is sent this cause, when it wants to be told.
    Resumed(Option<Value>),
}

/// How a task ended.
struct Ended {
    code: &'static str,
    message: &'static str,
    result: Option<(&'static str, Option<&'static str>)>,
}

const ASKS_FOR_PIN: &str = "What's your PIN?";

/// What a skill's directive for a task leads to; nothing when there is none.
pub(crate) fn started(directives: &[Value], skill: &Skill, person: Option<&str>) -> Option<Result<Connected, String>> {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let directive = directives.iter().find(|one| text(one, "type") == "Connections.StartConnection")?;
    let resumes = match text(directive, "onCompletion").as_str() {
        "" | "RESUME_SESSION" => true,
        "SEND_ERRORS_ONLY" => false,
        other => return Some(Err(format!("The onCompletion of Connections.StartConnection {other:?} is unknown."))),
    };
    let token = directive.get("token").cloned().unwrap_or(Value::Null);
    let waiting = |task| Suspended { task, token: token.clone(), resumes, tries: 0 };
    let uri = text(directive, "uri");
    let task = uri.strip_prefix("connection://").and_then(|task| task.rsplit_once('/')).map_or("", |(task, _)| task);
    let ended = match task {
        "AMAZON.VerifyPerson" => {
            let may = ["alexa::authenticate:2:mandatory", "alexa::authenticate:2:optional"];
            if !may.iter().any(|permission| skill.manifest.asks_for(permission)) {
                Ended { code: "403", message: "Skill personalization is not configured.", result: None }
            } else if person.is_none() {
                let result = Some(("NOT_ENABLED", Some("VERIFICATION_METHOD_NOT_SETUP")));
                Ended { code: "200", message: "OK", result }
            } else {
                return Some(Ok(Connected::Waiting(waiting(Task::Pin), ASKS_FOR_PIN)));
            }
        }
        "AMAZON.AskForAccountLinking" => match &skill.linking {
            Some(linking) if linking.voice_forward => {
                let says = "I've sent a link to your Alexa app. Link your account there.";
                return Some(Ok(Connected::Waiting(waiting(Task::Linking), says)));
            }
            _ => Ended { code: "403", message: "Voice-forward account linking is not enabled.", result: None },
        },
        _ => Ended { code: "404", message: "There is no such task here.", result: None },
    };
    Some(Ok(waiting(Task::Linking).end(&ended)))
}

impl Suspended {
    fn end(&self, ended: &Ended) -> Connected {
        let is_error = ended.code != "200";
        let mut cause = json!({"type": "ConnectionCompleted", "token": self.token,
            "status": {"code": ended.code, "message": ended.message}});
        if let (Some((status, reason)), Some(cause)) = (ended.result, cause.as_object_mut()) {
            let mut result = json!({"version": "2", "status": status});
            if let (Some(reason), Some(result)) = (reason, result.as_object_mut()) {
                result.insert("reason".into(), reason.into());
            }
            cause.insert("result".into(), result);
        }
        Connected::Resumed((self.resumes || is_error).then_some(cause))
    }

    /// A PIN was said, or something else; whether it was the right one, and what it leads to.
    pub(crate) fn heard_pin(mut self, digits: &str) -> (bool, Connected) {
        let ok = |result| Ended { code: "200", message: "OK", result: Some(result) };
        if digits == PIN {
            return (true, self.end(&ok(("ACHIEVED", None))));
        }
        if digits.is_empty() {
            return (false, self.end(&ok(("NOT_ACHIEVED", Some("NOT_MATCH")))));
        }
        self.tries += 1;
        if self.tries >= MOST_TRIES {
            return (false, self.end(&ok(("NOT_ACHIEVED", Some("METHOD_LOCKOUT")))));
        }
        (false, Connected::Waiting(self, "That's not right. What's your PIN?"))
    }

    /// The account was linked.
    pub(crate) fn linked(&self) -> Connected {
        self.end(&Ended { code: "200", message: "OK", result: None })
    }
}
