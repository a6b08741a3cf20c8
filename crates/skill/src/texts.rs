//! What a skill says in each language, in Fluent's files.

use std::collections::BTreeMap;
use std::fmt;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use sayso_alexa::ssml::{Ssml, escape};

pub use fluent_bundle::FluentValue;

/// The texts of all languages; see [`crate::SkillBuilder::texts`].
///
/// ```
/// use sayso_skill::Texts;
///
/// let texts = Texts::new("en", "welcome = Welcome, { $name }!\nbye = Goodbye.")?
///     .language("de", "welcome = Willkommen, { $name }!\nbye = Tschüss.")?;
/// assert_eq!(texts.words(Some("de-AT"), "welcome", [("name", "Ada".into())])?, "Willkommen, Ada!");
/// assert_eq!(texts.words(Some("fr-FR"), "bye", [])?, "Goodbye.");
/// // What lacks a text is told where the skill is put together, not to whoever speaks that language.
/// assert!(Texts::new("en", "welcome = Hi\nbye = Bye")?.language("de", "welcome = Hallo").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Texts {
    bundles: BTreeMap<String, FluentBundle<FluentResource>>,
    ids: Vec<String>,
    default: String,
}

/// Texts that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTexts {
    /// Not a language tag, as `en` or `pt-BR`.
    #[error("{0} is no language tag")]
    NoTag(String),
    /// Not Fluent's syntax.
    #[error("the texts in {language}, line {line}: {problem}")]
    Syntax {
        /// In which language.
        language: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// The language lacks texts that the first one has.
    #[error("the texts in {language} lack {}", .ids.join(", "))]
    Lacking {
        /// Which language.
        language: String,
        /// What is not there.
        ids: Vec<String>,
    },
}

/// There is no such text, or it could not be filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoText {
    /// No text has this id.
    #[error("no text is named {0}")]
    Unknown(String),
    /// A variable of the text was not given, or a part of it refers to nothing.
    #[error("the text {id} could not be filled in: {problem}")]
    Incomplete {
        /// Which text.
        id: String,
        /// What Fluent says.
        problem: String,
    },
    /// The skill was built without texts.
    #[error("the skill has no texts; name some with `texts` when it is built")]
    NoTexts,
}

impl Texts {
    /// The texts of the first language, which is also spoken where no other fits.
    ///
    /// # Errors
    /// Not a language tag, or not Fluent's syntax.
    pub fn new(language: &str, file: &str) -> Result<Self, BadTexts> {
        let (resource, bundle) = read(language, file)?;
        Ok(Self {
            ids: resource,
            bundles: BTreeMap::from([(language.to_ascii_lowercase(), bundle)]),
            default: language.to_ascii_lowercase(),
        })
    }

    /// The texts of another language.
    ///
    /// # Errors
    /// Not a language tag, not Fluent's syntax, or a text of the first language is missing.
    pub fn language(mut self, language: &str, file: &str) -> Result<Self, BadTexts> {
        let (_, bundle) = read(language, file)?;
        let ids: Vec<String> = self.ids.iter().filter(|id| !bundle.has_message(id)).cloned().collect();
        if !ids.is_empty() {
            return Err(BadTexts::Lacking { language: language.to_owned(), ids });
        }
        self.bundles.insert(language.to_ascii_lowercase(), bundle);
        Ok(self)
    }

    /// A text as words, in the language nearest to `locale`: that itself, one with fewer parts, another of the same language, or the
    /// first.
    ///
    /// # Errors
    /// There is no such text, or a variable is missing.
    pub fn words<'a>(
        &self,
        locale: Option<&str>,
        id: &str,
        args: impl IntoIterator<Item = (&'a str, FluentValue<'a>)>,
    ) -> Result<String, NoText> {
        let unknown = || NoText::Unknown(id.to_owned());
        let bundle = self.nearest(locale).ok_or_else(unknown)?;
        let pattern = bundle.get_message(id).and_then(|message| message.value()).ok_or_else(unknown)?;
        let args: FluentArgs<'_> = args.into_iter().collect();
        let mut problems = Vec::new();
        let words = bundle.format_pattern(pattern, Some(&args), &mut problems).into_owned();
        match problems.first() {
            None => Ok(words),
            Some(problem) => Err(NoText::Incomplete { id: id.to_owned(), problem: problem.to_string() }),
        }
    }

    /// A text that holds SSML; what is filled in is escaped and stays words.
    ///
    /// # Errors
    /// As [`Self::words`].
    pub fn markup<'a>(
        &self,
        locale: Option<&str>,
        id: &str,
        args: impl IntoIterator<Item = (&'a str, FluentValue<'a>)>,
    ) -> Result<Ssml, NoText> {
        let args = args.into_iter().map(|(name, value)| match value {
            FluentValue::String(words) => (name, FluentValue::from(escape(&words))),
            other => (name, other),
        });
        Ok(Ssml::from_file(self.words(locale, id, args)?))
    }

    fn nearest(&self, locale: Option<&str>) -> Option<&FluentBundle<FluentResource>> {
        let wanted = locale.unwrap_or_default().to_ascii_lowercase();
        let mut tag = wanted.as_str();
        loop {
            if let Some(bundle) = self.bundles.get(tag) {
                return Some(bundle);
            }
            let Some((shorter, _)) = tag.rsplit_once('-') else { break };
            tag = shorter;
        }
        let language = wanted.split('-').next().unwrap_or_default();
        let related = self.bundles.iter().find(|(known, _)| known.split('-').next() == Some(language));
        related.map(|(_, bundle)| bundle).or_else(|| self.bundles.get(&self.default))
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.bundles.keys()).finish()
    }
}

