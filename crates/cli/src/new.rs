//! `sayso new`: a skill of one's own, to begin with.
//!
//! What is written is the example `hello-you` with another name: it is built, tested and linted with all others here.

mod files;
mod name;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sayso_simulator::{Severity, check_skill};

use crate::args;
use crate::ask::print;
use name::Name;

/// Writes the skill, whole or not at all.
pub(crate) fn run(args: &args::New) -> anyhow::Result<()> {
    let folder = &args.folder;
    let name = Name::of(folder)?;
    if folder.exists() {
        anyhow::bail!("{} is there already; choose another name, or take it away", folder.display());
    }
    let sdk = sdk(args.sdk.as_deref())?;
    // Written beside it and judged there: nothing is left of what was only begun.
    let beside = folder.with_file_name(format!(".{}.new", name.slug()));
    let _ = fs::remove_dir_all(&beside);
    let written = write(&beside, &name, &sdk).and_then(|()| {
        fs::rename(&beside, folder).with_context(|| format!("cannot make the folder {}", folder.display()))
    });
    if written.is_err() {
        let _ = fs::remove_dir_all(&beside);
    }
    written?;
    let text = format!(
        "Made {}: a skill that knows who asks.\n\n  cd {}\n  {} dev\n\n\
         builds it and runs it, with all that it takes to talk to it. Its README.md tells the rest.",
        folder.display(),
        folder.display(),
        program()
    );
    print(&text)
}

fn write(folder: &Path, name: &Name, sdk: &Path) -> anyhow::Result<()> {
    for (path, content) in files::of(name, sdk) {
        let file = folder.join(path);
        let parent = file.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&file, content))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    // A name that Amazon would refuse is better refused now.
    let report = check_skill(folder)?;
    match report
        .findings
        .iter()
        .find(|found| found.finding.severity == Severity::Error || is_of_the_name(&found.finding.what))
    {
        None => Ok(()),
        Some(found) => {
            anyhow::bail!("{:?} is no name for a skill: {}; {}", name.slug(), found.finding.what, found.finding.fix)
        }
    }
}

fn is_of_the_name(what: &str) -> bool {
    what.contains("invocation name")
}

/// The skill SDK's folder, in the source at `given`, or in that which this program was built in.
fn sdk(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(given) = given {
        return sdk_in(given)
            .with_context(|| format!("{} holds no source of Sayso: crates/skill is missing in it", given.display()));
    }
    let program = std::env::current_exe().and_then(fs::canonicalize).unwrap_or_default();
    program.ancestors().find_map(sdk_in).context(
        "the skill SDK is in no registry yet, and this program does not lie in Sayso's source; say where that is with --sdk DIR",
    )
}

fn sdk_in(source: &Path) -> Option<PathBuf> {
    let folders = [source.join("crates/skill"), source.to_owned()];
    let is_sdk = |folder: &PathBuf| {
        fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|manifest| manifest.contains("name = \"sayso-skill\""))
    };
    folders.into_iter().find(is_sdk)?.canonicalize().ok()
}

/// This program as it can be called in another folder.
fn program() -> String {
    let called = std::env::args().next().unwrap_or_default();
    match called.contains('/').then(std::env::current_exe) {
        Some(Ok(path)) => path.display().to_string(),
        _ => "sayso".to_owned(),
    }
}
