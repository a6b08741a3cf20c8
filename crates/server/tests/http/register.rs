//! Clients that register themselves, as the OpenID Foundation's dynamic plan and the two RFCs have it.

use axum::body::Body;
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use sayso_authority::record::registration::Registration;
use sayso_authority::wire::client_credentials::ASSERTION_TYPE;
use sayso_testkit::{HttpsServer, json_answer};
use sayso_token::digest::Digest;
use sayso_token::jwk::JwkSet;
use sayso_token::jws;
use sayso_token::time::Clock as _;
use serde_json::{Value, json};

use crate::client_assertion::make_key;
use crate::house::look::{claims_of, header_of};
use crate::house::*;

const REGISTER: &str = "/oidc/register";
const CALLBACK: &str = "https://suite.test/callback";

fn open_to_all() -> Registration {
    Registration { token_secrets: None, scopes: owned(&["openid", "profile", "email", "offline_access"]), most: 20 }
}

async fn house() -> House {
    House::with(|wardrobe, _| wardrobe.registration = Some(open_to_all())).await
}

async fn send(house: &House, method: &str, path: &str, token: Option<&str>, body: &Value) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    house.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn register(house: &House, body: &Value) -> Value {
    let answer = send(house, "POST", REGISTER, None, body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-type"), "application/json");
    answer.json()
}

fn text<'a>(client: &'a Value, name: &str) -> &'a str {
    client[name].as_str().unwrap_or_else(|| panic!("{name} in {client}"))
}

/// The path of the client's own registration.
fn own(client: &Value) -> &str {
    text(client, "registration_client_uri").strip_prefix(WEAR).unwrap()
}

fn ask(client: &Value) -> Ask {
    Ask::wear().set("client_id", text(client, "client_id")).set("redirect_uri", CALLBACK).set("scope", "openid")
}

/// A code for the client, whose person is asked.
async fn code(house: &House, ask: &Ask) -> String {
    house.browser().allow(ask, "ada").await.parameter("code").unwrap()
}

