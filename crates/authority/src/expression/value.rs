//! From a value of the language to JSON.

use cel::Value as Cel;
use cel::objects::Key;
use serde_json::{Map, Number, Value};

use super::{LARGEST_RESULT, NoValue};

/// The claim's value; `null` is none.
pub(super) fn to_json(value: &Cel) -> Result<Value, NoValue> {
    let json = convert(value)?;
    if json.is_null() {
        return Err(NoValue::Null);
    }
    // Each sign takes at least a byte; only what could be small enough is printed to be measured.
    if serde_json::to_string(&json).map_or(true, |printed| printed.len() > LARGEST_RESULT) {
        return Err(NoValue::TooLarge);
    }
    Ok(json)
}

fn convert(value: &Cel) -> Result<Value, NoValue> {
    Ok(match value {
        Cel::Null => Value::Null,
        Cel::Bool(value) => Value::Bool(*value),
        Cel::Int(value) => Value::from(*value),
        Cel::UInt(value) => Value::from(*value),
        Cel::Float(value) => Value::Number(Number::from_f64(*value).ok_or(NoValue::NotJson)?),
        Cel::String(value) => Value::from(value.as_str()),
        Cel::List(items) => Value::Array(items.iter().map(convert).collect::<Result<_, _>>()?),
        Cel::Map(entries) => {
            let mut sorted: Vec<_> = entries.map.iter().collect();
            sorted.sort_by_key(|(key, _)| key.to_string());
            let one = |(key, value): (&Key, &Cel)| match key {
                Key::String(key) => Ok((key.as_str().to_owned(), convert(value)?)),
                _ => Err(NoValue::NotJson),
            };
            Value::Object(sorted.into_iter().map(one).collect::<Result<Map<_, _>, _>>()?)
        }
        _ => return Err(NoValue::NotJson),
    })
}
