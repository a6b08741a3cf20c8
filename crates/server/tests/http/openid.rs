//! OpenID Connect from a client's side: what the conformance plans basic, config and form post look at.

use axum::body::Body;
use http::Request;
use http::header::CONTENT_TYPE;
use sayso_authority::record::authorization_rule::{AuthorizationRule, SubjectType};
use sayso_token::digest::Digest;
use sayso_token::encoding::base64url;
use serde_json::{Value, json};

use crate::house::ask::STATE;
use crate::house::browser::PageForm;
use crate::house::look::{claims_of, header_of};
use crate::house::*;

/// Every standard claim, as attributes of a profile.
const EVERYTHING: [(&str, &str); 21] = [
    ("name", "Ada Byron"),
    ("given_name", "Ada"),
    ("familyName", "Byron"),
    ("middle_name", "Augusta"),
    ("nickname", "Countess"),
    ("profile", "https://ada.example/"),
    ("picture", "https://ada.example/me.png"),
    ("website", "https://ada.example/"),
    ("gender", "female"),
    ("birthdate", "1815-12-10"),
    ("zoneinfo", "Europe/London"),
    ("locale", "en-GB"),
    ("email", "ada@example.com"),
    ("emailVerified", "true"),
    ("phone_number", "+44 20 7946 0000"),
    ("phoneNumberVerified", "true"),
    ("streetAddress", "12 St James's Square"),
    ("locality", "London"),
    ("region", "London"),
    ("postalCode", "SW1Y 4JH"),
    ("country", "UK"),
];

/// A house in which Ada has a whole profile, and the linking client may have all identity scopes.
async fn house() -> House {
    let all = ["read:whattowear", "openid", "profile", "email", "address", "phone", "offline_access"];
    let house = House::with(|wardrobe, _| find(wardrobe, WEAR_CLIENT).scopes = owned(&all)).await;
    let ada = house.store.lookups().user_by_username("ada").await.unwrap().unwrap();
    let attributes = EVERYTHING.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    let change = sayso_authority::record::change::Change::SetAttributes {
        user: ada.id,
        from_version: ada.version,
        attributes,
        at: sayso_testkit::NOW,
    };
    let change = &change;
    let kept: Result<Result<(), ()>, _> = house
        .store
        .settle(&house.clock, |_, _| async move { Ok(sayso_authority::Decision::reply(()).change(change.clone())) })
        .await;
    kept.unwrap().unwrap();
    house
}

