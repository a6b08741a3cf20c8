//! What may be registered, row by row.

use serde_json::json;

use super::*;
use crate::record::registration::Registration;

fn rule() -> Registration {
    Registration { token_secrets: None, scopes: vec!["openid".to_owned(), "profile".to_owned()], most: 10 }
}

const URI: &str = "https://client.test/cb";

fn parsed(body: Value) -> Result<ClientMetadata, BadMetadata> {
    parse(body.as_object().unwrap(), &rule())
}

/// A good registration with one member more.
fn with(name: &str, value: Value) -> Result<ClientMetadata, BadMetadata> {
    let mut body = json!({ "redirect_uris": [URI] });
    body.as_object_mut().unwrap().insert(name.to_owned(), value);
    parsed(body)
}

#[test]
fn what_is_left_out_gets_the_specifications_default() {
    let metadata =
        parsed(json!({ "redirect_uris": [URI], "unheard_of": { "is": "ignored" }, "logo_uri": null })).unwrap();
    let told = serde_json::to_value(&metadata).unwrap();
    assert_eq!(
        told,
        json!({
            "redirect_uris": [URI],
            "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "application_type": "web",
            "scope": "openid profile",
            "subject_type": "public",
            "id_token_signed_response_alg": "RS256",
            "require_auth_time": false,
        })
    );
    assert_eq!(serde_json::from_value::<ClientMetadata>(told).unwrap(), metadata, "as it is kept");
}

#[test]
fn everything_that_is_offered_is_kept_as_it_came() {
    let body = json!({
        "redirect_uris": [URI, "http://127.0.0.1:4711/cb", "http://localhost/cb", "https://client.test/cb?x=1"],
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "application_type": "native",
        "scope": "openid",
        "subject_type": "public",
        "sector_identifier_uri": "https://client.test/sector",
        "id_token_signed_response_alg": "EdDSA",
        "userinfo_signed_response_alg": "RS256",
        "client_name": "Prüfling",
        "contacts": ["ada@client.test"],
        "client_uri": "https://client.test/",
        "logo_uri": "https://client.test/logo.png",
        "policy_uri": "https://client.test/policy",
        "tos_uri": "https://client.test/tos",
        "jwks_uri": "https://client.test/jwks",
        "software_id": "x",
        "software_version": "1",
        "default_max_age": 3600,
        "require_auth_time": true,
        "initiate_login_uri": "https://client.test/login",
        "post_logout_redirect_uris": ["https://client.test/bye"],
        "backchannel_logout_uri": "https://client.test/logout",
        "backchannel_logout_session_required": true,
    });
    let told = serde_json::to_value(parsed(body.clone()).unwrap()).unwrap();
    assert_eq!(told, body);
}

#[test]
fn redirect_uris_lead_to_one_place() {
    for bad in [
        json!([]),
        json!(["https://client.test/cb#here"]),
        json!(["https://client.test/cb#"]),
        json!([URI, "http://client.test/cb"]),
        json!(["https://*.client.test/cb"]),
        json!(["https://user@client.test/cb"]),
        json!(["javascript:alert(1)"]),
        json!(["com.example.app:/cb"]),
        json!(["data:text/html,x"]),
        json!(["/cb"]),
        json!([""]),
        json!(["https://client.test\\@evil.test/"]),
        json!(["https://client.test/ cb"]),
        json!([1]),
        json!("https://client.test/cb"),
        json!(vec![URI; 21]),
        json!([format!("https://client.test/{}", "x".repeat(2048))]),
    ] {
        let refused = with("redirect_uris", bad.clone()).unwrap_err();
        assert_eq!(refused.error, ErrorCode::InvalidRedirectUri, "{bad}: {}", refused.description);
    }
    assert_eq!(parsed(json!({})).unwrap_err().error, ErrorCode::InvalidRedirectUri);
}

