//! From text to shape. What TOML or the shape refuses is told with its line and, for an unknown word, the nearest known
//! one.

use std::ops::Range;

use serde::Deserialize as _;
use strsim::damerau_levenshtein;
use toml::de::{DeTable, DeValue, Deserializer, Error};

use super::finding::Findings;
use super::shape::File;

/// After so many unknown keys the file is something else altogether.
const MOST_UNKNOWN_KEYS: usize = 20;

/// Reads the text, or notes why it cannot be read.
pub(super) fn parse(text: &str, findings: &mut Findings<'_>) -> Option<File> {
    let (table, faults) = DeTable::parse_recoverable(text);
    if !faults.is_empty() {
        for fault in &faults {
            let what = format!("this is not TOML: {}", fault.message());
            findings.error(span(fault), "", what, "see https://toml.io for how values are written");
        }
        return None;
    }
    let mut table = table.into_inner();
    for _ in 0..MOST_UNKNOWN_KEYS {
        let fault = match File::deserialize(Deserializer::from(toml::Spanned::new(0..text.len(), table.clone()))) {
            // What an unknown key was meant to say is missing now: other findings could be about that.
            Ok(file) => return (!findings.failed()).then_some(file),
            Err(fault) => fault,
        };
        let unknown = note(text, &fault, findings);
        // The next unknown key is looked for in what remains, so that all are told at once.
        if !(unknown && forget(&mut table, &span(&fault))) {
            break;
        }
    }
    None
}

fn span(fault: &Error) -> Range<usize> {
    fault.span().unwrap_or(0..0)
}

/// Notes the fault; whether it is an unknown key.
fn note(text: &str, fault: &Error, findings: &mut Findings<'_>) -> bool {
    let (message, span) = (fault.message(), span(fault));
    let place = place(fault);
    if let Some((known, word)) = words(message, "unknown field ") {
        let what = format!("unknown key {word:?}");
        findings.error(span, &parent(&place, &word), what, suggestion(&word, &known));
        return true;
    }
    if let Some((known, word)) = words(message, "unknown variant ") {
        findings.error(span, &place, format!("unknown value {word:?}"), suggestion(&word, &known));
    } else if let Some(key) = message.strip_prefix("missing field ") {
        let key = key.trim_matches('`');
        let table = text.get(span.clone()).and_then(|found| found.lines().next()).unwrap_or_default();
        let what = format!("{key} is missing");
        findings.error(span, &place, what, format!("add `{key} = …` to {}", table_name(table)));
    } else if place.contains("secret") || place.contains("password") {
        // The message could quote the value.
        findings.error(span, &place, "this is not a text", "write it between quotes");
    } else {
        let fix = "see docs/configuration.md for what stands here";
        findings.error(span, &place, message.replace('`', "\""), fix);
    }
    false
}

fn table_name(header: &str) -> &str {
    if header.starts_with('[') { header } else { "this table" }
}

/// The keys on the way to the fault: `authority.client.introspects`.
fn place(fault: &Error) -> String {
    // The library tells them only in its printed form.
    let mut bare = fault.clone();
    bare.set_input(None);
    let printed = bare.to_string();
    let keys = printed.lines().last().and_then(|line| line.strip_prefix("in `")?.strip_suffix('`'));
    keys.unwrap_or_default().to_owned()
}

fn parent(place: &str, key: &str) -> String {
    let parent = place.strip_suffix(key).unwrap_or(place);
    parent.trim_end_matches('.').to_owned()
}

/// The known words and the unknown one of serde's message: "unknown field `x`, expected one of `a`, `b`".
fn words(message: &str, beginning: &str) -> Option<(Vec<String>, String)> {
    let rest = message.strip_prefix(beginning)?.strip_prefix('`')?;
    let (unknown, expected) = rest.rsplit_once("`, expected ").or_else(|| rest.rsplit_once("`, there are no "))?;
    let known = expected.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    Some((known, unknown.to_owned()))
}

/// Names the nearest known word, and the others.
fn suggestion(word: &str, known: &[String]) -> String {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_'], "");
    let nearest = known.iter().min_by_key(|known| damerau_levenshtein(&plain(known), &plain(word)));
    match nearest {
        Some(nearest) if known.len() > 1 => {
            format!("did you mean {nearest:?}? Known here: {}", known.join(", "))
        }
        Some(nearest) => format!("the only one known here is {nearest:?}"),
        None => "leave it out".to_owned(),
    }
}

/// Takes the entry whose key stands at `span` out of the table; whether it was there.
fn forget(table: &mut DeTable<'_>, span: &Range<usize>) -> bool {
    let key = table.keys().find(|key| key.span() == *span).cloned();
    if let Some(key) = key {
        table.remove(&key);
        return true;
    }
    table.iter_mut().any(|(_, value)| forget_in(value.get_mut(), span))
}

fn forget_in(value: &mut DeValue<'_>, span: &Range<usize>) -> bool {
    match value {
        DeValue::Table(table) => forget(table, span),
        DeValue::Array(items) => items.iter_mut().any(|item| forget_in(item.get_mut(), span)),
        _ => false,
    }
}
