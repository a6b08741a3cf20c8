//! A skill behind Lambda, over the bridge of `ask run`, as a server with TLS, and told that it was disabled.
#![cfg(all(feature = "bridge", feature = "kit", feature = "lambda", feature = "server", feature = "http"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
#![allow(clippy::result_large_err, reason = "the shape of the websocket library's callback")]

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use sayso_skill::bridge::{Bridge, BridgeDown, Region};
use sayso_skill::kit::{Device, World, intent, signed};
use sayso_skill::outside::FetchFailed;
use sayso_skill::persistence::{KeptAttributes, MemoryAttributes, Persistence};
use sayso_skill::token::encoding::base64;
use sayso_skill::token::secret::Secret;
use sayso_skill::{Answer, HandlerError, HandlerInput, On, RevokeWhenDisabled, ServerDown, Skill, lambda, scope};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};

async fn hello(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    Ok(input.respond().speak("hello").end_session())
}

async fn whose(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    let subject = input.verified_token()?.subject.clone();
    Ok(input.respond().speak(subject).end_session())
}

fn skill(world: &World) -> Skill {
    let revoke = RevokeWhenDisabled::at("https://authority.test/oauth/revoke", "alexa", &Secret::new("s:%")).unwrap();
    Skill::builder(World::SKILL_ID, world.outside())
        .trust(world.trust())
        .guard(world.guard())
        .handler(revoke)
        .on(On::intent("WhoseIntent").requires(scope("read:color")), whose)
        .on(On::anything(), hello)
        .build()
        .unwrap()
}

/// A request as Alexa's own call of a Lambda function brings it.
fn event(world: &World) -> Value {
    Device::of(world, skill(world)).envelope(json!({"type": "LaunchRequest"}))
}

#[tokio::test]
async fn alexa_calls_a_function_with_the_request_itself() {
    let world = World::new();
    let answer = lambda::answer(&skill(&world), event(&world)).await.unwrap();
    assert_eq!(answer["response"]["outputSpeech"]["text"], json!("hello"));
    let mut other = event(&world);
    other["context"]["System"]["application"]["applicationId"] = json!("amzn1.ask.skill.other");
    for (bad, reason) in [
        (other, "other_skill_in_context"),
        (json!({}), "body_malformed"),
        (json!([]), "body_malformed"),
        (json!("x"), "body_malformed"),
        (json!({"request": {}}), "body_malformed"),
    ] {
        assert_eq!(lambda::answer(&skill(&world), bad).await.unwrap_err().reason(), reason);
    }
    assert!(world.asked().is_empty(), "no certificate is asked for");
}

/// Behind a Function URL there is a signature, and it is checked; the kit's device shows what Alexa would sign.
#[tokio::test]
async fn behind_a_function_url_the_signature_counts() {
    let world = World::new();
    let body = event(&world).to_string();
    let (signature, address) = signed(body.as_bytes());
    let http = |body: &str, encoded: bool, signature: &str| {
        json!({
            "version": "2.0", "rawPath": "/", "isBase64Encoded": encoded, "body": body,
            "headers": {"signature-256": signature, "signaturecertchainurl": address, "content-type": "application/json"},
            "requestContext": {"http": {"method": "POST", "path": "/"}},
        })
    };
    for (body, encoded) in [(body.clone(), false), (base64(body.as_bytes()), true)] {
        let answer = lambda::answer(&skill(&world), http(&body, encoded, &signature)).await.unwrap();
        assert_eq!(answer["statusCode"], json!(200));
        let said: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        assert_eq!(said["response"]["outputSpeech"]["text"], json!("hello"));
        assert_eq!(answer["headers"]["content-type"], json!("application/json;charset=UTF-8"));
    }
    let mut unsigned = http(&body, false, &signature);
    unsigned["headers"].as_object_mut().unwrap().remove("signature-256");
    let mut get = http(&body, false, &signature);
    get["requestContext"]["http"]["method"] = json!("GET");
    for (bad, status) in [
        (unsigned, 400),
        (http(&body, false, &format!("{signature},{signature}")), 400),
        (http(&format!("{body} "), false, &signature), 400),
        (http("%%%", true, &signature), 400),
        (http("", false, &signature), 400),
        (get, 405),
    ] {
        let answer = lambda::answer(&skill(&world), bad).await.unwrap();
        assert_eq!((&answer["statusCode"], &answer["body"]), (&json!(status), &json!("")));
    }
}

/// Amazon's end of the line: takes one skill, asks each question, and gives the answers.
async fn amazon(listener: TcpListener, questions: Vec<String>) -> (Option<String>, Vec<Value>) {
    let (stream, _) = listener.accept().await.unwrap();
    let mut token = None;
    let mut line = tokio_tungstenite::accept_hdr_async(stream, |request: &Request, response: Response| {
        token = request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
        Ok::<_, ErrorResponse>(response)
    })
    .await
    .unwrap();
    let expected = questions.iter().filter(|question| question.contains("requestPayload")).count();
    for question in questions {
        line.send(Message::text(question)).await.unwrap();
    }
    let mut answers = Vec::new();
    while answers.len() < expected {
        if let Message::Text(text) = line.next().await.unwrap().unwrap() {
            answers.push(serde_json::from_str(&text).unwrap());
        }
    }
    line.close(None).await.unwrap();
    (token, answers)
}

