//! What machines call: tokens in, JSON out.

mod caller;
pub(crate) mod introspect;
pub(crate) mod metadata;
mod posted;
pub(super) mod push;
pub(crate) mod register;
pub(crate) mod revoke;
pub(super) mod scripts;
mod shown_token;
pub(crate) mod token;
pub(crate) mod userinfo;
