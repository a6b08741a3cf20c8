//! Providers that speak OpenID Connect, of which this server is a client: what they say of themselves, their keys, and what
//! they give for a code.
//!
//! An operator named them. Errors say whose doing it was; what came back, and the secrets that were sent, they never say.

use std::sync::Arc;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use sayso_authority::decide::upstream::outward::Outward;
use sayso_authority::record::connection::{Connection, ConnectionAuthentication};
use sayso_authority::wire::provider::{BadProvider, Provider, TokenError, TokenReply, is_plain_loopback};
use sayso_authority::wire::query::{encoded, form_encoded};
use sayso_token::json::parse_strict_object;
use sayso_token::jwk::JwkSet;
use sayso_token::secret::Secret;
use sayso_token::time::Clock;
use serde_json::{Map, Value};

use crate::fetch::{BadOutgoing, FetchFailed, ProviderServer};
use crate::keeper::Keeper;

/// Why a provider has not answered what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReached {
    /// Its discovery document cannot be used.
    #[error("the discovery document cannot be used: {0}")]
    BadProvider(#[from] BadProvider),
    /// It could not be reached, or answered with another status than it may.
    #[error(transparent)]
    Fetch(#[from] FetchFailed),
    /// It does not know this server, or not by this secret.
    #[error("the token endpoint answers invalid_client")]
    InvalidClient,
    /// The code is over, spent, or was not issued for this client, redirect URI and verifier.
    #[error("the token endpoint answers invalid_grant")]
    InvalidGrant,
    /// What is at its `jwks_uri` is no key set.
    #[error("what is at its jwks_uri is no JSON Web Key Set")]
    NotAKeySet,
    /// What it answered is not what OpenID Connect says that it answers; userinfo that is signed is among it.
    #[error("the answer is not what OpenID Connect demands")]
    NotUnderstood,
    /// The connection proves itself by a secret, and this node has none.
    #[error("the connection has no secret on this node")]
    SecretMissing,
    /// Its token endpoint refused the exchange, for another reason than the code or the client.
    #[error("the token endpoint refuses the exchange")]
    TokenRefused,
}

impl NotReached {
    /// The stable reason code.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::BadProvider(_) => "upstream_discovery",
            Self::Fetch(why) => why.reason(),
            Self::InvalidClient => "upstream_invalid_client",
            Self::InvalidGrant => "upstream_invalid_grant",
            Self::NotAKeySet => "upstream_keys",
            Self::NotUnderstood => "upstream_not_understood",
            Self::SecretMissing => "upstream_secret_missing",
            Self::TokenRefused => "upstream_token_refused",
        }
    }

    /// What whoever runs this server can do about it.
    pub const fn description(self) -> &'static str {
        match self {
            Self::BadProvider(_) => {
                "look at the issuer's /.well-known/openid-configuration; its issuer must be the connection's, letter for letter"
            }
            Self::Fetch(_) => "look whether the provider answers from this machine, within three seconds",
            Self::InvalidClient => {
                "compare the connection's client_id, secret and authentication with what is registered at the provider"
            }
            Self::InvalidGrant => {
                "sign in again; if it stays so, compare the redirect URI with what is registered at the provider"
            }
            Self::NotAKeySet => "look at the provider's jwks_uri: it must answer with a JSON Web Key Set",
            Self::NotUnderstood => {
                "look at the provider: it must send an ID token for the code, and userinfo as JSON that is not signed"
            }
            Self::SecretMissing => "give this node the connection's secret",
            Self::TokenRefused => "look at the provider's log; compare what is registered there with the connection",
        }
    }
}

/// The providers. Clones share what is kept, connections and bounds.
#[derive(Clone)]
pub struct Providers(Arc<Shared>);

struct Shared {
    server: ProviderServer,
    providers: Keeper<Provider, NotReached>,
    keys: Keeper<JwkSet, NotReached>,
}

impl std::fmt::Debug for Providers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Providers").finish_non_exhaustive()
    }
}

impl Providers {
    /// None kept yet. Servers are believed by the public authorities' certificates and these (PEM).
    ///
    /// # Errors
    /// What cannot be used.
    pub fn new(extra_ca: Option<Vec<u8>>, clock: Arc<dyn Clock>) -> Result<Self, BadOutgoing> {
        let (providers, keys) = (Keeper::new(clock.clone()), Keeper::new(clock));
        Ok(Self(Arc::new(Shared { server: ProviderServer::new(extra_ca)?, providers, keys })))
    }

    /// The provider of that issuer, as it described itself in the last ten minutes; in the last hour, while it cannot be asked.
    ///
    /// # Errors
    /// [`NotReached`]; who asks again within ten seconds hears of the same.
    pub async fn provider(&self, issuer: &str) -> Result<Arc<Provider>, NotReached> {
        let fetch = async {
            let document = self.document(&Provider::discovery_url(issuer), is_plain_loopback(issuer)).await?;
            Ok(Provider::parse(&document, issuer)?)
        };
        self.0.providers.at(issuer, |_| true, fetch, |why| tell(issuer, why)).await
    }