/// Tokens for the client that authenticates by `authorization` or by what is added to the form.
async fn tokens(house: &House, ask: &Ask, authorization: Option<&str>, more: &[(&str, &str)]) -> Answer {
    let code = code(house, ask).await;
    let mut form = vec![("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    form.extend(more);
    house.post_body(Side::Wear.token(), authorization, encode(&form)).await
}

/// oidcc-server, oidcc-registration-dynamic: registered, and at once as good as any.
#[tokio::test]
async fn a_registered_client_links_accounts_at_once() {
    let house = house().await;
    let document = house.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["registration_endpoint"], format!("{WEAR}{REGISTER}"));
    assert_eq!(document["id_token_signing_alg_values_supported"], json!(["EdDSA", "ES256", "PS256", "RS256"]));
    for method in ["client_secret_basic", "client_secret_post", "none", "private_key_jwt"] {
        assert!(document["token_endpoint_auth_methods_supported"].to_string().contains(method));
    }
    let client = register(&house, &json!({ "redirect_uris": [CALLBACK], "client_name": "Prüfling" })).await;
    assert_eq!(client["client_secret_expires_at"], 0);
    assert_eq!(client["client_id_issued_at"], house.clock.now().seconds());
    assert_eq!(client["token_endpoint_auth_method"], "client_secret_basic");
    let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
    let page = house.browser().consent_page(&ask(&client), "ada").await;
    assert!(page.body.contains("Prüfling"), "the person is asked: {}", page.body);
    // WEB-006
    assert!(page.body.contains("has not been checked by"), "nobody here knows it: {}", page.body);
    let known = house.browser().consent_page(&Ask::wear(), "ada").await;
    assert!(!known.body.contains("has not been checked by"), "{}", known.body);
    let answer = tokens(&house, &ask(&client), Some(&basic(id, secret)), &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let id_token = answer.json()["id_token"].as_str().unwrap().to_owned();
    assert_eq!((&claims_of(&id_token)["aud"], &header_of(&id_token)["alg"]), (&json!(id), &json!("RS256")));
    let wrong = tokens(&house, &ask(&client), Some(&basic(id, "wrong")), &[]).await;
    wrong.is_error(401, "invalid_client");
    // Another node learns of it within a second: by its next look.
    let other = house.reconfigured(|_, _| {}).await;
    let later = register(&house, &json!({ "redirect_uris": [CALLBACK] })).await;
    assert!(other.server.catch_up().await.unwrap());
    assert_eq!(
        tokens(&other, &ask(&later), Some(&basic(text(&later, "client_id"), text(&later, "client_secret"))), &[])
            .await
            .status,
        200
    );
    assert_eq!(house.audit("client_registered").await.len(), 2);
}

/// RFC 9126 section 6: who registered so is answered by reference only.
#[tokio::test]
async fn a_registered_client_may_have_to_push() {
    let house = house().await;
    let body = json!({ "redirect_uris": [CALLBACK], "require_pushed_authorization_requests": true });
    let client = register(&house, &body).await;
    assert_eq!(client["require_pushed_authorization_requests"], true);
    let answer = house.get(&ask(&client).path()).await;
    answer.is_redirected_error(CALLBACK, "invalid_request", WEAR);
    let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
    let request =
        [("response_type", "code"), ("redirect_uri", CALLBACK), ("scope", "openid"), ("audience", WEAR_AUDIENCE)];
    let pushed = house.post_body("/oauth/par", Some(&basic(id, secret)), encode(&request)).await;
    assert_eq!(pushed.status, 201, "{}", pushed.body);
    let reference = pushed.json()["request_uri"].as_str().unwrap().to_owned();
    let query = encode(&[("client_id", id), ("request_uri", &reference)]);
    let page = house.browser().open(&format!("/authorize?{query}")).await;
    assert!(page.body.contains("id=\"login\""), "{}", page.body);
}

/// Every way of authentication and every algorithm that is offered.
#[tokio::test]
async fn each_way_of_authentication_works_as_registered() {
    let house = house().await;
    let with = |method: &str, more: Value| {
        let mut body = json!({ "redirect_uris": [CALLBACK], "token_endpoint_auth_method": method });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let post = register(&house, &with("client_secret_post", json!({ "id_token_signed_response_alg": "ES256" }))).await;
    let (id, secret) = (text(&post, "client_id"), text(&post, "client_secret"));
    let answer = tokens(&house, &ask(&post), None, &[("client_id", id), ("client_secret", secret)]).await;
    assert_eq!(header_of(answer.json()["id_token"].as_str().unwrap())["alg"], "ES256");
    tokens(&house, &ask(&post), Some(&basic(id, secret)), &[]).await.is_error(401, "invalid_client");

    let public = register(&house, &with("none", json!({ "id_token_signed_response_alg": "EdDSA" }))).await;
    assert!(public.get("client_secret").is_none() && public.get("client_secret_expires_at").is_none());
    let id = text(&public, "client_id");
    let answer = house.browser().open(&ask(&public).path()).await;
    assert_eq!(answer.parameter("error").as_deref(), Some("invalid_request"), "PKCE is demanded of it");
    let more = [("client_id", id), ("code_verifier", VERIFIER)];
    let answer = tokens(&house, &ask(&public).pkce(), None, &more).await;
    assert_eq!(header_of(answer.json()["id_token"].as_str().unwrap())["alg"], "EdDSA");

    let key = make_key();
    let jwks = json!({ "jwks": { "keys": [key.public().to_json()] }, "token_endpoint_auth_signing_alg": "ES256" });
    let signing = register(&house, &with("private_key_jwt", jwks)).await;
    assert!(signing.get("client_secret").is_none());
    let id = text(&signing, "client_id");
    for (audience, status) in
        [(format!("{WEAR}{}", Side::Wear.token()), 200), (WEAR.to_owned(), 200), (format!("{WEAR}/"), 401)]
    {
        let now = house.clock.now().seconds();
        let claims = json!({ "iss": id, "sub": id, "aud": audience, "exp": now + 60, "iat": now, "jti": audience });
        let assertion = jws::sign("JWT", claims.as_object().unwrap(), &key).unwrap();
        let more = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion.as_str())];
        assert_eq!(tokens(&house, &ask(&signing), None, &more).await.status, status, "{audience}");
    }
}

/// oidcc-registration-jwks-uri, oidcc-registration-sector-uri and -bad, oidcc-refresh-token-rp-key-rotation.
#[tokio::test]
async fn keys_and_sectors_at_addresses_are_fetched() {
    let keys = [make_key(), make_key()];
    let set = |key: &sayso_token::keyring::SigningKey| json!({ "keys": [key.public().to_json()] }).to_string();
    let shown = std::sync::Arc::new(std::sync::Mutex::new(set(&keys[0])));
    let document = shown.clone();
    let server = HttpsServer::start(&[], move |asked| match asked.target.as_str() {
        "/sector" => json_answer("200 OK", &json!([CALLBACK, "https://suite.test/other"]).to_string()),
        "/sector-bad" => json_answer("200 OK", &json!(["https://suite.test/other"]).to_string()),
        _ => json_answer("200 OK", &document.lock().unwrap()),
    })
    .await;
    let house = house().await.trusting(&server, |_, _| {}).await;
    let registration = |sector: String| json!({ "redirect_uris": [CALLBACK], "sector_identifier_uri": sector });
    register(&house, &registration(server.url("/sector"))).await;
    for bad in [server.url("/sector-bad"), server.url("/jwks"), "https://10.0.0.1/sector".to_owned()] {
        send(&house, "POST", REGISTER, None, &registration(bad)).await.is_error(400, "invalid_client_metadata");
    }
    let body = json!({
        "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": server.url("/jwks"),
        "grant_types": ["authorization_code", "refresh_token"],
    });
    let client = register(&house, &body).await;
    let id = text(&client, "client_id");
    let sign = |jti: &str, key| {
        let now = house.clock.now().seconds();
        let audience = format!("{WEAR}{}", Side::Wear.token());
        let claims = json!({ "iss": id, "sub": id, "aud": audience, "exp": now + 60, "jti": jti });
        jws::sign("JWT", claims.as_object().unwrap(), key).unwrap()
    };
    let proof = sign("1", &keys[0]);
    let more = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", proof.as_str())];
    let linked = tokens(&house, &ask(&client), None, &more).await;
    assert_eq!(linked.status, 200, "{}", linked.body);
    let refresh = linked.json()["refresh_token"].as_str().unwrap().to_owned();
    // The client rotates its key, and refreshes.
    *shown.lock().unwrap() = set(&keys[1]);
    house.wait(31);
    let proof = sign("2", &keys[1]);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", proof.as_str()),
    ];
    let refreshed = house.post(Side::Wear.token(), &form).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
}