#[test]
fn what_is_not_offered_is_refused_in_words() {
    for (name, value, words) in [
        ("software_statement", json!("a.b.c"), "software statements are not accepted"),
        ("token_endpoint_auth_method", json!("client_secret_jwt"), "one of client_secret_basic"),
        ("token_endpoint_auth_method", json!("private_key_jwt"), "needs jwks or jwks_uri"),
        ("token_endpoint_auth_method", json!(1), "one of"),
        ("token_endpoint_auth_signing_alg", json!("HS256"), "one of EdDSA"),
        ("grant_types", json!(["implicit"]), "implicit is not offered"),
        ("grant_types", json!(["password"]), "password is not offered"),
        ("grant_types", json!(["refresh_token"]), "needs the grant type authorization_code"),
        ("grant_types", json!([]), "one grant at least"),
        ("grant_types", json!(["authorization_code", "client_credentials"]), "without a token"),
        ("response_types", json!(["code", "id_token"]), "only response type"),
        ("response_types", json!(["token"]), "only response type"),
        ("response_types", json!([]), "belong together"),
        ("application_type", json!("desktop"), "one of web, native"),
        ("scope", json!("openid admin"), "scope admin"),
        ("scope", json!(["openid"]), "a text"),
        ("subject_type", json!("secret"), "one of public, pairwise"),
        ("require_pushed_authorization_requests", json!("yes"), "true or false"),
        ("client_name", json!("Bank\u{202e}gro.live"), "can be seen"),
        ("client_name", json!("Amazon\u{200b}"), "can be seen"),
        ("client_name", json!("x".repeat(10_000)), "at most 100 characters"),
        ("sector_identifier_uri", json!("http://client.test/sector"), "https"),
        ("id_token_signed_response_alg", json!("none"), "one of EdDSA"),
        ("id_token_signed_response_alg", json!("HS256"), "one of EdDSA"),
        ("id_token_encrypted_response_alg", json!("RSA-OAEP"), "not supported"),
        ("userinfo_signed_response_alg", json!("none"), "one of EdDSA"),
        ("userinfo_signed_response_alg", json!("HS256"), "one of EdDSA"),
        ("userinfo_encrypted_response_alg", json!("RSA-OAEP"), "not supported"),
        ("tls_client_auth_subject_dn", json!("CN=x"), "not supported"),
        ("dpop_bound_access_tokens", json!(true), "not supported"),
        ("require_signed_request_object", json!(true), "not supported"),
        ("client_name", json!("x".repeat(101)), "at most 100"),
        ("client_name", json!("x\u{7}"), "can be seen"),
        ("contacts", json!("ada"), "a list"),
        ("logo_uri", json!("javascript:alert(1)"), "https"),
        ("client_uri", json!("http://client.test"), "https"),
        ("policy_uri", json!("https://u:p@client.test"), "without credentials"),
        ("tos_uri", json!(7), "a text"),
        ("jwks_uri", json!("https://client.test/jwks#x"), "fragment"),
        ("jwks", json!({}), "JSON Web Key Set"),
        ("jwks", json!({ "keys": [{ "kty": "RSA", "d": "x" }] }), "public keys only"),
        ("default_max_age", json!(-1), "a number of seconds"),
        ("default_max_age", json!("60"), "a number of seconds"),
        ("require_auth_time", json!("yes"), "true or false"),
        ("initiate_login_uri", json!("http://client.test/login"), "https"),
        ("post_logout_redirect_uris", json!(["https://client.test/bye#x"]), "no fragment"),
        ("backchannel_logout_uri", json!("http://client.test/logout"), "https"),
    ] {
        let refused = with(name, value.clone()).unwrap_err();
        let expected = match name {
            "software_statement" => ErrorCode::InvalidSoftwareStatement,
            _ => ErrorCode::InvalidClientMetadata,
        };
        assert_eq!(refused.error, expected, "{name} {value}");
        assert!(refused.description.contains(words), "{name} {value}: {}", refused.description);
    }
    for (name, value) in [
        ("dpop_bound_access_tokens", json!(false)),
        ("request_uris", json!([])),
        ("userinfo_signed_response_alg", json!(null)),
    ] {
        assert!(with(name, value).is_ok(), "{name}");
    }
}

#[test]
fn members_that_belong_together_are_judged_together() {
    let machines = Registration { token_secrets: Some(Vec::new()), ..rule() };
    let machine = json!({ "grant_types": ["client_credentials"], "response_types": [] });
    assert!(parse(machine.as_object().unwrap(), &machines).unwrap().redirect_uris.is_empty());
    let public = json!({ "grant_types": ["client_credentials"], "token_endpoint_auth_method": "none" });
    let refused = parse(public.as_object().unwrap(), &machines).unwrap_err();
    assert!(refused.description.contains("prove itself"), "{}", refused.description);
    let keys = json!({ "redirect_uris": [URI], "jwks": { "keys": [] }, "jwks_uri": "https://client.test/jwks" });
    assert!(parsed(keys).unwrap_err().description.contains("not both"));
}

proptest::proptest! {
    #[test]
    fn nothing_that_is_sent_panics(name in "[a-z_]{1,40}|redirect_uris|scope|jwks|contacts", text: String, number: i64) {
        for value in [json!(text), json!(number), json!([text]), json!({ "keys": [text] })] {
            let _ = with(&name, value);
        }
    }
}

#[test]
fn pairwise_subjects_need_one_sector() {
    let asked = |uris: &[&str], sector: Option<&str>| {
        let mut body = json!({ "redirect_uris": uris, "subject_type": "pairwise" });
        if let Some(uri) = sector {
            body["sector_identifier_uri"] = json!(uri);
        }
        parsed(body)
    };
    let other = "https://other.test/cb";
    assert_eq!(asked(&[URI, "https://client.test:8443/x"], None).unwrap().subject_type, "pairwise");
    assert!(asked(&[URI, other], Some("https://client.test/sector")).is_ok());
    let refused = asked(&[URI, other], None).unwrap_err();
    assert!(refused.description.contains("sector_identifier_uri"), "{}", refused.description);
}
