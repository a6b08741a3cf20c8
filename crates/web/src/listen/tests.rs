//! Real sockets: plain and TLS on one port, slow heads, long heads, a taken port, the end.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{PrivatePkcs8KeyDer, ServerName};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};

struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<()>,
}

async fn serve(rules: Rules) -> Served {
    let router = Router::new()
        .route("/", get(|peer: Peer| async move { if peer.tls { "over tls" } else { "in the clear" } }))
        .route("/from", get(|peer: Peer| async move { peer.address.to_string() }))
        .route(
            "/slow",
            get(|| async {
                tokio::time::sleep(Duration::from_millis(200)).await;
                "at last"
            }),
        );
    let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.address();
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = tokio::spawn(listener.serve(router, rules, async move {
        let _ = stopped.await;
    }));
    Served { address, stop, ended }
}

async fn exchange(mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A peer that closes without TLS goodbye ends the answer as well.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

fn certificate() -> (Arc<ServerConfig>, ClientConfig) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(aws_lc_rs::default_provider());
    let server = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server), client)
}

#[tokio::test]
async fn one_port_speaks_plain_and_tls() {
    let (tls, client) = certificate();
    let served = serve(Rules { tls: Some(tls), ..Rules::default() }).await;
    let plain = exchange(TcpStream::connect(served.address).await.unwrap(), GET).await;
    assert!(plain.ends_with("in the clear"), "{plain}");
    let stream = TcpStream::connect(served.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await.unwrap();
    let encrypted = exchange(stream, GET).await;
    assert!(encrypted.ends_with("over tls"), "{encrypted}");
}

#[tokio::test]
async fn where_only_tls_is_spoken_the_clear_is_refused_with_words() {
    let (tls, client) = certificate();
    let served = serve(Rules { tls: Some(tls), tls_only: true, ..Rules::default() }).await;
    let plain = exchange(TcpStream::connect(served.address).await.unwrap(), GET).await;
    assert!(plain.starts_with("HTTP/1.1 400 ") && plain.contains("speaks https only"), "{plain}");
    let stream = TcpStream::connect(served.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await.unwrap();
    assert!(exchange(stream, GET).await.ends_with("over tls"));
}

/// Knows what to show for one name.
struct Knows(&'static str, Arc<ServerConfig>);

impl Validations for Knows {
    fn answer(&self, name: String) -> Answering {
        let config = (name == self.0).then(|| self.1.clone());
        Box::pin(async move { config })
    }
}

#[tokio::test]
async fn a_name_is_validated_on_the_same_port_and_nobody_else_sees_what_is_shown_for_it() {
    let (tls, client) = certificate();
    let (shown, _) = certificate();
    let mut shown = ServerConfig::clone(&shown);
    shown.alpn_protocols = vec![ACME_TLS.to_vec()];
    let looks = |protocols: &[&[u8]], name: &'static str, trusting: &ClientConfig| {
        let mut config = trusting.clone();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        (TlsConnector::from(Arc::new(config)), ServerName::try_from(name).unwrap())
    };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let rules = Rules {
        tls: Some(tls),
        tls_only: true,
        validations: Some(Arc::new(Knows("localhost", Arc::new(shown)))),
        ..Rules::default()
    };
    let served = serve(rules).await;
    let nobody = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    for (protocols, name, trusting, what) in [
        (&[][..], "localhost", &client, Ok("over tls")),
        (&[b"http/1.1".as_slice()][..], "localhost", &client, Ok("over tls")),
        // What is shown for the validation is another certificate.
        (&[ACME_TLS][..], "localhost", &client, Err("invalid peer certificate")),
        (&[ACME_TLS][..], "localhost", &nobody, Err("invalid peer certificate")),
        (&[ACME_TLS][..], "other.example", &client, Err("eof")),
        // Who speaks HTTP as well validates nothing.
        (&[ACME_TLS, b"http/1.1".as_slice()][..], "localhost", &client, Ok("over tls")),
    ] {
        let (connector, name) = looks(protocols, name, trusting);
        let stream = TcpStream::connect(served.address).await.unwrap();
        match (connector.connect(name, stream).await, what) {
            (Ok(stream), Ok(words)) => {
                let answer = exchange(stream, GET).await;
                assert!(answer.ends_with(words), "{protocols:?}: {answer}");
            }
            (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{protocols:?}: {error}"),
            (connected, _) => panic!("{protocols:?}: {connected:?}"),
        }
    }
}

/// Until there is a certificate, nothing is shown in its place; then connections are answered without a restart.
#[tokio::test]
async fn without_a_certificate_handshakes_are_refused_until_there_is_one() {
    let (_, client) = certificate();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = client.crypto_provider().clone();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(client));
    let shown = ShownCertificate::none_yet();
    let rules = Rules { tls: Some(shown.server_config().unwrap()), tls_only: true, ..Rules::default() };
    let served = serve(rules).await;
    let connect = async || {
        let stream = TcpStream::connect(served.address).await.unwrap();
        connector.connect(ServerName::try_from("localhost").unwrap(), stream).await
    };
    let refused = connect().await.unwrap_err().to_string();
    assert!(refused.contains("AccessDenied"), "{refused}");
    let plain = exchange(TcpStream::connect(served.address).await.unwrap(), GET).await;
    assert!(plain.starts_with("HTTP/1.1 400 "), "{plain}");
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()).into();
    let certified = CertifiedKey::from_der(vec![made.cert.der().clone()], key, shown.provider()).unwrap();
    shown.show(Arc::new(certified));
    assert!(exchange(connect().await.unwrap(), GET).await.ends_with("over tls"));
}

/// ISS-002: by default the address is the connection's, whatever the request says; from a named proxy it is the one told.
#[tokio::test]
async fn iss_002_only_a_named_proxy_tells_the_address() {
    let request = GET.replace("GET /", "GET /from").replace("Host: x", "Host: x\r\nX-Forwarded-For: 203.0.113.9");
    let mut proxies = Proxies::default();
    proxies.trust("127.0.0.0/8").unwrap();
    for (proxies, address) in [(Proxies::default(), "127.0.0.1"), (proxies, "203.0.113.9")] {
        let served = serve(Rules { proxies, ..Rules::default() }).await;
        let answer = exchange(TcpStream::connect(served.address).await.unwrap(), &request).await;
        assert!(answer.ends_with(&format!("\r\n\r\n{address}")), "{answer}");
    }
}

/// A ClientHello (RFC 8446 section 4.1.2) of that version with these cipher suites and that name, in one record.
fn client_hello(version: [u8; 2], suites: &[u16], name_length: usize) -> Vec<u8> {
    let sized = |bytes: &[u8]| [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat();
    let suites: Vec<u8> = suites.iter().flat_map(|suite| suite.to_be_bytes()).collect();
    let host = [&[0][..], &sized(&vec![b'a'; name_length])].concat();
    let name = [&[0, 0][..], &sized(&sized(&host))].concat();
    let body = [&version[..], &[7; 32], &[0], &sized(&suites), &[1, 0], &sized(&name)].concat();
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let handshake = [&[1][..], &length[1..], &body].concat();
    [&[TLS_RECORD, 3, 1][..], &sized(&handshake)].concat()
}

const TLS_RECORD: u8 = 0x16;

/// DOS-007: old versions, weak suites, oversized and broken hellos are refused, and the port lives on.
#[tokio::test]
async fn dos_007_bad_tls_is_refused_and_nobody_else_notices() {
    let (tls, client) = certificate();
    let client = TlsConnector::from(Arc::new(client));
    let served = serve(Rules { tls: Some(tls), tls_only: true, ..Rules::default() }).await;
    let (rc4, des, null, modern) = (0x0005, 0x000a, 0x0002, 0xc02f);
    let good = client_hello([3, 3], &[modern], 9);
    let mut hellos = vec![
        ("TLS 1.0", client_hello([3, 1], &[0xc014, 0x002f], 9)),
        ("TLS 1.1", client_hello([3, 2], &[0xc014, 0x002f], 9)),
        ("SSL 3.0", client_hello([3, 0], &[0x002f], 9)),
        ("weak suites", client_hello([3, 3], &[rc4, des, null], 9)),
        ("a name of 16 kB", client_hello([3, 3], &[modern], 16 * 1024)),
        ("no suites", client_hello([3, 3], &[], 9)),
        ("lengths that lie", [&[TLS_RECORD, 3, 1, 0xff, 0xff][..], &[1, 0xff, 0xff, 0xff]].concat()),
        ("an empty record", vec![TLS_RECORD, 3, 1, 0, 0]),
    ];
    // Each byte in a record of its own, and the last one missing.
    let fragments: Vec<u8> = good[5..good.len() - 1].iter().flat_map(|byte| [TLS_RECORD, 3, 1, 0, 1, *byte]).collect();
    hellos.push(("a hello in fragments", fragments));
    for (what, hello) in hellos {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        let _ = stream.write_all(&hello).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert_ne!(answer.first(), Some(&TLS_RECORD), "{what}: no ServerHello");
        let stream = TcpStream::connect(served.address).await.unwrap();
        let stream = client.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
        assert!(exchange(stream, GET).await.ends_with("over tls"), "{what}: others are served");
    }
}

#[tokio::test]
async fn tls_where_none_is_configured_and_nonsense_end_quietly() {
    let served = serve(Rules::default()).await;
    for nonsense in ["\u{16}\u{3}\u{1}\u{2}", "\0\0\0\0\r\n\r\n"] {
        let answer = exchange(TcpStream::connect(served.address).await.unwrap(), nonsense).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    assert!(exchange(TcpStream::connect(served.address).await.unwrap(), GET).await.ends_with("in the clear"));
}

/// DOS-001
#[tokio::test]
async fn a_slow_head_is_cut_off() {
    let rules = Rules { head_within: Duration::from_millis(80), ..Rules::default() };
    let served = serve(rules).await;
    for beginning in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\n"] {
        let stream = TcpStream::connect(served.address).await.unwrap();
        let ended = tokio::time::timeout(Duration::from_secs(5), exchange(stream, beginning)).await;
        let answer = ended.unwrap_or_else(|_| panic!("still open after {beginning:?}"));
        assert!(!answer.contains("200"), "{answer}");
    }
}

#[tokio::test]
async fn long_heads_pass_and_endless_ones_do_not() {
    let served = serve(Rules::default()).await;
    for (length, status) in [(4 * 1024, "200"), (48 * 1024, "200"), (80 * 1024, "4")] {
        let request = GET.replacen("/ ", &format!("/?state={} ", "s".repeat(length)), 1);
        let answer = exchange(TcpStream::connect(served.address).await.unwrap(), &request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{length}: {answer}");
    }
}

#[tokio::test]
async fn connections_beyond_the_cap_wait_their_turn() {
    let served = serve(Rules { connections: 1, ..Rules::default() }).await;
    let first = TcpStream::connect(served.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let second = tokio::spawn(exchange(TcpStream::connect(served.address).await.unwrap(), GET));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!second.is_finished());
    drop(first);
    assert!(second.await.unwrap().ends_with("in the clear"));
}

#[tokio::test]
async fn the_end_lets_requests_in_progress_finish() {
    let served = serve(Rules::default()).await;
    let request = GET.replace("GET /", "GET /slow");
    let stream = TcpStream::connect(served.address).await.unwrap();
    let idle = TcpStream::connect(served.address).await.unwrap();
    let slow = tokio::spawn(async move { exchange(stream, &request).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    served.stop.send(()).unwrap();
    assert!(slow.await.unwrap().ends_with("at last"));
    served.ended.await.unwrap();
    drop(idle);
    assert!(TcpStream::connect(served.address).await.is_err());
}

#[tokio::test]
async fn a_taken_port_says_so() {
    let first = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let refused = bind(first.address()).await.unwrap_err();
    assert!(matches!(refused, CannotListen::Taken(_)));
    let said = refused.to_string();
    assert!(said.contains(&first.address().port().to_string()) && said.contains("choose another port"), "{said}");
    let elsewhere = bind("192.0.2.1:0".parse().unwrap()).await.unwrap_err();
    assert!(matches!(elsewhere, CannotListen::NotOurs(_)), "{elsewhere}");
}
