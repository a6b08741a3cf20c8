//! A node that can be asked: the server's routes in this process, or a running `sayso serve`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use http::header::{CONTENT_TYPE, HOST, RETRY_AFTER};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use sayso_authority::wire::query::with_parameters;
use sayso_server::{Server, Settings};
use sayso_store::Store;
use sayso_testkit::SeededEntropy;
use sayso_token::time::Clock;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::history::short;
use crate::house::{self, Form};

/// What the address of every node in this process is called.
const ISSUER: &str = "https://wear.example";
const HOST_HERE: &str = "wear.example";
/// The master key that all nodes in this process share.
const MASTER: [u8; 32] = [7; 32];
const FORM: &str = "application/x-www-form-urlencoded";
/// Longer than any answer takes; whoever waits longer hears nothing.
const PATIENCE: Duration = Duration::from_secs(20);

/// A node. Clones ask the same one.
#[derive(Clone, Debug)]
pub enum Node {
    /// Routes in this process, without a socket.
    Here(Router),
    /// A process that listens, and the host it is asked as.
    There(reqwest::Client, SocketAddr, String),
}

/// An answer that was received whole.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After`, if it was sent.
    pub retry_after: Option<String>,
    /// The body.
    pub body: String,
}

impl Answer {
    /// A field of the JSON in the body; empty when it is not there.
    pub fn text(&self, field: &str) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        body.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The refresh token of a successful answer.
    pub fn refresh_token(&self) -> Option<String> {
        (self.status == 200).then(|| self.text("refresh_token")).filter(|token| !token.is_empty())
    }

    /// Whether it is that OAuth error.
    pub fn is_error(&self, status: u16, error: &str) -> bool {
        self.status == status && self.text("error") == error
    }

    /// Whether the caller is told to come again later, and when.
    pub fn is_unavailable(&self) -> bool {
        self.status == 503 && self.retry_after.is_some()
    }

    /// In few words, for a history.
    pub fn brief(&self) -> String {
        match self.refresh_token() {
            Some(token) => format!("200 {}", short(&token)),
            None => format!("{} {}", self.status, self.text("error")),
        }
    }
}

impl Node {
    /// The server's routes in this process on that store. Nodes on one database need different seeds.
    ///
    /// # Errors
    /// The server cannot be opened.
    pub async fn here(store: &Store, clock: Arc<dyn Clock>, seed: u64) -> anyhow::Result<Self> {
        let settings = Settings {
            authorities: vec![house::authority(ISSUER)],
            attributes: Vec::new(),
            store: store.clone(),
            masters: MASTER.into(),
            clock,
            entropy: SeededEntropy::shared(seed),
            overrides: None,
            admin: None,
            outgoing: sayso_server::Outgoing::default(),
            connection_secrets: sayso_server::ConnectionSecrets::none(),
        };
        Ok(Self::Here(Server::open(settings).await?.router()))
    }

    /// A process that listens there and answers to `host`.
    ///
    /// # Errors
    /// There can be no client.
    pub fn there(address: SocketAddr, host: &str) -> anyhow::Result<Self> {
        // A second call would only find it there.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .context("no HTTP client")?;
        Ok(Self::There(client, address, host.to_owned()))
    }

    /// Posts a form.
    ///
    /// # Errors
    /// No answer came, or not the whole of it.
    pub async fn post(&self, path: &str, form: &Form) -> anyhow::Result<Answer> {
        let pairs: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let body = with_parameters("?", &pairs).split_off(1);
        self.send(Request::post(path).header(CONTENT_TYPE, FORM), body).await
    }

    /// Gets a page, with that `Cookie` header unless it is empty.
    ///
    /// # Errors
    /// As [`Node::post`].
    pub async fn get(&self, path: &str, cookie: &str) -> anyhow::Result<Answer> {
        let mut request = Request::get(path).header("accept", "text/html");
        if !cookie.is_empty() {
            request = request.header("cookie", cookie);
        }
        self.send(request, String::new()).await
    }

    async fn send(&self, request: http::request::Builder, body: String) -> anyhow::Result<Answer> {
        match self {
            Self::Here(router) => {
                let request = request.header(HOST, HOST_HERE).body(Body::from(body))?;
                let (head, body) = router.clone().oneshot(request).await?.into_parts();
                let bytes = body.collect().await?.to_bytes();
                answer(head.status, head.headers.get(RETRY_AFTER), String::from_utf8(bytes.to_vec())?)
            }
            Self::There(client, address, host) => {
                let mut request = request.header(HOST, host.as_str()).body(body)?;
                *request.uri_mut() = format!("http://{address}{}", request.uri()).parse()?;
                let reply = client.execute(request.try_into()?).await?;
                let (status, retry_after) = (reply.status(), reply.headers().get(RETRY_AFTER).cloned());
                answer(status, retry_after.as_ref(), reply.text().await?)
            }
        }
    }
}

fn answer(status: StatusCode, retry_after: Option<&http::HeaderValue>, body: String) -> anyhow::Result<Answer> {
    let retry_after = retry_after.and_then(|value| value.to_str().ok()).map(str::to_owned);
    Ok(Answer { status: status.as_u16(), retry_after, body })
}
