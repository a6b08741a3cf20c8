//! The line form of the Alexa cookbook's TestFlow: one request a line, nothing expected.

use super::{Script, ScriptedDialog, ScriptedStep, utterance};

/// `~ user` begins another dialog, `@ -3h` moves its clock, `end` ends the file, `#` is a remark.
pub(super) fn parse(text: &str) -> Script {
    let mut dialogs = vec![ScriptedDialog { name: "dialog".into(), ..ScriptedDialog::default() }];
    for line in text.lines().map(str::trim) {
        let line = line.strip_prefix("? ").unwrap_or(line).trim();
        if line.eq_ignore_ascii_case("end") {
            break;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(user) = line.strip_prefix('~') {
            dialogs.push(ScriptedDialog { name: format!("user {}", user.trim()), ..ScriptedDialog::default() });
            continue;
        }
        let Some(dialog) = dialogs.last_mut() else { continue };
        if line.starts_with('@') {
            dialog.skipped = Some("it moves its tool's own clock (@)".into());
            continue;
        }
        dialog.steps.push(ScriptedStep { utterance: utterance(line), fault: None, expected: Vec::new() });
    }
    dialogs.retain(|dialog| !dialog.steps.is_empty());
    Script { locale: None, dialogs }
}
