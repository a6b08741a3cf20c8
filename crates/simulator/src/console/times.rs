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

/// So long after the first request: `+0 ms`, `+120 ms`, `+12.3 s`; nothing for what came before it.
pub(crate) fn after(passed: time::Duration) -> Option<String> {
    let millis = u64::try_from(passed.whole_milliseconds()).ok()?;
    Some(match millis {
        0..10_000 => format!("+{millis} ms"),
        _ => format!("+{}.{} s", millis / 1_000, millis % 1_000 / 100),
    })
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
    use time::Duration;

    use super::{after, took};

    #[test]
    fn moments_are_counted_from_the_first() {
        for (millis, words) in [
            (-1, None),
            (0, Some("+0 ms")),
            (9_999, Some("+9999 ms")),
            (10_000, Some("+10.0 s")),
            (83_270, Some("+83.2 s")),
        ] {
            assert_eq!(after(Duration::milliseconds(millis)).as_deref(), words);
        }
    }

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
