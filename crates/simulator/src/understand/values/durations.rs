//! `AMAZON.DURATION`: ISO 8601 periods such as `PT2H30M`.

use super::Reading;
use super::tokens::Tokens;
use super::vocabulary::Class::{And, HalfOf, Halves, Minutes, Number, One, Piece, Share, Unit};
use super::vocabulary::{DAY, DECADE, FORTNIGHT, HOUR, MINUTE, MONTH, SECOND, WEEK, WEEKEND, YEAR};

/// A period with more pieces than this is none.
const MOST_PIECES: usize = 6;

/// Amounts from seconds to years.
#[derive(Clone, Copy, Debug, Default)]
struct Period {
    amounts: [i64; 7],
}

impl Period {
    /// Adds an amount in half units, where half of the unit is a whole number of a smaller one.
    fn add(mut self, halves: i64, unit: i64) -> Option<Self> {
        let (unit, halves) = match unit {
            FORTNIGHT => (WEEK, halves.checked_mul(2)?),
            DECADE => (YEAR, halves.checked_mul(10)?),
            unit => (unit, halves),
        };
        let (smaller, half) = match unit {
            MINUTE => (SECOND, 30),
            HOUR => (MINUTE, 30),
            DAY => (HOUR, 12),
            YEAR => (MONTH, 6),
            _ if halves % 2 == 0 => (unit, 0),
            _ => return None,
        };
        for (unit, amount) in [(unit, halves / 2), (smaller, halves % 2 * half)] {
            let own = self.amounts.get_mut(usize::try_from(unit).ok()?)?;
            *own = own.checked_add(amount)?;
        }
        Some(self)
    }

    fn iso(self) -> Option<String> {
        let [seconds, minutes, hours, days, weeks, months, years] = self.amounts;
        let part = |amount: i64, sign: char| if amount == 0 { String::new() } else { format!("{amount}{sign}") };
        let date: String = [(years, 'Y'), (months, 'M'), (weeks, 'W'), (days, 'D')].map(|(n, s)| part(n, s)).concat();
        let time: String = [(hours, 'H'), (minutes, 'M'), (seconds, 'S')].map(|(n, s)| part(n, s)).concat();
        match (date.is_empty(), time.is_empty()) {
            (true, true) => None,
            (_, true) => Some(format!("P{date}")),
            (_, false) => Some(format!("P{date}T{time}")),
        }
    }
}

/// For each word, the periods that begin there.
pub(crate) fn durations(tokens: &Tokens, length: usize) -> Vec<Vec<Reading>> {
    (0..length)
        .map(|start| {
            let mut found = Vec::new();
            follow(tokens, start, Period::default(), 0, &mut found);
            found
        })
        .collect()
}

fn follow(tokens: &Tokens, at: usize, so_far: Period, pieces: usize, found: &mut Vec<Reading>) {
    if pieces == MOST_PIECES {
        return;
    }
    for (end, halves, unit) in amounts(tokens, at) {
        if unit == HOUR
            && let Some(hours) = so_far.add(halves, HOUR)
        {
            minutes_behind(tokens, end, hours, found);
        }
        let halves_more = and_a_half(tokens, end).chain(half_sign(tokens, end)).map(|end| (end, halves + 1));
        let endings = std::iter::once((end, halves)).chain(halves_more);
        for (end, halves) in endings {
            let Some(period) = so_far.add(halves, unit) else { continue };
            // Of several ways to cut the same words the first counts; it also bounds the work.
            if found.iter().any(|reading| reading.end == end) {
                continue;
            }
            let Some(value) = period.iso() else { continue };
            found.push(Reading { end, value });
            follow(tokens, end, period, pieces + 1, found);
            for and in tokens.of(&[And], end) {
                follow(tokens, and.end, period, pieces + 1, found);
            }
        }
    }
}

/// An amount with its unit: where it ends, in half units.
fn amounts(tokens: &Tokens, at: usize) -> Vec<(usize, i64, i64)> {
    let mut before: Vec<(usize, i64)> = Vec::new();
    for token in tokens.of(&[Number, One], at).filter(|token| (0..=1_000_000_000).contains(&token.number)) {
        before.push((token.end, token.number * 2));
        // "two and a half hours"
        before.extend(and_a_half(tokens, token.end).map(|end| (end, token.number * 2 + 1)));
    }
    before.extend(tokens.of(&[HalfOf, Halves], at).map(|token| (token.end, token.number)));
    let mut found = Vec::new();
    for (end, halves) in before {
        for unit in tokens.of(&[Unit], end).filter(|unit| unit.number != WEEKEND) {
            found.push((unit.end, halves, unit.number));
        }
    }
    found.extend(tokens.of(&[Piece], at).map(|piece| (piece.end, piece.number * 2, MINUTE)));
    // "hour and a half"
    for unit in tokens.of(&[Unit], at).filter(|unit| unit.number != WEEKEND) {
        found.extend(and_a_half(tokens, unit.end).map(|end| (end, 3, unit.number)));
    }
    found
}

/// "and a half"
fn and_a_half(tokens: &Tokens, at: usize) -> impl Iterator<Item = usize> {
    tokens.of(&[And], at).flat_map(|and| tokens.of(&[HalfOf], and.end)).map(|half| half.end)
}

/// Japanese puts the half right behind the unit.
fn half_sign(tokens: &Tokens, at: usize) -> impl Iterator<Item = usize> {
    tokens.of(&[Share], at).filter(|share| share.number == 30).map(|share| share.end)
}

/// "an hour twenty", "an hour and a quarter"
fn minutes_behind(tokens: &Tokens, at: usize, hours: Period, found: &mut Vec<Reading>) {
    let joined = tokens.of(&[And], at).map(|and| (and.end, true));
    for (from, is_joined) in std::iter::once((at, false)).chain(joined) {
        for token in tokens.of(&[Minutes, Share], from) {
            let is_said = token.class == Minutes || (is_joined && token.number == 15);
            let period = hours.add(token.number * 2, MINUTE).filter(|_| is_said);
            if let Some(value) = period.and_then(Period::iso)
                && !found.iter().any(|reading| reading.end == token.end)
            {
                found.push(Reading { end: token.end, value });
            }
        }
    }
}
