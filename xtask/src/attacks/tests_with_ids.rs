//! Tests that name attack cases.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::Context as _;

use crate::workspace::Workspace;

/// By id, the tests that name it: file and function.
pub(super) fn of(
    workspace: &Workspace,
    kinds: &BTreeSet<String>,
) -> anyhow::Result<BTreeMap<String, BTreeSet<String>>> {
    let mut found = BTreeMap::new();
    for path in workspace.sources()? {
        let file = workspace.shown(&path);
        // What stands there are examples.
        if file.starts_with("xtask/") {
            continue;
        }
        let text = fs::read_to_string(&path).with_context(|| file.clone())?;
        for (id, test) in in_file(&text, kinds) {
            found.entry(id).or_insert_with(BTreeSet::new).insert(format!("{file}::{test}"));
        }
    }
    Ok(found)
}

/// The ids that stand at the tests of one file. What stands above a function (comments, attributes) is its own, from the blank
/// line or the end of what was before; ids at what is no test do not count.
fn in_file(text: &str, kinds: &BTreeSet<String>) -> Vec<(String, String)> {
    let (mut found, mut above, mut is_test) = (Vec::new(), BTreeSet::new(), false);
    for line in text.lines().map(str::trim) {
        if let Some(name) = function(line) {
            if is_test {
                above.extend(ids(name, '_', kinds));
                found.extend(above.iter().map(|id: &String| (id.clone(), name.to_owned())));
            }
            (above, is_test) = (BTreeSet::new(), false);
        } else if line.starts_with("//") {
            above.extend(ids(line, '-', kinds));
        } else if line.starts_with("#[") {
            // `#[test]`, `#[tokio::test]`, and tests that proptest makes.
            is_test |= line.contains("test]") || line.contains("test(");
        } else {
            (above, is_test) = (BTreeSet::new(), false);
        }
    }
    found
}

fn function(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    line.strip_prefix("fn ")?.split(['(', '<']).next()
}

/// `WEB-003` in prose, `web_003` in a name.
fn ids(text: &str, joint: char, kinds: &BTreeSet<String>) -> Vec<String> {
    let words: Vec<&str> = text.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != joint).collect();
    let mut found = Vec::new();
    for word in words {
        let parts: Vec<&str> = word.split(joint).collect();
        for pair in parts.windows(2) {
            let [kind, number] = pair else { continue };
            let kind = if joint == '_' { kind.to_ascii_uppercase() } else { (*kind).to_owned() };
            let is_number = number.len() == 3 && number.bytes().all(|digit| digit.is_ascii_digit());
            if is_number && kinds.contains(&kind) {
                found.push(format!("{kind}-{number}"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_count_in_names_of_tests_and_above_them() {
        let text = "
            /// WEB-001 is told here, and nothing is tested.
            fn helps() {}

            /// WEB-002, and DOS-003: both.
            #[tokio::test]
            async fn a_thing_holds() {}

            #[test]
            fn iss_004_it_holds() {}

            // HA-005 stands too far away.
            let x = 1;
            #[test]
            fn other() {}

            /// web-006 and XYZ-007 and WEB-8 are no ids.
            #[test]
            fn web_0099_no_id() {}
        ";
        let kinds = ["WEB", "DOS", "ISS", "HA"].map(str::to_owned).into();
        let found = in_file(text, &kinds);
        let found: Vec<_> = found.iter().map(|(id, test)| (id.as_str(), test.as_str())).collect();
        assert_eq!(
            found,
            [("DOS-003", "a_thing_holds"), ("WEB-002", "a_thing_holds"), ("ISS-004", "iss_004_it_holds")]
        );
    }
}
