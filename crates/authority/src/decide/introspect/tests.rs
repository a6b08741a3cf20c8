//! Who may hear what about which token.

use std::sync::Arc;

use super::*;
use crate::decide::access_token::{AccessTokenFor, Holder, access_token, grant_of};
use crate::decide::refresh_token::mint;
use crate::record::client::Client;
use crate::record::grant::RefreshChain;
use crate::record::terms::Terms;
use crate::testing::{
    AUDIENCE, ISSUER, OTHER_AUDIENCE, Seeded, ada, at, authority, client_mut, disabled, eve, grant, now,
    other_authority, sealer, seconds_later,
};

/// What is asked, to be changed piece by piece.
struct Asked {
    authority: Authority,
    caller: &'static str,
    token: Identified,
    grant: Option<Grant>,
    user: Option<User>,
    seconds: i64,
}

fn issued(authority: &Authority, client: &Client, holder: Holder<'_>) -> Identified {
    let scopes = ["read:whattowear".to_owned()];
    let api = authority.api(AUDIENCE).unwrap();
    let about = AccessTokenFor { authority, api, client, holder, scopes: &scopes, lifetime: api.token_lifetime };
    let claims = at(now(), 1, |ambient| access_token(about, ambient)).claims;
    Identified::Access(Arc::new(IssuedAccessToken {
        client: client.id.clone(),
        audience: AUDIENCE.to_owned(),
        scopes: scopes.to_vec(),
        expires_at: seconds_later(3600),
        grant: grant_of(claims["jti"].as_str().unwrap()),
        claims,
    }))
}

fn access_of_ada() -> Asked {
    let authority = authority();
    let token = issued(&authority, authority.client("alexa").unwrap(), Holder::Person(&ada(), &grant()));
    Asked { authority, caller: "alexa", token, grant: Some(grant()), user: Some(ada()), seconds: 0 }
}

fn refresh_of_ada() -> Asked {
    let (token, live) = mint("wear", &grant().id, 0, &sealer(), &mut Seeded(1));
    let refresh = Some(RefreshChain { generation: 0, live, steps: Vec::new() });
    let recognised = crate::decide::refresh_token::recognise("wear", &token, &sealer()).unwrap();
    Asked { token: Identified::Refresh(recognised), grant: Some(Grant { refresh, ..grant() }), ..access_of_ada() }
}

fn answer(asked: &Asked) -> Map<String, Value> {
    let question = Introspect {
        authority: &asked.authority,
        caller: asked.authority.client(asked.caller).unwrap(),
        token: &asked.token,
        grant: asked.grant.as_ref(),
        user: asked.user.as_ref(),
    };
    introspect(&question, seconds_later(asked.seconds))
}

#[track_caller]
fn assert_inactive(name: &str, asked: &Asked) {
    assert_eq!(Value::Object(answer(asked)), json!({ "active": false }), "{name}");
}

#[test]
fn an_active_token_says_everything_a_guard_needs() {
    let answer = answer(&access_of_ada());
    let expected = [
        ("active", json!(true)),
        ("iss", json!(ISSUER)),
        ("sub", json!("usr_ada")),
        ("aud", json!(AUDIENCE)),
        ("client_id", json!("alexa")),
        ("scope", json!("read:whattowear")),
        ("token_type", json!("Bearer")),
        ("username", json!("ada")),
        ("uid", json!("usr_ada")),
        ("iat", json!(now().seconds())),
        ("exp", json!(now().seconds() + 3600)),
        ("FirstNameClaim", json!("Ada")),
        ("FavoriteColorClaim", json!("teal")),
    ];
    for (name, value) in expected {
        assert_eq!(answer.get(name), Some(&value), "{name}");
    }
    assert!(!answer.contains_key("color") && answer.contains_key("jti"));
}

#[test]
fn an_edited_profile_is_heard_at_once() {
    let mut asked = access_of_ada();
    asked.user.as_mut().unwrap().attributes.insert("favoriteColor".to_owned(), "plum".into());
    assert_eq!(answer(&asked)["FavoriteColorClaim"], "plum");
}

