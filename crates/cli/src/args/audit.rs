//! `sayso audit`

use std::path::PathBuf;

use clap::Subcommand;
use sayso_authority::record::audit_seal::Head;
use sayso_token::time::Timestamp;

/// `sayso audit …`
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:\n  \
    sayso audit --config sayso.toml --user ada\n  \
    sayso audit --config sayso.toml --kind refresh_reuse --since 2026-11-01T00:00:00Z\n  \
    sayso audit --config sayso.toml --json > audit.jsonl         everything, a line each\n  \
    sayso audit verify --config sayso.toml                       whether anything in it was changed\n\n\
    Exit codes: 0 done; 1 with --json: the audit is not as it was written; 2 it failed."
)]
pub(crate) struct Audit {
    /// Something else than to look.
    #[command(subcommand)]
    pub(crate) other: Option<Other>,
    #[command(flatten)]
    pub(crate) search: Option<Search>,
}

/// `sayso audit …`
#[derive(Debug, Subcommand)]
pub(crate) enum Other {
    /// Says whether the audit is as it was written: each record by its tag, and all records by the seals over them.
    ///
    /// Prints the head of the chain. Noted where nobody can change it who can change the database, it shows later that nothing was
    /// taken away since: `--expect`. docs/audit.md tells what can be found and what cannot.
    #[command(after_help = "Examples:\n  \
        sayso audit verify --config sayso.toml\n  \
        sayso audit verify --config sayso.toml --expect 42:oTq…\n\n\
        Exit codes: 0 it is; 1 it is not; 2 it could not be read.")]
    Verify(Verify),
}

/// `sayso audit verify`
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The configuration file, which names the database and the master key file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// A head that was printed before, or logged by a server: it must still be in the chain.
    #[arg(long, value_name = "NUMBER:HEAD")]
    pub(crate) expect: Option<Head>,
    /// Prints JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is looked for.
#[derive(Debug, clap::Args)]
pub(crate) struct Search {
    /// The configuration file, which names the database.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Only what concerns this account: its username or id.
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Only what concerns this client, or was done by it.
    #[arg(long, value_name = "ID")]
    pub(crate) client: Option<String>,
    /// Only what concerns this grant.
    #[arg(long, value_name = "ID")]
    pub(crate) grant: Option<String>,
    /// Only what happened at this authority.
    #[arg(long, value_name = "ID")]
    pub(crate) authority: Option<String>,
    /// Only this kind of event; docs/audit.md lists them.
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<String>,
    /// Only refusals for this reason.
    #[arg(long, value_name = "CODE")]
    pub(crate) reason: Option<String>,
    /// Not before this time, such as 2026-11-25T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) since: Option<Timestamp>,
    /// Only before this time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) until: Option<Timestamp>,
    /// At most so many, the newest first; 50 when left out, with --json all of them.
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Prints JSON, an event a line. With no --limit, the whole audit is verified as well, and what is wrong is told on stderr.
    #[arg(long)]
    pub(crate) json: bool,
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    sayso_server::audit::parse_time(text).ok_or("write a time such as 2026-11-25T12:00:00Z")
}
