//! The authority over HTTP: handlers parse, settle and print; what they decide is decided in `sayso_authority`.

mod browser;
mod keys;
mod open;
pub mod pages;
mod place;
mod routes;

pub use keys::BadKeys;
pub use open::{OpenError, Server, Settings};
