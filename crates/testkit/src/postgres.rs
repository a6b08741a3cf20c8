//! A PostgreSQL server that goes away with the test.

use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;

/// Its socket is named after it; it listens on no network, so nobody else's server is in the way.
const PORT: u16 = 5432;
const USER: &str = "sayso";
/// Times to look whether it is ready, and how long to wait in between.
const LOOKS: usize = 600;
const PAUSE: Duration = Duration::from_millis(25);
/// Nothing here must outlive a power cut; deadlocks shall be found soon.
const SETTINGS: [&str; 7] = [
    "fsync=off",
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=32MB",
    "deadlock_timeout=20ms",
    "logging_collector=off",
    "log_min_messages=warning",
];
/// Ends the server when told to, or when whoever started it is gone, however that came about.
const WATCH: &str = r#"
    trap "" INT TERM HUP
    directory=$1; shift
    "$@" >>"$directory/log" 2>&1 &
    server=$!
    word=
    read -r word
    kill -QUIT $server
    wait $server
    [ "$word" = stop ] || rm -rf "$directory"
"#;

/// A server of its own, on a Unix socket in a temporary folder, where any user may enter without a password.
#[derive(Debug)]
pub struct PostgresServer {
    directory: TempDir,
    programs: PathBuf,
    watch: Option<Child>,
    schemas: AtomicUsize,
    settings: Vec<String>,
    port: u16,
}

impl PostgresServer {
    /// Starts a new server. `None` where PostgreSQL is not installed, which is said aloud.
    ///
    /// # Panics
    /// In CI (`CI=true`) when PostgreSQL is not installed: there nothing is skipped.
    pub fn start() -> Option<Self> {
        let mut server = Self::make()?;
        server.settings.push("listen_addresses=".to_owned());
        server.start_again();
        Some(server)
    }

    /// As [`start`](Self::start), and also on this port of 127.0.0.1, with that certificate and key (PEM), for whoever
    /// has a password.
    pub fn start_encrypted(port: u16, certificate: &str, key: &str) -> Option<Self> {
        let mut server = Self::make()?;
        for (name, content) in [("server.crt", certificate), ("server.key", key)] {
            let file = server.path("data").join(name);
            std::fs::write(&file, content).unwrap();
            std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
            let owner = std::fs::metadata(server.path("data")).unwrap();
            chown(&file, Some(owner.uid()), Some(owner.gid())).unwrap();
        }
        server.port = port;
        server.settings.extend(["listen_addresses=127.0.0.1", "ssl=on"].map(str::to_owned));
        server.start_again();
        Some(server)
    }

