//! Pairwise subject identifiers (OpenID Connect Core section 8.1): one person is another to each sector, so that clients
//! cannot compare whom they know.

use zeroize::Zeroize as _;

use crate::encoding::base64url;
use crate::seal::hmac_sha256;

/// What every pairwise subject begins with: neither a user's id nor a client's subject does.
pub const PREFIX: &str = "pw_";

/// The key that pairwise subjects are made with. It never changes: another one would make strangers of all people.
pub struct PairwiseKey([u8; 32]);

impl PairwiseKey {
    /// This key.
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Who `user` is to the clients of `sector` at `authority`: the same for ever, and without the key no way back or
    /// across. Neither authority nor sector may hold a line break.
    pub fn subject(&self, authority: &str, sector: &str, user: &str) -> String {
        let told = hmac_sha256(&self.0, format!("{authority}\n{sector}\n{user}").as_bytes());
        format!("{PREFIX}{}", base64url(&told))
    }
}

impl Drop for PairwiseKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for PairwiseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PairwiseKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_the_same_for_one_sector_and_another_for_each_other() {
        let key = PairwiseKey::new([7; 32]);
        let ada = key.subject("main", "a.test", "usr_ada");
        assert_eq!(ada, key.subject("main", "a.test", "usr_ada"));
        assert_eq!(ada, "pw_z_3sfdgYxETiUWNhTj1WP0E_wzt6fATkMFoUZDwOl7E", "stable over versions");
        for (authority, sector, user) in [
            ("main", "b.test", "usr_ada"),
            ("quiz", "a.test", "usr_ada"),
            ("main", "a.test", "usr_eve"),
            ("", "main\na.test", "usr_ada"),
        ] {
            assert_ne!(key.subject(authority, sector, user), ada, "{authority} {sector} {user}");
        }
        assert_ne!(PairwiseKey::new([8; 32]).subject("main", "a.test", "usr_ada"), ada);
        assert_eq!(format!("{key:?}"), "PairwiseKey(…)");
    }
}
