//! Alexa's own interfaces over HTTP, for skills: the statuses and error bodies are Amazon's.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use sayso_alexa::customer_settings::Setting;
use sayso_token::secret::Secret;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::Shared;
use crate::alexa_api::{Asked, Issued, NoAccess, Reply};
use crate::outbound::shown_body;

/// What of a request is shown.
const SHOWN_HEADERS: [&str; 4] = ["accept", "authorization", "content-type", "user-agent"];

/// A request as it came.
pub(crate) struct Came {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    at: Instant,
}

impl<S: Send + Sync> FromRequest<S> for Came {
    type Rejection = BytesRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, BytesRejection> {
        let (method, path, headers) =
            (request.method().clone(), request.uri().path().to_owned(), request.headers().clone());
        let body = Bytes::from_request(request, state).await?;
        Ok(Self { method, path, headers, body, at: Instant::now() })
    }
}

impl Came {
    /// What is asked, under this title.
    fn asked(&self, inner: &Shared, title: &str) -> Asked {
        let shown = SHOWN_HEADERS.iter().filter_map(|name| {
            Some(((*name).to_owned(), self.headers.get(*name)?.to_str().unwrap_or_default().to_owned()))
        });
        Asked {
            title: title.to_owned(),
            method: self.method.to_string(),
            url: format!("{}{}", inner.public_url, self.path),
            headers: shown.collect::<BTreeMap<_, _>>(),
            body: shown_body(&self.body),
            token: self.token(),
            came: self.at,
        }
    }

    /// The bearer value (RFC 6750 section 2.1).
    fn token(&self) -> Option<Secret> {
        let line = self.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, value) = line.split_once(' ')?;
        (scheme.eq_ignore_ascii_case("bearer") && !value.trim().is_empty()).then(|| Secret::new(value.trim()))
    }
}

/// Answers, notes, and draws.
fn answered(inner: &Shared, asked: &Asked, decide: impl FnOnce(Result<&mut Issued, NoAccess>) -> Reply) -> Response {
    let (reply, late) = inner.alexa_api.answer(asked, inner.now(), decide);
    if let Some(turn) = late
        && inner.settle_calls(&turn)
    {
        inner.news.end(&turn);
    }
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match reply.body {
        Value::Null => status.into_response(),
        body => (status, Json(body)).into_response(),
    }
}

/// `POST /v1/directives`: something is said before the answer.
pub(crate) async fn directives(State(inner): State<Shared>, came: Came) -> Response {
    let asked = came.asked(&inner, "Say something meanwhile");
    let refused = |status: u16, message: &str, note: &str| Reply {
        status,
        body: json!({"code": status, "message": message}),
        note: Some(note.to_owned()),
        spoken: None,
    };
    answered(&inner, &asked, |access| match access {
        _ if came.method != Method::POST => refused(405, "The method is not supported.", "Send it with POST."),
        Err(none) => refused(401, "Not Authorized.", none.words()),
        Ok(issued) => issued.speak(&came.body),
    })
}

/// `GET` of a setting of the customer, the person who speaks, or the device.
pub(crate) async fn setting(State(inner): State<Shared>, came: Came) -> Response {
    // Official clients write every sign of an id that could be another.
    let path = percent_decode_str(&came.path).decode_utf8_lossy();
    let found = Setting::at(&path);
    let title = found.map_or("a setting that is none", |(setting, _)| setting.title());
    let asked = came.asked(&inner, &format!("Ask for {title}"));
    answered(&inner, &asked, |access| match found {
        None => Reply {
            status: 404,
            body: json!({"code": "INVALID_KEY", "message": "The setting key is not supported."}),
            note: Some("There is no such setting; docs/simulator.md lists those there are.".into()),
            spoken: None,
        },
        Some(_) if came.method != Method::GET => Reply {
            status: 405,
            body: json!({"message": "The method is not supported."}),
            note: Some("Settings are read with GET; only a person changes them.".into()),
            spoken: None,
        },
        Some((setting, device)) => inner.tell_setting(setting, device, access),
    })
}
