//! What a skill tells of its work in the `sayso-trace` header, which Sayso's SDK sends only while it trusts this simulator.
//!
//! Nothing here is taken on trust: it is shown, and nothing else. A member that is missing is not known; one that is not known here is
//! passed over.

use serde_json::{Map, Value};

use super::CheckShown;

/// A trace larger than this is not read.
const LARGEST_TRACE: usize = 64 * 1024;
/// More calls than this are not shown.
const MOST_CALLS: usize = 64;
/// And of whom an API asks, more than this.
const MOST_INNER: usize = 8;

/// What was told.
#[derive(Clone, Debug, Default)]
pub(crate) struct GuardTrace {
    pub(crate) checks: Vec<CheckShown>,
    pub(crate) request_checks: Vec<CheckShown>,
    pub(crate) mode: Option<String>,
    pub(crate) introspection: Option<Value>,
    pub(crate) claims: Option<Map<String, Value>>,
    pub(crate) calls: Vec<Called>,
}

/// Somebody whom the skill asked meanwhile.
#[derive(Clone, Debug, Default)]
pub(crate) struct Called {
    /// `authorization_server`, `alexa`, `api`.
    pub(crate) to: String,
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) status: Option<u16>,
    /// Why there is no answer, as a reason code.
    pub(crate) failure: Option<String>,
    /// When, from the arrival of the request on.
    pub(crate) after_micros: Option<u64>,
    pub(crate) micros: Option<u64>,
    pub(crate) answer: Value,
    /// What an API has told the skill of its own checks and calls.
    pub(crate) told: Option<GuardTrace>,
}

impl GuardTrace {
    /// Reads the header; what cannot be read is no trace.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        use base64::Engine as _;
        if header.len() > LARGEST_TRACE {
            return None;
        }
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header.trim()).ok()?;
        Self::read(&bytes)
    }

    /// The same as plain JSON.
    pub(crate) fn read(json: &[u8]) -> Option<Self> {
        let json = Some(json).filter(|json| json.len() <= LARGEST_TRACE)?;
        let value: Value = serde_json::from_slice(json).ok().filter(Value::is_object)?;
        let with_told = |value: &Value| Some(Called { told: value.get("told").and_then(Self::of_api), ..call(value)? });
        Some(Self {
            checks: checks(value.get("checks")),
            request_checks: checks(value.get("request_checks")),
            mode: text(&value, "mode"),
            introspection: value.get("introspection").filter(|found| found.is_object()).cloned(),
            claims: value.get("claims").and_then(Value::as_object).cloned(),
            calls: list(value.get("calls")).take(MOST_CALLS).filter_map(with_told).collect(),
        })
    }

    /// What an API has told, which the skill hands on.
    fn of_api(value: &Value) -> Option<Self> {
        value.is_object().then(|| Self {
            checks: checks(value.get("checks")),
            calls: list(value.get("calls")).take(MOST_INNER).filter_map(call).collect(),
            ..Self::default()
        })
    }

    /// Whether the guard refused.
    pub(crate) fn refused(&self) -> bool {
        self.checks.iter().any(|check| check.outcome == "failed")
    }
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn number(value: &Value, name: &str) -> Option<u64> {
    value.get(name).and_then(Value::as_u64)
}

fn checks(value: Option<&Value>) -> Vec<CheckShown> {
    let shown = list(value).filter_map(|check| {
        Some(CheckShown {
            check: text(check, "check")?,
            outcome: text(check, "outcome")?,
            reason: text(check, "reason"),
            explanation: text(check, "explanation").unwrap_or_default(),
            micros: number(check, "micros"),
        })
    });
    shown.collect()
}

fn call(call: &Value) -> Option<Called> {
    Some(Called {
        to: text(call, "to")?,
        method: text(call, "method")?,
        url: text(call, "url")?,
        status: number(call, "status").and_then(|status| status.try_into().ok()),
        failure: text(call, "failure"),
        after_micros: number(call, "after_micros"),
        micros: number(call, "micros"),
        answer: call.get("answer").cloned().unwrap_or_default(),
        told: None,
    })
}
