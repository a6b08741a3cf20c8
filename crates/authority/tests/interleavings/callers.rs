//! One call, as `settle` takes it: what is looked up, one record after the other, and what is decided on it.

use std::collections::BTreeMap;
use std::sync::Arc;

use sayso_authority::decide::authorize::{SignedIn, Target, Wish};
use sayso_authority::decide::connect::{connect, disconnect};
use sayso_authority::decide::consent::{CONSENT_FORM, Choice, Consent, consent, consent_remembered};
use sayso_authority::decide::disable_user::{disable_user, enable_user};
use sayso_authority::decide::edit_profile::edit_profile;
use sayso_authority::decide::exchange_code::{ExchangeCode, exchange_code};
use sayso_authority::decide::identify_token::{Identified, IssuedAccessToken};
use sayso_authority::decide::introspect::{Introspect, introspect};
use sayso_authority::decide::refresh::{Refresh, refresh};
use sayso_authority::decide::refresh_token::{RefreshToken, recognise};
use sayso_authority::decide::revoke::revoke;
use sayso_authority::decide::sign_in::{SignIn, finish};
use sayso_authority::decide::sign_in_upstream::{self as upstream, ANSWER, Remembered, sign_in_upstream};
use sayso_authority::decide::sign_out::sign_out;
use sayso_authority::decide::unlink::unlink;
use sayso_authority::record::attribute::Attribute;
use sayso_authority::record::code::Code;
use sayso_authority::record::connection::Connection;
use sayso_authority::record::grant::{Grant, GrantId};
use sayso_authority::record::identity::{Identity, UpstreamIdentity};
use sayso_authority::record::session::JoinedSession;
use sayso_authority::record::terms::Terms;
use sayso_authority::record::user::User;
use sayso_authority::wire::answer::{ClientAnswer, ResponseMode};
use sayso_authority::wire::error::Refusal;
use sayso_authority::wire::token::{TokenReply, Wanted};
use sayso_authority::{Ambient, Decision};
use sayso_token::digest::Digest;
use sayso_token::seal::Sealer;
use sayso_token::secret::Secret;
use sayso_token::time::{Lifetime, Timestamp};
use serde_json::Map;

use crate::scenes::Scene;
use crate::testing::{Memory, ada, corp};

/// Whose tokens a caller uses and keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The linked household.
    Owner,
    /// Someone who copied the household's token once.
    Thief,
}

/// What is asked, with all that the asker shows.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    Redeem { client: &'static str, redirect_uri: &'static str, verifier: &'static str, code: Digest },
    Refresh { holder: Holder, presented: Secret, token: RefreshToken },
    Revoke(Identified),
    Unlink(GrantId),
    Introspect(Identified),
    Disable,
    Enable,
    Answer(Choice),
    Again,
    SignIn,
    SignOut(Digest),
    Edit(&'static str),
    Arrive { subject: &'static str, state: &'static str },
    Connect { subject: &'static str, state: &'static str },
    Disconnect(&'static str),
}

/// What was looked up for it. The numbers are those of the moves: what was written before them was seen.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) now: Timestamp,
    pub(crate) looked_at: usize,
    pub(crate) user_looked_at: usize,
    pub(crate) code: Option<Code>,
    pub(crate) grant: Option<Grant>,
    pub(crate) user: Option<User>,
    session: Option<JoinedSession>,
    identities: Vec<Identity>,
    answered_before: bool,
}

/// What the caller hears.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Tokens(Box<TokenReply>),
    Code(Secret),
    Cookie(Secret),
    Done,
    Active(bool),
    Refused,
}

/// The decision, with an answer of one kind for all.
pub(crate) type Verdict = Decision<Answer, &'static str>;

