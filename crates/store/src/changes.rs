//! Each change as one statement.
//!
//! A guard stands in the statement's own condition, or is a unique key (`ON CONFLICT DO NOTHING`). The statement returns
//! the row it wrote; no row means that the guard was lost. Two callers can never both get the row: whoever writes
//! second finds the condition no longer true.

mod code;
mod grant;
mod group;
mod identity;
mod logout_notice;
mod pushed_request;
mod session;
mod user;

use sayso_authority::record::audit_record::AuditRecord;
use sayso_authority::record::change::Change;
use sayso_authority::record::event::Event;
use sayso_authority::record::terms::Terms;
use sayso_token::seal::Sealer;
use sayso_token::time::Timestamp;
use serde_json::Map;

use crate::backend::{Statement, Value};

const ADD_EVENT: &str = "INSERT INTO audit_events \
     (at, opening, position, kind, authority, client, user_id, grant_id, details, actor, tag) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// The statement that carries the change out.
pub(crate) fn statement(change: &Change) -> Statement {
    match change {
        Change::AddCode(code) => code::add(code),
        Change::SpendCode { code, at, proof, grant } => code::spend(code, *at, proof, grant.as_ref()),
        Change::CountWrongProof { code, from } => code::count_wrong_proof(code, *from),
        Change::SpendOnce { kind, value, expires_at } => code::spend_once(kind, value, *expires_at),
        Change::AddGrant(grant) => grant::add(grant),
        Change::AdvanceRefresh { grant, from_generation, chain, used_at } => {
            grant::advance_refresh(grant, *from_generation, chain, *used_at)
        }
        Change::BumpEpoch { grant, from_epoch } => grant::bump_epoch(grant, *from_epoch),
        Change::RevokeGrant { grant, at } => grant::revoke(grant, *at),
        Change::AddPushedRequest(request) => pushed_request::add(request),
        Change::SpendPushedRequest { request } => pushed_request::spend(request),
        Change::AddLogoutNotice(notice) => logout_notice::add(notice),
        Change::AttemptLogout { notice, from_attempts, due_at } => {
            logout_notice::attempt(notice, *from_attempts, *due_at)
        }
        Change::SettleLogout { notice } => logout_notice::settle(notice),
        Change::AddSession(session) => session::add(session),
        Change::DisableUser { user, at } => user::disable(user, *at),
        Change::EnableUser { user } => user::enable(user),
        Change::EndSession { session } => session::end(session),
        Change::EndSessions { user } => session::end_all(user),
        Change::RevokeGrants { user, at } => grant::revoke_all(user, *at),
        Change::RemoveUser { user, from_version } => user::remove(user, *from_version),
        Change::AdvanceUser { user, from_version } => user::advance(user, *from_version),
        Change::SetPassword { user, from_version, hash } => user::set_password(user, *from_version, hash),
        Change::AddUser(user) => user::add(user),
        Change::AddGroup(group) => group::add(group),
        Change::ChangeGroup { from, name, description } => group::change(from, name, description),
        Change::AddIdentity(identity) => identity::add(identity),
        Change::RemoveIdentity { issuer, subject, user } => identity::remove(issuer, subject, user),
        Change::RemoveIdentities { user } => identity::remove_all(user),
        Change::LeaveGroups { user } => group::leave_all(user),
        Change::RemoveGroup { group } => group::remove(group),
        Change::AddMember { group, user, at } => group::add_member(group, user, *at),
        Change::RemoveMember { group, user } => group::remove_member(group, user),
        Change::SetAttributes { user, from_version, attributes, at } => {
            user::set_attributes(user, *from_version, attributes, *at)
        }
    }
}

/// The terms of a code or grant: most have none.
fn kept_terms(terms: &Terms) -> Value {
    if terms.is_empty() { Value::Null } else { Value::json(terms) }
}

pub(crate) use grant::{replace_state, revoke};

/// The statement that keeps the event, with the details of `stamp` as well, and tagged if there is something to tag it with.
/// `place` is the number of this opening of the store and the position within it.
pub(crate) fn event(
    (event, at): (&Event, Timestamp),
    stamp: Option<&Map<String, serde_json::Value>>,
    (opening, position): (i64, i64),
    sealer: Option<&Sealer>,
) -> Statement {
    let mut details = event.details.clone();
    details.extend(stamp.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
    let mut record = AuditRecord {
        at,
        opening,
        position,
        kind: event.kind.to_owned(),
        authority: event.authority.clone(),
        client: event.client.clone(),
        user: event.user.clone(),
        grant: event.grant.clone(),
        // JSON objects always serialise; what would not be one is refused by whoever reads it.
        details: serde_json::to_string(&details).unwrap_or_default(),
        actor: details.get("by").and_then(serde_json::Value::as_str).map(str::to_owned),
        tag: None,
        seal: None,
    };
    record.tag = sealer.map(|sealer| record.tagged(sealer));
    let text = |field: &Option<String>| Value::from(field.as_deref());
    Statement::plain(
        ADD_EVENT,
        [
            record.at.into(),
            record.opening.into(),
            record.position.into(),
            (&record.kind).into(),
            (&record.authority).into(),
            text(&record.client),
            text(&record.user),
            text(&record.grant),
            (&record.details).into(),
            text(&record.actor),
            record.tag.as_ref().into(),
        ],
    )
}
