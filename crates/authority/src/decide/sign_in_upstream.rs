//! Whose account is it, when a provider says who somebody is there?
//!
//! An account is found by issuer and subject, and by nothing else: an e-mail address that is the same makes nobody the same
//! person, whoever has verified it (docs/decisions/0092-people-from-elsewhere.md).

use std::collections::BTreeMap;

use sayso_token::digest::Digest;
use sayso_token::encoding::base64url;
use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;

use super::sign_in::Begun;
use super::standard_claims::spellings;
use crate::ambient::{Ambient, Decision};
use crate::record::attribute::{Attribute, AttributeValue};
use crate::record::authority::Authority;
use crate::record::change::Change;
use crate::record::connection::Connection;
use crate::record::event::Event;
use crate::record::identity::{Identity, UpstreamIdentity};
use crate::record::session::{JoinedSession, UpstreamSession};
use crate::record::user::{User, UserId};

/// The kind under which answers of providers are remembered that were taken.
pub const ANSWER: &str = "connection answer";
/// The longest text that an account elsewhere is shown by.
const LONGEST_SHOWN: usize = 120;

/// Why nobody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The answer was taken before.
    AnsweredBefore,
    /// The account is disabled.
    Disabled,
    /// Nobody has connected this account elsewhere, and the connection makes no accounts.
    NotConnected,
    /// An account would be made, and another has its username.
    UsernameTaken,
}

impl Refused {
    /// The stable reason code.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::AnsweredBefore => "upstream_answered_before",
            Self::Disabled => "user_disabled",
            Self::NotConnected => "upstream_not_connected",
            Self::UsernameTaken => "username_taken",
        }
    }
}

/// The answer of a provider, all of it verified.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// Where somebody wants to come in.
    pub authority: &'a Authority,
    /// By which connection.
    pub connection: &'a Connection,
    /// Who the provider says they are.
    pub identity: &'a UpstreamIdentity,
    /// What tells this answer from all others: the digest of the request's `state`.
    pub state: Digest,
    /// Until when it could be brought again.
    pub state_expires_at: Timestamp,
    /// Whether it was brought before.
    pub answered_before: bool,
}

impl Answer<'_> {
    pub(super) fn spend(&self) -> Change {
        Change::SpendOnce { kind: ANSWER, value: self.state, expires_at: self.state_expires_at }
    }

    /// The identity, once it is known to be this user's.
    pub(super) fn identity_of(&self, user: &UserId, now: Timestamp) -> Identity {
        let UpstreamIdentity { issuer, subject, email, name, .. } = self.identity;
        let shown = email.as_ref().or(name.as_ref()).unwrap_or(subject);
        Identity {
            issuer: issuer.clone(),
            subject: subject.clone(),
            user: user.clone(),
            connection: self.connection.id.clone(),
            shown_as: shown.chars().take(LONGEST_SHOWN).collect(),
            connected_at: now,
        }
    }
}

/// What is remembered of the person whom the provider named.
#[derive(Clone, Copy, Debug)]
pub struct Remembered<'a> {
    /// Whose account it is.
    pub user: Option<&'a User>,
    /// Whether the username that a new account would get is another's ([`wanted_username`]).
    pub username_taken: bool,
    /// The profile schema, for a new account.
    pub schema: &'a [Attribute],
    /// The session this browser had before.
    pub previous: Option<&'a JoinedSession>,
}

/// Who is signed in now.
#[derive(Debug)]
pub struct SignedIn {
    /// The value of the session's cookie.
    pub cookie: Secret,
    /// Whose session it is.
    pub user: User,
}

