use super::*;
use crate::record::client::{ClientAuthentication, ConsentMemory, Rotation};
use crate::testing::{at, authority, now, seconds_later};

fn rule() -> Registration {
    Registration {
        token_secrets: Some(vec![Digest::of(b"one"), Digest::of(b"two")]),
        scopes: vec!["openid".to_owned()],
        most: 1,
    }
}

fn metadata(method: &str) -> ClientMetadata {
    ClientMetadata {
        redirect_uris: vec!["https://client.test/cb".to_owned()],
        token_endpoint_auth_method: method.to_owned(),
        grant_types: vec!["authorization_code".to_owned()],
        scope: "openid retired:scope".to_owned(),
        ..ClientMetadata::default()
    }
}

#[test]
fn a_token_opens_registration_where_one_is_needed() {
    let open = Registration { token_secrets: None, ..rule() };
    for (shown, with_token) in
        [(None, false), (Some("one"), true), (Some("two"), true), (Some("On"), false), (Some(""), false)]
    {
        let shown = shown.map(Secret::new);
        assert_eq!(may_register(&rule(), shown.as_ref()), with_token, "{shown:?}");
        assert!(may_register(&open, shown.as_ref()));
    }
    assert!(!may_register(&Registration { token_secrets: Some(Vec::new()), ..rule() }, Some(&Secret::new(""))));
}

#[test]
fn a_registered_client_is_what_it_registered_and_no_more() {
    for (method, authentication, secret) in [
        ("client_secret_basic", ClientAuthentication::SecretBasic, true),
        ("client_secret_post", ClientAuthentication::SecretPost, true),
        ("private_key_jwt", ClientAuthentication::PrivateKeyJwt, false),
        ("none", ClientAuthentication::None, false),
    ] {
        let (registered, told) = at(now(), 1, |ambient| register(&authority(), metadata(method), ambient));
        assert!(registered.id.starts_with(REGISTERED) && registered.id.len() > 20);
        assert_eq!((registered.secret.is_some(), told.secret.is_some()), (secret, secret), "{method}");
        let client = registered.client(&rule());
        assert_eq!((client.authentication, client.consent), (authentication, ConsentMemory::Remembered));
        assert_eq!(client.scopes, ["openid"], "what the authority no longer allows is gone");
        assert_eq!(told.secret.as_ref().is_some_and(|secret| client.knows(secret)), secret);
        let public = authentication == ClientAuthentication::None;
        assert_eq!(client.pkce_required, public);
        assert_eq!(client.refresh.rotation == Rotation::Strict, public);
        assert!(registered.token.matches(&Digest::of(told.token.expose().as_bytes())));
        let kept = format!("{registered:?}");
        assert!(
            !kept.contains(told.token.expose()) && !told.secret.is_some_and(|secret| kept.contains(secret.expose()))
        );
    }
}

#[test]
fn a_replacement_keeps_what_it_can() {
    let (registered, told) = at(now(), 1, |ambient| register(&authority(), metadata("client_secret_basic"), ambient));
    let replaced = |client: &RegisteredClient, method: &str| {
        at(seconds_later(5), 2, |ambient| replace(client, metadata(method), ambient))
    };
    let (same, fresh) = replaced(&registered, "client_secret_post");
    assert_eq!(
        (same.secret, same.token, fresh.is_none(), same.version),
        (registered.secret, registered.token, true, 1)
    );
    let (keyed, fresh) = replaced(&same, "private_key_jwt");
    assert_eq!((keyed.secret, fresh.is_none(), keyed.created_at), (None, true, now()));
    let (again, fresh) = replaced(&keyed, "client_secret_basic");
    assert!(again.secret.is_some() && fresh.is_some() && again.secret != registered.secret);

    let body = |more: Value| {
        let mut body = json!({ "client_id": registered.id });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        may_replace(&registered, body.as_object().unwrap()).map_err(|bad| bad.error)
    };
    assert_eq!(body(json!({})), Ok(()));
    assert_eq!(body(json!({ "client_secret": told.secret.as_ref().unwrap().expose() })), Ok(()));
    for bad in [
        json!({ "client_id": "dyn_other" }),
        json!({ "client_id": null }),
        json!({ "client_secret": "chosen" }),
        json!({ "client_secret": null }),
        json!({ "registration_access_token": told.token.expose() }),
        json!({ "registration_client_uri": "x" }),
        json!({ "client_secret_expires_at": 0 }),
        json!({ "client_id_issued_at": 0 }),
    ] {
        assert_eq!(body(bad.clone()), Err(ErrorCode::InvalidRequest), "{bad}");
    }
}

#[test]
fn a_sector_lists_every_redirect_uri() {
    let metadata = metadata("none");
    for (document, holds) in [
        (Some(&br#"["https://client.test/cb","https://client.test/other"]"#[..]), true),
        (Some(br#"["https://client.test/other"]"#), false),
        (Some(br#"["https://client.test/CB"]"#), false),
        (Some(b"[]"), false),
        (Some(br#"{"redirect_uris":["https://client.test/cb"]}"#), false),
        (Some(b"<html>"), false),
        (Some(br#"["https://client.test/cb", 1]"#), false),
        (None, false),
    ] {
        let judged = check_sector(&metadata, document);
        assert_eq!(judged.is_ok(), holds, "{document:?}");
        if let Err(bad) = judged {
            assert_eq!(bad.error, ErrorCode::InvalidClientMetadata);
        }
    }
}
