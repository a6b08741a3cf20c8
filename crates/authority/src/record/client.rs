//! A client: who asks for tokens.

use sayso_token::algorithm::Algorithm;
use sayso_token::digest::Digest;
use sayso_token::secret::Secret;
use sayso_token::time::Lifetime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::{Origin, Url};

use super::api::TokenProfile;
use super::authorization_rule::{AuthorizationRule, SubjectType};
use super::logout_rule::LogoutRule;

/// How a client proves itself at the token endpoint (OpenID Connect Core section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// The secret in the `Authorization` header or in the body, whichever the client's maker built. Never both.
    Secret,
    /// `client_secret_basic` only.
    SecretBasic,
    /// `client_secret_post` only.
    SecretPost,
    /// A public client: no secret, PKCE always.
    None,
    /// `private_key_jwt`: an assertion signed with a key of the client's (RFC 7523).
    PrivateKeyJwt,
}

/// Where a client's public keys are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientKeys {
    /// `jwks`: a JWK Set.
    Inline(Value),
    /// `jwks_uri`: fetched from there.
    At(String),
}

/// Whom an assertion may be meant for. The issuer is the one name that no other server can claim; many clients still
/// write the token endpoint, as OpenID Connect Core section 9 suggests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssertionAudience {
    /// The issuer only.
    Issuer,
    /// The issuer, or the URL of the token endpoint.
    IssuerOrTokenEndpoint,
}

/// What a client signs its assertions with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssertionRule {
    /// Its keys.
    pub keys: ClientKeys,
    /// The algorithms that are accepted; one, unless the client left it open.
    pub algorithms: Vec<Algorithm>,
    /// What `aud` may be.
    pub audience: AssertionAudience,
}

/// What a client may ask the token endpoint for (RFC 6749 section 1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// `authorization_code`
    AuthorizationCode,
    /// `client_credentials`
    ClientCredentials,
    /// `refresh_token`
    RefreshToken,
}

impl GrantType {
    /// The registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken => "refresh_token",
        }
    }

    /// By registered name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::AuthorizationCode, Self::ClientCredentials, Self::RefreshToken]
            .into_iter()
            .find(|grant| grant.name() == name)
    }
}

/// What happens when a refresh token is presented again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// The same successor again, until that successor was used or `overlap` since the first use has passed. A lost
    /// answer never unlinks; real reuse revokes.
    SameSuccessor,
    /// The same refresh token stays, for clients that cannot keep another. Nothing shows that two hold it.
    Static,
    /// Only within `overlap` of the first use; afterwards it is reuse, whether or not the successor was used.
    Strict,
}

/// Whether a client's question is put to a person who has answered it before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentMemory {
    /// What a person has allowed is not asked again while the link lives. A public client's question always is: anyone
    /// may pose as it.
    #[default]
    Remembered,
    /// Each time, as where people at one browser link accounts of their own.
    Always,
}

impl ConsentMemory {
    fn is_remembered(&self) -> bool {
        *self == Self::Remembered
    }
}

/// A client's refresh rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshRule {
    /// What happens on a repeat.
    pub rotation: Rotation,
    /// How long after its first use a refresh token always gets the same successor.
    pub overlap: Lifetime,
    /// How long a grant may rest unused before it ends; `None`: an idle household stays linked.
    pub idle: Option<Lifetime>,
}

