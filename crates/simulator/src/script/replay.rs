//! The replay file of the official command line tool: `{"skillId", "locale", "type": "text", "userInput": […]}`.

use serde::{Deserialize, Serialize};

use super::{Script, ScriptFault, ScriptedDialog, ScriptedStep, utterance};

/// A recorded conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Replay {
    /// The skill it was recorded with.
    pub skill_id: String,
    /// The locale it was spoken in.
    pub locale: String,
    /// How it was said; only `text` exists.
    #[serde(rename = "type")]
    pub kind: String,
    /// What was said, in order. A line that begins with a dot is an order to the tool.
    pub user_input: Vec<String>,
}

impl Replay {
    /// Reads a replay file, as strictly as the official tool.
    ///
    /// # Errors
    /// The line, and what is wrong in it.
    pub fn parse(bytes: &[u8]) -> Result<Self, ScriptFault> {
        let replay: Self = serde_json::from_slice(bytes).map_err(|error| ScriptFault {
            line: error.line().max(1),
            what: format!("this is no replay file: {error}"),
        })?;
        let fault = |what: &str| Err(ScriptFault { line: 1, what: what.to_owned() });
        if replay.skill_id.trim().is_empty() {
            return fault("\"skillId\" is empty; write the skill's id");
        }
        if replay.locale.trim().is_empty() {
            return fault("\"locale\" is empty; write en-US or the like");
        }
        if replay.user_input.is_empty() || replay.user_input.iter().any(|said| said.trim().is_empty()) {
            return fault("\"userInput\" holds nothing, or an empty text; write what is said");
        }
        Ok(replay)
    }

    /// As a script that expects nothing. Orders to the tool are left out.
    pub fn script(&self) -> Script {
        let said = self.user_input.iter().filter(|said| !said.starts_with('.'));
        let steps =
            said.map(|said| ScriptedStep { utterance: utterance(said), fault: None, expected: Vec::new() }).collect();
        let dialog = ScriptedDialog { name: "replay".into(), skipped: None, steps };
        Script { locale: Some(self.locale.clone()), dialogs: vec![dialog] }
    }
}
