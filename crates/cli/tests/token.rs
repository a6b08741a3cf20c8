//! `sayso token preview`: what it prints, and how it ends.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const FILE: &str = r#"
[server]
database = "sayso.db"

[[attribute]]
name = "favoriteColor"
self_editable = true

[[attribute]]
name = "age"
type = "integer"

[[group]]
name = "gold"

[[user]]
username = "ada"
password = "colorful-teal"
groups = ["gold"]
attributes = { favoriteColor = "teal", age = 36 }

[[user]]
username = "bob"
password = "colorful-mud"

[[authority]]
id = "quiz"
issuer = "http://127.0.0.1:4000/oauth2/quiz"
layout = "okta"

[[authority.api]]
audience = "https://quiz.example"
scopes = [{ name = "play", text = "play for you" }]

[[authority.claim]]
name = "next"
expression = "user.age + 1"

[[authority.claim]]
name = "color"
attribute = "favoriteColor"

[[authority.policy]]
name = "voice"

[[authority.policy.rule]]
name = "paying"
grants = ["authorization_code"]
groups = ["gold"]
lifetimes = { access_token = 600 }

[[authority.client]]
id = "alexa"
secret = "0123456789abcdef0123456789abcdef"
redirect_uris = ["https://layla.amazon.com/api/skill/link/M2AAAAAAAAAAAA"]
scopes = ["openid", "play"]
"#;

fn preview(folder: &Path, more: &[&str]) -> Output {
    let config = folder.join("sayso.toml");
    std::fs::write(&config, FILE).unwrap();
    Command::new(env!("CARGO_BIN_EXE_sayso"))
        .args(["token", "preview", "--config", config.to_str().unwrap(), "--client", "alexa"])
        .args(more)
        .output()
        .unwrap()
}

#[test]
fn what_would_be_issued_is_shown_with_why() {
    let folder = tempfile::tempdir().unwrap();
    let output = preview(folder.path(), &["--user", " Ada", "--scope", "openid play"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}{}", String::from_utf8_lossy(&output.stderr));
    for said in [
        "Allowed\n",
        "access token 600 s",
        "Policy \"voice\" counts",
        "Rule \"paying\" allows it",
        "people: matched; demanded group gold; found user ada, in gold",
        "next = 37",
        "people write this themselves: favoriteColor",
        "\"color\": \"teal\"",
        "ID token",
    ] {
        assert!(text.contains(said), "{said:?} is not in:\n{text}");
    }
    assert!(!folder.path().join("sayso.db").exists(), "a dry run makes no database");
}

#[test]
fn a_refusal_ends_with_1_and_names_the_nearest_change() {
    let folder = tempfile::tempdir().unwrap();
    let output = preview(folder.path(), &["--user", "bob", "--scope", "play", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&told["allowed"], &told["refused"]["reason"]),
        (&Value::from(false), &Value::from("no_matching_policy"))
    );
    let nearest = told["refused"]["nearest_change"].as_str().unwrap();
    assert!(nearest.contains("put them in the group \"gold\""), "{nearest}");
    assert_eq!(told["claims"][0]["left_out"], "age is not there");
    assert!(told.get("access_token").is_none());
}

#[test]
fn what_cannot_be_played_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    for (more, said) in [
        (&["--user", "eve"][..], "nobody signs in as \"eve\""),
        (&["--authority", "wear", "--user", "ada"], "name one of the file's authorities by --authority: quiz"),
    ] {
        let output = preview(folder.path(), more);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(said), "{text}");
    }
}
