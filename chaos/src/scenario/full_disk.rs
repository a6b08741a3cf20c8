//! The disk is full while the process runs: what must be written is refused with 503 and `Retry-After`, what must only be
//! read is answered, nothing that was acknowledged is lost, and once there is space again all goes on by itself. The log
//! lies on the same full disk.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::database::{self, Database, Engine};
use crate::house::{self, ASSISTANT, INTROSPECT, TOKEN};
use crate::installation::Installation;
use crate::ledger::{self, State, is_in_doubt};
use crate::node::{Answer, Node};
use crate::process::{Launch, Process};
use crate::run::{Figures, Run, not_played};

/// Times the disk is full, at full scale.
const FULL: u32 = 20;
const CODES: usize = 48;
/// Under load with space, and without.
const WITH_SPACE: Duration = Duration::from_millis(250);
const WITHOUT: Duration = Duration::from_millis(400);
/// How long a change of the weather is waited for, and between two looks.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(10);
/// Keeps a process alive that writes beyond its limit: the write fails instead.
const HARDENED: [&str; 4] = ["sh", "-c", r#"trap "" XFSZ; exec "$@""#, "sh"];
/// Mounts a small disk over the folder that is `$0`, for this process alone, moves the database there, and logs there.
const SMALL_DISK: &str = r#"mount -t tmpfs -o size=16m none "$0" && cp "$0/../sayso.db" "$0" && exec "$@" 2>>"$0/log""#;

/// How a disk gets full without filling one that others use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// `RLIMIT_FSIZE`: every write beyond the first byte fails. Works for everybody.
    Limit,
    /// A tmpfs of 16 MiB in a mount namespace of the process's own, and a file that takes all of it. Some systems
    /// refuse that.
    SmallDisk,
}

impl Means {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Limit => "RLIMIT_FSIZE",
            Self::SmallDisk => "tmpfs",
        }
    }
}

/// Again and again, until the scale is reached or the time is over.
///
/// # Errors
/// What does not hold, with seed, grant and its calls.
pub async fn run(run: Run, means: Means) -> anyhow::Result<Figures> {
    if means == Means::SmallDisk && !may_mount() {
        not_played("a full disk", "this system allows no mount namespace; the same is played with RLIMIT_FSIZE");
        return Ok(Figures::default().and("refused by this system", "mount namespaces"));
    }
    let full = run.scaled(FULL);
    let (mut installation, process, disk) = Disk::begin(run.seed, means, CODES * full as usize).await?;
    let probe = Probe::new(&process.node, installation.book.pop().context("no code for the probe")?.code).await?;
    let (mut times, mut doubts, mut slowest, begun) = (0, 0, Duration::ZERO, Instant::now());
    while times < full && !run.is_over() {
        let round = run.seed.wrapping_add(u64::from(times) << 16);
        let (links, node) = (installation.take(), process.node.clone());
        let stop = Arc::new(AtomicBool::new(false));
        let (told, loaded) = (stop.clone(), node.clone());
        let load = tokio::spawn(async move { ledger::load(round, links, &loaded, (&told, true)).await });
        tokio::time::sleep(WITH_SPACE).await;
        disk.fill(&process)?;
        times += 1;
        probe.until(&node, Answer::is_unavailable).await.context("a write while the disk is full")?;
        tokio::time::sleep(WITHOUT).await;
        probe.can_read(&node).await?;
        disk.free(&process)?;
        let freed = Instant::now();
        probe.until(&node, |answer| answer.status == 200).await.context("a write now that there is space again")?;
        slowest = slowest.max(freed.elapsed());
        stop.store(true, Ordering::SeqCst);
        let links = load.await??;
        doubts += links.iter().filter(|link| is_in_doubt(link)).count();
        installation.book.extend(ledger::settle(round, links, &node).await?);
        disk.check(installation.database.folder())?;
    }
    let book = std::mem::take(&mut installation.book);
    installation.book = ledger::settle(run.seed ^ 1, book, &process.node).await?;
    let log = disk.log(&installation);
    ensure!(!log.contains("panicked"), "it panicked:\n{log}");
    process.stop().await?;
    Ok(Figures::default()
        .and("times", times)
        .and("links", installation.book.len())
        .and("calls acknowledged", installation.answers())
        .and("calls in doubt", doubts)
        .and("links alive at the end", installation.count(State::Live))
        .and("ms until all went on at most", slowest.as_millis())
        .and("s", format!("{:.0}", begun.elapsed().as_secs_f64())))
}