impl Request {
    /// The first look into the memory. `true` when a second one is needed, for the user of what was found.
    pub(crate) fn look(&self, memory: &Memory, now: Timestamp, at: usize) -> (Found, bool) {
        let mut found = Found {
            now,
            looked_at: at,
            user_looked_at: at,
            code: None,
            grant: None,
            user: None,
            session: None,
            identities: Vec::new(),
            answered_before: false,
        };
        match self {
            Self::Redeem { code, .. } => found.code = memory.code(code).cloned(),
            Self::Refresh { token, .. } => found.grant = memory.grant(&token.grant).cloned(),
            Self::Revoke(token) | Self::Introspect(token) => {
                found.grant = token.grant().and_then(|grant| memory.grant(grant)).cloned();
            }
            Self::Unlink(grant) => found.grant = memory.grant(grant).cloned(),
            Self::Answer(_) => found.answered_before = memory.is_spent(CONSENT_FORM, &form()),
            Self::Again => found.grant = memory.grants.iter().find(|grant| grant.revoked_at.is_none()).cloned(),
            Self::SignIn | Self::Edit(_) => found.user = memory.user(&ada().id).cloned(),
            Self::Arrive { subject, state } | Self::Connect { subject, state } => {
                found.answered_before = memory.is_spent(ANSWER, &Digest::of(state.as_bytes()));
                found.identities = memory.identity(&corp().issuer, subject).cloned().into_iter().collect();
                let owner = found.identities.first().map(|known| &known.user);
                found.user = owner.and_then(|owner| memory.user(owner)).cloned();
            }
            Self::Disconnect(_) => {
                found.user = memory.user(&ada().id).cloned();
                let theirs = memory.identities.iter().filter(|known| known.user == ada().id);
                found.identities = theirs.cloned().collect();
            }
            Self::SignOut(session) => found.session = memory.joined_session(session),
            Self::Disable | Self::Enable => {}
        }
        let second = match self {
            Self::Redeem { .. } => found.code.is_some(),
            Self::Refresh { .. } | Self::Introspect(_) => found.grant.is_some(),
            _ => false,
        };
        (found, second)
    }

    /// What is decided on what was found.
    pub(crate) fn decide(&self, scene: &Scene, found: &Found, ambient: &mut Ambient<'_>) -> Verdict {
        let (authority, sealer) = (&scene.authority, &scene.sealer);
        match self {
            Self::Redeem { client, redirect_uri, verifier, .. } => {
                let request = ExchangeCode {
                    authority,
                    client: authority.client(client).unwrap(),
                    code: found.code.clone(),
                    user: found.user.clone(),
                    redirect_uri: Some((*redirect_uri).to_owned()),
                    code_verifier: Some(Secret::new(*verifier)),
                    wanted: Wanted::default(),
                };
                tokens(exchange_code(&request, sealer, ambient))
            }
            Self::Refresh { presented, token, .. } => {
                refresh_verdict(scene, (presented, token), (found.grant.as_ref(), found.user.as_ref()), ambient)
            }
            Self::Revoke(token) => {
                let caller = authority.client(scene.client).unwrap();
                done(revoke(authority, caller, token, found.grant.as_ref(), ambient), |refused| refused.reason())
            }
            Self::Unlink(_) => {
                let links = (found.grant.as_ref(), found.grant.as_slice());
                done(unlink(authority, &ada().id, links, ambient), |_| "not theirs")
            }
            Self::Introspect(token) => Decision::reply(Answer::Active(is_active(
                scene,
                token,
                found.grant.as_ref(),
                (found.user.as_ref(), found.now),
            ))),
            Self::Disable => done(disable_user(&ada().id, ambient.now), |never| match never {}),
            Self::Enable => done(enable_user(&ada().id), |never| match never {}),
            Self::Answer(choice) => answer(scene, (*choice, found.answered_before), ambient),
            Self::Again => again(scene, found.grant.as_ref(), ambient),
            Self::SignIn => {
                let user = found.user.as_ref();
                let request = SignIn { authority, user, password_fits: true, previous: None };
                with(finish(&request, ambient), Answer::Cookie, |refused| refused.reason())
            }
            Self::Arrive { .. } | Self::Connect { .. } | Self::Disconnect(_) => {
                self.decide_elsewhere(scene, found, ambient)
            }
            Self::SignOut(_) => match &found.session {
                Some(session) => done(sign_out(authority, session, ambient.now), |never| match never {}),
                None => Decision::refuse("no session"),
            },
            Self::Edit(color) => {
                let Some(user) = &found.user else { return Decision::refuse("nobody") };
                let edits = BTreeMap::from([("favoriteColor".to_owned(), (*color).to_owned())]);
                done(edit_profile(authority, &schema(), user, &edits, ambient.now), |_| "not editable")
            }
        }
    }

