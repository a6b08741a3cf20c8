//! A header that decides about trust must be there exactly once.

/// Why a header was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderRefused {
    /// Not there, or empty.
    #[error("the header is missing")]
    Missing,
    /// There twice: one party might read the first, another the last.
    #[error("the header is there more than once")]
    Repeated,
    /// Not visible ASCII.
    #[error("the header is not visible ASCII")]
    NotText,
}

impl HeaderRefused {
    /// The stable reason code.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Missing => "header_missing",
            Self::Repeated => "header_repeated",
            Self::NotText => "header_not_text",
        }
    }
}

/// The only value of a header, given all its values as received.
///
/// # Errors
/// There is none, there are several, or it is not visible ASCII.
pub fn exactly_one<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<&'a str, HeaderRefused> {
    let mut values = values.into_iter();
    let value = values.next().ok_or(HeaderRefused::Missing)?;
    if values.next().is_some() {
        return Err(HeaderRefused::Repeated);
    }
    if value.is_empty() {
        return Err(HeaderRefused::Missing);
    }
    if !value.iter().all(u8::is_ascii_graphic) {
        return Err(HeaderRefused::NotText);
    }
    std::str::from_utf8(value).map_err(|_| HeaderRefused::NotText)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_and_no_other() {
        for (values, expected) in [
            (vec![&b"abc="[..]], Ok("abc=")),
            (vec![], Err(HeaderRefused::Missing)),
            (vec![&b""[..]], Err(HeaderRefused::Missing)),
            (vec![&b"a"[..], &b"a"[..]], Err(HeaderRefused::Repeated)),
            (vec![&b"a b"[..]], Err(HeaderRefused::NotText)),
            (vec![&b"\xff"[..]], Err(HeaderRefused::NotText)),
        ] {
            assert_eq!(exactly_one(values), expected);
        }
    }

    #[test]
    fn every_refusal_has_a_reason_of_its_own() {
        let all = [HeaderRefused::Missing, HeaderRefused::Repeated, HeaderRefused::NotText].map(HeaderRefused::reason);
        assert_eq!(all, ["header_missing", "header_repeated", "header_not_text"]);
    }
}
