//! The authority over HTTP, as programs and browsers meet it: the whole router, a real database file, a clock that is
//! set by hand. One binary, one module for each area of URLs.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod house;

mod account;
mod admin;
mod authorize;
mod backchannel;
mod client_assertion;
mod client_auth;
mod consent;
mod copies;
mod guard;
mod headers;
mod health;
mod introspect;
mod isolation;
mod login;
mod logout;
mod malformed;
mod metadata;
mod nodes;
mod openid;
mod outage;
mod policies;
mod pushed;
mod register;
mod remembered;
mod resting;
mod revoke;
mod rotation;
mod scripts;
mod secrecy;
mod slow;
mod token_client;
mod token_code;
mod token_refresh;
mod upstream;
mod userinfo;
