//! Reading the files of skill packages, whatever their layout, and checking them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sayso_alexa::check::{
    Finding, Package, Severity, check_account_linking, check_manifest, check_model, check_package,
};
use sayso_alexa::interaction_model::InteractionModel;
use sayso_alexa::package::SkillFile;
use serde::Serialize;

use crate::model_file::read_model;
use crate::settings::OpenError;
use crate::skill_files::{Found, find, locale_in};
use crate::understand::{Heard, Listener, NOON};

/// Something found in a file of a package.
#[derive(Clone, Debug, Serialize)]
pub struct FileFinding {
    /// The file.
    pub file: PathBuf,
    /// What is wrong in it.
    #[serde(flatten)]
    pub finding: Finding,
}

/// What was looked at, and what is wrong.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PackageReport {
    /// How many models were read.
    pub models: usize,
    /// How many manifests.
    pub manifests: usize,
    /// How many account-linking files.
    pub account_linking: usize,
    /// What is wrong, file by file, in the order of their lines.
    pub findings: Vec<FileFinding>,
}

impl PackageReport {
    /// How many findings are of this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|one| one.finding.severity == severity).count()
    }

    fn add(&mut self, file: &Path, findings: Vec<Finding>) {
        self.findings.extend(findings.into_iter().map(|finding| FileFinding { file: file.to_owned(), finding }));
    }
}

/// A model that could be read.
struct Model {
    file: PathBuf,
    locale: Option<String>,
    model: InteractionModel,
}

/// Checks the skill package in `place`, or all packages in it, or the one file it is.
///
/// # Errors
/// When the place cannot be read, or holds no file of a skill.
pub fn check_skill(place: &Path) -> Result<PackageReport, OpenError> {
    let files = find(place)?;
    if files.is_empty() {
        let (what, fix) = ("there is no file of a skill here".to_owned(), "name a skill's folder".to_owned());
        return Err(OpenError::Missing { folder: place.to_owned(), what, fix });
    }
    let mut report = PackageReport::default();
    let mut models = Vec::new();
    for file in &files {
        match file.kind {
            SkillFile::Model => {
                report.models += 1;
                models.extend(model(file, place, &mut report));
            }
            SkillFile::Manifest => {
                report.manifests += 1;
                report.add(&file.path, check_manifest(&file.bytes));
            }
            SkillFile::AccountLinking => {
                report.account_linking += 1;
                report.add(&file.path, check_account_linking(&file.bytes));
            }
        }
    }
    whole_packages(&files, &models, &mut report);
    if report.manifests == 0 && place.is_dir() {
        let finding = Finding {
            severity: Severity::Warning,
            line: 1,
            code: None,
            what: "there is no manifest".into(),
            fix: "put the skill's skill.json there".into(),
        };
        report.add(place, vec![finding]);
    }
    report.findings.sort_by(|a, b| (&a.file, a.finding.line).cmp(&(&b.file, b.finding.line)));
    Ok(report)
}

fn model(file: &Found, place: &Path, report: &mut PackageReport) -> Option<Model> {
    let locale = locale_in(file.path.strip_prefix(place).unwrap_or(&file.path)).or_else(|| locale_in(&file.path));
    match read_model(&file.path) {
        Ok((model, unusable)) => {
            report.add(&file.path, check_model(&file.bytes, &model, locale.as_deref()));
            for (other, fault) in unusable {
                report.add(&other, vec![Finding { severity: Severity::Error, ..unreadable(fault) }]);
            }
            Some(Model { file: file.path.clone(), locale, model })
        }
        Err(OpenError::Package { file, fault }) => {
            report.add(&file, vec![unreadable(fault)]);
            None
        }
        Err(other) => {
            let fix = "see that it can be read".to_owned();
            let (severity, what) = (Severity::Error, other.to_string());
            report.add(&file.path, vec![Finding { severity, line: 1, code: None, what, fix }]);
            None
        }
    }
}

fn unreadable(fault: sayso_alexa::package::Fault) -> Finding {
    Finding::unreadable(fault, "InvalidModelDefinitionSchema")
}

/// The folder of the package whose manifest is `file`.
fn root_of(file: &Path) -> &Path {
    let folder = file.parent().unwrap_or(Path::new(""));
    if folder.ends_with("skill-package") { folder.parent().unwrap_or(folder) } else { folder }
}

fn whole_packages(files: &[Found], models: &[Model], report: &mut PackageReport) {
    let manifests: Vec<&Found> = files.iter().filter(|file| file.kind == SkillFile::Manifest).collect();
    // A file belongs to the manifest deepest above it.
    let owner = |file: &Path| {
        let above = manifests.iter().filter(|manifest| file.starts_with(root_of(&manifest.path)));
        above.map(|manifest| root_of(&manifest.path)).max_by_key(|root| root.components().count())
    };
    for manifest in &manifests {
        let root = root_of(&manifest.path);
        let own = models.iter().filter(|model| owner(&model.file) == Some(root));
        let mut by_locale: BTreeMap<&str, &Model> = BTreeMap::new();
        for model in own {
            by_locale.entry(model.locale.as_deref().unwrap_or("en-US")).or_insert(model);
        }
        let listeners: BTreeMap<&str, Listener> =
            by_locale.iter().map(|(locale, one)| (*locale, Listener::new(&one.model, locale))).collect();
        let understands = |phrase: &str, model: &InteractionModel, locale: &str| {
            listeners.get(locale).is_none_or(|listener| {
                match Heard::naming(listener, &model.invocation_name, phrase, NOON) {
                    Heard::Launch => true,
                    Heard::Intent(found) => found.sample.is_some(),
                    Heard::Nothing(_) => false,
                }
            })
        };
        let is_linking = |file: &&Found| file.kind == SkillFile::AccountLinking && owner(&file.path) == Some(root);
        let package = Package {
            models: by_locale.iter().map(|(locale, one)| (*locale, &one.model)).collect(),
            is_linked: files.iter().any(|file| is_linking(&file)),
        };
        report.add(&manifest.path, check_package(&manifest.bytes, &package, understands));
    }
}
