//! The scenarios, one module each.

pub mod kill;
pub mod lossy_link;
pub mod race;
