//! May this group be made or ended, and who is in it? Asked by operators only.

use sayso_token::time::Timestamp;

use crate::ambient::Decision;
use crate::record::change::Change;
use crate::record::event::Event;
use crate::record::group::{Group, MOST_GROUPS};
use crate::record::user::User;

/// Why a group or its people stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The person is in the group.
    AlreadyIn,
    /// No group may be described so.
    BadDescription,
    /// No group may have that name.
    BadName,
    /// Another version of it was meant.
    Changed,
    /// Another group has that name.
    NameTaken,
    /// The person is not in the group.
    NotIn,
    /// The person is in [`MOST_GROUPS`] groups.
    TooMany,
    /// No such group.
    UnknownGroup,
    /// No such person.
    UnknownUser,
}

impl Refused {
    /// The stable reason code.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::AlreadyIn => "already_in_group",
            Self::BadDescription => "group_description_invalid",
            Self::BadName => "group_name_invalid",
            Self::Changed => "changed_meanwhile",
            Self::NameTaken => "group_name_taken",
            Self::NotIn => "not_in_group",
            Self::TooMany => "too_many_groups",
            Self::UnknownGroup => "group_unknown",
            Self::UnknownUser => "user_unknown",
        }
    }
}

/// Decides a new group; `namesake` is the group of that name, if there is one.
pub fn add_group(group: &Group, namesake: Option<&Group>) -> Decision<(), Refused> {
    if let Err(refused) = fits(&group.name, &group.description) {
        return Decision::refuse(refused);
    }
    if namesake.is_some() {
        return Decision::refuse(Refused::NameTaken);
    }
    let event = Event::of_directory("group_added").detail("group", group.name.as_str());
    Decision::reply(()).change(Change::AddGroup(group.clone())).event(event)
}

/// What an administrator changes of a group; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// What rules and claims call it from now on.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
}

/// Decides that a group is called and described otherwise; `namesake` is the group of its new name, if there is one. Its
/// people stay. Rules and claims ask by name: under another one, others match.
pub fn change_group(group: &Group, namesake: Option<&Group>, edit: &Edit) -> Decision<(), Refused> {
    let name = edit.name.as_ref().unwrap_or(&group.name);
    let description = edit.description.as_ref().unwrap_or(&group.description);
    if let Err(refused) = fits(name, description) {
        return Decision::refuse(refused);
    }
    if namesake.is_some_and(|namesake| namesake.id != group.id) {
        return Decision::refuse(Refused::NameTaken);
    }
    if (name, description) == (&group.name, &group.description) {
        return Decision::reply(());
    }
    let mut event = Event::of_directory("group_changed").detail("group", name.as_str());
    if *name != group.name {
        event = event.detail("before", group.name.as_str());
    }
    let change = Change::ChangeGroup { from: group.clone(), name: name.clone(), description: description.clone() };
    Decision::reply(()).change(change).event(event)
}

fn fits(name: &str, description: &str) -> Result<(), Refused> {
    match (Group::may_be_called(name), Group::may_be_described(description)) {
        (false, _) => Err(Refused::BadName),
        (true, false) => Err(Refused::BadDescription),
        (true, true) => Ok(()),
    }
}

/// Decides the end of a group. Its people are in it no more; rules and claims that name it match nobody.
pub fn remove_group(group: Option<&Group>) -> Decision<(), Refused> {
    let Some(group) = group else { return Decision::refuse(Refused::UnknownGroup) };
    let event = Event::of_directory("group_removed").detail("group", group.name.as_str());
    Decision::reply(()).change(Change::RemoveGroup { group: group.id.clone() }).event(event)
}

/// Decides that a person is in a group from now on.
pub fn add_member(group: Option<&Group>, user: Option<&User>, now: Timestamp) -> Decision<(), Refused> {
    let (group, user) = match both(group, user) {
        Ok(both) => both,
        Err(refused) => return Decision::refuse(refused),
    };
    if user.groups.contains(&group.name) {
        return Decision::refuse(Refused::AlreadyIn);
    }
    if user.groups.len() >= MOST_GROUPS {
        return Decision::refuse(Refused::TooMany);
    }
    let event = Event::of_directory("member_added").user(&user.id.0).detail("group", group.name.as_str());
    let change = Change::AddMember { group: group.id.clone(), user: user.id.clone(), at: now };
    Decision::reply(()).change(change).event(event)
}

/// Decides that a person is in a group no more.
pub fn remove_member(group: Option<&Group>, user: Option<&User>) -> Decision<(), Refused> {
    let (group, user) = match both(group, user) {
        Ok(both) => both,
        Err(refused) => return Decision::refuse(refused),
    };
    if !user.groups.contains(&group.name) {
        return Decision::refuse(Refused::NotIn);
    }
    let event = Event::of_directory("member_removed").user(&user.id.0).detail("group", group.name.as_str());
    let change = Change::RemoveMember { group: group.id.clone(), user: user.id.clone() };
    Decision::reply(()).change(change).event(event)
}

