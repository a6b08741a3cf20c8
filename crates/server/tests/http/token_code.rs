//! A code for tokens: once, by its client, with its proof, within its minute.

use std::collections::BTreeSet;

use sayso_authority::record::client::GrantType;
use sayso_testkit::{NOW, records};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::house::look::{claims_of, header_of};
use crate::house::*;

#[tokio::test]
async fn the_first_tutorials_token_says_what_the_tutorial_shows() {
    let house = House::open().await;
    let linked = house.link(&Ask::wear()).await;
    let names: BTreeSet<_> = linked.answer.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["access_token", "token_type", "expires_in", "scope", "refresh_token"]));
    assert_eq!(linked.answer["token_type"], "Bearer");
    assert_eq!(linked.answer["expires_in"], 86_400);
    assert_eq!(linked.answer["scope"], "read:whattowear");

    let header = header_of(&linked.access);
    assert_eq!((&header["alg"], &header["typ"]), (&"RS256".into(), &"at+jwt".into()));
    let claims = claims_of(&linked.access);
    let names: BTreeSet<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["iss", "sub", "aud", "azp", "exp", "iat", "scope", "jti"]));
    assert_eq!(claims["iss"], WEAR);
    assert_eq!(claims["sub"], records::ada().id.0);
    assert_eq!(claims["aud"], WEAR_AUDIENCE);
    assert_eq!(claims["azp"], WEAR_CLIENT);
    assert_eq!(claims["iat"], NOW.seconds());
    assert_eq!(claims["exp"], NOW.seconds() + 86_400);
    assert_eq!(claims["scope"], "read:whattowear");
}

#[tokio::test]
async fn the_second_tutorials_token_carries_its_claims() {
    let house = House::open().await;
    let linked = house.link(&Ask::quiz().set("nonce", "a nonce")).await;
    let claims = claims_of(&linked.access);
    for (name, value) in [
        ("iss", Value::from(QUIZ)),
        ("aud", QUIZ_AUDIENCE.into()),
        ("cid", QUIZ_CLIENT.into()),
        ("uid", records::ada().id.0.into()),
        ("sub", records::ada().id.0.into()),
        ("ver", 1.into()),
        ("scp", vec!["openid", "profile"].into()),
        ("FirstNameClaim", "Ada".into()),
        ("FavoriteColorClaim", "teal".into()),
        ("exp", (NOW.seconds() + 3600).into()),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    let id_token = linked.answer["id_token"].as_str().unwrap();
    assert_eq!(header_of(id_token)["typ"], "JWT");
    let claims = claims_of(id_token);
    assert_eq!((&claims["iss"], &claims["aud"]), (&QUIZ.into(), &QUIZ_CLIENT.into()));
    assert_eq!((&claims["nonce"], &claims["auth_time"]), (&"a nonce".into(), &NOW.seconds().into()));
    assert_eq!(claims["sub"], records::ada().id.0);
}

#[tokio::test]
async fn an_id_token_comes_with_openid_only() {
    let house = House::open().await;
    assert_eq!(house.link(&Ask::wear()).await.answer.get("id_token"), None);
    let linked = house.link(&Ask::wear().set("scope", "openid read:whattowear")).await;
    assert!(linked.answer["id_token"].is_string());
    assert_eq!(linked.answer["scope"], "openid read:whattowear");
}

#[tokio::test]
async fn both_ways_of_client_authentication_work() {
    let house = House::open().await;
    let ask = Ask::quiz();
    let code = house.code(&ask).await;
    let secret = sayso_testkit::tutorials::CLIENT_SECRET;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT_URI),
        ("client_id", QUIZ_CLIENT),
        ("client_secret", secret),
    ];
    let answer = house.post(Side::Quiz.token(), &form).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    assert_eq!(house.redeem(&ask, &house.code(&ask).await).await.status, 200);
}

/// COD-001: a code used again, also half a minute later, ends what it began.
#[tokio::test]
async fn a_code_used_again_ends_what_it_began() {
    let house = House::open().await;
    for (later, ask) in [(31, Ask::wear()), (31, Ask::wear().pkce()), (0, Ask::wear())] {
        let code = house.code(&ask).await;
        let linked = Linked::of(&house.redeem(&ask, &code).await);
        assert!(house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);
        house.wait(later);
        house.redeem(&ask, &code).await.is_error(400, "invalid_grant");
        assert!(!house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);
        house.refresh(&ask, &linked.refresh).await.is_error(400, "invalid_grant");
    }
    assert_eq!(house.audit("code_reuse").await.len(), 3);
}

