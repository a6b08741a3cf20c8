//! A file that appears under its name whole or not at all.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, chown};
use std::path::{Path, PathBuf};

use crate::copy_error::CopyError;

/// What SQLite may leave beside a file.
pub(crate) const LOGS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A file being written beside its place, for its owner's eyes only. Dropped before it has its place, it goes away.
#[derive(Debug)]
pub(crate) struct NewFile {
    beside: PathBuf,
    file: File,
}

impl NewFile {
    /// One that will be `target`, written as `target` and `ending`. What a killed command left there is written over.
    pub(crate) fn begin(target: &Path, ending: &str) -> Result<Self, CopyError> {
        let beside = with_ending(target, ending);
        if target.is_dir() {
            return Err(CopyError::file(target, &io::Error::from(ErrorKind::IsADirectory)));
        }
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&beside);
        let file = opened.map_err(|error| CopyError::file(&beside, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(CopyError::BeingWritten { file: beside.display().to_string() });
            }
            Err(TryLockError::Error(error)) => return Err(CopyError::file(&beside, &error)),
        }
        let new = Self { beside, file };
        new.file.set_len(0).map_err(|error| CopyError::file(&new.beside, &error))?;
        remove_logs(&new.beside);
        Ok(new)
    }

    /// Gives it to whoever owns the other file, or the folder it lies in: root restores for the server's user.
    pub(crate) fn owned_as(&self, other: &Path) -> Result<(), CopyError> {
        let folder = folder_of(other);
        let owner = fs::metadata(other).or_else(|_| fs::metadata(folder));
        let owner = owner.map_err(|error| CopyError::file(folder, &error))?;
        let own = self.file.metadata().map_err(|error| CopyError::file(&self.beside, &error))?;
        if (owner.uid(), owner.gid()) != (own.uid(), own.gid()) {
            // Only root may; for everyone else their own file is the right one.
            let _ = chown(&self.beside, Some(owner.uid()), Some(owner.gid()));
        }
        Ok(())
    }

    /// Where it is written.
    pub(crate) fn path(&self) -> &Path {
        &self.beside
    }

    /// The file itself.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Puts it in its place, durably. One that is there already stays, unless it may be written over.
    pub(crate) fn finish(self, target: &Path, overwrite: bool) -> Result<(), CopyError> {
        let refuse = |error: io::Error| CopyError::file(target, &error);
        self.file.sync_all().map_err(refuse)?;
        let placed = if overwrite { fs::rename(&self.beside, target) } else { place_new(&self.beside, target) };
        match placed {
            Ok(()) => sync_folder(target).map_err(refuse),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(exists(target)),
            Err(error) => Err(refuse(error)),
        }
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // In its place it is no longer beside it.
        let _ = fs::remove_file(&self.beside);
        remove_logs(&self.beside);
    }
}

/// A link, unlike a renaming, never takes the place of another file.
fn place_new(beside: &Path, target: &Path) -> io::Result<()> {
    match fs::hard_link(beside, target) {
        Ok(()) => fs::remove_file(beside),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        // Not every file system has links.
        Err(_) if target.symlink_metadata().is_ok() => Err(ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(beside, target),
    }
}

/// Refuses a target that is there, before any work is done.
pub(crate) fn refuse_existing(target: &Path, overwrite: bool) -> Result<(), CopyError> {
    if !overwrite && target.symlink_metadata().is_ok() { Err(exists(target)) } else { Ok(()) }
}

fn exists(target: &Path) -> CopyError {
    CopyError::Exists { file: target.display().to_string() }
}

/// The path with something at the end of its name.
pub(crate) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn remove_logs(file: &Path) {
    for ending in LOGS {
        let _ = fs::remove_file(with_ending(file, ending));
    }
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a change of names in the file's folder durable.
pub(crate) fn sync_folder(file: &Path) -> io::Result<()> {
    File::open(folder_of(file))?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn it_has_its_name_once_it_is_whole_and_takes_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("copy");
        let new = NewFile::begin(&target, ".part").unwrap();
        new.file().write_all(b"one").unwrap();
        assert_eq!(names(folder.path()), ["copy.part"]);
        assert!(matches!(NewFile::begin(&target, ".part"), Err(CopyError::BeingWritten { .. })));
        new.finish(&target, false).unwrap();
        assert_eq!(names(folder.path()), ["copy"]);
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);

        assert!(matches!(refuse_existing(&target, false), Err(CopyError::Exists { .. })));
        refuse_existing(&target, true).unwrap();
        // Somebody else was faster.
        let late = NewFile::begin(&target, ".part").unwrap();
        assert!(matches!(late.finish(&target, false), Err(CopyError::Exists { .. })));
        assert_eq!((fs::read(&target).unwrap(), names(folder.path())), (b"one".to_vec(), vec!["copy".to_owned()]));
        NewFile::begin(&target, ".part").unwrap().finish(&target, true).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"");
    }

    #[test]
    fn what_is_given_up_or_was_left_by_a_killed_command_goes_away() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("copy");
        fs::write(folder.path().join("copy.part"), "half").unwrap();
        fs::write(folder.path().join("copy.part-wal"), "half").unwrap();
        let new = NewFile::begin(&target, ".part").unwrap();
        assert_eq!(new.file().metadata().unwrap().len(), 0);
        drop(new);
        assert!(names(folder.path()).is_empty());
        assert!(matches!(NewFile::begin(folder.path(), ".part"), Err(CopyError::File { .. })));
    }
}
