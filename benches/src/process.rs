//! A server in a process of its own, so that what it uses can be told from what its driver uses.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};

/// A tick of `/proc/PID/stat`: USER_HZ is 100 on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// How a server is started.
#[derive(Clone, Debug)]
pub struct Start {
    /// This driver's own program.
    pub program: PathBuf,
    /// A folder for its log.
    pub folder: PathBuf,
    /// Threads that answer.
    pub workers: usize,
    /// The one core it may use.
    pub core: Option<usize>,
}

impl Start {
    /// As `sayso serve` runs: two threads on any core.
    pub fn new(program: impl Into<PathBuf>, folder: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), folder: folder.into(), workers: 2, core: None }
    }

    /// The server of this database.
    ///
    /// # Errors
    /// When it does not come up; its log tells why.
    pub fn sayso(&self, database: &str) -> anyhow::Result<Process> {
        self.start(&["--database".to_owned(), database.to_owned()])
    }

    /// The bare server, with documents of these lengths.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn bare(&self, sizes: &[usize]) -> anyhow::Result<Process> {
        let sizes: Vec<String> = sizes.iter().flat_map(|size| ["--size".to_owned(), size.to_string()]).collect();
        self.start(&sizes)
    }

    fn start(&self, arguments: &[String]) -> anyhow::Result<Process> {
        let mut command = match self.core {
            None => Command::new(&self.program),
            Some(core) => {
                let mut command = Command::new("taskset");
                command.args(["--cpu-list", &core.to_string()]).arg(&self.program);
                command
            }
        };
        let log = self.folder.join("server.log");
        // A file takes the log, as a journal would: writing it is part of what a request costs.
        let log_file =
            File::options().create(true).append(true).open(&log).with_context(|| log.display().to_string())?;
        let mut child = command
            .arg("serve")
            .args(arguments)
            .args(["--workers", &self.workers.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log_file)
            .spawn()
            .context("the server could not be started")?;
        let stdin = child.stdin.take();
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no stdout")?).read_line(&mut line)?;
        let mut process = Process { child, stdin, address: ([127, 0, 0, 1], 0).into() };
        match line.trim().parse() {
            Ok(address) => process.address = address,
            Err(_) => bail!("the server did not come up: {}", last_line(&log)),
        }
        Ok(process)
    }
}

fn last_line(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    text.lines().last().unwrap_or("it said nothing").to_owned()
}

/// A running server. Dropping it ends it.
#[derive(Debug)]
pub struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    address: SocketAddr,
}

impl Process {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The CPU it has used, in user and kernel together, to the hundredth of a second.
    ///
    /// # Errors
    /// When it is gone.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = self.read("stat")?;
        // The name in parentheses may hold anything; utime and stime are the 12th and 13th field behind it.
        let fields = stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace());
        let mut times = fields.context("a stat without a name")?.skip(11).map(str::parse::<u32>);
        let (user, system) = (times.next().context("no utime")??, times.next().context("no stime")??);
        Ok(TICK * (user + system))
    }

    /// The CPU that its present threads have used, to the microsecond. What ended threads used is not in it.
    ///
    /// # Errors
    /// When it is gone.
    pub fn cpu_of_threads(&self) -> anyhow::Result<Duration> {
        let mut nanos = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let used = fs::read_to_string(thread?.path().join("schedstat"))?;
            nanos += used.split_whitespace().next().context("an empty schedstat")?.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// Its resident memory in bytes.
    ///
    /// # Errors
    /// When it is gone.
    pub fn memory(&self) -> anyhow::Result<u64> {
        let status = self.read("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse::<u64>()? * 1024)
    }

    fn read(&self, file: &str) -> anyhow::Result<String> {
        let path = format!("/proc/{}/{file}", self.child.id());
        fs::read_to_string(&path).with_context(|| format!("the server is gone: {path}"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It ends with its stdin, and closes its database by then.
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}
