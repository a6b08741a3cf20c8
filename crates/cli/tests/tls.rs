//! `sayso serve` on https: docs/conformance.toml as it stands, with a certificate of its own, replaced while it runs.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rcgen::generate_simple_self_signed;
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(30);
const HOST: &str = "sayso.test";

/// A running server; dropped, it ends.
struct Server {
    process: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl Server {
    /// With the example configuration, on a port of its own.
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/conformance.toml");
        let text = fs::read_to_string(example).unwrap().replace(":9443", &format!(":{port}"));
        fs::write(folder.path().join("sayso.toml"), text.replace("0.0.0.0", "127.0.0.1")).unwrap();
        fs::create_dir(folder.path().join("tls")).unwrap();
        renew(folder.path());
        let process = Command::new(env!("CARGO_BIN_EXE_sayso"))
            .args(["serve", "--config"])
            .arg(folder.path().join("sayso.toml"))
            .env_remove("RUST_LOG")
            .stdout(Stdio::null())
            .stderr(File::create(folder.path().join("log")).unwrap())
            .spawn();
        Self { process: process.unwrap(), folder, port }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.file("log")).unwrap()
    }

    /// A program that trusts this certificate alone, and opens a connection for each request.
    fn trusting(&self, certificate: &str) -> reqwest::Client {
        let certificate = reqwest::Certificate::from_pem(certificate.as_bytes()).unwrap();
        let here = SocketAddr::from(([127, 0, 0, 1], self.port));
        let client = reqwest::Client::builder().tls_certs_only([certificate]).resolve(HOST, here);
        client.pool_max_idle_per_host(0).build().unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("https://{HOST}:{}{path}", self.port)
    }

    async fn answers(&self, client: &reqwest::Client) -> bool {
        client.get(self.url("/health/ready")).send().await.is_ok_and(|answer| answer.status() == 200)
    }

    async fn waits_for(&self, what: &str, mut so: impl AsyncFnMut() -> bool) {
        let begun = Instant::now();
        while !so().await {
            assert!(begun.elapsed() < PATIENCE, "{what}: {}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn hang_up(&self) {
        let sent = Command::new("kill").args(["-HUP", &self.process.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Writes a new certificate into the folder; the certificate.
fn renew(folder: &Path) -> String {
    let made = generate_simple_self_signed(vec![HOST.to_owned()]).unwrap();
    fs::write(folder.join("tls/certificate.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("tls/key.pem"), made.signing_key.serialize_pem()).unwrap();
    made.cert.pem()
}

#[tokio::test]
async fn the_example_for_test_suites_is_served_on_https_and_its_certificate_can_be_replaced() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let server = Server::start();
    let old = fs::read_to_string(server.file("tls/certificate.pem")).unwrap();
    let first = server.trusting(&old);
    server.waits_for("ready", async || server.answers(&first).await).await;

    let found = first.get(server.url("/.well-known/openid-configuration")).send().await.unwrap();
    let found: Value = serde_json::from_slice(&found.bytes().await.unwrap()).unwrap();
    for (name, path) in [("issuer", ""), ("authorization_endpoint", "/authorize"), ("token_endpoint", "/oauth/token")] {
        assert_eq!(found.get(name).unwrap(), &server.url(path), "{name}");
    }
    let token = first.post(server.url("/oauth/token"));
    let token = token.basic_auth("suite-first", Some("suite-first-secret-of-32-characters-or-more"));
    let token = token.form(&[("grant_type", "client_credentials"), ("scope", "read:test")]).send().await.unwrap();
    assert_eq!(token.status(), 200);
    let login = first.get(server.url("/login")).send().await.unwrap();
    let cookie = login.headers().get("set-cookie").unwrap().to_str().unwrap();
    assert!(cookie.starts_with("__Host-") && cookie.contains("; Secure"), "{cookie}");

    let clear = first.get(format!("http://127.0.0.1:{}/health/ready", server.port)).send().await.unwrap();
    assert_eq!(clear.status(), 400, "nothing is answered in the clear");

    // Half of a renewal, then all of it.
    fs::write(server.file("tls/key.pem"), "rubbish").unwrap();
    server.hang_up();
    server.waits_for("told", async || server.log().contains("the one before stays in use")).await;
    assert!(server.answers(&first).await);
    let second = server.trusting(&renew(server.folder.path()));
    server.hang_up();
    server.waits_for("renewed", async || server.answers(&second).await).await;
    // A program that has never been here: sessions begun under the old certificate are resumed without showing one.
    assert!(!server.answers(&server.trusting(&old)).await, "the old certificate is not shown any more");
}

#[test]
fn a_certificate_that_cannot_be_used_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sayso.toml");
    let authority = "[[authority]]\nid = \"one\"\nissuer = \"https://id.example\"\nlayout = \"auth0\"\n";
    fs::create_dir(folder.path().join("tls")).unwrap();
    renew(folder.path());
    fs::write(folder.path().join("tls/key.pem"), "rubbish").unwrap();
    let tls = "[server]\ntls = { certificate = \"tls/certificate.pem\", key = \"tls/key.pem\" }\n";
    fs::write(&file, format!("{tls}{authority}")).unwrap();
    let started = Command::new(env!("CARGO_BIN_EXE_sayso")).args(["serve", "--config"]).arg(&file).output().unwrap();
    assert_eq!(started.status.code(), Some(2));
    let told = String::from_utf8_lossy(&started.stderr);
    assert!(told.contains("tls/key.pem holds no private key in PEM"), "{told}");
}
