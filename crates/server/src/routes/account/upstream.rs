//! Signing in at a provider elsewhere: out to it, back with its answer, and signed out when it says so.
//!
//! What must be known when the answer comes travels sealed in a cookie of this browser; nothing is kept here before somebody is
//! signed in.

pub(crate) mod begin;
pub(crate) mod callback;
pub(crate) mod logout;

use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use sayso_authority::decide::authorize::Progress;
use sayso_authority::record::connection::Connection;
use sayso_connections::key_sets::FAILED;
use sayso_token::digest::Digest;
use sayso_token::encoding::{base64url, from_base64url};
use sayso_token::time::Timestamp;
use sayso_web::limits::retry_after;

use super::faces::{Asker, authority};
use super::flow::path_onward;
use crate::browser::browser;
use crate::pages::ErrorPage;
use crate::place::Place;

/// What a person goes on with when they are back.
enum Onward {
    /// Their account page.
    Account,
    /// Their account page, on which they wanted to connect the account elsewhere; the session in which they did.
    Connect(Digest),
    /// An authorization request.
    Flow {
        /// Its query.
        query: String,
        /// How far it had come.
        progress: Progress,
    },
}

impl Onward {
    fn to_text(&self) -> String {
        match self {
            Self::Account => "account".to_owned(),
            Self::Connect(session) => format!("connect {}", session.base64url()),
            Self::Flow { query, progress } => format!("flow {} {query}", base64url(&progress.to_bytes())),
        }
    }

    fn from_text(text: &str, now: Timestamp) -> Option<Self> {
        let (kind, rest) = text.split_once(' ').unwrap_or((text, ""));
        match kind {
            "account" => Some(Self::Account),
            "connect" => Some(Self::Connect(Digest::from_bytes(&from_base64url(rest)?)?)),
            "flow" => {
                let (progress, query) = rest.split_once(' ')?;
                let progress = Progress::from_bytes(&from_base64url(progress)?, now)?;
                Some(Self::Flow { query: query.to_owned(), progress })
            }
            _ => None,
        }
    }

    /// Where a new try begins.
    fn again(&self, place: &Place, asker: &Asker) -> String {
        match self {
            Self::Account => place.path("/login"),
            Self::Connect(_) => place.path("/account"),
            Self::Flow { query, progress } => {
                path_onward(place, "/login", (query, *progress), &browser(place, &asker.headers).0)
            }
        }
    }
}

/// The address at which the answers of a connection arrive: one for each, so that no provider's answer can be taken for another's
/// (RFC 9700 section 4.4.2.2).
fn redirect_uri(place: &Place, connection: &Connection) -> String {
    format!("{}/connections/{}/callback", place.authority().issuer, connection.id)
}

/// What comes between, beside what is decided.
#[derive(Clone, Copy)]
enum Trouble {
    /// Another session of this browser's pressed the button, or none is there any more.
    OtherSession,
    /// The authorization request is longer than a browser remembers.
    RequestTooLong,
    /// Too many leave for providers from one address.
    TooMany,
    /// The provider took longer than a page can wait, for all that it was asked.
    TooSlow,
}

impl Trouble {
    /// The stable reason code.
    const fn reason(self) -> &'static str {
        match self {
            Self::OtherSession => "upstream_other_session",
            Self::RequestTooLong => "upstream_too_long",
            Self::TooMany => "upstream_too_many",
            Self::TooSlow => "upstream_too_slow",
        }
    }
}

/// A page that says in words of its own why nothing came of it.
struct Failed<'a> {
    status: StatusCode,
    reason: &'a str,
    words: &'static str,
}

impl Failed<'_> {
    fn page(&self, (place, asker): (&Place, &Asker), connection: &Connection, again: Option<&str>) -> Response {
        tracing::warn!(reason = self.reason, connection = connection.id, "sign-in elsewhere refused");
        let page = ErrorPage::new(self.reason, &asker.request_id).told_as(self.words).about(&connection.name);
        let page = match again {
            Some(path) => page.again(path),
            None => page,
        };
        let answer = asker.show(place, self.status, &page.of(authority(place)));
        match self.status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                ([retry_after(FAILED)], answer).into_response()
            }
            _ => answer,
        }
    }
}

fn unknown(place: &Place, asker: &Asker) -> Response {
    asker.refused(place, StatusCode::NOT_FOUND, "connection_unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_goes_on_with_survives_the_journey() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let progress = Progress::arriving(now);
        let flow = Onward::Flow { query: "client_id=a&state=x y".to_owned(), progress };
        for onward in [Onward::Account, Onward::Connect(Digest::of(b"session")), flow] {
            let text = onward.to_text();
            assert_eq!(Onward::from_text(&text, now).map(|back| back.to_text()), Some(text));
        }
        for nonsense in ["", "connect", "connect AA", "flow", "flow  x", "flow AA x", "elsewhere x"] {
            assert!(Onward::from_text(nonsense, now).is_none(), "{nonsense}");
        }
    }
}
