//! The rules that take more than one file of a package: certification points.

use serde_json::Value;

use super::{Finding, Findings};
use crate::interaction_model::InteractionModel;
use crate::package::Source;

/// The files of one skill, beside its manifest.
#[derive(Debug, Default)]
pub struct Package<'p> {
    /// Its models, each with its locale.
    pub models: Vec<(&'p str, &'p InteractionModel)>,
    /// Whether it has account-linking settings.
    pub is_linked: bool,
}

/// Checks what a manifest, of which `bytes` are the file, says about the rest of its package. `understands` tells whether a
/// model hears a sentence that is to name its skill.
pub fn check_package(
    bytes: &[u8],
    package: &Package<'_>,
    understands: impl Fn(&str, &InteractionModel, &str) -> bool,
) -> Vec<Finding> {
    let Ok((source, whole)) =
        Source::decode(bytes).and_then(|source| source.parse::<Value>().map(|whole| (source, whole)))
    else {
        return Vec::new();
    };
    let mut findings = Findings::new(&source);
    let manifest = whole.get("manifest").or(whole.get("skillManifest")).unwrap_or(&Value::Null);
    let listings = manifest.pointer("/publishingInformation/locales").and_then(Value::as_object);
    for (locale, model) in &package.models {
        let Some(listing) = listings.and_then(|listings| listings.get(*locale)) else {
            let what = format!("there is a model for {locale}, and the manifest does not describe the skill in it");
            findings.warn(&["publishingInformation", "locales"], what, format!("add {locale}, or drop the model"));
            continue;
        };
        let phrases = listing.get("examplePhrases").and_then(Value::as_array).into_iter().flatten();
        for phrase in phrases.filter_map(Value::as_str).filter(|phrase| !phrase.trim().is_empty()) {
            if !understands(phrase, model, locale) {
                let what = format!("the example phrase {phrase:?} does not come from the name and samples in {locale}");
                let path = ["publishingInformation", "locales", locale, "examplePhrases", phrase];
                findings.warn(
                    &path,
                    what,
                    "begin it with the wake word, name the skill, and use a sample of the model",
                );
            }
        }
    }
    let has_model = |locale: &str| package.models.iter().any(|(own, _)| *own == locale);
    for (locale, _) in listings.into_iter().flatten().filter(|(_, listing)| listing.is_object()) {
        if !package.models.is_empty() && manifest.pointer("/apis/custom").is_some() && !has_model(locale) {
            let what = format!("the manifest describes the skill in {locale}, and there is no model for it");
            let path = ["publishingInformation", "locales", locale.as_str()];
            findings.error(&path, Some("EXPECTED_RELATED_INSTANCE"), what, format!("add the model {locale}.json"));
        }
    }
    personal(&mut findings, manifest, package);
    findings.into_sorted()
}

/// What a skill that learns who people are has to tell.
fn personal(findings: &mut Findings<'_>, manifest: &Value, package: &Package<'_>) {
    let privacy = manifest.get("privacyAndCompliance").unwrap_or(&Value::Null);
    let says = |key: &str| privacy.get(key) == Some(&Value::Bool(true));
    let asks = manifest.get("permissions").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    let listings = manifest.pointer("/publishingInformation/locales").and_then(Value::as_object);
    if package.is_linked || asks || says("usesPersonalInfo") {
        let why = if package.is_linked { "links accounts" } else { "asks for personal information" };
        for (locale, _) in listings.into_iter().flatten().filter(|(_, listing)| listing.is_object()) {
            for key in ["privacyPolicyUrl", "termsOfUseUrl"] {
                let place = format!("/locales/{locale}/{key}");
                if privacy.pointer(&place).and_then(Value::as_str).is_none_or(str::is_empty) {
                    let what = format!("the skill {why}, and has no {key} for {locale}");
                    findings.warn(
                        &["privacyAndCompliance", locale.as_str()],
                        what,
                        "add its address: certification opens it",
                    );
                }
            }
        }
    }
    if package.is_linked {
        linked(findings, manifest, privacy, listings);
    } else if says("allowsPurchases") {
        let what = "the skill allows purchases, and its package has no account linking";
        findings.warn(&["allowsPurchases"], what, "link accounts when physical goods are sold");
    }
}

fn linked(
    findings: &mut Findings<'_>,
    manifest: &Value,
    privacy: &Value,
    listings: Option<&serde_json::Map<String, Value>>,
) {
    if privacy.get("usesPersonalInfo") == Some(&Value::Bool(false)) {
        let what = "the skill links accounts, and declares that it uses no personal information";
        findings.warn(&["usesPersonalInfo"], what, "write true, unless its tokens tell nothing about people");
    }
    if privacy.get("isChildDirected") == Some(&Value::Bool(true)) {
        let what = "the skill is directed to children, for whom account linking is restricted";
        findings.warn(&["isChildDirected"], what, "read the rules for child-directed skills before submitting");
    }
    let instructions = manifest.pointer("/publishingInformation/testingInstructions").and_then(Value::as_str);
    if instructions.is_none_or(|text| text.trim().is_empty()) {
        let what = "the skill links accounts, and the testing instructions name no test account";
        findings.warn(&["publishingInformation"], what, "name one in \"testingInstructions\"");
    }
    for (locale, listing) in listings.into_iter().flatten().filter(|(locale, _)| locale.starts_with("en")) {
        let description = listing.get("description").and_then(Value::as_str).unwrap_or_default().to_lowercase();
        if !["link", "account", "sign in", "log in"].iter().any(|word| description.contains(word)) {
            let what = format!("the skill links accounts, and its description in {locale} does not say so");
            findings.warn(&["publishingInformation", locale, "description"], what, "say that an account is linked");
        }
    }
}