/// A start on a full disk is refused, and says why.
///
/// # Errors
/// It is not.
pub async fn start(means: Means) -> anyhow::Result<()> {
    if means == Means::SmallDisk && !may_mount() {
        not_played("a start on a full disk", "this system allows no mount namespace");
        return Ok(());
    }
    let folder = tempfile::Builder::new().prefix("sayso-chaos-").tempdir()?;
    let disk = folder.path().join("disk");
    std::fs::create_dir(&disk)?;
    let launch = Launch::new(folder.path(), &disk.join("sayso.db").display().to_string())?;
    let launch = match means {
        // 32 blocks of 512 bytes: enough for what it has to say, not for the schema.
        Means::Limit => launch.after(["sh", "-c", r#"trap "" XFSZ; ulimit -f 32; exec "$@""#, "sh"]),
        Means::SmallDisk => {
            let small = r#"mount -t tmpfs -o size=16k none "$0" && exec "$@""#;
            launch.after(["unshare", "--map-root-user", "--mount", "sh", "-c", small]).after_too(&disk)
        }
    };
    let (status, said) = launch.refused().await?;
    ensure!(status.code() == Some(2), "it ended with {status}: {said}");
    ensure!(said.contains("cannot open the database") || said.contains("database is not available"), "{said}");
    ensure!(!said.contains("panicked"), "{said}");
    Ok(())
}

fn may_mount() -> bool {
    let tried = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"])
        .output();
    tried.is_ok_and(|tried| tried.status.success())
}

/// The disk that gets full.
struct Disk {
    means: Means,
    /// The database, as seen from here.
    file: PathBuf,
}

impl Disk {
    /// The installation begins, and gets its codes, where there is space.
    async fn begin(seed: u64, means: Means, codes: usize) -> anyhow::Result<(Installation, Process, Self)> {
        let database = Database::new(Engine::Sqlite)?.context("SQLite is always there")?;
        let (mut installation, first) = Installation::begin(seed, database).await?;
        // One more, the assistant's, for the probe.
        installation.add_codes(codes.next_multiple_of(3) + 1).await?;
        first.stop().await?;
        let (folder, file) = (installation.database.folder(), PathBuf::from(installation.database.address()));
        if means == Means::Limit {
            installation.launch = installation.launch.after(HARDENED);
            let process = installation.launch.start().await?;
            return Ok((installation, process, Self { means, file }));
        }
        let mounted = folder.join("disk");
        std::fs::create_dir(&mounted)?;
        let launch = Launch::new(folder, &mounted.join("sayso.db").display().to_string())?;
        let launch =
            launch.after(["unshare", "--map-root-user", "--mount", "sh", "-c", SMALL_DISK]).after_too(&mounted);
        let process = launch.start().await?;
        installation.launch = launch;
        // The small disk is there for the process alone; its root leads to it.
        let seen = Path::new(&format!("/proc/{}/root", process.id())).join(mounted.strip_prefix("/")?);
        Ok((installation, process, Self { means, file: seen.join("sayso.db") }))
    }

    /// Whether the file is sound; on the small disk, a copy of it and of its log.
    fn check(&self, folder: &Path) -> anyhow::Result<()> {
        if self.means == Means::Limit {
            return database::check(&self.file);
        }
        let copy = folder.join("copy.db");
        for log in ["", "-wal"] {
            let named = |file: &Path| PathBuf::from(format!("{}{log}", file.display()));
            std::fs::copy(named(&self.file), named(&copy))?;
        }
        database::check(&copy)
    }

    fn filler(&self) -> PathBuf {
        self.file.with_file_name("filler")
    }

    fn fill(&self, process: &Process) -> anyhow::Result<()> {
        match self.means {
            Means::Limit => limit(process, "0:unlimited"),
            Means::SmallDisk => {
                let mut filler = File::create(self.filler())?;
                for size in [64 * 1024, 1024, 1] {
                    let bytes = vec![0; size];
                    while filler.write_all(&bytes).is_ok() {}
                }
                Ok(())
            }
        }
    }

    fn free(&self, process: &Process) -> anyhow::Result<()> {
        match self.means {
            Means::Limit => limit(process, "unlimited:unlimited"),
            Means::SmallDisk => Ok(std::fs::remove_file(self.filler())?),
        }
    }

    fn log(&self, installation: &Installation) -> String {
        match self.means {
            Means::Limit => installation.launch.log(),
            Means::SmallDisk => std::fs::read_to_string(self.file.with_file_name("log")).unwrap_or_default(),
        }
    }
}

fn limit(process: &Process, fsize: &str) -> anyhow::Result<()> {
    let set =
        Command::new("prlimit").args(["--pid", &process.id().to_string(), &format!("--fsize={fsize}")]).status()?;
    ensure!(set.success(), "the limit cannot be set");
    Ok(())
}

/// A link of its own that tells what the process can do now.
struct Probe(std::cell::RefCell<String>);

impl Probe {
    async fn new(node: &Node, code: String) -> anyhow::Result<Self> {
        let linked = node.post(TOKEN, &house::redemption(ASSISTANT, &code, true)).await?;
        let token = linked.refresh_token().with_context(|| format!("no link: {linked:?}"))?;
        Ok(Self(std::cell::RefCell::new(token)))
    }

    /// Refreshes until the answer is as wanted. Whatever else comes, it is a success or "not now", nothing worse.
    async fn until(&self, node: &Node, wanted: impl Fn(&Answer) -> bool) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            let form = house::refresh(ASSISTANT, &self.0.borrow());
            let answer = node.post(TOKEN, &form).await?;
            if let Some(token) = answer.refresh_token() {
                *self.0.borrow_mut() = token;
            }
            if wanted(&answer) {
                return Ok(());
            }
            ensure!(answer.status == 200 || answer.is_unavailable(), "{answer:?}");
            ensure!(begun.elapsed() < PATIENCE, "after {PATIENCE:?} still: {answer:?}");
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn can_read(&self, node: &Node) -> anyhow::Result<()> {
        let form = house::shown(ASSISTANT, &self.0.borrow());
        let answer = node.post(INTROSPECT, &form).await?;
        ensure!(answer.status == 200 && answer.body.contains("\"active\":true"), "reading needs no space: {answer:?}");
        Ok(())
    }
}
