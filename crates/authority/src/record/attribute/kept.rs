//! How an attribute is kept: in the words of the configuration file, so that what is kept can be written as one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Access, Attribute, Choice, Constraints, Kind, Pattern};

/// A text for all languages, or one for each; the one for all others is under an empty name.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Label {
    One(String),
    ByLanguage(BTreeMap<String, String>),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum KeptChoice {
    Plain(String),
    Labelled { value: String, label: Label },
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Rights {
    None,
    Read,
    Write,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    name: String,
    label: Label,
    self_editable: bool,
    max_chars: usize,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    choices: Vec<KeptChoice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min_chars: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pattern: Option<Pattern>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hint: Option<Label>,
    /// Only where it is not what `self_editable` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<Rights>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    admin: Option<Rights>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claims: Option<bool>,
}

impl From<Label> for BTreeMap<String, String> {
    fn from(label: Label) -> Self {
        match label {
            Label::One(text) => Self::from([(String::new(), text)]),
            Label::ByLanguage(texts) => texts,
        }
    }
}

impl Label {
    fn of(texts: BTreeMap<String, String>) -> Self {
        match texts.get("") {
            Some(text) if texts.len() == 1 => Self::One(text.clone()),
            _ => Self::ByLanguage(texts),
        }
    }
}

impl TryFrom<Kept> for Attribute {
    type Error = String;

    fn try_from(kept: Kept) -> Result<Self, String> {
        let mut labels = BTreeMap::from(kept.label);
        let fallback = labels.remove("").or_else(|| labels.get("en").cloned());
        let choices = kept.choices.into_iter().map(|choice| match choice {
            KeptChoice::Plain(value) => Choice { value, labels: BTreeMap::new() },
            KeptChoice::Labelled { value, label } => Choice { value, labels: label.into() },
        });
        Ok(Self {
            label: fallback.unwrap_or_else(|| kept.name.clone()),
            name: kept.name,
            self_editable: kept.self_editable,
            max_chars: kept.max_chars,
            labels,
            kind: Kind::named(kept.kind.as_deref().unwrap_or("string"), choices.collect())?,
            constraints: Constraints {
                min_chars: kept.min_chars,
                min: kept.min,
                max: kept.max,
                pattern: kept.pattern,
                hints: kept.hint.map(BTreeMap::from).unwrap_or_default(),
            },
            access: Access {
                person_reads: kept.person != Some(Rights::None),
                admin_reads: kept.admin != Some(Rights::None),
                admin_writes: kept.admin.is_none_or(|admin| admin == Rights::Write),
                claims_read: kept.claims.unwrap_or(true),
            },
        })
    }
}

impl From<Attribute> for Kept {
    fn from(attribute: Attribute) -> Self {
        let mut labels = attribute.labels;
        labels.insert(String::new(), attribute.label);
        let Access { person_reads, admin_reads, admin_writes, claims_read } = attribute.access;
        let Constraints { min_chars, min, max, pattern, hints } = attribute.constraints;
        let kind = Some(attribute.kind.name().to_owned()).filter(|_| !attribute.kind.is_text());
        let choices = match attribute.kind {
            Kind::Choice(choices) => choices,
            _ => Vec::new(),
        };
        let choice = |Choice { value, labels }| match labels.is_empty() {
            true => KeptChoice::Plain(value),
            false => KeptChoice::Labelled { value, label: Label::of(labels) },
        };
        Self {
            name: attribute.name,
            label: Label::of(labels),
            self_editable: attribute.self_editable,
            max_chars: attribute.max_chars,
            kind,
            choices: choices.into_iter().map(choice).collect(),
            min_chars,
            min,
            max,
            pattern,
            hint: Some(hints).filter(|hints| !hints.is_empty()).map(Label::of),
            person: (!person_reads).then_some(Rights::None),
            admin: match (admin_reads, admin_writes) {
                (_, true) => None,
                (true, false) => Some(Rights::Read),
                (false, false) => Some(Rights::None),
            },
            claims: (!claims_read).then_some(false),
        }
    }
}
