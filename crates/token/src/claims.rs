//! Reading registered claims without leniency: a claim that cannot be read is an error, never absent (the fault of
//! CVE-2026-25537).

use serde_json::{Map, Value};

use crate::time::Timestamp;

/// A claim stands there in a form that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// A text claim; absent is `None`.
pub fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Unreadable> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Unreadable),
    }
}

/// A `NumericDate` claim (RFC 7519 section 2) in whole seconds between 0 and 2^40; absent is `None`.
pub fn seconds(claims: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, Unreadable> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => match value.as_i64() {
            Some(seconds) if (0..=1 << 40).contains(&seconds) => Ok(Some(Timestamp::from_seconds(seconds))),
            _ => Err(Unreadable),
        },
    }
}

/// A claim that is one text or an array of texts, as `aud` is (RFC 7519 section 4.1.3); absent is empty.
pub fn texts(claims: &Map<String, Value>, name: &str) -> Result<Vec<String>, Unreadable> {
    match claims.get(name) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text.clone()]),
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.as_str().map(str::to_owned).ok_or(Unreadable)).collect()
        }
        Some(_) => Err(Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn absent_is_not_unreadable() {
        let none = Map::new();
        assert_eq!((text(&none, "x"), seconds(&none, "x"), texts(&none, "x")), (Ok(None), Ok(None), Ok(Vec::new())));
        let null = Map::from_iter([("x".to_owned(), Value::Null)]);
        assert_eq!(
            (text(&null, "x"), seconds(&null, "x"), texts(&null, "x")),
            (Err(Unreadable), Err(Unreadable), Err(Unreadable))
        );
    }

    #[test]
    fn times_are_whole_seconds_of_this_age() {
        let read = |value: Value| seconds(&Map::from_iter([("x".to_owned(), value)]), "x");
        for good in [0, 1, 1 << 40] {
            assert_eq!(read(json!(good)), Ok(Some(Timestamp::from_seconds(good))));
        }
        for bad in [json!(-1), json!((1_i64 << 40) + 1), json!(i64::MAX), json!(u64::MAX), json!(1.0), json!("1")] {
            assert_eq!(read(bad.clone()), Err(Unreadable), "{bad}");
        }
    }
}
