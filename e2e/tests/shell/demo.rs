//! A running `sayso dev`, and `sayso ask`.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use serde_json::Value;

pub(crate) fn binary() -> PathBuf {
    sayso_e2e::demo::binary().unwrap_or_else(|error| panic!("{error:#}"))
}

/// Runs the binary to its end: exit code, and what it wrote on stderr.
pub(crate) async fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(binary());
    command.args(arguments).env_remove("RUST_LOG");
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// What `sayso ask` printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A running `sayso dev`; it ends with this value.
pub(crate) struct Demo {
    process: Process,
    ready: Value,
    folder: PathBuf,
    port: u16,
}

impl Demo {
    /// Starts it in this folder on three free ports in a row, and waits until it is ready.
    pub(crate) async fn start(folder: &Path) -> Self {
        // Between looking for free ports and taking them, somebody else may have been quicker.
        for _ in 0..4 {
            if let Ok(demo) = Self::try_on(folder, free_ports()).await {
                return demo;
            }
        }
        Self::start_on(folder, free_ports()).await
    }

    /// Starts it on these ports.
    pub(crate) async fn start_on(folder: &Path, port: u16) -> Self {
        Self::try_on(folder, port).await.unwrap_or_else(|problem| panic!("{problem}"))
    }

    async fn try_on(folder: &Path, port: u16) -> Result<Self, String> {
        let folder = folder.to_owned();
        tokio::task::spawn_blocking(move || Self::spawn(folder, port)).await.unwrap()
    }

    fn spawn(folder: PathBuf, port: u16) -> Result<Self, String> {
        let mut command = Command::new(binary());
        command.args(["dev", "--json", "--log", "error", "--data"]).arg(&folder);
        Self::ready(command, folder, port)
    }

    /// Runs the skill of one's own in this folder; cargo, which builds it, is told how by its environment.
    pub(crate) async fn of_skill(skill: &Path, cargo: Vec<(&'static str, OsString)>, port: Option<u16>) -> Self {
        let mut command = Command::new(binary());
        command.args(["dev", "--json"]).current_dir(skill).envs(cargo);
        let data = skill.join(".sayso/dev");
        let started = move || Self::ready(command, data, port.unwrap_or_else(free_ports));
        tokio::task::spawn_blocking(started).await.unwrap().unwrap_or_else(|problem| panic!("{problem}"))
    }

    fn ready(mut command: Command, folder: PathBuf, port: u16) -> Result<Self, String> {
        command.args(["--port", &port.to_string()]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = Process(command.spawn().unwrap());
        let mut line = String::new();
        BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).map_err(|error| format!("`sayso dev` said {line:?}: {error}"))?;
        Ok(Self { process, ready, folder, port })
    }

    /// The first of its ports.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// `authority` or `console`.
    pub(crate) fn url(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    /// A demo account: username and password.
    pub(crate) fn account(&self, at: usize) -> (String, String) {
        let text = |name: &str| self.ready["accounts"][at][name].as_str().unwrap().to_owned();
        (text("username"), text("password"))
    }

    /// Client secrets, passwords, and whatever the simulator keeps as tokens.
    pub(crate) fn secrets(&self) -> BTreeSet<String> {
        let mut secrets = BTreeSet::new();
        for (list, name) in [("accounts", "password"), ("clients", "client_secret")] {
            let values = self.ready[list].as_array().unwrap().iter();
            secrets.extend(values.map(|value| value[name].as_str().unwrap().to_owned()));
        }
        let household = std::fs::read_to_string(self.folder.join("simulator/household.json")).unwrap();
        let before = secrets.len();
        collect_tokens(&serde_json::from_str(&household).unwrap(), &mut secrets);
        assert!(secrets.len() > before, "the simulator keeps tokens: {household}");
        secrets
    }

    /// `sayso ask` with these arguments, at this demo's console.
    pub(crate) async fn ask(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(binary());
        command.args(["ask", "--console", self.url("console")]).args(arguments).env_remove("RUST_LOG");
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        Said {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Asks it to end by SIGTERM, and returns its exit code.
    pub(crate) async fn stop(self) -> Option<i32> {
        self.process.stop().await
    }
}

/// A running `sayso serve`; it ends with this value.
pub(crate) struct Serve(Process);

impl Serve {
    /// Starts it with this configuration.
    pub(crate) fn start(config: &Path) -> Self {
        let mut command = Command::new(binary());
        command.args(["serve", "--log", "error", "--config"]).arg(config).stdin(Stdio::null());
        Self(Process(command.spawn().unwrap()))
    }

    /// Asks it to end by SIGTERM, and returns its exit code.
    pub(crate) async fn stop(self) -> Option<i32> {
        self.0.stop().await
    }
}

/// A child that does not outlive its test.
struct Process(Child);

impl Process {
    async fn stop(mut self) -> Option<i32> {
        let sent = Command::new("kill").arg(self.0.id().to_string()).status().unwrap();
        assert!(sent.success());
        tokio::task::spawn_blocking(move || self.0.wait().unwrap().code()).await.unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Every text under a key that speaks of a token.
fn collect_tokens(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                match value {
                    Value::String(text) if name.contains("token") && text.len() > 20 => {
                        found.insert(text.clone());
                    }
                    value => collect_tokens(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_tokens(item, found)),
        _ => {}
    }
}

/// Three free ports in a row, none of them given to another test of this process.
fn free_ports() -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    for _ in 0..100 {
        let first = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = first.local_addr().unwrap().port();
        let Some(last) = port.checked_add(2) else { continue };
        let all: Vec<_> = (port + 1..=last).map(|port| TcpListener::bind(("127.0.0.1", port))).collect();
        let mut given = GIVEN.lock().unwrap();
        if all.iter().all(Result::is_ok) && (port..=last).all(|port| !given.contains(&port)) {
            given.extend(port..=last);
            return port;
        }
    }
    panic!("there are no three free ports in a row");
}
