//! What directives make the device do and show, in words: enough to see what a person would see.

use serde_json::Value;

/// Lines of a screen that are shown.
const MOST_LINES: usize = 8;
/// Signs of a line.
const LONGEST_LINE: usize = 120;

/// What the device does.
pub(crate) fn does(directive: &Value) -> String {
    let text = |place: &str| directive.pointer(place).and_then(Value::as_str).unwrap_or_default();
    let kind = text("/type");
    match kind {
        "AudioPlayer.Play" => {
            let from = directive.pointer("/audioItem/stream/offsetInMilliseconds").and_then(Value::as_u64).unwrap_or(0);
            format!("Plays {} from {} s on.", text("/audioItem/stream/url"), from / 1_000)
        }
        "AudioPlayer.Stop" => "Stops the music.".into(),
        "AudioPlayer.ClearQueue" => "Clears the queue of the music.".into(),
        "VideoApp.Launch" => format!("Plays the video {}.", text("/videoItem/source")),
        "Hint" => format!("Shows the hint: try “{}”.", text("/hint/text")),
        "Dialog.Delegate" => "Alexa asks what comes next in the dialog.".into(),
        "Dialog.ElicitSlot" => format!("Waits for the slot {}.", text("/slotToElicit")),
        "Dialog.ConfirmSlot" => format!("Waits for a yes or no to the slot {}.", text("/slotToConfirm")),
        "Dialog.ConfirmIntent" => "Waits for a yes or no to the whole.".into(),
        "Dialog.UpdateDynamicEntities" => "Knows other values of slots for this session.".into(),
        "Connections.StartConnection" => format!("Hands over to {}.", text("/uri")),
        "Connections.SendRequest" => format!("Hands over to {}.", text("/name")),
        "Tasks.CompleteTask" => "Ends the task it was asked for.".into(),
        _ if kind.ends_with("RenderDocument") || kind == "Display.RenderTemplate" => {
            "Shows something on the screen.".into()
        }
        _ => format!("Does {kind}."),
    }
}

/// The texts that a screen shows, as far as they stand in the directive.
pub(crate) fn shows(directive: &Value) -> Vec<String> {
    let kind = directive.get("type").and_then(Value::as_str).unwrap_or_default();
    let mut lines = Vec::new();
    if kind == "Alexa.Presentation.APL.RenderDocument" || kind == "Display.RenderTemplate" {
        let sources = directive.get("datasources").unwrap_or(&Value::Null);
        for place in ["/document/mainTemplate", "/template"] {
            collect(directive.pointer(place).unwrap_or(&Value::Null), sources, &mut lines);
        }
        // A document that is kept elsewhere has its words in the data.
        if lines.is_empty() {
            collect(sources, sources, &mut lines);
        }
    }
    lines.truncate(MOST_LINES);
    lines
}

/// The words of a document, in their order.
fn collect(value: &Value, sources: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, sources, lines)),
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(text) if is_text(name) => lines.extend(line(text, sources)),
                    _ => collect(member, sources, lines),
                }
            }
        }
        _ => {}
    }
}

fn is_text(name: &str) -> bool {
    matches!(
        name,
        "text" | "title" | "primaryText" | "secondaryText" | "headerTitle" | "bodyText" | "hintText" | "subtitle"
    )
}

/// A text, or what a plain binding such as `${payload.quiz.title}` stands for.
fn line(text: &str, sources: &Value) -> Option<String> {
    let bound = text.trim().strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let text = match bound {
        Some(path) => {
            let found = path.split('.').skip(1).try_fold(sources, |value, step| value.get(step))?;
            found.as_str()?.to_owned()
        }
        None => text.to_owned(),
    };
    let text: String = crate::speech::plain(&text).chars().take(LONGEST_LINE).collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_screen_says_is_read_out_of_the_document() {
        let render = json!({"type": "Alexa.Presentation.APL.RenderDocument", "document": {"mainTemplate": {"items": [
            {"type": "Text", "text": "${payload.quiz.title}"}, {"type": "Text", "text": "Pick <b>one</b>"},
            {"type": "Text", "text": "${payload.nothing.there}"}]}}, "datasources": {"quiz": {"title": "Colors"}}});
        assert_eq!(shows(&render), ["Colors", "Pick one"]);
        let kept = json!({"type": "Alexa.Presentation.APL.RenderDocument", "document": {"type": "Link", "src": "doc://x"},
            "datasources": {"quiz": {"title": "Colors", "size": 3}}});
        assert_eq!(shows(&kept), ["Colors"]);
        let template = json!({"type": "Display.RenderTemplate", "template": {"title": "T", "textContent": {"primaryText": {"text": "Words", "type": "PlainText"}}}});
        assert!(shows(&template).contains(&"Words".to_owned()));
        assert_eq!(shows(&json!({"type": "AudioPlayer.Play", "title": "no"})), Vec::<String>::new());
    }

    #[test]
    fn what_the_device_does_is_said() {
        let stream = json!({"url": "https://a.example/x.mp3", "offsetInMilliseconds": 2500});
        for (directive, words) in [
            (
                json!({"type": "AudioPlayer.Play", "audioItem": {"stream": stream}}),
                "Plays https://a.example/x.mp3 from 2 s on.",
            ),
            (json!({"type": "Dialog.ElicitSlot", "slotToElicit": "city"}), "Waits for the slot city."),
            (json!({"type": "GameEngine.StartInputHandler"}), "Does GameEngine.StartInputHandler."),
            (json!({}), "Does ."),
        ] {
            assert_eq!(does(&directive), words);
        }
    }
}
