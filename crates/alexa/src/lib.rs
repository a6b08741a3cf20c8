//! Alexa's words and rules: requests, responses, interaction models, signatures, limits.

pub mod account_linking;
pub mod addressee;
pub mod bearer;
pub mod check;
pub mod customer_settings;
pub mod dialog;
pub mod envelope;
pub mod field;
pub mod intent_schema;
pub mod interaction_model;
pub mod limits;
pub mod manifest;
pub mod package;
pub mod progressive;
pub mod response;
pub mod server_chain;
pub mod signature;
pub mod ssml;
pub mod timestamp;
