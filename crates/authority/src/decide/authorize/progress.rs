//! How far a request has come in one browser. It travels sealed in the URL of the pages, so that nothing need be kept.

use sayso_token::digest::Digest;
use sayso_token::time::{Lifetime, Timestamp};

/// How long a person may take. Whoever comes later begins anew: as if the request had just arrived.
const FLOW_LIFETIME: Lifetime = Lifetime::from_seconds(60 * 60);

/// When a request arrived, and who has signed in for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// When it arrived at the authorization endpoint; `max_age` counts back from here.
    pub arrived_at: Timestamp,
    /// The session that began on the way.
    pub signed_in: Option<Digest>,
}

impl Progress {
    /// Of a request that arrives now.
    pub fn arriving(now: Timestamp) -> Self {
        Self { arrived_at: now, signed_in: None }
    }

    /// After somebody has signed in for it.
    #[must_use]
    pub fn with_sign_in(self, session: Digest) -> Self {
        Self { signed_in: Some(session), ..self }
    }

    /// The bytes to seal.
    pub fn to_bytes(self) -> Vec<u8> {
        let session = self.signed_in.map(|session| session.as_bytes().to_vec()).unwrap_or_default();
        [self.arrived_at.millis().to_be_bytes().to_vec(), session].concat()
    }

    /// Takes back what [`Self::to_bytes`] made; `None` when it is something else, or too old to count at `now`.
    pub fn from_bytes(bytes: &[u8], now: Timestamp) -> Option<Self> {
        let (arrived_at, session) = bytes.split_first_chunk::<8>()?;
        let arrived_at = Timestamp::from_millis(i64::from_be_bytes(*arrived_at));
        let signed_in = match session {
            [] => None,
            session => Some(Digest::from_bytes(session)?),
        };
        (now < arrived_at + FLOW_LIFETIME).then_some(Self { arrived_at, signed_in })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{now, seconds_later};

    #[test]
    fn a_progress_survives_the_journey_for_an_hour() {
        let arriving = Progress::arriving(now());
        for progress in [arriving, arriving.with_sign_in(Digest::of(b"session"))] {
            let bytes = progress.to_bytes();
            for later in [0, 3599] {
                assert_eq!(Progress::from_bytes(&bytes, seconds_later(later)), Some(progress));
            }
            assert_eq!(Progress::from_bytes(&bytes, seconds_later(3600)), None);
        }
        for nonsense in [&[][..], &[1; 7], &[0; 9], &[0; 39], &[0; 41]] {
            assert_eq!(Progress::from_bytes(nonsense, Timestamp::from_millis(0)), None, "{nonsense:?}");
        }
    }
}
