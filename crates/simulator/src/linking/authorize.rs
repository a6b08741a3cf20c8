//! Sending the browser to the authorization server (RFC 6749 section 4.1.1).

use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sayso_alexa::account_linking::{AccountLinking, LinkingGrant};
use sayso_token::digest::Digest;
use sayso_token::entropy::SharedEntropy;
use sayso_token::secret::Secret;
use sayso_token::time::{Lifetime, Timestamp};
use url::Url;

use crate::faults::Fault;

/// How long a person may take to sign in.
const PATIENCE: Lifetime = Lifetime::from_seconds(15 * 60);
/// Most linkings under way at once; the oldest is given up for a new one.
const MOST_PENDING: usize = 100;
/// Real states are several hundred characters long, and servers must bear it.
const STATE_BYTES: usize = 480;

/// The regions of the assistant's cloud. A person's account belongs to one, and each has its own redirect URI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Region {
    /// North America, `pitangui.amazon.com`.
    #[default]
    Na,
    /// Europe and India, `layla.amazon.com`.
    Eu,
    /// Far East, `alexa.amazon.co.jp`.
    Fe,
}

impl Region {
    pub(crate) const ALL: [Self; 3] = [Self::Na, Self::Eu, Self::Fe];

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Na => "na",
            Self::Eu => "eu",
            Self::Fe => "fe",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Na => "North America",
            Self::Eu => "Europe and India",
            Self::Fe => "Japan and Australia",
        }
    }

    pub(crate) fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|region| region.code() == code)
    }

    pub(crate) fn redirect_uri(self, public_url: &str, vendor_id: &str) -> String {
        format!("{public_url}/{}/api/skill/link/{vendor_id}", self.code())
    }
}

/// A linking under way.
pub(crate) struct Pending {
    /// The turn it becomes.
    pub(crate) turn: String,
    pub(crate) skill: String,
    /// Whether the token itself comes back, in the fragment (RFC 6749 section 4.2).
    pub(crate) is_implicit: bool,
    /// Whether the provider's app was asked, by its link.
    pub(crate) by_app: bool,
    /// The recognised person who links; the household otherwise.
    pub(crate) person: Option<String>,
    pub(crate) fault: Option<Fault>,
    pub(crate) region: Region,
    pub(crate) redirect_uri: String,
    pub(crate) verifier: Option<Secret>,
    pub(crate) authorization_url: String,
    state: Secret,
    browser: Digest,
    expires_at: Timestamp,
}

/// All linkings under way.
#[derive(Default)]
pub(crate) struct Underway(Mutex<Vec<Pending>>);

/// Why an answer of the authorization server belongs to no linking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stray {
    /// The state is unknown, or has been used.
    Unknown,
    /// It took too long.
    Expired,
    /// Another browser began it.
    OtherBrowser,
    /// It came to another redirect URI than the one that was sent.
    OtherRegion,
}

impl Underway {
    /// Takes the linking that `state` belongs to; it cannot be taken twice.
    pub(crate) fn take(&self, state: &str, browser: &str, region: Region, now: Timestamp) -> Result<Pending, Stray> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = Secret::new(state);
        let at = all.iter().position(|pending| pending.state.matches(&state)).ok_or(Stray::Unknown)?;
        let pending = all.swap_remove(at);
        if pending.expires_at <= now {
            Err(Stray::Expired)
        } else if !pending.browser.matches(&Digest::of(browser.as_bytes())) {
            Err(Stray::OtherBrowser)
        } else if pending.region != region {
            Err(Stray::OtherRegion)
        } else {
            Ok(pending)
        }
    }

    /// Whether an answer is awaited that may come in a fragment, which no server sees.
    pub(crate) fn awaits_fragment(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|pending| pending.is_implicit)
    }

    fn add(&self, pending: Pending, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|other| other.expires_at > now);
        if all.len() >= MOST_PENDING {
            all.remove(0);
        }
        all.push(pending);
    }
}

/// What beginning a linking needs to know.
pub(crate) struct Beginning<'a> {
    /// The turn it becomes.
    pub(crate) turn: &'a str,
    pub(crate) skill: &'a str,
    pub(crate) person: Option<&'a str>,
    pub(crate) fault: Option<Fault>,
    pub(crate) linking: &'a AccountLinking,
    /// The platform whose app is asked, as the settings name it; the web otherwise.
    pub(crate) platform: Option<&'a str>,
    pub(crate) region: Region,
    pub(crate) redirect_uri: String,
    /// What tells this browser from others.
    pub(crate) browser: &'a str,
}

