//! Signing in at a provider that others wrote, of which Sayso is a client like any other.

use std::fs::{self, Permissions};
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use super::browser::Browser;
use super::serving::Server;
use super::{Program, installed, workspace};

/// It has to be encoded, in header and body (RFC 6749 section 2.3.1).
const SECRET: &str = "a%secret&with+signs:for_32_letters";

async fn people_come_by_it(method: &str, authentication: &str) {
    let Some(node) = installed("node") else { return };
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = Server::ready_with("localhost", |folder, text| {
        fs::write(folder.join("there.secret"), SECRET).unwrap();
        fs::set_permissions(folder.join("there.secret"), Permissions::from_mode(0o600)).unwrap();
        let text = text.replacen("[server]", "[server]\nconnection_secrets = { there = \"there.secret\" }", 1);
        format!(
            "{text}\n[[authority.connection]]\nid = \"there\"\nname = \"Example Corp\"\n\
             issuer = \"http://127.0.0.1:{port}\"\nclient_id = \"sayso\"\nauthentication = \"{authentication}\"\n\
             sign_up = true\nemail_domains = [\"corp.test\"]\n"
        )
    })
    .await;
    // Node looks for modules from where the script is.
    let folder = tempfile::tempdir_in(node).unwrap();
    fs::copy(workspace().join("e2e/foreign/provider.mjs"), folder.path().join("provider.mjs")).unwrap();
    let mut command = Command::new("node");
    command.arg(folder.path().join("provider.mjs")).env("PORT", port.to_string());
    command.env("SECRET", SECRET).env("METHOD", method).env("CALLBACK", server.url("/connections/there/callback"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut provider = Program(command.spawn().unwrap());
    let mut line = String::new();
    BufReader::new(provider.0.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "listening\n");

    let mut browser = Browser::of(&server);
    let page = browser.come_by(&server.url("/account"), "there").await;
    assert!(page.contains("jane@corp.test"), "{page}\n{}", server.log());
    // They are who they were, and not somebody new: of whom the provider asks nothing again.
    browser.sign_out_here();
    let again = browser.come_by(&server.url("/account"), "there").await;
    assert!(again.contains("jane@corp.test"), "{again}\n{}", server.log());
    assert!(!server.log().contains(SECRET));
}

#[tokio::test]
async fn people_come_by_a_certified_provider_with_a_secret_in_the_header() {
    people_come_by_it("client_secret_basic", "secret_basic").await;
}

#[tokio::test]
async fn people_come_by_a_certified_provider_with_a_secret_in_the_body() {
    people_come_by_it("client_secret_post", "secret_post").await;
}
