//! Files that only their owner may read, replaced as a whole or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// Writes `bytes` to `file` so that a crash leaves the old content or the new, readable by its owner only.
pub(crate) fn write_private(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = file.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut handle = options.open(&beside)?;
    #[cfg(unix)]
    handle.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    handle.write_all(bytes)?;
    handle.sync_all()?;
    fs::rename(&beside, file)
}

/// Makes a folder that only its owner may enter.
pub(crate) fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
