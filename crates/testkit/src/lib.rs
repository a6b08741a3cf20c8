//! What tests are built with: a clock that is set, chance that repeats itself, records, databases. Never in a release;
//! other crates name it as a dev-dependency only.
//!
//! Everything here may panic: a test that cannot be set up has failed.

#![allow(clippy::disallowed_methods, reason = "tests may look at the real clock")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod chance;
mod clock;
mod database;
mod https;
mod postgres;
pub mod records;
pub mod tutorials;

pub use chance::SeededEntropy;
pub use clock::{NOW, TestClock};
pub use database::TempStore;
pub use https::{Asked, HttpsServer, json_answer};
pub use postgres::PostgresServer;
