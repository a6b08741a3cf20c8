//! What happens, told while it happens: one bounded list that all open pages follow, and the turns under way as far as
//! they have come.
//!
//! Nothing is queued for a listener. Each reads the same list at its own pace, and whoever was away for too long is told
//! so and looks at everything anew.

mod sketch;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::alexa_api::Call;
use crate::scrub::Scrubber;
use crate::trace::{GuardTrace, Hop, ResponseShown, Turn};
use sketch::Sketch;

/// News kept for those who come back.
const MOST_KEPT: usize = 256;
/// Turns under way that are shown; a linking that nobody ends gives way.
const MOST_UNDER_WAY: usize = 32;
/// Streams open at once.
const MOST_LISTENERS: usize = 32;

/// One piece of news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A turn has begun.
    Begun(String),
    /// Something of it was asked or answered.
    Moved(String),
    /// It is over, and kept.
    Ended(String),
    /// Somebody has moved the clock.
    Clock,
}

/// What a listener is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// The stream is open.
    Here,
    /// A piece of news.
    News(Piece),
    /// Some of the news is not kept any more, or is of an earlier run.
    Missed,
}

/// All news.
#[derive(Debug)]
pub(crate) struct News {
    /// Tells the numbers of this run from those of an earlier one.
    run: String,
    kept: Mutex<Kept>,
    newest: watch::Sender<Newest>,
    places: Arc<Semaphore>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Newest {
    number: u64,
    /// Whether nothing will follow, because the program ends.
    is_last: bool,
}

#[derive(Debug, Default)]
struct Kept {
    /// The number of the last piece.
    number: u64,
    pieces: VecDeque<Piece>,
    under_way: VecDeque<Sketch>,
}

impl News {
    pub(crate) fn new(run: String) -> Arc<Self> {
        let (newest, _) = watch::channel(Newest::default());
        let places = Arc::new(Semaphore::new(MOST_LISTENERS));
        Arc::new(Self { run, kept: Mutex::default(), newest, places })
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a piece, once `change` is made.
    fn tell<T>(&self, piece: Piece, change: impl FnOnce(&mut Kept) -> T) -> T {
        let mut kept = self.lock();
        let changed = change(&mut kept);
        if kept.pieces.len() >= MOST_KEPT {
            kept.pieces.pop_front();
        }
        kept.pieces.push_back(piece);
        kept.number += 1;
        let number = kept.number;
        drop(kept);
        self.newest.send_modify(|newest| newest.number = newest.number.max(number));
        changed
    }

    /// A turn begins. What was said is shown at once, with what looks like a token taken out.
    pub(crate) fn begin(self: &Arc<Self>, turn: &Turn) -> UnderWay {
        let mut sketch = Turn::begin(turn.id.clone(), turn.at.clone(), turn.heard.clone());
        sketch.utterance.clone_from(&turn.utterance);
        Scrubber::default().turn(&mut sketch);
        self.tell(Piece::Begun(turn.id.clone()), |kept| {
            if kept.under_way.len() >= MOST_UNDER_WAY {
                kept.under_way.pop_front();
            }
            kept.under_way.push_back(Sketch::of(sketch));
        });
        self.go_on(&turn.id)
    }

    /// A turn that began earlier goes on.
    pub(crate) fn go_on(self: &Arc<Self>, turn: &str) -> UnderWay {
        UnderWay { news: self.clone(), turn: turn.to_owned() }
    }

    /// A turn is over.
    pub(crate) fn end(&self, turn: &str) {
        self.tell(Piece::Ended(turn.to_owned()), |kept| kept.under_way.retain(|one| one.turn.id != turn));
    }

    /// The clock was moved.
    pub(crate) fn clock_moved(&self) {
        self.tell(Piece::Clock, |_| ());
    }

    /// A turn under way, as far as it has come.
    pub(crate) fn under_way(&self, turn: &str) -> Option<Turn> {
        self.lock().under_way.iter().find(|one| one.turn.id == turn).map(Sketch::drawn)
    }

    /// All turns under way, oldest first.
    pub(crate) fn all_under_way(&self) -> Vec<Turn> {
        self.lock().under_way.iter().map(Sketch::drawn).collect()
    }

    /// A skill tells what it does with a request, under the name that it was given; whether one is awaited under that name.
    pub(crate) fn skill_tells(&self, name: &str, trace: &GuardTrace) -> bool {
        let mut kept = self.lock();
        let found = kept.under_way.iter_mut().find_map(|one| one.tell(name, trace).then(|| one.turn.id.clone()));
        drop(kept);
        let Some(turn) = found else { return false };
        self.tell(Piece::Moved(turn), |_| ());
        true
    }

    /// Where the news stand: a page that is made now follows from here.
    pub(crate) fn mark(&self) -> String {
        self.marked(self.lock().number)
    }

    fn marked(&self, number: u64) -> String {
        format!("{}-{number}", self.run)
    }

    /// A stream of what follows this mark; nothing when too many are open.
    pub(crate) fn listen(self: &Arc<Self>, mark: Option<&str>) -> Option<Listener> {
        let place = self.places.clone().try_acquire_owned().ok()?;
        let number = self.lock().number;
        let seen = match mark {
            None => Some(number),
            Some(mark) => mark
                .rsplit_once('-')
                .filter(|(run, _)| *run == self.run)
                .and_then(|(_, seen)| seen.parse().ok())
                .filter(|seen| *seen <= number),
        };
        // What has become of the turns of an earlier run is not known here: as if all had been missed.
        let ready = VecDeque::from(match seen {
            Some(seen) => vec![(seen, Told::Here)],
            None => vec![(number, Told::Here), (number, Told::Missed)],
        });
        let newest = self.newest.subscribe();
        Some(Listener { news: self.clone(), newest, seen: seen.unwrap_or(number), ready, _place: place })
    }

    /// Ends all streams, and those that are opened from now on.
    pub(crate) fn close(&self) {
        self.newest.send_modify(|newest| newest.is_last = true);
    }

    /// What came after `seen`, with its numbers.
    fn after(&self, seen: u64) -> VecDeque<(u64, Told)> {
        let kept = self.lock();
        let first = kept.number - u64::try_from(kept.pieces.len()).unwrap_or(kept.number) + 1;
        if seen + 1 < first {
            return VecDeque::from([(kept.number, Told::Missed)]);
        }
        let numbered = (first..).zip(&kept.pieces).filter(|(number, _)| *number > seen);
        numbered.map(|(number, piece)| (number, Told::News(piece.clone()))).collect()
    }
}

/// Somebody who follows the news.
#[derive(Debug)]
pub(crate) struct Listener {
    news: Arc<News>,
    newest: watch::Receiver<Newest>,
    seen: u64,
    ready: VecDeque<(u64, Told)>,
    _place: OwnedSemaphorePermit,
}

impl Listener {
    /// The next piece with its mark, as soon as there is one; nothing when the program ends.
    pub(crate) async fn next(&mut self) -> Option<(String, Told)> {
        loop {
            let newest = *self.newest.borrow_and_update();
            if newest.is_last {
                return None;
            }
            if let Some((number, told)) = self.ready.pop_front() {
                self.seen = number;
                return Some((self.news.marked(number), told));
            }
            self.ready = self.news.after(self.seen);
            if self.ready.is_empty() {
                self.newest.changed().await.ok()?;
            }
        }
    }
}

/// A turn under way: whatever is sent while it is done is told.
#[derive(Clone, Debug)]
pub(crate) struct UnderWay {
    news: Arc<News>,
    turn: String,
}

tokio::task_local! {
    /// The turn that this task is doing. Requests are sent from deep below, where no turn is known.
    static UNDER_WAY: UnderWay;
}

impl UnderWay {
    /// Does what belongs to the turn.
    pub(crate) fn with<'d, T: 'd>(
        self,
        doing: impl Future<Output = T> + Send + 'd,
    ) -> impl Future<Output = T> + Send + 'd {
        // A turn is a large future, and would be moved about.
        UNDER_WAY.scope(self, Box::pin(doing))
    }

