//! What is to be done when the skill is disabled.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use sayso_alexa::envelope::event::PersistenceStatus;
use sayso_alexa::envelope::{RequestBody, RequestEnvelope};
use sayso_token::encoding::base64;
use sayso_token::secret::Secret;
use url::form_urlencoded::{Serializer, byte_serialize};

use crate::answer::Answer;
use crate::handler::{Handler, HandlerError};
use crate::input::HandlerInput;
use crate::outside::{FetchFailed, Form, Outgoing, is_secure};
use crate::persistence::NoAttributes;

const DEADLINE: Duration = Duration::from_secs(3);
/// A link that lives on after it was ended is worth a second try.
const TRIES: usize = 2;

/// Ends at the authority what was linked, when a person disables the skill: a handler for `AlexaSkillEvent.SkillDisabled`.
///
/// Alexa forgets its tokens then; without this, they would go on to be valid wherever else they may be. The token that comes with
/// the event is revoked (RFC 7009); what else of the link ends with it is the authority's rule. Sayso ends the whole link, which it is
/// asked for with `end_grant=true`; others may end no more than the one token. What the skill remembers of the user is forgotten too, unless Alexa says that
/// it keeps the user for a return. When any of it fails, Alexa is told so, and sends the event again, for an hour.
///
/// The skill must subscribe to the event (`SKILL_DISABLED` in the manifest's `events`). Only the client that a token was
/// issued to may revoke it: the credentials are those of the account linking.
///
/// ```
/// use sayso_skill::token::secret::Secret;
/// use sayso_skill::RevokeWhenDisabled;
///
/// let handler = RevokeWhenDisabled::at("https://auth.example/oauth/revoke", "alexa", &Secret::new("…"))?;
/// # let _ = handler;
/// # Ok::<(), sayso_skill::InsecureRevocation>(())
/// ```
pub struct RevokeWhenDisabled {
    url: String,
    authorization: Secret,
}

/// The revocation endpoint would be asked over an open line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("revoke over https, or over http on this machine: {0}")]
pub struct InsecureRevocation(String);

/// The authority did not take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum NotRevoked {
    #[error("the revocation endpoint: {0}")]
    Fetch(#[from] FetchFailed),
    #[error("the revocation endpoint answered with status {0}")]
    Status(u16),
}

impl RevokeWhenDisabled {
    /// Revokes at `url` with HTTP Basic authentication.
    ///
    /// # Errors
    /// `url` is neither `https` nor on this machine.
    pub fn at(url: impl Into<String>, client_id: &str, client_secret: &Secret) -> Result<Self, InsecureRevocation> {
        let url = url.into();
        if !is_secure(&url) {
            return Err(InsecureRevocation(url));
        }
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let credentials = format!("{}:{}", encoded(client_id), encoded(client_secret.expose()));
        Ok(Self { url, authorization: Secret::new(format!("Basic {}", base64(credentials.as_bytes()))) })
    }

    async fn revoke(&self, token: &str, input: &HandlerInput) -> Result<(), NotRevoked> {
        let body = Serializer::new(String::new())
            .append_pair("token", token)
            .append_pair("token_type_hint", "access_token")
            // Sayso's word for ending the whole link; others pass over a parameter they do not know (RFC 6749 section 3.2).
            .append_pair("end_grant", "true")
            .finish();
        let mut last = NotRevoked::Fetch(FetchFailed::Unreachable);
        for _ in 0..TRIES {
            let question = Outgoing {
                url: self.url.clone(),
                accept: "application/json",
                authorization: Some(self.authorization.clone()),
                form: Some(Form::urlencoded(body.clone())),
                deadline: DEADLINE,
                largest_body: 16 * 1024,
            };
            match input.outside().fetch.fetch(question).await {
                // An unknown token is answered like one that was revoked (RFC 7009 section 2.2).
                Ok(answer) if answer.status == 200 => return Ok(()),
                Ok(answer) => last = NotRevoked::Status(answer.status),
                Err(failed) => last = NotRevoked::Fetch(failed),
            }
        }
        Err(last)
    }
}

#[async_trait]
impl Handler for RevokeWhenDisabled {
    fn can_handle(&self, input: &HandlerInput) -> bool {
        input.is_type("AlexaSkillEvent.SkillDisabled")
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        let token = input.envelope().access_token().map(|token| token.expose().to_owned());
        let revoked = match &token {
            Some(token) => self.revoke(token, input).await,
            None => Ok(()),
        };
        if !is_kept(input.envelope())
            && let Err(error) = input.forget_persistent_attributes().await
            && !error.source().is::<NoAttributes>()
        {
            return Err(error);
        }
        let request_id = input.envelope().request().and_then(|request| request.request_id.text());
        tracing::info!(
            request_id,
            was_linked = token.is_some(),
            is_revoked = revoked.is_ok(),
            "the skill was disabled"
        );
        revoked?;
        Ok(input.respond())
    }
}

impl fmt::Debug for RevokeWhenDisabled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevokeWhenDisabled").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Whether Alexa keeps the user id, so that the person finds everything as it was.
fn is_kept(envelope: &RequestEnvelope) -> bool {
    let Some(RequestBody::SkillEvent(event)) = envelope.request().map(|request| &request.body) else { return false };
    let status = event.body.known().and_then(|body| body.user_information_persistence_status.known());
    status == Some(&PersistenceStatus::Persisted)
}
