//! Access tokens whose signature this node has verified before.
//!
//! A voice assistant shows one access token until it ends, and its signature is the dearest part of an introspection. What is
//! remembered says only that these bytes carry this authority's signature; whether the token still counts is decided anew each
//! time. The memory belongs to one desk and goes with it: when keys change, all desks are made anew.

use std::sync::Arc;

use moka::sync::Cache;
use sayso_authority::decide::identify_token::{Identified, IssuedAccessToken};
use sayso_token::digest::Digest;
use sayso_token::secret::Secret;

/// How many bytes of tokens are remembered, some two thousand tokens. Their claims take about four times that.
const MOST_BYTES: u64 = 2 << 20;

/// The memory, by digest: no token can be read from it.
pub(crate) struct VerifiedTokens {
    tokens: Cache<Digest, (u32, Arc<IssuedAccessToken>)>,
}

impl VerifiedTokens {
    pub(crate) fn new() -> Self {
        let tokens = Cache::builder().max_capacity(MOST_BYTES).weigher(|_, (bytes, _)| *bytes).build();
        Self { tokens }
    }

    /// What the token was found to be before, or is found to be by `identify`. Only access tokens are remembered: whoever
    /// shows forged ones fills no memory.
    pub(crate) fn recall_or(&self, token: &Secret, identify: impl FnOnce() -> Identified) -> Identified {
        let text = token.expose().as_bytes();
        let digest = Digest::of(text);
        if let Some((_, access)) = self.tokens.get(&digest) {
            return Identified::Access(access);
        }
        let identified = identify();
        if let Identified::Access(access) = &identified {
            let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
            self.tokens.insert(digest, (bytes, access.clone()));
        }
        identified
    }
}

#[cfg(test)]
mod tests {
    use sayso_token::time::Timestamp;
    use serde_json::Map;

    use super::*;

    fn access() -> Identified {
        Identified::Access(Arc::new(IssuedAccessToken {
            claims: Map::new(),
            client: "alexa".to_owned(),
            audience: "https://wear.example".to_owned(),
            scopes: Vec::new(),
            expires_at: Timestamp::from_millis(0),
            grant: None,
        }))
    }

    #[test]
    fn a_verified_token_is_recalled_and_nothing_else_is() {
        let memory = VerifiedTokens::new();
        let mut asked = 0;
        for (token, found, times_asked, is_access) in [
            ("a", Identified::Unknown, 1, false),
            ("a", Identified::Unknown, 2, false),
            ("a", access(), 3, true),
            ("a", Identified::Unknown, 3, true),
            ("b", Identified::Unknown, 4, false),
        ] {
            let recalled = memory.recall_or(&Secret::new(token), || {
                asked += 1;
                found
            });
            assert_eq!(asked, times_asked);
            assert_eq!(matches!(recalled, Identified::Access(_)), is_access, "{token} {times_asked}");
        }
    }

    #[test]
    fn the_memory_is_bounded() {
        let memory = VerifiedTokens::new();
        for number in 0..10_000 {
            memory.recall_or(&Secret::new(format!("{number:01000}")), access);
        }
        memory.tokens.run_pending_tasks();
        assert!(memory.tokens.weighted_size() <= MOST_BYTES && memory.tokens.entry_count() > 1000);
    }
}
