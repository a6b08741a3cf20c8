//! Metadata and keys: only true statements, where clients look for them.

use std::collections::BTreeSet;

use axum::body::Body;
use http::Request;
use sayso_token::algorithm::Algorithm;
use sayso_token::jwk::JwkSet;
use sayso_token::jws;
use serde_json::Value;

use crate::house::look::header_of;
use crate::house::*;

const WELL_KNOWN: [(Side, &str); 6] = [
    (Side::Wear, "/.well-known/openid-configuration"),
    (Side::Wear, "/.well-known/oauth-authorization-server"),
    (Side::Quiz, "/oauth2/quiz/.well-known/openid-configuration"),
    (Side::Quiz, "/oauth2/quiz/.well-known/oauth-authorization-server"),
    (Side::Quiz, "/.well-known/openid-configuration/oauth2/quiz"),
    (Side::Quiz, "/.well-known/oauth-authorization-server/oauth2/quiz"),
];

async fn metadata(house: &House, side: Side) -> Value {
    house.get(&side.page("/.well-known/openid-configuration")).await.json()
}

#[tokio::test]
async fn both_documents_stand_at_both_addresses() {
    let house = House::open().await;
    for (side, path) in WELL_KNOWN {
        let request = Request::get(path)
            .header("origin", "https://anyone.test")
            .header("x-forwarded-host", "evil.test")
            .header("x-forwarded-proto", "https")
            .header("forwarded", "host=evil.test;proto=https");
        let answer = house.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.json()["issuer"], side.issuer());
        assert_eq!(answer.json(), metadata(&house, side).await);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        assert!(answer.header("cache-control").starts_with("public, max-age="));
        assert!(!answer.body.contains("evil.test"));
    }
}

/// WEB-010: keys and metadata are for everyone's scripts, all else for nobody's, whoever asks; credentials never.
#[tokio::test]
async fn other_sites_scripts_may_read_what_is_published_and_nothing_else() {
    let house = House::open().await;
    let linked = house.link(&Ask::wear().set("scope", "openid read:whattowear")).await;
    let (authorization, form) = (format!("Bearer {}", linked.access), [("grant_type", "client_credentials")]);
    for origin in ["https://evil.test", "null", "https://sub.app.test", "https://app.test", "http://127.0.0.1:4000"] {
        let ask = |path: &str| Request::get(path.to_owned()).header("origin", origin);
        let post = Request::post(Side::Wear.token()).header("origin", origin).header("content-type", FORM);
        let post = post.header("authorization", basic(WEAR_CLIENT, sayso_testkit::tutorials::CLIENT_SECRET));
        let introspect = Request::post(Side::Wear.introspect()).header("origin", origin).header("content-type", FORM);
        for (request, shared) in [
            (ask("/.well-known/openid-configuration").body(Body::empty()), "*"),
            (ask(Side::Wear.keys()).body(Body::empty()), "*"),
            (ask(Side::Wear.userinfo()).header("authorization", &authorization).body(Body::empty()), ""),
            (post.body(Body::from(encode(&form))), ""),
            (introspect.body(Body::empty()), ""),
            (ask("/account").body(Body::empty()), ""),
            (ask("/oidc/logout").body(Body::empty()), ""),
        ] {
            let request = request.unwrap();
            let path = request.uri().path().to_owned();
            let answer = house.send(request).await;
            assert_eq!(answer.header("access-control-allow-origin"), shared, "{path} from {origin}");
            assert_eq!(answer.header("access-control-allow-credentials"), "", "{path} from {origin}");
        }
    }
}

