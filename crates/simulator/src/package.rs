//! Reading a skill package folder, as the official command line tool lays it out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sayso_alexa::account_linking::AccountLinking;
use sayso_alexa::dialog::Dialog;
use sayso_alexa::interaction_model::InteractionModel;
use sayso_alexa::manifest::Manifest;
use sayso_token::secret::Secret;
use serde_json::Value;

use crate::endpoint::Endpoint;
use crate::model_file::read_model;
use crate::settings::{OpenError, SkillSetup, skill_id_for};
use crate::understand::{Listener, address};

/// An installed skill.
pub(crate) struct Skill {
    /// The package's folder.
    pub(crate) root: PathBuf,
    pub(crate) slug: String,
    pub(crate) skill_id: String,
    /// Name for people, in any locale.
    pub(crate) name: String,
    pub(crate) manifest: Manifest,
    pub(crate) voices: BTreeMap<String, Voice>,
    pub(crate) linking: Option<AccountLinking>,
    pub(crate) endpoint: Option<String>,
    /// Where directives of the smart home interface go, if it has one.
    pub(crate) smart_home_endpoint: Option<String>,
    pub(crate) revocation_url: Option<String>,
    pub(crate) amazon_chain_url: bool,
}

/// What a skill understands in one locale.
pub(crate) struct Voice {
    pub(crate) invocation_name: String,
    /// The model, to which a skill may add values for a session.
    pub(crate) model: InteractionModel,
    pub(crate) dialog: Dialog,
    pub(crate) listener: Listener,
    /// Sentences to try, with the wake word.
    pub(crate) suggestions: Vec<String>,
}

impl Skill {
    /// The voice for `locale`: its own, else one in the same language.
    pub(crate) fn voice(&self, locale: &str) -> Option<(&str, &Voice)> {
        let language = locale.get(..2).unwrap_or(locale);
        let same = || self.voices.iter().find(|(own, _)| own.starts_with(language));
        self.voices.get_key_value(locale).or_else(same).map(|(own, voice)| (own.as_str(), voice))
    }

    /// Reads the package.
    pub(crate) fn read(setup: &SkillSetup) -> Result<Self, OpenError> {
        check_slug(&setup.slug)?;
        let root = &setup.package;
        let inner = root.join("skill-package");
        let folder = if inner.is_dir() { inner } else { root.clone() };
        if !folder.is_dir() {
            let what = "there is no such folder".into();
            let fix = "give the folder that holds skill-package/skill.json".into();
            return Err(OpenError::Missing { folder: root.clone(), what, fix });
        }
        let manifest = read_manifest(root, &folder)?;
        let linking = read_linking(root, &folder, setup.client_secret.as_ref())?;
        let voices = read_voices(root, &folder, &manifest)?;
        let endpoint = setup.endpoint.clone().or_else(|| manifest.endpoint().map(str::to_owned));
        let smart_home = setup.endpoint.as_deref().or(manifest.smart_home_endpoint());
        let smart_home_endpoint = smart_home.filter(|_| manifest.is_smart_home()).map(str::to_owned);
        Ok(Self {
            root: root.clone(),
            slug: setup.slug.clone(),
            skill_id: setup.skill_id.clone().or_else(|| known_id(root)).unwrap_or_else(|| skill_id_for(&setup.slug)),
            name: manifest.name("en-US").map_or_else(|| setup.slug.clone(), str::to_owned),
            manifest,
            voices,
            linking,
            endpoint,
            smart_home_endpoint,
            revocation_url: setup.revocation_url.clone(),
            amazon_chain_url: setup.amazon_chain_url,
        })
    }

    /// How the skill is reached, or why it cannot be.
    pub(crate) fn endpoint(&self) -> Result<Endpoint, String> {
        let missing = "The manifest names no endpoint: set manifest.apis.custom.endpoint.uri in skill.json.";
        Endpoint::parse(self.endpoint.as_deref().ok_or(missing)?)
    }

    /// Whether the skill is handed the bare event.
    pub(crate) fn is_unsigned(&self) -> bool {
        matches!(self.endpoint(), Ok(Endpoint::Function(_) | Endpoint::Program(_)))
    }
}

fn check_slug(slug: &str) -> Result<(), OpenError> {
    if !slug.is_empty() && slug.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        return Ok(());
    }
    let fix = "use letters, digits and hyphens".into();
    Err(OpenError::Setting { what: format!("the skill name {slug:?} cannot stand in an address"), fix })
}

pub(crate) fn read(file: &Path) -> Result<Vec<u8>, OpenError> {
    fs::read(file).map_err(|error| OpenError::Unreadable { file: file.to_owned(), error })
}

fn first_file(candidates: &[PathBuf]) -> Option<&PathBuf> {
    candidates.iter().find(|path| path.is_file())
}

/// The manifest of a package, as it stands.
pub(crate) fn manifest_file(root: &Path) -> Result<Vec<u8>, OpenError> {
    let places = [root.join("skill-package/skill.json"), root.join("skill.json")];
    first_file(&places).map_or_else(|| Ok(Vec::new()), |file| read(file))
}

