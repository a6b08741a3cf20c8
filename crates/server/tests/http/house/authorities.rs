//! The two authorities, with a client of every sort.

use sayso_authority::record::api::{Api, Scope, TokenProfile};
use sayso_authority::record::authority::Authority;
use sayso_authority::record::claim::{Carrier, Claim, Says};
use sayso_authority::record::client::{Client, ClientAuthentication, GrantType, RefreshRule, Rotation};
use sayso_testkit::tutorials::{client, quiz_authority, wear_api, wear_authority};
use sayso_token::algorithm::Algorithm;
use sayso_token::time::Lifetime;

pub(crate) use sayso_testkit::tutorials::{
    MACHINE_CLIENT, QUIZ_AUDIENCE, QUIZ_CLIENT, REDIRECT_URI, WEAR_AUDIENCE, WEAR_CLIENT,
};

pub(crate) const WEAR: &str = "http://127.0.0.1:4000";
pub(crate) const QUIZ: &str = "http://127.0.0.1:4000/oauth2/quiz";
/// A second API of the first authority.
pub(crate) const SHOES_AUDIENCE: &str = "https://shoes";
/// A second confidential client of the first authority.
pub(crate) const OTHER_CLIENT: &str = "weather-skill";
/// A public client: PKCE required, strict rotation without overlap.
pub(crate) const SPA_CLIENT: &str = "wardrobe-display";
/// A native public client: strict rotation with 30 s of overlap.
pub(crate) const NATIVE_CLIENT: &str = "wardrobe-app";
/// A disabled client.
pub(crate) const RETIRED_CLIENT: &str = "retired-skill";

pub(crate) const LAYLA: &str = "https://layla.amazon.com/api/skill/link/M2AAAAAAAAAAAA";
pub(crate) const MIXED_CASE: &str = "https://App.Test/Cb";
pub(crate) const WITH_QUERY: &str = "https://app.test/cb?x=1";
pub(crate) const SPA_URI: &str = "https://display.test/cb";
pub(crate) const NATIVE_URI: &str = "http://127.0.0.1/cb";

/// The first tutorial's authority at the root.
pub(crate) fn wardrobe() -> Authority {
    let mut authority = wear_authority();
    WEAR.clone_into(&mut authority.issuer);
    authority.apis = vec![wear_api(), shoes_api()];
    let linking = ["read:whattowear", "read:shoes", "openid", "profile", "email", "offline_access"];
    for known in &mut authority.clients {
        match known.id.as_str() {
            WEAR_CLIENT => {
                known.scopes = owned(&linking);
                known.redirect_uris = owned(&[REDIRECT_URI, LAYLA, MIXED_CASE, WITH_QUERY]);
            }
            _ => known.introspects = owned(&[WEAR_AUDIENCE]),
        }
    }
    authority.clients.extend([
        client(OTHER_CLIENT, "Weather Skill", &linking),
        public(SPA_CLIENT, SPA_URI, 0),
        Client { native: true, ..public(NATIVE_CLIENT, NATIVE_URI, 30) },
        Client { disabled: true, ..client(RETIRED_CLIENT, "Retired Skill", &linking) },
    ]);
    authority.claims = vec![Claim {
        name: "favorite_color".to_owned(),
        carriers: Carrier::OF_IDENTITY.to_vec(),
        says: Says::Attribute("favoriteColor".to_owned()),
        scopes: owned(&["profile"]),
        on_request: false,
    }];
    authority
}

/// The second tutorial's authority below `/oauth2/quiz`, with a client that is named like one of the first.
pub(crate) fn quiz() -> Authority {
    let mut authority = quiz_authority();
    QUIZ.clone_into(&mut authority.issuer);
    authority.clients.push(client(WEAR_CLIENT, "Namesake", &["openid", "profile"]));
    authority
}

/// The client of that id.
pub(crate) fn find<'a>(authority: &'a mut Authority, id: &str) -> &'a mut Client {
    authority.clients.iter_mut().find(|client| client.id == id).unwrap()
}

pub(crate) fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn public(id: &str, redirect_uri: &str, overlap: u32) -> Client {
    Client {
        authentication: ClientAuthentication::None,
        secrets: Vec::new(),
        redirect_uris: owned(&[redirect_uri]),
        grants: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        pkce_required: true,
        refresh: RefreshRule {
            rotation: Rotation::Strict,
            overlap: Lifetime::from_seconds(overlap),
            idle: Some(Lifetime::from_seconds(24 * 60 * 60)),
        },
        ..client(id, id, &["read:whattowear"])
    }
}

fn shoes_api() -> Api {
    Api {
        audience: SHOES_AUDIENCE.to_owned(),
        name: "Shoes".to_owned(),
        scopes: ["read:shoes", "write:shoes"].map(|name| Scope::new(name, &format!("{name} of yours"))).to_vec(),
        algorithm: Algorithm::Es256,
        profile: TokenProfile::Rfc9068,
        token_lifetime: Lifetime::from_seconds(600),
    }
}
