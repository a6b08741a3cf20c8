//! How long files and functions are, and how much a function is handed.

use syn::visit::{self, Visit};
use syn::{Attribute, Block, FnArg, Meta, Signature};

use crate::finding::{Finding, Weight};

/// Lines: more than the first is worth a thought, more than the second is an error.
struct Measure {
    advised: usize,
    hard: usize,
}

const FILE: Measure = Measure { advised: 400, hard: 600 };
const FUNCTION: Measure = Measure { advised: 60, hard: 100 };
/// Without the receiver.
const PARAMETERS: usize = 5;

/// What one file's functions gave.
pub(crate) struct Measured {
    pub(crate) functions: usize,
    pub(crate) findings: Vec<Finding>,
}

/// Checks the length of a file.
pub(crate) fn check_file(file: &str, text: &str) -> Option<Finding> {
    let lines = text.lines().count();
    weigh(&FILE, lines).map(|(weight, limit)| {
        let text = format!("{lines} lines, {limit}: split it by the questions it answers");
        Finding { weight, file: file.to_owned(), line: 1, text }
    })
}

/// Checks the length and the parameters of every function in a file, nested ones included. Test functions may be handed as
/// much as they like, but not be longer.
pub(crate) fn measure(file: &str, syntax: &syn::File) -> Measured {
    let in_tests = file.split('/').any(|part| part == "tests");
    let mut functions = Functions { file, in_tests, measured: Measured { functions: 0, findings: Vec::new() } };
    functions.visit_file(syntax);
    functions.measured
}

/// `None` when `lines` fits, else the weight of it and the limit in words.
fn weigh(measure: &Measure, lines: usize) -> Option<(Weight, String)> {
    if lines > measure.hard {
        Some((Weight::Error, format!("{} allowed", measure.hard)))
    } else if lines > measure.advised {
        Some((Weight::Advice, format!("{} advised", measure.advised)))
    } else {
        None
    }
}

struct Functions<'a> {
    file: &'a str,
    in_tests: bool,
    measured: Measured,
}

impl Functions<'_> {
    fn measure(&mut self, signature: &Signature, body: Option<&Block>, is_test: bool) {
        self.measured.functions += 1;
        let name = &signature.ident;
        // From the line of `fn` to that of the closing brace: comments and attributes above it are free.
        let line = signature.fn_token.span.start().line;
        let lines = body.map_or(1, |body| body.brace_token.span.close().end().line + 1 - line);
        if let Some((weight, limit)) = weigh(&FUNCTION, lines) {
            let text = format!("fn {name} has {lines} lines, {limit}: give its steps names of their own");
            self.measured.findings.push(Finding { weight, file: self.file.to_owned(), line, text });
        }
        let parameters = signature.inputs.iter().filter(|input| matches!(input, FnArg::Typed(_))).count();
        if parameters > PARAMETERS && !is_test {
            let text = format!(
                "fn {name} takes {parameters} parameters, {PARAMETERS} allowed: make a struct of those that belong together"
            );
            self.measured.findings.push(Finding::error(self.file, line, text));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let outside = self.in_tests;
        self.in_tests |= module.attrs.iter().any(is_cfg_test);
        visit::visit_item_mod(self, module);
        self.in_tests = outside;
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        let is_test = self.in_tests || function.attrs.iter().any(is_test_attribute);
        self.measure(&function.sig, Some(&function.block), is_test);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.measure(&function.sig, Some(&function.block), self.in_tests);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        self.measure(&function.sig, function.default.as_ref(), self.in_tests);
        visit::visit_trait_item_fn(self, function);
    }
}

/// `#[test]`, `#[tokio::test]` and their like.
fn is_test_attribute(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == "test")
}

fn is_cfg_test(attribute: &Attribute) -> bool {
    match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    fn findings(file: &str, text: &str) -> Vec<Finding> {
        measure(file, &syn::parse_file(text).unwrap()).findings
    }

    /// A function of exactly `lines` lines, below a comment and an attribute that do not count.
    fn function(head: &str, lines: usize) -> String {
        format!("/// Says.\n#[inline]\n{head} {{\n{}}}\n", "    let _ = 1;\n".repeat(lines - 2))
    }

    #[test]
    fn files_are_measured_in_lines() {
        assert_eq!(check_file("a.rs", &"//\n".repeat(400)), None);
        assert_eq!(check_file("a.rs", &"//\n".repeat(401)).unwrap().weight, Weight::Advice);
        assert_eq!(check_file("a.rs", &"//\n".repeat(600)).unwrap().weight, Weight::Advice);
        let finding = check_file("a.rs", &"//\n".repeat(601)).unwrap();
        assert_eq!(finding.weight, Weight::Error);
        assert!(finding.text.starts_with("601 lines, 600 allowed"), "{}", finding.text);
    }

    #[test]
    fn functions_are_measured_from_fn_to_the_closing_brace() {
        assert_eq!(findings("a.rs", &function("pub(crate) fn f()", 60)), []);
        let advice = findings("a.rs", &function("async fn f()", 61));
        assert_eq!((advice[0].weight, advice[0].line), (Weight::Advice, 3));
        assert_eq!(findings("a.rs", &function("fn f()", 100))[0].weight, Weight::Advice);
        let error = findings("a.rs", &function("fn f()", 101));
        assert_eq!(error[0].weight, Weight::Error);
        assert!(error[0].text.starts_with("fn f has 101 lines, 100 allowed"), "{}", error[0].text);
    }

    #[test]
    fn methods_trait_bodies_and_nested_functions_count() {
        for text in [
            format!("impl A {{\n{}}}", function("fn f(&self)", 101)),
            format!("trait A {{\n{}}}", function("fn f(&self)", 101)),
            format!("#[cfg(test)]\nmod tests {{\n{}}}", function("#[test] fn f()", 101)),
        ] {
            assert_eq!(findings("a.rs", &text).len(), 1, "{text}");
        }
        let nested = format!("fn outer() {{\n{}}}", function("fn f()", 101));
        assert_eq!(findings("a.rs", &nested).len(), 2);
        assert_eq!(measure("a.rs", &syn::parse_file("trait A { fn f(&self); }\nfn g() {}").unwrap()).functions, 2);
    }

    #[test]
    fn five_parameters_and_the_receiver_are_enough() {
        assert_eq!(findings("a.rs", "impl A { fn f(&self, a: u8, b: u8, c: u8, d: u8, e: u8) {} }"), []);
        assert_eq!(findings("a.rs", "\nfn f(a: u8, b: u8, c: u8, d: u8, e: u8, g: u8) {}")[0].line, 2);
        assert_eq!(findings("a.rs", "trait A { fn f(&self, a: u8, b: u8, c: u8, d: u8, e: u8, g: u8); }").len(), 1);
    }

    #[test]
    fn tests_may_be_handed_more() {
        let many = "fn f(a: u8, b: u8, c: u8, d: u8, e: u8, g: u8) {}";
        assert_eq!(findings("crates/a/tests/story.rs", many), []);
        assert_eq!(findings("a.rs", &format!("#[tokio::test]\nasync {many}")), []);
        assert_eq!(findings("a.rs", &format!("#[cfg(test)]\nmod tests {{ {many} }}")), []);
        assert_eq!(findings("a.rs", &format!("#[cfg(test)]\nmod tests {{}}\n{many}")).len(), 1);
        assert_eq!(findings("a.rs", &format!("#[cfg(not(test))]\nmod a {{ {many} }}")).len(), 1);
    }
}
