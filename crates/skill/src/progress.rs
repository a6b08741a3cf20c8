//! Something to say while the answer is still being worked on.

use std::time::Duration;

use sayso_alexa::envelope::RequestEnvelope;
use sayso_alexa::response::OutputSpeech;
use sayso_token::secret::Secret;
use serde_json::json;

use crate::answer::Speech;
use crate::ask_alexa::address;
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
    let url = address(endpoint, "/v1/directives", is_local).ok_or(ProgressFailed::NotAlexa)?;
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
