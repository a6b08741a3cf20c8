//! Other ways to write down what was heard. Alexa hears words, not their writing: "e two" is "e2", "twenty nineteen" is
//! "2019", "to-do" is "todo"; and words of courtesy belong to no sample.

use super::invocation::courtesy;
use super::lexicon::Lexicon;
use super::numbers::in_whole_numbers;
use super::words::Word;

/// One way to write a sentence down.
pub(crate) struct Spelling {
    /// Its words; each says where in the sentence it stands.
    pub(crate) words: Vec<Word>,
    /// How far it is from what was typed.
    pub(crate) cost: u32,
    /// Whether words were left out, which may as well have been meant.
    pub(crate) is_shortened: bool,
}

const RESPELLED: u32 = 1;
const WITHOUT_COURTESY: u32 = 2;
/// A longer word is not cut in two, which bounds the work for one that somebody made up.
const LONGEST_CUT: usize = 40;

impl Lexicon {
    /// The ways to write `text` down, the nearest to what was typed first.
    pub(crate) fn spellings(&self, text: &str, words: Vec<Word>) -> Vec<Spelling> {
        let respelled = self.respelled(text, &words);
        let bare = courtesy(&words, &self.locale);
        let bare_respelled = bare.and_then(|bare| self.respelled(text, bare));
        let spelling = |words, cost| Spelling { words, cost, is_shortened: cost >= WITHOUT_COURTESY };
        let others = [
            respelled.map(|words| spelling(words, RESPELLED)),
            bare.map(|words| spelling(words.to_vec(), WITHOUT_COURTESY)),
            bare_respelled.map(|words| spelling(words, WITHOUT_COURTESY + RESPELLED)),
        ];
        std::iter::once(spelling(words, 0)).chain(others.into_iter().flatten()).collect()
    }

    /// The words written as the model writes them; nothing when they are already.
    fn respelled(&self, text: &str, words: &[Word]) -> Option<Vec<Word>> {
        let numbered = match self.has_digits {
            true => in_whole_numbers(text, words, &self.locale, |digits| self.knows(digits)),
            false => None,
        };
        let source = numbered.as_deref().unwrap_or(words);
        let mut found: Vec<Word> = Vec::with_capacity(source.len());
        let (mut at, mut is_changed) = (0, numbered.is_some());
        while let Some(word) = source.get(at) {
            if let Some(joined) = source.get(at + 1).and_then(|next| self.joined_to(word, next)) {
                found.push(joined);
                (at, is_changed) = (at + 2, true);
                continue;
            }
            match self.cut(word) {
                Some(parts) => {
                    found.extend(parts);
                    is_changed = true;
                }
                None => found.push(word.clone()),
            }
            at += 1;
        }
        is_changed.then_some(found)
    }

    /// Two words that the model writes as one, where it does not know them both, or has letters and digits together.
    fn joined_to(&self, word: &Word, next: &Word) -> Option<Word> {
        if word.is_sign || next.is_sign {
            return None;
        }
        let is_digit = |word: &Word| word.folded.chars().all(|c| c.is_ascii_digit());
        let is_letter = |word: &Word| word.folded.chars().count() == 1 && !is_digit(word);
        let is_code = (is_letter(word) && is_digit(next)) || (is_digit(word) && is_letter(next));
        if !is_code && self.knows(&word.folded) && self.knows(&next.folded) {
            return None;
        }
        let folded = format!("{}{}", word.folded, next.folded);
        self.knows(&folded).then_some(Word { folded, start: word.start, end: next.end, is_sign: false })
    }

