//! The login page: does it take Alexa's request, from every region, with a long state?

use std::time::Duration;

use sayso_alexa::account_linking::{AccountLinking, LinkingGrant};
use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;
use url::Url;

use super::trials::Trial;
use super::{Checked, page, trials};
use crate::linking::authorize::Region;
use crate::outbound::{Incoming, Lost};
use crate::package::Skill;
use crate::simulator::Inner;
use crate::span;

const PATIENCE: Duration = Duration::from_secs(8);
const LARGEST: usize = 1024 * 1024;
const STATE: &str = "sayso-doctor";
/// Alexa's states have some 640 signs; nobody promises that they stay so short.
const LONG_STATE: usize = 4_000;
/// Where nobody may be sent.
const FOREIGN: &str = "https://redirect.invalid/";
/// Requests that are older than this are refused by skills; servers' clocks are compared with it.
pub(super) const MOST_OFF_SECONDS: u64 = 150;

/// The challenge of an authorization request (RFC 7636 section 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    Without,
    S256,
    Plain,
}

/// The verifier to the challenges that are sent here.
const VERIFIER: &str = "a-verifier-of-the-doctor-that-nobody-else-ever-uses";

/// An authorization request that is tried.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) redirect_uri: &'a str,
    pub(super) state: &'a str,
    pub(super) scopes: &'a [String],
    pub(super) challenge: Challenge,
}

impl<'a> Asked<'a> {
    /// As the settings have it.
    pub(super) fn as_set(linking: &'a AccountLinking, redirect_uri: &'a str) -> Self {
        let challenge = match &linking.grant {
            LinkingGrant::AuthorizationCode { pkce: true, .. } => Challenge::S256,
            LinkingGrant::AuthorizationCode { .. } | LinkingGrant::Implicit => Challenge::Without,
        };
        Self { redirect_uri, state: STATE, scopes: &linking.scopes, challenge }
    }
}

/// What the server makes of an authorization request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reception {
    /// A page is shown, or the person sent on to one.
    Taken,
    /// A code came at once, without anybody signing in.
    Code(String),
    /// It is refused, with this error or status.
    Refused(String),
    /// No answer, or none that says so.
    Unclear,
}

impl Reception {
    pub(super) fn of(answered: &Result<Incoming, Lost>, uri: &str) -> Self {
        let Ok(incoming) = answered else { return Self::Unclear };
        if let Some(back) = goes_to(incoming, uri) {
            return match (parameter(&back, "error"), parameter(&back, "code")) {
                (Some(error), _) => Self::Refused(error),
                (None, Some(code)) => Self::Code(code),
                (None, None) => Self::Taken,
            };
        }
        match incoming.status {
            200..=399 => Self::Taken,
            403 | 404 | 405 | 414 | 429 | 431 | 500.. => Self::Unclear,
            status => Self::Refused(format!("status {status}")),
        }
    }

    pub(super) fn is_taken(&self) -> bool {
        matches!(self, Self::Taken | Self::Code(_))
    }
}

impl Inner {
    /// Asks for the login page as Alexa would, and as nobody should.
    pub(crate) async fn examine_authorization(
        &self,
        skill: &Skill,
        linking: &AccountLinking,
        uris: &[(Region, String)],
    ) -> Vec<Checked> {
        if Url::parse(&linking.authorization_url).is_err() {
            let remedy = "Fill in the address of the authorization endpoint.";
            return vec![Checked::bad(trials::LOGIN, "authorizationUrl is no address.", remedy)];
        }
        let mut checks = Vec::new();
        for (region, uri) in uris {
            let answered = self.authorization(linking, Asked::as_set(linking, uri)).await;
            checks.push(judge(trials::LOGIN.of(region.name()), &answered, uri, STATE));
            if *region != Region::Na {
                continue;
            }
            let reception = Reception::of(&answered, uri);
            checks.extend(Box::pin(self.examine_scopes(linking, uri, &reception)).await);
            checks.extend(Box::pin(self.examine_pkce(skill, linking, (uri, &reception))).await);
            if let Ok(incoming) = answered {
                checks.extend(clock(&incoming, self.real_now()));
                checks.extend(self.page_shown(skill, linking, incoming, uri).await);
            }
        }
        let Some((_, uri)) = uris.first() else { return checks };
        let as_set = Asked::as_set(linking, uri);
        let state: String = "Aa0-_.~+/=".chars().cycle().take(LONG_STATE).collect();
        let answered = self.authorization(linking, Asked { state: &state, ..as_set }).await;
        checks.push(judge(trials::STATE, &answered, uri, &state));
        let answered = self.authorization(linking, Asked { redirect_uri: FOREIGN, ..as_set }).await;
        checks.push(foreign(&answered));
        checks
    }

    /// Goes on to the page that is shown, within the server.
    async fn page_shown(&self, skill: &Skill, linking: &AccountLinking, incoming: Incoming, uri: &str) -> Vec<Checked> {
        let Ok(url) = Url::parse(&linking.authorization_url) else { return Vec::new() };
        let home = url.origin();
        let shown = self.led_on((url, incoming), |to| to.origin() == home).await;
        shown.map(|(_, incoming)| page::judge(&incoming, (skill, linking), uri)).unwrap_or_default()
    }

    /// What the server makes of a request.
    pub(super) async fn received(&self, linking: &AccountLinking, asked: Asked<'_>) -> Reception {
        Reception::of(&self.authorization(linking, asked).await, asked.redirect_uri)
    }

