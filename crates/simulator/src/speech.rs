//! What is heard of an `outputSpeech`: the words, without the marks that steer the voice.

/// The words of an SSML text: tags taken out, entities decoded, blanks tidied.
pub(crate) fn plain(ssml: &str) -> String {
    let mut words = String::with_capacity(ssml.len());
    let mut rest = ssml;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at(at);
        words.push_str(before);
        rest = if from.starts_with('<') { after_tag(from, &mut words) } else { after_entity(from, &mut words) };
    }
    words.push_str(rest);
    tidy(&words)
}

fn after_tag<'t>(from: &'t str, words: &mut String) -> &'t str {
    let Some(end) = from.find('>') else {
        // No tag but a lone sign.
        words.push('<');
        return from.get(1..).unwrap_or_default();
    };
    let (tag, rest) = from.split_at(end + 1);
    let name: String =
        tag.chars().skip_while(|c| matches!(c, '<' | '/')).take_while(|c| c.is_alphanumeric() || *c == ':').collect();
    // These part words; emphasis and the like stand inside a sentence, where the text has its own blanks.
    if matches!(name.as_str(), "break" | "p" | "s" | "audio" | "speak") {
        words.push(' ');
    }
    rest
}

fn after_entity<'t>(from: &'t str, words: &mut String) -> &'t str {
    let end = from.char_indices().take(12).find(|(_, c)| *c == ';').map(|(at, _)| at);
    let decoded = end.and_then(|end| from.get(1..end)).and_then(|name| match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let digits = name.strip_prefix('#')?;
            let number = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => digits.parse(),
            };
            number.ok().and_then(char::from_u32)
        }
    });
    match (decoded, end) {
        (Some(sign), Some(end)) => {
            words.push(sign);
            from.get(end + 1..).unwrap_or_default()
        }
        _ => {
            words.push('&');
            from.get(1..).unwrap_or_default()
        }
    }
}

fn tidy(words: &str) -> String {
    let mut tidied = String::with_capacity(words.len());
    for word in words.split_whitespace() {
        let joins = word.starts_with(['.', ',', '!', '?', ';', ':']) && word.chars().all(|c| c.is_ascii_punctuation());
        if !tidied.is_empty() && !joins {
            tidied.push(' ');
        }
        tidied.push_str(word);
    }
    tidied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_are_heard() {
        for (ssml, heard) in [
            ("<speak>Ada's favorite color is teal.</speak>", "Ada's favorite color is teal."),
            (
                "<speak>One<break time=\"1s\"/>two <emphasis level=\"strong\">three</emphasis>.</speak>",
                "One two three.",
            ),
            (
                "<speak><p>Salt &amp; pepper</p><p>A &lt; B &#39;x&#x27; &quot;y&quot;</p></speak>",
                "Salt & pepper A < B 'x' \"y\"",
            ),
            (
                "<speak><audio src=\"https://x/y.mp3\" /> Done <say-as interpret-as=\"digits\">12</say-as></speak>",
                "Done 12",
            ),
            ("plain & simple &unknown; 1 < 2", "plain & simple &unknown; 1 < 2"),
            ("<speak>", ""),
            ("", ""),
            ("a < b", "a < b"),
            ("&#xD800;&#99999999;", "&#xD800;&#99999999;"),
        ] {
            assert_eq!(plain(ssml), heard, "{ssml}");
        }
    }
}
