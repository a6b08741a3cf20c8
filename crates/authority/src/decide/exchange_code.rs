//! A code for tokens? (RFC 6749 section 4.1.3, RFC 7636 section 4.6)

use sayso_token::digest::Digest;
use sayso_token::seal::Sealer;
use sayso_token::secret::Secret;
use sayso_token::time::Lifetime;
use serde_json::json;

use super::access_token::{self, AccessTokenFor, Holder, access_token, id_token};
use super::policy::{Permit, Question};
use super::refresh_token;
use crate::ambient::{Ambient, Decision};
use crate::record::authority::Authority;
use crate::record::change::Change;
use crate::record::client::{Client, GrantType};
use crate::record::code::{Code, MAX_WRONG_PROOFS};
use crate::record::event::Event;
use crate::record::grant::{Grant, GrantId, RefreshChain};
use crate::record::user::User;
use crate::wire::error::{ErrorCode, Refusal};
use crate::wire::token::{TokenReply, Unsigned, Wanted};

/// Within this span the same request once more is taken for a network's echo, not for theft.
const ECHO: Lifetime = Lifetime::from_seconds(5);

/// Why no tokens are given. Nearly all sound alike on the wire: `invalid_grant`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Its minute is over.
    Expired,
    /// Issued to another client.
    ForeignClient,
    /// The client may not use this grant.
    GrantNotAllowed,
    /// No access policy allows it any more, or the client may no longer have these scopes.
    NoMatchingPolicy,
    /// Another API than the code is for.
    OtherApi,
    /// `redirect_uri` is not the one the code was sent to.
    RedirectUriDiffers,
    /// The code was spent before.
    Reused,
    /// Too many wrong verifiers came for it.
    TooManyWrongProofs,
    /// No such code.
    Unknown,
    /// The user is gone or disabled.
    UserDisabled,
    /// `code_verifier` is missing.
    VerifierMissing,
    /// `code_verifier` was sent, but the code has no challenge.
    VerifierUnasked,
    /// `code_verifier` does not fit the challenge.
    VerifierWrong,
}

impl Refusal for Refused {
    fn error(&self) -> ErrorCode {
        match self {
            Self::GrantNotAllowed => ErrorCode::UnauthorizedClient,
            Self::OtherApi => ErrorCode::InvalidTarget,
            _ => ErrorCode::InvalidGrant,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Expired => "code_expired",
            Self::ForeignClient => "code_of_another_client",
            Self::GrantNotAllowed => "grant_not_allowed",
            Self::NoMatchingPolicy => "no_matching_policy",
            Self::OtherApi => "code_for_another_api",
            Self::RedirectUriDiffers => "redirect_uri_differs",
            Self::Reused => "code_reuse",
            Self::TooManyWrongProofs => "too_many_wrong_verifiers",
            Self::Unknown => "code_unknown",
            Self::UserDisabled => "user_disabled",
            Self::VerifierMissing => "verifier_missing",
            Self::VerifierUnasked => "verifier_without_challenge",
            Self::VerifierWrong => "verifier_wrong",
        }
    }

    fn description(&self) -> &'static str {
        match self {
            Self::GrantNotAllowed => "this client is not registered for the grant authorization_code",
            Self::OtherApi => "the code was issued for another API than the one named here",
            Self::VerifierMissing => "the authorization request had a code_challenge; send its code_verifier",
            Self::VerifierUnasked => "the authorization request had no code_challenge; send no code_verifier",
            Self::RedirectUriDiffers => "send the same redirect_uri as in the authorization request",
            _ => "the code is not valid: unknown, expired, spent, or issued to another client",
        }
    }
}

/// A code exchange with everything remembered about it.
#[derive(Debug)]
pub struct ExchangeCode<'a> {
    /// The authority asked.
    pub authority: &'a Authority,
    /// The client, authenticated.
    pub client: &'a Client,
    /// The code of that digest, if one is remembered.
    pub code: Option<Code>,
    /// The user who allowed it, if still there.
    pub user: Option<User>,
    /// `redirect_uri` of this request.
    pub redirect_uri: Option<String>,
    /// `code_verifier` of this request.
    pub code_verifier: Option<Secret>,
    /// API and scopes of this request, if named.
    pub wanted: Wanted,
}