    /// The turn that this task is doing, if any.
    pub(crate) fn of_this_task() -> Option<Self> {
        UNDER_WAY.try_with(Clone::clone).ok()
    }

    /// Its id.
    pub(crate) fn turn(&self) -> &str {
        &self.turn
    }

    /// A skill has asked Alexa while its answer is awaited, and was answered at once. Texts in it have been scrubbed.
    pub(crate) fn asked_meanwhile(&self, call: Call) {
        self.news.tell(Piece::Moved(self.turn.clone()), |kept| {
            if let Some(one) = kept.under_way.iter_mut().find(|one| one.turn.id == self.turn) {
                one.see(call);
            }
        });
    }

    /// An arrow is drawn: who asks whom, and for what. The number of it, to be answered with.
    pub(crate) fn asked(&self, hop: &Hop) -> Option<usize> {
        let (title, from, to) = (hop.title.clone(), hop.from.clone(), hop.to.clone());
        let arrow = Hop { title, from, to, at: hop.at.clone(), ..Hop::default() };
        self.change(|hops| {
            hops.push(arrow);
            hops.len() - 1
        })
    }

    /// The arrow back.
    fn answered(&self, at: usize, hop: &Hop) {
        let response = hop.response.as_ref().map(|response| response.status);
        self.change(|hops| {
            if let Some(arrow) = hops.get_mut(at) {
                (arrow.millis, arrow.micros) = (hop.millis, hop.micros);
                arrow.response = response.map(|status| ResponseShown { status, ..ResponseShown::default() });
                // Only that there is one: it may hold what is scrubbed at the end of the turn.
                arrow.note = hop.note.as_ref().map(|_| String::new());
            }
        });
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<Hop>) -> T) -> Option<T> {
        self.news.tell(Piece::Moved(self.turn.clone()), |kept| {
            kept.under_way.iter_mut().find(|one| one.turn.id == self.turn).map(|one| change(&mut one.turn.hops))
        })
    }
}

