//! Is this token active, and what does it say? (RFC 7662)

use sayso_token::scope::print_scope;
use sayso_token::time::Timestamp;
use serde_json::{Map, Value, json};

use super::custom_claims::{ClaimsAbout, custom_claims};
use super::identify_token::{Identified, IssuedAccessToken, carried_by};
use super::refresh_token::RefreshToken;
use crate::expression::Roots;
use crate::record::authority::Authority;
use crate::record::claim::Carrier;
use crate::record::client::Client;
use crate::record::grant::Grant;
use crate::record::user::User;

/// A question about a token, with what is remembered of its grant.
#[derive(Debug)]
pub struct Introspect<'a> {
    /// The authority asked.
    pub authority: &'a Authority,
    /// Who asks, authenticated.
    pub caller: &'a Client,
    /// What the token is.
    pub token: &'a Identified,
    /// Its grant, if remembered.
    pub grant: Option<&'a Grant>,
    /// Its user, if still there.
    pub user: Option<&'a User>,
}

/// Answers. An inactive token, a foreign one and one that is none of the caller's business all get the same single
/// member. Custom claims are read from the profile as it is now, so an introspecting skill hears a change at once.
pub fn introspect(question: &Introspect<'_>, now: Timestamp) -> Map<String, Value> {
    let answer = match question.token {
        Identified::Access(token) => access(question, token, now),
        Identified::Refresh(token) => refresh(question, token),
        Identified::Unknown => None,
    };
    answer.unwrap_or_else(|| Map::from_iter([("active".to_owned(), json!(false))]))
}

fn access(question: &Introspect<'_>, token: &IssuedAccessToken, now: Timestamp) -> Option<Map<String, Value>> {
    let caller = question.caller;
    if caller.id != token.client && !caller.introspects.contains(&token.audience) {
        return None;
    }
    let issued_to = question.authority.client(&token.client)?;
    let api = question.authority.api(&token.audience)?;
    if now >= token.expires_at || issued_to.disabled {
        return None;
    }
    let (mut answer, mut user) = (Map::new(), None);
    if let Some(named) = &token.grant {
        if !carried_by(named, question.grant, question.authority) {
            return None;
        }
        user = Some(live_user(question)?);
    }
    let roots = Roots { user, client: issued_to, scope: &token.scopes, api: Some(api) };
    let about = ClaimsAbout { authority: question.authority, roots, requested: &[] };
    custom_claims(Carrier::Introspection, &about, &mut answer);
    if let Some(user) = user {
        let grant = question.grant?;
        // Who knows a person by a pairwise subject is not told their name beside it.
        if grant.terms.subject.is_none() {
            answer.insert("username".into(), json!(user.username));
        }
        answer.insert("uid".into(), json!(grant.subject()));
    }
    answer.insert("active".into(), json!(true));
    answer.insert("client_id".into(), json!(token.client));
    answer.insert("scope".into(), json!(print_scope(&token.scopes)));
    answer.insert("token_type".into(), json!("Bearer"));
    for name in ["iss", "sub", "aud", "iat", "exp", "jti"] {
        if let Some(value) = token.claims.get(name) {
            answer.insert(name.into(), value.clone());
        }
    }
    Some(answer)
}

/// The grant's user, unless gone or disabled.
fn live_user<'a>(question: &Introspect<'a>) -> Option<&'a User> {
    let grant = question.grant?;
    question.user.filter(|user| user.id == grant.user && user.disabled_at.is_none())
}

/// A refresh token is its client's business only.
fn refresh(question: &Introspect<'_>, token: &RefreshToken) -> Option<Map<String, Value>> {
    let grant = question.grant.filter(|grant| grant.id == token.grant && grant.revoked_at.is_none())?;
    live_user(question)?;
    let live = grant.refresh.as_ref().is_some_and(|chain| chain.live.matches(&token.digest));
    if !live || grant.client != question.caller.id || grant.authority != question.authority.id {
        return None;
    }
    let answer = json!({
        "active": true,
        "token_type": "refresh_token",
        "client_id": grant.client,
        "scope": print_scope(&grant.scopes),
        "sub": grant.subject(),
        "iss": question.authority.issuer,
        "iat": grant.created_at.seconds(),
    });
    answer.as_object().cloned()
}

#[cfg(test)]
mod tests;
