//! Reading utterance cases and trying them on the models they name.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use sayso_alexa::interaction_model::InteractionModel;
use serde::Serialize;
use serde_json::Value;

use crate::model_file::read_model;
use crate::settings::OpenError;
use crate::understand::{Case, Got, Listener};

/// How one case ended.
#[derive(Clone, Debug, Serialize)]
pub struct CaseOutcome {
    /// Name of the case; its place in the file, counted from 1, when it has none.
    pub id: String,
    /// Whether everything expected came out, and nothing else.
    pub pass: bool,
    /// What came out; nothing when it could not be tried.
    pub got: Option<Got>,
    /// Why it did not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Cases of a file, and the models they need, each read once.
#[derive(Debug)]
pub struct UtteranceCases {
    cases: Vec<Value>,
    root: PathBuf,
    models: HashMap<String, Result<InteractionModel, String>>,
    listeners: HashMap<(String, String), Listener>,
}

impl UtteranceCases {
    /// Reads the cases in `file`: a JSON array, or one object a line. The models they name stand in `root`.
    ///
    /// # Errors
    /// When the file cannot be read or is neither.
    pub fn read(file: &Path, root: &Path) -> Result<Self, OpenError> {
        if !file.is_file() {
            let what = "there is no such file".to_owned();
            let fix =
                "name a file of utterances with what they should mean; docs/skill-tools.md describes it".to_owned();
            return Err(OpenError::Missing { folder: file.to_owned(), what, fix });
        }
        let bytes = crate::package::read(file)?;
        let cases = sayso_alexa::package::objects(&bytes)
            .map_err(|fault| OpenError::Package { file: file.to_owned(), fault })?;
        if !root.is_dir() {
            let (what, fix) =
                ("there is no such folder".to_owned(), "name the folder the cases' models stand in".to_owned());
            return Err(OpenError::Missing { folder: root.to_owned(), what, fix });
        }
        Ok(Self { cases, root: root.to_owned(), models: HashMap::new(), listeners: HashMap::new() })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// Tries them, in the file's order. A case that cannot be tried has not passed.
    pub fn outcomes(&mut self) -> impl Iterator<Item = CaseOutcome> {
        let Self { cases, root, models, listeners } = self;
        cases.iter().enumerate().map(move |(index, value)| {
            let own = value.get("id").and_then(Value::as_str);
            let id = own.map_or_else(|| format!("case {}", index + 1), str::to_owned);
            match attempt(value, root, models, listeners) {
                Ok((got, reason)) => CaseOutcome { id, pass: reason.is_none(), got: Some(got), reason },
                Err(reason) => CaseOutcome { id, pass: false, got: None, reason: Some(reason) },
            }
        })
    }
}

fn attempt(
    value: &Value,
    root: &Path,
    models: &mut HashMap<String, Result<InteractionModel, String>>,
    listeners: &mut HashMap<(String, String), Listener>,
) -> Result<(Got, Option<String>), String> {
    let case = Case::read(value).map_err(|error| format!("the case cannot be read: {error}"))?;
    let read = |path: &str| read_model(&root.join(path)).map(|(model, _)| model).map_err(|error| error.to_string());
    let model = models.entry(case.model.clone()).or_insert_with(|| read(&case.model)).as_ref().map_err(Clone::clone)?;
    let key = (case.model.clone(), case.locale.clone());
    let listener = listeners.entry(key).or_insert_with(|| Listener::new(model, &case.locale));
    let got = Got::from(&case.hear(listener, &model.invocation_name)?);
    let difference = case.difference(&got);
    Ok((got, difference))
}
