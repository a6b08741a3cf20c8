//! `docs/reference/reasons.md`, written from the code: every reason code with what it means and what to do.
//!
//! A reason code is what a function `reason` gives for a variant of an enum, or stands where something is refused on the spot. Its
//! meaning is the comment on the variant, so that whoever adds a refusal has documented it already.

mod find;
mod print;
mod remedies;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context as _;

/// Where it is written.
const PAGE: &str = "docs/reference/reasons.md";
const TEXTS: &str = "crates/server/locales/en.ftl";

/// A reason code where it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reason {
    code: String,
    /// The code on the wire of OAuth, if it has one.
    wire: Option<String>,
    meaning: String,
    remedy: String,
}

/// The reasons of one file.
#[derive(Clone, Debug)]
struct Chapter {
    krate: String,
    title: String,
    reasons: Vec<Reason>,
}

/// Writes the page; with `check` only says whether it is as it would be written.
///
/// # Errors
/// When a file cannot be read or written.
pub(crate) fn run(check: bool) -> anyhow::Result<bool> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the workspace has no folder")?;
    let written = page(root)?;
    let file = root.join(PAGE);
    let there = std::fs::read_to_string(&file).unwrap_or_default();
    if there == written {
        return Ok(true);
    }
    if check {
        eprintln!("{PAGE} is not what the code says: run `cargo xtask reasons`, and look at what it changed");
        return Ok(false);
    }
    std::fs::write(&file, written).with_context(|| format!("{PAGE} cannot be written"))?;
    println!("{PAGE} is written");
    Ok(true)
}

/// The page as the code has it now.
fn page(root: &Path) -> anyhow::Result<String> {
    let texts = texts(&std::fs::read_to_string(root.join(TEXTS)).context(TEXTS)?);
    let mut files = Vec::new();
    sources(&root.join("crates"), &mut files)?;
    files.sort();
    let mut chapters = Vec::new();
    for file in &files {
        let source = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let syntax = syn::parse_file(&source).with_context(|| file.display().to_string())?;
        let place = file.strip_prefix(root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        chapters.extend(find::chapter(&place, &syntax, &texts));
    }
    once_in_the_server(&mut chapters);
    Ok(print::page(&chapters))
}

/// Routes refuse the same on the spot, for the same reason: it is told where it comes first.
fn once_in_the_server(chapters: &mut Vec<Chapter>) {
    let mut told = BTreeSet::new();
    for chapter in chapters.iter_mut().filter(|chapter| chapter.krate == "server") {
        chapter.reasons.retain(|reason| told.insert(reason.code.clone()));
    }
    chapters.retain(|chapter| !chapter.reasons.is_empty());
}

/// What the pages tell people of a reason, by the name of the text.
fn texts(fluent: &str) -> BTreeMap<String, String> {
    let lines = fluent.lines().filter_map(|line| line.split_once(" = "));
    lines.map(|(key, text)| (key.to_owned(), text.to_owned())).collect()
}

/// The files of all crates, without their tests.
fn sources(folder: &Path, files: &mut Vec<std::path::PathBuf>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && !["tests", "testing", "testkit", "target", "examples"].contains(&name) {
            sources(&path, files)?;
        } else if name.ends_with(".rs") && !["tests.rs", "testing.rs", "build.rs"].contains(&name) {
            files.push(path);
        }
    }
    Ok(())
}
