//! What would this client get, for this person, and why?
//!
//! A dry run: the same functions judge that judge a real request, nothing is signed and nothing remembered.

mod nearest;

use sayso_token::scope::parse_scope;
use sayso_token::time::{Lifetime, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::access_token::{AccessTokenFor, Holder, access_token, id_token, still_allowed};
use super::custom_claims::{ClaimsAbout, Outcome, outcome};
use super::policy::trace::{PolicyTrace, trace};
use super::policy::{Permit, Question};
use crate::ambient::Ambient;
use crate::expression::Roots;
use crate::record::api::{Api, IDENTITY_SCOPES};
use crate::record::attribute::Attribute;
use crate::record::authority::Authority;
use crate::record::claim::{Carrier, Says};
use crate::record::client::{Client, GrantType};
use crate::record::grant::{Grant, GrantId};
use crate::record::terms::Terms;
use crate::record::user::User;
use crate::wire::token::{Protection, Unsigned};

/// What is asked for, in words.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The authority.
    pub authority: &'a Authority,
    /// The profile schema.
    pub schema: &'a [Attribute],
    /// `client_id`
    pub client: &'a str,
    /// By which grant.
    pub grant: GrantType,
    /// The person, if that name is known; nobody for a client's own token.
    pub user: Option<&'a User>,
    /// The API, if one is named.
    pub audience: Option<&'a str>,
    /// The scopes, if any are named.
    pub scope: Option<&'a str>,
}

/// Why nothing is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The client is disabled.
    ClientDisabled,
    /// No such client.
    ClientUnknown,
    /// The client is not registered for the grant.
    GrantNotAllowed,
    /// No access policy allows it.
    NoMatchingPolicy,
    /// No such API, or none named and no default.
    UnknownApi,
    /// A scope that the API does not have, or the client may not have.
    UnknownScope,
    /// The user is disabled.
    UserDisabled,
    /// No such user.
    UserUnknown,
}

impl Refused {
    /// The stable reason code: the one that a real request is refused with.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ClientDisabled => "client_disabled",
            Self::ClientUnknown => "client_unknown",
            Self::GrantNotAllowed => "grant_not_allowed",
            Self::NoMatchingPolicy => "no_matching_policy",
            Self::UnknownApi => "unknown_api",
            Self::UnknownScope => "unknown_scope",
            Self::UserDisabled => "user_disabled",
            Self::UserUnknown => "user_unknown",
        }
    }
}

/// The answer.
#[derive(Clone, Debug, Serialize)]
pub struct Preview {
    /// Whether tokens would be issued.
    pub allowed: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
    /// The API meant.
    pub audience: Option<String>,
    /// The scopes meant.
    pub scopes: Vec<String>,
    /// How the policies came to their answer; empty when they were not asked.
    pub policies: Vec<PolicyTrace>,
    /// What lives how long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetimes: Option<PreviewLifetimes>,
    /// Every custom claim of the authority.
    pub claims: Vec<ClaimPreview>,
    /// The access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<TokenPreview>,
    /// The ID token, where one is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<TokenPreview>,
}

/// Why nothing would be given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The stable reason code.
    pub reason: &'static str,
    /// The change that comes nearest to allowing it.
    pub nearest_change: String,
}

/// How long things live, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PreviewLifetimes {
    /// An access token.
    pub access_token: u32,
    /// A link that rests unused; none: as long as it likes.
    pub refresh_idle: Option<u32>,
    /// A link from its beginning; none: as long as people like.
    pub refresh_total: Option<u32>,
}

/// A custom claim.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClaimPreview {
    /// Its name.
    pub claim: String,
    /// What carries it.
    pub carriers: Vec<Carrier>,
    /// What it says, as an expression.
    pub expression: String,
    /// The attributes in it that people write themselves: their own word, which proves nothing.
    pub self_written: Vec<String>,
    /// What becomes of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// A token before it is signed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TokenPreview {
    /// Its header, without `kid`: the key is chosen when it is signed. Empty for an opaque token.
    pub header: Map<String, Value>,
    /// Its claims; of an opaque token what introspection would say of it beside custom claims.
    pub payload: Map<String, Value>,
}

impl From<Unsigned> for TokenPreview {
    fn from(unsigned: Unsigned) -> Self {
        let signed = match unsigned.protection {
            Protection::Signed(algorithm) => Some([("typ", unsigned.typ), ("alg", algorithm.name())]),
            Protection::Sealed => None,
        };
        let header = signed.iter().flatten().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        Self { header, payload: unsigned.claims }
    }
}

/// Plays it.
pub fn preview(asked: &Asked<'_>, ambient: &mut Ambient<'_>) -> Preview {
    let client = asked.authority.client(asked.client);
    let api = meant_api(asked);
    let scopes = client.zip(api).map(|(client, api)| meant_scopes(asked, client, api)).unwrap_or_default();
    let question = client.zip(api).map(|(client, api)| question(asked, (client, api), &scopes));
    let judged = judge(asked, client, question.as_ref());
    let about = client.map(|client| {
        let roots = Roots { user: asked.user, client, scope: &scopes, api };
        ClaimsAbout { authority: asked.authority, roots, requested: &[] }
    });
    let mut preview = Preview {
        allowed: judged.is_ok(),
        refused: judged.as_ref().err().map(|refused| Refusal {
            reason: refused.reason(),
            nearest_change: nearest::change(*refused, asked, question.as_ref()),
        }),
        audience: api.map(|api| api.audience.clone()),
        scopes: scopes.clone(),
        policies: question.as_ref().map(trace).unwrap_or_default(),
        lifetimes: None,
        claims: about.iter().flat_map(|about| claims(asked, about)).collect(),
        access_token: None,
        id_token: None,
    };
    if let (Ok(permit), Some(question)) = (judged, &question) {
        let seconds = |lifetime: Option<Lifetime>| lifetime.map(Lifetime::seconds);
        preview.lifetimes = Some(PreviewLifetimes {
            access_token: permit.access_token().seconds(),
            refresh_idle: seconds(permit.refresh_idle()),
            refresh_total: seconds(permit.refresh_total()),
        });
        (preview.access_token, preview.id_token) = tokens(question, &permit, ambient);
    }
    preview
}

