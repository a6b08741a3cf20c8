//! Who signed in at the provider, for this flow? (OpenID Connect Core section 3.1.3.7)
//!
//! Two questions, for the keys may have to be fetched in between: [`claimed`] says which key is wanted, [`judge`] is handed
//! them.

use sayso_token::algorithm::Algorithm;
use sayso_token::claims::seconds;
use sayso_token::digest::{Digest, sha512};
use sayso_token::encoding::base64url;
use sayso_token::jwk::JwkSet;
use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;

use super::outward::{Afresh, Outward};
use super::signed::{Claims, Parts};
use super::{LEEWAY, Refused, profile};
use crate::record::connection::Connection;
use crate::record::identity::UpstreamIdentity;
use crate::wire::provider::{Provider, TokenReply};

/// An ID token taken apart, and the access token that came with it. Nothing is verified yet.
#[derive(Debug)]
pub struct Claimed<'t> {
    parts: Parts<'t>,
    access_token: Option<&'t Secret>,
}

impl Claimed<'_> {
    /// The key id in its header.
    pub fn kid(&self) -> Option<&str> {
        self.parts.kid()
    }
}

/// Takes the ID token of a reply apart.
///
/// # Errors
/// It cannot be read, is of another kind, or names an algorithm that is not the provider's.
pub fn claimed<'t>(reply: &'t TokenReply, provider: &Provider) -> Result<Claimed<'t>, Refused> {
    let parts = Parts::of(&reply.id_token, provider, &["jwt"])?;
    Ok(Claimed { parts, access_token: reply.access_token.as_ref() })
}

/// Judges it with the provider's keys.
///
/// # Errors
/// [`Refused`].
pub fn judge(
    claimed: &Claimed<'_>,
    connection: &Connection,
    outward: &Outward,
    keys: &JwkSet,
    now: Timestamp,
) -> Result<UpstreamIdentity, Refused> {
    if outward.connection != connection.id || outward.issuer != connection.issuer {
        return Err(Refused::AnotherConnection);
    }
    let claims = claimed.parts.verified(keys)?;
    is_ours(claims, connection)?;
    claims.time("exp")?.ok_or(Refused::TokenMalformed)?;
    let issued_at = claims.in_force(now)?;
    if issued_at + LEEWAY < outward.begun_at {
        return Err(Refused::TokenTime);
    }
    let nonce = claims.text("nonce")?.ok_or(Refused::Nonce)?;
    if !Secret::new(nonce).matches(&outward.nonce) {
        return Err(Refused::Nonce);
    }
    let subject = claims.subject()?.ok_or(Refused::Subject)?;
    let authenticated_at = authenticated_at(claims, outward, now)?;
    if let Some(hash) = claims.text("at_hash")? {
        let fits = |token: &Secret| hash_fits(hash, token, claimed.parts.algorithm());
        if !claimed.access_token.is_some_and(fits) {
            return Err(Refused::AccessTokenHash);
        }
    }
    let (email, email_verified) = profile::email(claims.0).unzip();
    Ok(UpstreamIdentity {
        issuer: connection.issuer.clone(),
        subject: subject.to_owned(),
        session: claims.id("sid").ok().flatten().map(str::to_owned),
        authenticated_at,
        email,
        email_verified: email_verified.unwrap_or(false),
        name: profile::shown(claims.0, "name"),
        given_name: profile::shown(claims.0, "given_name"),
        family_name: profile::shown(claims.0, "family_name"),
    })
}

/// Issued by the connection's provider, to this client. Among several audiences it must have been issued to this one.
fn is_ours(claims: Claims<'_>, connection: &Connection) -> Result<(), Refused> {
    let audiences = claims.meant_for(connection)?;
    match claims.text("azp").map_err(|_| Refused::TokenAudience)? {
        Some(party) if party != connection.client_id => Err(Refused::TokenAudience),
        None if audiences.len() > 1 => Err(Refused::TokenAudience),
        _ => Ok(()),
    }
}

/// When the person signed in there; it must be told, and fresh enough, where that was asked for.
fn authenticated_at(claims: Claims<'_>, outward: &Outward, now: Timestamp) -> Result<Option<Timestamp>, Refused> {
    let at = seconds(claims.0, "auth_time").map_err(|_| Refused::TokenMalformed)?;
    if at.is_some_and(|at| at > now + LEEWAY) {
        return Err(Refused::TokenTime);
    }
    let earliest = match outward.afresh {
        None => return Ok(at),
        Some(Afresh::Login) => outward.begun_at,
        Some(Afresh::MaxAge(age)) => outward.begun_at - age,
    };
    if at.is_some_and(|at| at + LEEWAY >= earliest) { Ok(at) } else { Err(Refused::NotFresh) }
}

/// Section 3.1.3.6: the left half of the digest that belongs to the signature algorithm. For Ed25519 that is SHA-512, though
/// some take SHA-256 there as well.
fn hash_fits(hash: &str, token: &Secret, algorithm: Algorithm) -> bool {
    let token = token.expose().as_bytes();
    let half = |digest: &[u8]| base64url(digest.get(..digest.len() / 2).unwrap_or_default());
    half(Digest::of(token).as_bytes()) == hash || algorithm == Algorithm::EdDsa && half(&sha512(token)) == hash
}

#[cfg(test)]
mod tests;
