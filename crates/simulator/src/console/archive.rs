//! A turn as a file for other tools.

use serde_json::{Value, json};

use crate::trace::{Hop, RequestShown, ResponseShown, Turn};

/// The hops as an HTTP archive (HAR 1.2), secrets masked as everywhere.
pub(crate) fn archive(turn: &Turn) -> Value {
    let entries: Vec<Value> = turn.hops.iter().filter_map(|hop| entry(turn, hop)).collect();
    json!({"log": {"version": "1.2", "creator": {"name": "Sayso", "version": env!("CARGO_PKG_VERSION")}, "entries": entries}})
}

fn entry(turn: &Turn, hop: &Hop) -> Option<Value> {
    let nothing = ResponseShown::default();
    let (request, response) = (hop.request.as_ref()?, hop.response.as_ref().unwrap_or(&nothing));
    let millis = hop.micros.map_or_else(|| json!(hop.millis), |micros| json!(micros as f64 / 1_000.0));
    let mut entry = json!({
        "startedDateTime": hop.at.as_ref().unwrap_or(&turn.at),
        "time": millis,
        "comment": format!("{} → {}: {}", hop.from, hop.to, hop.title),
        "request": asked(request),
        "response": {
            "status": response.status, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [],
            "headers": headers(&response.headers), "redirectURL": "", "headersSize": -1, "bodySize": -1,
            "content": {"size": -1, "mimeType": response.headers.get("content-type").cloned().unwrap_or_default(), "text": text(&response.body)},
        },
        "cache": {},
        "timings": {"send": 0, "wait": millis, "receive": 0},
    });
    // Members of one's own begin with an underscore.
    if let Some(entry) = entry.as_object_mut() {
        entry.extend(hop.within.then(|| ("_within".to_owned(), true.into())));
        entry.extend((!hop.checks.is_empty()).then(|| ("_checks".to_owned(), json!(hop.checks))));
        entry.extend(hop.spoken.as_ref().map(|spoken| ("_spoken".to_owned(), json!(spoken))));
        entry.extend(hop.told.map(|told| ("_told".to_owned(), told.into())));
    }
    Some(entry)
}

fn asked(request: &RequestShown) -> Value {
    let mut asked = json!({
        "method": request.method, "url": request.url, "httpVersion": "HTTP/1.1", "cookies": [],
        "headers": headers(&request.headers), "queryString": [], "headersSize": -1, "bodySize": -1,
    });
    if let (false, Some(asked)) = (request.body.is_null(), asked.as_object_mut()) {
        let kind = request.headers.get("content-type").cloned().unwrap_or_default();
        asked.insert("postData".into(), json!({"mimeType": kind, "text": text(&request.body)}));
    }
    asked
}

fn headers(lines: &std::collections::BTreeMap<String, String>) -> Vec<Value> {
    lines.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

fn text(body: &Value) -> String {
    match body {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        body => body.to_string(),
    }
}
