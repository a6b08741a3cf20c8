//! A yes or a no to a question, whether or not the model has intents for them.

use super::built_in;
use super::invocation::without_wake_word;
use super::profile::Listener;
use super::words::Word;

impl Listener {
    /// Whether `sentence` says yes or no: one of Amazon's phrases for it, or a sample of the skill's for the built-in intent.
    pub fn agrees(&self, sentence: &str) -> Option<bool> {
        let said = self.lexicon.words(without_wake_word(sentence).unwrap_or(sentence));
        let folded = |words: &[Word]| words.iter().map(|word| word.folded.clone()).collect::<Vec<_>>();
        let said = folded(&said);
        let is_one_of = |name: &str| {
            let intent = self.lexicon.intents.iter().find(|intent| intent.name.strip_prefix("AMAZON.") == Some(name));
            let own = intent.map(|intent| intent.samples.iter().map(String::as_str)).into_iter().flatten();
            let is_said = |phrase: &str| folded(&self.lexicon.words(phrase)) == said;
            !said.is_empty() && (built_in::phrases(name, self.locale()).any(is_said) || { own }.any(is_said))
        };
        [("YesIntent", true), ("NoIntent", false)].into_iter().find(|(name, _)| is_one_of(name)).map(|(_, yes)| yes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sayso_alexa::interaction_model::InteractionModel;

    #[test]
    fn yes_and_no_are_heard_in_every_language() {
        for (locale, sentence, agreed) in [
            ("en-US", "Yes, please!", Some(true)),
            ("en-US", "alexa, nope", Some(false)),
            ("en-US", "perhaps", None),
            ("en-US", "", None),
            ("de-DE", "Ja bitte.", Some(true)),
            ("de-DE", "nein", Some(false)),
            ("fr-FR", "d'accord", Some(true)),
            ("ja-JP", "はい", Some(true)),
        ] {
            assert_eq!(
                Listener::new(&InteractionModel::default(), locale).agrees(sentence),
                agreed,
                "{locale} {sentence}"
            );
        }
    }
}
