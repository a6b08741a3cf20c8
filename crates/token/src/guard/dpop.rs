//! Proofs of possession (RFC 9449): whoever shows a token that is bound to a key must show that it has the key.
//!
//! What a proof says is judged here; that it is shown only once is the caller's part, who keeps [`Proof::id`] until
//! [`Proof::forget_after`].

use url::Url;

use super::{AccessToken, Check, Denied, Reason, deny};
use crate::algorithm::Algorithm;
use crate::claims::{seconds, text};
use crate::digest::Digest;
use crate::jwk::Jwk;
use crate::jws::{self, Unverified};
use crate::time::{Lifetime, Timestamp};

/// The header that carries a proof (RFC 9449 section 4.1).
pub const PROOF_HEADER: &str = "dpop";
/// `typ` of a proof (RFC 9449 section 4.2).
const PROOF_TYPE: &str = "dpop+jwt";
/// How far `iat` may lie from now, back and ahead (RFC 9449 section 11.1: seconds to minutes).
const WINDOW: Lifetime = Lifetime::from_seconds(60);
/// An id of a hundred bits has 22 characters; what is much longer is no id.
const MAX_ID_BYTES: usize = 256;
/// Members of a private or shared key (RFC 7518 sections 6.2.2, 6.3.2, 6.4; RFC 8037 section 2).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Why a proof was refused; the answer is `invalid_dpop_proof`. The codes are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProof {
    /// There is no proof beside the token.
    #[error("a DPoP proof must come with the token")]
    Missing,
    /// There is more than one: one party might read the first, another the last.
    #[error("there is more than one DPoP proof")]
    Repeated,
    /// Not a signed JWT, not of type `dpop+jwt`, or a claim is missing or of the wrong type.
    #[error("the DPoP proof cannot be read")]
    Malformed,
    /// `alg` is none of those that are accepted; only asymmetric ones can be.
    #[error("the DPoP proof is signed with an algorithm that is not accepted here")]
    Algorithm,
    /// `jwk` holds no usable public key.
    #[error("the DPoP proof holds no usable public key")]
    Key,
    /// `jwk` holds a private key, which whoever sent it must no longer use.
    #[error("the DPoP proof holds a private key")]
    PrivateKey,
    /// The signature is not that key's.
    #[error("the signature of the DPoP proof is wrong")]
    Signature,
    /// `htm` is another method.
    #[error("the DPoP proof is for another method")]
    Method,
    /// `htu` is another address.
    #[error("the DPoP proof is for another address")]
    Address,
    /// `iat` lies too far back or ahead.
    #[error("the DPoP proof is too old, or its clock is ahead")]
    Time,
    /// `ath` is the digest of another token.
    #[error("the DPoP proof is for another token")]
    Token,
    /// The same proof was shown before.
    #[error("the DPoP proof was used before")]
    Replayed,
}

impl BadProof {
    /// The stable reason code.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Missing => "dpop_missing",
            Self::Repeated => "dpop_repeated",
            Self::Malformed => "dpop_malformed",
            Self::Algorithm => "dpop_algorithm",
            Self::Key => "dpop_key",
            Self::PrivateKey => "dpop_private_key",
            Self::Signature => "dpop_signature",
            Self::Method => "dpop_method",
            Self::Address => "dpop_address",
            Self::Time => "dpop_time",
            Self::Token => "dpop_token",
            Self::Replayed => "dpop_replayed",
        }
    }
}

/// The address of a request as a proof names it: without query and fragment, in one spelling (RFC 3986 sections 6.2.2 and
/// 6.2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofAddress(String);

impl ProofAddress {
    /// The one spelling of an `http` or `https` address; `None` for what is none, or names a user.
    pub fn parse(text: &str) -> Option<Self> {
        // What a lenient parser would repair is not the same address to everyone.
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') || !text.contains("://") {
            return None;
        }
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        // The parser has put scheme, host, port and dot segments into one spelling.
        let (origin, path) = (url.origin().ascii_serialization(), url.path());
        Some(Self(origin + &normalised(path)?))
    }

    /// The one spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Percent-encoding in one spelling: none for unreserved characters, capital digits for all others.
fn normalised(path: &str) -> Option<String> {
    let mut whole = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        whole.push_str(before);
        let (digits, tail) = after.split_at_checked(2)?;
        let byte = u8::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?;
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            whole.push(char::from(byte));
        } else {
            whole.push('%');
            whole.push_str(&digits.to_ascii_uppercase());
        }
        rest = tail;
    }
    whole.push_str(rest);
    Some(whole)
}

/// A request that a proof must be for.
#[derive(Clone, Copy, Debug)]
pub struct Proven<'a> {
    /// The HTTP method, as it was sent.
    pub method: &'a str,
    /// The address, as the caller knows it.
    pub address: &'a ProofAddress,
    /// The access token that came with the proof.
    pub token: &'a str,
}

