//! The guard in front of any HTTP or gRPC API: a tower layer.
//!
//! An API gets its token in the `Authorization` header where a skill gets it in the body; everything else is the same guard. The layer
//! answers as RFC 6750 and RFC 9470 say, and hands the verified [`AccessToken`] on in the request's extensions. With
//! [`GuardLayer::dpop`] it takes tokens that are bound to a key as well, with a proof that the caller has the key (RFC 9449). A bound
//! token is refused as a bearer token always: it proves nothing.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::header::{AUTHORIZATION, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use sayso_token::algorithm::Algorithm;
use sayso_token::guard::AccessToken;
use sayso_token::guard::challenge::{BadCredentials, Challenge, Refusal, Scheme, bearer, credentials, is_in_query};
use sayso_token::guard::dpop::{BadProof, PROOF_HEADER, Proof, ProofAddress, Proven, check_proof, only_proof};
use sayso_token::time::Timestamp;
use tower_layer::Layer;
use tower_service::Service;

use crate::guard::Guard;
use crate::outside::Outside;
use crate::requirement::Requirement;
use crate::skill::BadSkill;
use crate::spent::{SpentIds, SpentInMemory};
use crate::trace::{Calls, TRACE_HEADER, Trace};

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

#[derive(Clone)]
struct Gate {
    guard: Guard,
    requirement: Requirement,
    outside: Outside,
    challenge: Challenge,
    proofs: Option<Proofs>,
    /// Whether a local simulator is told of the checks.
    tells: bool,
}

/// What is needed to judge proofs of possession.
#[derive(Clone)]
struct Proofs {
    /// The public address of the API, without a slash at its end.
    base: String,
    spent: Arc<dyn SpentIds>,
}

/// Not an address that proofs can name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("name the API's public address, such as https://api.example, without query and fragment: {0}")]
pub struct BadAddress(String);

/// What proofs may be signed with. That it is asymmetric is all that RFC 9449 demands; RS256 is left out, as new keys need it no more.
const PROOF_ALGORITHMS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256];

impl GuardLayer {
    /// Demands what `requirement` says of every request.
    ///
    /// # Errors
    /// The guard would be open to anyone, or to nobody; see [`BadSkill`].
    pub fn new(guard: Guard, requirement: Requirement, outside: Outside) -> Result<Self, BadSkill> {
        guard.check_setup([&requirement])?;
        let challenge = requirement.challenge();
        Ok(Self { gate: Arc::new(Gate { guard, requirement, outside, challenge, proofs: None, tells: false }) })
    }

    /// Names the API in its challenges.
    #[must_use]
    pub fn realm(self, realm: impl Into<String>) -> Self {
        self.changed(|gate| gate.challenge.realm = Some(realm.into()))
    }

    /// Tells in its challenges where the API describes itself (RFC 9728).
    #[must_use]
    pub fn resource_metadata(self, url: impl Into<String>) -> Self {
        self.changed(|gate| gate.challenge.resource_metadata = Some(url.into()))
    }

    /// Tells in the header [`TRACE_HEADER`] of every answer which checks were made, with their times, and whom the guard asked, so that
    /// a local simulator can draw them: a skill that believes the simulator hands it on.
    ///
    /// For APIs on the machine of whoever develops them alone: anybody who calls is told exactly why a token was refused.
    #[must_use]
    pub fn dangerous_local_trace(self) -> Self {
        self.changed(|gate| gate.tells = true)
    }

    /// Takes bound tokens too, `Authorization: DPoP` with a proof beside it (RFC 9449), each proof once.
    ///
    /// Proofs name the whole address of a request, which a server behind a proxy does not see: `public_address` is what callers
    /// write before the path that this layer sees, such as `https://api.example`, with the prefix of a nested router. Proofs are signed
    /// with ES256, EdDSA or PS256, and hold for a minute before and after; what came is remembered in this process, see
    /// [`Self::spent_proofs`].
    ///
    /// ```
    /// # use sayso_skill::{Guard, GuardLayer, Outside, scope, token::guard::Provider};
    /// # fn layer() -> Result<GuardLayer, Box<dyn std::error::Error>> {
    /// let guard = Guard::local(Provider::sayso("https://auth.example", "https://api.example")?)?;
    /// Ok(GuardLayer::new(guard, scope("read:wardrobe"), Outside::system()?)?.dpop("https://api.example")?)
    /// # }
    /// # layer().unwrap();
    /// ```
    ///
    /// # Errors
    /// Not an address.
    pub fn dpop(self, public_address: &str) -> Result<Self, BadAddress> {
        let base = public_address.trim_end_matches('/').to_owned();
        if ProofAddress::parse(&base).is_none() || base.contains(['?', '#']) {
            return Err(BadAddress(public_address.to_owned()));
        }
        Ok(self.changed(|gate| {
            gate.challenge.proof_algorithms = PROOF_ALGORITHMS.to_vec();
            gate.proofs = Some(Proofs { base, spent: Arc::new(SpentInMemory::default()) });
        }))
    }

