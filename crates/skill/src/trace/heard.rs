//! What an API tells of its checks, as far as a skill hands it on.

use sayso_token::encoding::from_base64url;
use serde_json::{Map, Value};

/// An API tells of six checks, and of a call or two.
const LARGEST_TRACE: usize = 8 * 1024;
const MOST_TOLD: usize = 8;

/// The checks and calls in a trace; nothing where it is none. Each is handed on as it stands, without answers.
pub(super) fn heard(trace: &str) -> Option<Value> {
    let bytes = if trace.len() <= LARGEST_TRACE { from_base64url(trace)? } else { return None };
    let told: Map<String, Value> = serde_json::from_slice(&bytes).ok()?;
    let list = |name: &str| {
        let rows = told.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
        let rows = rows.take(MOST_TOLD).cloned().map(|mut row| {
            row.retain(|member, _| member != "answer" && member != "told");
            Value::Object(row)
        });
        rows.collect::<Vec<Value>>()
    };
    let kept = ["checks", "calls"].map(|name| (name.to_owned(), Value::Array(list(name))));
    Some(Value::Object(Map::from_iter(kept)))
}

#[cfg(test)]
mod tests {
    use sayso_token::encoding::base64url;
    use serde_json::json;

    use super::*;

    #[test]
    fn checks_and_calls_are_handed_on_and_nothing_else() {
        let told = |value: &Value| heard(&base64url(value.to_string().as_bytes()));
        let trace = json!({"version": 2, "checks": [{"check": "well_formed"}, "x"], "claims": {"sub": "ada"},
            "calls": [{"to": "authorization_server", "answer": {"keys": []}, "told": {}}], "introspection": {}});
        let kept = json!({"checks": [{"check": "well_formed"}], "calls": [{"to": "authorization_server"}]});
        assert_eq!(told(&trace), Some(kept));
        let many = json!({"calls": vec![json!({}); 100]});
        let kept = told(&many).and_then(|kept| Some(kept.get("calls")?.as_array()?.len()));
        assert_eq!(kept, Some(MOST_TOLD));
        let large = json!({"checks": ["x".repeat(LARGEST_TRACE)]});
        assert_eq!([told(&json!([])), told(&large), heard("no trace")], [None, None, None]);
    }
}
