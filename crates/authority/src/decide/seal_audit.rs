//! Which audit records are sealed now, and how far the chain of seals may be forgotten?

use sayso_token::digest::Digest;
use sayso_token::seal::Sealer;
use sayso_token::time::{Lifetime, Timestamp};

use crate::record::audit_record::AuditRecord;
use crate::record::audit_seal::AuditSeal;

/// The most records under one seal.
pub const BATCH: usize = 200;
/// How long a record waits for others before it is sealed with fewer than [`BATCH`].
pub const WAITING: Lifetime = Lifetime::from_seconds(5 * 60);
/// How long records without a tag are taken, from the first seal of a database that has such records: the programs of before go
/// on writing them until the last node is upgraded.
pub const UPGRADING: Lifetime = Lifetime::from_seconds(24 * 60 * 60);

/// Decides the next seal: over these records, which are under none yet, in the order of time, opening and position; `None` as long
/// as they can wait. `before` is the last seal.
pub fn seal(before: Option<&AuditSeal>, waiting: &[AuditRecord], now: Timestamp, sealer: &Sealer) -> Option<AuditSeal> {
    let (first, last) = (waiting.first()?, waiting.last()?);
    if waiting.len() < BATCH && waiting.iter().all(|record| now < record.at + WAITING) {
        return None;
    }
    let untagged = || waiting.iter().any(|record| record.tag.is_none());
    let mut seal = AuditSeal {
        number: before.map_or(0, |before| before.number) + 1,
        made_at: now,
        records: i64::try_from(waiting.len()).ok()?,
        oldest: first.at,
        newest: last.at.min(now),
        digest: digest(waiting),
        untagged_until: match before {
            Some(before) => before.untagged_until,
            None => untagged().then_some(now + UPGRADING),
        },
        // Replaced below.
        tag: Digest::of(b""),
        foot: None,
    };
    seal.tag = seal.tagged(before.map(|before| &before.tag), sealer);
    Some(seal)
}

/// Of these seals, in order, the last one with which all records are from before that time.
pub fn forgettable(seals: &[AuditSeal], before: Timestamp) -> Option<&AuditSeal> {
    seals.iter().take_while(|seal| seal.newest < before).last()
}

/// The digest of records, in this order.
fn digest(records: &[AuditRecord]) -> Digest {
    records.iter().fold(of_none(), |digest, record| record.after(&digest))
}

/// The digest of no records.
pub(super) fn of_none() -> Digest {
    Digest::of(b"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{audited, now};

    fn later(seconds: u32) -> Timestamp {
        now() + Lifetime::from_seconds(seconds)
    }

    #[test]
    fn records_are_sealed_when_there_are_many_or_one_has_waited() {
        let sealer = Sealer::new([1; 32]);
        let many: Vec<_> = (0..200).map(audited).collect();
        // How many wait, asked how long after the first, and whether they are sealed.
        for (count, seconds, sealed) in
            [(0, 900, false), (1, 299, false), (1, 300, true), (199, 0, false), (200, 0, true)]
        {
            let seal = seal(None, &many[..count], later(seconds), &sealer);
            assert_eq!(seal.map(|seal| (seal.number, seal.records as usize)), sealed.then_some((1, count)));
        }
    }

    #[test]
    fn a_seal_follows_the_one_before_and_keeps_what_was_laid_down_at_the_beginning() {
        let sealer = Sealer::new([1; 32]);
        let tagged = |record: AuditRecord| AuditRecord { tag: Some(record.tagged(&sealer)), ..record };
        for (first, until) in [(audited(1), Some(later(300) + UPGRADING)), (tagged(audited(1)), None)] {
            let one = seal(None, &[first], later(300), &sealer).unwrap();
            let two = seal(Some(&one), &[audited(2)], later(900), &sealer).unwrap();
            assert_eq!((one.untagged_until, two.untagged_until), (until, until));
            assert!(one.follows(None, &sealer) && two.follows(Some(&one.tag), &sealer) && two.number == 2);
            assert!(!two.follows(None, &sealer) && !one.follows(Some(&two.tag), &sealer));
        }
    }

    /// A record from a clock that is ahead does not keep the chain from being forgotten.
    #[test]
    fn what_is_forgotten_is_a_beginning_whose_records_are_all_over() {
        let sealer = Sealer::new([1; 32]);
        let seals: Vec<_> = [10, 30, 20, 40]
            .map(|seconds| {
                seal(None, &[AuditRecord { at: later(seconds), ..audited(1) }], later(9_000), &sealer).unwrap()
            })
            .into();
        for (before, last) in [(10, None), (11, Some(10)), (25, Some(10)), (31, Some(20)), (100, Some(40))] {
            let found = forgettable(&seals, later(before)).map(|seal| seal.newest);
            assert_eq!(found, last.map(later), "before {before}");
        }
        let ahead = [AuditRecord { at: later(0), ..audited(1) }, AuditRecord { at: later(90_000), ..audited(2) }];
        assert_eq!(seal(None, &ahead, later(300), &sealer).unwrap().newest, later(300));
    }
}
