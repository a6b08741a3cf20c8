//! The command line.

pub(crate) mod audit;
pub(crate) mod configuration;
pub(crate) mod keys;
pub(crate) mod token;
pub(crate) mod transfer;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use sayso_simulator::Fault;

use crate::skill;

/// Lets a voice skill know who is speaking to it, and prove it.
#[derive(Debug, Parser)]
#[command(
    name = "sayso",
    version,
    arg_required_else_help = true,
    after_help = "Examples:\n  \
        sayso dev                                 the whole demo on this machine\n  \
        sayso ask \"alexa, ask sample quiz game what is my favorite color\"\n  \
        sayso new lucky-number                    a skill of your own; `sayso dev` in it runs it\n  \
        sayso config check sayso.toml             what is wrong in a configuration\n  \
        sayso skill check my-skill                what is wrong in a skill package\n  \
        sayso serve --config sayso.toml           the authorization server alone\n\n\
        Exit codes: 0 it worked; 1 a skill refused (`sayso ask`), something \
        is to be done (`sayso migrate --check`), or wrong (`sayso skill`);\n2 wrong usage, files or connections."
)]
pub(crate) struct Args {
    /// What to log on stderr: a level, or filters such as `info,sayso_server=debug`. RUST_LOG says the same.
    #[arg(long, global = true, value_name = "FILTER")]
    pub(crate) log: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// Reads the command line; ends the process where it cannot be read, or where only help is asked for. `sayso plan` says
    /// by 2 that there are differences, so its wrong usage ends with 1, as Terraform's does.
    pub(crate) fn read() -> Self {
        Self::try_parse().unwrap_or_else(|wrong| {
            if wrong.use_stderr() && std::env::args_os().any(|word| word == "plan") {
                // Where stderr cannot be written, the exit code has to do.
                let _ = wrong.print();
                std::process::exit(1);
            }
            wrong.exit()
        })
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Writes a new skill: code, model, manifest, account linking, guard and tests. `sayso dev` runs it.
    #[command(after_help = "Example:\n  sayso new lucky-number\n  cd lucky-number\n  sayso dev")]
    New(New),
    /// Runs everything on this machine: authorization server, voice console and both example skills.
    ///
    /// In the folder of a skill that `sayso new` wrote, it builds and runs that skill instead of the examples.
    ///
    /// The first start makes a folder with a configuration, keys, a database and demo accounts; later starts go on
    /// where it was left. Ctrl-C ends it.
    #[command(after_help = "Examples:\n  sayso dev                      the demo; in a skill's folder, that skill\n  \
        sayso dev --skill lucky-number --port 5000")]
    Dev(Dev),
    /// Says something to the voice assistant of a running `sayso dev`, and prints what it answers. Without a sentence, holds a
    /// conversation: what is said is read line by line.
    ///
    /// The spoken answer goes to stdout, explanations to stderr. Exit code 0: the skill answered; 1: the skill refused,
    /// for instance because no account is linked; 2: nothing was understood, something failed, or nothing runs there. Of a
    /// conversation, the worst counts.
    #[command(after_help = "Examples:\n  sayso ask \"alexa, ask sample quiz game what is my favorite color\"\n  \
        sayso ask --record talk.json        a conversation, kept in the official tool's replay format\n  \
        sayso ask --replay talk.json")]
    Ask(Ask),
    /// Runs the authorization server alone, from a configuration file.
    #[command(after_help = "Example:\n  sayso serve --config /etc/sayso/sayso.toml")]
    Serve(Serve),
    /// Says what a configuration file would change of what runs. Changes nothing.
    #[command(after_help = "Examples:\n  \
        sayso plan --config /etc/sayso/sayso.toml\n  \
        sayso plan --config /etc/sayso/sayso.toml next.toml --json\n\n\
        Exit codes: 0 no difference; 1 it failed; 2 there are differences.")]
    Plan(configuration::Plan),
    /// Puts a file's configuration in force on all nodes of a running installation, within a second.
    ///
    /// The `[server]` table is each node's own and is not put in force. `sayso serve` does the same when it starts with
    /// a file that was never in force.
    #[command(after_help = "Example:\n  sayso apply --config /etc/sayso/sayso.toml")]
    Apply(configuration::Apply),
    /// Writes the configuration in force as the file that says the same, on stdout: no secret stands in it.
    #[command(after_help = "Example:\n  sayso export --config /etc/sayso/sayso.toml > sayso.toml")]
    Export(configuration::Export),
    /// Searches the audit log, the newest first, reads all of it out, or verifies it.
    Audit(audit::Audit),
    /// Looks at signing keys, rotates them, revokes one.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Shows what tokens would say, and why.
    #[command(subcommand)]
    Token(token::Token),
    /// Replaces the master key.
    #[command(subcommand)]
    MasterKey(MasterKey),
    /// Brings the schema of the database up to date, or says what that would do.
    Migrate(Migrate),
    /// Looks at configuration files.
    #[command(subcommand)]
    Config(Config),
    /// Copies the database into one file while servers use it; for PostgreSQL, says which command does.
    ///
    /// The copy is of one moment and checked before it has its name. The master key is not in it: keep that apart.
    #[command(after_help = "Example:\n  sayso backup --config sayso.toml /backups/sayso-monday.db")]
    Backup(Backup),
    /// Goes back to a backup. Stop the server first.
    ///
    /// What ended after the backup stays ended as far as the database that is replaced can still be read; that one is
    /// kept beside the new one. People sign in again; links go on. docs/backup.md tells what cannot be known.
    #[command(after_help = "Example:\n  sayso restore --config sayso.toml /backups/sayso-monday.db")]
    Restore(Restore),
    /// Moves everything between databases, in one sealed file.
    #[command(subcommand)]
    Data(transfer::Transfer),
    /// Tries what a skill package understands, and looks for what is wrong in it.
    #[command(subcommand)]
    Skill(skill::Skill),
}

/// `sayso dev`
#[derive(Debug, clap::Args)]
pub(crate) struct Dev {
    /// The demo's folder for configuration, keys, database and skill packages; made when it is missing. `.sayso/dev` when left out.
    #[arg(long, value_name = "DIR", conflicts_with = "skill")]
    pub(crate) data: Option<PathBuf>,
    /// A skill's folder as `sayso new` writes it: runs this skill instead of the demo. When left out, the folder it is called in, if
    /// that is one.
    #[arg(long, value_name = "DIR")]
    pub(crate) skill: Option<PathBuf>,
    /// The authorization server's port; the console takes the next one, the skills the one after. 4000 when left out; for a skill of
    /// your own, what its sayso.toml says.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=65533))]
    pub(crate) port: Option<u16>,
    /// Prints one line of JSON when ready, and nothing else, on stdout.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `sayso new`
#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// The folder to make; its last part is the skill's name: two words or more in small letters, such as lucky-number.
    #[arg(value_name = "NAME")]
    pub(crate) folder: PathBuf,
    /// Where Sayso's source is, for its skill SDK. When left out, the source that this program was built in.
    #[arg(long, value_name = "DIR")]
    pub(crate) sdk: Option<PathBuf>,
}

/// `sayso ask`
#[derive(Debug, clap::Args)]
pub(crate) struct Ask {
    /// What a person says; without it, a conversation is held.
    #[arg(value_name = "UTTERANCE", conflicts_with_all = ["record", "replay"])]
    pub(crate) utterance: Vec<String>,
    /// The console's address.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4001")]
    pub(crate) console: String,
    /// The language and region it is said in, such as de-DE.
    #[arg(long, value_name = "LOCALE")]
    pub(crate) locale: Option<String>,
    /// The skill it is said to when it names none, such as sample-quiz-game.
    #[arg(long, value_name = "NAME")]
    pub(crate) skill: Option<String>,
    /// The device that hears it; speaker when left out.
    #[arg(long, value_name = "DEVICE", value_parser = ["speaker", "screen"])]
    pub(crate) device: Option<String>,
    /// The person of the household whose voice is recognised, such as ada.
    #[arg(long, value_name = "NAME")]
    pub(crate) person: Option<String>,
    /// What is to go wrong; docs/simulator.md says what each is, and what must come of it.
    #[arg(long, value_name = "FAULT", value_parser = faults())]
    pub(crate) fault: Option<String>,
    /// Says what stands in a replay file, instead of reading stdin.
    #[arg(long, value_name = "FILE")]
    pub(crate) replay: Option<PathBuf>,
    /// Writes what was said into a replay file.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Prints the whole turn as JSON: what was heard, every request and answer, the checks, the claims.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What can go wrong in a turn.
fn faults() -> clap::builder::PossibleValuesParser {
    let of_turns = Fault::ALL.iter().filter(|(fault, ..)| fault.is_of_turns());
    clap::builder::PossibleValuesParser::new(of_turns.map(|(_, name, _)| *name))
}

/// `sayso serve`
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// The configuration file; docs/configuration.md describes it.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
}

/// `sayso master-key …`
#[derive(Debug, Subcommand)]
pub(crate) enum MasterKey {
    /// Makes a new master key and seals everything anew under it, while nodes run.
    ///
    /// The new key becomes the first line of the master key file; the older ones stay below it, for backups that need
    /// them. Cut off in the middle, the next call finishes what was begun.
    #[command(after_help = "Examples:\n  \
        sayso master-key rotate --config sayso.toml\n\n\
        With several nodes, so that each can start at any moment:\n  \
        sayso master-key rotate --prepare --config sayso.toml     then copy the key file to every node\n  \
        sayso master-key rotate --config sayso.toml")]
    Rotate(Rotate),
}

/// `sayso master-key rotate`
#[derive(Debug, clap::Args)]
pub(crate) struct Rotate {
    /// The configuration file, which names the database and the master key file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Only makes the new key; nothing is sealed under it yet.
    #[arg(long)]
    pub(crate) prepare: bool,
}

/// `sayso migrate`
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Servers of this version and the one before may run meanwhile. docs/durability.md tells how to upgrade.\n\n\
    Exit codes: 0 nothing (more) to do; 1 with --check: something would be done; 2 it failed, or cannot be told."
)]
pub(crate) struct Migrate {
    /// The configuration file, which names the database.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Only says which steps there are, what they touch and about how long they take. Changes nothing.
    #[arg(long)]
    pub(crate) check: bool,
}

