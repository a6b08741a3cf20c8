//! `sayso keys` beside a running `sayso serve`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Nodes look twice a second; two busy cores may take longer for all the rest.
const PATIENCE: Duration = Duration::from_secs(30);

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        let text = "[server]\nlisten = \"127.0.0.1:0\"\n\n[[authority]]\nid = \"one\"\nissuer = \"https://id.example\"\n\
                    layout = \"auth0\"\n\n[[authority.api]]\naudience = \"https://api.example\"\nalgorithm = \"ES256\"\n";
        fs::write(place.config(), text).unwrap();
        place
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("sayso.toml")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
        command.args(arguments).arg("--config").arg(self.config()).env_remove("RUST_LOG");
        command
    }

    /// What it prints, having ended with that code.
    fn run(&self, arguments: &[&str], code: i32) -> String {
        let output = self.command(arguments).output().unwrap();
        let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        said
    }

    /// The keys, as `sayso keys list --json` tells them.
    fn keys(&self) -> Vec<Value> {
        serde_json::from_str(&self.run(&["keys", "list", "--json"], 0)).unwrap()
    }

    /// Of each RS256 key its id and state, the newest first.
    fn rsa(&self) -> Vec<(String, String)> {
        let text = |key: &Value, name: &str| key[name].as_str().unwrap().to_owned();
        let keys = self.keys();
        let rsa = keys.iter().filter(|key| key["algorithm"] == "RS256");
        rsa.map(|key| (text(key, "kid"), text(key, "state"))).collect()
    }
}

/// A running server; dropped, it ends.
struct Server {
    process: Child,
    address: String,
    /// Kept open, so that the server can go on logging.
    _log: BufReader<ChildStderr>,
}

impl Server {
    fn start(place: &Place) -> Self {
        let mut process = place.command(&["serve"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (mut log, mut said) = (BufReader::new(process.stderr.take().unwrap()), String::new());
        while !said.contains("serving") {
            assert!(log.read_line(&mut said).unwrap() > 0, "{said}");
        }
        let plain: String = said.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        let port = plain.split("127.0.0.1:").nth(1).unwrap();
        let port: String = port.chars().take_while(char::is_ascii_digit).collect();
        Self { process, address: format!("127.0.0.1:{port}"), _log: log }
    }

    fn published(&self) -> Vec<String> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = "GET /.well-known/jwks.json HTTP/1.1\r\nHost: id.example\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        body["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    }

    fn comes_to_publish(&self, is_so: impl Fn(&[String]) -> bool) {
        let begun = Instant::now();
        while !is_so(&self.published()) {
            assert!(begun.elapsed() < PATIENCE, "{:?}", self.published());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn keys_are_rotated_and_revoked_while_a_server_runs() {
    let place = Place::new();
    let refused = place.run(&["keys", "list"], 2);
    assert!(refused.contains("there is no database") && !place.folder.path().join("sayso.db").exists(), "{refused}");
    let server = Server::start(&place);
    assert_eq!(place.keys().len(), 2);
    let first = place.rsa()[0].0.clone();

    let told = place.run(&["keys", "rotate", "--algorithm", "RS256"], 0);
    let next = place.rsa()[0].0.clone();
    for words in
        [&format!("key {next} is published now, and signs from "), &format!("{first} signs; it stays"), "Running nodes"]
    {
        assert!(told.contains(words), "{words}: {told}");
    }
    let state = |kid: &str, state: &str| (kid.to_owned(), state.to_owned());
    assert_eq!(place.rsa(), [state(&next, "next"), state(&first, "signing")]);
    server.comes_to_publish(|kids| kids.contains(&next) && kids.contains(&first));
    assert!(place.run(&["keys", "rotate", "--algorithm", "RS256"], 0).contains("waits already"));

    let told = place.run(&["keys", "revoke", "--authority", "one", "--kid", &first], 0);
    assert!(told.contains(&format!("Key {next} signs now")), "{told}");
    assert_eq!(place.rsa(), [state(&next, "signing"), state(&first, "revoked")]);
    server.comes_to_publish(|kids| kids.contains(&next) && !kids.contains(&first));
    let table = place.run(&["keys", "list", "--authority", "one"], 0);
    let revoked = table.lines().find(|line| line.contains(&first)).unwrap();
    assert!(table.starts_with("authority") && revoked.contains("revoked"), "{table}");
    assert!(place.run(&["keys", "revoke", "--authority", "one", "--kid", &first], 0).contains("Nothing to do"));

    for (arguments, words) in [
        (&["keys", "list", "--authority", "two"][..], "authority \"two\" has no signing keys"),
        (&["keys", "revoke", "--authority", "one", "--kid", "-x"], "has no key \"-x\""),
        (&["keys", "revoke", "--authority", "two", "--kid", "x"], "authority \"two\" has no signing keys"),
    ] {
        let refused = place.run(arguments, 2);
        assert!(refused.contains(words), "{refused}");
    }
    // Nothing secret was printed or published, and the server goes on.
    let printed = [place.run(&["keys", "list", "--json"], 0), table].concat();
    assert!(!printed.contains("sealed") && !printed.contains("\"d\""), "{printed}");
}
