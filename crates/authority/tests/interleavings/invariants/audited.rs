//! I20: every change that begins, ends or alters what a link may do is in the audit exactly once, and the audit alone
//! tells what became of each grant (decision 0014).

use sayso_authority::record::event::Event;

use super::{Invariants, Written};
use crate::testing::Memory;

/// The kinds of events that say a grant has ended.
const ENDINGS: [&str; 5] =
    ["code_reuse", "grant_revoked_by_admin", "grant_revoked_by_client", "refresh_reuse", "unlinked_by_person"];

/// What is told when a one-time value is spent.
const ONCE: [&str; 5] = ["consent_given", "consent_denied", "identity_connected", "sign_in_failed", "signed_in"];

/// What a decision did that must be in the audit: kinds that tell it, and the grant that they name.
struct Effect {
    kinds: &'static [&'static str],
    grant: Option<String>,
}

fn effect(kinds: &'static [&'static str]) -> Effect {
    Effect { kinds, grant: None }
}

impl Invariants {
    /// I20, of one decision: what it did is told by one event of its own transaction; a plain refresh has none.
    pub(super) fn i20_audited_once(&self, written: &Written<'_>, after: &Memory) -> Result<(), String> {
        let events = &written.verdict.audit;
        let effects = effects(written.before, after);
        let tells = |event: &Event, effect: &Effect| {
            effect.kinds.contains(&event.kind) && (effect.grant.is_none() || effect.grant == event.grant)
        };
        let told = match &events[..] {
            [] => effects.is_empty(),
            [event] => effects.iter().all(|effect| tells(event, effect)),
            _ => false,
        };
        if told {
            return Ok(());
        }
        let expected: Vec<_> = effects.iter().map(|effect| effect.kinds).collect();
        let found: Vec<_> = events.iter().map(|event| event.kind).collect();
        Err(format!("I20: what was done asks for one event of {expected:?}, and these were written: {found:?}"))
    }
}

fn effects(before: &Memory, after: &Memory) -> Vec<Effect> {
    let mut effects = Vec::new();
    for (old, new) in before.grants.iter().zip(&after.grants) {
        if old.revoked_at != new.revoked_at {
            effects.push(Effect { kinds: &ENDINGS, grant: Some(new.id.0.clone()) });
        }
        if old.epoch != new.epoch {
            effects.push(Effect { kinds: &["access_tokens_revoked"], grant: Some(new.id.0.clone()) });
        }
    }
    for new in after.grants.iter().skip(before.grants.len()) {
        effects.push(Effect { kinds: &["account_linked"], grant: Some(new.id.0.clone()) });
    }
    for (old, new) in before.codes.iter().zip(&after.codes) {
        if old.spent_at != new.spent_at {
            effects.push(effect(&["account_linked", "code_refused"]));
        }
    }
    if after.codes.len() > before.codes.len() {
        effects.push(effect(&["consent_given", "consent_remembered"]));
    }
    if after.spent_once.len() > before.spent_once.len() {
        effects.push(effect(&ONCE));
    }
    match after.sessions.len().cmp(&before.sessions.len()) {
        std::cmp::Ordering::Greater => effects.push(effect(&["signed_in"])),
        std::cmp::Ordering::Less => effects.push(effect(&["signed_out"])),
        std::cmp::Ordering::Equal => {}
    }
    match after.identities.len().cmp(&before.identities.len()) {
        std::cmp::Ordering::Greater => effects.push(effect(&["identity_connected"])),
        std::cmp::Ordering::Less => effects.push(effect(&["identity_disconnected"])),
        std::cmp::Ordering::Equal => {}
    }
    for (old, new) in before.users.iter().zip(&after.users) {
        match (old.disabled_at.is_some(), new.disabled_at.is_some()) {
            (false, true) => effects.push(effect(&["user_disabled"])),
            (true, false) => effects.push(effect(&["user_enabled"])),
            _ => {}
        }
        if old.version != new.version {
            effects.push(effect(&["profile_edited", "identity_disconnected"]));
        }
    }
    effects
}

/// I20, of the whole: the audit replayed says of each grant whether it lives, and which epoch it is in; of the person
/// whether they are disabled.
pub(super) fn i20_replays(memory: &Memory) -> Result<(), String> {
    let about = |grant: &str, kinds: &[&str]| {
        let names = |(_, event): &&(_, Event)| kinds.contains(&event.kind) && event.grant.as_deref() == Some(grant);
        memory.audit.iter().filter(names).count()
    };
    for grant in &memory.grants {
        let (id, ended) = (grant.id.0.as_str(), grant.revoked_at.is_some());
        let replayed = (about(id, &["account_linked"]), about(id, &ENDINGS) > 0);
        if replayed != (1, ended) {
            return Err(format!("I20: linked and ended by the audit: {replayed:?}; ended in fact: {ended}"));
        }
        if i64::try_from(about(id, &["access_tokens_revoked"])) != Ok(grant.epoch) {
            return Err(format!("I20: the audit does not tell epoch {}", grant.epoch));
        }
    }
    let linked = memory.audit.iter().filter(|(_, event)| event.kind == "account_linked").count();
    if linked != memory.grants.len() {
        return Err(format!("I20: {linked} links by the audit, and {} grants", memory.grants.len()));
    }
    let last = memory.audit.iter().rev().find(|(_, event)| matches!(event.kind, "user_disabled" | "user_enabled"));
    let disabled = last.is_some_and(|(_, event)| event.kind == "user_disabled");
    if memory.users.iter().any(|user| user.disabled_at.is_some() != disabled) {
        return Err(format!("I20: disabled by the audit: {disabled}"));
    }
    Ok(())
}
