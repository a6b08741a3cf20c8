//! One file per question.

pub mod access_token;
pub mod add_user;
pub mod authenticate_client;
pub mod authorize;
pub mod client_credentials;
pub mod configuration;
pub mod consent;
pub mod custom_claims;
pub mod disable_user;
pub mod edit_profile;
pub mod exchange_code;
pub mod groups;
pub mod identify_token;
pub mod introspect;
pub mod plan;
pub mod policy;
pub mod preview;
pub mod refresh;
pub mod refresh_token;
pub mod restore;
pub mod revoke;
pub mod sign_in;
pub mod sign_out;
pub mod unlink;
pub mod userinfo;
