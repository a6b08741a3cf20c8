//! What the tests of this crate share, those beside the code and those in `tests/`: one authority with its clients and
//! people, counted chance, and a memory that carries out changes as the store does.

#[path = "testing/memory.rs"]
mod memory;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use sayso_token::algorithm::Algorithm;
use sayso_token::digest::Digest;
use sayso_token::entropy::Entropy;
use sayso_token::keyring::SigningKey;
use sayso_token::seal::Sealer;
use sayso_token::secret::Secret;
use sayso_token::time::{Lifetime, Timestamp};

use sayso_authority::ambient::Ambient;
use sayso_authority::record::api::{Api, Scope, TokenProfile};
use sayso_authority::record::audit_record::AuditRecord;
use sayso_authority::record::authority::{Authority, Layout};
use sayso_authority::record::authorization_rule::AuthorizationRule;
use sayso_authority::record::claim::{Carrier, Claim, Says};
use sayso_authority::record::client::{Client, ClientAuthentication, ConsentMemory, GrantType, RefreshRule, Rotation};
use sayso_authority::record::connection::{Connection, ConnectionAuthentication};
use sayso_authority::record::grant::{Grant, GrantId};
use sayso_authority::record::logout_rule::LogoutRule;
use sayso_authority::record::policy::{Covers, Policy, Rule};
use sayso_authority::record::session::Session;
use sayso_authority::record::terms::Terms;
use sayso_authority::record::user::{User, UserId};

pub(crate) use memory::Memory;

pub(crate) const ISSUER: &str = "https://authority.test";
pub(crate) const AUDIENCE: &str = "https://whatshouldiwear";
pub(crate) const OTHER_AUDIENCE: &str = "http://oktaquizgame.com";
pub(crate) const LAYLA: &str = "https://layla.amazon.com/api/skill/link/M1";
pub(crate) const PITANGUI: &str = "https://pitangui.amazon.com/api/skill/link/M1";
pub(crate) const SECRET: &str = "correct horse";
pub(crate) const NEXT_SECRET: &str = "battery staple";
/// A verifier of RFC 7636 appendix B and its challenge.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// The time of most tests, in seconds.
pub(crate) const NOW: i64 = 1_800_000_000;

pub(crate) fn now() -> Timestamp {
    Timestamp::from_seconds(NOW)
}

pub(crate) fn seconds_later(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(NOW + seconds)
}

pub(crate) fn sealer() -> Sealer {
    Sealer::new([7; 32])
}

/// Chance that repeats itself (SplitMix64), so that a failing test fails again.
pub(crate) struct Seeded(pub(crate) u64);

