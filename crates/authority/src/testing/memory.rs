//! What is remembered, without a database: the same changes under the same guards as `crates/store/src/changes`, all of
//! a decision or nothing. A test of the store holds it against both engines (`crates/store/tests/same_memory.rs`).

use sayso_authority::record::change::Change;
use sayso_authority::record::code::Code;
use sayso_authority::record::event::Event;
use sayso_authority::record::grant::{Grant, GrantId, RefreshChain};
use sayso_authority::record::group::{Group, GroupId};
use sayso_authority::record::identity::Identity;
use sayso_authority::record::logout_notice::LogoutNotice;
use sayso_authority::record::pushed_request::PushedRequest;
use sayso_authority::record::session::{JoinedSession, Session};
use sayso_authority::record::user::{User, UserId};
use sayso_token::digest::Digest;
use sayso_token::time::Timestamp;

/// All tables, in the order in which their rows came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    pub(crate) codes: Vec<Code>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) logout_notices: Vec<LogoutNotice>,
    pub(crate) users: Vec<User>,
    pub(crate) groups: Vec<Group>,
    pub(crate) identities: Vec<Identity>,
    pub(crate) spent_once: Vec<(&'static str, Digest, Timestamp)>,
    pub(crate) pushed_requests: Vec<PushedRequest>,
    pub(crate) audit: Vec<(Timestamp, Event)>,
}

/// A guard did not hold; nothing was kept.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lost;

impl Memory {
    /// Carries the changes out, all or none.
    pub(crate) fn carry_out(&mut self, changes: &[Change]) -> Result<(), Lost> {
        self.keep(changes, &[], Timestamp::from_millis(0)).map(drop)
    }

    /// Carries a decision out, all of it or nothing. Returns the tables as they were before, without the audit.
    pub(crate) fn keep(&mut self, changes: &[Change], events: &[Event], at: Timestamp) -> Result<Self, Lost> {
        let mut audit = std::mem::take(&mut self.audit);
        let mut next = self.clone();
        let kept = changes.iter().try_for_each(|change| next.apply(change)).map(|()| {
            audit.extend(events.iter().map(|event| (at, event.clone())));
            std::mem::replace(self, next)
        });
        self.audit = audit;
        kept
    }

    pub(crate) fn code(&self, digest: &Digest) -> Option<&Code> {
        self.codes.iter().find(|code| code.digest == *digest)
    }

    pub(crate) fn grant(&self, id: &GrantId) -> Option<&Grant> {
        self.grants.iter().find(|grant| grant.id == *id)
    }

    pub(crate) fn session(&self, digest: &Digest) -> Option<&Session> {
        self.sessions.iter().find(|session| session.digest == *digest)
    }

    /// The session of that digest, with the clients that were given codes in it.
    pub(crate) fn joined_session(&self, digest: &Digest) -> Option<JoinedSession> {
        let session = self.session(digest)?.clone();
        let of_it = |code: &&Code| code.authority == session.authority && code.sid.as_ref() == Some(&session.sid);
        let mut clients: Vec<_> = self.codes.iter().filter(of_it).map(|code| code.client.clone()).collect();
        clients.sort();
        clients.dedup();
        Some(JoinedSession { session, clients })
    }

    pub(crate) fn user(&self, id: &UserId) -> Option<&User> {
        self.users.iter().find(|user| user.id == *id)
    }

    pub(crate) fn is_spent(&self, kind: &str, value: &Digest) -> bool {
        self.spent_once.iter().any(|(spent, digest, _)| *spent == kind && digest == value)
    }

    fn group_and_user(&mut self, group: &GroupId, user: &UserId) -> Result<(String, &mut User), Lost> {
        let group = self.groups.iter().find(|known| known.id == *group).ok_or(Lost)?;
        let user = self.users.iter_mut().find(|known| known.id == *user).ok_or(Lost)?;
        Ok((group.name.clone(), user))
    }

    fn change_group(&mut self, from: &Group, name: &str, description: &str) -> Result<(), Lost> {
        if self.groups.iter().any(|other| other.id != from.id && other.name == name) {
            return Err(Lost);
        }
        let as_decided = |known: &&mut Group| {
            (&known.id, &known.name, &known.description) == (&from.id, &from.name, &from.description)
        };
        let group = self.groups.iter_mut().find(as_decided).ok_or(Lost)?;
        (group.name, group.description) = (name.to_owned(), description.to_owned());
        for user in self.users.iter_mut().filter(|user| user.groups.contains(&from.name)) {
            user.groups.retain(|known| *known != from.name);
            user.groups.push(name.to_owned());
            user.groups.sort();
        }
        Ok(())
    }

