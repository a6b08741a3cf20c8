//! What `sayso` says when it cannot start, and what `sayso config check` prints.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

fn sayso(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sayso")).args(arguments).env_remove("RUST_LOG").output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn refused(arguments: &[&str], words: &str) {
    let output = sayso(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}: {}", text(&output.stdout));
    assert!(text(&output.stderr).contains(words), "{arguments:?}: {}", text(&output.stderr));
}

/// A port whose two neighbours can be had as well.
fn taken_port() -> (TcpListener, String) {
    let taken = loop {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        if listener.local_addr().unwrap().port() < 65_530 {
            break listener;
        }
    };
    let port = taken.local_addr().unwrap().port().to_string();
    (taken, port)
}

#[test]
fn a_taken_port_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("dev");
    let (_taken, port) = taken_port();
    refused(
        &["dev", "--data", data.to_str().unwrap(), "--port", &port],
        &format!("port {port} on 127.0.0.1 is already taken"),
    );
    assert!(!data.join("sayso.toml").exists(), "nothing is written for ports that cannot be had");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let data = file.join("dev");
    refused(&["dev", "--data", data.to_str().unwrap()], "choose another with --data");
}

#[test]
fn a_configuration_is_told_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sayso.toml");
    let path = file.to_str().unwrap();
    refused(&["config", "check", path], "give the path of a configuration file");
    refused(&["serve", "--config", path], "give the path of a configuration file");

    fs::write(&file, "[server]\nlissen = \"127.0.0.1:1\"\n").unwrap();
    let output = sayso(&["config", "check", path]);
    assert_eq!(output.status.code(), Some(2));
    let found = format!("{path}:2: error: server: unknown key \"lissen\"; did you mean \"listen\"?");
    assert!(text(&output.stdout).starts_with(&found), "{}", text(&output.stdout));
    refused(&["serve", "--config", path], &found);

    fs::write(&file, "[[authority]]\nid = \"one\"\nissuer = \"https://id.example\"\nlayout = \"auth0\"\n").unwrap();
    let output = sayso(&["config", "check", path]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), "ok\n"));
    assert!(!Path::new(&folder.path().join("sayso.db")).exists(), "looking changes nothing");
}

/// On a full disk, or with nobody left to read it, a log cannot be written. `/dev/full` is such a place.
#[cfg(target_os = "linux")]
#[test]
fn a_log_that_cannot_be_written_costs_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let (taken, port) = taken_port();
    let file = folder.path().join("sayso.toml");
    let address = format!("127.0.0.1:{port}");
    let text = format!(
        "[server]\nlisten = \"{address}\"\n[[authority]]\nid = \"one\"\nissuer = \"http://{address}\"\nlayout = \"auth0\"\n"
    );
    fs::write(&file, text).unwrap();
    let serve = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
        command.args(["serve", "--config", file.to_str().unwrap()]).env_remove("RUST_LOG");
        command.stderr(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
        command
    };
    assert_eq!(serve().status().unwrap().code(), Some(2), "the port is taken");
    drop(taken);
    let mut server = serve().spawn().unwrap();
    let ask = || {
        let mut stream = std::net::TcpStream::connect(&address).ok()?;
        write!(stream, "GET /.well-known/jwks.json HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        Some(answer)
    };
    let mut answer = None;
    for _ in 0..1000 {
        answer = ask();
        if answer.is_some() || server.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    server.kill().unwrap();
    server.wait().unwrap();
    let answer = answer.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer:?}");
}

#[test]
fn the_version_and_the_ways_to_use_it_are_told() {
    let version = sayso(&["--version"]);
    assert_eq!(text(&version.stdout), format!("sayso {}\n", env!("CARGO_PKG_VERSION")));
    let help = sayso(&["--help"]);
    for part in ["dev", "ask", "serve", "config", "Exit codes"] {
        assert!(text(&help.stdout).contains(part), "{part}");
    }
}
