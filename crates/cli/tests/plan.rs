//! `sayso plan`, `apply` and `export`: the file is the whole truth.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
    command.args(arguments).current_dir(folder.path()).env_remove("RUST_LOG").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs it, and expects that exit code.
#[track_caller]
fn ends(folder: &TempDir, arguments: &[&str], code: i32) -> String {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
    text(&output.stdout)
}

fn write(folder: &TempDir, name: &str, content: &str) {
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
}

fn file(lifetime: u32, secret: &str) -> String {
    format!(
        "[server]\ndatabase = \"kept.db\"\n[[user]]\nusername = \"ada\"\npassword = \"correct horse battery\"\n\
         [[attribute]]\nname = \"firstName\"\nlabel = {{ de = \"Vorname\", en = \"First name\" }}\n\
         [[authority]]\nid = \"one\"\nissuer = \"http://127.0.0.1:4000\"\nlayout = \"auth0\"\n\
         [[authority.api]]\naudience = \"https://wear.example\"\ntoken_lifetime = {lifetime}\n\
         [[authority.client]]\nid = \"alexa\"\nsecret = \"{secret}\"\nredirect_uris = [\"https://client.example/back\"]\n"
    )
}

/// What is the node's own goes along, or a file that was written back would switch the admin API off.
#[test]
fn an_export_keeps_the_admin_api_on() {
    let folder = tempfile::tempdir().unwrap();
    let admin = "[admin]\nauthority = \"one\"\naudience = \"https://wear.example\"\nlisten = \"127.0.0.1:4003\"\n";
    let scopes = "scopes = [{ name = \"admin:configuration:write\", text = \"x\" }]\n";
    let file = file(900, SECRET).replace("[[user]]", &format!("{admin}[[user]]"));
    write(&folder, "sayso.toml", &file.replace("[[authority.client]]", &format!("{scopes}[[authority.client]]")));
    ends(&folder, &["apply", "--config", "sayso.toml"], 0);
    let exported = ends(&folder, &["export", "--config", "sayso.toml"], 0);
    for line in admin.lines() {
        assert!(exported.contains(line), "{line}: {exported}");
    }
    write(&folder, "exported.toml", &exported);
    assert_eq!(ends(&folder, &["export", "--config", "exported.toml"], 0), exported);
}

#[test]
fn a_plan_tells_what_differs_and_what_is_exported_differs_in_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "sayso.toml", &file(900, SECRET));
    let told = ends(&folder, &["plan", "--config", "sayso.toml"], 2);
    assert!(told.contains("+ authority \"one\" › client \"alexa\"") && told.contains("secrets: (secret)"), "{told}");
    assert!(!folder.path().join("kept.db").exists(), "looking makes nothing");

    ends(&folder, &["apply", "--config", "sayso.toml"], 0);
    assert!(ends(&folder, &["plan", "--config", "sayso.toml"], 0).contains("No difference"));

    // The file says otherwise now; what runs does not.
    let next = SECRET.replace('0', "f");
    write(&folder, "sayso.toml", &file(3600, &next));
    let told = ends(&folder, &["plan", "--config", "sayso.toml"], 2);
    assert!(told.contains("token_lifetime: 900 -> 3600") && told.contains("secrets: changed (secret)"), "{told}");
    assert!(told.contains("0 to add, 2 to change, 0 to remove"), "{told}");
    let json = ends(&folder, &["plan", "--config", "sayso.toml", "--json"], 2);
    assert!(!json.contains(&next) && !told.contains(&next));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["in_force"], &json["differences"][0]["action"]), (&1.into(), &"changed".into()));
    assert_eq!(json["differences"][1]["place"][1]["name"], "alexa");

    // Written back, it is what runs: as a file of its own, and beside the one that names the installation.
    let exported = ends(&folder, &["export", "--config", "sayso.toml"], 0);
    assert!(!exported.contains(SECRET) && !exported.contains("correct horse"), "{exported}");
    assert!(exported.contains("database = \"kept.db\""), "{exported}");
    assert!(
        !exported.contains("[admin]") && exported.contains("label = { de = \"Vorname\", en = \"First name\" }"),
        "{exported}"
    );
    write(&folder, "exported.toml", &exported);
    ends(&folder, &["plan", "--config", "exported.toml"], 0);
    ends(&folder, &["plan", "--config", "sayso.toml", "exported.toml"], 0);
    assert!(ends(&folder, &["apply", "--config", "exported.toml"], 0).contains("Nothing to do"));
    assert_eq!(ends(&folder, &["export", "--config", "exported.toml"], 0), exported);

    let applied = ends(&folder, &["apply", "--config", "exported.toml", "sayso.toml"], 0);
    assert!(applied.contains("configuration 2") && applied.contains("2 changed"), "{applied}");
    ends(&folder, &["plan", "--config", "sayso.toml"], 0);
}

#[test]
fn failures_are_told_apart_from_differences() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "sayso.toml", &file(900, SECRET));
    write(&folder, "broken.toml", "[[authority]]\n");
    for wrong in [
        &["plan", "--config", "missing.toml"][..],
        &["plan", "--config", "broken.toml"],
        &["plan", "--config", "sayso.toml", "broken.toml"],
        &["plan"],
        &["plan", "--config", "sayso.toml", "--frobnicate"],
    ] {
        let output = run(&folder, wrong);
        assert_eq!(output.status.code(), Some(1), "{wrong:?}: {output:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{wrong:?}");
    }
    assert!(text(&run(&folder, &["plan", "--help"]).stdout).contains("Exit codes"));
    let nothing = run(&folder, &["export", "--config", "sayso.toml"]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(text(&nothing.stderr).contains("sayso apply"), "{nothing:?}");
}

#[test]
fn an_export_leaves_the_password_of_the_database_out() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "sayso.toml", &file(900, SECRET));
    ends(&folder, &["apply", "--config", "sayso.toml"], 0);
    let with =
        file(900, SECRET).replace("\"kept.db\"", "\"postgres://sayso:hunter2@127.0.0.1:1/sayso?sslmode=disable\"");
    write(&folder, "postgres.toml", &with);
    let output = run(&folder, &["export", "--config", "postgres.toml"]);
    assert_eq!(output.status.code(), Some(2), "nobody listens there");
    assert!(!text(&output.stderr).contains("hunter2"), "{output:?}");
}
