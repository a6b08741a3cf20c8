//! What the access tokens of known vendors look like, and where to ask about them.
//!
//! A preset pins everything that a vendor's tokens have in common: the issuer byte for byte, RS256, and what tells an access
//! token from an ID token, which differs from vendor to vendor. The audience is always the API's own.

use super::requirements::{BadRequirements, Requirements};

/// Where to ask about a token, and in which words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntrospectionEndpoint {
    /// The whole address.
    pub url: String,
    /// How it asks and answers.
    pub dialect: Dialect,
}

/// How an authority is asked about a token, and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The token in a form, the asker in `Authorization` (RFC 7662).
    Rfc7662,
    /// Google's `tokeninfo`: the token in a form, nobody authenticated; see [`super::check_tokeninfo`].
    GoogleTokenInfo,
}

/// An authority whose tokens an API accepts.
///
/// ```
/// use sayso_token::guard::Provider;
///
/// let auth0 = Provider::auth0("tenant.eu.auth0.com", "https://whatshouldiwear")?;
/// assert_eq!(auth0.requirements.issuer(), "https://tenant.eu.auth0.com/");
/// assert_eq!(auth0.jwks_url.as_deref(), Some("https://tenant.eu.auth0.com/.well-known/jwks.json"));
///
/// let okta = Provider::okta("dev-1.okta.com", "default", "api://quiz")?;
/// assert_eq!(okta.jwks_url.as_deref(), Some("https://dev-1.okta.com/oauth2/default/v1/keys"));
/// # Ok::<(), sayso_token::guard::BadRequirements>(())
/// ```
#[derive(Clone, Debug)]
pub struct Provider {
    /// What its tokens must be; may be changed before use, for instance by naming the clients.
    pub requirements: Requirements,
    /// Where it publishes its keys, if its access tokens can be checked locally.
    pub jwks_url: Option<String>,
    /// Where it answers questions about tokens, if it does.
    pub introspection: Option<IntrospectionEndpoint>,
}

impl Provider {
    /// Auth0: `domain` is the tenant's or a custom one, `audience` the API's identifier.
    ///
    /// With the `openid` scope Auth0 names its own userinfo endpoint as a second audience, which is tolerated. Auth0 has no
    /// introspection for access tokens.
    ///
    /// # Errors
    /// `domain` is no host name, or `audience` is empty.
    pub fn auth0(domain: &str, audience: &str) -> Result<Self, BadRequirements> {
        let issuer = format!("https://{}/", host(domain)?);
        let requirements =
            Requirements::new(&issuer, audience)?.older_profile("JWT").beside_audience(format!("{issuer}userinfo"));
        Ok(Self { requirements, jwks_url: Some(format!("{issuer}.well-known/jwks.json")), introspection: None })
    }

    /// Okta: `server` is the custom authorization server's id, such as `default`; `audience` is what it is set to.
    ///
    /// # Errors
    /// `domain` is no host name, `server` no id, or `audience` is empty.
    pub fn okta(domain: &str, server: &str, audience: &str) -> Result<Self, BadRequirements> {
        let issuer = format!("https://{}/oauth2/{}", host(domain)?, segment(server)?);
        Ok(Self {
            // Its access tokens have no `typ`; ID tokens are told apart by their audience and by `cid`, which they lack.
            requirements: Requirements::new(&issuer, audience)?.untyped(),
            jwks_url: Some(format!("{issuer}/v1/keys")),
            introspection: Some(rfc7662(format!("{issuer}/v1/introspect"))),
        })
    }

    /// Amazon Cognito: `user_pool` such as `eu-west-1_AbCdEfGhI`. Its access tokens name no audience; the client they were
    /// issued to stands for it, so `client_id` is the app client that the skill's account linking uses. It has no
    /// introspection.
    ///
    /// # Errors
    /// `user_pool` has no region before its underscore, or `client_id` is empty.
    pub fn cognito(user_pool: &str, client_id: &str) -> Result<Self, BadRequirements> {
        let not_a_pool = || BadRequirements::NotAName(user_pool.to_owned());
        let (region, _) =
            segment(user_pool)?.split_once('_').filter(|(region, _)| !region.is_empty()).ok_or_else(not_a_pool)?;
        let issuer = format!("https://{}/{user_pool}", host(&format!("cognito-idp.{region}.amazonaws.com"))?);
        let mut requirements = Requirements::new(&issuer, client_id)?.untyped().claim("token_use", "access");
        requirements.client_is_audience = true;
        Ok(Self { requirements, jwks_url: Some(format!("{issuer}/.well-known/jwks.json")), introspection: None })
    }

