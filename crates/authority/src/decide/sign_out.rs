//! Does this session end?

use crate::ambient::Decision;
use crate::record::authority::Authority;
use crate::record::change::Change;
use crate::record::event::Event;
use crate::record::session::Session;

/// Nothing is refused: whoever holds a session may end it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {}

/// Decides a signing-out, or a change to another account.
pub fn sign_out(authority: &Authority, session: &Session) -> Decision<(), Never> {
    Decision::reply(())
        .change(Change::EndSession { session: session.digest })
        .event(Event::new("signed_out", &authority.id).user(&session.user.0))
}
