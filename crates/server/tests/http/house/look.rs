//! Looking into tokens.

use sayso_token::encoding::from_base64url;
use sayso_token::jwk::JwkSet;
use serde_json::Value;

use super::{House, Side};

/// The header of a JWT, unverified.
pub(crate) fn header_of(token: &str) -> Value {
    part(token, 0)
}

/// The claims of a JWT, unverified.
pub(crate) fn claims_of(token: &str) -> Value {
    part(token, 1)
}

fn part(token: &str, at: usize) -> Value {
    let part = token.split('.').nth(at).unwrap();
    serde_json::from_slice(&from_base64url(part).unwrap()).unwrap()
}

/// The published keys of an authority.
pub(crate) async fn keys(house: &House, side: Side) -> JwkSet {
    JwkSet::parse(house.get(side.keys()).await.body.as_bytes()).unwrap()
}
