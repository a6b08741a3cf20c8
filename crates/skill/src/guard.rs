//! The guard: whether an access token opens a handler of a skill, or a route of an API.

mod answers;
mod introspection;
mod keys;
mod told;
mod verdicts;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sayso_alexa::envelope::RequestEnvelope;
use sayso_token::digest::Digest;
use sayso_token::guard::{AccessToken, Check, Denied, Dialect, Provider, Reason, Requirements, Verdict, unknown_key};
use sayso_token::secret::Secret;

use crate::outside::{Outside, is_secure};
use crate::refusal::Refusal;
use crate::requirement::{Requirement, Whose};
use crate::skill::BadSkill;
use crate::trace::{IntrospectionTrace, Laps, Trace};

pub use introspection::Introspection;
use keys::Keys;
use verdicts::{agreeing, bound_to, unasked};

/// Judges the access token of a request: locally with the authority's keys, by asking the authority, or both.
///
/// Locally costs no round trip, but a revoked token passes until it expires. Asking sees every change at once and takes
/// tokens of any format. With both, every token is checked locally, and the authority is asked as well for handlers that
/// demand it ([`Requirement::live`]).
#[derive(Clone)]
pub struct Guard {
    mode: Arc<Mode>,
    requirements: Requirements,
    is_person_first: bool,
    is_allowed: Arc<dyn Fn(&AccessToken) -> bool + Send + Sync>,
    looks_up: Option<Arc<LooksUp>>,
}

/// Asks something that takes a while whether a user is allowed.
type LooksUp = dyn Fn(AccessToken) -> BoxFuture<'static, bool> + Send + Sync;

/// What a judgement reaches, and what it is timed by.
#[derive(Clone, Copy)]
struct Reach<'a> {
    outside: &'a Outside,
    laps: &'a Laps,
}

enum Mode {
    Jwks(Keys),
    Introspection(Introspection),
    Both(Keys, Introspection),
}

/// A provider that does not offer what the guard was to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadGuard {
    /// It publishes no keys for its access tokens.
    #[error("this provider's access tokens cannot be checked locally; use Guard::remote")]
    NoKeys,
    /// It answers no questions about tokens.
    #[error("this provider has no introspection; use Guard::local, and short-lived tokens")]
    NoIntrospection,
}

impl Guard {
    /// Checks JWT access tokens locally, with the keys of the JWK Set at `jwks_url`.
    #[must_use]
    pub fn jwks(requirements: Requirements, jwks_url: impl Into<String>) -> Self {
        Self::new(Mode::Jwks(Keys::at(jwks_url.into())), requirements)
    }

    /// Asks the authority about every token (RFC 7662).
    #[must_use]
    pub fn introspection(requirements: Requirements, introspection: Introspection) -> Self {
        Self::new(Mode::Introspection(introspection), requirements)
    }

    /// Checks every token locally, and asks the authority as well for handlers that demand [`Requirement::live`].
    #[must_use]
    pub fn both(requirements: Requirements, jwks_url: impl Into<String>, introspection: Introspection) -> Self {
        Self::new(Mode::Both(Keys::at(jwks_url.into()), introspection), requirements)
    }

    /// Checks the tokens of a known provider locally.
    ///
    /// ```
    /// use sayso_skill::Guard;
    /// use sayso_skill::token::guard::Provider;
    ///
    /// let mut auth0 = Provider::auth0("tenant.eu.auth0.com", "https://whatshouldiwear")?;
    /// // Only tokens that were issued to the client of the skill's account linking:
    /// auth0.requirements = auth0.requirements.clients(vec!["yJ3bX9".to_owned()]);
    /// let guard = Guard::local(auth0)?;
    /// # let _ = guard;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Its access tokens cannot be checked locally.
    pub fn local(provider: Provider) -> Result<Self, BadGuard> {
        let jwks_url = provider.jwks_url.ok_or(BadGuard::NoKeys)?;
        Ok(Self::jwks(provider.requirements, jwks_url))
    }

    /// Asks a known provider about every token; as `client_id`, where it wants to know who asks.
    ///
    /// # Errors
    /// It answers no questions about tokens.
    pub fn remote(provider: Provider, client_id: &str, client_secret: &Secret) -> Result<Self, BadGuard> {
        let introspection = asking(&provider, client_id, client_secret)?;
        Ok(Self::introspection(provider.requirements, introspection))
    }

    /// Checks the tokens of a known provider locally, and asks it as well for handlers that demand [`Requirement::live`].
    ///
    /// # Errors
    /// It does not offer both.
    pub fn local_and_remote(provider: Provider, client_id: &str, client_secret: &Secret) -> Result<Self, BadGuard> {
        let introspection = asking(&provider, client_id, client_secret)?;
        let jwks_url = provider.jwks_url.ok_or(BadGuard::NoKeys)?;
        Ok(Self::both(provider.requirements, jwks_url, introspection))
    }

