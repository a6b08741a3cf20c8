//! What may a caller of the admin API do?
//!
//! Callers are machines: clients of the designated authority, with a token of their own for the admin API. A token that a
//! person's consent began opens nothing here, whatever its scopes.

use sayso_token::time::Timestamp;

use super::identify_token::Identified;
use super::plan::Difference;
use crate::record::authority::Authority;
use crate::record::client::{Client, GrantType};
use crate::record::configuration::Configuration;

/// Scopes of the admin API, least privilege each.
pub const ADMIN_SCOPES: [&str; 12] = [
    "admin:audit:read",
    "admin:configuration:read",
    "admin:configuration:write",
    "admin:grants:read",
    "admin:grants:write",
    "admin:groups:read",
    "admin:groups:write",
    "admin:keys:read",
    "admin:keys:write",
    "admin:preview",
    "admin:users:read",
    "admin:users:write",
];

/// Where the admin API's tokens come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Designated {
    /// The authority's id.
    pub authority: String,
    /// The API of that authority whose tokens count.
    pub audience: String,
}

/// Who calls, and from where: what the audit keeps of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The client.
    pub client: String,
    /// What its token allows.
    pub scopes: Vec<String>,
    /// The address of the connection.
    pub address: Option<String>,
}

/// Why a caller is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unadmitted {
    /// No access token of the designated authority for the admin API, or one that is over.
    BadToken,
    /// It does not carry the scope.
    InsufficientScope,
    /// It belongs to a person's link.
    NotAMachine,
}

impl Unadmitted {
    /// The stable reason code.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::BadToken => "admin_token",
            Self::InsufficientScope => "admin_scope",
            Self::NotAMachine => "admin_token_of_a_person",
        }
    }
}

/// Judges the token of a call that needs `scope`. The client is looked at as it is now: one that was disabled, or has lost
/// the scope since, is turned away though its token lives.
pub fn admit(
    (authority, audience): (&Authority, &str),
    token: &Identified,
    scope: &str,
    (now, address): (Timestamp, Option<String>),
) -> Result<Actor, Unadmitted> {
    let Identified::Access(token) = token else { return Err(Unadmitted::BadToken) };
    if token.audience != audience || token.expires_at <= now {
        return Err(Unadmitted::BadToken);
    }
    if token.grant.is_some() {
        return Err(Unadmitted::NotAMachine);
    }
    let client = authority.client(&token.client).filter(|client| is_machine(client)).ok_or(Unadmitted::BadToken)?;
    let still = |scope: &&String| client.scopes.contains(scope);
    let scopes: Vec<String> = token.scopes.iter().filter(still).cloned().collect();
    if !scopes.iter().any(|held| held == scope) {
        return Err(Unadmitted::InsufficientScope);
    }
    Ok(Actor { client: client.id.clone(), scopes, address })
}

fn is_machine(client: &Client) -> bool {
    !client.disabled && client.is_confidential() && client.grants.contains(&GrantType::ClientCredentials)
}

/// Why a configuration is not put in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It would give rights over the admin API that the actor does not have.
    BeyondActor,
    /// Nobody could administer any more: the designated authority, its admin API, or the last client that may write the
    /// configuration would be gone.
    LastAdmin,
}

impl Unfit {
    /// The stable reason code.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::BeyondActor => "beyond_actor",
            Self::LastAdmin => "last_admin",
        }
    }
}

/// Whether the actor may put `wanted` in force. Whoever decides about clients with admin scopes, or about the authority and
/// the API whose tokens count, decides who administers: that takes every admin scope, so that nobody raises themselves.
pub fn may_apply(
    actor: &Actor,
    designated: &Designated,
    (in_force, wanted): (&Configuration, &Configuration),
    differences: &[Difference],
) -> Result<(), Unfit> {
    let holds_all = ADMIN_SCOPES.iter().all(|scope| actor.scopes.iter().any(|held| held == scope));
    let touches = differences.iter().any(|one| touches_admins(one, designated, (in_force, wanted)));
    if touches && !holds_all {
        return Err(Unfit::BeyondActor);
    }
    let survives = wanted.authorities.iter().find(|one| one.id == designated.authority).is_some_and(|authority| {
        let api = authority.api(&designated.audience);
        let writes = |client: &Client| is_machine(client) && client.scopes.iter().any(|scope| scope == ADMIN_SCOPES[2]);
        api.is_some_and(|api| api.scope(ADMIN_SCOPES[2]).is_some()) && authority.clients.iter().any(writes)
    });
    if survives { Ok(()) } else { Err(Unfit::LastAdmin) }
}

/// Whether it is about who administers.
fn touches_admins(
    difference: &Difference,
    designated: &Designated,
    (in_force, wanted): (&Configuration, &Configuration),
) -> bool {
    let mut place = difference.place.iter();
    match (place.next(), place.next()) {
        (Some(authority), _) if authority.name != designated.authority || authority.kind != "authority" => false,
        // The authority's own fields: its issuer, how its keys rotate.
        (Some(_), None) => true,
        (Some(_), Some(thing)) if thing.kind == "client" => {
            [in_force, wanted].iter().any(|one| has_admin_scopes(one, designated, &thing.name))
        }
        (Some(_), Some(thing)) if thing.kind == "api" => thing.name == designated.audience,
        // Policies and what else shapes its tokens.
        (Some(_), Some(_)) => true,
        (None, _) => false,
    }
}

fn has_admin_scopes(configuration: &Configuration, designated: &Designated, client: &str) -> bool {
    let authority = configuration.authorities.iter().find(|one| one.id == designated.authority);
    let client = authority.and_then(|authority| authority.client(client));
    client.is_some_and(|client| client.scopes.iter().any(|scope| scope.starts_with("admin:")))
}

#[cfg(test)]
mod tests;
