//! Prints the page.

use std::fmt::Write as _;

use super::Chapter;

const HEAD: &str = "\
# Reason codes

<!-- Written by `cargo xtask reasons` from the code: change the comment on the refusal there, not this page. -->

Every refusal has a stable reason code. It stands in the log beside the request id, in the audit where an event is kept (its kinds are in
[the audit](../audit.md)), and on error pages. A client hears the RFC's error code instead, a person speaking hears neither. `sayso token preview` says before
a request what one would be refused with, and the nearest change that would allow it.

One reason may be given for several questions; it means the same in each.
";

/// The parts, in the order in which a reader looks for them.
const PARTS: [(&str, &str); 10] = [
    ("authority", "The authorization server's decisions"),
    ("server", "The authorization server's pages and endpoints"),
    ("web", "Forms and requests"),
    ("store", "The database"),
    ("connections", "Sources of identity"),
    ("acme", "Certificates that are fetched"),
    ("token", "Whether an access token suffices: the six checks"),
    ("alexa", "Requests to a skill, and its answers"),
    ("skill", "The skill itself"),
    ("simulator", "The simulator's start"),
];

pub(super) fn page(chapters: &[Chapter]) -> String {
    let mut page = HEAD.to_owned();
    let known = |krate: &str| PARTS.iter().any(|(name, _)| *name == krate);
    let others = chapters.iter().map(|chapter| chapter.krate.as_str()).filter(|krate| !known(krate));
    let mut parts: Vec<(&str, &str)> = PARTS.to_vec();
    for krate in others {
        if !parts.iter().any(|(name, _)| *name == krate) {
            parts.push((krate, krate));
        }
    }
    for (krate, title) in parts {
        let mut of_part = chapters.iter().filter(|chapter| chapter.krate == krate).peekable();
        if of_part.peek().is_some() {
            let _ = write!(page, "\n## {title}\n");
        }
        of_part.for_each(|chapter| section(chapter, &mut page));
    }
    page
}

fn section(chapter: &Chapter, page: &mut String) {
    let on_wire = chapter.reasons.iter().any(|reason| reason.wire.is_some());
    let _ = write!(page, "\n### {}\n\n", cell(&chapter.title));
    let _ = write!(
        page,
        "{}",
        if on_wire {
            "| reason | OAuth error | meaning | what to do |\n|---|---|---|---|\n"
        } else {
            "| reason | meaning | what to do |\n|---|---|---|\n"
        }
    );
    for reason in &chapter.reasons {
        let wire = match (&reason.wire, on_wire) {
            (Some(wire), _) => format!(" `{wire}` |"),
            (None, true) => " |".to_owned(),
            (None, false) => String::new(),
        };
        let _ = writeln!(page, "| `{}` |{wire} {} | {} |", reason.code, cell(&reason.meaning), cell(&reason.remedy));
    }
}

/// As it may stand in a table: comments link to code, which a reader of the page does not have.
fn cell(text: &str) -> String {
    // Texts of pages speak of the provider by its name.
    text.replace("{ $provider }", "the provider").replace("[`", "`").replace("`]", "`").replace('|', "\\|")
}
