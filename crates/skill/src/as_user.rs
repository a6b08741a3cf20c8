//! Asking an API as the person who speaks.

use std::time::Duration;

use sayso_token::secret::Secret;
use serde::Serialize;

use crate::input::{HandlerInput, NotGuarded};
use crate::outside::{FetchFailed, Fetched, Form, Outgoing, is_secure};

/// The handler has 7 s in all, and may want to apologise.
const DEADLINE: Duration = Duration::from_secs(4);
const LARGEST_ANSWER: usize = 256 * 1024;

/// Why an API was not asked, or has not answered.
#[derive(Debug, thiserror::Error)]
pub enum NotAsked {
    /// There is no verified token to ask with.
    #[error(transparent)]
    NotGuarded(#[from] NotGuarded),
    /// Anyone on the way could take the token.
    #[error("an API is asked with a person's token over https, or over http on this machine")]
    Insecure,
    /// What was to be sent cannot be JSON.
    #[error("what was to be sent cannot be JSON: {0}")]
    Body(#[from] serde_json::Error),
    /// No whole answer in time.
    #[error(transparent)]
    Fetch(#[from] FetchFailed),
}

impl HandlerInput {
    /// Asks an API with GET as the person who speaks: the access token that was verified for this handler goes along as
    /// `Authorization: Bearer` (RFC 6750). It waits 4 s at most, reads 256 KiB at most, and follows no redirect.
    ///
    /// Every status is an answer. 401 and 403 are the API's refusal of the token: say so, with a card to link the account again.
    ///
    /// ```
    /// # use sayso_skill::{Answer, HandlerError, HandlerInput};
    /// async fn what_to_wear(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    ///     let answer = input.get_as_user("https://api.example/v1/today").await?;
    ///     Ok(match answer.status {
    ///         200 => input.respond().speak(String::from_utf8_lossy(&answer.body).into_owned()).end_session(),
    ///         401 | 403 => input.respond().speak("Please link your account again.").link_account_card().end_session(),
    ///         other => return Err(format!("the API answered with status {other}").into()),
    ///     })
    /// }
    /// ```
    ///
    /// Whoever has the token can act as the person: ask no API but those that it is meant for, at addresses that no slot and no answer
    /// of others has a part in.
    ///
    /// # Errors
    /// The handler requires no token, the way is not secure, or no answer came.
    pub async fn get_as_user(&self, url: &str) -> Result<Fetched, NotAsked> {
        self.ask_as_user(url, None).await
    }

    /// The same with POST and a JSON body.
    ///
    /// # Errors
    /// As [`Self::get_as_user`], or the body cannot be JSON.
    pub async fn post_as_user(&self, url: &str, body: &(impl Serialize + Sync)) -> Result<Fetched, NotAsked> {
        let form = Form::json(serde_json::to_string(body)?);
        self.ask_as_user(url, Some(form)).await
    }

    async fn ask_as_user(&self, url: &str, form: Option<Form>) -> Result<Fetched, NotAsked> {
        let authorization = Secret::new(format!("Bearer {}", self.verified_bearer()?.expose()));
        if !is_secure(url) {
            return Err(NotAsked::Insecure);
        }
        let question = Outgoing {
            url: url.to_owned(),
            accept: "application/json",
            authorization: Some(authorization),
            form,
            deadline: DEADLINE,
            largest_body: LARGEST_ANSWER,
        };
        Ok(self.outside().fetch.fetch(question).await?)
    }
}