async fn userinfo(house: &House, token: &str) -> Value {
    let answer = house.post(Side::Wear.userinfo(), &[("access_token", token)]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn names(claims: &Value) -> Vec<&str> {
    let mut names: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn each_scope_stands_for_its_standard_claims() {
    let house = house().await;
    let profile = [
        "birthdate",
        "family_name",
        "favorite_color",
        "gender",
        "given_name",
        "locale",
        "middle_name",
        "name",
        "nickname",
        "picture",
        "preferred_username",
        "profile",
        "sub",
        "updated_at",
        "website",
        "zoneinfo",
    ];
    // Without the attribute, the authority's own claim is not there.
    let profile: Vec<_> = profile.into_iter().filter(|name| *name != "favorite_color").collect();
    let cases: [(&str, Vec<&str>); 5] = [
        ("openid", vec!["sub"]),
        ("email openid", vec!["email", "email_verified", "sub"]),
        ("openid phone", vec!["phone_number", "phone_number_verified", "sub"]),
        ("openid address", vec!["address", "sub"]),
        ("openid profile", profile),
    ];
    for (scope, expected) in cases {
        let linked = house.link(&Ask::wear().set("scope", scope)).await;
        let told = userinfo(&house, &linked.access).await;
        assert_eq!(names(&told), expected, "{scope}");
        let id_token = claims_of(linked.answer["id_token"].as_str().unwrap());
        let own = ["acr", "amr", "at_hash", "aud", "auth_time", "exp", "iat", "iss", "sid", "sub"];
        assert_eq!(names(&id_token), own, "{scope}: scopes tell at userinfo only");
    }
    let all = house.link(&Ask::wear().set("scope", "openid profile email address phone offline_access")).await;
    let told = userinfo(&house, &all.access).await;
    assert_eq!((&told["email_verified"], &told["phone_number_verified"]), (&json!(true), &json!(true)));
    assert_eq!(told["address"]["postal_code"], "SW1Y 4JH");
    assert_eq!(told["updated_at"], sayso_testkit::NOW.seconds());
    assert!(!all.refresh.is_empty());
}

/// OID-001: a nonce comes back as it went; without one there is none. OID-002: `at_hash` fits the access token.
#[tokio::test]
async fn oid_001_002_nonce_and_at_hash() {
    let house = house().await;
    for nonce in [Some("n-0S6_WzA2Mj".to_owned()), Some("x".repeat(64)), Some("ü&=%+ ".repeat(170)), None] {
        let ask = Ask::wear().set("scope", "openid");
        let ask = nonce.as_ref().map_or(ask.clone(), |nonce| ask.set("nonce", nonce));
        let linked = house.link(&ask).await;
        let token = linked.answer["id_token"].as_str().unwrap();
        let claims = claims_of(token);
        assert_eq!(claims.get("nonce").and_then(Value::as_str), nonce.as_deref());
        assert_eq!(header_of(token)["alg"], "RS256");
        let digest = Digest::of(linked.access.as_bytes());
        assert_eq!(claims["at_hash"], base64url(&digest.as_bytes()[..16]));
        assert!(claims.get("c_hash").is_none());
        assert_eq!((&claims["acr"], &claims["amr"]), (&json!("1"), &json!(["pwd"])));
    }
}

/// The modules on silent requests: with a session and a consent the client gets its code, for the same person, and
/// `auth_time` stays.
#[tokio::test]
async fn prompt_none_and_id_token_hint() {
    let house = house().await;
    let mut browser = house.browser();
    let ask = Ask::wear().set("scope", "openid").set("max_age", "10000");
    let first = browser.allow(&ask, "ada").await.parameter("code").unwrap();
    let first = Linked::of(&house.redeem(&ask, &first).await);
    let hint = first.answer["id_token"].as_str().unwrap().to_owned();
    house.wait(100);
    for silent in [ask.clone().set("prompt", "none"), ask.clone().set("prompt", "none").set("id_token_hint", &hint)] {
        let answer = browser.get(&silent.path()).await;
        let code = answer.parameter("code").unwrap_or_else(|| panic!("{answer:?}"));
        let again = Linked::of(&house.redeem(&silent, &code).await);
        let (old, new) = (claims_of(&hint), claims_of(again.answer["id_token"].as_str().unwrap()));
        assert_eq!((&old["sub"], &old["auth_time"]), (&new["sub"], &new["auth_time"]));
        assert_ne!(old["iat"], new["iat"]);
    }
    // Whoever is signed in is not the one who was asked for.
    let mut bobs = house.browser();
    bobs.sign_in(Side::Wear, "bob").await;
    let silent = ask.clone().set("prompt", "none").set("id_token_hint", &hint);
    bobs.get(&silent.path()).await.is_redirected_error(REDIRECT_URI, "login_required", WEAR);
    let page = bobs.open(&ask.clone().set("id_token_hint", &hint).path()).await;
    let answer = bobs.log_in(&page, "bob", PASSWORD).await;
    bobs.follow(answer).await.is_redirected_error(REDIRECT_URI, "login_required", WEAR);
    let page = bobs.open(&ask.clone().set("id_token_hint", &hint).path()).await;
    let answer = bobs.log_in(&page, "ada", PASSWORD).await;
    assert!(bobs.follow(answer).await.parameter("code").is_some(), "Ada has allowed it before");
    let access = ask.set("prompt", "none").set("id_token_hint", &first.access);
    browser.get(&access.path()).await.is_redirected_error(REDIRECT_URI, "invalid_request", WEAR);
}

/// OID-004: `prompt=login` and `max_age` mean a sign-in for this request: going back, starting anew or another tab's
/// older page do not help.
#[tokio::test]
async fn oid_004_a_fresh_sign_in_is_one_for_this_request() {
    let house = house().await;
    let mut browser = house.browser();
    let plain = Ask::wear().set("scope", "openid");
    let code = browser.allow(&plain, "ada").await.parameter("code").unwrap();
    let first = claims_of(Linked::of(&house.redeem(&plain, &code).await).answer["id_token"].as_str().unwrap());
    house.wait(5);
    for ask in [plain.clone().set("prompt", "login"), plain.clone().set("max_age", "1")] {
        let page = browser.open(&ask.path()).await;
        let login = PageForm::around(&page, "login");
        // The consent page of the same request, asked for directly or with the progress of the login page.
        for path in [ask.page("/consent"), login.action.replacen("/login", "/consent", 1)] {
            let answer = browser.open(&path).await;
            assert!(answer.body.contains("id=\"login\""), "{path}: {:?}", answer.location());
        }
        let cancelled = browser.press(&page, "cancel").await;
        cancelled.is_redirected_error(REDIRECT_URI, "access_denied", WEAR);
        let answer = browser.log_in(&page, "ada", PASSWORD).await;
        let done = browser.follow(answer).await;
        let code = done.parameter("code").unwrap_or_else(|| panic!("{done:?}"));
        let second = claims_of(Linked::of(&house.redeem(&ask, &code).await).answer["id_token"].as_str().unwrap());
        assert!(second["auth_time"].as_i64() > first["auth_time"].as_i64());
        assert_eq!(first["sub"], second["sub"]);
        house.wait(5);
    }
    // A progress that another browser, or another request, has come to counts for nothing here.
    let ask = plain.set("prompt", "login");
    let mut other = house.browser();
    let page = other.open(&ask.path()).await;
    let answer = other.log_in(&page, "ada", PASSWORD).await;
    let theirs = answer.location().unwrap().to_owned();
    assert!(theirs.starts_with("/consent?"));
    assert!(browser.open(&theirs).await.body.contains("id=\"login\""));
    let moved = theirs.replace("scope=openid", "scope=openid%20email");
    assert!(other.open(&moved).await.body.contains("id=\"login\""));
    assert!(other.open(&theirs).await.parameter("code").is_some());
}

#[tokio::test]
async fn claims_by_name_are_told_where_they_were_asked_for() {
    let house = house().await;
    let claims = r#"{"userinfo":{"name":{"essential":true},"email":null},"id_token":{"phone_number":null,
        "auth_time":{"essential":true},"acr":{"values":["1","2"]}}}"#;
    let ask = Ask::wear().set("scope", "openid").set("claims", claims);
    let mut browser = house.browser();
    let page = browser.consent_page(&ask, "ada").await;
    for scope in ["openid", "profile", "email", "phone"] {
        assert!(page.body.contains(&format!("data-scope=\"{scope}\"")), "the person is told: {scope}");
    }
    let code = browser.press(&page, "allow").await.parameter("code").unwrap();
    let linked = Linked::of(&house.redeem(&ask, &code).await);
    let told = userinfo(&house, &linked.access).await;
    assert_eq!(names(&told), ["email", "name", "sub"]);
    let id_token = claims_of(linked.answer["id_token"].as_str().unwrap());
    assert_eq!((&id_token["phone_number"], id_token.get("email")), (&json!("+44 20 7946 0000"), None));
    // A refresh goes on telling them; another request, without the parameter, does not.
    let refreshed = Linked::of(&house.refresh(&ask, &linked.refresh).await);
    assert_eq!(names(&userinfo(&house, &refreshed.access).await), ["email", "name", "sub"]);
    let plain = house.link(&Ask::wear().set("scope", "openid")).await;
    assert_eq!(names(&userinfo(&house, &plain.access).await), ["sub"]);
}

/// What the plan sends along and a server may know nothing of.
#[tokio::test]
async fn parameters_that_ask_for_little_change_nothing() {
    let house = house().await;
    for (name, value) in [
        ("display", "page"),
        ("display", "popup"),
        ("ui_locales", "se"),
        ("claims_locales", "se"),
        ("acr_values", "1 2"),
        ("login_hint", "buffy@127.0.0.1"),
        ("extra", "foobar"),
        ("code_challenge_extra", ""),
    ] {
        let ask = Ask::wear().set("scope", "openid").set(name, value);
        let linked = house.link(&ask).await;
        assert_eq!(claims_of(linked.answer["id_token"].as_str().unwrap())["acr"], "1", "{name}={value}");
    }
}

/// OID-006: request objects, by value or by reference, are refused, and nothing is fetched.
#[tokio::test]
async fn oid_006_request_objects_are_refused() {
    let house = house().await;
    let unsigned = "eyJhbGciOiJub25lIn0.eyJyZWRpcmVjdF91cmkiOiJodHRwczovL2V2aWwudGVzdCJ9.";
    for (name, value, error) in [
        ("request", unsigned, "request_not_supported"),
        ("request_uri", "https://evil.test/r.jwt", "request_uri_not_supported"),
        ("request_uri", "http://169.254.169.254/latest", "request_uri_not_supported"),
        ("request_uri", "file:///etc/passwd", "request_uri_not_supported"),
        ("request_uri", "urn:ietf:params:oauth:request-uri:x", "request_uri_not_supported"),
        ("registration", "{}", "registration_not_supported"),
    ] {
        let ask = Ask::wear().set(name, value);
        house.get(&ask.path()).await.is_redirected_error(REDIRECT_URI, error, WEAR);
    }
}

/// The authorization endpoint by POST: from another site too, whose form brings no session along.
#[tokio::test]
async fn a_posted_request_is_the_same_request() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in(Side::Wear, "ada").await;
    let ask = Ask::wear().set("scope", "openid");
    let (_, query) = ask.path().split_once('?').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let posted = Request::post(Side::Wear.authorize())
        .header(CONTENT_TYPE, FORM)
        .header("origin", "https://client.example")
        .header("sec-fetch-site", "cross-site");
    let answer = house.send(posted.body(Body::from(query)).unwrap()).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let page = browser.follow(answer).await;
    assert!(page.body.contains("id=\"allow\""), "{}", page.body);
    let code = browser.press(&page, "allow").await.parameter("code").unwrap();
    assert_eq!(house.redeem(&ask, &code).await.status, 200);
    for body in ["state=%zz", "a=%ff", &"a=b&".repeat(70), &format!("a={}", "b".repeat(17_000))] {
        let answer = house.post_body(Side::Wear.authorize(), None, body.to_owned()).await;
        answer.is_error_page(400, "request_malformed");
    }
    let empty = house.post(Side::Wear.authorize(), &[]).await;
    browser.follow(empty).await.is_error_page(400, "client_id_missing");
}

