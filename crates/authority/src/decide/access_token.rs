//! What stands in an access token and in an ID token?

use sayso_token::algorithm::Algorithm;
use sayso_token::digest::Digest;
use sayso_token::encoding::base64url;
use sayso_token::jws::ACCESS_TOKEN_TYPE;
use sayso_token::scope::print_scope;
use sayso_token::time::{Lifetime, Timestamp};
use serde_json::{Map, json};

use super::custom_claims::{ClaimsAbout, custom_claims};
use super::policy::{Permit, Question, permit};
use super::standard_claims::standard_claims;
use crate::ambient::Ambient;
use crate::expression::Roots;
use crate::record::api::{Api, IDENTITY_SCOPES, TokenProfile};
use crate::record::authority::Authority;
use crate::record::claim::Carrier;
use crate::record::client::Client;
use crate::record::grant::{Grant, GrantId};
use crate::record::user::User;
use crate::wire::token::{Protection, Unsigned};

/// How long an ID token can be used to sign in; the client reads it at once.
const ID_TOKEN_LIFETIME: Lifetime = Lifetime::from_seconds(600);

/// For whom a token is issued.
#[derive(Clone, Copy, Debug)]
pub enum Holder<'a> {
    /// A person's account, by this grant.
    Person(&'a User, &'a Grant),
    /// The client for itself.
    Client,
}

impl<'a> Holder<'a> {
    /// Whose account, if it is a person's.
    pub fn person(self) -> Option<&'a User> {
        match self {
            Self::Person(user, _) => Some(user),
            Self::Client => None,
        }
    }
}

/// What an access token is about.
#[derive(Clone, Copy, Debug)]
pub struct AccessTokenFor<'a> {
    /// The issuing authority.
    pub authority: &'a Authority,
    /// The API it opens.
    pub api: &'a Api,
    /// The client that gets it.
    pub client: &'a Client,
    /// For whom.
    pub holder: Holder<'a>,
    /// What is granted.
    pub scopes: &'a [String],
    /// How long it lives.
    pub lifetime: Lifetime,
}

impl AccessTokenFor<'_> {
    /// What the token looks like: as its client's setting says, or else its API's.
    pub fn profile(&self) -> TokenProfile {
        self.client.token_profile.unwrap_or(self.api.profile)
    }
}

/// The claims of an access token in the API's profile (RFC 9068 section 2.2). The `jti` of a grant's token names
/// grant and epoch, so that introspection needs no table of tokens.
pub fn access_token(about: AccessTokenFor<'_>, ambient: &mut Ambient<'_>) -> Unsigned {
    let AccessTokenFor { authority, api, client, holder, scopes, lifetime } = about;
    let mut claims = Map::new();
    // An opaque token is read by introspection only, which looks at the profile as it is then.
    if about.profile() != TokenProfile::Opaque {
        let roots = Roots { user: holder.person(), client, scope: scopes, api: Some(api) };
        custom_claims(Carrier::AccessToken, &ClaimsAbout { authority, roots, requested: &[] }, &mut claims);
    }
    let issued = ambient.now.seconds();
    let subject = match holder {
        Holder::Person(_, grant) => grant.subject().to_owned(),
        Holder::Client => client_subject(client),
    };
    let id = match holder {
        Holder::Person(_, grant) => {
            format!("{}.{}.{}", grant.id.0, grant.epoch, ambient.entropy.token())
        }
        Holder::Client => ambient.entropy.token(),
    };
    claims.insert("iss".into(), json!(authority.issuer));
    claims.insert("sub".into(), json!(subject));
    claims.insert("aud".into(), json!(api.audience));
    claims.insert("iat".into(), json!(issued));
    claims.insert("exp".into(), json!(issued + i64::from(lifetime.seconds())));
    claims.insert("jti".into(), json!(id));
    match about.profile() {
        TokenProfile::Rfc9068 | TokenProfile::Opaque => {
            claims.insert("client_id".into(), json!(client.id));
            claims.insert("scope".into(), json!(print_scope(scopes)));
        }
        TokenProfile::Azp => {
            claims.insert("azp".into(), json!(client.id));
            claims.insert("scope".into(), json!(print_scope(scopes)));
        }
        TokenProfile::Cid => {
            claims.insert("ver".into(), json!(1));
            claims.insert("cid".into(), json!(client.id));
            claims.insert("scp".into(), json!(scopes));
            if let Holder::Person(_, grant) = holder {
                claims.insert("uid".into(), json!(grant.subject()));
            }
        }
    }
    let protection = match about.profile() {
        TokenProfile::Opaque => Protection::Sealed,
        TokenProfile::Rfc9068 | TokenProfile::Azp | TokenProfile::Cid => Protection::Signed(api.algorithm),
    };
    Unsigned { typ: ACCESS_TOKEN_TYPE, protection, claims }
}

