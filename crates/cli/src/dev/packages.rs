//! The example skills' packages, as they are built in.

/// A skill of the demo.
pub(super) struct BuiltIn {
    /// Its name in addresses.
    pub(super) slug: &'static str,
    /// The id of the authority that its accounts are at.
    pub(super) authority: &'static str,
    /// Stands for the client's secret in the configuration.
    pub(super) secret_mark: &'static str,
    /// The files of its package: path below `skill-package`, content.
    pub(super) files: &'static [(&'static str, &'static str)],
}

/// The file of a package that says how its accounts are linked.
pub(super) const LINKING: &str = "accountLinking.json";
/// Stands in that file for the client's secret.
pub(super) const LINKING_SECRET_MARK: &str = "written-by-sayso-dev";

macro_rules! package {
    ($slug:literal, $($model:literal),+) => {
        &[
            ("skill.json", file!($slug, "skill.json")),
            $((
                concat!("interactionModels/custom/", $model, ".json"),
                file!($slug, "interactionModels/custom/", $model, ".json"),
            ),)+
            (LINKING, file!($slug, "accountLinking.json")),
        ]
    };
}

macro_rules! file {
    ($slug:literal, $($path:literal),+) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/", $slug, "/skill-package/", $($path),+))
    };
}

/// The skill of the second tutorial.
pub(super) const QUIZ: BuiltIn = BuiltIn {
    slug: "sample-quiz-game",
    authority: "quiz",
    secret_mark: "%QUIZ_SECRET%",
    files: package!("sample-quiz-game", "en-US", "de-DE"),
};

/// The skill of the first tutorial.
pub(super) const WARDROBE: BuiltIn = BuiltIn {
    slug: "what-should-i-wear",
    authority: "wardrobe",
    secret_mark: "%WARDROBE_SECRET%",
    files: package!("what-should-i-wear", "en-US"),
};

/// Both.
pub(super) const ALL: [&BuiltIn; 2] = [&QUIZ, &WARDROBE];
