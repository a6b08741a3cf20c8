//! The directives of an answer: which there may be, and what those of the dialog interface mean.

use sayso_alexa::interaction_model::SlotType;
use sayso_alexa::response::DialogDirective;
use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::kind;

/// How the types of directives begin that Alexa has ("Directives" of the request and response reference).
const FAMILIES: [&str; 14] = [
    "Dialog.",
    "Connections.",
    "Tasks.",
    "AudioPlayer.",
    "VideoApp.",
    "Display.",
    "Alexa.",
    "GadgetController.",
    "GameEngine.",
    "CustomInterfaceController.",
    "Navigation.",
    "Conversations.",
    "Messaging.",
    "Hint",
];

/// Whether a directive of this type carries a dialog on.
pub(super) fn is_dialog(kind: &str) -> bool {
    matches!(kind, "Dialog.Delegate" | "Dialog.ElicitSlot" | "Dialog.ConfirmSlot" | "Dialog.ConfirmIntent")
}

/// The list of directives.
pub(super) fn read(response: &Map<String, Value>) -> Result<Vec<Value>, String> {
    let directives = match response.get("directives") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(directives)) => directives,
        Some(_) => return Err("The field \"directives\" must be a list.".into()),
    };
    if directives.iter().any(|directive| kind(directive).is_empty()) {
        return Err("A directive has no type.".into());
    }
    let is_unknown = |kind: &&str| !FAMILIES.iter().any(|family| kind.starts_with(family));
    let unknown: Vec<&str> = directives.iter().map(kind).filter(is_unknown).collect();
    if !unknown.is_empty() {
        return Err(format!("The following directives are not supported: {}", unknown.join(", ")));
    }
    Ok(directives.clone())
}

/// The one directive by which the dialog goes on.
pub(super) fn dialog(directives: &[Value]) -> Result<Option<DialogDirective>, String> {
    let mut found = directives.iter().filter(|directive| is_dialog(kind(directive)));
    let Some(first) = found.next() else { return Ok(None) };
    if found.next().is_some() {
        return Err("There is more than one Dialog directive that carries the dialog on.".into());
    }
    let read = DialogDirective::deserialize(first);
    read.map(Some).map_err(|error| format!("The directive {} cannot be read: {error}.", kind(first)))
}

/// What the skill adds to its types for this session.
pub(super) fn entities(directives: &[Value]) -> Result<Option<Vec<SlotType>>, String> {
    let Some(update) = directives.iter().rfind(|one| kind(one) == "Dialog.UpdateDynamicEntities") else {
        return Ok(None);
    };
    match update.get("updateBehavior").and_then(Value::as_str) {
        Some("CLEAR") => Ok(Some(Vec::new())),
        Some("REPLACE") => {
            let types = update.get("types").cloned().unwrap_or_else(|| Value::Array(Vec::new()));
            let read = serde_json::from_value::<Vec<SlotType>>(types);
            read.map(Some)
                .map_err(|error| format!("The types of Dialog.UpdateDynamicEntities cannot be read: {error}."))
        }
        _ => Err("The updateBehavior of Dialog.UpdateDynamicEntities must be REPLACE or CLEAR.".into()),
    }
}
