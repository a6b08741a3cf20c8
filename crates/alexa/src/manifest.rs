//! The skill manifest, `skill.json`: what a skill is called, where it is reached and what it may ask for.
//!
//! Shape: the Skill Management API's "Skill Manifest Schema". Parts without a meaning here are kept as JSON.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::package::{Fault, Source};

/// A skill manifest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Names and descriptions per locale.
    #[serde(default, rename = "publishingInformation", deserialize_with = "or_default")]
    pub publishing: Publishing,
    /// The interfaces the skill serves.
    #[serde(default, deserialize_with = "or_default")]
    pub apis: Apis,
    /// Events the skill wants to be told of.
    #[serde(default)]
    pub events: Option<Events>,
    /// Everything else, as it stands in the file.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// What the skill store shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Publishing {
    /// Texts by locale, as they stand in the file: published files keep other things among the locales.
    #[serde(default)]
    pub locales: Map<String, Value>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// The interfaces a skill serves; only the custom one has a voice dialog.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Apis {
    /// The custom skill interface.
    #[serde(default)]
    pub custom: Option<CustomApi>,
    /// Smart home, music and others.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// The custom skill interface.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CustomApi {
    /// Where requests go.
    #[serde(default)]
    pub endpoint: Option<Endpoint>,
    /// Everything else, regions included.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Where requests go.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    /// An https address, or the ARN of a function.
    #[serde(default)]
    pub uri: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Events the skill subscribes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Events {
    /// Names such as `SKILL_DISABLED`.
    #[serde(default, deserialize_with = "or_default")]
    pub subscriptions: Vec<Subscription>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// One subscription.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    /// Name of the event.
    #[serde(default, rename = "eventName")]
    pub event_name: String,
}

fn or_default<'de, D: serde::Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

#[derive(Deserialize)]
struct File {
    manifest: Option<Manifest>,
    // The name of the part before 2018; still found in published packages.
    #[serde(rename = "skillManifest")]
    skill_manifest: Option<Manifest>,
}

