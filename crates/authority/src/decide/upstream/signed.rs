//! A token that a provider is said to have signed. Its keys may have to be fetched in between, so it is taken apart first
//! and verified then.

use sayso_token::algorithm::Algorithm;
use sayso_token::claims::{seconds, text, texts};
use sayso_token::jwk::{Jwk, JwkSet};
use sayso_token::jws::{self, Unverified};
use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;
use serde_json::{Map, Value};

use super::{LEEWAY, Refused};
use crate::record::connection::Connection;
use crate::wire::provider::Provider;

const MAX_ID_BYTES: usize = 256;
/// The longest subject (OpenID Connect Core section 2).
const MAX_SUBJECT_BYTES: usize = 255;
/// Header parameters by which a token would bring its own key. The thumbprints `x5t` and `x5t#S256` bring none: some providers
/// send them beside `kid`, and they are read past.
const KEY_PARAMETERS: [&str; 4] = ["jku", "jwk", "x5c", "x5u"];

/// A token taken apart. Nothing is verified yet.
#[derive(Debug)]
pub(super) struct Parts<'t> {
    unverified: Unverified<'t>,
    kid: Option<String>,
    algorithm: Algorithm,
}

impl<'t> Parts<'t> {
    /// Takes a token apart. `types` are those that `typ` may have, in lower case; it may be absent.
    pub(super) fn of(token: &'t Secret, provider: &Provider, types: &[&str]) -> Result<Self, Refused> {
        let unverified = jws::parse(token.expose()).ok_or(Refused::TokenMalformed)?;
        let header = &unverified.header;
        // A token of another kind that the provider has signed is not this one (RFC 8725 section 3.11).
        let typ = text(header, "typ").map_err(|_| Refused::TokenType)?.map(str::to_ascii_lowercase);
        if typ.is_some_and(|typ| !types.contains(&typ.as_str())) {
            return Err(Refused::TokenType);
        }
        let named = header.get("alg").and_then(Value::as_str).and_then(Algorithm::named);
        let algorithm = named.filter(|algorithm| provider.algorithms.contains(algorithm));
        let algorithm = algorithm.ok_or(Refused::TokenAlgorithm)?;
        if KEY_PARAMETERS.iter().any(|name| header.contains_key(*name)) {
            return Err(Refused::TokenSignature);
        }
        let kid = text(header, "kid").map_err(|_| Refused::TokenMalformed)?.map(str::to_owned);
        if kid.as_ref().is_some_and(|kid| kid.len() > MAX_ID_BYTES) {
            return Err(Refused::TokenMalformed);
        }
        Ok(Self { unverified, kid, algorithm })
    }

    pub(super) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The claims, once one of these keys is found to have signed them. A key without an id suits any.
    pub(super) fn verified(&self, keys: &JwkSet) -> Result<Claims<'_>, Refused> {
        let Self { unverified, kid, algorithm } = self;
        let verifies = |key: &Jwk| {
            kid.as_deref().is_none_or(|kid| key.kid().is_none_or(|known| known == kid))
                && key.verifies_as(*algorithm, unverified.signed.as_bytes(), &unverified.signature)
        };
        if keys.suiting(*algorithm).any(verifies) {
            Ok(Claims(&unverified.payload))
        } else {
            Err(Refused::TokenSignature)
        }
    }
}

/// The claims of a token whose signature holds.
#[derive(Clone, Copy)]
pub(super) struct Claims<'p>(pub(super) &'p Map<String, Value>);

impl<'p> Claims<'p> {
    pub(super) fn text(self, name: &str) -> Result<Option<&'p str>, Refused> {
        text(self.0, name).map_err(|_| Refused::TokenMalformed)
    }

    pub(super) fn time(self, name: &str) -> Result<Option<Timestamp>, Refused> {
        seconds(self.0, name).map_err(|_| Refused::TokenMalformed)
    }

    /// An id that others compare byte by byte: `jti`, `sid`.
    pub(super) fn id(self, name: &str) -> Result<Option<&'p str>, Refused> {
        let id = self.text(name)?;
        let bad = |id: &str| id.is_empty() || id.len() > MAX_ID_BYTES || id.chars().any(char::is_control);
        if id.is_some_and(bad) { Err(Refused::TokenMalformed) } else { Ok(id) }
    }

    /// Whom it is of. What names nobody is not taken for somebody (OID-010).
    pub(super) fn subject(self) -> Result<Option<&'p str>, Refused> {
        let subject = text(self.0, "sub").map_err(|_| Refused::Subject)?;
        let bad =
            |sub: &str| sub.trim().is_empty() || sub.len() > MAX_SUBJECT_BYTES || sub.chars().any(char::is_control);
        if subject.is_some_and(bad) { Err(Refused::Subject) } else { Ok(subject) }
    }

    /// Issuer and audience are the connection's (OpenID Connect Core section 3.1.3.7). The audiences are handed back.
    pub(super) fn meant_for(self, connection: &Connection) -> Result<Vec<String>, Refused> {
        let issuer = text(self.0, "iss").map_err(|_| Refused::TokenIssuer)?;
        if issuer != Some(connection.issuer.as_str()) {
            return Err(Refused::TokenIssuer);
        }
        let audiences = texts(self.0, "aud").map_err(|_| Refused::TokenAudience)?;
        if audiences.contains(&connection.client_id) { Ok(audiences) } else { Err(Refused::TokenAudience) }
    }

    /// When it was issued. It must not be over, and have begun.
    pub(super) fn in_force(self, now: Timestamp) -> Result<Timestamp, Refused> {
        let issued_at = self.time("iat")?.ok_or(Refused::TokenMalformed)?;
        let not_yet = [Some(issued_at), self.time("nbf")?].into_iter().flatten().any(|start| start > now + LEEWAY);
        let over = self.time("exp")?.is_some_and(|end| now >= end + LEEWAY);
        if not_yet || over { Err(Refused::TokenTime) } else { Ok(issued_at) }
    }
}
