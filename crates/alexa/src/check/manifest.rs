//! The rules of the skill manifest.

use serde_json::Value;
use url::Url;

use super::{Finding, Findings};
use crate::package::Source;

/// The locales that a skill can have.
pub const LOCALES: [&str; 17] = [
    "ar-SA", "de-DE", "en-AU", "en-CA", "en-GB", "en-IN", "en-US", "es-ES", "es-MX", "es-US", "fr-CA", "fr-FR",
    "hi-IN", "it-IT", "ja-JP", "nl-NL", "pt-BR",
];
const DECLARATIONS: [&str; 5] =
    ["allowsPurchases", "usesPersonalInfo", "isChildDirected", "isExportCompliant", "containsAds"];

/// Checks a manifest. Of one that is no JSON, or holds no manifest, it says only that.
pub fn check_manifest(bytes: &[u8]) -> Vec<Finding> {
    let read = Source::decode(bytes).and_then(|source| source.parse::<Value>().map(|whole| (source, whole)));
    let (source, whole) = match read {
        Ok(read) => read,
        Err(fault) => return vec![Finding::unreadable(fault, "CONTENT_PARSE_FAILURE")],
    };
    let mut findings = Findings::new(&source);
    let Some(manifest) = whole.get("manifest").or(whole.get("skillManifest")) else {
        let fix = "begin it with {\"manifest\": {\"manifestVersion\": \"1.0\", …}}";
        findings.error(
            &[],
            Some("MISSING_REQUIRED_PROPERTY"),
            "this is no skill manifest: it has no \"manifest\"",
            fix,
        );
        return findings.into_sorted();
    };
    if let Err(fault) = crate::manifest::Manifest::parse(bytes) {
        return vec![Finding::unreadable(fault, "INVALID_DATA_TYPE")];
    }
    if manifest.get("manifestVersion").is_none() {
        findings.error(&["manifest"], Some("MISSING_REQUIRED_PROPERTY"), "manifestVersion is missing", "add \"1.0\"");
    }
    publishing(&mut findings, manifest);
    privacy(&mut findings, manifest);
    endpoints(&mut findings, manifest);
    events(&mut findings, manifest);
    findings.into_sorted()
}

fn publishing(findings: &mut Findings<'_>, manifest: &Value) {
    let publishing = manifest.get("publishingInformation").unwrap_or(&Value::Null);
    let locales = publishing.get("locales").and_then(Value::as_object);
    let texts = locales.into_iter().flatten().filter(|(_, text)| text.is_object());
    if texts.clone().next().is_none() {
        let what = "the manifest describes the skill in no locale";
        findings.error(&["publishingInformation"], Some("MISSING_REQUIRED_PROPERTY"), what, "add \"locales\"");
    }
    for (locale, text) in texts {
        let path = ["publishingInformation", "locales", locale.as_str()];
        if !LOCALES.contains(&locale.as_str()) {
            let what = format!("Alexa has no locale {locale}");
            findings.error(&path, Some("INVALID_ENUM_VALUE"), what, format!("write one of {}", LOCALES.join(", ")));
        }
        listing(findings, &path, locale, text);
    }
    for (key, why) in [("category", "the store needs it"), ("testingInstructions", "certification tests by them")] {
        if publishing.get(key).and_then(Value::as_str).is_none_or(|text| text.trim().is_empty()) {
            findings.warn(&["publishingInformation"], format!("{key} is missing"), format!("add it: {why}"));
        }
    }
    too_long(findings, &["publishingInformation"], publishing, "testingInstructions", 4000);
    let mode = publishing.get("distributionMode").and_then(Value::as_str);
    if let Some(mode) = mode.filter(|mode| !matches!(*mode, "PUBLIC" | "PRIVATE")) {
        let what = format!("the distribution mode {mode:?} is unknown");
        findings.error(&["distributionMode"], Some("INVALID_ENUM_VALUE"), what, "write PUBLIC or PRIVATE");
    }
    let countries = publishing.get("distributionCountries").and_then(Value::as_array);
    if publishing.get("isAvailableWorldwide") == Some(&Value::Bool(false)) && countries.is_none_or(Vec::is_empty) {
        let what = "the skill is available neither worldwide nor in any country";
        findings.warn(&["isAvailableWorldwide"], what, "name \"distributionCountries\"");
    }
}

fn listing(findings: &mut Findings<'_>, path: &[&str], locale: &str, text: &Value) {
    let name = text.get("name").and_then(Value::as_str).unwrap_or_default().trim();
    match name.chars().count() {
        0 => {
            let what = format!("the skill has no name in {locale}");
            findings.error(path, Some("MISSING_REQUIRED_PROPERTY"), what, "add \"name\"");
        }
        1 => {
            let what = format!("the skill's name in {locale} is shorter than two characters");
            findings.error(path, Some("INVALID_STRING_LENGTH"), what, "write a longer one");
        }
        _ => {}
    }
    for (key, most) in [("summary", 160), ("description", 4000), ("updatesDescription", 4000)] {
        too_long(findings, path, text, key, most);
    }
    for (key, most) in [("examplePhrases", 4), ("keywords", 30)] {
        let count = text.get(key).and_then(Value::as_array).map_or(0, Vec::len);
        if count > most {
            let what = format!("{key} of {locale} has {count} entries; {most} are accepted");
            findings.error(path, Some("INVALID_ARRAY_SIZE"), what, "drop some");
        }
    }
    for key in ["summary", "description", "examplePhrases", "smallIconUri", "largeIconUri"] {
        let is_there = text.get(key).is_some_and(|value| value != "" && value != &Value::Array(Vec::new()));
        if !is_there {
            findings.warn(path, format!("{key} is missing in {locale}"), "add it before the skill is submitted");
        }
    }
}

