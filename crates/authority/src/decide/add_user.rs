//! Does this person get an account?

use std::convert::Infallible;

use crate::ambient::Decision;
use crate::record::change::Change;
use crate::record::event::Event;
use crate::record::group::GroupId;
use crate::record::user::User;

/// Decides an operator's new account, in these groups. Whether id and username are free, and whether the groups are
/// there, is for the changes' guards to say: an account that is there stays as it is.
pub fn add_user(user: &User, groups: &[GroupId]) -> Decision<(), Infallible> {
    let join = |group: &GroupId| Change::AddMember { group: group.clone(), user: user.id.clone(), at: user.created_at };
    let added = Decision::reply(()).change(Change::AddUser(user.clone()));
    groups
        .iter()
        .fold(added, |decision, group| decision.change(join(group)))
        .event(Event::of_directory("user_added").user(&user.id.0).detail("username", user.username.as_str()))
}