/// COD-002: a code used again at once with another proof ends what it began; with the same proof it is an echo.
#[tokio::test]
async fn the_echo_of_a_proven_request_harms_nobody() {
    let house = House::open().await;
    let ask = Ask::wear().pkce();
    let code = house.code(&ask).await;
    let linked = Linked::of(&house.redeem(&ask, &code).await);
    house.wait(5);
    house.redeem(&ask, &code).await.is_error(400, "invalid_grant");
    assert!(house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);
    assert!(house.audit("code_reuse").await.is_empty());

    let other = ask.redemption(&code).replace(VERIFIER, &"x".repeat(43));
    house.post_body(Side::Wear.token(), ask.authorization().as_deref(), other).await.is_error(400, "invalid_grant");
    assert!(!house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await, "another proof is no echo");
    assert_eq!(house.audit("code_reuse").await.len(), 1);
}

/// Sends the same body 64 times at once.
async fn race(house: &House, ask: &Ask, body: &str) -> Vec<Answer> {
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let (house, ask, body) = (house.clone(), ask.clone(), body.to_owned());
        tasks.spawn(async move { house.post_body(ask.side.token(), ask.authorization().as_deref(), body).await });
    }
    tasks.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_racers_on_one_code_one_wins() {
    for house in House::on_both_databases().await {
        for (ask, survives) in [(Ask::wear().pkce(), true), (Ask::spa(), true), (Ask::wear(), false)] {
            let linked_before = house.audit("account_linked").await.len();
            let code = house.code(&ask).await;
            let answers = race(&house, &ask, &ask.redemption(&code)).await;
            let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
            assert_eq!((won.len(), lost.len()), (1, 63));
            for answer in lost {
                answer.is_error(400, "invalid_grant");
            }
            assert_eq!(house.audit("account_linked").await.len(), linked_before + 1, "one grant");
            let refreshed = house.refresh(&ask, &Linked::of(won[0]).refresh).await;
            assert_eq!(refreshed.status == 200, survives, "{}", refreshed.body);
        }
    }
}

/// RED-012: the redirect URI is bound to the code.
#[tokio::test]
async fn a_code_is_bound_to_its_redirect_uri() {
    let house = House::open().await;
    for redirect_uri in [Some(LAYLA), Some("https://evil.test/"), None] {
        let ask = Ask::wear();
        let code = house.code(&ask).await;
        let other = match redirect_uri {
            Some(uri) => ask.clone().set("redirect_uri", uri),
            None => ask.clone().without("redirect_uri"),
        };
        house.redeem(&other, &code).await.is_error(400, "invalid_grant");
        house.redeem(&ask, &code).await.is_error(400, "invalid_grant");
    }
}

#[tokio::test]
async fn a_code_is_bound_to_its_client() {
    let house = House::open().await;
    let code = house.code(&Ask::wear()).await;
    house.redeem(&Ask::wear().set("client_id", OTHER_CLIENT), &code).await.is_error(400, "invalid_grant");
    let as_spa = Ask::wear().set("client_id", SPA_CLIENT);
    house.redeem(&as_spa, &code).await.is_error(400, "invalid_grant");
    assert_eq!(house.audit("code_of_another_client").await.len(), 2);
    assert_eq!(house.redeem(&Ask::wear(), &code).await.status, 200, "a stranger cannot spend it either");
}

#[tokio::test]
async fn a_code_lives_for_a_minute() {
    let house = House::open().await;
    let (first, second) = (house.code(&Ask::wear()).await, house.code(&Ask::wear()).await);
    house.wait(59);
    assert_eq!(house.redeem(&Ask::wear(), &first).await.status, 200);
    house.wait(1);
    house.redeem(&Ask::wear(), &second).await.is_error(400, "invalid_grant");
}

/// COD-008: a challenge without a verifier. COD-009: a verifier without a challenge.
#[tokio::test]
async fn a_challenge_is_always_enforced() {
    let house = House::open().await;
    let (with, without) = (Ask::wear().pkce(), Ask::wear());
    let code = house.code(&with).await;
    house.redeem(&without, &code).await.is_error(400, "invalid_grant");
    let empty = format!("{}&code_verifier=", without.redemption(&code));
    house.post_body(Side::Wear.token(), with.authorization().as_deref(), empty).await.is_error(400, "invalid_grant");
    for verifier in ["short", CHALLENGE, &"é".repeat(43), &"x".repeat(129)] {
        let body = format!("{}&{}", without.redemption(&code), encode(&[("code_verifier", verifier)]));
        let answer = house.post_body(Side::Wear.token(), with.authorization().as_deref(), body).await;
        answer.is_error(400, "invalid_grant");
    }

    let code = house.code(&without).await;
    house.redeem(&with, &code).await.is_error(400, "invalid_grant");
    let code = house.code(&Ask::spa()).await;
    assert_eq!(house.redeem(&Ask::spa(), &code).await.status, 200);
}

