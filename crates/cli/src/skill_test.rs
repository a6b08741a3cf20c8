//! `sayso skill test`: plays scripts of dialogs, and says what was answered otherwise than expected.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sayso_simulator::Utterance;
use sayso_simulator::script::{Script, ScriptedDialog, ScriptedStep};
use serde_json::{Value, json};

use crate::ask::{Console, print};
use crate::skill::Ending;
use crate::stage::Stage;

/// `sayso skill test`
#[derive(Debug, clap::Args)]
pub(crate) struct Test {
    /// Scripts: YAML in the manner of Bespoken's tests, replay files of the official tool, TestFlow's text files.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The skill's folder, to play them against a simulator of their own; without it, a running console is asked.
    #[arg(long, value_name = "DIR")]
    package: Option<PathBuf>,
    /// The running console.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4001", conflicts_with = "package")]
    console: String,
    /// The skill in the running console that is meant, such as sample-quiz-game.
    #[arg(long, value_name = "NAME", conflicts_with = "package")]
    skill: Option<String>,
    /// The locale, where a script names none.
    #[arg(long, value_name = "LOCALE")]
    locale: Option<String>,
    /// Prints one line of JSON for each dialog.
    #[arg(long)]
    json: bool,
    /// The port of a simulator of their own; 0 is any that is free.
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
    #[command(flatten)]
    stage: Stage,
}

/// Plays all scripts.
pub(crate) async fn run(args: &Test) -> anyhow::Result<Ending> {
    let Some(package) = &args.package else {
        return play_all(args, &Console::at(&args.console)?, args.skill.as_deref()).await;
    };
    let staged = args.stage.open(package, args.port).await?;
    let (console, slug) = (Console::at(staged.simulator.console_url())?, staged.slug.clone());
    tokio::select! {
        ended = play_all(args, &console, Some(&slug)) => ended,
        () = staged.serve(std::future::pending()) => anyhow::bail!("the simulator ended by itself"),
    }
}

/// How many dialogs ended how.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
}

async fn play_all(args: &Test, console: &Console, skill: Option<&str>) -> anyhow::Result<Ending> {
    let mut tally = Tally::default();
    for file in &args.files {
        let bytes = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let script = Script::parse(&file.to_string_lossy(), &bytes).with_context(|| file.display().to_string())?;
        let locale = script.locale.as_deref().or(args.locale.as_deref()).unwrap_or("en-US");
        for dialog in &script.dialogs {
            let played = play(console, dialog, (locale, skill)).await?;
            match &played {
                Played::Skipped(_) => tally.skipped += 1,
                Played::Passed => tally.passed += 1,
                Played::Failed(_) => tally.failed += 1,
            }
            report(args, file, dialog, &played)?;
        }
    }
    let Tally { passed, failed, skipped } = tally;
    eprintln!("sayso: {passed} dialogs pass, {failed} fail, {skipped} are skipped");
    Ok(Ending::of(failed == 0))
}

/// What came of a dialog.
enum Played {
    Passed,
    Skipped(String),
    /// What was otherwise than expected, step by step.
    Failed(Vec<String>),
}

async fn play(
    console: &Console,
    dialog: &ScriptedDialog,
    (locale, skill): (&str, Option<&str>),
) -> anyhow::Result<Played> {
    if let Some(why) = &dialog.skipped {
        return Ok(Played::Skipped(why.clone()));
    }
    let say = |what: Value| {
        let mut said = what;
        if let Some(said) = said.as_object_mut() {
            said.insert("locale".into(), json!(locale));
            said.extend(skill.map(|skill| ("skill".to_owned(), json!(skill))));
        }
        said
    };
    console.post_turn(&say(json!({"exit": true}))).await?;
    let mut missed = Vec::new();
    for step in &dialog.steps {
        let turn = console.post_turn(&say(saying(step))).await?;
        missed.extend(judge(step, &turn).into_iter().map(|what| format!("{}: {what}", step.utterance.shown())));
    }
    Ok(if missed.is_empty() { Played::Passed } else { Played::Failed(missed) })
}

/// As the console takes it.
fn saying(step: &ScriptedStep) -> Value {
    let mut said = match &step.utterance {
        Utterance::Words(words) => json!({ "utterance": words }),
        Utterance::Silence => json!({"silence": true}),
        Utterance::Launch => json!({"launch": true}),
        Utterance::Exit => json!({"exit": true}),
        Utterance::Intent { name, slots } => json!({"intent": name, "slots": slots}),
    };
    if let (Some(fault), Some(said)) = (step.fault, said.as_object_mut()) {
        said.insert("fault".into(), json!(fault.name()));
    }
    said
}

/// Where nothing is expected, the skill must at least have been reached and have answered, and have borne or refused what was made
/// to go wrong.
fn judge(step: &ScriptedStep, turn: &Value) -> Vec<String> {
    if !step.expected.is_empty() {
        return step.expected.iter().filter_map(|expected| expected.missed(turn)).collect();
    }
    if let Some(fault) = turn.get("fault").filter(|_| step.fault.is_some()) {
        let member = |name: &str| fault.get(name).and_then(Value::as_str).unwrap_or_default();
        let is_bad = matches!(member("verdict"), "not_noticed" | "not_borne" | "");
        return is_bad.then(|| format!("{} {}", member("about"), member("explanation"))).into_iter().collect();
    }
    let text = |name: &str| turn.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let is_lost = matches!(text("outcome").as_str(), "failed" | "not_understood") && step.utterance != Utterance::Exit;
    is_lost.then(|| text("explanation")).into_iter().collect()
}

fn report(args: &Test, file: &Path, dialog: &ScriptedDialog, played: &Played) -> anyhow::Result<()> {
    let nothing = Vec::new();
    let (word, missed, why) = match played {
        Played::Passed => ("ok", &nothing, None),
        Played::Skipped(why) => ("skipped", &nothing, Some(why)),
        Played::Failed(missed) => ("FAILED", missed, None),
    };
    if args.json {
        let pass = !matches!(played, Played::Failed(_));
        let shown = json!({"file": file.display().to_string(), "dialog": dialog.name, "pass": pass, "skipped": why, "missed": missed});
        return print(&shown.to_string());
    }
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    print(&format!("{word} {}: {}{why}", file.display(), dialog.name))?;
    missed.iter().try_for_each(|missed| print(&format!("    {missed}")))
}
