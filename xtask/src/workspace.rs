//! The workspace as the checks see it: its packages with their direct dependencies, its Rust files, and what cargo
//! resolves for one package.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde::Deserialize;

/// The folders whose Rust files are ours to measure.
const SOURCE_FOLDERS: [&str; 7] = ["benches", "chaos", "crates", "e2e", "examples", "fuzz", "xtask"];

/// What `cargo metadata --no-deps` tells.
#[derive(Deserialize)]
pub(crate) struct Workspace {
    #[serde(rename = "workspace_root")]
    pub(crate) root: PathBuf,
    pub(crate) packages: Vec<Package>,
}

/// One member of the workspace.
#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    #[serde(rename = "manifest_path")]
    pub(crate) manifest: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a manifest's dependency tables.
#[derive(Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    #[serde(default, deserialize_with = "kind")]
    pub(crate) kind: Kind,
}

/// The table that a dependency stands in. What stands under `[target.….dependencies]` counts the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Normal,
    Dev,
    Build,
}

impl Kind {
    /// The last word of the manifest's table header.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::Normal => "dependencies",
            Self::Dev => "dev-dependencies",
            Self::Build => "build-dependencies",
        }
    }
}

/// Cargo prints `null` for a normal dependency.
fn kind<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Kind, D::Error> {
    Ok(match Option::<String>::deserialize(deserializer)?.as_deref() {
        None => Kind::Normal,
        Some("dev") => Kind::Dev,
        Some("build") => Kind::Build,
        Some(other) => {
            return Err(serde::de::Error::custom(format!("unknown dependency kind {other}")));
        }
    })
}

impl Workspace {
    /// Asks cargo about the workspace that the current folder belongs to.
    ///
    /// # Errors
    /// When cargo fails (a manifest cannot be read, for one) or answers what is not JSON.
    pub(crate) fn read() -> anyhow::Result<Self> {
        let json = cargo(&["metadata", "--format-version", "1", "--no-deps"])?;
        serde_json::from_str(&json).context("the answer of cargo metadata")
    }

    /// `path` as findings print it.
    pub(crate) fn shown(&self, path: &Path) -> String {
        let inside = path.strip_prefix(&self.root).unwrap_or(path);
        inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
    }

    /// Every `.rs` file of ours, in order of its path.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub(crate) fn sources(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for folder in SOURCE_FOLDERS.map(|name| self.root.join(name)).iter().filter(|path| path.is_dir()) {
            collect_sources(folder, &mut found)?;
        }
        found.sort();
        Ok(found)
    }

    /// The folders directly under `crates/`.
    ///
    /// # Errors
    /// When `crates/` cannot be listed.
    pub(crate) fn crate_folders(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut folders = Vec::new();
        for path in listed(&self.root.join("crates"))? {
            if path.is_dir() {
                folders.push(path);
            }
        }
        Ok(folders)
    }
}

/// Names of the crates that `package` is built from, itself included: what its normal dependencies reach with the features
/// that this package alone asks for. Build scripts and procedural macros are left out: they do not run in the product.
///
/// # Errors
/// When cargo cannot resolve the package.
pub(crate) fn tree(package: &str, flags: &[&str]) -> anyhow::Result<BTreeSet<String>> {
    let mut arguments = vec!["tree", "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"];
    arguments.extend(["--package", package]);
    arguments.extend(flags);
    Ok(names_in_tree(&cargo(&arguments)?))
}

/// The first word of each line: cargo prints `name v1.2.3 (path)`.
fn names_in_tree(printed: &str) -> BTreeSet<String> {
    printed.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

fn cargo(arguments: &[&str]) -> anyhow::Result<String> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(program).args(arguments).output().context("cargo does not start")?;
    if !output.status.success() {
        bail!("cargo {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).context("cargo printed what is not UTF-8")
}

fn collect_sources(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for path in listed(folder)? {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            if name != "target" && name != "node_modules" && !name.starts_with('.') {
                collect_sources(&path, found)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

fn listed(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        paths.push(entry.with_context(|| folder.display().to_string())?.path());
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn metadata_tells_the_three_kinds_of_dependency_apart() {
        let json = r#"{"workspace_root":"/w","packages":[{"name":"a","manifest_path":"/w/crates/a/Cargo.toml",
            "dependencies":[{"name":"n","kind":null},{"name":"d","kind":"dev"},{"name":"b","kind":"build"}]}]}"#;
        let workspace: Workspace = serde_json::from_str(json).unwrap();
        let kinds: Vec<Kind> = workspace.packages[0].dependencies.iter().map(|dependency| dependency.kind).collect();
        assert_eq!(kinds, [Kind::Normal, Kind::Dev, Kind::Build]);
        assert_eq!(workspace.shown(&workspace.packages[0].manifest), "crates/a/Cargo.toml");
    }

    #[test]
    fn a_tree_is_read_by_its_first_words() {
        let printed = "sayso-token v0.1.0 (/w/crates/token)\naws-lc-rs v1.19.0\naws-lc-rs v1.19.0 (*)\n\n";
        let names: Vec<String> = names_in_tree(printed).into_iter().collect();
        assert_eq!(names, ["aws-lc-rs", "sayso-token"]);
    }
}
