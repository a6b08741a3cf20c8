//! Faults of every kind, and what must hold under them: racing callers, lost answers, killed processes, a database that
//! goes away, full disks and damaged files.
//!
//! Each scenario is a function that takes a [`run::Run`] and answers with its figures, or with what does not hold. The
//! tests of this crate play short ones; `cargo xtask chaos` plays long ones in the release profile.

#![allow(clippy::disallowed_methods, reason = "a run looks at the real clock, as testkit does")]

pub mod chance;
pub mod database;
pub mod history;
pub mod house;
pub mod installation;
pub mod ledger;
pub mod node;
pub mod play;
pub mod process;
pub mod run;
pub mod scenario;
