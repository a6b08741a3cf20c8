//! `cargo xtask borders`: the shape that the design promises, checked. Each module answers one question and returns its
//! findings; this one asks them all and prints the report.

mod arrows;
mod manifests;
mod names;
mod purity;
mod sizes;
mod wire_only;

use anyhow::Context;

use crate::finding::{Finding, Weight};
use crate::workspace::Workspace;

/// Checks everything and prints one line for each finding, then the counts. `true` when there is no error.
///
/// # Errors
/// When the workspace itself cannot be read: then nothing can be said about it.
pub(crate) fn run() -> anyhow::Result<bool> {
    let workspace = Workspace::read()?;
    let mut findings = arrows::check(&workspace);
    findings.extend(purity::check()?);
    findings.extend(manifests::check(&workspace)?);
    let mut functions = 0;
    let sources = workspace.sources()?;
    for path in &sources {
        let file = workspace.shown(path);
        let text = std::fs::read_to_string(path).with_context(|| file.clone())?;
        findings.extend(names::check(&file));
        findings.extend(sizes::check_file(&file, &text));
        match syn::parse_file(&text) {
            Ok(syntax) => {
                let measured = sizes::measure(&file, &syntax);
                functions += measured.functions;
                findings.extend(measured.findings);
                findings.extend(names::check_modules(&file, &syntax));
                findings.extend(wire_only::check(&file, &syntax));
            }
            Err(error) => {
                let line = error.span().start().line;
                findings.push(Finding::error(&file, line, format!("is not Rust that can be read: {error}")));
            }
        }
    }
    Ok(report(
        &findings,
        &format!("{} crates, {} files, {functions} functions", workspace.packages.len(), sources.len()),
    ))
}

/// Errors stand last, next to the counts, where the eye is when the run ends.
fn report(findings: &[Finding], what: &str) -> bool {
    let of = |weight| findings.iter().filter(move |finding| finding.weight == weight);
    of(Weight::Advice).chain(of(Weight::Error)).for_each(|finding| println!("{finding}"));
    let (errors, advice) = (of(Weight::Error).count(), of(Weight::Advice).count());
    println!("borders: {what}; {}, {advice} of advice", plural(errors));
    errors == 0
}

fn plural(errors: usize) -> String {
    match errors {
        0 => "no errors".to_owned(),
        1 => "1 error".to_owned(),
        many => format!("{many} errors"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_errors_fail_the_run() {
        let advice = || Finding { weight: Weight::Advice, ..Finding::error("a.rs", 1, "long") };
        assert!(report(&[], "nothing"));
        assert!(report(&[advice()], "one file"));
        assert!(!report(&[advice(), Finding::error("b.rs", 2, "longer")], "two files"));
    }

    #[test]
    fn a_finding_is_one_line_that_an_editor_can_follow() {
        assert_eq!(Finding::error("a/b.rs", 7, "too long").to_string(), "error  a/b.rs:7: too long");
    }
}
