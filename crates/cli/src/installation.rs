//! An installation, opened from its configuration: master key, database, accounts, server.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use sayso_authority::record::user::{User, UserId};
use sayso_connections::password::PasswordHasher;
use sayso_server::{Server, Settings};
use sayso_store::{Address, Store};
use sayso_token::entropy::SharedEntropy;
use sayso_token::time::Clock;

use crate::config::{self, Config, SeedUser, read_by_others};
use crate::outside::{OsEntropy, SystemClock};
use crate::private;

/// How often what no longer matters is forgotten.
const PURGE_EVERY: Duration = Duration::from_secs(60);

/// Clock and chance of this process.
#[derive(Clone)]
pub(crate) struct Ambience {
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Chance.
    pub(crate) entropy: SharedEntropy,
}

impl Ambience {
    /// The machine's own.
    pub(crate) fn real() -> Self {
        Self { clock: Arc::new(SystemClock), entropy: SharedEntropy::new(OsEntropy) }
    }
}

/// An installation, ready to be served.
pub(crate) struct Installation {
    /// The authorities over HTTP.
    pub(crate) server: Server,
    /// What is remembered.
    pub(crate) store: Store,
}

impl Installation {
    /// Opens what the configuration describes.
    pub(crate) async fn open(config: Config, ambience: &Ambience) -> anyhow::Result<Self> {
        let (store, master) = unlock(&config.server, &ambience.entropy).await?;
        let settings = Settings {
            authorities: config.authorities,
            attributes: config.attributes,
            store: store.clone(),
            master,
            clock: ambience.clock.clone(),
            entropy: ambience.entropy.clone(),
            overrides: config.server.pages,
        };
        // Making keys and hashing passwords keep a core busy each, on the first start.
        let (server, seeded) = tokio::join!(Server::open(settings), seed(&store, &config.users, ambience));
        seeded?;
        Ok(Self { server: server?, store })
    }

    /// Forgets, every minute, what no longer matters. Ends with the process.
    pub(crate) fn purge_in_background(&self, clock: Arc<dyn Clock>) {
        let store = self.store.clone();
        tokio::spawn(async move {
            let mut minutes = tokio::time::interval(PURGE_EVERY);
            minutes.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                minutes.tick().await;
                match store.purge(clock.now()).await {
                    Ok(purged) => tracing::debug!(?purged, "purged"),
                    Err(error) => {
                        tracing::warn!(%error, "what no longer matters could not be forgotten; tried again in a minute")
                    }
                }
            }
        });
    }
}

/// Makes the accounts of the configuration that are missing. Those that are there stay as they are.
async fn seed(store: &Store, users: &[SeedUser], ambience: &Ambience) -> anyhow::Result<()> {
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
            version: 0,
            created_at: ambience.clock.now(),
            disabled_at: None,
        };
        if store.seed_user(&user).await? {
            tracing::debug!(username = user.username, "account made");
        }
    }
    Ok(())
}

/// Opens the database, and reads the master key, or makes one when nothing is sealed yet: a file must not be there, a
/// server is asked whether it holds keys.
async fn unlock(settings: &config::Server, entropy: &SharedEntropy) -> anyhow::Result<(Store, [u8; 32])> {
    let (database, key) = (&settings.database, &settings.master_key);
    if let Address::File(file) = database {
        let master = master_key(key, file.exists().then_some(database), entropy)?;
        return Ok((Store::open(database).await?, master));
    }
    let store = Store::open(database).await?;
    let used = store.lookups().holds_signing_keys().await?;
    let master = master_key(key, used.then_some(database), entropy)?;
    Ok((store, master))
}

/// Reads the master key. When there is none, and no database that was sealed with it, makes one.
pub(crate) fn master_key(file: &Path, sealed: Option<&Address>, entropy: &SharedEntropy) -> anyhow::Result<[u8; 32]> {
    let shown = file.display();
    match fs::metadata(file) {
        Ok(metadata) => {
            anyhow::ensure!(
                !read_by_others(&metadata),
                "others on this machine can read the master key {shown}; chmod 600 it"
            );
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if let Some(database) = sealed {
                anyhow::bail!(
                    "the master key {shown} is missing, but the database {database} is there, whose keys open with it \
                     alone; put the key back from your backup or another node, or take the database away to begin anew"
                );
            }
            if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                private::folder(folder).with_context(|| format!("cannot make {}", folder.display()))?;
            }
            private::write(file, format!("{}\n", entropy.token()).as_bytes())
                .with_context(|| format!("cannot write the master key {shown}"))?;
            tracing::info!(file = %shown, "master key made; back it up apart from the database");
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read the master key {shown}")),
    }
    let text = fs::read_to_string(file).with_context(|| format!("cannot read the master key {shown}"))?;
    Server::master_key(&text).with_context(|| format!("{shown} holds no master key: 32 bytes in base64url, 43 letters"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_master_key_is_made_once_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys/master.key");
        let sealed = Address::File(folder.path().join("sayso.db"));
        let entropy = Ambience::real().entropy;
        let made = master_key(&file, None, &entropy).unwrap();
        assert_ne!(made, [0; 32]);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(master_key(&file, Some(&sealed), &entropy).unwrap(), made);

        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        let open = master_key(&file, Some(&sealed), &entropy).unwrap_err().to_string();
        assert!(open.contains("chmod 600"), "{open}");
        fs::remove_file(&file).unwrap();
        let lost = master_key(&file, Some(&sealed), &entropy).unwrap_err().to_string();
        assert!(lost.contains("is missing") && !file.exists(), "{lost}");
        private::write(&file, b"short").unwrap();
        let broken = master_key(&file, Some(&sealed), &entropy).unwrap_err().to_string();
        assert!(broken.contains("holds no master key"), "{broken}");
    }
}
