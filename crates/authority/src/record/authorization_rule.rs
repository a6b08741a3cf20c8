//! How a client's authorization requests are taken, who people are to it, and what they may read of it meanwhile.

use serde::{Deserialize, Serialize};

/// Under which subjects a client knows people (OpenID Connect Core section 8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// By their id, as every other client does.
    #[default]
    Public,
    /// By an identifier of the client's sector alone.
    Pairwise,
}

/// A client's rule for authorization requests. The default is that of a client that says nothing about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthorizationRule {
    /// Whether it must push its requests (`require_pushed_authorization_requests`, RFC 9126 section 6).
    pub pushed_only: bool,
    /// Who people are to it.
    pub subject_type: SubjectType,
    /// The sector of pairwise subjects, a host; `None`: the host of its redirect URIs.
    pub sector_identifier: Option<String>,
    /// Where it begins a sign-in that was not begun there (OpenID Connect Core section 4).
    pub initiate_login_uri: Option<String>,
    /// Where it should take people who came by that way (`target_link_uri`).
    pub target_link_uri: Option<String>,
    /// What it does with people's data (`policy_uri`), linked on the pages of the flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Its terms of service (`tos_uri`), linked beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
}

impl AuthorizationRule {
    /// Whether nothing is said, so that nothing need be written.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A node of the version before reads what this one writes, as long as nothing new is said.
    #[test]
    fn what_is_new_is_written_only_where_it_is_said() {
        let rule = AuthorizationRule { pushed_only: true, ..AuthorizationRule::default() };
        let written = serde_json::to_value(&rule).unwrap();
        assert!(written.get("policy_uri").is_none() && written.get("tos_uri").is_none(), "{written}");
        assert_eq!(serde_json::from_value::<AuthorizationRule>(written).unwrap(), rule);
    }
}
