//! Taking bearer values out of what is shown. A token is replaced by `…` and a digest, which tells two apart.

use std::collections::BTreeMap;

use sayso_token::digest::Digest;
use sayso_token::secret::Secret;
use serde_json::Value;

use crate::trace::{Hop, RequestShown, Turn};

/// Fields that hold bearer values whatever their place.
const SECRET_FIELDS: [&str; 13] = [
    "accesstoken",
    "access_token",
    "apiaccesstoken",
    "refreshtoken",
    "refresh_token",
    "id_token",
    "clientsecret",
    "client_secret",
    "code",
    "code_verifier",
    "state",
    "token",
    "consenttoken",
];

/// Header lines that hold bearer values.
const SECRET_HEADERS: [&str; 4] = ["authorization", "cookie", "set-cookie", "proxy-authorization"];

/// What an `apiAccessToken` of this simulator begins with: it is known by that, wherever it stands.
pub(crate) const ALEXA_TOKEN: &str = "alexa-api-";

/// Takes out what is known to be secret, and what looks like it.
#[derive(Default)]
pub(crate) struct Scrubber {
    known: Vec<Secret>,
}

impl Scrubber {
    /// Names a value that must not be shown anywhere, not even inside another text.
    pub(crate) fn know(&mut self, secret: &Secret) {
        // Shorter values would eat unrelated text; the fields they stand in are covered by name.
        if secret.expose().len() >= 8 && !self.known.iter().any(|known| known.matches(secret)) {
            self.known.push(secret.clone());
        }
    }

    /// Scrubs a whole turn, in place.
    pub(crate) fn turn(&self, turn: &mut Turn) {
        for text in [&mut turn.utterance, &mut turn.explanation] {
            *text = self.text(text);
        }
        for text in [&mut turn.spoken, &mut turn.ssml, &mut turn.reprompt].into_iter().flatten() {
            *text = self.text(text);
        }
        for slot in turn.heard.slots.values_mut() {
            slot.value = slot.value.take().map(|value| self.text(&value));
            slot.words = slot.words.take().map(|words| self.text(&words));
        }
        for text in &mut turn.progressive {
            *text = self.text(text);
        }
        for value in turn.card.iter_mut().chain(&mut turn.directives) {
            self.value(value, false);
        }
        for value in turn.claims.iter_mut().flat_map(|claims| claims.values_mut()) {
            self.value(value, false);
        }
        for check in &mut turn.checks {
            check.explanation = self.text(&check.explanation);
        }
        for hop in &mut turn.hops {
            self.hop(hop);
        }
    }

    /// Scrubs one request and its answer.
    pub(crate) fn hop(&self, hop: &mut Hop) {
        hop.spoken = hop.spoken.take().map(|spoken| self.text(&spoken));
        hop.title = self.text(&hop.title);
        for check in &mut hop.checks {
            check.explanation = self.text(&check.explanation);
        }
        hop.note = hop.note.take().map(|note| self.text(&note));
        if let Some(request) = &mut hop.request {
            self.request(request);
        }
        if let Some(response) = &mut hop.response {
            self.headers(&mut response.headers);
            self.value(&mut response.body, true);
        }
    }

    fn request(&self, request: &mut RequestShown) {
        request.url = self.url(&request.url);
        self.headers(&mut request.headers);
        self.value(&mut request.body, true);
    }

    fn headers(&self, headers: &mut BTreeMap<String, String>) {
        for (name, value) in headers {
            *value = if SECRET_HEADERS.contains(&name.as_str()) {
                match value.split_once(' ') {
                    Some((scheme @ ("Basic" | "Bearer"), rest)) => format!("{scheme} {}", masked(rest)),
                    _ => masked(value),
                }
            } else if name == "location" {
                self.url(value)
            } else {
                self.text(value)
            };
        }
    }