/// `sayso config …`
#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Reads a configuration file and prints what is wrong in it, or "ok".
    #[command(after_help = "Example:\n  sayso config check sayso.toml")]
    Check {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// `sayso backup`
#[derive(Debug, clap::Args)]
pub(crate) struct Backup {
    /// The configuration file of the server.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// The file to write.
    #[arg(value_name = "TARGET")]
    pub(crate) target: PathBuf,
    /// Writes over a file that is there.
    #[arg(long)]
    pub(crate) overwrite: bool,
}

/// `sayso restore`
#[derive(Debug, clap::Args)]
pub(crate) struct Restore {
    /// The configuration file of the server.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// The backup.
    #[arg(value_name = "BACKUP", required_unless_present = "after_pg_restore")]
    pub(crate) source: Option<PathBuf>,
    /// After pg_restore has brought a PostgreSQL database back: does what is left, and drops sessions and codes.
    #[arg(long, conflicts_with = "source")]
    pub(crate) after_pg_restore: bool,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        <Args as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn usage_errors_end_with_2() {
        for wrong in [
            &["sayso", "frobnicate"][..],
            &["sayso", "ask", "hello", "--replay", "f"],
            &["sayso", "skill", "test"],
            &["sayso", "skill", "console"],
            &["sayso", "ask", "hello", "--colour"],
            &["sayso", "ask", "hello", "--fault", "rain"],
            &["sayso", "ask", "hello", "--device", "tv"],
            &["sayso", "ask", "hello", "--fault", "verifier-wrong"],
            &["sayso", "new"],
            &["sayso", "dev", "--skill", "lucky-number", "--data", "demo"],
            &["sayso", "dev", "--port", "0"],
            &["sayso", "dev", "--port", "65534"],
            &["sayso", "serve"],
            &["sayso", "migrate", "--check"],
            &["sayso", "config"],
            &["sayso", "skill", "profile", "models/en-US.json"],
            &["sayso", "skill", "profile", "--cases", "a.json", "models/en-US.json", "hello"],
            &["sayso", "audit"],
            &["sayso", "audit", "verify"],
            &["sayso", "audit", "verify", "--config", "f", "--expect", "42"],
            &["sayso", "audit", "--config", "f", "verify", "--config", "f"],
            &["sayso", "apply"],
            &["sayso", "plan"],
            &["sayso", "export"],
            &["sayso", "export", "--config", "sayso.toml", "all.sayso"],
            &["sayso", "data"],
            &["sayso", "data", "import", "--config", "sayso.toml"],
            &["sayso", "master-key", "rotate"],
            &["sayso", "backup", "--config", "sayso.toml"],
            &["sayso", "restore", "--config", "sayso.toml"],
            &["sayso", "restore", "--config", "sayso.toml", "b.db", "--after-pg-restore"],
            &["sayso", "token"],
            &["sayso", "token", "preview", "--config", "f"],
            &["sayso", "token", "preview", "--config", "f", "--client", "c", "--grant", "implicit"],
            &["sayso", "keys"],
            &["sayso", "keys", "list"],
            &["sayso", "keys", "rotate", "--config", "f", "--algorithm", "HS256"],
            &["sayso", "keys", "revoke", "--config", "f", "--authority", "quiz"],
        ] {
            assert_eq!(Args::try_parse_from(wrong).unwrap_err().exit_code(), 2, "{wrong:?}");
        }
    }

    #[test]
    fn an_utterance_needs_no_quotes() {
        let args = Args::try_parse_from(["sayso", "ask", "alexa,", "ask", "quiz", "--json"]).unwrap();
        let Command::Ask(ask) = args.command else { panic!("{args:?}") };
        assert_eq!((ask.utterance.join(" ").as_str(), ask.json), ("alexa, ask quiz", true));
    }
}
