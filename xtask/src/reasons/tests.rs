#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The page is what the code says, and no reason is left without a meaning and a remedy.
#[test]
fn the_page_is_complete_and_true() {
    let written = page(root()).unwrap();
    let there = std::fs::read_to_string(root().join(PAGE)).unwrap();
    assert!(
        there == written,
        "{PAGE} is not what the code says: run `cargo xtask reasons`, and look at what it changed"
    );
    let rows: Vec<&str> = written.lines().filter(|line| line.starts_with("| `")).collect();
    assert!(rows.len() > 100, "only {} reasons: are they still found?", rows.len());
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let (meaning, remedy) = (cells[cells.len() - 2], cells[cells.len() - 1]);
        let what_to_do = "add a comment to the variant, or a row to xtask/src/reasons/remedies.rs";
        assert!(!meaning.is_empty() && !remedy.is_empty() && remedy != "|", "{row}: {what_to_do}");
    }
}

#[test]
fn reasons_are_found_however_they_are_given() {
    let source = r#"
        //! May this be?
        /// Why not.
        pub enum Refused {
            /// Too late, see [`now`].
            ///
            /// More of it.
            Late,
            /// Too much.
            Much { bytes: usize },
            /// Not theirs.
            Theirs(u8),
            /// Of another.
            Other(Inner),
        }
        impl Refusal for Refused {
            fn error(&self) -> ErrorCode {
                match self {
                    Self::Late => ErrorCode::InvalidGrant,
                    _ => ErrorCode::InvalidRequest,
                }
            }
            fn reason(&self) -> &'static str {
                match self {
                    Self::Late => "too_late",
                    Self::Much { .. } | Self::Theirs(_) => "too_much",
                    Self::Other(inner) => inner.reason(),
                }
            }
            fn description(&self) -> &'static str {
                match self {
                    Self::Late => "come earlier",
                    _ => "come another way",
                }
            }
        }
        fn route() {
            asker.refused(&place, StatusCode::BAD_REQUEST, "form_unreadable");
            tracing::warn!(reason = "guessing", %address, "too many tries");
            return Err(invalid("prompt", "prompt is odd"));
        }
        const A: Fault = fault(ErrorCode::LoginRequired, "login_required", "nobody is there");
        #[cfg(test)]
        mod tests {
            fn route() { asker.refused(&place, StatusCode::OK, "only_in_tests"); }
        }
    "#;
    let texts = texts("error-form_unreadable = It cannot be read\nerror-form_unreadable-remedy = Send it again.");
    let chapter = find::chapter("crates/authority/src/a.rs", &syn::parse_file(source).unwrap(), &texts).unwrap();
    let told: Vec<_> = chapter
        .reasons
        .iter()
        .map(|reason| (reason.code.as_str(), reason.wire.as_deref().unwrap_or(""), reason.meaning.as_str()))
        .collect();
    assert_eq!((chapter.krate.as_str(), chapter.title.as_str()), ("authority", "May this be?"));
    assert_eq!(
        told,
        [
            ("form_unreadable", "", "It cannot be read"),
            ("guessing", "", "too many tries"),
            ("login_required", "login_required", "nobody is there"),
            ("prompt", "invalid_request", "prompt is odd"),
            ("too_late", "invalid_grant", "Too late, see [`now`]."),
            ("too_much", "invalid_request", "Too much."),
        ]
    );
    let late = chapter.reasons.iter().find(|reason| reason.code == "too_late").unwrap();
    assert_eq!(late.remedy, "come earlier");
    let printed = print::page(&[chapter]);
    assert!(printed.contains("| `too_late` | `invalid_grant` | Too late, see `now`. | come earlier |"), "{printed}");
}