#[tokio::test]
async fn the_bridge_answers_what_comes_over_the_line() {
    let world = World::new();
    let question = |id: &str, payload: &str| {
        json!({"version": "1.0", "type": "SkillRequestMessage", "requestId": id, "requestPayload": payload}).to_string()
    };
    let good = event(&world).to_string();
    let other = good.replace(World::SKILL_ID, "amzn1.ask.skill.other");
    let questions = vec![
        "no JSON".to_owned(),
        "{}".to_owned(),
        question("1", &good),
        question("2", &other),
        question("3", "{"),
        question("4", &good),
    ];
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/v1", listener.local_addr().unwrap());
    let amazon = tokio::spawn(amazon(listener, questions));
    let down = Bridge::at(&url, Secret::new("lwa-token")).run(&skill(&world), std::future::pending()).await;
    assert!(matches!(down, Err(BridgeDown::Closed)), "{down:?}");
    let (token, mut answers) = amazon.await.unwrap();
    assert_eq!(token.as_deref(), Some("lwa-token"), "without Bearer");
    answers.sort_by_key(|answer| answer["originalRequestId"].as_str().unwrap().to_owned());
    for (answer, expected) in
        answers.iter().zip([Ok("hello"), Err("other_skill_in_context"), Err("body_malformed"), Ok("hello")])
    {
        match expected {
            Ok(speech) => {
                assert_eq!(answer["type"], json!("SkillResponseSuccessMessage"));
                let said: Value = serde_json::from_str(answer["responsePayload"].as_str().unwrap()).unwrap();
                assert_eq!(said["response"]["outputSpeech"]["text"], json!(speech));
            }
            Err(message) => {
                assert_eq!(answer["type"], json!("SkillResponseFailureMessage"));
                assert_eq!((&answer["errorCode"], &answer["errorMessage"]), (&json!("500"), &json!(message)));
            }
        }
        assert_eq!(answer["version"], json!("1.0"));
    }
}

#[tokio::test]
async fn the_bridge_says_why_it_is_down() {
    let world = World::new();
    let skill = skill(&world);
    let run =
        async |url: &str, token: &str| Bridge::at(url, Secret::new(token)).run(&skill, std::future::pending()).await;
    for insecure in ["ws://bob-dispatch-prod-na.amazon.com/x", "http://127.0.0.1:1/x", "", "wss://"] {
        let down = run(insecure, "t").await.unwrap_err();
        assert!(matches!(down, BridgeDown::Insecure | BridgeDown::Unreachable(_)), "{insecure}: {down:?}");
    }
    assert!(matches!(run("ws://127.0.0.1:1/x", "t").await, Err(BridgeDown::Unreachable(_))));
    assert!(matches!(run("ws://127.0.0.1:1/x", "t\n").await, Err(BridgeDown::BadToken)));
    let printed = format!("{:?}", Bridge::to_amazon(Region::Europe, "amzn1.ask.skill.1", Secret::new("s3cret")));
    assert!(printed.contains("wss://bob-dispatch-prod-eu.amazon.com/v1/skills/amzn1.ask.skill.1/stages/development/connectCustomDebugEndpoint"));
    assert!(!printed.contains("s3cret"));
}

#[tokio::test]
async fn the_bridge_ends_when_it_is_told_to() {
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/v1", listener.local_addr().unwrap());
    let amazon = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut line = tokio_tungstenite::accept_async(stream).await.unwrap();
        line.next().await.unwrap().unwrap()
    });
    Bridge::at(&url, Secret::new("t")).run(&skill(&world), std::future::ready(())).await.unwrap();
    assert!(amazon.await.unwrap().is_close());
}

