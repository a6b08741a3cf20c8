//! Is this the person they say they are?

use sayso_token::digest::Digest;
use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;

use super::sign_out::replaced;
use crate::ambient::{Ambient, Decision};
use crate::record::authority::Authority;
use crate::record::change::Change;
use crate::record::event::Event;
use crate::record::session::{JoinedSession, SESSION_LIFETIME, Session, UpstreamSession};
use crate::record::user::{User, UserId};

/// Why nobody is signed in. The person hears the same for each: whether an account exists is nobody's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The account is disabled.
    Disabled,
    /// No such account.
    UnknownUser,
    /// Not their password.
    WrongPassword,
}

impl Refused {
    /// The stable reason code, for the log only.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Disabled => "user_disabled",
            Self::UnknownUser => "user_unknown",
            Self::WrongPassword => "password_wrong",
        }
    }
}

/// What has to be found out before [`finish`]: whether the offered password fits this hash. With `None` the same work
/// is done on a dummy, so that time tells nothing either.
#[derive(Debug)]
pub struct NeedsPassword<'a> {
    /// The stored hash, if there is such an account.
    pub stored: Option<&'a Secret>,
}

/// Asks for the fact that a sign-in rests on.
pub fn begin(user: Option<&User>) -> NeedsPassword<'_> {
    NeedsPassword { stored: user.filter(|user| user.has_password()).map(|user| &user.password_hash) }
}

/// A sign-in with the fact it asked for.
#[derive(Debug)]
pub struct SignIn<'a> {
    /// Where.
    pub authority: &'a Authority,
    /// Who, if there is such an account.
    pub user: Option<&'a User>,
    /// Whether the password fits.
    pub password_fits: bool,
    /// The session this browser had before at this authority; it ends, so that no one who knew its cookie is signed in now.
    pub previous: Option<JoinedSession>,
}

/// Decides a sign-in; the reply is the value of the new session's cookie.
pub fn finish(request: &SignIn<'_>, ambient: &mut Ambient<'_>) -> Decision<Secret, Refused> {
    let failed = |refused: Refused| {
        let mut event = Event::new("sign_in_failed", &request.authority.id).detail("reason", refused.reason());
        if let Some(user) = request.user {
            event = event.user(&user.id.0);
        }
        Decision::refuse(refused).event(event)
    };
    let Some(user) = request.user else {
        return failed(Refused::UnknownUser);
    };
    if !request.password_fits {
        return failed(Refused::WrongPassword);
    }
    if user.disabled_at.is_some() {
        return failed(Refused::Disabled);
    }
    let begun =
        Begun { authority: request.authority, user: &user.id, previous: request.previous.as_ref(), upstream: None };
    let (cookie, changes) = begun.session(ambient.now, ambient);
    let event = Event::new("signed_in", &request.authority.id).user(&user.id.0);
    changes.into_iter().fold(Decision::reply(cookie), Decision::change).event(event)
}

/// A session that begins in a browser.
pub(super) struct Begun<'a> {
    pub(super) authority: &'a Authority,
    pub(super) user: &'a UserId,
    /// The one that ends with it.
    pub(super) previous: Option<&'a JoinedSession>,
    /// Where they signed in, if not here.
    pub(super) upstream: Option<UpstreamSession>,
}

impl Begun<'_> {
    /// The value of its cookie, and what changes. Clients know it by the name that they knew the one before by, if that was the
    /// same person's.
    pub(super) fn session(self, signed_in_at: Timestamp, ambient: &mut Ambient<'_>) -> (Secret, Vec<Change>) {
        let Self { authority, user, previous, upstream } = self;
        let cookie = Secret::new(ambient.entropy.token());
        let digest = Digest::of(cookie.expose().as_bytes());
        let previous = previous.filter(|ended| ended.session.authority == authority.id);
        let same = previous.filter(|ended| ended.session.user == *user && ended.session.expires_at > ambient.now);
        let session = Session {
            sid: same.map_or_else(|| Session::sid_of(&digest), |ended| ended.session.sid.clone()),
            digest,
            authority: authority.id.clone(),
            user: user.clone(),
            signed_in_at,
            expires_at: ambient.now + SESSION_LIFETIME,
            upstream,
        };
        let ended = previous.map(|ended| replaced(authority, ended, user, ambient.now));
        let changes = std::iter::once(Change::AddSession(session)).chain(ended.into_iter().flatten());
        (cookie, changes.collect())
    }
}

#[cfg(test)]
mod tests;
