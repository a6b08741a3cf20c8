//! Laying a rule, a row of parts some of which may be missing, over the tokens of a sentence.

use sayso_token::time::Timestamp;
use time::{Date, OffsetDateTime};

use super::Reading;
use super::tokens::Tokens;
use super::vocabulary::Class;

/// A place in a rule.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    /// One token of these classes.
    Must(&'static [Class]),
    /// One token of these classes, or none.
    May(&'static [Class]),
}

/// A way to say a value, and what it comes to.
pub(crate) struct Rule {
    /// Its parts, in order.
    pub(crate) parts: &'static [Part],
    /// The value, when the tokens make one.
    pub(crate) build: fn(&Caught) -> Option<String>,
}

/// The clock a sentence is heard by, in the time zone of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// The day.
    pub(crate) today: Date,
    /// Minutes since midnight.
    pub(crate) minutes: i64,
}

impl Moment {
    /// The moment that a clock on the wall shows, as if it stood in UTC; one that the calendar does not hold is 1970.
    pub(crate) fn at(now: Timestamp) -> Self {
        let now = OffsetDateTime::from_unix_timestamp(now.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Self { today: now.date(), minutes: i64::from(now.hour()) * 60 + i64::from(now.minute()) }
    }
}

/// The tokens a rule has met.
pub(crate) struct Caught {
    tokens: Vec<(Class, i64)>,
    /// The clock.
    pub(crate) now: Moment,
    /// Whether numbers of a date stand as month, day, year.
    pub(crate) month_first: bool,
}

impl Caught {
    /// The number of the first token of this class.
    pub(crate) fn get(&self, class: Class) -> Option<i64> {
        self.tokens.iter().find(|(own, _)| *own == class).map(|(_, number)| *number)
    }

    /// The numbers of all tokens of this class.
    pub(crate) fn all(&self, class: Class) -> Vec<i64> {
        self.tokens.iter().filter(|(own, _)| *own == class).map(|(_, number)| *number).collect()
    }

    /// Whether the first token is of this class.
    pub(crate) fn begins_with(&self, class: Class) -> bool {
        self.tokens.first().is_some_and(|(own, _)| *own == class)
    }

    /// Whether a token of this class was met.
    pub(crate) fn has(&self, class: Class) -> bool {
        self.get(class).is_some()
    }

    /// How far from the present one: 0 is this, 1 is next.
    pub(crate) fn step(&self) -> Option<i64> {
        self.get(Class::Step).or_else(|| self.get(Class::Coming))
    }

    /// An amount, said as a number or as an article.
    pub(crate) fn amount(&self) -> Option<i64> {
        self.get(Class::Number).or_else(|| self.get(Class::One))
    }
}

/// For each word, the values that the rules find there.
pub(crate) fn apply(rules: &[Rule], tokens: &Tokens, length: usize, now: Moment) -> Vec<Vec<Reading>> {
    let mut values: Vec<Vec<Reading>> = (0..length)
        .map(|start| {
            let mut found: Vec<Reading> = Vec::new();
            for rule in rules {
                let caught = Caught { tokens: Vec::new(), now, month_first: tokens.month_first };
                Walk { build: rule.build, tokens, caught, found: &mut found }.follow(rule.parts, start);
            }
            found
        })
        .collect();
    // Asked for a time people say "at five", whatever the samples are.
    for start in 0..length {
        let behind = tokens.of(&[Class::Lead], start).filter_map(|lead| values.get(lead.end));
        let led: Vec<Reading> = behind.flatten().cloned().collect();
        if let Some(own) = values.get_mut(start) {
            for reading in led {
                if !own.iter().any(|other| other.end == reading.end) {
                    own.push(reading);
                }
            }
        }
    }
    values
}

/// One rule being laid over the tokens, with what it has met so far.
struct Walk<'w> {
    build: fn(&Caught) -> Option<String>,
    tokens: &'w Tokens,
    caught: Caught,
    found: &'w mut Vec<Reading>,
}

impl Walk<'_> {
    fn follow(&mut self, parts: &[Part], at: usize) {
        let Some((part, rest)) = parts.split_first() else {
            // The rules stand in the order of their precedence: of two readings of the same words the first counts.
            if !self.found.iter().any(|reading| reading.end == at)
                && let Some(value) = (self.build)(&self.caught)
            {
                self.found.push(Reading { end: at, value });
            }
            return;
        };
        let (classes, is_optional) = match part {
            Part::Must(classes) => (*classes, false),
            Part::May(classes) => (*classes, true),
        };
        let tokens = self.tokens;
        for token in tokens.of(classes, at) {
            self.caught.tokens.push((token.class, token.number));
            self.follow(rest, token.end);
            self.caught.tokens.pop();
        }
        if is_optional {
            self.follow(rest, at);
        }
    }
}
