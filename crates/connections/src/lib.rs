//! What is outside: upstream identity sources, and the room through which requests leave.
//!
//! Who says that a person is who they claim to be: there is one source so far, the installation's own passwords, in
//! [`password`]. Sources outside of it (OpenID Connect, social sign-in, LDAP, SAML) are not there yet; each will answer
//! with one upstream identity and be, like a password check, a fact that a decision asks for and is then handed.
//!
//! [`fetch`] sends what clients' metadata asks for, to public addresses only; [`key_sets`] keeps clients' keys.

pub mod fetch;
pub mod key_sets;
pub mod password;
