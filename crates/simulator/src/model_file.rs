//! Reading an interaction model of either format from disk.

use std::fs;
use std::path::{Path, PathBuf};

use sayso_alexa::intent_schema::IntentSchema;
use sayso_alexa::interaction_model::InteractionModel;
use sayso_alexa::package::Fault;

use crate::package::read;
use crate::settings::OpenError;

/// A model, and the places in its files that could not be used.
pub type ReadModel = (InteractionModel, Vec<(PathBuf, Fault)>);

/// What the file of sample utterances is called in published packages, besides the schema's own name.
const SAMPLE_FILES: [&str; 4] = ["sampleutterances.txt", "sample_utterances.txt", "utterances.txt", "utterances"];
/// What the folder of slot types is called.
const TYPE_FOLDERS: [&str; 4] = ["customslottypes", "custom_slot_types", "slottypes", "slot_types"];

/// Reads the interaction model in `file`. One of the format before 2018 is completed by the files beside it: sample
/// utterances (`SampleUtterances.txt` or the like) and a text file for each slot type, there or in `customSlotTypes`.
///
/// # Errors
/// The file and line when one of the files cannot be read, or when a model of the old format has no samples.
pub fn read_model(file: &Path) -> Result<ReadModel, OpenError> {
    let bytes = read(file)?;
    let in_file = |file: &Path| {
        let file = file.to_owned();
        move |fault| OpenError::Package { file, fault }
    };
    let folder = file.parent().unwrap_or(Path::new("."));
    let samples = InteractionModel::is_of_the_old_format(&bytes).then(|| sample_file(file, folder)).flatten();
    let Some(samples) = samples else {
        return Ok((InteractionModel::parse(&bytes).map_err(in_file(file))?, Vec::new()));
    };
    let mut schema = IntentSchema::parse(&bytes).map_err(in_file(file))?;
    let unusable = schema.add_samples(&read(&samples)?).map_err(in_file(&samples))?;
    for (name, values) in type_files(folder, &schema) {
        schema.add_type(&name, &read(&values)?).map_err(in_file(&values))?;
    }
    Ok((schema.into_model(), unusable.into_iter().map(|fault| (samples.clone(), fault)).collect()))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// What a folder holds, in an order that does not depend on the disk.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    found.sort();
    found
}

fn sample_file(schema: &Path, folder: &Path) -> Option<PathBuf> {
    let files: Vec<PathBuf> = entries(folder).into_iter().filter(|path| path.is_file()).collect();
    // SimpleIntentSchema.json goes with SimpleSampleUtterances.txt.
    let own = name(schema).replace("intentschema", "sampleutterances").replace(".json", ".txt");
    let names = std::iter::once(own.as_str()).chain(SAMPLE_FILES);
    names.filter(|want| *want != name(schema)).find_map(|want| files.iter().find(|file| name(file) == want).cloned())
}

fn type_files(folder: &Path, schema: &IntentSchema) -> Vec<(String, PathBuf)> {
    let is_type_folder = |path: &PathBuf| path.is_dir() && TYPE_FOLDERS.contains(&name(path).as_str());
    let folders = entries(folder).into_iter().filter(is_type_folder);
    let files: Vec<PathBuf> = folders.flat_map(|folder| entries(&folder)).chain(entries(folder)).collect();
    let is_of = |file: &&PathBuf, kind: &str| {
        let is_text = file.extension().is_none_or(|extension| extension == "txt");
        is_text && file.is_file() && file.file_stem().is_some_and(|stem| stem == kind)
    };
    let kinds = schema.custom_types().into_iter();
    kinds.filter_map(|kind| Some((kind.to_owned(), files.iter().find(|file| is_of(file, kind))?.clone()))).collect()
}
