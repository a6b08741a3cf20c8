use proptest::prelude::*;
use serde_json::json;

use super::*;

const ISSUER: &str = "https://idp.test";

fn document(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize?tenant=1"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": "https://keys.test/jwks",
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "response_types_supported": ["code"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
    })
}

fn but(name: &str, value: Value) -> Value {
    let mut document = document(ISSUER);
    document[name] = value;
    document
}

fn parsed(document: &Value) -> Result<Provider, BadProvider> {
    Provider::parse(document.to_string().as_bytes(), ISSUER)
}

#[test]
fn the_document_is_where_discovery_says() {
    for (issuer, url) in [
        ("https://idp.test", "https://idp.test/.well-known/openid-configuration"),
        ("https://idp.test/", "https://idp.test/.well-known/openid-configuration"),
        ("https://idp.test/oauth2/corp", "https://idp.test/oauth2/corp/.well-known/openid-configuration"),
    ] {
        assert_eq!(Provider::discovery_url(issuer), url);
    }
}

#[test]
fn a_document_is_read() {
    let provider = parsed(&document(ISSUER)).unwrap();
    assert_eq!(provider.authorization_endpoint, "https://idp.test/authorize?tenant=1");
    assert_eq!(provider.token_endpoint, "https://idp.test/token");
    assert_eq!(provider.jwks_uri, "https://keys.test/jwks");
    assert_eq!(provider.userinfo_endpoint.as_deref(), Some("https://idp.test/userinfo"));
    assert_eq!(provider.algorithms, [Algorithm::Es256, Algorithm::Rs256]);
    assert!(!provider.authorization_response_iss_parameter_supported);
    let said = parsed(&but("authorization_response_iss_parameter_supported", json!(true))).unwrap();
    assert!(said.authorization_response_iss_parameter_supported);
    let mut least = document(ISSUER);
    least.as_object_mut().unwrap().retain(|name, _| !name.starts_with("id_token_") && name != "userinfo_endpoint");
    let least = parsed(&least).unwrap();
    assert_eq!((least.algorithms, least.userinfo_endpoint), (vec![Algorithm::Rs256], None));
}

#[test]
fn the_issuer_is_the_same_letter_for_letter() {
    for bad in [
        json!("https://idp.test/"),
        json!("https://IDP.test"),
        json!("http://idp.test"),
        json!("https://idp.test:443"),
        json!("https://evil.test"),
        json!(""),
    ] {
        assert_eq!(parsed(&but("issuer", bad.clone())), Err(BadProvider::Issuer), "{bad}");
    }
    for bad in [json!([ISSUER]), Value::Null, json!(1)] {
        assert_eq!(parsed(&but("issuer", bad.clone())), Err(BadProvider::Member("issuer")), "{bad}");
    }
    let mut nameless = document(ISSUER);
    nameless.as_object_mut().unwrap().remove("issuer");
    assert_eq!(parsed(&nameless), Err(BadProvider::Issuer));
    for issuer in [
        "",
        "idp.test",
        "http://idp.test",
        "ftp://idp.test",
        "https://idp.test?x",
        "https://idp.test#x",
        "https://user@idp.test",
        "https://",
        "https:idp.test",
        " https://idp.test",
        "http://10.0.0.1",
        "http://localhost.evil.test",
        "http://0.0.0.0",
    ] {
        let document = json!({ "issuer": issuer }).to_string();
        assert_eq!(Provider::parse(document.as_bytes(), issuer), Err(BadProvider::Address("issuer")), "{issuer}");
    }
}

