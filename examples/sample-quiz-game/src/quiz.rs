//! A very small quiz: what is remembered between two turns, and how a slot is read.

use sayso_skill::{Answer, Handler, HandlerError, HandlerInput, async_trait};

/// Of a rainbow's colors, a hexagon's sides, a violin's strings and a spider's legs. The questions are in the texts.
const ANSWERS: [u64; 4] = [7, 6, 4, 8];

/// Where the session remembers which question was asked. The attributes travel through Alexa and back with each turn;
/// the skill itself keeps nothing.
const ASKED: &str = "asked";

/// "Start a quiz."
pub struct Ask;

#[async_trait]
impl Handler for Ask {
    fn can_handle(&self, input: &HandlerInput) -> bool {
        input.is_intent("QuizIntent")
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        ask(input, "question", (0, 0))
    }
}

/// "The answer is seven." Only while a question is open.
pub struct Judge;

#[async_trait]
impl Handler for Judge {
    fn can_handle(&self, input: &HandlerInput) -> bool {
        input.is_intent("AnswerIntent") && asked(input).is_some()
    }

    async fn handle(&self, input: &mut HandlerInput) -> Result<Answer, HandlerError> {
        let Some((number, right)) = asked(input) else { return ask(input, "question", (0, 0)) };
        // An AMAZON.NUMBER slot brings digits; "?" when Alexa heard something that is no number; nothing when empty.
        let Some(said) = input.slot_value("Number").and_then(|value| value.parse::<u64>().ok()) else {
            return ask(input, "no-number", (number, right));
        };
        let verdict = if said == right { "right" } else { "wrong" };
        if number + 1 < ANSWERS.len() {
            return ask(input, verdict, (number + 1, right));
        }
        input.session_attributes_mut().remove(ASKED);
        let speech = input.text_with(&format!("last-{verdict}"), [("right", right.into())])?;
        Ok(input.respond().speak(speech).end_session())
    }
}

/// Says `text`, which ends with the question of this number, and remembers that it was asked; `right` is the answer to the one
/// before. A reprompt keeps the session open for the answer.
fn ask(input: &mut HandlerInput, text: &str, (number, right): (usize, u64)) -> Result<Answer, HandlerError> {
    let speech = input.text_with(text, [("number", number.into()), ("right", right.into())])?;
    let question = input.text_with("question", [("number", number.into())])?;
    input.session_attributes_mut().insert(ASKED.to_owned(), number.into());
    Ok(input.respond().speak(speech).reprompt(question))
}

/// The number of the open question, and its answer. What comes back through the session is checked like any other input.
fn asked(input: &HandlerInput) -> Option<(usize, u64)> {
    let number = usize::try_from(input.session_attributes().get(ASKED)?.as_u64()?).ok()?;
    Some((number, *ANSWERS.get(number)?))
}
