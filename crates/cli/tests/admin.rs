//! The admin API of a running server, as programs of others meet it: schemathesis reads its description and asks whatever
//! that allows and forbids. `sayso audit` then tells what was done.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const AUDIENCE: &str = "https://sayso.example/admin";
/// Two busy cores may take long to start a server.
const PATIENCE: Duration = Duration::from_secs(60);
const SCOPES: [&str; 12] = [
    "admin:audit:read",
    "admin:configuration:read",
    "admin:configuration:write",
    "admin:grants:read",
    "admin:grants:write",
    "admin:groups:read",
    "admin:groups:write",
    "admin:keys:read",
    "admin:keys:write",
    "admin:preview",
    "admin:users:read",
    "admin:users:write",
];

/// A running server; dropped, it ends.
struct Server {
    process: Child,
    folder: TempDir,
    issuer: String,
    /// Where the admin API is.
    admin: String,
}

impl Server {
    async fn start(apart: bool) -> Self {
        // Of two tests that both do it, one finds it done.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let ports: Vec<_> = (0..2).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let [port, other] = [&ports[0], &ports[1]].map(|one| one.local_addr().unwrap().port());
        drop(ports);
        let scopes: Vec<_> = SCOPES.iter().map(|name| format!("{{ name = \"{name}\", text = \"{name}\" }}")).collect();
        let listen = if apart { format!("listen = \"127.0.0.1:{other}\"\n") } else { String::new() };
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\n\
             [admin]\nauthority = \"ops\"\naudience = \"{AUDIENCE}\"\n{listen}\
             [[attribute]]\nname = \"firstName\"\n\
             [[user]]\nusername = \"ada\"\npassword = \"correct horse battery\"\n\
             [[authority]]\nid = \"ops\"\nissuer = \"http://127.0.0.1:{port}\"\nlayout = \"auth0\"\n\
             [[authority.api]]\naudience = \"{AUDIENCE}\"\nalgorithm = \"ES256\"\nscopes = [{}]\n\
             [[authority.client]]\nid = \"root\"\nsecret = \"{SECRET}\"\ngrants = [\"client_credentials\"]\nscopes = {SCOPES:?}\n",
            scopes.join(", ")
        );
        let config = folder.path().join("sayso.toml");
        fs::write(&config, text).unwrap();
        fs::set_permissions(&config, PermissionsExt::from_mode(0o600)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
        command.args(["serve", "--config"]).arg(&config).env_remove("RUST_LOG").stdout(Stdio::null());
        let process = command.stderr(fs::File::create(folder.path().join("log")).unwrap()).spawn().unwrap();
        let admin = if apart { other } else { port };
        let (issuer, admin) = (format!("http://127.0.0.1:{port}"), format!("http://127.0.0.1:{admin}/admin/api/v1"));
        let server = Self { process, folder, issuer, admin };
        let begun = Instant::now();
        while server.get(&format!("{}/health/ready", server.issuer), "").await.is_none_or(|(status, _)| status != 200) {
            assert!(begun.elapsed() < PATIENCE, "not ready: {}", server.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        server
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    async fn get(&self, url: &str, token: &str) -> Option<(u16, String)> {
        let answer = reqwest::Client::new().get(url).bearer_auth(token).send().await.ok()?;
        Some((answer.status().as_u16(), answer.text().await.ok()?))
    }

    async fn token(&self) -> String {
        let form = format!("grant_type=client_credentials&client_id=root&client_secret={SECRET}");
        let request = reqwest::Client::new().post(format!("{}/oauth/token", self.issuer)).body(form);
        let answer = request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
        let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sayso"));
        command.args(arguments).current_dir(self.folder.path()).env_remove("RUST_LOG").output().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program, where `.ci/need schemathesis` has put it.
fn schemathesis() -> Option<PathBuf> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/schemathesis/bin/schemathesis");
    program.exists().then_some(program)
}

#[tokio::test]
async fn whatever_the_description_allows_or_forbids_has_a_described_answer() {
    let Some(program) = schemathesis() else {
        println!("schemathesis is not installed; `.ci/need schemathesis` installs it");
        return;
    };
    let server = Server::start(false).await;
    let token = server.token().await;
    let output = Command::new(program)
        .arg("run")
        .arg(format!("{}/openapi.json", server.admin))
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args([
            "--checks",
            "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        ])
        .args(["--phases", "coverage,fuzzing", "--max-examples", "5", "--seed", "1"])
        .args(["--generation-database", "none", "--no-color"])
        .env("SCHEMATHESIS_HOOKS", Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis_hooks.py"))
        .current_dir(server.folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}\n{}", String::from_utf8_lossy(&output.stderr), server.log());
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[tokio::test]
async fn with_an_address_of_its_own_it_is_nowhere_else() {
    let server = Server::start(true).await;
    let token = server.token().await;
    let (status, users) = server.get(&format!("{}/users", server.admin), &token).await.unwrap();
    assert!(status == 200 && users.contains("\"ada\""), "{status} {users}");
    assert_eq!(server.get(&format!("{}/admin/api/v1/users", server.issuer), &token).await.unwrap().0, 404);
    let elsewhere = server.admin.replace("/admin/api/v1", "/login");
    assert_eq!(server.get(&elsewhere, &token).await.unwrap().0, 404, "nothing else is there");
}

#[tokio::test]
async fn the_audit_log_is_read_by_command_while_the_server_runs() {
    let server = Server::start(false).await;
    let shown = server.run(&["audit", "--config", "sayso.toml", "--user", "Ada"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("user_added") && shown.contains("username=ada") && shown.lines().count() == 1, "{shown}");
    let all = server.run(&["audit", "--config", "sayso.toml", "--json"]);
    let lines: Vec<Value> =
        String::from_utf8(all.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for kind in ["user_added", "configuration_applied", "signing_key_added"] {
        assert!(lines.iter().any(|line| line["kind"] == kind), "{kind}: {lines:?}");
    }
    let one = server.run(&["audit", "--config", "sayso.toml", "--json", "--limit", "1"]);
    assert_eq!(String::from_utf8(one.stdout).unwrap().lines().count(), 1);
    let nobody = server.run(&["audit", "--config", "sayso.toml", "--user", "nobody"]);
    assert_eq!(nobody.status.code(), Some(2));
    assert_eq!(server.run(&["audit", "--config", "sayso.toml", "--since", "yesterday"]).status.code(), Some(2));
}

/// ADM-009: what somebody does to the database by hand is told by command, and so is that all is well.
#[tokio::test]
async fn adm_009_the_audit_is_verified_by_command_while_the_server_runs() {
    let server = Server::start(false).await;
    let verify = |more: &[&str]| server.run(&[&["audit", "verify", "--config", "sayso.toml"], more].concat());
    let whole = verify(&[]);
    let told = String::from_utf8(whole.stdout).unwrap();
    assert_eq!(whole.status.code(), Some(0), "{told}");
    assert!(told.contains("not sealed yet") && told.contains("the audit is as it was written"), "{told}");
    let told: Value = serde_json::from_slice(&verify(&["--json"]).stdout).unwrap();
    assert!(told["whole"] == true && told["waiting"].as_u64() >= Some(3) && told["untagged"] == 0, "{told}");
    let never = format!("1:{}", "A".repeat(43));
    let noted = verify(&["--expect", &never]);
    assert_eq!(noted.status.code(), Some(1), "a head that never was");
    assert!(String::from_utf8(noted.stderr).unwrap().contains("is not in the chain"));

    let files = fs::read_dir(server.folder.path()).unwrap().map(|file| file.unwrap().path());
    let database = files.into_iter().find(|file| file.extension().is_some_and(|ending| ending == "db")).unwrap();
    let by_hand = |sql: &str| rusqlite::Connection::open(&database).unwrap().execute(sql, []).unwrap();
    by_hand("UPDATE audit_events SET user_id = 'usr_eve' WHERE kind = 'user_added'");
    let changed = verify(&[]);
    let told = String::from_utf8(changed.stderr).unwrap();
    assert_eq!(changed.status.code(), Some(1), "{told}");
    assert!(told.contains("changed or added: the record user_added of "), "{told}");
    let told: Value = serde_json::from_slice(&verify(&["--json"]).stdout).unwrap();
    assert!(told["whole"] == false && told["findings"].as_array().unwrap().len() == 1, "{told}");
    let lines = server.run(&["audit", "--config", "sayso.toml", "--json"]);
    assert_eq!(lines.status.code(), Some(1), "reading it out tells it as well");
    assert!(String::from_utf8(lines.stderr).unwrap().contains("NOT AS IT WAS WRITTEN"));
    assert!(String::from_utf8(lines.stdout).unwrap().lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    fs::rename(server.folder.path().join("master.key"), server.folder.path().join("elsewhere")).unwrap();
    assert_eq!(verify(&[]).status.code(), Some(2), "without the key nothing can be told");
}
