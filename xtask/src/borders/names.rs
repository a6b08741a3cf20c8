//! Names that say nothing. A file is named for what it answers.

use syn::visit::{self, Visit};

use crate::finding::Finding;

/// Forbidden for a module, a file or a folder, in the singular and in the plural.
const EMPTY_WORDS: [&str; 8] = ["common", "data", "helper", "info", "manager", "misc", "service", "util"];
const ADVICE: &str = "says nothing: name it for what it answers";

/// Checks each part of a path that leads to a Rust file.
pub(crate) fn check(file: &str) -> Option<Finding> {
    let part = file.split('/').find(|part| is_empty_word(part.strip_suffix(".rs").unwrap_or(part)))?;
    Some(Finding::error(file, 1, format!("the name {part} {ADVICE}")))
}

/// Checks modules that are written inside a file.
pub(crate) fn check_modules(file: &str, syntax: &syn::File) -> Vec<Finding> {
    let mut modules = InlineModules { file, findings: Vec::new() };
    modules.visit_file(syntax);
    modules.findings
}

/// `utils`, `infos` and `data` itself are caught; `userinfo`, an endpoint's name, is not.
fn is_empty_word(name: &str) -> bool {
    EMPTY_WORDS.contains(&name) || name.strip_suffix('s').is_some_and(|singular| EMPTY_WORDS.contains(&singular))
}

struct InlineModules<'a> {
    file: &'a str,
    findings: Vec<Finding>,
}

impl<'ast> Visit<'ast> for InlineModules<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let name = module.ident.to_string();
        // A module with its own file is judged by that file's name.
        if module.content.is_some() && is_empty_word(&name) {
            let line = module.ident.span().start().line;
            self.findings.push(Finding::error(self.file, line, format!("the name mod {name} {ADVICE}")));
        }
        visit::visit_item_mod(self, module);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn empty_words_are_found_as_file_and_as_folder() {
        for file in [
            "crates/a/src/util.rs",
            "crates/a/src/utils.rs",
            "crates/a/src/helpers/x.rs",
            "crates/a/tests/common/mod.rs",
        ] {
            assert!(check(file).is_some(), "{file}");
        }
        for file in ["crates/a/src/userinfo.rs", "crates/a/src/exchange_code.rs", "crates/a/src/database.rs"] {
            assert_eq!(check(file), None, "{file}");
        }
    }

    #[test]
    fn an_inline_module_is_judged_by_its_name() {
        let syntax = syn::parse_file("mod linking {\n    mod helpers { fn a() {} }\n}\nmod misc;\n").unwrap();
        let findings = check_modules("a.rs", &syntax);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].line, 2);
    }
}
