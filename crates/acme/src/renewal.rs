//! When a certificate is renewed, and how long to wait after a failure. No clock, no chance, no network.

use sayso_token::time::{Lifetime, Timestamp};

use crate::spread::Spread;

/// From when until when a certificate holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// Its `notBefore`.
    pub from: Timestamp,
    /// Its `notAfter`.
    pub until: Timestamp,
}

/// When the authority would like it to be renewed (RFC 9773 section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The earliest moment.
    pub start: Timestamp,
    /// The latest.
    pub end: Timestamp,
}

/// When to renew: somewhere in the authority's window, otherwise when two thirds of its time are over, and up to a thirtieth
/// later. Never so late that no tenth is left to try again in.
pub fn renew_at(validity: Validity, window: Option<Window>, spread: Spread) -> Timestamp {
    let life = validity.until.millis_since(validity.from).max(0);
    let after = |millis: i64| Timestamp::from_millis(validity.from.millis().saturating_add(millis));
    let latest = after(life / 10 * 9);
    match window {
        // A window that ends before it begins says nothing (RFC 9773 section 4.2).
        Some(Window { start, end }) if start < end => {
            let within = spread.of(end.millis_since(start));
            Timestamp::from_millis(start.millis().saturating_add(within)).min(latest)
        }
        _ => after(life / 3 * 2 + spread.of(life / 30)),
    }
}

/// The shortest and the longest time after which the authority is asked again for its window (RFC 9773 section 4.3.2).
const ASK_AGAIN: (Lifetime, Lifetime) = (Lifetime::from_seconds(60), Lifetime::from_seconds(24 * 60 * 60));
/// The same where it could not be asked.
pub const ASK_AGAIN_AFTER_FAILURE: Lifetime = Lifetime::from_seconds(6 * 60 * 60);

/// When to ask again, if the authority said after how long.
pub fn ask_again(after: Lifetime) -> Lifetime {
    after.clamp(ASK_AGAIN.0, ASK_AGAIN.1)
}

/// The wait after the first failure. With twice that after each further one there are four tries in an hour at most: one
/// fewer than the failed validations that the largest authority allows.
const FIRST_WAIT: u32 = 2 * 60;
/// The same where the directory did not hear of the try: a machine's network may come up later than its servers.
const FIRST_WAIT_UNHEARD: u32 = 10;
/// The longest that is waited of one's own accord.
const LONGEST_WAIT: u32 = 6 * 60 * 60;
/// The longest that is waited because the authority wishes so.
const LONGEST_WISH: Lifetime = Lifetime::from_seconds(24 * 60 * 60);

/// How a try failed, as far as the wait is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed {
    /// How many in a row, with this one.
    pub failures: u32,
    /// Whether the directory may count it: it could be reached.
    pub heard: bool,
    /// How long the directory asked to wait (`Retry-After`, RFC 8555 section 6.6).
    pub wished: Option<Lifetime>,
}

/// How long to wait before the next try, and up to a quarter longer by chance; at least as long as the authority asked for, but
/// no longer than a day for that.
pub fn wait(failed: Failed, spread: Spread) -> Lifetime {
    let Failed { failures, heard, wished } = failed;
    let first = if heard { FIRST_WAIT } else { FIRST_WAIT_UNHEARD };
    let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX).saturating_mul(first);
    let own = doubled.min(LONGEST_WAIT);
    let later = u32::try_from(spread.of(i64::from(own / 4))).unwrap_or(0);
    let wished = wished.map_or(Lifetime::from_seconds(0), |wished| wished.min(LONGEST_WISH));
    Lifetime::from_seconds(own + later).max(wished)
}

/// The shortest time from one certificate to the order of the next, whatever the authority says of its window.
const SHORTEST_USE: i64 = 60 * 60 * 1000;

/// The earliest moment for the next order after this certificate was issued: an hour, or a quarter of its life.
pub fn not_before_after(issued_at: Timestamp, validity: Validity) -> Timestamp {
    let life = validity.until.millis_since(validity.from).max(0);
    Timestamp::from_millis(issued_at.millis().saturating_add(SHORTEST_USE.min(life / 4)))
}

/// What is known of the certificate in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// How long it holds.
    pub validity: Validity,
    /// Whether it is for every name that is wanted.
    pub for_all_names: bool,
    /// When it is to be renewed.
    pub renew_at: Timestamp,
    /// When the authority is to be asked for its window; never, where it has none.
    pub ask_at: Option<Timestamp>,
}

/// Why another certificate is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// There is none.
    None,
    /// It lacks a name.
    OtherNames,
    /// It is over.
    Over,
    /// Its time to be renewed has come.
    Due,
}

impl Why {
    /// For the log.
    pub const fn words(self) -> &'static str {
        match self {
            Self::None => "there is none yet",
            Self::OtherNames => "the one in use lacks a name",
            Self::Over => "the one in use is over",
            Self::Due => "the one in use is to be renewed",
        }
    }
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A certificate is ordered.
    Order(Why),
    /// The authority is asked when it would like to renew.
    Ask,
    /// Nothing before this moment.
    Wait(Timestamp),
}

/// What is to be done now. After a failure no order is made before `not_before`.
pub fn next(held: Option<&Held>, not_before: Timestamp, now: Timestamp) -> Step {
    let why = match held {
        None => Why::None,
        // One that has not begun is none of these: a clock that is behind would order again and again.
        Some(held) if now >= held.validity.until => Why::Over,
        Some(held) if !held.for_all_names => Why::OtherNames,
        Some(held) if now >= held.renew_at => Why::Due,
        Some(held) => {
            return match held.ask_at {
                Some(at) if now >= at => Step::Ask,
                Some(at) => Step::Wait(at.min(held.renew_at)),
                None => Step::Wait(held.renew_at),
            };
        }
    };
    if now >= not_before { Step::Order(why) } else { Step::Wait(not_before) }
}

#[cfg(test)]
mod tests;
