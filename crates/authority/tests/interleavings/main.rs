//! Concurrent callers against one memory, in every order that chance finds: the invariants that must hold whatever the
//! interleaving. The decisions are the real ones; the memory applies their changes under the store's own guards.
//!
//! - `schedule` turns small numbers into moves and runs many of them, the failing ones made small by proptest.
//! - `world` is what the moves act on: the memory, two nodes with clocks of their own, the callers.
//! - `callers` is one call, step by step as `settle` takes it: look up, decide and write, hear the answer.
//! - `scenes` says who calls whom.
//! - `invariants` watches every write and every answer, and says which invariant broke.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod callers;
mod invariants;
mod scenes;
mod schedule;
#[allow(dead_code, reason = "shared with the tests beside the code")]
#[path = "../../src/testing.rs"]
mod testing;
mod world;

use sayso_authority::record::client::Rotation;
use scenes::Scene;
use schedule::{hold, play};

/// Interleavings of each scene in one run.
const EACH: u32 = 15_000;
/// How many scenes there are.
const SCENES: u32 = 8;
const _: () = assert!(EACH * SCENES >= 100_000, "a run is at least 10^5 interleavings");

macro_rules! scenes {
    ($($test:ident: $scene:expr),+ $(,)?) => {
        $(
            #[test]
            fn $test() {
                assert_eq!(hold(&$scene, EACH), EACH);
            }
        )+

        #[test]
        fn every_scene_is_counted() {
            assert_eq!([$(stringify!($test)),+].len(), SCENES as usize);
        }
    };
}

scenes! {
    a_code_is_redeemed_echoed_guessed_and_stolen: Scene::codes(),
    a_household_refreshes_beside_a_thief: Scene::refreshing(Rotation::SameSuccessor),
    a_household_refreshes_beside_a_thief_strictly: Scene::refreshing(Rotation::Strict),
    a_household_refreshes_with_a_token_that_stays: Scene::stopping(Rotation::Static),
    a_link_is_ended_while_it_is_used: Scene::stopping(Rotation::SameSuccessor),
    a_link_is_ended_while_it_is_used_strictly: Scene::stopping(Rotation::Strict),
    forms_sessions_and_profiles: Scene::forms(),
    people_come_from_elsewhere: Scene::elsewhere(),
}

type Seen = (fn() -> Scene, &'static [u8]);

/// Schedules that once showed a fault, of the decisions or of a guard taken away on purpose, each as the failing test
/// printed it.
const SEEN: &[Seen] = &[
    // Two callers advance one chain, and the generation is not guarded.
    (|| Scene::refreshing(Rotation::Strict), &[0, 1, 0, 0, 0, 0, 0, 0]),
    // A chain moves on that was ended after it was looked up.
    (|| Scene::codes(), &[25, 41, 41, 25, 44, 0, 29, 0]),
    // Two callers spend one code.
    (|| Scene::codes(), &[0, 25, 0, 0, 0, 0, 0, 0]),
    // Two answers to one form.
    (|| Scene::forms(), &[23, 3, 23, 3, 51, 2, 0, 0]),
    // A straggler after the overlap, whose successor was used.
    (|| Scene::refreshing(Rotation::SameSuccessor), &[4, 20, 20, 20, 8, 60, 0, 0]),
    // A repeat that would be given a successor of its own.
    (|| Scene::stopping(Rotation::Strict), &[2, 16, 0, 0, 0, 29, 0, 2]),
    // A refresh of somebody who was disabled.
    (|| Scene::codes(), &[24, 50, 26, 7, 10, 8, 1, 0]),
];

#[test]
fn what_was_seen_once_is_not_seen_again() {
    for (scene, schedule) in SEEN {
        if let (_, Err(broken)) = play(&scene(), schedule) {
            panic!("{broken}, by {schedule:?}");
        }
    }
}
