//! Access tokens as the vendors write them pass their preset; their ID tokens, and tokens for others, do not.

use serde_json::{Map, Value, json};

use crate::algorithm::Algorithm;
use crate::guard::{BadRequirements, Check, Denied, Dialect, Provider, Reason, check_jwt, check_tokeninfo};
use crate::testing::{NOW, key, keys, now, object, signed, with};

fn rs() -> &'static crate::keyring::SigningKey {
    key(Algorithm::Rs256)
}

/// Judges a token with this `typ` (none for `None`) and these claims.
fn judge(provider: &Provider, typ: Option<&str>, claims: &Map<String, Value>) -> Result<String, Denied> {
    let mut header = json!({"alg": "RS256", "kid": rs().kid()});
    if let Some(typ) = typ {
        header["typ"] = json!(typ);
    }
    let token = signed(&header.to_string(), &json!(claims).to_string(), rs());
    check_jwt(&token, &keys(), &provider.requirements, now(), &|_| true).result.map(|token| token.subject)
}

#[track_caller]
fn assert_denied(result: Result<String, Denied>, check: Check, reason: Reason) {
    assert_eq!(result, Err(Denied { check, reason }));
}

fn auth0_claims() -> Map<String, Value> {
    object(json!({
        "iss": "https://t.eu.auth0.com/", "sub": "auth0|5f", "aud": ["https://wear", "https://t.eu.auth0.com/userinfo"],
        "iat": NOW - 10, "exp": NOW + 86_400, "azp": "alexa", "scope": "openid read:whattowear",
    }))
}

#[test]
fn auth0() {
    let provider = Provider::auth0("t.eu.auth0.com", "https://wear").unwrap();
    let claims = auth0_claims();
    assert_eq!(judge(&provider, Some("JWT"), &claims).unwrap(), "auth0|5f");
    assert_eq!(judge(&provider, Some("at+jwt"), &claims).unwrap(), "auth0|5f");
    assert_denied(judge(&provider, None, &claims), Check::MeantForThisApi, Reason::Type);
    for audience in [
        json!("https://t.eu.auth0.com/userinfo"),
        json!(["https://t.eu.auth0.com/userinfo"]),
        json!(["https://wear", "https://other"]),
        json!("alexa"),
        json!([]),
    ] {
        let claims = with(claims.clone(), "aud", Some(audience));
        assert_denied(judge(&provider, Some("JWT"), &claims), Check::MeantForThisApi, Reason::Audience);
    }
    let bare = with(claims.clone(), "iss", Some(json!("https://t.eu.auth0.com")));
    assert_denied(judge(&provider, Some("JWT"), &bare), Check::TrustedSignature, Reason::Issuer);
    for name in ["at_hash", "c_hash", "events"] {
        let other = with(claims.clone(), name, Some(json!("x")));
        assert_denied(judge(&provider, Some("JWT"), &other), Check::MeantForThisApi, Reason::Type);
    }
}

#[test]
fn okta() {
    let provider = Provider::okta("dev-1.okta.com", "aus1", "api://quiz").unwrap();
    let claims = object(json!({
        "ver": 1, "jti": "AT.x", "iss": "https://dev-1.okta.com/oauth2/aus1", "aud": "api://quiz", "iat": NOW - 10,
        "exp": NOW + 3_600, "cid": "0oa1", "uid": "00u1", "scp": ["openid"], "sub": "ada@example.org",
    }));
    assert_eq!(judge(&provider, None, &claims).unwrap(), "ada@example.org");
    assert_denied(judge(&provider, Some("JWT"), &claims), Check::MeantForThisApi, Reason::Type);
    let id_token = with(with(claims.clone(), "cid", None), "aud", Some(json!("0oa1")));
    assert_denied(judge(&provider, None, &id_token), Check::WellFormed, Reason::Format);
    let id_token = with(id_token, "at_hash", Some(json!("x")));
    assert_denied(judge(&provider, None, &id_token), Check::MeantForThisApi, Reason::Type);
    let typ_is_no_text =
        signed(&json!({"alg": "RS256", "kid": rs().kid(), "typ": null}).to_string(), &json!(claims).to_string(), rs());
    let verdict = check_jwt(&typ_is_no_text, &keys(), &provider.requirements, now(), &|_| true);
    assert_eq!(verdict.result.unwrap_err().reason, Reason::Type);
}

