//! What pages say, in Fluent files: embedded ones, and over them the owner's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use http::HeaderMap;
use rust_embed::RustEmbed;

use crate::locale::{Locale, negotiate};

/// The texts of all languages.
pub struct Texts {
    bundles: BTreeMap<Locale, FluentBundle<FluentResource>>,
    locales: Vec<Locale>,
}

/// Why texts cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadTexts {
    /// A file of the owner's folder cannot be read.
    #[error("cannot read {file}: {source}")]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not in Fluent's syntax.
    #[error("{file}, line {line}: {problem}")]
    Syntax {
        /// Which file.
        file: String,
        /// Where, counted from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A file name is no language tag.
    #[error("{0}: the name of a text file is a language tag, as in en.ftl or pt-BR.ftl")]
    NoTag(String),
}

impl Texts {
    /// The files `<tag>.ftl` of `E`, with those of `folder` laid over them message by message. A language that only
    /// the folder has is a language too; what it leaves out is said in English.
    ///
    /// # Errors
    /// Says which file and line.
    pub fn load<E: RustEmbed>(folder: Option<&Path>) -> Result<Self, BadTexts> {
        let mut texts = Self { bundles: BTreeMap::new(), locales: Vec::new() };
        for name in E::iter() {
            let Some(file) = E::get(&name) else { continue };
            texts.add(&name, String::from_utf8_lossy(&file.data).into_owned())?;
        }
        if let Some(folder) = folder.filter(|folder| folder.is_dir()) {
            let unreadable = |file: &Path| {
                let file = file.to_owned();
                move |source| BadTexts::Unreadable { file, source }
            };
            for entry in std::fs::read_dir(folder).map_err(unreadable(folder))? {
                let path = entry.map_err(unreadable(folder))?.path();
                if path.extension().is_some_and(|extension| extension == "ftl") {
                    let text = std::fs::read_to_string(&path).map_err(unreadable(&path))?;
                    texts.add(&path.to_string_lossy(), text)?;
                }
            }
        }
        texts.locales = texts.bundles.keys().cloned().collect();
        Ok(texts)
    }

    fn add(&mut self, file: &str, text: String) -> Result<(), BadTexts> {
        let stem = Path::new(file).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let tag = stem.parse().map_err(|_| BadTexts::NoTag(file.to_owned()))?;
        let resource = FluentResource::try_new(text).map_err(|(resource, errors)| {
            let error = errors.first();
            let start = error.map_or(0, |error| error.pos.start);
            let line = resource.source().get(..start).unwrap_or_default().matches('\n').count() + 1;
            let problem = error.map_or_else(String::new, |error| error.kind.to_string());
            BadTexts::Syntax { file: file.to_owned(), line, problem }
        })?;
        let bundle = self.bundles.entry(Locale::new(stem)).or_insert_with(|| {
            let mut bundle = FluentBundle::new_concurrent(vec![tag]);
            // Foreign names are stripped of bidirectional signs before they get here; isolation marks of our own
            // would only break searching and copying.
            bundle.set_use_isolating(false);
            bundle
        });
        bundle.add_resource_overriding(resource);
        Ok(())
    }

    /// The languages there are texts in.
    pub fn locales(&self) -> &[Locale] {
        &self.locales
    }

    /// The language for a request; see [`negotiate`].
    pub fn negotiate(&self, ui_locales: Option<&str>, headers: &HeaderMap) -> Locale {
        negotiate(&self.locales, ui_locales, headers)
    }

    /// Whether `key` is said in `locale` or, failing that, in English.
    pub fn has(&self, locale: &Locale, key: &str) -> bool {
        self.bundle_with(locale, key).is_some()
    }

    /// The languages that lack `key`; for tests that keep translations complete.
    pub fn lacking(&self, key: &str) -> Vec<&Locale> {
        self.bundles.iter().filter(|(_, bundle)| !bundle.has_message(key)).map(|(locale, _)| locale).collect()
    }

