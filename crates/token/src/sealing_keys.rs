//! Which of an installation's sealing keys seals, and which only open.

use zeroize::Zeroize as _;

use crate::pairwise::PairwiseKey;
use crate::seal::{Sealer, draw};
use crate::time::{Lifetime, Timestamp};

/// How long a new sealing key is known before it seals: by then every node has it, so that what one node seals and a
/// browser or skill carries to another can be opened there.
pub const KNOWN_BEFORE_USE: Lifetime = Lifetime::from_seconds(10);

/// A root key and when it was made.
pub struct SealingKey {
    /// When it was made, by the clock of the node that made it.
    pub made_at: Timestamp,
    /// The key.
    pub root: [u8; 32],
}

/// The sealing keys of an installation: at least one, for nothing can be sealed under none.
pub struct SealingKeys {
    first: SealingKey,
    later: Vec<SealingKey>,
}

impl SealingKeys {
    /// These keys, the oldest first; `None` when there is none.
    pub fn new(keys: Vec<SealingKey>) -> Option<Self> {
        let mut keys = keys.into_iter();
        Some(Self { first: keys.next()?, later: keys.collect() })
    }

    /// What seals at `now`: the newest key that has been known for [`KNOWN_BEFORE_USE`], or the first one as long as no
    /// later one has. All the others open.
    pub fn sealer(&self, now: Timestamp) -> Sealer {
        let in_use = self.later.iter().rev().find(|key| key.made_at + KNOWN_BEFORE_USE <= now).unwrap_or(&self.first);
        let others = self.later.iter().rev().chain([&self.first]).filter(|key| !std::ptr::eq(*key, in_use));
        Sealer::new(in_use.root).opening(others.map(|key| key.root))
    }

    /// The newest key: what is sealed for the database alone may be sealed under it at once, since whoever reads it there
    /// finds the key there as well.
    pub fn newest(&self) -> Sealer {
        Sealer::new(self.later.last().unwrap_or(&self.first).root)
    }

    /// The key of pairwise subjects: drawn from the first sealing key, which stays for ever, travels with backups and is
    /// the same on every node. It does not change when keys are replaced, for then every person would become another.
    pub fn pairwise(&self) -> PairwiseKey {
        PairwiseKey::new(draw(&self.first.root, "pairwise subjects"))
    }

    /// When [`Self::sealer`] will answer otherwise than at `now`, if it will.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        self.later.iter().map(|key| key.made_at + KNOWN_BEFORE_USE).filter(|at| *at > now).min()
    }
}

impl Drop for SealingKey {
    fn drop(&mut self) {
        self.root.zeroize();
    }
}

impl std::fmt::Debug for SealingKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealingKeys({})", 1 + self.later.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Seeded;

    const MADE: Timestamp = Timestamp::from_seconds(1_000);

    fn keys(made: &[i64]) -> SealingKeys {
        let keys = made.iter().zip(1..).map(|(millis, root)| SealingKey {
            made_at: Timestamp::from_millis(MADE.millis() + millis),
            root: [root; 32],
        });
        SealingKeys::new(keys.collect()).unwrap()
    }

    #[test]
    fn a_key_seals_once_every_node_knows_it_and_opens_at_once_and_ever_after() {
        // Made after the first key in ms, asked after it in ms: which key seals, and when that changes.
        let cases: [(&[i64], i64, u8, Option<i64>); 9] = [
            (&[0], -5_000, 1, None),
            (&[0], 0, 1, None),
            (&[0, 60_000], 0, 1, Some(70_000)),
            (&[0, 60_000], 69_999, 1, Some(70_000)),
            (&[0, 60_000], 70_000, 2, None),
            (&[0, 60_000, 65_000], 70_000, 2, Some(75_000)),
            (&[0, 60_000, 65_000], 75_000, 3, None),
            // Two first keys: the second was made by a restore or a rotation within the first seconds.
            (&[0, 1_000], 0, 1, Some(11_000)),
            (&[0, 1_000], 11_000, 2, None),
        ];
        for (made, asked, sealing, change) in cases {
            let (keys, now) = (keys(made), Timestamp::from_millis(MADE.millis() + asked));
            let sealer = keys.sealer(now);
            let sealed = sealer.seal("x", b"plain", &mut Seeded(1));
            assert!(Sealer::new([sealing; 32]).open("x", &sealed).is_some(), "{made:?} at {asked}");
            assert_eq!(keys.next_change(now).map(|at| at.millis() - MADE.millis()), change, "{made:?} at {asked}");
            for root in 1..=u8::try_from(made.len()).unwrap() {
                let sealed = Sealer::new([root; 32]).seal("x", b"plain", &mut Seeded(2));
                assert!(sealer.open("x", &sealed).is_some(), "{made:?} at {asked}: key {root} opens");
            }
        }
    }

    #[test]
    fn pairwise_subjects_outlive_every_rotation() {
        let subject = |made: &[i64]| keys(made).pairwise().subject("main", "a.test", "usr_ada");
        assert_eq!(subject(&[0]), subject(&[0, 60_000, 120_000]));
    }

    #[test]
    fn no_key_is_no_sealer() {
        assert!(SealingKeys::new(Vec::new()).is_none());
    }
}
