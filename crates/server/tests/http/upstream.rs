//! Signing in at a provider elsewhere.

mod logout;
mod provider;
mod sign_in;
mod ways;
