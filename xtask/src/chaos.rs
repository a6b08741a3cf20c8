//! `cargo xtask chaos`: the long fault runs, with binary and driver built in the release profile.

use std::process::Command;

use anyhow::Context as _;

/// Builds both and hands the arguments on. `true` when everything held.
///
/// # Errors
/// When cargo cannot be started.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<bool> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let packages = ["--release", "--package", "sayso", "--package", "sayso-chaos"];
    // In one command, so that both share what they are made of.
    let built = Command::new(&cargo).arg("build").args(packages).arg("--bins").status().context("cargo build")?;
    if !built.success() {
        return Ok(false);
    }
    // This program is `target/debug/xtask`.
    let own = std::env::current_exe()?;
    let driver = own.ancestors().nth(2).context("xtask is not in a target folder")?.join("release/sayso-chaos");
    let played = Command::new(&driver).args(arguments).status();
    Ok(played.with_context(|| driver.display().to_string())?.success())
}