    fn make() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "PostgreSQL is missing: .ci/need postgres");
            // Past the capture of the test harness.
            let _ =
                std::io::stderr().write_all(b"\n*** NOT TESTED on PostgreSQL, which is missing: .ci/need postgres\n");
            return None;
        };
        let directory = tempfile::Builder::new().prefix("sayso-pg-").tempdir().unwrap();
        if is_root(directory.path()) {
            let owner = |flag| {
                let asked = Command::new("id").args([flag, "postgres"]).output().unwrap();
                String::from_utf8(asked.stdout).unwrap().trim().parse().ok()
            };
            chown(directory.path(), owner("-u"), owner("-g")).unwrap();
        }
        let (schemas, settings) = (AtomicUsize::new(0), Vec::new());
        let server = Self { directory, programs, watch: None, schemas, settings, port: PORT };
        let data = server.path("data");
        let made = server
            .program("initdb")
            .args([
                "--auth-local=trust",
                "--auth-host=scram-sha-256",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C",
                "--username",
                USER,
                "--pgdata",
            ])
            .arg(data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Some(server)
    }

    /// The one server of this process, started when first asked for; it ends with the process.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<PostgresServer>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// Kills it as a crash would; what it has stored stays.
    pub fn stop(&mut self) {
        self.end("stop\n");
    }

    /// Starts it once more after [`stop`](Self::stop), and waits until it is ready.
    pub fn start_again(&mut self) {
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCH, "sh"]).arg(self.directory.path());
        let server = self.program("postgres");
        watch.arg(server.get_program()).args(server.get_args()).arg("-D").arg(self.path("data"));
        watch.arg("-k").arg(self.directory.path()).arg("-p").arg(self.port.to_string());
        for setting in SETTINGS.into_iter().chain(self.settings.iter().map(String::as_str)) {
            watch.args(["-c", setting]);
        }
        self.watch = Some(watch.stdin(Stdio::piped()).spawn().unwrap());
        // As pg_ctl does: the last line of this file tells.
        let ready = || {
            let state = std::fs::read_to_string(self.path("data/postmaster.pid")).unwrap_or_default();
            state.lines().nth(7).is_some_and(|line| line.trim() == "ready")
        };
        for _ in 0..LOOKS {
            if ready() {
                return;
            }
            std::thread::sleep(PAUSE);
        }
        let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
        panic!("PostgreSQL does not start: {log}");
    }

    /// Becomes a standby of another server: what this one had is gone, and the other acknowledges no commit from now on
    /// that is not here, too (PostgreSQL's manual, "Synchronous Replication").
    pub fn follow(&mut self, primary: &Self) {
        self.stop();
        std::fs::remove_dir_all(self.path("data")).unwrap();
        let copied = self
            .program("pg_basebackup")
            .args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--username", USER, "--host"])
            .arg(primary.directory.path())
            .args(["--port", &primary.port.to_string(), "--pgdata"])
            .arg(self.path("data"))
            .output()
            .unwrap();
        assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
        self.start_again();
        primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'");
        primary.execute("SELECT pg_reload_conf()");
        for _ in 0..LOOKS {
            if primary.count("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == 1 {
                return;
            }
            std::thread::sleep(PAUSE);
        }
        panic!("the standby does not follow: {}", self.log());
    }

    /// Takes writes from now on, having been a standby.
    pub fn promote(&self) {
        self.execute("SELECT pg_promote()");
    }

    /// The address of a new, empty schema, which no other test uses.
    pub fn new_schema(&self) -> String {
        let name = format!("test_{}", self.schemas.fetch_add(1, Ordering::Relaxed));
        self.execute(&format!("CREATE SCHEMA {name}"));
        self.address_of(&name)
    }

    /// The address of the schema of that name.
    pub fn address_of(&self, schema: &str) -> String {
        self.address_of_either(schema, &[])
    }

    /// As [`address_of`](Self::address_of), on whichever of the servers takes writes.
    pub fn address_of_either(&self, schema: &str, others: &[&Self]) -> String {
        // The port names the socket.
        debug_assert_eq!(self.port, PORT);
        let sockets = std::iter::once(self).chain(others.iter().copied()).map(|server| server.directory.path());
        let sockets = sockets.map(|socket| socket.display().to_string()).collect::<Vec<_>>().join(",");
        format!("postgres:///postgres?host={sockets}&user={USER}&options=-c%20search_path={schema}")
    }

    /// Runs statements of a test's own, as the server's master; what they print.
    pub fn execute(&self, sql: &str) -> String {
        let done = Command::new(self.programs.join("psql"))
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"])
            .args(["--username", USER, "--port", &self.port.to_string(), "--command", sql, "--host"])
            .arg(self.directory.path())
            .arg("postgres")
            .output()
            .unwrap();
        assert!(done.status.success(), "{sql}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }

    /// Runs a line for the shell, with PostgreSQL's programs on the path.
    pub fn shell(&self, line: &str) {
        let path = std::env::var("PATH").unwrap_or_default();
        let programs = format!("{}:{path}", self.programs.display());
        let done = Command::new("sh").args(["-c", line]).env("PATH", programs).output().unwrap();
        assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// The one number that a query answers with.
    pub fn count(&self, sql: &str) -> i64 {
        self.execute(sql).trim().parse().unwrap()
    }

    /// What it has logged so far: warnings and worse.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// One of PostgreSQL's programs, which all refuse to run as root.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        // Root's servers belong to the user whom the package has made.
        if std::fs::metadata(self.directory.path()).unwrap().uid() == own_uid() {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
        command
    }

    fn end(&mut self, word: &str) {
        let Some(mut watch) = self.watch.take() else { return };
        if let Some(mut input) = watch.stdin.take() {
            let _ = input.write_all(word.as_bytes());
        }
        let _ = watch.wait();
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.end("");
    }
}

fn is_root(own_directory: &Path) -> bool {
    std::fs::metadata(own_directory).unwrap().uid() == 0
}

/// Whoever made a new directory.
fn own_uid() -> u32 {
    let own = tempfile::tempfile().unwrap();
    own.metadata().unwrap().uid()
}

/// The folder of the newest PostgreSQL that Debian's packages have installed, or of the one on the PATH.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<(u32, PathBuf)> = versions
        .filter_map(|version| {
            let number = version.file_name().to_str()?.parse().ok()?;
            Some((number, version.path().join("bin")))
        })
        .collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all = folders.into_iter().rev().map(|(_, folder)| folder).chain(std::env::split_paths(&path));
    all.find(|folder| ["postgres", "initdb", "psql"].iter().all(|program| folder.join(program).is_file()))
}
