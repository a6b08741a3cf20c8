//! The shell story: the whole binary, driven as a script drives it. `sayso dev` is started on free ports, accounts are
//! linked by walking the forms of the companion view and of the login and consent pages, and `sayso ask` asks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod browser;
mod demo;
mod new_skill;

use std::time::Instant;

use serde_json::Value;

use browser::Browser;
use demo::{Demo, Said};

const COLOR: &str = "alexa, ask sample quiz game what is my favorite color";
const WEAR: &str = "alexa, ask what should i wear what should i wear today";
const WASH: &str = "alexa, tell what should i wear my jacket is in the wash";
const QUIZ: &str = "sample-quiz-game";
const WARDROBE: &str = "what-should-i-wear";

fn assert_said(said: &Said, code: i32, stdout: &str) {
    assert_eq!((said.code, said.stdout.as_str()), (code, stdout), "{said:?}");
}

/// Links the skill's account in the companion view as the first demo account, and returns the last page.
async fn link(demo: &Demo, skill: &str) -> String {
    let mut browser = Browser::new();
    browser.open(&format!("{}/companion/{skill}", demo.url("console"))).await;
    browser.press("enable", &[]).await;
    let (username, password) = demo.account(0);
    browser.press("login", &[("username", &username), ("password", &password)]).await;
    browser.press("allow", &[]).await;
    browser.page().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authoritys_keys_change_in_mid_session() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path()).await;
    let judged = async |words: &str, fault: &str| {
        let said = demo.ask(&["--json", "--fault", fault, words]).await;
        let turn: Value = serde_json::from_str(&said.stdout).unwrap();
        (turn["fault"]["verdict"].as_str().unwrap().to_owned(), said.code, turn)
    };
    for (skill, words, revoked) in [(WARDROBE, WEAR, ("not_yet", 0)), (QUIZ, COLOR, ("refused", 1))] {
        link(&demo, skill).await;
        assert_eq!(demo.ask(&[words]).await.code, 0);
        let (verdict, code, turn) = judged(words, "authority-keys-rotated").await;
        assert_eq!((verdict.as_str(), code), ("borne", 0), "{turn}");
        assert!(turn["explanation"].as_str().unwrap().contains("stays published"), "{turn}");
        assert_eq!(turn["hops"][0]["title"], "Refresh the access token", "{turn}");
        // The one asks the authority about each token, the other keeps its keys for a minute.
        let (verdict, code, turn) = judged(words, "authority-keys-revoked").await;
        assert_eq!((verdict.as_str(), code), revoked, "{turn}");
    }
    let said = demo.ask(&[COLOR]).await;
    assert_eq!(said.code, 1, "the token stays refused: {said:?}");
    let forward = reqwest::Client::builder().no_proxy().build().unwrap();
    let clock = format!("{}/api/clock", demo.url("console"));
    forward.post(clock).json(&serde_json::json!({"seconds": 7200})).send().await.unwrap();
    assert_said(&demo.ask(&[COLOR]).await, 0, "Ada's favorite color is teal.\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_linked_and_its_owner_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path()).await;

    let said = demo.ask(&[COLOR]).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.stdout.contains("link your account"), "{said:?}");
    assert!(said.stderr.contains(&format!("{}/companion/{QUIZ}", demo.url("console"))), "{said:?}");

    let page = link(&demo, QUIZ).await;
    assert!(page.contains("id=\"unlink\""), "the companion shows the link: {page}");
    assert_said(&demo.ask(&[COLOR]).await, 0, "Ada's favorite color is teal.\n");

    assert_eq!(demo.ask(&[WEAR]).await.code, 1, "each skill has a link of its own");
    link(&demo, WARDROBE).await;
    let said = demo.ask(&[WEAR]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stdout.starts_with("Long pants, short sleeves, jacket in the afternoon"), "{said:?}");

    assert_eq!(demo.ask(&["alexa, ask nobody for nothing"]).await.code, 2);
    whole_turn(&demo).await;
    an_api_is_asked(&demo).await;

    // What was linked, stays linked.
    let port = demo.port();
    assert_eq!(demo.stop().await, Some(0), "SIGTERM ends it well");
    let begun = Instant::now();
    let demo = Demo::start_on(folder.path(), port).await;
    let ready = begun.elapsed();
    assert_said(&demo.ask(&[COLOR]).await, 0, "Ada's favorite color is teal.\n");
    println!("with existing keys: ready after {ready:?}, first answer after {:?}", begun.elapsed());

    let mut browser = Browser::new();
    browser.open(&format!("{}/companion/{QUIZ}", demo.url("console"))).await;
    browser.press("unlink", &[]).await;
    assert!(browser.page().contains("id=\"enable\""), "{}", browser.page());
    assert_eq!(demo.ask(&[COLOR]).await.code, 1, "unlinked");
    assert_eq!(demo.ask(&[WEAR]).await.code, 0, "the other skill's link is untouched");
}

