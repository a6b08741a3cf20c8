//! Is the audit as it was written? Asked of all seals, in order, and then of all records, in order.

use std::collections::{BTreeMap, BTreeSet};

use sayso_token::digest::Digest;
use sayso_token::seal::Sealer;
use sayso_token::time::Timestamp;

use super::seal_audit::of_none;
use crate::record::audit_record::AuditRecord;
use crate::record::audit_seal::{AuditSeal, Head};

/// The most findings that are named; more are counted.
pub const MOST_FINDINGS: usize = 1000;

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The first seal that is there is neither number 1 nor a foot: seals before it were taken away.
    BeginningMissing {
        /// The first that is there.
        number: i64,
    },
    /// A head that was noted is not in the chain.
    HeadMissing {
        /// Which.
        head: Head,
    },
    /// A record that was not written by a node of this installation, or was changed since.
    RecordForged {
        /// Which.
        record: Named,
    },
    /// A record without a tag, where all must have one.
    RecordUntagged {
        /// Which.
        record: Named,
    },
    /// The records under a seal are others than were sealed.
    RecordsDiffer {
        /// The seal, with how many there were and from when.
        seal: Box<AuditSeal>,
        /// How many there are.
        found: i64,
    },
    /// A seal that was changed, or does not follow the one before it.
    SealForged {
        /// Which.
        number: i64,
    },
    /// Seals that were taken away.
    SealsMissing {
        /// The first of them.
        from: i64,
        /// The last of them.
        to: i64,
    },
}

/// A record, as it is named to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// When it happened.
    pub at: Timestamp,
    /// The opening of the store that it says it was written by.
    pub opening: i64,
    /// Which it is of that.
    pub position: i64,
    /// What it says happened.
    pub kind: String,
}

impl Named {
    fn of(record: &AuditRecord) -> Self {
        Self { at: record.at, opening: record.opening, position: record.position, kind: record.kind.clone() }
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Seals that count.
    pub seals: u64,
    /// Records under them.
    pub sealed: u64,
    /// Records that are not sealed yet.
    pub waiting: u64,
    /// Records that are believed though they have no tag, for they are from before there were tags.
    pub untagged: u64,
    /// Through which seal records were forgotten by the rule; 0: none.
    pub forgotten: i64,
    /// The end of the chain.
    pub head: Option<Head>,
    /// What is not as it was written.
    pub findings: Vec<Finding>,
    /// How many findings there are beyond those.
    pub unnamed: u64,
}

impl Verified {
    /// Whether all is as it was written.
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty() && self.unnamed == 0
    }
}

/// Looks at seals and records one after the other, and keeps a little of each seal only.
pub struct Verifier<'a> {
    sealer: &'a Sealer,
    now: Timestamp,
    /// A head that must be in the chain.
    noted: Option<Head>,
    seen: Verified,
    last: Option<AuditSeal>,
    under: BTreeMap<i64, Under>,
    /// Seals that records name and that are not there.
    unknown: BTreeSet<i64>,
}

/// A seal, and the records that were found under it so far.
struct Under {
    seal: AuditSeal,
    found: i64,
    digest: Digest,
}

impl<'a> Verifier<'a> {
    /// One that knows the tags of this sealer. `noted` is a head that must be in the chain.
    pub fn new(sealer: &'a Sealer, now: Timestamp, noted: Option<Head>) -> Self {
        let (seen, under, unknown) = (Verified::default(), BTreeMap::new(), BTreeSet::new());
        Self { sealer, now, noted, seen, last: None, under, unknown }
    }

    /// Looks at the next seal, by number. All come before the first record.
    pub fn seal(&mut self, seal: AuditSeal) {
        let last = self.last.take();
        match &last {
            None if seal.number != 1 => self.note(Finding::BeginningMissing { number: seal.number }),
            None if !seal.follows(None, self.sealer) => self.note(Finding::SealForged { number: seal.number }),
            None => {}
            // What the tag rests on is gone.
            Some(last) if last.number + 1 != seal.number => {
                self.note(Finding::SealsMissing { from: last.number + 1, to: seal.number - 1 });
            }
            Some(last) if !seal.follows(Some(&last.tag), self.sealer) => {
                self.note(Finding::SealForged { number: seal.number });
            }
            Some(_) => {}
        }
        match seal.is_foot(self.sealer) {
            // The chain begins here: whatever was before it was forgotten, or is about to be.
            Some(true) => {
                self.under.clear();
                (self.seen.findings, self.seen.unnamed) = (Vec::new(), 0);
                self.seen.forgotten = seal.number;
            }
            Some(false) => self.note(Finding::SealForged { number: seal.number }),
            None => {}
        }
        if self.seen.forgotten != seal.number {
            let under = Under { found: 0, digest: of_none(), seal: seal.clone() };
            self.under.insert(seal.number, under);
        }
        if self.noted == Some(seal.head()) {
            self.noted = None;
        }
        self.last = Some(seal);
    }

    /// Looks at the next record, in the order of time, opening and position.
    pub fn record(&mut self, record: &AuditRecord) {
        if record.seal.is_some_and(|number| (1..=self.seen.forgotten).contains(&number)) {
            return;
        }
        let untagged_is_believed = self.take(record);
        let misled = record.actor != record.by() && (record.tag.is_some() || record.seal.is_some());
        match record.is_genuine(self.sealer) {
            Some(true) if !misled => {}
            None if untagged_is_believed && !misled => self.seen.untagged += 1,
            None if !untagged_is_believed => self.note(Finding::RecordUntagged { record: Named::of(record) }),
            _ => self.note(Finding::RecordForged { record: Named::of(record) }),
        }
    }

    /// Takes it where it belongs; whether it would be believed there without a tag.
    fn take(&mut self, record: &AuditRecord) -> bool {
        let Some(number) = record.seal else {
            self.seen.waiting += 1;
            let until = self.last.as_ref().map(|last| last.untagged_until);
            return until.is_none_or(|until| until.is_some_and(|until| self.now <= until));
        };
        match self.under.get_mut(&number) {
            Some(under) => {
                self.seen.sealed += 1;
                under.found += 1;
                under.digest = record.after(&under.digest);
                under.seal.untagged_until.is_some_and(|until| under.seal.made_at <= until)
            }
            None => {
                self.unknown.insert(number);
                false
            }
        }
    }

    /// What was found in all.
    pub fn finish(mut self) -> Verified {
        let under = std::mem::take(&mut self.under);
        self.seen.seals = under.len() as u64;
        for Under { seal, found, digest } in under.into_values() {
            if (found, digest) != (seal.records, seal.digest) {
                self.note(Finding::RecordsDiffer { seal: Box::new(seal), found });
            }
        }
        for number in std::mem::take(&mut self.unknown) {
            self.note(Finding::SealsMissing { from: number, to: number });
        }
        // Of a head that was forgotten nothing can be told.
        if let Some(head) = self.noted.take().filter(|head| head.number >= self.seen.forgotten) {
            self.note(Finding::HeadMissing { head });
        }
        self.seen.head = self.last.as_ref().map(AuditSeal::head);
        self.seen
    }

    fn note(&mut self, finding: Finding) {
        if self.seen.findings.len() < MOST_FINDINGS {
            self.seen.findings.push(finding);
        } else {
            self.seen.unnamed += 1;
        }
    }
}

#[cfg(test)]
mod tests;
