//! `[[attribute]]` and `[[user]]`: the profile schema, and the accounts a file brings along.

use std::collections::BTreeMap;

use sayso_authority::record::group::MOST_GROUPS;
use sayso_authority::record::user::{Attribute, User};
use sayso_connections::password::MAX_PASSWORD_BYTES;
use sayso_token::secret::Secret;
use toml::Spanned;

use super::finding::Findings;
use super::group::{self, SeedGroup};
use super::names::{self, Unique};
use super::shape;

/// Characters that an attribute's value may have when nothing else is said.
const MAX_CHARS: usize = 200;
/// More is no profile any more.
const MOST_CHARS: i64 = 4000;
/// The shortest password, in characters (NIST SP 800-63B section 3.1.1.2 with one factor asks for more; an account in
/// a file is a beginning).
const SHORTEST_PASSWORD: usize = 8;
const LONGEST_USERNAME: usize = 80;

/// An account that the file brings along: made when it is missing, never changed afterwards.
#[derive(Clone, Debug)]
pub(crate) struct SeedUser {
    /// The name they sign in with, in canonical form.
    pub(crate) username: String,
    /// Their first password.
    pub(crate) password: Secret,
    /// Their profile.
    pub(crate) attributes: BTreeMap<String, String>,
    /// The names of their first groups.
    pub(crate) groups: Vec<String>,
}

/// The profile schema.
pub(super) fn schema(tables: &[shape::Attribute], findings: &mut Findings<'_>) -> Vec<Attribute> {
    let mut unique = Unique::default();
    let mut one = |table: &shape::Attribute| {
        let name = &table.name;
        findings.within(format!("attribute {:?}", name.get_ref()), |findings| {
            names::attribute(name, findings);
            unique.check(name.get_ref(), name.span(), "name", findings);
            Attribute {
                name: name.get_ref().clone(),
                label: names::shown(table.label.as_ref(), "label", name, findings),
                self_editable: table.self_editable,
                max_chars: max_chars(table.max_chars.as_ref(), findings),
            }
        })
    };
    tables.iter().map(&mut one).collect()
}

fn max_chars(written: Option<&Spanned<i64>>, findings: &mut Findings<'_>) -> usize {
    let Some(written) = written else { return MAX_CHARS };
    if !(1..=MOST_CHARS).contains(written.get_ref()) {
        let what = format!("a value cannot have {} characters at most", written.get_ref());
        findings.error(written.span(), "max_chars", what, "choose 1 to 4000");
    }
    usize::try_from(*written.get_ref()).unwrap_or(MAX_CHARS)
}

/// The accounts that the file brings along.
pub(super) fn users(
    tables: &[shape::User],
    schema: &[Attribute],
    groups: &[SeedGroup],
    findings: &mut Findings<'_>,
) -> Vec<SeedUser> {
    let mut unique = Unique::default();
    let mut one = |table: &shape::User| {
        let written = &table.username;
        findings.within(format!("user {:?}", written.get_ref()), |findings| {
            let username = User::canonical(written.get_ref());
            unique.check(&username, written.span(), "username", findings);
            check_username(&username, written, findings);
            check_password(&table.password, findings);
            SeedUser {
                username,
                password: table.password.get_ref().clone(),
                attributes: profile(&table.attributes, schema, findings),
                groups: memberships(&table.groups, groups, findings),
            }
        })
    };
    tables.iter().map(&mut one).collect()
}

fn memberships(written: &[shape::Text], groups: &[SeedGroup], findings: &mut Findings<'_>) -> Vec<String> {
    let mut unique = Unique::default();
    for name in written {
        group::known(name, "groups", groups, findings);
        unique.check(name.get_ref(), name.span(), "groups", findings);
    }
    if let Some(one_too_many) = written.get(MOST_GROUPS) {
        let what = format!("nobody can be in more than {MOST_GROUPS} groups");
        findings.error(one_too_many.span(), "groups", what, "leave some out");
    }
    written.iter().map(|name| name.get_ref().clone()).collect()
}

fn check_username(username: &str, written: &shape::Text, findings: &mut Findings<'_>) {
    let length = username.chars().count();
    if !(1..=LONGEST_USERNAME).contains(&length) || username.chars().any(char::is_control) {
        let what = format!("{:?} cannot be a username", written.get_ref());
        findings.error(written.span(), "username", what, "use 1 to 80 characters without control characters");
    }
}

fn check_password(password: &Spanned<Secret>, findings: &mut Findings<'_>) {
    let text = password.get_ref().expose();
    if text.chars().count() < SHORTEST_PASSWORD || text.len() > MAX_PASSWORD_BYTES {
        let what =
            format!("a password has at least {SHORTEST_PASSWORD} characters and at most {MAX_PASSWORD_BYTES} bytes");
        findings.error(password.span(), "password", what, "choose another");
    }
}

fn profile(
    written: &BTreeMap<shape::Text, shape::Text>,
    schema: &[Attribute],
    findings: &mut Findings<'_>,
) -> BTreeMap<String, String> {
    for (name, value) in written {
        let key = format!("attributes.{}", name.get_ref());
        match schema.iter().find(|known| known.name == *name.get_ref()) {
            None => {
                let what = "the profile has no such attribute";
                findings.error(name.span(), &key, what, "describe it in a table [[attribute]], or leave it out");
            }
            Some(known) if value.get_ref().chars().count() > known.max_chars => {
                let what = format!("this is longer than {} characters", known.max_chars);
                findings.error(value.span(), &key, what, "shorten it, or raise the attribute's max_chars");
            }
            Some(_) if value.get_ref().chars().any(char::is_control) => {
                findings.error(value.span(), &key, "a control character stands in it", "leave it out");
            }
            Some(_) => {}
        }
    }
    written.iter().map(|(name, value)| (name.get_ref().clone(), value.get_ref().clone())).collect()
}