    /// A word that the model writes as two, perhaps with an apostrophe: "wakeup", "lheure", "heavens cuisine".
    fn cut(&self, word: &Word) -> Option<[Word; 2]> {
        let is_plain = word.end - word.start == word.folded.len();
        if word.is_sign || !is_plain || word.folded.len() > LONGEST_CUT || self.knows(&word.folded) {
            return None;
        }
        let is_plural = self.knows_some_form(&word.folded);
        let part = |folded: String, start: usize, end: usize| Word { folded, start, end, is_sign: false };
        (1..word.folded.len()).rev().find_map(|at| {
            let (first, rest) = word.folded.split_at_checked(at)?;
            let (elided, ending) = (format!("{first}'"), format!("'{rest}"));
            let (first, rest) = match () {
                () if self.knows_in_a_row(first, &ending) => (first, ending.as_str()),
                () if is_plural => return None,
                () if self.knows_in_a_row(first, rest) => (first, rest),
                () if self.knows_in_a_row(&elided, rest) => (elided.as_str(), rest),
                () => return None,
            };
            let middle = word.start + at;
            Some([part(first.to_owned(), word.start, middle), part(rest.to_owned(), middle, word.end)])
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use sayso_alexa::interaction_model::InteractionModel;
    use sayso_token::time::Timestamp;

    use crate::understand::{Eliciting, Listener};

    const NOW: Timestamp = Timestamp::from_millis(1_715_774_400_000);

    fn listener(locale: &str, intents: &str, types: &str) -> Listener {
        let model = format!(r#"{{"languageModel": {{"intents": [{intents}], "types": [{types}]}}}}"#);
        Listener::new(&InteractionModel::parse(model.as_bytes()).unwrap(), locale)
    }

    /// The intent, and its filled slots with the first value that each resolves to.
    fn heard(listener: &Listener, said: &str, eliciting: Option<&Eliciting>) -> String {
        let Some(found) = listener.understand(said, eliciting, NOW) else { return String::new() };
        let slots = found.slots.iter().filter_map(|slot| {
            let name = slot.resolution.as_ref().and_then(|one| one.values.first()).map(|value| value.name.as_str());
            Some(format!(" {}={}", slot.value.as_deref()?, name.unwrap_or("?")))
        });
        std::iter::once(found.intent.clone()).chain(slots).collect()
    }

    #[test]
    fn the_writing_of_a_sample_or_value_does_not_matter() {
        let garage = listener(
            "en-US",
            r#"{"name": "Add", "samples": ["note a todo"]},
               {"name": "Play", "samples": ["play channel nine", "wake up", "play mine"]},
               {"name": "Find", "samples": ["find {car}", "the farmer's wife"], "slots": [{"name": "car", "type": "Car"}]}"#,
            r#"{"name": "Car", "values": [{"name": {"value": "X five"}}, {"name": {"value": "e2"}}, {"name": {"value": "channel23"}},
               {"name": {"value": "model 1960"}}, {"name": {"value": "three hundred"}}, {"name": {"value": "roadster"}}]}"#,
        );
        for (said, expected) in [
            ("note a to-do", "Add"),
            ("play channel 9", "Play"),
            ("wakeup", "Play"),
            ("the farmers wife", "Find"),
            ("find x5", "Find x5=X five"),
            ("find X 5", "Find X 5=X five"),
            ("find e two", "Find e two=e2"),
            ("find e 2", "Find e 2=e2"),
            ("find channel twenty three", "Find channel twenty three=channel23"),
            ("find model nineteen sixty", "Find model nineteen sixty=model 1960"),
            ("find 300", "Find 300=three hundred"),
            ("find road ster", "Find road ster=roadster"),
            // What the model writes in no other way stays as it is said.
            ("find model 7", "Find model 7=?"),
            ("find fortytwo", "Find fortytwo=?"),
            // Both of its parts are words of the model, but not one behind the other.
            ("find minenine", "Find minenine=?"),
        ] {
            assert_eq!(heard(&garage, said, None), expected, "{said}");
        }
    }

    #[test]
    fn british_and_american_spellings_sound_the_same() {
        let paint = listener(
            "en-GB",
            r#"{"name": "Paint", "samples": ["paint it in my favourite color", "use {color}"],
                "slots": [{"name": "color", "type": "Color"}]}"#,
            r#"{"name": "Color", "values": [{"name": {"value": "grey"}}, {"name": {"value": "gray blue"}}]}"#,
        );
        for (said, expected) in [
            ("paint it in my favorite colour", "Paint"),
            ("paint it in my favourite colours", "Paint"),
            ("use gray", "Paint gray=grey"),
            ("use grey blue", "Paint grey blue=gray blue"),
        ] {
            assert_eq!(heard(&paint, said, None), expected, "{said}");
        }
    }

    #[test]
    fn an_apostrophe_may_be_left_out_in_french() {
        let clock = listener("fr-FR", r#"{"name": "Hour", "samples": ["donne l'heure", "c'est quoi"]}"#, "");
        for said in ["donne lheure", "cest quoi", "c’est quoi"] {
            assert_eq!(heard(&clock, said, None), "Hour", "{said}");
        }
    }

    #[test]
    fn words_of_courtesy_belong_to_no_sample() {
        for (locale, sample, said) in [
            ("en-US", "book a room", "could you please book a room"),
            ("en-US", "book a room", "book a room, thanks"),
            ("de-DE", "buche ein Zimmer", "kannst du bitte buche ein Zimmer"),
            ("fr-FR", "réserve une chambre", "réserve une chambre s'il te plaît"),
            ("es-ES", "reserva una sala", "por favor reserva una sala"),
            ("it-IT", "prenota una sala", "prenota una sala, per favore"),
            ("pt-BR", "reserve uma sala", "reserve uma sala por favor"),
            ("ja-JP", "部屋を予約して", "部屋を予約してください"),
        ] {
            let rooms = listener(locale, &format!(r#"{{"name": "Book", "samples": ["{sample}"]}}"#), "");
            assert_eq!(heard(&rooms, said, None), "Book", "{locale}: {said}");
        }
        let pizza = listener(
            "en-US",
            r#"{"name": "Order", "samples": ["order {dish}", "{dish}"], "slots": [{"name": "dish", "type": "Dish"}]},
               {"name": "Post", "samples": ["post {text}"], "slots": [{"name": "text", "type": "AMAZON.SearchQuery"}]},
               {"name": "Count", "samples": ["{many}"], "slots": [{"name": "many", "type": "AMAZON.NUMBER"}]},
               {"name": "Thank", "samples": ["thanks", "no thanks"]}"#,
            r#"{"name": "Dish", "values": [{"name": {"value": "margherita"}}]}"#,
        );
        let asked = Eliciting { intent: "Post".into(), slot: "text".into() };
        for (said, eliciting, expected) in [
            ("order margherita please", None, "Order margherita=margherita"),
            ("margherita please", None, "Order margherita=margherita"),
            ("five please", None, "Count 5=?"),
            // Without them it would be a dish that nobody knows.
            ("could you dance", None, ""),
            ("no thanks", None, "Thank"),
            // A text is passed on as it is spoken.
            ("post see you thanks", None, "Post see you thanks=?"),
            ("please call me back before lunch", Some(&asked), "Post please call me back before lunch=?"),
        ] {
            assert_eq!(heard(&pizza, said, eliciting), expected, "{said}");
        }
    }

    #[test]
    fn the_forms_of_small_words_are_the_same_to_a_listener() {
        let of = r#"{"name": "About", "samples": ["SAMPLE"], "slots": [{"name": "what", "type": "What"}]}"#;
        for (locale, sample, said) in [
            ("de-DE", "erzähl von {what}", "erzähle vom Mond"),
            ("de-DE", "Spiele etwas von {what}", "spiel etwas vom Mond"),
            ("fr-FR", "parle de {what}", "parle du mond"),
            ("es-ES", "habla de {what}", "habla del mond"),
            ("it-IT", "parlami di {what}", "parlami della mond"),
            ("it-IT", "cosa metto nel {what}", "cosa metto nella mond"),
            ("pt-BR", "fala de {what}", "fala da mond"),
            ("ja-JP", "{what}を教えて", "mondは教えて"),
            ("ja-JP", "{what} を教えて", "mond 教えて"),
        ] {
            let about = listener(
                locale,
                &of.replace("SAMPLE", sample),
                r#"{"name": "What", "values": [{"name": {"value": "mond"}}]}"#,
            );
            let found = heard(&about, said, None);
            assert_eq!(found.to_lowercase(), "about mond=mond", "{locale}: {said}");
        }
    }

    #[test]
    fn a_bare_slot_with_a_value_nobody_knows_is_the_last_resort() {
        let talk = listener(
            "en-US",
            r#"{"name": "Name", "samples": ["{who}"], "slots": [{"name": "who", "type": "AMAZON.Person"}]},
               {"name": "Define", "samples": ["what means {term}"], "slots": [{"name": "term", "type": "AMAZON.SearchQuery"}]}"#,
            "",
        );
        let said = ["means entropy".to_owned(), "what means entropy".to_owned()];
        assert_eq!(talk.likeliest(&said, None, NOW).unwrap().intent, "Define");
        assert_eq!(heard(&talk, "Grace Hopper", None), "Name Grace Hopper=?");
        assert_eq!(heard(&talk, "tell me about Grace Hopper", None), "");
        // A literal of the old format may stand alone, and takes anything.
        let ask = r#"{"name": "Ask", "samples": ["{how high is it|Query}"], "slots": [{"name": "Query", "type": "AMAZON.LITERAL"}]},
                     {"name": "AMAZON.StopIntent"}"#;
        let literal = listener("en-US", ask, "");
        assert_eq!(heard(&literal, "who painted the mona lisa", None), "Ask who painted the mona lisa=?");
        assert_eq!(heard(&literal, "stop", None), "AMAZON.StopIntent");
    }

    #[test]
    fn a_word_of_any_length_is_heard_without_trouble() {
        let rooms = listener("en-US", r#"{"name": "Book", "samples": ["book a room"]}"#, "");
        assert_eq!(heard(&rooms, &"a".repeat(100_000), None), "");
        assert_eq!(heard(&rooms, &"please ".repeat(5_000), None), "");
    }
}