/// A verifier that has the document hears only that it is still the same.
#[tokio::test]
async fn what_is_published_is_sent_once_to_whoever_keeps_it() {
    let house = House::open().await;
    for path in [Side::Wear.keys(), Side::Quiz.keys(), "/.well-known/openid-configuration"] {
        let first = house.get(path).await;
        let etag = first.header("etag").to_owned();
        assert!(etag.starts_with('"') && etag.len() > 20, "{etag}");
        for (sent, status) in
            [(etag.clone(), 304), (format!("\"x\", W/{etag}"), 304), ("*".into(), 304), ("\"x\"".into(), 200)]
        {
            let request = Request::get(path).header("if-none-match", &sent).body(Body::empty()).unwrap();
            let answer = house.send(request).await;
            assert_eq!((answer.status.as_u16(), answer.body.is_empty()), (status, status == 304), "{path} {sent}");
            assert_eq!((answer.header("etag"), answer.header("cache-control")), (&*etag, "public, max-age=300"));
            assert_eq!(answer.header("access-control-allow-origin"), "*");
        }
    }
    let other = house.reconfigured(|wardrobe, _| wardrobe.apis.truncate(1)).await;
    let path = "/.well-known/openid-configuration";
    assert_ne!(house.get(path).await.header("etag"), other.get(path).await.header("etag"));
    assert_eq!(house.get(Side::Wear.keys()).await.header("etag"), other.get(Side::Wear.keys()).await.header("etag"));
}

#[tokio::test]
async fn every_advertised_endpoint_answers() {
    let house = House::open().await;
    for side in [Side::Wear, Side::Quiz] {
        let metadata = metadata(&house, side).await;
        for (name, method, status) in [
            ("authorization_endpoint", "GET", 400),
            ("token_endpoint", "POST", 401),
            ("introspection_endpoint", "POST", 401),
            ("revocation_endpoint", "POST", 401),
            ("userinfo_endpoint", "GET", 401),
            ("userinfo_endpoint", "POST", 401),
            ("pushed_authorization_request_endpoint", "POST", 401),
            ("jwks_uri", "GET", 200),
            ("end_session_endpoint", "GET", 303),
            ("end_session_endpoint", "POST", 303),
        ] {
            let url = metadata[name].as_str().unwrap();
            let path = url.strip_prefix("http://127.0.0.1:4000").unwrap();
            assert!(url.starts_with(side.issuer()), "{url}");
            let answer = house.send(Request::builder().method(method).uri(path).body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status.as_u16(), status, "{method} {url}: {}", answer.body);
        }
        for name in metadata.as_object().unwrap().keys().filter(|name| name.ends_with("_endpoint")) {
            assert!(metadata[name].as_str().unwrap().starts_with(side.issuer()), "{name}");
        }
        assert_eq!(metadata["authorization_endpoint"], format!("http://127.0.0.1:4000{}", side.authorize()));
        assert_eq!(metadata["token_endpoint"], format!("http://127.0.0.1:4000{}", side.token()));
    }
}

fn list(value: &Value) -> BTreeSet<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

#[tokio::test]
async fn it_promises_what_is_kept() {
    let house = House::open().await;
    let wear = metadata(&house, Side::Wear).await;
    assert_eq!(list(&wear["response_types_supported"]), ["code"].into());
    assert_eq!(list(&wear["response_modes_supported"]), ["query", "form_post"].into());
    assert_eq!(list(&wear["subject_types_supported"]), ["public", "pairwise"].into());
    assert_eq!(list(&wear["acr_values_supported"]), ["1"].into());
    assert_eq!(list(&wear["ui_locales_supported"]), ["de", "en"].into());
    assert_eq!(list(&wear["code_challenge_methods_supported"]), ["S256"].into());
    assert_eq!(wear["authorization_response_iss_parameter_supported"], true);
    let grants = ["authorization_code", "client_credentials", "refresh_token"];
    assert_eq!(list(&wear["grant_types_supported"]), grants.into());
    let methods = ["client_secret_basic", "client_secret_post", "none"];
    assert_eq!(list(&wear["token_endpoint_auth_methods_supported"]), methods.into());
    assert_eq!(list(&wear["introspection_endpoint_auth_methods_supported"]), methods[..2].iter().copied().collect());
    for scope in list(&wear["scopes_supported"]) {
        assert!(!scope.is_empty());
    }
    assert!(list(&wear["scopes_supported"]).contains("read:whattowear"));

    let quiz = metadata(&house, Side::Quiz).await;
    assert_eq!(list(&quiz["grant_types_supported"]), ["authorization_code", "refresh_token"].into());
    assert!(!list(&quiz["token_endpoint_auth_methods_supported"]).contains("none"));
    assert!(!list(&quiz["scopes_supported"]).contains("read:whattowear"));
    for secret in [WEAR_CLIENT, "secret\":", "redirect"] {
        assert!(!wear.to_string().contains(secret), "{secret}");
    }
}

