//! The file of the master keys: made once, replaced by command, never overwritten.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use sayso_server::{Ambience, MasterKeys, sealing};
use sayso_store::{Address, Store};
use sayso_token::entropy::SharedEntropy;

use crate::args;
use crate::config::{self, read_by_others};
use crate::private;

/// Opens the database, and reads the master keys, or makes one when the database holds nothing yet that is sealed.
pub(crate) async fn unlock(settings: &config::Server, entropy: &SharedEntropy) -> anyhow::Result<(Store, MasterKeys)> {
    let database = &settings.database;
    let store = Store::open_with(database, settings.migrate).await?;
    // Before there were sealing keys, the master key sealed the signing keys itself.
    let used = !store.lookups().sealing_keys().await?.is_empty() || store.lookups().holds_signing_keys().await?;
    let masters = read_or_make(&settings.master_key, used.then_some(database), entropy)?;
    Ok((store, masters))
}

/// `sayso master-key rotate`
pub(crate) async fn rotate(args: &args::Rotate) -> anyhow::Result<()> {
    let config = config::load_quietly(&args.config)?;
    let (file, ambience) = (&config.server.master_key, crate::outside::ambience());
    let masters = read(file)?;
    let store = Store::open_with(&config.server.database, config.server.migrate).await?;
    let rotated = replace(file, masters, &store, (args.prepare, &ambience)).await;
    store.close().await;
    println!("{}", rotated?);
    Ok(())
}

/// Makes a new key unless the newest one is still waiting to be used, and, unless this only prepares for it, seals
/// everything anew under it. What to tell the operator.
async fn replace(
    file: &Path,
    mut masters: MasterKeys,
    store: &Store,
    (prepare, ambience): (bool, &Ambience),
) -> anyhow::Result<String> {
    let shown = file.display();
    // Begun before and not finished, or prepared: then the newest key is new enough.
    let waiting = !sealing::is_sealed_under_newest(store, &masters).await?;
    if !waiting {
        let before = fs::read_to_string(file).with_context(|| format!("cannot read the master key {shown}"))?;
        private::write(file, format!("{}\n{before}", ambience.entropy.token()).as_bytes())
            .with_context(|| format!("cannot write the master key {shown}"))?;
        masters = read(file)?;
    }
    if prepare {
        return Ok(format!(
            "{shown} now begins with a new master key, which is not used yet. Copy the file to every node; then run \
             `sayso master-key rotate` without --prepare."
        ));
    }
    let done = sealing::seal_anew(store, &masters, ambience).await?;
    Ok(format!(
        "Sealed anew under a new master key: {} sealing keys, and {} signing keys under the newest of them.\n\
         Running nodes go on. A node that starts needs {shown} as it is now: copy it to every node.\n\
         The older keys in it are needed for backups made until now; without such backups, delete their lines.",
        done.sealing_keys, done.signing_keys
    ))
}

/// Reads the master keys. When there are none, and no database that was sealed with one, makes one.
fn read_or_make(file: &Path, sealed: Option<&Address>, entropy: &SharedEntropy) -> anyhow::Result<MasterKeys> {
    let shown = file.display();
    if matches!(fs::metadata(file), Err(error) if error.kind() == std::io::ErrorKind::NotFound) {
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
    read(file)
}

/// Reads the master keys.
pub(crate) fn read(file: &Path) -> anyhow::Result<MasterKeys> {
    let shown = file.display();
    let cannot = || format!("cannot read the master key {shown}");
    let metadata = fs::metadata(file).with_context(cannot)?;
    anyhow::ensure!(!read_by_others(&metadata), "others on this machine can read the master key {shown}; chmod 600 it");
    let text = fs::read_to_string(file).with_context(cannot)?;
    MasterKeys::parse(&text)
        .with_context(|| format!("{shown} holds no master key: a line of 32 bytes in base64url, 43 letters, for each"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::outside::ambience;

    fn text(file: &Path) -> Vec<String> {
        fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_master_key_is_made_once_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys/master.key");
        let sealed = Address::File(folder.path().join("sayso.db"));
        let entropy = ambience().entropy;
        read_or_make(&file, None, &entropy).unwrap();
        let made = text(&file);
        assert_eq!(made.len(), 1);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        read_or_make(&file, Some(&sealed), &entropy).unwrap();
        assert_eq!(text(&file), made);

        let refused = || read_or_make(&file, Some(&sealed), &entropy).unwrap_err().to_string();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(refused().contains("chmod 600"), "{}", refused());
        fs::remove_file(&file).unwrap();
        assert!(refused().contains("is missing") && !file.exists(), "{}", refused());
        private::write(&file, b"short").unwrap();
        assert!(refused().contains("holds no master key"), "{}", refused());
    }

    #[tokio::test]
    async fn replacing_can_be_prepared_is_finished_when_it_was_cut_off_and_keeps_what_backups_need() {
        let folder = tempfile::tempdir().unwrap();
        let (file, ambience) = (folder.path().join("master.key"), ambience());
        let store = Store::open(folder.path().join("sayso.db").as_path()).await.unwrap();
        let masters = read_or_make(&file, None, &ambience.entropy).unwrap();
        sealing::sealing_keys(&store, &masters, &ambience).await.unwrap();
        let first = text(&file);
        let opens = async |lines: &[String]| {
            let masters = MasterKeys::parse(&lines.join("\n")).unwrap();
            sealing::sealing_keys(&store, &masters, &ambience).await.is_ok()
        };

        // Prepared, twice: one new key, used by nothing.
        for _ in 0..2 {
            let told = replace(&file, read(&file).unwrap(), &store, (true, &ambience)).await.unwrap();
            assert!(told.contains("every node"), "{told}");
        }
        let prepared = text(&file);
        assert_eq!((prepared.len(), &prepared[1..]), (2, &first[..]));
        assert!(opens(&first).await && opens(&prepared).await);

        // Carried out, with the key that was prepared; nodes with the file of before cannot start any more.
        replace(&file, read(&file).unwrap(), &store, (false, &ambience)).await.unwrap();
        assert_eq!(text(&file), prepared);
        assert!(opens(&prepared).await && opens(&prepared[..1]).await && !opens(&first).await);

        // Once more, in one go.
        replace(&file, read(&file).unwrap(), &store, (false, &ambience)).await.unwrap();
        let second = text(&file);
        assert_eq!((second.len(), &second[1..]), (3, &prepared[..]));
        assert!(opens(&second[..1]).await && !opens(&prepared).await);
        assert_eq!(store.lookups().sealing_keys().await.unwrap().len(), 3);
    }
}
