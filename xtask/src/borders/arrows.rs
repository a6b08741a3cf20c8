//! Which crate may depend on which. The table is the design's crate graph, and an arrow that is not in it does not exist;
//! `docs/decisions/0001-workspace-and-borders.md` says why each is there.

use crate::borders::manifests::line_of;
use crate::finding::Finding;
use crate::workspace::{Dependency, Kind, Package, Workspace};

/// A crate, and the crates of ours that it may depend on.
const ARROWS: [(&str, &[&str]); 13] = [
    ("sayso-token", &[]),
    ("sayso-alexa", &[]),
    ("sayso-authority", &["sayso-token"]),
    ("sayso-skill", &["sayso-alexa", "sayso-token"]),
    ("sayso-store", &["sayso-authority", "sayso-token"]),
    ("sayso-connections", &["sayso-authority", "sayso-token"]),
    ("sayso-web", &["sayso-token"]),
    ("sayso-acme", &["sayso-connections", "sayso-token", "sayso-web"]),
    ("sayso-server", &["sayso-authority", "sayso-connections", "sayso-store", "sayso-token", "sayso-web"]),
    ("sayso-gateway", &["sayso-token", "sayso-web"]),
    ("sayso-simulator", &["sayso-alexa", "sayso-authority", "sayso-token", "sayso-web"]),
    ("sayso-testkit", &["sayso-authority", "sayso-store", "sayso-token"]),
    (
        "sayso",
        &[
            "sayso-acme",
            "sayso-authority",
            "sayso-connections",
            "sayso-gateway",
            "sayso-server",
            "sayso-simulator",
            "sayso-store",
            "sayso-token",
            "sayso-web",
            EXAMPLES,
        ],
    ),
];

/// Stands in [`ARROWS`] for every package under `examples/`.
const EXAMPLES: &str = "examples/*";
/// A skill is written against the SDK and the words it uses, and against nothing behind them.
const EXAMPLE_ARROWS: &[&str] = &["sayso-alexa", "sayso-skill", "sayso-token"];
/// These look at the whole from outside. They may depend on anything; nothing may depend on them.
const OUTSIDE: [&str; 5] = ["sayso-benches", "sayso-benches-skill", "sayso-chaos", "sayso-e2e", "xtask"];
const TESTKIT: &str = "sayso-testkit";

/// Crates from elsewhere that belong to some of ours: name, owners, and the reason that a finding gives.
/// They may stand in any `[dev-dependencies]`.
const OWNED: [(&str, &[&str], &str); 7] = [
    (
        "rusqlite",
        &["sayso-store", "sayso-skill", "sayso-benches", "sayso-chaos"],
        "store is the only crate with SQL of Sayso's; skill keeps a skill's own attributes (feature `sqlite`), benches lays out large tables, chaos checks files from outside",
    ),
    ("tokio-postgres", &["sayso-store"], "store is the only crate with SQL"),
    ("deadpool-postgres", &["sayso-store"], "store is the only crate with SQL"),
    (
        "getrandom",
        &["sayso", TESTKIT, "sayso-benches"],
        "chance is handed in as `Entropy`; only the binary, the testkit and the load driver make it",
    ),
    (
        "anyhow",
        &["sayso", "xtask", "sayso-benches", "sayso-benches-skill", "sayso-chaos", "sayso-e2e"],
        "a library names its errors (thiserror)",
    ),
    ("jsonwebtoken", &[], "it is a second opinion for tests; `sayso_token` signs and verifies"),
    ("openidconnect", &[], "it is somebody else's client for tests; what it rests on (`rsa`) is not for ours"),
];

/// Checks every manifest's dependency tables.
pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &workspace.packages {
        let file = workspace.shown(&package.manifest);
        let manifest = std::fs::read_to_string(&package.manifest).unwrap_or_default();
        if arrows_of(package, workspace).is_none() {
            findings.push(Finding::error(&file, 1, unknown_crate(&package.name)));
        }
        for dependency in &package.dependencies {
            if let Some(text) = judge(package, dependency, workspace) {
                findings.push(Finding::error(&file, line_of(&manifest, dependency), text));
            }
        }
    }
    findings
}

fn unknown_crate(name: &str) -> String {
    format!(
        "{name} has no place in the crate graph: give it one in xtask/src/borders/arrows.rs and say why in docs/decisions/"
    )
}

/// Why this dependency may not be, or `None`.
fn judge(package: &Package, dependency: &Dependency, workspace: &Workspace) -> Option<String> {
    let (from, to) = (package.name.as_str(), dependency.name.as_str());
    let Some(target) = workspace.packages.iter().find(|member| member.name == to) else {
        return judge_foreign(from, dependency);
    };
    if OUTSIDE.contains(&to) {
        return Some(format!("{from} depends on {to}, which looks at the whole from outside: turn the arrow round"));
    }
    // A crate that names itself asks for more of its own features in its tests.
    let is_own_test = from == to && dependency.kind == Kind::Dev;
    if OUTSIDE.contains(&from) || is_own_test || (to == TESTKIT && dependency.kind == Kind::Dev) {
        return None;
    }
    if to == TESTKIT {
        return Some(format!("{from} depends on {to} outside its tests: move it to [dev-dependencies]"));
    }
    let target = if is_example(target, workspace) { EXAMPLES } else { to };
    let allowed = arrows_of(package, workspace)?;
    (!allowed.contains(&target)).then(|| {
        format!(
            "{from} may not depend on {to} (it may on: {}): move the code to where the arrow exists, or hand in what is needed",
            if allowed.is_empty() { "nothing of ours".to_owned() } else { allowed.join(", ") }
        )
    })
}

