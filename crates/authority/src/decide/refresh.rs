//! Fresh tokens for a refresh token?
//!
//! The refresh rule: a lost answer must not unlink a household, and real theft must end the grant. Presenting the
//! same token again gives the same successor until that successor was used or a fixed window has ended, never a
//! second one. What is neither is reuse. A token from further on than memory reaches is genuine and was made before
//! memory was lost: the chain jumps to it. (RFC 9700 section 4.14; the reasons are in `docs/refresh.md`.)

use sayso_token::scope::parse_scope;
use sayso_token::seal::Sealer;
use sayso_token::secret::Secret;
use sayso_token::time::Lifetime;

use super::access_token::{AccessTokenFor, Holder, access_token, still_allowed};
use super::policy::{Permit, Question};
use super::refresh_token::{RefreshToken, mint};
use crate::ambient::{Ambient, Decision};
use crate::record::authority::Authority;
use crate::record::change::Change;
use crate::record::client::{Client, GrantType, RefreshRule, Rotation};
use crate::record::event::Event;
use crate::record::grant::{Grant, RefreshChain, RefreshStep};
use crate::record::user::User;
use crate::wire::error::{ErrorCode, Refusal};
use crate::wire::token::{TokenReply, Wanted};

/// How long an unused successor is still repeated.
const CONFIRM_CAP: Lifetime = Lifetime::from_seconds(30 * 24 * 60 * 60);
/// The most uses remembered of one chain.
const MAX_STEPS: usize = 8;
const SUCCESSOR: &str = "refresh successor";

/// Why no tokens are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Issued to another client.
    ForeignClient,
    /// The client may not refresh.
    GrantNotAllowed,
    /// The grant rested longer than its client's rule allows.
    Idle,
    /// No access policy allows it any more, or the client may no longer have these scopes.
    NoMatchingPolicy,
    /// Another API than was granted.
    OtherApi,
    /// The token was replaced, and its replacement used or the window over: two callers hold it.
    Reused,
    /// The grant began longer ago than its rule allows.
    Over,
    /// The grant was ended.
    Revoked,
    /// More than was granted.
    ScopeNotGranted,
    /// Not a refresh token of this authority, or its grant is gone.
    Unknown,
    /// The user is gone or disabled.
    UserDisabled,
}

impl Refusal for Refused {
    fn error(&self) -> ErrorCode {
        match self {
            Self::GrantNotAllowed => ErrorCode::UnauthorizedClient,
            Self::OtherApi => ErrorCode::InvalidTarget,
            Self::ScopeNotGranted => ErrorCode::InvalidScope,
            _ => ErrorCode::InvalidGrant,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::ForeignClient => "refresh_token_of_another_client",
            Self::GrantNotAllowed => "grant_not_allowed",
            Self::Idle => "grant_idle",
            Self::NoMatchingPolicy => "no_matching_policy",
            Self::OtherApi => "refresh_for_another_api",
            Self::Over => "grant_over",
            Self::Reused => "refresh_reuse",
            Self::Revoked => "grant_revoked",
            Self::ScopeNotGranted => "scope_not_granted",
            Self::Unknown => "refresh_token_unknown",
            Self::UserDisabled => "user_disabled",
        }
    }

    fn description(&self) -> &'static str {
        match self {
            Self::GrantNotAllowed => "this client is not registered for the grant refresh_token",
            Self::OtherApi => "the account was linked for another API than the one named here",
            Self::ScopeNotGranted => "a requested scope was not granted when the account was linked",
            _ => "the refresh token is not valid any more; the account must be linked again",
        }
    }
}

/// A refresh with everything remembered about it.
#[derive(Debug)]
pub struct Refresh<'a> {
    /// The authority asked.
    pub authority: &'a Authority,
    /// The client, authenticated.
    pub client: &'a Client,
    /// The token as presented.
    pub presented: &'a Secret,
    /// What it was recognised as.
    pub token: Option<RefreshToken>,
    /// Its grant, if still remembered.
    pub grant: Option<Grant>,
    /// The grant's user, if still there.
    pub user: Option<User>,
    /// API and scopes of this request, if named.
    pub wanted: Wanted,
}

