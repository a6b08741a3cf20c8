//! What a handler, or a route of an API, demands before it is run.

use sayso_token::guard::Requirements;
use sayso_token::time::Lifetime;

/// What the access token must allow, and how surely the speaker must be known.
///
/// ```
/// use sayso_skill::{Requirement, scope};
///
/// let read = scope("read:whattowear");
/// let pay = scope("pay").person_only().confidence(400).live();
/// # let _ = (read, pay);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    scopes: Vec<String>,
    whose: Option<Whose>,
    confidence: Option<Confidence>,
    is_live: bool,
    acr_values: Vec<String>,
    max_age: Option<Lifetime>,
}

/// Whose token is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The account's, which a household shares.
    Household,
    /// The recognised person's own where there is one, the account's otherwise.
    PersonFirst,
    /// The recognised person's own and no other.
    PersonOnly,
}

/// How surely the speaker must be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Confidence {
    pub(crate) level: i64,
    /// Whether Alexa is told to ask for the spoken PIN when the level is lower.
    pub(crate) asks_pin: bool,
}

/// A linked account whose link grants this scope: short for [`Requirement::scope`].
#[must_use]
pub fn scope(scope: impl Into<String>) -> Requirement {
    Requirement::scope(scope)
}

/// A linked account, whatever its scopes: short for [`Requirement::linked_account`].
#[must_use]
pub fn linked_account() -> Requirement {
    Requirement::linked_account()
}

impl Requirement {
    /// A linked account, whatever its scopes.
    #[must_use]
    pub fn linked_account() -> Self {
        Self::default()
    }

    /// A linked account whose link grants this scope.
    #[must_use]
    pub fn scope(scope: impl Into<String>) -> Self {
        Self::default().and_scope(scope)
    }

    /// This scope as well.
    #[must_use]
    pub fn and_scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Looks at the recognised person's own token where there is one, and at the account's otherwise.
    #[must_use]
    pub fn person_first(mut self) -> Self {
        self.whose = Some(Whose::PersonFirst);
        self
    }

    /// Looks at the recognised person's own token only; the account's, which a household shares, does not suffice.
    #[must_use]
    pub fn person_only(mut self) -> Self {
        self.whose = Some(Whose::PersonOnly);
        self
    }

    /// Demands that Alexa knows the speaker at least this surely: `person.authenticationConfidenceLevel`, where 300 is a
    /// recognised voice and 400 a spoken PIN. A voice alone identifies, it does not authenticate: for money use 400.
    #[must_use]
    pub fn confidence(mut self, level: i64) -> Self {
        self.confidence = Some(Confidence { level, asks_pin: false });
        self
    }

    /// As [`Self::confidence`], and where the speaker is known less surely, Alexa is told to ask for the PIN of their
    /// profile. The answer comes as a `SessionResumedRequest` in the same session, with its attributes but without the intent and its
    /// slots: it is answered by [`crate::On::resumed`] with the intent's name, which demands the same again. A PIN that was not given
    /// does not lead to another question. The skill needs the permission `alexa::authenticate:2:mandatory` or `:optional`.
    ///
    /// ```
    /// use sayso_skill::{Answer, HandlerError, HandlerInput, On, SkillBuilder, scope};
    ///
    /// async fn pay(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    ///     Ok(input.respond().speak(format!("{} pays.", input.verified_token()?.subject)).end_session())
    /// }
    ///
    /// fn paying(skill: SkillBuilder) -> SkillBuilder {
    ///     let payer = || scope("pay").person_only().confidence_or_ask_pin(400);
    ///     skill.on(On::intent("PayIntent").requires(payer()), pay).on(On::resumed("PayIntent").requires(payer()), pay)
    /// }
    /// ```
    #[must_use]
    pub fn confidence_or_ask_pin(mut self, level: i64) -> Self {
        self.confidence = Some(Confidence { level, asks_pin: true });
        self
    }

    /// Demands that the authority is asked at this very moment, even by a guard that otherwise checks locally: a token that
    /// was revoked a second ago is refused, and no kept answer is used. The guard must be able to ask.
    #[must_use]
    pub fn live(mut self) -> Self {
        self.is_live = true;
        self
    }

    /// Demands that the person signed in in one of these ways (`acr`, RFC 9470). The API layer answers with a challenge for
    /// them; a skill cannot, and asks to link again.
    #[must_use]
    pub fn acr_values(mut self, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.acr_values = values.into_iter().map(Into::into).collect();
        self
    }

    /// Demands that the person signed in at most so many seconds ago (`auth_time`, RFC 9470).
    #[must_use]
    pub fn max_age_seconds(mut self, seconds: u32) -> Self {
        self.max_age = Some(Lifetime::from_seconds(seconds));
        self
    }

    /// What the guard demands anyway, and this on top of it.
    pub(crate) fn on_top_of(&self, base: &Requirements) -> Requirements {
        let mut want = self.scopes.iter().fold(base.clone(), |want, scope| want.scope(scope));
        if !self.acr_values.is_empty() {
            want = want.acr_values(&self.acr_values);
        }
        match self.max_age {
            Some(age) => want.max_age(age),
            None => want,
        }
    }

    pub(crate) fn whose(&self) -> Option<Whose> {
        self.whose
    }

    pub(crate) fn confidence_demanded(&self) -> Option<Confidence> {
        self.confidence
    }

    pub(crate) fn is_live(&self) -> bool {
        self.is_live
    }

    #[cfg(feature = "layer")]
    pub(crate) fn challenge(&self) -> sayso_token::guard::challenge::Challenge {
        sayso_token::guard::challenge::Challenge {
            scopes: self.scopes.clone(),
            acr_values: self.acr_values.clone(),
            max_age: self.max_age,
            ..Default::default()
        }
    }
}
