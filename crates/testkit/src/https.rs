//! Somebody else's https server on this machine, which answers as the test says and remembers what it was asked.

use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// All header lines, in lower case.
    pub head: String,
    /// The body.
    pub body: String,
}

type Answers = dyn Fn(&Asked) -> String + Send + Sync;

/// The server, for as long as it is held.
pub struct HttpsServer {
    /// The root that it is to be trusted by, in PEM.
    pub ca: String,
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: tokio::task::JoinHandle<()>,
}

impl HttpsServer {
    /// Starts one whose certificate is for `localhost`, 127.0.0.1 and `names`. `answer` writes the whole HTTP answer;
    /// see [`json_answer`].
    pub async fn start(names: &[&str], answer: impl Fn(&Asked) -> String + Send + Sync + 'static) -> Self {
        let (config, ca) = certified(names);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (acceptor, answer, seen) = (TlsAcceptor::from(Arc::new(config)), Arc::new(answer), asked.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, answer, seen) = (acceptor.clone(), answer.clone(), seen.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        serve(stream, &*answer, &seen).await;
                    }
                });
            }
        });
        Self { ca, port, asked, task }
    }

    /// An address of it.
    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for HttpsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A JSON document with that status.
pub fn json_answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

fn certified(names: &[&str]) -> (ServerConfig, String) {
    let mut root = CertificateParams::default();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_key = KeyPair::generate().unwrap();
    let ca = root.self_signed(&root_key).unwrap().pem();
    let issuer = Issuer::new(root, root_key);
    let names: Vec<String> = ["localhost", "127.0.0.1"].iter().chain(names).map(|name| (*name).to_owned()).collect();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    (builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap(), ca)
}

async fn serve(
    mut stream: tokio_rustls::server::TlsStream<tokio::net::TcpStream>,
    answer: &Answers,
    seen: &Mutex<Vec<Asked>>,
) {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            if body.len() >= length.unwrap_or(0) {
                let mut words = text.split(' ').map(str::to_owned);
                let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
                let asked = Asked { method, target, head, body: body.to_owned() };
                let answered = answer(&asked);
                seen.lock().unwrap().push(asked);
                let _gone = stream.write_all(answered.as_bytes()).await;
                let _gone = stream.shutdown().await;
                return;
            }
        }
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return,
            Ok(read) => bytes.extend_from_slice(part.get(..read).unwrap_or_default()),
        }
    }
}
