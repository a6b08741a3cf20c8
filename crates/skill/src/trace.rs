//! What was checked about one request, for the console of a local simulator.
//!
//! It leaves the skill only while the simulator's root is trusted, and only for requests whose signature was good. It
//! never holds a token or a secret.

mod calls;
mod heard;
mod laps;
mod telling;

use sayso_token::encoding::base64url;
use sayso_token::guard::{Check, Verdict};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::verification::{RequestCheck, RequestRefused};

pub use calls::Call;
use calls::Made;
pub(crate) use calls::{Callee, Calls};
pub(crate) use laps::Laps;
pub use telling::TELL_HEADER;
pub(crate) use telling::Telling;

/// The response header with the trace: base64url of JSON.
pub const TRACE_HEADER: &str = "sayso-trace";

/// What is told, and how. A reader passes over what it does not know; a member that is not there is not known.
///
/// 1 had neither this number nor times and calls.
const VERSION: u8 = 2;

/// A header should stay small; a larger trace leaves out what it can be read without.
const LARGEST_TRACE: usize = 32 * 1024;

/// One check and how it ended.
#[derive(Clone, Debug, Serialize)]
struct Row<C> {
    check: C,
    outcome: &'static str,
    reason: Option<&'static str>,
    explanation: &'static str,
    /// How long it took; nothing where it did not run, or was not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    micros: Option<u64>,
}

/// How the introspection went.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct IntrospectionTrace {
    pub(crate) url: String,
    pub(crate) status: Option<u16>,
    pub(crate) answer: Option<Map<String, Value>>,
    pub(crate) millis: i64,
}

/// What was checked about one request.
#[derive(Clone, Default, Serialize)]
pub(crate) struct Trace {
    version: u8,
    checks: Vec<Row<Check>>,
    mode: Option<&'static str>,
    introspection: Option<IntrospectionTrace>,
    claims: Option<Map<String, Value>>,
    request_checks: Vec<Row<RequestCheck>>,
    calls: Vec<Made>,
    #[serde(skip)]
    noted: Calls,
}

impl Trace {
    /// The checks of the request, which failed at `refused` or passed.
    pub(crate) fn of_request(refused: Option<RequestRefused>) -> Self {
        let failed = refused.map(|refused| (refused.check(), refused.reason(), refused.check().question()));
        let request_checks = rows(&RequestCheck::ALL, RequestCheck::question, failed);
        Self { version: VERSION, request_checks, ..Self::default() }
    }

    /// Of an API, which has no request of Alexa's to check.
    #[cfg(feature = "layer")]
    pub(crate) fn of_api(noted: Calls) -> Self {
        Self { version: VERSION, noted, ..Self::default() }
    }

    /// With the calls that are noted there.
    pub(crate) fn with_calls(self, noted: Calls) -> Self {
        Self { noted, ..self }
    }

    /// Where calls are noted.
    pub(crate) fn calls(&self) -> &Calls {
        &self.noted
    }

    /// Measures the checks, if somebody is going to read of it.
    pub(crate) fn laps(&self) -> Laps {
        Laps::by(self.noted.timer())
    }

    /// No token was there to be checked.
    pub(crate) fn note_missing_token(&mut self, mode: &'static str) {
        let failed = (Check::WellFormed, "token_missing", "the request carries no access token");
        self.mode = Some(mode);
        self.checks = rows(&Check::ALL, Check::question, Some(failed));
        self.noted.note_checks(&self.checks);
    }

    /// What became of the token.
    pub(crate) fn note_verdict(
        &mut self,
        mode: &'static str,
        verdict: &Verdict,
        introspection: Option<IntrospectionTrace>,
        laps: &Laps,
    ) {
        let failed = verdict.result.as_ref().err();
        let failed = failed.map(|denied| (denied.check, denied.reason.code(), denied.reason.explanation()));
        self.mode = Some(mode);
        self.checks = rows(&Check::ALL, Check::question, failed);
        for row in &mut self.checks {
            row.micros = laps.of(row.check).filter(|_| row.outcome != "not_reached");
        }
        self.claims = verdict.claims.clone();
        self.introspection = introspection;
        self.noted.note_checks(&self.checks);
    }

    /// The token passed, but Alexa does not know surely enough who speaks: part of whether the user is allowed.
    pub(crate) fn note_speaker(&mut self) {
        let failed =
            (Check::UserAllowed, "confidence_level", "Alexa does not know surely enough who speaks; see `confidence`");
        let before = std::mem::replace(&mut self.checks, rows(&Check::ALL, Check::question, Some(failed)));
        for (row, before) in self.checks.iter_mut().zip(before) {
            row.micros = before.micros.filter(|_| row.outcome != "not_reached");
        }
        self.noted.note_checks(&self.checks);
    }

