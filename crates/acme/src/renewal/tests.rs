//! The rules as tables: times in seconds.

use super::*;

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

const EARLIEST: Spread = Spread::new(0);
const HALF: Spread = Spread::new(1 << 31);
const LATEST: Spread = Spread::new(u32::MAX);

#[test]
fn a_certificate_is_renewed_when_the_authority_says_or_two_thirds_are_over() {
    let window = |start, end| Some(Window { start: at(start), end: at(end) });
    for (what, life, window, spread, expected) in [
        ("ninety days", 90 * DAY, None, EARLIEST, 60 * DAY),
        ("ninety days, spread over three", 90 * DAY, None, HALF, 61 * DAY + 12 * HOUR),
        ("a day", DAY, None, EARLIEST, 16 * HOUR),
        ("half a minute", 30, None, EARLIEST, 20),
        ("no time at all", 0, None, LATEST, 0),
        ("its end before its beginning", -DAY, None, LATEST, 0),
        ("the window's beginning", 90 * DAY, window(50 * DAY, 52 * DAY), EARLIEST, 50 * DAY),
        ("the window's middle", 90 * DAY, window(50 * DAY, 52 * DAY), HALF, 51 * DAY),
        ("a window that is past: at once", 90 * DAY, window(-2 * DAY, -DAY), HALF, -DAY - 12 * HOUR),
        ("a window too late to try again in", 90 * DAY, window(89 * DAY, 90 * DAY), HALF, 81 * DAY),
        ("a window that ends before it begins", 90 * DAY, window(52 * DAY, 50 * DAY), EARLIEST, 60 * DAY),
        ("a window of no length", 90 * DAY, window(50 * DAY, 50 * DAY), EARLIEST, 60 * DAY),
    ] {
        let validity = Validity { from: at(0), until: at(life) };
        assert_eq!(renew_at(validity, window, spread), at(expected), "{what}");
    }
    let ninety = Validity { from: at(0), until: at(90 * DAY) };
    let latest = renew_at(ninety, None, LATEST);
    assert!(latest > at(63 * DAY - 1) && latest <= at(63 * DAY), "{latest:?}");
    let for_ever = Validity { from: Timestamp::from_millis(i64::MIN), until: Timestamp::from_millis(i64::MAX) };
    let all = Some(Window { start: for_ever.from, end: for_ever.until });
    for spread in [EARLIEST, HALF, LATEST] {
        // No date makes it stumble.
        let (one, other) = (renew_at(for_ever, None, spread), renew_at(for_ever, all, spread));
        assert!(one <= for_ever.until && other <= for_ever.until);
    }
}

#[test]
fn the_authority_is_asked_again_within_bounds() {
    for (said, taken) in [(0, 60), (59, 60), (60, 60), (6 * 3600, 6 * 3600), (86_400, 86_400), (u32::MAX, 86_400)] {
        assert_eq!(ask_again(Lifetime::from_seconds(said)), Lifetime::from_seconds(taken), "{said}");
    }
}

#[test]
fn failures_are_waited_out_longer_and_longer() {
    for (failures, heard, wished, spread, expected) in [
        (1, true, None, EARLIEST, 120),
        (1, true, None, HALF, 135),
        (2, true, None, EARLIEST, 240),
        (3, true, None, EARLIEST, 480),
        (8, true, None, EARLIEST, 15_360),
        (9, true, None, EARLIEST, 21_600),
        (9, true, None, HALF, 24_300),
        (33, true, None, EARLIEST, 21_600),
        (u32::MAX, true, None, EARLIEST, 21_600),
        (0, true, None, EARLIEST, 120),
        (1, true, Some(3600), LATEST, 3600),
        (9, true, Some(60), EARLIEST, 21_600),
        (1, true, Some(10_000_000), EARLIEST, 86_400),
        (1, false, None, EARLIEST, 10),
        (1, false, None, HALF, 11),
        (4, false, None, EARLIEST, 80),
        (1, false, Some(30), EARLIEST, 30),
        (33, false, None, EARLIEST, 21_600),
    ] {
        let failed = Failed { failures, heard, wished: wished.map(Lifetime::from_seconds) };
        assert_eq!(wait(failed, spread), Lifetime::from_seconds(expected), "{failed:?}");
    }
}

/// The largest authority refuses more than five failed validations of a name in an hour.
#[test]
fn no_hour_has_more_than_five_tries() {
    let mut tries = vec![0];
    for failures in 1..20 {
        tries.push(
            tries[tries.len() - 1]
                + i64::from(wait(Failed { failures, heard: true, wished: None }, EARLIEST).seconds()),
        );
    }
    for begin in &tries {
        let within = tries.iter().filter(|at| (*begin..begin + HOUR).contains(at)).count();
        assert!(within <= 5, "{within} tries from {begin} on");
    }
}

#[test]
fn orders_do_not_follow_one_another_at_once() {
    for (life, expected) in [(90 * DAY, HOUR), (DAY, HOUR), (HOUR, 15 * 60), (20, 5), (0, 0), (-5, 0)] {
        let validity = Validity { from: at(0), until: at(life) };
        assert_eq!(not_before_after(at(7), validity), at(7 + expected), "{life}");
    }
}

#[test]
fn what_is_to_be_done_follows_from_what_is_held() {
    let held = Held {
        validity: Validity { from: at(0), until: at(90 * DAY) },
        for_all_names: true,
        renew_at: at(60 * DAY),
        ask_at: None,
    };
    let asking = Held { ask_at: Some(at(10 * DAY)), ..held };
    let lacking = Held { for_all_names: false, ..held };
    for (what, held, not_before, now, expected) in [
        ("nothing", None, 0, 0, Step::Order(Why::None)),
        ("nothing, and it failed", None, 120, 60, Step::Wait(at(120))),
        ("nothing, and the wait is over", None, 120, 120, Step::Order(Why::None)),
        ("a good one", Some(held), 0, DAY, Step::Wait(at(60 * DAY))),
        ("one to be renewed", Some(held), 0, 60 * DAY, Step::Order(Why::Due)),
        ("one to be renewed, and it failed", Some(held), 61 * DAY, 60 * DAY, Step::Wait(at(61 * DAY))),
        ("one that is over", Some(held), 0, 90 * DAY, Step::Order(Why::Over)),
        ("one that has not begun", Some(held), 0, -1, Step::Wait(at(60 * DAY))),
        ("one that lacks a name", Some(lacking), 0, DAY, Step::Order(Why::OtherNames)),
        ("one to be asked about later", Some(asking), 0, DAY, Step::Wait(at(10 * DAY))),
        ("one to be asked about", Some(asking), 0, 10 * DAY, Step::Ask),
        ("asked about and to be renewed", Some(asking), 0, 60 * DAY, Step::Order(Why::Due)),
    ] {
        assert_eq!(next(held.as_ref(), at(not_before), at(now)), expected, "{what}");
    }
}