#[test]
fn cognito() {
    let provider = Provider::cognito("eu-west-1_AbC", "client1").unwrap();
    let issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC";
    assert_eq!(provider.jwks_url.as_deref(), Some(&*format!("{issuer}/.well-known/jwks.json")));
    let claims = object(json!({
        "sub": "aaaa", "iss": issuer, "version": 2, "client_id": "client1", "token_use": "access",
        "scope": "openid https://wear/read", "auth_time": NOW - 10, "exp": NOW + 3_600, "iat": NOW - 10, "jti": "j",
        "username": "ada",
    }));
    assert_eq!(judge(&provider, None, &claims).unwrap(), "aaaa");
    for (name, value, check, reason) in [
        ("client_id", Some(json!("client2")), Check::MeantForThisApi, Reason::Audience),
        ("client_id", None, Check::WellFormed, Reason::Format),
        ("token_use", Some(json!("id")), Check::MeantForThisApi, Reason::Type),
        ("token_use", None, Check::MeantForThisApi, Reason::Type),
        ("aud", Some(json!("https://other")), Check::MeantForThisApi, Reason::Audience),
        ("aud", Some(json!(7)), Check::WellFormed, Reason::Format),
    ] {
        assert_denied(judge(&provider, None, &with(claims.clone(), name, value)), check, reason);
    }
    let bound = with(claims.clone(), "aud", Some(json!("client1")));
    assert!(judge(&provider, None, &bound).is_ok());
}

#[test]
fn keycloak() {
    let provider = Provider::keycloak("https://sso.example/", "home", "quiz").unwrap();
    let claims = object(json!({
        "exp": NOW + 300, "iat": NOW - 10, "jti": "j", "iss": "https://sso.example/realms/home", "aud": ["quiz", "account"],
        "sub": "ada", "typ": "Bearer", "azp": "alexa", "scope": "openid profile",
    }));
    assert_eq!(judge(&provider, Some("JWT"), &claims).unwrap(), "ada");
    for typ in [json!("ID"), json!("Refresh"), json!("Logout"), json!(null)] {
        let other = with(claims.clone(), "typ", Some(typ));
        assert_denied(judge(&provider, Some("JWT"), &other), Check::MeantForThisApi, Reason::Type);
    }
    let only_theirs = with(claims, "aud", Some(json!("account")));
    assert_denied(judge(&provider, Some("JWT"), &only_theirs), Check::MeantForThisApi, Reason::Audience);
}

#[test]
fn google() {
    let provider = Provider::google("1.apps.googleusercontent.com").unwrap();
    let endpoint = provider.introspection.clone().unwrap();
    assert_eq!((endpoint.dialect, provider.jwks_url.clone()), (Dialect::GoogleTokenInfo, None));
    let answer = object(json!({
        "azp": "1.apps.googleusercontent.com", "aud": "1.apps.googleusercontent.com", "sub": "10045", "scope": "openid",
        "exp": (NOW + 300).to_string(), "expires_in": "300", "access_type": "offline",
    }));
    let judge = |status, answer: &Map<String, Value>| {
        let body = json!(answer).to_string();
        check_tokeninfo(status, body.as_bytes(), &provider.requirements, now(), &|_| true)
            .result
            .map(|token| token.subject)
    };
    assert_eq!(judge(200, &answer).unwrap(), "10045");
    assert_denied(judge(400, &answer), Check::TrustedSignature, Reason::Inactive);
    for status in [201, 302, 401, 500] {
        assert_denied(judge(status, &answer), Check::TrustedSignature, Reason::IntrospectionFailed);
    }
    let failed = (Check::TrustedSignature, Reason::IntrospectionFailed);
    for (name, value, (check, reason)) in [
        ("aud", Some(json!("2.apps.googleusercontent.com")), (Check::MeantForThisApi, Reason::Audience)),
        ("aud", None, failed),
        ("azp", None, failed),
        ("sub", None, failed),
        ("exp", Some(json!(NOW + 300)), failed),
        ("exp", Some(json!("-1")), failed),
        ("exp", Some(json!("1e99")), failed),
        ("exp", Some(json!("999999999999999999999")), failed),
        ("exp", Some(json!((NOW - 61).to_string())), (Check::NotExpired, Reason::Expired)),
    ] {
        assert_denied(judge(200, &with(answer.clone(), name, value)), check, reason);
    }
    let body = json!(answer).to_string();
    let padded = |bytes: usize| format!("{body}{}", " ".repeat(bytes - body.len())).into_bytes();
    let most = crate::guard::MAX_ANSWER_BYTES;
    assert!(check_tokeninfo(200, &padded(most), &provider.requirements, now(), &|_| true).result.is_ok());
    let oversize = padded(most + 1);
    assert!(check_tokeninfo(200, &oversize, &provider.requirements, now(), &|_| true).result.is_err());
}

