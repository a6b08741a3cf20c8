//! The simulator is an OAuth client like any other: of `sayso_authority` it may use the words on the wire, and no decision.

use syn::UseTree;
use syn::visit::{self, Visit};

use crate::finding::Finding;

const WHERE: &str = "crates/simulator/src/";
const CRATE: &str = "sayso_authority";
const DOOR: &str = "wire";

/// Checks one file; files of other crates have nothing to answer.
pub(crate) fn check(file: &str, syntax: &syn::File) -> Vec<Finding> {
    if !file.starts_with(WHERE) {
        return Vec::new();
    }
    let mut paths = Paths { file, findings: Vec::new() };
    paths.visit_file(syntax);
    paths.findings
}

struct Paths<'a> {
    file: &'a str,
    findings: Vec<Finding>,
}

impl Paths<'_> {
    fn refuse(&mut self, ident: &syn::Ident) {
        let text =
            format!("the simulator uses {CRATE}::{ident}: it is an OAuth client, only {CRATE}::{DOOR} is open to it");
        self.findings.push(Finding::error(self.file, ident.span().start().line, text));
    }

    /// Judges what directly follows the crate's name in a `use`.
    fn judge_use(&mut self, tree: &UseTree) {
        match tree {
            UseTree::Path(path) if path.ident != DOOR => self.refuse(&path.ident),
            UseTree::Name(name) if name.ident != DOOR => self.refuse(&name.ident),
            UseTree::Rename(rename) if rename.ident != DOOR => self.refuse(&rename.ident),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.judge_use(item)),
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_use_path(&mut self, path: &'ast syn::UsePath) {
        if path.ident == CRATE {
            self.judge_use(&path.tree);
        }
        visit::visit_use_path(self, path);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut segments = path.segments.iter();
        if segments.next().is_some_and(|first| first.ident == CRATE)
            && let Some(second) = segments.next()
            && second.ident != DOOR
        {
            self.refuse(&second.ident);
        }
        visit::visit_path(self, path);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    fn lines(file: &str, text: &str) -> Vec<usize> {
        check(file, &syn::parse_file(text).unwrap()).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn the_words_on_the_wire_are_open() {
        let text = "use sayso_authority::wire::TokenReply;\nuse sayso_authority::{wire, wire::Grant};\nfn f(_: sayso_authority::wire::Code) {}\n";
        assert_eq!(lines("crates/simulator/src/linking.rs", text), [0; 0]);
    }

    #[test]
    fn decisions_and_records_are_not() {
        let text = "use sayso_authority::decide::refresh;\nuse sayso_authority::{wire::Grant, record};\nfn f(_: sayso_authority::record::User) {}\n";
        assert_eq!(lines("crates/simulator/src/linking.rs", text), [1, 2, 3]);
        assert_eq!(lines("crates/server/src/token.rs", text), [0; 0]);
    }
}