#[tokio::test]
async fn select_account_shows_who_is_signed_in_and_a_way_to_switch() {
    let house = house().await;
    let ask = Ask::wear().set("scope", "openid");
    let mut browser = house.browser();
    let code = browser.allow(&ask, "ada").await.parameter("code").unwrap();
    house.redeem(&ask, &code).await;
    assert!(browser.get(&ask.path()).await.parameter("code").is_some(), "allowed before");
    let page = browser.open(&ask.clone().set("prompt", "select_account").path()).await;
    let page = browser.press(&page, "switch").await;
    let page = browser.follow(page).await;
    let answer = browser.log_in(&page, "bob", PASSWORD).await;
    let page = browser.follow(answer).await;
    assert!(page.body.contains("bob") && page.body.contains("id=\"allow\""), "{}", page.body);
}

/// Form post: the answer is a page with one form, which a small script of ours sends; success and error alike.
#[tokio::test]
async fn answers_by_form_post() {
    let house = house().await;
    let ask = Ask::wear().set("scope", "openid").set("response_mode", "form_post");
    let mut browser = house.browser();
    let page = browser.consent_page(&ask, "ada").await;
    let answer = browser.press(&page, "allow").await;
    let form = is_form_post(&answer, REDIRECT_URI);
    assert_eq!((form.value("state"), form.value("iss")), (STATE, WEAR));
    assert_eq!(house.redeem(&ask, form.value("code")).await.status, 200);
    let silent = browser.get(&ask.clone().set("prompt", "none").path()).await;
    assert!(!is_form_post(&silent, REDIRECT_URI).value("code").is_empty());

    let mut stranger = house.browser();
    let refused = stranger.get(&ask.clone().set("prompt", "none").path()).await;
    assert_eq!(is_form_post(&refused, REDIRECT_URI).value("error"), "login_required");
    let denied = house.get(&ask.clone().set("response_type", "token").path()).await;
    assert_eq!(is_form_post(&denied, REDIRECT_URI).value("error"), "unsupported_response_type");
    let page = stranger.open(&ask.path()).await;
    let cancelled = stranger.press(&page, "cancel").await;
    assert_eq!(is_form_post(&cancelled, REDIRECT_URI).value("error"), "access_denied");
    house.get(&ask.set("redirect_uri", "https://evil.test/").path()).await.is_error_page(400, "redirect_uri_unknown");
}

