//! Foreign names, made harmless to show: a name must not reorder, hide or break the words around it.

use sayso_token::visible::is_invisible;

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
}
