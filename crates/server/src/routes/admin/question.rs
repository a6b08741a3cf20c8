//! What a caller asks: query, path and body, read strictly.

use axum::body::Bytes;
use axum::extract::{FromRequestParts, Path};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use http::request::Parts;
use http::{HeaderMap, StatusCode, Uri};
use sayso_authority::wire::form::Form;
use sayso_token::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::desk::AdminDesk;
use super::problem::Problem;
use crate::audit::parse_time;
pub(super) use crate::audit::rfc3339;

/// Entries on a page when nothing else is said, and at most.
const PAGE: usize = 50;
const LARGEST_PAGE: usize = 200;

/// A query all of whose parameters are known, each at most once.
pub(super) struct Question(Form);

impl Question {
    /// Reads it. Names beyond these are refused: a filter that is not heard would answer more than was asked for.
    pub(super) fn of(uri: &Uri, known: &[&str]) -> Result<Self, Problem> {
        let form = Form::parse(uri.query().unwrap_or_default());
        let form = form.map_err(|bad| Problem::bad("query_malformed", bad.to_string()))?;
        let mut seen = Vec::new();
        for (name, value) in form.pairs() {
            if !known.contains(&name) {
                let detail = format!("a parameter is unknown; known here: {}", known.join(", "));
                return Err(Problem::bad("parameter_unknown", detail));
            }
            if seen.contains(&name) {
                return Err(Problem::bad("parameter_repeated", format!("the parameter {name} stands twice")));
            }
            if value.chars().any(char::is_control) {
                return Err(Problem::bad("query_malformed", format!("the parameter {name} holds a control character")));
            }
            seen.push(name);
        }
        Ok(Self(form))
    }

    /// The value of a parameter; absent or empty is `None`.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.first(name).filter(|value| !value.is_empty())
    }

    /// Whether what stands in the parameter, if it is there, is this.
    pub(super) fn is(&self, name: &str, value: Option<&str>) -> bool {
        self.text(name).is_none_or(|wanted| value == Some(wanted))
    }

    /// `limit`: entries on a page.
    pub(super) fn limit(&self) -> Result<usize, Problem> {
        let Some(text) = self.text("limit") else { return Ok(PAGE) };
        let number = text.parse::<usize>().ok().filter(|number| (1..=LARGEST_PAGE).contains(number));
        number.ok_or_else(|| Problem::bad("limit", format!("limit is a number from 1 to {LARGEST_PAGE}")))
    }

    /// A time (RFC 3339).
    pub(super) fn time(&self, name: &'static str) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let wrong = || Problem::bad("time", format!("{name} is a time such as 2026-11-25T12:00:00Z"));
        parse_time(text).map(Some).ok_or_else(wrong)
    }

    /// `cursor`: where the last page has ended, of a list of this kind. One that was changed, or is of another list, opens
    /// nothing.
    pub(super) fn cursor<K: DeserializeOwned>(&self, desk: &AdminDesk, list: &str) -> Result<Option<K>, Problem> {
        let Some(sealed) = self.text("cursor") else { return Ok(None) };
        let opened = desk.house().sealer.open(&purpose(list), sealed);
        let key = opened.and_then(|key| serde_json::from_slice(&key).ok());
        key.map(Some).ok_or_else(|| Problem::bad("cursor", "take the cursor as `next` gave it, for the same list"))
    }
}

fn purpose(list: &str) -> String {
    format!("admin cursor of {list}")
}

/// The cursor that goes on behind this key.
pub(super) fn cursor(desk: &AdminDesk, list: &str, key: &impl Serialize) -> Option<String> {
    let key = serde_json::to_vec(key).ok()?;
    Some(desk.house().sealer.seal(&purpose(list), &key, &mut desk.house().entropy.clone()))
}

/// The names in the path. What cannot be read names nothing.
pub(super) struct Named<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // Databases differ in what they think of NUL.
        if parts.uri.path().contains("%00") {
            return Err(Problem::not_found("path_unknown"));
        }
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(named)| Self(named)).map_err(|_| Problem::not_found("path_unknown"))
    }
}

/// A body in JSON. Nothing of a value is told back: it may be a password.
pub(super) fn body<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T, Problem> {
    of_type(headers, "application/json")?;
    serde_json::from_slice(body).map_err(|error| {
        let message = error.to_string();
        let about_names = ["unknown field", "missing field", "duplicate field"];
        let told = if about_names.iter().any(|beginning| message.starts_with(beginning)) {
            message
        } else {
            format!("this is not what is described, at line {} column {}", error.line(), error.column())
        };
        Problem::bad("body_malformed", told)
    })
}

/// Refuses a body of another type: no page of another site can send these types without asking first.
pub(super) fn of_type(headers: &HeaderMap, wanted: &'static str) -> Result<(), Problem> {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = given.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", format!("send the body as {wanted}")))
}

/// An answer in JSON that nobody keeps.
pub(super) fn told(status: StatusCode, body: &impl Serialize, tag: Option<&str>) -> axum::response::Response {
    use axum::response::IntoResponse as _;
    let text = serde_json::to_string(body).unwrap_or_default();
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    let mut answer = (status, headers, text).into_response();
    if let Some(tag) = tag.and_then(|tag| tag.parse().ok()) {
        answer.headers_mut().insert(ETAG, tag);
    }
    answer
}
