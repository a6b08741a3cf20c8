//! Speech with markup, built so that a value can never become markup.

use std::fmt::Write as _;
use std::time::Duration;

use crate::response::OutputSpeech;

/// Escapes words for use in SSML text or in an attribute.
///
/// The five characters of XML are replaced by their entities; control characters, which XML 1.0 does not allow even as
/// references, become blanks.
#[must_use]
pub fn escape(words: &str) -> String {
    let mut escaped = String::with_capacity(words.len());
    for character in words.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' | '\n' | '\r' => escaped.push(character),
            '\u{fffe}' | '\u{ffff}' => escaped.push(' '),
            other if other.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Speech with markup, without the surrounding `<speak>`.
///
/// Markup can only be a literal of the program; whatever is known at run time goes through [`Ssml::text`] or an
/// attribute and is escaped. A favorite color of `</speak><audio src=…>` is read aloud, not played.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ssml(String);

impl Ssml {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds words, escaped.
    #[must_use]
    pub fn text(mut self, words: impl AsRef<str>) -> Self {
        self.0.push_str(&escape(words.as_ref()));
        self
    }

    /// Adds markup that stands in the program, such as `<emphasis level="strong">`.
    #[must_use]
    pub fn markup(mut self, markup: &'static str) -> Self {
        self.0.push_str(markup);
        self
    }

    /// Adds silence.
    #[must_use]
    pub fn pause(mut self, length: Duration) -> Self {
        // Writing to a String cannot fail.
        let _ = write!(self.0, r#"<break time="{}ms"/>"#, length.as_millis());
        self
    }

    /// Adds a sound; Alexa takes at most five, of 240 s together.
    #[must_use]
    pub fn audio(mut self, source: &str) -> Self {
        let _ = write!(self.0, r#"<audio src="{}"/>"#, escape(source));
        self
    }

    /// The whole document, with `<speak>` around it.
    #[must_use]
    pub fn document(&self) -> String {
        format!("<speak>{}</speak>", self.0)
    }
}

impl From<&Ssml> for OutputSpeech {
    fn from(ssml: &Ssml) -> Self {
        Self::ssml(ssml.document())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_become_markup() {
        for (value, expected) in [
            ("teal", "teal"),
            ("R&B", "R&amp;B"),
            ("</speak><speak>", "&lt;/speak&gt;&lt;speak&gt;"),
            (r#"<audio src="x"/>"#, "&lt;audio src=&quot;x&quot;/&gt;"),
            ("]]>", "]]&gt;"),
            ("it's", "it&apos;s"),
            ("a\u{0}b\u{1b}c\u{85}d", "a b c d"),
            ("größer 茶 🍵", "größer 茶 🍵"),
        ] {
            assert_eq!(escape(value), expected);
        }
    }

    #[test]
    fn markup_and_words_are_told_apart_by_type() {
        let speech = Ssml::new()
            .markup("<emphasis>")
            .text("<b>")
            .markup("</emphasis>")
            .pause(Duration::from_millis(200))
            .audio("https://sounds.example/a?b=1&c=2");
        assert_eq!(
            speech.document(),
            "<speak><emphasis>&lt;b&gt;</emphasis><break time=\"200ms\"/>\
             <audio src=\"https://sounds.example/a?b=1&amp;c=2\"/></speak>"
        );
    }
}
