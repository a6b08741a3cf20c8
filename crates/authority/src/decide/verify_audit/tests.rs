use sayso_token::time::Lifetime;

use super::*;
use crate::decide::seal_audit::{UPGRADING, seal};
use crate::testing::{audited, now};

const BATCHES: usize = 4;
const EACH: usize = 3;

fn sealer() -> Sealer {
    Sealer::new([1; 32])
}

fn tagged(number: usize) -> AuditRecord {
    let record = AuditRecord { at: now() + Lifetime::from_seconds(number as u32), ..audited(number as i64) };
    AuditRecord { tag: Some(record.tagged(&sealer())), ..record }
}

/// When all was sealed.
fn then() -> Timestamp {
    now() + Lifetime::from_seconds(1000)
}

#[derive(Clone)]
struct Log {
    seals: Vec<AuditSeal>,
    records: Vec<AuditRecord>,
}

impl Log {
    /// Some batches, sealed, and one record that waits.
    fn kept() -> Self {
        let mut log = Self { seals: Vec::new(), records: (0..BATCHES * EACH).map(tagged).collect() };
        for batch in 0..BATCHES {
            log.seal(batch * EACH..(batch + 1) * EACH, then());
        }
        log.records.push(tagged(BATCHES * EACH));
        log
    }

    fn seal(&mut self, which: std::ops::Range<usize>, now: Timestamp) {
        let seal = seal(self.seals.last(), &self.records[which.clone()], now, &sealer()).unwrap();
        self.records[which].iter_mut().for_each(|record| record.seal = Some(seal.number));
        self.seals.push(seal);
    }

    fn forget_through(&mut self, seal: usize) {
        let foot = &mut self.seals[seal - 1];
        foot.foot = Some(foot.as_foot(&sealer()));
    }

    fn verified_with(&self, sealer: &Sealer, noted: Option<Head>, now: Timestamp) -> Verified {
        let mut verifier = Verifier::new(sealer, now, noted);
        self.seals.iter().cloned().for_each(|seal| verifier.seal(seal));
        let mut records = self.records.clone();
        records.sort_by_key(|record| (record.at, record.opening, record.position));
        records.iter().for_each(|record| verifier.record(record));
        verifier.finish()
    }

    fn verified(&self) -> Verified {
        self.verified_with(&sealer(), None, then())
    }
}

#[test]
fn what_was_left_alone_is_whole() {
    let log = Log::kept();
    let verified = log.verified();
    assert!(verified.is_whole(), "{verified:?}");
    assert_eq!((verified.seals, verified.sealed, verified.waiting, verified.untagged), (4, 12, 1, 0));
    assert_eq!(verified.head, log.seals.last().map(AuditSeal::head));
    let rotated = Sealer::new([2; 32]).opening([[1; 32]]);
    assert!(log.verified_with(&rotated, None, then()).is_whole(), "a replaced key still knows its tags");
    assert!(!log.verified_with(&Sealer::new([2; 32]), None, then()).is_whole());
    let nothing = Log { seals: Vec::new(), records: Vec::new() };
    assert_eq!(nothing.verified(), Verified::default());
    for seal in &log.seals {
        assert!(log.verified_with(&sealer(), Some(seal.head()), then()).is_whole());
    }
}

#[test]
fn whatever_is_done_to_it_is_found() {
    let forged = |log: &Log, at: usize| Finding::RecordForged { record: Named::of(&log.records[at]) };
    let differ = |log: &Log, number: usize, found| {
        let seal = Box::new(log.seals.iter().find(|seal| seal.number == number as i64).unwrap().clone());
        Finding::RecordsDiffer { seal, found }
    };
    let mut log = Log::kept();
    log.records[4].details.push(' ');
    assert_eq!(log.verified().findings, [forged(&log, 4), differ(&log, 2, 3)], "a record changed");

    let mut log = Log::kept();
    log.records[12].kind = "nothing".to_owned();
    assert_eq!(log.verified().findings, [forged(&log, 12)], "one that waits");

    let mut log = Log::kept();
    log.records.remove(4);
    assert_eq!(log.verified().findings, [differ(&log, 2, 2)], "one removed");

    // Added: what a node has written stands somewhere else, or has no tag, or a tag of nobody's.
    let mut log = Log::kept();
    log.records.push(AuditRecord { position: 99, ..log.records[4].clone() });
    assert_eq!(log.verified().findings, [forged(&log, 13), differ(&log, 2, 4)]);
    log.records[13].seal = None;
    assert_eq!(log.verified().findings, [forged(&log, 13)]);
    log.records[13].tag = None;
    assert_eq!(log.verified().findings, [Finding::RecordUntagged { record: Named::of(&log.records[13]) }]);

    let mut log = Log::kept();
    log.records[4].seal = Some(3);
    assert_eq!(log.verified().findings, [differ(&log, 2, 2), differ(&log, 3, 4)], "moved to another seal");
    log.records[4].seal = None;
    assert_eq!(log.verified().findings, [differ(&log, 2, 2)], "as if it had never been sealed");
    log.records[4].seal = Some(77);
    let missing = Finding::SealsMissing { from: 77, to: 77 };
    assert_eq!(log.verified().findings, [differ(&log, 2, 2), missing]);

    let mut log = Log::kept();
    log.records[4].actor = Some("eve".to_owned());
    assert_eq!(log.verified().findings, [forged(&log, 4)], "found under another name");
}

