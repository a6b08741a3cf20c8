//! Asking the authority about a token (RFC 7662).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sayso_token::encoding::base64;
use sayso_token::guard::{AccessToken, Check, Dialect, MAX_ANSWER_BYTES, Reason, Requirements, Verdict, Watched};
use sayso_token::secret::Secret;
use sayso_token::time::{Lifetime, Timestamp};
use url::form_urlencoded::{Serializer, byte_serialize};

use super::Reach;
use super::answers::Answers;
use crate::outside::{Form, Outgoing};
use crate::trace::IntrospectionTrace;

/// How long the authority may take.
const DEADLINE: Duration = Duration::from_secs(2);

/// Where to ask about tokens, and as whom.
#[derive(Clone)]
pub struct Introspection {
    url: String,
    authorization: Option<Secret>,
    dialect: Dialect,
    answers: Arc<Answers>,
}

impl Introspection {
    /// Asks at `url` with HTTP Basic authentication.
    ///
    /// Id and secret are form-encoded before they are joined, as RFC 6749 section 2.3.1 demands, so either may hold a
    /// colon or a percent sign.
    #[must_use]
    pub fn new(url: impl Into<String>, client_id: &str, client_secret: &Secret) -> Self {
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let credentials = format!("{}:{}", encoded(client_id), encoded(client_secret.expose()));
        let authorization = Secret::new(format!("Basic {}", base64(credentials.as_bytes())));
        Self { url: url.into(), authorization: Some(authorization), dialect: Dialect::Rfc7662, answers: Arc::default() }
    }

    /// Asks Google's `tokeninfo` at `url`, which wants no credentials.
    #[must_use]
    pub fn google(url: impl Into<String>) -> Self {
        Self { url: url.into(), authorization: None, dialect: Dialect::GoogleTokenInfo, answers: Arc::default() }
    }

    /// Keeps the answer that a token is active for so many seconds, five at most, so that a burst of requests with one token
    /// asks once. A token that is revoked meanwhile passes until then; nothing is kept unless this is set, no other answer is
    /// ever kept, and a handler that demands [`crate::Requirement::live`] asks all the same.
    #[must_use]
    pub fn keep_for_seconds(mut self, seconds: u32) -> Self {
        self.answers = Arc::new(Answers::kept_for(Lifetime::from_seconds(seconds)));
        self
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Asks, or takes the kept answer unless `is_live`, and judges. The whole answer is read before any of it is looked at.
    pub(super) async fn check(
        &self,
        token: &str,
        (want, is_live): (&Requirements, bool),
        reach: Reach<'_>,
        is_allowed: &(dyn Fn(&AccessToken) -> bool + Send + Sync),
    ) -> (Verdict, IntrospectionTrace) {
        let outside = reach.outside;
        let judge =
            |answer: (u16, &[u8]), now| reach.laps.judge(is_allowed, |watched| self.judge(answer, want, now, watched));
        let asked_at = outside.clock.now();
        let mut seen = IntrospectionTrace { url: self.url.clone(), status: None, answer: None, millis: 0 };
        let kept = if is_live { None } else { self.answers.find(token, want.audience(), asked_at) };
        if let Some(body) = kept {
            seen.answer = serde_json::from_slice(&body).ok();
            return (judge((200, &body), asked_at), seen);
        }
        let answer = outside.fetch.fetch(self.question(token)).await;
        let now = outside.clock.now();
        seen.millis = now.millis_since(asked_at);
        let verdict = match answer {
            Ok(answer) => {
                seen.status = Some(answer.status);
                seen.answer = serde_json::from_slice(&answer.body).ok();
                let verdict = judge((answer.status, &answer.body), now);
                // The claims are told only of an answer that says "active"; it counts from when it was asked for.
                if verdict.claims.is_some() {
                    self.answers.keep(token, want.audience(), answer.body, asked_at);
                }
                verdict
            }
            Err(failed) => {
                tracing::warn!(reason = failed.reason(), url = %self.url, "introspection failed");
                Verdict::refused(Check::TrustedSignature, Reason::IntrospectionFailed)
            }
        };
        (verdict, seen)
    }

    fn judge(
        &self,
        (status, body): (u16, &[u8]),
        want: &Requirements,
        now: Timestamp,
        watched: &Watched<'_>,
    ) -> Verdict {
        match self.dialect {
            Dialect::Rfc7662 => watched.introspection(status, body, want, now),
            Dialect::GoogleTokenInfo => watched.tokeninfo(status, body, want, now),
        }
    }

    fn question(&self, token: &str) -> Outgoing {
        let mut form = Serializer::new(String::new());
        match self.dialect {
            Dialect::Rfc7662 => form.append_pair("token", token).append_pair("token_type_hint", "access_token"),
            Dialect::GoogleTokenInfo => form.append_pair("access_token", token),
        };
        Outgoing {
            url: self.url.clone(),
            accept: "application/json",
            authorization: self.authorization.clone(),
            form: Some(Form::urlencoded(form.finish())),
            deadline: DEADLINE,
            largest_body: MAX_ANSWER_BYTES,
        }
    }
}

impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection").field("url", &self.url).field("dialect", &self.dialect).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use sayso_token::encoding::from_base64;

    use super::*;

    #[test]
    fn token_and_credentials_travel_encoded_and_unseen() {
        let introspection = Introspection::new("https://auth.example/introspect", "a:b", &Secret::new("p%+ß"));
        let question = introspection.question("x&y=z+/");
        let form = question.form.clone().unwrap();
        assert_eq!(question.url, "https://auth.example/introspect");
        assert_eq!(form.body.expose(), "token=x%26y%3Dz%2B%2F&token_type_hint=access_token");
        let authorization = question.authorization.clone().unwrap();
        let credentials = from_base64(authorization.expose().strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(credentials, b"a%3Ab:p%25%2B%C3%9F");
        let printed = format!("{question:?} {introspection:?}");
        assert!(!printed.contains("Basic") && !printed.contains("x%26y"), "{printed}");
    }

    #[test]
    fn google_is_asked_in_a_form_too() {
        let question = Introspection::google("https://oauth2.googleapis.com/tokeninfo").question("ya29.x&y");
        assert!(question.authorization.is_none());
        assert_eq!(question.url, "https://oauth2.googleapis.com/tokeninfo");
        assert_eq!(question.form.unwrap().body.expose(), "access_token=ya29.x%26y");
    }
}
