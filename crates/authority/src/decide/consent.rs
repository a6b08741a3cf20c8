//! Does the person allow it?

use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;

use super::authorize::{SignedIn, Wish};
use crate::ambient::{Ambient, Decision};
use crate::record::change::Change;
use crate::record::code::{CODE_LIFETIME, Code};
use crate::record::event::Event;
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
    /// Whether the form is remembered as answered.
    pub answered_before: bool,
}

/// Decides a consent; the reply is the URL that carries the code, or the refusal, to the client.
pub fn consent(request: &Consent<'_>, ambient: &mut Ambient<'_>) -> Decision<String, AnsweredBefore> {
    if request.answered_before {
        return Decision::refuse(AnsweredBefore);
    }
    let target = &request.wish.target;
    let user = &request.signed_in.user.id;
    let event = |kind| Event::new(kind, &target.authority.id).client(&target.client.id).user(&user.0);
    let spend = Change::SpendOnce { kind: CONSENT_FORM, value: request.form, expires_at: request.form_expires_at };
    if request.choice == Choice::Deny {
        let url = target.error(ErrorCode::AccessDenied, "the person denied the request");
        return Decision::reply(url).change(spend).event(event("consent_denied"));
    }
    let value = format!("sac_{}", ambient.entropy.token());
    let code = Code {
        digest: Digest::of(value.as_bytes()),
        authority: target.authority.id.clone(),
        client: target.client.id.clone(),
        user: user.clone(),
        redirect_uri: target.redirect_uri.clone(),
        audience: request.wish.api.audience.clone(),
        scopes: request.wish.scopes.clone(),
        code_challenge: request.wish.code_challenge.clone(),
        nonce: request.wish.nonce.clone(),
        signed_in_at: request.signed_in.session.signed_in_at,
        sid: Some(request.signed_in.session.sid.clone()),
        issued_at: ambient.now,
        expires_at: ambient.now + CODE_LIFETIME,
        wrong_proofs: 0,
        spent_at: None,
        spent_proof: None,
        grant: None,
    };
    Decision::reply(target.answer("code", &value, None))
        .change(spend)
        .change(Change::AddCode(code))
        .event(event("consent_given").detail("scopes", request.wish.scopes.clone()))
}

#[cfg(test)]
mod tests;
