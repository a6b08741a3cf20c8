//! Does the person allow it, and have they allowed it before?

use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;

use super::authorize::{SignedIn, Wish};
use super::standard_claims::scope_of;
use crate::ambient::{Ambient, Decision};
use crate::record::api::{Api, ScopeConsent};
use crate::record::change::Change;
use crate::record::client::{Client, ConsentMemory};
use crate::record::code::{CODE_LIFETIME, Code};
use crate::record::event::Event;
use crate::record::grant::Grant;
use crate::wire::answer::ClientAnswer;
use crate::wire::error::ErrorCode;

/// What the person chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Allow.
    Allow,
    /// Deny.
    Deny,
}

/// The form was answered before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnsweredBefore;

/// The kind under which answered forms are remembered.
pub const CONSENT_FORM: &str = "consent form";

/// An answered consent form.
#[derive(Clone, Copy, Debug)]
pub struct Consent<'a> {
    /// What was asked, judged anew on arrival of the answer.
    pub wish: &'a Wish<'a>,
    /// Who answers.
    pub signed_in: SignedIn<'a>,
    /// What they chose.
    pub choice: Choice,
    /// The form's own value, spent by answering.
    pub form: Digest,
    /// Until when the form could be answered.
    pub form_expires_at: Timestamp,
    /// Whether the form is remembered as answered, or the pushed request that it is about.
    pub answered_before: bool,
}

/// Decides a consent; the reply carries the code, or the refusal, to the client.
pub fn consent(request: &Consent<'_>, ambient: &mut Ambient<'_>) -> Decision<ClientAnswer, AnsweredBefore> {
    if request.answered_before {
        return Decision::refuse(AnsweredBefore);
    }
    let target = &request.wish.target;
    let user = &request.signed_in.user.id;
    let event = |kind| Event::new(kind, &target.authority.id).client(&target.client.id).user(&user.0);
    let spend = Change::SpendOnce { kind: CONSENT_FORM, value: request.form, expires_at: request.form_expires_at };
    if request.choice == Choice::Deny {
        let answer = target.error(ErrorCode::AccessDenied, "the person denied the request");
        return answered(request.wish, answer).change(spend).event(event("consent_denied"));
    }
    let (answer, code) = code_for(request.wish, request.signed_in, ambient);
    answered(request.wish, answer)
        .change(spend)
        .change(Change::AddCode(code))
        .event(event("consent_given").detail("scopes", request.wish.told_scopes()))
}

/// The answer, which spends the pushed request that it is about (RFC 9126 section 7.3).
fn answered<R>(wish: &Wish<'_>, answer: ClientAnswer) -> Decision<ClientAnswer, R> {
    let decision = Decision::reply(answer);
    match wish.pushed {
        Some(request) => decision.change(Change::SpendPushedRequest { request }),
        None => decision,
    }
}

/// The person has not allowed all of it, or not for good: they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MustAsk;

/// Decides a request whose person need not be asked; the reply carries the code to the client.
pub fn consent_remembered(
    wish: &Wish<'_>,
    signed_in: SignedIn<'_>,
    ambient: &mut Ambient<'_>,
) -> Decision<ClientAnswer, MustAsk> {
    if !is_allowed(wish, signed_in, ambient.now) {
        return Decision::refuse(MustAsk);
    }
    let target = &wish.target;
    let event = Event::new("consent_remembered", &target.authority.id)
        .client(&target.client.id)
        .user(&signed_in.user.id.0)
        .detail("scopes", wish.told_scopes());
    let (answer, code) = code_for(wish, signed_in, ambient);
    answered(wish, answer).change(Change::AddCode(code)).event(event)
}

/// Whether the client gets what it wishes without a question: each scope is implicit, or was allowed to this client for
/// this API and its link lives. A consent is remembered in the grant that it began, so that unlinking takes it back.
///
/// A public client is always asked about: whoever knows its id may pose as it (RFC 8252 section 8.6).
pub fn is_allowed(wish: &Wish<'_>, signed_in: SignedIn<'_>, now: Timestamp) -> bool {
    let client = wish.target.client;
    if !client.is_confidential() || client.consent == ConsentMemory::Always {
        return false;
    }
    let links: Vec<&Grant> = signed_in.grants.iter().filter(|grant| is_of(grant, wish, signed_in, now)).collect();
    let allowed = |name: &String| links.iter().any(|link| link.scopes.contains(name));
    let told = |name: &str| links.iter().any(|link| tells(link, name));
    wish.scopes.iter().all(|name| is_implicit(wish.api, name) || allowed(name)) && wish.terms.claims.names().all(told)
}

/// Whether a claim asked for by name was allowed with this link: by name, or by the scope that stands for it.
fn tells(link: &Grant, claim: &str) -> bool {
    let of_scope = scope_of(claim).is_some_and(|scope| link.scopes.iter().any(|known| known == scope));
    of_scope || link.terms.claims.names().any(|known| known == claim)
}

fn is_implicit(api: &Api, name: &str) -> bool {
    api.scope(name).is_some_and(|scope| scope.consent == ScopeConsent::Implicit)
}

/// Whether it is a living link of this person to this client for this API.
fn is_of(grant: &Grant, wish: &Wish<'_>, signed_in: SignedIn<'_>, now: Timestamp) -> bool {
    grant.authority == wish.target.authority.id
        && grant.user == signed_in.user.id
        && grant.client == wish.target.client.id
        && grant.audience == wish.api.audience
        && grant.revoked_at.is_none()
        && !is_idle(grant, wish.target.client, now)
}

/// Whether it has rested for longer than its client's links may.
fn is_idle(grant: &Grant, client: &Client, now: Timestamp) -> bool {
    client.refresh.idle.is_some_and(|idle| grant.last_used_at + idle < now)
}

/// A fresh code, and the answer that carries it.
fn code_for(wish: &Wish<'_>, signed_in: SignedIn<'_>, ambient: &mut Ambient<'_>) -> (ClientAnswer, Code) {
    let target = &wish.target;
    let value = format!("sac_{}", ambient.entropy.token());
    let code = Code {
        digest: Digest::of(value.as_bytes()),
        authority: target.authority.id.clone(),
        client: target.client.id.clone(),
        user: signed_in.user.id.clone(),
        redirect_uri: target.redirect_uri.clone(),
        audience: wish.api.audience.clone(),
        scopes: wish.scopes.clone(),
        code_challenge: wish.code_challenge.clone(),
        nonce: wish.nonce.clone(),
        terms: wish.terms.clone(),
        signed_in_at: signed_in.session.signed_in_at,
        sid: Some(signed_in.session.sid.clone()),
        issued_at: ambient.now,
        expires_at: ambient.now + CODE_LIFETIME,
        wrong_proofs: 0,
        spent_at: None,
        spent_proof: None,
        grant: None,
    };
    (target.answer("code", &value, None), code)
}

#[cfg(test)]
mod tests;
