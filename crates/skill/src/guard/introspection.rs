//! Asking the authority about a token (RFC 7662).

use std::time::Duration;

use sayso_token::encoding::base64;
use sayso_token::guard::{AccessToken, Check, MAX_ANSWER_BYTES, Reason, Requirements, Verdict, check_introspection};
use sayso_token::secret::Secret;
use url::form_urlencoded::{Serializer, byte_serialize};

use crate::outside::{Form, Outgoing, Outside};
use crate::trace::IntrospectionTrace;

/// How long the authority may take.
const DEADLINE: Duration = Duration::from_secs(2);

/// Where to ask about tokens, and as whom.
#[derive(Clone, Debug)]
pub struct Introspection {
    url: String,
    authorization: Secret,
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
        Self { url: url.into(), authorization }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Asks and judges. The whole answer is read before any of it is looked at.
    pub(super) async fn check(
        &self,
        token: &str,
        want: &Requirements,
        outside: &Outside,
        is_allowed: &(dyn Fn(&AccessToken) -> bool + Send + Sync),
    ) -> (Verdict, IntrospectionTrace) {
        let asked_at = outside.clock.now();
        let answer = outside.fetch.fetch(self.question(token)).await;
        let now = outside.clock.now();
        let mut seen = IntrospectionTrace {
            url: self.url.clone(),
            status: None,
            answer: None,
            millis: now.millis_since(asked_at),
        };
        let verdict = match answer {
            Ok(answer) => {
                seen.status = Some(answer.status);
                seen.answer = serde_json::from_slice(&answer.body).ok();
                check_introspection(answer.status, &answer.body, want, now, &is_allowed)
            }
            Err(failed) => {
                tracing::warn!(reason = failed.reason(), url = %self.url, "introspection failed");
                Verdict::refused(Check::TrustedSignature, Reason::IntrospectionFailed)
            }
        };
        (verdict, seen)
    }

    fn question(&self, token: &str) -> Outgoing {
        let mut form = Serializer::new(String::new());
        form.append_pair("token", token).append_pair("token_type_hint", "access_token");
        Outgoing {
            url: self.url.clone(),
            accept: "application/json",
            form: Some(Form { body: Secret::new(form.finish()), authorization: self.authorization.clone() }),
            deadline: DEADLINE,
            largest_body: MAX_ANSWER_BYTES,
        }
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
        let credentials = from_base64(form.authorization.expose().strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(credentials, b"a%3Ab:p%25%2B%C3%9F");
        let printed = format!("{question:?} {introspection:?}");
        assert!(!printed.contains("Basic") && !printed.contains("x%26y"), "{printed}");
    }
}
