//! The token endpoint: does it know the client, answer in time, and refuse as it must?

use sayso_alexa::account_linking::{AccountLinking, ClientScheme, LinkingGrant};
use serde_json::Value;
use tokio::time::Instant;

use super::trials::Trial;
use super::{Checked, trials};
use crate::linking::authorize::Region;
use crate::linking::token_endpoint::{ClientForm, send_form};
use crate::outbound::{Incoming, Lost};
use crate::simulator::Inner;

/// From here on an answer is near to the 4.5 seconds after which Alexa gives up.
const SLOW_MILLIS: u128 = 2_000;

impl Inner {
    /// Asks with a code and a refresh token that nobody has issued.
    pub(crate) async fn examine_token_endpoint(
        &self,
        linking: &AccountLinking,
        uris: &[(Region, String)],
    ) -> Vec<Checked> {
        let LinkingGrant::AuthorizationCode { scheme, .. } = &linking.grant else {
            let remedy = "Use AUTH_CODE: with the implicit grant a link ends with its first token.";
            let found = "The implicit grant has no token endpoint, and no token can be refreshed.";
            return vec![Checked::doubtful(trials::ENDPOINT, found, remedy)];
        };
        let uri = uris.first().map(|(_, uri)| uri.clone()).unwrap_or_default();
        let code = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", "sayso-doctor-made-up".to_owned()),
            ("redirect_uri", uri),
            ("code_verifier", "sayso-doctor-made-up-verifier-of-some-forty-signs".to_owned()),
        ];
        let refresh =
            vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", "sayso-doctor-made-up".to_owned())];
        let begun = Instant::now();
        let answered = self.made_up(linking, code.clone()).await;
        let mut millis = begun.elapsed().as_millis();
        let mut checks = vec![judge(trials::EXCHANGE, &answered)];
        if is_unknown_client(&answered) {
            let other = match scheme {
                ClientScheme::HttpBasic => (ClientScheme::RequestBody, "REQUEST_BODY_CREDENTIALS"),
                ClientScheme::RequestBody => (ClientScheme::HttpBasic, "HTTP_BASIC"),
            };
            let answered = self.made_up(&with_scheme(linking, other.0), code).await;
            checks.extend((!is_unknown_client(&answered) && answered.is_ok()).then(|| {
                let remedy = format!("Write \"accessTokenScheme\": \"{}\", or let the server take both.", other.1);
                Checked::bad(trials::SCHEME, "The server knows the client by the other scheme only.", &remedy)
            }));
        }
        let begun = Instant::now();
        checks.push(judge(trials::REFRESH, &self.made_up(linking, refresh).await));
        // The slower of the two counts.
        millis = millis.max(begun.elapsed().as_millis());
        if answered.is_ok() {
            let found = format!("The token endpoint answered within {millis} ms.");
            checks.push(if millis < SLOW_MILLIS {
                Checked::good(trials::ANSWER_TIME, found)
            } else {
                let remedy = "Alexa waits 4.5 seconds: keep what takes long, such as mail and cold starts, out of it.";
                Checked::doubtful(trials::ANSWER_TIME, found, remedy)
            });
        }
        checks
    }

    async fn made_up(&self, linking: &AccountLinking, fields: Vec<(&'static str, String)>) -> Result<Incoming, Lost> {
        let LinkingGrant::AuthorizationCode { access_token_url: url, .. } = &linking.grant else {
            return Err(Lost::Unreachable);
        };
        let form = ClientForm { title: "Examine the token endpoint", url, fields };
        send_form(&self.outbound, linking, form).await.map_or(Err(Lost::Unreachable), |(answered, _)| answered)
    }
}

fn with_scheme(linking: &AccountLinking, other: ClientScheme) -> AccountLinking {
    let mut linking = linking.clone();
    if let LinkingGrant::AuthorizationCode { scheme, .. } = &mut linking.grant {
        *scheme = other;
    }
    linking
}

fn error_of(incoming: &Incoming) -> Option<String> {
    let answer: Value = serde_json::from_slice(&incoming.body).ok()?;
    answer.get("error").and_then(Value::as_str).map(|error| error.chars().take(80).collect())
}

fn is_unknown_client(answered: &Result<Incoming, Lost>) -> bool {
    answered.as_ref().is_ok_and(|incoming| {
        incoming.status == 401 || error_of(incoming).is_some_and(|error| error == "invalid_client")
    })
}

/// Nobody answered.
pub(crate) fn lost(trial: Trial, lost: Lost) -> Checked {
    match lost {
        Lost::TooSlow => {
            let remedy = "Alexa gives up after 4.5 seconds: find what takes so long, and whether a firewall drops it.";
            Checked::bad(trial, "There was no answer in time.", remedy)
        }
        Lost::TooLarge => Checked::doubtful(trial, "The answer is larger than any that is needed.", "Make it smaller."),
        Lost::Unreachable => {
            let remedy = "See that it runs, that its name leads there, that its certificate is of a public authority and names the host, and that it sends the whole chain.";
            Checked::bad(trial, "It cannot be reached, or its certificate is not believed.", remedy)
        }
    }
}

fn judge(trial: Trial, answered: &Result<Incoming, Lost>) -> Checked {
    let incoming = match answered {
        Ok(incoming) => incoming,
        Err(why) => return lost(trial, *why),
    };
    let status = incoming.status;
    match (status, error_of(incoming).as_deref()) {
        (400, Some("invalid_grant")) => {
            Checked::good(trial, "The client is known, and what was made up is refused with invalid_grant.")
        }
        (401, _) | (_, Some("invalid_client")) => {
            let remedy = "Compare clientId, clientSecret and accessTokenScheme with the server's; form-encode the secret in the Basic header.";
            Checked::bad(trial, format!("Status {status}: the server does not know the client."), remedy)
        }
        (200, None) => {
            let remedy = "Refuse what was never issued, with 400 and invalid_grant.";
            Checked::bad(trial, "The server answers 200 to something made up.", remedy)
        }
        (500..=599, _) => {
            let remedy = "Refuse with 400 and invalid_grant: 5xx tells Alexa to keep the link and try again.";
            Checked::bad(trial, format!("Status {status} to something made up."), remedy)
        }
        (300..=399 | 404 | 405, _) => {
            let remedy = "Check accessTokenUrl: it may be the login page's, or lack a part such as /token.";
            Checked::bad(trial, format!("Status {status}: this is no token endpoint."), remedy)
        }
        (403 | 429, _) => {
            let remedy = "Let requests of Alexa's user agent pass the firewall, the bot filter and the rate limit.";
            Checked::bad(trial, format!("Status {status}: something keeps the request out."), remedy)
        }
        (_, Some(error)) => {
            let remedy = "invalid_grant is what Alexa understands; look whether the client is allowed this grant.";
            Checked::doubtful(trial, format!("Status {status} with {error}, where invalid_grant is due."), remedy)
        }
        (_, None) => {
            let remedy = "Answer with JSON; a page comes from a proxy or a firewall in front, or from another address.";
            Checked::bad(trial, format!("Status {status} without the JSON of RFC 6749 section 5.2."), remedy)
        }
    }
}
