//! May this client have a token for itself? (RFC 6749 section 4.4)

use super::access_token::{AccessTokenFor, Holder, access_token};
use super::policy::{Question, permit};
use crate::ambient::Ambient;
use crate::record::api::Api;
use crate::record::authority::Authority;
use crate::record::client::{Client, GrantType};
use crate::wire::error::{ErrorCode, Refusal};
use crate::wire::token::{TokenReply, Wanted};
use sayso_token::scope::parse_scope;

/// Why it may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The client is not registered for this grant, or is public.
    GrantNotAllowed,
    /// No access policy allows it.
    NoMatchingPolicy,
    /// No such API, or none named and no default.
    UnknownApi,
    /// A scope that the API does not have or the client may not have; or the client may have none of this API's.
    UnknownScope,
}

impl Refusal for Refused {
    fn error(&self) -> ErrorCode {
        match self {
            Self::GrantNotAllowed | Self::NoMatchingPolicy => ErrorCode::UnauthorizedClient,
            Self::UnknownApi => ErrorCode::InvalidTarget,
            Self::UnknownScope => ErrorCode::InvalidScope,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::GrantNotAllowed => "grant_not_allowed",
            Self::NoMatchingPolicy => "no_matching_policy",
            Self::UnknownApi => "unknown_api",
            Self::UnknownScope => "unknown_scope",
        }
    }

    fn description(&self) -> &'static str {
        match self {
            Self::GrantNotAllowed => "this client is not registered for the grant client_credentials",
            Self::NoMatchingPolicy => "no access policy allows this client these scopes by client_credentials",
            Self::UnknownApi => "name the API by audience or resource; this one is not known here",
            Self::UnknownScope => {
                "a requested scope is not one of the API's, or this client may not have it; or none is meant"
            }
        }
    }
}

/// Decides a client-credentials request. Nothing is remembered: the token lives by its signature alone.
pub fn client_credentials(
    authority: &Authority,
    client: &Client,
    wanted: &Wanted,
    ambient: &mut Ambient<'_>,
) -> Result<TokenReply, Refused> {
    if !client.grants.contains(&GrantType::ClientCredentials) || !client.is_confidential() {
        return Err(Refused::GrantNotAllowed);
    }
    let audience = wanted.audience.as_deref().or(authority.default_audience.as_deref());
    let api = audience.and_then(|audience| authority.api(audience)).ok_or(Refused::UnknownApi)?;
    let scopes = scopes_for(api, client, wanted).ok_or(Refused::UnknownScope)?;
    let question =
        Question { authority, client, grant: GrantType::ClientCredentials, user: None, api, scopes: &scopes };
    let lifetime = permit(&question).ok_or(Refused::NoMatchingPolicy)?.access_token();
    let about = AccessTokenFor { authority, api, client, holder: Holder::Client, scopes: &scopes, lifetime };
    Ok(TokenReply {
        access_token: access_token(about, ambient),
        expires_in: lifetime,
        refresh_token: None,
        id_token: None,
        scopes,
    })
}

/// The wanted scopes, or the API's defaults when none are named. Without any there is a token only for an API that has
/// none: a client that may do nothing at an API gets no token with its audience (RFC 6749 section 3.3).
fn scopes_for(api: &Api, client: &Client, wanted: &Wanted) -> Option<Vec<String>> {
    let scopes = match &wanted.scope {
        None => api.meant_scopes(&client.scopes),
        Some(text) => parse_scope(text)?,
    };
    let may = |scope: &String| api.scope(scope).is_some() && client.scopes.contains(scope);
    (scopes.iter().all(may) && (!scopes.is_empty() || api.scopes.is_empty())).then_some(scopes)
}

#[cfg(test)]
mod tests;
