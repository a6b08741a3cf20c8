//! What people see: signing in, consenting, their account.

pub(crate) mod authorize;
pub(crate) mod consent;
pub(crate) mod end_session;
mod faces;
mod flow;
pub(crate) mod home;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod profile;
pub(crate) mod upstream;
mod ways;