/// oidcc-prompt-none-logged-in with a registered client, and subjects of its own sector: what was registered has its effect.
#[tokio::test]
async fn what_a_person_has_allowed_a_registered_client_may_have_again() {
    let house = house().await;
    let body = json!({ "redirect_uris": [CALLBACK], "subject_type": "pairwise" });
    let client = register(&house, &body).await;
    assert_eq!(client["subject_type"], "pairwise");
    let authorization = basic(text(&client, "client_id"), text(&client, "client_secret"));
    let mut browser = house.browser();
    let redeem = async |code: String| {
        let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
        let answer = house.post_body(Side::Wear.token(), Some(&authorization), encode(&form)).await;
        text(&answer.json(), "id_token").to_owned()
    };
    let first = redeem(browser.allow(&ask(&client), "ada").await.parameter("code").unwrap()).await;
    let silent = browser.get(&ask(&client).set("prompt", "none").path()).await;
    let again = redeem(silent.parameter("code").unwrap()).await;
    let subject = &claims_of(&first)["sub"];
    assert_eq!(subject, &claims_of(&again)["sub"]);
    assert!(subject.as_str().unwrap().starts_with("pw_"), "{subject}");
    let public = json!({ "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none" });
    let public = register(&house, &public).await;
    let unheard = ask(&public).set("prompt", "none").pkce();
    assert_eq!(browser.get(&unheard.path()).await.parameter("error").unwrap(), "consent_required");
}

/// oidcc-redirect-uri-regfrag, and all that cannot be registered.
#[tokio::test]
async fn what_cannot_be_registered_is_refused_in_words() {
    let house = house().await;
    for (body, error) in [
        (json!({ "redirect_uris": [format!("{CALLBACK}#foobar")] }), "invalid_redirect_uri"),
        (json!({}), "invalid_redirect_uri"),
        (json!({ "redirect_uris": [CALLBACK], "software_statement": "a.b.c" }), "invalid_software_statement"),
        (json!({ "redirect_uris": [CALLBACK], "id_token_signed_response_alg": "none" }), "invalid_client_metadata"),
        (json!({ "redirect_uris": [CALLBACK], "scope": "read:whattowear" }), "invalid_client_metadata"),
        (json!([CALLBACK]), "invalid_client_metadata"),
    ] {
        let answer = send(&house, "POST", REGISTER, None, &body).await;
        answer.is_error(400, error);
        assert!(answer.body.contains("error_description"), "{}", answer.body);
    }
    let form = house.post(REGISTER, &[("redirect_uris", CALLBACK)]).await;
    form.is_error(400, "invalid_client_metadata");
    let twice = "{\"redirect_uris\":[],\"redirect_uris\":[]}";
    for body in ["", "{", twice, "null", &format!("{{\"client_name\":\"{}\"}}", "x".repeat(70_000))] {
        let request = Request::post(REGISTER).header(CONTENT_TYPE, "application/json");
        house.send(request.body(Body::from(body.to_owned())).unwrap()).await.is_error(400, "invalid_client_metadata");
    }
    assert_eq!(house.get(REGISTER).await.status, 405);
    let closed = House::open().await;
    assert_eq!(send(&closed, "POST", REGISTER, None, &json!({ "redirect_uris": [CALLBACK] })).await.status, 404);
    assert!(closed.get("/.well-known/openid-configuration").await.json().get("registration_endpoint").is_none());
    assert!(house.audit("client_registered").await.is_empty());
}

