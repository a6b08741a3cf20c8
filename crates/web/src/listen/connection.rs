//! One connection: which language it speaks, and the requests on it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::FromRequestParts;
use http::request::Parts;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor};
use tower::ServiceExt as _;

use super::validation::name_asked_for;
use super::{Proxies, Rules, Validations};

/// Who is at the other end of the connection. Extractable; `None` in tests without a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The address connected from; behind a proxy that is believed (see [`Proxies`]), the address that it speaks for.
    pub address: IpAddr,
    /// Whether the connection is encrypted by us.
    pub tls: bool,
}

impl<S: Send + Sync> axum::extract::OptionalFromRequestParts<S> for Peer {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().copied())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = http::StatusCode;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().copied().ok_or(http::StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// The first byte of a TLS record that carries a ClientHello (RFC 8446 section 5.1, `handshake`).
const TLS_HANDSHAKE: u8 = 0x16;

/// Speaks on connections by one set of rules.
pub(super) struct Speaker {
    router: Router,
    /// What answers who speaks in the clear.
    in_the_clear: Router,
    http: http1::Builder,
    tls: Option<TlsAcceptor>,
    validations: Option<Arc<dyn Validations>>,
    proxies: Proxies,
    head_within: Duration,
    stopped: watch::Receiver<bool>,
}

impl Speaker {
    pub(super) fn new(router: Router, rules: &Rules, stopped: watch::Receiver<bool>) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(rules.head_within)
            .max_header_size(rules.head_bytes)
            // The buffer must hold a whole head; hyper wants 8 KiB at least.
            .max_buf_size(rules.head_bytes.max(8 * 1024));
        let tls = rules.tls.clone().map(TlsAcceptor::from);
        let refuses = tls.is_some() && rules.tls_only;
        let in_the_clear = if refuses { Router::new().fallback(https_only) } else { router.clone() };
        let (validations, proxies, head_within) = (rules.validations.clone(), rules.proxies.clone(), rules.head_within);
        Self { router, in_the_clear, http, tls, validations, proxies, head_within, stopped }
    }

    pub(super) async fn talk(&self, stream: TcpStream, address: SocketAddr) {
        let mut stopped = self.stopped.clone();
        let opened = tokio::select! {
            opened = timeout(self.head_within, self.open(stream)) => opened,
            () = end_of(&mut stopped) => return,
        };
        match opened {
            Ok(Some(Opened::Plain(stream))) => self.answer(stream, &self.in_the_clear, (address.ip(), false)).await,
            Ok(Some(Opened::Tls(stream))) => self.answer(stream, &self.router, (address.ip(), true)).await,
            Ok(Some(Opened::Validated)) => tracing::debug!(from = %address.ip(), "a name was validated"),
            Ok(None) => {
                tracing::debug!("a connection opened in neither HTTP nor TLS as configured")
            }
            Err(_) => tracing::debug!("a connection said nothing in time"),
        }
    }

    /// Finds out the language by the first byte and shakes hands if it is TLS.
    async fn open(&self, stream: TcpStream) -> Option<Opened> {
        let mut first = [0];
        if stream.peek(&mut first).await.ok()? == 0 {
            return None;
        }
        // Answers are written whole; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        if first != [TLS_HANDSHAKE] {
            return Some(Opened::Plain(stream));
        }
        let tls = self.tls.as_ref()?;
        match &self.validations {
            None => Some(Opened::Tls(Box::new(tls.accept(stream).await.ok()?))),
            Some(validations) => validated_or_spoken_to(stream, tls, validations.as_ref()).await,
        }
    }

    async fn answer<IO: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: IO,
        router: &Router,
        (from, tls): (IpAddr, bool),
    ) {
        let service = service_fn(|request: http::Request<Incoming>| {
            let mut request = request.map(Body::new);
            let address = self.proxies.client(from, request.headers());
            request.extensions_mut().insert(Peer { address, tls });
            router.clone().oneshot(request)
        });
        let mut conversation = std::pin::pin!(self.http.serve_connection(TokioIo::new(stream), service));
        let mut stopped = self.stopped.clone();
        let ended = tokio::select! {
            ended = conversation.as_mut() => ended,
            () = end_of(&mut stopped) => {
                conversation.as_mut().graceful_shutdown();
                conversation.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended badly");
        }
    }
}

/// Shakes hands: with a certificate authority that looks whether a name is ours, to show it that and say goodbye (RFC 8737
/// section 3), or with anybody else.
async fn validated_or_spoken_to(stream: TcpStream, tls: &TlsAcceptor, validations: &dyn Validations) -> Option<Opened> {
    let begun = LazyConfigAcceptor::new(Acceptor::default(), stream).await.ok()?;
    let Some(name) = name_asked_for(&begun.client_hello()) else {
        return Some(Opened::Tls(Box::new(begun.into_stream(tls.config().clone()).await.ok()?)));
    };
    let shown = validations.answer(name).await?;
    let mut stream = begun.into_stream(shown).await.ok()?;
    let _gone = stream.shutdown().await;
    Some(Opened::Validated)
}

/// To a program that speaks in the clear where it must not: whatever it sent has been heard by others already.
async fn https_only() -> impl axum::response::IntoResponse {
    let text = "This port speaks https only: begin the address with https://\n";
    (http::StatusCode::BAD_REQUEST, [(http::header::CONNECTION, "close")], text)
}

/// Resolves when the listener stops, or is gone.
async fn end_of(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

enum Opened {
    Plain(TcpStream),
    Tls(Box<tokio_rustls::server::TlsStream<TcpStream>>),
    /// A certificate authority, which has seen what it wanted to see.
    Validated,
}