    /// The text of `key` in `locale`, else in English, with `args` filled in; `None` when no language has it.
    pub fn say(&self, locale: &Locale, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        let bundle = self.bundle_with(locale, key)?;
        let pattern = bundle.get_message(key)?.value()?;
        let mut problems = Vec::new();
        let text = bundle.format_pattern(pattern, Some(args), &mut problems).into_owned();
        if !problems.is_empty() {
            tracing::warn!(key, locale = locale.tag(), "a text names something it is not given");
        }
        Some(text)
    }

    fn bundle_with(&self, locale: &Locale, key: &str) -> Option<&FluentBundle<FluentResource>> {
        let said = |bundle: &&FluentBundle<FluentResource>| {
            bundle.get_message(key).is_some_and(|message| message.value().is_some())
        };
        let own = self.bundles.get(locale).filter(said);
        own.or_else(|| self.bundles.get(&Locale::new(Locale::FALLBACK)).filter(said))
    }
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Texts").field("locales", &self.locales).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    struct Files;

    impl RustEmbed for Files {
        fn get(name: &str) -> Option<rust_embed::EmbeddedFile> {
            let text = match name {
                "en.ftl" => {
                    "hello = Hello { $name }!\ndays = { $n ->\n    [one] one day\n   *[other] { $n } days\n }\nonly-en = English\n"
                }
                "de.ftl" => "hello = Hallo { $name }!\n",
                _ => return None,
            };
            let metadata = rust_embed::Metadata::__rust_embed_new([0; 32], None, None);
            Some(rust_embed::EmbeddedFile { data: Cow::Borrowed(text.as_bytes()), metadata })
        }

        fn iter() -> impl Iterator<Item = Cow<'static, str>> + 'static {
            ["en.ftl", "de.ftl"].into_iter().map(Cow::Borrowed)
        }
    }

    fn say(texts: &Texts, tag: &str, key: &str) -> Option<String> {
        let mut args = FluentArgs::new();
        args.set("name", "Ada");
        args.set("n", 1);
        texts.say(&Locale::new(tag), key, &args)
    }

    #[test]
    fn speaks_the_language_and_falls_back_to_english() {
        let texts = Texts::load::<Files>(None).unwrap();
        assert_eq!(say(&texts, "de", "hello").unwrap(), "Hallo Ada!");
        assert_eq!(say(&texts, "de", "only-en").unwrap(), "English");
        assert_eq!(say(&texts, "en", "days").unwrap(), "one day");
        assert_eq!(say(&texts, "xx", "hello").unwrap(), "Hello Ada!");
        assert_eq!(say(&texts, "en", "nowhere"), None);
        assert_eq!(texts.lacking("only-en"), [&Locale::new("de")]);
    }

    #[test]
    fn the_owners_folder_wins_and_may_add_a_language() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("en.ftl"), "hello = Ahoy { $name }!\n").unwrap();
        std::fs::write(folder.path().join("pt-BR.ftl"), "hello = Oi { $name }!\n").unwrap();
        let texts = Texts::load::<Files>(Some(folder.path())).unwrap();
        assert_eq!(say(&texts, "en", "hello").unwrap(), "Ahoy Ada!");
        assert_eq!(say(&texts, "en", "only-en").unwrap(), "English");
        assert_eq!(say(&texts, "pt-BR", "hello").unwrap(), "Oi Ada!");
        assert_eq!(texts.locales().len(), 3);
    }

    #[test]
    fn a_bad_file_is_named_with_its_line() {
        for (name, text, told) in
            [("en.ftl", "hello = Hi\n\n= broken\n", "line 3"), ("!!.ftl", "hello = Hi\n", "language tag")]
        {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(name), text).unwrap();
            let said = Texts::load::<Files>(Some(folder.path())).unwrap_err().to_string();
            assert!(said.contains(told) && said.contains(name), "{said}");
        }
    }
}