/// Clients and people live in disjoint spaces of `sub`, so that neither can pose as the other.
pub fn client_subject(client: &Client) -> String {
    format!("client|{}", client.id)
}

/// The rule by which client and policies still allow what a person once granted, these scopes at this API; none when they
/// do not. Judged at each issue, for configurations change under living grants.
pub fn still_allowed<'a>(question: &Question<'a>) -> Option<Permit<'a>> {
    let Question { client, api, scopes, .. } = question;
    let known = |scope: &String| {
        client.scopes.contains(scope) && (api.scope(scope).is_some() || IDENTITY_SCOPES.contains(&scope.as_str()))
    };
    if scopes.iter().all(known) { permit(question) } else { None }
}

/// The grant and epoch that a `jti` names; `None` for a client's own token.
pub fn grant_of(jti: &str) -> Option<(GrantId, i64)> {
    let mut parts = jti.split('.');
    let (grant, epoch, _random) = (parts.next()?, parts.next()?, parts.next()?);
    Some((GrantId(grant.to_owned()), epoch.parse().ok()?))
}

/// Names that no custom claim may take, in any kind of token or answer: what a guard, introspection or an OpenID client
/// reads as the authority's own word must never come from a profile that people edit.
pub const PROTOCOL_CLAIMS: [&str; 29] = [
    "acr",
    "act",
    "active",
    "amr",
    "at_hash",
    "aud",
    "auth_time",
    "authorization_details",
    "azp",
    "c_hash",
    "cid",
    "client_id",
    "cnf",
    "events",
    "exp",
    "iat",
    "iss",
    "jti",
    "may_act",
    "nbf",
    "nonce",
    "scope",
    "scp",
    "sid",
    "sub",
    "token_type",
    "uid",
    "username",
    "ver",
];

/// `typ` of an ID token: what no other token of ours has.
pub const ID_TOKEN_TYPE: &str = "JWT";

/// What a sign-in is worth as `acr`: level 1 of ISO/IEC 29115, by password or by a provider elsewhere. `amr` names the password in
/// the words of RFC 8176.
pub const PASSWORD_ACR: &str = "1";

/// The ID token with `at_hash`, the left half of the SHA-256 of the signed access token (OpenID Connect Core section
/// 3.1.3.6). With an algorithm that names no SHA-256 there is none: in the code flow it may be left out.
pub fn with_access_token_hash(mut id_token: Unsigned, access_token: &str) -> Unsigned {
    if let Protection::Signed(algorithm) = id_token.protection
        && algorithm.name().ends_with("256")
    {
        let digest = Digest::of(access_token.as_bytes());
        let left = digest.as_bytes().get(..16).unwrap_or_default();
        id_token.claims.insert("at_hash".into(), json!(base64url(left)));
    }
    id_token
}

/// The claims of an ID token (OpenID Connect Core section 2).
pub fn id_token(authority: &Authority, grant: &Grant, user: &User, nonce: Option<&str>, now: Timestamp) -> Unsigned {
    let mut claims = Map::new();
    standard_claims(user, grant.terms.claims.id_token.iter().map(String::as_str), &mut claims);
    if let Some(client) = authority.client(&grant.client) {
        let roots = Roots { user: Some(user), client, scope: &grant.scopes, api: authority.api(&grant.audience) };
        custom_claims(
            Carrier::IdToken,
            &ClaimsAbout { authority, roots, requested: &grant.terms.claims.id_token },
            &mut claims,
        );
    }
    claims.insert("iss".into(), json!(authority.issuer));
    claims.insert("sub".into(), json!(grant.subject()));
    claims.insert("aud".into(), json!(grant.client));
    claims.insert("iat".into(), json!(now.seconds()));
    claims.insert("exp".into(), json!((now + ID_TOKEN_LIFETIME).seconds()));
    claims.insert("auth_time".into(), json!(grant.signed_in_at.seconds()));
    claims.insert("acr".into(), json!(PASSWORD_ACR));
    // How a provider elsewhere has made sure of the person is not known here.
    if grant.terms.connection.is_none() {
        claims.insert("amr".into(), json!(["pwd"]));
    }
    if let Some(nonce) = nonce {
        claims.insert("nonce".into(), json!(nonce));
    }
    let algorithm = authority.client(&grant.client).map_or(Algorithm::Rs256, |client| client.id_token_algorithm);
    Unsigned { typ: ID_TOKEN_TYPE, protection: Protection::Signed(algorithm), claims }
}

#[cfg(test)]
mod tests;
