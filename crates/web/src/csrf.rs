//! Against forged forms: a token in the form, bound to the browser's cookie, and a look at where the form was sent from.

use std::sync::Arc;

use http::header::ORIGIN;
use http::{HeaderMap, HeaderValue};
use sayso_token::digest::Digest;
use sayso_token::entropy::SharedEntropy;
use sayso_token::seal::Sealer;
use sayso_token::time::{Clock, Lifetime, Timestamp};

/// The name of the form field that carries the token.
pub const FIELD: &str = "csrf";

/// Why a form is not taken for the reader's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForgedForm {
    /// Another site sent the form.
    #[error("the form was sent from another site")]
    CrossSite,
    /// The token was made for another purpose or browser, was changed, or is missing.
    #[error("the form does not belong to this browser")]
    NotThisBrowser,
    /// The form lay open too long.
    #[error("the form has expired")]
    Expired,
}

impl ForgedForm {
    /// Stable reason code.
    pub fn reason(self) -> &'static str {
        match self {
            Self::CrossSite => "form_cross_site",
            Self::NotThisBrowser => "form_not_this_browser",
            Self::Expired => "form_expired",
        }
    }
}

/// Makes and checks form tokens.
#[derive(Clone)]
pub struct Csrf {
    sealer: Arc<Sealer>,
    entropy: SharedEntropy,
    clock: Arc<dyn Clock>,
    lifetime: Lifetime,
}

impl Csrf {
    /// Tokens sealed by `sealer` that last an hour.
    pub fn new(sealer: Arc<Sealer>, entropy: SharedEntropy, clock: Arc<dyn Clock>) -> Self {
        Self { sealer, entropy, clock, lifetime: Lifetime::from_seconds(3600) }
    }

    /// Tokens that last `lifetime`.
    pub fn lasting(self, lifetime: Lifetime) -> Self {
        Self { lifetime, ..self }
    }

    /// A token for one kind of form (`purpose`, for example `login` or `main/consent`) in the browser that holds the
    /// cookie value `browser`.
    pub fn issue(&self, purpose: &str, browser: &str) -> String {
        let expires = (self.clock.now() + self.lifetime).millis();
        let plain = [&expires.to_be_bytes()[..], &Digest::of(browser.as_bytes()).as_bytes()[..]].concat();
        self.sealer.seal(&sealed_purpose(purpose), &plain, &mut self.entropy.clone())
    }

    /// Whether `token` was issued for this purpose and browser and has not expired.
    ///
    /// # Errors
    /// Says which of these fails.
    pub fn verify(&self, purpose: &str, browser: &str, token: &str) -> Result<(), ForgedForm> {
        let plain = self.sealer.open(&sealed_purpose(purpose), token).ok_or(ForgedForm::NotThisBrowser)?;
        let (expires, bound) = plain.split_first_chunk::<8>().ok_or(ForgedForm::NotThisBrowser)?;
        let bound = Digest::from_bytes(bound).ok_or(ForgedForm::NotThisBrowser)?;
        if browser.is_empty() || !bound.matches(&Digest::of(browser.as_bytes())) {
            return Err(ForgedForm::NotThisBrowser);
        }
        if self.clock.now() >= Timestamp::from_millis(i64::from_be_bytes(*expires)) {
            return Err(ForgedForm::Expired);
        }
        Ok(())
    }

    /// Both checks of a posted form: [`came_from_here`] and [`Self::verify`]. `own_origin` is the issuer's.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn check(&self, headers: &HeaderMap, own_origin: &str, form: &PostedForm<'_>) -> Result<(), ForgedForm> {
        came_from_here(headers, own_origin)?;
        self.verify(form.purpose, form.browser, form.token)
    }
}

/// What of a posted form the CSRF check looks at.
#[derive(Clone, Copy)]
pub struct PostedForm<'a> {
    /// The kind of form, as at [`Csrf::issue`].
    pub purpose: &'a str,
    /// The browser cookie's value; empty when there is none, which is refused.
    pub browser: &'a str,
    /// The posted [`FIELD`].
    pub token: &'a str,
}

fn sealed_purpose(purpose: &str) -> String {
    format!("csrf/{purpose}")
}

/// Whether the headers of a POST allow that our own page sent it. Browsers say in `Sec-Fetch-Site` where a form came
/// from, and no page can forge that: it must be `same-origin` or `none`. Where it is absent (older browsers, programs
/// that walk forms), `Origin` must be ours or absent. `own_origin` may be a whole URL such as the issuer; only its
/// origin counts.
///
/// `Origin: null` counts only beside `Sec-Fetch-Site: same-origin`: under our `Referrer-Policy: no-referrer` browsers
/// send it even to the page's own server (Fetch standard, "append a request `Origin` header"), and sandboxed frames
/// and `data:` pages, which send it too, are `cross-site`.
///
/// # Errors
/// [`ForgedForm::CrossSite`].
pub fn came_from_here(headers: &HeaderMap, own_origin: &str) -> Result<(), ForgedForm> {
    let site: Vec<_> = headers.get_all("sec-fetch-site").iter().map(HeaderValue::as_bytes).collect();
    let origins: Vec<_> = headers.get_all(ORIGIN).iter().map(HeaderValue::as_bytes).collect();
    let ours = |origin: &[u8]| origin.eq_ignore_ascii_case(origin_of(own_origin).as_bytes());
    let fits = match (site.as_slice(), origins.as_slice()) {
        (_, [_, _, ..]) => false,
        ([b"same-origin"], [origin]) => *origin == b"null" || ours(origin),
        ([] | [b"none"], [origin]) => ours(origin),
        ([] | [b"same-origin"] | [b"none"], []) => true,
        _ => false,
    };
    if fits { Ok(()) } else { Err(ForgedForm::CrossSite) }
}

