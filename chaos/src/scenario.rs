//! The scenarios, one module each.

pub mod lossy_link;
pub mod race;
