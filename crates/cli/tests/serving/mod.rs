//! `sayso serve` on https with docs/conformance.toml as it stands, but for host, port and certificate.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rcgen::generate_simple_self_signed;

/// Two busy cores may take long to start a server.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; dropped, it ends.
pub(crate) struct Server {
    process: Child,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) port: u16,
    host: &'static str,
}

impl Server {
    /// On a port of its own, with the configuration that `change` makes of its folder and what stands in the file.
    fn start(host: &'static str, change: impl FnOnce(&Path, String) -> String) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/conformance.toml");
        let text = fs::read_to_string(example).unwrap().replace("sayso.test:9443", &format!("{host}:{port}"));
        let text = text.replace("0.0.0.0:9443", &format!("127.0.0.1:{port}"));
        fs::write(folder.path().join("sayso.toml"), change(folder.path(), text)).unwrap();
        fs::create_dir(folder.path().join("tls")).unwrap();
        renew(folder.path(), host);
        let process = Command::new(env!("CARGO_BIN_EXE_sayso"))
            .args(["serve", "--config"])
            .arg(folder.path().join("sayso.toml"))
            .env_remove("RUST_LOG")
            .stdout(Stdio::null())
            .stderr(File::create(folder.path().join("log")).unwrap())
            .spawn();
        Self { process: process.unwrap(), folder, port, host }
    }

    /// One on a port of its own, when it answers.
    pub(crate) async fn ready(host: &'static str) -> Self {
        Self::ready_with(host, |_, text| text).await
    }

    /// The same, with another configuration.
    pub(crate) async fn ready_with(host: &'static str, change: impl FnOnce(&Path, String) -> String) -> Self {
        let server = Self::start(host, change);
        let client = server.trusting(&server.certificate());
        server.waits_for("ready", async || server.answers(&client).await).await;
        server
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.file("log")).unwrap()
    }

    /// Its certificate, in PEM.
    pub(crate) fn certificate(&self) -> String {
        fs::read_to_string(self.file("tls/certificate.pem")).unwrap()
    }

    /// A program that trusts this certificate alone, opens a connection for each request, and follows no redirect.
    pub(crate) fn trusting(&self, certificate: &str) -> reqwest::Client {
        let certificate = reqwest::Certificate::from_pem(certificate.as_bytes()).unwrap();
        let here = SocketAddr::from(([127, 0, 0, 1], self.port));
        let client = reqwest::Client::builder().tls_certs_only([certificate]).resolve(self.host, here);
        client.pool_max_idle_per_host(0).redirect(reqwest::redirect::Policy::none()).build().unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://{}:{}{path}", self.host, self.port)
    }

    pub(crate) async fn answers(&self, client: &reqwest::Client) -> bool {
        client.get(self.url("/health/ready")).send().await.is_ok_and(|answer| answer.status() == 200)
    }

    pub(crate) async fn waits_for(&self, what: &str, mut so: impl AsyncFnMut() -> bool) {
        let begun = Instant::now();
        while !so().await {
            assert!(begun.elapsed() < PATIENCE, "{what}: {}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) fn hang_up(&self) {
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

/// Writes a new certificate for `host` into the folder; the certificate.
pub(crate) fn renew(folder: &Path, host: &str) -> String {
    let made = generate_simple_self_signed(vec![host.to_owned()]).unwrap();
    fs::write(folder.join("tls/certificate.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("tls/key.pem"), made.signing_key.serialize_pem()).unwrap();
    made.cert.pem()
}
