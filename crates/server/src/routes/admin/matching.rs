//! `ETag` and `If-Match` (RFC 9110 sections 8.8.3 and 13.1.1, RFC 6585 section 3): nobody overwrites what they have not
//! seen.

use http::header::IF_MATCH;
use http::{HeaderMap, StatusCode};
use sayso_authority::record::group::Group;
use sayso_authority::record::user::User;
use sayso_token::digest::Digest;

use super::problem::Problem;

/// The versions of which the caller knows one.
pub(super) struct Expected(Vec<String>);

impl Expected {
    /// Reads `If-Match`; a change without it is refused.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut tags = Vec::new();
        for value in headers.get_all(IF_MATCH) {
            let value = value.to_str().map_err(|_| Problem::changed())?;
            tags.extend(value.split(',').map(|tag| tag.trim().to_owned()));
        }
        if tags.is_empty() {
            let detail = "read it first, and send its ETag in If-Match, so that nobody's change is overwritten unseen";
            return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "if_match_missing", detail));
        }
        Ok(Self(tags))
    }

    /// Whether it is one of them; `*` is any. Weak tags match nothing.
    pub(super) fn meets(&self, tag: &str) -> bool {
        self.0.iter().any(|known| known == "*" || known == tag)
    }
}

/// A strong tag of what this digest is of.
pub(super) fn tag(digest: &Digest) -> String {
    format!("\"{}\"", digest.base64url())
}

/// The tag of a group: another one after each change of the group itself. Who is in it is no part of it.
pub(super) fn group_tag(group: &Group) -> String {
    let whole = serde_json::to_string(&[&group.id.0, &group.name, &group.description]).unwrap_or_default();
    tag(&Digest::of(whole.as_bytes()))
}

/// The tag of an account: another one after each change, of the password as well.
pub(super) fn user_tag(user: &User) -> String {
    let attributes = serde_json::to_string(&user.attributes).unwrap_or_default();
    let whole = format!(
        "{}\n{}\n{}\n{:?}\n{attributes}",
        user.id.0,
        user.version,
        user.password_hash.expose(),
        user.disabled_at.map(sayso_token::time::Timestamp::millis)
    );
    tag(&Digest::of(whole.as_bytes()))
}
