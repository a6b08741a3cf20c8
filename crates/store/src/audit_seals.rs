//! Sealing the audit behind those who write it, forgetting it by whole seals, and reading all of it to be verified.
//!
//! What is sealed and what is believed is decided in `sayso_authority::decide`, `seal_audit` and `verify_audit`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sayso_authority::decide::seal_audit::{BATCH, forgettable, seal};
use sayso_authority::decide::verify_audit::{Verified, Verifier};
use sayso_authority::record::audit_record::AuditRecord;
use sayso_authority::record::audit_seal::{AuditSeal, Head};
use sayso_token::seal::Sealer;
use sayso_token::time::Timestamp;

use crate::backend::{Row, Snapshot, Statement, Value, Written};
use crate::tables::{self, PAGE};
use crate::{Address, Lookups, Store, StoreError};

/// Seals made in one round at most.
const ROUND: usize = 100;
/// Between two of them at least; longer when the database is slow, so that half of its time is others'.
const PAUSE: Duration = Duration::from_millis(5);

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT number, made_at, records, oldest, newest, digest, untagged_until, tag, foot FROM audit_seals ",
            $rest
        )
    };
}

/// As many as [`BATCH`].
pub(crate) const WAITING: &str = "SELECT at, opening, position, kind, authority, client, user_id, grant_id, details, actor, tag, seal \
     FROM audit_events WHERE seal IS NULL ORDER BY at, opening, position LIMIT 200";
const LAST: &str = select!("ORDER BY number DESC LIMIT 1");
const AFTER: &str = select!("WHERE number > $1 ORDER BY number LIMIT 200");
const FOOT: &str = "SELECT MAX(number) FROM audit_seals WHERE foot IS NOT NULL";
/// Of two nodes that seal at once, one gets the number. The other waits for it here, before it has touched a record.
const ADD: &str = "INSERT INTO audit_seals (number, made_at, records, oldest, newest, digest, untagged_until, tag) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING number";
const MARK: &str = "UPDATE audit_events SET seal = $4, actor = $5 \
     WHERE at = $1 AND opening = $2 AND position = $3 AND seal IS NULL RETURNING seal";
const MAKE_FOOT: &str = "UPDATE audit_seals SET foot = $2 WHERE number = $1 AND foot IS NULL RETURNING number";

/// What a round of sealing has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditSealed {
    /// How many seals were made.
    pub seals: usize,
    /// How many records are under them.
    pub records: usize,
    /// The last of them.
    pub head: Option<Head>,
    /// Whether more is due than one round seals.
    pub more: bool,
}

impl Store {
    /// From now on, audit records are tagged and sealed under this sealer, through all clones of this store.
    pub fn prove_audit_with(&self, sealer: Arc<Sealer>) {
        self.set_audit_key(sealer);
    }

    /// One round of sealing. Meant to be called every minute, and at once again while there is [`more`](AuditSealed::more); by
    /// any number of nodes, of which one seals at a time. Does nothing before [`prove_audit_with`](Self::prove_audit_with).
    ///
    /// # Errors
    /// What the database said; what was sealed before stays sealed.
    pub async fn seal_audit(&self, now: Timestamp) -> Result<AuditSealed, StoreError> {
        let mut sealed = AuditSealed::default();
        let Some(sealer) = self.audit_key() else { return Ok(sealed) };
        for _ in 0..ROUND {
            let begun = Instant::now();
            let last = self.lookups().last_audit_seal().await?;
            let waiting = self.lookups().many(WAITING, &[], read_record).await?;
            let Some(seal) = seal(last.as_ref(), &waiting, now, &sealer) else { return Ok(sealed) };
            let marks = waiting.iter().map(|record| mark(record, seal.number));
            let batch = std::iter::once(add(&seal)).chain(marks).collect();
            if let Written::GuardLost = self.write(batch).await? {
                // Another node seals, or has forgotten one of them: it will be seen in the next round.
                return Ok(sealed);
            }
            sealed.seals += 1;
            sealed.records += waiting.len();
            sealed.head = Some(seal.head());
            if waiting.len() < BATCH {
                return Ok(sealed);
            }
            tokio::time::sleep(begun.elapsed().max(PAUSE)).await;
        }
        sealed.more = true;
        Ok(sealed)
    }

