//! What the tests of a skill can do, on a skill that does what it can.
#![cfg(all(feature = "axum", feature = "http"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::future::pending;
use std::sync::Arc;

use sayso_skill::kit::{Device, World, intent};
use sayso_skill::persistence::{MemoryAttributes, Persistence as _};
use sayso_skill::{Answer, HandlerError, HandlerInput, On, Skill, linked_account, scope};
use serde_json::json;

/// What all handlers share.
struct Shop(String);

async fn welcome(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    let shop = input.state::<Shop>()?;
    input.remember("new", input.is_new_session())?;
    Ok(input.respond().speak(format!("Welcome to {}.", shop.0)).reprompt("What shall it be?"))
}

async fn order(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    input.remember("ordered", input.slot_value("What").map(str::to_owned))?;
    Ok(input.respond().speak("Noted. Shall I send it?").keep_open())
}

/// "Send it", and the same after the PIN.
async fn send(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    let what: String = input.recall("ordered").unwrap_or_default();
    Ok(input.respond().speak(format!("{what} goes to {}.", input.verified_token()?.subject)).end_session())
}

async fn slow(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    input.say_meanwhile("One moment.").await?;
    pending().await
}

async fn name(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    let told = input.ask_alexa("/v2/accounts/~current/settings/Profile.givenName").await?;
    let noted = input.post_to_alexa("/v1/alerts/reminders", &json!({"at": 7})).await?;
    Ok(input.respond().speak(format!("{} {} {}", told.status, String::from_utf8_lossy(&told.body), noted.status)))
}

async fn seen(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    input.persistent_attributes_mut().await?.insert("seen".into(), json!(true));
    Ok(input.respond())
}

async fn broken(_input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    Err("broken".into())
}

fn skill_that_keeps(world: &World, store: &Arc<MemoryAttributes>) -> Skill {
    let payer = || scope("pay").person_only().confidence_or_ask_pin(400);
    Skill::builder(World::SKILL_ID, world.outside())
        .trust(world.trust())
        .guard(world.guard())
        .state(Shop("Corner Books".into()))
        .persistence(Arc::clone(store))
        .on(On::launch(), welcome)
        .on(On::intent("OrderIntent"), order)
        .on(On::intent("SendIntent").requires(payer()), send)
        .on(On::resumed("SendIntent").requires(payer()), send)
        .on(On::intent("MineIntent").requires(linked_account()), send)
        .on(On::intent("SlowIntent"), slow)
        .on(On::intent("NameIntent"), name)
        .on(On::request("AudioPlayer.PlaybackStarted"), seen)
        .on(On::skill_event("SkillEnabled"), broken)
        .build()
        .unwrap()
}

fn skill(world: &World) -> Skill {
    skill_that_keeps(world, &Arc::default())
}