#[tokio::test]
async fn a_server_of_its_own_speaks_tls() {
    let folder = tempfile::tempdir().unwrap();
    let (certificates, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&certificates, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let world = World::new();
    let listener = || std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let down = skill(&world).serve_tls(listener(), "/alexa", (&key, &certificates), async {}).await.unwrap_err();
    assert!(matches!(down, ServerDown::Certificate(_)), "{down}");
    for no_path in ["", "alexa", "/{x", "/*x", "/a b", "//"] {
        let down = skill(&world).serve_tls(listener(), no_path, (&certificates, &key), async {}).await.unwrap_err();
        assert!(matches!(down, ServerDown::Path(_)), "{no_path}: {down}");
    }

    let listener = listener();
    let address = listener.local_addr().unwrap();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let served = skill(&world);
    let server = tokio::spawn(async move {
        let end = async { ended.await.unwrap_or_default() };
        served.serve_tls(listener, "/alexa", (&certificates, &key), end).await
    });
    let body = event(&world).to_string();
    let (signature, chain_url) = signed(body.as_bytes());
    let client = client(made.cert.der().clone());
    let request = client
        .post(format!("https://localhost:{}/alexa", address.port()))
        .header("Signature-256", signature)
        .header("SignatureCertChainUrl", chain_url)
        .body(body);
    let answer = tokio::time::timeout(Duration::from_secs(20), request.send()).await.unwrap().unwrap();
    assert_eq!(answer.status(), 200);
    let said: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(said["response"]["outputSpeech"]["text"], json!("hello"));
    drop(client);
    end.send(()).unwrap();
    server.await.unwrap().unwrap();
}

fn client(root: rustls_pki_types::CertificateDer<'static>) -> reqwest::Client {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(root).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap()
}

#[tokio::test]
async fn what_was_linked_ends_when_the_skill_is_disabled() {
    let url = "https://authority.test/oauth/revoke";
    let disabled = |status: &str| json!({"userInformationPersistenceStatus": status});
    let world = World::new();
    world.answer(url, 200, "");
    let mut device = Device::of(&world, skill(&world));
    device.event("SkillDisabled", disabled("NOT_PERSISTED")).await;
    assert!(world.asked().iter().all(|asked| asked.url != url), "nothing was linked");
    let token = world.token("read:color");
    device.link(&token);
    let said = device.event("SkillDisabled", disabled("NOT_PERSISTED")).await;
    assert_eq!((said.status(), said.speech()), (200, ""));
    let asked = world.asked();
    let sent = asked.iter().find(|asked| asked.url == url).unwrap();
    let form = sent.form.as_ref().unwrap();
    assert_eq!(form.body.expose(), format!("token={token}&token_type_hint=access_token&end_grant=true"));
    assert_eq!(sent.authorization.as_ref().unwrap().expose(), format!("Basic {}", base64(b"alexa:s%3A%25")));

    for trouble in [None, Some(503)] {
        let world = World::new();
        match trouble {
            None => world.fail(url, FetchFailed::TooSlow),
            Some(status) => world.answer(url, status, ""),
        }
        let mut device = Device::of(&world, skill(&world));
        device.link(world.token("x"));
        let said = device.event("SkillDisabled", disabled("PERSISTED")).await;
        assert_eq!(said.status(), 500, "Alexa sends it again");
        assert_eq!(world.asked().iter().filter(|asked| asked.url == url).count(), 2, "tried twice");
    }
    assert!(RevokeWhenDisabled::at("http://auth.example/revoke", "a", &Secret::new("s")).is_err());
}

#[tokio::test]
async fn what_is_remembered_ends_too_unless_alexa_keeps_the_user() {
    for (status, is_kept) in [("PERSISTED", true), ("NOT_PERSISTED", false), ("OF_TOMORROW", false)] {
        let store = std::sync::Arc::new(MemoryAttributes::default());
        let key = "user:amzn1.ask.account.A";
        store.save(key, &KeptAttributes::default()).await.unwrap();
        let world = World::new();
        let revoke = RevokeWhenDisabled::at("https://authority.test/revoke", "a", &Secret::new("s")).unwrap();
        let skill = Skill::builder(World::SKILL_ID, world.outside())
            .trust(world.trust())
            .persistence(std::sync::Arc::clone(&store))
            .handler(revoke)
            .build()
            .unwrap();
        let mut device = Device::of(&world, skill);
        device.event("SkillDisabled", json!({"userInformationPersistenceStatus": status})).await;
        assert_eq!(store.load(key).await.unwrap().version == 1, is_kept, "{status}");
    }
}

// The kit's own corpus, on a skill that checks locally and on one that asks.
sayso_skill::refuses_bad_requests!(a_local_guard_refuses_all, skill, intent("WhoseIntent"), "read:color");
sayso_skill::refuses_bad_requests!(an_asking_guard_refuses_all, asking, intent("WhoseIntent"), "read:color");

fn asking(world: &World) -> Skill {
    use sayso_skill::{Guard, Introspection};
    let introspection = Introspection::new(World::INTROSPECTION_URL, "skill", &Secret::new("s"));
    Skill::builder(World::SKILL_ID, world.outside())
        .trust(world.trust())
        .guard(Guard::introspection(world.requirements(), introspection))
        .on(On::intent("WhoseIntent").requires(scope("read:color")), whose)
        .build()
        .unwrap()
}

#[test]
fn the_corpus_has_two_hundred() {
    use sayso_skill::kit::{bad_posts, bad_tokens};
    let world = World::new();
    let tokens = bad_tokens(&world, "x");
    let posts = bad_posts(&world, &event(&world));
    assert!(tokens.len() + posts.len() >= 200, "{} and {}", tokens.len(), posts.len());
    let mut reasons: Vec<_> = tokens.iter().map(|bad| &bad.why).chain(posts.iter().map(|bad| &bad.why)).collect();
    let all = reasons.len();
    reasons.sort();
    reasons.dedup();
    assert!(reasons.len() + 3 >= all, "{} of {all} are different", reasons.len());
}