    /// The check of the token that failed, in words.
    pub(crate) fn denied(&self) -> Option<String> {
        self.checks.iter().find_map(|row| Some(format!("{}: {}", row.reason?, row.explanation)))
    }

    /// The value of the response header; every text that holds one of `tokens` is blotted out.
    pub(crate) fn header(mut self, tokens: &[String]) -> Option<String> {
        for claims in [self.claims.as_mut(), self.introspection.as_mut().and_then(|trace| trace.answer.as_mut())] {
            claims.into_iter().for_each(|claims| blot(claims, tokens));
        }
        self.calls = self.noted.made();
        for call in &mut self.calls {
            call.blot(tokens);
        }
        let mut json = serde_json::to_vec(&self).ok()?;
        for leave_out in [Self::without_answers, Self::without_claims, Self::without_what_apis_tell] {
            if json.len() > LARGEST_TRACE {
                leave_out(&mut self);
                json = serde_json::to_vec(&self).ok()?;
            }
        }
        Some(base64url(&json))
    }

    /// The same of an API. What the token says is left out, which is no business of whoever shows it, and so are answers, for being short.
    #[cfg(feature = "layer")]
    pub(crate) fn header_of_api(mut self) -> Option<String> {
        self.without_claims();
        self.noted.forget_answers();
        self.header(&[])
    }

    fn without_what_apis_tell(&mut self) {
        self.calls.iter_mut().for_each(|call| call.told = None);
    }

    fn without_answers(&mut self) {
        self.calls.iter_mut().for_each(|call| call.answer = None);
    }

    fn without_claims(&mut self) {
        self.claims = None;
        if let Some(introspection) = &mut self.introspection {
            introspection.answer = None;
        }
    }
}

/// Removes what could be used as a credential, wherever it stands.
fn blot(members: &mut Map<String, Value>, tokens: &[String]) {
    for (name, value) in members.iter_mut() {
        let is_credential = ["token", "secret", "password", "_key", "apikey"].iter().any(|end| name.ends_with(end));
        blot_value(value, tokens, is_credential);
    }
}

fn blot_value(value: &mut Value, tokens: &[String], is_credential: bool) {
    match value {
        Value::String(text) if is_credential || tokens.iter().any(|token| text.contains(token)) => {
            "…".clone_into(text);
        }
        Value::Array(values) => values.iter_mut().for_each(|value| blot_value(value, tokens, is_credential)),
        Value::Object(members) => blot(members, tokens),
        _ => {}
    }
}

/// Checks run in order and stop at the first that fails.
fn rows<C: Copy + PartialEq>(
    all: &[C],
    question: fn(C) -> &'static str,
    failed: Option<(C, &'static str, &'static str)>,
) -> Vec<Row<C>> {
    let mut is_over = false;
    all.iter()
        .map(|&check| match failed {
            Some((at, reason, explanation)) if at == check => {
                is_over = true;
                Row { check, outcome: "failed", reason: Some(reason), explanation, micros: None }
            }
            _ => {
                let outcome = if is_over { "not_reached" } else { "passed" };
                Row { check, outcome, reason: None, explanation: question(check), micros: None }
            }
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use sayso_token::encoding::from_base64url;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_cannot_ride_in_the_claims() {
        let claims = json!({
            "sub": "u1", "note": "it is abc.def.ghi!", "refresh_token": "r", "nested": {"client_secret": ["s"], "ok": 1},
        });
        let trace = Trace { claims: claims.as_object().cloned(), ..Trace::default() };
        let json = from_base64url(&trace.header(&["abc.def.ghi".to_owned()]).unwrap()).unwrap();
        let read: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(
            read["claims"],
            json!({"sub": "u1", "note": "…", "refresh_token": "…", "nested": {"client_secret": ["…"], "ok": 1}})
        );
    }

    #[test]
    fn a_trace_stays_small() {
        let claims = json!({"big": "x".repeat(LARGEST_TRACE)});
        let trace = Trace { claims: claims.as_object().cloned(), ..Trace::of_request(None) };
        assert!(trace.header(&[]).unwrap().len() < 4_096);
    }

    #[test]
    fn the_checks_of_a_request_are_told_apart() {
        let outcomes =
            |refused| Trace::of_request(refused).request_checks.iter().map(|row| row.outcome).collect::<Vec<_>>();
        assert_eq!(outcomes(None), ["passed"; 9]);
        let of_body = [&["passed"; 4][..], &["failed"], &["not_reached"; 4]].concat();
        assert_eq!(outcomes(Some(RequestRefused::Body)), of_body);
    }
}
