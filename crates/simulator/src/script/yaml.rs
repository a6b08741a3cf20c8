//! Scripts in YAML: documents with a configuration, or with a list that begins with `test:` and goes on with what is said.

use yaml_rust2::{Yaml, YamlLoader};

use super::{Expectation, Script, ScriptFault, ScriptedDialog, ScriptedStep, utterance};
use crate::faults::Fault;

pub(super) fn parse(text: &str) -> Result<Script, ScriptFault> {
    let documents = YamlLoader::load_from_str(text).map_err(|error| ScriptFault {
        line: error.marker().line(),
        what: format!("this is no YAML: {}", error.info()),
    })?;
    let mut script = Script::default();
    for document in &documents {
        match document {
            Yaml::Hash(_) => {
                if let Some(locale) = document["configuration"]["locale"].as_str() {
                    script.locale = Some(locale.to_owned());
                }
            }
            Yaml::Array(items) => script.dialogs.push(dialog(items)?),
            // A text alone is a remark, as published scripts have it.
            _ => {}
        }
    }
    if script.dialogs.is_empty() {
        return Err(ScriptFault {
            line: 1,
            what: "there is no dialog in it: write a list that begins with \"- test: …\"".into(),
        });
    }
    Ok(script)
}

fn dialog(items: &[Yaml]) -> Result<ScriptedDialog, ScriptFault> {
    let mut dialog = ScriptedDialog { name: "dialog".into(), ..ScriptedDialog::default() };
    for item in items {
        match item {
            Yaml::Hash(pairs) => {
                for (key, value) in pairs {
                    match scalar(key).as_deref() {
                        Some("test" | "test.only") => dialog.name = scalar(value).unwrap_or_default(),
                        Some("test.skip") => {
                            dialog.name = scalar(value).unwrap_or_default();
                            dialog.skipped = Some("the script skips it".into());
                        }
                        Some(said) => {
                            let (fault, expected) = wanted(expectations(value)?)?;
                            if expected.iter().any(|one| one.path.starts_with("request.session.")) {
                                dialog.skipped = Some("it sets the session's attributes from outside".into());
                            }
                            dialog.steps.push(ScriptedStep { utterance: utterance(said), fault, expected });
                        }
                        None => return Err(wrong("what is said must be a text")),
                    }
                }
            }
            other => {
                let said = scalar(other).ok_or_else(|| wrong("what is said must be a text"))?;
                dialog.steps.push(ScriptedStep { utterance: utterance(&said), fault: None, expected: Vec::new() });
            }
        }
    }
    Ok(dialog)
}

fn wrong(what: &str) -> ScriptFault {
    ScriptFault { line: 1, what: what.to_owned() }
}

/// The member `fault` is no expectation: it says what is to go wrong.
fn wanted(members: Vec<Expectation>) -> Result<(Option<Fault>, Vec<Expectation>), ScriptFault> {
    let (faults, expected): (Vec<_>, Vec<_>) = members.into_iter().partition(|one| one.path == "fault");
    let named = |one: &Expectation| match one.any_of.as_slice() {
        [name] => Fault::named(name).filter(|fault| fault.is_of_turns()).ok_or_else(|| {
            let known: Vec<&str> = Fault::ALL.iter().filter(|one| one.0.is_of_turns()).map(|one| one.1).collect();
            wrong(&format!("there is no fault {name:?}; there are {}", known.join(", ")))
        }),
        _ => Err(wrong("a step has one fault: write \"fault: signature-wrong\"")),
    };
    match faults.as_slice() {
        [] => Ok((None, expected)),
        [one] => Ok((Some(named(one)?), expected)),
        _ => Err(wrong("a step has one fault")),
    }
}

/// A text alone is what is spoken; a list of texts is one of them; a list of pairs names members of the turn.
fn expectations(value: &Yaml) -> Result<Vec<Expectation>, ScriptFault> {
    let items = match value {
        Yaml::Null => return Ok(Vec::new()),
        Yaml::Array(items) => items.clone(),
        Yaml::Hash(_) => vec![value.clone()],
        other => {
            let spoken = scalar(other).ok_or_else(|| wrong("an expectation must be a text"))?;
            return Ok(vec![Expectation::holds_text("prompt", &spoken)]);
        }
    };
    let texts: Vec<String> = items.iter().filter_map(operatorless).collect();
    if texts.len() == items.len() && !texts.is_empty() {
        return Ok(vec![Expectation { any_of: texts, ..Expectation::holds_text("prompt", "") }]);
    }
    let mut expected = Vec::new();
    for item in &items {
        match item {
            Yaml::Hash(pairs) => {
                for (path, wanted) in pairs {
                    let path = scalar(path).ok_or_else(|| wrong("the name of a member must be a text"))?;
                    expected.push(member(&path, wanted)?);
                }
            }
            other => expected.push(compared(&scalar(other).unwrap_or_default())?),
        }
    }
    Ok(expected)
}

/// A text that is no comparison.
fn operatorless(item: &Yaml) -> Option<String> {
    scalar(item).filter(|text| compared(text).is_err())
}

fn member(path: &str, wanted: &Yaml) -> Result<Expectation, ScriptFault> {
    let any_of = match wanted {
        Yaml::Array(options) => options.iter().filter_map(scalar).collect(),
        other => scalar(other).into_iter().filter(|text| text != "undefined").collect(),
    };
    Ok(Expectation { path: path.trim().to_owned(), any_of, negated: false, exact: false })
}

/// `path == value`, `path != value`, `path =~ /expression/`
fn compared(text: &str) -> Result<Expectation, ScriptFault> {
    let operators = [("==", false, true), ("=~", false, false), ("!=", true, false)];
    let mut found = operators.iter().filter_map(|(operator, negated, exact)| {
        let (path, wanted) = text.split_once(operator)?;
        let path = path.trim();
        let is_path = !path.is_empty() && path.chars().all(|c| c.is_ascii_alphanumeric() || "._-[]".contains(c));
        let wanted = wanted.trim().trim_matches('"').to_owned();
        is_path.then(|| Expectation { path: path.to_owned(), any_of: vec![wanted], negated: *negated, exact: *exact })
    });
    found.next().ok_or_else(|| wrong("an expectation must be \"member: value\", or compare with ==, != or =~"))
}

fn scalar(value: &Yaml) -> Option<String> {
    match value {
        Yaml::String(text) | Yaml::Real(text) => Some(text.clone()),
        Yaml::Integer(number) => Some(number.to_string()),
        Yaml::Boolean(yes) => Some(yes.to_string()),
        _ => None,
    }
}
