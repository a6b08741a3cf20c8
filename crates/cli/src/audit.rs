//! `sayso audit`: the audit log, searched, read out, and verified.

mod verify;

use std::io::Write as _;

use sayso_authority::record::user::User;
use sayso_server::audit::{AuditView, Filter};
use sayso_store::{Address, AuditPlace, Lookups, Migrate, Store};
use sayso_token::time::Timestamp;
use sayso_web::harmless::harmless;

use crate::args::audit::{Audit, Other, Search};
use crate::config;

/// Events read at once.
const PIECE: u32 = 500;
/// Events shown when nothing else is said.
const SHOWN: usize = 50;

/// How it ended; the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It was done, and what was verified is whole.
    Done = 0,
    /// The audit is not as it was written.
    NotWhole = 1,
}

/// Searches, or verifies. Looks only.
pub(crate) async fn run(asked: &Audit) -> anyhow::Result<Ending> {
    match (&asked.other, &asked.search) {
        (Some(Other::Verify(asked)), _) => verify::run(asked).await,
        (None, Some(search)) => searched(search).await,
        (None, None) => anyhow::bail!("name the configuration file: --config FILE"),
    }
}

/// Prints what is asked for, the newest first.
async fn searched(asked: &Search) -> anyhow::Result<Ending> {
    let server = config::load_quietly(&asked.config)?.server;
    let store = look(&server).await?;
    let printed = print(asked, &store.lookups()).await;
    store.close().await;
    printed?;
    if asked.json && asked.limit.is_none() { verify::beside(&server).await } else { Ok(Ending::Done) }
}

/// The database, which must be there.
async fn look(server: &config::Server) -> anyhow::Result<Store> {
    if let Address::File(file) = &server.database {
        anyhow::ensure!(file.exists(), "there is no database {}; `sayso serve` makes it", file.display());
    }
    Ok(Store::open_with(&server.database, Migrate::ByCommand).await?)
}

async fn print(asked: &Search, lookups: &Lookups) -> anyhow::Result<()> {
    let filter = filter(asked, lookups).await?;
    let about = filter.about();
    let mut left = asked.limit.unwrap_or(if asked.json { usize::MAX } else { SHOWN });
    let mut place = AuditPlace::before(asked.until.unwrap_or(Timestamp::from_millis(i64::MAX)));
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    loop {
        let piece = lookups.audit_before(&about, place, (filter.since, PIECE)).await?;
        let last = piece.len() < PIECE as usize;
        for event in &piece {
            place = event.place;
            if left > 0 && filter.takes(event) {
                left -= 1;
                let view = AuditView::of(event);
                out.write_all(if asked.json { view.line() } else { shown(&view) }.as_bytes())?;
            }
        }
        if last || left == 0 {
            out.flush()?;
            return Ok(());
        }
    }
}

/// What is asked for; a username is looked up.
async fn filter(asked: &Search, lookups: &Lookups) -> anyhow::Result<Filter> {
    let user = match &asked.user {
        Some(name) if !name.starts_with("usr_") => {
            let found = lookups.user_by_username(&User::canonical(name)).await?;
            let found = found.ok_or_else(|| {
                anyhow::anyhow!("there is no account {name:?}; one that was removed is found by its id")
            })?;
            Some(found.id.0)
        }
        other => other.clone(),
    };
    let Search { client, grant, authority, kind, reason, since, .. } = asked;
    let (client, grant, authority) = (client.clone(), grant.clone(), authority.clone());
    Ok(Filter { user, client, grant, authority, kind: kind.clone(), reason: reason.clone(), since: *since })
}

/// A line for people: when, what, and all that is known of it. Nothing in it can move a terminal's cursor.
fn shown(event: &AuditView) -> String {
    let mut line = format!("{}  {}", event.at, event.kind);
    let named = [
        ("authority", Some(&event.authority).filter(|authority| !authority.is_empty())),
        ("client", event.client.as_ref()),
        ("user", event.user.as_ref()),
        ("grant", event.grant.as_ref()),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            line.push_str(&format!("  {name}={}", harmless(value, 200)));
        }
    }
    for (name, value) in &event.details {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        line.push_str(&format!("  {}={}", harmless(name, 60), harmless(&value, 200)));
    }
    line.push('\n');
    line
}
