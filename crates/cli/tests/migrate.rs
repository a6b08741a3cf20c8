//! `sayso migrate` and `sayso serve` on schemas of every age, on both engines.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use sayso_testkit::PostgresServer;
use tempfile::TempDir;

const OLD: &str = include_str!("../../store/tests/released/schema_1.sql");
/// What the newest schema is.
const NEWEST: i64 = 12;

/// An installation that has not been started yet.
struct Place {
    folder: TempDir,
    /// The schema on the server; a file when there is none.
    schema: Option<String>,
}

impl Place {
    fn both() -> Vec<Self> {
        let on_a_server = PostgresServer::shared().map(|server| {
            let address = server.new_schema();
            let schema = address.rsplit_once("search_path=").unwrap().1.to_owned();
            Self::new(&address, Some(schema))
        });
        std::iter::once(Self::new("data/sayso.db", None)).chain(on_a_server).collect()
    }

    fn new(database: &str, schema: Option<String>) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap(), schema };
        place.configure(database, "");
        place
    }

    fn configure(&self, database: &str, more: &str) {
        let authority = "[[authority]]\nid = \"one\"\nissuer = \"https://id.example\"\nlayout = \"auth0\"\n";
        let text = format!("[server]\nlisten = \"127.0.0.1:0\"\ndatabase = \"{database}\"\n{more}\n{authority}");
        fs::write(self.config(), text).unwrap();
    }

    fn by_command(&self) {
        let text = fs::read_to_string(self.config()).unwrap();
        fs::write(self.config(), text.replacen("[server]", "[server]\nmigrate = \"by_command\"", 1)).unwrap();
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("sayso.toml")
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("data/sayso.db")
    }

    fn execute(&self, sql: &str) {
        match &self.schema {
            None => {
                fs::create_dir_all(self.folder.path().join("data")).unwrap();
                rusqlite::Connection::open(self.file()).unwrap().execute_batch(sql).unwrap();
            }
            Some(schema) => {
                let sql = format!("SET search_path = {schema}; {}", sql.replace("X'", "'\\x"));
                PostgresServer::shared().unwrap().execute(&sql);
            }
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
        command.args(arguments).arg("--config").arg(self.config()).env_remove("RUST_LOG");
        command
    }

    /// What it prints, having ended with that code.
    fn run(&self, arguments: &[&str], code: i32) -> String {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        let said = format!("{}{}", String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        assert_eq!(status.code(), Some(code), "{arguments:?}: {said}");
        said
    }

    fn refused(&self, arguments: &[&str], words: &str) {
        let said = self.run(arguments, 2);
        assert!(said.contains(words), "{arguments:?}: {said}");
    }

    /// A server that runs.
    fn serve(&self) -> Running {
        let mut server = self.command(&["serve"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(server.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("serving") {
            assert!(log.read_line(&mut said).unwrap() > 0, "{said}");
        }
        // Kept open, so that the server can go on logging.
        Running { server, _log: log }
    }
}

struct Running {
    server: Child,
    _log: BufReader<std::process::ChildStderr>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

const CHECK: &[&str] = &["migrate", "--check"];
const MIGRATE: &[&str] = &["migrate"];
const SERVE: &[&str] = &["serve"];

#[test]
fn a_new_operator_looks_ahead_migrates_and_serves() {
    for place in Place::both() {
        let ahead = place.run(CHECK, 1);
        for words in ["no schema yet", "1 begin", "less than a second", "nothing was changed"] {
            assert!(ahead.contains(words), "{ahead}");
        }
        assert!(!place.folder.path().join("data").exists(), "looking makes nothing");
        assert!(place.run(MIGRATE, 0).contains(&format!("has schema version {NEWEST}")));
        for arguments in [CHECK, MIGRATE] {
            assert!(place.run(arguments, 0).contains("nothing to do"));
        }
        place.by_command();
        let server = place.serve();
        assert!(place.folder.path().join("master.key").exists());
        for arguments in [CHECK, MIGRATE] {
            assert!(place.run(arguments, 0).contains("nothing to do"), "while a server runs");
        }
        drop(server);
    }
}

#[test]
fn a_start_on_an_older_schema_is_refused_where_the_command_does_it() {
    for place in Place::both() {
        place.by_command();
        place.refused(SERVE, "has no schema yet");
        assert!(!place.file().exists() && !place.folder.path().join("master.key").exists(), "a refusal makes nothing");
        place.execute(OLD);
        place.refused(SERVE, "has schema version 1");
        place.refused(SERVE, "sayso migrate --config FILE");
        let ahead = place.run(CHECK, 1);
        assert!(ahead.contains("has schema version 1") && ahead.contains("2 sealing"), "{ahead}");
        place.refused(SERVE, "has schema version 1");
        let applied = place.run(MIGRATE, 0);
        assert!(applied.contains("applied 2 sealing") && !applied.contains("applied 1 "), "{applied}");
        assert!(place.run(CHECK, 0).contains("nothing to do"));
    }
}

#[test]
fn a_newer_schema_is_refused_and_left_alone_unless_it_says_that_it_suits() {
    for place in Place::both() {
        place.run(MIGRATE, 0);
        let suiting = NEWEST + 1;
        place.execute(&format!(
            "INSERT INTO schema_version (version) VALUES ({suiting}); \
             INSERT INTO schema_compatibility (version, oldest_program) VALUES ({suiting}, {NEWEST}); \
             ALTER TABLE grants ADD COLUMN place TEXT;"
        ));
        assert!(place.run(CHECK, 0).contains("works on it"));
        assert!(place.run(MIGRATE, 0).contains("works on it"));
        drop(place.serve());
        place.execute("INSERT INTO schema_version (version) VALUES (7001);");
        let content = || place.schema.is_none().then(|| fs::read(place.file()).unwrap());
        let before = content();
        for arguments in [SERVE, CHECK, MIGRATE] {
            place.refused(arguments, "has schema version 7001");
            place.refused(arguments, "start the newer program again");
        }
        assert!(content() == before, "the file has changed");
    }
}

#[test]
fn what_is_no_database_of_ours_is_told_apart() {
    for place in Place::both() {
        place.execute("CREATE TABLE birds (name TEXT)");
        for arguments in [SERVE, CHECK, MIGRATE] {
            place.refused(arguments, "another program");
        }
    }
    let place = Place::new("notes.txt", None);
    fs::write(place.folder.path().join("notes.txt"), "not a database").unwrap();
    fs::write(place.folder.path().join("cut.db"), [b"SQLite format 3\0".as_slice(), &[0xff; 500]].concat()).unwrap();
    fs::create_dir(place.folder.path().join("folder")).unwrap();
    for (database, words) in [
        ("notes.txt", "not a SQLite database"),
        ("cut.db", "damaged"),
        ("folder", "it is a directory"),
        ("postgres://ada:hunter2@127.0.0.1:1/links", "refused"),
        ("postgres://nohost.invalid/links?sslmode=maybe", "sslmode must be"),
    ] {
        place.configure(database, "");
        for arguments in [SERVE, CHECK, MIGRATE] {
            place.refused(arguments, words);
            assert!(!place.run(arguments, 2).contains("hunter2"));
        }
    }
    place.configure("sayso.db", "migrate = \"never\"");
    place.refused(CHECK, "unknown value \"never\"");
    fs::remove_file(place.config()).unwrap();
    place.refused(CHECK, "give the path of a configuration file");
}
