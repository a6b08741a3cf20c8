//! `application/x-www-form-urlencoded`, strictly.

use percent_encoding::percent_decode_str;

/// The most parameters one request may carry.
const MAX_PARAMETERS: usize = 64;

/// Why a form cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadForm {
    /// A percent sign without two hexadecimal digits, or bytes that are not UTF-8.
    #[error("the parameters are not form-encoded UTF-8")]
    Encoding,
    /// More parameters than any request needs.
    #[error("too many parameters")]
    TooMany,
}

/// A parameter that stands twice (RFC 6749 section 3.1 forbids it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the parameter {0} stands twice")]
pub struct Repeated(pub &'static str);

/// The parameters of a query or a form body, in order. `Debug` shows names only: values may be secrets.
#[derive(Clone, Default)]
pub struct Form {
    pairs: Vec<(String, String)>,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.pairs.iter().map(|(name, _)| name)).finish()
    }
}

impl Form {
    /// Reads the text between `?` and `#`, or a form body.
    pub fn parse(text: &str) -> Result<Self, BadForm> {
        let mut pairs = Vec::new();
        for part in text.split('&').filter(|part| !part.is_empty()) {
            if pairs.len() == MAX_PARAMETERS {
                return Err(BadForm::TooMany);
            }
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            pairs.push((decode(name)?, decode(value)?));
        }
        Ok(Self { pairs })
    }

    /// The value of `name`; absent or empty is `None` (RFC 6749 section 3.1).
    pub fn one(&self, name: &'static str) -> Result<Option<&str>, Repeated> {
        let mut values = self.pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() {
            return Err(Repeated(name));
        }
        Ok(first.filter(|value| !value.is_empty()))
    }

    /// The first value of `name`, even if it stands twice; for names whose repetition was refused already.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of `name`, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All names with their values, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether any value holds a control character; no OAuth parameter may (RFC 6749 appendix A). The `claims` of OpenID
    /// Connect are JSON, which may be broken over lines.
    pub fn has_control_characters(&self) -> bool {
        self.pairs.iter().any(|(name, value)| name != "claims" && value.chars().any(char::is_control))
    }
}

/// Decodes one form-encoded name or value: `+` is a blank, `%` needs two hexadecimal digits, the bytes are UTF-8.
pub fn decode(text: &str) -> Result<String, BadForm> {
    let bytes = text.as_bytes();
    let broken = bytes.iter().enumerate().any(|(at, byte)| {
        *byte == b'%' && !bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    });
    if broken {
        return Err(BadForm::Encoding);
    }
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().map_err(|_| BadForm::Encoding)?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        for bad in ["a=%", "a=%1", "a=%zz", "a=%ff%fe", "%ff=1"] {
            assert_eq!(Form::parse(bad).unwrap_err(), BadForm::Encoding, "{bad}");
        }
        assert_eq!(Form::parse(&"a&".repeat(65)).unwrap_err(), BadForm::TooMany);
    }

    #[test]
    fn a_parameter_may_stand_once() {
        let form = Form::parse("a=1&b=x+y%2B&a=2&c=&&d").unwrap();
        assert_eq!(form.one("a"), Err(Repeated("a")));
        assert_eq!(form.one("b"), Ok(Some("x y+")));
        assert_eq!(form.one("c"), Ok(None));
        assert_eq!(form.one("d"), Ok(None));
        assert_eq!(form.first("a"), Some("1"));
    }
}
