//! The only SQL: what is remembered, durably, and changed under guards.
//!
//! - [`Store::settle`] carries a decision out: load, decide, write in one durable transaction, and decide again when
//!   what was decided on has changed meanwhile.
//! - [`Lookups`] is what a decision may ask for.
//! - `changes` turns each [`Change`](sayso_authority::record::change::Change) into one guarded statement.
//! - `migrations` are numbered texts, applied when the store opens.
//! - `audit_seals` proves afterwards what was written into the audit.
//! - `backend` alone knows the engine. Every statement is written once for SQLite and PostgreSQL: `$n` placeholders,
//!   TEXT, BIGINT and BYTEA columns, no `now()`, no advisory lock, no `SKIP LOCKED`.
//!
//! Everything at once is copied by [`backup`], [`Restoration`], [`export`] and [`import`].
//!
//! No foreign keys are declared: what belongs together is written in one transaction under guards, and purging works
//! table by table in small batches.

mod acme;
mod address;
mod audit_seals;
mod backend;
mod backup;
mod changes;
mod configurations;
mod copy_error;
mod error;
mod export;
mod import;
pub mod keys;
pub mod lookups;
mod migrations;
mod new_file;
mod news;
pub mod purge;
mod registered;
mod restore;
pub mod schema;
mod sealed_file;
mod sealing;
mod settle;
mod store;
mod tables;
mod take_over;
pub mod tries;
mod users;

pub use acme::StoredAcmeItem;
pub use address::{Address, BadAddress, PostgresAddress};
pub use audit_seals::{AuditSealed, verify_audit};
pub use backup::{Contents, backup, pg_dump, pg_restore};
pub use configurations::StoredConfiguration;
pub use copy_error::CopyError;
pub use error::StoreError;
pub use export::{Export, export};
pub use import::import;
pub use keys::StoredKey;
pub use lookups::Lookups;
pub use lookups::audit::{About, AuditPlace, StoredEvent};
pub use lookups::group::Member;
pub use purge::{Purged, Retention};
pub use restore::Restoration;
pub use schema::Migrate;
pub use sealing::{Resealed, Sealed, StoredSealingKey};
pub use store::Store;
pub use take_over::TakenOver;
