//! The number of a request.

use std::array::IntoIter;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::HeaderValue;
use http::request::Parts;
use sayso_token::encoding::base64url;
use sayso_token::entropy::SharedEntropy;

/// The number of a request: in its log lines, its `x-request-id` header and on its error page. Extractable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestId(Option<Arc<str>>);

tokio::task_local! {
    /// The request that the running task answers.
    static ANSWERED: RequestId;
}

impl RequestId {
    /// That of the request being answered here, for whoever prints a log line. Kept with the task: a tracing span for each
    /// request costs a fifth of a small answer, and only its number is ever printed.
    pub fn current() -> Option<Self> {
        ANSWERED.try_with(Clone::clone).ok()
    }

    pub(crate) async fn while_answering<F: Future>(self, answer: F) -> F::Output {
        ANSWERED.scope(self, answer).await
    }

    pub(crate) fn while_saying(self, say: impl FnOnce()) {
        ANSWERED.sync_scope(self, say);
    }

    /// The number; `-` outside of a numbered request.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or("-")
    }

    /// The answer with this number in its header.
    pub(crate) fn on(&self, mut answer: Response) -> Response {
        if let Ok(value) = HeaderValue::from_str(self.as_str()) {
            answer.headers_mut().insert("x-request-id", value);
        }
        answer
    }
}

/// Draws the numbers of requests. Chance is taken for a block of them: asking the system costs more than all else about a
/// number, which is no secret.
#[derive(Clone, Debug)]
pub(crate) struct RequestIds {
    entropy: SharedEntropy,
    block: Arc<Mutex<IntoIter<Number, 64>>>,
}

type Number = [u8; 9];

impl RequestIds {
    pub(crate) fn new(entropy: SharedEntropy) -> Self {
        let mut used = [Number::default(); 64].into_iter();
        used.by_ref().for_each(drop);
        Self { entropy, block: Arc::new(Mutex::new(used)) }
    }

    pub(crate) fn draw(&self) -> RequestId {
        let mut block = self.block.lock().unwrap_or_else(PoisonError::into_inner);
        let number = block.next().unwrap_or_else(|| {
            let mut bytes = [Number::default(); 64];
            self.entropy.fill(bytes.as_flattened_mut());
            *block = bytes.into_iter();
            block.next().unwrap_or_default()
        });
        RequestId(Some(base64url(&number).into()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::entropy;

    #[test]
    fn no_number_comes_twice_within_a_block_or_after_it() {
        let ids = RequestIds::new(entropy());
        let drawn: std::collections::BTreeSet<_> = (0..200).map(|_| ids.draw().as_str().to_owned()).collect();
        assert_eq!(drawn.len(), 200);
        assert!(drawn.iter().all(|number| number.len() == 12 && number != "AAAAAAAAAAAA"));
    }
}