fn too_long(findings: &mut Findings<'_>, path: &[&str], value: &Value, key: &str, most: usize) {
    let length = value.get(key).and_then(Value::as_str).map_or(0, |text| text.chars().count());
    if length > most {
        let path: Vec<&str> = path.iter().copied().chain([key]).collect();
        let what = format!("{key} has {length} characters; {most} are accepted");
        findings.error(&path, Some("INVALID_STRING_LENGTH"), what, "shorten it");
    }
}

fn privacy(findings: &mut Findings<'_>, manifest: &Value) {
    let Some(privacy) = manifest.get("privacyAndCompliance") else {
        let what = "privacyAndCompliance is missing";
        return findings.warn(&["manifest"], what, "add it: a skill is not submitted without");
    };
    let path = ["privacyAndCompliance"];
    for key in DECLARATIONS {
        match privacy.get(key) {
            None => findings.warn(&path, format!("{key} is not declared"), "write true or false"),
            Some(value) if !value.is_boolean() => {
                let what = format!("{key} is neither true nor false");
                findings.error(&["privacyAndCompliance", key], Some("INVALID_DATA_TYPE"), what, "write true or false");
            }
            Some(_) => {}
        }
    }
    let locales = privacy.get("locales").and_then(Value::as_object);
    for (locale, urls) in locales.into_iter().flatten() {
        for key in ["privacyPolicyUrl", "termsOfUseUrl"] {
            let Some(address) = urls.get(key).and_then(Value::as_str).filter(|address| !address.is_empty()) else {
                continue;
            };
            let path = ["privacyAndCompliance", "locales", locale.as_str(), key];
            match Url::parse(address).map(|url| url.scheme().to_owned()).as_deref() {
                Ok("https") => {}
                Ok("http") => findings.warn(&path, format!("{key} of {locale} is plain http"), "use https"),
                _ => {
                    let what = format!("{key} of {locale} is no web address");
                    findings.error(&path, Some("INVALID_URL_FORMAT"), what, "write an https address");
                }
            }
        }
    }
}

fn endpoints(findings: &mut Findings<'_>, manifest: &Value) {
    let Some(custom) = manifest.pointer("/apis/custom") else { return };
    let regions = custom.get("regions").and_then(Value::as_object);
    let places = regions.into_iter().flatten().map(|(region, value)| (region.as_str(), value));
    let all = std::iter::once(("custom", custom)).chain(places);
    let mut has_any = false;
    for (place, value) in all {
        let Some(uri) = value.pointer("/endpoint/uri").and_then(Value::as_str) else { continue };
        has_any = true;
        endpoint(findings, &["apis", place, "uri"], uri, value.pointer("/endpoint/sslCertificateType"));
    }
    if !has_any {
        let what = "no endpoint says where requests go";
        findings.warn(
            &["apis", "custom"],
            what,
            "add \"endpoint\": {\"uri\": …}, or let the command line tool fill it in",
        );
    }
}

fn endpoint(findings: &mut Findings<'_>, path: &[&str], uri: &str, certificate: Option<&Value>) {
    if uri.starts_with("arn") {
        return;
    }
    if !uri.contains(':') {
        let what = format!("the endpoint {uri:?} is a name that the command line tool has to replace");
        return findings.warn(path, what, "write an https address or the ARN of a function");
    }
    let Some(url) = Url::parse(uri).ok().filter(|_| uri.starts_with("https://")) else {
        let what = "the endpoint is neither an https address nor the ARN of a function";
        return findings.error(path, Some("INVALID_STRING_PATTERN"), what, "begin it with https:// or arn:");
    };
    if url.port().is_some() {
        findings.warn(path, "the endpoint has a port; Alexa calls 443 only", "leave the port out");
    }
    match certificate.and_then(Value::as_str) {
        None => findings.warn(path, "sslCertificateType is missing", "write Trusted, Wildcard or SelfSigned"),
        Some("Trusted" | "Wildcard") => {}
        Some("SelfSigned") => {
            let what = "the endpoint's certificate is self-signed, which serves in development only";
            findings.warn(path, what, "get a certificate of a trusted authority before the skill is submitted");
        }
        Some(other) => {
            let what = format!("sslCertificateType {other:?} is unknown");
            findings.error(path, Some("INVALID_ENUM_VALUE"), what, "write Trusted, Wildcard or SelfSigned");
        }
    }
}

fn events(findings: &mut Findings<'_>, manifest: &Value) {
    let Some(events) = manifest.get("events") else { return };
    let subscribes = events.get("subscriptions").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    let has_endpoint = events.get("endpoint").is_some() || events.get("regions").is_some();
    if subscribes && !has_endpoint {
        let what = "events are subscribed, and no endpoint says where they go";
        findings.error(&["events"], Some("MISSING_REQUIRED_PROPERTY"), what, "add \"endpoint\" to \"events\"");
    }
    if let Some(uri) = events.pointer("/endpoint/uri").and_then(Value::as_str) {
        endpoint(findings, &["events", "uri"], uri, Some(&Value::from("Trusted")));
    }
}