fn meant_api<'a>(asked: &Asked<'a>) -> Option<&'a Api> {
    let audience = asked.audience.or(asked.authority.default_audience.as_deref())?;
    asked.authority.api(audience)
}

/// What is asked for; where nothing is, what API and client mean.
fn meant_scopes(asked: &Asked<'_>, client: &Client, api: &Api) -> Vec<String> {
    match asked.scope {
        Some(text) => text.split_ascii_whitespace().map(str::to_owned).collect(),
        None => api.meant_scopes(&client.scopes),
    }
}

fn question<'a>(asked: &Asked<'a>, (client, api): (&'a Client, &'a Api), scopes: &'a [String]) -> Question<'a> {
    let own = asked.grant == GrantType::ClientCredentials;
    let grant = if own { GrantType::ClientCredentials } else { GrantType::AuthorizationCode };
    Question { authority: asked.authority, client, grant, user: asked.user.filter(|_| !own), api, scopes }
}

/// In the order in which a real request meets these checks.
fn judge<'a>(
    asked: &Asked<'a>,
    client: Option<&'a Client>,
    question: Option<&Question<'a>>,
) -> Result<Permit<'a>, Refused> {
    let client = client.ok_or(Refused::ClientUnknown)?;
    if client.disabled {
        return Err(Refused::ClientDisabled);
    }
    if !client.grants.contains(&asked.grant) {
        return Err(Refused::GrantNotAllowed);
    }
    let own = asked.grant == GrantType::ClientCredentials;
    if !own {
        let user = asked.user.ok_or(Refused::UserUnknown)?;
        if user.disabled_at.is_some() {
            return Err(Refused::UserDisabled);
        }
    }
    let question = question.ok_or(Refused::UnknownApi)?;
    if !scopes_fit(asked, question) {
        return Err(Refused::UnknownScope);
    }
    let permit = if own { super::policy::permit(question) } else { still_allowed(question) };
    permit.ok_or(Refused::NoMatchingPolicy)
}

/// A client for itself has no use for scopes about a person.
fn scopes_fit(asked: &Asked<'_>, question: &Question<'_>) -> bool {
    let own = question.grant == GrantType::ClientCredentials;
    let of_person = |scope: &str| !own && IDENTITY_SCOPES.contains(&scope);
    let fits = |scope: &String| {
        (question.api.scope(scope).is_some() || of_person(scope)) && question.client.scopes.contains(scope)
    };
    let written_well = asked.scope.is_none_or(|text| parse_scope(text).is_some());
    written_well && (own || !question.scopes.is_empty()) && question.scopes.iter().all(fits)
}

fn claims(asked: &Asked<'_>, about: &ClaimsAbout<'_>) -> Vec<ClaimPreview> {
    let self_written =
        |name: &&str| asked.schema.iter().any(|attribute| attribute.name == **name && attribute.self_editable);
    let one = |claim: &crate::record::claim::Claim| ClaimPreview {
        claim: claim.name.clone(),
        carriers: claim.carriers.clone(),
        expression: match &claim.says {
            Says::Attribute(name) => format!("user.{name}"),
            Says::Expression(expression) => expression.text().to_owned(),
        },
        self_written: claim.attributes().into_iter().filter(self_written).map(str::to_owned).collect(),
        outcome: outcome(claim, about),
    };
    asked.authority.claims.iter().map(one).collect()
}

fn tokens(
    question: &Question<'_>,
    permit: &Permit<'_>,
    ambient: &mut Ambient<'_>,
) -> (Option<TokenPreview>, Option<TokenPreview>) {
    let Question { authority, client, user, api, scopes, .. } = *question;
    let lifetime = permit.access_token();
    let begun = user.map(|user| (user, begun(question, user, ambient.now)));
    let holder = begun.as_ref().map_or(Holder::Client, |(user, grant)| Holder::Person(user, grant));
    let about = AccessTokenFor { authority, api, client, holder, scopes, lifetime };
    let access = access_token(about, ambient);
    let openid = scopes.iter().any(|scope| scope == "openid");
    let id_token = begun
        .as_ref()
        .filter(|_| openid)
        .map(|(user, grant)| id_token(authority, grant, user, None, ambient.now).into());
    (Some(access.into()), id_token)
}

/// A link as it would begin now.
fn begun(question: &Question<'_>, user: &User, now: Timestamp) -> Grant {
    Grant {
        id: GrantId("preview".to_owned()),
        authority: question.authority.id.clone(),
        client: question.client.id.clone(),
        user: user.id.clone(),
        audience: question.api.audience.clone(),
        scopes: question.scopes.to_vec(),
        signed_in_at: now,
        created_at: now,
        last_used_at: now,
        epoch: 0,
        revoked_at: None,
        refresh: None,
        // Pairwise subjects are made with a key of the installation, which a dry run has not: `sub` is the account's id.
        terms: Terms::default(),
    }
}

#[cfg(test)]
mod tests;
