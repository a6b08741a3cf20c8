//! The skill of `docs/examples/node`, written with the official Node SDK and unmodified, behind the simulator: linked, and with
//! its verification of signatures on; and one that asks Alexa's interfaces with the SDK's own clients. The SDK is installed from the
//! registry, in the versions its lock file names.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod stubs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sayso_simulator::{Fault, Saying, Settings, Simulator, SkillSetup};
use sayso_token::entropy::{Entropy, SharedEntropy};
use sayso_token::time::{Clock, Timestamp};
use stubs::{VENDOR, World, parameter};

/// The skill compares times with its own clock.
struct RealClock;

impl Clock for RealClock {
    #[allow(clippy::disallowed_methods, reason = "the skill's process has the machine's clock")]
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap())
    }
}

struct Counting(u64);

impl Entropy for Counting {
    fn fill(&mut self, dest: &mut [u8]) {
        for byte in dest {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 33) as u8;
        }
    }
}

/// The skill's process, which ends with the test.
struct Skill(Child);

impl Drop for Skill {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/node")
}

/// The example with its dependencies, under the target folder; installed once.
fn installed() -> PathBuf {
    // Both tests want it, at the same time.
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("node-skill");
    fs::create_dir_all(&folder).unwrap();
    let lock = fs::read(example().join("package-lock.json")).unwrap();
    let is_there = fs::read(folder.join("installed-lock.json")).is_ok_and(|there| there == lock);
    for file in ["index.js", "package.json", "package-lock.json"] {
        fs::copy(example().join(file), folder.join(file)).unwrap();
    }
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node/asks.js"), folder.join("asks.js")).unwrap();
    if !is_there {
        let npm = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(&folder)
            .output();
        let npm = npm.expect("npm cannot be started: this test needs Node 18 or newer with npm");
        assert!(npm.status.success(), "npm ci: {}", String::from_utf8_lossy(&npm.stderr));
        fs::write(folder.join("installed-lock.json"), lock).unwrap();
    }
    folder
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn package(folder: &Path, provider: &World) -> PathBuf {
    let package = folder.join("package/skill-package");
    fs::create_dir_all(package.join("interactionModels/custom")).unwrap();
    for file in ["skill.json", "interactionModels/custom/en-US.json"] {
        fs::copy(example().join("skill-package").join(file), package.join(file)).unwrap();
    }
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(package.join("skill.json")).unwrap()).unwrap();
    let asks =
        ["alexa::profile:email:read", "alexa::profile:name:read"].map(|name| serde_json::json!({ "name": name }));
    manifest["manifest"]["permissions"] = asks.to_vec().into();
    fs::write(package.join("skill.json"), manifest.to_string()).unwrap();
    let linking = serde_json::json!({ "accountLinkingRequest": stubs::linking(&provider.stub) });
    fs::write(package.join("accountLinking.json"), linking.to_string()).unwrap();
    folder.join("package")
}

async fn simulator(folder: &Path, provider: &World, skill_port: u16) -> Simulator {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = Settings {
        data_dir: folder.join("data"),
        public_url: format!("http://{}", listener.local_addr().unwrap()),
        vendor_id: VENDOR.into(),
        skills: vec![SkillSetup {
            slug: "hello-world".into(),
            package: package(folder, provider),
            endpoint: Some(format!("http://127.0.0.1:{skill_port}/")),
            amazon_chain_url: true,
            ..SkillSetup::default()
        }],
        clock: Arc::new(RealClock),
        entropy: SharedEntropy::new(Counting(7)),
    };
    let simulator = Simulator::open(settings).await.unwrap();
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    simulator
}

/// Links as a consenting person's browser would.
async fn link(simulator: &Simulator) {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let url = format!("{}/companion/hello-world/enable", simulator.console_url());
    let form = client.post(url).header("content-type", "application/x-www-form-urlencoded").body("region=na");
    let begun = form.send().await.unwrap();
    let to = url::Url::parse(begun.headers()["location"].to_str().unwrap()).unwrap();
    let cookie = begun.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let back = format!("{}?code=the-code&state={}", parameter(&to, "redirect_uri"), parameter(&to, "state"));
    let landed = client.get(back).header("cookie", cookie).send().await.unwrap();
    assert_eq!(landed.status(), 303);
}