/// One change at a time takes the token's life away, and then nothing is told.
#[test]
fn an_inactive_token_says_one_thing() {
    type Spoil = fn(&mut Asked);
    let cases: [(&str, Spoil); 18] = [
        ("unknown token", |a| a.token = Identified::Unknown),
        ("another client", |a| a.caller = "desktop"),
        ("a machine", |a| a.caller = "machine"),
        ("expired", |a| a.seconds = 3600),
        ("user disabled", |a| a.user = Some(disabled(ada()))),
        ("user gone", |a| a.user = None),
        ("another user", |a| a.user = Some(eve())),
        ("grant gone", |a| a.grant = None),
        ("grant revoked", |a| a.grant.as_mut().unwrap().revoked_at = Some(now())),
        ("epoch bumped", |a| a.grant.as_mut().unwrap().epoch = 1),
        ("another grant", |a| a.grant.as_mut().unwrap().id.0.push('x')),
        ("another authority's grant", |a| a.grant.as_mut().unwrap().authority = "quiz".to_owned()),
        ("asked elsewhere", |a| a.authority = other_authority()),
        ("API removed", |a| a.authority.apis.clear()),
        ("client removed", |a| {
            a.caller = "skill";
            a.authority.clients.retain(|client| client.id != "alexa");
        }),
        ("client disabled", |a| {
            a.caller = "skill";
            client_mut(&mut a.authority, "alexa").disabled = true;
        }),
        ("introspects another API", |a| {
            a.caller = "skill";
            client_mut(&mut a.authority, "skill").introspects = vec![OTHER_AUDIENCE.to_owned()];
        }),
        ("introspects a name that begins alike", |a| {
            a.caller = "skill";
            client_mut(&mut a.authority, "skill").introspects = vec![format!("{AUDIENCE}2"), String::new()];
        }),
    ];
    for (name, spoil) in cases {
        let mut asked = access_of_ada();
        spoil(&mut asked);
        assert_inactive(name, &asked);
    }
    let mut last_second = access_of_ada();
    last_second.seconds = 3599;
    assert_eq!(answer(&last_second)["active"], true);
}

#[test]
fn whoever_serves_the_api_may_ask() {
    let mut asked = access_of_ada();
    asked.caller = "skill";
    assert_eq!(answer(&asked), answer(&access_of_ada()));
}

#[test]
fn a_clients_own_token_has_no_person_in_it() {
    let mut asked = access_of_ada();
    asked.token = issued(&asked.authority, asked.authority.client("machine").unwrap(), Holder::Client);
    (asked.grant, asked.user, asked.caller) = (None, None, "machine");
    let told = answer(&asked);
    assert_eq!((told["active"].as_bool(), told["sub"].as_str()), (Some(true), Some("client|machine")));
    assert!(!told.contains_key("username") && !told.contains_key("FirstNameClaim"));
    asked.caller = "skill";
    assert_eq!(answer(&asked)["active"], true);
    client_mut(&mut asked.authority, "machine").disabled = true;
    assert_inactive("machine disabled", &asked);
}

#[test]
fn a_refresh_token_is_its_clients_business_only() {
    let told = answer(&refresh_of_ada());
    assert_eq!((told["active"].as_bool(), told["token_type"].as_str()), (Some(true), Some("refresh_token")));
    assert!(!told.contains_key("aud") && !told.contains_key("exp"), "nothing a guard would take for an access token");
    type Spoil = fn(&mut Asked);
    let cases: [(&str, Spoil); 10] = [
        ("serves the API", |a| a.caller = "skill"),
        ("another client", |a| a.caller = "desktop"),
        ("replaced", |a| {
            a.grant.as_mut().unwrap().refresh.as_mut().unwrap().live = sayso_token::digest::Digest::of(b"next");
        }),
        ("no refresh in the grant", |a| a.grant.as_mut().unwrap().refresh = None),
        ("revoked", |a| a.grant.as_mut().unwrap().revoked_at = Some(now())),
        ("grant gone", |a| a.grant = None),
        ("another grant", |a| a.grant.as_mut().unwrap().id.0.push('x')),
        ("another authority's grant", |a| a.grant.as_mut().unwrap().authority = "quiz".to_owned()),
        ("user disabled", |a| a.user = Some(disabled(ada()))),
        ("another user", |a| a.user = Some(eve())),
    ];
    for (name, spoil) in cases {
        let mut asked = refresh_of_ada();
        spoil(&mut asked);
        assert_inactive(name, &asked);
    }
}

/// Who knows a person by a pairwise subject hears neither their id nor the name they sign in with.
#[test]
fn a_pairwise_grant_is_introspected_under_its_subject() {
    let terms = Terms { subject: Some("pw_x".to_owned()), ..Terms::default() };
    for mut asked in [access_of_ada(), refresh_of_ada()] {
        asked.grant = asked.grant.map(|grant| Grant { terms: terms.clone(), ..grant });
        let told = answer(&asked);
        assert_eq!(told["active"], true);
        assert!(!told.contains_key("username"));
        let subject = if told["token_type"] == "Bearer" { &told["uid"] } else { &told["sub"] };
        assert_eq!(subject, "pw_x");
    }
}