/// Decides a sign-in by a provider.
pub fn sign_in_upstream(
    answer: &Answer<'_>,
    remembered: &Remembered<'_>,
    ambient: &mut Ambient<'_>,
) -> Decision<SignedIn, Refused> {
    if answer.answered_before {
        return Decision::refuse(Refused::AnsweredBefore);
    }
    let (user, made) = match remembered.user {
        Some(user) if user.disabled_at.is_some() => return failed(answer, Refused::Disabled, Some(&user.id)),
        Some(user) => (user.clone(), None),
        None if !answer.connection.sign_up => return failed(answer, Refused::NotConnected, None),
        None if remembered.username_taken => return failed(answer, Refused::UsernameTaken, None),
        None => {
            let user = new_user(answer, remembered.schema, ambient);
            let identity = answer.identity_of(&user.id, ambient.now);
            (user.clone(), Some([Change::AddUser(user), Change::AddIdentity(identity)]))
        }
    };
    let event = |event: Event| event.user(&user.id.0).detail("connection", answer.connection.id.as_str());
    let added = made.is_some().then(|| event(Event::of_directory("user_added")));
    // Who signed in there an hour ago has not done so now.
    let signed_in_at = answer.identity.authenticated_at.unwrap_or(ambient.now).min(ambient.now);
    let upstream = UpstreamSession {
        connection: answer.connection.id.clone(),
        subject: answer.identity.subject.clone(),
        session: answer.identity.session.clone(),
    };
    let authority = answer.authority;
    let begun = Begun { authority, user: &user.id, previous: remembered.previous, upstream: Some(upstream) };
    let (cookie, changes) = begun.session(signed_in_at, ambient);
    let signed_in = event(Event::new("signed_in", &authority.id));
    let decision = Decision::reply(SignedIn { cookie, user }).change(answer.spend());
    let decision = made.into_iter().flatten().chain(changes).fold(decision, Decision::change);
    added.into_iter().chain([signed_in]).fold(decision, Decision::event)
}

fn failed(answer: &Answer<'_>, refused: Refused, user: Option<&UserId>) -> Decision<SignedIn, Refused> {
    let mut event = Event::new("sign_in_failed", &answer.authority.id)
        .detail("reason", refused.reason())
        .detail("connection", answer.connection.id.as_str());
    if let Some(user) = user {
        event = event.user(&user.0);
    }
    Decision::refuse(refused).change(answer.spend()).event(event)
}

/// The username that a new account would have: the verified address where the connection is for some domains only, whose owner the
/// provider then speaks for. Anywhere else one is made up that nobody could want, for a provider may call anybody anything.
pub fn wanted_username(connection: &Connection, identity: &UpstreamIdentity) -> Option<String> {
    let speaks = identity.email_verified && !connection.email_domains.is_empty();
    identity.email.as_deref().filter(|_| speaks).map(User::canonical)
}

fn new_user(answer: &Answer<'_>, schema: &[Attribute], ambient: &mut Ambient<'_>) -> User {
    User {
        id: UserId(format!("usr_{}", base64url(&ambient.entropy.bytes::<32>()))),
        username: wanted_username(answer.connection, answer.identity).unwrap_or_else(|| {
            let made_up = ambient.entropy.bytes::<10>().map(|byte| format!("{byte:02x}")).concat();
            format!("{}:{made_up}", answer.connection.id)
        }),
        password_hash: Secret::new(""),
        attributes: profile(answer.identity, schema),
        groups: Vec::new(),
        version: 0,
        created_at: ambient.now,
        updated_at: None,
        disabled_at: None,
    }
}

/// What a new account begins with: what the provider tells, where the schema has a place for it and takes the value. An address
/// that the provider has not verified is anybody's, and is left out.
fn profile(identity: &UpstreamIdentity, schema: &[Attribute]) -> BTreeMap<String, AttributeValue> {
    let verified = identity.email.as_deref().filter(|_| identity.email_verified);
    let told = [
        ("email", verified),
        ("email_verified", verified.map(|_| "true")),
        ("name", identity.name.as_deref()),
        ("given_name", identity.given_name.as_deref()),
        ("family_name", identity.family_name.as_deref()),
    ];
    let kept = told.into_iter().filter_map(|(claim, value)| {
        let names = spellings(claim);
        let rule = schema.iter().find(|rule| names.contains(&rule.name))?;
        Some((rule.name.clone(), rule.read(value?).ok()??))
    });
    kept.collect()
}

#[cfg(test)]
mod tests;
