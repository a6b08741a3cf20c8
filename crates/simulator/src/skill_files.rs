//! Finding the files of a skill in a folder, whatever its layout, by what they hold.

use std::fs;
use std::path::{Path, PathBuf};

use sayso_alexa::check::LOCALES;
use sayso_alexa::package::{SkillFile, kind_of};

use crate::settings::OpenError;

/// A file of a skill.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    pub(crate) kind: SkillFile,
    pub(crate) bytes: Vec<u8>,
}

/// No package is nested deeper; a folder that holds itself ends here.
const DEEPEST: usize = 16;
/// A larger file is no file of a skill package.
const LARGEST: u64 = 32 * 1024 * 1024;
/// Folders that hold other people's files.
const FOREIGN: [&str; 4] = ["node_modules", "target", "venv", "__pycache__"];

/// The models, manifests and account-linking files in `folder` and below, in an order that does not depend on the disk.
///
/// # Errors
/// When there is no such folder or file, or a file in it cannot be read.
pub(crate) fn find(folder: &Path) -> Result<Vec<Found>, OpenError> {
    let mut found = Vec::new();
    if !folder.exists() {
        let what = "there is no such folder or file".to_owned();
        let fix = "name a skill's folder, the one that holds skill-package or models, or one of its files".to_owned();
        return Err(OpenError::Missing { folder: folder.to_owned(), what, fix });
    }
    if folder.is_file() {
        take(folder.to_owned(), &mut found)?;
    } else {
        walk(folder, 0, &mut found)?;
    }
    Ok(found)
}

fn walk(folder: &Path, depth: usize, into: &mut Vec<Found>) -> Result<(), OpenError> {
    let unreadable = |error| OpenError::Unreadable { file: folder.to_owned(), error };
    let mut entries = fs::read_dir(folder).map_err(unreadable)?.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().to_lowercase());
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() && depth < DEEPEST && !name.starts_with('.') && !FOREIGN.contains(&name.as_str()) {
            walk(&path, depth + 1, into)?;
        } else if name.ends_with(".json") && path.is_file() && path.metadata().is_ok_and(|file| file.len() <= LARGEST) {
            take(path, into)?;
        }
    }
    Ok(())
}

fn take(path: PathBuf, into: &mut Vec<Found>) -> Result<(), OpenError> {
    let bytes = crate::package::read(&path)?;
    let shown = path.to_string_lossy().replace('\\', "/");
    if let Some(kind) = kind_of(&shown, &bytes) {
        into.push(Found { path, kind, bytes });
    }
    Ok(())
}

/// The locale in a file's path: of its name (`en-US.json`, `model-de-DE.json`), else of a folder around it.
pub(crate) fn locale_in(path: &Path) -> Option<String> {
    let parts = path.components().rev().map(|part| part.as_os_str().to_string_lossy().into_owned());
    parts.take(3).find_map(|part| {
        let words: Vec<&str> = part.split(|c: char| !c.is_ascii_alphabetic()).collect();
        let pairs = words.iter().zip(words.iter().skip(1));
        let is_locale = |language: &str, country: &str| {
            language.len() == 2
                && country.len() == 2
                && language.chars().all(|c| c.is_ascii_lowercase())
                && country.chars().all(|c| c.is_ascii_uppercase())
        };
        let mut locales = pairs.filter(|(language, country)| is_locale(language, country));
        locales.next().map(|(language, country)| format!("{language}-{country}"))
    })
}

