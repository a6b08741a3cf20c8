//! `sayso keys`: signing keys, listed, rotated, revoked.

use std::fmt::Write as _;

use anyhow::Context as _;
use sayso_server::sealing::sealing_keys;
use sayso_server::signing_keys::{self, Listed, Revoked, Rotated};
use sayso_store::{Address, Store};
use sayso_token::rotation::KEYS_MAX_AGE;
use sayso_token::seal::Sealer;
use sayso_token::time::Timestamp;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::args::keys::{Keys, List, Revoke, Rotate};
use crate::{config, master_key, outside};

/// Carries out what is asked for, and prints what happens when.
pub(crate) async fn run(keys: &Keys) -> anyhow::Result<()> {
    let printed = match keys {
        Keys::List(asked) => list(asked).await,
        Keys::Rotate(asked) => rotate(asked).await,
        Keys::Revoke(asked) => revoke(asked).await,
    };
    println!("{}", printed?.trim_end());
    Ok(())
}

async fn list(asked: &List) -> anyhow::Result<String> {
    let config = config::load_quietly(&asked.config)?;
    let store = open(&config.server).await?;
    let now = outside::ambience().clock.now();
    let listed = signing_keys::list(&store, asked.authority.as_deref(), now).await;
    store.close().await;
    let listed = listed?;
    Ok(if asked.json {
        serde_json::to_string_pretty(&listed.iter().map(as_json).collect::<Vec<_>>())?
    } else {
        table(&listed)
    })
}

async fn rotate(asked: &Rotate) -> anyhow::Result<String> {
    let config = config::load_quietly(&asked.config)?;
    let ambience = outside::ambience();
    let store = open(&config.server).await?;
    let rotated = async {
        let sealer = unlock(&config.server, &store, &ambience).await?;
        let which = (asked.authority.as_deref(), asked.algorithm);
        anyhow::Ok(signing_keys::rotate(&store, which, &sealer, &ambience).await?)
    };
    let rotated = rotated.await;
    store.close().await;
    let rotated = rotated?;
    let mut text: String = rotated.iter().map(told_of_rotation).collect();
    if rotated.iter().any(|one| one.made) {
        text.push_str("Running nodes follow within a second.\n");
    }
    Ok(text)
}

async fn revoke(asked: &Revoke) -> anyhow::Result<String> {
    let config = config::load_quietly(&asked.config)?;
    let ambience = outside::ambience();
    let store = open(&config.server).await?;
    let revoked = async {
        let sealer = unlock(&config.server, &store, &ambience).await?;
        anyhow::Ok(signing_keys::revoke(&store, (&asked.authority, &asked.kid), &sealer, &ambience).await?)
    };
    let revoked = revoked.await;
    store.close().await;
    Ok(told_of_revocation(&revoked?))
}

/// The database, which is not made where there is none.
async fn open(server: &config::Server) -> anyhow::Result<Store> {
    if let Address::File(file) = &server.database {
        anyhow::ensure!(
            file.exists(),
            "there is no database {}, so there are no keys; `sayso serve` makes both",
            file.display()
        );
    }
    Ok(Store::open_with(&server.database, server.migrate).await?)
}

/// What seals a new key.
async fn unlock(server: &config::Server, store: &Store, ambience: &sayso_server::Ambience) -> anyhow::Result<Sealer> {
    anyhow::ensure!(store.lookups().holds_signing_keys().await?, signing_keys::Refused::None);
    let masters = master_key::read(&server.master_key)?;
    let keys = sealing_keys(store, &masters, ambience).await.context("a new key cannot be sealed")?;
    Ok(keys.sealer(ambience.clock.now()))
}

fn told_of_rotation(rotated: &Rotated) -> String {
    let Rotated { next, signing, made } = rotated;
    let (authority, algorithm, kid) = (&next.authority, next.algorithm, &next.kid);
    let from = shown(next.signs_from);
    let mut text = match (made, signing) {
        (true, Some(_)) => format!("{authority} {algorithm}: key {kid} is published now, and signs from {from} on.\n"),
        (true, None) => format!("{authority} {algorithm}: key {kid} is published and signs now: no other did.\n"),
        (false, _) => {
            format!("{authority} {algorithm}: key {kid} waits already, and signs from {from} on; no other was made.\n")
        }
    };
    if let Some(signing) = signing {
        let until = shown(signing.published_until);
        text.push_str(&format!("  Until then {} signs; it stays published until {until}.\n", signing.kid));
    }
    text
}

