//! How a dialog goes on: what is asked next, and what an answer changes.

use super::{DialogIntent, DialogSlot};
use crate::envelope::{ConfirmationStatus, Intent, Slot, SlotValue};
use crate::field::Field;

/// What Alexa or the skill has just asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Awaits {
    /// A value for this slot.
    Slot(String),
    /// Whether this slot is right.
    SlotConfirmation(String),
    /// Whether all is right.
    IntentConfirmation,
}

/// What is to be done next in a dialog that Alexa leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask.
    Ask {
        /// What for.
        awaits: Awaits,
        /// Id of the prompt.
        prompt: String,
    },
    /// Nothing is open: the dialog is `COMPLETED`.
    Complete,
}

impl DialogIntent {
    /// The next step for `intent` as it is held; `now` in milliseconds since 1970. A slot the person has denied is emptied
    /// and asked for again.
    ///
    /// The order is the model's: each slot is asked for, then judged, then confirmed, before the next one; last the whole.
    pub fn next(&self, intent: &mut Intent, now: i64) -> Step {
        for rules in &self.slots {
            if let Some(step) = rules.next(intent, now) {
                return step;
            }
        }
        match (&self.confirmation, intent.confirmation_status.known()) {
            (Some(prompt), None | Some(ConfirmationStatus::None)) => {
                Step::Ask { awaits: Awaits::IntentConfirmation, prompt: prompt.clone() }
            }
            _ => Step::Complete,
        }
    }
}

impl DialogSlot {
    fn next(&self, intent: &mut Intent, now: i64) -> Option<Step> {
        let slots = intent.slots.known_mut();
        let mut slot = slots.and_then(|slots| slots.get_mut(&self.name));
        if let Some(slot) = slot.as_deref_mut()
            && status(slot) == ConfirmationStatus::Denied
        {
            *slot = empty(&self.name);
        }
        let elicit = |prompt: &str| Step::Ask { awaits: Awaits::Slot(self.name.clone()), prompt: prompt.to_owned() };
        let Some(slot) = slot.filter(|slot| is_filled(slot)) else {
            return self.elicitation.as_deref().map(elicit);
        };
        let values = each_value(slot);
        let broken = self.validations.iter().find(|one| !values.iter().all(|value| one.rule.holds(value, now)));
        if let Some(broken) = broken {
            return Some(elicit(&broken.prompt));
        }
        match &self.confirmation {
            Some(prompt) if status(slot) == ConfirmationStatus::None => {
                Some(Step::Ask { awaits: Awaits::SlotConfirmation(self.name.clone()), prompt: prompt.clone() })
            }
            _ => None,
        }
    }
}

fn status(slot: &Slot) -> ConfirmationStatus {
    slot.confirmation_status.known().copied().unwrap_or(ConfirmationStatus::None)
}

fn empty(name: &str) -> Slot {
    Slot {
        name: Field::Known(name.to_owned()),
        confirmation_status: Field::Known(ConfirmationStatus::None),
        ..Slot::default()
    }
}

fn is_filled(slot: &Slot) -> bool {
    slot.value().is_some_and(|value| !value.is_empty())
        || matches!(slot.slot_value.known(), Some(SlotValue::List { .. }))
}

/// The slot once for each of its values.
fn each_value(slot: &Slot) -> Vec<Slot> {
    let Some(SlotValue::List { values, .. }) = slot.slot_value.known() else { return vec![slot.clone()] };
    let single = values.known().into_iter().flatten().filter_map(|value| match value {
        SlotValue::Simple { value, resolutions, .. } => {
            Some(Slot { value: value.clone(), resolutions: resolutions.clone(), ..Slot::default() })
        }
        SlotValue::List { .. } => None,
    });
    single.collect()
}

/// What the slot holds, as it is said in a prompt.
pub(super) fn spoken_value(slot: &Slot) -> String {
    let values = each_value(slot);
    let said: Vec<&str> = values.iter().filter_map(Slot::value).collect();
    match said.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => said.concat(),
    }
}

/// Takes what was just heard for the same intent into the one that is held. Slots that were heard replace what they held.
pub fn merge(held: &mut Intent, heard: Intent) {
    let Field::Known(heard) = heard.slots else { return };
    let Some(slots) = held.slots.known_mut() else {
        held.slots = Field::Known(heard);
        return;
    };
    for (name, slot) in heard {
        if is_filled(&slot) || !slots.contains_key(&name) {
            slots.insert(name, slot);
        }
    }
}

/// Takes a yes or a no into the intent that is held.
pub fn settle(held: &mut Intent, awaits: &Awaits, agreed: bool) {
    let status = Field::Known(if agreed { ConfirmationStatus::Confirmed } else { ConfirmationStatus::Denied });
    match awaits {
        Awaits::IntentConfirmation => held.confirmation_status = status,
        Awaits::SlotConfirmation(name) => {
            if let Some(slot) = held.slots.known_mut().and_then(|slots| slots.get_mut(name)) {
                slot.confirmation_status = status;
            }
        }
        Awaits::Slot(_) => {}
    }
}

/// Takes a skill's `updatedIntent` into the intent that is held. The slots it names are as it says, the others stay; another
/// intent takes the place of the old one.
pub fn update(held: &mut Intent, updated: Intent) {
    if held.name != updated.name {
        *held = updated;
    } else {
        if !updated.confirmation_status.says_nothing() {
            held.confirmation_status = updated.confirmation_status;
        }
        if let Field::Known(changed) = updated.slots {
            match held.slots.known_mut() {
                Some(slots) => slots.extend(changed),
                None => held.slots = Field::Known(changed),
            }
        }
    }
    for (name, slot) in held.slots.known_mut().into_iter().flatten() {
        if slot.name.says_nothing() {
            slot.name = Field::Known(name.clone());
        }
        if slot.confirmation_status.says_nothing() {
            slot.confirmation_status = Field::Known(ConfirmationStatus::None);
        }
    }
    if held.confirmation_status.says_nothing() {
        held.confirmation_status = Field::Known(ConfirmationStatus::None);
    }
}