    /// What is decided on a provider's answer, and on the end of one's trust in it.
    fn decide_elsewhere(&self, scene: &Scene, found: &Found, ambient: &mut Ambient<'_>) -> Verdict {
        let connection = Connection { sign_up: false, ..corp() };
        match self {
            Self::Arrive { subject, state } => {
                let identity = elsewhere(subject);
                let answer = answer_of(scene, (&connection, &identity), (state, found));
                let user = found.user.as_ref();
                let remembered = Remembered { user, username_taken: false, schema: &[], previous: None };
                let decision = sign_in_upstream(&answer, &remembered, ambient);
                with(decision, |signed_in| Answer::Cookie(signed_in.cookie), |refused| refused.reason())
            }
            Self::Connect { subject, state } => {
                let identity = elsewhere(subject);
                let answer = answer_of(scene, (&connection, &identity), (state, found));
                let owner = found.identities.first().map(|known| &known.user);
                done(connect(&answer, owner, (&ada().id, 0), ambient.now), |refused| refused.reason())
            }
            Self::Disconnect(subject) => {
                let Some(user) = &found.user else { return Decision::refuse("nobody") };
                let key = (connection.issuer.as_str(), *subject);
                done(disconnect(user, key, &found.identities), |refused| refused.reason())
            }
            _ => Decision::refuse("not about that"),
        }
    }

    /// Whether a lost guard is an answer in itself; every other request is decided again.
    pub(crate) fn is_asked_once(&self) -> bool {
        matches!(self, Self::Disable | Self::Enable)
    }
}

/// What the provider says of somebody there.
fn elsewhere(subject: &str) -> UpstreamIdentity {
    UpstreamIdentity {
        issuer: corp().issuer,
        subject: subject.to_owned(),
        session: None,
        authenticated_at: None,
        email: None,
        email_verified: false,
        name: None,
        given_name: None,
        family_name: None,
    }
}

fn answer_of<'a>(
    scene: &'a Scene,
    (connection, identity): (&'a Connection, &'a UpstreamIdentity),
    (state, found): (&str, &Found),
) -> upstream::Answer<'a> {
    upstream::Answer {
        authority: &scene.authority,
        connection,
        identity,
        state: Digest::of(state.as_bytes()),
        state_expires_at: found.now + Lifetime::from_seconds(600),
        answered_before: found.answered_before,
    }
}

/// A refresh with this token on these records.
pub(crate) fn refresh_verdict(
    scene: &Scene,
    (presented, token): (&Secret, &RefreshToken),
    (grant, user): (Option<&Grant>, Option<&User>),
    ambient: &mut Ambient<'_>,
) -> Verdict {
    let request = Refresh {
        authority: &scene.authority,
        client: scene.authority.client(scene.client).unwrap(),
        presented,
        token: Some(token.clone()),
        grant: grant.cloned(),
        user: user.cloned(),
        wanted: Wanted::default(),
    };
    tokens(refresh(&request, &scene.sealer, ambient))
}

/// What introspection says of the token to the client that holds it.
pub(crate) fn is_active(
    scene: &Scene,
    token: &Identified,
    grant: Option<&Grant>,
    (user, now): (Option<&User>, Timestamp),
) -> bool {
    let caller = scene.authority.client(scene.client).unwrap();
    introspect(&Introspect { authority: &scene.authority, caller, token, grant, user }, now)["active"] == true
}

