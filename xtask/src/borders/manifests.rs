//! What stands in the manifests besides dependencies: that every crate is a member, and that none leaves the house rules.

use std::path::Path;

use anyhow::Context;
use toml::Table;

use crate::finding::Finding;
use crate::workspace::{Dependency, Workspace};

/// Checks the root manifest, that of each member, and that each folder under `crates/` is a member.
///
/// # Errors
/// When a manifest cannot be read.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    findings.extend(forbids_unsafe(&read(&workspace.root.join("Cargo.toml"))?));
    for package in &workspace.packages {
        findings.extend(keeps_the_lints(&workspace.shown(&package.manifest), &read(&package.manifest)?));
    }
    for folder in workspace.crate_folders()? {
        if !workspace.packages.iter().any(|package| package.manifest.parent() == Some(&folder)) {
            let text = "is not a member of the workspace: give it a Cargo.toml or take it away";
            findings.push(Finding::error(workspace.shown(&folder), 1, text));
        }
    }
    Ok(findings)
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

fn forbids_unsafe(manifest: &str) -> Option<Finding> {
    let level = parse(manifest).and_then(|table| {
        Some(table.get("workspace")?.get("lints")?.get("rust")?.get("unsafe_code")?.as_str()?.to_owned())
    });
    (level.as_deref() != Some("forbid"))
        .then(|| Finding::error("Cargo.toml", 1, "[workspace.lints.rust] must say unsafe_code = \"forbid\""))
}

fn keeps_the_lints(file: &str, manifest: &str) -> Option<Finding> {
    let kept = parse(manifest).and_then(|table| table.get("lints")?.get("workspace")?.as_bool());
    let text = "does not take the workspace's lints (unsafe is forbidden there): add [lints] workspace = true";
    (kept != Some(true)).then(|| Finding::error(file, 1, text))
}

fn parse(manifest: &str) -> Option<Table> {
    manifest.parse().ok()
}

/// The line, counted from 1, on which a manifest names `dependency`; 1 when it is written in a way not looked for.
pub(crate) fn line_of(manifest: &str, dependency: &Dependency) -> usize {
    let table = dependency.kind.table();
    let mut inside = false;
    for (number, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            let header = header.trim_end_matches(']');
            let (before, last) = header.rsplit_once('.').unwrap_or(("", header));
            if last == dependency.name && (before == table || before.ends_with(&format!(".{table}"))) {
                return number + 1;
            }
            inside = last == table;
        } else if inside && line.strip_prefix(&dependency.name).is_some_and(|rest| rest.starts_with(['.', ' ', '='])) {
            return number + 1;
        }
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Kind;

    const MANIFEST: &str = "\
[package]
name = \"a\"

[lints]
workspace = true

[dependencies]
serde-json.workspace = true
serde.workspace = true
tokio = { version = \"1\" }

[dev-dependencies]
serde = \"1\"

[target.'cfg(unix)'.dependencies.nix]
version = \"1\"
";

    fn line(name: &str, kind: Kind) -> usize {
        line_of(MANIFEST, &Dependency { name: name.to_owned(), kind })
    }

    #[test]
    fn a_dependency_is_found_on_its_line() {
        assert_eq!(line("serde", Kind::Normal), 9);
        assert_eq!(line("tokio", Kind::Normal), 10);
        assert_eq!(line("serde", Kind::Dev), 13);
        assert_eq!(line("nix", Kind::Normal), 15);
        assert_eq!(line("elsewhere", Kind::Normal), 1);
    }

    #[test]
    fn the_lints_are_kept_or_reported() {
        assert_eq!(keeps_the_lints("crates/a/Cargo.toml", MANIFEST), None);
        assert!(keeps_the_lints("crates/a/Cargo.toml", "[package]\nname = \"a\"\n").is_some());
        assert!(keeps_the_lints("crates/a/Cargo.toml", "[lints.rust]\nunsafe_code = \"allow\"\n").is_some());
    }

    #[test]
    fn unsafe_is_forbidden_not_merely_denied() {
        assert_eq!(forbids_unsafe("[workspace.lints.rust]\nunsafe_code = \"forbid\"\n"), None);
        assert!(forbids_unsafe("[workspace.lints.rust]\nunsafe_code = \"deny\"\n").is_some());
        assert!(forbids_unsafe("[workspace]\n").is_some());
    }
}