#[test]
fn whatever_is_done_to_a_seal_is_found() {
    let changes: [fn(&mut AuditSeal); 8] = [
        |seal| seal.made_at = Timestamp::from_millis(seal.made_at.millis() + 1),
        |seal| seal.records += 1,
        |seal| seal.oldest = Timestamp::from_millis(0),
        |seal| seal.newest = Timestamp::from_millis(0),
        |seal| seal.digest = Digest::of(b"other"),
        |seal| seal.untagged_until = Some(seal.made_at),
        |seal| seal.tag = Digest::of(b"other"),
        |seal| seal.foot = Some(Digest::of(b"other")),
    ];
    for at in 0..BATCHES {
        for change in changes {
            let mut log = Log::kept();
            change(&mut log.seals[at]);
            let forged =
                |finding: &Finding| matches!(finding, Finding::SealForged { number } if *number == at as i64 + 1);
            assert!(log.verified().findings.iter().any(forged), "seal {at}: {:?}", log.verified());
        }
    }
    let mut log = Log::kept();
    log.seals.remove(1);
    let gap = Finding::SealsMissing { from: 2, to: 2 };
    assert_eq!(log.verified().findings, [gap.clone(), gap], "by the seals, and by the records");
    let mut log = Log::kept();
    log.seals.remove(0);
    assert_eq!(log.verified().findings[0], Finding::BeginningMissing { number: 2 });
    let mut log = Log::kept();
    log.seals.pop();
    assert_eq!(log.verified().findings, [Finding::SealsMissing { from: 4, to: 4 }]);
    // With its records there is nothing to see, but for who has noted the head.
    log.records.retain(|record| record.seal != Some(4));
    assert!(log.verified().is_whole());
    let head = Log::kept().seals[3].head();
    let verified = log.verified_with(&sealer(), Some(head), then());
    assert_eq!(verified.findings, [Finding::HeadMissing { head }]);
}

#[test]
fn what_was_forgotten_by_the_rule_is_not_missed_and_what_is_merely_gone_is() {
    for gone in 0..=2 * EACH {
        let mut log = Log::kept();
        log.forget_through(2);
        // In the midst of deleting.
        log.records.drain(..gone);
        assert_eq!((log.verified().forgotten, log.verified().is_whole()), (2, true), "{gone}");
        log.seals.remove(0);
        assert!(log.verified().is_whole(), "{gone}");
        log.records.remove(2 * EACH - gone);
        assert!(!log.verified().is_whole(), "a record of a later seal is missed");
    }
    let mut log = Log::kept();
    log.forget_through(4);
    log.records.drain(..12);
    log.seals.drain(..3);
    assert!(log.verified().is_whole());
    let old = Log::kept().seals[0].head();
    assert!(log.verified_with(&sealer(), Some(old), then()).is_whole(), "of a forgotten head nothing can be told");
    // A foot by another hand, or another seal's.
    for foot in [Digest::of(b"foot"), log.seals[0].foot.unwrap()] {
        let mut log = Log::kept();
        log.seals[1].foot = Some(foot);
        log.records.drain(..6);
        log.seals.remove(0);
        assert!(log.verified().findings.contains(&Finding::SealForged { number: 2 }));
    }
}

/// What was written before there were tags is believed in the seals of the first day, and nothing else is.
#[test]
fn records_of_before_are_believed_for_a_day() {
    let untagged = |number: usize| AuditRecord { tag: None, actor: None, ..tagged(number) };
    let bare = |details: &str, number: usize| AuditRecord { details: details.to_owned(), ..untagged(number) };
    let day = then() + UPGRADING;
    let mut log = Log { seals: Vec::new(), records: vec![bare("{}", 0), bare("{}", 1)] };
    assert!(log.verified().is_whole(), "nothing is sealed yet");
    log.seal(0..2, then());
    log.records.push(bare("{}", 2));
    assert_eq!(log.verified().untagged, 3);
    assert!(log.verified_with(&sealer(), None, day).is_whole());
    let late = Timestamp::from_millis(day.millis() + 1);
    assert_eq!(log.verified_with(&sealer(), None, late).findings.len(), 1, "it came when there were none any more");
    log.seal(2..3, late);
    assert_eq!(log.verified_with(&sealer(), None, late).findings.len(), 1, "sealing makes it no better");

    // A database that began with tags never believes one.
    let mut log = Log::kept();
    log.records.push(bare("{}", 13));
    assert_eq!(log.verified().findings.len(), 1);
    log.seal(12..14, then());
    assert_eq!(log.verified().findings.len(), 1);
}
