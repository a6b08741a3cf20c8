//! The directory of a certificate authority, as instant-acme sees it: requests leave through Sayso's own room.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER, USER_AGENT};
use http_body_util::BodyExt as _;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use sayso_connections::fetch::NamedServer;
use sayso_token::time::{Clock, Lifetime};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// The directory. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Directory {
    server: NamedServer,
    clock: Arc<dyn Clock>,
    /// How long the last refusal asked to wait.
    wished: Arc<Mutex<Option<Lifetime>>>,
}

impl Directory {
    pub(crate) fn new(server: NamedServer, clock: Arc<dyn Clock>) -> Self {
        Self { server, clock, wished: Arc::default() }
    }

    /// How long the last refusal asked to wait (RFC 8555 section 6.6), told once.
    pub(crate) fn wished(&self) -> Option<Lifetime> {
        self.wished.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn exchange(self, request: http::Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, Error> {
        let (mut parts, body) = request.into_parts();
        // The room's own name stands there.
        parts.headers.remove(USER_AGENT);
        let Ok(body) = body.collect().await;
        let answer = self.server.exchange(http::Request::from_parts(parts, body.to_bytes())).await;
        let (parts, body) = answer.map_err(|error| Error::Other(Box::new(error)))?.into_parts();
        if parts.status.is_client_error() || parts.status.is_server_error() {
            let wished = wish(&parts.headers, self.clock.now().seconds());
            *self.wished.lock().unwrap_or_else(PoisonError::into_inner) = wished;
            let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            // Something between here and there answered; there is nothing to be parsed.
            if !kind.to_ascii_lowercase().contains("json") {
                return Err(Error::Other(format!("it answered with status {}", parts.status.as_u16()).into()));
            }
        }
        Ok(BytesResponse { parts, body: Box::new(body) })
    }
}

impl HttpClient for Directory {
    fn request(
        &self,
        request: http::Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        Box::pin(self.clone().exchange(request))
    }
}

/// What `Retry-After` says, in seconds or as a date (RFC 9110 section 10.2.3); `now` in seconds since 1970.
fn wish(headers: &HeaderMap, now: i64) -> Option<Lifetime> {
    let written = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = match written.parse::<u32>() {
        Ok(seconds) => i64::from(seconds),
        Err(_) => OffsetDateTime::parse(written, &Rfc2822).ok()?.unix_timestamp().saturating_sub(now),
    };
    Some(Lifetime::from_seconds(u32::try_from(seconds.max(0)).unwrap_or(u32::MAX)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_to_wait_is_read_in_both_ways() {
        for (written, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Thu, 01 Jan 1970 00:10:00 GMT", Some(500)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(u32::MAX)),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, written.parse().unwrap());
            assert_eq!(wish(&headers, 100), seconds.map(Lifetime::from_seconds), "{written:?}");
        }
        assert_eq!(wish(&HeaderMap::new(), 100), None);
    }
}
