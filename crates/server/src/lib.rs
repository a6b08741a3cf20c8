//! The authority over HTTP: handlers parse, settle and print; what they decide is decided in `sayso_authority`.

pub mod audit;
mod browser;
pub mod certificates;
pub mod configuration;
mod connection_secrets;
mod guessing;
mod health;
mod keys;
mod live;
mod logouts;
mod open;
pub mod pages;
mod place;
mod routes;
pub mod sealing;
pub mod signing_keys;
mod succession;
mod verified_tokens;

pub use connection_secrets::ConnectionSecrets;
pub use keys::BadKeys;
pub use live::Server;
pub use open::{AdminSettings, OpenError, ReadConfiguration, Settings};
pub use sayso_connections::fetch::Outgoing;
pub use sealing::{Ambience, MasterKeySource, MasterKeys};
