//! Where the log goes, and how much of it.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use sayso_web::log_line::LogLine;
use tracing_subscriber::EnvFilter;

/// Logs to stderr. `asked` comes before `RUST_LOG`, and that before `default`.
pub(crate) fn begin(asked: Option<&str>, default: &str) -> anyhow::Result<()> {
    let from_environment = std::env::var(EnvFilter::DEFAULT_ENV).ok().filter(|filter| !filter.trim().is_empty());
    let wanted = asked.map(str::to_owned).or(from_environment).unwrap_or_else(|| default.to_owned());
    let filter = EnvFilter::try_new(&wanted)
        .with_context(|| format!("the log filter {wanted:?} is wrong; write a level such as info, or crate=level"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        // A line that cannot be written (the disk is full, the reader is gone) is lost, and the request is answered. The
        // library would tell it on stderr, where that fails as well, and panic.
        .log_internal_errors(false)
        .event_format(LogLine)
        .init();
    Ok(())
}
