use proptest::prelude::*;

use super::*;

const MADE: i64 = 1_000_000;
const HOUR: Lifetime = Lifetime::from_seconds(3600);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(MADE + seconds)
}

/// Made and revoked at, in seconds after the first.
fn keys(times: &[(i64, Option<i64>)]) -> Vec<KeyTimes> {
    times.iter().map(|(made, revoked)| KeyTimes { made_at: at(*made), revoked_at: revoked.map(at) }).collect()
}

/// One letter a key, the oldest first: next, signing, published, over (retired), revoked.
fn letters(standings: &[Standing]) -> String {
    let letter = |standing: &Standing| match standing.state {
        KeyState::Next => 'n',
        KeyState::Signing => 's',
        KeyState::Published => 'p',
        KeyState::Retired => 'o',
        KeyState::Revoked => 'r',
    };
    standings.iter().map(letter).collect()
}

#[test]
fn a_key_is_known_then_signs_then_is_known_for_as_long_as_what_it_has_signed() {
    const DAY: i64 = 86_400;
    // The keys; asked at; where each stands; when that changes. Tokens live an hour.
    type Case<'a> = (&'a [(i64, Option<i64>)], i64, &'a str, Option<i64>);
    let cases: &[Case<'_>] = &[
        (&[], 0, "", None),
        // The first one signs at once, also by a clock that is behind.
        (&[(0, None)], 0, "s", None),
        (&[(0, None)], -5, "s", None),
        // A rotation.
        (&[(0, None), (DAY, None)], DAY, "sn", Some(DAY + 900)),
        (&[(0, None), (DAY, None)], DAY + 899, "sn", Some(DAY + 900)),
        (&[(0, None), (DAY, None)], DAY + 900, "ps", Some(DAY + 900 + 3600 + 300)),
        (&[(0, None), (DAY, None)], DAY + 4799, "ps", Some(DAY + 4800)),
        (&[(0, None), (DAY, None)], DAY + 4800, "os", None),
        // Two, one shortly after the other: each is known before it signs.
        (&[(0, None), (DAY, None), (DAY + 60, None)], DAY + 60, "snn", Some(DAY + 900)),
        (&[(0, None), (DAY, None), (DAY + 60, None)], DAY + 900, "psn", Some(DAY + 960)),
        (&[(0, None), (DAY, None), (DAY + 60, None)], DAY + 960, "pps", Some(DAY + 4800)),
        (&[(0, None), (DAY, None), (DAY + 60, None)], DAY + 4800, "ops", Some(DAY + 4860)),
        // An emergency: the successor made with it signs at once, also by a clock that is behind.
        (&[(0, Some(DAY)), (DAY, None)], DAY, "rs", None),
        (&[(0, Some(DAY)), (DAY, None)], DAY - 5, "rs", None),
        (&[(0, Some(DAY))], DAY, "r", None),
        // A key that waits takes over; the one that was replaced before does not come back.
        (&[(0, Some(DAY + 60)), (DAY, None)], DAY + 60, "rs", None),
        (&[(0, None), (60, Some(DAY)), (DAY, None)], DAY, "ors", None),
        (&[(0, None), (60, Some(1000)), (1000, None)], 1000, "prs", Some(60 + 900 + 3900)),
        // Revoked while it waits, or twice at the same moment: it was never in office.
        (&[(0, None), (DAY, Some(DAY + 60))], DAY + 60, "sr", None),
        (&[(0, None), (DAY, Some(DAY + 60)), (DAY + 120, None)], DAY + 120, "srn", Some(DAY + 1020)),
        (&[(0, Some(DAY)), (DAY, Some(DAY)), (DAY, None)], DAY, "rrs", None),
        (&[(0, Some(0)), (0, None)], 0, "rs", None),
        // Nobody was in office for a while.
        (&[(0, Some(DAY)), (2 * DAY, None)], 2 * DAY, "rs", None),
    ];
    for (times, asked, letters_, change) in cases {
        let (keys, now) = (keys(times), at(*asked));
        let found = standings(&keys, HOUR, now);
        assert_eq!(letters(&found), *letters_, "{times:?} at {asked}");
        assert_eq!(next_change(&found, now), change.map(at), "{times:?} at {asked}");
    }
}

#[test]
fn what_is_told_of_a_key_is_when_it_signs_and_until_when_it_is_published() {
    let found = standings(&keys(&[(0, None), (60, Some(90)), (100, None)]), HOUR, at(100));
    let told: Vec<_> = found.iter().map(|standing| (standing.signs_from, standing.published_until)).collect();
    let until = at(1000 + 3600 + 300);
    assert_eq!(told, [(Some(at(0)), Some(until)), (None, Some(at(90))), (Some(at(1000)), None)]);
    let found = standings(&keys(&[(0, Some(50)), (50, None)]), HOUR, at(100));
    assert_eq!((found[1].signs_from, found[0].published_until), (Some(at(50)), Some(at(50))));
}

#[test]
fn another_key_is_due_so_long_after_the_newest_that_is_good() {
    for (times, due) in [
        (&[][..], None),
        (&[(0, None)], Some(3600)),
        (&[(0, None), (60, None)], Some(3660)),
        (&[(0, None), (60, Some(70))], Some(3600)),
        (&[(0, Some(70))], None),
    ] {
        assert_eq!(due_at(&keys(times), HOUR), due.map(at), "{times:?}");
    }
}

