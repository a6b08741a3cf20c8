//! A skill as a program of its own: built by cargo, run beside the simulator.

use std::ffi::OsString;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpStream;
use tokio::process::Command;

/// How often it is looked whether the skill listens.
const LOOK: Duration = Duration::from_millis(100);

/// What is run, and where it listens then.
pub(super) struct Program {
    folder: PathBuf,
    listen: String,
    environment: Vec<(&'static str, OsString)>,
}

impl Program {
    /// The program of a folder with a Cargo.toml.
    pub(super) fn new(folder: &Path, listen: String, environment: Vec<(&'static str, OsString)>) -> Self {
        Self { folder: folder.to_owned(), listen, environment }
    }

    /// Builds it and runs it, until it ends: which it should not. `ready` is called once it listens. Dropped, it ends.
    ///
    /// # Errors
    /// It cannot be built, ends, or `ready` fails.
    pub(super) async fn run(self, ready: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
        eprintln!("Building the skill. The first time this takes some minutes; cargo names each part as it builds it.");
        // Standard output is kept for what `sayso dev` itself has to say.
        let stdout = std::io::stderr().as_fd().try_clone_to_owned().context("there is no standard error")?;
        let mut child = Command::new("cargo")
            .arg("run")
            .current_dir(&self.folder)
            .envs(self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::from(stdout))
            // Ctrl-C is for `sayso dev`, which ends the skill last.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("cannot start cargo, which builds the skill; https://rustup.rs installs it")?;
        tokio::select! {
            ended = child.wait() => anyhow::bail!("the skill did not start ({}); what was wrong stands above", ended?),
            () = listens(&self.listen) => ready()?,
        }
        let ended = child.wait().await?;
        anyhow::bail!("the skill has ended ({ended}); what it wrote stands above")
    }
}

async fn listens(address: &str) {
    while TcpStream::connect(address).await.is_err() {
        tokio::time::sleep(LOOK).await;
    }
}
