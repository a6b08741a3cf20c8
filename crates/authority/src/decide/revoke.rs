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

#[cfg(test)]
mod tests;
