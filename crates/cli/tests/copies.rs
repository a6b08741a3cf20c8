//! Backup, restore, export and import as an operator meets them, with a server running and with the wrong things given.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// An installation in a folder of its own.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        place.configure("sayso.toml", "sayso.db");
        place
    }

    fn configure(&self, name: &str, database: &str) {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\ndatabase = \"{database}\"\n\
             [[user]]\nusername = \"ada\"\npassword = \"correct horse battery\"\n\
             [[authority]]\nid = \"one\"\nissuer = \"http://127.0.0.1:{port}\"\nlayout = \"auth0\"\n\
             [[authority.api]]\naudience = \"https://wear.example\"\n"
        );
        fs::write(self.at(name), text).unwrap();
        fs::set_permissions(self.at(name), PermissionsExt::from_mode(0o600)).unwrap();
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
        command.args(arguments).current_dir(self.folder.path()).env_remove("RUST_LOG");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn works(&self, arguments: &[&str], words: &str) {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        assert!(text(&output.stdout).contains(words), "{arguments:?}: {}", text(&output.stdout));
    }

    fn refuses(&self, arguments: &[&str], words: &str) {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}: {}", text(&output.stdout));
        assert!(text(&output.stderr).contains(words), "{arguments:?}: {}", text(&output.stderr));
    }

    /// A server that answers.
    fn serve(&self) -> Serving {
        let mut server = self.command(&["serve", "--config", "sayso.toml"]).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(server.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("serving") {
            line.clear();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "it does not start");
        }
        Serving(server)
    }
}

/// Ends with its test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

const BACKUP: [&str; 4] = ["backup", "--config", "sayso.toml", "b.db"];
const RESTORE: [&str; 4] = ["restore", "--config", "sayso.toml", "b.db"];

#[test]
fn the_way_there_and_back() {
    let place = Place::new();
    place.refuses(&BACKUP, "there is no database");
    let server = place.serve();
    place.works(&BACKUP, "accounts 1, links 0, signing keys 1");
    place.works(&["backup", "--config", "sayso.toml", "b.db", "--overwrite"], "master key is not in it");
    place.refuses(&BACKUP, "is there already");
    place.refuses(&RESTORE, "is in use");
    place.works(&["data", "export", "--config", "sayso.toml", "all.sayso"], "export written");
    drop(server);

    let key = fs::read_to_string(place.at("master.key")).unwrap();
    fs::remove_file(place.at("master.key")).unwrap();
    place.refuses(&RESTORE, "master key");
    fs::write(place.at("master.key"), "A".repeat(43)).unwrap();
    fs::set_permissions(place.at("master.key"), PermissionsExt::from_mode(0o600)).unwrap();
    place.refuses(&RESTORE, "do not open under this master key");
    place.configure("new.toml", "new.db");
    let import = ["data", "import", "--config", "new.toml", "all.sayso"];
    place.refuses(&import, "does not open under this master key");
    fs::write(place.at("master.key"), key).unwrap();

    place.refuses(&["restore", "--config", "sayso.toml", "all.sayso"], "cannot be restored: ");
    place.refuses(&["restore", "--config", "sayso.toml", "none.db"], "check the path");
    place.refuses(&["restore", "--config", "sayso.toml", "--after-pg-restore"], "SQLite file");
    place.works(&RESTORE, "is kept as sayso.db.before-restore-");
    place.works(&["backup", "--config", "sayso.toml", "again.db"], ", restored 20");
    place.works(&import, "accounts 1, links 0, signing keys 1");
    place.refuses(&import, "is not empty");
    place.refuses(&["data", "import", "--config", "new.toml", "b.db"], "does not begin like an export");
    drop(place.serve());
}

/// The file breaks under a running server: SQLite cannot read it any more, and still it is known to be in use.
#[test]
fn a_damaged_file_that_a_server_has_open_is_left_alone() {
    let place = Place::new();
    let server = place.serve();
    place.works(&BACKUP, "accounts 1");
    drop(server);
    // Folds the log in; else the beginning of the file stands there as well.
    place.works(&RESTORE, "restored");
    let server = place.serve();
    let mut file = fs::File::options().write(true).open(place.at("sayso.db")).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    file.write_all(&[0x5A; 100]).unwrap();
    place.refuses(&RESTORE, "is in use");
    drop(server);
    place.works(&RESTORE, "cannot be read");
    drop(place.serve());
}

/// Killed wherever it is, the old database or the new one is in place, and the next restore goes through.
#[test]
fn a_killed_restore_leaves_a_database() {
    let place = Place::new();
    drop(place.serve());
    place.works(&BACKUP, "accounts 1");
    for pause in 0..12 {
        let mut child = place.command(&RESTORE).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(8 * pause));
        let _ = child.kill();
        child.wait().unwrap();
        place.works(&["backup", "--config", "sayso.toml", "check.db", "--overwrite"], "accounts 1");
    }
    place.works(&RESTORE, "restored");
    assert!(!Path::new(&place.at("sayso.db.restoring")).exists());
    drop(place.serve());
}

#[test]
fn for_postgresql_the_commands_are_told_without_the_password() {
    let place = Place::new();
    place.configure("pg.toml", "postgres://me:hunter2@127.0.0.1:1/sayso");
    place.refuses(&["backup", "--config", "pg.toml", "b.dump"], "pg_dump --format=custom");
    place.refuses(&["restore", "--config", "pg.toml", "b.dump"], "the master key");
    drop(place.serve());
    place.refuses(&["restore", "--config", "pg.toml", "b.dump"], "pg_restore --exit-on-error");
    place.refuses(&["restore", "--config", "pg.toml", "--after-pg-restore"], "127.0.0.1:1");
    for command in ["backup", "restore"] {
        assert!(!text(&place.run(&[command, "--config", "pg.toml", "b.dump"]).stderr).contains("hunter2"));
    }
}
