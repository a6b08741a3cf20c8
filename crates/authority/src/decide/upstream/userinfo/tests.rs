use serde_json::json;

use super::*;
use crate::decide::upstream::testing::{identity, object};

#[test]
fn it_speaks_of_the_same_person_or_counts_for_nothing() {
    for sub in [json!("eve"), json!("Ada"), json!("ada "), json!(""), Value::Null, json!(1), json!(["ada"])] {
        let claims = object(json!({ "sub": sub, "email": "ada@corp.test", "email_verified": true }));
        assert_eq!(completed(identity(), &claims), Err(Refused::UserinfoSubject), "{claims:?}");
    }
    assert_eq!(completed(identity(), &Map::new()), Err(Refused::UserinfoSubject));
}

#[test]
fn it_fills_what_the_id_token_left_out_and_replaces_nothing() {
    let claims = object(json!({
        "sub": "ada", "iss": "https://evil.test", "sid": "other", "name": "Ada L.", "given_name": "Ada",
        "family_name": 1, "email": "ada@corp.test", "email_verified": true,
    }));
    let filled = completed(identity(), &claims).unwrap();
    let expected = UpstreamIdentity {
        email: Some("ada@corp.test".to_owned()),
        email_verified: true,
        name: Some("Ada L.".to_owned()),
        given_name: Some("Ada".to_owned()),
        ..identity()
    };
    assert_eq!(filled, expected);
    let known = UpstreamIdentity { name: Some("Countess".to_owned()), ..identity() };
    assert_eq!(completed(known, &claims).unwrap().name.as_deref(), Some("Countess"));
}

#[test]
fn oid_010_what_one_source_verified_says_nothing_of_the_others_address() {
    let written = |email: Option<&str>, verified| UpstreamIdentity {
        email: email.map(str::to_owned),
        email_verified: verified,
        ..identity()
    };
    for (known, verified, claims, email, expected) in [
        (
            Some("boss@corp.test"),
            false,
            json!({ "email": "ada@own.test", "email_verified": true }),
            "boss@corp.test",
            false,
        ),
        (
            Some("boss@corp.test"),
            false,
            json!({ "email": "boss@corp.test", "email_verified": true }),
            "boss@corp.test",
            false,
        ),
        (Some("boss@corp.test"), false, json!({ "email_verified": true }), "boss@corp.test", false),
        (Some("ada@corp.test"), true, json!({ "email": "x@own.test", "email_verified": false }), "ada@corp.test", true),
        (None, true, json!({ "email": "boss@corp.test" }), "boss@corp.test", false),
        (None, true, json!({ "email": "boss@corp.test", "email_verified": "true" }), "boss@corp.test", false),
        (None, false, json!({ "email": "ada@corp.test", "email_verified": true }), "ada@corp.test", true),
    ] {
        let mut claims = object(claims);
        claims.insert("sub".to_owned(), json!("ada"));
        let got = completed(written(known, verified), &claims).unwrap();
        assert_eq!((got.email.as_deref(), got.email_verified), (Some(email), expected), "{known:?} {claims:?}");
    }
    let nothing = completed(written(None, true), &object(json!({ "sub": "ada", "email": 1 }))).unwrap();
    assert_eq!((nothing.email, nothing.email_verified), (None, false));
}
