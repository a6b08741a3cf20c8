//! One connection of a caller, kept alive, HTTP/1.1.

use std::net::SocketAddr;

use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::fault::Fault;

/// Asks one thing after the other; a connection that broke is replaced at the next.
pub(crate) struct Exchange {
    address: SocketAddr,
    open: Option<SendRequest<Full<Bytes>>>,
}

impl Exchange {
    pub(crate) fn with(address: SocketAddr) -> Self {
        Self { address, open: None }
    }

    /// The body of the answer, if its status is 200.
    pub(crate) async fn ask(&mut self, request: Request<Full<Bytes>>) -> Result<Bytes, Fault> {
        let mut connection = match self.open.take() {
            // The server gives an idle connection up after some seconds.
            Some(connection) if !connection.is_closed() => connection,
            _ => self.connect().await?,
        };
        connection.ready().await.map_err(|_| Fault::Connection)?;
        let answer = connection.send_request(request).await.map_err(|_| Fault::Connection)?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.map_err(|_| Fault::Connection)?.to_bytes();
        self.open = Some(connection);
        if status == 200 { Ok(body) } else { Err(Fault::Status(status)) }
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Fault> {
        let stream = TcpStream::connect(self.address).await.map_err(|_| Fault::Connection)?;
        stream.set_nodelay(true).map_err(|_| Fault::Connection)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|_| Fault::Connection)?;
        tokio::spawn(async move {
            // How it ended is told to whoever sends next.
            let _ = connection.await;
        });
        Ok(sender)
    }
}
