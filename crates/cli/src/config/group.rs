//! `[[group]]`: groups of people that a file brings along.

use sayso_authority::record::group::{Group, LONGEST_GROUP_NAME};

use super::finding::Findings;
use super::names::{self, Unique};
use super::shape;

/// A group that the file brings along: made when it is missing, never changed afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeedGroup {
    /// What rules and claims call it.
    pub(crate) name: String,
    /// What it is for.
    pub(crate) description: String,
}

/// The groups that the file describes.
pub(super) fn groups(tables: &[shape::Group], findings: &mut Findings<'_>) -> Vec<SeedGroup> {
    let mut unique = Unique::default();
    let mut one = |table: &shape::Group| {
        let name = &table.name;
        findings.within(format!("group {:?}", name.get_ref()), |findings| {
            unique.check(name.get_ref(), name.span(), "name", findings);
            if !Group::may_be_called(name.get_ref()) {
                let what = format!("no group can be called {:?}", name.get_ref());
                let fix = format!("use 1 to {LONGEST_GROUP_NAME} characters, none of control, no blank at either end");
                findings.error(name.span(), "name", what, fix);
            }
            let description = table.description.as_ref();
            SeedGroup {
                name: name.get_ref().clone(),
                description: description
                    .map_or_else(String::new, |text| names::sentence(text, "description", findings)),
            }
        })
    };
    tables.iter().map(&mut one).collect()
}

/// Warns of a group that the file does not bring along: administrators may have made it, or somebody may have mistyped it.
pub(super) fn warn_of_unknown(written: &shape::Text, key: &str, groups: &[SeedGroup], findings: &mut Findings<'_>) {
    if groups.iter().all(|group| group.name != *written.get_ref()) {
        let what = format!("no [[group]] of this file is called {:?}", written.get_ref());
        findings.warning(written.span(), key, what, "make sure that there is such a group, or this matches nobody");
    }
}

/// Notes a group that the file does not bring along, where it has to be there before the database is.
pub(super) fn known(written: &shape::Text, key: &str, groups: &[SeedGroup], findings: &mut Findings<'_>) {
    if groups.iter().any(|group| group.name == *written.get_ref()) {
        return;
    }
    let what = format!("there is no group {:?}", written.get_ref());
    let all: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    let fix = match all.as_slice() {
        [] => "describe it in a table [[group]]".to_owned(),
        all => format!("take one of {}, or describe it in a table [[group]]", all.join(", ")),
    };
    findings.error(written.span(), key, what, fix);
}
