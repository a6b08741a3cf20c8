//! What is made of a verdict when more than one has a say.

use sayso_token::digest::Digest;
use sayso_token::guard::dpop::check_binding;
use sayso_token::guard::{AccessToken, Check, Reason, Verdict};

/// A token that is bound to a key is good with a proof of that key only, and one that is not is good without.
pub(super) fn bound_to(proven: Option<&Digest>, verdict: Verdict) -> Verdict {
    match verdict.result.as_ref().map(|token| check_binding(token, proven)) {
        Ok(Err(denied)) => Verdict::refused(denied.check, denied.reason),
        Ok(Ok(())) | Err(_) => verdict,
    }
}

/// What the authority says of a token that was verified already. It must speak of the same one; that it leaves out the key which
/// that one is bound to does not unbind it.
pub(super) fn agreeing(mut said: Verdict, known: &AccessToken) -> Verdict {
    match &mut said.result {
        Ok(token) if !is_same(token, known) => unasked(),
        Ok(token) => {
            if let Some(key) = known.claims.get("cnf") {
                token.claims.entry("cnf").or_insert_with(|| key.clone());
            }
            said
        }
        Err(_) => said,
    }
}

/// The authority was to be asked and was not, or spoke of another token.
pub(super) fn unasked() -> Verdict {
    Verdict::refused(Check::TrustedSignature, Reason::IntrospectionFailed)
}

/// Whether the authority speaks of the token that was verified.
fn is_same(said: &AccessToken, known: &AccessToken) -> bool {
    said.issuer == known.issuer && said.subject == known.subject && said.client == known.client
}
