//! The guard of a skill: whether the access token in the request opens a handler.

mod introspection;
mod keys;

use std::fmt;
use std::sync::Arc;

use sayso_alexa::envelope::RequestEnvelope;
use sayso_token::guard::{AccessToken, Check, Reason, Requirements, Verdict, check_jwt, unknown_key};
use url::{Host, Url};

use crate::handler::Requirement;
use crate::outside::Outside;
use crate::refusal::Refusal;
use crate::trace::Trace;

pub use introspection::Introspection;
use keys::Keys;

/// Judges the access token of a request: locally with the authority's keys, or by asking the authority.
///
/// Locally costs no round trip, but a revoked token passes until it expires. Asking sees every change at once and takes
/// tokens of any format.
#[derive(Clone)]
pub struct Guard {
    mode: Arc<Mode>,
    requirements: Requirements,
    is_person_first: bool,
    is_allowed: Arc<dyn Fn(&AccessToken) -> bool + Send + Sync>,
}

enum Mode {
    Jwks(Keys),
    Introspection(Introspection),
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

    fn new(mode: Mode, requirements: Requirements) -> Self {
        Self { mode: Arc::new(mode), requirements, is_person_first: false, is_allowed: Arc::new(|_| true) }
    }

    /// Takes the recognised person's own token where there is one, and the account's otherwise.
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

    /// Judges the token of a request. The reason goes to the log and the trace; the caller learns what to say.
    pub(crate) async fn judge(
        &self,
        envelope: &RequestEnvelope,
        requirement: &Requirement,
        outside: &Outside,
        trace: &mut Trace,
    ) -> Result<AccessToken, Refusal> {
        let request_id = envelope.request().and_then(|request| request.request_id.text());
        let Some(token) = self.token_of(envelope) else {
            trace.note_missing_token(self.mode_name());
            tracing::info!(reason = "token_missing", request_id, "the guard refused");
            return Err(Refusal::NotLinked);
        };
        let scopes = requirement.scopes().iter();
        let want = scopes.fold(self.requirements.clone(), |want, scope| want.scope(scope));
        let (verdict, introspection) = match &*self.mode {
            Mode::Jwks(keys) => (self.check_locally(token, keys, &want, outside).await, None),
            Mode::Introspection(introspection) => {
                let (verdict, seen) = introspection.check(token, &want, outside, &*self.is_allowed).await;
                (verdict, Some(seen))
            }
        };
        trace.note_verdict(self.mode_name(), &verdict, introspection);
        verdict.result.map_err(|denied| {
            tracing::info!(reason = denied.reason.code(), check = ?denied.check, request_id, "the guard refused");
            Refusal::of(denied.reason)
        })
    }

    async fn check_locally(&self, token: &str, keys: &Keys, want: &Requirements, outside: &Outside) -> Verdict {
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
        check_jwt(token, &set, want, now, &*self.is_allowed)
    }

    /// The token that would be judged.
    pub(crate) fn token_of<'e>(&self, envelope: &'e RequestEnvelope) -> Option<&'e str> {
        let person = envelope.person_access_token().filter(|_| self.is_person_first);
        person.or_else(|| envelope.access_token()).map(|token| token.expose())
    }

    /// The address that is asked, if anyone on the way could change the answer.
    pub(crate) fn insecure_url(&self) -> Option<&str> {
        let url = match &*self.mode {
            Mode::Jwks(keys) => keys.url(),
            Mode::Introspection(introspection) => introspection.url(),
        };
        (!is_secure(url)).then_some(url)
    }

    fn mode_name(&self) -> &'static str {
        match *self.mode {
            Mode::Jwks(_) => "jwks",
            Mode::Introspection(_) => "introspection",
        }
    }
}

/// `https`, or `http` to this machine.
fn is_secure(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let is_loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback)
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
