//! What is seen of the process from outside, and how it is kept from sharing its cores with who asks it.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tokio::task::JoinHandle;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(200);

/// What the process has kept resident, in MiB.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    /// At most in the first quarter.
    pub(super) at_first: f64,
    /// At most at all.
    pub(super) at_most: f64,
    /// At most in the last quarter.
    pub(super) at_last: f64,
}

/// Looks at a process until it is asked what it saw.
pub(super) struct Memory {
    status: PathBuf,
    looking: JoinHandle<()>,
    seen: std::sync::Arc<std::sync::Mutex<Vec<f64>>>,
}

impl Memory {
    pub(super) fn watch(process: u32) -> Self {
        let status = PathBuf::from(format!("/proc/{process}/status"));
        let seen = std::sync::Arc::default();
        let looking = tokio::spawn(look(status.clone(), std::sync::Arc::clone(&seen)));
        Self { status, looking, seen }
    }

    /// What it kept meanwhile.
    pub(super) fn kept(self) -> anyhow::Result<Kept> {
        self.looking.abort();
        let mut seen = self.seen.lock().map_err(|_| anyhow::anyhow!("nobody looks any more"))?.clone();
        seen.extend(resident(&self.status));
        let quarter = seen.len().div_ceil(4);
        let most = |part: &[f64]| part.iter().copied().fold(0.0, f64::max);
        ensure!(!seen.is_empty(), "the system does not tell what is resident");
        let first = seen.get(..quarter).context("no first quarter")?;
        let last = seen.get(seen.len() - quarter..).context("no last quarter")?;
        Ok(Kept { at_first: most(first), at_most: most(&seen), at_last: most(last) })
    }
}

async fn look(status: PathBuf, seen: std::sync::Arc<std::sync::Mutex<Vec<f64>>>) {
    loop {
        if let (Some(now), Ok(mut seen)) = (resident(&status), seen.lock()) {
            seen.push(now);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// What is resident now.
fn resident(status: &PathBuf) -> Option<f64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kibibytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes / 1024.0)
}

/// The server has the first half of the cores, the driver the other: what the driver costs is none of the server's.
pub(super) struct Apart {
    server: String,
    all: String,
}

impl Apart {
    /// Moves the driver. `None` where there is one core only, or no `taskset`.
    pub(super) fn begin() -> anyhow::Result<Option<Self>> {
        let cores = std::thread::available_parallelism()?.get();
        if cores < 2 {
            return Ok(None);
        }
        let (server, all) = (format!("0-{}", cores / 2 - 1), format!("0-{}", cores - 1));
        let moved = put_on(&format!("{}-{}", cores / 2, cores - 1));
        Ok(moved.then_some(Self { server, all }))
    }

    /// What stands before the server.
    pub(super) fn of_the_server(&self) -> [String; 3] {
        ["taskset".to_owned(), "--cpu-list".to_owned(), self.server.clone()]
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        // Other scenarios are played afterwards.
        put_on(&self.all);
    }
}

/// Puts all threads of this process on these cores.
fn put_on(cores: &str) -> bool {
    let own = std::process::id().to_string();
    let done = Command::new("taskset")
        .args(["--all-tasks", "--cpu-list", "--pid", cores, &own])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    done.is_ok_and(|status| status.success())
}
