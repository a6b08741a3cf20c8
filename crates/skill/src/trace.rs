//! What was checked about one request, for the console of a local simulator.
//!
//! It leaves the skill only while the simulator's root is trusted, and only for requests whose signature was good. It
//! never holds a token or a secret.

use sayso_token::encoding::base64url;
use sayso_token::guard::{Check, Verdict};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::verification::{RequestCheck, RequestRefused};

/// The response header with the trace: base64url of JSON.
pub const TRACE_HEADER: &str = "sayso-trace";

/// A header should stay small; claims are left out of a larger trace.
const LARGEST_TRACE: usize = 32 * 1024;

/// One check and how it ended.
#[derive(Clone, Debug, Serialize)]
struct Row<C> {
    check: C,
    outcome: &'static str,
    reason: Option<&'static str>,
    explanation: &'static str,
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
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Trace {
    checks: Vec<Row<Check>>,
    mode: Option<&'static str>,
    introspection: Option<IntrospectionTrace>,
    claims: Option<Map<String, Value>>,
    request_checks: Vec<Row<RequestCheck>>,
}

impl Trace {
    /// The checks of the request, which failed at `refused` or passed.
    pub(crate) fn of_request(refused: Option<RequestRefused>) -> Self {
        let failed = refused.map(|refused| (refused.check(), refused.reason(), refused.check().question()));
        Self { request_checks: rows(&RequestCheck::ALL, RequestCheck::question, failed), ..Self::default() }
    }

    /// No token was there to be checked.
    pub(crate) fn note_missing_token(&mut self, mode: &'static str) {
        let failed = (Check::WellFormed, "token_missing", "the request carries no access token");
        self.mode = Some(mode);
        self.checks = rows(&Check::ALL, Check::question, Some(failed));
    }

    /// What became of the token.
    pub(crate) fn note_verdict(
        &mut self,
        mode: &'static str,
        verdict: &Verdict,
        introspection: Option<IntrospectionTrace>,
    ) {
        let failed = verdict.result.as_ref().err();
        let failed = failed.map(|denied| (denied.check, denied.reason.code(), denied.reason.explanation()));
        self.mode = Some(mode);
        self.checks = rows(&Check::ALL, Check::question, failed);
        self.claims = verdict.claims.clone();
        self.introspection = introspection;
    }

    /// The token passed, but Alexa does not know surely enough who speaks: part of whether the user is allowed.
    pub(crate) fn note_speaker(&mut self) {
        let failed =
            (Check::UserAllowed, "confidence_level", "Alexa does not know surely enough who speaks; see `confidence`");
        self.checks = rows(&Check::ALL, Check::question, Some(failed));
    }

    /// The value of the response header; every text that holds one of `tokens` is blotted out.
    pub(crate) fn header(mut self, tokens: &[String]) -> Option<String> {
        for claims in [self.claims.as_mut(), self.introspection.as_mut().and_then(|trace| trace.answer.as_mut())] {
            claims.into_iter().for_each(|claims| blot(claims, tokens));
        }
        let mut json = serde_json::to_vec(&self).ok()?;
        if json.len() > LARGEST_TRACE {
            self.claims = None;
            if let Some(introspection) = &mut self.introspection {
                introspection.answer = None;
            }
            json = serde_json::to_vec(&self).ok()?;
        }
        Some(base64url(&json))
    }
}

/// Removes what could be used as a credential, wherever it stands.
fn blot(members: &mut Map<String, Value>, tokens: &[String]) {
    for (name, value) in members.iter_mut() {
        let is_credential = name.ends_with("token") || name.ends_with("secret") || name.ends_with("password");
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
                Row { check, outcome: "failed", reason: Some(reason), explanation }
            }
            _ => {
                let outcome = if is_over { "not_reached" } else { "passed" };
                Row { check, outcome, reason: None, explanation: question(check) }
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
