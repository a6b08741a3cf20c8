//! `[[attribute]]`: the profile schema.

use std::collections::BTreeMap;
use std::ops::Range;

use sayso_authority::record::attribute::{Access, Attribute, Choice, Constraints, Kind, MOST_CHARS, Pattern};
use toml::Spanned;

use super::finding::Findings;
use super::names::{self, Unique};
use super::shape;

/// Characters that a text may have when nothing else is said.
const DEFAULT_CHARS: usize = 200;
/// What can be chosen; more is a list to search in, which no form has.
const MOST_CHOICES: usize = 100;

/// The profile schema.
pub(super) fn schema(tables: &[shape::Attribute], findings: &mut Findings<'_>) -> Vec<Attribute> {
    let mut unique = Unique::default();
    let mut one = |table: &shape::Attribute| {
        let name = &table.name;
        findings.within(format!("attribute {:?}", name.get_ref()), |findings| {
            names::attribute(name, findings);
            unique.check(name.get_ref(), name.span(), "name", findings);
            attribute(table, findings)
        })
    };
    tables.iter().map(&mut one).collect()
}

fn attribute(table: &shape::Attribute, findings: &mut Findings<'_>) -> Attribute {
    let mut labels = table
        .label
        .as_ref()
        .map_or_else(BTreeMap::new, |label| by_language(label.get_ref(), label.span(), "label", findings));
    let fallback = labels.remove("").or_else(|| labels.get("en").cloned());
    let access = access(table, findings);
    Attribute {
        name: table.name.get_ref().clone(),
        label: fallback.unwrap_or_else(|| table.name.get_ref().clone()),
        self_editable: self_editable(table, findings),
        max_chars: chars(table.max_chars.as_ref(), "max_chars", findings).unwrap_or(DEFAULT_CHARS),
        labels,
        kind: kind(table, findings),
        constraints: constraints(table, findings),
        access,
    }
}

/// A text for all languages, or one for each; the one for all is under an empty name.
fn by_language(
    written: &shape::Label,
    span: Range<usize>,
    key: &str,
    findings: &mut Findings<'_>,
) -> BTreeMap<String, String> {
    let texts = match written {
        shape::Label::One(text) => BTreeMap::from([(String::new(), text.clone())]),
        shape::Label::ByLanguage(texts) => texts.clone(),
    };
    for (language, text) in &texts {
        names::label(text, span.clone(), key, findings);
        let tag = language.is_empty() || language.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !tag {
            let what = format!("{language:?} is no language");
            findings.error(span.clone(), key, what, "write a tag such as en or de");
        }
    }
    texts.into_iter().map(|(language, text)| (language, text.trim().to_owned())).collect()
}

fn self_editable(table: &shape::Attribute, findings: &mut Findings<'_>) -> bool {
    match (&table.person, table.self_editable) {
        (None, short) => short.unwrap_or(false),
        (Some(person), short) => {
            let writes = *person.get_ref() == shape::Rights::Write;
            if short.is_some_and(|short| short != writes) {
                let fix = "keep person: self_editable = true is short for person = \"write\"";
                findings.error(person.span(), "person", "self_editable says otherwise", fix);
            }
            writes
        }
    }
}

fn access(table: &shape::Attribute, findings: &mut Findings<'_>) -> Access {
    use shape::Rights;
    let person = table.person.as_ref().map_or(Rights::Read, |person| *person.get_ref());
    let admin = table.admin.as_ref().map_or(Rights::Write, |admin| *admin.get_ref());
    if person == Rights::None && admin == Rights::None && table.claims == Some(false) {
        let fix = "let somebody read it, or leave the attribute out";
        findings.error(table.name.span(), "person", "nobody may read this", fix);
    }
    Access {
        person_reads: person != Rights::None,
        admin_reads: admin != Rights::None,
        admin_writes: admin == Rights::Write,
        claims_read: table.claims.unwrap_or(true),
    }
}

fn kind(table: &shape::Attribute, findings: &mut Findings<'_>) -> Kind {
    let kind = table.kind.unwrap_or(shape::AttributeType::String);
    if let Some(choices) = table.choices.as_ref().filter(|_| kind != shape::AttributeType::Enum) {
        findings.error(choices.span(), "choices", "only an enum has choices", "add type = \"enum\", or leave them out");
    }
    match kind {
        shape::AttributeType::String => Kind::Text,
        shape::AttributeType::Integer => Kind::Integer,
        shape::AttributeType::Boolean => Kind::Boolean,
        shape::AttributeType::Email => Kind::Email,
        shape::AttributeType::Phone => Kind::Phone,
        shape::AttributeType::Date => Kind::Date,
        shape::AttributeType::Url => Kind::Url,
        shape::AttributeType::List => Kind::List,
        shape::AttributeType::Enum => Kind::Choice(choices(table, findings)),
    }
}

