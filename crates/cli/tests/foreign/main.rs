//! OpenID clients that others wrote, against a started server. Each does all that it can: discovery, the code flow with PKCE
//! through the pages, pushed requests, ID token, userinfo, refresh, introspection, revocation, registration, a key instead
//! of a secret, signing out.
//!
//! Those for Node and Python are in `e2e/foreign`; `.ci/need foreign` installs what they use. Where they are not, the tests
//! say so and pass.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod browser;
mod crate_openidconnect;
mod provider;
#[path = "../serving/mod.rs"]
#[allow(dead_code, reason = "shared with the tests of TLS")]
mod serving;

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use browser::Browser;
use serving::Server;

/// Where docs/conformance.toml sends people back to. Nobody listens there.
const SUITE: &str = "https://localhost.emobix.co.uk:8443/test/a/sayso";

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// What is installed; `None`, said aloud, when it is not.
fn installed(name: &str) -> Option<PathBuf> {
    let path = workspace().join("target/foreign").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("not tested: {} is not there; `.ci/need foreign` installs it", path.display());
    None
}

/// A program, which ends with the test.
struct Program(std::process::Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a client against a server of its own. Each line that it prints is an address for the person's browser, and each
/// that it reads is the one where that was sent back to.
async fn run(mut command: Command) {
    let server = Server::ready("localhost").await;
    let (certificate, said) = (server.file("tls/certificate.pem"), server.file("said"));
    command.env("ISSUER", server.url("")).env("SUITE", SUITE);
    command.env("NODE_EXTRA_CA_CERTS", &certificate).env("REQUESTS_CA_BUNDLE", &certificate);
    // The way to this machine leads through no proxy.
    for proxy in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(proxy);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(File::create(&said).unwrap());
    let mut browser = Browser::of(&server);
    let here = tokio::runtime::Handle::current();
    let talk = move || {
        let mut program = Program(command.spawn().unwrap());
        let (mut input, output) = (program.0.stdin.take().unwrap(), program.0.stdout.take().unwrap());
        for address in BufReader::new(output).lines() {
            let back = here.block_on(browser.walk(&address.unwrap()));
            writeln!(input, "{back}").unwrap();
        }
        program.0.wait().unwrap()
    };
    let ended = tokio::task::spawn_blocking(talk).await.unwrap();
    assert!(ended.success(), "{}\n{}", std::fs::read_to_string(said).unwrap(), server.log());
}

async fn run_node(script: &str) {
    let Some(node) = installed("node") else { return };
    // Node looks for modules from where the script is.
    let folder = tempfile::tempdir_in(node).unwrap();
    for name in [script, "given.mjs"] {
        std::fs::copy(workspace().join("e2e/foreign").join(name), folder.path().join(name)).unwrap();
    }
    let mut command = Command::new("node");
    command.arg(folder.path().join(script));
    run(command).await;
}

#[tokio::test]
async fn openid_client_finds_all_it_knows() {
    run_node("openid_client.mjs").await;
}

#[tokio::test]
async fn oauth4webapi_finds_all_it_knows() {
    run_node("oauth4webapi.mjs").await;
}

#[tokio::test]
async fn authlib_finds_all_it_knows() {
    let Some(python) = installed("python") else { return };
    let mut command = Command::new(python.join("bin/python"));
    command.arg(workspace().join("e2e/foreign/authlib_client.py")).env("PYTHONUNBUFFERED", "1");
    run(command).await;
}
