//! What does a database that a backup replaces know better than the backup?
//!
//! A restore brings back what was remembered, and must not bring back to life what ended since. It takes over the
//! bad news only: what was revoked, spent, disabled or removed, and passwords set since. What was made since is not in the backup and stays out, for going
//! back is what was asked for.

use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;

use crate::record::grant::{Grant, RefreshChain};
use crate::record::user::User;

/// Audit events that tell of a grant's end. One that was forgotten since it ended is known by these alone.
pub const ENDING_EVENTS: [&str; 5] =
    ["code_reuse", "grant_revoked_by_admin", "grant_revoked_by_client", "refresh_reuse", "unlinked_by_person"];
/// The audit event that tells of an account's end, and with it of all its links'.
pub const REMOVAL_EVENT: &str = "user_removed";

/// The grant of the backup as it must stand, where the replaced one knows better: revoked, access tokens dead, refresh
/// tokens used. `None`: the backup's is right.
pub fn grant(restored: &Grant, replaced: &Grant) -> Option<Grant> {
    if restored.id != replaced.id {
        return None;
    }
    let mut grant = restored.clone();
    grant.revoked_at = restored.revoked_at.or(replaced.revoked_at);
    grant.epoch = restored.epoch.max(replaced.epoch);
    if let (Some(here), Some(there)) = (&restored.refresh, &replaced.refresh)
        && is_further_on(here, there)
    {
        grant.refresh = Some(there.clone());
        grant.last_used_at = restored.last_used_at.max(replaced.last_used_at);
    }
    let better =
        (grant.revoked_at, grant.epoch) != (restored.revoked_at, restored.epoch) || grant.refresh != restored.refresh;
    better.then_some(grant)
}

/// Of two at the same generation the replaced one is the later.
fn is_further_on(here: &RefreshChain, there: &RefreshChain) -> bool {
    there.generation > here.generation || (there.generation == here.generation && there != here)
}

/// Since when the backup's user must be disabled, where the replaced database knows it and the backup does not.
pub fn user_disabled_at(restored: &User, replaced: &User) -> Option<Timestamp> {
    replaced.disabled_at.filter(|_| restored.id == replaced.id && restored.disabled_at.is_none())
}

/// The password of the replaced database's user, where another was set since: the old one may have been the reason.
pub fn password_since(restored: &User, replaced: &User) -> Option<Secret> {
    let (here, there) = (&restored.password_hash, &replaced.password_hash);
    (restored.id == replaced.id && here.expose() != there.expose()).then(|| there.clone())
}

#[cfg(test)]
mod tests;
