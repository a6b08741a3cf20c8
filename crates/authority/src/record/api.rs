//! An API (resource server): what an access token is for.

use sayso_token::algorithm::Algorithm;
use sayso_token::time::Lifetime;
use serde::{Deserialize, Serialize};

/// Scopes about the person rather than an API (OpenID Connect Core section 5.4); any client that links accounts may
/// ask for those it is registered for.
pub const IDENTITY_SCOPES: [&str; 6] = ["openid", "profile", "email", "address", "phone", "offline_access"];

/// What an access token looks like: how the claims of a JWT are named, or that it is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenProfile {
    /// RFC 9068: `client_id`, `scope` as one text.
    Rfc9068,
    /// The first tutorial's: `azp`, `scope` as one text.
    Azp,
    /// The second tutorial's: `ver`, `cid`, `uid`, `scp` as an array.
    Cid,
    /// No JWT: a text that only this authority can read, for whoever introspects.
    Opaque,
}

/// Whether a person is asked before a scope is granted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeConsent {
    /// The person allows it, once for each link.
    #[default]
    Required,
    /// It comes with signing in, for clients that can prove themselves.
    Implicit,
}

impl ScopeConsent {
    fn is_required(&self) -> bool {
        *self == Self::Required
    }
}

/// A scope of an API.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// The name in requests and tokens.
    pub name: String,
    /// What the consent page says it allows, as a sentence after "… would like to".
    pub text: String,
    /// The same for a voice that says it aloud; `None`: as on the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoken: Option<String>,
    /// Whether the person is asked.
    #[serde(default, skip_serializing_if = "ScopeConsent::is_required")]
    pub consent: ScopeConsent,
    /// Whether it is meant by a request that names no scope. Where an API has no such scope, all of them are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
}

impl Scope {
    /// A scope that a person is asked for.
    pub fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
            spoken: None,
            consent: ScopeConsent::Required,
            default: false,
        }
    }
}

/// No token lives longer, whatever a configuration says. Replaced signing keys are published for that long: see
/// `sayso_token::rotation`.
pub const LONGEST_TOKEN: Lifetime = Lifetime::from_seconds(24 * 60 * 60);

/// An API: audience, scopes, signing algorithm, token profile and lifetime.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The identifier that becomes `aud`, compared byte for byte.
    pub audience: String,
    /// The name shown to people.
    pub name: String,
    /// What can be granted.
    pub scopes: Vec<Scope>,
    /// How its tokens are signed.
    pub algorithm: Algorithm,
    /// How its tokens' claims are named.
    pub profile: TokenProfile,
    /// How long an access token lives.
    pub token_lifetime: Lifetime,
}

impl Api {
    /// The scope of that name.
    pub fn scope(&self, name: &str) -> Option<&Scope> {
        self.scopes.iter().find(|scope| scope.name == name)
    }

    /// What a request means that names no scope: of those that the client may have, the API's defaults, or all of the
    /// API's where it has none.
    pub fn meant_scopes(&self, allowed: &[String]) -> Vec<String> {
        let some = self.scopes.iter().any(|scope| scope.default);
        let meant = |name: &&String| self.scope(name).is_some_and(|scope| scope.default || !some);
        allowed.iter().filter(meant).cloned().collect()
    }
}
