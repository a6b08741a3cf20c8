//! I15: what a caller was told stays so, whichever node dies at whatever step.

use sayso_authority::decide::identify_token::Identified;
use sayso_authority::record::grant::GrantId;
use sayso_token::digest::Digest;

use super::Invariants;
use crate::callers::{Answer, Request, form, read};
use crate::testing::{Memory, ada};
use sayso_authority::decide::consent::CONSENT_FORM;

/// What a caller relies on.
#[derive(Clone, Debug)]
pub(super) enum Promise {
    /// The grant is there, and its chain has come so far.
    Linked(GrantId, i64),
    /// The grant has ended.
    Ended(GrantId),
    /// Access tokens of the grant's epochs up to this one are dead.
    Dead(GrantId, i64),
    /// The form is answered.
    FormAnswered,
    /// The code is remembered.
    Code(Digest),
    /// The session is there, unless it was ended.
    Session(Digest),
    /// The profile was edited so often.
    Edited(i64),
    /// So many events of this kind are in the audit.
    Noted(&'static str, usize),
}

impl Promise {
    fn is_kept(&self, memory: &Memory, signed_out: &[Digest]) -> bool {
        match self {
            Self::Linked(grant, generation) => memory
                .grant(grant)
                .is_some_and(|grant| grant.refresh.as_ref().is_some_and(|chain| chain.generation >= *generation)),
            Self::Ended(grant) => memory.grant(grant).is_some_and(|grant| grant.revoked_at.is_some()),
            Self::Dead(grant, epoch) => {
                memory.grant(grant).is_some_and(|grant| grant.epoch > *epoch || grant.revoked_at.is_some())
            }
            Self::FormAnswered => memory.is_spent(CONSENT_FORM, &form()),
            Self::Code(code) => memory.code(code).is_some(),
            Self::Session(session) => memory.session(session).is_some() || signed_out.contains(session),
            Self::Edited(version) => memory.user(&ada().id).is_some_and(|user| user.version >= *version),
            Self::Noted(kind, times) => noted(memory, kind) >= *times,
        }
    }
}

fn noted(memory: &Memory, kind: &str) -> usize {
    memory.audit.iter().filter(|(_, event)| event.kind == kind).count()
}

impl Invariants {
    /// Takes an answer that arrived for a promise.
    pub(crate) fn acknowledged(&mut self, request: &Request, answer: &Answer, memory: &Memory) {
        let promises = &mut self.promises;
        match (request, answer) {
            (Request::Redeem { .. } | Request::Refresh { .. }, Answer::Tokens(reply)) => {
                let token = read(reply.refresh_token.as_ref().unwrap());
                promises.push(Promise::Linked(token.grant, token.generation));
            }
            (Request::Revoke(Identified::Refresh(token)), Answer::Done) => {
                promises.push(Promise::Ended(token.grant.clone()));
            }
            (Request::Revoke(Identified::Access(token)), Answer::Done) => {
                let (grant, epoch) = token.grant.clone().unwrap();
                promises.push(Promise::Dead(grant, epoch));
            }
            (Request::Unlink(grant), Answer::Done) => promises.push(Promise::Ended(grant.clone())),
            (Request::Answer(_), Answer::Code(code)) => {
                promises.extend([Promise::FormAnswered, Promise::Code(Digest::of(code.expose().as_bytes()))]);
            }
            (Request::Again, Answer::Code(code)) => {
                promises.push(Promise::Code(Digest::of(code.expose().as_bytes())));
            }
            (Request::Answer(_), Answer::Done) => promises.push(Promise::FormAnswered),
            (Request::SignIn | Request::Arrive { .. }, Answer::Cookie(cookie)) => {
                promises.push(Promise::Session(Digest::of(cookie.expose().as_bytes())));
            }
            (Request::Edit(_), Answer::Done) => {
                promises.push(Promise::Edited(memory.user(&ada().id).unwrap().version));
            }
            (Request::Disable, Answer::Done) => {
                promises.push(Promise::Noted("user_disabled", noted(memory, "user_disabled")))
            }
            (Request::Enable, Answer::Done) => {
                promises.push(Promise::Noted("user_enabled", noted(memory, "user_enabled")))
            }
            _ => {}
        }
    }

    /// I15: an acknowledged write survives.
    pub(crate) fn i15_acknowledged_stays(&self, memory: &Memory) -> Result<(), String> {
        match self.promises.iter().find(|promise| !promise.is_kept(memory, &self.signed_out)) {
            Some(promise) => Err(format!("I15: acknowledged, and lost: {promise:?}")),
            None => Ok(()),
        }
    }
}
