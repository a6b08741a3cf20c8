//! What a provider is asked, what is believed of its answers, and what of it is kept: against a stand-in on this machine.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::io::{Read as _, Write as _};
use std::sync::{Arc, Mutex};

use sayso_authority::decide::upstream::outward::Outward;
use sayso_authority::record::connection::{Connection, ConnectionAuthentication};
use sayso_authority::wire::provider::{BadProvider, Provider};
use sayso_connections::fetch::FetchFailed;
use sayso_connections::openid::{NotReached, Providers};
use sayso_testkit::{Asked, HttpsServer, NOW, TestClock, json_answer};
use sayso_token::algorithm::Algorithm;
use sayso_token::digest::Digest;
use sayso_token::encoding::base64;
use sayso_token::secret::Secret;
use sayso_token::time::Lifetime;
use serde_json::json;

/// A stand-in whose answers are set while it runs, by path.
struct StandIn {
    server: HttpsServer,
    answers: Arc<Mutex<Vec<(String, String)>>>,
    clock: TestClock,
}

impl StandIn {
    async fn start() -> Self {
        let answers: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let shown = answers.clone();
        let server = HttpsServer::start(&[], move |asked: &Asked| {
            let answers = shown.lock().unwrap();
            let found = answers.iter().rev().find(|(path, _)| *path == asked.target);
            found.map_or_else(|| json_answer("404 Not Found", "{}"), |(_, answer)| answer.clone())
        })
        .await;
        Self { server, answers, clock: TestClock::new() }
    }

    fn answer(&self, path: &str, answer: String) {
        self.answers.lock().unwrap().push((path.to_owned(), answer));
    }

    fn issuer(&self) -> String {
        self.server.url("")
    }

    fn describe(&self) {
        let url = |path| self.server.url(path);
        let document = json!({
            "issuer": self.issuer(), "authorization_endpoint": url("/authorize"), "token_endpoint": url("/token"),
            "jwks_uri": url("/keys"), "userinfo_endpoint": url("/userinfo"),
        });
        self.answer("/.well-known/openid-configuration", json_answer("200 OK", &document.to_string()));
    }

    fn providers(&self) -> Providers {
        Providers::new(Some(self.server.ca.clone().into_bytes()), Arc::new(self.clock.clone())).unwrap()
    }

    fn provider(&self) -> Provider {
        Provider {
            issuer: self.issuer(),
            authorization_endpoint: self.server.url("/authorize"),
            token_endpoint: self.server.url("/token"),
            jwks_uri: self.server.url("/keys"),
            userinfo_endpoint: Some(self.server.url("/userinfo")),
            algorithms: vec![Algorithm::Rs256],
            authorization_response_iss_parameter_supported: false,
        }
    }

    fn connection(&self, authentication: ConnectionAuthentication) -> Connection {
        Connection {
            id: "corp".to_owned(),
            name: "Example Corp".to_owned(),
            issuer: self.issuer(),
            client_id: "say so:1".to_owned(),
            authentication,
            scopes: Vec::new(),
            email_domains: Vec::new(),
            sign_up: true,
        }
    }

    fn outward(&self) -> Outward {
        Outward {
            connection: "corp".to_owned(),
            issuer: self.issuer(),
            redirect_uri: "https://authority.test/callback?x=1&y".to_owned(),
            state: Digest::of(b"state"),
            nonce: Secret::new("nonce"),
            verifier: Secret::new("the-verifier"),
            begun_at: NOW,
            afresh: None,
            return_to: String::new(),
        }
    }

    /// Asks for an exchange as `authentication` demands; `Ok` is the ID token.
    async fn exchange(&self, authentication: ConnectionAuthentication) -> Result<String, NotReached> {
        let secret = Secret::new("p+a ss%:ä");
        let (connection, code) = (self.connection(authentication), Secret::new("c0de&+"));
        let providers = self.providers();
        let reply = providers.exchange(&connection, &self.provider(), &self.outward(), &code, Some(&secret)).await?;
        Ok(reply.id_token.expose().to_owned())
    }
}

fn ok(body: &str) -> String {
    json_answer("200 OK", body)
}

