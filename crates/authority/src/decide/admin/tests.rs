use sayso_token::time::Lifetime;
use serde_json::Map;

use super::*;
use crate::decide::identify_token::IssuedAccessToken;
use crate::decide::plan::plan;
use crate::record::api::{Scope, TokenProfile};
use crate::record::client::ClientAuthentication;
use crate::record::grant::GrantId;
use crate::testing::{authority, client_mut, now, other_authority, seconds_later};

const AUDIENCE: &str = "https://admin.test";

fn designated() -> Designated {
    Designated { authority: "wear".to_owned(), audience: AUDIENCE.to_owned() }
}

/// The authority with an admin API, a client `root` that may do everything, and `clerk`, who looks after people.
fn administered() -> Authority {
    let mut authority = authority();
    let mut api = authority.apis[0].clone();
    api.audience = AUDIENCE.to_owned();
    api.profile = TokenProfile::Rfc9068;
    api.token_lifetime = Lifetime::from_seconds(600);
    api.scopes = ADMIN_SCOPES.iter().map(|name| Scope::new(name, name)).collect();
    authority.apis.push(api);
    let with = |id: &str, scopes: &[&str]| {
        let mut client = authority.client("machine").unwrap().clone();
        id.clone_into(&mut client.id);
        client.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        client
    };
    let (root, clerk) = (with("root", &ADMIN_SCOPES), with("clerk", &["admin:users:read", "admin:users:write"]));
    authority.clients.extend([root, clerk]);
    authority
}

fn token(client: &str, scopes: &[&str]) -> IssuedAccessToken {
    IssuedAccessToken {
        claims: Map::new(),
        client: client.to_owned(),
        audience: AUDIENCE.to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        expires_at: seconds_later(60),
        grant: None,
    }
}

#[test]
fn a_call_needs_a_living_machines_token_for_this_api_with_the_scope() {
    let mut authority = administered();
    let good = || token("clerk", &["admin:users:read"]);
    let ask = |authority: &Authority, token: IssuedAccessToken, scope: &str| {
        let identified = Identified::Access(std::sync::Arc::new(token));
        admit((authority, AUDIENCE), &identified, scope, (now(), None)).map(|actor| actor.client)
    };
    assert_eq!(ask(&authority, good(), "admin:users:read"), Ok("clerk".to_owned()));
    for scope in ADMIN_SCOPES.iter().filter(|scope| **scope != "admin:users:read") {
        assert_eq!(ask(&authority, good(), scope), Err(Unadmitted::InsufficientScope), "{scope}");
    }
    let cases = [
        ("another API", IssuedAccessToken { audience: "https://other.test".into(), ..good() }, Unadmitted::BadToken),
        ("over", IssuedAccessToken { expires_at: now(), ..good() }, Unadmitted::BadToken),
        ("no such client", token("nobody", &["admin:users:read"]), Unadmitted::BadToken),
        ("a public client", token("spa", &["admin:users:read"]), Unadmitted::BadToken),
        ("no machine", token("alexa", &["admin:users:read"]), Unadmitted::BadToken),
        (
            "a person's link",
            IssuedAccessToken { grant: Some((GrantId("grant1".into()), 0)), ..good() },
            Unadmitted::NotAMachine,
        ),
        ("never registered", token("clerk", &["admin:keys:write"]), Unadmitted::InsufficientScope),
    ];
    for (name, token, expected) in cases {
        let scope = token.scopes[0].clone();
        assert_eq!(ask(&authority, token, &scope), Err(expected), "{name}");
    }
    let unknown = admit((&authority, AUDIENCE), &Identified::Unknown, "admin:users:read", (now(), None));
    assert_eq!(unknown, Err(Unadmitted::BadToken));
    client_mut(&mut authority, "clerk").scopes.clear();
    assert_eq!(ask(&authority, good(), "admin:users:read"), Err(Unadmitted::InsufficientScope), "lost since");
    client_mut(&mut authority, "clerk").disabled = true;
    assert_eq!(ask(&authority, good(), "admin:users:read"), Err(Unadmitted::BadToken), "disabled since");
}