impl ExchangeCode<'_> {
    /// The digest of what this request proves: client, redirect URI and verifier.
    fn proof(&self) -> Digest {
        let verifier = self.code_verifier.as_ref().map_or("", Secret::expose);
        let redirect = self.redirect_uri.as_deref().unwrap_or_default();
        Digest::of(format!("{}\n{redirect}\n{verifier}", self.client.id).as_bytes())
    }

    fn event(&self, kind: &'static str, code: &Code) -> Event {
        Event::new(kind, &self.authority.id).client(&self.client.id).user(&code.user.0)
    }
}

/// Decides a code exchange. A grant begins only here, in the transaction that spends the code.
pub fn exchange_code(
    request: &ExchangeCode<'_>,
    sealer: &Sealer,
    ambient: &mut Ambient<'_>,
) -> Decision<TokenReply, Refused> {
    if !request.client.grants.contains(&GrantType::AuthorizationCode) {
        return Decision::refuse(Refused::GrantNotAllowed);
    }
    let Some(code) = request.code.as_ref().filter(|code| code.authority == request.authority.id) else {
        return Decision::refuse(Refused::Unknown);
    };
    if code.client != request.client.id {
        let event = request.event("code_of_another_client", code).detail("issued_to", code.client.as_str());
        return Decision::refuse(Refused::ForeignClient).event(event);
    }
    if let Some(spent_at) = code.spent_at {
        return reused(request, code, ambient.now.millis_since(spent_at), ambient);
    }
    if let Some(refusal) = check_proof(request, code, ambient) {
        return refusal;
    }
    match still_allowed(request, code) {
        Ok((user, permit)) => begin_grant(request, (code, user, permit), sealer, ambient),
        Err(refused) => spoilt(request, code, refused, ambient),
    }
}

/// A spent code again. The echo of a proven request changes nothing; anything else ends the grant it began.
fn reused(
    request: &ExchangeCode<'_>,
    code: &Code,
    millis_since: i64,
    ambient: &Ambient<'_>,
) -> Decision<TokenReply, Refused> {
    let same_proof = code.code_challenge.is_some() && code.spent_proof.is_some_and(|p| p.matches(&request.proof()));
    let refusal = Decision::refuse(Refused::Reused);
    if same_proof && millis_since <= ECHO.millis() {
        return refusal;
    }
    let mut event = request.event("code_reuse", code).detail("millis_since_first_use", millis_since);
    match &code.grant {
        Some(grant) => {
            event = event.grant(&grant.0);
            refusal.change(Change::RevokeGrant { grant: grant.clone(), at: ambient.now }).event(event)
        }
        None => refusal.event(event),
    }
}

/// Whether the request proves to be the one the code was issued for; a refusal if not.
fn check_proof(
    request: &ExchangeCode<'_>,
    code: &Code,
    ambient: &Ambient<'_>,
) -> Option<Decision<TokenReply, Refused>> {
    if ambient.now >= code.expires_at {
        return Some(Decision::refuse(Refused::Expired));
    }
    if code.wrong_proofs >= MAX_WRONG_PROOFS {
        return Some(Decision::refuse(Refused::TooManyWrongProofs));
    }
    if request.redirect_uri.as_deref() != Some(code.redirect_uri.as_str()) {
        return Some(spoilt(request, code, Refused::RedirectUriDiffers, ambient));
    }
    let wrong = match (&code.code_challenge, &request.code_verifier) {
        (None, None) => return None,
        (None, Some(_)) => return Some(Decision::refuse(Refused::VerifierUnasked)),
        (Some(challenge), Some(verifier)) if verifies(challenge, verifier) => return None,
        (Some(_), Some(_)) => Refused::VerifierWrong,
        (Some(_), None) => Refused::VerifierMissing,
    };
    let counted = Change::CountWrongProof { code: code.digest, from: code.wrong_proofs };
    let mut refusal = Decision::refuse(wrong).change(counted);
    if code.wrong_proofs + 1 == MAX_WRONG_PROOFS {
        refusal = refusal.event(request.event("code_guessing", code));
    }
    Some(refusal)
}