    pub(crate) fn pushed_request(&self, digest: &Digest) -> Option<&PushedRequest> {
        self.pushed_requests.iter().find(|request| request.digest == *digest)
    }

    fn apply_to_people(&mut self, change: &Change) -> Result<(), Lost> {
        match change {
            Change::AddGroup(group) => add(&mut self.groups, group, |old| old.id == group.id || old.name == group.name),
            Change::ChangeGroup { from, name, description } => self.change_group(from, name, description),
            Change::LeaveGroups { user } => {
                self.users.iter_mut().filter(|known| known.id == *user).for_each(|known| known.groups.clear());
                Ok(())
            }
            Change::RemoveGroup { group } => {
                let at = self.groups.iter().position(|known| known.id == *group).ok_or(Lost)?;
                let name = self.groups.remove(at).name;
                self.users.iter_mut().for_each(|user| user.groups.retain(|known| *known != name));
                Ok(())
            }
            Change::AddMember { group, user, at: _ } => {
                let (name, user) = self.group_and_user(group, user)?;
                let place = user.groups.binary_search(&name).err().ok_or(Lost)?;
                user.groups.insert(place, name);
                Ok(())
            }
            Change::RemoveMember { group, user } => {
                let (name, user) = self.group_and_user(group, user)?;
                let place = user.groups.binary_search(&name).map_err(|_| Lost)?;
                user.groups.remove(place);
                Ok(())
            }
            Change::DisableUser { user, at } => {
                let enabled = |known: &&mut User| known.id == *user && known.disabled_at.is_none();
                self.users.iter_mut().find(enabled).ok_or(Lost)?.disabled_at = Some(*at);
                Ok(())
            }
            Change::EnableUser { user } => {
                let disabled = |known: &&mut User| known.id == *user && known.disabled_at.is_some();
                self.users.iter_mut().find(disabled).ok_or(Lost)?.disabled_at = None;
                Ok(())
            }
            Change::SetAttributes { user, from_version, attributes, at } => {
                let user = self.user_of_version(user, *from_version)?;
                user.attributes.clone_from(attributes);
                user.version += 1;
                user.updated_at = Some(*at);
                Ok(())
            }
            Change::AdvanceUser { user, from_version } => {
                self.user_of_version(user, *from_version)?.version += 1;
                Ok(())
            }
            Change::SetPassword { user, from_version, hash } => {
                let user = self.user_of_version(user, *from_version)?;
                user.password_hash = hash.clone();
                user.version += 1;
                Ok(())
            }
            Change::RemoveUser { user, from_version } => {
                self.user_of_version(user, *from_version)?;
                self.users.retain(|kept| kept.id != *user);
                Ok(())
            }
            Change::AddIdentity(identity) => self.add_identity(identity),
            Change::RemoveIdentity { issuer, subject, user } => {
                let same = |known: &Identity| (&known.issuer, &known.subject, &known.user) == (issuer, subject, user);
                let at = self.identities.iter().position(same).ok_or(Lost)?;
                self.identities.remove(at);
                Ok(())
            }
            Change::RemoveIdentities { user } => {
                self.identities.retain(|known| known.user != *user);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Whose account that person elsewhere has, unless its owner is gone.
    pub(crate) fn identity(&self, issuer: &str, subject: &str) -> Option<&Identity> {
        let known = self.identities.iter().find(|known| known.issuer == issuer && known.subject == subject)?;
        self.user(&known.user).map(|_| known)
    }

    fn add_identity(&mut self, identity: &Identity) -> Result<(), Lost> {
        self.user(&identity.user).ok_or(Lost)?;
        if self.identity(&identity.issuer, &identity.subject).is_some() {
            return Err(Lost);
        }
        self.identities.retain(|known| (&known.issuer, &known.subject) != (&identity.issuer, &identity.subject));
        self.identities.push(identity.clone());
        Ok(())
    }

    fn apply(&mut self, change: &Change) -> Result<(), Lost> {
        match change {
            Change::AddCode(code) => add(&mut self.codes, code, |old| old.digest == code.digest),
            Change::AddGrant(grant) => add(&mut self.grants, grant, |old| old.id == grant.id),
            Change::AddLogoutNotice(notice) => add(&mut self.logout_notices, notice, |old| old.id == notice.id),
            Change::AddSession(session) => add(&mut self.sessions, session, |old| old.digest == session.digest),
            Change::AddUser(user) => {
                let user = User { groups: Vec::new(), ..user.clone() };
                add(&mut self.users, &user, |old| old.id == user.id || old.username == user.username)
            }
            Change::AdvanceRefresh { grant, from_generation, chain, used_at } => {
                self.advance_refresh(grant, *from_generation, (chain, *used_at))
            }
            Change::BumpEpoch { grant, from_epoch } => {
                let grant = self.living_grant(grant)?;
                if grant.epoch != *from_epoch {
                    return Err(Lost);
                }
                grant.epoch += 1;
                Ok(())
            }
            Change::RevokeGrant { grant, at } => {
                if let Ok(grant) = self.living_grant(grant) {
                    grant.revoked_at = Some(*at);
                }
                Ok(())
            }
            Change::CountWrongProof { code, from } => {
                let code = self.unspent_code(code)?;
                if code.wrong_proofs != *from {
                    return Err(Lost);
                }
                code.wrong_proofs += 1;
                Ok(())
            }
            Change::SpendCode { code, at, proof, grant } => {
                let code = self.unspent_code(code)?;
                code.spent_at = Some(*at);
                code.spent_proof = Some(*proof);
                code.grant.clone_from(grant);
                Ok(())
            }
            Change::SpendOnce { kind, value, expires_at } => {
                let spent = (*kind, *value, *expires_at);
                add(&mut self.spent_once, &spent, |old| old.0 == *kind && old.1 == *value)
            }
            Change::AddPushedRequest(request) => {
                add(&mut self.pushed_requests, request, |old| old.digest == request.digest)
            }
            Change::SpendPushedRequest { request } => {
                let at = self.pushed_requests.iter().position(|kept| kept.digest == *request).ok_or(Lost)?;
                self.pushed_requests.remove(at);
                Ok(())
            }
            Change::EndSession { session } => {
                self.sessions.retain(|kept| kept.digest != *session);
                Ok(())
            }
            Change::EndSessions { user } => {
                self.sessions.retain(|kept| kept.user != *user);
                Ok(())
            }
            Change::RevokeGrants { user, at } => {
                let living = |grant: &&mut Grant| grant.user == *user && grant.revoked_at.is_none();
                self.grants.iter_mut().filter(living).for_each(|grant| grant.revoked_at = Some(*at));
                Ok(())
            }
            Change::AttemptLogout { notice, from_attempts, due_at } => {
                let due = |kept: &&mut LogoutNotice| kept.id == *notice && kept.attempts == *from_attempts;
                let notice = self.logout_notices.iter_mut().find(due).ok_or(Lost)?;
                notice.attempts += 1;
                notice.due_at = *due_at;
                Ok(())
            }
            Change::SettleLogout { notice } => {
                let there = self.logout_notices.iter().position(|kept| kept.id == *notice).ok_or(Lost)?;
                self.logout_notices.remove(there);
                Ok(())
            }
            Change::AddGroup(_)
            | Change::AddIdentity(_)
            | Change::AdvanceUser { .. }
            | Change::RemoveIdentity { .. }
            | Change::RemoveIdentities { .. }
            | Change::ChangeGroup { .. }
            | Change::LeaveGroups { .. }
            | Change::RemoveGroup { .. }
            | Change::AddMember { .. }
            | Change::RemoveMember { .. }
            | Change::DisableUser { .. }
            | Change::EnableUser { .. }
            | Change::SetAttributes { .. }
            | Change::SetPassword { .. }
            | Change::RemoveUser { .. } => self.apply_to_people(change),
        }
    }

    fn advance_refresh(
        &mut self,
        grant: &GrantId,
        from_generation: i64,
        (chain, used_at): (&RefreshChain, Timestamp),
    ) -> Result<(), Lost> {
        let live = |chain: &RefreshChain| chain.generation;
        let grant = self.living_grant(grant)?;
        if grant.refresh.as_ref().map(live) != Some(from_generation) {
            return Err(Lost);
        }
        grant.refresh = Some(chain.clone());
        grant.last_used_at = used_at;
        Ok(())
    }

    fn user_of_version(&mut self, id: &UserId, version: i64) -> Result<&mut User, Lost> {
        self.users.iter_mut().find(|known| known.id == *id && known.version == version).ok_or(Lost)
    }

    fn living_grant(&mut self, id: &GrantId) -> Result<&mut Grant, Lost> {
        self.grants.iter_mut().find(|grant| grant.id == *id && grant.revoked_at.is_none()).ok_or(Lost)
    }

    fn unspent_code(&mut self, digest: &Digest) -> Result<&mut Code, Lost> {
        self.codes.iter_mut().find(|code| code.digest == *digest && code.spent_at.is_none()).ok_or(Lost)
    }
}

/// A new row, unless one that is the same in its keys is there.
fn add<T: Clone>(rows: &mut Vec<T>, row: &T, same: impl Fn(&T) -> bool) -> Result<(), Lost> {
    if rows.iter().any(same) {
        return Err(Lost);
    }
    rows.push(row.clone());
    Ok(())
}
