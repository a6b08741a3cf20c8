//! Whom a skill asks while it handles a request.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use crate::outside::{Fetch, FetchFailed, Fetched, Outgoing, Outside, Timer};

/// A handler that asks more often is drawn as far as this.
const MOST_CALLS: usize = 24;
/// Of a longer address only the origin is told.
const LONGEST_URL: usize = 300;
/// A larger answer is not told.
const LARGEST_ANSWER: usize = 4 * 1024;

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Callee {
    /// For its keys, or about a token.
    AuthorizationServer,
    /// For its certificate chain, or to say something meanwhile.
    Alexa,
    /// Whoever the handler asks.
    Api,
}

/// A call that was made, without anything that could be used as a credential.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Made {
    to: Callee,
    method: String,
    /// Without user, query and fragment.
    pub(super) url: String,
    status: Option<u16>,
    /// Why there is no answer.
    failure: Option<&'static str>,
    /// When it began, from the arrival of the request on.
    after_micros: Option<u64>,
    micros: Option<u64>,
    /// The answer, where it is small and JSON, and not the authority's word about a token, which stands elsewhere.
    pub(super) answer: Option<Value>,
}

/// The calls of one request; noted only while a local simulator is trusted.
#[derive(Clone, Default)]
pub(crate) struct Calls(Option<Arc<Noting>>);

struct Noting {
    timer: Arc<dyn Timer>,
    begun: Option<u64>,
    made: Mutex<Vec<Made>>,
}

impl Calls {
    /// Notes from now on.
    pub(crate) fn noted_by(timer: Arc<dyn Timer>) -> Self {
        let begun = timer.stopwatch();
        Self(Some(Arc::new(Noting { timer, begun, made: Mutex::default() })))
    }

    /// The same world outside, in which every call is noted.
    pub(crate) fn in_sight(&self, outside: &Outside, to: Callee) -> Outside {
        if self.0.is_none() {
            return outside.clone();
        }
        let fetch = Seen { fetch: Arc::clone(&outside.fetch), calls: self.clone(), to };
        Outside { fetch: Arc::new(fetch), ..outside.clone() }
    }

    pub(crate) fn begin(&self, to: Callee, method: &str, url: &str) -> Call {
        let Some(noting) = self.0.clone() else { return Call { begun: None } };
        let begun = noting.timer.stopwatch();
        let after_micros = begun.zip(noting.begun).map(|(now, then)| now.saturating_sub(then));
        let method = method.chars().take(20).collect();
        let url = bare(url);
        let made = Made { to, method, url, status: None, failure: None, after_micros, micros: None, answer: None };
        Call { begun: Some(Begun { noting, made, at: begun }) }
    }

    pub(super) fn timer(&self) -> Option<Arc<dyn Timer>> {
        self.0.as_ref().map(|noting| Arc::clone(&noting.timer))
    }

    /// What was called so far, in the order in which it was answered.
    pub(super) fn made(&self) -> Vec<Made> {
        let noted = self.0.as_ref().map(|noting| noting.made.lock().unwrap_or_else(PoisonError::into_inner).clone());
        noted.unwrap_or_default()
    }
}

/// An address without what may be secret in it.
fn bare(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else { return "…".to_owned() };
    let had_query = url.query().is_some();
    url.set_query(None);
    url.set_fragment(None);
    // An address that cannot have them has none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    // Not cut in the middle: what is left of a token would not be recognised as one.
    if url.as_str().len() > LONGEST_URL {
        return format!("{}/…", url.origin().ascii_serialization());
    }
    format!("{url}{}", if had_query { "?…" } else { "" })
}

/// A call under way; see [`HandlerInput::begin_call`](crate::HandlerInput::begin_call). Dropped, it has no answer.
#[must_use = "tell it how the call was answered"]
pub struct Call {
    begun: Option<Begun>,
}

struct Begun {
    noting: Arc<Noting>,
    made: Made,
    at: Option<u64>,
}

impl Call {
    /// It was answered with this HTTP status.
    pub fn answered(mut self, status: u16) {
        if let Some(begun) = &mut self.begun {
            begun.made.status = Some(status);
        }
    }

    fn ended(mut self, result: &Result<Fetched, FetchFailed>, is_shown: bool) {
        let Some(begun) = &mut self.begun else { return };
        match result {
            Ok(answer) => {
                begun.made.status = Some(answer.status);
                let body = Some(&answer.body).filter(|body| is_shown && body.len() <= LARGEST_ANSWER);
                begun.made.answer = body.and_then(|body| serde_json::from_slice(body).ok());
            }
            Err(failed) => begun.made.failure = Some(failed.reason()),
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let Some(Begun { noting, mut made, at }) = self.begun.take() else { return };
        made.micros = noting.timer.stopwatch().zip(at).map(|(now, then)| now.saturating_sub(then));
        if made.status.is_none() && made.failure.is_none() {
            made.failure = Some("call_unanswered");
        }
        let mut all = noting.made.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < MOST_CALLS {
            all.push(made);
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("made", &self.begun.as_ref().map(|begun| &begun.made)).finish()
    }
}

/// Fetches, and notes it.
struct Seen {
    fetch: Arc<dyn Fetch>,
    calls: Calls,
    to: Callee,
}

#[async_trait]
impl Fetch for Seen {
    async fn fetch(&self, request: Outgoing) -> Result<Fetched, FetchFailed> {
        let call = self.calls.begin(self.to, if request.form.is_some() { "POST" } else { "GET" }, &request.url);
        let is_shown = request.form.is_none() || self.to == Callee::Api;
        let result = self.fetch.fetch(request).await;
        call.ended(&result, is_shown);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn an_address_is_told_without_what_may_be_secret() {
        for (url, told) in [
            ("https://api.example/v1/colors", "https://api.example/v1/colors"),
            ("https://ada:pw@api.example/x?token=t#f", "https://api.example/x?…"),
            ("http://127.0.0.1:4000/keys#x", "http://127.0.0.1:4000/keys"),
            ("no address", "…"),
        ] {
            assert_eq!(bare(url), told);
        }
        assert_eq!(
            bare(&format!("https://u:p@api.example:8443/{}?q", "x".repeat(1_000))),
            "https://api.example:8443/…"
        );
    }
}
