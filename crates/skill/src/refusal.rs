//! What is said when the account may not be used. The reason stays in the log; these words give nothing away.

use sayso_alexa::response::Connection;
use sayso_token::guard::Reason;

use crate::answer::{Answer, Speech};
use crate::input::HandlerInput;
use crate::requirement::{Confidence, Requirement};
use crate::words::{self, Language};

/// The kinds of refusal a person can do something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No account is linked.
    NotLinked,
    /// The link does not open this: expired, revoked, another API's, or without the scope.
    NotAccepted,
    /// The account is known, but may not do this.
    NotAllowed,
    /// The authority could not be asked.
    Unavailable,
    /// Alexa does not know surely enough who speaks.
    NotConfirmed,
}

impl Refusal {
    pub(crate) fn of(reason: Reason) -> Self {
        match reason {
            Reason::User => Self::NotAllowed,
            Reason::IntrospectionFailed | Reason::KeysUnavailable => Self::Unavailable,
            _ => Self::NotAccepted,
        }
    }

    /// The words for it, in English.
    #[must_use]
    pub fn words(self) -> &'static str {
        words::refusal(self, Language::English)
    }

    /// The words for it in the language of a request's locale: German for `de-…`, else English.
    #[must_use]
    pub fn words_in(self, locale: Option<&str>) -> &'static str {
        words::refusal(self, Language::of(locale))
    }

    /// Speech and a LinkAccount card; the session ends, because linking happens in the app. Who is not known surely enough
    /// is asked for the PIN, if the handler says so, and told to otherwise: linking again would not help. After a PIN nobody is asked for
    /// another one.
    pub(crate) fn answer(self, words: Speech, requirement: &Requirement, input: &HandlerInput) -> Answer {
        match (self, requirement.confidence_demanded()) {
            (Self::NotConfirmed, Some(Confidence { level, asks_pin: true }))
                if !input.is_type("SessionResumedRequest") =>
            {
                let asked = input.intent().and_then(|intent| intent.name.text());
                let asked = asked.or_else(|| input.envelope().request_type()).unwrap_or_default();
                Answer::new().directive(Connection::verify_person(level).token(asked))
            }
            (Self::NotConfirmed, _) => Answer::new().speak(words).end_session(),
            _ => Answer::new().speak(words).link_account_card().end_session(),
        }
    }
}
