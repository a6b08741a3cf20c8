//! A skill on Sayso's SDK calls Alexa's own interfaces, as the simulator stands in for them: over sockets, with every check on.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use sayso_simulator::{Saying, Settings, Simulator, SkillSetup};
use sayso_skill::outside::SystemClock;
use sayso_skill::token::entropy::{Entropy, SharedEntropy};
use sayso_skill::{Answer, DangerousLocalTrust, HandlerError, HandlerInput, On, Outside, Skill, Trust};
use serde_json::json;
use tokio::net::TcpListener;

const SLUG: &str = "patient-search";

/// Chance that is none, for keys that nobody has to guess.
struct Counting(u64);

impl Entropy for Counting {
    fn fill(&mut self, dest: &mut [u8]) {
        for byte in dest {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 33) as u8;
        }
    }
}

/// Says two things before it answers how that went.
async fn search(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    let first = input.say_meanwhile("Let me look.").await;
    let second = input.say_meanwhile("Nearly there.").await;
    Ok(input.respond().speak(format!("It went {first:?} and {second:?}.")))
}

fn package(folder: &Path) {
    let models = folder.join("skill-package/interactionModels/custom");
    fs::create_dir_all(&models).unwrap();
    let manifest = json!({"manifest": {"manifestVersion": "1.0", "publishingInformation": {"locales": {"en-US": {"name": "Patient Search"}}}, "apis": {"custom": {}}}});
    fs::write(folder.join("skill-package/skill.json"), manifest.to_string()).unwrap();
    let model = json!({"interactionModel": {"languageModel": {"invocationName": "patient search", "intents": [
        {"name": "SearchIntent", "samples": ["look it up"]}, {"name": "AMAZON.HelpIntent", "samples": []}], "types": []}}});
    fs::write(models.join("en-US.json"), model.to_string()).unwrap();
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

fn serve(listener: TcpListener, router: Router) {
    tokio::spawn(async move { axum::serve(listener, router).await });
}

#[tokio::test]
async fn a_skill_on_the_sdk_says_something_meanwhile_and_it_is_heard_first() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    package(folder.path());
    let (console, console_url) = listen().await;
    let (skill_listener, skill_url) = listen().await;
    let settings = Settings {
        data_dir: folder.path().join("data"),
        public_url: console_url.clone(),
        vendor_id: "M2SAYSODEMO00".into(),
        skills: vec![SkillSetup {
            slug: SLUG.into(),
            package: folder.path().to_owned(),
            endpoint: Some(skill_url),
            ..SkillSetup::default()
        }],
        clock: Arc::new(SystemClock),
        entropy: SharedEntropy::new(Counting(3)),
    };
    let simulator = Simulator::open(settings).await.unwrap();
    serve(console, simulator.router());
    let trust = DangerousLocalTrust::new(&simulator.root_certificate_pem(), &simulator.chain_url_prefix()).unwrap();
    let skill = Skill::builder(simulator.skill_id(SLUG).unwrap(), Outside::system().unwrap())
        .trust(Trust::DangerousLocal(trust))
        .on(On::anything(), search)
        .build()
        .unwrap();
    serve(skill_listener, skill.into_router());

    let turn = simulator.say(&Saying::words("ask patient search to look it up")).await;
    assert_eq!(turn.spoken.as_deref(), Some("It went Ok(()) and Ok(())."), "{turn:?}");
    assert_eq!(turn.progressive, ["Let me look.", "Nearly there."]);
    let drawn: Vec<_> = turn.hops.iter().map(|hop| (hop.from.as_str(), hop.to.as_str(), hop.title.as_str())).collect();
    let meanwhile = ("Skill", "Alexa", "Say something meanwhile");
    assert_eq!(
        drawn,
        [("Alexa", "Skill", "Ask the skill"), ("Skill", "Alexa", "Fetch the certificates"), meanwhile, meanwhile],
        "seen by both, drawn once"
    );
    let shown = serde_json::to_string(turn.as_ref()).unwrap();
    assert!(shown.contains(&console_url) && !shown.contains("alexa-api-"), "{shown}");
}
