//! Where is somebody sent who wants to sign in at a provider, and what must be remembered until they come back? (OpenID
//! Connect Core section 3.1.2.1)

use sayso_token::digest::Digest;
use sayso_token::secret::Secret;
use sayso_token::time::{Lifetime, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ambient::Ambient;
use crate::record::connection::Connection;
use crate::wire::provider::Provider;
use crate::wire::query::with_parameters;

use super::LEEWAY;

/// How long a person may be away.
pub const OUTWARD_LIFETIME: Lifetime = Lifetime::from_seconds(600);

/// How fresh the sign-in at the provider must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Afresh {
    /// Signed in anew, for this flow (`prompt=login`).
    Login,
    /// Signed in at most so long before it began (`max_age`).
    MaxAge(Lifetime),
}

/// What is wanted of this flow.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Where the provider sends the person back to; registered there.
    pub redirect_uri: String,
    /// Whom it shall offer to sign in.
    pub login_hint: Option<String>,
    /// In which languages, best first, with blanks between.
    pub ui_locales: Option<String>,
    /// Whether a sign-in that is there already will do: `None`.
    pub afresh: Option<Afresh>,
    /// What the caller wants to have again when the person comes back; nothing here reads it.
    pub return_to: String,
}

/// What is remembered of somebody who left for a provider: sealed, in their own browser. `Debug` shows no secret.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outward {
    /// The connection by which they left.
    pub connection: String,
    /// The issuer they were sent to.
    pub issuer: String,
    /// Where they come back; the same must be said when the code is exchanged.
    pub redirect_uri: String,
    /// The digest of `state`, which ties the response to this browser.
    pub state: Digest,
    /// What the ID token must carry.
    pub nonce: Secret,
    /// The PKCE verifier, for the exchange.
    pub verifier: Secret,
    /// When they left.
    pub begun_at: Timestamp,
    /// How fresh the sign-in must be.
    pub afresh: Option<Afresh>,
    /// The caller's.
    pub return_to: String,
}

impl std::fmt::Debug for Outward {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outward")
            .field("connection", &self.connection)
            .field("issuer", &self.issuer)
            .field("begun_at", &self.begun_at)
            .field("afresh", &self.afresh)
            .finish_non_exhaustive()
    }
}

impl Outward {
    /// The bytes to seal.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Texts and numbers always have a JSON; were it otherwise, nothing is what comes back from it.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Takes back what [`Self::to_bytes`] made; `None` when it is something else, or too old to count at `now`.
    pub fn from_bytes(bytes: &[u8], now: Timestamp) -> Option<Self> {
        serde_json::from_slice(bytes).ok().filter(|outward: &Self| !outward.is_over(now))
    }

    /// Whether they were away too long, or left at a time that is still to come.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        now >= self.begun_at + OUTWARD_LIFETIME || self.begun_at > now + LEEWAY
    }
}

/// Decides what to remember, and the address to send the browser to.
pub fn begin(
    connection: &Connection,
    provider: &Provider,
    wish: &Wish,
    ambient: &mut Ambient<'_>,
) -> (Outward, String) {
    let (state, nonce, verifier) = (ambient.entropy.token(), ambient.entropy.token(), ambient.entropy.token());
    let challenge = Digest::of(verifier.as_bytes()).base64url();
    let more = connection.scopes.iter().map(String::as_str).filter(|scope| *scope != "openid");
    let scope = std::iter::once("openid").chain(more).collect::<Vec<_>>().join(" ");
    let mut parameters = vec![
        ("response_type", "code"),
        ("client_id", &connection.client_id),
        ("redirect_uri", &wish.redirect_uri),
        ("scope", &scope),
        ("state", &state),
        ("nonce", &nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let max_age = match wish.afresh {
        Some(Afresh::MaxAge(age)) => Some(age.seconds().to_string()),
        // Without it, a provider need not say when they signed in (section 2, `auth_time`).
        Some(Afresh::Login) => Some("0".to_owned()),
        None => None,
    };
    let prompt = (wish.afresh == Some(Afresh::Login)).then_some("login");
    let wishes = [
        ("prompt", prompt),
        ("max_age", max_age.as_deref()),
        ("login_hint", wish.login_hint.as_deref()),
        ("ui_locales", wish.ui_locales.as_deref()),
    ];
    parameters.extend(wishes.into_iter().filter_map(|(name, value)| Some((name, value?))));
    let url = with_parameters(&provider.authorization_endpoint, &parameters);
    let outward = Outward {
        connection: connection.id.clone(),
        issuer: provider.issuer.clone(),
        redirect_uri: wish.redirect_uri.clone(),
        state: Digest::of(state.as_bytes()),
        nonce: Secret::new(nonce),
        verifier: Secret::new(verifier),
        begun_at: ambient.now,
        afresh: wish.afresh,
        return_to: wish.return_to.clone(),
    };
    (outward, url)
}

#[cfg(test)]
mod tests;