#[test]
fn a_preset_is_given_names_and_not_addresses() {
    for domain in ["", "https://t.auth0.com", "t.auth0.com/", "t.auth0.com?x", "a@b", "t.auth0.com#", "a b"] {
        assert!(matches!(Provider::auth0(domain, "a"), Err(BadRequirements::NotAHost(_))), "{domain}");
        assert!(matches!(Provider::okta(domain, "default", "a"), Err(BadRequirements::NotAHost(_))), "{domain}");
    }
    for name in ["", "..", "a/b", "a?b", "a b", "%2e%2e"] {
        assert!(matches!(Provider::okta("o.example", name, "a"), Err(BadRequirements::NotAName(_))), "{name}");
        assert!(matches!(Provider::keycloak("https://k", name, "a"), Err(BadRequirements::NotAName(_))), "{name}");
    }
    for pool in ["", "_x", "eu-west-1", "eu west_1", "e.evil.example/_x"] {
        assert!(Provider::cognito(pool, "c").is_err(), "{pool}");
    }
    assert_eq!(Provider::keycloak("/", "r", "a").unwrap_err(), BadRequirements::NoIssuer);
    for empty in
        [Provider::auth0("d", ""), Provider::cognito("r_x", ""), Provider::google(""), Provider::sayso("i", "")]
    {
        assert_eq!(empty.unwrap_err(), BadRequirements::NoAudience);
    }
    assert_eq!(Provider::sayso("", "a").unwrap_err(), BadRequirements::NoIssuer);
}

/// Sayso's own two layouts; a slash at the end of the issuer belongs to the issuer and not to the endpoints.
#[test]
fn sayso() {
    let provider = Provider::sayso("https://auth.example/", "a").unwrap();
    assert_eq!(provider.requirements.issuer(), "https://auth.example/");
    assert_eq!(provider.jwks_url.as_deref(), Some("https://auth.example/.well-known/jwks.json"));
    let provider = Provider::sayso_v1("https://auth.example/oauth2/quiz", "a").unwrap();
    assert_eq!(provider.introspection.unwrap().url, "https://auth.example/oauth2/quiz/v1/introspect");
}

/// RFC 9470: the way and the time of signing in, from claims that must be readable.
#[test]
fn a_stronger_or_later_sign_in_can_be_demanded() {
    use crate::guard::Requirements;
    use crate::testing::{AUDIENCE, ISSUER, good_claims, token};
    use crate::time::Lifetime;
    let want = Requirements::new(ISSUER, AUDIENCE)
        .unwrap()
        .leeway(Lifetime::from_seconds(10))
        .acr_values(["mfa", "phr"])
        .max_age(Lifetime::from_seconds(300));
    let judge = |claims: &Map<String, Value>| check_jwt(&token(claims, rs()), &keys(), &want, now(), &|_| true).result;
    let good = with(with(good_claims(), "acr", Some(json!("phr"))), "auth_time", Some(json!(NOW - 300)));
    assert!(judge(&good).is_ok());
    let denied = Denied { check: Check::UserAllowed, reason: Reason::Authentication };
    for (name, value) in [
        ("acr", None),
        ("acr", Some(json!("pwd"))),
        ("acr", Some(json!(["phr"]))),
        ("acr", Some(json!("phr mfa"))),
        ("auth_time", None),
        ("auth_time", Some(json!(NOW - 311))),
        ("auth_time", Some(json!(NOW + 11))),
        ("auth_time", Some(json!((NOW - 1).to_string()))),
        ("auth_time", Some(json!(null))),
    ] {
        assert_eq!(judge(&with(good.clone(), name, value.clone())), Err(denied), "{name} {value:?}");
    }
    for edge in [NOW - 310, NOW + 10] {
        assert!(judge(&with(good.clone(), "auth_time", Some(json!(edge)))).is_ok(), "{edge}");
    }
}
