//! `[[user]]`: the accounts that a file brings along.

use std::collections::BTreeMap;

use sayso_authority::record::attribute::{Attribute, AttributeValue};
use sayso_authority::record::group::MOST_GROUPS;
use sayso_authority::record::user::User;
use sayso_connections::password::MAX_PASSWORD_BYTES;
use sayso_token::secret::Secret;
use toml::Spanned;

use super::finding::Findings;
use super::group::{self, SeedGroup};
use super::names::Unique;
use super::{secret, shape};

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
    pub(crate) attributes: BTreeMap<String, AttributeValue>,
    /// The names of their first groups.
    pub(crate) groups: Vec<String>,
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
            SeedUser {
                username,
                password: password(table, findings),
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

/// The first password, written here or alone in a file of its own.
fn password(table: &shape::User, findings: &mut Findings<'_>) -> Secret {
    let (key, span, password) = match (&table.password, &table.password_file) {
        (Some(written), None) => ("password", written.span(), written.get_ref().clone()),
        (None, Some(file)) => match secret::text_of(file, findings) {
            Ok(text) => ("password_file", file.span(), Secret::new(text.trim_end_matches(['\r', '\n']))),
            Err((what, fix)) => {
                findings.error(file.span(), "password_file", what, fix);
                return Secret::new("");
            }
        },
        (written, _) => {
            let what =
                if written.is_some() { "password and password_file are both there" } else { "there is no password" };
            findings.error(table.username.span(), "password", what, "write one of password and password_file");
            return Secret::new("");
        }
    };
    let text = password.expose();
    if text.chars().count() < SHORTEST_PASSWORD || text.len() > MAX_PASSWORD_BYTES {
        let what =
            format!("a password has at least {SHORTEST_PASSWORD} characters and at most {MAX_PASSWORD_BYTES} bytes");
        findings.error(span, key, what, "choose another");
    }
    password
}

fn profile(
    written: &BTreeMap<shape::Text, Spanned<AttributeValue>>,
    schema: &[Attribute],
    findings: &mut Findings<'_>,
) -> BTreeMap<String, AttributeValue> {
    let mut profile = BTreeMap::new();
    for (name, value) in written {
        let key = format!("attributes.{}", name.get_ref());
        let Some(known) = schema.iter().find(|known| known.name == *name.get_ref()) else {
            let what = "the profile has no such attribute";
            findings.error(name.span(), &key, what, "describe it in a table [[attribute]], or leave it out");
            continue;
        };
        if value.get_ref().is_empty() {
            continue;
        }
        match known.checked(value.get_ref().clone()) {
            Ok(value) => drop(profile.insert(known.name.clone(), value)),
            Err(misfit) => {
                let fix = format!(
                    "write a value of type {:?} within the attribute's bounds, or change these",
                    known.kind.name()
                );
                findings.error(value.span(), &key, misfit.meaning(), fix);
            }
        }
    }
    profile
}