#[tokio::test]
async fn a_provider_is_fetched_once_and_kept_while_it_cannot_be_asked() {
    let stand_in = StandIn::start().await;
    let (providers, issuer) = (stand_in.providers(), stand_in.issuer());
    let asked = || stand_in.server.asked().len();
    let wait = |seconds| stand_in.clock.advance(Lifetime::from_seconds(seconds));
    for _ in 0..3 {
        assert_eq!(providers.provider(&issuer).await.unwrap_err(), NotReached::Fetch(FetchFailed::Status(404)));
    }
    assert_eq!(asked(), 1, "a failure is remembered");
    stand_in.describe();
    wait(10);
    let at_once = tokio::join!(providers.provider(&issuer), providers.provider(&issuer), providers.provider(&issuer));
    assert_eq!(*at_once.0.unwrap(), stand_in.provider());
    assert!(at_once.1.is_ok() && at_once.2.is_ok());
    assert_eq!(asked(), 2, "one fetches, the others wait for it");
    wait(599);
    let other = providers.clone();
    assert!(other.provider(&issuer).await.is_ok());
    assert_eq!(asked(), 2, "clones share what is kept, for ten minutes");
    stand_in.answer("/.well-known/openid-configuration", ok("{\"issuer\":\"https://evil.test\"}"));
    wait(1);
    assert_eq!(*providers.provider(&issuer).await.unwrap(), stand_in.provider(), "the old one counts");
    wait(2999);
    assert!(providers.provider(&issuer).await.is_ok());
    wait(1);
    let gone = providers.provider(&issuer).await.unwrap_err();
    assert_eq!(gone, NotReached::BadProvider(BadProvider::Issuer), "for an hour");
    assert_eq!(gone.reason(), "upstream_discovery");
    let heads = stand_in.server.asked();
    assert!(heads.iter().all(|asked| asked.method == "GET" && asked.head.contains("accept: application/json")));
}

#[tokio::test]
async fn keys_are_kept_and_fetched_again_for_an_unknown_id() {
    const KEY: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"KID",
        "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}"#;
    let stand_in = StandIn::start().await;
    let (providers, provider) = (stand_in.providers(), stand_in.provider());
    stand_in.answer("/keys", ok("<html>"));
    assert_eq!(providers.keys(&provider, None).await.unwrap_err(), NotReached::NotAKeySet);
    stand_in.answer("/keys", ok(&KEY.replace("KID", "one")));
    stand_in.clock.advance(Lifetime::from_seconds(10));
    assert!(providers.keys(&provider, Some("one")).await.unwrap().find("one").is_some());
    stand_in.answer("/keys", ok(&KEY.replace("KID", "two")));
    for _ in 0..3 {
        assert!(providers.keys(&provider, Some("two")).await.unwrap().find("two").is_none());
    }
    assert_eq!(stand_in.server.asked().len(), 2, "fetched a moment ago");
    stand_in.clock.advance(Lifetime::from_seconds(30));
    assert!(providers.keys(&provider, Some("two")).await.unwrap().find("two").is_some());
    assert_eq!(stand_in.server.asked().len(), 3);
}

