//! An audit record as it is kept, and what proves that it is as it was written.

use sayso_token::digest::Digest;
use sayso_token::seal::Sealer;
use sayso_token::time::Timestamp;
use serde_json::{Map, Value};

/// What the tags of records are for.
const PURPOSE: &str = "audit record";

/// An audit record, with every text exactly as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// When it happened: the time of the decision.
    pub at: Timestamp,
    /// The number of the opening of the store that wrote it.
    pub opening: i64,
    /// Which it was of that opening.
    pub position: i64,
    /// The stable kind.
    pub kind: String,
    /// The authority it happened at; empty where it concerns all of them.
    pub authority: String,
    /// The client concerned.
    pub client: Option<String>,
    /// The user concerned.
    pub user: Option<String>,
    /// The grant concerned.
    pub grant: Option<String>,
    /// More, by name: a JSON object.
    pub details: String,
    /// Who did it, again, so that it is found: `by` of the details. Records of before have none until they are sealed.
    pub actor: Option<String>,
    /// The tag that it was written with. Records of before have none.
    pub tag: Option<Digest>,
    /// The number of the seal that it is under.
    pub seal: Option<i64>,
}

impl AuditRecord {
    /// The tag of the record as it stands: a keyed digest of all that it tells.
    pub fn tagged(&self, sealer: &Sealer) -> Digest {
        sealer.tag(PURPOSE, &self.told())
    }

    /// Whether the tag is one that this record was written with; `None` without one.
    pub fn is_genuine(&self, sealer: &Sealer) -> Option<bool> {
        self.tag.map(|tag| sealer.knows_tag(PURPOSE, &self.told(), &tag))
    }

    /// `by` of the details: who did it, where somebody administers.
    pub fn by(&self) -> Option<String> {
        let details: Map<String, Value> = serde_json::from_str(&self.details).ok()?;
        details.get("by")?.as_str().map(str::to_owned)
    }

    /// The digest of the records so far, and this one behind them.
    pub(crate) fn after(&self, before: &Digest) -> Digest {
        let mut bytes = before.as_bytes().to_vec();
        bytes.extend(self.told());
        bytes.extend(self.tag.iter().flat_map(|tag| *tag.as_bytes()));
        Digest::of(&bytes)
    }

    /// All that it tells, one way to write each record and no two for one text: numbers have eight bytes, texts their length before
    /// them, what is absent is told from what is empty.
    fn told(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        for number in [self.at.millis(), self.opening, self.position] {
            bytes.extend(number.to_be_bytes());
        }
        let texts = [
            Some(&self.kind),
            Some(&self.authority),
            self.client.as_ref(),
            self.user.as_ref(),
            self.grant.as_ref(),
            Some(&self.details),
        ];
        for text in texts {
            match text {
                None => bytes.push(0),
                Some(text) => {
                    bytes.push(1);
                    bytes.extend((text.len() as u64).to_be_bytes());
                    bytes.extend(text.as_bytes());
                }
            }
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::audited;

    /// Every field is under the tag but what says where the record is found.
    #[test]
    fn whatever_is_told_otherwise_has_another_tag() {
        let (sealer, record) = (Sealer::new([1; 32]), audited(7));
        let genuine = AuditRecord { tag: Some(record.tagged(&sealer)), ..record.clone() };
        assert_eq!((genuine.is_genuine(&sealer), record.is_genuine(&sealer)), (Some(true), None));
        let later = Sealer::new([2; 32]).opening([[1; 32]]);
        assert_eq!(genuine.is_genuine(&later), Some(true), "a replaced key still knows its tags");
        assert_eq!(genuine.is_genuine(&Sealer::new([2; 32])), Some(false));
        let changes: [fn(&mut AuditRecord); 12] = [
            |record| record.at = Timestamp::from_millis(record.at.millis() + 1),
            |record| record.opening += 1,
            |record| record.position += 1,
            |record| record.kind.push('x'),
            |record| record.authority.clear(),
            |record| record.client = None,
            |record| record.client = Some(String::new()),
            |record| record.user = Some("usr_eve".to_owned()),
            |record| record.grant = None,
            |record| record.details.push(' '),
            // The same letters, otherwise divided.
            |record| (record.kind, record.authority) = ("somethi".to_owned(), "ngquiz".to_owned()),
            |record| (record.user, record.grant) = (record.grant.clone(), record.user.clone()),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut changed = genuine.clone();
            change(&mut changed);
            assert_eq!(changed.is_genuine(&sealer), Some(false), "change {number}");
            assert_ne!(changed.after(&Digest::of(b"")), genuine.after(&Digest::of(b"")), "change {number}");
        }
        assert_ne!(
            genuine.after(&Digest::of(b"")),
            record.after(&Digest::of(b"")),
            "the tag is under the seal as well"
        );
    }

    #[test]
    fn who_did_it_stands_in_the_details() {
        for (details, by) in
            [("{\"by\":\"ops\"}", Some("ops")), ("{\"by\":7}", None), ("{}", None), ("[]", None), ("", None)]
        {
            assert_eq!(AuditRecord { details: details.to_owned(), ..audited(1) }.by().as_deref(), by, "{details}");
        }
    }
}