fn judge_foreign(from: &str, dependency: &Dependency) -> Option<String> {
    let (name, owners, reason) = OWNED.iter().find(|(name, ..)| *name == dependency.name)?;
    let allowed = dependency.kind == Kind::Dev || owners.contains(&from);
    (!allowed).then(|| format!("{from} may not depend on {name} outside its tests: {reason}"))
}

fn arrows_of<'a>(package: &Package, workspace: &Workspace) -> Option<&'a [&'a str]> {
    if is_example(package, workspace) {
        return Some(EXAMPLE_ARROWS);
    }
    if OUTSIDE.contains(&package.name.as_str()) {
        return Some(&[]);
    }
    ARROWS.iter().find(|(name, _)| *name == package.name).map(|(_, allowed)| *allowed)
}

fn is_example(package: &Package, workspace: &Workspace) -> bool {
    package.manifest.starts_with(workspace.root.join("examples"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use std::path::PathBuf;

    use super::*;

    /// A workspace of every crate in the table, two of `examples/` and those outside, with one dependency added.
    fn with(from: &str, to: &str, kind: Kind) -> Vec<Finding> {
        let names = ARROWS.iter().map(|(name, _)| ("crates", *name)).chain(OUTSIDE.map(|name| ("", name)));
        let names = names.chain([("examples", "quiz"), ("examples", "weather"), ("crates", "sayso-new")]);
        let packages = names
            .map(|(folder, name)| Package {
                name: name.to_owned(),
                manifest: PathBuf::from("/w").join(folder).join(name).join("Cargo.toml"),
                dependencies: if name == from { vec![Dependency { name: to.to_owned(), kind }] } else { Vec::new() },
            })
            .collect();
        let mut findings = check(&Workspace { root: "/w".into(), packages });
        findings.retain(|finding| !finding.text.starts_with("sayso-new has no place"));
        findings
    }

    #[test]
    fn the_arrows_of_the_design_are_allowed() {
        for (from, allowed) in ARROWS {
            for to in allowed.iter().filter(|to| **to != EXAMPLES) {
                assert_eq!(with(from, to, Kind::Normal), [], "{from} -> {to}");
            }
        }
        for (from, to) in
            [("sayso", "quiz"), ("quiz", "sayso-skill"), ("sayso-e2e", "sayso"), ("sayso-benches", TESTKIT)]
        {
            assert_eq!(with(from, to, Kind::Normal), [], "{from} -> {to}");
        }
    }

    #[test]
    fn no_other_arrow_is() {
        let cases = [
            ("sayso-token", "sayso-authority"),
            ("sayso-authority", "sayso-store"),
            ("sayso-alexa", "sayso-token"),
            ("sayso-skill", "sayso-web"),
            ("sayso-simulator", "sayso-skill"),
            ("sayso-simulator", "sayso-store"),
            ("sayso-gateway", "sayso-authority"),
            ("sayso-web", "sayso-server"),
            ("sayso-server", "sayso"),
            ("quiz", "sayso-store"),
            ("quiz", "weather"),
            ("sayso-server", "quiz"),
            ("sayso", "sayso-e2e"),
        ];
        for (from, to) in cases {
            for kind in [Kind::Normal, Kind::Dev, Kind::Build] {
                assert_eq!(with(from, to, kind).len(), 1, "{from} -> {to} as {kind:?}");
            }
        }
    }

    #[test]
    fn a_crate_may_ask_for_its_own_features_in_its_tests() {
        assert_eq!(with("sayso-skill", "sayso-skill", Kind::Dev), []);
        assert_eq!(with("sayso-skill", "sayso-skill", Kind::Normal).len(), 1);
    }

    #[test]
    fn the_testkit_is_for_tests() {
        assert_eq!(with("sayso-server", TESTKIT, Kind::Dev), []);
        assert_eq!(with("sayso-token", TESTKIT, Kind::Dev), []);
        let findings = with("sayso-server", TESTKIT, Kind::Normal);
        assert!(findings[0].text.contains("[dev-dependencies]"), "{}", findings[0].text);
        assert_eq!(with("quiz", TESTKIT, Kind::Build).len(), 1);
    }

    #[test]
    fn a_crate_that_the_table_does_not_know_is_told_so() {
        let package =
            Package { name: "sayso-new".into(), manifest: "/w/crates/new/Cargo.toml".into(), dependencies: Vec::new() };
        let findings = check(&Workspace { root: "/w".into(), packages: vec![package] });
        assert_eq!((findings[0].file.as_str(), findings[0].line), ("crates/new/Cargo.toml", 1));
        assert!(findings[0].text.contains("has no place in the crate graph"));
    }

    #[test]
    fn drivers_and_chance_stay_with_their_owners() {
        assert_eq!(with("sayso-store", "rusqlite", Kind::Normal), []);
        assert_eq!(with("sayso-server", "rusqlite", Kind::Normal).len(), 1);
        assert_eq!(with("sayso-web", "getrandom", Kind::Normal).len(), 1);
        assert_eq!(with("sayso-skill", "anyhow", Kind::Normal).len(), 1);
        assert_eq!(with("sayso-token", "jsonwebtoken", Kind::Dev), []);
        assert_eq!(with("sayso-token", "jsonwebtoken", Kind::Normal).len(), 1);
        assert_eq!(with("sayso-server", "serde", Kind::Normal), []);
    }
}
