//! `sayso serve` fetches its certificate from an ACME server that others wrote (Pebble), which looks at the name on the port
//! itself. `.ci/need pebble` installs it; where it is not, these tests say so and pass.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Certificate, Client};
use sayso_testkit::PostgresServer;

/// Two busy cores may take long.
const PATIENCE: Duration = Duration::from_secs(60);
const NAME: &str = "localhost";

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A program, which ends with the test.
struct Program(Child);

impl Program {
    fn start(command: &mut Command, log: &Path) -> Option<Self> {
        let log = File::create(log).unwrap();
        let started = command.stdout(log.try_clone().unwrap()).stderr(log).stdin(Stdio::null()).spawn();
        started.ok().map(Self)
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.0.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn waits_for(what: &str, log: &Path, mut so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !so().await {
        assert!(begun.elapsed() < PATIENCE, "{what}: {}", fs::read_to_string(log).unwrap_or_default());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The ACME server, which looks at names at one port of this machine.
struct Pebble {
    _program: Program,
    directory: u16,
    management: u16,
    folder: PathBuf,
}

impl Pebble {
    async fn start(folder: &Path, looks_at: u16) -> Option<Self> {
        let (directory, management) = (free_port(), free_port());
        let made = rcgen::generate_simple_self_signed(vec![NAME.to_owned()]).unwrap();
        let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        fs::write(file("pebble.pem"), made.cert.pem()).unwrap();
        fs::write(file("pebble.key"), made.signing_key.serialize_pem()).unwrap();
        let settings = serde_json::json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{directory}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": file("pebble.pem"),
            "privateKey": file("pebble.key"),
            "httpPort": free_port(),
            "tlsPort": looks_at,
        } });
        fs::write(file("pebble.json"), settings.to_string()).unwrap();
        let mut command = Command::new("pebble");
        command.arg("-config").arg(file("pebble.json"));
        // It looks at once, and at each order; it refuses no nonce by chance, which would make a test of chance.
        command.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_AUTHZREUSE", "0").env("PEBBLE_WFE_NONCEREJECT", "0");
        let Some(program) = Program::start(&mut command, &folder.join("pebble.log")) else {
            println!("not tested: there is no pebble; `.ci/need pebble` installs it");
            return None;
        };
        let pebble = Self { _program: program, directory, management, folder: folder.to_owned() };
        let log = pebble.folder.join("pebble.log");
        waits_for("Pebble", &log, async || pebble.root().await.is_some()).await;
        Some(pebble)
    }

    /// What its certificates are believed by; another one at each start.
    async fn root(&self) -> Option<Certificate> {
        let own = Certificate::from_pem(&fs::read(self.folder.join("pebble.pem")).unwrap()).unwrap();
        let client = Client::builder().tls_certs_only([own]).build().unwrap();
        let found = client.get(format!("https://{NAME}:{}/roots/0", self.management)).send().await.ok()?;
        Certificate::from_pem(&found.bytes().await.ok()?).ok()
    }

    /// The file of a node that listens at `listen`, with the rest of `[server]`.
    fn configuration(&self, name: &str, (issuer, listen): (u16, u16), server: &str) -> PathBuf {
        let file = self.folder.join(name);
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:{listen}\"\n{server}\n[server.tls.acme]\nterms_agreed = true\n\
             contact = \"mailto:ops@sayso.test\"\ndirectory = \"https://{NAME}:{}/dir\"\ndirectory_ca = \"pebble.pem\"\n\
             [[authority]]\nid = \"one\"\nissuer = \"https://{NAME}:{issuer}\"\nlayout = \"auth0\"\n",
            self.directory
        );
        fs::write(&file, text).unwrap();
        file
    }
}

/// A server, and the file of its log.
struct Server {
    program: Program,
    port: u16,
    log: PathBuf,
}

