//! `sayso audit verify`: whether the audit is as it was written, in words.

use std::fmt::Write as _;

use anyhow::Context as _;
use sayso_authority::decide::verify_audit::{Finding, Named, Verified};
use sayso_authority::record::audit_seal::Head;
use sayso_server::audit::rfc3339;
use sayso_server::sealing::sealing_keys;
use sayso_store::verify_audit;
use sayso_web::harmless::harmless;
use serde_json::json;

use super::{Ending, look};
use crate::args::audit::Verify;
use crate::config::{self, Server};
use crate::{master_key, outside};

/// Findings that are printed; `--json` has more.
const SHOWN: usize = 50;

/// Verifies, and says what was found.
pub(super) async fn run(asked: &Verify) -> anyhow::Result<Ending> {
    let server = config::load_quietly(&asked.config)?.server;
    let verified = verified(&server, asked.expect).await?;
    if asked.json {
        println!("{}", in_json(&verified));
    } else {
        print!("{}", counted(&verified));
        eprint!("{}", told(&verified));
    }
    Ok(ending(&verified))
}

/// Verifies what was just read out, and says only what is wrong. Without the master key there is nothing to say.
pub(super) async fn beside(server: &Server) -> anyhow::Result<Ending> {
    match verified(server, None).await {
        Ok(verified) => {
            eprint!("{}", told(&verified));
            Ok(ending(&verified))
        }
        Err(error) => {
            eprintln!("not verified: {error:#}");
            Ok(Ending::Done)
        }
    }
}

fn ending(verified: &Verified) -> Ending {
    if verified.is_whole() { Ending::Done } else { Ending::NotWhole }
}

async fn verified(server: &Server, noted: Option<Head>) -> anyhow::Result<Verified> {
    let (store, ambience) = (look(server).await?, outside::ambience());
    let keys = match store.lookups().sealing_keys().await {
        Ok(stored) if stored.is_empty() => {
            Err(anyhow::anyhow!("nothing in this database is proved yet; `sayso serve` begins it"))
        }
        Ok(_) => {
            let masters = master_key::read(&server.master_key).context("the tags cannot be verified")?;
            Ok(sealing_keys(&store, &masters, &ambience).await?)
        }
        Err(error) => Err(error.into()),
    };
    store.close().await;
    let now = ambience.clock.now();
    Ok(verify_audit(&server.database, &keys?.sealer(now), (now, noted)).await?)
}

/// How much there is.
fn counted(verified: &Verified) -> String {
    let Verified { seals, sealed, waiting, untagged, forgotten, head, .. } = verified;
    let mut text = format!("{sealed} records under {seals} seals, {waiting} not sealed yet\n");
    // Writing into a text cannot fail.
    if *untagged > 0 {
        let _ = writeln!(
            text,
            "{untagged} records are from before there were tags; they are as they were when they were sealed"
        );
    }
    if *forgotten > 0 {
        let _ = writeln!(text, "seals 1 to {forgotten} were forgotten with their records, which were past audit_days");
    }
    if let Some(head) = head {
        let _ = writeln!(text, "head {head}");
    }
    if verified.is_whole() {
        text.push_str("the audit is as it was written\n");
    }
    text
}

/// What is wrong, a line each; nothing where all is well.
fn told(verified: &Verified) -> String {
    if verified.is_whole() {
        return String::new();
    }
    let mut text = "THE AUDIT IS NOT AS IT WAS WRITTEN:\n".to_owned();
    for finding in verified.findings.iter().take(SHOWN) {
        let _ = writeln!(text, "  {}", words(finding));
    }
    let more = verified.findings.len().saturating_sub(SHOWN) as u64 + verified.unnamed;
    if more > 0 {
        let _ = writeln!(text, "  and {more} more findings");
    }
    text
}

fn words(finding: &Finding) -> String {
    let named = |record: &Named| {
        format!(
            "{} of {} (opening {}, number {})",
            harmless(&record.kind, 60),
            rfc3339(record.at),
            record.opening,
            record.position
        )
    };
    match finding {
        Finding::BeginningMissing { number } => {
            format!("the seals before {number} were taken away, and not by forgetting what is past audit_days")
        }
        Finding::HeadMissing { head } => format!(
            "the head {head} is not in the chain: records were taken away since it was noted, or an older database was put back"
        ),
        Finding::RecordForged { record } => format!("changed or added: the record {}", named(record)),
        Finding::RecordUntagged { record } => {
            format!("added, by no server of this version: the record {}", named(record))
        }
        Finding::RecordsDiffer { seal, found } => {
            let what = match found.cmp(&seal.records) {
                std::cmp::Ordering::Less => "removed",
                std::cmp::Ordering::Equal => "changed",
                std::cmp::Ordering::Greater => "added",
            };
            let (number, records) = (seal.number, seal.records);
            format!(
                "{what}: seal {number} is over {records} records from {} to {}, and there are {found}",
                rfc3339(seal.oldest),
                rfc3339(seal.newest)
            )
        }
        Finding::SealForged { number } => {
            format!("seal {number} was changed, or does not follow the one before it")
        }
        Finding::SealsMissing { from, to } if from == to => format!("seal {from} was taken away"),
        Finding::SealsMissing { from, to } => format!("the seals {from} to {to} were taken away"),
    }
}

fn in_json(verified: &Verified) -> String {
    let findings: Vec<_> = verified.findings.iter().map(words).collect();
    let Verified { seals, sealed, waiting, untagged, forgotten, head, unnamed, .. } = verified;
    json!({
        "whole": verified.is_whole(), "seals": seals, "sealed": sealed, "waiting": waiting, "untagged": untagged,
        "forgotten_through": forgotten, "head": head.map(|head| head.to_string()),
        "findings": findings, "further_findings": unnamed,
    })
    .to_string()
}
