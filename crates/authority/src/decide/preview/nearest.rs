//! The change that comes nearest to allowing what was refused.

use super::{Asked, Refused};
use crate::decide::policy::Question;
use crate::decide::policy::trace::nearest_change;
use crate::record::api::IDENTITY_SCOPES;
use crate::record::client::GrantType;

/// For whoever may change the configuration.
pub(super) fn change(refused: Refused, asked: &Asked<'_>, question: Option<&Question<'_>>) -> String {
    let client = asked.client;
    match refused {
        Refused::ClientUnknown => {
            let known: Vec<&str> = asked.authority.clients.iter().map(|client| client.id.as_str()).collect();
            format!("name a client of this authority ({}), or add {client:?}", known.join(", "))
        }
        Refused::ClientDisabled => format!("take disabled = true out of the client {client:?}"),
        Refused::GrantNotAllowed => format!("add {:?} to the grants of the client {client:?}", asked.grant.name()),
        Refused::UserUnknown => "name a person who has an account".to_owned(),
        Refused::UserDisabled => "enable the person's account".to_owned(),
        Refused::UnknownApi => {
            let known: Vec<&str> = asked.authority.apis.iter().map(|api| api.audience.as_str()).collect();
            format!("name an API by its audience ({}), or set default_audience", known.join(", "))
        }
        Refused::UnknownScope => question.map_or_else(String::new, scopes),
        Refused::NoMatchingPolicy => question.and_then(nearest_change).unwrap_or_default(),
    }
}

fn scopes(question: &Question<'_>) -> String {
    let own = question.grant == GrantType::ClientCredentials;
    let mut changes = Vec::new();
    for scope in question.scopes {
        let of_person = IDENTITY_SCOPES.contains(&scope.as_str());
        if of_person && own {
            changes.push(format!("leave out {scope:?}: it is about a person, and a client's own token has none"));
        } else if !of_person && question.api.scope(scope).is_none() {
            let elsewhere = question.authority.apis.iter().find(|api| api.scope(scope).is_some());
            changes.push(match elsewhere {
                Some(api) => format!("ask for the API {:?}, which has the scope {scope:?}", api.audience),
                None => format!("add the scope {scope:?} to the API {:?}", question.api.audience),
            });
        }
        let has_it = question.client.scopes.contains(scope) || (of_person && own);
        if !has_it {
            changes.push(format!("add {scope:?} to the scopes of the client {:?}", question.client.id));
        }
    }
    if changes.is_empty() {
        let (api, client) = (&question.api.audience, &question.client.id);
        format!(
            "name scopes of the API {api:?}, each once, with one blank between them, or give the client {client:?} one"
        )
    } else {
        changes.join("; ")
    }
}
