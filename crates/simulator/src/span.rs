//! Spans of time in the unit that a person would take.

/// So many seconds: `42 minutes`, `3 days`.
pub(crate) fn in_words(seconds: u64) -> String {
    let (many, unit) = match seconds {
        few @ ..120 => (few, "second"),
        some @ ..7_200 => (some / 60, "minute"),
        more @ ..172_800 => (more / 3_600, "hour"),
        many => (many / 86_400, "day"),
    };
    format!("{many} {unit}{}", if many == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_the_unit_that_fits() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (7_199, "119 minutes"),
            (7_200, "2 hours"),
            (86_400, "24 hours"),
            (172_800, "2 days"),
            (31_536_000, "365 days"),
        ] {
            assert_eq!(in_words(seconds), words);
        }
    }
}
