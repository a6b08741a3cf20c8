//! Which host names this server answers to. Links and issuers come from the configuration only; a request for another
//! host is refused, and what proxies say of host and scheme is never read (RFC 9700 section 4.13).

use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, LOCATION};
use http::{Method, StatusCode};

use crate::faces::{Asked, Failure, wants_html};
use crate::harmless::harmless;

/// The `host[:port]` values this server answers to, and the URLs to name when another is asked for.
#[derive(Clone, Debug)]
pub struct Hosts(Arc<Known>);

#[derive(Debug)]
struct Known {
    hosts: Vec<String>,
    urls: Vec<String>,
    /// Other names of this machine, with the origin that is meant.
    aliases: Vec<(String, String)>,
}

impl Hosts {
    /// The hosts of these URLs (issuers, console). A default port may be written or left out.
    pub fn of_urls<U: AsRef<str>>(urls: impl IntoIterator<Item = U>) -> Self {
        let mut known = Known { hosts: Vec::new(), urls: Vec::new(), aliases: Vec::new() };
        for url in urls {
            let url = url.as_ref();
            let Some((scheme, rest)) = url.split_once("://") else {
                continue;
            };
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
            let default_port = if scheme == "https" { ":443" } else { ":80" };
            match host.strip_suffix(default_port) {
                Some(bare) => known.hosts.push(bare.to_owned()),
                None if !has_port(&host) => known.hosts.push(format!("{host}{default_port}")),
                None => {}
            }
            known.aliases.extend(alias_of(&host).map(|alias| (alias, format!("{scheme}://{host}"))));
            known.hosts.push(host);
            if !known.urls.iter().any(|have| have == url) {
                known.urls.push(url.to_owned());
            }
        }
        Self(Arc::new(known))
    }

    fn knows(&self, host: &str) -> bool {
        self.0.hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
    }

    /// The answer to a request that is not for this server: 421 for a host that is not ours, 400 for none or several.
    /// Under another name of this machine a page is redirected, for cookies and forms belong to one origin; programs
    /// that post are let in as they are.
    pub(crate) fn refuse(&self, request: &Request) -> Option<Response> {
        match asked_host(request) {
            Some(host) if self.knows(host) => None,
            Some(host) if let Some(origin) = self.meant_by(host) => {
                let to_a_page = request.method() == Method::GET && wants_html(request.headers());
                let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
                to_a_page
                    .then(|| (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, format!("{origin}{path}"))]).into_response())
            }
            Some(host) => Some(
                Failure::new(
                    StatusCode::MISDIRECTED_REQUEST,
                    "unknown_host",
                    format!("This server does not answer to the name \"{}\".", harmless(host, 80)),
                    format!("Use {} instead.", self.0.urls.join(" or ")),
                )
                .answer(&Asked::of(request)),
            ),
            None => Some(
                Failure::new(
                    StatusCode::BAD_REQUEST,
                    "unclear_host",
                    "The request does not say, once, which host it is for.",
                    format!("Send one Host header; the address is {}.", self.0.urls.join(" or ")),
                )
                .answer(&Asked::of(request)),
            ),
        }
    }

    /// The origin meant by another name of this machine.
    fn meant_by(&self, host: &str) -> Option<&str> {
        let alias = self.0.aliases.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(host))?;
        Some(&alias.1)
    }
}

/// People type `localhost` where an address says `127.0.0.1`, and the other way round.
fn alias_of(host: &str) -> Option<String> {
    match host.split_once(':')? {
        ("127.0.0.1", port) => Some(format!("localhost:{port}")),
        ("localhost", port) => Some(format!("127.0.0.1:{port}")),
        _ => None,
    }
}

fn has_port(host: &str) -> bool {
    host.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The host asked for: the one `Host` header, which an absolute request target must not contradict.
fn asked_host(request: &Request) -> Option<&str> {
    let mut headers = request.headers().get_all(HOST).iter();
    let host = headers.next()?.to_str().ok()?;
    let agrees = request.uri().authority().is_none_or(|target| target.as_str().eq_ignore_ascii_case(host));
    (headers.next().is_none() && agrees && !host.is_empty()).then_some(host)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::text;
    use axum::Router;
    use axum::body::Body;
    use axum::extract::State;
    use axum::middleware::{Next, from_fn_with_state};
    use axum::routing::get;
    use tower::ServiceExt as _;

    async fn enforce(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
        match hosts.refuse(&request) {
            Some(refusal) => refusal,
            None => next.run(request).await,
        }
    }

    async fn ask(uri: &str, hosts: &[&str]) -> (StatusCode, String) {
        let known =
            Hosts::of_urls(["http://127.0.0.1:4000", "http://127.0.0.1:4000/oauth2/quiz", "https://id.example"]);
        let router = Router::new().route("/", get(|| async { "here" })).layer(from_fn_with_state(known, enforce));
        let mut request = Request::builder().uri(uri).header("x-forwarded-host", "127.0.0.1:4000");
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let answer = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        (answer.status(), text(answer).await)
    }

    #[tokio::test]
    async fn only_configured_hosts_are_answered() {
        for (hosts, status) in [
            (&["127.0.0.1:4000"][..], 200),
            (&["id.example"], 200),
            (&["ID.Example:443"], 200),
            (&["localhost:4000"], 200),
            (&["localhost:4001"], 421),
            (&["localhost"], 421),
            (&["127.0.0.1"], 421),
            (&["id.example:80"], 421),
            (&["evil.example"], 421),
            (&["id.example.evil.example"], 421),
            (&[], 400),
            (&[""], 400),
            (&["id.example", "id.example"], 400),
        ] {
            assert_eq!(ask("/", hosts).await.0, status, "{hosts:?}");
        }
    }

    #[tokio::test]
    async fn the_target_must_not_contradict_the_header() {
        assert_eq!(ask("http://127.0.0.1:4000/", &["127.0.0.1:4000"]).await.0, 200);
        assert_eq!(ask("http://evil.example/", &["127.0.0.1:4000"]).await.0, 400);
    }

    #[tokio::test]
    async fn the_refusal_names_the_right_address() {
        let (_, body) = ask("/", &["localhost:4001"]).await;
        assert!(body.contains("http://127.0.0.1:4000 or "), "{body}");
    }

    #[tokio::test]
    async fn a_page_under_another_name_of_this_machine_is_redirected() {
        let known = Hosts::of_urls(["http://127.0.0.1:4000"]);
        let router = Router::new().route("/login", get(|| async { "here" })).layer(from_fn_with_state(known, enforce));
        let request = Request::get("/login?a=b").header(HOST, "localhost:4000").header("accept", "text/html");
        let answer = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), 307);
        assert_eq!(answer.headers()[LOCATION], "http://127.0.0.1:4000/login?a=b");
    }
}
