use super::*;
use crate::expression::Expression;
use crate::record::claim::Claim;
use crate::record::policy::{Covers, Rule};
use crate::testing::{AUDIENCE, ada, at, authority, client_mut, disabled, now};

const CODE: GrantType = GrantType::AuthorizationCode;

fn schema() -> Vec<Attribute> {
    vec![Attribute::text("firstName", false, 40), Attribute::text("favoriteColor", true, 40)]
}

fn played(authority: &Authority, client: &str, grant: GrantType, change: impl FnOnce(&mut Asked<'_>)) -> Preview {
    let (schema, ada) = (schema(), ada());
    let mut asked = Asked {
        authority,
        schema: &schema,
        client,
        grant,
        user: Some(&ada),
        audience: None,
        scope: Some("read:whattowear openid"),
    };
    // The closure may put in what lives as long as the test only.
    change(&mut asked);
    at(now(), 1, |ambient| preview(&asked, ambient))
}

#[test]
fn what_is_allowed_is_shown_as_it_would_be_issued() {
    let mut authority = authority();
    authority.claims.push(Claim {
        name: "shoe".into(),
        carriers: Carrier::ALL.to_vec(),
        says: Says::Expression(Expression::parse("user.shoeSize + 1").unwrap()),
        scopes: Vec::new(),
        on_request: false,
    });
    let preview = played(&authority, "alexa", CODE, |_| {});
    assert!(preview.allowed && preview.refused.is_none());
    let token = preview.access_token.unwrap();
    assert_eq!((&token.header["typ"], &token.header["alg"]), (&json!("at+jwt"), &json!("ES256")));
    assert_eq!((&token.payload["sub"], &token.payload["FavoriteColorClaim"]), (&json!("usr_ada"), &json!("teal")));
    assert_eq!(preview.id_token.unwrap().payload["aud"], "alexa");
    assert_eq!(preview.lifetimes.unwrap().access_token, 3600);
    assert!(preview.policies[0].rules[0].allows);
    let told = |name: &str| preview.claims.iter().find(|claim| claim.claim == name).unwrap();
    assert_eq!(
        (told("FirstNameClaim").expression.as_str(), &told("FirstNameClaim").self_written[..]),
        ("user.firstName", &[][..])
    );
    assert_eq!(told("FavoriteColorClaim").self_written, ["favoriteColor"]);
    assert_eq!(told("shoe").outcome, Outcome::LeftOut("shoeSize is not there".into()));
    assert_eq!(told("color").outcome, Outcome::LeftOut("none of its scopes is granted: profile".into()));
    let printed = serde_json::to_value(told("FavoriteColorClaim")).unwrap();
    let expected = json!({
        "claim": "FavoriteColorClaim", "carriers": ["access_token", "introspection"],
        "expression": "user.favoriteColor", "self_written": ["favoriteColor"], "value": "teal",
    });
    assert_eq!(printed, expected);
}

#[test]
fn a_clients_own_token_has_no_person() {
    let preview =
        played(&authority(), "machine", GrantType::ClientCredentials, |asked| asked.scope = Some("read:whattowear"));
    assert!(preview.allowed, "{:?}", preview.refused);
    assert_eq!(preview.access_token.unwrap().payload["sub"], "client|machine");
    assert!(preview.id_token.is_none());
}

#[test]
fn each_refusal_has_its_reason_and_the_nearest_change() {
    let own = GrantType::ClientCredentials;
    let gone = disabled(ada());
    let mut retired = authority();
    client_mut(&mut retired, "alexa").disabled = true;
    let mut gold = authority();
    gold.policies[0].rules = vec![Rule { groups: vec!["gold".into()], ..Rule::whatever("gold", &[CODE]) }];
    let mut narrow = authority();
    narrow.policies[0].rules[0].scopes = Covers::Only(vec!["openid".into()]);
    let open = authority();
    for (authority, client, grant, user, audience, scope, reason, nearest) in [
        (
            &open,
            "nobody",
            CODE,
            true,
            None,
            "openid",
            "client_unknown",
            "(alexa, spa, desktop, machine, skill), or add \"nobody\"",
        ),
        (
            &retired,
            "alexa",
            CODE,
            true,
            None,
            "openid",
            "client_disabled",
            "take disabled = true out of the client \"alexa\"",
        ),
        (
            &open,
            "alexa",
            own,
            true,
            None,
            "openid",
            "grant_not_allowed",
            "add \"client_credentials\" to the grants of the client",
        ),
        (&open, "alexa", CODE, false, None, "openid", "user_unknown", "name a person"),
        (
            &open,
            "alexa",
            CODE,
            true,
            Some("https://no.test"),
            "openid",
            "unknown_api",
            "(https://whatshouldiwear, http://oktaquizgame.com)",
        ),
        (
            &open,
            "alexa",
            CODE,
            true,
            None,
            "write:whattowear",
            "unknown_scope",
            "add \"write:whattowear\" to the scopes of the client \"alexa\"",
        ),
        (
            &open,
            "alexa",
            CODE,
            true,
            None,
            "read:quiz",
            "unknown_scope",
            "add the scope \"read:quiz\" to the API \"https://whatshouldiwear\"",
        ),
        (&open, "alexa", CODE, true, None, "", "unknown_scope", "name scopes"),
        (&open, "machine", own, true, None, "openid", "unknown_scope", "leave out \"openid\""),
        (
            &gold,
            "alexa",
            CODE,
            true,
            None,
            "openid",
            "no_matching_policy",
            "add \"ada\" to users, or put them in the group \"gold\"",
        ),
        (
            &narrow,
            "alexa",
            CODE,
            true,
            None,
            "read:whattowear",
            "no_matching_policy",
            "add \"read:whattowear\" to scopes, or ask for less",
        ),
    ] {
        let preview = played(authority, client, grant, |asked| {
            asked.user = asked.user.filter(|_| user);
            (asked.audience, asked.scope) = (audience, Some(scope));
        });
        let refused = preview.refused.unwrap();
        assert_eq!((preview.allowed, refused.reason), (false, reason), "{client} {scope}");
        assert!(refused.nearest_change.contains(nearest), "{reason}: {}", refused.nearest_change);
        assert!(preview.access_token.is_none() && preview.lifetimes.is_none());
    }
    let schema = schema();
    let asked = Asked {
        authority: &open,
        schema: &schema,
        client: "alexa",
        grant: CODE,
        user: Some(&gone),
        audience: Some(AUDIENCE),
        scope: None,
    };
    let preview = at(now(), 1, |ambient| preview(&asked, ambient));
    assert_eq!(preview.refused.unwrap().reason, "user_disabled");
    assert_eq!(preview.scopes, ["read:whattowear"]);
}

/// What the dry run says, a real request meets: for each client, grant and scope, both agree on whether and why not.
#[test]
fn a_dry_run_agrees_with_what_is_issued() {
    use crate::decide::client_credentials::client_credentials;
    use crate::wire::error::Refusal as _;
    use crate::wire::token::Wanted;
    let mut authority = authority();
    authority.policies[0].rules[0].scopes = Covers::Only(vec!["read:whattowear".into(), "openid".into()]);
    for client in ["alexa", "spa", "machine", "skill"] {
        for scope in [None, Some("read:whattowear"), Some("read:quiz"), Some("openid"), Some("nope"), Some("a  b")] {
            for audience in [None, Some(AUDIENCE), Some("https://no.test")] {
                let wanted = Wanted { audience: audience.map(str::to_owned), scope: scope.map(str::to_owned) };
                let known = authority.client(client).unwrap();
                let real = at(now(), 1, |ambient| client_credentials(&authority, known, &wanted, ambient));
                let preview = played(&authority, client, GrantType::ClientCredentials, |asked| {
                    (asked.audience, asked.scope, asked.user) = (audience, scope, None);
                });
                let real = real.map(|reply| reply.access_token.claims).map_err(|refused| refused.reason());
                let said = preview.access_token.map(|token| token.payload);
                let reason = preview.refused.map_or("", |refused| refused.reason);
                assert_eq!(said.ok_or(reason), real, "{client} {scope:?} {audience:?}");
            }
        }
    }
}
