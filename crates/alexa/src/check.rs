//! What is wrong in the files of a skill package: what Amazon's build refuses, and what certification and the naming
//! rules want.
//!
//! Rules: "Custom Interaction Model Reference", "Choose the Invocation Name", the Skill Manifest and Account Linking
//! Schemas, and the security requirements for skills.

mod dialog;
mod invocation_name;
mod linking;
mod listing;
mod manifest;
mod model;
mod names;
mod samples;
mod types;

pub use linking::check_account_linking;
pub use listing::{Package, check_package};
pub use manifest::{LOCALES, check_manifest};
pub use model::check_model;
pub use samples::spoken_shape;

use serde::Serialize;

use crate::package::{Fault, Source};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Amazon's build or interface refuses it.
    Error,
    /// Certification, or a rule of naming, speaks against it; or it cannot work as it is meant.
    Warning,
}

/// One thing found in a file. Its texts never hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The line, counted from 1.
    pub line: usize,
    /// Amazon's name of the error, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// What is wrong, in plain words, without a full stop.
    pub what: String,
    /// What to do about it, in plain words, without a full stop.
    pub fix: String,
}

impl Finding {
    /// A fault that keeps a file from being read.
    pub fn unreadable(fault: Fault, code: &'static str) -> Self {
        Self { severity: Severity::Error, line: fault.line, code: Some(code), what: fault.what, fix: fault.fix }
    }
}

/// Gathers what is found in one file.
pub(crate) struct Findings<'s> {
    source: &'s Source,
    found: Vec<Finding>,
}

impl<'s> Findings<'s> {
    fn new(source: &'s Source) -> Self {
        Self { source, found: Vec::new() }
    }

    /// An error at the place that `path` leads to: each word the first after the one before it.
    fn error(&mut self, path: &[&str], code: Option<&'static str>, what: impl Into<String>, fix: impl Into<String>) {
        self.add(Severity::Error, path, code, what.into(), fix.into());
    }

    /// A warning at the place that `path` leads to.
    fn warn(&mut self, path: &[&str], what: impl Into<String>, fix: impl Into<String>) {
        self.add(Severity::Warning, path, None, what.into(), fix.into());
    }

    fn add(&mut self, severity: Severity, path: &[&str], code: Option<&'static str>, what: String, fix: String) {
        // The dialog model names intents and types too, and may come first.
        let within = match path.first() {
            Some(&("intents[" | "types")) => Some("languageModel"),
            _ => None,
        };
        let path: Vec<&str> = within.into_iter().chain(path.iter().copied()).collect();
        let finding = Finding { severity, line: self.source.line_of(&path), code, what, fix };
        if !self.found.contains(&finding) {
            self.found.push(finding);
        }
    }

    fn has_errors(&self) -> bool {
        self.found.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// What was found, in the file's order.
    fn into_sorted(mut self) -> Vec<Finding> {
        self.found.sort_by_key(|finding| (finding.line, finding.severity));
        self.found
    }
}