#[tokio::test]
async fn after_five_wrong_verifiers_a_code_is_dead() {
    let house = House::open().await;
    let ask = Ask::spa();
    for (wrong, alive) in [(4, true), (5, false), (10, false)] {
        let code = house.code(&ask).await;
        for n in 0..wrong {
            let guess = ask.redemption(&code).replace(VERIFIER, &format!("{n}{}", "x".repeat(43)));
            house.post_body(Side::Wear.token(), None, guess).await.is_error(400, "invalid_grant");
        }
        assert_eq!(house.redeem(&ask, &code).await.status == 200, alive, "after {wrong}");
    }
    assert_eq!(house.audit("code_guessing").await.len(), 2);
}

/// COD-006: other values that are good once are not codes.
#[tokio::test]
async fn nothing_else_is_a_code() {
    let house = House::open().await;
    let mut browser = house.browser();
    let page = browser.consent_page(&Ask::wear(), "ada").await;
    let csrf = browser::PageForm::around(&page, "allow").value("csrf").to_owned();
    let session = browser.cookies.iter().find(|(name, _)| name.ends_with("session")).unwrap().1.clone();
    let linked = house.link(&Ask::wear().set("scope", "openid")).await;
    let told = house.introspect(Side::Wear, WEAR_CLIENT, &linked.access).await;
    let jti = told["jti"].as_str().unwrap();
    let grant = jti.split('.').next().unwrap();
    let id_token = linked.answer["id_token"].as_str().unwrap();
    let request =
        [("response_type", "code"), ("redirect_uri", REDIRECT_URI), ("scope", "openid"), ("audience", WEAR_AUDIENCE)];
    let pushed = house.post_as(WEAR_CLIENT, "/oauth/par", &request).await.json();
    let reference = pushed["request_uri"].as_str().unwrap();
    for value in [
        reference,
        &linked.refresh,
        &linked.access,
        id_token,
        &csrf,
        &session,
        jti,
        grant,
        "sac_",
        "x",
        &"A".repeat(20_000),
    ] {
        house.redeem(&Ask::wear(), value).await.is_error(400, "invalid_grant");
    }
    assert!(house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);
}

#[tokio::test]
async fn what_was_allowed_must_still_be() {
    let house = House::open().await;
    let ada = records::ada().id;
    let code = house.code(&Ask::wear()).await;
    house.store.disable_user(&ada, NOW).await.unwrap();
    house.redeem(&Ask::wear(), &code).await.is_error(400, "invalid_grant");
    house.store.enable_user(&ada, NOW).await.unwrap();
    house.redeem(&Ask::wear(), &code).await.is_error(400, "invalid_grant");

    let code = house.code(&Ask::wear()).await;
    let lawless = house.reconfigured(|wardrobe, _| wardrobe.policies[0].rules.clear()).await;
    lawless.redeem(&Ask::wear(), &code).await.is_error(400, "invalid_grant");
    let code = house.code(&Ask::wear()).await;
    let switched_off = house.reconfigured(|wardrobe, _| find(wardrobe, WEAR_CLIENT).disabled = true).await;
    switched_off.redeem(&Ask::wear(), &code).await.is_error(401, "invalid_client");
    let code = house.code(&Ask::wear()).await;
    let narrowed = house.reconfigured(|w, _| find(w, WEAR_CLIENT).grants = vec![GrantType::RefreshToken]).await;
    narrowed.redeem(&Ask::wear(), &code).await.is_error(400, "unauthorized_client");
}

#[tokio::test]
async fn a_code_is_for_its_api() {
    let house = House::open().await;
    let ask = Ask::wear();
    for (name, audience, error) in [
        ("resource", SHOES_AUDIENCE, Some("invalid_target")),
        ("audience", "https://unknown", Some("invalid_target")),
        ("resource", WEAR_AUDIENCE, None),
        ("audience", WEAR_AUDIENCE, None),
    ] {
        let code = house.code(&ask).await;
        let body = format!("{}&{}", ask.redemption(&code), encode(&[(name, audience)]));
        let answer = house.post_body(Side::Wear.token(), ask.authorization().as_deref(), body).await;
        match error {
            Some(error) => answer.is_error(400, error),
            None => assert_eq!(claims_of(&Linked::of(&answer).access)["aud"], WEAR_AUDIENCE),
        }
    }
}

#[tokio::test]
async fn a_client_without_refresh_gets_no_refresh_token() {
    let house =
        House::with(|wardrobe, _| find(wardrobe, WEAR_CLIENT).grants = vec![GrantType::AuthorizationCode]).await;
    let linked = house.link(&Ask::wear()).await;
    assert_eq!(linked.answer.get("refresh_token"), None);
    assert!(house.is_active(Side::Wear, WEAR_CLIENT, &linked.access).await);
}

/// COD-016: entropy; what is stored is a digest (`secrecy.rs`).
#[tokio::test]
async fn codes_do_not_repeat() {
    let house = House::open().await;
    let mut browser = house.browser();
    let mut codes = BTreeSet::new();
    for _ in 0..20 {
        let code = browser.allow(&Ask::wear(), "ada").await.parameter("code").unwrap();
        assert!(code.len() >= 43, "256 bits");
        assert!(codes.insert(code));
    }
}
