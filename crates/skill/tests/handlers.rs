//! Functions as handlers, what they remember, what they say meanwhile and in which language.
#![cfg(all(feature = "axum", feature = "fluent", feature = "http"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod alexa_cloud;

use std::sync::Arc;

use alexa_cloud::*;
use sayso_skill::alexa::envelope::{DialogState, RequestEnvelope};
use sayso_skill::alexa::response::Connection;
use sayso_skill::outside::FetchFailed;
use sayso_skill::persistence::{
    KeptAttributes, MemoryAttributes, NotSaved, Persistence, by_device, by_person, by_user,
};
use sayso_skill::token::guard::Requirements;
use sayso_skill::{
    Answer, ErrorHandler, Failure, Guard, HandlerError, HandlerInput, On, ProgressFailed, RequestInterceptor,
    ResponseInterceptor, SkillBuilder, Texts, async_trait, scope,
};
use serde_json::{Value, json};

async fn hello(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    Ok(input.respond().speak("hello"))
}

async fn anything_else(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    Ok(input.respond().speak("something else"))
}

async fn whose(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    let subject = input.verified_token()?.subject.clone();
    Ok(input.respond().speak(subject))
}

fn guard() -> Guard {
    Guard::jwks(Requirements::new(ISSUER, AUDIENCE).unwrap(), JWKS_URL)
}

fn of_type(request_type: &str) -> Value {
    let mut envelope = intent("X", None);
    envelope["request"]["type"] = json!(request_type);
    envelope
}

#[tokio::test]
async fn functions_are_asked_in_order_for_what_they_answer() {
    let world = World::new(|skill| {
        skill
            .guard(guard())
            .on(On::launch(), hello)
            .on(On::intent("WhoseIntent").requires(scope("read:color")), whose)
            .on(On::intents(["A", "B"]), hello)
            .on(On::intent("C").in_dialog(DialogState::Completed), hello)
            .on(On::intent("C").when(|input| input.slot_value("Color").is_some()), whose)
            .on(On::skill_event("SkillEnabled"), hello)
            .on(On::anything(), anything_else)
    });
    let dialog = |state: &str| {
        let mut envelope = intent("C", None);
        envelope["request"]["dialogState"] = json!(state);
        envelope
    };
    let token = jwt(token_key(), &claims());
    for (envelope, expected) in [
        (of_type("LaunchRequest"), "hello"),
        (intent("WhoseIntent", Some(&token)), "ada"),
        (intent("A", None), "hello"),
        (intent("B", None), "hello"),
        (dialog("COMPLETED"), "hello"),
        (dialog("STARTED"), "something else"),
        (dialog("OF_TOMORROW"), "something else"),
        (intent("D", None), "something else"),
        (of_type("AlexaSkillEvent.SkillEnabled"), "hello"),
        (of_type("AlexaSkillEvent.SkillDisabled"), "something else"),
    ] {
        assert_eq!(world.send(&envelope).await.speech(), expected, "{envelope}");
    }
    assert!(world.send(&intent("WhoseIntent", None)).await.has_link_card());
}

struct Started(u32);

/// Counts the requests and hands the number on.
struct Numbering;

#[async_trait]
impl RequestInterceptor for Numbering {
    async fn process(&self, input: &mut HandlerInput) -> Result<(), HandlerError> {
        let number = input.recall::<u32>("number").unwrap_or_default() + 1;
        input.request_attributes_mut().insert(Started(number));
        input.remember("number", number)
    }
}

#[async_trait]
impl ResponseInterceptor for Numbering {
    async fn process(&self, input: &mut HandlerInput, answer: &mut Answer) -> Result<(), HandlerError> {
        let number = input.request_attributes().get::<Started>().map_or(0, |started| started.0);
        *answer = std::mem::take(answer).simple_card("number", number.to_string());
        Ok(())
    }
}

#[tokio::test]
async fn interceptors_hand_on_what_lasts_for_a_request_and_for_a_session() {
    let world = World::new(|skill| {
        skill.request_interceptor(Numbering).response_interceptor(Numbering).on(On::anything(), hello)
    });
    let mut envelope = intent("X", None);
    for number in 1..4 {
        let heard = world.send(&envelope).await;
        assert_eq!(heard.json["response"]["card"]["content"], json!(number.to_string()));
        envelope["session"]["attributes"] = heard.json["sessionAttributes"].clone();
    }
    envelope["session"]["attributes"]["number"] = json!("not a number");
    assert_eq!(world.send(&envelope).await.json["response"]["card"]["content"], json!("1"));
}

