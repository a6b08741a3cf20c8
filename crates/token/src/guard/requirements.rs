//! What an API demands of a token.

use super::{AccessToken, Check, Denied, Reason, Watched, deny};
use crate::algorithm::Algorithm;
use crate::claims::{seconds, text};
use crate::jws::ACCESS_TOKEN_TYPE;
use crate::time::{Lifetime, Timestamp};

/// Clocks may differ by at most this much.
const MAX_LEEWAY: Lifetime = Lifetime::from_seconds(120);

/// Requirements that would accept too much.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRequirements {
    /// No audience named.
    #[error("name the audience of this API; without one, a token for any API would pass")]
    NoAudience,
    /// No issuer named.
    #[error("name the issuer whose tokens this API trusts")]
    NoIssuer,
    /// A preset was given something else than a host name, such as a whole URL.
    #[error("name the host alone, such as tenant.eu.auth0.com: {0}")]
    NotAHost(String),
    /// A preset was given something else than one segment of a path.
    #[error("this must be a name without slashes or blanks: {0}")]
    NotAName(String),
}

/// What an API demands: one issuer, one audience, pinned algorithms, scopes.
#[derive(Clone, Debug)]
pub struct Requirements {
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) types: Vec<String>,
    /// Whether a token may go without `typ`.
    pub(super) untyped: bool,
    pub(super) token_id: bool,
    /// Whether the client stands for the audience, in tokens that name none.
    pub(super) client_is_audience: bool,
    beside: Vec<String>,
    claims: Vec<(String, String)>,
    scopes: Vec<String>,
    clients: Option<Vec<String>>,
    acr_values: Vec<String>,
    max_age: Option<Lifetime>,
    leeway: Lifetime,
}