    /// Through which seal records may be deleted, after all is taken into account that is from before that time. Who has no key
    /// goes by what others have laid down.
    pub(crate) async fn audit_foot(&self, before: Timestamp) -> Result<i64, StoreError> {
        let mut foot =
            self.lookups().first(FOOT).await?.map_or(Ok(None), |mut row| row.optional_int("audit_seals.number"))?;
        let Some(sealer) = self.audit_key() else { return Ok(foot.unwrap_or(0)) };
        for _ in 0..ROUND {
            let next = self.lookups().many(AFTER, &[foot.unwrap_or(0).into()], read_seal).await?;
            let Some(last) = forgettable(&next, before) else { break };
            let tag = last.as_foot(&sealer);
            // Lost: another node was as far.
            self.write_one(Statement::guarded(MAKE_FOOT, [last.number.into(), (&tag).into()])).await?;
            foot = Some(last.number);
        }
        Ok(foot.unwrap_or(0))
    }
}

impl Lookups {
    /// The last seal of the audit, if there is one.
    pub async fn last_audit_seal(&self) -> Result<Option<AuditSeal>, StoreError> {
        self.one(LAST, &[], read_seal).await
    }
}

/// Reads the whole audit, as it is at one moment while servers go on with it, and says whether it is as it was written.
/// `noted` is a head that must be in the chain. Takes little memory, however much there is.
///
/// # Errors
/// What the database said; also where its schema is older than this program.
pub async fn verify_audit(
    database: &Address,
    sealer: &Sealer,
    (now, noted): (Timestamp, Option<Head>),
) -> Result<Verified, StoreError> {
    let snapshot = Snapshot::open(database).await?;
    let mut verifier = Verifier::new(sealer, now, noted);
    for_each(&snapshot, "audit_seals", |row| read_seal(row).map(|seal| verifier.seal(seal))).await?;
    for_each(&snapshot, "audit_events", |row| read_record(row).map(|record| verifier.record(&record))).await?;
    Ok(verifier.finish())
}

/// Hands over all rows of a table, in the order of its key.
async fn for_each(
    snapshot: &Snapshot,
    name: &'static str,
    mut take: impl FnMut(Row) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let Some(table) = tables::named(name) else { return Ok(()) };
    let mut after: Option<Vec<Value>> = None;
    loop {
        let rows = table.page(snapshot, after.as_deref()).await?;
        let last = rows.len() < PAGE;
        after = rows.last().map(|row| table.key_of(row).to_vec());
        rows.into_iter().try_for_each(|row| take(Row::new(row)))?;
        if last {
            return Ok(());
        }
    }
}

fn add(seal: &AuditSeal) -> Statement {
    Statement::guarded(
        ADD,
        [
            seal.number.into(),
            seal.made_at.into(),
            seal.records.into(),
            seal.oldest.into(),
            seal.newest.into(),
            (&seal.digest).into(),
            seal.untagged_until.into(),
            (&seal.tag).into(),
        ],
    )
}

fn mark(record: &AuditRecord, seal: i64) -> Statement {
    let actor = record.by().as_deref().into();
    Statement::guarded(MARK, [record.at.into(), record.opening.into(), record.position.into(), seal.into(), actor])
}

/// A row of the table, or of a query with its columns in their order.
fn read_record(mut row: Row) -> Result<AuditRecord, StoreError> {
    Ok(AuditRecord {
        at: row.time("audit_events.at")?,
        opening: row.int("audit_events.opening")?,
        position: row.int("audit_events.position")?,
        kind: row.text("audit_events.kind")?,
        authority: row.text("audit_events.authority")?,
        client: row.optional_text("audit_events.client")?,
        user: row.optional_text("audit_events.user_id")?,
        grant: row.optional_text("audit_events.grant_id")?,
        details: row.text("audit_events.details")?,
        actor: row.optional_text("audit_events.actor")?,
        tag: row.optional_digest("audit_events.tag")?,
        seal: row.optional_int("audit_events.seal")?,
    })
}

fn read_seal(mut row: Row) -> Result<AuditSeal, StoreError> {
    Ok(AuditSeal {
        number: row.int("audit_seals.number")?,
        made_at: row.time("audit_seals.made_at")?,
        records: row.int("audit_seals.records")?,
        oldest: row.time("audit_seals.oldest")?,
        newest: row.time("audit_seals.newest")?,
        digest: row.digest("audit_seals.digest")?,
        untagged_until: row.optional_time("audit_seals.untagged_until")?,
        tag: row.digest("audit_seals.tag")?,
        foot: row.optional_digest("audit_seals.foot")?,
    })
}

#[cfg(test)]
mod tests;