async fn count(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    let attributes = input.persistent_attributes_mut().await?;
    let visits = attributes.get("visits").and_then(Value::as_u64).unwrap_or_default() + 1;
    attributes.insert("visits".into(), visits.into());
    if input.is_intent("Fail") {
        return Err("told to".into());
    }
    Ok(input.respond().speak(visits.to_string()))
}

async fn look(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    let visits = input.persistent_attributes().await?.get("visits").cloned().unwrap_or_default();
    Ok(input.respond().speak(visits.to_string()))
}

async fn forget(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    input.forget_persistent_attributes().await?;
    Ok(input.respond().speak("forgotten"))
}

/// Says which failure it was.
struct Telling;

#[async_trait]
impl ErrorHandler for Telling {
    fn can_handle(&self, _input: &HandlerInput, _failure: &Failure) -> bool {
        true
    }

    async fn handle(&self, input: &mut HandlerInput, failure: &Failure) -> Result<Answer, HandlerError> {
        Ok(input.respond().speak(format!("{failure:?}")))
    }
}

fn counting(skill: SkillBuilder) -> SkillBuilder {
    skill.error_handler(Telling).on(On::intent("Look"), look).on(On::intent("Forget"), forget).on(On::anything(), count)
}

fn of_user(name: &str, user: &str) -> Value {
    let mut envelope = intent(name, None);
    envelope["session"]["user"]["userId"] = json!(user);
    envelope["context"]["System"]["user"]["userId"] = json!(user);
    envelope
}

#[tokio::test]
async fn a_user_is_remembered_from_one_session_to_the_next() {
    let world = World::new(|skill| counting(skill).persistence(MemoryAttributes::default()));
    for (name, user, expected) in [
        ("Look", "a", "null"),
        ("Count", "a", "1"),
        ("Count", "a", "2"),
        ("Count", "b", "1"),
        ("Look", "a", "2"),
        ("Fail", "a", "Handler(\"told to\")"),
        ("Look", "a", "2"),
        ("Forget", "a", "forgotten"),
        ("Count", "a", "1"),
        ("Look", "b", "1"),
    ] {
        assert_eq!(world.send(&of_user(name, user)).await.speech(), expected, "{name} {user}");
    }
}

#[tokio::test]
async fn without_a_store_or_a_user_the_error_handlers_answer() {
    let without = World::new(counting);
    assert!(without.send(&intent("Look", None)).await.speech().contains("NoStore"));
    let by_nobody = World::new(|skill| counting(skill).persistence_by(by_device, MemoryAttributes::default()));
    assert!(by_nobody.send(&intent("Look", None)).await.speech().contains("Nobody"));
}

/// Each store answers alike.
async fn assert_keeps(store: impl Persistence) {
    let mut kept = store.load("k").await.unwrap();
    assert_eq!(kept, KeptAttributes::default());
    kept.attributes.insert("ä".into(), json!({"deep": [1, null, 2.5]}));
    store.save("k", &kept).await.unwrap();
    let loaded = store.load("k").await.unwrap();
    assert_eq!((loaded.version, &loaded.attributes), (1, &kept.attributes));
    assert_eq!(store.load("other").await.unwrap(), KeptAttributes::default());
    // Whoever loaded before does not overwrite.
    assert!(matches!(store.save("k", &kept).await, Err(NotSaved::Changed)));
    store.save("k", &KeptAttributes { attributes: serde_json::Map::new(), ..loaded }).await.unwrap();
    let loaded = store.load("k").await.unwrap();
    assert_eq!((loaded.version, loaded.attributes.len()), (2, 0));
    store.forget("k").await.unwrap();
    store.forget("k").await.unwrap();
    assert_eq!(store.load("k").await.unwrap(), KeptAttributes::default());
    assert!(matches!(
        store.save("k", &KeptAttributes { version: 2, ..KeptAttributes::default() }).await,
        Err(NotSaved::Changed)
    ));
}

