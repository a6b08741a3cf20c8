//! Several `sayso serve` on one PostgreSQL database, each with a configuration file of its own.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use sayso_testkit::PostgresServer;

/// Nodes look twice a second; two busy cores may take longer for all the rest.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running node; dropped, it ends.
struct Node {
    process: Child,
    port: u16,
    log: PathBuf,
}

impl Node {
    fn start(config: &Path, port: u16) -> Self {
        let log = config.with_extension("log");
        let process = Command::new(env!("CARGO_BIN_EXE_sayso"))
            .args(["serve", "--config"])
            .arg(config)
            .env_remove("RUST_LOG")
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn();
        let node = Self { process: process.unwrap(), port, log };
        node.waits_for("/health/ready", 200);
        node
    }

    fn status(&self, path: &str) -> Option<u16> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: id.example\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.split(' ').nth(1)?.parse().ok()
    }

    fn waits_for(&self, path: &str, status: u16) {
        let begun = Instant::now();
        while self.status(path) != Some(status) {
            assert!(begun.elapsed() < PATIENCE, "{path} is not {status}: {}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A folder with the files of one node and those that all share.
struct Files {
    folder: tempfile::TempDir,
    database: String,
}

impl Files {
    fn write(&self, name: &str, port: u16, authorities: &[&str]) -> PathBuf {
        let mut text = format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\ndatabase = \"{}\"\nmaster_key = \"master.key\"\n",
            self.database
        );
        for id in authorities {
            text.push_str(&format!(
                "\n[[authority]]\nid = \"{id}\"\nissuer = \"https://id.example/{id}\"\nlayout = \"auth0\"\n"
            ));
        }
        let file = self.folder.path().join(name);
        fs::write(&file, text).unwrap();
        file
    }
}

fn sayso(arguments: &[&str], config: &Path) -> Output {
    let output =
        Command::new(env!("CARGO_BIN_EXE_sayso")).args(arguments).arg("--config").arg(config).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn what_is_applied_reaches_every_node_and_a_left_over_file_undoes_nothing() {
    let Some(server) = PostgresServer::shared() else { return };
    let files = Files { folder: tempfile::tempdir().unwrap(), database: server.new_schema() };
    let (first, second) = (free_port(), free_port());
    let (old, other) = (files.write("first.toml", first, &["one"]), files.write("second.toml", second, &["one"]));
    let mut nodes = vec![Node::start(&old, first), Node::start(&other, second)];

    let new = files.write("new.toml", first, &["one", "two"]);
    let told = sayso(&["apply"], &new);
    assert!(String::from_utf8_lossy(&told.stdout).contains("configuration 2"), "{told:?}");
    for node in &nodes {
        node.waits_for("/two/.well-known/jwks.json", 200);
    }
    let told = sayso(&["apply"], &new);
    assert!(String::from_utf8_lossy(&told.stdout).contains("Nothing to do"), "{told:?}");

    // A node that crashed starts with the file it had.
    let crashed = nodes.pop().unwrap();
    drop(crashed);
    let back = Node::start(&other, second);
    assert!(back.log().contains("this node takes the one in force"), "{}", back.log());
    nodes.push(back);

    // The master key is replaced while both run; they go on following.
    sayso(&["master-key", "rotate"], &new);
    sayso(&["apply"], &files.write("third.toml", first, &["one", "two", "three"]));
    for node in &nodes {
        node.waits_for("/three/.well-known/jwks.json", 200);
        node.waits_for("/health/ready", 200);
    }
}
