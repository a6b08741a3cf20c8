//! Signing in at a provider elsewhere.

mod administered;
mod logout;
mod provider;
mod sign_in;
mod ways;