/// The refresh token as the authority recognises it.
pub(crate) fn recognised(sealer: &Sealer, token: &Secret) -> RefreshToken {
    recognise("wear", token, sealer).unwrap()
}

/// The same, read off a token that is known to be the authority's own.
pub(crate) fn read(token: &Secret) -> RefreshToken {
    let mut parts = token.expose().strip_prefix("srt_").unwrap().split('.');
    RefreshToken {
        grant: GrantId(parts.next().unwrap().to_owned()),
        generation: parts.next().unwrap().parse().unwrap(),
        digest: Digest::of(token.expose().as_bytes()),
    }
}

/// The reply's access token as it would be identified, without the time a signature takes.
pub(crate) fn identified(reply: &TokenReply) -> Identified {
    let claims = &reply.access_token.claims;
    Identified::Access(Arc::new(IssuedAccessToken {
        client: claims["client_id"].as_str().unwrap().to_owned(),
        audience: claims["aud"].as_str().unwrap().to_owned(),
        scopes: reply.scopes.clone(),
        expires_at: Timestamp::from_seconds(claims["exp"].as_i64().unwrap()),
        grant: sayso_authority::decide::access_token::grant_of(claims["jti"].as_str().unwrap()),
        claims: Map::new(),
    }))
}

/// The one consent form of the scene.
pub(crate) fn form() -> Digest {
    Digest::of(b"form")
}

fn wish(scene: &Scene) -> Wish<'_> {
    Wish {
        target: Target {
            authority: &scene.authority,
            client: scene.authority.client(scene.client).unwrap(),
            redirect_uri: scene.redirect_uri.to_owned(),
            state: None,
            mode: ResponseMode::Query,
        },
        api: &scene.authority.apis[0],
        scopes: vec!["read:whattowear".to_owned()],
        code_challenge: Some(crate::testing::CHALLENGE.to_owned()),
        nonce: None,
        terms: Terms::default(),
        pushed: None,
    }
}

/// The client asks once more for what this link allows.
fn again(scene: &Scene, link: Option<&Grant>, ambient: &mut Ambient<'_>) -> Verdict {
    let (session, user) = (crate::testing::session(30), ada());
    let signed_in = SignedIn { session: &session, user: &user, grants: link.map_or(&[], std::slice::from_ref) };
    with(consent_remembered(&wish(scene), signed_in, ambient), code_of, |_| "must ask")
}

fn answer(scene: &Scene, (choice, answered_before): (Choice, bool), ambient: &mut Ambient<'_>) -> Verdict {
    let wish = wish(scene);
    let (session, user) = (crate::testing::session(30), ada());
    let request = Consent {
        wish: &wish,
        signed_in: SignedIn { session: &session, user: &user, grants: &[] },
        choice,
        form: form(),
        form_expires_at: ambient.now + Lifetime::from_seconds(7200),
        answered_before,
    };
    with(consent(&request, ambient), code_of, |_| "answered before")
}

fn code_of(answer: ClientAnswer) -> Answer {
    match answer.url().split_once("code=") {
        Some((_, code)) => Answer::Code(Secret::new(code.split('&').next().unwrap())),
        None => Answer::Done,
    }
}

fn schema() -> [Attribute; 1] {
    [Attribute::text("favoriteColor", true, 40)]
}

fn with<T, R>(
    decision: Decision<T, R>,
    answer: impl FnOnce(T) -> Answer,
    reason: impl FnOnce(R) -> &'static str,
) -> Verdict {
    Decision { reply: decision.reply.map(answer).map_err(reason), changes: decision.changes, audit: decision.audit }
}

fn done<T, R>(decision: Decision<T, R>, reason: impl FnOnce(R) -> &'static str) -> Verdict {
    with(decision, |_| Answer::Done, reason)
}

fn tokens<R: Refusal>(decision: Decision<TokenReply, R>) -> Verdict {
    with(decision, |reply| Answer::Tokens(Box::new(reply)), |refused| refused.reason())
}
