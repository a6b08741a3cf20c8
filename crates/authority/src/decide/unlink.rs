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

/// Decides an unlinking from the account page. `grant` is the link that was named, `living` are all of theirs. What ends is
/// the app: each link that it has to this person, as each would let it act for them, and remembers what they have allowed.
/// One write ends a grant with all its tokens.
pub fn unlink(
    authority: &Authority,
    user: &UserId,
    (grant, living): (Option<&Grant>, &[Grant]),
    ambient: &Ambient<'_>,
) -> Decision<(), NotTheirs> {
    let theirs = |grant: &Grant| grant.user == *user && grant.authority == authority.id;
    let Some(named) = grant.filter(|grant| theirs(grant)) else { return Decision::refuse(NotTheirs) };
    let of_the_app = living.iter().filter(|other| theirs(other) && other.client == named.client);
    let ending = of_the_app.filter(|other| other.revoked_at.is_none());
    ending.fold(Decision::reply(()), |decision, grant| {
        let event = Event::new("unlinked_by_person", &authority.id).client(&grant.client).user(&user.0);
        let end = Change::RevokeGrant { grant: grant.id.clone(), at: ambient.now };
        decision.change(end).event(event.grant(&grant.id.0))
    })
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