#[tokio::test]
async fn a_pin_is_asked_for_and_what_was_asked_goes_on_after_it() {
    let world = World::new();
    let mut device = Device::of(&world, skill(&world));
    device.recognise("amzn1.ask.person.P", 300, Some(&world.token("pay")));
    device.say(intent("OrderIntent").slot("What", "Ulysses")).await.assert_listens();
    let asked = device.say(intent("SendIntent")).await;
    let connection = asked.directive("Connections.StartConnection").unwrap();
    assert_eq!((&connection["token"], asked.speech()), (&json!("SendIntent"), ""));
    device.say_pin(true).await.assert_says("Ulysses goes to ada.");

    // A PIN that is not given is not asked for again.
    device.recognise("amzn1.ask.person.P", 300, Some(&world.token("pay")));
    device.say(intent("SendIntent")).await;
    let refused = device.say_pin(false).await;
    assert!(
        refused.speech().starts_with("For that, I need to be sure")
            && refused.directive("Connections.StartConnection").is_none()
    );
    refused.assert_ends();

    // Nor in an answer that does not say what it came to: here to a handler that all of them reach.
    let eager = Skill::builder(World::SKILL_ID, world.outside()).trust(world.trust()).guard(world.guard());
    let eager = eager.on(On::anything().requires(scope("pay").confidence_or_ask_pin(400)), send).build().unwrap();
    let mut other = Device::of(&world, eager);
    other.link(world.token("pay"));
    other.recognise("amzn1.ask.person.P", 300, None);
    assert!(other.say(intent("SendIntent")).await.directive("Connections.StartConnection").is_some());
    let said = other.send(json!({"type": "SessionResumedRequest", "cause": 7})).await;
    assert!(said.directive("Connections.StartConnection").is_none() && !said.speech().is_empty(), "{said:?}");

    // Another task's answer is another handler's.
    device.say(intent("SendIntent")).await;
    device
        .send(json!({"type": "SessionResumedRequest", "cause": {"token": "other"}}))
        .await
        .assert_mentions("cannot help");
    // The household's link is no person's, whatever the PIN.
    device.link(world.token("pay"));
    device.recognise("amzn1.ask.person.P", 400, None);
    device.say(intent("SendIntent")).await.assert_asks_to_link();
}

#[tokio::test]
async fn the_skill_s_own_words_are_spoken_in_the_language_of_the_request() {
    let world = World::new();
    let mut device = Device::of(&world, skill(&world));
    for (locale, not_linked, not_accepted, unknown) in [
        (
            "en-GB",
            "To answer that, I need to know who you are.",
            "I cannot use your linked account",
            "Sorry, I cannot help",
        ),
        (
            "de-AT",
            "Dafür muss ich wissen, wer du bist.",
            "Mit deinem verknüpften Konto geht das nicht.",
            "Dabei kann ich leider",
        ),
        (
            "ja-JP",
            "To answer that, I need to know who you are.",
            "I cannot use your linked account",
            "Sorry, I cannot help",
        ),
    ] {
        device.speak(locale);
        device.unlink();
        let said = device.say(intent("MineIntent")).await;
        said.assert_asks_to_link();
        said.assert_mentions(not_linked);
        device.link("no token");
        device.say(intent("MineIntent")).await.assert_mentions(not_accepted);
        device.say(intent("UnknownIntent")).await.assert_mentions(unknown);
    }
    world.let_time_run_out();
    device.speak("de-DE");
    device.say(intent("SlowIntent")).await.assert_mentions("Das dauert gerade leider zu lange.");
    assert_eq!(world.said_meanwhile(), ["One moment."; 1]);
}

/// Whose test fails reads why, and so does the log; whoever speaks is told nothing of it.
#[tokio::test]
async fn why_it_is_no_handler_s_answer_is_told_to_the_test() {
    let world = World::new();
    let mut device = Device::of(&world, skill(&world));
    assert_eq!(device.open().await.why(), None);
    let why = |said: &sayso_skill::kit::Said| said.why().unwrap_or_default().to_owned();
    assert_eq!(why(&device.say(intent("MineIntent")).await), "token_missing: the request carries no access token");
    device.link(world.token_of(&world.claims("pay").into_iter().chain([("aud".into(), json!("x"))]).collect()));
    let said = device.say(intent("MineIntent")).await;
    assert!(why(&said).starts_with("audience: the token was issued for another API"), "{said:?}");
    let said = device.event("SkillEnabled", json!({})).await;
    assert_eq!((said.status(), why(&said)), (500, "handler_error: broken".to_owned()));
    let stranger =
        Skill::builder("amzn1.ask.skill.other", world.outside()).trust(world.trust()).on(On::launch(), welcome);
    let said = Device::of(&world, stranger.build().unwrap()).open().await;
    assert_eq!(
        (said.status(), why(&said)),
        (400, "other_skill_in_context: the context names another skill".to_owned())
    );
    let distrusting = Skill::builder(World::SKILL_ID, world.outside()).on(On::launch(), welcome).build().unwrap();
    let said = Device::of(&world, distrusting).open().await;
    assert!(said.status() == 400 && why(&said).starts_with("chain_url_"), "{said:?}");
}

