use super::*;
use crate::record::client::ClientAuthentication;
use crate::record::policy::Covers;
use crate::testing::{AUDIENCE, OTHER_AUDIENCE, at, authority, client_mut, now};

fn ask(
    authority: &Authority,
    client: &str,
    audience: Option<&str>,
    scope: Option<&str>,
) -> Result<TokenReply, Refused> {
    let wanted = Wanted { audience: audience.map(str::to_owned), scope: scope.map(str::to_owned) };
    at(now(), 1, |ambient| client_credentials(authority, authority.client(client).unwrap(), &wanted, ambient))
}

#[test]
fn a_machine_gets_a_token_for_itself() {
    let reply = ask(&authority(), "machine", None, None).unwrap();
    assert!(reply.refresh_token.is_none() && reply.id_token.is_none());
    let claims = &reply.access_token.claims;
    assert_eq!((claims["sub"].as_str(), claims["client_id"].as_str()), (Some("client|machine"), Some("machine")));
    assert_eq!((claims["aud"].as_str(), claims["scope"].as_str()), (Some(AUDIENCE), Some("read:whattowear")));
    assert!(!claims.contains_key("FirstNameClaim"), "no person, no claims of one");
    assert!(super::super::access_token::grant_of(claims["jti"].as_str().unwrap()).is_none());
}

#[test]
fn scope_and_api_are_what_api_and_client_share() {
    let authority = authority();
    let cases = [
        (None, Some("read:whattowear"), Ok("read:whattowear")),
        (None, Some("read:whattowear read:whattowear"), Ok("read:whattowear")),
        (Some(OTHER_AUDIENCE), None, Ok("read:quiz")),
        (None, Some("write:whattowear"), Err(Refused::UnknownScope)),
        (None, Some("read:quiz"), Err(Refused::UnknownScope)),
        (None, Some("openid"), Err(Refused::UnknownScope)),
        (None, Some("read:whattowear openid"), Err(Refused::UnknownScope)),
        (None, Some("read:whattowear2"), Err(Refused::UnknownScope)),
        (None, Some("read:what\towear"), Err(Refused::UnknownScope)),
        (Some("https://nowhere"), None, Err(Refused::UnknownApi)),
        (Some("https://whatshouldiwear/"), None, Err(Refused::UnknownApi)),
        (Some(""), None, Err(Refused::UnknownApi)),
    ];
    for (audience, scope, expected) in cases {
        let found = ask(&authority, "machine", audience, scope).map(|reply| reply.scopes.join(" "));
        assert_eq!(found, expected.map(str::to_owned), "{audience:?} {scope:?}");
    }
}

/// A token with an audience says that its holder has business there.
#[test]
fn a_client_that_may_do_nothing_at_an_api_gets_no_token_for_it() {
    let mut authority = authority();
    client_mut(&mut authority, "machine").scopes = vec!["read:whattowear".to_owned()];
    for scope in [None, Some("")] {
        let refused = ask(&authority, "machine", Some(OTHER_AUDIENCE), scope).unwrap_err();
        assert_eq!(refused, Refused::UnknownScope, "{scope:?}");
    }
    assert!(ask(&authority, "machine", Some(AUDIENCE), None).is_ok());
    // An API without scopes is for whoever a policy lets in.
    for api in &mut authority.apis {
        api.scopes.clear();
    }
    assert_eq!(ask(&authority, "machine", Some(OTHER_AUDIENCE), None).unwrap().scopes, Vec::<String>::new());
}

#[test]
fn grant_policy_and_kind_of_client_decide() {
    type Spoil = fn(&mut Authority);
    let cases: [(&str, Spoil, Refused); 6] = [
        ("no such grant", |a| client_mut(a, "machine").grants.clear(), Refused::GrantNotAllowed),
        ("public", |a| client_mut(a, "machine").authentication = ClientAuthentication::None, Refused::GrantNotAllowed),
        ("no policy", |a| a.policies.clear(), Refused::NoMatchingPolicy),
        ("rule for people", |a| a.policies[0].rules[0].grants.truncate(1), Refused::NoMatchingPolicy),
        (
            "other scopes",
            |a| a.policies[0].rules[0].scopes = Covers::Only(vec!["x".to_owned()]),
            Refused::NoMatchingPolicy,
        ),
        ("no default API", |a| a.default_audience = None, Refused::UnknownApi),
    ];
    for (name, spoil, refused) in cases {
        let mut authority = authority();
        spoil(&mut authority);
        assert_eq!(ask(&authority, "machine", None, None).unwrap_err(), refused, "{name}");
    }
    assert_eq!(ask(&authority(), "alexa", None, None).unwrap_err(), Refused::GrantNotAllowed);
}

/// The first policy that names the client decides; a later one is not asked.
#[test]
fn the_first_policy_of_a_client_is_the_only_one() {
    let mut authority = authority();
    let mut first = authority.policies[0].clone();
    first.clients = Covers::Only(vec!["machine".to_owned()]);
    first.rules.clear();
    authority.policies.insert(0, first);
    assert_eq!(ask(&authority, "machine", None, None).unwrap_err(), Refused::NoMatchingPolicy);
    authority.policies[0].clients = Covers::Only(vec!["other".to_owned()]);
    assert!(ask(&authority, "machine", None, None).is_ok());
}

#[test]
fn each_refusal_has_its_code() {
    let all = [
        (Refused::GrantNotAllowed, "grant_not_allowed", ErrorCode::UnauthorizedClient),
        (Refused::NoMatchingPolicy, "no_matching_policy", ErrorCode::UnauthorizedClient),
        (Refused::UnknownApi, "unknown_api", ErrorCode::InvalidTarget),
        (Refused::UnknownScope, "unknown_scope", ErrorCode::InvalidScope),
    ];
    for (refused, reason, error) in all {
        assert_eq!((refused.reason(), refused.error()), (reason, error));
        assert!(!refused.description().is_empty());
    }
}