    /// `by_name`: whether fields named like bearer values are masked; claims and cards have fields of their own.
    fn value(&self, value: &mut Value, by_name: bool) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item, by_name)),
            Value::Object(fields) => {
                for (name, field) in fields.iter_mut() {
                    match field {
                        Value::String(text) if by_name && is_secret_field(name, text) => *text = masked(text),
                        field => self.value(field, by_name),
                    }
                }
                let loud: Vec<String> = fields.keys().filter(|name| self.text(name) != **name).cloned().collect();
                for name in loud {
                    if let Some(field) = fields.remove(&name) {
                        fields.insert(self.text(&name), field);
                    }
                }
            }
            _ => {}
        }
    }

    fn url(&self, url: &str) -> String {
        let (before, fragment) = match url.split_once('#') {
            Some((before, fragment)) => (before, Some(fragment)),
            None => (url, None),
        };
        let (address, query) = match before.split_once('?') {
            Some((address, query)) => (address, Some(query)),
            None => (before, None),
        };
        let pairs = |text: &str| {
            let shown = text.split('&').map(|pair| match pair.split_once('=') {
                Some((name, value)) if is_secret_field(name, value) => format!("{name}={}", masked(value)),
                _ => self.text(pair),
            });
            shown.collect::<Vec<_>>().join("&")
        };
        let fragment = fragment.map(|fragment| format!("#{}", pairs(fragment))).unwrap_or_default();
        let query = query.map(|query| format!("?{}", pairs(query))).unwrap_or_default();
        format!("{}{query}{fragment}", self.text(address))
    }

    /// A text without known secrets, and without anything that looks like a signed token or is a token of Alexa's.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        for secret in &self.known {
            if shown.contains(secret.expose()) {
                shown = shown.replace(secret.expose(), &masked(secret.expose()));
            }
        }
        if shown.contains("eyJ") {
            shown = without_runs(&shown, "eyJ", is_signed);
        }
        if shown.contains(ALEXA_TOKEN) {
            shown = without_runs(&shown, ALEXA_TOKEN, is_of_alexa);
        }
        shown
    }
}

/// Short machine words under these names (`"code": "ER_SUCCESS_MATCH"`, `"token": "page-2"`) are no bearer values.
fn is_secret_field(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    if !SECRET_FIELDS.contains(&name.as_str()) || value.is_empty() || value.starts_with('…') {
        return false;
    }
    let is_word = value.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit());
    !(name == "code" && is_word && value.starts_with("ER_"))
}

/// `…` and a short digest of the value.
pub(crate) fn masked(value: &str) -> String {
    format!("…{}", Digest::of(value.as_bytes()).short())
}

/// Three base64url parts joined by dots; whoever asks has seen that it begins like a JSON header.
fn is_signed(run: &str) -> bool {
    run.matches('.').count() >= 2 && run.len() >= 24
}

fn is_of_alexa(run: &str) -> bool {
    run.len() >= ALEXA_TOKEN.len() + 16
}

/// Replaces every run of letters, digits, `-`, `_` and `.` that begins so and is a token.
fn without_runs(text: &str, begins: &str, is_token: fn(&str) -> bool) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(begins) {
        let (before, from) = rest.split_at(at);
        shown.push_str(before);
        let end = from.find(|c| !is_part(c)).unwrap_or(from.len());
        let (run, after) = from.split_at(end);
        shown.push_str(&if is_token(run) { masked(run) } else { run.to_owned() });
        rest = after;
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_stays_in_a_hop() {
        let mut scrubber = Scrubber::default();
        scrubber.know(&Secret::new("opaque-access-token-1"));
        let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";
        let mut hop = Hop {
            note: Some(format!("sent opaque-access-token-1 and {jwt}")),
            request: Some(RequestShown {
                method: "POST".into(),
                url: "http://127.0.0.1/cb?code=abcdefgh&state=zzzzzzzz&scope=read#access_token=secret123".into(),
                headers: [("authorization", "Basic dXNlcjpwYXNz"), ("x-other", "see opaque-access-token-1")]
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .into(),
                body: serde_json::json!({"context": {"System": {"user": {"accessToken": "short"}}},
                    "client_secret": "pw", "list": [jwt], "opaque-access-token-1": 1,
                    "status": {"code": "ER_SUCCESS_MATCH"}}),
            }),
            ..Hop::default()
        };
        scrubber.hop(&mut hop);
        let shown = serde_json::to_string(&hop).unwrap();
        for secret in ["opaque-access", "abcdefgh", "zzzzzzzz", "secret123", "dXNlc", "eyJ", "\"short\"", "\"pw\""] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        assert!(shown.contains("scope=read") && shown.contains("ER_SUCCESS_MATCH") && shown.contains("Basic …"));
    }

    #[test]
    fn plain_words_stay() {
        let scrubber = Scrubber::default();
        for text in ["Ada's favorite color is teal.", "eyJust a word", "an alexa-api-call", "…", ""] {
            assert_eq!(scrubber.text(text), text);
        }
        let token = format!("{ALEXA_TOKEN}{}", "0aZ_-".repeat(17));
        let shown = scrubber.text(&format!("it is {token}, and again {token}"));
        assert!(!shown.contains("0aZ") && shown.starts_with("it is …") && shown.contains(", and again …"), "{shown}");
    }
}