#[test]
fn endpoints_are_addresses_that_a_secret_may_go_to() {
    let bad = [
        Value::Null,
        json!(1),
        json!([]),
        json!(["https://idp.test/x"]),
        json!(""),
        json!("/token"),
        json!("//idp.test/token"),
        json!("idp.test/token"),
        json!("http://idp.test/token"),
        json!("http://localhost/token"),
        json!("http://127.0.0.1/token"),
        json!("file:///etc/passwd"),
        json!("javascript:alert(1)"),
        json!("data:text/html,x"),
        json!("https://idp.test/token#fragment"),
        json!("https://idp.test/token#"),
        json!("https://user@idp.test/token"),
        json!("https://user:pass@idp.test/token"),
        json!("https://:pass@idp.test/token"),
        json!("https://@idp.test/token"),
        json!("https://idp.test@evil.test/token"),
        json!("https://idp.test\\@evil.test/token"),
        json!("https:\\\\idp.test/token"),
        json!("https:/idp.test/token"),
        json!("https:///token"),
        json!("https://%69dp.test/token"),
        json!("HTTPS://idp.test/token"),
        json!("https://idp.test/to ken"),
        json!("https://idp.test/to\nken"),
        json!("https://idp.test/\u{0}"),
        json!(" https://idp.test/token"),
        json!("https://idp.test/tökén"),
        json!("https://idp.test:99999/token"),
        json!("https://[::1/token"),
        json!(format!("https://idp.test/{}", "x".repeat(2048))),
    ];
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"] {
        for bad in &bad {
            assert_eq!(parsed(&but(name, bad.clone())), Err(BadProvider::Address(name)), "{name} {bad}");
        }
        for good in ["https://10.0.0.1/x", "https://other.test:8443/x?y=z", "https://[::1]/x", "https://localhost/x"] {
            assert!(parsed(&but(name, json!(good))).is_ok(), "{name} {good}");
        }
        let mut missing = document(ISSUER);
        missing.as_object_mut().unwrap().remove(name);
        let optional = name == "userinfo_endpoint";
        assert_eq!(parsed(&missing).err(), (!optional).then_some(BadProvider::Address(name)), "{name}");
    }
}

#[test]
fn without_tls_all_of_it_is_on_this_machine() {
    for issuer in ["http://127.0.0.1:8080", "http://localhost:8080/x", "http://[::1]:8080"] {
        assert!(is_plain_loopback(issuer));
        let document = |url: &str| {
            let mut document = document(issuer);
            document["token_endpoint"] = json!(url);
            Provider::parse(document.to_string().as_bytes(), issuer)
        };
        for good in
            ["http://127.0.0.1/t", "http://127.9.9.9/t", "http://localhost:1/t", "http://[::1]/t", "https://a.test/t"]
        {
            assert!(document(good).is_ok(), "{issuer} {good}");
        }
        for bad in [
            "http://a.test/t",
            "http://10.0.0.1/t",
            "http://localhost.a.test/t",
            "http://[::2]/t",
            "http://localhost@a.test/",
        ] {
            assert_eq!(document(bad), Err(BadProvider::Address("token_endpoint")), "{issuer} {bad}");
        }
    }
    for issuer in ["https://localhost", "https://127.0.0.1", "http://a.test", "http://127.0.0.1@a.test", "", "http://"]
    {
        assert!(!is_plain_loopback(issuer), "{issuer}");
    }
}

#[test]
fn only_algorithms_that_are_known_count() {
    const NAME: &str = "id_token_signing_alg_values_supported";
    for (names, known) in [
        (json!(["EdDSA", "PS256"]), vec![Algorithm::EdDsa, Algorithm::Ps256]),
        (json!(["RS256", "RS256", "RS512", "none"]), vec![Algorithm::Rs256]),
    ] {
        assert_eq!(parsed(&but(NAME, names)).unwrap().algorithms, known);
    }
    for none in [json!([]), json!(["none"]), json!(["HS256"]), json!(["RS512", "rs256"])] {
        assert_eq!(parsed(&but(NAME, none.clone())), Err(BadProvider::Algorithms), "{none}");
    }
    for bad in [json!("RS256"), json!([1]), Value::Null, json!({})] {
        assert_eq!(parsed(&but(NAME, bad.clone())), Err(BadProvider::Member(NAME)), "{bad}");
    }
    const ISS: &str = "authorization_response_iss_parameter_supported";
    for bad in [json!("true"), json!(1), Value::Null] {
        assert_eq!(parsed(&but(ISS, bad.clone())), Err(BadProvider::Member(ISS)), "{bad}");
    }
}

