//! How the dialog of a session goes on: what the skill is sent next, or what Alexa asks by itself.

use std::collections::BTreeMap;

use sayso_alexa::dialog::{Awaits, Dialog, Prompt, Step, Strategy, merge, settle, update};
use sayso_alexa::envelope::{ConfirmationStatus, DialogState, Intent, Slot};
use sayso_alexa::field::Field;
use sayso_alexa::interaction_model::{InteractionModel, Slot as Declared};
use sayso_alexa::response::DialogDirective;
use sayso_token::time::Timestamp;

use crate::understand::Eliciting;

/// The dialog under way: the intent so far, and what has just been asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Held {
    pub(crate) intent: Intent,
    pub(crate) awaits: Awaits,
    /// Whether Alexa asked, rather than the skill.
    pub(crate) by_alexa: bool,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Move {
    /// The skill is sent a `LaunchRequest`.
    Launch,
    /// The skill is told that a task it had started has ended.
    Resume(serde_json::Value),
    /// The skill is sent an `IntentRequest`; the state is there for intents with a dialog model.
    Intent(Box<Intent>, Option<DialogState>),
    /// Alexa asks by itself.
    Ask(Prompt, Box<Held>),
}

/// What the skill's directives lead to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Led {
    /// The next words answer this.
    Awaiting(Box<Held>),
    /// Alexa goes on at once.
    On(Move),
}

/// Amazon's words for a dialog directive of a skill, or for an intent, without a dialog model.
const NOT_CONFIGURED: &str = "The requested skill has not been configured to support dialogs yet. Please update the skill's configuration from the Developer Console";

/// The dialog model of one locale, at one moment.
#[derive(Clone, Copy)]
pub(crate) struct Course<'a> {
    pub(crate) dialog: &'a Dialog,
    pub(crate) model: &'a InteractionModel,
    pub(crate) now: Timestamp,
    /// Which variation of a prompt is said.
    pub(crate) variation: usize,
}

impl Held {
    /// The slot that is asked for, as the matcher has to know it.
    pub(crate) fn eliciting(&self) -> Option<Eliciting> {
        match &self.awaits {
            Awaits::Slot(slot) => {
                Some(Eliciting { intent: self.intent.name.text().unwrap_or_default().to_owned(), slot: slot.clone() })
            }
            Awaits::SlotConfirmation(_) | Awaits::IntentConfirmation => None,
        }
    }

    /// Whether a yes or a no is awaited.
    pub(crate) fn awaits_agreement(&self) -> bool {
        !matches!(self.awaits, Awaits::Slot(_))
    }
}