/// A proof that holds, unless it was shown before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The thumbprint of the key that was shown (RFC 7638).
    pub thumbprint: Digest,
    /// What tells this proof from all others: of key and `jti`.
    pub id: Digest,
    /// Until then the same proof could pass, and its id must be remembered; after it the time alone refuses it.
    pub forget_after: Timestamp,
}

/// The one proof among all values of the `DPoP` header.
///
/// # Errors
/// There is none, more than one, or one that is no text.
pub fn only_proof<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<&'a str, BadProof> {
    let mut values = values.into_iter();
    let value = values.next().ok_or(BadProof::Missing)?;
    if values.next().is_some() {
        return Err(BadProof::Repeated);
    }
    std::str::from_utf8(value).map_err(|_| BadProof::Malformed)
}

/// Checks a proof as RFC 9449 section 4.3 says, signed with one of `algorithms`.
///
/// # Errors
/// The first of those checks that fails.
pub fn check_proof(
    proof: &str,
    request: &Proven<'_>,
    algorithms: &[Algorithm],
    now: Timestamp,
) -> Result<Proof, BadProof> {
    let parts = jws::parse(proof).ok_or(BadProof::Malformed)?;
    if text(&parts.header, "typ") != Ok(Some(PROOF_TYPE)) {
        return Err(BadProof::Malformed);
    }
    let key = signing_key(&parts, algorithms)?;
    let claim = |name| text(&parts.payload, name).ok().flatten().ok_or(BadProof::Malformed);
    let id = Some(claim("jti")?).filter(|id| (1..=MAX_ID_BYTES).contains(&id.len())).ok_or(BadProof::Malformed)?;
    let issued_at = seconds(&parts.payload, "iat").ok().flatten().ok_or(BadProof::Malformed)?;
    if claim("htm")? != request.method {
        return Err(BadProof::Method);
    }
    if ProofAddress::parse(claim("htu")?).as_ref() != Some(request.address) {
        return Err(BadProof::Address);
    }
    if now.seconds().abs_diff(issued_at.seconds()) > u64::from(WINDOW.seconds()) {
        return Err(BadProof::Time);
    }
    if claim("ath")? != Digest::of(request.token.as_bytes()).base64url() {
        return Err(BadProof::Token);
    }
    let thumbprint = key.thumbprint();
    let id = Digest::of(&[thumbprint.as_bytes(), id.as_bytes()].concat());
    // Times are compared in whole seconds: the last one counts to its end.
    let forget_after = issued_at + WINDOW + Lifetime::from_seconds(1);
    Ok(Proof { thumbprint, id, forget_after })
}

/// The key of the header, once it has signed the proof.
fn signing_key(parts: &Unverified<'_>, algorithms: &[Algorithm]) -> Result<Jwk, BadProof> {
    let algorithm = text(&parts.header, "alg").ok().flatten().and_then(Algorithm::named);
    let algorithm = algorithm.filter(|algorithm| algorithms.contains(algorithm)).ok_or(BadProof::Algorithm)?;
    let members = parts.header.get("jwk").and_then(serde_json::Value::as_object).ok_or(BadProof::Key)?;
    if PRIVATE_MEMBERS.iter().any(|name| members.contains_key(*name)) {
        return Err(BadProof::PrivateKey);
    }
    let key = Jwk::from_members(members).ok_or(BadProof::Key)?;
    if key.verifies_as(algorithm, parts.signed.as_bytes(), &parts.signature) {
        Ok(key)
    } else {
        Err(BadProof::Signature)
    }
}

/// Whether a token may be used by whoever has proven to hold the key of that thumbprint, or, with `None`, by its bearer.
///
/// # Errors
/// A bound token is shown by its bearer alone, or with another key, or is bound in a way that a proof does not show (RFC 8705);
/// an unbound one is shown with a proof, which then proves nothing (RFC 9449 section 7.1).
pub fn check_binding(token: &AccessToken, proven: Option<&Digest>) -> Result<(), Denied> {
    let is_called_bound =
        text(&token.claims, "token_type").is_ok_and(|kind| kind.is_some_and(|kind| kind.eq_ignore_ascii_case("dpop")));
    let is_met = match (token.claims.get("cnf"), proven) {
        (None, None) => !is_called_bound,
        (Some(confirmation), Some(thumbprint)) => confirmation.as_object().is_some_and(|confirmation| {
            confirmation.len() == 1 && text(confirmation, "jkt") == Ok(Some(thumbprint.base64url().as_str()))
        }),
        (None, Some(_)) | (Some(_), None) => false,
    };
    if is_met { Ok(()) } else { Err(deny(Check::MeantForThisApi, Reason::Binding)) }
}