/// `--json` tells every hop, the checks and the claims, and no token or secret.
async fn whole_turn(demo: &Demo) {
    for (sentence, introspected) in [(COLOR, true), (WEAR, false)] {
        let said = demo.ask(&["--json", sentence]).await;
        assert_eq!(said.code, 0, "{said:?}");
        let turn: Value = serde_json::from_str(&said.stdout).unwrap();
        assert_eq!(turn["outcome"], "answered");
        let request = turn["hops"].as_array().unwrap().iter().find(|hop| {
            hop["request"]["headers"].as_object().is_some_and(|headers| headers.contains_key("signature-256"))
        });
        assert!(request.is_some(), "the signed request is shown: {turn:#}");
        let checks: Vec<&str> =
            turn["checks"].as_array().unwrap().iter().map(|check| check["outcome"].as_str().unwrap()).collect();
        assert_eq!(checks, ["passed"; 6], "{turn:#}");
        assert!(turn["claims"]["sub"].as_str().unwrap().starts_with("usr_"), "{turn:#}");
        let asks =
            turn["hops"].as_array().unwrap().iter().any(|hop| {
                hop["request"]["url"].as_str().is_some_and(|url| url.ends_with("/oauth2/quiz/v1/introspect"))
            });
        assert_eq!(asks, introspected, "one skill asks the authority, the other checks by itself: {turn:#}");
        for secret in demo.secrets() {
            assert!(!said.stdout.contains(&secret), "a secret or token is shown: {turn:#}");
        }
        assert!(!said.stdout.contains("eyJ"), "no token is shown: {turn:#}");
    }
}

/// The skill hands the token on to an API, which checks it once more: all six, and one scope is missing for the jacket.
async fn an_api_is_asked(demo: &Demo) {
    for (sentence, code, status, scope) in [(WEAR, 0, 200, "passed"), (WASH, 1, 403, "failed")] {
        let said = demo.ask(&["--json", sentence]).await;
        assert_eq!(said.code, code, "{said:?}");
        let turn: Value = serde_json::from_str(&said.stdout).unwrap();
        let hop = turn["hops"].as_array().unwrap().iter().find(|hop| hop["to"] == "API").unwrap();
        assert_eq!((&hop["from"], hop["response"]["status"].as_u64()), (&"Skill".into(), Some(status)), "{turn:#}");
        assert!(hop["micros"].is_u64() && hop["checks"].as_array().unwrap().len() == 6, "{turn:#}");
        assert_eq!(hop["checks"][5]["outcome"], scope, "{turn:#}");
        assert!(hop["checks"][5]["micros"].is_u64(), "{turn:#}");
        assert_eq!(turn["checks"][5]["outcome"], "passed", "the skill let it through: {turn:#}");
        assert!(!said.stdout.contains("eyJ"), "no token is shown: {turn:#}");
    }
}

