//! A seal over a batch of audit records, and over the seal before it.

use sayso_token::digest::Digest;
use sayso_token::encoding::from_base64url;
use sayso_token::seal::Sealer;
use sayso_token::time::Timestamp;

/// What the tags of seals are for, and those of feet.
const SEAL: &str = "audit seal";
const FOOT: &str = "audit foot";

/// A seal as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSeal {
    /// Counts the seals, from 1.
    pub number: i64,
    /// When it was made, by the clock of the node that made it.
    pub made_at: Timestamp,
    /// How many records are under it.
    pub records: i64,
    /// The time of its first record.
    pub oldest: Timestamp,
    /// The time of its last record, or when it was made if that was before: then its records may be forgotten by.
    pub newest: Timestamp,
    /// The digest of the records, in the order of time, opening and position.
    pub digest: Digest,
    /// Until when seals take records without a tag: the same in all seals of a chain. `None`: never.
    pub untagged_until: Option<Timestamp>,
    /// A keyed digest of all that, and of the tag of the seal before.
    pub tag: Digest,
    /// A keyed digest that makes it the foot of the chain: its records, and the seals before it, were forgotten by the rule.
    pub foot: Option<Digest>,
}

impl AuditSeal {
    /// Its tag, behind a seal of that tag.
    pub fn tagged(&self, before: Option<&Digest>, sealer: &Sealer) -> Digest {
        sealer.tag(SEAL, &self.told(before))
    }

    /// Whether it stands as it was made, behind a seal of that tag.
    pub fn follows(&self, before: Option<&Digest>, sealer: &Sealer) -> bool {
        sealer.knows_tag(SEAL, &self.told(before), &self.tag)
    }

    /// What makes it a foot.
    pub fn as_foot(&self, sealer: &Sealer) -> Digest {
        sealer.tag(FOOT, &self.told(Some(&self.tag)))
    }

    /// Whether it was made a foot by who has the key; `None` if it is none.
    pub fn is_foot(&self, sealer: &Sealer) -> Option<bool> {
        self.foot.map(|foot| sealer.knows_tag(FOOT, &self.told(Some(&self.tag)), &foot))
    }

    /// What names it, and with it all before it.
    pub fn head(&self) -> Head {
        Head { number: self.number, tag: self.tag }
    }

    fn told(&self, before: Option<&Digest>) -> Vec<u8> {
        let untagged_until = self.untagged_until.map_or(i64::MIN, Timestamp::millis);
        let times = [self.made_at, self.oldest, self.newest].map(Timestamp::millis);
        let numbers = [self.number, self.records, untagged_until].into_iter().chain(times);
        let mut bytes: Vec<u8> = numbers.flat_map(i64::to_be_bytes).collect();
        bytes.extend(self.digest.as_bytes());
        bytes.extend(before.into_iter().flat_map(|tag| *tag.as_bytes()));
        bytes
    }
}

/// The end of a chain at some moment: whoever notes it can later ask whether it is still in the chain. It is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the last seal.
    pub number: i64,
    /// Its tag.
    pub tag: Digest,
}

impl std::fmt::Display for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.number, self.tag.base64url())
    }
}

impl std::str::FromStr for Head {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once(':').and_then(|(number, tag)| {
            Some(Self { number: number.parse().ok()?, tag: Digest::from_bytes(&from_base64url(tag)?)? })
        });
        parsed.ok_or("write it as `sayso audit verify` printed it, NUMBER:HEAD")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_written() {
        let head = Head { number: 42, tag: Digest::of(b"x") };
        assert_eq!(head.to_string().parse(), Ok(head));
        for bad in ["", "42", "42:", ":x", "x:y", "42:47DEQpj8", &format!("{head}x"), &format!("-{head}:")] {
            assert!(bad.parse::<Head>().is_err(), "{bad}");
        }
    }
}