    async fn authorization(&self, linking: &AccountLinking, asked: Asked<'_>) -> Result<Incoming, Lost> {
        let mut url = Url::parse(&linking.authorization_url).map_err(|_| Lost::Unreachable)?;
        let kind = if linking.grant == LinkingGrant::Implicit { "token" } else { "code" };
        url.query_pairs_mut()
            .append_pair("client_id", &linking.client_id)
            .append_pair("response_type", kind)
            .append_pair("state", asked.state)
            .append_pair("redirect_uri", asked.redirect_uri);
        if !asked.scopes.is_empty() {
            url.query_pairs_mut().append_pair("scope", &asked.scopes.join(" "));
        }
        let challenge = match asked.challenge {
            Challenge::Without => None,
            Challenge::S256 => Some((Digest::of(VERIFIER.as_bytes()).base64url(), "S256")),
            Challenge::Plain => Some((VERIFIER.to_owned(), "plain")),
        };
        if let Some((challenge, method)) = challenge {
            url.query_pairs_mut()
                .append_pair("code_challenge", &challenge)
                .append_pair("code_challenge_method", method);
        }
        self.outbound.get(url, PATIENCE, LARGEST).await
    }
}

/// Where an answer sends the browser.
fn location(incoming: &Incoming) -> Option<Url> {
    Url::parse(incoming.header("location")?).ok()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    let fragment = url.fragment().unwrap_or_default();
    let in_fragment = url::form_urlencoded::parse(fragment.as_bytes()).into_owned();
    url.query_pairs().into_owned().chain(in_fragment).find(|(found, _)| found == name).map(|(_, value)| value)
}

fn goes_to(incoming: &Incoming, uri: &str) -> Option<Url> {
    let to = location(incoming)?;
    let uri = Url::parse(uri).ok()?;
    (to.origin() == uri.origin() && to.path() == uri.path()).then_some(to)
}

fn judge(trial: Trial, answered: &Result<Incoming, Lost>, uri: &str, state: &str) -> Checked {
    let incoming = match answered {
        Ok(incoming) => incoming,
        Err(lost) => return super::tokens::lost(trial, *lost),
    };
    if let Some(back) = goes_to(incoming, uri) {
        if parameter(&back, "state").as_deref() != Some(state) {
            let remedy = "Give the state back exactly as it came: not decoded twice, not cut, + and = kept.";
            return Checked::bad(trial, "The state came back changed.", remedy);
        }
        return match parameter(&back, "error") {
            None => Checked::good(trial, "The server answers without asking anybody to sign in."),
            Some(error) => Checked::bad(
                trial,
                format!("The server returns with an error parameter: {error}."),
                match error.as_str() {
                    "invalid_scope" => "Allow the client every scope in the settings, or ask for fewer.",
                    "unauthorized_client" | "unsupported_response_type" => {
                        "Allow the client the grant that the settings name."
                    }
                    _ => {
                        "Look for the reason in the server's log; PKCE that one side demands and the other does not send is a common one."
                    }
                },
            ),
        };
    }
    match incoming.status {
        200 => Checked::good(trial, "The request is taken, and a page is shown."),
        300..=399 => {
            let to =
                location(incoming).map_or_else(|| "a page of its own".into(), |url| url.origin().ascii_serialization());
            let to = if to == "null" { "a page of its own".to_owned() } else { to };
            Checked::good(trial, format!("The request is taken, and the person is sent on to {to}."))
        }
        414 | 431 => {
            let remedy = "Let addresses and parameters be longer, in the server and in what stands before it.";
            Checked::bad(trial, format!("Status {}: the address is too long.", incoming.status), remedy)
        }
        403 | 429 | 503 => {
            let remedy = "Let Alexa's requests pass the firewall, the bot filter and the rate limit.";
            Checked::bad(trial, format!("Status {}: something keeps the request out.", incoming.status), remedy)
        }
        404 | 405 => {
            let remedy = "Check authorizationUrl: it may be the token endpoint's, or lack a part of its path.";
            Checked::bad(trial, format!("Status {}: there is no login page.", incoming.status), remedy)
        }
        status => {
            let found = format!("Status {status}: the request is refused.");
            let remedy = format!("Register the redirect URI {uri} exactly, and check the client id in the settings.");
            Checked::bad(trial, found, &remedy)
        }
    }
}

fn foreign(answered: &Result<Incoming, Lost>) -> Checked {
    let trial = trials::FOREIGN;
    match answered {
        Err(_) => Checked::unknown(trial, "The server did not answer.", ""),
        Ok(incoming) if goes_to(incoming, FOREIGN).is_some() => {
            let remedy = "Compare redirect URIs exactly with those that are registered.";
            Checked::bad(trial, "The server sends the browser to an address that nobody registered.", remedy)
        }
        Ok(incoming) if incoming.status >= 400 => Checked::good(trial, "It is refused."),
        Ok(_) => Checked::unknown(trial, "The server shows a page first; whether it would go there was not tried.", ""),
    }
}

/// How far the server's clock is off.
fn clock(incoming: &Incoming, now: Timestamp) -> Option<Checked> {
    let trial = trials::CLOCK;
    let off = off_by(incoming.header("date")?, now)?;
    let found = format!("It is {} off this machine's.", span::in_words(off));
    Some(if off < MOST_OFF_SECONDS {
        Checked::good(trial, found)
    } else {
        Checked::doubtful(trial, found, "Keep both clocks by NTP: tokens are judged by their times.")
    })
}

/// How many seconds the `Date` of an answer is off.
pub(super) fn off_by(date: &str, now: Timestamp) -> Option<u64> {
    let said = time::OffsetDateTime::parse(date, &time::format_description::well_known::Rfc2822).ok()?;
    Some(said.unix_timestamp().abs_diff(now.seconds()))
}
