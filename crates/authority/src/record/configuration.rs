//! The configuration in force: what all nodes of an installation are, the same on each.

use serde::{Deserialize, Serialize};

use super::attribute::Attribute;
use super::authority::Authority;

/// What an installation is. It is kept as JSON, which nodes of the version before and after read as well: a field that is
/// added needs a default, and a reader that does not know a field refuses the whole rather than judge by half of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// The profile schema.
    pub attributes: Vec<Attribute>,
    /// The authorities.
    pub authorities: Vec<Authority>,
}
