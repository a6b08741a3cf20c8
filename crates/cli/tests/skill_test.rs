//! `sayso skill test` and `sayso ask` as a conversation, against a skill that is a command.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// Answers every request with what it is, and stays open.
const SKILL: &str = r#"command:sed -n 's/.*"type":"\(LaunchRequest\|IntentRequest\|SessionEndedRequest\)".*/\1/p' | sed 's/.*/{"version":"1.0","response":{"outputSpeech":{"type":"PlainText","text":"Got a & here."},"shouldEndSession":false}}/'"#;

fn package(folder: &Path) {
    let models = folder.join("my-skill/skill-package/interactionModels/custom");
    fs::create_dir_all(&models).unwrap();
    let manifest = json!({"manifest": {"manifestVersion": "1.0", "publishingInformation": {"locales": {"en-US": {"name": "Echo"}}}, "apis": {"custom": {}}}});
    fs::write(folder.join("my-skill/skill-package/skill.json"), manifest.to_string()).unwrap();
    let model = json!({"interactionModel": {"languageModel": {"invocationName": "mirror image", "intents": [
        {"name": "EchoIntent", "slots": [{"name": "n", "type": "AMAZON.NUMBER"}], "samples": ["repeat {n}", "repeat"]},
        {"name": "AMAZON.HelpIntent", "samples": []}], "types": []}}});
    fs::write(models.join("en-US.json"), model.to_string()).unwrap();
}

fn sayso(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sayso"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("RUST_LOG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn scripts_of_every_form_are_played_and_the_exit_code_tells() {
    let folder = tempfile::tempdir().unwrap();
    package(folder.path());
    let good = "---\nconfiguration:\n  locale: en-US\n---\n- test: speaks\n- LaunchRequest: Got a LaunchRequest\n- repeat seven:\n  - intent: EchoIntent\n  - slots.n: 7\n  - sessionEnded: false\n---\n- test: anew\n- EchoIntent n=3: /IntentRequest/\n- AMAZON.HelpIntent\n- repeat:\n  - fault: signature-wrong\n  - verdict: does_not_apply\n";
    fs::write(folder.path().join("good.test.yml"), good).unwrap();
    fs::write(folder.path().join("flow.txt"), "LaunchRequest\nEchoIntent n=4\n~ 2\n@ -3h\nLaunchRequest\n").unwrap();
    let replay = json!({"skillId": "amzn1.ask.skill.x", "locale": "en-US", "type": "text", "userInput": ["open mirror image", "repeat", ".quit"]});
    fs::write(folder.path().join("replay.json"), replay.to_string()).unwrap();
    let stage = ["--package", "my-skill", "--endpoint", SKILL];
    let output = sayso(
        folder.path(),
        &[&["skill", "test", "good.test.yml", "flow.txt", "replay.json"][..], &stage].concat(),
        "",
    );
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(text(&output.stderr).contains("4 dialogs pass, 0 fail, 1 are skipped"), "{output:?}");
    assert!(text(&output.stdout).contains("ok good.test.yml: speaks"), "{output:?}");

    fs::write(
        folder.path().join("bad.test.yml"),
        "- test: wrong\n- LaunchRequest: Goodbye\n- gibberish of no use\n- repeat:\n  - fault: skill-id\n",
    )
    .unwrap();
    let output = sayso(folder.path(), &[&["skill", "test", "bad.test.yml", "--json"][..], &stage].concat(), "");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    let missed = shown["missed"].as_array().unwrap();
    assert_eq!((shown["pass"].as_bool(), missed.len()), (Some(false), 3), "{shown}");
    assert!(missed[2].as_str().unwrap().contains("a request that it must refuse"), "{shown}");
    assert!(missed[0].as_str().unwrap().contains("Got a LaunchRequest here."), "{shown}");

    for arguments in [&["skill", "test", "none.yml"][..], &["skill", "test", "my-skill/skill-package/skill.json"]] {
        let output = sayso(folder.path(), &[arguments, &stage].concat(), "");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
}

#[test]
fn a_conversation_is_held_recorded_and_played_again() {
    let folder = tempfile::tempdir().unwrap();
    package(folder.path());
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let console = format!("http://127.0.0.1:{port}");
    let mut served = Command::new(env!("CARGO_BIN_EXE_sayso"))
        .args(["skill", "console", "my-skill", "--endpoint", SKILL, "--port", &port.to_string()])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(served.stdout.as_mut().unwrap()), &mut line).unwrap();
    assert!(line.contains(&console), "{line}");

    let said = "open mirror image\n.silence\nrepeat seven\n.record talk.json --append-quit\n.exit\n.quit\nnever said\n";
    let output = sayso(folder.path(), &["ask", "--console", &console], said);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(text(&output.stdout), "Got a LaunchRequest here.\nGot a IntentRequest here.\n", "{output:?}");
    let recorded: Value = serde_json::from_slice(&fs::read(folder.path().join("talk.json")).unwrap()).unwrap();
    assert_eq!(recorded["userInput"], json!(["open mirror image", "repeat seven", ".quit"]));
    assert!(recorded["skillId"].as_str().unwrap().starts_with("amzn1.ask.skill."));
    assert_eq!((&recorded["type"], &recorded["locale"]), (&json!("text"), &json!("en-US")));

    let output = sayso(folder.path(), &["ask", "--console", &console, "--replay", "talk.json"], "");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(
        text(&output.stdout).starts_with("> open mirror image\nGot a LaunchRequest here.\n> repeat seven\n"),
        "{output:?}"
    );
    let output = sayso(folder.path(), &["ask", "--console", &console], ".frobnicate\n");
    assert!(output.status.code() == Some(2) && text(&output.stderr).contains("there is no .frobnicate"), "{output:?}");

    let output = sayso(folder.path(), &["ask", "--console", &console, "--fault", "rain", "hello"], "");
    assert!(output.status.code() == Some(2) && text(&output.stderr).contains("token-lost"), "{output:?}");
    served.kill().unwrap();
    served.wait().unwrap();
}
