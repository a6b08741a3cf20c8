//! Spans of time, as people read them.

use crate::trace::Hop;

/// So many whole microseconds in words: `38 µs`, `1.2 ms`, `120 ms`.
pub(crate) fn took(micros: u64) -> String {
    match micros {
        0 => "under 1 µs".to_owned(),
        1..1_000 => format!("{micros} µs"),
        1_000..9_950 => format!("{}.{} ms", (micros + 50) / 1_000, (micros + 50) % 1_000 / 100),
        _ => format!("{} ms", micros.saturating_add(500) / 1_000),
    }
}

/// How long a request took; nothing where that is not known.
pub(crate) fn of(hop: &Hop) -> String {
    match hop.micros {
        Some(micros) => took(micros),
        None if hop.millis > 0 => format!("{} ms", hop.millis),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::took;

    #[test]
    fn spans_are_rounded_as_they_are_read() {
        for (micros, words) in [
            (0, "under 1 µs"),
            (1, "1 µs"),
            (999, "999 µs"),
            (1_000, "1.0 ms"),
            (1_249, "1.2 ms"),
            (9_949, "9.9 ms"),
            (9_950, "10 ms"),
            (120_499, "120 ms"),
            (u64::MAX, "18446744073709551 ms"),
        ] {
            assert_eq!(took(micros), words);
        }
    }
}
