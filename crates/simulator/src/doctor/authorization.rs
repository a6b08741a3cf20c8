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

const PATIENCE: Duration = Duration::from_secs(8);
const LARGEST: usize = 1024 * 1024;
/// Alexa's states have some 640 signs; nobody promises that they stay so short.
const LONG_STATE: usize = 4_000;
/// Where nobody may be sent.
const FOREIGN: &str = "https://redirect.invalid/";
/// Requests that are older than this are refused by skills; servers' clocks are compared with it.
const MOST_OFF_SECONDS: i64 = 150;

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
            let answered = self.authorization(linking, uri, "sayso-doctor").await;
            checks.push(judge(trials::LOGIN.of(region.name()), &answered, uri, "sayso-doctor"));
            if let (Region::Na, Ok(incoming)) = (region, answered) {
                checks.extend(clock(&incoming, self.real_now()));
                checks.extend(self.page_shown(skill, linking, incoming, uri).await);
            }
        }
        let Some((_, uri)) = uris.first() else { return checks };
        let state: String = "Aa0-_.~+/=".chars().cycle().take(LONG_STATE).collect();
        let answered = self.authorization(linking, uri, &state).await;
        checks.push(judge(trials::STATE, &answered, uri, &state));
        let answered = self.authorization(linking, FOREIGN, "sayso-doctor").await;
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

    async fn authorization(&self, linking: &AccountLinking, uri: &str, state: &str) -> Result<Incoming, Lost> {
        let mut url = Url::parse(&linking.authorization_url).map_err(|_| Lost::Unreachable)?;
        let (kind, pkce) = match &linking.grant {
            LinkingGrant::AuthorizationCode { pkce, .. } => ("code", *pkce),
            LinkingGrant::Implicit => ("token", false),
        };
        url.query_pairs_mut()
            .append_pair("client_id", &linking.client_id)
            .append_pair("response_type", kind)
            .append_pair("state", state)
            .append_pair("redirect_uri", uri);
        if !linking.scopes.is_empty() {
            url.query_pairs_mut().append_pair("scope", &linking.scopes.join(" "));
        }
        if pkce {
            let challenge = Digest::of(b"a verifier that nobody uses").base64url();
            url.query_pairs_mut()
                .append_pair("code_challenge", &challenge)
                .append_pair("code_challenge_method", "S256");
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
    let date = incoming.header("date")?;
    let said = time::OffsetDateTime::parse(date, &time::format_description::well_known::Rfc2822).ok()?;
    let off = said.unix_timestamp() - now.millis() / 1_000;
    Some(if off.abs() < MOST_OFF_SECONDS {
        Checked::good(trial, format!("It is {} seconds off this machine's.", off.abs()))
    } else {
        let remedy = "Keep both clocks by NTP: tokens are judged by their times.";
        Checked::doubtful(trial, format!("It is {} seconds off this machine's.", off.abs()), remedy)
    })
}
