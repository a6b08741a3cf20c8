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

/// The refusal, for Ada where a person is asked about.
fn refused(authority: &Authority, client: &str, grant: GrantType, scope: &'static str) -> (&'static str, String) {
    let preview = played(authority, client, grant, |asked| asked.scope = Some(scope));
    assert!(!preview.allowed && preview.access_token.is_none() && preview.lifetimes.is_none());
    let refused = preview.refused.unwrap();
    (refused.reason, refused.nearest_change)
}

#[test]
fn each_refusal_has_its_reason_and_the_nearest_change() {
    let own = GrantType::ClientCredentials;
    let mut retired = authority();
    client_mut(&mut retired, "alexa").disabled = true;
    let mut gold = authority();
    gold.policies[0].rules = vec![Rule { groups: vec!["gold".into()], ..Rule::whatever("gold", &[CODE]) }];
    let mut narrow = authority();
    narrow.policies[0].rules[0].scopes = Covers::Only(vec!["openid".into()]);
    let open = authority();
    let write = "write:whattowear";
    for ((reason, nearest), expected, words) in [
        (refused(&open, "nobody", CODE, "openid"), "client_unknown", "machine, skill), or add \"nobody\""),
        (refused(&retired, "alexa", CODE, "openid"), "client_disabled", "out of the client \"alexa\""),
        (refused(&open, "alexa", own, "openid"), "grant_not_allowed", "add \"client_credentials\" to the grants of"),
        (refused(&open, "alexa", CODE, write), "unknown_scope", "to the scopes of the client \"alexa\""),
        (refused(&open, "alexa", CODE, "read:quiz"), "unknown_scope", "which has the scope \"read:quiz\""),
        (refused(&open, "alexa", CODE, "read:tea"), "unknown_scope", "add the scope \"read:tea\" to the API"),
        (refused(&open, "alexa", CODE, ""), "unknown_scope", "name scopes"),
        (refused(&open, "machine", own, "openid"), "unknown_scope", "leave out \"openid\""),
        (refused(&gold, "alexa", CODE, "openid"), "no_matching_policy", "or put them in the group \"gold\""),
        (
            refused(&narrow, "alexa", CODE, "profile"),
            "no_matching_policy",
            "add \"profile\" to scopes, or ask for less",
        ),
    ] {
        assert_eq!(reason, expected, "{nearest}");
        assert!(nearest.contains(words), "{reason}: {nearest}");
    }
}

#[test]
fn nobody_the_disabled_and_unknown_apis_are_refused() {
    let (authority, gone) = (authority(), disabled(ada()));
    let reason = |preview: Preview| preview.refused.map(|refused| (refused.reason, refused.nearest_change)).unwrap();
    let (nobody, _) = reason(played(&authority, "alexa", CODE, |asked| asked.user = None));
    assert_eq!(nobody, "user_unknown");
    let elsewhere = played(&authority, "alexa", CODE, |asked| asked.audience = Some("https://no.test"));
    let (unknown, nearest) = reason(elsewhere);
    assert_eq!(unknown, "unknown_api");
    assert!(nearest.contains("(https://whatshouldiwear, http://oktaquizgame.com)"), "{nearest}");
    let schema = schema();
    let asked = Asked {
        authority: &authority,
        schema: &schema,
        client: "alexa",
        grant: CODE,
        user: Some(&gone),
        audience: Some(AUDIENCE),
        scope: None,
    };
    let preview = at(now(), 1, |ambient| preview(&asked, ambient));
    assert_eq!(preview.scopes, ["read:whattowear"]);
    assert_eq!(reason(preview).0, "user_disabled");
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