impl Server {
    fn start(configuration: &Path, port: u16) -> Self {
        let log = configuration.with_extension("log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
        command.args(["serve", "--config"]).arg(configuration).env_remove("RUST_LOG");
        Self { program: Program::start(&mut command, &log).unwrap(), port, log }
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// A program that trusts this root alone; it keeps its connection open.
    fn client(&self, root: &Certificate) -> Client {
        let here = SocketAddr::from(([127, 0, 0, 1], self.port));
        Client::builder().tls_certs_only([root.clone()]).resolve(NAME, here).tls_info(true).build().unwrap()
    }

    /// The certificate of the connection on which a request was answered.
    async fn shows(&self, client: &Client) -> Option<Vec<u8>> {
        let url = format!("https://{NAME}:{}/health/ready", self.port);
        let answer = client.get(url).send().await.ok().filter(|answer| answer.status() == 200)?;
        let info = answer.extensions().get::<reqwest::tls::TlsInfo>()?;
        Some(info.peer_certificate()?.to_vec())
    }

    /// The certificate that a new connection is shown, when it is this server's turn.
    async fn waits_for_another(&self, root: &Certificate, before: Option<&Vec<u8>>) -> Vec<u8> {
        let mut found = None;
        waits_for("a certificate", &self.log, async || {
            found = self.shows(&self.client(root)).await.filter(|shown| Some(shown) != before);
            found.is_some()
        })
        .await;
        found.unwrap()
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_server_gets_its_certificate_renews_it_and_restarts_with_it() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let Some(pebble) = Pebble::start(folder.path(), port).await else { return };
    let root = pebble.root().await.unwrap();
    let configuration = pebble.configuration("sayso.toml", (port, port), "");

    let server = Server::start(&configuration, port);
    let first = server.waits_for_another(&root, None).await;
    let log = server.log();
    assert!(log.contains("there is no certificate yet") && log.contains("a certificate is in use"), "{log}");
    let parts: Vec<_> = fs::read_dir(folder.path().join("acme")).unwrap().map(|part| part.unwrap().path()).collect();
    let [part] = &parts[..] else { panic!("{parts:?}") };
    assert_eq!(mode(part), 0o700);
    for file in fs::read_dir(part).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }

    // Whoever takes the certificate away has another one made. Connections of before go on with the old one meanwhile.
    let open = server.client(&root);
    assert_eq!(server.shows(&open).await.as_ref(), Some(&first));
    fs::remove_file(part.join("certificate.pem")).unwrap();
    server.program.signal("-HUP");
    let mut second = None;
    waits_for("a renewal", &server.log, async || {
        assert_eq!(server.shows(&open).await.as_ref(), Some(&first), "the connection goes on");
        second = server.shows(&server.client(&root)).await.filter(|shown| *shown != first);
        second.is_some()
    })
    .await;
    let log = server.log();
    assert_eq!(log.matches("a certificate is ordered").count(), 2, "{log}");
    assert_eq!(log.matches("an account was made").count(), 1, "{log}");
    assert!(!log.contains("PRIVATE KEY") && !log.contains("ERROR"), "{log}");

    // A restart needs no directory.
    drop((server, pebble));
    let server = Server::start(&configuration, port);
    assert_eq!(Some(server.waits_for_another(&root, None).await), second);
    let log = server.log();
    assert!(!log.contains("is ordered") && !log.contains("there is no certificate yet"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_share_one_certificate_and_answer_for_one_another() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let Some(database) = PostgresServer::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (free_port(), free_port());
    // It reaches the first node alone, as a balancer that has chosen one.
    let Some(pebble) = Pebble::start(folder.path(), first).await else { return };
    let root = pebble.root().await.unwrap();
    let address = database.new_schema();
    let place = format!("database = \"{address}\"");
    let schema = address.rsplit("search_path=").next().unwrap().to_owned();

    let one = Server::start(&pebble.configuration("one.toml", (first, first), &place), first);
    let begun = one.waits_for_another(&root, None).await;
    let two = Server::start(&pebble.configuration("two.toml", (first, second), &place), second);
    assert_eq!(two.waits_for_another(&root, None).await, begun);
    assert!(!two.log().contains("is ordered"), "{}", two.log());
    assert!(!folder.path().join("acme").exists(), "nothing is kept beside the database");

    database.execute(&format!("DELETE FROM {schema}.acme_items WHERE item = 'certificate.pem'"));
    two.program.signal("-HUP");
    let renewed = two.waits_for_another(&root, Some(&begun)).await;
    assert!(two.log().contains("a certificate is ordered"), "{}", two.log());
    assert_eq!(one.waits_for_another(&root, Some(&begun)).await, renewed);
    assert_eq!(one.log().matches("a certificate is ordered").count(), 1, "{}", one.log());
    for log in [one.log(), two.log()] {
        assert!(!log.contains("PRIVATE KEY") && !log.contains("ERROR"), "{log}");
    }
}