/// What happens at a moment: the seconds since what happened before, and which key is revoked, if one is, counted from the
/// newest. Otherwise one is made.
type Step = (i64, Option<usize>);

/// The keys as they are at each moment, by the rule that the commands follow: who revokes the key that signs makes
/// another at the same moment, unless one waits.
fn history(steps: &[Step]) -> Vec<(Timestamp, Vec<KeyTimes>)> {
    let (mut now, mut keys) = (at(0), keys(&[(0, None)]));
    let mut history = vec![(now, keys.clone())];
    for (wait, revoke) in steps {
        now = Timestamp::from_millis(now.millis() + wait * 1000);
        let revoked = revoke.and_then(|back| keys.iter_mut().rev().nth(back));
        let revokes = revoked.is_some();
        if let Some(key) = revoked {
            key.revoked_at.get_or_insert(now);
        }
        if !revokes || signer(&keys, now).is_none() {
            keys.push(KeyTimes { made_at: now, revoked_at: None });
        }
        history.push((now, keys.clone()));
    }
    history
}

fn signer(keys: &[KeyTimes], now: Timestamp) -> Option<usize> {
    standings(keys, LONGEST, now).iter().position(|standing| standing.state == KeyState::Signing)
}

const LONGEST: Lifetime = Lifetime::from_seconds(7200);

/// The keys that are there at that moment.
fn at_moment(history: &[(Timestamp, Vec<KeyTimes>)], now: Timestamp) -> &[KeyTimes] {
    history.iter().rev().find(|(from, _)| *from <= now).map_or(&[], |(_, keys)| keys)
}

fn steps(revoking: bool) -> impl Strategy<Value = Vec<Step>> {
    let wait = prop_oneof![Just(0), 1..60_i64, 800..1000_i64, 1000..20_000_i64];
    let which = if revoking {
        prop_oneof![3 => Just(None), 2 => (0..3_usize).prop_map(Some)].boxed()
    } else {
        Just(None).boxed()
    };
    prop::collection::vec((wait, which), 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// I21. A token verifies under every key set that was served from a time before it (which a verifier may have kept)
    /// until its end and what clocks may differ by, whatever rotations there are.
    #[test]
    fn what_is_signed_verifies_wherever_keys_may_have_been_kept_until_it_is_over(
        steps in steps(false),
        signed in 0..60_000_i64,
        lives in 0..=7200_i64,
        looks in -899..=(7200_i64 + 299),
    ) {
        let history = history(&steps);
        let signed_at = at(signed);
        let by = signer(at_moment(&history, signed_at), signed_at).expect("somebody signs");
        let served_at = at((signed + looks).clamp(0, signed + lives + 299));
        let served = standings(at_moment(&history, served_at), LONGEST, served_at);
        prop_assert!(served.get(by).is_some_and(Standing::is_published), "{steps:?}: key {by} in {served:?}");
    }

    /// Exactly one key signs at any moment, it is published, and no revoked one ever is.
    #[test]
    fn one_key_signs_and_none_that_was_revoked(steps in steps(true), asked in 0..60_000_i64, behind in 0..6_i64) {
        let history = history(&steps);
        let keys = at_moment(&history, at(asked));
        // Also by a clock that is behind that of the node which wrote.
        let found = standings(keys, LONGEST, at(asked - behind));
        prop_assert_eq!(found.iter().filter(|standing| standing.state == KeyState::Signing).count(), 1);
        for (key, standing) in keys.iter().zip(&found) {
            prop_assert_eq!(key.revoked_at.is_some(), standing.state == KeyState::Revoked);
        }
    }

    /// Nothing changes between a moment and the next change that was told.
    #[test]
    fn nothing_changes_before_it_is_said_to(steps in steps(true), asked in 0..60_000_i64, later in 0..20_000_i64) {
        let (_, keys) = history(&steps).pop().unwrap();
        let states = |now| standings(&keys, LONGEST, now).iter().map(|standing| standing.state).collect::<Vec<_>>();
        let change = next_change(&standings(&keys, LONGEST, at(asked)), at(asked));
        let then = change.map_or(at(asked + later), |change| at(asked + later).min(change - Lifetime::from_seconds(1)));
        if then >= at(asked) {
            prop_assert_eq!(states(at(asked)), states(then));
        }
        if let Some(change) = change {
            prop_assert_ne!(states(at(asked)), states(change));
        }
    }

    /// Keys that are older than one which is good and has been there for long may be forgotten: none of them is in use,
    /// and the others stand as before.
    #[test]
    fn what_is_forgotten_is_missed_by_nobody(steps in steps(true), later in 0..200_000_i64) {
        let memory = LONGEST.seconds() + KNOWN_BEFORE_SIGNING.seconds() + PUBLISHED_BEYOND.seconds();
        prop_assert!(memory < REPLACED_MEMORY.seconds());
        let (last, keys) = history(&steps).pop().unwrap();
        let now = Timestamp::from_millis(last.millis() + later * 1000);
        let old = |key: &KeyTimes| key.revoked_at.is_none() && key.made_at < now - Lifetime::from_seconds(memory);
        let kept = keys.iter().rposition(old).unwrap_or(0);
        let found = standings(&keys, LONGEST, now);
        prop_assert!(found[..kept].iter().all(|standing| !standing.is_published()));
        let alone = standings(&keys[kept..], LONGEST, now);
        for (with, without) in found[kept..].iter().zip(&alone) {
            prop_assert_eq!((with.state, with.published_until), (without.state, without.published_until));
        }
    }
}