/// RFC 7592: read, replaced and removed by whoever holds the registration access token, and by nobody else.
#[tokio::test]
async fn a_registration_is_managed_by_its_own_token() {
    for house in House::on_both_databases().await {
        let house = house.reconfigured(|wardrobe, _| wardrobe.registration = Some(open_to_all())).await;
        let client = register(&house, &json!({ "redirect_uris": [CALLBACK] })).await;
        let stranger = register(&house, &json!({ "redirect_uris": [CALLBACK] })).await;
        let token = text(&client, "registration_access_token");
        let read = send(&house, "GET", own(&client), Some(token), &json!({})).await;
        assert_eq!((read.status.as_u16(), read.header("cache-control")), (200, "no-store"));
        let mut expected = client.clone();
        for name in ["client_secret", "client_secret_expires_at"] {
            expected.as_object_mut().unwrap().remove(name);
        }
        assert_eq!(read.json(), expected, "only digests are kept, so the secret is told once");
        let id = text(&client, "client_id");
        let change = json!({ "client_id": id, "redirect_uris": ["https://suite.test/other"], "client_name": "Other" });
        for method in ["GET", "PUT", "DELETE"] {
            for wrong in [
                None,
                Some("wrong"),
                Some(text(&stranger, "registration_access_token")),
                Some(text(&client, "client_secret")),
            ] {
                let answer = send(&house, method, own(&client), wrong, &change).await;
                assert_eq!(answer.status, 401, "{method} {}", answer.body);
                assert!(answer.header("www-authenticate").starts_with("Bearer"));
            }
            let nowhere = send(&house, method, &format!("{REGISTER}/dyn_nobody"), Some(token), &change).await;
            assert_eq!(nowhere.status, 401, "what is not there looks the same");
        }
        let mut bad = change.clone();
        bad["client_id"] = json!(text(&stranger, "client_id"));
        send(&house, "PUT", own(&client), Some(token), &bad).await.is_error(400, "invalid_request");
        let mut bad = change.clone();
        bad["redirect_uris"] = json!(["https://suite.test/other#x"]);
        send(&house, "PUT", own(&client), Some(token), &bad).await.is_error(400, "invalid_redirect_uri");

        let changed = send(&house, "PUT", own(&client), Some(token), &change).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        assert_eq!((&changed.json()["client_name"], &changed.json()["client_id"]), (&json!("Other"), &json!(id)));
        let old = house.get(&ask(&client).path()).await;
        old.is_error_page(400, "redirect_uri_unknown");
        let form = [("token", "x")];
        let header = basic(id, text(&client, "client_secret"));
        assert_eq!(
            house.post_body(Side::Wear.revoke(), Some(&header), encode(&form)).await.status,
            200,
            "its secret stays"
        );

        let removed = send(&house, "DELETE", own(&client), Some(token), &json!({})).await;
        assert_eq!((removed.status.as_u16(), removed.body.as_str()), (204, ""));
        assert_eq!(send(&house, "GET", own(&client), Some(token), &json!({})).await.status, 401);
        house.post_body(Side::Wear.revoke(), Some(&header), encode(&form)).await.is_error(401, "invalid_client");
        house.get(&ask(&client).path()).await.is_error_page(400, "client_unknown");
        for kind in ["client_changed", "client_removed"] {
            assert_eq!(house.audit(kind).await.len(), 1, "{kind}");
        }
    }
}

