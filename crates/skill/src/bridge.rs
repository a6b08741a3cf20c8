//! A live bridge: requests of a real device to the skill on this machine, without a public address.
//!
//! It speaks the protocol of `ask run`: a websocket to Amazon, over which the requests of the developer's own devices come to the
//! skill's development stage. There is no signature on this channel; that it is Amazon who sends is TLS, and that it is for this
//! developer is the token of Login with Amazon. The skill id is checked as ever.
//!
//! The skill has to be in Alexa's console, with its model built; where its endpoint points to does not matter meanwhile. The token is made by
//! `ask util generate-lwa-tokens --scopes alexa::ask:skills:debug`, and lasts an hour, as the line does:
//!
//! ```no_run
//! use sayso_skill::bridge::{Bridge, Region};
//! use sayso_skill::token::secret::Secret;
//!
//! # async fn main_of_a_skill(skill: sayso_skill::Skill) -> Result<(), Box<dyn std::error::Error>> {
//! let token = Secret::new(std::env::var("LWA_TOKEN")?);
//! let bridge = Bridge::to_amazon(Region::Europe, "amzn1.ask.skill.…", token);
//! // Until Ctrl-C; "Alexa, open …" to a device of the developer's own account is answered by this process.
//! bridge.run(&skill, async { tokio::signal::ctrl_c().await.unwrap_or_default() }).await?;
//! # Ok(())
//! # }
//! ```

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt as _, StreamExt as _};
use rustls::{ClientConfig, RootCertStore};
use sayso_alexa::envelope::RequestEnvelope;
use sayso_token::secret::Secret;
use serde::{Deserialize, Serialize};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{Connector, connect_async_tls_with_config};

use crate::outside::is_secure;
use crate::skill::Skill;

/// Amazon closes a line on which nothing moves.
const PING_EVERY: Duration = Duration::from_secs(5 * 60);
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
const LARGEST_MESSAGE: usize = 1024 * 1024;

/// Which of Amazon's regions the developer's devices are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// North America.
    NorthAmerica,
    /// Europe and India.
    Europe,
    /// Japan and Australia.
    FarEast,
}

impl Region {
    fn code(self) -> &'static str {
        match self {
            Self::NorthAmerica => "na",
            Self::Europe => "eu",
            Self::FarEast => "fe",
        }
    }
}

/// The line to Amazon.
#[derive(Clone, Debug)]
pub struct Bridge {
    url: String,
    token: Secret,
}

