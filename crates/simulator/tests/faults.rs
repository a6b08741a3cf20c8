//! What is made to go wrong in a turn or a linking, and what is made of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod stubs;

use axum::http::Method;
use sayso_simulator::Fault;
use serde_json::{Value, json};
use stubs::{World, parameter};

const COLOR: &str = "ask sample quiz game what is my favorite color";

fn refuses() -> (u16, String) {
    (400, "{\"error\": \"signature\"}".into())
}

fn stays() -> (u16, String) {
    (200, json!({"version": "1.0", "response": {"shouldEndSession": false}}).to_string())
}

#[tokio::test]
async fn every_fault_of_a_request_is_sent_and_judged() {
    let world = World::new().await;
    world.told().skill_answers = vec![stays()];
    world.ask("open sample quiz game").await;
    let good = world.told().skill_requests[0].0.clone();
    for (fault, name, about) in Fault::ALL.into_iter().filter(|(fault, ..)| fault.is_of_requests()) {
        let must_refuse = fault != Fault::KeysRotated;
        world.told().skill_answers = vec![if must_refuse { refuses() } else { stays() }];
        let turn = world.turn(json!({"utterance": "what is my favorite color", "fault": name})).await;
        let shown = &turn["fault"];
        assert_eq!((shown["name"].as_str(), shown["about"].as_str()), (Some(name), Some(about)));
        assert_eq!(shown["verdict"], if must_refuse { "refused" } else { "borne" }, "{name}: {turn}");
        assert_eq!(turn["session"]["open"], true, "{name}: the conversation goes on");
        if must_refuse {
            assert_eq!(turn["spoken"], "There was a problem with the requested skill's response.");
        }
        let (headers, body, raw) = world.told().skill_requests.last().unwrap().clone();
        let url = headers.get("signaturecertchainurl").map(|url| url.to_str().unwrap().to_owned());
        match fault {
            Fault::SignatureMissing => assert!(headers.get("signature-256").is_none()),
            Fault::ChainMissing => assert_eq!(url, None),
            Fault::BodyAltered => assert!(raw.ends_with(b" ")),
            Fault::ChainHttp => assert!(url.unwrap().starts_with("http://s3.amazonaws.com/echo.api/")),
            Fault::ChainCase => assert!(url.unwrap().starts_with("https://s3.amazonaws.com/EcHo.aPi/")),
            Fault::ChainPath => assert!(url.unwrap().contains("/echo.api/../other")),
            Fault::SkillId => assert_ne!(
                body["session"]["application"]["applicationId"].as_str(),
                world.simulator.skill_id("sample-quiz-game").as_deref()
            ),
            Fault::ClockAhead => assert_eq!(body["request"]["timestamp"], "2027-01-15T08:03:20Z"),
            Fault::ClockBehind => assert_eq!(body["request"]["timestamp"], "2027-01-15T07:56:40Z"),
            Fault::Replayed => assert_eq!(body["request"]["timestamp"], "2027-01-15T07:50:00Z"),
            Fault::CertificateExpired
            | Fault::CertificateEarly
            | Fault::CertificateName
            | Fault::CertificateRoot
            | Fault::CertificateSelfSigned
            | Fault::KeysRotated => {
                let path = url.unwrap().replace(stubs::CONSOLE, "");
                let (status, _, chain) = world.get(&path).await;
                let (is_alone, is_foreign) = (fault == Fault::CertificateSelfSigned, fault == Fault::CertificateRoot);
                let count = if is_alone { 1 } else { 2 };
                assert_eq!((status, chain.matches("BEGIN CERTIFICATE").count()), (200, count), "{name}");
                let own_root = chain.contains(world.simulator.root_certificate_pem().trim());
                assert_eq!(own_root, !is_alone && !is_foreign, "{name}");
            }
            _ => assert_ne!(headers.get("signature-256"), good.get("signature-256"), "{name}"),
        }
    }
    assert_eq!(world.get("/echo.api/no-such.pem").await.0, 404);
    world.told().skill_answers = vec![stays()];
    let turn = world.turn(json!({"utterance": "what is my favorite color", "fault": "signature-wrong"})).await;
    assert_eq!((turn["fault"]["verdict"].as_str(), turn["outcome"].as_str()), (Some("not_noticed"), Some("answered")));
    let (status, _, text) = world
        .send(
            Method::POST,
            "/api/turns",
            &[("content-type", "application/json")],
            r#"{"utterance": "x", "fault": "rain"}"#,
        )
        .await;
    assert!(status == 422 && text.contains("token-lost"), "{text}");
}

#[tokio::test]
async fn a_token_answer_is_lost_doubled_slow_or_malformed_in_a_turn() {
    for (name, asked, token) in [
        ("token-lost", 1, "opaque-access-token-1"),
        ("token-slow", 1, "opaque-access-token-1"),
        ("token-malformed", 1, "opaque-access-token-1"),
        ("token-doubled", 2, "opaque-access-token-3"),
    ] {
        let world = World::new().await;
        world.link().await;
        let turn = world.turn(json!({"utterance": COLOR, "fault": name})).await;
        assert_eq!(turn["fault"]["verdict"], "borne", "{name}: {turn}");
        let told = world.told();
        assert_eq!(told.token_requests.len() - 1, asked, "{name}");
        assert_eq!(told.skill_requests.last().unwrap().1["session"]["user"]["accessToken"], token, "{name}");
    }
}

#[tokio::test]
async fn a_linking_whose_token_answer_fails_links_nothing_and_says_so() {
    for (name, linked) in
        [("token-lost", false), ("token-slow", false), ("token-malformed", false), ("token-doubled", true)]
    {
        let world = World::new().await;
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let body = format!("region=na&fault={name}");
        let (_, headers, _) = world.send(Method::POST, "/companion/sample-quiz-game/enable", &form, &body).await;
        let to = url::Url::parse(headers["location"].to_str().unwrap()).unwrap();
        let cookie = headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let query = format!("code=the-code&state={}", parameter(&to, "state"));
        let page = world.come_back(&parameter(&to, "redirect_uri"), &query, &cookie).await;
        assert_eq!(page.contains("id=\"linked\""), linked, "{name}: {page}");
        if !linked {
            assert!(page.contains("We were unable to link Sample Quiz Game at this time."), "{page}");
        }
        let turns: Value = serde_json::from_str(&world.get("/api/turns").await.2).unwrap();
        assert_eq!(turns.as_array().unwrap().last().unwrap()["fault"]["name"], name);
    }
}
