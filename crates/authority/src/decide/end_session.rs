//! What does a client want when it sends somebody here to sign out? (OpenID Connect RP-Initiated Logout)
//!
//! Nobody is signed out by it: the person is asked, whoever sent them. What is decided here is whether the request can be
//! believed, and where the person may go afterwards.

use sayso_token::claims::texts;
use sayso_token::jwk::JwkSet;

use super::issued_id_token::issued_id_token;
use crate::record::authority::Authority;
use crate::record::client::Client;
use crate::wire::logout::{LogoutRequest, UnreadableLogout};
use crate::wire::query::with_parameters;

/// Why the request ends on an error page: nothing in it is believed, nobody is sent anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The client is disabled.
    ClientDisabled,
    /// No such client.
    ClientUnknown,
    /// `id_token_hint` is no ID token of this authority for one of its clients.
    HintInvalid,
    /// `id_token_hint` was issued to another client than `client_id`.
    HintOfAnotherClient,
    /// The parameters cannot be read.
    Malformed,
    /// `post_logout_redirect_uri` is not registered, byte for byte.
    RedirectUriUnknown,
    /// This parameter stands twice.
    Repeated(&'static str),
}

impl Refused {
    /// The stable reason code.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ClientDisabled => "client_disabled",
            Self::ClientUnknown => "client_unknown",
            Self::HintInvalid => "logout_hint_invalid",
            Self::HintOfAnotherClient => "logout_hint_of_another_client",
            Self::Malformed => "request_malformed",
            Self::RedirectUriUnknown => "post_logout_redirect_uri_unknown",
            Self::Repeated(_) => "parameter_repeated",
        }
    }
}

impl From<UnreadableLogout> for Refused {
    fn from(unreadable: UnreadableLogout) -> Self {
        match unreadable {
            UnreadableLogout::Malformed => Self::Malformed,
            UnreadableLogout::Repeated(name) => Self::Repeated(name),
        }
    }
}

/// A request that can be put to the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutWish<'a> {
    /// The client that sent them, where it said so.
    pub client: Option<&'a Client>,
    /// Where they go afterwards; `None`: they stay here.
    pub redirect_uri: Option<&'a str>,
}

impl LogoutWish<'_> {
    /// The address to go to afterwards, with the client's `state`.
    pub fn target(&self, state: Option<&str>) -> Option<String> {
        let state = state.map(|state| ("state", state));
        self.redirect_uri.map(|uri| with_parameters(uri, &Vec::from_iter(state)))
    }
}

/// Examines a logout request. A `post_logout_redirect_uri` counts only beside a client, named by a valid hint or by
/// `client_id`; without one the person stays here (section 3).
///
/// # Errors
/// [`Refused`].
pub fn end_session<'a>(
    authority: &'a Authority,
    request: &Result<LogoutRequest, UnreadableLogout>,
    keys: &JwkSet,
) -> Result<LogoutWish<'a>, Refused> {
    let request = request.as_ref().map_err(|unreadable| Refused::from(*unreadable))?;
    let hinted = request.id_token_hint.as_ref().map(|hint| {
        let claims = issued_id_token(authority, hint, keys).ok_or(Refused::HintInvalid)?;
        let audience = texts(&claims, "aud").map_err(|_| Refused::HintInvalid)?;
        audience.iter().find_map(|id| authority.client(id)).ok_or(Refused::HintInvalid)
    });
    let hinted = hinted.transpose()?;
    let named = request.client_id.as_ref().map(|id| authority.client(id).ok_or(Refused::ClientUnknown)).transpose()?;
    if let (Some(hinted), Some(named)) = (hinted, named)
        && hinted.id != named.id
    {
        return Err(Refused::HintOfAnotherClient);
    }
    let client = named.or(hinted);
    if client.is_some_and(|client| client.disabled) {
        return Err(Refused::ClientDisabled);
    }
    let redirect_uri = match (client, &request.post_logout_redirect_uri) {
        (Some(client), Some(wanted)) => {
            let registered = client.logout.post_logout_redirect_uris.iter().find(|known| *known == wanted);
            Some(registered.ok_or(Refused::RedirectUriUnknown)?.as_str())
        }
        _ => None,
    };
    Ok(LogoutWish { client, redirect_uri })
}

#[cfg(test)]
mod tests;
