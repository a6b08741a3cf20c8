//! Measurements. `make bench` measures functions; `make load` drives a server of its own over sockets and prints the table
//! of `docs/performance.md`. Each figure stands beside what it is to be compared with, measured in the same run.

mod ambience;
pub mod args;
mod bare;
pub mod chain;
mod commands;
mod commits;
mod disk;
pub mod drive;
mod exchange;
pub mod fault;
mod filler;
mod installation;
pub mod line;
pub mod process;
pub mod scenario;
mod seed;
mod serve;
mod table;
pub mod tally;

pub use commands::{measure, run};
