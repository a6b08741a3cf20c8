//! What a sentence that hardly belongs to the skill comes to: `AMAZON.FallbackIntent`, and how readily.

use sayso_alexa::interaction_model::InteractionModel;

use super::profile::{Listener, Understood};

/// How readily a sentence becomes the fallback (`fallbackIntentSensitivity`; Amazon gives the levels, not the rule behind them).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sensitivity {
    /// Only what fits nothing.
    Low,
    /// Also what has no word that the model knows.
    Medium,
    /// Also what has more words that the model does not know than words that it knows.
    High,
}

impl Sensitivity {
    /// As the model says; low unless it does.
    pub(super) fn of(model: &InteractionModel) -> Self {
        match model.fallback_sensitivity.as_deref() {
            Some("MEDIUM") => Self::Medium,
            Some("HIGH") => Self::High,
            _ => Self::Low,
        }
    }

    fn prefers_fallback(self, known: usize, unknown: usize) -> bool {
        match self {
            Self::Low => false,
            Self::Medium => known == 0,
            Self::High => unknown > known,
        }
    }
}

impl Listener {
    /// Whether a reading is given up for the fallback. Unknown are words in a slot of the skill's own type that are none of its values.
    pub(super) fn is_foreign(&self, sentence: &str, reading: &Understood) -> bool {
        let count = |text: &str| self.lexicon.words(text).len();
        let foreign =
            reading.slots.iter().filter(|slot| slot.resolution.as_ref().is_some_and(|found| found.is_empty()));
        let unknown: usize = foreign.filter_map(|slot| slot.words.as_deref()).map(count).sum();
        let known = count(sentence).saturating_sub(unknown);
        self.fallback.is_some_and(|sensitivity| sensitivity.prefers_fallback(known, unknown))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use sayso_alexa::interaction_model::InteractionModel;
    use sayso_token::time::Timestamp;

    use crate::understand::{Eliciting, Listener};

    const NOW: Timestamp = Timestamp::from_millis(1_715_774_400_000);

    fn listener(configuration: &str) -> Listener {
        let model = format!(
            r#"{{"languageModel": {{{configuration} "intents": [
                {{"name": "AMAZON.FallbackIntent", "samples": []}}, {{"name": "AMAZON.HelpIntent", "samples": []}},
                {{"name": "Order", "samples": ["order {{dish}}", "{{dish}}", "could you bring me the {{dish}}"],
                  "slots": [{{"name": "dish", "type": "Dish"}}]}}],
                "types": [{{"name": "Dish", "values": [{{"name": {{"value": "pizza"}}}}]}}]}}}}"#
        );
        Listener::new(&InteractionModel::parse(model.as_bytes()).unwrap(), "en-US")
    }

    #[test]
    fn the_more_sensitive_the_less_may_be_unknown() {
        let level = |level| {
            listener(&format!(r#""modelConfiguration": {{"fallbackIntentSensitivity": {{"level": "{level}"}}}},"#))
        };
        let heard = |listener: &Listener, said: &str, eliciting: Option<&Eliciting>| {
            listener.likeliest(&[said.to_owned()], eliciting, NOW).unwrap().intent
        };
        for (said, low, medium, high) in [
            ("order pizza", "Order", "Order", "Order"),
            ("pizza", "Order", "Order", "Order"),
            ("help", "AMAZON.HelpIntent", "AMAZON.HelpIntent", "AMAZON.HelpIntent"),
            ("could you bring me the green tea", "Order", "Order", "Order"),
            ("order green tea", "Order", "Order", "AMAZON.FallbackIntent"),
            ("tea", "Order", "AMAZON.FallbackIntent", "AMAZON.FallbackIntent"),
            ("how far is the moon", "AMAZON.FallbackIntent", "AMAZON.FallbackIntent", "AMAZON.FallbackIntent"),
        ] {
            let found = ["LOW", "MEDIUM", "HIGH"].map(|name| heard(&level(name), said, None));
            assert_eq!(found, [low, medium, high], "{said}");
            assert_eq!(heard(&listener(""), said, None), low, "{said}: low unless said otherwise");
        }
        // Who was asked may answer anything.
        let asked = Eliciting { intent: "Order".into(), slot: "dish".into() };
        assert_eq!(heard(&level("HIGH"), "green tea", Some(&asked)), "Order");
    }
}