    fn new(mode: Mode, requirements: Requirements) -> Self {
        Self {
            mode: Arc::new(mode),
            requirements,
            is_person_first: false,
            is_allowed: Arc::new(|_| true),
            looks_up: None,
        }
    }

    /// Takes the recognised person's own token where there is one, and the account's otherwise. A handler may demand
    /// something else ([`Requirement::person_only`]).
    #[must_use]
    pub fn person_first(mut self) -> Self {
        self.is_person_first = true;
        self
    }

    /// Asks `hook` whether the user of a token may use the skill at all: the fifth check.
    #[must_use]
    pub fn user_allowed(mut self, hook: impl Fn(&AccessToken) -> bool + Send + Sync + 'static) -> Self {
        self.is_allowed = Arc::new(hook);
        self
    }

    /// The same for a hook that takes a while, such as one that asks a database. It runs last, for tokens that pass all
    /// checks; its time counts towards the answer's.
    #[must_use]
    pub fn user_looked_up<F>(mut self, hook: impl Fn(AccessToken) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        self.looks_up = Some(Arc::new(move |token| hook(token).boxed()));
        self
    }

    /// Judges a token that came some other way than in a request of Alexa's, such as in a header.
    ///
    /// How surely the speaker is known cannot be told of such a token: a requirement that demands it is never met.
    ///
    /// # Errors
    /// The check that failed first, and why. That is for the log: tell the caller no more than
    /// [`sayso_token::guard::challenge`] does.
    pub async fn check(
        &self,
        token: &str,
        requirement: &Requirement,
        outside: &Outside,
    ) -> Result<AccessToken, Denied> {
        self.check_shown(token, None, requirement, outside).await
    }

