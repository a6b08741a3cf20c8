//! Sending a request and noting what travelled.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use sayso_token::time::Clock;
use serde_json::Value;
use tokio::time::Instant;

use crate::envelope::iso_millis;
use crate::news::Asked;
use crate::trace::{Hop, RequestShown, ResponseShown};

/// Sends requests. It follows no redirect and uses no proxy.
#[derive(Clone)]
pub(crate) struct Outbound {
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
}

/// A request to send.
pub(crate) struct Outgoing<'a> {
    pub(crate) title: &'a str,
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) url: url::Url,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// The body as the trace shows it.
    pub(crate) shown: Value,
    pub(crate) limit: Duration,
    /// Most bytes read of the answer.
    pub(crate) largest: usize,
}

/// What came back.
pub(crate) struct Incoming {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// Why nothing usable came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// No connection, or it broke.
    Unreachable,
    /// No answer in time.
    TooSlow,
    /// More bytes than are read.
    TooLarge,
}

impl Outbound {
    /// Makes the client.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Result<Self, String> {
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            // What the field has logged of Amazon's token requests.
            .user_agent("Apache-HttpClient/4.5.x (Java/1.8.0)")
            .pool_idle_timeout(Duration::from_secs(20))
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { client, clock })
    }

    /// Sends a GET request that belongs to no turn.
    pub(crate) async fn get(&self, url: url::Url, limit: Duration, largest: usize) -> Result<Incoming, Lost> {
        let sent = self.client.get(url).header("accept", "text/html, application/json;q=0.9, */*;q=0.8");
        tokio::time::timeout(limit, receive(sent, largest)).await.unwrap_or(Err(Lost::TooSlow))
    }

    /// Sends a POST request; the hop tells what travelled, whatever came of it.
    pub(crate) async fn post(&self, outgoing: Outgoing<'_>) -> (Result<Incoming, Lost>, Hop) {
        let began = Instant::now();
        let mut headers = HeaderMap::new();
        for (name, value) in &outgoing.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(*name), HeaderValue::from_str(value)) {
                headers.insert(name, value);
            }
        }
        let mut hop = Hop {
            title: outgoing.title.to_owned(),
            from: outgoing.from.to_owned(),
            to: outgoing.to.to_owned(),
            at: Some(iso_millis(self.clock.now())),
            request: Some(RequestShown {
                method: "POST".into(),
                url: outgoing.url.to_string(),
                headers: shown_headers(&headers),
                body: outgoing.shown,
            }),
            ..Hop::default()
        };
        let asked = Asked::now(&hop);
        let sent = self.client.post(outgoing.url).headers(headers).body(outgoing.body);
        let answered = tokio::time::timeout(outgoing.limit, receive(sent, outgoing.largest)).await;
        hop.took(began.elapsed());
        let result = answered.unwrap_or(Err(Lost::TooSlow));
        match &result {
            Ok(incoming) => {
                hop.response = Some(ResponseShown {
                    status: incoming.status,
                    headers: shown_headers(&incoming.headers),
                    body: shown_body(&incoming.body),
                });
            }
            Err(lost) => {
                hop.note = Some(match lost {
                    Lost::Unreachable => "No answer: nothing listens there, or the connection broke.".into(),
                    Lost::TooSlow => format!("No answer within {} seconds.", outgoing.limit.as_secs_f32()),
                    Lost::TooLarge => format!("The answer is larger than {} bytes.", outgoing.largest),
                });
            }
        }
        asked.answered(&hop);
        (result, hop)
    }
}

async fn receive(request: reqwest::RequestBuilder, largest: usize) -> Result<Incoming, Lost> {
    let mut response = request.send().await.map_err(|_| Lost::Unreachable)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Lost::Unreachable)? {
        if body.len() + chunk.len() > largest {
            return Err(Lost::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Incoming { status: response.status().as_u16(), headers: response.headers().clone(), body })
}

fn shown_headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let shown = headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    // What console and skill tell one another of the turn is no part of it.
    shown.filter(|(name, _)| !name.starts_with("sayso-")).collect()
}

/// JSON where it is JSON, else text.
pub(crate) fn shown_body(body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into_owned().into())
}

impl Incoming {
    /// A header line as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
