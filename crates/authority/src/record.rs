//! What is remembered. Authorities, APIs, clients, claims and policies come from the configuration; users, sessions,
//! codes and grants live in the store.

pub mod api;
pub mod attribute;
pub mod audit_record;
pub mod audit_seal;
pub mod authority;
pub mod authorization_rule;
pub mod change;
pub mod claim;
pub mod client;
pub mod code;
pub mod configuration;
pub mod connection;
pub mod event;
pub mod grant;
pub mod group;
pub mod identity;
pub mod logout_notice;
pub mod logout_rule;
pub mod policy;
pub mod pushed_request;
pub mod registration;
pub mod session;
pub mod terms;
pub mod user;
