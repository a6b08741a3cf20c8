//! What can be wrong with an answer.

use std::fmt;

/// A request that did not get what it should.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// No connection, or it broke.
    Connection,
    /// Another status than 200.
    Status(u16),
    /// Status 200, and not what was asked for.
    Answer,
    /// The refresh rule was broken: a link would be lost or a chain forked. One of these fails a run.
    Rotation(BadRotation),
}

/// How the refresh rule can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BadRotation {
    /// No refresh token came.
    Missing,
    /// The presented token came back.
    Unchanged,
    /// Not the next token of this grant's chain.
    NotTheSuccessor,
    /// The same token presented twice got two successors.
    Forked,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection => f.write_str("connection"),
            Self::Status(status) => write!(f, "status {status}"),
            Self::Answer => f.write_str("answer"),
            Self::Rotation(BadRotation::Missing) => f.write_str("rotation: no refresh token"),
            Self::Rotation(BadRotation::Unchanged) => f.write_str("rotation: unchanged"),
            Self::Rotation(BadRotation::NotTheSuccessor) => f.write_str("rotation: not the successor"),
            Self::Rotation(BadRotation::Forked) => f.write_str("rotation: forked"),
        }
    }
}
