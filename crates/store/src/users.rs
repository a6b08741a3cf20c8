//! What an operator does with users. Nothing has to be looked up for it: the guards say whether it can be done.

use std::convert::Infallible;

use sayso_authority::Decision;
use sayso_authority::decide::add_user::add_user;
use sayso_authority::decide::disable_user::{disable_user, enable_user};
use sayso_authority::decide::groups::add_group;
use sayso_authority::decide::sign_out::sign_out_everywhere;
use sayso_authority::record::group::{Group, GroupId};
use sayso_authority::record::user::{User, UserId};
use sayso_token::time::Timestamp;

use crate::{Store, StoreError};

impl Store {
    /// Adds the user if neither id nor username is taken; whether it was added. One that is there stays as it is.
    pub async fn seed_user(&self, user: &User) -> Result<bool, StoreError> {
        self.seed_member(user, &[]).await
    }

    /// Like [`seed_user`](Self::seed_user), in these groups; nothing is added unless all of them are there.
    pub async fn seed_member(&self, user: &User, groups: &[GroupId]) -> Result<bool, StoreError> {
        self.carry_out_once(add_user(user, groups), user.created_at).await
    }

    /// Adds the group if neither id nor name is taken; whether it was added. One that is there stays as it is.
    pub async fn seed_group(&self, group: &Group) -> Result<bool, StoreError> {
        let decision = add_group(group, None);
        match decision.reply {
            Ok(()) => self.carry_out(&decision.changes, &decision.audit, group.created_at).await,
            Err(_) => Ok(false),
        }
    }

    /// Disables the user; `false` if there is no such user, or they were disabled before.
    /// Their sessions end, and the clients in them are told.
    pub async fn disable_user(&self, user: &UserId, now: Timestamp) -> Result<bool, StoreError> {
        let mut decision = disable_user(user, now);
        let signed_out = sign_out_everywhere(user, &self.lookups().joined_sessions(user).await?, now);
        decision.changes.extend(signed_out.changes);
        self.carry_out_once(decision, now).await
    }

    /// Enables the user again; `false` if there is no such user, or they were not disabled.
    pub async fn enable_user(&self, user: &UserId, now: Timestamp) -> Result<bool, StoreError> {
        self.carry_out_once(enable_user(user), now).await
    }

    async fn carry_out_once(&self, decision: Decision<(), Infallible>, now: Timestamp) -> Result<bool, StoreError> {
        self.carry_out(&decision.changes, &decision.audit, now).await
    }
}
