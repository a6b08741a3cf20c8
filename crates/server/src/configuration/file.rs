//! A configuration as the file that says the same. Secrets stand in it as digests, which the file format takes back.

use std::fmt::Write as _;

use sayso_authority::record::configuration::Configuration;
use serde_json::{Map, Value};

/// The lists that are tables of their own in the file, and what one of their tables is called.
const TABLES: [(&str, &str); 8] = [
    ("attributes", "attribute"),
    ("authorities", "authority"),
    ("apis", "api"),
    ("claims", "claim"),
    ("policies", "policy"),
    ("rules", "rule"),
    ("clients", "client"),
    ("connections", "connection"),
];
/// What covers names: all of them, or some.
const COVERS: [&str; 4] = ["clients", "scopes", "groups", "users"];
/// A longer list has its values on lines of their own.
const LONGEST_LINE: usize = 100;

/// The file's text, without `[server]`, which is each node's own.
pub fn written(configuration: &Configuration) -> String {
    let mut text = String::new();
    if let Ok(Value::Object(whole)) = serde_json::to_value(configuration) {
        table("", &whole, &mut text);
    }
    text.trim_start().to_owned()
}

/// The keys of a table, then the tables inside it.
fn table(path: &str, fields: &Map<String, Value>, text: &mut String) {
    let mut inside = Vec::new();
    for (name, value) in fields {
        match (TABLES.iter().find(|(list, _)| list == name), value) {
            (Some((_, called)), Value::Array(items)) => inside.push((*called, items)),
            (_, Value::Object(rule)) if name == "assertion" => assertion(rule, text),
            (_, Value::Object(rule)) if name == "registration" => registration(rule, text),
            _ => key(name, value, text),
        }
    }
    for (called, items) in inside {
        let path = if path.is_empty() { called.to_owned() } else { format!("{path}.{called}") };
        for item in items.iter().filter_map(Value::as_object) {
            // Writing to a text never fails.
            let _ = writeln!(text, "\n[[{path}]]");
            table(&path, item, text);
        }
    }
}

/// A client's keys stand in the file beside its other keys.
fn assertion(rule: &Map<String, Value>, text: &mut String) {
    let keys = rule.get("keys");
    if let Some(set) = keys.and_then(|keys| keys.get("inline")) {
        key("jwks", &Value::String(set.to_string()), text);
    }
    if let Some(uri) = keys.and_then(|keys| keys.get("at")) {
        key("jwks_uri", uri, text);
    }
    let algorithm = rule.get("algorithms").and_then(|all| all.get(0));
    key("assertion_algorithm", algorithm.unwrap_or(&Value::Null), text);
    key("assertion_audience", rule.get("audience").unwrap_or(&Value::Null), text);
}

/// And so does the rule by which clients register themselves.
fn registration(rule: &Map<String, Value>, text: &mut String) {
    let tokens = rule.get("token_secrets").unwrap_or(&Value::Null);
    key("registration", &Value::from(if tokens.is_null() { "open" } else { "token" }), text);
    key("registration_token_digests", tokens, text);
    key("registration_scopes", rule.get("scopes").unwrap_or(&Value::Null), text);
    key("registration_limit", rule.get("most").unwrap_or(&Value::Null), text);
}

fn key(name: &str, value: &Value, text: &mut String) {
    let name = if name == "secrets" { "secret_digests" } else { name };
    let written = match value {
        // Left out is what the file means by them: not set, none, all.
        Value::Null => return,
        Value::Array(items) if items.is_empty() => return,
        Value::String(all) if all == "all" && COVERS.contains(&name) => return,
        Value::Object(fields) => match fields.get("only").filter(|_| COVERS.contains(&name)) {
            Some(some) => list(some),
            None => inline(value),
        },
        Value::Array(_) => list(value),
        _ => inline(value),
    };
    let _ = writeln!(text, "{name} = {written}");
}

/// A list, on several lines when it is long.
fn list(value: &Value) -> String {
    let line = inline(value);
    match value.as_array() {
        Some(items) if line.len() > LONGEST_LINE => {
            let items: String = items.iter().map(|item| format!("  {},\n", inline(item))).collect();
            format!("[\n{items}]")
        }
        _ => line,
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            // A text in each language: what stands for all others is the English one where there is one.
            let implied = |name: &str, value: &Value| name.is_empty() && fields.get("en") == Some(value);
            let set = fields.iter().filter(|(name, value)| !value.is_null() && !implied(name, value));
            let pairs: Vec<_> = set.map(|(name, value)| format!("{} = {}", name_of(name), inline(value))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        Value::String(text) => quoted(text),
        other => other.to_string(),
    }
}

/// A key, quoted where it has to be.
fn name_of(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if bare { name.to_owned() } else { quoted(name) }
}

/// A basic string of TOML: JSON's, but that DEL is escaped as well.
pub fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7f}', "\\u007F")
}
