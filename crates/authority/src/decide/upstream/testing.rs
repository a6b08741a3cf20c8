//! What the tests of this question share: a connection, its provider, a flow, and tokens built piece by piece.

use sayso_token::algorithm::Algorithm;
use sayso_token::digest::Digest;
use sayso_token::encoding::base64url;
use sayso_token::jwk::JwkSet;
use sayso_token::secret::Secret;
use serde_json::{Map, Value, json};

use super::outward::Outward;
use crate::record::connection::{Connection, ConnectionAuthentication};
use crate::record::identity::UpstreamIdentity;
use crate::testing::{key, now};
use crate::wire::provider::Provider;

pub(super) const ISSUER: &str = "https://idp.test";
pub(super) const CLIENT: &str = "sayso";
pub(super) const STATE: &str = "the-state";
pub(super) const NONCE: &str = "the-nonce";

pub(super) fn connection() -> Connection {
    Connection {
        id: "corp".to_owned(),
        name: "Example Corp".to_owned(),
        issuer: ISSUER.to_owned(),
        client_id: CLIENT.to_owned(),
        authentication: ConnectionAuthentication::SecretBasic,
        scopes: vec!["email".to_owned(), "openid".to_owned(), "profile".to_owned()],
        email_domains: Vec::new(),
        sign_up: true,
    }
}

pub(super) fn provider() -> Provider {
    Provider {
        issuer: ISSUER.to_owned(),
        authorization_endpoint: format!("{ISSUER}/authorize"),
        token_endpoint: format!("{ISSUER}/token"),
        jwks_uri: format!("{ISSUER}/keys"),
        userinfo_endpoint: None,
        algorithms: vec![Algorithm::Es256, Algorithm::Rs256],
        authorization_response_iss_parameter_supported: false,
    }
}

pub(super) fn outward() -> Outward {
    Outward {
        connection: "corp".to_owned(),
        issuer: ISSUER.to_owned(),
        redirect_uri: "https://authority.test/connections/corp/callback".to_owned(),
        state: Digest::of(STATE.as_bytes()),
        nonce: Secret::new(NONCE),
        verifier: Secret::new("the-verifier"),
        begun_at: now(),
        afresh: None,
        return_to: "/authorize?state=of-the-client".to_owned(),
    }
}

pub(super) fn identity() -> UpstreamIdentity {
    UpstreamIdentity {
        issuer: ISSUER.to_owned(),
        subject: "ada".to_owned(),
        session: None,
        authenticated_at: None,
        email: None,
        email_verified: false,
        name: None,
        given_name: None,
        family_name: None,
    }
}

pub(super) fn keys() -> JwkSet {
    JwkSet::new(vec![key().public().clone()])
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// `members` with one replaced, or left out where `value` is no `Some`.
pub(super) fn with(mut members: Map<String, Value>, name: &str, value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(value) => members.insert(name.to_owned(), value),
        None => members.remove(name),
    };
    members
}

pub(super) fn header(typ: &str) -> Map<String, Value> {
    object(json!({ "alg": "ES256", "kid": key().kid(), "typ": typ }))
}

/// Signs header and claims as they stand, whatever they say.
pub(super) fn jwt(header: &Map<String, Value>, claims: &Map<String, Value>) -> Secret {
    raw(&json!(header).to_string(), &json!(claims).to_string())
}

pub(super) fn raw(header: &str, payload: &str) -> Secret {
    let body = format!("{}.{}", base64url(header.as_bytes()), base64url(payload.as_bytes()));
    let signature = key().sign(body.as_bytes()).unwrap();
    Secret::new(format!("{body}.{}", base64url(&signature)))
}

/// The same claims with a signature that is none.
pub(super) fn unsigned(header: &Map<String, Value>, claims: &Map<String, Value>) -> Secret {
    let whole = jwt(header, claims);
    Secret::new(format!("{}.", whole.expose().rsplit_once('.').unwrap().0))
}
