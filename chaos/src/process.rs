//! A running `sayso serve`: the real binary, started as an operator would, and ended as nobody would.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, Permissions};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use crate::house::{self, KEYS};
use crate::node::Node;

/// Ready after tenths of a second; longer where many share two cores. Beyond it something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(4);
/// Below the ports that systems hand out by themselves, so that nobody takes ours between two starts.
const FIRST_PORT: u16 = 30_100;
const PORTS: u32 = 2_600;

/// How a process is started: where its things are, and which program stands before it.
#[derive(Clone, Debug)]
pub struct Launch {
    binary: PathBuf,
    folder: PathBuf,
    configuration: PathBuf,
    log: PathBuf,
    port: u16,
    /// The host in its issuer, which it answers to.
    host: String,
    before: Vec<OsString>,
}

impl Launch {
    /// Writes a configuration into the folder, for that database.
    ///
    /// # Errors
    /// There is no binary or no port, or the folder cannot be written.
    pub fn new(folder: &Path, database: &str) -> anyhow::Result<Self> {
        let port = free_port()?;
        Self::with(folder, database, (port, format!("127.0.0.1:{port}")))
    }

    /// A second one of the same installation, on a port of its own.
    ///
    /// # Errors
    /// As [`Launch::new`].
    pub fn beside(&self, database: &str) -> anyhow::Result<Self> {
        Self::with(&self.folder, database, (free_port()?, self.host.clone()))
    }

    fn with(folder: &Path, database: &str, (port, host): (u16, String)) -> anyhow::Result<Self> {
        let configuration = folder.join(format!("sayso-{port}.toml"));
        std::fs::write(&configuration, house::configuration(&format!("http://{host}"), port, database))?;
        std::fs::set_permissions(&configuration, Permissions::from_mode(0o600))?;
        let (folder, log) = (folder.to_owned(), folder.join(format!("log-{port}")));
        Ok(Self { binary: binary()?, folder, configuration, log, port, host, before: Vec::new() })
    }

    /// With its configuration rewritten.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn rewritten(self, rewrite: impl FnOnce(&str) -> String) -> anyhow::Result<Self> {
        let text = rewrite(&std::fs::read_to_string(&self.configuration)?);
        std::fs::write(&self.configuration, text)?;
        Ok(self)
    }

    /// With a program before it, such as `setpriv …`, which carries it out.
    #[must_use]
    pub fn after<S: Into<OsString>>(mut self, program: impl IntoIterator<Item = S>) -> Self {
        self.before = program.into_iter().map(Into::into).collect();
        self
    }

    /// With one more word for that program.
    #[must_use]
    pub fn after_too(mut self, word: impl Into<OsString>) -> Self {
        self.before.push(word.into());
        self
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it wrote on stderr so far, in all its lives.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Starts it, and waits for its first answer.
    ///
    /// # Errors
    /// It ended, or does not answer; what it wrote is in the message.
    pub async fn start(&self) -> anyhow::Result<Process> {
        let (before, begun) = (self.log().len(), Instant::now());
        let mut process = Process { child: self.spawn()?, node: self.node()?, back_after: Duration::ZERO };
        loop {
            if process.node.get(KEYS, "").await.is_ok_and(|answer| answer.status == 200) {
                process.back_after = begun.elapsed();
                return Ok(process);
            }
            if let Some(status) = process.child.try_wait()? {
                bail!("it ended with {status}:\n{}", self.log_since(before));
            }
            ensure!(begun.elapsed() < PATIENCE, "no answer after {PATIENCE:?}:\n{}", self.log_since(before));
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Starts it, and waits for it to refuse: how it ended, and what it said last.
    ///
    /// # Errors
    /// It goes on.
    pub async fn refused(&self) -> anyhow::Result<(ExitStatus, String)> {
        let (before, begun) = (self.log().len(), Instant::now());
        let mut process = Process { child: self.spawn()?, node: self.node()?, back_after: Duration::ZERO };
        loop {
            if let Some(status) = process.child.try_wait()? {
                return Ok((status, self.log_since(before)));
            }
            ensure!(begun.elapsed() < PATIENCE, "it was not refused:\n{}", self.log_since(before));
            tokio::time::sleep(LOOK).await;
        }
    }

    fn log_since(&self, before: usize) -> String {
        self.log().get(before..).unwrap_or_default().to_owned()
    }

    fn node(&self) -> anyhow::Result<Node> {
        Node::there(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)), &self.host)
    }

    fn spawn(&self) -> anyhow::Result<Child> {
        let log: File = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mut line = self.before.clone();
        line.push(self.binary.clone().into());
        let mut words = line.into_iter();
        let program = words.next().context("no program")?;
        Command::new(&program)
            .args(words)
            .args(["--log", "warn", "serve", "--config"])
            .arg(&self.configuration)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))
    }
}

/// A process that answers. Dropped, it is killed.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// The way to ask it.
    pub node: Node,
    /// From its start to its first answer.
    pub back_after: Duration,
}

impl Process {
    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn lives(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// It cannot be killed.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// It did not end well.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status()?;
        ensure!(asked.success(), "it cannot be asked to end");
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "it ended with {status}");
                return Ok(());
            }
            ensure!(begun.elapsed() < PATIENCE, "it does not end");
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary built beside this program, or beside the tests' folder `deps`.
fn binary() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let built = own.ancestors().skip(1).take(2).map(|folder| folder.join("sayso")).find(|binary| binary.is_file());
    built.context("the binary sayso is missing; build it first: `cargo build --package sayso` (`make test` does)")
}

fn free_port() -> anyhow::Result<u16> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..PORTS {
        // Test processes that run side by side begin at different places.
        let offset = std::process::id().wrapping_mul(31).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % PORTS;
        let port = FIRST_PORT + u16::try_from(offset)?;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port from {FIRST_PORT} on")
}
