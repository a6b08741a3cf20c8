//! Linking, refreshing, losing and ending a link, against a stub token endpoint and a stub skill.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod stubs;

use axum::http::Method;
use serde_json::{Value, json};
use stubs::{CONSOLE, SECRET, VENDOR, World, parameter};

#[tokio::test]
async fn a_linked_account_travels_in_every_request() {
    let world = World::new().await;
    let before = world.ask("alexa, ask sample quiz game what is my favorite color").await;
    assert_eq!((before["outcome"].as_str(), before["card"]["type"].as_str()), (Some("refused"), Some("LinkAccount")));

    let page = world.link().await;
    assert!(page.contains("id=\"linked\"") && page.contains("Sample Quiz Game is linked"), "{page}");
    assert!(page.contains("id=\"unlink\"") && !page.contains("id=\"enable\""));

    let after = world.ask("alexa, ask sample quiz game what is my favorite color").await;
    assert_eq!(after["outcome"], "answered");
    let told = world.told();
    let (first, last) = (&told.skill_requests[0].1, &told.skill_requests[1].1);
    assert!(first["context"]["System"]["user"].get("accessToken").is_none());
    assert!(first["session"]["user"].get("accessToken").is_none());
    assert_eq!(last["context"]["System"]["user"]["accessToken"], "opaque-access-token-1");
    assert_eq!(last["session"]["user"]["accessToken"], "opaque-access-token-1");
    assert_eq!(first["session"]["user"]["userId"], last["session"]["user"]["userId"]);
}

#[tokio::test]
async fn the_authorization_request_is_as_alexas() {
    let world = World::new().await;
    for (region, host) in [("na", "na"), ("eu", "eu"), ("fe", "fe")] {
        let (to, _) = world.enable(region).await;
        assert_eq!(to.path(), "/authorize");
        assert_eq!(parameter(&to, "audience"), "x", "the server's own query is kept");
        assert_eq!(parameter(&to, "client_id"), "alexa skill");
        assert_eq!(parameter(&to, "response_type"), "code");
        assert_eq!(parameter(&to, "scope"), "read:color offline_access");
        assert_eq!(parameter(&to, "redirect_uri"), format!("{CONSOLE}/{host}/api/skill/link/{VENDOR}"));
        assert_eq!(parameter(&to, "code_challenge_method"), "S256");
        assert_eq!(parameter(&to, "code_challenge").len(), 43);
        assert!(parameter(&to, "state").len() >= 600);
        assert!(world.simulator.redirect_uris().contains(&parameter(&to, "redirect_uri")));
    }
    let without = World::with(|settings| drop(settings.as_object_mut().unwrap().remove("pkceConfiguration"))).await;
    assert!(!without.enable("na").await.0.query().unwrap().contains("code_challenge"));
}

#[tokio::test]
async fn the_client_authenticates_by_its_scheme() {
    let basic = World::new().await;
    let (to, cookie) = basic.enable("eu").await;
    let query = format!("code=c%2B1&state={}", parameter(&to, "state"));
    basic.come_back(&parameter(&to, "redirect_uri"), &query, &cookie).await;
    {
        let told = basic.told();
        let (authorization, form) = &told.token_requests[0];
        use base64::Engine as _;
        let pair = base64::engine::general_purpose::STANDARD.decode(&authorization.as_ref().unwrap()[6..]).unwrap();
        assert_eq!(String::from_utf8(pair).unwrap(), "alexa+skill:s3cret%2Fwith%2Bsigns");
        assert_eq!(form["grant_type"], "authorization_code");
        assert_eq!(form["code"], "c+1");
        assert_eq!(form["redirect_uri"], parameter(&to, "redirect_uri"));
        assert!(!form.contains_key("client_secret"));
        let challenge = sayso_token::digest::Digest::of(form["code_verifier"].as_bytes()).base64url();
        assert_eq!(challenge, parameter(&to, "code_challenge"));
    }
    let body = World::with(|settings| settings["accessTokenScheme"] = "REQUEST_BODY_CREDENTIALS".into()).await;
    body.link().await;
    let told = body.told();
    let (authorization, form) = &told.token_requests[0];
    assert!(authorization.is_none());
    assert_eq!((form["client_id"].as_str(), form["client_secret"].as_str()), ("alexa skill", SECRET));
}

