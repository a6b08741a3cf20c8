//! What would make Alexa say "we were unable to link your account", found out before she says it.
//!
//! Each check says what was found, and what to do. Nothing is
//! linked and nothing is changed: authorization requests are only looked at, and codes and tokens are made up.

mod authorization;
mod certificates;
mod link;
mod listing;
mod metadata;
mod page;
mod pkce;
mod refreshing;
mod resubmitted;
mod scopes;
mod skill;
mod smart_home;
mod tokens;
mod trials;

use sayso_alexa::check::Severity;
use serde::Serialize;

use crate::linking::authorize::Region;
use crate::package::Skill;
use crate::package_check::check_skill;
use crate::simulator::{Inner, Simulator};
use trials::Trial;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// It is as it must be.
    Good,
    /// It could not be found out from here.
    Unknown,
    /// It may go wrong, or certification speaks against it.
    Doubtful,
    /// Linking fails, or the link does not last.
    Bad,
}

/// One check, and what came of it. Its texts never hold a secret.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// What was looked at.
    pub name: String,
    /// What was tried.
    pub tried: String,
    /// How it ended.
    pub health: Health,
    /// What was found.
    pub found: String,
    /// What to do about it; empty when nothing is to be done.
    pub remedy: String,
    /// Who says that it matters.
    pub source: String,
    /// Where that stands: an address.
    pub source_url: String,
}

impl Checked {
    pub(crate) fn good(trial: Trial, found: impl Into<String>) -> Self {
        Self::new(trial, Health::Good, (found.into(), ""))
    }

    pub(crate) fn bad(trial: Trial, found: impl Into<String>, remedy: &str) -> Self {
        Self::new(trial, Health::Bad, (found.into(), remedy))
    }

    pub(crate) fn doubtful(trial: Trial, found: impl Into<String>, remedy: &str) -> Self {
        Self::new(trial, Health::Doubtful, (found.into(), remedy))
    }

    pub(crate) fn unknown(trial: Trial, found: impl Into<String>, remedy: &str) -> Self {
        Self::new(trial, Health::Unknown, (found.into(), remedy))
    }

    fn new(trial: Trial, health: Health, (found, remedy): (String, &str)) -> Self {
        let (source, source_url) = trial.source;
        Self {
            name: trial.name(),
            tried: trial.tried.to_owned(),
            health,
            found,
            remedy: remedy.to_owned(),
            source: source.to_owned(),
            source_url: source_url.to_owned(),
        }
    }
}

/// For whom the redirect URIs are asked.
#[derive(Clone, Copy, Debug)]
pub enum Returning<'a> {
    /// For this console, as the companion links.
    Here,
    /// For Amazon itself, with the vendor id of the developer account: as the skill will be linked there.
    Amazon(&'a str),
}

/// How far an examination goes.
#[derive(Clone, Copy, Debug)]
pub struct Examination<'a> {
    /// For whom the redirect URIs are asked.
    pub returning: Returning<'a>,
    /// Whether the link that is there is refreshed with the same token again. A provider that punishes that ends the link.
    pub refreshes_twice: bool,
}

impl Returning<'_> {
    fn redirect_uris(self, inner: &Inner) -> Vec<(Region, String)> {
        let uri = |region: Region| match self {
            Self::Here => region.redirect_uri(&inner.public_url, &inner.vendor_id),
            Self::Amazon(vendor) => {
                let host = match region {
                    Region::Na => "pitangui.amazon.com",
                    Region::Eu => "layla.amazon.com",
                    Region::Fe => "alexa.amazon.co.jp",
                };
                format!("https://{host}/api/skill/link/{vendor}")
            }
        };
        Region::ALL.into_iter().map(|region| (region, uri(region))).collect()
    }
}

impl Simulator {
    /// Examines a skill and its provider; nothing when no such skill is installed.
    pub async fn examine(&self, slug: &str, examination: Examination<'_>) -> Option<Vec<Checked>> {
        let skill = self.inner.skill(slug)?;
        Some(self.inner.examine(skill, examination).await)
    }
}

impl Inner {
    /// Examines a skill and its provider. Takes some seconds, or more where nobody answers.
    pub(crate) async fn examine(&self, skill: &Skill, examination: Examination<'_>) -> Vec<Checked> {
        let mut checks = settings(skill);
        let Some(linking) = &skill.linking else {
            let remedy = "Put accountLinking.json beside skill.json, or leave it so if the skill needs no account.";
            checks.push(Checked::bad(trials::LINKING, "The package has no account-linking settings.", remedy));
            checks.extend(self.examine_certificates(skill).await);
            checks.extend(self.examine_skill(skill).await);
            checks.extend(self.examine_accept_grant(skill).await);
            return checks;
        };
        let uris = examination.returning.redirect_uris(self);
        checks.extend(listing::certified(skill));
        let (certificates, metadata, authorization, tokens, answers, pages) = tokio::join!(
            Box::pin(self.examine_certificates(skill)),
            Box::pin(self.examine_metadata(linking)),
            Box::pin(self.examine_authorization(skill, linking, &uris)),
            Box::pin(self.examine_token_endpoint(linking, &uris)),
            Box::pin(self.examine_skill(skill)),
            Box::pin(self.examine_pages(skill))
        );
        checks.extend(certificates);
        checks.extend(metadata);
        checks.extend(authorization);
        checks.extend(tokens);
        checks.extend(self.examine_changes(skill, linking));
        checks.extend(self.examine_link(skill, examination.refreshes_twice));
        if examination.refreshes_twice {
            checks.extend(Box::pin(self.examine_refreshing(skill, linking)).await);
        }
        checks.extend(answers);
        checks.extend(Box::pin(self.examine_accept_grant(skill)).await);
        checks.extend(pages);
        checks
    }
}

/// What the files say by themselves.
fn settings(skill: &Skill) -> Vec<Checked> {
    let trial = trials::SETTINGS;
    let Ok(report) = check_skill(&skill.root) else {
        let remedy = "Run sayso skill check on the package.";
        return vec![Checked::unknown(trial, "The package cannot be read any more.", remedy)];
    };
    let of_linking = |file: &std::path::Path| {
        file.file_name().is_some_and(|name| name.to_string_lossy().to_lowercase().contains("linking"))
    };
    let found = report.findings.iter().filter(|one| of_linking(&one.file));
    let checks: Vec<Checked> = found
        .map(|one| {
            let file = one.file.strip_prefix(&skill.root).unwrap_or(&one.file).display().to_string();
            let health = if one.finding.severity == Severity::Error { Health::Bad } else { Health::Doubtful };
            let found = format!("{file}:{}: {}.", one.finding.line, one.finding.what);
            Checked::new(trial, health, (found, &sentence(&one.finding.fix)))
        })
        .collect();
    if checks.is_empty() {
        vec![Checked::good(trial, "Nothing in the package speaks against linking.")]
    } else {
        checks
    }
}

/// A remedy of the package check, which has no full stop, as a sentence.
fn sentence(text: &str) -> String {
    let mut signs = text.chars();
    let first: String = signs.next().map(|sign| sign.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", signs.as_str())
}