impl Course<'_> {
    /// An intent was heard; `held` is the dialog under way. Another intent than the one that is held ends that dialog.
    pub(crate) fn heard(&self, intent: Intent, held: Option<Held>) -> Move {
        match held {
            Some(mut held) if held.intent.name == intent.name => {
                merge(&mut held.intent, intent);
                self.answered(held)
            }
            _ => self.begun(intent),
        }
    }

    /// A yes or a no was heard.
    pub(crate) fn agreed(&self, mut held: Held, agreed: bool) -> Move {
        settle(&mut held.intent, &held.awaits, agreed);
        self.answered(held)
    }

    fn begun(&self, intent: Intent) -> Move {
        let rules = self.dialog.intent(intent.name.text().unwrap_or_default());
        match rules.map(|rules| rules.strategy) {
            None => Move::Intent(Box::new(intent), None),
            Some(Strategy::SkillResponse) => Move::Intent(Box::new(intent), Some(DialogState::Started)),
            Some(Strategy::Always) => self.lead(intent),
        }
    }

    fn answered(&self, held: Held) -> Move {
        let Held { intent, awaits, by_alexa } = held;
        let Some(rules) = self.dialog.intent(intent.name.text().unwrap_or_default()) else {
            return Move::Intent(Box::new(intent), None);
        };
        if rules.strategy == Strategy::Always {
            return self.lead(intent);
        }
        // What Alexa has asked for last completes the dialog; an answer to the skill's own question is the skill's to judge.
        let is_led = by_alexa || awaits == Awaits::IntentConfirmation;
        let is_complete = is_led && rules.next(&mut intent.clone(), self.now.millis()) == Step::Complete;
        let state = if is_complete { DialogState::Completed } else { DialogState::InProgress };
        Move::Intent(Box::new(intent), Some(state))
    }

    /// Alexa leads: it asks for what is open, and sends the skill the intent when nothing is.
    pub(crate) fn lead(&self, mut intent: Intent) -> Move {
        let Some(rules) = self.dialog.intent(intent.name.text().unwrap_or_default()) else {
            return Move::Intent(Box::new(intent), None);
        };
        // The prompt names what is wrong, so it is said of the intent as it was before a denied slot is emptied.
        let before = intent.clone();
        match rules.next(&mut intent, self.now.millis()) {
            Step::Complete => Move::Intent(Box::new(intent), Some(DialogState::Completed)),
            Step::Ask { awaits, prompt } => {
                let unworded = || Prompt { text: unworded(&awaits), is_ssml: false };
                let prompt = self.dialog.say(&prompt, self.variation, &before).unwrap_or_else(unworded);
                Move::Ask(prompt, Box::new(Held { intent, awaits, by_alexa: true }))
            }
        }
    }

    /// What a skill's dialog directive leads to; `sent` is what the skill was sent, when that was an intent.
    pub(crate) fn directed(
        &self,
        directive: DialogDirective,
        sent: Option<&(Intent, Option<DialogState>)>,
    ) -> Result<Led, String> {
        let (awaits, updated) = match directive {
            DialogDirective::Delegate { updated_intent } => (None, updated_intent),
            DialogDirective::ElicitSlot { slot_to_elicit, updated_intent } => {
                (Some(Awaits::Slot(slot_to_elicit)), updated_intent)
            }
            DialogDirective::ConfirmSlot { slot_to_confirm, updated_intent } => {
                (Some(Awaits::SlotConfirmation(slot_to_confirm)), updated_intent)
            }
            DialogDirective::ConfirmIntent { updated_intent } => (Some(Awaits::IntentConfirmation), updated_intent),
        };
        let (mut intent, state) = match (sent, &updated) {
            (Some((intent, state)), _) => (intent.clone(), *state),
            (None, Some(_)) => (Intent::default(), None),
            (None, None) => {
                return Err(
                    "A Dialog directive in answer to a request without an intent needs an updatedIntent.".into()
                );
            }
        };
        let before = intent.name.clone();
        if let Some(updated) = updated {
            update(&mut intent, *updated);
        }
        let is_same = intent.name == before;
        let name = intent.name.text().unwrap_or_default().to_owned();
        let Some(declared) = self.model.intent(&name).filter(|_| self.dialog.intent(&name).is_some()) else {
            return Err(NOT_CONFIGURED.into());
        };
        let has_slot = |slot: &str| declared.slots.iter().any(|one| one.name == slot);
        let named = intent.slots.known().into_iter().flat_map(|slots| slots.keys().map(String::as_str));
        let asked = match &awaits {
            Some(Awaits::Slot(slot) | Awaits::SlotConfirmation(slot)) => Some(slot.as_str()),
            _ => None,
        };
        if let Some(unknown) = named.chain(asked).find(|slot| !has_slot(slot)) {
            return Err(format!("The intent {name} has no slot {unknown:?}, which the Dialog directive names."));
        }
        with_all_slots(&mut intent, &declared.slots);
        match awaits {
            Some(awaits) => Ok(Led::Awaiting(Box::new(Held { intent, awaits, by_alexa: false }))),
            None if is_same && state == Some(DialogState::Completed) => {
                Err(format!("Dialog.Delegate cannot be used for {name}: its dialogState is COMPLETED already."))
            }
            None => Ok(Led::On(self.lead(intent))),
        }
    }
}

/// An intent carries all its slots, filled or not.
fn with_all_slots(intent: &mut Intent, declared: &[Declared]) {
    if intent.slots.known().is_none() && !declared.is_empty() {
        intent.slots = Field::Known(BTreeMap::new());
    }
    let Some(slots) = intent.slots.known_mut() else { return };
    for declared in declared {
        slots.entry(declared.name.clone()).or_insert_with(|| Slot {
            name: Field::Known(declared.name.clone()),
            confirmation_status: Field::Known(ConfirmationStatus::None),
            ..Slot::default()
        });
    }
}

/// What Alexa asks with when the model has no words for it.
fn unworded(awaits: &Awaits) -> String {
    match awaits {
        Awaits::Slot(slot) => format!("(The model has no prompt that asks for {slot}.)"),
        Awaits::SlotConfirmation(slot) => format!("(The model has no prompt that confirms {slot}.)"),
        Awaits::IntentConfirmation => "(The model has no prompt that confirms the intent.)".into(),
    }
}
