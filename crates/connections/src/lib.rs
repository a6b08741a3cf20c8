//! What is outside: upstream identity sources, and the room through which requests leave.
//!
//! Who says that a person is who they claim to be: the installation's own passwords are in [`password`]. Sources outside
//! of it answer with one upstream identity, which is, like a password check, a fact that a decision asks for and is then
//! handed: [`openid`] asks providers that speak OpenID Connect. LDAP and SAML are not there yet.
//!
//! [`fetch`] sends what clients' metadata asks for, to public addresses only; [`key_sets`] keeps clients' keys.

pub mod fetch;
mod keeper;
pub mod key_sets;
pub mod openid;
pub mod password;
