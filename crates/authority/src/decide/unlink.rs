//! May this person end this grant, or an administrator?

use sayso_token::time::Timestamp;

use crate::ambient::{Ambient, Decision};
use crate::record::authority::Authority;
use crate::record::change::Change;
use crate::record::event::Event;
use crate::record::grant::Grant;
use crate::record::user::UserId;

/// The grant is not theirs, or not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotTheirs;

/// Decides an unlinking from the account page. One write ends the grant with all its tokens.
pub fn unlink(
    authority: &Authority,
    user: &UserId,
    grant: Option<&Grant>,
    ambient: &Ambient<'_>,
) -> Decision<(), NotTheirs> {
    let theirs = grant.filter(|grant| grant.user == *user && grant.authority == authority.id);
    match theirs {
        None => Decision::refuse(NotTheirs),
        Some(grant) if grant.revoked_at.is_some() => Decision::reply(()),
        Some(grant) => {
            Decision::reply(()).change(Change::RevokeGrant { grant: grant.id.clone(), at: ambient.now }).event(
                Event::new("unlinked_by_person", &authority.id).client(&grant.client).user(&user.0).grant(&grant.id.0),
            )
        }
    }
}

/// Decides an administrator's end of a grant; the reply says that there is one. Ended before, it stays as it is.
pub fn revoke_by_admin(grant: &Grant, now: Timestamp) -> Decision<bool, ()> {
    if grant.revoked_at.is_some() {
        return Decision::reply(true);
    }
    Decision::reply(true).change(Change::RevokeGrant { grant: grant.id.clone(), at: now }).event(
        Event::new("grant_revoked_by_admin", &grant.authority)
            .client(&grant.client)
            .user(&grant.user.0)
            .grant(&grant.id.0),
    )
}

#[cfg(test)]
mod tests;
