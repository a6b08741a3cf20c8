//! What the restored database learns from the one it replaces. What to take is decided in `authority`; here it is read
//! row by row, and a part that cannot be read leaves the others alone.

mod groups;
mod identities;

use sayso_authority::decide::restore as known_better;
use sayso_authority::record::change::Change;
use sayso_authority::record::grant::GrantId;
use sayso_authority::record::user::UserId;
use sayso_token::time::Timestamp;

use crate::backend::{Row, Snapshot, Statement, Value};
use crate::lookups::{grant, user};
use crate::tables::{self, PAGE};
use crate::{Store, StoreError, changes, restore};

const ENDED: &str = "SELECT at, opening, position, grant_id, user_id FROM audit_events \
     WHERE kind = $1 AND (at, opening, position) > ($2, $3, $4) ORDER BY at, opening, position LIMIT 200";
/// The same key sealed anew, for the master key was changed since.
const SEAL_ANEW: &str = "UPDATE sealing_keys SET sealed = $2 WHERE number = $1 AND created_at = $3";
/// A signing key that was revoked since.
const REVOKE_KEY: &str =
    "UPDATE signing_keys SET revoked_at = $3 WHERE authority = $1 AND kid = $2 AND revoked_at IS NULL";
/// Tables of which rows are taken that the backup does not have: nothing in them gives anybody anything.
const ADDED: [&str; 4] = ["spent_once", "signing_keys", "sealing_keys", "audit_events"];

/// Counters whose numbers name things, and must not be given twice.
const COUNTERS: [&str; 1] = ["openings"];

/// What a restore took over from the database that it replaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenOver {
    /// Whether both are of one installation; of another one nothing is taken.
    pub related: bool,
    /// Links that were ended since the backup.
    pub ended: usize,
    /// Links that were refreshed since, or whose access tokens were revoked.
    pub moved_on: usize,
    /// Accounts that were disabled since.
    pub disabled: usize,
    /// Accounts that were removed since.
    pub removed: usize,
    /// Links that were made since: they are not in the backup, and their people must link again.
    pub lost: usize,
    /// What could not be read, with the reason.
    pub unread: Vec<String>,
}

/// Takes over what the replaced database knows better.
pub(crate) async fn take_over(replaced: &Snapshot, store: &Store) -> Result<TakenOver, StoreError> {
    let mut taken = TakenOver::default();
    match is_related(replaced, store).await {
        Ok(related) => taken.related = related,
        Err(error) => taken.unread.push(format!("signing_keys: {error}")),
    }
    if !taken.related {
        return Ok(taken);
    }
    let parts = [
        ("grants", Box::pin(grants(replaced, store, &mut taken)).await),
        ("audit_events", Box::pin(ended(replaced, store, &mut taken)).await),
        ("audit_events", Box::pin(removed(replaced, store, &mut taken)).await),
        ("users", Box::pin(users(replaced, store, &mut taken)).await),
        ("counters", counters(replaced, store).await),
    ];
    for (name, part) in parts {
        note(name, part, &mut taken)?;
    }
    let version = replaced.version().await.ok().flatten().unwrap_or(0);
    if tables::of_schema(version).any(|table| table.name == "memberships") {
        note("memberships", Box::pin(groups::end(replaced, store)).await, &mut taken)?;
    }
    if tables::of_schema(version).any(|table| table.name == "identities") {
        note("identities", Box::pin(identities::end(replaced, store)).await, &mut taken)?;
    }
    for name in tables::of_schema(version).map(|table| table.name).filter(|name| ADDED.contains(name)) {
        let part = add(replaced, store, name).await;
        note(name, part, &mut taken)?;
    }
    Ok(taken)
}

/// A part that could not be read.
struct Unread(StoreError);

/// Why a part ended early: the replaced database may be damaged, the restored one must not fail.
enum Failure {
    Reading(StoreError),
    Writing(StoreError),
}

impl From<Unread> for Failure {
    fn from(unread: Unread) -> Self {
        Self::Reading(unread.0)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Writing(error)
    }
}

