//! How large a request body may be, and how long it may take to arrive.

use std::time::Duration;

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use http::header::{CONNECTION, CONTENT_LENGTH};
use http::{HeaderValue, StatusCode};

use crate::faces::{Asked, Failure};

/// The bounds of a body. All of it is read before the handler runs, so a slow sender holds no handler.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimit {
    bytes: usize,
    patience: Duration,
}

impl Default for BodyLimit {
    /// 256 KiB within 30 s.
    fn default() -> Self {
        Self::bytes(256 * 1024)
    }
}

impl BodyLimit {
    /// At most `bytes`, within 30 s.
    pub fn bytes(bytes: usize) -> Self {
        Self { bytes, patience: Duration::from_secs(30) }
    }

    /// The whole body must arrive within `patience`.
    pub fn within(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The request with its whole body; or the answer 413 or 408, which closes the connection.
    pub(crate) async fn read(self, request: Request) -> Result<Request, Box<Response>> {
        if request.body().is_end_stream() {
            return Ok(request);
        }
        let asked = Asked::of(&request);
        let announced =
            request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > self.bytes as u64) {
            return Err(refuse(&self.too_large(), &asked));
        }
        let (parts, body) = request.into_parts();
        match tokio::time::timeout(self.patience, to_bytes(body, self.bytes)).await {
            Ok(Ok(bytes)) => Ok(Request::from_parts(parts, Body::from(bytes))),
            // Too long without saying so beforehand, or broken off: in the second case nobody reads the answer.
            Ok(Err(_)) => Err(refuse(&self.too_large(), &asked)),
            Err(_) => Err(refuse(&self.too_slow(), &asked)),
        }
    }

    fn too_large(self) -> Failure {
        Failure::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            "The request body is too large.",
            format!("Send at most {} bytes.", self.bytes),
        )
    }

    fn too_slow(self) -> Failure {
        Failure::new(
            StatusCode::REQUEST_TIMEOUT,
            "body_too_slow",
            "The request body took too long to arrive.",
            format!("Send it within {} seconds.", self.patience.as_secs()),
        )
    }
}

fn refuse(failure: &Failure, asked: &Asked) -> Box<Response> {
    let mut answer = failure.answer(asked);
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    Box::new(answer)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::text;
    use axum::Router;
    use axum::extract::State;
    use axum::middleware::{Next, from_fn_with_state};
    use axum::routing::post;
    use tower::ServiceExt as _;

    async fn enforce(State(limit): State<BodyLimit>, request: Request, next: Next) -> Response {
        match limit.read(request).await {
            Ok(request) => next.run(request).await,
            Err(refusal) => *refusal,
        }
    }

    async fn post_body(limit: BodyLimit, body: Body, length: Option<&str>) -> Response {
        let router = Router::new()
            .route("/", post(|body: String| async move { body }))
            .layer(from_fn_with_state(limit, enforce));
        let mut request = Request::post("/");
        if let Some(length) = length {
            request = request.header(CONTENT_LENGTH, length);
        }
        router.oneshot(request.body(body).unwrap()).await.unwrap()
    }

    /// A body of unknown length.
    fn unannounced(text: &'static str) -> Body {
        Body::new(http_body_util::BodyExt::boxed_unsync(http_body_util::StreamBody::new(Chunks(Some(text)))))
    }

    struct Chunks(Option<&'static str>);

    impl futures_util::Stream for Chunks {
        type Item = Result<hyper::body::Frame<bytes::Bytes>, std::convert::Infallible>;

        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            std::task::Poll::Ready(self.0.take().map(|text| Ok(hyper::body::Frame::data(text.into()))))
        }
    }

    /// A body that never ends.
    struct Silence;

    impl futures_util::Stream for Silence {
        type Item = Result<hyper::body::Frame<bytes::Bytes>, std::convert::Infallible>;

        fn poll_next(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            std::task::Poll::Pending
        }
    }

    #[tokio::test]
    async fn size_is_bounded_whether_announced_or_not() {
        let limit = BodyLimit::bytes(4);
        for (body, length, status) in [
            (Body::from("1234"), None, 200),
            (Body::from("12345"), None, 413),
            (Body::from("1"), Some("5"), 413),
            (unannounced("1234"), None, 200),
            (unannounced("12345"), None, 413),
            (Body::empty(), None, 200),
        ] {
            let answer = post_body(limit, body, length).await;
            assert_eq!(answer.status(), status);
            if status == 413 {
                assert!(text(answer).await.contains("at most 4 bytes"));
            }
        }
    }

    /// DOS-001
    #[tokio::test]
    async fn a_slow_body_is_given_up() {
        let limit = BodyLimit::bytes(4).within(Duration::from_millis(20));
        let body = Body::new(http_body_util::StreamBody::new(Silence));
        assert_eq!(post_body(limit, body, None).await.status(), 408);
    }
}
