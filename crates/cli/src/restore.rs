//! `sayso restore`: back to a backup, without bringing back to life what ended since.

use std::path::Path;

use anyhow::Context as _;
use sayso_server::{Ambience, MasterKeys, sealing};
use sayso_store::{Address, PostgresAddress, Restoration, Store, TakenOver};
use sayso_token::time::Timestamp;
use time::OffsetDateTime;
use time::macros::format_description;

use crate::backup::tell;
use crate::config::{self, Config};
use crate::{args, master_key, outside};

/// Restores a file, or marks a PostgreSQL database that was restored by its own program.
pub(crate) async fn run(args: &args::Restore) -> anyhow::Result<()> {
    let config = config::load_quietly(&args.config)?;
    let unlocked = Unlocked { masters: master_key::read(&config.server.master_key)?, ambience: outside::ambience() };
    match (&config.server.database, &args.source, args.after_pg_restore) {
        (Address::File(file), Some(source), false) => file_from(file, source, &unlocked).await,
        (Address::File(_), ..) => {
            anyhow::bail!(
                "the database is a SQLite file: say `sayso restore --config FILE BACKUP`, without --after-pg-restore"
            )
        }
        (Address::Postgres(_), None, true) => mark(&config, &unlocked).await,
        (Address::Postgres(address), source, _) => Err(by_pg_restore(address, source.as_deref(), &args.config)),
    }
}

/// What opens the database.
struct Unlocked {
    masters: MasterKeys,
    ambience: Ambience,
}

impl Unlocked {
    /// Found out before anything is replaced: with another key no server would start on it.
    async fn opens(&self, store: &Store) -> anyhow::Result<()> {
        Ok(sealing::check(store, &self.masters, &self.ambience).await?)
    }
}

async fn file_from(file: &Path, source: &Path, unlocked: &Unlocked) -> anyhow::Result<()> {
    let now = unlocked.ambience.clock.now();
    let ready = Restoration::prepare(file, source, now).await?;
    if let Err(error) = unlocked.opens(ready.store()).await {
        ready.abandon().await;
        return Err(error).with_context(|| format!("{} cannot be restored", source.display()));
    }
    let (contents, taken) = (ready.contents().clone(), ready.taken_over().cloned());
    let aside = ready.finish(&label(now)).await?;
    println!("restored: {} from {}", file.display(), source.display());
    tell(&contents);
    if let Some(aside) = aside {
        println!("The database that was there is kept as {}", aside.display());
        println!("{}", learned(taken.as_ref()));
    }
    println!("All sessions and codes were dropped: people sign in again, links go on.");
    Ok(())
}

async fn mark(config: &Config, unlocked: &Unlocked) -> anyhow::Result<()> {
    let store = Store::open_with(&config.server.database, config.server.migrate).await?;
    let marked = async {
        unlocked.opens(&store).await?;
        anyhow::Ok(store.mark_restored(unlocked.ambience.clock.now()).await?)
    };
    let marked = marked.await;
    store.close().await;
    marked?;
    println!("marked as restored: {}", config.server.database);
    println!("All sessions and codes were dropped: people sign in again, links go on.");
    Ok(())
}

fn by_pg_restore(address: &PostgresAddress, source: Option<&Path>, config: &Path) -> anyhow::Error {
    let source = source.map_or_else(|| "BACKUP".to_owned(), |source| source.display().to_string());
    anyhow::anyhow!(
        "a PostgreSQL database is restored by PostgreSQL's own program, into an empty database, while no server runs:\n  \
         {}\n  sayso restore --config {} --after-pg-restore\ndocs/backup.md tells the rest.",
        sayso_store::pg_restore(address, &source),
        config.display()
    )
}

/// What the replaced database knew better, in words.
fn learned(taken: Option<&TakenOver>) -> String {
    let Some(taken) = taken else {
        return "It cannot be read, so what ended after the backup is not known: docs/backup.md says what that means."
            .to_owned();
    };
    if !taken.related && taken.unread.is_empty() {
        return "It shares no signing key with the backup, so nothing was taken over from it.".to_owned();
    }
    let TakenOver { ended, moved_on, disabled, removed, lost, .. } = taken;
    let mut text = format!(
        "Taken over from it: {ended} links ended, {moved_on} refreshed or cut since, {disabled} accounts disabled and {removed} removed. \
         {lost} links were made since the backup and are not in it; they must be made again."
    );
    for unread in &taken.unread {
        text.push_str(&format!("\nNot readable in it: {unread}"));
    }
    text
}

/// The moment, for the name of a file.
fn label(now: Timestamp) -> String {
    let form = format_description!("[year][month][day]T[hour][minute][second]Z");
    let now = OffsetDateTime::from_unix_timestamp(now.seconds());
    now.ok().and_then(|now| now.format(&form).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_stands_in_the_name() {
        assert_eq!(label(Timestamp::from_seconds(1_767_225_600)), "20260101T000000Z");
    }

    #[test]
    fn what_was_learned_is_told() {
        assert!(learned(None).contains("cannot be read"));
        assert!(learned(Some(&TakenOver::default())).contains("no signing key"));
        let unread = vec!["grants: the database is damaged".to_owned()];
        let taken = TakenOver { related: true, ended: 3, lost: 7, unread, ..TakenOver::default() };
        let text = learned(Some(&taken));
        assert!(
            text.contains("3 links ended") && text.contains("7 links were made") && text.contains("grants: "),
            "{text}"
        );
    }
}