fn note(name: &str, part: Result<(), Failure>, taken: &mut TakenOver) -> Result<(), StoreError> {
    match part {
        Ok(()) => Ok(()),
        Err(Failure::Reading(error)) => {
            taken.unread.push(format!("{name}: {error}"));
            Ok(())
        }
        Err(Failure::Writing(error)) => Err(error),
    }
}

/// Pages through a table of the replaced database.
struct Pages<'a> {
    replaced: &'a Snapshot,
    table: &'static tables::Table,
    after: Option<Vec<Value>>,
}

impl<'a> Pages<'a> {
    fn of(replaced: &'a Snapshot, name: &str) -> Option<Self> {
        Some(Self { replaced, table: tables::named(name)?, after: None })
    }

    /// The next rows; none at the end.
    async fn next(&mut self) -> Result<Vec<Vec<Value>>, Unread> {
        let rows = self.table.page(self.replaced, self.after.as_deref()).await.map_err(Unread)?;
        self.after = rows.last().map(|row| self.table.key_of(row).to_vec());
        Ok(rows)
    }
}

async fn is_related(replaced: &Snapshot, store: &Store) -> Result<bool, StoreError> {
    let Some(mut pages) = Pages::of(replaced, "signing_keys") else { return Ok(false) };
    let rows = pages.next().await.map_err(|unread| unread.0)?;
    for row in rows {
        let mut row = Row::new(row);
        let (authority, kid) = (row.text("signing_keys.authority")?, row.text("signing_keys.kid")?);
        if store.lookups().signing_keys(&authority).await?.iter().any(|key| key.kid == kid) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn grants(replaced: &Snapshot, store: &Store, taken: &mut TakenOver) -> Result<(), Failure> {
    let Some(mut pages) = Pages::of(replaced, "grants") else { return Ok(()) };
    loop {
        let rows = pages.next().await?;
        let count = rows.len();
        let mut batch = Vec::new();
        for row in rows {
            let there = grant::read(Row::new(row)).map_err(Unread)?;
            let Some(here) = store.lookups().grant(&there.id).await? else {
                taken.lost += usize::from(there.revoked_at.is_none());
                continue;
            };
            if let Some(better) = known_better::grant(&here, &there) {
                let ended = here.revoked_at.is_none() && better.revoked_at.is_some();
                *(if ended { &mut taken.ended } else { &mut taken.moved_on }) += 1;
                batch.push(changes::replace_state(&better));
            }
        }
        store.write(batch).await?;
        if count < PAGE {
            return Ok(());
        }
    }
}

/// What the audit log says of an end.
struct Told {
    at: Timestamp,
    grant: Option<String>,
    user: Option<String>,
}

/// The next events of a kind in the replaced database's log, and behind which place to go on; `None` at the end.
async fn told(
    replaced: &Snapshot,
    kind: &'static str,
    after: [Value; 3],
) -> Result<(Vec<Told>, Option<[Value; 3]>), Unread> {
    let [at, opening, position] = after;
    let rows = replaced.read(ENDED, &[kind.into(), at, opening, position]).await.map_err(Unread)?;
    let (mut all, mut last) = (Vec::new(), None);
    for mut row in rows {
        let at = row.int("audit_events.at").map_err(Unread)?;
        let opening = row.int("audit_events.opening").map_err(Unread)?;
        let position = row.int("audit_events.position").map_err(Unread)?;
        let grant = row.optional_text("audit_events.grant_id").map_err(Unread)?;
        let user = row.optional_text("audit_events.user_id").map_err(Unread)?;
        all.push(Told { at: Timestamp::from_millis(at), grant, user });
        last = Some([at, opening, position].map(Value::Int));
    }
    let next = if all.len() < PAGE { None } else { last };
    Ok((all, next))
}

const BEGINNING: [Value; 3] = [Value::Int(i64::MIN), Value::Int(0), Value::Int(0)];

/// Grants that have been forgotten since they ended are known by what the audit log says of them.
async fn ended(replaced: &Snapshot, store: &Store, taken: &mut TakenOver) -> Result<(), Failure> {
    for kind in known_better::ENDING_EVENTS {
        let mut after = Some(BEGINNING);
        while let Some(place) = after {
            let (events, next) = told(replaced, kind, place).await?;
            for event in events {
                if let Some(id) = event.grant {
                    taken.ended += usize::from(end(store, GrantId(id), event.at).await?);
                }
            }
            after = next;
        }
    }
    Ok(())
}

/// Accounts that were removed since, with all their links.
async fn removed(replaced: &Snapshot, store: &Store, taken: &mut TakenOver) -> Result<(), Failure> {
    let mut after = Some(BEGINNING);
    while let Some(place) = after {
        let (events, next) = told(replaced, known_better::REMOVAL_EVENT, place).await?;
        for event in events {
            let Some(user) = event.user.map(UserId) else { continue };
            let Some(here) = store.lookups().user(&user).await? else { continue };
            // Without an event: the one that tells of it comes with the audit log.
            let end = Change::RevokeGrants { user: user.clone(), at: event.at };
            let leave = Change::LeaveGroups { user: user.clone() };
            let disconnect = Change::RemoveIdentities { user: user.clone() };
            let remove = Change::RemoveUser { user, from_version: here.version };
            store.write([end, leave, disconnect, remove].iter().map(changes::statement).collect()).await?;
            taken.removed += 1;
        }
        after = next;
    }
    Ok(())
}

/// Whether it was alive.
async fn end(store: &Store, id: GrantId, at: Timestamp) -> Result<bool, StoreError> {
    let alive = store.lookups().grant(&id).await?.is_some_and(|grant| grant.revoked_at.is_none());
    if alive {
        store.write(vec![changes::revoke(&id, at)]).await?;
    }
    Ok(alive)
}

async fn users(replaced: &Snapshot, store: &Store, taken: &mut TakenOver) -> Result<(), Failure> {
    let Some(mut pages) = Pages::of(replaced, "users") else { return Ok(()) };
    loop {
        let rows = pages.next().await?;
        let count = rows.len();
        for row in rows {
            let there = user::read(Row::new(row)).map_err(Unread)?;
            let Some(here) = store.lookups().user(&there.id).await? else { continue };
            if let Some(hash) = known_better::password_since(&here, &there) {
                let set = Change::SetPassword { user: here.id.clone(), from_version: here.version, hash };
                store.write_one(changes::statement(&set)).await?;
            }
            if let Some(since) = known_better::user_disabled_at(&here, &there) {
                // Without an event: the one that tells of it comes with the audit log.
                let disable = changes::statement(&Change::DisableUser { user: here.id, at: since });
                taken.disabled += usize::from(store.write_one(disable).await?);
            }
        }
        if count < PAGE {
            return Ok(());
        }
    }
}

async fn counters(replaced: &Snapshot, store: &Store) -> Result<(), Failure> {
    let Some(mut pages) = Pages::of(replaced, "counters") else { return Ok(()) };
    let mut batch = Vec::new();
    for row in pages.next().await? {
        let mut row = Row::new(row);
        let name = row.text("counters.name").map_err(Unread)?;
        let count = row.int("counters.count").map_err(Unread)?;
        if COUNTERS.contains(&name.as_str()) {
            batch.push(restore::at_least(&name, count));
        }
    }
    store.write(batch).await?;
    Ok(())
}

async fn add(replaced: &Snapshot, store: &Store, name: &str) -> Result<(), Failure> {
    let Some(mut pages) = Pages::of(replaced, name) else { return Ok(()) };
    loop {
        let rows = pages.next().await?;
        let count = rows.len();
        let mut batch: Vec<Statement> = Vec::with_capacity(count);
        for mut row in rows {
            // The chain goes on from the backup's last seal; what came since is sealed there anew.
            if let ("audit_events", [.., seal]) = (name, &mut row[..]) {
                *seal = Value::Null;
            }
            if let ("sealing_keys", [number, sealed, created_at]) = (name, &row[..]) {
                batch.push(Statement::plain(SEAL_ANEW, [number.clone(), sealed.clone(), created_at.clone()]));
            }
            if let ("signing_keys", [authority, kid, .., revoked_at @ Value::Int(_)]) = (name, &row[..]) {
                batch.push(Statement::plain(REVOKE_KEY, [authority.clone(), kid.clone(), revoked_at.clone()]));
            }
            batch.push(pages.table.add(row));
        }
        store.write(batch).await?;
        if count < PAGE {
            return Ok(());
        }
    }
}