/// Scheme, host and port of a URL as written.
fn origin_of(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(start..).and_then(|rest| rest.find(['/', '?', '#'])).map_or(url.len(), |at| start + at);
    url.get(..end).unwrap_or(url)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::{HandClock, entropy};

    fn csrf() -> (Csrf, Arc<HandClock>) {
        let clock = Arc::new(HandClock::default());
        let csrf = Csrf::new(Arc::new(Sealer::new([1; 32])), entropy(), clock.clone());
        (csrf.lasting(Lifetime::from_seconds(600)), clock)
    }

    #[test]
    fn a_token_fits_its_purpose_and_browser_until_it_expires() {
        let (csrf, clock) = csrf();
        let token = csrf.issue("login", "cookie-1");
        assert_eq!(csrf.verify("login", "cookie-1", &token), Ok(()));
        for (purpose, browser) in [("consent", "cookie-1"), ("login", "cookie-2"), ("login", "")] {
            assert_eq!(csrf.verify(purpose, browser, &token), Err(ForgedForm::NotThisBrowser), "{purpose} {browser}");
        }
        clock.advance_seconds(599);
        assert_eq!(csrf.verify("login", "cookie-1", &token), Ok(()));
        clock.advance_seconds(1);
        assert_eq!(csrf.verify("login", "cookie-1", &token), Err(ForgedForm::Expired));
    }

    #[test]
    fn nonsense_is_refused_without_panic() {
        let (csrf, _) = csrf();
        let empty_browser = csrf.issue("login", "");
        for token in ["", "x", "AAAA", "ä", &"A".repeat(5000), &empty_browser] {
            assert_eq!(csrf.verify("login", "", token), Err(ForgedForm::NotThisBrowser), "{token}");
        }
    }

    #[test]
    fn tokens_differ_each_time() {
        let (csrf, _) = csrf();
        assert_ne!(csrf.issue("login", "c"), csrf.issue("login", "c"));
    }

    #[test]
    fn only_our_own_pages_may_send_forms() {
        let own = "http://127.0.0.1:4000/oauth2/quiz";
        for (origin, site, fits) in [
            (None, None, true),
            (Some("http://127.0.0.1:4000"), Some("same-origin"), true),
            (Some("http://127.0.0.1:4000"), None, true),
            (None, Some("none"), true),
            (None, Some("same-origin"), true),
            (Some("null"), None, false),
            (Some("null"), Some("same-origin"), true),
            (Some("null"), Some("none"), false),
            (Some("null"), Some("cross-site"), false),
            (Some("http://evil.example"), Some("same-origin"), false),
            (Some("http://127.0.0.1:4001"), None, false),
            (Some("http://127.0.0.1:4000"), Some("cross-site"), false),
            (Some("http://127.0.0.1:4000"), Some("same-site"), false),
            (Some("https://127.0.0.1:4000"), None, false),
            (Some("http://127.0.0.1:4000.evil.example"), None, false),
            (None, Some("cross-site"), false),
            (None, Some(""), false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(origin) = origin {
                headers.insert(ORIGIN, HeaderValue::from_static(origin));
            }
            if let Some(site) = site {
                headers.insert("sec-fetch-site", HeaderValue::from_static(site));
            }
            assert_eq!(came_from_here(&headers, own).is_ok(), fits, "{origin:?} {site:?}");
        }
    }

    #[test]
    fn two_origins_are_refused() {
        let mut headers = HeaderMap::new();
        headers.append(ORIGIN, HeaderValue::from_static("https://id.example"));
        headers.append(ORIGIN, HeaderValue::from_static("https://id.example"));
        assert_eq!(came_from_here(&headers, "https://id.example"), Err(ForgedForm::CrossSite));
    }

    #[test]
    fn a_posted_form_needs_both() {
        let (csrf, _) = csrf();
        let token = csrf.issue("login", "c");
        let form = PostedForm { purpose: "login", browser: "c", token: &token };
        let mut headers = HeaderMap::new();
        assert_eq!(csrf.check(&headers, "https://id.example", &form), Ok(()));
        headers.insert(ORIGIN, HeaderValue::from_static("https://evil.example"));
        assert_eq!(csrf.check(&headers, "https://id.example", &form), Err(ForgedForm::CrossSite));
    }
}
