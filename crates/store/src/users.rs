//! What an operator does with users, outside of any decision.

use sayso_authority::record::user::{User, UserId};
use sayso_token::time::Timestamp;

use crate::{Store, StoreError, changes};

impl Store {
    /// Adds the user if neither id nor username is taken; whether it was added. One that is there stays as it is.
    pub async fn seed_user(&self, user: &User) -> Result<bool, StoreError> {
        self.write_one(changes::add_user(user)).await
    }

    /// Disables the user since then, or with `None` enables them again; whether there is such a user.
    pub async fn set_user_disabled(&self, user: &UserId, since: Option<Timestamp>) -> Result<bool, StoreError> {
        self.write_one(changes::set_disabled(user, since)).await
    }
}
