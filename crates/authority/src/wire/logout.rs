//! The logout request (OpenID Connect RP-Initiated Logout section 2), by GET or POST.

use sayso_token::secret::Secret;

use super::form::Form;

/// Parameters that may not stand twice.
const ONCE: [&str; 6] =
    ["id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"];

/// Why a logout request cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadableLogout {
    /// Not form-encoded UTF-8, too many parameters, or control characters.
    Malformed,
    /// This parameter stands twice.
    Repeated(&'static str),
}

/// A logout request, every parameter at most once. `logout_hint` is read past: whoever is signed in at this browser is asked,
/// whoever the client may mean.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the names are the registered parameters")]
pub struct LogoutRequest {
    pub id_token_hint: Option<Secret>,
    pub client_id: Option<String>,
    pub post_logout_redirect_uri: Option<String>,
    pub state: Option<String>,
    pub ui_locales: Option<String>,
}

impl LogoutRequest {
    /// Reads a query or a form body.
    ///
    /// # Errors
    /// [`UnreadableLogout`].
    pub fn parse(text: &str) -> Result<Self, UnreadableLogout> {
        let form = Form::parse(text).map_err(|_| UnreadableLogout::Malformed)?;
        if form.has_control_characters() {
            return Err(UnreadableLogout::Malformed);
        }
        if let Some(name) = ONCE.into_iter().find(|name| form.one(name).is_err()) {
            return Err(UnreadableLogout::Repeated(name));
        }
        let take = |name: &str| form.first(name).filter(|value| !value.is_empty()).map(str::to_owned);
        Ok(Self {
            id_token_hint: take("id_token_hint").map(Secret::new),
            client_id: take("client_id"),
            post_logout_redirect_uri: take("post_logout_redirect_uri"),
            state: take("state"),
            ui_locales: take("ui_locales"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_stands_once() {
        let good = "id_token_hint=a.b.c&logout_hint=ada&client_id=x&post_logout_redirect_uri=https%3A%2F%2Fx.test&state=s&ui_locales=de";
        let read = LogoutRequest::parse(good).unwrap();
        assert_eq!(read.client_id.as_deref(), Some("x"));
        assert_eq!(read.post_logout_redirect_uri.as_deref(), Some("https://x.test"));
        assert!(!format!("{read:?}").contains("a.b.c"), "a token is never printed");
        for name in ONCE {
            let twice = format!("{good}&{name}=");
            assert_eq!(LogoutRequest::parse(&twice).unwrap_err(), UnreadableLogout::Repeated(name));
        }
        for bad in ["state=%00", "state=%zz", "state=%ff"] {
            assert_eq!(LogoutRequest::parse(bad).unwrap_err(), UnreadableLogout::Malformed, "{bad}");
        }
        let empty = LogoutRequest::parse("client_id=&unknown=1").unwrap();
        assert!(empty.client_id.is_none() && empty.state.is_none());
    }
}