/// JWT-021: each member is one that may be published.
#[tokio::test]
async fn published_keys_have_public_parts_only_and_differ() {
    let house = House::open().await;
    let mut kids = BTreeSet::new();
    for side in [Side::Wear, Side::Quiz] {
        let answer = house.get(side.keys()).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let keys = answer.json();
        for key in keys["keys"].as_array().unwrap() {
            let members: BTreeSet<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
            match key["kty"].as_str().unwrap() {
                "RSA" => assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"].into()),
                "OKP" => assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x"].into()),
                "EC" => assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"].into()),
                other => panic!("{other}"),
            }
            assert_eq!(key["use"], "sig");
            assert!(kids.insert(key["kid"].as_str().unwrap().to_owned()));
        }
    }
    assert_eq!(kids.len(), 3, "RS256 for both, ES256 for the shoes");
    let ask = Ask::wear().set("audience", SHOES_AUDIENCE).set("scope", "read:shoes");
    let header = header_of(&house.link(&ask).await.access);
    assert_eq!(header["alg"], "ES256");
    assert!(kids.contains(header["kid"].as_str().unwrap()));
}

#[tokio::test]
async fn keys_survive_a_restart() {
    let house = House::open().await;
    let after = house.reconfigured(|_, _| {}).await;
    for side in [Side::Wear, Side::Quiz] {
        assert_eq!(house.get(side.keys()).await.body, after.get(side.keys()).await.body);
    }
}

/// Each API and each client has its algorithm; what is signed verifies by the published keys, and nothing else does.
#[tokio::test]
async fn every_algorithm_signs_for_apis_and_clients() {
    let house = House::with(|wardrobe, _| {
        wardrobe.apis[0].algorithm = Algorithm::EdDsa;
        find(wardrobe, WEAR_CLIENT).id_token_algorithm = Algorithm::Ps256;
        find(wardrobe, OTHER_CLIENT).id_token_algorithm = Algorithm::EdDsa;
    })
    .await;
    let document = metadata(&house, Side::Wear).await;
    let listed = list(&document["id_token_signing_alg_values_supported"]);
    assert_eq!(listed, ["EdDSA", "PS256", "RS256"].into());
    let published = JwkSet::parse(house.get(Side::Wear.keys()).await.body.as_bytes()).unwrap();
    assert_eq!(published.len(), 4, "RS256 always, ES256 for the shoes, EdDSA, PS256");
    let linked = house.link(&Ask::wear().set("scope", "openid read:whattowear")).await;
    let id_token = linked.answer["id_token"].as_str().unwrap();
    for (token, algorithm) in [(linked.access.as_str(), Algorithm::EdDsa), (id_token, Algorithm::Ps256)] {
        let header = header_of(token);
        assert_eq!(header["alg"], algorithm.name());
        let (key, parts) = (published.find(header["kid"].as_str().unwrap()).unwrap(), jws::parse(token).unwrap());
        for other in Algorithm::ALL {
            let verified = key.verifies_as(other, parts.signed.as_bytes(), &parts.signature);
            assert_eq!(verified, other == algorithm, "{algorithm} as {other}");
        }
    }
    assert!(house.is_active(Side::Wear, MACHINE_CLIENT, &linked.access).await);
    assert!(!house.is_active(Side::Wear, MACHINE_CLIENT, id_token).await);
    let ask = Ask::wear().set("audience", SHOES_AUDIENCE).set("scope", "read:shoes");
    assert_eq!(header_of(&house.link(&ask).await.access)["alg"], "ES256");
}