impl Manifest {
    /// Reads a manifest file, `{"manifest": {…}}`.
    ///
    /// # Errors
    /// A [`Fault`] with its line when the file is no JSON or holds no manifest.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let source = Source::decode(bytes)?;
        let file: File = source.parse()?;
        file.manifest.or(file.skill_manifest).ok_or_else(|| {
            let fix = "begin it with {\"manifest\": {\"manifestVersion\": \"1.0\", …}}";
            source.fault_at("manifest", "this is no skill manifest: it has no \"manifest\"", fix)
        })
    }

    /// The skill's name for people: of this locale, else of any.
    pub fn name(&self, locale: &str) -> Option<&str> {
        let locales = &self.publishing.locales;
        let own_first = locales.get(locale).into_iter().chain(locales.values());
        own_first.filter_map(|listing| listing.get("name")?.as_str()).next()
    }

    /// One sentence on what the skill does: of this locale, else of any.
    pub fn summary(&self, locale: &str) -> Option<&str> {
        let locales = &self.publishing.locales;
        let own_first = locales.get(locale).into_iter().chain(locales.values());
        own_first.filter_map(|listing| listing.get("summary")?.as_str()).next()
    }

    /// Sentences the store offers to try in this locale.
    pub fn example_phrases(&self, locale: &str) -> Vec<&str> {
        let phrases = self.publishing.locales.get(locale).and_then(|listing| listing.get("examplePhrases")?.as_array());
        phrases.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// The address of the custom interface's endpoint, as written.
    pub fn endpoint(&self) -> Option<&str> {
        self.apis.custom.as_ref()?.endpoint.as_ref()?.uri.as_deref()
    }

    /// Whether it is a smart home skill, by itself or beside others.
    pub fn is_smart_home(&self) -> bool {
        self.apis.rest.get("smartHome").is_some_and(Value::is_object)
    }

    /// The function that smart home directives go to, as written: the interface's own, else that of the first region.
    pub fn smart_home_endpoint(&self) -> Option<&str> {
        let smart_home = self.apis.rest.get("smartHome")?;
        let regions = smart_home.get("regions").and_then(Value::as_object);
        let by_region = ["NA", "EU", "FE"].iter().filter_map(|region| regions?.get(*region));
        std::iter::once(smart_home)
            .chain(by_region)
            .find_map(|of| of.get("endpoint").and_then(|endpoint| endpoint.get("uri")).and_then(Value::as_str))
    }

    /// Whether the skill asks for this permission, such as `alexa::person_id:read`.
    pub fn asks_for(&self, permission: &str) -> bool {
        self.permissions().any(|asked| asked == permission)
    }

    /// The permissions the skill asks for.
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        let asked = self.rest.get("permissions").and_then(Value::as_array).into_iter().flatten();
        asked.filter_map(|permission| permission.get("name")?.as_str())
    }

    /// Whether the skill wants to be told of `event`, such as `SKILL_DISABLED`.
    pub fn subscribes(&self, event: &str) -> bool {
        self.events.as_ref().is_some_and(|events| events.subscriptions.iter().any(|one| one.event_name == event))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_keeps_what_it_does_not_know() {
        let text = r#"{"manifest": {"manifestVersion": "1.0", "publishingInformation": {"locales": {"en-US":
            {"name": "Quiz", "examplePhrases": ["Alexa, open quiz"], "keywords": ["q"]}}, "category": "GAMES"},
            "apis": {"custom": {"endpoint": {"uri": "https://skill.example/quiz", "sslCertificateType": "Trusted"}}},
            "events": {"subscriptions": [{"eventName": "SKILL_DISABLED"}]}, "permissions": []}}"#;
        let manifest = Manifest::parse(text.as_bytes()).unwrap();
        assert_eq!(manifest.name("de-DE"), Some("Quiz"));
        assert_eq!(manifest.example_phrases("en-US"), ["Alexa, open quiz"]);
        assert_eq!(manifest.endpoint(), Some("https://skill.example/quiz"));
        assert!(manifest.subscribes("SKILL_DISABLED") && !manifest.subscribes("SKILL_ENABLED"));
        let whole: Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_value(&manifest).unwrap()["manifestVersion"], whole["manifest"]["manifestVersion"]);
        assert_eq!(manifest.publishing.rest["category"], "GAMES");
    }

    #[test]
    fn a_smart_home_skill_has_an_endpoint_of_its_own_or_by_region() {
        for (apis, is_one, endpoint) in [
            (
                r#"{"smartHome": {"endpoint": {"uri": "arn:a"}, "regions": {"EU": {"endpoint": {"uri": "arn:eu"}}}}}"#,
                true,
                Some("arn:a"),
            ),
            (r#"{"smartHome": {"regions": {"EU": {"endpoint": {"uri": "arn:eu"}}}}}"#, true, Some("arn:eu")),
            (r#"{"smartHome": {}, "custom": {}}"#, true, None),
            (r#"{"custom": {"endpoint": {"uri": "arn:c"}}}"#, false, None),
        ] {
            let manifest = Manifest::parse(format!("{{\"manifest\": {{\"apis\": {apis}}}}}").as_bytes()).unwrap();
            assert_eq!((manifest.is_smart_home(), manifest.smart_home_endpoint()), (is_one, endpoint), "{apis}");
        }
    }

    #[test]
    fn faults_name_line_and_remedy() {
        for (text, line, what) in [
            ("{\n\"manifest\": {\"apis\": 3}}", 2, "invalid type"),
            ("{}", 1, "no \"manifest\""),
            ("{\"manifest\": {\n", 2, "EOF"),
        ] {
            let fault = Manifest::parse(text.as_bytes()).unwrap_err();
            assert!(fault.line == line && fault.what.contains(what), "{text}: {fault}");
        }
    }
}