impl Entropy for Seeded {
    fn fill(&mut self, dest: &mut [u8]) {
        for chunk in dest.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            let bytes = (z ^ (z >> 31)).to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

/// Decides at `now` with chance of its own.
pub(crate) fn at<T>(now: Timestamp, seed: u64, decide: impl FnOnce(&mut Ambient<'_>) -> T) -> T {
    let mut entropy = Seeded(seed);
    decide(&mut Ambient { now, entropy: &mut entropy })
}

/// A fresh P-256 signing key.
pub(crate) fn make_key() -> SigningKey {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    SigningKey::from_pkcs8(Algorithm::Es256, pair.to_pkcs8v1().unwrap().as_ref()).unwrap()
}

/// The authority's signing key.
pub(crate) fn key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(make_key)
}

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn api(audience: &str, scopes: &[&str], profile: TokenProfile) -> Api {
    let scope = |name: &&str| Scope::new(name, &format!("use {name}"));
    Api {
        audience: audience.to_owned(),
        name: "An API".to_owned(),
        scopes: scopes.iter().map(scope).collect(),
        algorithm: Algorithm::Es256,
        profile,
        token_lifetime: Lifetime::from_seconds(3600),
    }
}

fn client(id: &str, authentication: ClientAuthentication) -> Client {
    Client {
        id: id.to_owned(),
        name: id.to_owned(),
        authentication,
        secrets: [SECRET, NEXT_SECRET].map(|secret| Digest::of(secret.as_bytes())).to_vec(),
        redirect_uris: Vec::new(),
        native: false,
        grants: Vec::new(),
        scopes: texts(&["read:whattowear", "read:quiz", "openid", "profile", "email"]),
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

/// An authority with a linking client `alexa`, a public `spa` (strict rotation), a native `desktop`, a `machine` and a
/// `skill` that introspects.
pub(crate) fn authority() -> Authority {
    let link = vec![GrantType::AuthorizationCode, GrantType::RefreshToken];
    let alexa = Client {
        redirect_uris: texts(&[LAYLA, PITANGUI]),
        grants: link.clone(),
        ..client("alexa", ClientAuthentication::Secret)
    };
    let spa = Client {
        redirect_uris: texts(&["https://App.Test/Cb?x=1"]),
        grants: link.clone(),
        pkce_required: true,
        secrets: Vec::new(),
        refresh: RefreshRule {
            rotation: Rotation::Strict,
            overlap: Lifetime::from_seconds(30),
            idle: Some(Lifetime::from_seconds(24 * 3600)),
        },
        ..client("spa", ClientAuthentication::None)
    };
    let desktop = Client {
        redirect_uris: texts(&["http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost/cb"]),
        native: true,
        grants: link,
        secrets: Vec::new(),
        ..client("desktop", ClientAuthentication::None)
    };
    let machine =
        Client { grants: vec![GrantType::ClientCredentials], ..client("machine", ClientAuthentication::SecretPost) };
    let skill = Client { introspects: texts(&[AUDIENCE]), ..client("skill", ClientAuthentication::SecretBasic) };
    let claim = |name: &str, carriers: [Carrier; 2], attribute: &str, scopes: &[&str]| Claim {
        name: name.to_owned(),
        carriers: carriers.to_vec(),
        says: Says::Attribute(attribute.to_owned()),
        scopes: texts(scopes),
        on_request: false,
    };
    Authority {
        id: "wear".to_owned(),
        name: "Wear".to_owned(),
        issuer: ISSUER.to_owned(),
        layout: Layout::Auth0,
        apis: vec![
            api(AUDIENCE, &["read:whattowear", "write:whattowear"], TokenProfile::Rfc9068),
            api(OTHER_AUDIENCE, &["read:quiz"], TokenProfile::Cid),
        ],
        default_audience: Some(AUDIENCE.to_owned()),
        clients: vec![alexa, spa, desktop, machine, skill],
        claims: vec![
            claim("FirstNameClaim", Carrier::OF_ACCESS, "firstName", &[]),
            claim("FavoriteColorClaim", Carrier::OF_ACCESS, "favoriteColor", &["read:whattowear"]),
            claim("color", Carrier::OF_IDENTITY, "favoriteColor", &["profile"]),
        ],
        policies: vec![Policy {
            name: "everyone".to_owned(),
            clients: Covers::All,
            rules: vec![Rule::whatever("link", &[GrantType::AuthorizationCode, GrantType::ClientCredentials])],
        }],
        introspection_by_query: false,
        key_rotation_days: None,
        connections: Vec::new(),
        registration: None,
    }
}

/// Another authority of the same installation, with the same clients and APIs.
pub(crate) fn other_authority() -> Authority {
    Authority { id: "quiz".to_owned(), issuer: format!("{ISSUER}/oauth2/quiz"), layout: Layout::Okta, ..authority() }
}

/// The client of that id, to be changed.
pub(crate) fn client_mut<'a>(authority: &'a mut Authority, id: &str) -> &'a mut Client {
    authority.clients.iter_mut().find(|client| client.id == id).unwrap()
}

/// An audit record as it is written, still without its tag.
pub(crate) fn audited(position: i64) -> AuditRecord {
    AuditRecord {
        at: now(),
        opening: 1,
        position,
        kind: "something".to_owned(),
        authority: "quiz".to_owned(),
        client: Some("alexa".to_owned()),
        user: Some("usr_ada".to_owned()),
        grant: Some("g".to_owned()),
        details: "{\"by\":\"ops\"}".to_owned(),
        actor: Some("ops".to_owned()),
        tag: None,
        seal: None,
    }
}

pub(crate) fn ada() -> User {
    let attributes =
        [("firstName", "Ada"), ("lastName", "Lovelace"), ("favoriteColor", "teal"), ("email", "ada@a.test")];
    User {
        id: UserId("usr_ada".to_owned()),
        username: "ada".to_owned(),
        password_hash: Secret::new("$argon2id$"),
        attributes: attributes.map(|(name, value)| (name.to_owned(), value.into())).into(),
        groups: Vec::new(),
        version: 3,
        created_at: seconds_later(-10_000),
        updated_at: None,
        disabled_at: None,
    }
}

pub(crate) fn disabled(user: User) -> User {
    User { disabled_at: Some(seconds_later(-1)), ..user }
}

pub(crate) fn eve() -> User {
    User { id: UserId("usr_eve".to_owned()), username: "eve".to_owned(), attributes: BTreeMap::new(), ..ada() }
}

/// Ada's session, signed in `seconds` ago.
pub(crate) fn session(seconds: i64) -> Session {
    Session {
        digest: Digest::of(b"cookie"),
        authority: "wear".to_owned(),
        user: ada().id,
        signed_in_at: seconds_later(-seconds),
        expires_at: seconds_later(8 * 3600 - seconds),
        sid: Session::sid_of(&Digest::of(b"cookie")),
        upstream: None,
    }
}

/// A grant of Ada's to `alexa` for the first API, without refresh tokens.
pub(crate) fn grant() -> Grant {
    Grant {
        id: GrantId("grant1".to_owned()),
        authority: "wear".to_owned(),
        client: "alexa".to_owned(),
        user: ada().id,
        audience: AUDIENCE.to_owned(),
        scopes: texts(&["read:whattowear", "openid"]),
        terms: Terms::default(),
        signed_in_at: seconds_later(-100),
        created_at: seconds_later(-90),
        last_used_at: seconds_later(-90),
        epoch: 0,
        revoked_at: None,
        refresh: None,
    }
}

/// A provider elsewhere at which people sign in, and get accounts.
pub(crate) fn corp() -> Connection {
    Connection {
        id: "corp".into(),
        name: "Example Corp".into(),
        issuer: "https://login.corp.test".into(),
        client_id: "sayso".into(),
        authentication: ConnectionAuthentication::SecretBasic,
        scopes: vec!["email".into()],
        email_domains: Vec::new(),
        sign_up: true,
    }
}
