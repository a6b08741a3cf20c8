//! The guard when it asks as well, keeps answers, wants a person, a PIN, or a hook.
#![cfg(all(feature = "axum", feature = "http"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod alexa_cloud;

use alexa_cloud::*;
use sayso_skill::token::guard::{Provider, Requirements};
use sayso_skill::token::secret::Secret;
use sayso_skill::{
    Answer, BadGuard, BadSkill, Guard, Handler, HandlerError, HandlerInput, Introspection, Refusal, Requirement, Skill,
    async_trait, linked_account, scope,
};
use serde_json::{Value, json};

/// Answers whatever it is asked with whose token it was, if `0` is met.
struct Whose(Requirement);

#[async_trait]
impl Handler for Whose {
    fn can_handle(&self, _input: &HandlerInput) -> bool {
        true
    }

    fn requires(&self) -> Option<Requirement> {
        Some(self.0.clone())
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        let subject = input.verified_token()?.subject.clone();
        Ok(input.respond().speak(format!("hello {subject}")))
    }
}

fn requirements() -> Requirements {
    Requirements::new(ISSUER, AUDIENCE).unwrap()
}

fn introspection() -> Introspection {
    Introspection::new(INTROSPECTION_URL, "skill", &Secret::new("s"))
}

fn both() -> Guard {
    Guard::both(requirements(), JWKS_URL, introspection())
}

fn world(guard: Guard, requirement: Requirement) -> World {
    let world = World::new(|skill| skill.guard(guard).handler(Whose(requirement)));
    world.web.set(INTROSPECTION_URL, 200, active().to_string());
    world
}

