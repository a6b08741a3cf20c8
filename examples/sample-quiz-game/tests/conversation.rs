//! What the skill says, with the authority as a stub.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Arc;
use std::time::Duration;

use sample_quiz_game::{AUDIENCE, Setup, skill};
use sayso_skill::alexa::account_linking::AccountLinking;
use sayso_skill::alexa::envelope::RequestEnvelope;
use sayso_skill::alexa::interaction_model::InteractionModel;
use sayso_skill::alexa::manifest::Manifest;
use sayso_skill::outside::{Fetch, FetchFailed, Fetched, Outgoing, Outside, Timer};
use sayso_skill::token::secret::Secret;
use sayso_skill::token::time::{Clock, Timestamp};
use sayso_skill::{Skill, Trust, async_trait};
use serde_json::{Value, json};

const SKILL_ID: &str = "amzn1.ask.skill.quiz";
const ISSUER: &str = "http://127.0.0.1:4000/oauth2/quiz";
const NOW: i64 = 1_795_348_800;

/// The authority: answers every question with the same.
struct Authority(Value);

#[async_trait]
impl Fetch for Authority {
    async fn fetch(&self, _question: Outgoing) -> Result<Fetched, FetchFailed> {
        Ok(Fetched::new(200, self.0.to_string()))
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(NOW)
    }
}

struct Never;

#[async_trait]
impl Timer for Never {
    async fn sleep(&self, _duration: Duration) {
        std::future::pending().await
    }
}

fn quiz(introspection: Value) -> Skill {
    let setup = Setup {
        skill_id: SKILL_ID.to_owned(),
        trust: Trust::Amazon,
        issuer: ISSUER.to_owned(),
        introspection_url: format!("{ISSUER}/v1/introspect"),
        client_id: "quiz".to_owned(),
        client_secret: Secret::new("secret"),
    };
    let outside = Outside { clock: Arc::new(Noon), timer: Arc::new(Never), fetch: Arc::new(Authority(introspection)) };
    skill(setup, outside).unwrap()
}

fn active(claims: Value) -> Value {
    let mut answer = json!({
        "active": true, "iss": ISSUER, "sub": "ada", "aud": AUDIENCE, "client_id": "alexa", "token_type": "Bearer",
        "scope": "openid profile", "iat": NOW, "exp": NOW + 3_600, "jti": "1",
    });
    answer.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
    answer
}

fn request(request: Value, token: Option<&str>, attributes: &Value) -> RequestEnvelope {
    let mut user = json!({"userId": "amzn1.ask.account.A"});
    if let Some(token) = token {
        user["accessToken"] = json!(token);
    }
    let application = json!({"applicationId": SKILL_ID});
    serde_json::from_value(json!({
        "version": "1.0",
        "session": {"new": false, "application": application, "user": user, "attributes": attributes},
        "context": {"System": {"application": application, "user": user}},
        "request": request,
    }))
    .unwrap()
}

fn intent(name: &str, number: Option<&str>) -> Value {
    let slot = number.map_or(json!({"name": "Number"}), |number| json!({"name": "Number", "value": number}));
    json!({"type": "IntentRequest", "locale": "en-US", "intent": {"name": name, "slots": {"Number": slot}}})
}

async fn say(skill: &Skill, envelope: RequestEnvelope) -> (String, Value) {
    let answer = serde_json::to_value(skill.answer(envelope).await.unwrap()).unwrap();
    (answer["response"]["outputSpeech"]["text"].as_str().unwrap_or_default().to_owned(), answer)
}

#[tokio::test]
async fn the_favorite_color_comes_from_the_claims() {
    let unknown = "do not know your favorite color yet. You can set it on your account page.";
    for (claims, expected) in [
        (json!({"FirstNameClaim": "Ada", "FavoriteColorClaim": "teal"}), "Ada's favorite color is teal.".to_owned()),
        (json!({"FavoriteColorClaim": "teal"}), "Your favorite color is teal.".to_owned()),
        (json!({"FirstNameClaim": "Ada"}), format!("Ada, I {unknown}")),
        (json!({"FirstNameClaim": "Ada", "FavoriteColorClaim": " "}), format!("Ada, I {unknown}")),
        (json!({"FirstNameClaim": 7, "FavoriteColorClaim": null}), format!("I {unknown}")),
        (json!({}), format!("I {unknown}")),
    ] {
        let skill = quiz(active(claims.clone()));
        let (speech, answer) = say(&skill, request(intent("FavoriteColorIntent", None), Some("t"), &json!({}))).await;
        assert_eq!(speech, expected, "{claims}");
        assert!(!speech.contains("undefined") && !speech.contains("null"));
        assert_eq!(answer["response"]["shouldEndSession"], json!(true));
    }
}

#[tokio::test]
async fn a_color_of_markup_is_read_aloud() {
    let color = "</speak><audio src='https://evil.example/a.mp3'/>";
    let skill = quiz(active(json!({"FirstNameClaim": "Ada", "FavoriteColorClaim": color})));
    let (speech, answer) = say(&skill, request(intent("FavoriteColorIntent", None), Some("t"), &json!({}))).await;
    assert_eq!(answer["response"]["outputSpeech"]["type"], json!("PlainText"));
    assert!(speech.contains(color));
}

#[tokio::test]
async fn without_a_good_token_there_is_a_card_and_no_color() {
    let someone = json!({"FirstNameClaim": "Ada", "FavoriteColorClaim": "teal"});
    let mut inactive = active(someone.clone());
    inactive["active"] = json!(false);
    let mut elsewhere = active(someone.clone());
    elsewhere["aud"] = json!("http://another.example");
    for (introspection, token) in [(active(someone), None), (inactive, Some("t")), (elsewhere, Some("t"))] {
        let skill = quiz(introspection);
        let (speech, answer) = say(&skill, request(intent("FavoriteColorIntent", None), token, &json!({}))).await;
        assert_eq!(answer["response"]["card"], json!({"type": "LinkAccount"}));
        assert!(!speech.contains("teal") && !speech.contains("Ada"), "{speech}");
    }
}

