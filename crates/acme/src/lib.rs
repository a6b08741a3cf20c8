//! Certificates by ACME (RFC 8555): the first one when the server starts without, its renewal, and where account and
//! certificate are kept.
//!
//! The protocol is instant-acme's. What is decided here is when to order and how long to wait ([`renewal`]), by rules without a
//! clock; [`Keeper`] carries them out. Names are validated on the TLS port itself (TLS-ALPN-01, RFC 8737).

mod account;
mod answers;
mod directory;
mod failure;
pub mod folder;
mod issued;
pub mod keep;
mod keeper;
mod order;
pub mod renewal;
mod settings;
pub mod spread;
mod tries;

pub use failure::Failure;
pub use keeper::{CannotBegin, Keeper};
pub use settings::{ExternalAccount, LETS_ENCRYPT, Settings};
