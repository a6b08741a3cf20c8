//! The scenarios, one module each.

pub mod bad_file;
pub mod full_disk;
pub mod kill;
pub mod lossy_link;
pub mod outage;
pub mod overload;
pub mod race;
pub mod two_processes;