fn told_of_revocation(revoked: &Revoked) -> String {
    let Revoked { key, signing, before } = revoked;
    let (authority, algorithm, kid) = (&key.authority, key.algorithm, &key.kid);
    if *before {
        return format!("Nothing to do: key {kid} of {authority} was revoked at {}.", shown(key.revoked_at));
    }
    let signs = match signing {
        Some(signing) => format!("Key {} signs now.", signing.kid),
        None => format!("No {algorithm} key signs; the next start of a node makes one."),
    };
    let minutes = KEYS_MAX_AGE.seconds() / 60;
    format!(
        "Revoked: key {kid} of {authority} ({algorithm}). {signs}\n\
         Running nodes follow within a second: it is published no more, and introspection and userinfo refuse what it has signed.\n\
         Whoever verifies tokens by published keys trusts it for as long as they keep those: a cache on the way {minutes} minutes,\n\
         common libraries up to 10, a skill's guard 1. Restart those that must not wait."
    )
}

/// A line a key, in columns.
fn table(keys: &[Listed]) -> String {
    let head = ["authority", "algorithm", "state", "kid", "made", "signs from", "published until"].map(str::to_owned);
    let line = |key: &Listed| {
        let algorithm = key.algorithm.to_string();
        let state = key.state.name().to_owned();
        let times = [Some(key.made_at), key.signs_from, key.published_until].map(shown);
        let [made, from, until] = times;
        [key.authority.clone(), algorithm, state, key.kid.clone(), made, from, until]
    };
    let lines: Vec<_> = std::iter::once(head).chain(keys.iter().map(line)).collect();
    let mut widths = [0; 7];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.len().max(*width);
        }
    }
    let mut text = String::new();
    for line in &lines {
        for (width, cell) in widths.iter().zip(line) {
            // Writing to a text never fails.
            let _ = write!(text, "{cell:width$}  ");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

fn as_json(key: &Listed) -> Value {
    json!({
        "authority": key.authority,
        "kid": key.kid,
        "algorithm": key.algorithm,
        "state": key.state.name(),
        "made_at": rfc3339(key.made_at),
        "signs_from": key.signs_from.map(rfc3339),
        "published_until": key.published_until.map(rfc3339),
        "revoked_at": key.revoked_at.map(rfc3339),
    })
}

fn shown(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "-".to_owned(), rfc3339)
}

/// To the second, in UTC.
fn rfc3339(time: Timestamp) -> String {
    let written = OffsetDateTime::from_unix_timestamp(time.seconds())
        .ok()
        .and_then(|time| time.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z")).ok());
    written.unwrap_or_else(|| time.seconds().to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use sayso_token::algorithm::Algorithm;
    use sayso_token::rotation::KeyState;

    use super::*;

    fn key(kid: &str, state: KeyState, from: Option<i64>, until: Option<i64>) -> Listed {
        let time = Timestamp::from_seconds;
        Listed {
            authority: "quiz".to_owned(),
            kid: kid.to_owned(),
            algorithm: Algorithm::Rs256,
            state,
            made_at: time(0),
            signs_from: from.map(time),
            published_until: until.map(time),
            revoked_at: until.map(time).filter(|_| state == KeyState::Revoked),
        }
    }

    #[test]
    fn keys_stand_in_columns() {
        let keys = [key("abc", KeyState::Signing, Some(900), None), key("d", KeyState::Revoked, None, Some(86_400))];
        let expected = "\
            authority  algorithm  state    kid  made                  signs from            published until\n\
            quiz       RS256      signing  abc  1970-01-01T00:00:00Z  1970-01-01T00:15:00Z  -\n\
            quiz       RS256      revoked  d    1970-01-01T00:00:00Z  -                     1970-01-02T00:00:00Z\n";
        assert_eq!(table(&keys), expected);
        let told = as_json(&keys[1]);
        assert_eq!((&told["state"], &told["signs_from"]), (&json!("revoked"), &Value::Null));
        assert_eq!(told["revoked_at"], "1970-01-02T00:00:00Z");
    }

    #[test]
    fn what_happens_when_is_told() {
        let next = key("next", KeyState::Next, Some(900), None);
        let signing = key("old", KeyState::Signing, Some(0), Some(87_600));
        let rotated = |made, signing: Option<&Listed>| {
            told_of_rotation(&Rotated { next: next.clone(), signing: signing.cloned(), made })
        };
        let told = rotated(true, Some(&signing));
        assert!(told.contains("next is published now, and signs from 1970-01-01T00:15:00Z on"), "{told}");
        assert!(told.contains("Until then old signs; it stays published until 1970-01-02T00:20:00Z"), "{told}");
        assert!(rotated(false, Some(&signing)).contains("waits already"));
        assert!(rotated(true, None).contains("signs now"));

        let gone = key("old", KeyState::Revoked, Some(0), Some(60));
        let revoked = |before| {
            told_of_revocation(&Revoked {
                key: gone.clone(),
                signing: Some(key("new", KeyState::Signing, None, None)),
                before,
            })
        };
        assert!(revoked(false).contains("Key new signs now") && revoked(false).contains("5 minutes"));
        assert!(revoked(true).contains("Nothing to do") && revoked(true).contains("1970-01-01T00:01:00Z"));
    }
}
