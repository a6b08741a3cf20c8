//! What an API demands of a token.

use super::{AccessToken, Check, Denied, Reason, deny};
use crate::algorithm::Algorithm;
use crate::jws::ACCESS_TOKEN_TYPE;
use crate::time::{Lifetime, Timestamp};

/// Clocks may differ by at most this much.
const MAX_LEEWAY: Lifetime = Lifetime::from_seconds(120);

/// Requirements that would accept too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRequirements {
    /// No audience named.
    #[error("name the audience of this API; without one, a token for any API would pass")]
    NoAudience,
    /// No issuer named.
    #[error("name the issuer whose tokens this API trusts")]
    NoIssuer,
}

/// What an API demands: one issuer, one audience, pinned algorithms, scopes.
#[derive(Clone, Debug)]
pub struct Requirements {
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) types: Vec<String>,
    pub(super) token_id: bool,
    scopes: Vec<String>,
    clients: Option<Vec<String>>,
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
            token_id: true,
            scopes: Vec::new(),
            clients: None,
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
        allowed: &dyn Fn(&AccessToken) -> bool,
    ) -> Result<AccessToken, Denied> {
        self.check_audience(&token)?;
        self.check_time(&token, not_before, now)?;
        self.check_user(&token, allowed)?;
        self.check_scope(&token)?;
        Ok(token)
    }

    /// Only our own audience suffices: a token that also opens other APIs could be replayed by them.
    fn check_audience(&self, token: &AccessToken) -> Result<(), Denied> {
        match token.audience.as_slice() {
            [one] if *one == self.audience => Ok(()),
            _ => Err(deny(Check::MeantForThisApi, Reason::Audience)),
        }
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