#[test]
fn what_is_no_document_is_refused() {
    let twice = document(ISSUER).to_string().replacen('{', "{\"token_endpoint\":\"https://evil.test\",", 1);
    let large = format!("{}{}", document(ISSUER), " ".repeat(MAX_DOCUMENT_BYTES));
    for bad in ["", "null", "[]", "<html>", "{", &twice, &large, "\u{feff}{}"] {
        assert_eq!(Provider::parse(bad.as_bytes(), ISSUER), Err(BadProvider::NotJson));
    }
}

#[test]
fn a_token_reply_has_an_id_token() {
    let read = |reply: Value| TokenReply::parse(reply.to_string().as_bytes());
    let whole = json!({ "access_token": "at", "token_type": "Bearer", "expires_in": 60, "refresh_token": "rt", "id_token": "a.b.c" });
    let reply = read(whole).unwrap();
    assert_eq!(reply.id_token.expose(), "a.b.c");
    assert_eq!(reply.access_token.as_ref().map(Secret::expose), Some("at"));
    assert!(!format!("{reply:?}").contains("a.b.c"));
    for good in [json!({ "id_token": "a" }), json!({ "id_token": "a", "token_type": "bearer", "access_token": "" })] {
        assert!(read(good).unwrap().access_token.is_none());
    }
    for bad in [
        json!({}),
        json!([]),
        json!({ "access_token": "at", "token_type": "Bearer" }),
        json!({ "id_token": null }),
        json!({ "id_token": "" }),
        json!({ "id_token": ["a"] }),
        json!({ "id_token": "a", "access_token": 1 }),
        json!({ "id_token": "a", "access_token": null }),
        json!({ "id_token": "a", "access_token": "at", "token_type": "DPoP" }),
        json!({ "id_token": "a", "error": "invalid_grant" }),
    ] {
        assert_eq!(read(bad.clone()).unwrap_err(), BadTokenReply, "{bad}");
    }
    assert!(TokenReply::parse(b"id_token=a").is_err());
    assert!(TokenReply::parse(b"{\"id_token\":\"a\",\"id_token\":\"b\"}").is_err());
}

#[test]
fn of_an_error_only_the_code_is_kept() {
    for (body, error) in [
        (r#"{"error":"invalid_grant","error_description":"code c0de is spent"}"#, TokenError::InvalidGrant),
        (r#"{"error":"invalid_client"}"#, TokenError::InvalidClient),
        (r#"{"error":"invalid_scope"}"#, TokenError::Other),
        (r#"{"error":["invalid_grant"]}"#, TokenError::Other),
        (r#"{"error":"invalid_grant","error":"x"}"#, TokenError::Other),
        ("error=invalid_grant", TokenError::Other),
        ("", TokenError::Other),
    ] {
        assert_eq!(TokenError::parse(body.as_bytes()), error, "{body}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Provider::parse(&bytes, ISSUER).is_err());
        let _judged = (TokenReply::parse(&bytes), TokenError::parse(&bytes));
    }

    /// Whatever stands there for an address, what is taken goes to a host without credentials, by https.
    #[test]
    fn any_endpoint_is_judged(url in "(https?|ftp)?:?[/\\\\]{0,3}[a-z0-9@:.\\[\\]%#?]{0,20}[/\\\\]?[ -~]{0,10}|.{0,30}") {
        if let Ok(provider) = parsed(&but("token_endpoint", json!(url))) {
            let read = url::Url::parse(&provider.token_endpoint).unwrap();
            prop_assert!(read.scheme() == "https" && read.username().is_empty() && read.password().is_none());
            prop_assert!(read.fragment().is_none() && read.has_host());
        }
    }
}
