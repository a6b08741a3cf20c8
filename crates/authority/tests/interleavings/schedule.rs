//! Schedules: lists of small numbers, each a move. Proptest draws them and makes a failing one small.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};

use crate::scenes::Scene;
use crate::world::World;

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// The caller's call goes one step on; an idle caller begins one.
    Step(usize),
    /// The same, but an answer that was on its way is lost.
    Lose(usize),
    /// The node dies with all it was about to do, and is back at once.
    Crash(usize),
    /// The clocks of all nodes move by so many milliseconds.
    Wait(i64),
}

/// Numbers of a schedule are below this.
const MOVES: u8 = 64;
const FIRST_LOSS: u8 = 48;
const FIRST_CRASH: u8 = 54;
const FIRST_WAIT: u8 = 56;
/// Around each window: an echo's 5 s, the overlap of 30 or 60 s, the month an unused successor is repeated; and a clock
/// that is set back.
const WAITS: [i64; 8] = [1, 1_000, 6_000, 31_000, 61_000, 300_000, 31 * 24 * 3_600_000, -1_500];

impl Move {
    fn of(number: u8, callers: usize) -> Self {
        match number {
            0..FIRST_LOSS => Self::Step(usize::from(number) % callers),
            FIRST_LOSS..FIRST_CRASH => Self::Lose(usize::from(number) % callers),
            FIRST_CRASH..FIRST_WAIT => Self::Crash(usize::from(number - FIRST_CRASH)),
            _ => Self::Wait(WAITS[usize::from(number - FIRST_WAIT) % WAITS.len()]),
        }
    }
}

/// Runs the scene on so many random schedules; how many it were. Panics with the smallest failing one.
pub(crate) fn hold(scene: &Scene, interleavings: u32) -> u32 {
    let (ran, met) = (Cell::new(0), RefCell::new(BTreeSet::<&str>::new()));
    let config = Config { cases: interleavings, failure_persistence: None, ..Config::default() };
    let schedules = proptest::collection::vec(0..MOVES, 1..44);
    let found = TestRunner::new(config).run(&schedules, |schedule| {
        ran.set(ran.get() + 1);
        let (world, played) = play(scene, &schedule);
        played.map_err(TestCaseError::fail)?;
        met.borrow_mut().extend(world.met());
        Ok(())
    });
    match found {
        Ok(()) => {
            let missed: Vec<_> = scene.meets.iter().filter(|wanted| !met.borrow().contains(*wanted)).collect();
            assert!(missed.is_empty(), "no interleaving met {missed:?}");
            ran.get()
        }
        Err(TestError::Fail(_, schedule)) => panic!("{}", story(scene, &schedule)),
        Err(other) => panic!("{other}"),
    }
}

/// Plays the moves, then lets every call that is under way come to its end.
pub(crate) fn play<'a>(scene: &'a Scene, schedule: &[u8]) -> (World<'a>, Result<(), String>) {
    let mut world = World::new(scene);
    let callers = scene.callers.len();
    let mut played = schedule.iter().try_for_each(|number| world.play(Move::of(*number, callers)));
    if played.is_ok() {
        played = world.come_to_rest();
    }
    (world, played)
}

/// How it came about, move by move, and how to see it again.
fn story(scene: &Scene, schedule: &[u8]) -> String {
    let (world, Err(broken)) = play(scene, schedule) else { return "it does not fail again".to_owned() };
    let moves: Vec<String> = world.played.iter().map(|played| format!("  {played:?}")).collect();
    format!(
        "{broken}\nafter\n{}\nTo see it again, and to keep it seen, add to SEEN: (|| Scene::{}, &{schedule:?}),",
        moves.join("\n"),
        scene.name
    )
}