#[tokio::test]
async fn an_answer_that_belongs_to_no_linking_links_nothing() {
    let world = World::new().await;
    let (to, cookie) = world.enable("na").await;
    let (state, redirect_uri) = (parameter(&to, "state"), parameter(&to, "redirect_uri"));
    let good = format!("code=c&state={state}");
    for (uri, query, cookie, said) in [
        (&redirect_uri, "code=c&state=made-up".to_owned(), cookie.as_str(), "unknown"),
        (&redirect_uri, "code=c".to_owned(), cookie.as_str(), "unknown"),
        (&redirect_uri, format!("{good}&code=d"), cookie.as_str(), "twice"),
    ] {
        let page = world.come_back(uri, &query, cookie).await;
        assert!(page.contains("unable to link") && page.contains(said), "{query}: {page}");
    }
    let page = world.come_back(&redirect_uri, &good, "").await;
    assert!(page.contains("Another browser"), "{page}");
    assert!(world.come_back(&redirect_uri, &good, &cookie).await.contains("already been used"), "single use");

    let (to, cookie) = world.enable("na").await;
    let other = redirect_uri.replace("/na/", "/eu/");
    let query = format!("code=c&state={}", parameter(&to, "state"));
    assert!(world.come_back(&other, &query, &cookie).await.contains("another region"));

    let (to, cookie) = world.enable("na").await;
    world.clock.forward(16 * 60);
    let query = format!("code=c&state={}", parameter(&to, "state"));
    assert!(world.come_back(&redirect_uri, &query, &cookie).await.contains("took too long"));
    assert!(world.told().token_requests.is_empty());
    let (status, ..) = world.get("/na/api/skill/link/M2OTHER?code=c").await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn a_failed_linking_says_what_alexa_says_and_why() {
    for (query, answers, said) in [
        ("error=access_denied&error_description=The+user+said+no", vec![], "access_denied: The user said no"),
        ("error=invalid_scope", vec![], "invalid_scope"),
        ("x=1", vec![], "neither a code nor an error"),
        ("code=c&iss=https%3A%2F%2Fevil.example", vec![], "issuer"),
        ("code=c", vec![(400, json!({"error": "invalid_grant"}))], "invalid_grant"),
        ("code=c", vec![(401, json!({"error": "invalid_client"}))], "invalid_client"),
        ("code=c", vec![(500, json!({}))], "status 500"),
        ("code=c", vec![(200, json!({"token_type": "Bearer"}))], "no access_token"),
        ("code=c", vec![(302, json!({}))], "status 302"),
    ] {
        let world = World::new().await;
        world.told().token_answers = answers;
        let (to, cookie) = world.enable("na").await;
        let query = format!("{query}&state={}", parameter(&to, "state"));
        let page = world.come_back(&parameter(&to, "redirect_uri"), &query, &cookie).await;
        assert!(page.contains("We were unable to link Sample Quiz Game at this time."), "{query}: {page}");
        assert!(page.contains(said), "{query}: {page}");
        assert!(page.contains("id=\"enable\"") && !page.contains("id=\"linked\""));
    }
}

#[tokio::test]
async fn a_slow_token_endpoint_fails_the_linking() {
    let world = World::new().await;
    world.told().token_delay = std::time::Duration::from_secs(6);
    let page = world.link().await;
    assert!(page.contains("longer than 4.5 seconds"), "{page}");
}

#[tokio::test]
async fn an_expired_token_is_refreshed_before_the_request() {
    let mut world = World::new().await;
    world.link().await;
    let first = world.ask("ask sample quiz game what is my favorite color").await;
    assert_eq!(first["hops"].as_array().unwrap().len(), 1, "no refresh while the token is good");
    world.clock.forward(3601);
    world.told().token_answers =
        vec![(200, json!({"access_token": "opaque-access-token-new", "token_type": "bearer", "expires_in": 60}))];
    let turn = world.ask("ask sample quiz game what is my favorite color").await;
    let titles: Vec<&Value> = turn["hops"].as_array().unwrap().iter().map(|hop| &hop["title"]).collect();
    assert_eq!(titles, ["Tell the skill that the session is over", "Refresh the access token", "Ask the skill"]);
    {
        let told = world.told();
        let form = &told.token_requests[1].1;
        assert_eq!(
            (form["grant_type"].as_str(), form["refresh_token"].as_str()),
            ("refresh_token", "opaque-refresh-token-1")
        );
        let sent = &told.skill_requests.last().unwrap().1;
        assert_eq!(sent["session"]["user"]["accessToken"], "opaque-access-token-new");
    }
    // The answer had no refresh token: the old one stays good, and all of it survives a restart.
    world.restart().await;
    world.clock.forward(61);
    world.ask("ask sample quiz game what is my favorite color").await;
    assert_eq!(world.told().token_requests[2].1["refresh_token"], "opaque-refresh-token-1");
}

#[tokio::test]
async fn many_requests_at_once_refresh_once() {
    let world = World::new().await;
    world.link().await;
    world.clock.forward(3601);
    world.told().token_delay = std::time::Duration::from_millis(150);
    let ask = || world.ask("ask sample quiz game what is my favorite color");
    tokio::join!(ask(), ask(), ask(), ask());
    let told = world.told();
    assert_eq!(told.token_requests.len(), 2, "one exchange, one refresh");
    let sent = told.skill_requests.iter().filter(|(_, body, _)| body["request"]["type"] == "IntentRequest");
    for (_, body, _) in sent {
        assert_eq!(body["session"]["user"]["accessToken"], "opaque-access-token-2");
    }
}

#[tokio::test]
async fn a_lost_link_is_told_from_a_passing_trouble() {
    let world = World::new().await;
    world.link().await;
    world.clock.forward(3601);
    for (status, body) in [(503, json!({})), (401, json!({"error": "invalid_client"}))] {
        world.told().token_answers = vec![(status, body)];
        let turn = world.ask("ask sample quiz game what is my favorite color").await;
        assert!(turn["explanation"].as_str().unwrap().contains("the old one is sent"), "{turn}");
        let sent = world.told().skill_requests.last().unwrap().1.clone();
        assert_eq!(sent["session"]["user"]["accessToken"], "opaque-access-token-1", "{status}");
    }
    world.told().token_answers = vec![(400, json!({"error": "invalid_grant"}))];
    let turn = world.ask("ask sample quiz game what is my favorite color").await;
    assert_eq!(turn["outcome"], "refused");
    assert!(turn["explanation"].as_str().unwrap().contains("link to your account was lost"), "{turn}");
    let sent = world.told().skill_requests.last().unwrap().1.clone();
    assert!(sent["session"]["user"].get("accessToken").is_none());
    let (_, _, page) = world.get("/companion/sample-quiz-game").await;
    assert!(page.contains("link to your account was lost") && page.contains("id=\"enable\""), "{page}");
}

#[tokio::test]
async fn without_expires_in_or_refresh_token_the_old_token_is_sent_for_ever() {
    let world = World::new().await;
    world.told().token_answers = vec![(200, json!({"access_token": "opaque-access-token-x", "token_type": "Bearer"}))];
    world.link().await;
    world.clock.forward(10_000_000);
    world.ask("ask sample quiz game what is my favorite color").await;
    assert_eq!(world.told().token_requests.len(), 1);
    assert_eq!(world.told().skill_requests[0].1["session"]["user"]["accessToken"], "opaque-access-token-x");
}

#[tokio::test]
async fn unlinking_drops_the_tokens_and_changes_the_user() {
    let world = World::new().await;
    world.link().await;
    world.ask("ask sample quiz game what is my favorite color").await;
    let (status, headers, _) = world.send(Method::POST, "/companion/sample-quiz-game/unlink", &[], "").await;
    assert_eq!(status, 303);
    let (_, _, page) = world.get(headers["location"].to_str().unwrap()).await;
    assert!(page.contains("Sample Quiz Game is unlinked") && page.contains("id=\"enable\""), "{page}");
    let turn = world.ask("ask sample quiz game what is my favorite color").await;
    assert_eq!((turn["outcome"].as_str(), turn["card"]["type"].as_str()), (Some("refused"), Some("LinkAccount")));
    let told = world.told();
    assert_eq!(told.revoked[0]["token"], "opaque-refresh-token-1");
    let types: Vec<&Value> = told.skill_requests.iter().map(|(_, body, _)| &body["request"]["type"]).collect();
    assert_eq!(types, ["IntentRequest", "AlexaSkillEvent.SkillDisabled", "IntentRequest"]);
    let user =
        |at: usize| told.skill_requests[at].1["context"]["System"]["user"]["userId"].as_str().unwrap().to_owned();
    assert_eq!(user(0), user(1));
    assert_ne!(user(0), user(2));
    assert!(told.skill_requests[1].1.get("session").is_none());
}

#[tokio::test]
async fn no_token_is_ever_shown() {
    let world = World::new().await;
    world.link().await;
    world.ask("ask sample quiz game what is my favorite color").await;
    world.clock.forward(3601);
    world.ask("what is my favorite color").await;
    let (_, _, turns) = world.get("/api/turns").await;
    let mut pages = vec![turns, world.get("/").await.2, world.get("/companion/sample-quiz-game").await.2];
    world.send(Method::POST, "/companion/sample-quiz-game/unlink", &[], "").await;
    pages.push(world.get("/api/turns").await.2);
    let verifier = world.told().token_requests[0].1["code_verifier"].clone();
    for secret in ["opaque-access-token", "opaque-refresh-token", SECRET, "the-code", &verifier, "YWxleGEr"] {
        for page in &pages {
            assert!(!page.contains(secret), "{secret} is shown in {page}");
        }
    }
    assert!(pages[0].contains("says …"), "the careless skill's speech is shown without the token");
    let kept = std::fs::read_to_string(world.folder.path().join("data/household.json")).unwrap();
    assert!(!kept.contains(SECRET));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = world.folder.path().join("data/household.json");
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn an_implicit_grant_comes_in_the_fragment_and_is_never_refreshed() {
    let world = World::with(|settings| settings["type"] = "IMPLICIT".into()).await;
    let (to, cookie) = world.enable("na").await;
    assert_eq!(parameter(&to, "response_type"), "token");
    assert!(!to.as_str().contains("code_challenge"), "{to}");
    let path = parameter(&to, "redirect_uri").strip_prefix(stubs::CONSOLE).unwrap().to_owned();
    let (status, _, page) = world.send(Method::GET, &path, &[("cookie", &cookie)], "").await;
    assert!(status == 200 && page.contains("id=\"landing\"") && page.contains("/assets/landing.js"), "{page}");
    let state = parameter(&to, "state");
    let come_back = async |fragment: &str, state: &str, cookie: &str| {
        let fragment = format!("{fragment}&state={state}");
        let form: String =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("fragment", &fragment).finish();
        let lines = [("cookie", cookie), ("content-type", "application/x-www-form-urlencoded")];
        let (status, headers, text) = world.send(Method::POST, &path, &lines, &form).await;
        if status == 303 { world.get(headers["location"].to_str().unwrap()).await.2 } else { text }
    };
    let token = "#access_token=implicit-token-of-ada&token_type=Bearer&expires_in=600";
    let page = come_back(token, &state, "sayso-link=other").await;
    assert!(page.contains("Another browser began"), "{page}");
    for (fragment, said) in [
        ("access_token=&token_type=Bearer", "no access_token in the fragment"),
        ("access_token=implicit-token-of-ada&token_type=mac", "token_type is not Bearer"),
        ("error=access_denied", "access_denied"),
        (token, "Sample Quiz Game is linked"),
    ] {
        let (to, cookie) = world.enable("na").await;
        let page = come_back(fragment, &parameter(&to, "state"), &cookie).await;
        assert!(page.contains(said), "{fragment}: {page}");
    }
    let turns = world.get("/api/turns").await.2;
    assert!(!turns.contains("implicit-token-of-ada") && turns.contains("#access_token=…"), "{turns}");
    assert!(world.told().token_requests.is_empty(), "there is nothing to exchange");
    world.clock.forward(601);
    let turn = world.ask("ask sample quiz game what is my favorite color").await;
    assert!(turn["explanation"].as_str().unwrap().contains("no refresh token"), "{turn}");
    let sent = world.told().skill_requests.last().unwrap().1.clone();
    assert_eq!(sent["context"]["System"]["user"]["accessToken"], "implicit-token-of-ada");
}

#[tokio::test]
async fn the_app_of_the_provider_is_asked_by_its_link() {
    let world = World::with(|settings| {
        let link = format!(
            "{}/app/link?x=1",
            settings["authorizationUrl"].as_str().unwrap().split("/authorize").next().unwrap()
        );
        settings["authorizationUrlsByPlatform"] = json!([{"platformType": "iOS", "platformAuthorizationUrl": link}]);
    })
    .await;
    assert!(world.get("/companion/sample-quiz-game").await.2.contains("provider's app on iOS"));
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let enable = async |platform: &str| {
        let body = format!("region=na&platform={platform}");
        world.send(Method::POST, "/companion/sample-quiz-game/enable", &kind, &body).await
    };
    let (status, _, page) = enable("Android").await;
    assert!(status == 409 && page.contains("name no app link for Android"), "{page}");
    for (source, said) in [("&source=app", "The app answered: source=app."), ("", "lacks source=app")] {
        let (status, headers, _) = enable("iOS").await;
        assert_eq!(status, 303);
        let to = url::Url::parse(headers["location"].to_str().unwrap()).unwrap();
        assert!(to.path() == "/app/link" && parameter(&to, "response_type") == "code", "{to}");
        let cookie = headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let query = format!("code=the-code&state={}{source}", parameter(&to, "state"));
        let page = world.come_back(&parameter(&to, "redirect_uri"), &query, &cookie).await;
        assert!(page.contains("is linked"), "{page}");
        assert!(world.get("/api/turns").await.2.contains(said), "{source}");
    }
}
