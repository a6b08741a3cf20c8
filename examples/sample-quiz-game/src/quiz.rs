//! A very small quiz: what is remembered between two turns, and how a slot is read.

use sayso_skill::{Answer, Handler, HandlerError, HandlerInput, async_trait};

const QUESTIONS: [(&str, u64); 4] = [
    ("How many colors has a rainbow?", 7),
    ("How many sides has a hexagon?", 6),
    ("How many strings has a violin?", 4),
    ("How many legs has a spider?", 8),
];

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
        Ok(ask(input, "", 0))
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
        let Some((number, (question, right))) = asked(input) else {
            return Ok(ask(input, "", 0));
        };
        // An AMAZON.NUMBER slot brings digits; "?" when Alexa heard something that is no number; nothing when empty.
        let Some(said) = input.slot_value("Number").and_then(|value| value.parse::<u64>().ok()) else {
            return Ok(input.respond().speak(format!("I did not hear a number. {question}")).reprompt(question));
        };
        let verdict = if said == right { "That is right! ".to_owned() } else { format!("No, the answer is {right}. ") };
        if number + 1 < QUESTIONS.len() {
            return Ok(ask(input, &verdict, number + 1));
        }
        input.session_attributes_mut().remove(ASKED);
        Ok(input.respond().speak(format!("{verdict}That was the last question. Thank you for playing!")).end_session())
    }
}

/// Asks a question and remembers that it did. A reprompt keeps the session open for the answer.
fn ask(input: &mut HandlerInput, before: &str, number: usize) -> Answer {
    let Some((question, _)) = QUESTIONS.get(number) else {
        return input.respond().end_session();
    };
    input.session_attributes_mut().insert(ASKED.to_owned(), number.into());
    input.respond().speak(format!("{before}{question}")).reprompt(*question)
}

/// The open question. What comes back through the session is checked like any other input.
fn asked(input: &HandlerInput) -> Option<(usize, (&'static str, u64))> {
    let number = usize::try_from(input.session_attributes().get(ASKED)?.as_u64()?).ok()?;
    Some((number, *QUESTIONS.get(number)?))
}
