//! The one authority that all scenarios ask: an API whose tokens are signed with ES256, so that signing is not what a run
//! measures, and a client of each sort.

use sayso_authority::record::authority::Authority;
use sayso_authority::record::client::{Client, ClientAuthentication, RefreshRule, Rotation};
use sayso_authority::record::code::Code;
use sayso_authority::record::user::User;
use sayso_testkit::records;
use sayso_testkit::tutorials::{REDIRECT_URI, client, wear_authority};
use sayso_token::algorithm::Algorithm;
use sayso_token::digest::Digest;
use sayso_token::time::{Lifetime, Timestamp};

/// The authority's id.
pub const AUTHORITY: &str = "wear";
/// A voice assistant's linking client: a secret, and the refresh rule of households, `same_successor`.
pub const ASSISTANT: &str = "what-should-i-wear";
/// A public client: PKCE, and `strict` rotation without overlap.
pub const DISPLAY: &str = "wardrobe-display";
/// What is linked.
pub const AUDIENCE: &str = "https://whatshouldiwear";
/// The scope of every grant.
pub const SCOPE: &str = "read:whattowear";
/// The paths of the endpoints.
pub const TOKEN: &str = "/oauth/token";
/// As [`TOKEN`].
pub const REVOKE: &str = "/oauth/revoke";
/// As [`TOKEN`].
pub const INTROSPECT: &str = "/oauth/introspect";
/// As [`TOKEN`].
pub const AUTHORIZE: &str = "/authorize";
/// As [`TOKEN`].
pub const KEYS: &str = "/.well-known/jwks.json";
/// The PKCE verifier of every code.
const VERIFIER: &str = "a-verifier-of-the-fault-harness-0123456789abcdef";

/// The authority as a record.
pub fn authority(issuer: &str) -> Authority {
    let mut authority = wear_authority();
    issuer.clone_into(&mut authority.issuer);
    for api in &mut authority.apis {
        api.algorithm = Algorithm::Es256;
    }
    authority.clients = vec![
        Client { secrets: vec![Digest::of(SECRET.as_bytes())], ..client(ASSISTANT, "What Should I Wear", &[SCOPE]) },
        Client {
            authentication: ClientAuthentication::None,
            secrets: Vec::new(),
            pkce_required: true,
            refresh: RefreshRule { rotation: Rotation::Strict, overlap: Lifetime::from_seconds(0), idle: None },
            ..client(DISPLAY, "Wardrobe Display", &[SCOPE])
        },
    ];
    authority
}

/// The same as a configuration file for the binary, listening on `port`.
pub fn configuration(issuer: &str, port: u16, database: &str) -> String {
    format!(
        r#"[server]
listen = "127.0.0.1:{port}"
database = "{database}"

[[authority]]
id = "{AUTHORITY}"
issuer = "{issuer}"
layout = "auth0"

[[authority.api]]
audience = "{AUDIENCE}"
algorithm = "ES256"
token_lifetime = 86400
scopes = [{{ name = "{SCOPE}", text = "read what you could wear today" }}]

[[authority.client]]
id = "{ASSISTANT}"
secret = "{SECRET}"
redirect_uris = ["{REDIRECT_URI}"]
scopes = ["{SCOPE}"]

[[authority.client]]
id = "{DISPLAY}"
authentication = "none"
redirect_uris = ["{REDIRECT_URI}"]
scopes = ["{SCOPE}"]
refresh = {{ rotation = "strict", overlap = 0 }}
"#
    )
}

/// The assistant's secret: a configuration file takes long ones only.
const SECRET: &str = "a-secret-of-the-fault-harness-0123456789abcdefgh";

/// A person with this name.
pub fn person(name: &str) -> User {
    records::user(name)
}

/// A code of that person's, whose text is its name; with a PKCE challenge if asked for. It lives for an hour, as no real
/// one does: a round may be long.
pub fn code(text: &str, client: &str, person: &User, (now, pkce): (Timestamp, bool)) -> Code {
    Code {
        authority: AUTHORITY.to_owned(),
        client: client.to_owned(),
        user: person.id.clone(),
        audience: AUDIENCE.to_owned(),
        scopes: vec![SCOPE.to_owned()],
        code_challenge: pkce.then(|| Digest::of(VERIFIER.as_bytes()).base64url()),
        signed_in_at: now,
        issued_at: now,
        expires_at: now + Lifetime::from_seconds(3600),
        ..records::code(text)
    }
}

/// A form to post, as pairs.
pub type Form = Vec<(&'static str, String)>;

/// How the client proves itself in the body.
fn proof(client: &str) -> Form {
    let mut form = vec![("client_id", client.to_owned())];
    if client == ASSISTANT {
        form.push(("client_secret", SECRET.to_owned()));
    }
    form
}

/// The form that exchanges a code.
pub fn redemption(client: &str, code: &str, pkce: bool) -> Form {
    let mut form = proof(client);
    form.push(("grant_type", "authorization_code".to_owned()));
    form.push(("code", code.to_owned()));
    form.push(("redirect_uri", REDIRECT_URI.to_owned()));
    if pkce {
        form.push(("code_verifier", VERIFIER.to_owned()));
    }
    form
}

/// The form that refreshes.
pub fn refresh(client: &str, token: &str) -> Form {
    let mut form = proof(client);
    form.push(("grant_type", "refresh_token".to_owned()));
    form.push(("refresh_token", token.to_owned()));
    form
}

/// The form that shows a token: to revoke it, or to ask about it.
pub fn shown(client: &str, token: &str) -> Form {
    let mut form = proof(client);
    form.push(("token", token.to_owned()));
    form
}
