//! Asking Alexa's own interfaces: the person's name and address, reminders, lists.

use std::time::Duration;

use sayso_token::secret::Secret;
use serde::Serialize;
use url::{Host, Url};

use crate::input::HandlerInput;
use crate::outside::{FetchFailed, Fetched, Form, Outgoing};

/// The handler has 7 s in all, and may want to apologise.
const DEADLINE: Duration = Duration::from_secs(4);
const LARGEST_ANSWER: usize = 256 * 1024;

/// Why Alexa was not asked, or has not answered.
#[derive(Debug, thiserror::Error)]
pub enum AlexaNotAsked {
    /// The request lacks `apiEndpoint` or `apiAccessToken`.
    #[error("the request does not say where to ask Alexa, or with which token")]
    NoEndpoint,
    /// `apiEndpoint` is not one of Alexa's; the token is not sent anywhere else.
    #[error("the API endpoint is not Alexa's, or the path does not begin with a slash")]
    NotAlexa,
    /// What was to be sent cannot be JSON.
    #[error("what was to be sent cannot be JSON: {0}")]
    Body(#[from] serde_json::Error),
    /// No whole answer in time.
    #[error(transparent)]
    Fetch(#[from] FetchFailed),
}

impl HandlerInput {
    /// Asks one of Alexa's own interfaces with GET, with the token that the request brought for them (`apiAccessToken`): the address that
    /// the request names, below it this path. It waits 4 s at most, reads 256 KiB at most, and follows no redirect.
    ///
    /// Every status is an answer. 401 and 403 mean that the person has not granted the permission: ask for it with
    /// [`crate::Answer::ask_permissions`].
    ///
    /// ```
    /// # use sayso_skill::{Answer, HandlerError, HandlerInput};
    /// async fn greet(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    ///     let told = input.ask_alexa("/v2/accounts/~current/settings/Profile.givenName").await?;
    ///     Ok(match told.status {
    ///         200 => {
    ///             let name: String = serde_json::from_slice(&told.body)?;
    ///             input.respond().speak(format!("Hello, {name}!")).end_session()
    ///         }
    ///         401 | 403 => {
    ///             let answer = input.respond().speak("May I know your name? Please look into your Alexa app.");
    ///             answer.ask_permissions(["alexa::profile:given_name:read"]).end_session()
    ///         }
    ///         _ => input.respond().speak("Hello!").end_session(),
    ///     })
    /// }
    /// ```
    ///
    /// # Errors
    /// The request does not say where and with which token, or no answer came.
    pub async fn ask_alexa(&self, path: &str) -> Result<Fetched, AlexaNotAsked> {
        self.call_alexa(path, None).await
    }

    /// The same with POST and a JSON body, such as for `/v1/alerts/reminders`.
    ///
    /// # Errors
    /// As [`Self::ask_alexa`], or the body cannot be JSON.
    pub async fn post_to_alexa(&self, path: &str, body: &(impl Serialize + Sync)) -> Result<Fetched, AlexaNotAsked> {
        let form = Form::json(serde_json::to_string(body)?);
        self.call_alexa(path, Some(form)).await
    }

    async fn call_alexa(&self, path: &str, form: Option<Form>) -> Result<Fetched, AlexaNotAsked> {
        let system = self.envelope().system().ok_or(AlexaNotAsked::NoEndpoint)?;
        let endpoint = system.api_endpoint.text().ok_or(AlexaNotAsked::NoEndpoint)?;
        let token = system.api_access_token.known().ok_or(AlexaNotAsked::NoEndpoint)?;
        let (alexa, is_local) = self.alexa();
        let question = Outgoing {
            url: address(endpoint, path, is_local).ok_or(AlexaNotAsked::NotAlexa)?,
            accept: "application/json",
            authorization: Some(Secret::new(format!("Bearer {}", token.expose()))),
            form,
            deadline: DEADLINE,
            largest_body: LARGEST_ANSWER,
        };
        Ok(alexa.fetch.fetch(question).await?)
    }
}

/// The address below an endpoint of Alexa's; a simulator's on this machine only while it is trusted.
pub(crate) fn address(endpoint: &str, path: &str, is_local: bool) -> Option<String> {
    let url = Url::parse(endpoint).ok()?;
    let is_plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
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
    (is_plain && path.starts_with('/') && (is_alexa || is_here))
        .then(|| format!("{}{path}", endpoint.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::address;

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
            ("https://api.amazonalexa.com#", false, false),
            ("http://127.0.0.1:4001", false, false),
            ("http://127.0.0.1:4001", true, true),
            ("http://localhost:4001", true, true),
            ("http://10.0.0.1", true, false),
            ("", true, false),
        ] {
            assert_eq!(address(endpoint, "/v1/directives", is_local).is_some(), goes, "{endpoint} {is_local}");
        }
        let url = address("https://api.eu.amazonalexa.com/", "/v1/directives", false);
        assert_eq!(url.as_deref(), Some("https://api.eu.amazonalexa.com/v1/directives"));
        for path in ["", "@evil.test/", ".evil.test/", ":8443/", "v1"] {
            assert_eq!(address("https://api.amazonalexa.com", path, false), None, "{path}");
        }
    }
}
