//! A file that cannot be used: read-only, unreadable, in a folder that cannot be written, damaged at its start or in the
//! middle, cut off. A start that cannot succeed is refused in words and leaves the file as it is; a running process never
//! tells a linked household that its link is gone. With the file mended, everything is there.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::chance::Chance;
use crate::database::{Database, Engine};
use crate::house::{self, INTROSPECT, TOKEN};
use crate::installation::Installation;
use crate::ledger::{self, State};
use crate::process::Launch;
use crate::run::{Figures, Run};

/// Links in the file, so that it has pages in the middle.
const CODES: usize = 300;
const LOAD: Duration = Duration::from_millis(1500);
const PAGE: usize = 4096;
/// To root, permissions mean something only without these.
const NO_OVERRIDE: [&str; 2] = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];

/// A way to spoil the file, and what a start must say of it.
struct Spoiled {
    what: &'static str,
    file: u32,
    folder: u32,
    says: [&'static str; 2],
}

const PERMISSIONS: [Spoiled; 4] = [
    Spoiled { what: "a read-only file", file: 0o400, folder: 0o700, says: ["sayso.db", "readable and writable"] },
    Spoiled { what: "an unreadable file", file: 0o000, folder: 0o700, says: ["sayso.db", "readable and writable"] },
    Spoiled { what: "a read-only folder", file: 0o600, folder: 0o500, says: ["sayso.db", "writable"] },
    Spoiled { what: "a closed folder", file: 0o600, folder: 0o000, says: ["sayso.db", ""] },
];

/// All of them, one after the other.
///
/// # Errors
/// What does not hold, with seed, grant and its calls.
pub async fn run(run: Run) -> anyhow::Result<Figures> {
    let begun = Instant::now();
    let database = Database::new(Engine::Sqlite)?.context("SQLite is always there")?;
    let folder = database.folder().join("kept");
    std::fs::create_dir(&folder)?;
    let file = folder.join("sayso.db");
    let launch = Launch::new(database.folder(), &file.display().to_string())?;
    let launch = if std::fs::metadata(&folder)?.uid() == 0 { launch.after(NO_OVERRIDE) } else { launch };
    let process = launch.start().await?;
    let mut installation = Installation::around(run.seed, database.at(&file), launch).await?;
    installation.add_codes(CODES).await?;
    let (links, node, stop) = (installation.take(), process.node.clone(), Arc::new(AtomicBool::new(false)));
    let told = stop.clone();
    let load = tokio::spawn(async move { ledger::load(run.seed, links, &node, (&told, true)).await });
    tokio::time::sleep(LOAD).await;
    stop.store(true, Ordering::SeqCst);
    installation.book = load.await??;
    process.stop().await?;

    for spoiled in &PERMISSIONS {
        refuses(&installation, &file, spoiled).await.context(spoiled.what)?;
    }
    header(&installation, &file).await?;
    let sound = std::fs::read(&file)?;
    let (mut starts, mut refused) = (PERMISSIONS.len() + 1, 0);
    for damaged in [garbage(&sound, run.seed), nothing(&sound), cut(&sound)] {
        std::fs::write(&file, damaged)?;
        let (start, answers) = with_damage(&installation).await?;
        (starts, refused) = (starts + start, refused + answers);
        for log in ["sayso.db-wal", "sayso.db-shm"] {
            // Not there when no process could open the file.
            let _ = std::fs::remove_file(folder.join(log));
        }
        std::fs::write(&file, &sound)?;
    }
    let process = installation.launch.start().await?;
    let book = std::mem::take(&mut installation.book);
    installation.book = ledger::settle(run.seed ^ 1, book, &process.node).await?;
    process.stop().await?;
    ensure!(!installation.launch.log().contains("panicked"), "it panicked:\n{}", installation.launch.log());
    Ok(Figures::default()
        .and("starts refused in words", starts)
        .and("answers 503 from damaged files, none of them invalid_grant", refused)
        .and("links alive at the end", installation.count(State::Live))
        .and("s", format!("{:.0}", begun.elapsed().as_secs_f64())))
}

async fn refuses(installation: &Installation, file: &Path, spoiled: &Spoiled) -> anyhow::Result<()> {
    let folder = file.parent().context("a file is in a folder")?;
    let before = std::fs::read(file)?;
    set_permissions(file, Permissions::from_mode(spoiled.file))?;
    set_permissions(folder, Permissions::from_mode(spoiled.folder))?;
    let refused = installation.launch.refused().await;
    set_permissions(folder, Permissions::from_mode(0o700))?;
    set_permissions(file, Permissions::from_mode(0o600))?;
    let (status, said) = refused?;
    ensure!(status.code() == Some(2) && !said.contains("panicked"), "it ended with {status}: {said}");
    ensure!(spoiled.says.iter().all(|word| said.contains(word)), "{said}");
    ensure!(std::fs::read(file)? == before, "the file has changed");
    Ok(())
}

/// The first hundred bytes say what the file is.
async fn header(installation: &Installation, file: &Path) -> anyhow::Result<()> {
    let sound = std::fs::read(file)?;
    let mut damaged = sound.clone();
    damaged.iter_mut().take(100).for_each(|byte| *byte ^= 0x55);
    std::fs::write(file, &damaged)?;
    let (status, said) = installation.launch.refused().await?;
    ensure!(status.code() == Some(2) && said.contains("its start is damaged"), "{status}: {said}");
    ensure!(std::fs::read(file)? == damaged, "a damaged file has changed");
    std::fs::write(file, &sound)?;
    Ok(())
}

/// A part in the middle is noise.
fn garbage(sound: &[u8], seed: u64) -> Vec<u8> {
    let mut chance = Chance::new(seed, 7);
    let mut damaged = sound.to_vec();
    middle(&mut damaged).iter_mut().for_each(|byte| *byte = u8::try_from(chance.below(256)).unwrap_or_default());
    damaged
}

/// A part in the middle was never written.
fn nothing(sound: &[u8]) -> Vec<u8> {
    let mut damaged = sound.to_vec();
    middle(&mut damaged).fill(0);
    damaged
}

/// The last third is missing.
fn cut(sound: &[u8]) -> Vec<u8> {
    let pages = sound.len() / PAGE;
    sound.iter().copied().take(pages * 2 / 3 * PAGE).collect()
}

/// Behind the pages that each start needs.
fn middle(bytes: &mut [u8]) -> &mut [u8] {
    let pages = bytes.len() / PAGE;
    bytes.get_mut(pages * 6 / 10 * PAGE..pages * 9 / 10 * PAGE).unwrap_or_default()
}

/// Asks for every live link: what is there is answered, what is damaged is "not now", and nobody hears that a link is
/// gone, for that cannot be taken back. Whether the start was refused, and how many answers told to come again.
async fn with_damage(installation: &Installation) -> anyhow::Result<(usize, usize)> {
    let process = match installation.launch.start().await {
        Ok(process) => process,
        // The damage was met at the start already.
        Err(error) => {
            let said = format!("{error:#}");
            ensure!(said.contains("damaged") || said.contains("malformed"), "{said}");
            ensure!(!said.contains("panicked"), "{said}");
            return Ok((1, 0));
        }
    };
    let mut refused = 0;
    for link in installation.book.iter().filter(|link| link.state == State::Live) {
        for (path, form) in
            [(INTROSPECT, house::shown(link.client, link.token())), (TOKEN, house::refresh(link.client, link.token()))]
        {
            // Only a client with a secret may introspect.
            if path == INTROSPECT && link.client == house::DISPLAY {
                continue;
            }
            let answer = process.node.post(path, &form).await?;
            refused += usize::from(answer.is_unavailable());
            let dead = answer.body.contains("\"active\":false");
            ensure!((answer.status == 200 && !dead) || answer.is_unavailable(), "{}: {answer:?}", link.code);
        }
    }
    drop(process);
    Ok((0, refused))
}