fn read_manifest(root: &Path, folder: &Path) -> Result<Manifest, OpenError> {
    let Some(file) = first_file(&[folder.join("skill.json"), root.join("skill.json")]).cloned() else {
        return Err(OpenError::Missing {
            folder: folder.to_owned(),
            what: "skill.json is missing".into(),
            fix: "put the skill's manifest there".into(),
        });
    };
    Manifest::parse(&read(&file)?).map_err(|fault| OpenError::Package { file, fault })
}

fn read_linking(
    root: &Path,
    folder: &Path,
    client_secret: Option<&Secret>,
) -> Result<Option<AccountLinking>, OpenError> {
    let names =
        ["accountLinking.json", "account-linking.json", "accountLinkingRequest.json", "account-linking-request.json"];
    let places: Vec<PathBuf> = names.iter().flat_map(|name| [folder.join(name), root.join(name)]).collect();
    let Some(file) = first_file(&places).cloned() else { return Ok(None) };
    match AccountLinking::parse(&read(&file)?) {
        Ok(mut linking) => {
            if let Some(secret) = client_secret {
                linking.take_secret(secret.expose());
            }
            for warning in &linking.warnings {
                tracing::warn!(file = %file.display(), "{warning}");
            }
            Ok(Some(linking))
        }
        Err(fault) => Err(OpenError::Package { file, fault }),
    }
}

fn read_voices(root: &Path, folder: &Path, manifest: &Manifest) -> Result<BTreeMap<String, Voice>, OpenError> {
    let places = [
        folder.join("interactionModels/custom"),
        root.join("interactionModels/custom"),
        root.join("models"),
        folder.join("models"),
    ];
    let mut voices = BTreeMap::new();
    let Some(models) = places.iter().find(|place| place.is_dir()) else {
        if manifest.apis.custom.is_none() && manifest.is_smart_home() {
            // Nobody speaks to it by name: it has devices, and no model.
            return Ok(voices);
        }
        return Err(OpenError::Missing {
            folder: folder.to_owned(),
            what: "there is no interaction model".into(),
            fix: "put one file per locale into interactionModels/custom, such as en-US.json".into(),
        });
    };
    let unreadable = |error| OpenError::Unreadable { file: models.clone(), error };
    for entry in fs::read_dir(models).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        let Some(locale) = locale_of(&file) else { continue };
        let (model, unusable) = read_model(&file)?;
        for (file, fault) in unusable {
            tracing::warn!(file = %file.display(), "{fault}");
        }
        let suggestions = suggestions(&model, manifest, &locale);
        let listener = Listener::new(&model, &locale);
        let (invocation_name, dialog) = (model.invocation_name.clone(), Dialog::of(&model));
        voices.insert(locale, Voice { invocation_name, model, dialog, listener, suggestions });
    }
    if voices.is_empty() {
        let what = "there is no interaction model in this folder".into();
        let fix = "add one file per locale, such as en-US.json".into();
        return Err(OpenError::Missing { folder: models.clone(), what, fix });
    }
    Ok(voices)
}

/// `en-US.json` is the model of `en-US`; other files are none.
fn locale_of(file: &Path) -> Option<String> {
    let name = file.file_name()?.to_str()?.strip_suffix(".json")?;
    let shape: Vec<bool> = name.chars().map(|c| c.is_ascii_alphabetic()).collect();
    (shape == [true, true, false, true, true]).then(|| name.to_owned())
}

/// Sentences to try: the manifest's examples, and the first samples without slots.
fn suggestions(model: &InteractionModel, manifest: &Manifest, locale: &str) -> Vec<String> {
    let name = model.invocation_name.as_str();
    let ask = match locale.get(..2).unwrap_or_default() {
        "de" => "frage",
        "fr" => "demande à",
        "es" => "pregunta a",
        "it" => "chiedi a",
        "pt" => "pergunte para",
        _ => "ask",
    };
    let own = model.intents.iter().filter(|intent| !intent.name.starts_with("AMAZON."));
    let samples = own.filter_map(|intent| intent.samples.iter().find(|sample| !sample.contains('{')));
    let mut found: Vec<String> = samples.map(|sample| format!("alexa, {ask} {name} {sample}")).take(2).collect();
    let examples = manifest.example_phrases(locale);
    let is_ours = |phrase: &&&str| {
        let said = address(phrase, &[name], locale);
        !matches!(said, crate::understand::Addressed::NoOne { .. })
    };
    for example in examples.iter().filter(is_ours) {
        if found.len() < 3 && !found.iter().any(|one| one.eq_ignore_ascii_case(example)) {
            found.push((*example).to_owned());
        }
    }
    found
}

/// The skill id the official command line tool has noted beside the package.
fn known_id(root: &Path) -> Option<String> {
    [".ask/ask-states.json", "ask-resources.json"].iter().find_map(|name| {
        let value: Value = serde_json::from_slice(&fs::read(root.join(name)).ok()?).ok()?;
        let id = value.get("profiles")?.get("default")?.get("skillId")?.as_str()?;
        id.starts_with("amzn1.ask.skill.").then(|| id.to_owned())
    })
}