/// The ids of a file, and what says them.
fn read(language: &str, file: &str) -> Result<(Vec<String>, FluentBundle<FluentResource>), BadTexts> {
    let tag = language.parse().map_err(|_| BadTexts::NoTag(language.to_owned()))?;
    let resource = FluentResource::try_new(file.to_owned()).map_err(|(resource, errors)| {
        let error = errors.first();
        let start = error.map_or(0, |error| error.pos.start);
        let line = resource.source().get(..start).unwrap_or_default().matches('\n').count() + 1;
        let problem = error.map_or_else(String::new, |error| error.kind.to_string());
        BadTexts::Syntax { language: language.to_owned(), line, problem }
    })?;
    // A message begins its line with its name; comments, terms (`-name`) and continuation lines do not.
    let begins = |line: &&str| line.starts_with(|sign: char| sign.is_ascii_alphabetic());
    let ids = file.lines().filter(begins).filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned())).collect();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Nothing is shown: signs that isolate directions of writing would be read out or choked on.
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    Ok((ids, bundle))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn texts() -> Texts {
        Texts::new("en-US", "hi = Hello, { $name }.\ncolor = <emphasis>{ $color }</emphasis>\npoints = { $count ->\n    [one] one point\n   *[other] { $count } points\n }")
            .unwrap()
            .language("de", "hi = Hallo, { $name }.\ncolor = <emphasis>{ $color }</emphasis>\npoints = { $count } Punkte")
            .unwrap()
    }

    #[test]
    fn the_nearest_language_is_spoken() {
        for (locale, expected) in [
            (Some("de-DE"), "Hallo, Ada."),
            (Some("DE"), "Hallo, Ada."),
            (Some("de-CH-1996"), "Hallo, Ada."),
            (Some("en-GB"), "Hello, Ada."),
            (Some("en"), "Hello, Ada."),
            (Some("ja-JP"), "Hello, Ada."),
            (Some(""), "Hello, Ada."),
            (None, "Hello, Ada."),
        ] {
            assert_eq!(texts().words(locale, "hi", [("name", "Ada".into())]).unwrap(), expected, "{locale:?}");
        }
        let points = |count: i64| texts().words(None, "points", [("count", count.into())]).unwrap();
        assert_eq!((points(1), points(2)), ("one point".to_owned(), "2 points".to_owned()));
    }

    /// ALX-012: also through a text with placeholders.
    #[test]
    fn what_is_filled_in_stays_words() {
        let said = texts().markup(None, "color", [("color", "</speak><audio src='x'/>".into())]).unwrap();
        assert_eq!(
            said.document(),
            "<speak><emphasis>&lt;/speak&gt;&lt;audio src=&apos;x&apos;/&gt;</emphasis></speak>"
        );
    }

    #[test]
    fn faults_are_told() {
        assert_eq!(texts().words(None, "no", []).unwrap_err(), NoText::Unknown("no".to_owned()));
        assert!(matches!(texts().words(None, "hi", []), Err(NoText::Incomplete { .. })));
        assert_eq!(Texts::new("x y", "").unwrap_err(), BadTexts::NoTag("x y".to_owned()));
        let syntax = Texts::new("en", "a = b\n= c").unwrap_err();
        assert!(matches!(syntax, BadTexts::Syntax { line: 2, .. }), "{syntax}");
        let lacking = Texts::new("en", "a = 1\nb = 2").unwrap().language("de", "b = 2").unwrap_err();
        assert_eq!(lacking.to_string(), "the texts in de lack a");
    }
}
