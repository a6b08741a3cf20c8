//! `sayso dev` as a person starts it: the real binary, a folder of its own, three free ports.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;

/// Ready after some tenths of a second, later where several stories share two cores. Longer is an error.
const PATIENCE: Duration = Duration::from_secs(30);
/// Ports are looked for below those that systems hand out by themselves.
const FIRST_PORT: u16 = 18_000;
const PORTS: u16 = 12_000;

/// A running `sayso dev`. Dropped, it ends, and its folder goes with it.
#[derive(Debug)]
pub struct Demo {
    process: Child,
    folder: TempDir,
    ready: Value,
}

impl Demo {
    /// Starts the binary in a fresh folder and waits for its line of JSON.
    ///
    /// # Errors
    /// There is no binary, or it ended or was not ready in time; then what it wrote on stderr is in the message.
    pub fn start() -> anyhow::Result<Self> {
        let binary = binary()?;
        let mut last = None;
        // Between looking for free ports and taking them, somebody else may have been quicker.
        for _ in 0..5 {
            match Self::spawn(&binary, free_ports()?) {
                Ok(demo) => return Ok(demo),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| anyhow::anyhow!("no try was made")))
    }

    /// Starts the binary at this port and the two after it.
    ///
    /// # Errors
    /// As [`Demo::start`]; or a port is taken.
    pub fn start_at(port: u16) -> anyhow::Result<Self> {
        Self::spawn(&binary()?, port)
    }

    fn spawn(binary: &Path, port: u16) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("sayso-demo-").tempdir()?;
        let log = folder.path().join("stderr");
        let mut process = Command::new(binary)
            .args(["dev", "--json", "--port", &port.to_string(), "--data"])
            .arg(folder.path().join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let stdout = process.stdout.take();
        // From here on, `Drop` ends the process whatever happens.
        let mut demo = Self { process, folder, ready: Value::Null };
        let (said, heard) = mpsc::channel();
        std::thread::spawn(move || {
            let line = stdout.and_then(|stdout| BufReader::new(stdout).lines().next());
            // Nobody listens any more when the patience is over.
            let _ = said.send(line);
        });
        match heard.recv_timeout(PATIENCE) {
            Ok(Some(Ok(line))) => {
                demo.ready = serde_json::from_str(&line).with_context(|| format!("no JSON: {line}"))?;
                Ok(demo)
            }
            Ok(_) => bail!("`sayso dev` ended before it was ready:\n{}", demo.log()),
            Err(_) => bail!("`sayso dev` was not ready after {PATIENCE:?}:\n{}", demo.log()),
        }
    }

    /// The line it printed when it was ready.
    pub fn ready(&self) -> &Value {
        &self.ready
    }

    /// The console's address, without a slash at the end.
    pub fn console(&self) -> &str {
        self.text("/console")
    }

    /// The issuer at which accounts are linked for a skill: `sample-quiz-game`, `what-should-i-wear`.
    pub fn issuer(&self, skill: &str) -> &str {
        let clients = self.ready.get("clients").and_then(Value::as_array);
        let client = clients.into_iter().flatten().find(|client| client.get("skill").is_some_and(|name| name == skill));
        client.and_then(|client| client.get("issuer")?.as_str()).unwrap_or_default()
    }

    /// The password of a demo account; empty when there is no such account.
    pub fn password(&self, username: &str) -> &str {
        let accounts = self.ready.get("accounts").and_then(Value::as_array);
        let known =
            accounts.into_iter().flatten().find(|known| known.get("username").is_some_and(|name| name == username));
        known.and_then(|known| known.get("password")?.as_str()).unwrap_or_default()
    }

    /// Where everything is kept: the folder given as `--data`.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What it wrote on stderr so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stderr")).unwrap_or_default()
    }

    fn text(&self, pointer: &str) -> &str {
        self.ready.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended by itself; nothing is left to do then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The binary under test, the one built beside this test.
///
/// # Errors
/// It was not built.
pub fn binary() -> anyhow::Result<PathBuf> {
    let built = profile()?.join("sayso");
    ensure!(
        built.is_file(),
        "{} is missing; build it first: `cargo build --package sayso` (`make test` does)",
        built.display()
    );
    Ok(built)
}

/// The folder for what the stories leave to look at: `target/e2e`.
///
/// # Errors
/// It cannot be made.
pub fn pictures() -> anyhow::Result<PathBuf> {
    let folder = profile()?.parent().context("the tests are not in a target folder")?.join("e2e");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// `target/debug` of a test that runs as `target/debug/deps/browser-…`.
fn profile() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.ancestors().nth(2).context("the tests are not in a target folder")?;
    Ok(folder.to_owned())
}

/// The first of three free ports in a row.
fn free_ports() -> anyhow::Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Test processes that run side by side begin at different places.
    let begin = u16::try_from(std::process::id() % u32::from(PORTS)).unwrap_or_default();
    for _ in 0..200 {
        let offset = begin.wrapping_add(NEXT.fetch_add(7, Ordering::Relaxed)) % PORTS;
        let first = FIRST_PORT + offset;
        let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
        if (first..first + 3).all(free) {
            return Ok(first);
        }
    }
    bail!("no three free ports in a row between {FIRST_PORT} and {}", FIRST_PORT + PORTS)
}
