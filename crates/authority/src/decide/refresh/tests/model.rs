//! Random walks: any token ever given is presented at any time, in any order, and an oracle that knows only the rule's
//! wording says what must happen. Invariants I2 and I3: a chain never forks, at most one token is live, reuse ends it.

use proptest::prelude::*;

use super::Household;
use crate::decide::refresh::{CONFIRM_CAP, MAX_STEPS, Refused};
use crate::record::client::Rotation;
use sayso_token::digest::Digest;
use sayso_token::time::Lifetime;

/// What the rule says, without looking at what is stored: when each generation was first used, and no more.
struct Oracle {
    rotation: Rotation,
    overlap: i64,
    first_used: Vec<i64>,
    revoked: bool,
}

impl Oracle {
    fn expect(&mut self, generation: usize, now: i64) -> Result<usize, Refused> {
        let live = self.first_used.len();
        if self.revoked {
            return Err(Refused::Revoked);
        }
        let Some(first_used) = self.first_used.get(generation) else {
            if self.rotation == Rotation::Static {
                return Ok(live);
            }
            self.first_used.push(now);
            return Ok(live + 1);
        };
        let since = now - first_used;
        let successor_unused = generation + 1 == live;
        let confirms =
            self.rotation == Rotation::SameSuccessor && successor_unused && since < i64::from(CONFIRM_CAP.seconds());
        let remembered = live - generation <= MAX_STEPS;
        if remembered && (confirms || since < self.overlap) {
            return Ok(live);
        }
        self.revoked = true;
        Err(Refused::Reused)
    }
}

/// How long until the next move: mostly near the edges of the window.
fn pause() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => 0i64..5,
        3 => 5i64..70,
        2 => 70i64..4000,
        1 => 1_000_000i64..3_000_000,
    ]
}

/// Which token: mostly one of the last, counted back from the live one.
fn back() -> impl Strategy<Value = usize> {
    prop_oneof![5 => Just(0usize), 4 => Just(1), 2 => Just(2), 1 => 3usize..12]
}

fn walk(client: &'static str, rotation: Rotation, overlap: u32, moves: &[(i64, usize)]) -> Result<(), TestCaseError> {
    let mut home = Household::linked(client);
    home.rule().rotation = rotation;
    home.rule().overlap = Lifetime::from_seconds(overlap);
    home.rule().idle = None;
    let mut oracle = Oracle { rotation, overlap: i64::from(overlap), first_used: Vec::new(), revoked: false };
    let mut now = 0;
    for (pause, back) in moves {
        now += pause;
        let generation = (home.given.len() - 1).saturating_sub(*back);
        let expected = oracle.expect(generation, now);
        let found = home.present(generation, now);
        prop_assert_eq!(found, expected, "generation {} at {}", generation, now);
        // What came back is the newest token ever given, so no token has two successors (I2).
        if let Ok(generation) = found {
            prop_assert_eq!(generation, home.given.len() - 1);
        }
        prop_assert_eq!(home.given.len(), oracle.first_used.len() + 1);
        // One token is live, and it is the newest (I3); a grant that ended stays ended.
        let chain = home.grant().refresh.as_ref().unwrap();
        let newest = home.given.last().unwrap();
        prop_assert!(chain.live.matches(&Digest::of(newest.expose().as_bytes())));
        prop_assert!(chain.steps.len() <= MAX_STEPS);
        prop_assert_eq!(home.grant().revoked_at.is_some(), oracle.revoked);
        prop_assert_eq!(usize::try_from(chain.generation).unwrap(), home.given.len() - 1);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn with_the_same_successor(
        overlap in proptest::sample::select(vec![0u32, 1, 30, 60, 300]),
        moves in proptest::collection::vec((pause(), back()), 1..40),
    ) {
        walk("alexa", Rotation::SameSuccessor, overlap, &moves)?;
    }

    #[test]
    fn strictly(
        overlap in proptest::sample::select(vec![0u32, 1, 10, 30]),
        moves in proptest::collection::vec((pause(), back()), 1..40),
    ) {
        walk("spa", Rotation::Strict, overlap, &moves)?;
    }

    /// The same token stays, whatever happens; those of before it stayed follow the rule they followed then.
    #[test]
    fn statically(
        before in proptest::collection::vec((pause(), Just(0usize)), 0..4),
        moves in proptest::collection::vec((pause(), back()), 1..40),
    ) {
        walk("alexa", Rotation::Static, 60, &moves)?;
        let mut home = Household::linked("alexa");
        for (pause, _) in &before {
            home.present(home.given.len() - 1, *pause).unwrap();
        }
        home.rule().rotation = Rotation::Static;
        let (given, mut now) = (home.given.len(), 1_000_000);
        for (pause, _) in &moves {
            now += pause;
            prop_assert_eq!(home.present(given - 1, now), Ok(given - 1));
        }
        home.rule().rotation = Rotation::SameSuccessor;
        prop_assert_eq!(home.present(given - 1, now), Ok(given), "and rotates again when it is to");
    }

    /// A client that always uses its newest token, however often its answers are lost, is never unlinked.
    #[test]
    fn an_honest_client_with_a_bad_line_stays_linked(losses in proptest::collection::vec((pause(), 0usize..4), 1..40)) {
        let mut home = Household::linked("alexa");
        let (mut held, mut now) = (0, 0);
        for (pause, lost) in losses {
            now += pause;
            for _ in 0..lost {
                prop_assert!(home.present(held, now).is_ok());
                now += 7;
            }
            held = home.present(held, now).unwrap();
        }
        prop_assert!(home.grant().revoked_at.is_none());
    }
}