#[tokio::test]
async fn attributes_in_memory() {
    assert_keeps(MemoryAttributes::default()).await;
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn attributes_in_a_file() {
    use sayso_skill::persistence::SqliteAttributes;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("attributes.db");
    assert_keeps(SqliteAttributes::open(&file).unwrap()).await;
    let mut kept = KeptAttributes::default();
    kept.attributes.insert("a".into(), json!(1));
    SqliteAttributes::open(&file).unwrap().save("k", &kept).await.unwrap();
    let (one, two) = (SqliteAttributes::open(&file).unwrap(), SqliteAttributes::open(&file).unwrap());
    let loaded = one.load("k").await.unwrap();
    assert_eq!(loaded.attributes, kept.attributes, "it outlives whoever wrote it");
    two.save("k", &loaded).await.unwrap();
    assert!(matches!(one.save("k", &loaded).await, Err(NotSaved::Changed)), "two processes, one winner");
    std::fs::write(folder.path().join("no.db"), "this is no database, however long it may be").unwrap();
    assert!(SqliteAttributes::open(folder.path().join("no.db")).is_err());
}

#[test]
fn keys_are_told_apart() {
    let mut envelope = intent("X", None);
    envelope["context"]["System"]["device"] = json!({"deviceId": "d"});
    let read = |envelope: &Value| serde_json::from_value::<RequestEnvelope>(envelope.clone()).unwrap();
    let user = Some("user:amzn1.ask.account.A".to_owned());
    assert_eq!((by_user(&read(&envelope)), by_person(&read(&envelope))), (user.clone(), user));
    assert_eq!(by_device(&read(&envelope)), Some("device:d".to_owned()));
    envelope["context"]["System"]["person"] = json!({"personId": "p"});
    assert_eq!(by_person(&read(&envelope)), Some("person:p".to_owned()));
    assert_eq!(by_device(&read(&json!({}))), None);
}

async fn search(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    let told = match input.say_meanwhile("One \"moment\".").await {
        Ok(()) => "told".to_owned(),
        Err(why) => why.to_string(),
    };
    Ok(input.respond().speak(told))
}

#[tokio::test]
async fn something_can_be_said_meanwhile() {
    let world = World::new(|skill| skill.on(On::anything(), search));
    let url = "https://api.amazonalexa.com/v1/directives";
    world.web.set(url, 204, "");
    let mut envelope = intent("X", None);
    envelope["context"]["System"]["apiAccessToken"] = json!("api-s3cret");
    assert_eq!(world.send(&envelope).await.speech(), "told");
    let asked = world.web.asked();
    let sent = asked.iter().find(|outgoing| outgoing.url == url).unwrap();
    let form = sent.form.as_ref().unwrap();
    assert_eq!(form.content_type, "application/json");
    assert_eq!(sent.authorization.as_ref().unwrap().expose(), "Bearer api-s3cret");
    assert_eq!(
        serde_json::from_str::<Value>(form.body.expose()).unwrap(),
        json!({
            "header": {"requestId": "amzn1.echo-api.request.1"},
            "directive": {"type": "VoicePlayer.Speak", "speech": "One \"moment\"."},
        })
    );
    assert!(!format!("{sent:?}").contains("s3cret"));
    for (status, endpoint, expected) in [
        (Ok(500), json!("https://api.amazonalexa.com"), ProgressFailed::Refused(500)),
        (Err(FetchFailed::TooSlow), json!("https://api.amazonalexa.com"), ProgressFailed::Fetch(FetchFailed::TooSlow)),
        (Ok(204), json!("https://api.evil.test"), ProgressFailed::NotAlexa),
        (Ok(204), Value::Null, ProgressFailed::NoEndpoint),
    ] {
        match status {
            Ok(status) => world.web.set(url, status, ""),
            Err(failed) => world.web.fail(url, failed),
        }
        envelope["context"]["System"]["apiEndpoint"] = endpoint;
        assert_eq!(world.send(&envelope).await.speech(), expected.to_string());
    }
    assert_eq!(world.web.asked().iter().filter(|outgoing| outgoing.url.contains("evil")).count(), 0);
}

async fn greet(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    let color = "<break/>";
    let reprompt = input.markup_with("again", [("color", color.into())])?;
    Ok(input.respond().speak(input.text_with("hi", [("color", color.into())])?).reprompt(reprompt))
}

#[tokio::test]
async fn the_language_of_the_request_is_spoken() {
    let texts = Texts::new("en", "hi = I like { $color }.\nagain = <s>{ $color }?</s>")
        .unwrap()
        .language("de", "hi = Ich mag { $color }.\nagain = <s>{ $color }?</s>")
        .unwrap();
    let world = World::new(|skill| skill.texts(texts).on(On::anything(), greet));
    for (locale, expected) in
        [(json!("de-DE"), "Ich mag <break/>."), (json!("fr-FR"), "I like <break/>."), (json!(null), "I like <break/>.")]
    {
        let mut envelope = intent("X", None);
        envelope["request"]["locale"] = locale;
        let heard = world.send(&envelope).await;
        assert_eq!(heard.speech(), expected);
        assert_eq!(heard.json["response"]["outputSpeech"]["type"], json!("PlainText"));
        let reprompt = &heard.json["response"]["reprompt"]["outputSpeech"];
        assert_eq!(reprompt["ssml"], json!("<speak><s>&lt;break/&gt;?</s></speak>"));
    }
    let without = World::new(|skill| skill.error_handler(Telling).on(On::anything(), greet));
    assert!(without.send(&intent("X", None)).await.speech().contains("NoTexts"));
}

#[test]
fn an_answer_leads_a_dialog() {
    let json = |answer: Answer| serde_json::to_value(answer.response()).unwrap();
    assert_eq!(json(Answer::new().delegate()), json!({"directives": [{"type": "Dialog.Delegate"}]}));
    assert_eq!(
        json(Answer::new().speak("Which?").elicit_slot("Color")),
        json!({
            "outputSpeech": {"type": "PlainText", "text": "Which?"}, "shouldEndSession": false,
            "directives": [{"type": "Dialog.ElicitSlot", "slotToElicit": "Color"}],
        })
    );
    assert_eq!(json(Answer::new().confirm_slot("Color"))["directives"][0]["slotToConfirm"], json!("Color"));
    assert_eq!(json(Answer::new().confirm_intent())["directives"][0]["type"], json!("Dialog.ConfirmIntent"));
    assert_eq!(
        json(Answer::new().start_connection(Connection::verify_person(400)))["directives"][0]["type"],
        json!("Connections.StartConnection")
    );
    assert_eq!(
        json(Answer::new().ask_permissions(["alexa::profile:given_name:read"]))["card"],
        json!({"type": "AskForPermissionsConsent", "permissions": ["alexa::profile:given_name:read"]})
    );
    let reasons = |answer: &Answer, request_type: &str| -> Vec<&str> {
        answer.refusals(request_type).iter().map(sayso_skill::alexa::limits::ResponseRefused::reason).collect()
    };
    assert_eq!(reasons(&Answer::new().delegate().end_session(), "IntentRequest"), ["dialog_in_ended_session"]);
    assert_eq!(reasons(&Answer::new().speak("bye"), "SessionEndedRequest"), ["speech_after_the_end"]);
    assert_eq!(reasons(&Answer::new().speak("hi"), "IntentRequest"), [""; 0]);
}

/// A store that forgets that it was asked: what is saved while another saves is refused, and the person hears an apology.
#[tokio::test]
async fn a_lost_race_is_told_and_overwrites_nothing() {
    struct Raced(MemoryAttributes);

    #[async_trait]
    impl Persistence for Raced {
        async fn load(&self, key: &str) -> Result<KeptAttributes, HandlerError> {
            let kept = self.0.load(key).await?;
            // Another device of the household saves right after this one loaded.
            let mut theirs = kept.clone();
            theirs.attributes.insert("visits".into(), json!(100));
            self.0.save(key, &theirs).await?;
            Ok(kept)
        }

        async fn save(&self, key: &str, kept: &KeptAttributes) -> Result<(), NotSaved> {
            self.0.save(key, kept).await
        }

        async fn forget(&self, key: &str) -> Result<(), HandlerError> {
            self.0.forget(key).await
        }
    }
    let world = World::new(|skill| counting(skill).persistence(Raced(MemoryAttributes::default())));
    let heard = world.send(&intent("Count", None)).await;
    assert!(heard.speech().contains("Changed"), "{}", heard.speech());
    assert_eq!(world.send(&intent("Look", None)).await.speech(), "100");
    let _ = Arc::strong_count(&world.web);
}
