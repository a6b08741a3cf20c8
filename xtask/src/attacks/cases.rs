//! The reference's attack cases.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

/// A case, as far as the report needs it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(super) struct Case {
    /// `WEB-003`
    pub(super) id: String,
    /// `browser`
    pub(super) area: String,
    /// `P0`, the most pressing, to `P2`.
    #[serde(default)]
    pub(super) priority: String,
    /// What it is, in a line.
    #[serde(default)]
    pub(super) title: String,
}

/// Reads the list.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Case>> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is no list of attack cases", path.display()))
}

/// What ids begin with: `WEB`, `DOS`, …
pub(super) fn kinds(cases: &[Case]) -> BTreeSet<String> {
    cases.iter().filter_map(|case| case.id.split_once('-')).map(|(kind, _)| kind.to_owned()).collect()
}
