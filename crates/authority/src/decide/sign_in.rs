//! Is this the person they say they are?

use sayso_token::digest::Digest;
use sayso_token::secret::Secret;

use super::sign_out::replaced;
use crate::ambient::{Ambient, Decision};
use crate::record::authority::Authority;
use crate::record::change::Change;
use crate::record::event::Event;
use crate::record::session::{JoinedSession, SESSION_LIFETIME, Session};
use crate::record::user::User;

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
    NeedsPassword { stored: user.map(|user| &user.password_hash) }
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
    let cookie = Secret::new(ambient.entropy.token());
    let digest = Digest::of(cookie.expose().as_bytes());
    let previous = request.previous.as_ref().filter(|ended| ended.session.authority == request.authority.id);
    let same = previous.filter(|ended| ended.session.user == user.id && ended.session.expires_at > ambient.now);
    let session = Session {
        sid: same.map_or_else(|| Session::sid_of(&digest), |ended| ended.session.sid.clone()),
        digest,
        authority: request.authority.id.clone(),
        user: user.id.clone(),
        signed_in_at: ambient.now,
        expires_at: ambient.now + SESSION_LIFETIME,
    };
    let decision = Decision::reply(cookie)
        .change(Change::AddSession(session))
        .event(Event::new("signed_in", &request.authority.id).user(&user.id.0));
    let ended = previous.map(|ended| replaced(request.authority, ended, &user.id, ambient.now));
    ended.into_iter().flatten().fold(decision, Decision::change)
}

#[cfg(test)]
mod tests;
