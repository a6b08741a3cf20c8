//! Security headers on every answer.

use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue};

/// The Content-Security-Policy of an answer. The default lets a page load this server's own styles, scripts and
/// pictures, send forms to this server, and nothing else; nobody may frame it. A handler that needs more puts its own
/// value into the answer's extensions (`answer.extensions_mut().insert(policy)`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentPolicy {
    form_targets: Vec<String>,
    connects: bool,
}

impl ContentPolicy {
    /// The default policy.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets forms of the page end, by redirect, at the origin of `redirect_uri`. Chrome applies `form-action` to the
    /// redirect that answers a form too, so login and consent pages must name the client's redirect URI here. A URI
    /// that cannot be expressed as a CSP source is left out.
    pub fn form_may_reach(mut self, redirect_uri: &str) -> Self {
        if let Some(source) = source_of(redirect_uri)
            && !self.form_targets.contains(&source)
        {
            self.form_targets.push(source);
        }
        self
    }

    /// Lets scripts of the page call this server (`fetch`, event streams).
    pub fn may_connect(mut self) -> Self {
        self.connects = true;
        self
    }

    /// The header's value.
    pub fn header(&self) -> Option<HeaderValue> {
        let mut policy = String::from(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; frame-ancestors 'none'; \
             base-uri 'none'; form-action 'self'",
        );
        for target in &self.form_targets {
            policy.push(' ');
            policy.push_str(target);
        }
        if self.connects {
            policy.push_str("; connect-src 'self'");
        }
        HeaderValue::try_from(policy).ok()
    }
}

/// The CSP source that covers a redirect URI: `scheme://host[:port]` for the web, `scheme:` for an app's own scheme.
fn source_of(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    let scheme_fits = scheme.starts_with(|sign: char| sign.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    if !scheme_fits {
        return None;
    }
    let scheme = scheme.to_ascii_lowercase();
    match scheme.as_str() {
        "http" | "https" => {
            let authority = rest.strip_prefix("//")?.split(['/', '?', '#']).next()?;
            let nameable =
                authority.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':'));
            // An IPv6 literal is no CSP host-source; the scheme alone then has to do.
            let ipv6 = authority.starts_with('[');
            match (authority.is_empty(), nameable, ipv6) {
                (false, true, _) => Some(format!("{scheme}://{authority}")),
                (false, false, true) => Some(format!("{scheme}:")),
                _ => None,
            }
        }
        "javascript" | "data" | "blob" | "filesystem" => None,
        _ => Some(format!("{scheme}:")),
    }
}

/// The headers that protect an answer. The default policy is printed once: every answer carries it.
#[derive(Clone, Debug)]
pub(crate) struct Protection {
    policy: Option<HeaderValue>,
}

impl Protection {
    /// With the policy of answers that bring none of their own.
    pub(crate) fn by(policy: &ContentPolicy) -> Self {
        Self { policy: policy.header() }
    }

    /// Adds what the handler did not set itself.
    pub(crate) fn protect(&self, answer: &mut Response) {
        let own = answer.extensions_mut().remove::<ContentPolicy>();
        let policy = own.map_or_else(|| self.policy.clone(), |policy| policy.header());
        let headers = answer.headers_mut();
        // What is added here and the request's number.
        headers.reserve(FIXED.len() + 2);
        if let Some(policy) = policy {
            default(headers, CONTENT_SECURITY_POLICY, policy);
        }
        for (name, value) in FIXED {
            default(headers, name, HeaderValue::from_static(value));
        }
        // Whatever a handler thought: an answer that sets a cookie belongs to one browser.
        if headers.contains_key(SET_COOKIE) {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
}

const FIXED: [(HeaderName, &str); 6] = [
    (REFERRER_POLICY, "no-referrer"),
    (X_FRAME_OPTIONS, "DENY"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (CACHE_CONTROL, "no-store"),
];

fn default(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.entry(name).or_insert(value);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::extract::Request;
    use axum::middleware::map_response;
    use axum::response::{Html, IntoResponse};
    use axum::routing::get;
    use http::header::CONTENT_TYPE;
    use tower::ServiceExt as _;

    async fn headers_of(path: &str) -> HeaderMap {
        let router = Router::new()
            .route("/page", get(|| async { Html("hi") }))
            .route("/json", get(|| async { ([(CONTENT_TYPE, "application/json")], "{}") }))
            .route("/keys", get(|| async { ([(CACHE_CONTROL, "public, max-age=300")], "{}") }))
            .route("/cookie", get(|| async { ([(CACHE_CONTROL, "public"), (SET_COOKIE, "a=b")], "") }))
            .route(
                "/consent",
                get(|| async {
                    let mut answer = Html("hi").into_response();
                    answer
                        .extensions_mut()
                        .insert(ContentPolicy::new().form_may_reach("https://layla.amazon.com/api/x?y=z"));
                    answer
                }),
            )
            .layer(map_response(|mut answer: Response| async move {
                Protection::by(&ContentPolicy::new()).protect(&mut answer);
                answer
            }));
        router.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap().headers().clone()
    }

    #[tokio::test]
    async fn every_answer_is_protected() {
        for path in ["/page", "/json", "/nowhere"] {
            let headers = headers_of(path).await;
            assert_eq!(headers[X_FRAME_OPTIONS], "DENY", "{path}");
            assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
            assert_eq!(headers["cross-origin-opener-policy"], "same-origin", "{path}");
            assert!(headers.contains_key("permissions-policy"), "{path}");
            assert_eq!(headers[CACHE_CONTROL], "no-store", "{path}");
            let policy = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
            for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
                assert!(policy.contains(part), "{path}: {policy}");
            }
            assert!(!policy.contains("unsafe") && !policy.contains("connect-src"), "{path}: {policy}");
        }
    }

    #[tokio::test]
    async fn no_referrer_leaves_the_site() {
        assert_eq!(headers_of("/page").await[REFERRER_POLICY], "no-referrer");
        assert_eq!(headers_of("/json").await[REFERRER_POLICY], "no-referrer");
    }

    #[tokio::test]
    async fn a_handler_may_allow_caching_but_not_of_cookies() {
        assert_eq!(headers_of("/keys").await[CACHE_CONTROL], "public, max-age=300");
        assert_eq!(headers_of("/cookie").await[CACHE_CONTROL], "no-store");
    }

    #[tokio::test]
    async fn a_page_names_where_its_form_may_end() {
        let headers = headers_of("/consent").await;
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("form-action 'self' https://layla.amazon.com"), "{policy}");
    }

    #[test]
    fn redirect_uris_become_sources_and_nothing_else() {
        for (uri, source) in [
            ("https://pitangui.amazon.com/api/skill/link/M1", Some("https://pitangui.amazon.com")),
            ("http://127.0.0.1:4001/na/api/skill/link/M1", Some("http://127.0.0.1:4001")),
            ("http://[::1]:4001/cb", Some("http:")),
            ("com.example.app:/callback", Some("com.example.app:")),
            ("https://evil.example; script-src *", None),
            ("https://evil.example, x", None),
            ("https://user@evil.example/", None),
            ("https:///", None),
            ("https:evil", None),
            ("javascript:alert(1)", None),
            ("a b:c", None),
            ("", None),
        ] {
            assert_eq!(source_of(uri).as_deref(), source, "{uri}");
        }
    }
}