/// What presenting this token means for the chain.
enum Turn {
    /// The live token: it gets a successor.
    Advance,
    /// One that stays: it is the live token from now on, whether it was before or not.
    Stay,
    /// One from further on than we remember: it gets a successor, and the chain goes on from there.
    Ahead,
    /// A repeat within the rule: the successor that already exists.
    Repeat(Secret),
    /// Reuse.
    Reuse { verdict: &'static str, millis_since_first_use: Option<i64> },
}

/// Decides a refresh. State of client, user and policy is judged anew each time.
pub fn refresh(request: &Refresh<'_>, sealer: &Sealer, ambient: &mut Ambient<'_>) -> Decision<TokenReply, Refused> {
    let checked = match check(request, ambient) {
        Ok(checked) => checked,
        Err(refused) => return Decision::refuse(refused),
    };
    let (token, grant, chain, ..) = checked;
    match turn(token, chain, request, ambient) {
        Turn::Advance => {
            let (successor, advance) = advance(request, (token, grant, chain), sealer, ambient);
            reply(request, checked, successor, ambient).change(advance)
        }
        Turn::Stay => {
            let stay = stay((token, grant, chain), ambient);
            let ahead = (!is_live(token, chain)).then(|| ahead(request, checked));
            let decision = reply(request, checked, request.presented.clone(), ambient).change(stay);
            ahead.into_iter().fold(decision, Decision::event)
        }
        Turn::Ahead => {
            let event = ahead(request, checked);
            let (successor, advance) = advance(request, (token, grant, chain), sealer, ambient);
            reply(request, checked, successor, ambient).change(advance).event(event)
        }
        Turn::Repeat(successor) => reply(request, checked, successor, ambient),
        Turn::Reuse { verdict, millis_since_first_use } => {
            let event = Event::new("refresh_reuse", &request.authority.id)
                .client(&grant.client)
                .user(&grant.user.0)
                .grant(&grant.id.0)
                .detail("verdict", verdict)
                .detail("millis_since_first_use", millis_since_first_use);
            let revoke = Change::RevokeGrant { grant: grant.id.clone(), at: ambient.now };
            Decision::refuse(Refused::Reused).change(revoke).event(event)
        }
    }
}

fn ahead(request: &Refresh<'_>, (token, grant, chain, ..): Checked<'_>) -> Event {
    Event::new("refresh_ahead", &request.authority.id)
        .client(&grant.client)
        .user(&grant.user.0)
        .grant(&grant.id.0)
        .detail("remembered_generation", chain.generation)
        .detail("presented_generation", token.generation)
}

type Checked<'a> = (&'a RefreshToken, &'a Grant, &'a RefreshChain, &'a User, Permit<'a>);

fn check<'a>(request: &'a Refresh<'_>, ambient: &Ambient<'_>) -> Result<Checked<'a>, Refused> {
    let Refresh { authority, client, .. } = request;
    if !client.grants.contains(&GrantType::RefreshToken) {
        return Err(Refused::GrantNotAllowed);
    }
    let token = request.token.as_ref().ok_or(Refused::Unknown)?;
    let grant = request.grant.as_ref().filter(|grant| grant.id == token.grant && grant.authority == authority.id);
    let grant = grant.ok_or(Refused::Unknown)?;
    let chain = grant.refresh.as_ref().ok_or(Refused::Unknown)?;
    if grant.client != client.id {
        return Err(Refused::ForeignClient);
    }
    if grant.revoked_at.is_some() {
        return Err(Refused::Revoked);
    }
    let user = request.user.as_ref().filter(|user| user.id == grant.user && user.disabled_at.is_none());
    let user = user.ok_or(Refused::UserDisabled)?;
    if request.wanted.audience.as_ref().is_some_and(|wanted| *wanted != grant.audience) {
        return Err(Refused::OtherApi);
    }
    let api = authority.api(&grant.audience).ok_or(Refused::NoMatchingPolicy)?;
    let began = GrantType::AuthorizationCode;
    let question = Question { authority, client, grant: began, user: Some(user), api, scopes: &grant.scopes };
    let permit = still_allowed(&question).ok_or(Refused::NoMatchingPolicy)?;
    // Of a token that memory does not reach, nobody knows how long it rested.
    let rested = |idle| !is_ahead(token, chain, client.refresh) && ambient.now >= grant.last_used_at + idle;
    if permit.refresh_idle().is_some_and(rested) {
        return Err(Refused::Idle);
    }
    if permit.refresh_total().is_some_and(|total| ambient.now >= grant.created_at + total) {
        return Err(Refused::Over);
    }
    if let Some(scope) = &request.wanted.scope {
        let scopes = parse_scope(scope).ok_or(Refused::ScopeNotGranted)?;
        if !scopes.iter().all(|scope| grant.scopes.contains(scope)) {
            return Err(Refused::ScopeNotGranted);
        }
    }
    Ok((token, grant, chain, user, permit))
}

fn turn(token: &RefreshToken, chain: &RefreshChain, request: &Refresh<'_>, ambient: &Ambient<'_>) -> Turn {
    let stays = request.client.refresh.rotation == Rotation::Static;
    if is_live(token, chain) {
        return if stays { Turn::Stay } else { Turn::Advance };
    }
    if is_ahead(token, chain, request.client.refresh) {
        return if stays { Turn::Stay } else { Turn::Ahead };
    }
    let used = chain.steps.iter().position(|step| step.token.matches(&token.digest));
    let Some((at, step)) = used.and_then(|at| Some((at, chain.steps.get(at)?))) else {
        return Turn::Reuse { verdict: "two callers", millis_since_first_use: None };
    };
    // The time of a decision is taken before memory is read, and clocks of nodes differ: a use may seem to be yet to come.
    let since = ambient.now.millis_since(step.first_used_at).max(0);
    let successor_unused = at + 1 == chain.steps.len();
    if may_repeat(request.client.refresh, since, successor_unused)
        && let Some(successor) = successor_of(request.presented, chain.steps.get(at..).unwrap_or_default())
    {
        return Turn::Repeat(successor);
    }
    let verdict = if successor_unused { "retry after the window" } else { "two callers" };
    Turn::Reuse { verdict, millis_since_first_use: Some(since) }
}

