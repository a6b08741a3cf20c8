//! What travels between the parts of Sayso: secrets, time, keys, signatures, claims, and the guard that judges
//! whether an access token suffices.
//!
//! Everything here is pure: no clock is read, no randomness drawn (it is handed in), nothing leaves the process.

pub mod algorithm;
pub mod claims;
pub mod digest;
pub mod encoding;
pub mod entropy;
pub mod guard;
pub mod json;
pub mod jwk;
pub mod jws;
pub mod keyring;
pub mod pairwise;
pub mod rotation;
pub mod scope;
pub mod seal;
pub mod sealing_keys;
pub mod secret;
pub mod time;
pub mod visible;

#[cfg(test)]
mod testing;
