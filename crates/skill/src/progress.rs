//! Something to say while the answer is still being worked on.

use std::time::Duration;

use sayso_alexa::envelope::RequestEnvelope;
use sayso_alexa::response::OutputSpeech;
use sayso_token::secret::Secret;
use serde_json::json;
use url::{Host, Url};

use crate::answer::Speech;
use crate::outside::{FetchFailed, Form, Outgoing, Outside};

/// The answer waits meanwhile, so this is short.
const DEADLINE: Duration = Duration::from_millis(1_500);

/// Why nothing was said. The answer itself is not affected: log it and go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgressFailed {
    /// The request lacks `apiEndpoint`, `apiAccessToken` or `requestId`.
    #[error("the request does not say where to send a progressive response")]
    NoEndpoint,
    /// `apiEndpoint` is not one of Alexa's; the token is not sent anywhere else.
    #[error("the API endpoint is not Alexa's")]
    NotAlexa,
    /// Alexa could not be reached in time.
    #[error(transparent)]
    Fetch(#[from] FetchFailed),
    /// Alexa refused.
    #[error("Alexa answered with status {0}")]
    Refused(u16),
}

/// Sends `VoicePlayer.Speak` for this request.
pub(crate) async fn speak(
    envelope: &RequestEnvelope,
    speech: Speech,
    outside: &Outside,
    is_local: bool,
) -> Result<(), ProgressFailed> {
    let system = envelope.system().ok_or(ProgressFailed::NoEndpoint)?;
    let endpoint = system.api_endpoint.text().ok_or(ProgressFailed::NoEndpoint)?;
    let token = system.api_access_token.known().ok_or(ProgressFailed::NoEndpoint)?;
    let request_id = envelope.request().and_then(|request| request.request_id.text());
    let request_id = request_id.ok_or(ProgressFailed::NoEndpoint)?;
    let url = directives_url(endpoint, is_local).ok_or(ProgressFailed::NotAlexa)?;
    let said = OutputSpeech::from(speech);
    let body = json!({
        "header": {"requestId": request_id},
        "directive": {"type": "VoicePlayer.Speak", "speech": said.content()},
    });
    let authorization = Secret::new(format!("Bearer {}", token.expose()));
    let answer = outside
        .fetch
        .fetch(Outgoing {
            url,
            accept: "application/json",
            authorization: Some(authorization),
            form: Some(Form::json(body.to_string())),
            deadline: DEADLINE,
            largest_body: 16 * 1024,
        })
        .await?;
    if (200..300).contains(&answer.status) { Ok(()) } else { Err(ProgressFailed::Refused(answer.status)) }
}

/// The address below an endpoint of Alexa's; a simulator's on this machine only while it is trusted.
fn directives_url(endpoint: &str, is_local: bool) -> Option<String> {
    let url = Url::parse(endpoint).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    let is_alexa = url.scheme() == "https"
        && url.port().is_none()
        && matches!(url.host(), Some(Host::Domain(host)) if host == "api.amazonalexa.com"
            || (host.starts_with("api.") && host.ends_with(".amazonalexa.com")));
    let is_here = is_local
        && match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(host)) => host == "localhost",
            None => false,
        };
    (is_plain && (is_alexa || is_here)).then(|| format!("{}/v1/directives", endpoint.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::directives_url;

    #[test]
    fn the_token_goes_to_alexa_and_nowhere_else() {
        for (endpoint, is_local, goes) in [
            ("https://api.amazonalexa.com", false, true),
            ("https://api.eu.amazonalexa.com/", false, true),
            ("https://api.fe.amazonalexa.com", false, true),
            ("http://api.amazonalexa.com", false, false),
            ("https://api.amazonalexa.com:8443", false, false),
            ("https://api.amazonalexa.com.evil.test", false, false),
            ("https://evilamazonalexa.com", false, false),
            ("https://u@api.amazonalexa.com", false, false),
            ("https://evil.test/?api.amazonalexa.com", false, false),
            ("http://127.0.0.1:4001", false, false),
            ("http://127.0.0.1:4001", true, true),
            ("http://localhost:4001", true, true),
            ("http://10.0.0.1", true, false),
            ("", true, false),
        ] {
            assert_eq!(directives_url(endpoint, is_local).is_some(), goes, "{endpoint} {is_local}");
        }
        let url = directives_url("https://api.eu.amazonalexa.com/", false);
        assert_eq!(url.as_deref(), Some("https://api.eu.amazonalexa.com/v1/directives"));
    }
}
