//! What stands in an access token and in an ID token?

use sayso_token::algorithm::Algorithm;
use sayso_token::digest::Digest;
use sayso_token::encoding::base64url;
use sayso_token::jws::ACCESS_TOKEN_TYPE;
use sayso_token::scope::print_scope;
use sayso_token::time::{Lifetime, Timestamp};
use serde_json::{Map, Value, json};

use super::standard_claims::standard_claims;
use crate::ambient::Ambient;
use crate::record::api::{Api, IDENTITY_SCOPES, LONGEST_TOKEN, TokenProfile};
use crate::record::authority::{Authority, ClaimCarrier};
use crate::record::client::{Client, GrantType};
use crate::record::grant::{Grant, GrantId};
use crate::record::policy::find_rule;
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
}

impl AccessTokenFor<'_> {
    /// What the token looks like: as its client's setting says, or else its API's.
    pub fn profile(&self) -> TokenProfile {
        self.client.token_profile.unwrap_or(self.api.profile)
    }

    /// How long the token lives: as its client's setting says, or else its API's; never longer than any token may.
    pub fn lifetime(&self) -> Lifetime {
        self.client.token_lifetime.unwrap_or(self.api.token_lifetime).min(LONGEST_TOKEN)
    }
}

/// The claims of an access token in the API's profile (RFC 9068 section 2.2). The `jti` of a grant's token names
/// grant and epoch, so that introspection needs no table of tokens.
pub fn access_token(about: AccessTokenFor<'_>, ambient: &mut Ambient<'_>) -> Unsigned {
    let AccessTokenFor { authority, api, client, holder, scopes } = about;
    let lifetime = about.lifetime();
    let mut claims = Map::new();
    // An opaque token is read by introspection only, which looks at the profile as it is then.
    if let Holder::Person(user, _) = holder
        && about.profile() != TokenProfile::Opaque
    {
        custom_claims(authority, ClaimCarrier::AccessToken, user, scopes, &mut claims);
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

/// Whether client and policies still allow what a person once granted, these scopes at this API. Judged at each issue,
/// for configurations change under living grants.
pub fn still_allowed(authority: &Authority, client: &Client, api: &Api, scopes: &[String]) -> bool {
    let known = |scope: &String| {
        client.scopes.contains(scope) && (api.scope(scope).is_some() || IDENTITY_SCOPES.contains(&scope.as_str()))
    };
    let rule = find_rule(&authority.policies, &client.id, GrantType::AuthorizationCode, scopes);
    scopes.iter().all(known) && rule.is_some()
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

/// Fills the custom claims of this carrier. A name of [`PROTOCOL_CLAIMS`] should have been refused when the
/// configuration was read; here it is left out.
pub fn custom_claims(
    authority: &Authority,
    carrier: ClaimCarrier,
    user: &User,
    scopes: &[String],
    claims: &mut Map<String, Value>,
) {
    let wanted = authority.claims.iter().filter(|claim| {
        claim.carrier == carrier
            && !PROTOCOL_CLAIMS.contains(&claim.name.as_str())
            && (claim.scopes.is_empty() || claim.scopes.iter().any(|s| scopes.contains(s)))
    });
    for claim in wanted {
        if let Some(value) = user.attributes.get(&claim.attribute).filter(|value| !value.is_empty()) {
            claims.insert(claim.name.clone(), json!(value));
        }
    }
}

/// `typ` of an ID token: what no other token of ours has.
pub const ID_TOKEN_TYPE: &str = "JWT";

/// What a sign-in by password is worth as `acr`: level 1 of ISO/IEC 29115. It is the only way to sign in; `amr` names it in
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
    custom_claims(authority, ClaimCarrier::IdToken, user, &grant.scopes, &mut claims);
    claims.insert("iss".into(), json!(authority.issuer));
    claims.insert("sub".into(), json!(grant.subject()));
    claims.insert("aud".into(), json!(grant.client));
    claims.insert("iat".into(), json!(now.seconds()));
    claims.insert("exp".into(), json!((now + ID_TOKEN_LIFETIME).seconds()));
    claims.insert("auth_time".into(), json!(grant.signed_in_at.seconds()));
    claims.insert("acr".into(), json!(PASSWORD_ACR));
    claims.insert("amr".into(), json!(["pwd"]));
    if let Some(nonce) = nonce {
        claims.insert("nonce".into(), json!(nonce));
    }
    let algorithm = authority.client(&grant.client).map_or(Algorithm::Rs256, |client| client.id_token_algorithm);
    Unsigned { typ: ID_TOKEN_TYPE, protection: Protection::Signed(algorithm), claims }
}

#[cfg(test)]
mod tests;
