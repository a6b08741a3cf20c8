//! What a new skill is called, in its four spellings.

use std::path::Path;

/// `lucky-number`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name(Vec<String>);

impl Name {
    /// The name in the last part of the path.
    ///
    /// # Errors
    /// It cannot be both a package's name and a skill's: two words or more in small letters, joined by hyphens.
    pub(super) fn of(folder: &Path) -> anyhow::Result<Self> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let words: Vec<String> = name.split('-').map(str::to_owned).collect();
        let is_word = |word: &String| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
        anyhow::ensure!(
            words.len() > 1 && words.iter().all(is_word),
            "{name:?} cannot be a skill's name: Alexa wants two words or more, numbers spelled out; write them in small letters, joined \
             by hyphens, such as lucky-number"
        );
        Ok(Self(words))
    }

    /// As folder, package and client call it: `lucky-number`.
    pub(super) fn slug(&self) -> String {
        self.0.join("-")
    }

    /// As Rust calls it: `lucky_number`.
    pub(super) fn module(&self) -> String {
        self.0.join("_")
    }

    /// As people call it: `lucky number`.
    pub(super) fn spoken(&self) -> String {
        self.0.join(" ")
    }

    /// As it stands in the store: `Lucky Number`.
    pub(super) fn title(&self) -> String {
        let capital = |word: &String| match word.split_at_checked(1) {
            Some((first, rest)) => first.to_uppercase() + rest,
            None => word.clone(),
        };
        self.0.iter().map(capital).collect::<Vec<_>>().join(" ")
    }
}