    /// Keycloak: `base` is its address, such as `https://sso.example` or `https://sso.example/auth`.
    ///
    /// The API must be among the audiences (an "Audience" mapper in a client scope); Keycloak's own `account` beside it is
    /// tolerated.
    ///
    /// # Errors
    /// `realm` is no name, or `base` or `audience` is empty.
    pub fn keycloak(base: &str, realm: &str, audience: &str) -> Result<Self, BadRequirements> {
        let base = base.trim_end_matches('/');
        if base.is_empty() {
            return Err(BadRequirements::NoIssuer);
        }
        let issuer = format!("{base}/realms/{}", segment(realm)?);
        let endpoints = format!("{issuer}/protocol/openid-connect");
        Ok(Self {
            // `typ` in the header is the same for all its tokens; the claim `typ` tells them apart.
            requirements: Requirements::new(&issuer, audience)?
                .older_profile("JWT")
                .claim("typ", "Bearer")
                .beside_audience("account"),
            jwks_url: Some(format!("{endpoints}/certs")),
            introspection: Some(rfc7662(format!("{endpoints}/token/introspect"))),
        })
    }

    /// Google as the account provider: its access tokens are opaque, and `tokeninfo` says whose they are. `client_id` is the
    /// OAuth client that the skill's account linking uses; ask for the scope `openid`, or no subject is named.
    ///
    /// # Errors
    /// `client_id` is empty.
    pub fn google(client_id: &str) -> Result<Self, BadRequirements> {
        let url = "https://oauth2.googleapis.com/tokeninfo".to_owned();
        Ok(Self {
            requirements: Requirements::new("https://accounts.google.com", client_id)?,
            jwks_url: None,
            introspection: Some(IntrospectionEndpoint { url, dialect: Dialect::GoogleTokenInfo }),
        })
    }

    /// Sayso, an authority with `layout = "auth0"`: `/.well-known/jwks.json` and `/oauth/introspect` below the issuer.
    ///
    /// # Errors
    /// `issuer` or `audience` is empty.
    pub fn sayso(issuer: &str, audience: &str) -> Result<Self, BadRequirements> {
        Self::at(issuer, audience, "/.well-known/jwks.json", "/oauth/introspect")
    }

    /// Sayso, an authority with `layout = "okta"`: `/v1/keys` and `/v1/introspect` below the issuer.
    ///
    /// # Errors
    /// `issuer` or `audience` is empty.
    pub fn sayso_v1(issuer: &str, audience: &str) -> Result<Self, BadRequirements> {
        Self::at(issuer, audience, "/v1/keys", "/v1/introspect")
    }

    fn at(issuer: &str, audience: &str, keys: &str, introspect: &str) -> Result<Self, BadRequirements> {
        let base = issuer.trim_end_matches('/');
        Ok(Self {
            requirements: Requirements::new(issuer, audience)?,
            jwks_url: Some(format!("{base}{keys}")),
            introspection: Some(rfc7662(format!("{base}{introspect}"))),
        })
    }
}

fn rfc7662(url: String) -> IntrospectionEndpoint {
    IntrospectionEndpoint { url, dialect: Dialect::Rfc7662 }
}

/// A host name, perhaps with a port; nothing that would move the rest of the address elsewhere.
fn host(text: &str) -> Result<&str, BadRequirements> {
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    if !text.is_empty() && text.bytes().all(is_host) {
        Ok(text)
    } else {
        Err(BadRequirements::NotAHost(text.to_owned()))
    }
}

/// One segment of a path.
fn segment(text: &str) -> Result<&str, BadRequirements> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~');
    let is_segment = !text.is_empty() && text != "." && text != ".." && text.bytes().all(is_plain);
    if is_segment { Ok(text) } else { Err(BadRequirements::NotAName(text.to_owned())) }
}