/// A removed client's tokens are dead, like a disabled one's.
#[tokio::test]
async fn what_a_removed_client_was_given_is_dead() {
    let house = house().await;
    let body = json!({ "redirect_uris": [CALLBACK], "grant_types": ["authorization_code", "refresh_token"] });
    let client = register(&house, &body).await;
    let header = basic(text(&client, "client_id"), text(&client, "client_secret"));
    let linked = tokens(&house, &ask(&client), Some(&header), &[]).await.json();
    let access = linked["access_token"].as_str().unwrap();
    assert_eq!(house.bearer("/userinfo", access).await.status, 200);
    assert!(house.is_active(Side::Wear, MACHINE_CLIENT, access).await);
    send(&house, "DELETE", own(&client), Some(text(&client, "registration_access_token")), &json!({})).await;
    assert_eq!(house.bearer("/userinfo", access).await.status, 401);
    assert!(!house.is_active(Side::Wear, MACHINE_CLIENT, access).await);
    let page = house.browser().sign_in(Side::Wear, "ada").await;
    assert_eq!(page.status, 200, "the account page does not mind: {}", page.body);
}

#[tokio::test]
async fn registering_may_need_a_token_and_has_bounds() {
    let house = House::with(|wardrobe, _| {
        let token_secrets = Some(vec![Digest::of(b"initial token")]);
        wardrobe.registration = Some(Registration { token_secrets, most: 3, ..open_to_all() });
    })
    .await;
    let body = json!({ "redirect_uris": [CALLBACK] });
    for wrong in [None, Some("other"), Some("")] {
        let answer = send(&house, "POST", REGISTER, wrong, &body).await;
        answer.is_error(401, "invalid_token");
    }
    let machine = json!({ "grant_types": ["client_credentials"], "response_types": [] });
    for (body, status) in [(&body, 201), (&machine, 201), (&body, 201), (&body, 403)] {
        let answer = send(&house, "POST", REGISTER, Some("initial token"), body).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    }
    let mut answers = Vec::new();
    for _ in 0..130 {
        let request = Request::post(REGISTER).header(CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap();
        answers.push(house.send_from([10, 0, 0, 1].into(), request).await);
    }
    assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 10, "a flood from one address is stopped");
    assert!(answers.last().unwrap().header("retry-after").parse::<u32>().unwrap() > 0);
    let disk = house.disk();
    assert!(!disk.windows(13).any(|part| part == b"initial token"));
}

/// `default_max_age` counts where a request says nothing, and `auth_time` is always there.
#[tokio::test]
async fn a_registered_age_asks_for_a_fresh_sign_in() {
    let house = house().await;
    let body = json!({ "redirect_uris": [CALLBACK], "default_max_age": 60, "require_auth_time": true });
    let client = register(&house, &body).await;
    let mut browser = house.browser();
    browser.sign_in(Side::Wear, "ada").await;
    assert!(browser.open(&ask(&client).path()).await.body.contains("id=\"allow\""), "signed in a moment ago");
    house.wait(61);
    assert!(browser.open(&ask(&client).path()).await.body.contains("id=\"login\""), "too long ago");
    assert!(browser.open(&ask(&client).set("max_age", "3600").path()).await.body.contains("id=\"allow\""));
    let header = basic(text(&client, "client_id"), text(&client, "client_secret"));
    let linked = tokens(&house, &ask(&client), Some(&header), &[]).await.json();
    assert!(claims_of(linked["id_token"].as_str().unwrap())["auth_time"].is_i64());
}

/// oidcc-userinfo-rs256: userinfo comes as a JWT that the published keys verify, and that is no ID token.
#[tokio::test]
async fn userinfo_is_signed_for_a_client_that_asks_for_it() {
    let house = house().await;
    let document = house.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["userinfo_signing_alg_values_supported"], json!(["EdDSA", "ES256", "PS256", "RS256"]));
    let published = JwkSet::parse(house.get(Side::Wear.keys()).await.body.as_bytes()).unwrap();
    for algorithm in ["RS256", "ES256"] {
        let body = json!({ "redirect_uris": [CALLBACK], "userinfo_signed_response_alg": algorithm });
        let client = register(&house, &body).await;
        assert_eq!(client["userinfo_signed_response_alg"], algorithm);
        let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
        let linked = tokens(&house, &ask(&client), Some(&basic(id, secret)), &[]).await.json();
        let told = house.bearer("/userinfo", text(&linked, "access_token")).await;
        assert_eq!((told.status.as_u16(), told.header("content-type")), (200, "application/jwt"));
        let (header, claims) = (header_of(&told.body), claims_of(&told.body));
        assert_eq!(header["alg"], algorithm);
        let (key, parts) = (published.find(text(&header, "kid")).unwrap(), jws::parse(&told.body).unwrap());
        assert!(key.verifies(parts.signed.as_bytes(), &parts.signature));
        let subject = &claims_of(text(&linked, "id_token"))["sub"];
        assert_eq!(claims, json!({ "iss": WEAR, "aud": id, "sub": subject }), "no exp, no nonce");
        // Nor is it taken for one: as a hint it names nobody.
        let hinted = ask(&client).set("prompt", "none").set("id_token_hint", &told.body);
        house.get(&hinted.path()).await.is_redirected_error(CALLBACK, "invalid_request", WEAR);
        let out = house.get(&format!("/oidc/logout?id_token_hint={}", told.body)).await;
        out.is_error_page(400, "logout_hint_invalid");
    }
}

