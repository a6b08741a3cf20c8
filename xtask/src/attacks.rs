//! `cargo xtask attacks`: which of the reference's attack cases have a test, and which are open.
//!
//! A case is covered when its id stands in the name of a test (`fn iss_002_…`) or in the comment above one (`/// ISS-002: …`).
//! Nothing is run here; the tests are run like all others.

mod cases;
mod tests_with_ids;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cases::Case;

use crate::workspace::Workspace;

/// Where the cases are unless another path is given.
const CASES: &str = "../shared/reference/attack-cases.json";

/// Prints covered and open cases by area. Open cases are no fault unless `--strict` is given: then `false`. Without the file
/// there is nothing to compare, which is said and is no fault either.
///
/// # Errors
/// When the cases, or the sources, cannot be read.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<bool> {
    let workspace = Workspace::read()?;
    let (flags, paths): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| argument.starts_with("--"));
    anyhow::ensure!(paths.len() < 2 && flags.iter().all(|flag| *flag == "--strict"), "one path, and --strict");
    let path = paths.first().map_or_else(|| workspace.root.join(CASES), PathBuf::from);
    if paths.is_empty() && !path.exists() {
        println!("attacks: {} is not there; nothing to compare with", path.display());
        return Ok(true);
    }
    let cases = cases::read(&path)?;
    let found = tests_with_ids::of(&workspace, &cases::kinds(&cases))?;
    let report = Report::of(&cases, found);
    print!("{}", report.text());
    Ok(flags.is_empty() || report.areas.values().all(|area| area.open.is_empty()))
}

/// What is covered, by area.
#[derive(Debug, Default, PartialEq, Eq)]
struct Report {
    areas: BTreeMap<String, Area>,
    /// Ids in tests that are on another list, with where they stand.
    elsewhere: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Area {
    /// The id, and the tests.
    covered: Vec<(String, Vec<String>)>,
    /// The id, its priority and title.
    open: Vec<(String, String)>,
}

impl Report {
    fn of(cases: &[Case], mut found: BTreeMap<String, BTreeSet<String>>) -> Self {
        let mut report = Self::default();
        for case in cases {
            let area = report.areas.entry(case.area.clone()).or_default();
            match found.remove(&case.id) {
                Some(tests) => area.covered.push((case.id.clone(), tests.into_iter().collect())),
                None => area.open.push((case.id.clone(), format!("{} {}", case.priority, case.title))),
            }
        }
        report.elsewhere = found.into_iter().map(|(id, tests)| (id, tests.into_iter().collect())).collect();
        report
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let (mut covered, mut open) = (0, 0);
        for (name, area) in &self.areas {
            let of = area.covered.len() + area.open.len();
            text.push_str(&format!("{name}: {} of {of} covered\n", area.covered.len()));
            for (id, tests) in &area.covered {
                text.push_str(&format!("  covered {id}  {}\n", tests.join(", ")));
            }
            for (id, title) in &area.open {
                text.push_str(&format!("  open    {id}  {title}\n"));
            }
            covered += area.covered.len();
            open += area.open.len();
        }
        for (id, tests) in &self.elsewhere {
            text.push_str(&format!("not on this list: {id}  {}\n", tests.join(", ")));
        }
        text.push_str(&format!("{covered} covered, {open} open\n"));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(id: &str, area: &str) -> Case {
        Case { id: id.into(), area: area.into(), priority: "P0".into(), title: "a title".into() }
    }

    #[test]
    fn a_report_tells_what_is_covered_open_and_on_another_list() {
        let cases = [case("WEB-001", "browser"), case("WEB-002", "browser"), case("DOS-001", "transport-dos")];
        let one = |test: &str| BTreeSet::from([test.to_owned()]);
        let found = BTreeMap::from([("WEB-002".to_owned(), one("a.rs::x")), ("WEB-009".to_owned(), one("b.rs::y"))]);
        let report = Report::of(&cases, found);
        let text = report.text();
        for line in [
            "browser: 1 of 2 covered\n",
            "  covered WEB-002  a.rs::x\n",
            "  open    WEB-001  P0 a title\n",
            "transport-dos: 0 of 1 covered\n",
            "not on this list: WEB-009  b.rs::y\n",
            "1 covered, 2 open\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
    }

    #[test]
    fn a_list_that_is_named_must_be_there() {
        run(&["/nowhere/cases.json".to_owned()]).unwrap_err();
        run(&["--loose".to_owned()]).unwrap_err();
    }
}
