//! What is wrong in a configuration file, where it stands, and what to do about it.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, but its author should look.
    Warning,
}

/// One thing found in a configuration file. Its texts never hold a secret.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// How bad it is.
    pub(crate) severity: Severity,
    /// The file.
    pub(crate) file: PathBuf,
    /// The line, counted from 1.
    pub(crate) line: usize,
    /// The tables around it and its key: `authority "quiz" › client "alexa" › redirect_uris`.
    pub(crate) place: String,
    /// What is wrong.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) fix: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{}:{}: {severity}: ", self.file.display(), self.line)?;
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        write!(f, "{}; {}", self.what, self.fix)
    }
}

/// Gathers findings while a file is read, so that its author hears of all of them at once.
pub(crate) struct Findings<'a> {
    file: &'a Path,
    text: &'a str,
    place: Vec<String>,
    found: Vec<Finding>,
}

impl<'a> Findings<'a> {
    /// Nothing found yet in this file.
    pub(crate) fn new(file: &'a Path, text: &'a str) -> Self {
        Self { file, text, place: Vec::new(), found: Vec::new() }
    }

    /// The file that is read.
    pub(crate) fn file(&self) -> &'a Path {
        self.file
    }

    /// Notes an error at `span`, a range of bytes of the text.
    pub(crate) fn error(&mut self, span: Range<usize>, key: &str, what: impl Into<String>, fix: impl Into<String>) {
        self.note(Severity::Error, span, key, (what.into(), fix.into()));
    }

    /// Notes a warning at `span`.
    pub(crate) fn warning(&mut self, span: Range<usize>, key: &str, what: impl Into<String>, fix: impl Into<String>) {
        self.note(Severity::Warning, span, key, (what.into(), fix.into()));
    }

    fn note(&mut self, severity: Severity, span: Range<usize>, key: &str, (what, fix): (String, String)) {
        let key = Some(key).filter(|key| !key.is_empty());
        let place: Vec<&str> = self.place.iter().map(String::as_str).chain(key).collect();
        self.found.push(Finding {
            severity,
            file: self.file.to_owned(),
            line: self.line(span.start),
            place: place.join(" › "),
            what,
            fix,
        });
    }

    /// What is noted by `look` is placed inside `place`.
    pub(crate) fn within<T>(&mut self, place: String, look: impl FnOnce(&mut Self) -> T) -> T {
        self.place.push(place);
        let seen = look(self);
        self.place.pop();
        seen
    }

    /// The line of a byte, counted from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().get(..offset).unwrap_or(self.text.as_bytes());
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    /// Whether an error is among the findings.
    pub(crate) fn failed(&self) -> bool {
        self.found.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The findings in the order of the file.
    pub(crate) fn into_found(mut self) -> Vec<Finding> {
        self.found.sort_by_key(|finding| finding.line);
        self.found
    }
}
