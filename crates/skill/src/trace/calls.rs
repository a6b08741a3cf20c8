//! Whom a skill asks while it handles a request.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use async_trait::async_trait;
use futures_util::future::poll_fn;
use futures_util::task::AtomicWaker;
use sayso_token::guard::Check;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use super::heard::heard;
use super::{Row, VERSION, blot_value};
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
    /// What an API tells of its own checks and calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) told: Option<Value>,
}

/// The calls of one request; noted only while a local simulator is trusted.
#[derive(Clone, Default)]
pub(crate) struct Calls(Option<Arc<Noting>>);

struct Noting {
    timer: Arc<dyn Timer>,
    begun: Option<u64>,
    noted: Mutex<Noted>,
    /// How often something was noted.
    changes: AtomicU64,
    /// Whoever tells of it.
    teller: AtomicWaker,
}

#[derive(Default)]
struct Noted {
    made: Vec<Made>,
    /// Calls that are not answered yet, by number.
    under_way: Vec<(u64, Made)>,
    begun: u64,
    checks: Vec<Row<Check>>,
}

/// What is told while a request is worked on: as a [`Trace`](super::Trace), without what is not known yet.
#[derive(Serialize)]
struct Sketch {
    version: u8,
    checks: Vec<Row<Check>>,
    calls: Vec<Made>,
}

impl Made {
    /// Without a token in what it shows.
    pub(super) fn blot(&mut self, tokens: &[String]) {
        for told in [&mut self.answer, &mut self.told].into_iter().flatten() {
            blot_value(told, tokens, false);
        }
        if tokens.iter().any(|token| self.url.contains(token)) {
            "…".clone_into(&mut self.url);
        }
    }
}

impl Noting {
    fn note<T>(&self, note: impl FnOnce(&mut Noted) -> T) -> T {
        let done = note(&mut self.lock());
        self.changes.fetch_add(1, Ordering::Release);
        self.teller.wake();
        done
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Calls {
    /// Notes from now on.
    pub(crate) fn noted_by(timer: Arc<dyn Timer>) -> Self {
        let begun = timer.stopwatch();
        let (noted, changes, teller) = (Mutex::default(), AtomicU64::new(0), AtomicWaker::new());
        Self(Some(Arc::new(Noting { timer, begun, noted, changes, teller })))
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
        let (status, failure, micros, answer, told) = (None, None, None, None, None);
        let made = Made { to, method, url, status, failure, after_micros, micros, answer, told };
        let number = noting.note(|noted| {
            noted.begun += 1;
            if noted.made.len() + noted.under_way.len() < MOST_CALLS {
                noted.under_way.push((noted.begun, made.clone()));
            }
            noted.begun
        });
        Call { begun: Some(Begun { noting, made, at: begun, number }) }
    }

    /// The checks of the token, as they came out.
    pub(super) fn note_checks(&self, checks: &[Row<Check>]) {
        if let Some(noting) = &self.0 {
            noting.note(|noted| checks.clone_into(&mut noted.checks));
        }
    }

    /// Waits until more is noted than `seen` things; how many there are then.
    pub(super) async fn more_than(&self, seen: u64) -> u64 {
        poll_fn(|context| {
            let Some(noting) = &self.0 else { return Poll::Pending };
            noting.teller.register(context.waker());
            let changes = noting.changes.load(Ordering::Acquire);
            if changes > seen { Poll::Ready(changes) } else { Poll::Pending }
        })
        .await
    }

    /// What is noted so far, as JSON: without the answers of others, and without an address that holds one of `tokens`.
    pub(super) fn sketch(&self, tokens: &[String]) -> Option<String> {
        let noted = self.0.as_ref()?.lock();
        let under_way = noted.under_way.iter().map(|(_, call)| call);
        let mut calls: Vec<Made> = noted.made.iter().chain(under_way).cloned().collect();
        let checks = noted.checks.clone();
        drop(noted);
        for call in &mut calls {
            call.answer = None;
            call.blot(tokens);
        }
        serde_json::to_string(&Sketch { version: VERSION, checks, calls }).ok()
    }

    pub(super) fn timer(&self) -> Option<Arc<dyn Timer>> {
        self.0.as_ref().map(|noting| Arc::clone(&noting.timer))
    }

    /// Forgets what others have answered so far.
    #[cfg(feature = "layer")]
    pub(super) fn forget_answers(&self) {
        if let Some(noting) = &self.0 {
            noting.note(|noted| noted.made.iter_mut().for_each(|call| call.answer = None));
        }
    }

    /// What was called so far, in the order in which it was answered.
    pub(super) fn made(&self) -> Vec<Made> {
        self.0.as_ref().map(|noting| noting.lock().made.clone()).unwrap_or_default()
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
    number: u64,
}

impl Call {
    /// With what the API has told of its checks, in the header [`TRACE_HEADER`](crate::TRACE_HEADER) of its answer.
    pub fn telling(mut self, trace: Option<&str>) -> Self {
        if let Some(begun) = &mut self.begun {
            begun.made.told = trace.and_then(heard);
        }
        self
    }

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
                begun.made.told = answer.trace.as_deref().and_then(heard);
            }
            Err(failed) => begun.made.failure = Some(failed.reason()),
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let Some(Begun { noting, mut made, at, number }) = self.begun.take() else { return };
        made.micros = noting.timer.stopwatch().zip(at).map(|(now, then)| now.saturating_sub(then));
        if made.status.is_none() && made.failure.is_none() {
            made.failure = Some("call_unanswered");
        }
        noting.note(|noted| {
            noted.under_way.retain(|(under_way, _)| *under_way != number);
            if noted.made.len() < MOST_CALLS {
                noted.made.push(made);
            }
        });
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
