//! Foreign names, made harmless to show: a name must not reorder, hide or break the words around it.

/// `text` without control, bidirectional, zero-width and other invisible signs, white space folded to single spaces,
/// cut to `most` characters with `…`. Empty when nothing visible is left.
///
/// Why: a client called "Bank\u{202e}gro.live" reads as another name on a consent page (RFC 6819 section 4.4.1.4).
pub fn harmless(text: &str, most: usize) -> String {
    // Nearly every name and path is like this.
    if text.len() <= most && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return text.to_owned();
    }
    let mut shown = String::new();
    let mut count = 0;
    let mut gap = false;
    for sign in text.chars() {
        if sign.is_whitespace() || sign.is_control() {
            gap = count > 0;
            continue;
        }
        if is_invisible(sign) {
            continue;
        }
        if count + usize::from(gap) >= most {
            shown.push('…');
            return shown;
        }
        if std::mem::take(&mut gap) {
            shown.push(' ');
            count += 1;
        }
        shown.push(sign);
        count += 1;
    }
    shown
}

/// Whether `text` holds a sign that [`harmless`] would take out; for refusing such a name when it is registered.
pub fn is_harmless(text: &str) -> bool {
    !text.chars().any(|sign| sign.is_control() || is_invisible(sign))
}

/// `text` as the content of an HTML element or of a quoted attribute. Only the five signs that matter are replaced, so
/// that a path in an attribute stays readable for programs that do not decode entities.
pub fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            sign => escaped.push(sign),
        }
    }
    escaped
}

/// Signs of the Unicode general category Cf and other default-ignorable ones that draw nothing themselves.
fn is_invisible(sign: char) -> bool {
    matches!(u32::from(sign),
        0x00AD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x17B4 | 0x17B5
        | 0x180B..=0x180F
        | 0x200B..=0x200F   // zero width space, joiners, left-to-right and right-to-left marks
        | 0x2028..=0x202E   // line and paragraph separators, embeddings and overrides
        | 0x2060..=0x206F   // word joiner, invisible operators, isolates
        | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0
        | 0xFFF0..=0xFFFC
        | 0x1_BCA0..=0x1_BCA3 | 0x1_D173..=0x1_D17A
        | 0xE_0000..=0xE_0FFF // tags and variation selectors
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_cannot_be_seen() {
        for (name, shown) in [
            ("What Should I Wear", "What Should I Wear"),
            ("Bank\u{202e}gro.live", "Bankgro.live"),
            ("A\u{200b}m\u{2060}azon", "Amazon"),
            ("two\nlines\t\tand\u{2029} tabs", "two lines and tabs"),
            ("  around  ", "around"),
            ("\u{0000}\u{202e}", ""),
            ("Größe 東京", "Größe 東京"),
            ("<b>&amp;</b>", "<b>&amp;</b>"),
        ] {
            assert_eq!(harmless(name, 80), shown, "{name:?}");
        }
    }

    #[test]
    fn an_overlong_name_is_cut_and_says_so() {
        assert_eq!(harmless(&"x".repeat(10_000), 5), "xxxxx…");
        assert_eq!(harmless("12345", 5), "12345");
        assert_eq!(harmless("1234 5678", 5), "1234…");
    }

    #[test]
    fn the_five_signs_of_html_are_escaped() {
        assert_eq!(escape_html("/a?b=<\"&'>"), "/a?b=&lt;&quot;&amp;&#39;&gt;");
    }

    #[test]
    fn a_registration_can_ask_beforehand() {
        assert!(is_harmless("Sample Quiz Game"));
        assert!(!is_harmless("Quiz\u{202e}"));
        assert!(!is_harmless("Quiz\r\nSet-Cookie"));
    }
}
