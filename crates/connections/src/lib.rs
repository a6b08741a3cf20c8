//! Upstream identity sources: who says that a person is who they claim to be.
//!
//! There is one source so far: the installation's own passwords, in [`password`]. Sources outside of it (OpenID
//! Connect, social sign-in, LDAP, SAML) are not there yet; each will answer with one upstream identity and be, like a
//! password check, a fact that a decision asks for and is then handed.

pub mod password;