/// Why the bridge is down.
#[derive(Debug, thiserror::Error)]
pub enum BridgeDown {
    /// The address is neither `wss` nor `ws` on this machine.
    #[error("the bridge must be wss, or ws on this machine")]
    Insecure,
    /// The token cannot stand in a header.
    #[error("the token is not one of Login with Amazon's")]
    BadToken,
    /// No line could be opened in time. A wrong or outdated token ends here too.
    #[error("no line to Amazon: {0}; is the token fresh, and the skill's development stage enabled?")]
    Unreachable(String),
    /// The line broke. After an hour Amazon closes it: open it again.
    #[error("the line was closed")]
    Closed,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Incoming {
    #[serde(default)]
    version: Option<String>,
    request_id: String,
    /// The request envelope, as JSON in a text.
    request_payload: String,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
enum Outgoing {
    SkillResponseSuccessMessage {
        version: String,
        original_request_id: String,
        response_payload: String,
    },
    SkillResponseFailureMessage {
        version: String,
        original_request_id: String,
        error_code: String,
        error_message: String,
    },
}

impl Bridge {
    /// To the development stage of a skill; `token` is an access token of Login with Amazon with the scope
    /// `alexa::ask:skills:debug`, as `ask util generate-lwa-tokens` makes them.
    #[must_use]
    pub fn to_amazon(region: Region, skill_id: &str, token: Secret) -> Self {
        let host = format!("bob-dispatch-prod-{}.amazon.com", region.code());
        Self::at(format!("wss://{host}/v1/skills/{skill_id}/stages/development/connectCustomDebugEndpoint"), token)
    }

    /// To another address that speaks the same protocol.
    #[must_use]
    pub fn at(url: impl Into<String>, token: Secret) -> Self {
        Self { url: url.into(), token }
    }

    /// Answers requests until `end` is over or the line breaks; each on its own, so that a slow one holds up no other.
    ///
    /// # Errors
    /// There is no line, or none any more.
    pub async fn run(&self, skill: &Skill, end: impl Future<Output = ()> + Send) -> Result<(), BridgeDown> {
        let connecting = tokio::time::timeout(CONNECT_WITHIN, self.connect());
        let mut line = connecting.await.map_err(|_| BridgeDown::Unreachable("no answer".to_owned()))??;
        tracing::info!("the bridge is up");
        let mut end = pin!(end);
        let mut answers = FuturesUnordered::new();
        let mut ping = tokio::time::interval_at(tokio::time::Instant::now() + PING_EVERY, PING_EVERY);
        loop {
            let to_send = tokio::select! {
                () = &mut end => break,
                _ = ping.tick() => Message::Ping(Bytes::new()),
                Some(answer) = answers.next(), if !answers.is_empty() => Message::text(answer),
                incoming = line.next() => match incoming {
                    Some(Ok(Message::Text(text))) => {
                        match serde_json::from_str(&text) {
                            Ok(incoming) => answers.push(answer(skill, incoming)),
                            Err(_) => tracing::warn!("a message that is no request was passed over"),
                        }
                        continue;
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(BridgeDown::Closed),
                    Some(Ok(_)) => continue,
                },
            };
            line.send(to_send).await.map_err(|_| BridgeDown::Closed)?;
        }
        // The other side learns that this was on purpose; whether it hears it does not matter.
        let _ = line.close(None).await;
        Ok(())
    }

    async fn connect(
        &self,
    ) -> Result<tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>, BridgeDown>
    {
        // The same rule as for HTTP: encrypted, or on this machine.
        if !is_secure(&self.url.replacen("ws", "http", 1)) {
            return Err(BridgeDown::Insecure);
        }
        let mut request = self.url.as_str().into_client_request().map_err(|_| BridgeDown::Insecure)?;
        let mut token = HeaderValue::from_str(self.token.expose()).map_err(|_| BridgeDown::BadToken)?;
        token.set_sensitive(true);
        request.headers_mut().insert("authorization", token);
        let config = WebSocketConfig::default().max_message_size(Some(LARGEST_MESSAGE));
        let connector = tls().map(|tls| Connector::Rustls(Arc::new(tls)));
        // An error's text names no more than the status.
        let unreachable = |error: tokio_tungstenite::tungstenite::Error| BridgeDown::Unreachable(error.to_string());
        let (line, _) =
            connect_async_tls_with_config(request, Some(config), false, connector).await.map_err(unreachable)?;
        Ok(line)
    }
}

fn tls() -> Option<ClientConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    Some(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Answers one request; one that is refused, or none at all, gets a failure.
async fn answer(skill: &Skill, incoming: Incoming) -> String {
    let version = incoming.version.unwrap_or_else(|| "1.0".to_owned());
    let original_request_id = incoming.request_id;
    let outcome = match RequestEnvelope::from_slice(incoming.request_payload.as_bytes()) {
        Ok(envelope) => skill.answer(envelope).await.map_err(|refused| refused.reason().to_owned()),
        Err(_) => Err("body_malformed".to_owned()),
    };
    let outgoing =
        match outcome.and_then(|response| serde_json::to_string(&response).map_err(|_| "response".to_owned())) {
            Ok(response_payload) => {
                Outgoing::SkillResponseSuccessMessage { version, original_request_id, response_payload }
            }
            Err(error_message) => {
                tracing::warn!(reason = %error_message, "a request over the bridge was refused");
                let error_code = "500".to_owned();
                Outgoing::SkillResponseFailureMessage { version, original_request_id, error_code, error_message }
            }
        };
    serde_json::to_string(&outgoing).unwrap_or_default()
}
