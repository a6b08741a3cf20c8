//! Names that people read, and names that travel.

use std::collections::BTreeMap;
use std::ops::Range;

use sayso_token::scope::parse_scope;
use sayso_token::visible::is_invisible;

use super::finding::Findings;
use super::shape::Text;

/// The longest name shown to people, in characters.
const LONGEST_NAME: usize = 80;
/// The longest sentence shown to people, in characters.
const LONGEST_SENTENCE: usize = 200;
/// The longest identifier of a client, audience or claim.
const LONGEST_IDENTIFIER: usize = 200;

/// A name that stands on pages: `name`, or `fallback` when there is none.
pub(super) fn shown(name: Option<&Text>, key: &str, fallback: &Text, findings: &mut Findings<'_>) -> String {
    let Some(name) = name else { return fallback.get_ref().clone() };
    check_shown(name, key, LONGEST_NAME, findings);
    name.get_ref().trim().to_owned()
}

/// A sentence that stands on pages.
pub(super) fn sentence(text: &Text, key: &str, findings: &mut Findings<'_>) -> String {
    check_shown(text, key, LONGEST_SENTENCE, findings);
    text.get_ref().trim().to_owned()
}

/// A label that stands on pages, somewhere in that span.
pub(super) fn label(text: &str, span: Range<usize>, key: &str, findings: &mut Findings<'_>) {
    check_text(text, span, (key, LONGEST_SENTENCE), findings);
}

fn check_shown(text: &Text, key: &str, longest: usize, findings: &mut Findings<'_>) {
    check_text(text.get_ref(), text.span(), (key, longest), findings);
}

fn check_text(shown: &str, span: Range<usize>, (key, longest): (&str, usize), findings: &mut Findings<'_>) {
    if shown.trim().is_empty() {
        findings.error(span.clone(), key, "this is empty", "people read it: write what they know it by");
    }
    if shown.chars().count() > longest {
        let what = format!("this is longer than {longest} characters");
        findings.error(span.clone(), key, what, "shorten it: it stands in headings and on narrow screens");
    }
    if let Some(sign) = shown.chars().find(|sign| hides(*sign)) {
        let what = format!("U+{:04X} stands in it, which changes how the text around it is shown", u32::from(sign));
        findings.error(span.clone(), key, what, "leave it out: a name on a login page must read as it is written");
    }
}

/// Control characters, and those that turn the direction of a text or cannot be seen.
fn hides(sign: char) -> bool {
    sign.is_control() || is_invisible(sign)
}

/// An identifier that travels in requests: visible ASCII.
pub(super) fn identifier(text: &Text, key: &str, findings: &mut Findings<'_>) {
    let id = text.get_ref();
    if id.is_empty() {
        findings.error(text.span(), key, "this is empty", "write the identifier that requests will carry");
    } else if !id.bytes().all(|byte| byte.is_ascii_graphic()) {
        let what = format!("{id:?} holds a blank, a control character or a letter beyond ASCII");
        findings.error(text.span(), key, what, "use visible ASCII characters only");
    } else if id.len() > LONGEST_IDENTIFIER {
        let what = format!("this is longer than {LONGEST_IDENTIFIER} characters");
        findings.error(text.span(), key, what, "choose a shorter identifier");
    }
}

/// A scope's name (RFC 6749 section 3.3).
pub(super) fn scope(text: &Text, key: &str, findings: &mut Findings<'_>) {
    let one = [text.get_ref().clone()];
    if parse_scope(text.get_ref()).as_deref() != Some(&one[..]) {
        let what = format!("{:?} is no scope name", text.get_ref());
        let fix = "use one word of visible ASCII without quotes and backslashes, such as read:whattowear";
        findings.error(text.span(), key, what, fix);
    }
}

/// The name of a profile attribute: a field of the account page, too.
pub(super) fn attribute(text: &Text, findings: &mut Findings<'_>) {
    let name = text.get_ref();
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !(plain && name.len() <= 40 && name.starts_with(|first: char| first.is_ascii_alphabetic())) {
        let what = format!("{name:?} cannot name an attribute");
        let fix = "begin with a letter, go on with letters, digits and _, at most 40 together";
        findings.error(text.span(), "name", what, fix);
    }
}

/// The short name of an authority or a connection (`of`): part of keys in the database, and of addresses.
pub(super) fn short(text: &Text, of: &str, findings: &mut Findings<'_>) {
    let id = text.get_ref();
    let plain = id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !(plain && !id.is_empty() && id.len() <= 40) {
        let article = if of.starts_with('a') { "an" } else { "a" };
        let what = format!("{id:?} cannot be the id of {article} {of}");
        findings.error(text.span(), "id", what, "use lower-case letters, digits and hyphens, at most 40 together");
    }
}

/// Finds what stands twice.
#[derive(Default)]
pub(super) struct Unique {
    seen: BTreeMap<String, usize>,
}

impl Unique {
    /// Notes an error when `value` was seen before.
    pub(super) fn check(&mut self, value: &str, span: Range<usize>, key: &str, findings: &mut Findings<'_>) {
        match self.seen.get(value) {
            Some(line) => {
                let what = format!("{value:?} stands here a second time, first in line {line}");
                findings.error(span, key, what, "give each its own");
            }
            None => {
                self.seen.insert(value.to_owned(), findings.line(span.start));
            }
        }
    }
}