fn both<'a>(group: Option<&'a Group>, user: Option<&'a User>) -> Result<(&'a Group, &'a User), Refused> {
    Ok((group.ok_or(Refused::UnknownGroup)?, user.ok_or(Refused::UnknownUser)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::group::GroupId;
    use crate::testing::{Memory, ada, now};

    fn group(name: &str) -> Group {
        Group { id: GroupId(format!("grp_{name}")), name: name.into(), description: String::new(), created_at: now() }
    }

    fn kept(memory: &mut Memory, decision: &Decision<(), Refused>, kind: &str) {
        assert_eq!(decision.reply, Ok(()), "{kind}");
        assert_eq!(decision.audit.iter().map(|event| event.kind).collect::<Vec<_>>(), [kind]);
        memory.carry_out(&decision.changes).unwrap();
    }

    #[test]
    fn a_person_joins_and_leaves_once_each() {
        let (mut memory, gold) = (Memory::default(), group("gold"));
        memory.carry_out(&[Change::AddUser(ada())]).unwrap();
        kept(&mut memory, &add_group(&gold, None), "group_added");
        assert_eq!(add_group(&group("gold"), Some(&gold)).reply, Err(Refused::NameTaken));
        let user = |memory: &Memory| memory.user(&ada().id).cloned().unwrap();
        let join = add_member(Some(&gold), Some(&user(&memory)), now());
        kept(&mut memory, &join, "member_added");
        assert_eq!(user(&memory).groups, ["gold"]);
        assert_eq!(add_member(Some(&gold), Some(&user(&memory)), now()).reply, Err(Refused::AlreadyIn));
        memory.carry_out(&join.changes).unwrap_err();
        let leave = remove_member(Some(&gold), Some(&user(&memory)));
        kept(&mut memory, &leave, "member_removed");
        assert_eq!(remove_member(Some(&gold), Some(&user(&memory))).reply, Err(Refused::NotIn));
        memory.carry_out(&leave.changes).unwrap_err();
        memory.carry_out(&join.changes).unwrap();
        kept(&mut memory, &remove_group(Some(&gold)), "group_removed");
        assert_eq!(user(&memory).groups, [""; 0]);
        memory.carry_out(&join.changes).unwrap_err();
    }

    #[test]
    fn a_group_is_renamed_with_its_people_and_described_otherwise() {
        let (mut memory, gold) = (Memory::default(), group("gold"));
        memory.carry_out(&[Change::AddUser(ada()), Change::AddGroup(gold.clone())]).unwrap();
        memory.carry_out(&add_member(Some(&gold), Some(&ada()), now()).changes).unwrap();
        let edit = |name: Option<&str>, description: Option<&str>| Edit {
            name: name.map(str::to_owned),
            description: description.map(str::to_owned),
        };
        let renamed = change_group(&gold, None, &edit(Some("silver"), None));
        kept(&mut memory, &renamed, "group_changed");
        assert_eq!(
            (&renamed.audit[0].details["group"], &renamed.audit[0].details["before"]),
            (&"silver".into(), &"gold".into())
        );
        assert_eq!(memory.user(&ada().id).unwrap().groups, ["silver"]);
        memory.carry_out(&renamed.changes).unwrap_err();
        let silver = memory.groups[0].clone();
        kept(&mut memory, &change_group(&silver, Some(&silver), &edit(None, Some("who paid"))), "group_changed");
        let same = change_group(&memory.groups[0], None, &edit(Some("silver"), Some("who paid")));
        assert!(same.reply.is_ok() && same.changes.is_empty() && same.audit.is_empty());
        for (wanted, refused) in [
            (edit(Some("bronze"), None), Refused::NameTaken),
            (edit(Some(" "), None), Refused::BadName),
            (edit(None, Some("a\u{7}b")), Refused::BadDescription),
            (edit(None, Some(&"x".repeat(201))), Refused::BadDescription),
        ] {
            let bronze = group("bronze");
            let namesake = (wanted.name.as_deref() == Some("bronze")).then_some(&bronze);
            assert_eq!(change_group(&silver, namesake, &wanted).reply, Err(refused), "{wanted:?}");
        }
    }

    #[test]
    fn what_is_not_there_or_too_much_is_refused() {
        let gold = group("gold");
        assert_eq!(remove_group(None).reply, Err(Refused::UnknownGroup));
        assert_eq!(add_member(None, Some(&ada()), now()).reply, Err(Refused::UnknownGroup));
        assert_eq!(remove_member(Some(&gold), None).reply, Err(Refused::UnknownUser));
        let full = User { groups: (0..MOST_GROUPS).map(|at| format!("g{at}")).collect(), ..ada() };
        assert_eq!(add_member(Some(&gold), Some(&full), now()).reply, Err(Refused::TooMany));
        for (name, fits) in [
            ("gold", true),
            ("Team A", true),
            (&"x".repeat(80), true),
            (&"x".repeat(81), false),
            ("", false),
            (" a", false),
            ("a\n", false),
        ] {
            assert_eq!(add_group(&group(name), None).reply.is_ok(), fits, "{name:?}");
        }
    }
}