/// A client: a voice skill's linking client, an app, a machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// `client_id`.
    pub id: String,
    /// The name shown to people.
    pub name: String,
    /// How it proves itself.
    pub authentication: ClientAuthentication,
    /// Digests of its live secrets; two while one is being replaced.
    pub secrets: Vec<Digest>,
    /// Where answers may be sent, compared byte for byte.
    pub redirect_uris: Vec<String>,
    /// A native app's loopback redirect may use any port (RFC 8252 section 7.3).
    pub native: bool,
    /// What it may ask for.
    pub grants: Vec<GrantType>,
    /// The scopes it may be granted.
    pub scopes: Vec<String>,
    /// Whether it must use PKCE. A challenge that is sent is always enforced.
    pub pkce_required: bool,
    /// Its refresh rule.
    pub refresh: RefreshRule,
    /// Audiences whose tokens it may introspect, beside those issued to itself.
    pub introspects: Vec<String>,
    /// Its rule for signing out.
    #[serde(default, skip_serializing_if = "LogoutRule::is_default")]
    pub logout: LogoutRule,
    /// A disabled client gets nothing anywhere.
    pub disabled: bool,
    /// How its authorization requests are taken, and who people are to it.
    #[serde(default, skip_serializing_if = "AuthorizationRule::is_default")]
    pub authorization: AuthorizationRule,
    /// Whether people are asked again what they have allowed before.
    #[serde(default, skip_serializing_if = "ConsentMemory::is_remembered")]
    pub consent: ConsentMemory,
    /// How its ID tokens are signed (`id_token_signed_response_alg`).
    #[serde(default = "rs256", skip_serializing_if = "is_rs256")]
    pub id_token_algorithm: Algorithm,
    /// How its userinfo is signed (`userinfo_signed_response_alg`); `None`: it is plain JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_algorithm: Option<Algorithm>,
    /// What its access tokens look like, whatever their API says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_profile: Option<TokenProfile>,
    /// How long its access tokens live, whatever their API says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_lifetime: Option<Lifetime>,
    /// `default_max_age`: how old a sign-in may be for a request that does not say, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u32>,
    /// How it signs its assertions, where it authenticates by [`ClientAuthentication::PrivateKeyJwt`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assertion: Option<AssertionRule>,
}

/// OpenID Connect Dynamic Client Registration section 2: RS256 unless another was asked for.
const fn rs256() -> Algorithm {
    Algorithm::Rs256
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
const fn is_rs256(algorithm: &Algorithm) -> bool {
    matches!(algorithm, Algorithm::Rs256)
}

impl Client {
    /// Whether `secret` is one of the live secrets; every one is compared, in constant time.
    pub fn knows(&self, secret: &Secret) -> bool {
        let offered = Digest::of(secret.expose().as_bytes());
        self.secrets.iter().fold(false, |found, known| known.matches(&offered) | found)
    }

    /// The sector whose clients know a person under the same pairwise subject; `None`: it knows people by their id.
    pub fn sector(&self) -> Option<&str> {
        if self.authorization.subject_type == SubjectType::Public {
            return None;
        }
        let own = self.authorization.sector_identifier.as_deref();
        // A client without either is refused when a configuration is read; its sector is then its own.
        Some(own.or_else(|| self.redirect_uris.first().and_then(|uri| host_of(uri))).unwrap_or(&self.id))
    }

    /// The web origins (RFC 6454 section 6.2) at which its scripts run: those of its redirect URIs, where it is a page in a
    /// browser. A client with a secret keeps it from browsers, and a native app is no page.
    pub fn origins(&self) -> impl Iterator<Item = String> {
        let is_page = !self.is_confidential() && !self.native && !self.disabled;
        let uris = self.redirect_uris.iter().filter(move |_| is_page);
        uris.filter_map(|uri| Some(Url::parse(uri).ok()?.origin()).filter(Origin::is_tuple))
            .map(|origin| origin.ascii_serialization())
    }

    /// Whether it has a secret or a key to prove itself with.
    pub fn is_confidential(&self) -> bool {
        self.authentication != ClientAuthentication::None
    }
}

/// The host of a URL, without its port.
pub fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = match authority.strip_prefix('[') {
        Some(rest) => authority.get(..rest.find(']')? + 2)?,
        None => authority.split(':').next()?,
    };
    Some(host).filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_redirect_uri_is_the_sector() {
        for (uri, host) in [
            ("https://a.test/cb", Some("a.test")),
            ("https://a.test:8443/cb", Some("a.test")),
            ("http://[::1]:4000/cb", Some("[::1]")),
            ("http://[::1]", Some("[::1]")),
            ("https://a.test?x=//b.test", Some("a.test")),
            ("https://", None),
            ("com.example:/cb", None),
        ] {
            assert_eq!(host_of(uri), host, "{uri}");
        }
    }
}