/// What the tutorial tells its reader to try: the scope is asked for, and linked again, the API does as it is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_wider_link_opens_what_the_api_refused() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path()).await;
    let port = demo.port();
    assert_eq!(demo.stop().await, Some(0));
    let linking = folder.path().join("skills/what-should-i-wear/skill-package/accountLinking.json");
    for (file, read, both) in [
        (
            folder.path().join("sayso.toml"),
            "scopes = [\"read:whattowear\"]",
            "scopes = [\"read:whattowear\", \"write:whattowear\"]",
        ),
        (linking, "\"read:whattowear\"", "\"read:whattowear\", \"write:whattowear\""),
    ] {
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(text.matches(read).count(), 1, "{text}");
        std::fs::write(&file, text.replace(read, both)).unwrap();
    }
    let demo = Demo::start_on(folder.path(), port).await;
    link(&demo, WARDROBE).await;
    let said = demo.ask(&[WASH]).await;
    assert!(said.code == 0 && said.stdout.starts_with("I have noted it"), "{said:?}");
    assert_said(&demo.ask(&[WEAR]).await, 0, "Long pants and long sleeves: your jacket is in the wash\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_person_hears_their_own_color_and_denying_links_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path()).await;
    let companion = format!("{}/companion/{QUIZ}", demo.url("console"));
    let (username, password) = demo.account(1);

    let mut browser = Browser::new();
    browser.open(&companion).await;
    browser.press("enable", &[]).await;
    browser.press("login", &[("username", &username), ("password", "not the password")]).await;
    assert!(browser.page().contains("id=\"problem\""), "a wrong password is told: {}", browser.page());
    browser.press("login", &[("username", &username), ("password", &password)]).await;
    browser.press("deny", &[]).await;
    assert_eq!(demo.ask(&[COLOR]).await.code, 1, "denied");

    browser.open(&companion).await;
    browser.press("enable", &[]).await;
    browser.press("allow", &[]).await;
    assert_said(&demo.ask(&[COLOR]).await, 0, "Grace's favorite color is crimson.\n");
    assert_eq!(demo.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demos_configuration_serves_alone() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path()).await;
    let keys = format!("{}/.well-known/jwks.json", demo.url("authority"));
    let console = demo.url("console").to_owned();
    let mut browser = Browser::new();
    browser.open(&keys).await;
    let published = browser.page().to_owned();
    assert!(published.contains("\"kty\""), "{published}");
    assert_eq!(demo.stop().await, Some(0));

    let config = folder.path().join("sayso.toml");
    let served = demo::Serve::start(&config);
    browser.wait_for(&keys).await;
    assert_eq!(browser.page(), published, "the same keys");
    let (code, told) = demo::run(&["ask", "--console", &console, COLOR]).await;
    assert_eq!(code, Some(2), "there is no console: {told}");
    assert_eq!(served.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_skill_package_is_told_by_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path()).await;
    let port = demo.port().to_string();
    assert_eq!(demo.stop().await, Some(0));
    let model = folder.path().join("skills/sample-quiz-game/skill-package/interactionModels/custom/en-US.json");
    let text = std::fs::read_to_string(&model).unwrap();
    let (before, after) = text.split_once("\n").unwrap();
    std::fs::write(&model, format!("{before}\n  oops\n{after}")).unwrap();
    let (code, told) = demo::run(&["dev", "--data", folder.path().to_str().unwrap(), "--port", &port]).await;
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains(&format!("{}: line 2", model.display())), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_serves_one_demo_at_a_time_and_moves_to_other_ports() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path()).await;
    let (code, told) = demo::run(&["dev", "--data", folder.path().to_str().unwrap(), "--port", "1"]).await;
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("another `sayso dev` works in the folder"), "{told}");
    let (first_port, first_password) = (demo.port(), demo.account(0).1);
    assert_eq!(demo.stop().await, Some(0));

    let demo = Demo::start(folder.path()).await;
    assert_ne!(demo.port(), first_port);
    assert_eq!(demo.account(0).1, first_password, "accounts stay");
    link(&demo, QUIZ).await;
    assert_said(&demo.ask(&[COLOR]).await, 0, "Ada's favorite color is teal.\n");
}
