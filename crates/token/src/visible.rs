//! Which signs of a text a reader sees. A name that people read must show all that it holds.

/// Whether `sign` draws nothing itself, or changes how the signs around it are shown: those of the Unicode general category
/// Cf and other default-ignorable ones. Control characters are a kind of their own ([`char::is_control`]).
pub fn is_invisible(sign: char) -> bool {
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

/// Whether all of `text` is seen as it is written: what a name must be that somebody else chose (RFC 6819 section 4.4.1.4).
pub fn is_plain(text: &str) -> bool {
    !text.chars().any(|sign| sign.is_control() || is_invisible(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_hides_something_is_not_plain() {
        for plain in ["Sample Quiz Game", "Größe", "小爱", "\u{1f600}", ""] {
            assert!(is_plain(plain), "{plain:?}");
        }
        for hidden in [
            "Bank\u{202e}gro.live",
            "Amazon\u{200b}",
            "a\u{2066}b",
            "a\u{feff}",
            "a\tb",
            "a\r\nb",
            "a\u{ad}b",
            "\u{e0041}",
        ] {
            assert!(!is_plain(hidden), "{hidden:?}");
        }
    }
}
