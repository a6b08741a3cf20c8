//! Listening: plain HTTP/1.1 and, on the same port, TLS.

pub mod certificates;
mod connection;
mod proxies;
mod shown;
mod validation;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::rustls::ServerConfig;

pub use connection::Peer;
pub use proxies::{NoProxy, Proxies, ProxyHeader};
pub use shown::ShownCertificate;
pub use validation::{ACME_TLS, Answering, Validations};

/// A port taken, not yet served.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

/// Why a port could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum CannotListen {
    /// Another program has the port.
    #[error(
        "port {} on {} is already taken by another program (perhaps another sayso); stop that one or choose another port",
        .0.port(), .0.ip()
    )]
    Taken(SocketAddr),
    /// The operating system forbids it, as for ports under 1024.
    #[error("not allowed to listen on port {} of {}; ports under 1024 need privileges, choose a higher one", .0.port(), .0.ip())]
    Forbidden(SocketAddr),
    /// The address does not belong to this machine.
    #[error("{} is not an address of this machine; use 127.0.0.1 for this machine only or 0.0.0.0 for all its networks", .0.ip())]
    NotOurs(SocketAddr),
    /// Anything else.
    #[error("cannot listen on {0}: {1}")]
    Other(SocketAddr, #[source] io::Error),
}

/// Takes the port; [`Listener::serve`] answers on it.
///
/// # Errors
/// Says which port and what to do.
pub async fn bind(address: SocketAddr) -> Result<Listener, CannotListen> {
    let refused = |error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => CannotListen::Taken(address),
        io::ErrorKind::PermissionDenied => CannotListen::Forbidden(address),
        io::ErrorKind::AddrNotAvailable => CannotListen::NotOurs(address),
        _ => CannotListen::Other(address, error),
    };
    let socket = TcpListener::bind(address).await.map_err(refused)?;
    let address = socket.local_addr().map_err(refused)?;
    Ok(Listener { socket, address })
}

/// The bounds of connections, and whether the port speaks TLS too.
#[derive(Clone)]
pub struct Rules {
    /// A request's head must be complete within this time; also how long an idle connection is kept.
    pub head_within: Duration,
    /// The largest request head in bytes. Authorize requests carry `state` of several KiB in the URL.
    pub head_bytes: usize,
    /// Connections at once; further ones wait to be accepted.
    pub connections: usize,
    /// How long requests in progress may take after the end was asked for.
    pub grace: Duration,
    /// Answers TLS on the same port when set; a connection's first byte tells which it is.
    pub tls: Option<Arc<ServerConfig>>,
    /// Where TLS is set, what is asked in the clear hears only that it must not be.
    pub tls_only: bool,
    /// Who answers certificate authorities that look whether a name is ours, where TLS is set.
    pub validations: Option<Arc<dyn Validations>>,
    /// The proxies that are believed about whom they speak for.
    pub proxies: Proxies,
}

impl Default for Rules {
    /// 10 s, 64 KiB, 1024 connections, 5 s grace, no TLS, no proxy believed.
    fn default() -> Self {
        Self {
            head_within: Duration::from_secs(10),
            head_bytes: 64 * 1024,
            connections: 1024,
            grace: Duration::from_secs(5),
            tls: None,
            tls_only: false,
            validations: None,
            proxies: Proxies::default(),
        }
    }
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules")
            .field("head_within", &self.head_within)
            .field("head_bytes", &self.head_bytes)
            .field("connections", &self.connections)
            .field("grace", &self.grace)
            .field("tls", &self.tls.is_some())
            .field("tls_only", &self.tls_only)
            .field("validations", &self.validations.is_some())
            .field("proxies", &self.proxies)
            .finish()
    }
}

impl Listener {
    /// The address taken; tells the port when 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves `router` until `stop` resolves, then lets requests in progress finish within the grace. The peer is in
    /// the request's extensions as [`Peer`].
    pub async fn serve(self, router: Router, rules: Rules, stop: impl Future<Output = ()> + Send) {
        let places = Arc::new(Semaphore::new(rules.connections.max(1)));
        let (stopping, stopped) = watch::channel(false);
        let speaker = Arc::new(connection::Speaker::new(router, &rules, stopped));
        let mut talks = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            let place = tokio::select! {
                () = &mut stop => break,
                place = places.clone().acquire_owned() => place,
            };
            // The semaphore is never closed.
            let Ok(place) = place else { break };
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = self.socket.accept() => accepted,
            };
            match accepted {
                Ok((stream, address)) => {
                    let speaker = speaker.clone();
                    talks.spawn(async move {
                        speaker.talk(stream, address).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    // Out of file descriptors and the like: pause instead of spinning.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
            while talks.try_join_next().is_some() {}
        }
        drop(self.socket);
        let _ = stopping.send(true);
        let finish = async { while talks.join_next().await.is_some() {} };
        if tokio::time::timeout(rules.grace, finish).await.is_err() {
            tracing::warn!("requests still in progress were cut off");
        }
    }
}

#[cfg(test)]
mod tests;