fn active() -> Value {
    with(claims(), "active", json!(true))
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

fn linked() -> Value {
    intent("X", Some(&jwt(token_key(), &claims())))
}

fn at(seconds: i64, mut envelope: Value) -> Value {
    let time = time::OffsetDateTime::from_unix_timestamp(NOW / 1_000 + seconds).unwrap();
    envelope["request"]["timestamp"] = json!(time.format(&time::format_description::well_known::Rfc3339).unwrap());
    envelope
}

/// JWT-023: a revoked token is refused at once where the handler says so, and passes locally until it expires elsewhere.
#[tokio::test]
async fn with_both_the_authority_is_asked_only_where_it_matters() {
    let at_leisure = world(both(), scope("read:color"));
    let at_once = world(both(), scope("read:color").live());
    for world in [&at_leisure, &at_once] {
        assert_eq!(world.send(&linked()).await.speech(), "hello ada");
        world.web.set(INTROSPECTION_URL, 200, r#"{"active":false}"#);
    }
    assert_eq!(at_leisure.send(&linked()).await.speech(), "hello ada");
    assert_eq!(at_leisure.web.count(INTROSPECTION_URL), 0);
    let heard = at_once.send(&linked()).await;
    assert_eq!((heard.denied(), heard.has_link_card()), (Some("inactive"), true));
    assert_eq!(at_once.web.count(INTROSPECTION_URL), 2);
}

#[tokio::test]
async fn with_both_nothing_is_asked_about_a_token_that_is_refused_anyway() {
    let world = world(both(), scope("read:color").live());
    let forged = intent("X", Some(&jwt(foreign_key(), &claims())));
    assert_eq!(world.send(&forged).await.denied(), Some("signature"));
    assert_eq!(world.web.count(INTROSPECTION_URL), 0);
}

#[tokio::test]
async fn an_answer_about_another_token_opens_nothing() {
    for (name, value) in [("sub", json!("eve")), ("client_id", json!("other"))] {
        let world = world(both(), linked_account().live());
        world.web.set(INTROSPECTION_URL, 200, with(active(), name, value).to_string());
        assert_eq!(world.send(&linked()).await.denied(), Some("introspection_failed"), "{name}");
    }
}

/// JWT-023: a kept answer holds for seconds, and only "active" is kept.
#[tokio::test]
async fn an_active_answer_may_be_kept_for_five_seconds_at_most() {
    let guard = || Guard::introspection(requirements(), introspection().keep_for_seconds(60));
    let kept = world(guard(), scope("read:color"));
    for _ in 0..3 {
        assert_eq!(kept.send(&linked()).await.speech(), "hello ada");
    }
    assert_eq!(kept.web.count(INTROSPECTION_URL), 1);
    let other_token = intent("X", Some("opaque"));
    kept.send(&other_token).await;
    assert_eq!(kept.web.count(INTROSPECTION_URL), 2, "kept by token");

    kept.web.set(INTROSPECTION_URL, 200, r#"{"active":false}"#);
    kept.clock.advance(4);
    assert_eq!(kept.send(&at(4, linked())).await.speech(), "hello ada");
    kept.clock.advance(1);
    for asked in [3, 4] {
        assert_eq!(kept.send(&at(5, linked())).await.denied(), Some("inactive"));
        assert_eq!(kept.web.count(INTROSPECTION_URL), asked, "a refusal is not kept");
    }

    let live = world(guard(), scope("read:color").live());
    for _ in 0..2 {
        live.send(&linked()).await;
    }
    assert_eq!(live.web.count(INTROSPECTION_URL), 2, "live() uses no kept answer");

    let scopes = world(guard(), scope("admin"));
    for _ in 0..2 {
        assert_eq!(scopes.send(&linked()).await.denied(), Some("scope"), "a kept answer is judged anew");
    }
    assert_eq!(scopes.web.count(INTROSPECTION_URL), 1);
}

#[tokio::test]
async fn nothing_is_kept_unless_it_is_said() {
    let world = world(Guard::introspection(requirements(), introspection()), scope("read:color"));
    for _ in 0..2 {
        world.send(&linked()).await;
    }
    assert_eq!(world.web.count(INTROSPECTION_URL), 2);
}

#[tokio::test]
async fn a_handler_says_whose_token_counts() {
    let person = jwt(token_key(), &with(claims(), "sub", json!("bob")));
    let mut with_person = linked();
    with_person["context"]["System"]["person"] = json!({"personId": "amzn1.ask.person.B", "accessToken": person});
    let mut unlinked_person = linked();
    unlinked_person["context"]["System"]["person"] = json!({"personId": "amzn1.ask.person.B"});
    let keys = || Guard::jwks(requirements(), JWKS_URL);
    for (guard, requirement, envelope, expected) in [
        (keys(), linked_account(), &with_person, "hello ada"),
        (keys(), linked_account().person_first(), &with_person, "hello bob"),
        (keys(), linked_account().person_first(), &unlinked_person, "hello ada"),
        (keys(), linked_account().person_only(), &with_person, "hello bob"),
        (keys(), linked_account().person_only(), &unlinked_person, Refusal::NotLinked.words()),
        (keys().person_first(), linked_account(), &with_person, "hello bob"),
    ] {
        assert_eq!(world(guard, requirement).send(envelope).await.speech(), expected);
    }
}

#[tokio::test]
async fn a_handler_says_how_surely_the_speaker_must_be_known() {
    let said = |level: Value| {
        let mut envelope = linked();
        envelope["context"]["System"]["person"] =
            json!({"personId": "amzn1.ask.person.B", "authenticationConfidenceLevel": {"level": level}});
        envelope
    };
    let guard = || Guard::jwks(requirements(), JWKS_URL);
    let strict = world(guard(), scope("read:color").confidence(400));
    assert_eq!(strict.send(&said(json!(400))).await.speech(), "hello ada");
    for envelope in
        [linked(), said(json!(300)), said(json!(null)), said(json!("400")), said(json!(399.9)), said(json!([400]))]
    {
        let heard = strict.send(&envelope).await;
        assert_eq!((heard.denied(), heard.speech()), (Some("confidence_level"), Refusal::NotConfirmed.words()));
        assert!(!heard.has_link_card(), "linking again would not help");
    }
    let asking = world(guard(), scope("read:color").confidence_or_ask_pin(400));
    let heard = asking.send(&said(json!(300))).await;
    let directive = &heard.json["response"]["directives"][0];
    assert_eq!(directive["uri"], json!("connection://AMAZON.VerifyPerson/2"));
    assert_eq!(directive["input"]["requestedAuthenticationConfidenceLevel"]["level"], json!(400));
    // Without a token the first thing to do is to link.
    assert_eq!(asking.send(&intent("X", None)).await.speech(), Refusal::NotLinked.words());
}

#[tokio::test]
async fn clients_and_users_can_be_named() {
    let listed = |clients: &[&str]| {
        let clients = clients.iter().map(ToString::to_string).collect();
        Guard::jwks(requirements().clients(clients), JWKS_URL)
    };
    assert_eq!(world(listed(&["google", "alexa"]), linked_account()).send(&linked()).await.denied(), None);
    for clients in [&["google"][..], &[]] {
        assert_eq!(world(listed(clients), linked_account()).send(&linked()).await.denied(), Some("client"));
    }
    let by_database = |allowed: &'static str| {
        Guard::jwks(requirements(), JWKS_URL).user_looked_up(move |token| async move {
            tokio::task::yield_now().await;
            token.subject == allowed
        })
    };
    assert_eq!(world(by_database("ada"), linked_account()).send(&linked()).await.speech(), "hello ada");
    let heard = world(by_database("bob"), linked_account()).send(&linked()).await;
    assert_eq!((heard.denied(), heard.speech()), (Some("user"), Refusal::NotAllowed.words()));
}

/// RFC 9449 section 7.1: a token that is bound to a key proves nothing without it.
#[tokio::test]
async fn a_bound_token_is_no_bearer_token() {
    let bound = with(claims(), "cnf", json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}));
    let world = world(Guard::jwks(requirements(), JWKS_URL), linked_account());
    assert_eq!(world.send(&intent("X", Some(&jwt(token_key(), &bound)))).await.denied(), Some("binding"));
}

