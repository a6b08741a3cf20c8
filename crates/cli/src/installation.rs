//! An installation, opened from its configuration: master keys, database, the configuration in force, accounts, server.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use sayso_authority::decide::configuration::{Offered, OnStart, on_start};
use sayso_authority::record::configuration::Configuration;
use sayso_authority::record::group::{Group, GroupId};
use sayso_authority::record::user::{User, UserId};
use sayso_connections::password::PasswordHasher;
use sayso_server::configuration::{applied, digest, put_in_force};
use sayso_server::sealing::sealing_keys;
use sayso_server::{AdminSettings, Ambience, ConnectionSecrets, MasterKeySource, Server, Settings};
use sayso_store::{Retention, Store};
use sayso_token::time::{Clock, Timestamp};

use crate::config::{Admin, Config, SeedGroup, SeedUser, read_secret, read_sent};
use crate::master_key::{self, unlock};

/// How often what no longer matters is forgotten.
const PURGE_EVERY: Duration = Duration::from_secs(60);
/// How soon again when one round did not suffice.
const PURGE_MORE_AFTER: Duration = Duration::from_secs(1);

/// An installation, ready to be served.
pub(crate) struct Installation {
    /// The authorities over HTTP.
    pub(crate) server: Server,
    /// What is remembered.
    pub(crate) store: Store,
    /// Where the master keys are read.
    pub(crate) masters: MasterKeySource,
    /// How long what is over is remembered.
    retention: Retention,
}

/// Which configuration counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Precedence<'a> {
    /// The file's.
    File,
    /// The one in force, unless this file is a newer will than that.
    InForce(&'a Path),
}

impl Installation {
    /// Opens what the configuration describes.
    pub(crate) async fn open(config: Config, precedence: Precedence<'_>, ambience: &Ambience) -> anyhow::Result<Self> {
        let (store, opened) = unlock(&config.server, &ambience.entropy).await?;
        let own = Configuration { attributes: config.attributes, authorities: config.authorities };
        let sealer = sealing_keys(&store, &opened, ambience).await?.sealer(ambience.clock.now());
        if counts(&own, precedence, &store).await? {
            let (number, changed) = put_in_force(&own, &store, &sealer, ambience).await?;
            tracing::info!(number, changed, "the file's configuration is in force");
        }
        let (file, retention) = (config.server.master_key.clone(), config.server.retention);
        let masters = MasterKeySource::new(move || master_key::read(&file).map_err(|error| format!("{error:#}")));
        let settings = Settings {
            authorities: own.authorities,
            attributes: own.attributes,
            store: store.clone(),
            masters: masters.clone(),
            clock: ambience.clock.clone(),
            entropy: ambience.entropy.clone(),
            overrides: config.server.pages,
            admin: config.admin.map(offered),
            outgoing: config.server.outgoing,
            connection_secrets: connection_secrets(config.server.connection_secrets),
        };
        // Making keys and hashing passwords keep a core busy each, on the first start.
        let (server, seeded) =
            tokio::join!(Server::open(settings), seed(&store, (&config.groups, &config.users), ambience));
        seeded?;
        Ok(Self { server: server?, store, masters, retention })
    }

    /// Follows what is decided on other nodes, tells clients of sign-outs; every minute, seals the audit and forgets what no
    /// longer matters. Ends with the process.
    pub(crate) fn keep_up(&self, clock: Arc<dyn Clock>) {
        let (server, store, retention) = (self.server.clone(), self.store.clone(), self.retention);
        let telling = server.clone();
        tokio::spawn(async move { server.follow().await });
        tokio::spawn(async move { telling.keep_telling_logouts().await });
        tokio::spawn(async move {
            let mut minutes = tokio::time::interval(PURGE_EVERY);
            minutes.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                minutes.tick().await;
                let more = seal_audit(&store, clock.now()).await;
                match store.purge(clock.now(), &retention).await {
                    Ok(purged) => {
                        tracing::debug!(?purged, "purged");
                        if purged.more || more {
                            minutes.reset_after(PURGE_MORE_AFTER);
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "what no longer matters could not be forgotten; tried again in a minute")
                    }
                }
            }
        });
    }
}

/// Seals what has been written into the audit; whether there is more to be sealed. The head in the log is what `sayso audit verify
/// --expect` can be asked about later.
async fn seal_audit(store: &Store, now: Timestamp) -> bool {
    match store.seal_audit(now).await {
        Ok(sealed) => {
            if let Some(head) = sealed.head {
                tracing::info!(records = sealed.records, seals = sealed.seals, %head, "audit sealed");
            }
            sealed.more
        }
        Err(error) => {
            tracing::warn!(%error, "the audit could not be sealed; tried again in a minute");
            false
        }
    }
}

/// Reads them when they are used.
fn connection_secrets(files: BTreeMap<String, PathBuf>) -> ConnectionSecrets {
    ConnectionSecrets::new(move |id| {
        let file = files.get(id).ok_or_else(|| format!("connection_secrets of [server] names no file for {id}"))?;
        read_secret(file).map_err(|(what, fix)| format!("{}: {what}; {fix}", file.display()))
    })
}

/// How the admin API is offered.
fn offered(admin: Admin) -> AdminSettings {
    let Admin { designated, apart } = admin;
    AdminSettings { designated, apart: apart.map(|(_, url)| url), read: Arc::new(read_sent) }
}

/// Whether the file's configuration is to be put in force.
async fn counts(own: &Configuration, precedence: Precedence<'_>, store: &Store) -> anyhow::Result<bool> {
    let Precedence::InForce(file) = precedence else { return Ok(true) };
    let offered = Offered { digest: digest(own), written_at: written_at(file)? };
    let decided = on_start(&offered, &applied(store).await?);
    if decided == OnStart::Follow {
        tracing::warn!(
            file = %file.display(),
            "this configuration was in force before and has been replaced since; this node takes the one in force. To put \
             the file in force again: sayso apply --config FILE"
        );
    }
    Ok(decided == OnStart::Apply)
}

fn written_at(file: &Path) -> anyhow::Result<Timestamp> {
    let since = std::fs::metadata(file)?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
}

/// Makes the groups and accounts of the configuration that are missing. Those that are there stay as they are.
pub(crate) async fn seed(
    store: &Store,
    (groups, users): (&[SeedGroup], &[SeedUser]),
    ambience: &Ambience,
) -> anyhow::Result<()> {
    for seed in groups {
        if store.lookups().group_by_name(&seed.name).await?.is_none() {
            let id = GroupId(format!("grp_{}", ambience.entropy.token()));
            let (name, description) = (seed.name.clone(), seed.description.clone());
            store.seed_group(&Group { id, name, description, created_at: ambience.clock.now() }).await?;
        }
    }
    let hasher = PasswordHasher::new(1);
    for seed in users {
        if store.lookups().user_by_username(&seed.username).await?.is_some() {
            continue;
        }
        let password_hash = hasher.hash(&seed.password, &ambience.entropy).await?;
        let user = User {
            id: UserId(format!("usr_{}", ambience.entropy.token())),
            username: seed.username.clone(),
            password_hash,
            attributes: seed.attributes.clone(),
            groups: Vec::new(),
            version: 0,
            created_at: ambience.clock.now(),
            updated_at: None,
            disabled_at: None,
        };
        let mut joined = Vec::new();
        for name in &seed.groups {
            joined.extend(store.lookups().group_by_name(name).await?.map(|group| group.id));
        }
        if store.seed_member(&user, &joined).await? {
            tracing::debug!(username = user.username, "account made");
        }
    }
    Ok(())
}