#[track_caller]
fn is_form_post(answer: &Answer, redirect_uri: &str) -> PageForm {
    assert_eq!((answer.status.as_u16(), answer.location()), (200, None), "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("script-src 'self'") && policy.contains("https://pitangui.amazon.com"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let form = PageForm::around(answer, "continue");
    assert_eq!(form.action, redirect_uri);
    let script = answer.body.split("<script src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert!(script.starts_with("/assets/") && script.ends_with("/form-post.js"), "{script}");
    assert!(answer.body.contains("id=\"form-post\""));
    form
}

/// One grant knows a person under one subject: in the ID token, at userinfo, in the access token, at introspection.
#[tokio::test]
async fn pairwise_subjects_are_the_same_everywhere_and_over_restarts() {
    let pairwise = |sector: &str| AuthorizationRule {
        subject_type: SubjectType::Pairwise,
        sector_identifier: Some(sector.to_owned()),
        ..AuthorizationRule::default()
    };
    let house = House::with(|wardrobe, _| {
        find(wardrobe, WEAR_CLIENT).authorization = pairwise("a.test");
        find(wardrobe, OTHER_CLIENT).authorization = pairwise("a.test");
    })
    .await;
    let ask = Ask::wear().set("scope", "read:whattowear openid");
    let linked = house.link(&ask).await;
    let subject = claims_of(linked.answer["id_token"].as_str().unwrap())["sub"].as_str().unwrap().to_owned();
    assert!(subject.starts_with("pw_"), "{subject}");
    assert_eq!(userinfo(&house, &linked.access).await["sub"], *subject);
    let told = house.introspect(Side::Wear, WEAR_CLIENT, &linked.access).await;
    assert_eq!((&told["sub"], told.get("username")), (&json!(subject), None));
    for token in [linked.answer["id_token"].as_str().unwrap(), &linked.access] {
        assert!(!claims_of(token).to_string().contains("usr_"), "{}", claims_of(token));
    }
    // Later tokens of the grant keep it, whatever becomes of the client's rule; a new link goes by the new one.
    let changed =
        house.reconfigured(|wardrobe, _| find(wardrobe, WEAR_CLIENT).authorization = pairwise("b.test")).await;
    let refreshed = Linked::of(&changed.refresh(&ask, &linked.refresh).await);
    assert_eq!(claims_of(&refreshed.access)["sub"], *subject);
    let other = changed.link(&ask).await;
    assert_ne!(claims_of(&other.access)["sub"], *subject);
    // The same sector at another client, after a restart: the same person.
    let restarted = house.reconfigured(|_, _| {}).await;
    let ask = ask.set("client_id", OTHER_CLIENT);
    let neighbour = restarted.link(&ask).await;
    assert_eq!(claims_of(&neighbour.access)["sub"], *subject);
}

/// Third-party-initiated login: the account page leads to the client, with issuer, hint and target.
#[tokio::test]
async fn a_sign_in_can_be_begun_from_the_account_page() {
    let house = House::with(|wardrobe, _| {
        let rule = &mut find(wardrobe, WEAR_CLIENT).authorization;
        rule.initiate_login_uri = Some("https://app.example/start".to_owned());
        rule.target_link_uri = Some("https://app.example/home".to_owned());
    })
    .await;
    let mut browser = house.browser();
    let page = browser.sign_in(Side::Wear, "ada").await;
    let expected = "href=\"https://app.example/start?iss=http%3A%2F%2F127.0.0.1%3A4000&amp;login_hint=usr_ada\
                    &amp;target_link_uri=https%3A%2F%2Fapp.example%2Fhome\"";
    assert!(page.body.contains(expected), "{}", page.body);
    // The client sends the hint along: whoever is signed in goes on, and nobody reads it as a user name.
    let ask = Ask::wear().set("login_hint", "usr_ada");
    assert!(browser.open(&ask.path()).await.body.contains("id=\"allow\""));
    let login = house.browser().open(&ask.path()).await;
    assert_eq!(PageForm::around(&login, "login").value("username"), "");
    assert!(!browser.sign_in(Side::Quiz, "ada").await.body.contains("id=\"open-1\""));
}
