//! `sayso skill`: what a skill package understands, and what is wrong in it.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use sayso_simulator::understand::{Heard, Listener, moment};
use sayso_simulator::{Checked, Examination, Health, Returning, TimeZone};
use sayso_simulator::{FileFinding, PackageReport, Severity, UtteranceCases, check_skill, choose_model, read_model};
use sayso_token::time::Timestamp;
use serde_json::json;

/// `sayso skill …`
#[derive(Debug, Subcommand)]
pub(crate) enum Skill {
    /// Says which intent a sentence means, which others were considered, and what the slots hold, as JSON.
    ///
    /// With --cases, tries many sentences that stand in a file with what they should mean: prints one line of JSON for
    /// each (id, pass, got), and a summary on stderr.
    #[command(after_help = "Examples:\n  \
        sayso skill profile my-skill \"what is my favorite color\"\n  \
        sayso skill profile my-skill/models/de-DE.json \"frage mein quiz was ist meine lieblingsfarbe\"\n  \
        sayso skill profile --cases utterances.json --root skills\n\n\
        Exit codes: 0 understood, or every case passed; 1 nothing was understood, or a case failed; 2 a file cannot be read.")]
    Profile(Profile),
    /// Looks for what is wrong in a skill package: its models, its manifest, its account-linking settings.
    ///
    /// An error is what Amazon's build refuses; a warning is what certification or a rule of naming speaks against. Each
    /// names its file and line, and what to do about it.
    #[command(after_help = "Example:\n  sayso skill check my-skill\n\n\
        Exit codes: 0 no errors, warnings or not; 1 errors; 2 it cannot be read.")]
    Check(Check),
    /// Plays scripts of dialogs against a skill, and says what was answered otherwise than expected.
    ///
    /// With --package, the skill gets a simulator of its own; without it, a running console is asked, where accounts may be
    /// linked.
    #[command(after_help = "Examples:\n  \
        sayso skill test tests/*.yml --package my-skill --endpoint \"command:node handler.js\"\n  \
        sayso skill test tests/linked.yml --skill sample-quiz-game\n\n\
        Exit codes: 0 every dialog passes; 1 one fails; 2 a file cannot be read, or nothing answers.")]
    Test(Box<crate::skill_test::Test>),
    /// Says what would make Alexa say "unable to link your account": examines the settings, the login page, the token
    /// endpoint, the skill, and the pages that certification opens, and says what to do about each fault. Nothing is linked.
    #[command(after_help = "Examples:\n  \
        sayso skill doctor my-skill --endpoint http://127.0.0.1:3000\n  \
        sayso skill doctor my-skill --amazon M2XXXXXXXXXXXX\n  \
        sayso skill doctor my-skill --data .sayso/my-skill --refresh-twice\n\n\
        Exit codes: 0 nothing keeps Alexa from linking, though there may be doubts; 1 something does; 2 it cannot be read.")]
    Doctor(Doctor),
    /// Opens the console for a skill package of your own: talk to it, link accounts with any provider, see every hop.
    #[command(after_help = "Examples:\n  \
        sayso skill console my-skill --endpoint http://127.0.0.1:3000\n  \
        sayso skill console my-skill --endpoint lambda+http://127.0.0.1:9000\n\n\
        Ctrl-C ends it.")]
    Console(Console),
}

/// `sayso skill console`
#[derive(Debug, clap::Args)]
pub(crate) struct Console {
    /// The skill's folder.
    #[arg(value_name = "DIR")]
    package: PathBuf,
    /// The console's port; 0 is any that is free.
    #[arg(long, value_name = "N", default_value_t = 4001)]
    port: u16,
    #[command(flatten)]
    stage: crate::stage::Stage,
}

/// `sayso skill doctor`
#[derive(Debug, clap::Args)]
pub(crate) struct Doctor {
    /// The skill's folder.
    #[arg(value_name = "DIR")]
    package: PathBuf,
    /// Asks with Amazon's own redirect URIs, which hold the vendor id of your developer account, instead of the console's.
    #[arg(long, value_name = "VENDOR-ID")]
    amazon: Option<String>,
    /// The console's port: the redirect URIs of a console hold it.
    #[arg(long, value_name = "N", default_value_t = 4001)]
    port: u16,
    /// Refreshes the account that was linked in a console with the same --data with the same token again, as Alexa does when
    /// an answer is lost. A provider that punishes this ends the link.
    #[arg(long)]
    refresh_twice: bool,
    /// Prints everything as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    stage: crate::stage::Stage,
}

/// Examines, and prints check by check.
pub(crate) async fn doctor(args: &Doctor) -> anyhow::Result<Ending> {
    let staged = args.stage.open(&args.package, args.port).await?;
    let returning = args.amazon.as_deref().map_or(Returning::Here, Returning::Amazon);
    let examination = Examination { returning, refreshes_twice: args.refresh_twice };
    let (simulator, slug) = (staged.simulator.clone(), staged.slug.clone());
    // A skill that verifies signatures fetches the chain meanwhile.
    let checks = tokio::select! {
        () = staged.serve(std::future::pending()) => anyhow::bail!("the simulator ended by itself"),
        checks = Box::pin(simulator.examine(&slug, examination)) => checks.unwrap_or_default(),
    };
    let ending = Ending::of(checks.iter().all(|one| one.health != Health::Bad));
    if args.json {
        print(&serde_json::to_string_pretty(&checks)?)?;
        return Ok(ending);
    }
    for Checked { name, tried, health, found, remedy, source, source_url } in &checks {
        let sign = match health {
            Health::Good => "good",
            Health::Unknown => "unknown",
            Health::Doubtful => "doubtful",
            Health::Bad => "BAD",
        };
        print(format!("{sign:<9} {name}: {found} {remedy}").trim_end())?;
        if *health != Health::Good {
            let tried = if tried.is_empty() { String::new() } else { format!("{tried} ") };
            print(&format!("          ({tried}{source}: {source_url})"))?;
        }
    }
    Ok(ending)
}

/// Serves the console until it is asked to stop.
pub(crate) async fn console(args: &Console) -> anyhow::Result<Ending> {
    let staged = args.stage.open(&args.package, args.port).await?;
    let stop = crate::stop::Stop::on_signals()?;
    let url = staged.simulator.console_url().to_owned();
    print(&format!("Console          {url}\nCompanion        {url}/companion/{}", staged.slug))?;
    print(&format!("Chain            {}echo-api-cert.pem", staged.simulator.chain_url_prefix()))?;
    for uri in staged.simulator.redirect_uris() {
        print(&format!("Redirect URI     {uri}"))?;
    }
    staged.serve(stop.asked()).await;
    Ok(Ending::Good)
}

/// `sayso skill check`
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// A skill's folder, or one of its files.
    #[arg(value_name = "DIR")]
    place: PathBuf,
    /// Prints everything as one JSON object.
    #[arg(long)]
    json: bool,
}

/// `sayso skill profile`
#[derive(Debug, clap::Args)]
pub(crate) struct Profile {
    /// A skill's folder, or the file of an interaction model.
    #[arg(value_name = "DIR-OR-MODEL", required_unless_present = "cases")]
    model: Option<PathBuf>,
    /// What a person says: with the skill's name (`ask … to …`), or as within its session.
    #[arg(value_name = "UTTERANCE", required_unless_present = "cases")]
    utterance: Vec<String>,
    /// The locale, such as de-DE; without it the model's own.
    #[arg(long, value_name = "LOCALE", conflicts_with = "cases")]
    locale: Option<String>,
    /// The clock for words such as "tomorrow", as in 2024-05-15T12:00:00Z; without it this machine's.
    #[arg(long, value_name = "TIME", value_parser = clock, conflicts_with = "cases")]
    now: Option<Timestamp>,
    /// The time zone in which "tomorrow" begins, such as Europe/Berlin; without it UTC.
    #[arg(long, value_name = "ZONE", value_parser = time_zone, conflicts_with = "cases")]
    time_zone: Option<TimeZone>,
    /// Prints it in one line.
    #[arg(long)]
    json: bool,
    /// A file of utterances with what they should mean; docs/skill-tools.md describes it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["model", "utterance"])]
    cases: Option<PathBuf>,
    /// The folder the cases' models stand in.
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
}

/// How it ended, as an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Good = 0,
    Bad = 1,
}

impl Ending {
    pub(crate) fn of(is_good: bool) -> Self {
        if is_good { Self::Good } else { Self::Bad }
    }
}

fn clock(text: &str) -> Result<Timestamp, String> {
    moment(text).ok_or_else(|| "write it as 2024-05-15T12:00:00Z".to_owned())
}

fn time_zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::named(text).ok_or_else(|| "write it as IANA does: Europe/Berlin, America/New_York or UTC".to_owned())
}

/// Profiles one sentence, or a file of them.
pub(crate) fn profile(args: &Profile) -> anyhow::Result<Ending> {
    match &args.cases {
        Some(file) => cases(file, &args.root),
        None => one(args),
    }
}

/// Prints what is wrong.
pub(crate) fn check(args: &Check) -> anyhow::Result<Ending> {
    let report = check_skill(&args.place)?;
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    if args.json {
        print(&serde_json::to_string_pretty(&report)?)?;
        return Ok(Ending::of(errors == 0));
    }
    for FileFinding { file, finding } in &report.findings {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let code = finding.code.map(|code| format!(" [{code}]")).unwrap_or_default();
        print(&format!("{}:{}: {severity}{code}: {}; {}", file.display(), finding.line, finding.what, finding.fix))?;
    }
    let PackageReport { models, manifests, account_linking, .. } = report;
    print(&format!(
        "{errors} errors, {warnings} warnings in {models} models, {manifests} manifests, {account_linking} account-linking files"
    ))?;
    Ok(Ending::of(errors == 0))
}

fn one(args: &Profile) -> anyhow::Result<Ending> {
    let (place, sentence) = (args.model.clone().unwrap_or_default(), args.utterance.join(" "));
    let (file, locale) = choose_model(&place, args.locale.as_deref())?;
    let (model, unusable) = read_model(&file)?;
    for (file, fault) in unusable {
        eprintln!("sayso: {}: {fault}", file.display());
    }
    let listener = Listener::new(&model, &locale);
    let now = args.time_zone.clone().unwrap_or_default().wall_clock(args.now.unwrap_or_else(now));
    let heard = Heard::anyhow(&listener, &model.invocation_name, &sentence, now);
    let mut shown = json!({"utterance": sentence, "locale": locale, "model": file.display().to_string()});
    if let (Some(shown), serde_json::Value::Object(profile)) = (shown.as_object_mut(), heard.profile()) {
        shown.extend(profile);
    }
    print(&if args.json { shown.to_string() } else { format!("{shown:#}") })?;
    Ok(Ending::of(!matches!(heard, Heard::Nothing(_))))
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn cases(file: &Path, root: &Path) -> anyhow::Result<Ending> {
    let mut cases = UtteranceCases::read(file, root)?;
    let count = cases.len();
    let mut passed = 0;
    for outcome in cases.outcomes() {
        passed += usize::from(outcome.pass);
        print(&serde_json::to_string(&outcome)?)?;
    }
    eprintln!("sayso: {passed} of {count} cases pass");
    Ok(Ending::of(passed == count))
}

fn print(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        // Whoever reads has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        printed => Ok(printed?),
    }
}
