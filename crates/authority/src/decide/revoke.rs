//! Does this token end? (RFC 7009)

use super::identify_token::{Identified, carried_by};
use crate::ambient::{Ambient, Decision};
use crate::record::authority::Authority;
use crate::record::change::Change;
use crate::record::client::Client;
use crate::record::event::Event;
use crate::record::grant::Grant;
use crate::wire::error::{ErrorCode, Refusal};

/// Why a token goes on living. One that is unknown, or another client's, is answered like one that was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The caller's own token belongs to no grant: it lives by its signature alone until it expires.
    ClientsOwnToken,
}

impl Refusal for Refused {
    fn error(&self) -> ErrorCode {
        ErrorCode::UnsupportedTokenType
    }

    fn reason(&self) -> &'static str {
        "token_without_grant"
    }

    fn description(&self) -> &'static str {
        "a token from client_credentials cannot be revoked; it ends by itself"
    }
}

/// Decides a revocation. A refresh token ends its grant; an access token ends all access tokens of its grant so far.
pub fn revoke(
    authority: &Authority,
    caller: &Client,
    token: &Identified,
    grant: Option<&Grant>,
    ambient: &Ambient<'_>,
) -> Decision<(), Refused> {
    let done = Decision::reply(());
    if let Identified::Access(token) = token
        && token.grant.is_none()
        && token.client == caller.id
        && ambient.now < token.expires_at
    {
        return Decision::refuse(Refused::ClientsOwnToken);
    }
    let Some(grant) = grant else { return done };
    if grant.client != caller.id || grant.authority != authority.id || grant.revoked_at.is_some() {
        return done;
    }
    let event = |kind| Event::new(kind, &authority.id).client(&caller.id).user(&grant.user.0).grant(&grant.id.0);
    match token {
        Identified::Refresh(token) if token.grant == grant.id => done
            .change(Change::RevokeGrant { grant: grant.id.clone(), at: ambient.now })
            .event(event("grant_revoked_by_client")),
        Identified::Access(token) => match &token.grant {
            Some(named) if carried_by(named, Some(grant), authority) => done
                .change(Change::BumpEpoch { grant: grant.id.clone(), from_epoch: grant.epoch })
                .event(event("access_tokens_revoked")),
            _ => done,
        },
        _ => done,
    }
}

/// Decides a revocation whose caller asks for the whole link to end: an access token then ends its grant as well, which RFC 7009
/// section 2.1 leaves to the server.
///
/// A skill that is disabled has no refresh token to show; the access token is all that Alexa gave it. It must be the link's own client that asks,
/// and the token one that the grant still carries, expired or not.
pub fn end_grant(
    authority: &Authority,
    caller: &Client,
    token: &Identified,
    grant: Option<&Grant>,
    ambient: &Ambient<'_>,
) -> Decision<(), Refused> {
    if let Identified::Access(access) = token
        && let (Some(named), Some(grant)) = (&access.grant, grant)
        && grant.client == caller.id
        && carried_by(named, Some(grant), authority)
    {
        let event = Event::new("grant_revoked_by_client", &authority.id);
        return Decision::reply(())
            .change(Change::RevokeGrant { grant: grant.id.clone(), at: ambient.now })
            .event(event.client(&caller.id).user(&grant.user.0).grant(&grant.id.0));
    }
    revoke(authority, caller, token, grant, ambient)
}

#[cfg(test)]
mod tests;
