//! May this person do nothing from now on, or do things again?

use std::convert::Infallible;

use sayso_token::time::Timestamp;

use crate::ambient::Decision;
use crate::record::change::Change;
use crate::record::event::Event;
use crate::record::user::UserId;

/// Decides an operator's stop for an account: nobody signs in to it, no code or refresh token of it is good, no access
/// token of it is active. No link is ended, so that [`enable_user`] gives them back; that sessions end is decided in
/// `sign_out`, and goes into the same transaction.
pub fn disable_user(user: &UserId, now: Timestamp) -> Decision<(), Infallible> {
    Decision::reply(())
        .change(Change::DisableUser { user: user.clone(), at: now })
        .event(Event::of_directory("user_disabled").user(&user.0))
}

/// Decides the end of that stop.
pub fn enable_user(user: &UserId) -> Decision<(), Infallible> {
    Decision::reply(())
        .change(Change::EnableUser { user: user.clone() })
        .event(Event::of_directory("user_enabled").user(&user.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::add_user::add_user;
    use crate::testing::{Memory, ada, now};

    /// Each change of an account is kept once, with one event about it that holds no secret.
    #[test]
    fn an_account_is_added_disabled_and_enabled_once_each() {
        let mut memory = Memory::default();
        let ada = ada();
        let steps = [
            (add_user(&ada, &[]), "user_added", None),
            (disable_user(&ada.id, now()), "user_disabled", Some(now())),
            (enable_user(&ada.id), "user_enabled", None),
        ];
        for (decision, kind, disabled_at) in steps {
            let [event] = &decision.audit[..] else { panic!("one event") };
            assert_eq!((event.kind, event.authority.as_str(), event.user.as_deref()), (kind, "", Some("usr_ada")));
            assert!(!format!("{event:?}").contains(ada.password_hash.expose()));
            memory.carry_out(&decision.changes).unwrap();
            assert_eq!(memory.user(&ada.id).unwrap().disabled_at, disabled_at, "{kind}");
            memory.carry_out(&decision.changes).unwrap_err();
        }
        assert_eq!(memory.users.len(), 1);
        memory.users.clear();
        memory.carry_out(&disable_user(&ada.id, now()).changes).unwrap_err();
    }
}