fn choices(table: &shape::Attribute, findings: &mut Findings<'_>) -> Vec<Choice> {
    let Some(written) = table.choices.as_ref().filter(|written| !written.get_ref().is_empty()) else {
        let fix = "add choices = [\"small\", \"large\"], or [{ value = \"s\", label = { en = \"small\" } }]";
        findings.error(table.name.span(), "choices", "there is nothing to choose from", fix);
        return Vec::new();
    };
    if written.get_ref().len() > MOST_CHOICES {
        let what = format!("there are more than {MOST_CHOICES} choices");
        findings.error(written.span(), "choices", what, "take type = \"string\" with a pattern");
    }
    let mut unique = Unique::default();
    let mut one = |choice: &shape::Choice| {
        let (value, labels) = match choice {
            shape::Choice::Plain(value) => (value, BTreeMap::new()),
            shape::Choice::Labelled { value, label } => {
                (value, by_language(label, written.span(), "choices", findings))
            }
        };
        names::label(value, written.span(), "choices", findings);
        unique.check(value, written.span(), "choices", findings);
        Choice { value: value.clone(), labels }
    };
    written.get_ref().iter().map(&mut one).collect()
}

fn constraints(table: &shape::Attribute, findings: &mut Findings<'_>) -> Constraints {
    use shape::AttributeType as Type;
    let kind = table.kind.unwrap_or(Type::String);
    let range = table.min.as_ref().or(table.max.as_ref());
    if let Some(bound) = range.filter(|_| kind != Type::Integer) {
        let fix = "take min_chars and max_chars for a text, or type = \"integer\"";
        findings.error(bound.span(), "min", "only a number has a smallest and a largest", fix);
    }
    let numbers = [Type::Integer, Type::Boolean].contains(&kind);
    let of_text = [table.min_chars.as_ref().map(Spanned::span), table.pattern.as_ref().map(Spanned::span)];
    if let Some(span) = of_text.into_iter().flatten().next().filter(|_| numbers) {
        findings.error(span, "pattern", "only texts have a length and a pattern", "leave it out");
    }
    let min_chars = chars(table.min_chars.as_ref(), "min_chars", findings);
    let max_chars = table.max_chars.as_ref().map_or(DEFAULT_CHARS, |max| usize::try_from(*max.get_ref()).unwrap_or(0));
    let plain = |bound: &Option<Spanned<i64>>| bound.as_ref().map(|bound| *bound.get_ref());
    let (min, max) = (plain(&table.min), plain(&table.max));
    let empty = min.zip(max).is_some_and(|(min, max)| min > max) || min_chars.is_some_and(|min| min > max_chars);
    if empty {
        let what = "no value is within these bounds";
        findings.error(table.name.span(), "min", what, "make the smallest no larger than the largest");
    }
    Constraints {
        min_chars,
        min,
        max,
        pattern: table.pattern.as_ref().and_then(|written| pattern(written, findings)),
        hints: table
            .hint
            .as_ref()
            .map_or_else(BTreeMap::new, |hint| by_language(hint.get_ref(), hint.span(), "hint", findings)),
    }
}

fn pattern(written: &shape::Text, findings: &mut Findings<'_>) -> Option<Pattern> {
    Pattern::parse(written.get_ref())
        .map_err(|why| {
            let why = why.lines().last().unwrap_or_default().trim().to_owned();
            let what = format!("this pattern cannot be used: {why}");
            let fix = "write a regular expression without back-references and looking around; it is for the whole text";
            findings.error(written.span(), "pattern", what, fix);
        })
        .ok()
}

fn chars(written: Option<&Spanned<i64>>, key: &str, findings: &mut Findings<'_>) -> Option<usize> {
    let written = written?;
    let chars = usize::try_from(*written.get_ref()).ok().filter(|chars| (1..=MOST_CHARS).contains(chars));
    if chars.is_none() {
        let what = format!("a value cannot have {} characters here", written.get_ref());
        findings.error(written.span(), key, what, format!("choose 1 to {MOST_CHARS}"));
    }
    chars
}

/// Notes a claim or condition that rests on an attribute which none may rest on.
pub(super) fn readable(name: &str, schema: &[Attribute], span: Range<usize>, key: &str, findings: &mut Findings<'_>) {
    if schema.iter().any(|attribute| attribute.name == name && !attribute.access.claims_read) {
        let what = format!("{name} has claims = false: no claim and no condition may rest on it");
        findings.error(span, key, what, "take another attribute, or let claims read this one");
    }
}