#[tokio::test]
async fn a_code_is_exchanged_as_the_connection_proves_itself() {
    let stand_in = StandIn::start().await;
    stand_in.answer("/token", ok(r#"{"id_token":"a.b.c","access_token":"at","token_type":"Bearer"}"#));
    let grant = "grant_type=authorization_code&code=c0de%26%2B&redirect_uri=https%3A%2F%2Fauthority.test%2Fcallback%3Fx%3D1%26y&code_verifier=the-verifier";
    let basic = base64(b"say%20so%3A1:p%2Ba%20ss%25%3A%C3%A4").to_lowercase();
    for (authentication, header, more) in [
        (ConnectionAuthentication::SecretBasic, Some(basic), ""),
        (ConnectionAuthentication::SecretPost, None, "&client_id=say%20so%3A1&client_secret=p%2Ba%20ss%25%3A%C3%A4"),
        (ConnectionAuthentication::None, None, "&client_id=say%20so%3A1"),
    ] {
        assert_eq!(stand_in.exchange(authentication).await.unwrap(), "a.b.c");
        let asked = stand_in.server.asked().pop().unwrap();
        assert_eq!((asked.method.as_str(), asked.target.as_str()), ("POST", "/token"));
        assert_eq!(asked.body, format!("{grant}{more}"), "{authentication:?}");
        assert!(asked.head.contains("content-type: application/x-www-form-urlencoded"), "{}", asked.head);
        let sent = asked.head.lines().find_map(|line| line.strip_prefix("authorization: basic "));
        assert_eq!(sent, header.as_deref(), "{authentication:?}");
    }
    let before = stand_in.server.asked().len();
    let connection = stand_in.connection(ConnectionAuthentication::SecretPost);
    let (providers, code) = (stand_in.providers(), Secret::new("c"));
    let none = providers.exchange(&connection, &stand_in.provider(), &stand_in.outward(), &code, None).await;
    assert_eq!(none.unwrap_err(), NotReached::SecretMissing);
    assert_eq!(stand_in.server.asked().len(), before, "nothing goes out without it");
}

#[tokio::test]
async fn what_was_wrong_with_an_exchange_is_told_and_nothing_of_what_came_back() {
    let stand_in = StandIn::start().await;
    let moved = "HTTP/1.1 307 Temporary Redirect\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n".to_owned();
    for (answer, why, reason) in [
        (
            json_answer("400 Bad Request", r#"{"error":"invalid_grant","error_description":"s3cret"}"#),
            NotReached::InvalidGrant,
            "upstream_invalid_grant",
        ),
        (
            json_answer("401 Unauthorized", r#"{"error":"invalid_client"}"#),
            NotReached::InvalidClient,
            "upstream_invalid_client",
        ),
        (
            json_answer("400 Bad Request", r#"{"error":"invalid_client"}"#),
            NotReached::InvalidClient,
            "upstream_invalid_client",
        ),
        (json_answer("401 Unauthorized", "s3cret"), NotReached::InvalidClient, "upstream_invalid_client"),
        (json_answer("400 Bad Request", r#"{"error":"s3cret"}"#), NotReached::TokenRefused, "upstream_token_refused"),
        (json_answer("403 Forbidden", "<html>s3cret"), NotReached::TokenRefused, "upstream_token_refused"),
        (json_answer("500 Internal Server Error", "{}"), NotReached::Fetch(FetchFailed::Status(500)), "fetch_status"),
        (
            json_answer("201 Created", r#"{"id_token":"a"}"#),
            NotReached::Fetch(FetchFailed::Status(201)),
            "fetch_status",
        ),
        (ok("s3cret"), NotReached::NotUnderstood, "upstream_not_understood"),
        (
            ok(r#"{"access_token":"s3cret","token_type":"Bearer"}"#),
            NotReached::NotUnderstood,
            "upstream_not_understood",
        ),
        (ok(&"x".repeat(70_000)), NotReached::Fetch(FetchFailed::TooLarge), "fetch_too_large"),
        (moved, NotReached::Fetch(FetchFailed::Redirect), "fetch_redirect"),
    ] {
        stand_in.answer("/token", answer.clone());
        let got = stand_in.exchange(ConnectionAuthentication::SecretBasic).await.unwrap_err();
        assert_eq!((got, got.reason()), (why, reason), "{answer}");
        let told = format!("{got} {got:?} {}", got.description());
        assert!(!told.contains("s3cret") && !told.contains("c0de") && !told.contains("p+a ss"), "{told}");
    }
    assert!(stand_in.server.asked().iter().all(|asked| asked.target == "/token"), "no redirect is followed");
}

#[tokio::test]
async fn userinfo_is_json_that_is_not_signed() {
    let stand_in = StandIn::start().await;
    let (providers, provider) = (stand_in.providers(), stand_in.provider());
    let typed = |content_type: &str, body: &str| {
        ok(body).replace("content-type: application/json", &format!("content-type: {content_type}"))
    };
    for (answer, subject) in [
        (ok(r#"{"sub":"ada"}"#), Ok("ada")),
        (typed("Application/JSON; charset=utf-8", r#"{"sub":"ada"}"#), Ok("ada")),
        (typed("application/jwt", "a.b.c"), Err(NotReached::NotUnderstood)),
        (typed("application/jwt", r#"{"sub":"ada"}"#), Err(NotReached::NotUnderstood)),
        (typed("text/html", r#"{"sub":"ada"}"#), Err(NotReached::NotUnderstood)),
        (typed("application/jsonp", r#"{"sub":"ada"}"#), Err(NotReached::NotUnderstood)),
        (ok(r#"{"sub":"ada","sub":"eve"}"#), Err(NotReached::NotUnderstood)),
        (ok("[]"), Err(NotReached::NotUnderstood)),
        (json_answer("401 Unauthorized", r#"{"sub":"ada"}"#), Err(NotReached::Fetch(FetchFailed::Status(401)))),
    ] {
        stand_in.answer("/userinfo", answer.clone());
        let got = providers.userinfo(&provider, &Secret::new("t0ken")).await;
        let got = got.map(|claims| claims["sub"].as_str().unwrap().to_owned());
        assert_eq!(got, subject.map(str::to_owned), "{answer}");
    }
    let asked = stand_in.server.asked();
    assert!(asked.iter().all(|asked| asked.method == "GET" && asked.target == "/userinfo"));
    assert!(asked.iter().all(|asked| asked.head.contains("authorization: bearer t0ken")));
    let without = Provider { userinfo_endpoint: None, ..provider };
    let none = providers.userinfo(&without, &Secret::new("t0ken")).await;
    assert_eq!(none.unwrap_err(), NotReached::NotUnderstood);
    let broken = providers.userinfo(&stand_in.provider(), &Secret::new("a\r\nx: y")).await;
    assert_eq!(broken.unwrap_err(), NotReached::Fetch(FetchFailed::Unreachable), "no header can be made of it");
    assert_eq!(stand_in.server.asked().len(), asked.len());
}

#[tokio::test]
async fn only_https_or_this_machine_where_the_issuer_is_here_without_tls() {
    let stand_in = StandIn::start().await;
    let clock = Arc::new(stand_in.clock.clone());
    let stranger = Providers::new(None, clock.clone()).unwrap();
    stand_in.describe();
    let untrusted = stranger.provider(&stand_in.issuer()).await.unwrap_err();
    assert_eq!(untrusted, NotReached::Fetch(FetchFailed::Untrusted));
    for issuer in
        ["http://idp.test", "http://10.0.0.1", "ftp://localhost", "https://user@localhost", "", "/", "file:///etc"]
    {
        let refused = stranger.provider(issuer).await.unwrap_err();
        assert_eq!(refused, NotReached::Fetch(FetchFailed::Address), "{issuer}");
    }
    let providers = stand_in.providers();
    let downgraded = Provider { jwks_uri: "http://localhost:1/keys".to_owned(), ..stand_in.provider() };
    let refused = providers.keys(&downgraded, None).await.unwrap_err();
    assert_eq!(refused, NotReached::Fetch(FetchFailed::Address), "TLS is not given up on the way");
    for issuer in ["http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1"] {
        let refused = providers.provider(issuer).await.unwrap_err();
        assert_eq!(refused, NotReached::Fetch(FetchFailed::Unreachable), "{issuer} may be asked");
    }
    assert!(Providers::new(Some(b"rubbish".to_vec()), clock).is_err());
}

/// Answers one request without TLS, and hands back where.
fn plain(answer: impl Fn(&str) -> String + Send + 'static) -> (String, std::thread::JoinHandle<String>) {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let issuer = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let answer = answer(&issuer);
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = vec![0; 4096];
        let read = stream.read(&mut head).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8_lossy(&head[..read]).into_owned()
    });
    (issuer, served)
}

#[tokio::test]
async fn a_provider_on_this_machine_needs_no_tls() {
    let (issuer, served) = plain(|issuer| {
        let url = |path| format!("{issuer}{path}");
        ok(&json!({
            "issuer": issuer, "authorization_endpoint": url("/a"), "token_endpoint": url("/t"), "jwks_uri": url("/k"),
        })
        .to_string())
    });
    let providers = Providers::new(None, Arc::new(TestClock::new())).unwrap();
    let provider = providers.provider(&issuer).await.unwrap();
    assert_eq!(provider.token_endpoint, format!("{issuer}/t"));
    assert!(served.join().unwrap().starts_with("GET /.well-known/openid-configuration HTTP/1.1\r\n"));
}

/// A provider that does not answer holds so many requests, and no more.
#[tokio::test]
async fn so_many_requests_are_under_way_at_once() {
    let silent = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("https://localhost:{}/userinfo", silent.local_addr().unwrap().port());
    let stand_in = StandIn::start().await;
    let providers = stand_in.providers();
    let provider = Provider { userinfo_endpoint: Some(url), ..stand_in.provider() };
    let ask = || {
        let (providers, provider) = (providers.clone(), provider.clone());
        async move { providers.userinfo(&provider, &Secret::new("t")).await }
    };
    let waiting: Vec<_> = (0..32).map(|_| tokio::spawn(ask())).collect();
    let mut held = Vec::new();
    while held.len() < 32 {
        held.push(silent.accept().await.unwrap());
    }
    assert_eq!(ask().await.unwrap_err(), NotReached::Fetch(FetchFailed::Busy));
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
    for one in waiting {
        assert!(one.await.unwrap_err().is_cancelled());
    }
    stand_in.answer("/userinfo", ok(r#"{"sub":"ada"}"#));
    let got = providers.userinfo(&stand_in.provider(), &Secret::new("t")).await;
    assert_eq!(got.unwrap()["sub"], "ada", "and their places are free again");
}
