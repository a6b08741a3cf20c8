//! What a decision asks the store to do.
//!
//! Each change that spends or replaces something carries its guard: what must still be so for the decision to hold.
//! The store carries it out as one statement that returns the row; no row means the guard was lost, nothing of the
//! decision is kept, and the question is decided again on fresh memory.

use std::collections::BTreeMap;

use sayso_token::digest::Digest;
use sayso_token::secret::Secret;
use sayso_token::time::Timestamp;

use super::attribute::AttributeValue;
use super::code::Code;
use super::grant::{Grant, GrantId, RefreshChain};
use super::group::{Group, GroupId};
use super::identity::Identity;
use super::logout_notice::LogoutNotice;
use super::pushed_request::PushedRequest;
use super::session::Session;
use super::user::{User, UserId};

/// One change of what is remembered.
#[derive(Clone, Debug)]
pub enum Change {
    /// Remembers a new code. Guard: its digest is new.
    AddCode(Code),
    /// Remembers a new grant. Guard: its id is new.
    AddGrant(Grant),
    /// Remembers a new group. Guard: id and name are new.
    AddGroup(Group),
    /// Remembers whose account somebody elsewhere has. Guard: nobody who is still there has it, and the user is there.
    AddIdentity(Identity),
    /// Remembers that a user is in a group. Guard: both are there, and they are not in it.
    AddMember {
        /// The group.
        group: GroupId,
        /// The user.
        user: UserId,
        /// Now.
        at: Timestamp,
    },
    /// Remembers a pushed request. Guard: its digest is new.
    AddPushedRequest(PushedRequest),
    /// Remembers what a client is to be told. Guard: its id is new.
    AddLogoutNotice(LogoutNotice),
    /// Remembers a new session. Guard: its digest is new.
    AddSession(Session),
    /// Remembers a new user, in no group yet. Guard: id and username are new.
    AddUser(User),
    /// Replaces a grant's refresh chain and says when it was used. Guard: not revoked, and the live generation is
    /// still `from_generation`.
    AdvanceRefresh {
        /// The grant.
        grant: GrantId,
        /// The generation that was decided on.
        from_generation: i64,
        /// The new chain.
        chain: RefreshChain,
        /// Now.
        used_at: Timestamp,
    },
    /// Counts an attempt to tell a client, before it is made. Guard: there, and as many as `from_attempts` so far.
    AttemptLogout {
        /// The notice.
        notice: String,
        /// How many there were.
        from_attempts: i64,
        /// When the next one is due.
        due_at: Timestamp,
    },
    /// Counts a change of how a user signs in, so that two of them do not each rest on the other. Guard: the version is still
    /// `from_version`; it grows by one.
    AdvanceUser {
        /// The user.
        user: UserId,
        /// The version that was decided on.
        from_version: i64,
    },
    /// Kills the access tokens of a grant. Guard: not revoked, and the epoch is still `from_epoch`.
    BumpEpoch {
        /// The grant.
        grant: GrantId,
        /// The epoch that was decided on.
        from_epoch: i64,
    },
    /// Calls and describes a group otherwise. Guard: it is there as it was decided on, and no other has the name.
    ChangeGroup {
        /// The group, as it was decided on.
        from: Group,
        /// Its name from now on.
        name: String,
        /// Its description from now on.
        description: String,
    },
    /// Counts a wrong proof. Guard: unspent, and as many as `from` so far.
    CountWrongProof {
        /// The code.
        code: Digest,
        /// How many there were.
        from: i64,
    },
    /// Disables a user. Guard: there, and not disabled.
    DisableUser {
        /// The user.
        user: UserId,
        /// Now.
        at: Timestamp,
    },
    /// Enables a user again. Guard: there, and disabled.
    EnableUser {
        /// The user.
        user: UserId,
    },
    /// Ends all sessions of a user, at every authority. Guard: none.
    EndSessions {
        /// The user.
        user: UserId,
    },
    /// Ends a session, if it is there.
    EndSession {
        /// The session.
        session: Digest,
    },
    /// Takes a user out of all their groups. Guard: none.
    LeaveGroups {
        /// The user.
        user: UserId,
    },
    /// Forgets a group, and who was in it. Guard: it is there.
    RemoveGroup {
        /// The group.
        group: GroupId,
    },
    /// Forgets all accounts elsewhere of a user. Guard: none.
    RemoveIdentities {
        /// The user.
        user: UserId,
    },
    /// Forgets whose account somebody elsewhere has. Guard: it is this user's.
    RemoveIdentity {
        /// The provider.
        issuer: String,
        /// Whom it calls them.
        subject: String,
        /// The user.
        user: UserId,
    },
    /// Forgets that a user is in a group. Guard: they are.
    RemoveMember {
        /// The group.
        group: GroupId,
        /// The user.
        user: UserId,
    },
    /// Ends a grant. Guard: none; ending it twice keeps the first time.
    RevokeGrant {
        /// The grant.
        grant: GrantId,
        /// Now.
        at: Timestamp,
    },
    /// Ends all grants of a user. Guard: none; those that have ended keep their first time.
    RevokeGrants {
        /// The user.
        user: UserId,
        /// Now.
        at: Timestamp,
    },
    /// Forgets a user. Guard: the version is still `from_version`.
    RemoveUser {
        /// The user.
        user: UserId,
        /// The version that was decided on.
        from_version: i64,
    },
    /// Replaces a user's attributes. Guard: the version is still `from_version`; it grows by one.
    SetAttributes {
        /// The user.
        user: UserId,
        /// The version that was decided on.
        from_version: i64,
        /// All attributes.
        attributes: BTreeMap<String, AttributeValue>,
        /// Now.
        at: Timestamp,
    },
    /// Replaces a user's password. Guard: the version is still `from_version`; it grows by one.
    SetPassword {
        /// The user.
        user: UserId,
        /// The version that was decided on.
        from_version: i64,
        /// The Argon2id hash, in PHC form.
        hash: Secret,
    },
    /// Forgets what a client was told, or will never be. Guard: it is there.
    SettleLogout {
        /// The notice.
        notice: String,
    },
    /// Spends a code. Guard: unspent.
    SpendCode {
        /// The code.
        code: Digest,
        /// Now.
        at: Timestamp,
        /// What it was spent with.
        proof: Digest,
        /// The grant it begins; `None` when it is spent by a failed redemption.
        grant: Option<GrantId>,
    },
    /// Forgets a pushed request, which is answered now. Guard: it is there.
    SpendPushedRequest {
        /// The digest of its `request_uri`.
        request: Digest,
    },
    /// Spends a one-time value, such as a consent form. Guard: never spent before.
    SpendOnce {
        /// What kind of value, so that kinds cannot be mixed up.
        kind: &'static str,
        /// The value.
        value: Digest,
        /// Until when the spending must be remembered.
        expires_at: Timestamp,
    },
}