impl Requirements {
    /// Tokens of `issuer` for `audience`, both compared byte for byte; RS256, `typ` `at+jwt`, 60 s leeway.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Result<Self, BadRequirements> {
        let (issuer, audience) = (issuer.into(), audience.into());
        if issuer.is_empty() {
            return Err(BadRequirements::NoIssuer);
        }
        if audience.is_empty() {
            return Err(BadRequirements::NoAudience);
        }
        Ok(Self {
            issuer,
            audience,
            algorithms: vec![Algorithm::Rs256],
            types: vec![ACCESS_TOKEN_TYPE.to_owned()],
            untyped: false,
            token_id: true,
            client_is_audience: false,
            beside: Vec::new(),
            claims: Vec::new(),
            scopes: Vec::new(),
            clients: None,
            acr_values: Vec::new(),
            max_age: None,
            leeway: Lifetime::from_seconds(60),
        })
    }

    /// Accepts these algorithms instead of RS256; an empty list refuses every token.
    #[must_use]
    pub fn algorithms(mut self, algorithms: Vec<Algorithm>) -> Self {
        self.algorithms = algorithms;
        self
    }

    /// Demands this scope as well.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Accepts only tokens issued to one of these clients.
    #[must_use]
    pub fn clients(mut self, clients: Vec<String>) -> Self {
        self.clients = Some(clients);
        self
    }

    /// How far the clocks of authority and API may differ; at most 120 s.
    #[must_use]
    pub fn leeway(mut self, leeway: Lifetime) -> Self {
        self.leeway = leeway.min(MAX_LEEWAY);
        self
    }

    /// Accepts tokens of a vendor that predates RFC 9068: this `typ` as well, and no `jti` needed.
    #[must_use]
    pub fn older_profile(mut self, typ: impl Into<String>) -> Self {
        self.types.push(typ.into());
        self.token_id = false;
        self
    }

    /// Accepts tokens of a vendor whose access tokens carry no `typ` at all; no `jti` needed.
    #[must_use]
    pub fn untyped(mut self) -> Self {
        self.untyped = true;
        self.token_id = false;
        self
    }

    /// Tolerates this audience beside the API's own. Without it, a token that opens other APIs as well is refused: any of
    /// them could replay it here.
    #[must_use]
    pub fn beside_audience(mut self, audience: impl Into<String>) -> Self {
        self.beside.push(audience.into());
        self
    }

    /// Demands that a claim is this text: how vendors without `typ` tell an access token from others.
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.claims.push((name.into(), value.into()));
        self
    }

    /// Demands that the person signed in in one of these ways (`acr`, RFC 9470 section 4).
    #[must_use]
    pub fn acr_values(mut self, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.acr_values = values.into_iter().map(Into::into).collect();
        self
    }

    /// Demands that the person signed in at most this long ago (`auth_time`, RFC 9470 section 4).
    #[must_use]
    pub fn max_age(mut self, age: Lifetime) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Whether any algorithm is accepted; without one, every token is refused.
    pub fn pins_algorithm(&self) -> bool {
        !self.algorithms.is_empty()
    }

    /// The issuer whose tokens are trusted.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The audience of this API.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// The checks that follow once the authority's word is known: the same for a JWT and for an introspection answer.
    pub(super) fn suffices(
        &self,
        token: AccessToken,
        not_before: Option<Timestamp>,
        now: Timestamp,
        watched: &Watched<'_>,
    ) -> Result<AccessToken, Denied> {
        self.check_claims(&token)?;
        self.check_audience(&token)?;
        (watched.passed)(Check::MeantForThisApi);
        self.check_time(&token, not_before, now)?;
        (watched.passed)(Check::NotExpired);
        self.check_user(&token, watched.allowed)?;
        self.check_authentication(&token, now)?;
        (watched.passed)(Check::UserAllowed);
        self.check_scope(&token)?;
        (watched.passed)(Check::ScopeGranted);
        Ok(token)
    }

    fn check_claims(&self, token: &AccessToken) -> Result<(), Denied> {
        let holds = |(name, value): &(String, String)| text(&token.claims, name) == Ok(Some(value.as_str()));
        if self.claims.iter().all(holds) { Ok(()) } else { Err(deny(Check::MeantForThisApi, Reason::Type)) }
    }

    /// Our own audience must be there, and no other that was not named: a token that also opens other APIs could be
    /// replayed by them.
    fn check_audience(&self, token: &AccessToken) -> Result<(), Denied> {
        let is_ours = |audience: &String| *audience == self.audience;
        let suffices = if self.client_is_audience && token.audience.is_empty() {
            token.client.as_ref().is_some_and(is_ours)
        } else {
            let (ours, others): (Vec<_>, Vec<_>) = token.audience.iter().partition(|audience| is_ours(audience));
            ours.len() == 1 && others.iter().all(|audience| self.beside.contains(audience))
        };
        if suffices { Ok(()) } else { Err(deny(Check::MeantForThisApi, Reason::Audience)) }
    }

    /// How and when the person signed in. A claim that is missing or cannot be read proves nothing.
    fn check_authentication(&self, token: &AccessToken, now: Timestamp) -> Result<(), Denied> {
        let acr = text(&token.claims, "acr").ok().flatten();
        let is_strong = self.acr_values.is_empty() || self.acr_values.iter().any(|value| acr == Some(value.as_str()));
        let is_recent = self.max_age.is_none_or(|age| {
            let signed_in = seconds(&token.claims, "auth_time").ok().flatten();
            let (now, leeway) = (now.seconds(), i64::from(self.leeway.seconds()));
            signed_in.is_some_and(|at| {
                let passed = now - at.seconds();
                (-leeway..=i64::from(age.seconds()) + leeway).contains(&passed)
            })
        });
        if is_strong && is_recent { Ok(()) } else { Err(deny(Check::UserAllowed, Reason::Authentication)) }
    }

    fn check_time(&self, token: &AccessToken, not_before: Option<Timestamp>, now: Timestamp) -> Result<(), Denied> {
        let (now, leeway) = (now.seconds(), i64::from(self.leeway.seconds()));
        if now >= token.expires_at.seconds() + leeway {
            return Err(deny(Check::NotExpired, Reason::Expired));
        }
        let starts = [not_before, token.issued_at];
        if starts.into_iter().flatten().any(|start| start.seconds() > now + leeway) {
            return Err(deny(Check::NotExpired, Reason::NotYetValid));
        }
        Ok(())
    }

    fn check_user(&self, token: &AccessToken, allowed: &dyn Fn(&AccessToken) -> bool) -> Result<(), Denied> {
        if let Some(clients) = &self.clients
            && !token.client.as_ref().is_some_and(|client| clients.contains(client))
        {
            return Err(deny(Check::UserAllowed, Reason::Client));
        }
        if allowed(token) { Ok(()) } else { Err(deny(Check::UserAllowed, Reason::User)) }
    }

    fn check_scope(&self, token: &AccessToken) -> Result<(), Denied> {
        if self.scopes.iter().all(|scope| token.scopes.contains(scope)) {
            Ok(())
        } else {
            Err(deny(Check::ScopeGranted, Reason::Scope))
        }
    }
}
