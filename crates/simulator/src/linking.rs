//! Linking an account, as the assistant's cloud does it: an OAuth client with a browser in between.

pub(crate) mod authorize;
pub(crate) mod callback;
pub(crate) mod events;
pub(crate) mod linked_with;
pub(crate) mod published_keys;
pub(crate) mod refresh;
pub(crate) mod token_endpoint;
pub(crate) mod unlink;

/// The name of the authorization server in the trace.
pub(crate) const AUTHORIZATION_SERVER: &str = "Authorization server";
/// The name of the cloud in the trace.
pub(crate) const ALEXA: &str = "Alexa";
/// The name of the skill in the trace.
pub(crate) const SKILL: &str = "Skill";
/// The name of an API behind the skill in the trace.
pub(crate) const API: &str = "API";
/// The name of the person's browser in the trace.
pub(crate) const BROWSER: &str = "Browser";
