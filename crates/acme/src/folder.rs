//! A folder for its owner alone.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use zeroize::Zeroizing;

use crate::keep::{Item, Keep, KeepError};

/// Nothing that is kept is larger.
const LARGEST: u64 = 1024 * 1024;

/// Keeps everything in files that only their owner may read. Each is replaced as a whole.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Held while it is this process's turn.
    turn: Mutex<Option<File>>,
}

impl Folder {
    /// The part of `folder` that is for this directory (its address). It is made when it is missing.
    ///
    /// # Errors
    /// When it cannot be made or written, with its name.
    pub fn open(folder: &Path, directory: &str) -> Result<Self, KeepError> {
        let path = folder.join(part_for(directory));
        let make = || {
            DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
            // The lock is what shows that it can be written.
            lock_file(&path).map(drop)
        };
        make().map_err(|error| said(&path, &error))?;
        Ok(Self { path, turn: Mutex::new(None) })
    }

    /// Whether others on this machine may look into it.
    pub fn seen_by_others(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn file(&self, item: &Item) -> PathBuf {
        self.path.join(item.name())
    }
}

/// A name for a directory: its host, port and path. Two directories' accounts have nothing to do with each other.
fn part_for(directory: &str) -> String {
    let bare = directory.strip_prefix("https://").unwrap_or(directory);
    let plain = |sign: char| if sign.is_ascii_alphanumeric() || sign == '.' { sign } else { '-' };
    let name: String = bare.chars().map(plain).collect();
    name.trim_matches(['-', '.']).to_owned()
}

fn lock_file(folder: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(folder.join("lock"))
}

fn said(path: &Path, error: &io::Error) -> KeepError {
    KeepError(format!("{}: {error}", path.display()))
}

#[async_trait]
impl Keep for Folder {
    async fn load(&self, item: &Item) -> Result<Option<Zeroizing<Vec<u8>>>, KeepError> {
        let file = self.file(item);
        let read = || {
            if fs::metadata(&file)?.len() > LARGEST {
                return Err(io::Error::new(ErrorKind::FileTooLarge, "larger than what is kept here"));
            }
            fs::read(&file)
        };
        match read() {
            Ok(content) => Ok(Some(Zeroizing::new(content))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(said(&file, &error)),
        }
    }

    async fn save(&self, item: &Item, content: &[u8]) -> Result<(), KeepError> {
        let file = self.file(item);
        let beside = self.path.join(format!("{}.new", item.name()));
        let write = || {
            let mut new = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
            new.write_all(content)?;
            new.sync_all()?;
            fs::rename(&beside, &file)?;
            // The new name, too, must outlive a power cut.
            File::open(&self.path)?.sync_all()
        };
        write().map_err(|error| said(&file, &error))
    }

    async fn forget(&self, item: &Item) -> Result<(), KeepError> {
        let file = self.file(item);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(said(&file, &error)),
            _ => Ok(()),
        }
    }

    async fn take_turn(&self) -> Result<bool, KeepError> {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if turn.is_some() {
            return Ok(true);
        }
        let lock = lock_file(&self.path).map_err(|error| said(&self.path, &error))?;
        match lock.try_lock() {
            Ok(()) => *turn = Some(lock),
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) => return Err(said(&self.path, &error)),
        }
        Ok(true)
    }

    async fn end_turn(&self) -> Result<(), KeepError> {
        *self.turn.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const DIRECTORY: &str = "https://acme.example/directory";

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn what_is_kept_is_for_its_owner_alone_and_replaced_as_a_whole() {
        let top = tempfile::tempdir().unwrap();
        let folder = Folder::open(&top.path().join("a/acme"), DIRECTORY).unwrap();
        assert!(folder.path().ends_with("a/acme/acme.example-directory"));
        let items = [Item::Account, Item::Certificate, Item::Tries, Item::Answer("id.example".into())];
        for item in &items {
            assert!(folder.load(item).await.unwrap().is_none(), "{item:?}");
            folder.save(item, b"one").await.unwrap();
            folder.save(item, b"two").await.unwrap();
            assert_eq!(folder.load(item).await.unwrap().unwrap().as_slice(), b"two");
            assert_eq!(mode(&folder.file(item)), 0o600);
        }
        assert!(!folder.seen_by_others());
        assert_eq!((mode(folder.path()), mode(&top.path().join("a/acme"))), (0o700, 0o700));
        // Nothing half-written is left, and nothing but the lock is beside them.
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), items.len() + 1);
        for item in &items {
            folder.forget(item).await.unwrap();
            folder.forget(item).await.unwrap();
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o750)).unwrap();
        assert!(folder.seen_by_others());
    }

    #[tokio::test]
    async fn one_process_at_a_time_has_its_turn() {
        let top = tempfile::tempdir().unwrap();
        let (one, other) = (Folder::open(top.path(), DIRECTORY).unwrap(), Folder::open(top.path(), DIRECTORY).unwrap());
        assert!(one.take_turn().await.unwrap() && one.take_turn().await.unwrap());
        assert!(!other.take_turn().await.unwrap());
        one.end_turn().await.unwrap();
        assert!(other.take_turn().await.unwrap() && !one.take_turn().await.unwrap());
        drop(other);
        assert!(one.take_turn().await.unwrap(), "a process that ended has none");
    }

    #[test]
    fn each_directory_has_a_part_of_its_own() {
        for (directory, part) in [
            ("https://acme-v02.api.letsencrypt.org/directory", "acme-v02.api.letsencrypt.org-directory"),
            ("https://localhost:14000/dir", "localhost-14000-dir"),
            ("https://ca.example/acme/../x/", "ca.example-acme-..-x"),
            ("https://[::1]:14000/dir", "1--14000-dir"),
        ] {
            assert_eq!(part_for(directory), part);
        }
        let top = tempfile::tempdir().unwrap();
        fs::write(top.path().join("taken"), "").unwrap();
        let refused = Folder::open(&top.path().join("taken"), DIRECTORY).unwrap_err().to_string();
        assert!(refused.contains("taken/acme.example-directory"), "{refused}");
    }
}
