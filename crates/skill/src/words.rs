//! What the SDK itself says, in the languages that it speaks.
//!
//! A skill that says more, or in more languages, sets [`crate::SkillBuilder::refusal_words`] and adds an [`crate::ErrorHandler`].

use crate::handler::Failure;
use crate::refusal::Refusal;

/// A language that the SDK speaks by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    German,
}

impl Language {
    /// That of a request's locale; English where it is none of these.
    pub(crate) fn of(locale: Option<&str>) -> Self {
        let language = locale.unwrap_or_default().split('-').next().unwrap_or_default();
        if language.eq_ignore_ascii_case("de") { Self::German } else { Self::English }
    }
}

/// Why the account may not be used, and what to do.
pub(crate) fn refusal(refusal: Refusal, language: Language) -> &'static str {
    match language {
        Language::English => match refusal {
            Refusal::NotLinked => {
                "To answer that, I need to know who you are. \
                 Please link your account: I have sent a card to your Alexa app."
            }
            Refusal::NotAccepted => {
                "I cannot use your linked account for that. \
                 Please link it again: I have sent a card to your Alexa app."
            }
            Refusal::NotAllowed => {
                "Your linked account may not do that. \
                 You can link another one with the card in your Alexa app."
            }
            Refusal::Unavailable => {
                "I cannot check your account right now. Please try again in a moment. \
                 If that does not help, link your account again with the card in your Alexa app."
            }
            Refusal::NotConfirmed => {
                "For that, I need to be sure that it is you. \
                 Please set up your voice profile and its PIN in the Alexa app, and ask again."
            }
        },
        Language::German => match refusal {
            Refusal::NotLinked => {
                "Dafür muss ich wissen, wer du bist. \
                 Bitte verknüpfe dein Konto: Ich habe dir eine Karte in die Alexa-App geschickt."
            }
            Refusal::NotAccepted => {
                "Mit deinem verknüpften Konto geht das nicht. \
                 Bitte verknüpfe es noch einmal: Ich habe dir eine Karte in die Alexa-App geschickt."
            }
            Refusal::NotAllowed => {
                "Dein verknüpftes Konto darf das nicht. \
                 Mit der Karte in deiner Alexa-App kannst du ein anderes verknüpfen."
            }
            Refusal::Unavailable => {
                "Ich kann dein Konto gerade nicht prüfen. Bitte versuche es gleich noch einmal. \
                 Wenn das nicht hilft, verknüpfe dein Konto noch einmal mit der Karte in deiner Alexa-App."
            }
            Refusal::NotConfirmed => {
                "Dafür muss ich sicher sein, dass du es bist. \
                 Bitte richte in der Alexa-App dein Stimmprofil und seine PIN ein, und frage dann noch einmal."
            }
        },
    }
}

/// What is said when no handler and no error handler has answered.
pub(crate) fn apology(failure: &Failure, language: Language) -> &'static str {
    match (language, failure) {
        (Language::English, Failure::NoHandler) => "Sorry, I cannot help with that.",
        (Language::English, Failure::TooLate) => "Sorry, that takes too long right now. Please try again later.",
        (Language::English, Failure::Handler(_) | Failure::Panicked | Failure::Refused(_)) => {
            "Sorry, something went wrong. Please try again later."
        }
        (Language::German, Failure::NoHandler) => "Dabei kann ich leider nicht helfen.",
        (Language::German, Failure::TooLate) => {
            "Das dauert gerade leider zu lange. Bitte versuche es später noch einmal."
        }
        (Language::German, Failure::Handler(_) | Failure::Panicked | Failure::Refused(_)) => {
            "Da ist leider etwas schiefgegangen. Bitte versuche es später noch einmal."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_first_part_of_the_tag() {
        for (locale, language) in [
            (Some("de-DE"), Language::German),
            (Some("DE"), Language::German),
            (Some("de-AT-1996"), Language::German),
            (Some("den"), Language::English),
            (Some("en-US"), Language::English),
            (Some("ja-JP"), Language::English),
            (Some(""), Language::English),
            (None, Language::English),
        ] {
            assert_eq!(Language::of(locale), language, "{locale:?}");
        }
    }
}