/// The model in `place` to speak to in `locale`: the file itself, or of a folder's models the one of that locale, else of
/// that language, else, when no locale is asked for, the English or the only one. Also says which locale it has.
///
/// # Errors
/// When the place cannot be read, or holds no such model; when the locale is none of Alexa's.
pub fn choose_model(place: &Path, locale: Option<&str>) -> Result<(PathBuf, String), OpenError> {
    let missing = |what: String, fix: String| Err(OpenError::Missing { folder: place.to_owned(), what, fix });
    let unknown = locale.filter(|locale| !LOCALES.contains(locale));
    if place.is_file() {
        if let Some(unknown) = unknown {
            let fix = format!("write one of --locale {}", LOCALES.join(", "));
            return missing(format!("{unknown:?} is none of Alexa's locales"), fix);
        }
        let own = locale_in(place).unwrap_or_else(|| "en-US".to_owned());
        return Ok((place.to_owned(), locale.map_or(own, str::to_owned)));
    }
    let models = find(place)?.into_iter().filter(|found| found.kind == SkillFile::Model);
    let models: Vec<(PathBuf, Option<String>)> = models
        .map(|found| (found.path.clone(), locale_in(found.path.strip_prefix(place).unwrap_or(&found.path))))
        .collect();
    let own = |want: &str| models.iter().find(|(_, own)| own.as_deref().is_some_and(|own| own.starts_with(want)));
    let language = |locale: &str| locale.get(..3).map(str::to_owned).unwrap_or_default();
    let chosen = match locale {
        Some(_) if unknown.is_some() => None,
        Some(locale) => {
            own(locale).or_else(|| own(&language(locale))).or_else(|| models.first().filter(|(_, own)| own.is_none()))
        }
        None => own("en-US").or_else(|| own("en-")).or_else(|| models.first()),
    };
    let Some((path, own)) = chosen else {
        let here: Vec<&str> = models.iter().filter_map(|(_, own)| own.as_deref()).collect();
        let what = match (unknown, locale) {
            (Some(unknown), _) => format!("{unknown:?} is none of Alexa's locales"),
            (None, locale) => format!("there is no model for {}", locale.unwrap_or_default()),
        };
        return match here.as_slice() {
            _ if models.is_empty() => {
                missing("there is no interaction model here".into(), "name a skill's folder, or a model's file".into())
            }
            [] => missing(
                what,
                "leave --locale out, or write one such as en-US: the models here do not say theirs".into(),
            ),
            here => missing(what, format!("choose one of --locale {}", here.join(", "))),
        };
    };
    let locale = locale.map(str::to_owned).or_else(|| own.clone()).unwrap_or_else(|| "en-US".to_owned());
    Ok((path.clone(), locale))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_stands_in_the_path() {
        for (path, expected) in [
            ("models/en-US.json", Some("en-US")),
            ("x/model-de-DE-downloaded.json", Some("de-DE")),
            ("custom/pt-BR/model.json", Some("pt-BR")),
            ("custom/fr_CA.json", Some("fr-CA")),
            ("my-skill/IntentSchema.json", None),
            ("models/EN-us.json", None),
        ] {
            assert_eq!(locale_in(Path::new(path)).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn of_several_models_the_locale_asked_for_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let models = folder.path().join("models");
        fs::create_dir(&models).unwrap();
        for locale in ["de-DE", "en-GB", "en-US"] {
            fs::write(models.join(format!("{locale}.json")), r#"{"languageModel": {"intents": []}}"#).unwrap();
        }
        fs::write(models.join("fr-FR.txt"), "no model").unwrap();
        for (asked, file, locale) in [
            (None, "en-US.json", "en-US"),
            (Some("de-DE"), "de-DE.json", "de-DE"),
            (Some("en-AU"), "en-GB.json", "en-AU"),
        ] {
            let (path, own) = choose_model(folder.path(), asked).unwrap();
            assert!(path.ends_with(file) && own == locale, "{asked:?}: {}", path.display());
        }
        let error = choose_model(folder.path(), Some("fr-FR")).unwrap_err().to_string();
        assert!(error.contains("no model for fr-FR") && error.contains("de-DE, en-GB, en-US"), "{error}");
        for unknown in ["xx", "xx-YY", "en_US", "en", ""] {
            let error = choose_model(folder.path(), Some(unknown)).unwrap_err().to_string();
            assert!(error.contains("none of Alexa's locales") && error.contains("de-DE, en-GB, en-US"), "{error}");
            let error = choose_model(&models.join("en-US.json"), Some(unknown)).unwrap_err().to_string();
            assert!(error.contains("none of Alexa's locales") && error.contains("pt-BR"), "{error}");
        }
        let nothing = choose_model(&folder.path().join("nowhere"), None).unwrap_err().to_string();
        assert!(nothing.contains("nowhere: there is no such folder or file; name a skill's folder"), "{nothing}");
    }
}