    /// Remembers the proofs of [`Self::dpop`], which is called first, there instead of in this process: several processes that answer for
    /// one address need a store in common.
    #[must_use]
    pub fn spent_proofs(self, store: impl SpentIds + 'static) -> Self {
        self.changed(|gate| {
            if let Some(proofs) = &mut gate.proofs {
                proofs.spent = Arc::new(store);
            }
        })
    }

    fn changed(self, change: impl FnOnce(&mut Gate)) -> Self {
        let mut gate = Gate::clone(&self.gate);
        change(&mut gate);
        Self { gate: Arc::new(gate) }
    }
}

impl Gate {
    fn trace(&self) -> Option<Trace> {
        self.tells.then(|| Trace::of_api(Calls::noted_by(Arc::clone(&self.outside.timer))))
    }

    async fn admit<B>(&self, request: &mut Request<B>, trace: Option<&mut Trace>) -> Result<AccessToken, Refusal> {
        if request.uri().query().is_some_and(is_in_query) {
            return Err(self.challenge.malformed(BadCredentials::InAddress));
        }
        let values = request.headers().get_all(AUTHORIZATION).iter().map(HeaderValue::as_bytes);
        // An API that looks at no proofs knows no such scheme.
        let shown = match self.proofs {
            Some(_) => credentials(values),
            None => bearer(values).map(|token| token.map(|token| (Scheme::Bearer, token))),
        };
        let shown = shown.map_err(|why| self.challenge.malformed(why))?;
        let Some((scheme, token)) = shown.map(|(scheme, token)| (scheme, token.to_owned())) else {
            if let Some(trace) = trace {
                trace.note_missing_token(self.guard.mode_name());
            }
            return Err(self.challenge.missing());
        };
        if let Some(value) = request.headers_mut().get_mut(AUTHORIZATION) {
            value.set_sensitive(true);
        }
        let Some(proofs) = self.proofs.as_ref().filter(|_| scheme == Scheme::Dpop) else {
            return self.judge((scheme, &token), None, trace).await;
        };
        let now = self.outside.clock.now();
        let values: Vec<_> = request.headers().get_all(PROOF_HEADER).iter().map(HeaderValue::as_bytes).collect();
        let proof = proofs.judge((request.method(), request.uri()), &values, &token, now);
        let proof = proof.map_err(|why| self.unproven(why))?;
        // Only a proof of somebody whom the token opens this for is worth remembering.
        let token = self.judge((scheme, &token), Some(&proof), trace).await?;
        match proofs.spent.spend(proof.id, proof.forget_after, now).await {
            Ok(true) => Ok(token),
            Ok(false) => Err(self.unproven(BadProof::Replayed)),
            Err(why) => {
                tracing::error!(%why, "a DPoP proof could not be remembered");
                Err(Refusal::unavailable())
            }
        }
    }

    async fn judge(
        &self,
        (scheme, token): (Scheme, &str),
        proof: Option<&Proof>,
        trace: Option<&mut Trace>,
    ) -> Result<AccessToken, Refusal> {
        let proven = proof.map(|proof| &proof.thumbprint);
        self.guard.check_told((token, proven), &self.requirement, &self.outside, trace).await.map_err(|denied| {
            tracing::info!(reason = denied.reason.code(), check = ?denied.check, "the guard refused");
            self.challenge.denied_as(scheme, denied)
        })
    }

    fn unproven(&self, why: BadProof) -> Refusal {
        tracing::info!(reason = why.reason(), "the guard refused");
        self.challenge.unproven(why)
    }
}

impl Proofs {
    fn judge(
        &self,
        (method, uri): (&Method, &Uri),
        values: &[&[u8]],
        token: &str,
        now: Timestamp,
    ) -> Result<Proof, BadProof> {
        let proof = only_proof(values.iter().copied())?;
        let address = ProofAddress::parse(&format!("{}{}", self.base, uri.path())).ok_or(BadProof::Address)?;
        let request = Proven { method: method.as_str(), address: &address, token };
        check_proof(proof, &request, &PROOF_ALGORITHMS, now)
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
            let mut trace = gate.trace();
            let admitted = gate.admit(&mut request, trace.as_mut()).await;
            let told = trace.and_then(Trace::header_of_api).map(HeaderValue::try_from);
            let mut answer = match admitted {
                Ok(token) => {
                    request.extensions_mut().insert(token);
                    inner.call(request).await?
                }
                Err(refusal) => response(refusal),
            };
            if let Some(Ok(told)) = told {
                answer.headers_mut().insert(HeaderName::from_static(TRACE_HEADER), told);
            }
            Ok(answer)
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
