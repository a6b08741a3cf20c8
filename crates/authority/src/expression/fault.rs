//! What is wrong with an expression, and what to do about it.

use cel::ParseErrors;

use super::roots::{Root, fields_of};
use super::{DEEPEST, LONGEST};

/// Why an expression cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is none.
    Empty,
    /// It has more than [`LONGEST`] characters.
    TooLong,
    /// It is nested too deeply.
    TooDeep,
    /// It could take too long, or grow too large, for somebody.
    TooCostly,
    /// It is not the language.
    Unreadable {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the parser says.
        message: String,
    },
    /// A name that is no root.
    UnknownName(String),
    /// A field that a root does not have.
    UnknownField {
        /// The root.
        root: &'static str,
        /// What was asked of it.
        field: String,
    },
    /// A root that has fields, without one.
    WholeRoot(&'static str),
    /// A function that is not offered, or not with so many arguments.
    UnknownFunction(String),
    /// A part of the language that is not offered.
    NotOffered(&'static str),
}

impl Fault {
    pub(super) fn unreadable(errors: &ParseErrors) -> Self {
        let first = errors.errors.first();
        let place = |at: isize| usize::try_from(at).unwrap_or_default().max(1);
        let message = first.map_or_else(String::new, |error| error.msg.clone());
        if message.contains("recursion limit") {
            return Self::TooDeep;
        }
        let (line, column) = first.map_or((1, 1), |error| (place(error.pos.0), place(error.pos.1)));
        Self::Unreadable { line, column, message }
    }

    /// What is wrong.
    pub fn what(&self) -> String {
        match self {
            Self::Empty => "the expression is empty".to_owned(),
            Self::TooLong => format!("the expression is longer than {LONGEST} characters"),
            Self::TooDeep => format!("the expression is nested more than {DEEPEST} deep"),
            Self::TooCostly => "the expression could take too long or grow too large for somebody".to_owned(),
            Self::Unreadable { line, column, message } => {
                let message = message.strip_prefix("Syntax error: ").unwrap_or(message);
                format!("the expression cannot be read at its line {line}, column {column}: {message}")
            }
            Self::UnknownName(name) => format!("the expression knows nothing of the name {name:?}"),
            Self::UnknownField { root, field } => format!("{root} has no {field:?}"),
            Self::WholeRoot(root) => format!("{root} as a whole has no value"),
            Self::UnknownFunction(name) => format!("there is no function {name} with these arguments"),
            Self::NotOffered(what) => format!("{what} cannot stand in an expression"),
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Empty => "write what it says, such as user.firstName".to_owned(),
            Self::TooLong | Self::TooDeep => "say it more simply, or in two claims".to_owned(),
            Self::TooCostly => {
                "go through groups or scope once, not within one another, and put together fewer texts".to_owned()
            }
            Self::Unreadable { .. } => "see docs/expressions.md for how expressions are written".to_owned(),
            Self::UnknownName(_) => {
                let all: Vec<&str> = Root::ALL.iter().map(|root| root.name()).collect();
                format!("begin with one of {}; texts stand between quotes", all.join(", "))
            }
            Self::UnknownField { root, .. } | Self::WholeRoot(root) => match *root {
                "user" => "write user. and an attribute of the profile, or user.id, user.username".to_owned(),
                root => {
                    format!("write {}", fields_of(root).map(|f| format!("{root}.{f}")).collect::<Vec<_>>().join(" or "))
                }
            },
            Self::UnknownFunction(_) => "docs/expressions.md lists the functions".to_owned(),
            Self::NotOffered(_) => "use texts, numbers, lists, and the functions of docs/expressions.md".to_owned(),
        }
    }
}