#[tokio::test]
async fn a_known_provider_is_asked_in_its_own_words() {
    let secret = Secret::new("s");
    let sayso = || Provider::sayso(ISSUER, AUDIENCE).unwrap();
    for guard in [
        Guard::local(sayso()).unwrap(),
        Guard::remote(sayso(), "skill", &secret).unwrap(),
        Guard::local_and_remote(sayso(), "skill", &secret).unwrap(),
    ] {
        assert_eq!(world(guard, scope("read:color")).send(&linked()).await.speech(), "hello ada");
    }
    let google = world(Guard::remote(Provider::google("alexa").unwrap(), "", &secret).unwrap(), scope("openid"));
    let url = "https://oauth2.googleapis.com/tokeninfo";
    let answer =
        json!({"azp": "alexa", "aud": "alexa", "sub": "100", "scope": "openid", "exp": (NOW / 1_000 + 9).to_string()});
    google.web.set(url, 200, answer.to_string());
    assert_eq!(google.send(&intent("X", Some("ya29.x"))).await.speech(), "hello 100");
    google.web.set(url, 400, r#"{"error_description":"Invalid Value"}"#);
    assert_eq!(google.send(&intent("X", Some("ya29.x"))).await.denied(), Some("inactive"));

    let auth0 = || Provider::auth0("t.eu.auth0.com", AUDIENCE).unwrap();
    assert_eq!(Guard::remote(auth0(), "a", &secret).unwrap_err(), BadGuard::NoIntrospection);
    assert_eq!(Guard::local_and_remote(auth0(), "a", &secret).unwrap_err(), BadGuard::NoIntrospection);
    assert_eq!(Guard::local(Provider::google("a").unwrap()).unwrap_err(), BadGuard::NoKeys);
}

#[test]
fn a_guard_that_cannot_do_what_is_demanded_is_not_built() {
    let world = world(both(), linked_account());
    let outside = || outside(&world.clock, &world.web);
    let build = |guard: Guard, requirement: Requirement| {
        Skill::builder(SKILL_ID, outside()).guard(guard).handler(Whose(requirement)).build().err()
    };
    let keys = || Guard::jwks(requirements(), JWKS_URL);
    assert_eq!(build(keys(), linked_account()), None);
    assert_eq!(build(both(), linked_account().live()), None);
    assert_eq!(build(keys(), linked_account().live()), Some(BadSkill::CannotAsk));
    let none = requirements().algorithms(Vec::new());
    assert_eq!(build(Guard::jwks(none.clone(), JWKS_URL), linked_account()), Some(BadSkill::NoAlgorithm));
    assert_eq!(
        build(Guard::introspection(none, introspection()), linked_account()),
        None,
        "no algorithm decides there"
    );
    let open = Introspection::new("http://auth.example/introspect", "a", &Secret::new("s"));
    let expected = Some(BadSkill::InsecureGuard("http://auth.example/introspect".to_owned()));
    assert_eq!(build(Guard::both(requirements(), JWKS_URL, open), linked_account()), expected);
}
