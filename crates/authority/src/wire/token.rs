//! The token request, one variant by grant (RFC 6749 sections 4.1.3, 4.4.2 and 6), and its reply (section 5.1).

use sayso_token::algorithm::Algorithm;
use sayso_token::secret::Secret;
use sayso_token::time::Lifetime;
use serde_json::{Map, Value};

use super::form::{Form, Repeated};

/// Why a token request cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadTokenRequest {
    /// A parameter that the grant needs is missing.
    Missing(&'static str),
    /// A parameter stands twice.
    Repeated(&'static str),
    /// `audience` and `resource` name different APIs.
    TwoApis,
    /// A grant that is not offered.
    UnsupportedGrant,
}

impl From<Repeated> for BadTokenRequest {
    fn from(Repeated(name): Repeated) -> Self {
        Self::Repeated(name)
    }
}

/// Which API and scopes a token request asks for; often neither.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// `audience` or `resource`.
    pub audience: Option<String>,
    /// `scope`.
    pub scope: Option<String>,
}

/// A token request.
#[derive(Clone, Debug)]
pub enum TokenRequest {
    /// A code for tokens.
    AuthorizationCode {
        /// The code.
        code: Secret,
        /// Where the code was sent.
        redirect_uri: Option<String>,
        /// The PKCE verifier.
        code_verifier: Option<Secret>,
        /// What is wanted beside. The API must be the code's; scopes are ignored, for the code's are already decided.
        wanted: Wanted,
    },
    /// A client for itself.
    ClientCredentials {
        /// What is wanted.
        wanted: Wanted,
    },
    /// A refresh token for fresh tokens.
    RefreshToken {
        /// The refresh token.
        refresh_token: Secret,
        /// What is wanted; never more than was granted.
        wanted: Wanted,
    },
}

impl TokenRequest {
    /// Reads a token request's form body.
    pub fn parse(form: &Form) -> Result<Self, BadTokenRequest> {
        for name in ["client_id", "client_secret"] {
            form.one(name)?;
        }
        let need = |name| form.one(name)?.ok_or(BadTokenRequest::Missing(name));
        let secret = |name| Ok::<_, BadTokenRequest>(form.one(name)?.map(Secret::new));
        // RFC 8707 section 2 lets `resource` stand more than once, but a token of ours is for one API.
        let resource = form.all("resource").find(|value| !value.is_empty());
        let audience = form.one("audience")?;
        let others = form.all("resource").filter(|value| !value.is_empty()).chain(audience);
        if resource.is_some_and(|first| others.into_iter().any(|other| other != first)) {
            return Err(BadTokenRequest::TwoApis);
        }
        let wanted =
            Wanted { audience: resource.or(audience).map(str::to_owned), scope: form.one("scope")?.map(str::to_owned) };
        match need("grant_type")? {
            "authorization_code" => Ok(Self::AuthorizationCode {
                code: Secret::new(need("code")?),
                redirect_uri: form.one("redirect_uri")?.map(str::to_owned),
                code_verifier: secret("code_verifier")?,
                wanted,
            }),
            "client_credentials" => Ok(Self::ClientCredentials { wanted }),
            "refresh_token" => Ok(Self::RefreshToken { refresh_token: Secret::new(need("refresh_token")?), wanted }),
            _ => Err(BadTokenRequest::UnsupportedGrant),
        }
    }
}

/// What keeps a token from being made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// A JWT, signed with the authority's key of this algorithm.
    Signed(Algorithm),
    /// An opaque token, sealed under a key of the installation.
    Sealed,
}

/// A token that is decided but not yet signed or sealed; that is the rim's, with its kept keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsigned {
    /// `typ` of the header.
    pub typ: &'static str,
    /// How it is protected.
    pub protection: Protection,
    /// The claims.
    pub claims: Map<String, Value>,
}

/// A token reply, before signing.
#[derive(Clone, Debug)]
pub struct TokenReply {
    /// The access token.
    pub access_token: Unsigned,
    /// Its lifetime; always told, for Alexa keeps using a token whose end it does not know.
    pub expires_in: Lifetime,
    /// The refresh token, for clients that may refresh.
    pub refresh_token: Option<Secret>,
    /// The ID token, where `openid` was granted by a person.
    pub id_token: Option<Unsigned>,
    /// What was granted.
    pub scopes: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<TokenRequest, BadTokenRequest> {
        TokenRequest::parse(&Form::parse(body).unwrap())
    }

    #[test]
    fn each_grant_takes_its_own_parameters() {
        let code =
            parse("grant_type=authorization_code&code=c&redirect_uri=r&code_verifier=v&refresh_token=x").unwrap();
        assert!(
            matches!(code, TokenRequest::AuthorizationCode { code, redirect_uri: Some(uri), code_verifier: Some(verifier), .. }
                if code.expose() == "c" && uri == "r" && verifier.expose() == "v")
        );
        let bare = parse("grant_type=authorization_code&code=c&code_verifier=&redirect_uri=").unwrap();
        assert!(matches!(bare, TokenRequest::AuthorizationCode { redirect_uri: None, code_verifier: None, .. }));
        let refresh = parse("grant_type=refresh_token&refresh_token=t&scope=a+b&resource=y").unwrap();
        assert!(matches!(refresh, TokenRequest::RefreshToken { refresh_token, wanted }
                if refresh_token.expose() == "t" && wanted.scope.as_deref() == Some("a b")
                    && wanted.audience.as_deref() == Some("y")));
        let own = parse("grant_type=client_credentials&audience=x").unwrap();
        assert!(matches!(own, TokenRequest::ClientCredentials { wanted } if wanted.audience.as_deref() == Some("x")));
    }

    #[test]
    fn what_is_missing_twice_or_not_offered_is_refused() {
        let cases = [
            ("", BadTokenRequest::Missing("grant_type")),
            ("grant_type=", BadTokenRequest::Missing("grant_type")),
            ("grant_type=authorization_code", BadTokenRequest::Missing("code")),
            ("grant_type=authorization_code&code=", BadTokenRequest::Missing("code")),
            ("grant_type=refresh_token", BadTokenRequest::Missing("refresh_token")),
            ("grant_type=password&username=a&password=b", BadTokenRequest::UnsupportedGrant),
            ("grant_type=implicit", BadTokenRequest::UnsupportedGrant),
            ("grant_type=refresh_token&refresh_token=t&audience=a&resource=b", BadTokenRequest::TwoApis),
            ("grant_type=refresh_token&refresh_token=t&resource=a&resource=b", BadTokenRequest::TwoApis),
            ("grant_type=Refresh_Token&refresh_token=t", BadTokenRequest::UnsupportedGrant),
        ];
        for (body, expected) in cases {
            assert_eq!(parse(body).unwrap_err(), expected, "{body}");
        }
        let good = "grant_type=authorization_code&code=c&redirect_uri=r&code_verifier=v&scope=s&audience=a\
                    &client_id=i&client_secret=t";
        for name in good.split('&').filter_map(|pair| pair.split('=').next()) {
            for twin in ["x", ""] {
                let body = format!("{good}&{name}={twin}");
                assert!(
                    matches!(parse(&body).unwrap_err(), BadTokenRequest::Repeated(found) if found == name),
                    "{body}"
                );
            }
        }
        assert!(parse(good).is_ok());
    }

    #[test]
    fn a_request_never_prints_its_secrets() {
        let request = parse("grant_type=authorization_code&code=tell-me&code_verifier=tell-me").unwrap();
        assert!(!format!("{request:?}").contains("tell-me"));
    }
}
