//! One thing that a check found, and how it is printed.

use std::fmt;

/// How much a finding weighs: an error fails the run, advice does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Error,
    Advice,
}

/// One line of the report: where, what is wrong, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) weight: Weight,
    /// Path from the workspace root, with `/` between the parts.
    pub(crate) file: String,
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) text: String,
}

impl Finding {
    /// A finding that fails the run; advice comes from measures only.
    pub(crate) fn error(file: impl Into<String>, line: usize, text: impl Into<String>) -> Self {
        Self { weight: Weight::Error, file: file.into(), line, text: text.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = match self.weight {
            Weight::Error => "error ",
            Weight::Advice => "advice",
        };
        write!(f, "{weight} {}:{}: {}", self.file, self.line, self.text)
    }
}
