//! What is said when the account may not be used. The reason stays in the log; these words give nothing away.

use sayso_alexa::response::Connection;
use sayso_token::guard::Reason;

use crate::answer::{Answer, Speech};
use crate::requirement::{Confidence, Requirement};

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

    /// The English words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NotLinked => {
                "To answer that, I need to know who you are. \
                 Please link your account: I have sent a card to your Alexa app."
            }
            Self::NotAccepted => {
                "I cannot use your linked account for that. \
                 Please link it again: I have sent a card to your Alexa app."
            }
            Self::NotAllowed => {
                "Your linked account may not do that. \
                 You can link another one with the card in your Alexa app."
            }
            Self::Unavailable => {
                "I cannot check your account right now. Please try again in a moment. \
                 If that does not help, link your account again with the card in your Alexa app."
            }
            Self::NotConfirmed => {
                "For that, I need to be sure that it is you. \
                 Please set up your voice profile and its PIN in the Alexa app, and ask again."
            }
        }
    }

    /// Speech and a LinkAccount card; the session ends, because linking happens in the app. Who is not known surely enough
    /// is asked for the PIN, if the handler says so, and told to otherwise: linking again would not help.
    pub(crate) fn answer(self, words: Speech, requirement: &Requirement) -> Answer {
        match (self, requirement.confidence_demanded()) {
            (Self::NotConfirmed, Some(Confidence { level, asks_pin: true })) => {
                Answer::new().directive(Connection::verify_person(level))
            }
            (Self::NotConfirmed, _) => Answer::new().speak(words).end_session(),
            _ => Answer::new().speak(words).link_account_card().end_session(),
        }
    }
}
