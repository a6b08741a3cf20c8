//! Scope lists (RFC 6749 section 3.3).

/// Splits a scope text at single spaces. `None` when it holds a sign outside `%x21 / %x23-5B / %x5D-7E`; an empty
/// text is an empty list.
pub fn parse_scope(text: &str) -> Option<Vec<String>> {
    let mut scopes: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !word.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5B | 0x5D..=0x7E)) {
            return None;
        }
        if !scopes.iter().any(|known| known == word) {
            scopes.push(word.to_owned());
        }
    }
    Some(scopes)
}

/// Joins scopes with single spaces.
pub fn print_scope(scopes: &[String]) -> String {
    scopes.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_whole_words() {
        assert_eq!(parse_scope("").unwrap(), Vec::<String>::new());
        assert_eq!(parse_scope("a b a  c").unwrap(), ["a", "b", "c"]);
        for bad in ["a\tb", "a\u{a0}b", "a\"b", "a\\b", "ä"] {
            assert!(parse_scope(bad).is_none(), "{bad:?}");
        }
    }
}