/// A refusal that spends the code for good.
fn spoilt(
    request: &ExchangeCode<'_>,
    code: &Code,
    refused: Refused,
    ambient: &Ambient<'_>,
) -> Decision<TokenReply, Refused> {
    let event = request.event("code_refused", code).detail("reason", refused.reason());
    Decision::refuse(refused).change(spend(request, code, None, ambient)).event(event)
}

/// S256 of RFC 7636 section 4.6; the verifier has the form of section 4.1.
fn verifies(challenge: &str, verifier: &Secret) -> bool {
    let text = verifier.expose();
    let well_formed = (43..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'));
    well_formed && Secret::new(Digest::of(text.as_bytes()).base64url()).matches(&Secret::new(challenge))
}

fn spend(request: &ExchangeCode<'_>, code: &Code, grant: Option<GrantId>, ambient: &Ambient<'_>) -> Change {
    Change::SpendCode { code: code.digest, at: ambient.now, proof: request.proof(), grant }
}

/// Whether what was allowed a minute ago still is.
fn still_allowed<'a>(request: &'a ExchangeCode<'_>, code: &'a Code) -> Result<(&'a User, Permit<'a>), Refused> {
    let user = request.user.as_ref().filter(|user| user.id == code.user && user.disabled_at.is_none());
    let user = user.ok_or(Refused::UserDisabled)?;
    if request.wanted.audience.as_ref().is_some_and(|wanted| *wanted != code.audience) {
        return Err(Refused::OtherApi);
    }
    let api = request.authority.api(&code.audience).ok_or(Refused::NoMatchingPolicy)?;
    let ExchangeCode { authority, client, .. } = request;
    let grant = GrantType::AuthorizationCode;
    let question = Question { authority, client, grant, user: Some(user), api, scopes: &code.scopes };
    let permit = access_token::still_allowed(&question).ok_or(Refused::NoMatchingPolicy)?;
    Ok((user, permit))
}

fn begin_grant(
    request: &ExchangeCode<'_>,
    (code, user, permit): (&Code, &User, Permit<'_>),
    sealer: &Sealer,
    ambient: &mut Ambient<'_>,
) -> Decision<TokenReply, Refused> {
    let ExchangeCode { authority, client, .. } = request;
    let id = GrantId(sayso_token::encoding::base64url(&ambient.entropy.bytes::<16>()));
    let refresh = client
        .grants
        .contains(&GrantType::RefreshToken)
        .then(|| refresh_token::mint(&authority.id, &id, 0, sealer, ambient.entropy));
    let grant = Grant {
        id: id.clone(),
        authority: authority.id.clone(),
        client: client.id.clone(),
        user: user.id.clone(),
        audience: code.audience.clone(),
        scopes: code.scopes.clone(),
        terms: code.terms.clone(),
        signed_in_at: code.signed_in_at,
        created_at: ambient.now,
        last_used_at: ambient.now,
        epoch: 0,
        revoked_at: None,
        refresh: refresh.as_ref().map(|(_, live)| RefreshChain { generation: 0, live: *live, steps: Vec::new() }),
    };
    let holder = Holder::Person(user, &grant);
    let (api, lifetime) = (permit.api, permit.access_token());
    let about = AccessTokenFor { authority, api, client, holder, scopes: &grant.scopes, lifetime };
    let openid = grant.scopes.iter().any(|scope| scope == "openid");
    let reply = TokenReply {
        access_token: access_token(about, ambient),
        expires_in: lifetime,
        refresh_token: refresh.map(|(token, _)| token),
        id_token: openid
            .then(|| in_session(code, id_token(authority, &grant, user, code.nonce.as_deref(), ambient.now))),
        scopes: grant.scopes.clone(),
    };
    let linked = request.event("account_linked", code).grant(&id.0).detail("audience", code.audience.as_str());
    let linked = linked.detail("policy", permit.policy.name.as_str()).detail("rule", permit.rule.name.as_str());
    Decision::reply(reply).change(spend(request, code, Some(id), ambient)).change(Change::AddGrant(grant)).event(linked)
}

/// The ID token names the session in which the person signed in (OpenID Connect Back-Channel Logout section 2.1).
fn in_session(code: &Code, mut token: Unsigned) -> Unsigned {
    token.claims.extend(code.sid.as_ref().map(|sid| ("sid".to_owned(), json!(sid))));
    token
}

#[cfg(test)]
mod tests;
