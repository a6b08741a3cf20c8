//! How refresh tokens are made and recognised.
//!
//! A refresh token names its grant and generation and carries a tag under a key of this installation. So an old one
//! is recognised as having been ours without keeping a row for it, and a made-up one can never look like reuse.

use sayso_token::digest::Digest;
use sayso_token::encoding::from_base64url;
use sayso_token::entropy::Entropy;
use sayso_token::seal::Sealer;
use sayso_token::secret::Secret;

use crate::record::grant::GrantId;

const PREFIX: &str = "srt_";
const PURPOSE: &str = "refresh token";

/// A refresh token that was made here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// The grant it belongs to.
    pub grant: GrantId,
    /// Its place in the chain.
    pub generation: i64,
    /// Its digest, as stored.
    pub digest: Digest,
}

/// Makes the refresh token of this generation, with 256 bits of its own.
pub fn mint(
    authority: &str,
    grant: &GrantId,
    generation: i64,
    sealer: &Sealer,
    entropy: &mut dyn Entropy,
) -> (Secret, Digest) {
    let body = format!("{PREFIX}{}.{generation}.{}", grant.0, entropy.token());
    let tag = sealer.tag(PURPOSE, &tagged(authority, &body));
    let token = format!("{body}.{}", tag.base64url());
    let digest = Digest::of(token.as_bytes());
    (Secret::new(token), digest)
}

/// Recognises a refresh token of this authority; `None` for anything else, cut or changed ones included.
pub fn recognise(authority: &str, token: &Secret, sealer: &Sealer) -> Option<RefreshToken> {
    let text = token.expose();
    let (body, shown) = text.rsplit_once('.')?;
    let shown = Digest::from_bytes(&from_base64url(shown)?)?;
    if !sealer.knows_tag(PURPOSE, &tagged(authority, body), &shown) {
        return None;
    }
    let mut parts = body.strip_prefix(PREFIX)?.split('.');
    let (grant, generation) = (parts.next()?, parts.next()?.parse().ok()?);
    Some(RefreshToken { grant: GrantId(grant.to_owned()), generation, digest: Digest::of(text.as_bytes()) })
}

/// What the tag is made of: a token of one authority is none of another's.
fn tagged(authority: &str, body: &str) -> Vec<u8> {
    format!("{authority}\n{body}").into_bytes()
}

#[cfg(test)]
mod tests;