impl Underway {
    /// Begins a linking: the address to send the browser to, or why it cannot begin.
    pub(crate) fn begin(&self, from: Beginning<'_>, entropy: &SharedEntropy, now: Timestamp) -> Result<Url, String> {
        let linking = from.linking;
        let (pkce, is_implicit) = match &linking.grant {
            LinkingGrant::AuthorizationCode { pkce, .. } => (*pkce, false),
            LinkingGrant::Implicit => (false, true),
        };
        let page = page_of(linking, from.platform)?;
        let mut url = Url::parse(page)
            .map_err(|_| format!("authorizationUrl is {page:?}: fill in the authorization server's address."))?;
        let mut bytes = vec![0; STATE_BYTES];
        entropy.fill(&mut bytes);
        let state = Secret::new(URL_SAFE_NO_PAD.encode(&bytes));
        let verifier = pkce.then(|| Secret::new(entropy.token()));
        {
            // The server's own query stays; a fragment has no place in an authorization endpoint (RFC 6749 section 3.1).
            url.set_fragment(None);
            let mut query = url.query_pairs_mut();
            query.append_pair("client_id", &linking.client_id);
            query.append_pair("response_type", if is_implicit { "token" } else { "code" });
            query.append_pair("state", state.expose());
            if !linking.scopes.is_empty() {
                query.append_pair("scope", &linking.scopes.join(" "));
            }
            query.append_pair("redirect_uri", &from.redirect_uri);
            if let Some(verifier) = &verifier {
                query.append_pair("code_challenge", &Digest::of(verifier.expose().as_bytes()).base64url());
                query.append_pair("code_challenge_method", "S256");
            }
        }
        let pending = Pending {
            turn: from.turn.to_owned(),
            skill: from.skill.to_owned(),
            is_implicit,
            by_app: from.platform.is_some(),
            person: from.person.map(str::to_owned),
            fault: from.fault,
            region: from.region,
            redirect_uri: from.redirect_uri,
            verifier,
            authorization_url: url.to_string(),
            state,
            browser: Digest::of(from.browser.as_bytes()),
            expires_at: now + PATIENCE,
        };
        self.add(pending, now);
        Ok(url)
    }
}

/// The login page, or the link that the provider's app takes in its place on a platform.
fn page_of<'a>(linking: &'a AccountLinking, platform: Option<&str>) -> Result<&'a str, String> {
    let Some(platform) = platform else { return Ok(&linking.authorization_url) };
    let found = linking.platform_urls.iter().find(|(named, _)| named == platform);
    found.map(|(_, url)| url.as_str()).ok_or_else(|| format!("The settings name no app link for {platform}."))
}

/// The parameters that came back, each at most once.
#[derive(Debug, Default)]
pub(crate) struct Returned {
    pub(crate) code: Option<Secret>,
    pub(crate) state: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) error_description: Option<String>,
    pub(crate) iss: Option<String>,
    /// `app` when the provider's app answered.
    pub(crate) source: Option<String>,
    /// Of an implicit grant, in the fragment.
    pub(crate) access_token: Option<Secret>,
    pub(crate) token_type: Option<String>,
    pub(crate) expires_in: Option<String>,
    pub(crate) scope: Option<String>,
}

impl Returned {
    /// Reads the query; a parameter that is there twice makes it unreadable (RFC 6749 section 3.1).
    pub(crate) fn parse(query: &str) -> Option<Self> {
        let mut returned = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = value.into_owned();
            let before = match name.as_ref() {
                "code" => returned.code.replace(Secret::new(value)).is_some(),
                "state" => returned.state.replace(value).is_some(),
                "error" => returned.error.replace(value).is_some(),
                "error_description" => returned.error_description.replace(value).is_some(),
                "source" => returned.source.replace(value).is_some(),
                "access_token" => returned.access_token.replace(Secret::new(value)).is_some(),
                "token_type" => returned.token_type.replace(value).is_some(),
                "expires_in" => returned.expires_in.replace(value).is_some(),
                "scope" => returned.scope.replace(value).is_some(),
                "iss" => returned.iss.replace(value).is_some(),
                _ => false,
            };
            if before {
                return None;
            }
        }
        Some(returned)
    }

    /// Whether `iss`, if it is there, fits the server the browser was sent to (RFC 9207). The settings of a skill name
    /// no issuer, so the most that can be asked is that the login page lies under it.
    pub(crate) fn comes_from(&self, authorization_url: &str) -> bool {
        let Some(iss) = &self.iss else { return true };
        let (Ok(issuer), Ok(page)) = (Url::parse(iss), Url::parse(authorization_url)) else { return false };
        let under = issuer.path().trim_end_matches('/');
        let below = page.path().strip_prefix(under).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        issuer.origin() == page.origin() && below
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_must_be_the_one_the_browser_was_sent_to() {
        let page = "https://id.example/oauth2/quiz/v1/authorize?x=1";
        for (iss, good) in [
            (None, true),
            (Some("https://id.example/oauth2/quiz"), true),
            (Some("https://id.example/"), true),
            (Some("https://id.example/oauth2/qui"), false),
            (Some("https://id.example/oauth2/other"), false),
            (Some("https://evil.example/oauth2/quiz"), false),
            (Some("http://id.example/oauth2/quiz"), false),
            (Some("nonsense"), false),
        ] {
            let returned = Returned { iss: iss.map(str::to_owned), ..Returned::default() };
            assert_eq!(returned.comes_from(page), good, "{iss:?}");
        }
    }

    #[test]
    fn a_parameter_twice_is_unreadable() {
        assert!(Returned::parse("code=a&state=b&code=c").is_none());
        let returned = Returned::parse("code=a%2Bb&state=x%3D%3D&other=1&other=2").unwrap();
        assert_eq!((returned.code.unwrap().expose(), returned.state.as_deref()), ("a+b", Some("x==")));
    }
}