/// Starts the program as the skill, and waits until it listens.
async fn start(program: &str, folder: &Path, simulator: &Simulator, port: u16) -> Skill {
    let skill = Command::new("node")
        .arg("--require")
        .arg(folder.join("data/trust/node.cjs"))
        .arg(program)
        .current_dir(installed())
        .env("PORT", port.to_string())
        .env("SKILL_ID", simulator.skill_id("hello-world").unwrap())
        .stdout(Stdio::null())
        .spawn();
    let skill = Skill(skill.unwrap());
    let is_up = async {
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), is_up).await.expect("the skill listens");
    skill
}

#[tokio::test]
async fn the_official_clients_ask_alexa_and_are_told_what_is_granted() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let provider = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let simulator = simulator(folder.path(), &provider, port).await;
    let _skill = start("asks.js", folder.path(), &simulator, port).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let url = format!("{}/companion/hello-world/permissions", simulator.console_url());
    let form = client.post(url).header("content-type", "application/x-www-form-urlencoded");
    let granted = form.body("granted=alexa%3A%3Aprofile%3Aemail%3Aread").send().await.unwrap();
    assert_eq!(granted.status(), 303);

    let turn = simulator.say(&Saying::words("open hello world")).await;
    assert_eq!(turn.progressive, ["Let me ask."], "{turn:?}");
    let spoken = turn.spoken.as_deref().unwrap();
    let told: Vec<&str> = spoken.split(" | ").collect();
    let [directive, zone, email, name, address] = told[..] else { panic!("{spoken}") };
    assert_eq!((directive, zone, email), ("undefined", "\"UTC\"", "\"ada@example.com\""));
    assert!(name.starts_with("403") && name.contains("Access denied with reason: ACCESS_NOT_REQUESTED"), "{name}");
    assert!(address.starts_with("403") && address.contains("cannot be requested"), "{address}");
    let asked = turn.hops.iter().filter(|hop| hop.from == "Skill" && hop.to == "Alexa").count();
    assert_eq!(asked, 5, "{turn:?}");
}

#[tokio::test]
async fn a_skill_of_the_official_node_sdk_runs_linked_and_verifies_every_request() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let provider = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let simulator = simulator(folder.path(), &provider, port).await;
    let _skill = start("index.js", folder.path(), &simulator, port).await;

    let say = |words: &'static str| Saying::words(words);
    let turn = simulator.say(&say("open hello world")).await;
    assert_eq!(
        turn.spoken.as_deref(),
        Some("Welcome, you can say hello or help. Which would you like to try?"),
        "{turn:?}"
    );
    let turn = simulator.say(&say("hello")).await;
    assert_eq!(turn.card.as_ref().map(|card| card["type"].clone()), Some("LinkAccount".into()), "{turn:?}");
    link(&simulator).await;
    let turn = simulator.say(&say("alexa, ask hello world to say hello")).await;
    assert_eq!(turn.spoken.as_deref(), Some("Hello World, your account is linked!"), "{turn:?}");

    for (fault, name, _) in Fault::ALL {
        let saying = Saying { fault: Some(fault), ..say("ask hello world to say hello") };
        let turn = simulator.say(&saying).await;
        let verdict = turn.fault.as_ref().map(|fault| fault.verdict.as_str());
        // The official SDK lets a time in the future pass; all else is as it must be.
        let expected = match fault {
            Fault::ClockAhead => "not_noticed",
            Fault::KeysRotated => "borne",
            fault if fault.is_of_tokens() => "borne",
            // Nobody has a hand on the stand-in's keys, and this is no linking.
            fault if !fault.is_of_requests() => "does_not_apply",
            _ => "refused",
        };
        assert_eq!(verdict, Some(expected), "{name}: {turn:?}");
    }
}