/// oidcc-registration-policy-uri, oidcc-registration-tos-uri: whoever signs in can read them before.
#[tokio::test]
async fn what_a_client_says_of_itself_is_linked_where_people_decide() {
    let house = house().await;
    let (policy, terms) = ("https://suite.test/policy?x=1&y=\"><b>", "https://suite.test/terms");
    let plain = json!({ "redirect_uris": [CALLBACK] });
    let mut said = plain.clone();
    (said["policy_uri"], said["tos_uri"]) = (json!("https://suite.test/policy?x=1&y=%22%3E"), json!(terms));
    let client = register(&house, &said).await;
    let other = register(&house, &plain).await;
    let mut hostile = plain.clone();
    hostile["policy_uri"] = json!(policy);
    let hostile = register(&house, &hostile).await;
    let page = house.browser().open(&ask(&hostile).path()).await;
    assert!(page.body.contains("id=\"policy\"") && !page.body.contains("<b>"), "{}", page.body);
    for (client, links) in [(&client, true), (&other, false)] {
        let mut browser = house.browser();
        let login = browser.open(&ask(client).path()).await;
        let consent = house.browser().consent_page(&ask(client), "ada").await;
        for page in [&login, &consent] {
            for (id, uri) in [("policy", "https://suite.test/policy?x=1&amp;y=%22%3E"), ("terms", terms)] {
                let shown = page.body.contains(&format!("id=\"{id}\""));
                assert_eq!(shown, links, "{id}: {}", page.body);
                let uri = uri.replace('/', "&#x2f;");
                assert!(!links || page.body.replace('/', "&#x2f;").contains(&uri), "{}", page.body);
            }
        }
    }
    for wrong in ["javascript:alert(1)", "http://suite.test/terms", "data:text/html,x"] {
        let mut body = plain.clone();
        body["tos_uri"] = json!(wrong);
        send(&house, "POST", REGISTER, None, &body).await.is_error(400, "invalid_client_metadata");
    }
}

/// DOS-008: pictures of clients and people are addresses and nothing more: none is fetched, decoded, kept, served or shown.
#[tokio::test]
async fn dos_008_no_picture_is_ever_loaded() {
    let there = HttpsServer::start(&[], |_| json_answer("200 OK", "{}")).await;
    let house = house().await.reaching(&there).await;
    let body = json!({ "redirect_uris": [CALLBACK], "logo_uri": format!("https://localhost:{}/logo.svg", there.port) });
    let client = register(&house, &body).await;
    assert_eq!(client["logo_uri"], body["logo_uri"]);
    let mut browser = house.browser();
    for page in [browser.open(&ask(&client).path()).await, browser.consent_page(&ask(&client), "ada").await] {
        let ours = page.body.split(" src=\"").skip(1).all(|rest| rest.starts_with("/assets/"));
        assert!(ours && !page.body.contains("logo.svg"), "{}", page.body);
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("img-src *"), "{policy}");
    }
    assert!(there.asked().is_empty(), "nothing was fetched");
    for path in ["/logo.svg", "/assets/logo.svg", "/assets/../logo.png", "/avatar", "/avatars/ada.png", "/picture"] {
        assert_eq!(house.get(path).await.status, 404, "{path}");
        let sent = Request::post(path).header(CONTENT_TYPE, "image/png").body(Body::from(vec![0x89, b'P', b'N', b'G']));
        let answer = house.send(sent.unwrap()).await;
        assert!([404, 405].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
    }
}
