//! Whether a request is meant for this skill, and speaks of one account only.

use crate::envelope::{Application, RequestEnvelope, User};
use crate::field::Field;

/// Why a request is not this skill's to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddresseeRefused {
    /// `context.System.application.applicationId` is missing.
    #[error("the context names no skill")]
    NoSkillInContext,
    /// There is a session without `application.applicationId`.
    #[error("the session names no skill")]
    NoSkillInSession,
    /// The context names another skill.
    #[error("the context names another skill")]
    OtherSkillInContext,
    /// The session names another skill.
    #[error("the session names another skill")]
    OtherSkillInSession,
    /// Session and context speak of different users.
    #[error("session and context name different users")]
    UsersDiffer,
    /// Session and context carry different access tokens.
    #[error("session and context carry different access tokens")]
    AccessTokensDiffer,
}

impl AddresseeRefused {
    /// The stable reason code.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::NoSkillInContext => "no_skill_in_context",
            Self::NoSkillInSession => "no_skill_in_session",
            Self::OtherSkillInContext => "other_skill_in_context",
            Self::OtherSkillInSession => "other_skill_in_session",
            Self::UsersDiffer => "users_differ",
            Self::AccessTokensDiffer => "access_tokens_differ",
        }
    }
}

/// Checks the skill id: in the context always, in the session whenever there is one.
///
/// # Errors
/// An id is missing or another one's.
pub fn check_skill(envelope: &RequestEnvelope, skill_id: &str) -> Result<(), AddresseeRefused> {
    let in_context = envelope.system().and_then(|system| skill_of(&system.application));
    match in_context {
        None => return Err(AddresseeRefused::NoSkillInContext),
        Some(id) if id != skill_id => return Err(AddresseeRefused::OtherSkillInContext),
        Some(_) => {}
    }
    if envelope.session.says_nothing() {
        return Ok(());
    }
    match envelope.session.known().and_then(|session| skill_of(&session.application)) {
        None => Err(AddresseeRefused::NoSkillInSession),
        Some(id) if id != skill_id => Err(AddresseeRefused::OtherSkillInSession),
        Some(_) => Ok(()),
    }
}

/// Checks that session and context, where both speak of the account, say the same.
///
/// Alexa writes the account into both. A request in which they differ was put together by someone who hopes that one
/// place is checked and the other used.
///
/// # Errors
/// User ids or access tokens differ.
pub fn check_account(envelope: &RequestEnvelope) -> Result<(), AddresseeRefused> {
    let in_session = envelope.session.known().map(|session| &session.user);
    let in_context = envelope.system().map(|system| &system.user);
    let (Some(Field::Known(session)), Some(Field::Known(context))) = (in_session, in_context) else {
        return Ok(());
    };
    if differ(session, context, |user| &user.user_id) {
        return Err(AddresseeRefused::UsersDiffer);
    }
    if differ(session, context, |user| &user.access_token) {
        return Err(AddresseeRefused::AccessTokensDiffer);
    }
    Ok(())
}

fn skill_of(application: &Field<Application>) -> Option<&str> {
    application.known()?.application_id.text()
}

fn differ<T: PartialEq>(one: &User, other: &User, member: impl Fn(&User) -> &Field<T>) -> bool {
    let (one, other) = (member(one), member(other));
    !one.says_nothing() && !other.says_nothing() && one != other
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn envelope(value: Value) -> RequestEnvelope {
        serde_json::from_value(value).unwrap()
    }

    fn with_ids(session: Value, context: Value) -> RequestEnvelope {
        envelope(json!({
            "session": {"application": {"applicationId": session}},
            "context": {"System": {"application": {"applicationId": context}}},
        }))
    }

    #[test]
    fn both_places_must_name_this_skill() {
        use AddresseeRefused::*;
        for (envelope, expected) in [
            (with_ids(json!("ours"), json!("ours")), Ok(())),
            (with_ids(json!("ours"), json!("theirs")), Err(OtherSkillInContext)),
            (with_ids(json!("theirs"), json!("ours")), Err(OtherSkillInSession)),
            (with_ids(json!("theirs"), json!("theirs")), Err(OtherSkillInContext)),
            (with_ids(json!(null), json!("ours")), Err(NoSkillInSession)),
            (with_ids(json!("ours"), json!(null)), Err(NoSkillInContext)),
            (with_ids(json!(["ours"]), json!("ours")), Err(NoSkillInSession)),
            (with_ids(json!("OURS"), json!("ours")), Err(OtherSkillInSession)),
            (with_ids(json!("ours"), json!("ours ")), Err(OtherSkillInContext)),
        ] {
            assert_eq!(check_skill(&envelope, "ours"), expected);
        }
    }

    #[test]
    fn a_request_outside_a_session_is_judged_by_its_context() {
        use AddresseeRefused::*;
        let context = json!({"System": {"application": {"applicationId": "ours"}}});
        for (value, expected) in [
            (json!({"context": context}), Ok(())),
            (json!({"context": context, "session": null}), Ok(())),
            (json!({"context": context, "session": {}}), Err(NoSkillInSession)),
            (json!({"context": context, "session": "x"}), Err(NoSkillInSession)),
            (json!({"session": {"application": {"applicationId": "ours"}}}), Err(NoSkillInContext)),
            (json!({}), Err(NoSkillInContext)),
        ] {
            assert_eq!(check_skill(&envelope(value.clone()), "ours"), expected, "{value}");
        }
    }

    /// ALX-010: session and context name one.
    #[test]
    fn two_different_accounts_are_refused() {
        use AddresseeRefused::*;
        for (session, context, expected) in [
            (json!({"userId": "a", "accessToken": "t"}), json!({"userId": "a", "accessToken": "t"}), Ok(())),
            (json!({"userId": "a"}), json!({"userId": "b"}), Err(UsersDiffer)),
            (
                json!({"userId": "a", "accessToken": "t"}),
                json!({"userId": "a", "accessToken": "u"}),
                Err(AccessTokensDiffer),
            ),
            (json!({"accessToken": "t"}), json!({"accessToken": ["t"]}), Err(AccessTokensDiffer)),
            (json!({"userId": "a", "accessToken": null}), json!({"userId": "a", "accessToken": "t"}), Ok(())),
            (json!({"userId": "a"}), json!({}), Ok(())),
        ] {
            let envelope = envelope(json!({"session": {"user": session}, "context": {"System": {"user": context}}}));
            assert_eq!(check_account(&envelope), expected);
        }
    }
}
