//! What a skill's package says: intents, samples, types, and what is wrong in it.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::Shared;
use crate::package_check::check_skill;

/// Values of a type that are shown.
const MOST_VALUES: usize = 100;

/// `GET /companion/{skill}/model?locale=…`
pub(crate) async fn page(State(inner): State<Shared>, Path(slug): Path<String>, RawQuery(query): RawQuery) -> Response {
    let Some(skill) = inner.skill(&slug) else {
        let text = "No skill of that name is installed.";
        return inner.pages.notice(StatusCode::NOT_FOUND, "No such skill", text, ("/companion", "All skills"));
    };
    let query = query.unwrap_or_default();
    let asked = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "locale");
    let asked = asked.map_or_else(|| "en-US".to_owned(), |(_, locale)| locale.into_owned());
    let Some((locale, voice)) =
        skill.voice(&asked).or_else(|| skill.voices.iter().next().map(|(l, v)| (l.as_str(), v)))
    else {
        let text = "The skill has no model.";
        return inner.pages.notice(StatusCode::NOT_FOUND, "No model", text, ("/companion", "All skills"));
    };
    let types: Vec<Value> = voice.model.types.iter().map(|kind| {
        let values = kind.values.iter().take(MOST_VALUES).map(|value| json!({"name": value.name.value, "synonyms": value.name.synonyms}));
        json!({"name": kind.name, "values": values.collect::<Vec<_>>(), "more": kind.values.len().saturating_sub(MOST_VALUES)})
    }).collect();
    let findings: Vec<Value> = match check_skill(&skill.root) {
        Ok(report) => report.findings.iter().map(|one| json!({
            "file": one.file.strip_prefix(&skill.root).unwrap_or(&one.file).display().to_string(), "line": one.finding.line,
            "severity": one.finding.severity, "what": one.finding.what, "fix": one.finding.fix,
        })).collect(),
        Err(error) => vec![json!({"file": "", "line": 0, "severity": "error", "what": error.to_string(), "fix": ""})],
    };
    let context = json!({
        "page": "companion", "slug": slug, "name": skill.name, "locale": locale,
        "locales": skill.voices.keys().collect::<Vec<_>>(), "invocation_name": voice.invocation_name,
        "intents": voice.model.intents, "types": types, "findings": findings,
    });
    inner.pages.render(StatusCode::OK, "model.html", &context)
}
