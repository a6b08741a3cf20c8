//! The guard in front of any HTTP or gRPC API: a tower layer.
//!
//! An API gets its token in the `Authorization` header where a skill gets it in the body; everything else is the same guard. The layer
//! answers as RFC 6750 and RFC 9470 say, and hands the verified [`AccessToken`] on in the request's extensions. DPoP (RFC 9449)
//! it does not speak: a token that is bound to a key (`cnf`) is refused, because as a bearer token it proves nothing.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::header::{AUTHORIZATION, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Request, Response, StatusCode};
use sayso_token::guard::AccessToken;
use sayso_token::guard::challenge::{BadCredentials, Challenge, Refusal, bearer, is_in_query};
use tower_layer::Layer;
use tower_service::Service;

use crate::guard::Guard;
use crate::outside::Outside;
use crate::requirement::Requirement;
use crate::skill::BadSkill;

/// Lets through what carries a token that suffices.
///
/// ```
/// use axum::{Extension, Router, routing::get};
/// use sayso_skill::token::guard::{AccessToken, Provider};
/// use sayso_skill::{Guard, GuardLayer, Outside, scope};
///
/// async fn wardrobe(Extension(token): Extension<AccessToken>) -> String {
///     format!("the wardrobe of {}", token.subject)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let guard = Guard::local(Provider::okta("dev-1.okta.com", "default", "api://wardrobe")?)?;
/// let read = GuardLayer::new(guard, scope("read:wardrobe"), Outside::system()?)?.realm("wardrobe");
/// let app: Router = Router::new().route("/wardrobe", get(wardrobe)).layer(read);
/// # let _ = app;
/// # Ok(())
/// # }
/// ```
///
/// For tonic, give the layer to `tonic::transport::Server::builder().layer(…)`: a gRPC client reads 401 as `UNAUTHENTICATED`
/// and 403 as `PERMISSION_DENIED`.
#[derive(Clone)]
pub struct GuardLayer {
    gate: Arc<Gate>,
}

struct Gate {
    guard: Guard,
    requirement: Requirement,
    outside: Outside,
    challenge: Challenge,
}

impl GuardLayer {
    /// Demands what `requirement` says of every request.
    ///
    /// # Errors
    /// The guard would be open to anyone, or to nobody; see [`BadSkill`].
    pub fn new(guard: Guard, requirement: Requirement, outside: Outside) -> Result<Self, BadSkill> {
        guard.check_setup([&requirement])?;
        let challenge = requirement.challenge();
        Ok(Self { gate: Arc::new(Gate { guard, requirement, outside, challenge }) })
    }

    /// Names the API in its challenges.
    #[must_use]
    pub fn realm(self, realm: impl Into<String>) -> Self {
        self.telling(|challenge| challenge.realm = Some(realm.into()))
    }

    /// Tells in its challenges where the API describes itself (RFC 9728).
    #[must_use]
    pub fn resource_metadata(self, url: impl Into<String>) -> Self {
        self.telling(|challenge| challenge.resource_metadata = Some(url.into()))
    }

    fn telling(self, change: impl FnOnce(&mut Challenge)) -> Self {
        let Gate { guard, requirement, outside, challenge } = &*self.gate;
        let mut challenge = challenge.clone();
        change(&mut challenge);
        let gate = Gate { guard: guard.clone(), requirement: requirement.clone(), outside: outside.clone(), challenge };
        Self { gate: Arc::new(gate) }
    }
}

impl Gate {
    async fn admit<B>(&self, request: &mut Request<B>) -> Result<AccessToken, Refusal> {
        let token = {
            if request.uri().query().is_some_and(is_in_query) {
                return Err(self.challenge.malformed(BadCredentials::InAddress));
            }
            let values = request.headers().get_all(AUTHORIZATION).iter().map(HeaderValue::as_bytes);
            bearer(values).map_err(|why| self.challenge.malformed(why))?.map(str::to_owned)
        };
        let Some(token) = token else { return Err(self.challenge.missing()) };
        if let Some(value) = request.headers_mut().get_mut(AUTHORIZATION) {
            value.set_sensitive(true);
        }
        self.guard.check(&token, &self.requirement, &self.outside).await.map_err(|denied| {
            tracing::info!(reason = denied.reason.code(), check = ?denied.check, "the guard refused");
            self.challenge.denied(denied)
        })
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Guarded { gate: Arc::clone(&self.gate), inner }
    }
}

/// A service behind a guard.
#[derive(Clone)]
pub struct Guarded<S> {
    gate: Arc<Gate>,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Guarded<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let gate = Arc::clone(&self.gate);
        // The service that was asked whether it is ready is the one that is called.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        async move {
            match gate.admit(&mut request).await {
                Ok(token) => {
                    request.extensions_mut().insert(token);
                    inner.call(request).await
                }
                Err(refusal) => Ok(response(refusal)),
            }
        }
        .boxed()
    }
}

fn response<R: Default>(refusal: Refusal) -> Response<R> {
    let mut response = Response::new(R::default());
    *response.status_mut() = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::UNAUTHORIZED);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(Ok(value)) = refusal.www_authenticate.map(HeaderValue::try_from) {
        headers.insert(WWW_AUTHENTICATE, value);
    }
    if let Some(seconds) = refusal.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