fn configuration(change: impl FnOnce(&mut Authority)) -> Configuration {
    let mut first = administered();
    change(&mut first);
    Configuration { attributes: Vec::new(), authorities: vec![first, other_authority()] }
}

fn judged(scopes: &[&str], wanted: &Configuration) -> Result<(), Unfit> {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let actor = Actor { client: "editor".to_owned(), scopes, address: None };
    let in_force = configuration(|_| {});
    may_apply(&actor, &designated(), (&in_force, wanted), &plan(Some(&in_force), wanted))
}

/// ADM-002: effective rights never exceed the actor's own.
#[test]
fn adm_002_who_administers_is_decided_by_those_who_may_do_everything() {
    type Edit = fn(&mut Authority);
    let about_admins: [(&str, Edit); 9] = [
        ("a new admin", |one| {
            let clerk = one.client("clerk").unwrap().clone();
            one.clients.push(Client { id: "mine".into(), ..clerk });
        }),
        ("more for oneself", |one| client_mut(one, "machine").scopes.push("admin:keys:write".into())),
        ("an admin's secret", |one| client_mut(one, "root").secrets.truncate(1)),
        ("an admin's proof", |one| client_mut(one, "root").authentication = ClientAuthentication::SecretBasic),
        ("an admin disabled", |one| client_mut(one, "clerk").disabled = true),
        ("the admin API", |one| one.apis[2].token_lifetime = Lifetime::from_seconds(86_400)),
        ("a scope's consent", |one| one.apis[2].scopes[0].text = "harmless".into()),
        ("the issuer", |one| one.issuer = "https://evil.test".into()),
        ("a policy", |one| one.policies.clear()),
    ];
    for (name, edit) in about_admins {
        let wanted = configuration(edit);
        assert_eq!(judged(&["admin:configuration:write"], &wanted), Err(Unfit::BeyondActor), "{name}");
        assert_eq!(
            judged(&ADMIN_SCOPES[..ADMIN_SCOPES.len() - 1], &wanted),
            Err(Unfit::BeyondActor),
            "{name}, all but one"
        );
        assert_eq!(judged(&ADMIN_SCOPES, &wanted), Ok(()), "{name}");
    }
    let of_others: [(&str, Edit); 3] = [
        ("nothing", |_| {}),
        ("another client", |one| client_mut(one, "alexa").name = "Alexa".into()),
        ("another API", |one| one.apis[0].token_lifetime = Lifetime::from_seconds(900)),
    ];
    for (name, edit) in of_others {
        assert_eq!(judged(&["admin:configuration:write"], &configuration(edit)), Ok(()), "{name}");
    }
    let mut elsewhere = configuration(|_| {});
    elsewhere.authorities[1].clients.clear();
    assert_eq!(judged(&["admin:configuration:write"], &elsewhere), Ok(()), "another authority");
}

/// ADM-008: nobody locks everybody out.
#[test]
fn adm_008_the_last_who_may_write_the_configuration_stays() {
    type Edit = fn(&mut Authority);
    let cases: [(&str, Edit); 5] = [
        ("removed", |one| one.clients.retain(|client| client.id != "root")),
        ("disabled", |one| client_mut(one, "root").disabled = true),
        ("without the scope", |one| {
            client_mut(one, "root").scopes.retain(|scope| scope != "admin:configuration:write")
        }),
        ("without its grant", |one| client_mut(one, "root").grants.clear()),
        ("without the API", |one| drop(one.apis.pop())),
    ];
    for (name, edit) in cases {
        assert_eq!(judged(&ADMIN_SCOPES, &configuration(edit)), Err(Unfit::LastAdmin), "{name}");
    }
    let mut gone = configuration(|_| {});
    gone.authorities.remove(0);
    assert_eq!(judged(&ADMIN_SCOPES, &gone), Err(Unfit::LastAdmin));
}
