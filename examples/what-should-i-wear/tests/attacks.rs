//! Some two hundred forged, expired and misaddressed tokens and requests, tried on this skill by the kit; the tokens on its API too.
#![allow(clippy::unwrap_used)]

use axum::body::Body;
use axum::http::{Request, StatusCode};
use sayso_skill::Skill;
use sayso_skill::kit::{World, bad_tokens, intent};
use tower::ServiceExt as _;
use what_should_i_wear::{AUDIENCE, Setup, api, guard, skill};

const API_URL: &str = "https://whattowear.test/api";

fn setup(world: &World) -> Setup {
    world.set_audience(AUDIENCE);
    Setup {
        skill_id: World::SKILL_ID.to_owned(),
        trust: world.trust(),
        issuer: world.issuer(),
        jwks_url: World::JWKS_URL.to_owned(),
        api_url: API_URL.to_owned(),
    }
}

fn in_the_kit(world: &World) -> Skill {
    world.answer(&format!("{API_URL}/today"), 200, "{\"advice\": \"Long pants\"}");
    world.answer(&format!("{API_URL}/laundry"), 204, "");
    skill(setup(world), world.outside()).unwrap()
}

sayso_skill::refuses_bad_requests!(nobody_comes_in, in_the_kit, intent("WhatToWearIntent"), "read:whattowear");

sayso_skill::refuses_bad_requests!(nobody_puts_a_jacket_in_the_wash, in_the_kit, intent("JacketInTheWashIntent"), "");

#[tokio::test]
async fn nobody_comes_in_at_the_api_either() {
    let world = World::new();
    let setup = setup(&world);
    let api = api::router(&guard(&setup).unwrap(), &setup.trust, &world.outside()).unwrap();
    let ask = async |token: &str| {
        let request = Request::get("/today").header("authorization", format!("Bearer {token}"));
        // What cannot stand in a header line cannot be sent to an API.
        let Ok(request) = request.body(Body::empty()) else { return StatusCode::UNAUTHORIZED };
        api.clone().oneshot(request).await.unwrap().status()
    };
    assert_eq!(ask(&world.token("read:whattowear")).await, StatusCode::OK);
    let bad = bad_tokens(&world, "read:whattowear");
    assert!(bad.len() > 90, "{}", bad.len());
    // Blanks around a token belong to the header line, not to the token (RFC 9110 section 11.4); in a skill's request they do not.
    for bad in bad.iter().filter(|bad| bad.token.trim_matches(' ') == bad.token) {
        let status = ask(&bad.token).await;
        assert!(matches!(status.as_u16(), 400 | 401 | 403), "a token with {} is answered with {status}", bad.why);
    }
}
