//! Does this person get an account?

use std::convert::Infallible;

use crate::ambient::Decision;
use crate::record::change::Change;
use crate::record::event::Event;
use crate::record::user::User;

/// Decides an operator's new account. Whether id and username are free is for the change's guard to say: an account
/// that is there stays as it is.
pub fn add_user(user: &User) -> Decision<(), Infallible> {
    Decision::reply(())
        .change(Change::AddUser(user.clone()))
        .event(Event::of_directory("user_added").user(&user.id.0).detail("username", user.username.as_str()))
}
