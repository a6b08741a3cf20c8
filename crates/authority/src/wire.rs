//! Requests and replies of OAuth and OpenID Connect, parsed once; what is duplicated or cannot be decoded is refused,
//! not guessed.

pub mod answer;
pub mod authorize;
pub mod claims_request;
pub mod client_credentials;
pub mod client_metadata;
pub mod error;
pub mod form;
pub mod logout;
pub mod metadata;
pub mod provider;
pub mod query;
pub mod token;