/// Has a skill tell, under this name, what it does with the request that this task sends next; whether somebody may be looking.
pub(crate) fn expect(name: &str) -> bool {
    let Some(under_way) = UnderWay::of_this_task() else { return false };
    let mut kept = under_way.news.lock();
    let found = kept.under_way.iter_mut().find(|one| one.turn.id == under_way.turn);
    found.map(|one| one.expect(name.to_owned())).is_some()
}

/// Something was asked, and no answer has come yet.
#[derive(Debug)]
pub(crate) struct Asked(Option<(UnderWay, usize)>);

impl Asked {
    /// Tells that this is asked, if a turn is under way in this task.
    pub(crate) fn now(hop: &Hop) -> Self {
        let under_way = UnderWay::of_this_task();
        Self(under_way.and_then(|turn| turn.asked(hop).map(|at| (turn, at))))
    }

    /// Tells what came of it.
    pub(crate) fn answered(self, hop: &Hop) {
        if let Self(Some((turn, at))) = self {
            turn.answered(at, hop);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::trace::Heard;

    fn turn(id: &str) -> Turn {
        Turn::begin(id.into(), "2027-01-15T08:00:00Z".into(), Heard::default())
    }

    async fn told(listener: &mut Listener) -> Told {
        listener.next().await.unwrap().1
    }

    #[tokio::test]
    async fn a_turn_is_told_step_by_step() {
        let news = News::new("run".into());
        let mut listener = news.listen(None).unwrap();
        let hop = Hop { title: "Ask".into(), from: "Alexa".into(), to: "Skill".into(), ..Hop::default() };
        let under_way = news.begin(&turn("one"));
        under_way
            .with(async {
                let asked = Asked::now(&hop);
                assert!(news.under_way("one").unwrap().hops.iter().all(|hop| hop.response.is_none()));
                let response = Some(ResponseShown { status: 200, ..ResponseShown::default() });
                asked.answered(&Hop { response, millis: 7, ..hop.clone() });
            })
            .await;
        assert_eq!(news.under_way("one").unwrap().hops.first().unwrap().millis, 7);
        news.end("one");
        assert!(news.under_way("one").is_none() && news.all_under_way().is_empty());
        let moved = Told::News(Piece::Moved("one".into()));
        let ended = Told::News(Piece::Ended("one".into()));
        for expected in [Told::Here, Told::News(Piece::Begun("one".into())), moved.clone(), moved, ended] {
            assert_eq!(told(&mut listener).await, expected);
        }
        Asked::now(&hop).answered(&hop);
        assert_eq!(news.mark(), "run-4", "what belongs to no turn is not told");
    }

    #[tokio::test]
    async fn whoever_comes_back_hears_what_was_missed_or_that_it_was_too_much() {
        let news = News::new("run".into());
        let mark = news.mark();
        news.clock_moved();
        let mut back = news.listen(Some(&mark)).unwrap();
        assert_eq!(back.next().await.unwrap(), ("run-0".into(), Told::Here));
        assert_eq!(back.next().await.unwrap(), ("run-1".into(), Told::News(Piece::Clock)));
        for _ in 0..=MOST_KEPT {
            news.clock_moved();
        }
        assert_eq!(told(&mut back).await, Told::Missed);
        assert_eq!(news.lock().pieces.len(), MOST_KEPT, "no more is kept");
        for foreign in ["other-1", "run-9999", "run-x", "", "run"] {
            let mut stranger = news.listen(Some(foreign)).unwrap();
            assert_eq!((told(&mut stranger).await, told(&mut stranger).await), (Told::Here, Told::Missed), "{foreign}");
        }
    }

    #[tokio::test]
    async fn listeners_and_turns_under_way_are_bounded_and_the_end_ends_all() {
        let news = News::new("run".into());
        let mut listeners: Vec<Listener> = (0..MOST_LISTENERS).map(|_| news.listen(None).unwrap()).collect();
        assert!(news.listen(None).is_none());
        let mut last = listeners.pop().unwrap();
        drop(listeners.pop());
        assert!(news.listen(None).is_some(), "who goes makes room");
        for at in 0..MOST_UNDER_WAY + 5 {
            news.begin(&turn(&at.to_string()));
        }
        assert_eq!(news.all_under_way().len(), MOST_UNDER_WAY);
        news.close();
        assert!(last.next().await.is_none());
        drop(listeners);
        assert!(news.listen(None).unwrap().next().await.is_none());
    }
}