#[tokio::test]
async fn a_quiz_can_be_played_to_its_end_without_an_account() {
    let skill = quiz(json!({}));
    let (speech, mut answer) = say(&skill, request(intent("QuizIntent", None), None, &json!({}))).await;
    assert_eq!(speech, "How many colors has a rainbow?");
    for (said, expected) in [
        (Some("7"), "That is right! How many sides has a hexagon?"),
        (None, "I did not hear a number. How many sides has a hexagon?"),
        (Some("?"), "I did not hear a number. How many sides has a hexagon?"),
        (Some("5"), "No, the answer is 6. How many strings has a violin?"),
        (Some("4"), "That is right! How many legs has a spider?"),
        (Some("8"), "That is right! That was the last question. Thank you for playing!"),
    ] {
        let attributes = answer["sessionAttributes"].clone();
        assert_eq!(answer["response"]["shouldEndSession"], json!(false));
        let (speech, next) = say(&skill, request(intent("AnswerIntent", said), None, &attributes)).await;
        assert_eq!(speech, expected);
        answer = next;
    }
    assert_eq!(answer["response"]["shouldEndSession"], json!(true));
    assert_eq!(answer["sessionAttributes"], json!({}));
}

#[tokio::test]
async fn it_answers_in_the_language_it_is_spoken_to() {
    let german = |mut request: Value| {
        request["locale"] = json!("de-DE");
        request
    };
    let skill = quiz(active(json!({"FirstNameClaim": "Ada", "FavoriteColorClaim": "teal"})));
    for (asked, attributes, expected) in [
        (
            json!({"type": "LaunchRequest"}),
            json!({}),
            "Willkommen beim Beispielquiz. Du kannst nach deiner Lieblingsfarbe fragen",
        ),
        (intent("FavoriteColorIntent", None), json!({}), "Die Lieblingsfarbe von Ada ist teal."),
        (intent("QuizIntent", None), json!({}), "Wie viele Farben hat ein Regenbogen?"),
        (intent("AnswerIntent", Some("7")), json!({"asked": 0}), "Das ist richtig! Wie viele Seiten hat ein Sechseck?"),
        (intent("AnswerIntent", Some("7")), json!({"asked": 3}), "Nein, die Antwort ist 8. Das war die letzte Frage."),
        (intent("AMAZON.StopIntent", None), json!({}), "Auf Wiedersehen!"),
    ] {
        let (speech, _) = say(&skill, request(german(asked), Some("t"), &attributes)).await;
        assert!(speech.starts_with(expected), "{speech}");
    }
    // Where the SDK refuses, it speaks German by itself.
    let (speech, answer) = say(&skill, request(german(intent("FavoriteColorIntent", None)), None, &json!({}))).await;
    assert_eq!(answer["response"]["card"], json!({"type": "LinkAccount"}));
    assert!(speech.starts_with("Dafür muss ich wissen, wer du bist."), "{speech}");
    let mut french = intent("QuizIntent", None);
    french["locale"] = json!("fr-FR");
    assert_eq!(say(&skill, request(french, None, &json!({}))).await.0, "How many colors has a rainbow?");
}

#[tokio::test]
async fn what_comes_back_through_the_session_is_not_believed() {
    let skill = quiz(json!({}));
    for asked in [json!(99), json!(-1), json!("1"), json!(null), json!({"x": 1})] {
        let envelope = request(intent("AnswerIntent", Some("7")), None, &json!({"asked": asked}));
        assert!(say(&skill, envelope).await.0.starts_with("Sorry, I did not understand"), "{asked}");
    }
}

#[tokio::test]
async fn every_intent_of_the_interaction_model_is_answered() {
    let skill = quiz(json!({}));
    let read = |file: &[u8]| InteractionModel::parse(file).unwrap();
    let model = read(include_bytes!("../skill-package/interactionModels/custom/en-US.json"));
    let german = read(include_bytes!("../skill-package/interactionModels/custom/de-DE.json"));
    assert!(model.intents.len() >= 8);
    let names = |model: &InteractionModel| model.intents.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&model), names(&german));
    for declared in &model.intents {
        let (speech, _) = say(&skill, request(intent(&declared.name, None), None, &json!({}))).await;
        assert!(!speech.is_empty() && !speech.contains("cannot help"), "{}: {speech}", declared.name);
    }
    let (speech, _) = say(&skill, request(json!({"type": "LaunchRequest"}), None, &json!({}))).await;
    assert!(speech.starts_with("Welcome"));
    let (_, answer) = say(&skill, request(json!({"type": "SessionEndedRequest"}), None, &json!({}))).await;
    assert_eq!(answer["response"], json!({}));
}

#[test]
fn the_skill_package_is_what_alexa_takes() {
    let manifest = Manifest::parse(include_bytes!("../skill-package/skill.json")).unwrap();
    assert_eq!(manifest.name("en-US"), Some("Sample Quiz Game"));
    assert_eq!(manifest.name("de-DE"), Some("Beispielquiz"));
    let linking = AccountLinking::parse(include_bytes!("../skill-package/accountLinking.json")).unwrap();
    assert_eq!(linking.authorization_url, "http://127.0.0.1:4000/oauth2/quiz/v1/authorize");
    assert_eq!(linking.scopes, ["openid", "profile"]);
}
