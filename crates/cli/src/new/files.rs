//! The files of a new skill.

use std::path::Path;

use super::name::Name;

/// The example whose name is replaced.
macro_rules! example {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/hello-you/", $path))),)+]
    };
}

/// The files that are the example's own.
const EXAMPLE: &[(&str, &str)] = example![
    ".gitignore",
    "README.md",
    "sayso.toml",
    "skill-package/accountLinking.json",
    "skill-package/interactionModels/custom/en-US.json",
    "skill-package/skill.json",
    "src/answers.rs",
    "src/lib.rs",
    "src/main.rs",
    "tests/conversation.rs",
];
/// The one that cannot be: the example takes its versions from the workspace.
const MANIFEST: &str = include_str!("manifest.toml");
/// How the example is formatted.
const FORMAT: &str = include_str!("../../../../rustfmt.toml");
/// Stands in the manifest for the SDK's folder.
const SDK: &str = "\"%SDK%\"";

/// Path and content of each file.
pub(super) fn of(name: &Name, sdk: &Path) -> Vec<(&'static str, String)> {
    let manifest = MANIFEST.replace(SDK, &toml::Value::from(sdk.display().to_string()).to_string());
    let named = |text: &str| {
        text.replace("hello-you", &name.slug())
            .replace("hello_you", &name.module())
            .replace("hello you", &name.spoken())
            .replace("Hello You", &name.title())
    };
    let example = EXAMPLE.iter().map(|(path, content)| (*path, named(content)));
    example.chain([("rustfmt.toml", FORMAT.to_owned()), ("Cargo.toml", named(&manifest))]).collect()
}
