//! Requests to a server that the operator has named: a certificate authority.
//!
//! Nobody else chose the address, so it may be in a private network. Everything else is as in the rest of the room: https
//! only, no redirect, no proxy, bounded size and time.

use std::error::Error;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::{BadOutgoing, Outgoing, builder};

/// From the first look at the name to the last byte of the answer. Nobody waits for it at a page.
const DEADLINE: Duration = Duration::from_secs(30);
/// The most bytes that are read of an answer. A chain of certificates has some ten thousand.
const LARGEST_ANSWER: usize = 256 * 1024;

/// Why there is no answer, with the causes: the address is the operator's own, and they are whom it is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAnswered(String);

/// Sends them. Clones share connections.
#[derive(Clone, Debug)]
pub struct NamedServer {
    client: reqwest::Client,
}

impl NamedServer {
    /// Sets it up. The server is believed by the public authorities' certificates and these (PEM).
    ///
    /// # Errors
    /// What cannot be used.
    pub fn new(extra_ca: Option<Vec<u8>>) -> Result<Self, BadOutgoing> {
        let settings = Outgoing { extra_ca, loopback: true };
        let client = builder(&settings)?.timeout(DEADLINE).build();
        Ok(Self { client: client.map_err(|error| BadOutgoing::Tls(error.to_string()))? })
    }

    /// What it answers, whatever the status.
    ///
    /// # Errors
    /// [`NotAnswered`], also where the address is not https, or the answer too long.
    pub async fn exchange(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, NotAnswered> {
        let request = reqwest::Request::try_from(request).map_err(|error| NotAnswered(with_causes(&error)))?;
        let mut answer = self.client.execute(request).await.map_err(|error| NotAnswered(with_causes(&error)))?;
        let mut body = BytesMut::new();
        while let Some(part) = answer.chunk().await.map_err(|error| NotAnswered(with_causes(&error)))? {
            if body.len() + part.len() > LARGEST_ANSWER {
                return Err(NotAnswered(format!("the answer has more than {LARGEST_ANSWER} bytes")));
            }
            body.extend_from_slice(&part);
        }
        let mut response = http::Response::new(body.freeze());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

/// The error, what caused it, and what caused that.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = cause.source();
    }
    text
}