    /// Its keys. They are fetched when none are kept, when those kept are old, and when `kid` is not among them, the last not
    /// more often than every 30 seconds.
    ///
    /// # Errors
    /// [`NotReached`].
    pub async fn keys(&self, provider: &Provider, kid: Option<&str>) -> Result<Arc<JwkSet>, NotReached> {
        let has = |keys: &JwkSet| kid.is_none_or(|kid| keys.find(kid).is_some());
        let fetch = async {
            let document = self.document(&provider.jwks_uri, is_plain_loopback(&provider.issuer)).await?;
            JwkSet::parse(&document).map_err(|_| NotReached::NotAKeySet)
        };
        // By issuer as well: of two that name one address, only one may have been allowed to.
        let address = format!("{} {}", provider.issuer, provider.jwks_uri);
        self.0.keys.at(&address, has, fetch, |why| tell(&provider.issuer, why)).await
    }

    /// Exchanges a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5). `secret` is the connection's, where it has one.
    ///
    /// # Errors
    /// [`NotReached`]. A code that was sent may be spent all the same.
    pub async fn exchange(
        &self,
        connection: &Connection,
        provider: &Provider,
        outward: &Outward,
        code: &Secret,
        secret: Option<&Secret>,
    ) -> Result<TokenReply, NotReached> {
        let exchange = async {
            let request = self.request(Method::POST, &provider.token_endpoint, is_plain_loopback(&provider.issuer))?;
            let request = filled(request, connection, outward, code, secret)?;
            let answer = self.0.server.send(request).await?;
            match answer.status {
                200 => TokenReply::parse(&answer.body).map_err(|_| NotReached::NotUnderstood),
                status @ 400..=499 => Err(match TokenError::parse(&answer.body) {
                    TokenError::InvalidGrant => NotReached::InvalidGrant,
                    TokenError::InvalidClient => NotReached::InvalidClient,
                    TokenError::Other if status == 401 => NotReached::InvalidClient,
                    TokenError::Other => NotReached::TokenRefused,
                }),
                status => Err(FetchFailed::Status(status).into()),
            }
        };
        exchange.await.inspect_err(|why| tell(&provider.issuer, *why))
    }

    /// What the userinfo endpoint says of whom that access token is of (OpenID Connect Core section 5.3).
    ///
    /// # Errors
    /// [`NotReached`]; also where there is no such endpoint.
    pub async fn userinfo(&self, provider: &Provider, access_token: &Secret) -> Result<Map<String, Value>, NotReached> {
        let asked = async {
            let url = provider.userinfo_endpoint.as_deref().ok_or(NotReached::NotUnderstood)?;
            let request = self.request(Method::GET, url, is_plain_loopback(&provider.issuer))?;
            let answer = self.0.server.send(request.bearer_auth(access_token.expose())).await?;
            match answer.status {
                200 if is_json(answer.content_type.as_deref()) => {
                    parse_strict_object(&answer.body).map_err(|_| NotReached::NotUnderstood)
                }
                200 => Err(NotReached::NotUnderstood),
                status => Err(FetchFailed::Status(status).into()),
            }
        };
        asked.await.inspect_err(|why| tell(&provider.issuer, *why))
    }

    fn request(&self, method: Method, url: &str, plain: bool) -> Result<RequestBuilder, NotReached> {
        Ok(self.0.server.request(method, url, plain)?)
    }

    async fn document(&self, url: &str, plain: bool) -> Result<bytes::Bytes, NotReached> {
        let answer = self.0.server.send(self.request(Method::GET, url, plain)?).await?;
        if answer.status == 200 { Ok(answer.body) } else { Err(FetchFailed::Status(answer.status).into()) }
    }
}

fn tell(issuer: &str, why: NotReached) {
    tracing::warn!(reason = why.reason(), issuer, %why, advice = why.description(), "a provider has not answered what it was asked");
}

/// The form of the exchange, with what the connection proves itself by (RFC 6749 section 2.3.1).
fn filled(
    request: RequestBuilder,
    connection: &Connection,
    outward: &Outward,
    code: &Secret,
    secret: Option<&Secret>,
) -> Result<RequestBuilder, NotReached> {
    let secret = || secret.map(Secret::expose).ok_or(NotReached::SecretMissing);
    let id = connection.client_id.as_str();
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code.expose()),
        ("redirect_uri", outward.redirect_uri.as_str()),
        ("code_verifier", outward.verifier.expose()),
    ];
    let request = match connection.authentication {
        ConnectionAuthentication::SecretBasic => request.basic_auth(encoded(id), Some(encoded(secret()?))),
        ConnectionAuthentication::SecretPost => {
            form.extend([("client_id", id), ("client_secret", secret()?)]);
            request
        }
        ConnectionAuthentication::None => {
            form.push(("client_id", id));
            request
        }
    };
    Ok(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form_encoded(&form)))
}

fn is_json(content_type: Option<&str>) -> bool {
    let essence = content_type.and_then(|value| value.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
}