    /// The same, of a token that came with a proof of possession of the key of this thumbprint (RFC 9449); see
    /// [`sayso_token::guard::dpop::check_proof`]. The token must be bound to that key; with `None`, to none.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub async fn check_shown(
        &self,
        token: &str,
        proven: Option<&Digest>,
        requirement: &Requirement,
        outside: &Outside,
    ) -> Result<AccessToken, Denied> {
        self.check_told((token, proven), requirement, outside, None).await
    }

    /// Judges the token of a request. The reason goes to the log and the trace; the caller learns what to say.
    pub(crate) async fn judge(
        &self,
        envelope: &RequestEnvelope,
        requirement: &Requirement,
        outside: &Outside,
        trace: &mut Trace,
    ) -> Result<AccessToken, Refusal> {
        let request_id = envelope.request().and_then(|request| request.request_id.text());
        let Some(token) = self.token_for(envelope, requirement) else {
            trace.note_missing_token(self.mode_name());
            tracing::info!(reason = "token_missing", request_id, "the guard refused");
            return Err(Refusal::NotLinked);
        };
        let laps = trace.laps();
        let (verdict, introspection) = self.verdict((token, None), requirement, outside, &laps).await;
        trace.note_verdict(self.mode_name(), &verdict, introspection, &laps);
        let token = verdict.result.map_err(|denied| {
            tracing::info!(reason = denied.reason.code(), check = ?denied.check, request_id, "the guard refused");
            Refusal::of(denied.reason)
        })?;
        if let Some(demanded) = requirement.confidence_demanded() {
            let level = envelope.confidence_level();
            if level.is_none_or(|level| level < demanded.level) {
                trace.note_speaker();
                tracing::info!(
                    reason = "confidence_level",
                    level,
                    demanded = demanded.level,
                    request_id,
                    "the guard refused"
                );
                return Err(Refusal::NotConfirmed);
            }
        }
        Ok(token)
    }

    /// Locally first, so that the authority is asked about nothing that is refused anyway.
    async fn verdict(
        &self,
        (token, proven): (&str, Option<&Digest>),
        requirement: &Requirement,
        outside: &Outside,
        laps: &Laps,
    ) -> (Verdict, Option<IntrospectionTrace>) {
        let reach = Reach { outside, laps };
        let want = requirement.on_top_of(&self.requirements);
        let (mut verdict, seen) = match &*self.mode {
            // A skill that needs more is not built; should a handler change its mind later, it stays closed.
            Mode::Jwks(_) if requirement.is_live() => (unasked(), None),
            Mode::Jwks(keys) => (self.check_locally(token, keys, &want, reach).await, None),
            Mode::Introspection(introspection) => {
                self.check_remotely(token, introspection, (&want, requirement.is_live()), reach).await
            }
            Mode::Both(keys, introspection) => {
                let local = bound_to(proven, self.check_locally(token, keys, &want, reach).await);
                match &local.result {
                    Ok(known) if requirement.is_live() => {
                        let (said, seen) = self.check_remotely(token, introspection, (&want, true), reach).await;
                        (agreeing(said, known), seen)
                    }
                    _ => (local, None),
                }
            }
        };
        verdict = bound_to(proven, verdict);
        if let (Ok(token), Some(looks_up)) = (&verdict.result, &self.looks_up)
            && !laps.look_up(looks_up(token.clone())).await
        {
            verdict = Verdict::refused(Check::UserAllowed, Reason::User);
        }
        (verdict, seen)
    }

    async fn check_remotely(
        &self,
        token: &str,
        introspection: &Introspection,
        want: (&Requirements, bool),
        reach: Reach<'_>,
    ) -> (Verdict, Option<IntrospectionTrace>) {
        let (verdict, seen) = introspection.check(token, want, reach, &*self.is_allowed).await;
        (verdict, Some(seen))
    }

    async fn check_locally(&self, token: &str, keys: &Keys, want: &Requirements, reach: Reach<'_>) -> Verdict {
        let outside = reach.outside;
        let unavailable = || Verdict::refused(Check::TrustedSignature, Reason::KeysUnavailable);
        let now = outside.clock.now();
        let Some(mut set) = keys.current(&*outside.fetch, now).await else {
            return unavailable();
        };
        if unknown_key(token, &set)
            && let Some(newer) = keys.newer_than(&set, &*outside.fetch, now).await
        {
            set = newer;
        }
        reach.laps.judge(&*self.is_allowed, |watched| watched.jwt(token, &set, want, now))
    }

    /// The token that is judged for a handler with this requirement.
    pub(crate) fn token_for<'e>(&self, envelope: &'e RequestEnvelope, requirement: &Requirement) -> Option<&'e str> {
        let person = || envelope.person_access_token();
        let household = || envelope.access_token();
        let by_default = if self.is_person_first { Whose::PersonFirst } else { Whose::Household };
        let token = match requirement.whose().unwrap_or(by_default) {
            Whose::Household => household(),
            Whose::PersonFirst => person().or_else(household),
            Whose::PersonOnly => person(),
        };
        token.map(|token| token.expose())
    }

    /// Whether the guard can do what is demanded of it, and lets itself be told nothing by anyone on the way.
    pub(crate) fn check_setup<'r>(
        &self,
        requirements: impl IntoIterator<Item = &'r Requirement>,
    ) -> Result<(), BadSkill> {
        let urls = match &*self.mode {
            Mode::Jwks(keys) => [Some(keys.url()), None],
            Mode::Introspection(introspection) => [Some(introspection.url()), None],
            Mode::Both(keys, introspection) => [Some(keys.url()), Some(introspection.url())],
        };
        if let Some(url) = urls.into_iter().flatten().find(|url| !is_secure(url)) {
            return Err(BadSkill::InsecureGuard(url.to_owned()));
        }
        if !matches!(*self.mode, Mode::Introspection(_)) && !self.requirements.pins_algorithm() {
            return Err(BadSkill::NoAlgorithm);
        }
        if matches!(*self.mode, Mode::Jwks(_)) && requirements.into_iter().any(Requirement::is_live) {
            return Err(BadSkill::CannotAsk);
        }
        Ok(())
    }

    pub(crate) fn mode_name(&self) -> &'static str {
        match *self.mode {
            Mode::Jwks(_) => "jwks",
            Mode::Introspection(_) => "introspection",
            Mode::Both(..) => "both",
        }
    }
}

fn asking(provider: &Provider, client_id: &str, client_secret: &Secret) -> Result<Introspection, BadGuard> {
    let endpoint = provider.introspection.as_ref().ok_or(BadGuard::NoIntrospection)?;
    Ok(match endpoint.dialect {
        Dialect::Rfc7662 => Introspection::new(&endpoint.url, client_id, client_secret),
        Dialect::GoogleTokenInfo => Introspection::google(&endpoint.url),
    })
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("mode", &self.mode_name())
            .field("requirements", &self.requirements)
            .field("is_person_first", &self.is_person_first)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::is_secure;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for (url, expected) in [
            ("https://auth.example/keys", true),
            ("http://127.0.0.1:4000/keys", true),
            ("http://127.8.8.8/keys", true),
            ("http://[::1]:4000/keys", true),
            ("http://localhost:4000/keys", true),
            ("http://auth.example/keys", false),
            ("http://localhost.example/keys", false),
            ("http://10.0.0.1/keys", false),
            ("ftp://127.0.0.1/keys", false),
            ("keys", false),
            ("", false),
        ] {
            assert_eq!(is_secure(url), expected, "{url}");
        }
    }
}
