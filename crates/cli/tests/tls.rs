//! `sayso serve` on https: docs/conformance.toml as it stands, with a certificate of its own, replaced while it runs.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod serving;

use std::fs;
use std::process::Command;

use serde_json::Value;
use serving::{Server, renew};

const HOST: &str = "sayso.test";

#[tokio::test]
async fn the_example_for_test_suites_is_served_on_https_and_its_certificate_can_be_replaced() {
    let server = Server::ready(HOST).await;
    let old = server.certificate();
    let first = server.trusting(&old);

    let found = first.get(server.url("/.well-known/openid-configuration")).send().await.unwrap();
    let found: Value = serde_json::from_slice(&found.bytes().await.unwrap()).unwrap();
    for (name, path) in [("issuer", ""), ("authorization_endpoint", "/authorize"), ("token_endpoint", "/oauth/token")] {
        assert_eq!(found.get(name).unwrap(), &server.url(path), "{name}");
    }
    let token = first.post(server.url("/oauth/token"));
    let token = token.basic_auth("suite-first", Some("suite-first-secret-of-32-characters-or-more"));
    let token = token.form(&[("grant_type", "client_credentials"), ("scope", "read:test")]).send().await.unwrap();
    assert_eq!(token.status(), 200);
    let login = first.get(server.url("/login")).send().await.unwrap();
    let cookie = login.headers().get("set-cookie").unwrap().to_str().unwrap();
    assert!(cookie.starts_with("__Host-") && cookie.contains("; Secure"), "{cookie}");

    let clear = first.get(format!("http://127.0.0.1:{}/health/ready", server.port)).send().await.unwrap();
    assert_eq!(clear.status(), 400, "nothing is answered in the clear");

    // Half of a renewal, then all of it.
    fs::write(server.file("tls/key.pem"), "rubbish").unwrap();
    server.hang_up();
    server.waits_for("told", async || server.log().contains("the one before stays in use")).await;
    assert!(server.answers(&first).await);
    let second = server.trusting(&renew(server.folder.path(), HOST));
    server.hang_up();
    server.waits_for("renewed", async || server.answers(&second).await).await;
    // A program that has never been here: sessions begun under the old certificate are resumed without showing one.
    assert!(!server.answers(&server.trusting(&old)).await, "the old certificate is not shown any more");
}

#[test]
fn a_certificate_that_cannot_be_used_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sayso.toml");
    let authority = "[[authority]]\nid = \"one\"\nissuer = \"https://id.example\"\nlayout = \"auth0\"\n";
    fs::create_dir(folder.path().join("tls")).unwrap();
    renew(folder.path(), HOST);
    fs::write(folder.path().join("tls/key.pem"), "rubbish").unwrap();
    let tls = "[server]\ntls = { certificate = \"tls/certificate.pem\", key = \"tls/key.pem\" }\n";
    fs::write(&file, format!("{tls}{authority}")).unwrap();
    let started = Command::new(env!("CARGO_BIN_EXE_sayso")).args(["serve", "--config"]).arg(&file).output().unwrap();
    assert_eq!(started.status.code(), Some(2));
    let told = String::from_utf8_lossy(&started.stderr);
    assert!(told.contains("tls/key.pem holds no private key in PEM"), "{told}");
}
