//! The authorities of the two founding tutorials.

use sayso_authority::record::api::{Api, Scope, TokenProfile};
use sayso_authority::record::authority::{Authority, Layout};
use sayso_authority::record::authorization_rule::AuthorizationRule;
use sayso_authority::record::claim::{Carrier, Claim, Says};
use sayso_authority::record::client::{Client, ClientAuthentication, ConsentMemory, GrantType, RefreshRule, Rotation};
use sayso_authority::record::logout_rule::LogoutRule;
use sayso_authority::record::policy::{Covers, Policy, Rule};
use sayso_token::algorithm::Algorithm;
use sayso_token::digest::Digest;
use sayso_token::time::Lifetime;

/// The secret of every confidential client here.
pub const CLIENT_SECRET: &str = "a secret of the tests";
/// The redirect URI of every client here.
pub const REDIRECT_URI: &str = "https://pitangui.amazon.com/api/skill/link/M2AAAAAAAAAAAA";
/// The first tutorial's API.
pub const WEAR_AUDIENCE: &str = "https://whatshouldiwear";
/// The first tutorial's linking client.
pub const WEAR_CLIENT: &str = "what-should-i-wear";
/// The second tutorial's API.
pub const QUIZ_AUDIENCE: &str = "http://oktaquizgame.com";
/// The second tutorial's linking client.
pub const QUIZ_CLIENT: &str = "sample-quiz-game";
/// A machine's client at the first authority, for client credentials.
pub const MACHINE_CLIENT: &str = "wardrobe-report";

/// The first tutorial's authority, in Auth0's manner: the API `https://whatshouldiwear`, whose scope
/// `read:whattowear` is for the linking client and a machine.
pub fn wear_authority() -> Authority {
    let mut machine = client(MACHINE_CLIENT, "Wardrobe Report", &["read:whattowear"]);
    machine.grants = vec![GrantType::ClientCredentials];
    machine.redirect_uris = Vec::new();
    Authority {
        id: "wear".to_owned(),
        name: "Wardrobe".to_owned(),
        issuer: "https://wear.example".to_owned(),
        layout: Layout::Auth0,
        apis: vec![wear_api()],
        default_audience: None,
        clients: vec![client(WEAR_CLIENT, "What Should I Wear", &["read:whattowear"]), machine],
        claims: Vec::new(),
        policies: vec![allow_all()],
        introspection_by_query: false,
        key_rotation_days: None,
        connections: Vec::new(),
        registration: None,
    }
}

/// The second tutorial's authority, in Okta's manner: the API `http://oktaquizgame.com`, whose tokens carry
/// `FirstNameClaim` and `FavoriteColorClaim`; introspection by query is allowed, as its skill asks that way.
pub fn quiz_authority() -> Authority {
    Authority {
        id: "quiz".to_owned(),
        name: "Quiz".to_owned(),
        issuer: "https://quiz.example/oauth2/quiz".to_owned(),
        layout: Layout::Okta,
        apis: vec![quiz_api()],
        default_audience: Some(QUIZ_AUDIENCE.to_owned()),
        clients: vec![client(QUIZ_CLIENT, "Sample Quiz Game", &["openid", "profile"])],
        claims: vec![claim("FirstNameClaim", "firstName"), claim("FavoriteColorClaim", "favoriteColor")],
        policies: vec![allow_all()],
        introspection_by_query: true,
        key_rotation_days: None,
        connections: Vec::new(),
        registration: None,
    }
}

/// The first tutorial's API.
pub fn wear_api() -> Api {
    Api {
        audience: WEAR_AUDIENCE.to_owned(),
        name: "What Should I Wear".to_owned(),
        scopes: vec![scope("read:whattowear", "read what you could wear today")],
        algorithm: Algorithm::Rs256,
        profile: TokenProfile::Azp,
        token_lifetime: Lifetime::from_seconds(86_400),
    }
}

/// The second tutorial's API.
pub fn quiz_api() -> Api {
    Api {
        audience: QUIZ_AUDIENCE.to_owned(),
        name: "Quiz Game".to_owned(),
        scopes: vec![scope("openid", "know who you are"), scope("profile", "read your name and favorite color")],
        algorithm: Algorithm::Rs256,
        profile: TokenProfile::Cid,
        token_lifetime: Lifetime::from_seconds(3600),
    }
}

/// A confidential linking client: its secret is [`CLIENT_SECRET`] by header or body, its redirect URI
/// [`REDIRECT_URI`], its refresh rule the one for households.
pub fn client(id: &str, name: &str, scopes: &[&str]) -> Client {
    Client {
        id: id.to_owned(),
        name: name.to_owned(),
        authentication: ClientAuthentication::Secret,
        secrets: vec![Digest::of(CLIENT_SECRET.as_bytes())],
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        native: false,
        grants: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        pkce_required: false,
        refresh: RefreshRule { rotation: Rotation::SameSuccessor, overlap: Lifetime::from_seconds(60), idle: None },
        introspects: Vec::new(),
        logout: LogoutRule::default(),
        disabled: false,
        authorization: AuthorizationRule::default(),
        id_token_algorithm: Algorithm::Rs256,
        userinfo_algorithm: None,
        token_profile: None,
        token_lifetime: None,
        assertion: None,
        default_max_age: None,
        consent: ConsentMemory::Remembered,
    }
}

/// A policy for every client with one rule for every grant and scope.
pub fn allow_all() -> Policy {
    Policy {
        name: "everyone".to_owned(),
        clients: Covers::All,
        rules: vec![Rule::whatever("everything", &[GrantType::AuthorizationCode, GrantType::ClientCredentials])],
    }
}

fn scope(name: &str, text: &str) -> Scope {
    Scope::new(name, text)
}

fn claim(name: &str, attribute: &str) -> Claim {
    Claim {
        name: name.to_owned(),
        carriers: Carrier::OF_ACCESS.to_vec(),
        says: Says::Attribute(attribute.to_owned()),
        scopes: Vec::new(),
        on_request: false,
    }
}
