//! Telling a local simulator of a request while it is worked on.

use std::convert::Infallible;
use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use url::Url;

use super::Calls;
use crate::outside::{Fetch, Form, Outgoing, is_secure};

/// The request header by which a local simulator asks to be told of a request while it is worked on: the name under which it is told.
pub const TELL_HEADER: &str = "sayso-tell";

/// Telling takes a millisecond or two; whoever takes longer is told no more.
const DEADLINE: Duration = Duration::from_secs(1);
const LONGEST_NAME: usize = 64;

/// Whom a request is told of, and how.
pub(crate) struct Telling {
    url: String,
    tokens: Vec<String>,
    fetch: Arc<dyn Fetch>,
}

impl Telling {
    /// Tells the simulator whose certificate chains lie at `chains`, and nobody else, under the name that it gave.
    pub(crate) fn under(name: &str, chains: &str, tokens: &[String], fetch: &Arc<dyn Fetch>) -> Option<Self> {
        let is_name = (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let url = Url::parse(chains).ok().filter(|_| is_name)?.join(&format!("/api/told/{name}")).ok()?;
        is_secure(url.as_str()).then(|| Self { url: url.into(), tokens: tokens.to_vec(), fetch: Arc::clone(fetch) })
    }

    /// Does the work, and tells meanwhile what is noted of it. The work never waits: what was not told in time stands in the trace.
    pub(crate) async fn during<T>(self, work: impl Future<Output = T> + Send, calls: &Calls) -> T {
        match select(pin!(work), pin!(self.go_on(calls))).await {
            Either::Left((done, _)) => done,
            Either::Right((never, _)) => match never {},
        }
    }

    async fn go_on(&self, calls: &Calls) -> Infallible {
        let mut seen = 0;
        loop {
            seen = calls.more_than(seen).await;
            let Some(sketch) = calls.sketch(&self.tokens) else { break };
            let told = Outgoing {
                url: self.url.clone(),
                accept: "application/json",
                authorization: None,
                form: Some(Form::json(sketch)),
                deadline: DEADLINE,
                largest_body: 1024,
            };
            if !self.fetch.fetch(told).await.is_ok_and(|answer| answer.status == 204) {
                break;
            }
        }
        pending().await
    }
}
