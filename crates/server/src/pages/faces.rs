//! The parts that pages share.

use sayso_token::time::Timestamp;
use sayso_web::harmless::harmless;
use serde::Serialize;

/// The longest name shown; what is longer ends in `…`.
pub(super) const LONGEST_NAME: usize = 60;

/// The authority whose page it is.
#[derive(Clone, Debug, Serialize)]
pub struct Authority {
    name: String,
    home: String,
    account: String,
}

impl Authority {
    /// `name` as people know it; `base` is the URL path of its pages without a trailing slash: empty for an authority
    /// at the root, `/oauth2/quiz` for another.
    pub fn new(name: &str, base: &str) -> Self {
        let base = base.trim_end_matches('/');
        Self { name: harmless(name, LONGEST_NAME), home: format!("{base}/"), account: format!("{base}/account") }
    }

    pub(super) fn sample() -> Self {
        Self::new("Wardrobe ID", "")
    }
}

/// The client, or skill, that asks for something.
#[derive(Clone, Debug, Serialize)]
pub struct Client {
    name: String,
    domain: String,
    verified: bool,
    other_account: Option<String>,
    policy: Option<String>,
    terms: Option<String>,
}

impl Client {
    /// The client called `name` whose answers go to `redirect_uri`. Unverified until [`Self::verified`] says otherwise.
    pub fn new(name: &str, redirect_uri: &str) -> Self {
        Self {
            name: harmless(name, LONGEST_NAME),
            domain: domain_of(redirect_uri),
            verified: false,
            other_account: None,
            policy: None,
            terms: None,
        }
    }

    /// The owner of this server put the client into the configuration.
    pub fn verified(self) -> Self {
        Self { verified: true, ..self }
    }

    /// The account people confuse with this authority's, such as `Amazon` when a skill is linked: the login page then
    /// says which one it wants.
    pub fn not_the_account_of(self, company: &str) -> Self {
        Self { other_account: Some(harmless(company, LONGEST_NAME)), ..self }
    }

    /// What people may read of it before they decide: the https addresses of its policy and of its terms.
    pub fn tells(self, policy: Option<&str>, terms: Option<&str>) -> Self {
        Self { policy: policy.map(str::to_owned), terms: terms.map(str::to_owned), ..self }
    }

    pub(super) fn sample() -> Self {
        Self::new("Sample Quiz Game", "https://layla.amazon.com/api/skill/link/M2AAAAAAAAAAAA")
            .verified()
            .tells(Some("https://app.example/policy"), Some("https://app.example/terms"))
            .not_the_account_of("Amazon")
    }

    pub(super) fn hostile_sample() -> Self {
        let name = format!("<b>Amazon\u{202e}</b> {}", "x".repeat(10_000));
        Self::new(&name, "com.example.app:/callback")
    }
}

/// Host and port of a redirect URI, or the scheme of an app's own.
fn domain_of(redirect_uri: &str) -> String {
    let (scheme, rest) = redirect_uri.split_once(':').unwrap_or(("", redirect_uri));
    let domain = match rest.strip_prefix("//") {
        Some(rest) if matches!(scheme, "http" | "https") => rest.split(['/', '?', '#']).next().unwrap_or_default(),
        _ => scheme,
    };
    harmless(domain, 253)
}

/// The account of the person at the browser.
#[derive(Clone, Debug, Serialize)]
pub struct Account {
    name: String,
    username: String,
}

impl Account {
    /// The display name (may be empty) and what the person signs in with.
    pub fn new(name: &str, username: &str) -> Self {
        let username = harmless(username, LONGEST_NAME);
        let name = Some(harmless(name, LONGEST_NAME)).filter(|name| !name.is_empty());
        Self { name: name.unwrap_or_else(|| username.clone()), username }
    }

    pub(super) fn sample() -> Self {
        Self::new("Ada Byron", "ada")
    }
}

/// A scope, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Scope {
    name: String,
    words: Option<String>,
}

impl Scope {
    /// `words` are the owner's, from the configuration. Without them the well-known scopes of OpenID Connect have
    /// words of ours and any other shows its name.
    pub fn new(name: &str, words: Option<&str>) -> Self {
        Self { name: harmless(name, LONGEST_NAME), words: words.map(|words| harmless(words, 200)) }
    }

    pub(super) fn samples() -> Vec<Self> {
        vec![
            Self::new("read:color", Some("Know your first name and favorite color")),
            Self::new("openid", None),
            Self::new("offline_access", None),
            Self::new("write:other", None),
        ]
    }
}

/// What every form carries.
#[derive(Clone, Debug, Serialize)]
pub struct Form {
    /// The URL path posted to.
    pub action: String,
    /// The form token, posted as `csrf`.
    pub csrf: String,
    /// The sealed state of the flow, posted as `flow`; none for forms outside of one.
    pub flow: Option<String>,
}

impl Form {
    pub(super) fn sample() -> Self {
        Self { action: "/login".into(), csrf: "c5rf".into(), flow: Some("s3aled".into()) }
    }
}

/// How long ago, in the largest unit that says enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ago {
    unit: &'static str,
    count: i64,
}

impl Ago {
    /// From `then` to `now`; `None` is never.
    pub fn of(then: Option<Timestamp>, now: Timestamp) -> Self {
        let Some(then) = then else {
            return Self { unit: "never", count: 0 };
        };
        let minutes = now.millis_since(then) / 60_000;
        let (unit, count) = match minutes {
            ..2 => ("now", 0),
            2..120 => ("minutes", minutes),
            120..2880 => ("hours", minutes / 60),
            2880..86_400 => ("days", minutes / 1440),
            _ => ("months", minutes / 43_200),
        };
        Self { unit, count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ago_in_the_unit_that_says_enough() {
        let now = Timestamp::from_seconds(100_000_000);
        for (seconds, unit, count) in [
            (-50, "now", 0),
            (30, "now", 0),
            (150, "minutes", 2),
            (7200, "hours", 2),
            (47 * 3600, "hours", 47),
            (48 * 3600, "days", 2),
            (61 * 86_400, "months", 2),
        ] {
            let then = Timestamp::from_seconds(100_000_000 - seconds);
            assert_eq!(Ago::of(Some(then), now), Ago { unit, count }, "{seconds} s");
        }
        assert_eq!(Ago::of(None, now).unit, "never");
    }

    #[test]
    fn the_redirect_domain_is_what_the_browser_goes_to() {
        for (uri, domain) in [
            ("https://layla.amazon.com/api/skill/link/M1", "layla.amazon.com"),
            ("http://127.0.0.1:4001/na/api?x=//other", "127.0.0.1:4001"),
            ("com.example.app:/callback", "com.example.app"),
            ("https://amazon.com@evil.example/", "amazon.com@evil.example"),
        ] {
            assert_eq!(Client::new("x", uri).domain, domain, "{uri}");
        }
    }

    #[test]
    fn an_account_without_a_name_is_called_by_its_username() {
        assert_eq!(Account::new(" \u{202e}", "ada").name, "ada");
    }
}
