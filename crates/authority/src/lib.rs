//! What the authorization server decides.
//!
//! A decision is a pure function: a request, what is remembered, now and chance go in; a reply and changes come out.
//! Nothing here can await, read a clock, draw randomness or touch a database: the crate depends on nothing that can.

pub mod ambient;
pub mod decide;
pub mod expression;
pub mod record;
pub mod wire;

// What tests share names this crate as those in `tests/` do.
#[cfg(test)]
extern crate self as sayso_authority;
#[cfg(test)]
#[allow(dead_code, reason = "the tests in `tests/` use more of it")]
mod testing;

pub use ambient::{Ambient, Decision};