#[tokio::test]
async fn time_that_runs_out_is_no_matter_to_those_who_do_not_wait() {
    let world = World::new();
    world.let_time_run_out();
    let mut device = Device::of(&world, skill(&world));
    let said = device.open().await;
    said.assert_says("Welcome to Corner Books.");
    assert_eq!((said.reprompt(), said.session_attributes()), ("What shall it be?", json!({"new": true})));
    device.say(intent("SlowIntent")).await.assert_mentions("takes too long");
}

#[tokio::test]
async fn alexa_is_asked_at_the_address_and_with_the_token_of_the_request() {
    let world = World::new();
    let (asked, posted) = (
        "https://api.amazonalexa.com/v2/accounts/~current/settings/Profile.givenName",
        "https://api.amazonalexa.com/v1/alerts/reminders",
    );
    world.answer(asked, 200, "\"Ada\"");
    world.answer(posted, 201, "{}");
    let mut device = Device::of(&world, skill(&world));
    device.say(intent("NameIntent")).await.assert_says("200 \"Ada\" 201");
    let found: Vec<_> = world.asked().into_iter().filter(|call| call.url == asked || call.url == posted).collect();
    assert!(found.iter().all(|call| call.authorization.as_ref().unwrap().expose() == "Bearer api-token-of-the-tests"));
    assert_eq!(found[1].form.as_ref().unwrap().body.expose(), r#"{"at":7}"#);

    let mut elsewhere = device.envelope(intent_request("NameIntent"));
    elsewhere["context"]["System"]["apiEndpoint"] = json!("https://evil.test");
    let said = device.post(elsewhere.to_string().as_bytes()).await;
    said.assert_mentions("something went wrong");
    assert!(world.asked().iter().all(|call| !call.url.contains("evil.test")));
}

fn intent_request(name: &str) -> serde_json::Value {
    json!({"type": "IntentRequest", "intent": {"name": name, "confirmationStatus": "NONE"}})
}

#[tokio::test]
async fn what_belongs_to_no_session_leaves_the_open_one_alone() {
    let (world, store) = (World::new(), Arc::default());
    let mut device = Device::of(&world, skill_that_keeps(&world, &store));
    device.say(intent("OrderIntent").slot("What", "Ulysses")).await;
    let said = device.send(json!({"type": "AudioPlayer.PlaybackStarted", "token": "t"})).await;
    assert_eq!(said.json(), &json!({"version": "1.0", "response": {}}));
    assert!(device.is_in_session());
    assert_eq!(store.load("user:amzn1.ask.account.A").await.unwrap().attributes["seen"], json!(true));
    // Whatever a test sends: no words where Alexa takes none.
    let mut odd = device.envelope(intent_request("X"));
    odd["request"]["type"] = json!("PlaybackController.NextCommandIssued");
    assert_eq!(device.post(odd.to_string().as_bytes()).await.json()["response"], json!({}));
}

/// Alexa sends it again until it is answered.
#[tokio::test]
async fn a_skill_event_that_was_not_handled_is_not_answered_as_if_it_were() {
    let world = World::new();
    let mut device = Device::of(&world, skill(&world));
    let said = device.event("SkillEnabled", json!({})).await;
    assert_eq!((said.status(), said.json()), (500, &json!(null)));
    let said = device.event("SkillPermissionChanged", json!({})).await;
    assert_eq!(said.status(), 200, "that nobody wants it is no failure");
}

#[tokio::test]
#[should_panic(expected = "the last answer starts a task")]
async fn a_task_that_was_not_started_cannot_be_over() {
    let world = World::new();
    let mut device = Device::of(&world, skill(&world));
    device.open().await;
    device.say_pin(true).await;
}
