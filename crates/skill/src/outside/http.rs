//! Fetching over HTTP with one pooled client.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::BytesMut;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};

use super::{Fetch, FetchFailed, Fetched, Outgoing};
use crate::trace::TRACE_HEADER;

/// The TLS client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("the TLS client cannot be set up: {0}")]
pub struct NoTls(String);

/// An HTTP client that trusts the public roots, follows no redirect and uses no proxy of the environment.
#[derive(Clone, Debug)]
pub struct HttpFetch {
    client: reqwest::Client,
}

impl HttpFetch {
    /// Sets the client up.
    ///
    /// # Errors
    /// The TLS client cannot be set up.
    pub fn new() -> Result<Self, NoTls> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| NoTls(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(Policy::none())
            .no_proxy()
            .user_agent(concat!("sayso-skill/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| NoTls(error.to_string()))?;
        Ok(Self { client })
    }
}

#[async_trait]
impl Fetch for HttpFetch {
    async fn fetch(&self, request: Outgoing) -> Result<Fetched, FetchFailed> {
        let mut outgoing = match &request.form {
            None => self.client.get(&request.url),
            Some(form) => {
                let outgoing = self.client.post(&request.url).header(CONTENT_TYPE, form.content_type);
                outgoing.body(form.body.expose().to_owned())
            }
        };
        if let Some(authorization) = &request.authorization {
            let mut value = HeaderValue::from_str(authorization.expose()).map_err(|_| FetchFailed::Unreachable)?;
            value.set_sensitive(true);
            outgoing = outgoing.header(AUTHORIZATION, value);
        }
        // The client's deadline covers the body too.
        outgoing = outgoing.header(ACCEPT, request.accept).timeout(request.deadline);
        let mut answer = outgoing.send().await.map_err(failed)?;
        let status = answer.status().as_u16();
        let trace = answer.headers().get(TRACE_HEADER).and_then(|trace| trace.to_str().ok()).map(str::to_owned);
        let mut body = BytesMut::new();
        while let Some(part) = answer.chunk().await.map_err(failed)? {
            if body.len() + part.len() > request.largest_body {
                return Err(FetchFailed::TooLarge);
            }
            body.extend_from_slice(&part);
        }
        Ok(Fetched { status, body: body.freeze(), trace })
    }
}

/// Only the kind of an error is kept: its text would name the address, and with it whatever the address holds.
fn failed(error: reqwest::Error) -> FetchFailed {
    if error.is_timeout() { FetchFailed::TooSlow } else { FetchFailed::Unreachable }
}
