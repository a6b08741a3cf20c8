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

    /// Adds an element around words, with attributes; words and values are escaped.
    ///
    /// ```
    /// use sayso_alexa::ssml::Ssml;
    ///
    /// let speech = Ssml::new().text("The number is ").element("say-as", &[("interpret-as", "digits")], "12345");
    /// assert_eq!(
    ///     speech.document(),
    ///     r#"<speak>The number is <say-as interpret-as="digits">12345</say-as></speak>"#
    /// );
    /// ```
    #[must_use]
    pub fn element(mut self, name: &'static str, attributes: &[(&'static str, &str)], words: impl AsRef<str>) -> Self {
        let _ = write!(self.0, "<{name}");
        for (attribute, value) in attributes {
            let _ = write!(self.0, r#" {attribute}="{}""#, escape(value));
        }
        let _ = write!(self.0, ">{}</{name}>", escape(words.as_ref()));
        self
    }

    /// Adds words that are stressed: `level` is `strong`, `moderate` or `reduced`.
    #[must_use]
    pub fn emphasis(self, level: &'static str, words: impl AsRef<str>) -> Self {
        self.element("emphasis", &[("level", level)], words)
    }

    /// Adds whispered words.
    #[must_use]
    pub fn whisper(self, words: impl AsRef<str>) -> Self {
        self.element("amazon:effect", &[("name", "whispered")], words)
    }

    /// Adds words read as what they are: `digits`, `spell-out`, `ordinal`, `date`, `telephone`, …
    #[must_use]
    pub fn say_as(self, interpret_as: &'static str, words: impl AsRef<str>) -> Self {
        self.element("say-as", &[("interpret-as", interpret_as)], words)
    }

    /// Adds words of another language, such as `fr-FR`.
    #[must_use]
    pub fn lang(self, tag: &str, words: impl AsRef<str>) -> Self {
        self.element("lang", &[("xml:lang", tag)], words)
    }

    /// Adds a sentence.
    #[must_use]
    pub fn sentence(self, words: impl AsRef<str>) -> Self {
        self.element("s", &[], words)
    }

    /// Takes markup from a file of the program's own texts, in which what was filled in is escaped already. Never give it
    /// anything that was said, sent or looked up.
    #[must_use]
    pub fn from_file(markup: String) -> Self {
        Self(markup)
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

    /// ALX-012: whatever the value is, the SSML around it stays whole.
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