fn is_live(token: &RefreshToken, chain: &RefreshChain) -> bool {
    token.generation == chain.generation && token.digest.matches(&chain.live)
}

/// Whether the token shows that we have forgotten: its tag is ours, and we do not remember having come so far. So it is
/// after a restore from a backup, and after a failover that lost the last commits. At the very generation of the live
/// token stands one of another branch: two refreshes on either side of the loss made both. A strict rule takes that for
/// a second caller.
fn is_ahead(token: &RefreshToken, chain: &RefreshChain, rule: RefreshRule) -> bool {
    let beside = token.generation == chain.generation && !token.digest.matches(&chain.live);
    token.generation > chain.generation || (beside && rule.rotation != Rotation::Strict)
}

/// The window runs from the first use and does not slide.
fn may_repeat(rule: RefreshRule, millis_since_first_use: i64, successor_unused: bool) -> bool {
    let confirms = rule.rotation != Rotation::Strict && successor_unused;
    (confirms && millis_since_first_use < CONFIRM_CAP.millis()) || millis_since_first_use < rule.overlap.millis()
}

/// Opens the chain from the presented token to the live one; each token opens only its own successor.
fn successor_of(presented: &Secret, steps: &[RefreshStep]) -> Option<Secret> {
    let mut token = presented.clone();
    for step in steps {
        let opened = Sealer::from_bearer(token.expose()).open(SUCCESSOR, &step.successor)?;
        token = Secret::new(String::from_utf8(opened).ok()?);
    }
    Some(token)
}

/// Only the time of use changes, and with it when an idle link ends. Of two at once both are right, and both are kept.
fn stay((token, grant, chain): (&RefreshToken, &Grant, &RefreshChain), ambient: &Ambient<'_>) -> Change {
    let chain_now = match is_live(token, chain) {
        true => chain.clone(),
        false => RefreshChain { generation: token.generation, live: token.digest, steps: Vec::new() },
    };
    Change::AdvanceRefresh {
        grant: grant.id.clone(),
        from_generation: chain.generation,
        chain: chain_now,
        used_at: ambient.now,
    }
}

fn advance(
    request: &Refresh<'_>,
    (token, grant, chain): (&RefreshToken, &Grant, &RefreshChain),
    sealer: &Sealer,
    ambient: &mut Ambient<'_>,
) -> (Secret, Change) {
    let generation = token.generation + 1;
    let (successor, live) = mint(&request.authority.id, &grant.id, generation, sealer, ambient.entropy);
    let sealed =
        Sealer::from_bearer(request.presented.expose()).seal(SUCCESSOR, successor.expose().as_bytes(), ambient.entropy);
    let step = RefreshStep {
        generation: token.generation,
        token: token.digest,
        first_used_at: ambient.now,
        successor: sealed,
    };
    let overlap = request.client.refresh.overlap;
    // After a jump no earlier use leads to the live token, so none is worth remembering.
    let leads_on = token.digest.matches(&chain.live);
    let over = |step: &&RefreshStep| !leads_on || ambient.now >= step.first_used_at + overlap;
    let mut steps: Vec<_> = chain.steps.iter().skip_while(over).cloned().collect();
    steps.push(step);
    let excess = steps.len().saturating_sub(MAX_STEPS);
    steps.drain(..excess);
    let change = Change::AdvanceRefresh {
        grant: grant.id.clone(),
        from_generation: chain.generation,
        chain: RefreshChain { generation, live, steps },
        used_at: ambient.now,
    };
    (successor, change)
}

fn reply(
    request: &Refresh<'_>,
    (_, grant, _, user, permit): Checked<'_>,
    successor: Secret,
    ambient: &mut Ambient<'_>,
) -> Decision<TokenReply, Refused> {
    let scopes = match &request.wanted.scope {
        Some(scope) => parse_scope(scope).unwrap_or_default(),
        None => grant.scopes.clone(),
    };
    let lifetime = permit.access_token();
    let about = AccessTokenFor {
        authority: request.authority,
        api: permit.api,
        client: request.client,
        holder: Holder::Person(user, grant),
        scopes: &scopes,
        lifetime,
    };
    Decision::reply(TokenReply {
        access_token: access_token(about, ambient),
        expires_in: lifetime,
        refresh_token: Some(successor),
        id_token: None,
        scopes,
    })
}

#[cfg(test)]
mod tests;
