//! How the last tries went: a restart does not begin to count anew, and neither does another node.

use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::settings::Settings;

/// What is remembered of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tries {
    /// For what: other names are another matter.
    pub(crate) of: Digest,
    /// How many in a row failed.
    pub(crate) failures: u32,
    /// The next order is not made before.
    pub(crate) not_before: Timestamp,
}

impl Tries {
    /// None so far.
    pub(crate) fn none(settings: &Settings) -> Self {
        let account = settings.external_account.as_ref().map(|account| account.id.as_str());
        let parts = [settings.directory.as_str(), &settings.names.join(" "), account.unwrap_or_default()];
        Self { of: Digest::of(parts.join("\n").as_bytes()), failures: 0, not_before: Timestamp::from_millis(i64::MIN) }
    }

    /// As they are kept, if they are of the same matter. Those of another count as well for who `has_ordered`: two nodes whose
    /// files say different things must not order by turns.
    pub(crate) fn read(kept: &[u8], settings: &Settings, has_ordered: bool) -> Option<Self> {
        let tries: Self = serde_json::from_slice(kept).ok()?;
        let none = Self::none(settings);
        if tries.of == none.of {
            return Some(tries);
        }
        has_ordered.then_some(Self { not_before: tries.not_before, ..none })
    }
}
