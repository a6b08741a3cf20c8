//! The room through which requests leave: where they may go, and what is read of the answer.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use sayso_connections::fetch::{FetchFailed, Fetcher, LARGEST_ANSWER, NamedServer, Names, Outgoing};
use sayso_connections::key_sets::{KeySets, NoKeys};
use sayso_testkit::{HttpsServer, TestClock, json_answer};
use sayso_token::time::Lifetime;

/// Every name leads to the next of these addresses.
fn leading_to(addresses: &[&str]) -> (Names, Arc<AtomicUsize>) {
    let addresses: Vec<IpAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
    let looked = Arc::new(AtomicUsize::new(0));
    let count = looked.clone();
    let names: Names = Arc::new(move |_| {
        let at = count.fetch_add(1, Ordering::Relaxed).min(addresses.len() - 1);
        let found = vec![addresses[at]];
        Box::pin(async move { Ok(found) })
    });
    (names, looked)
}

fn loopback(server: &HttpsServer) -> Outgoing {
    Outgoing { extra_ca: Some(server.ca.clone().into_bytes()), loopback: true }
}

fn to_loopback(server: &HttpsServer) -> Fetcher {
    Fetcher::with_names(&loopback(server), leading_to(&["127.0.0.1"]).0).unwrap()
}

/// SSR-001: no request goes to a special-use address, however it is written.
#[tokio::test]
async fn ssr_001_special_addresses_are_not_asked() {
    let fetcher = Fetcher::new(&Outgoing::default()).unwrap();
    for (url, why) in [
        ("https://169.254.169.254/latest/meta-data", FetchFailed::NotPublic),
        ("https://127.0.0.1/", FetchFailed::NotPublic),
        ("https://[::1]/", FetchFailed::NotPublic),
        ("https://[::ffff:127.0.0.1]/", FetchFailed::NotPublic),
        ("https://[::ffff:7f00:1]/", FetchFailed::NotPublic),
        ("https://0.0.0.0/", FetchFailed::NotPublic),
        ("https://0/", FetchFailed::NotPublic),
        ("https://2130706433/", FetchFailed::NotPublic),
        ("https://0x7f.1/", FetchFailed::NotPublic),
        ("https://0177.0.0.1/", FetchFailed::NotPublic),
        ("https://127.1/", FetchFailed::NotPublic),
        ("https://10.0.0.1/", FetchFailed::NotPublic),
        ("https://[fd00::1]/", FetchFailed::NotPublic),
        ("https://[64:ff9b::a00:1]/", FetchFailed::NotPublic),
        ("https://localhost/", FetchFailed::NotPublic),
        ("http://example.com/", FetchFailed::Address),
        ("file:///etc/passwd", FetchFailed::Address),
        ("gopher://example.com/", FetchFailed::Address),
        ("https://user@example.com/", FetchFailed::Address),
        ("https://user:pass@example.com/", FetchFailed::Address),
        ("https://example.com/#keys", FetchFailed::Address),
        ("//example.com/", FetchFailed::Address),
        ("", FetchFailed::Address),
    ] {
        let got = fetcher.get_json(url).await.unwrap_err();
        assert_eq!(got, why, "GET {url}");
        assert_eq!(fetcher.post_form(url, String::new()).await.unwrap_err(), why, "POST {url}");
    }
}

/// SSR-001: names are judged by where they lead, at the moment of connecting.
#[tokio::test]
async fn ssr_001_a_name_that_leads_inside_is_not_asked() {
    let server = HttpsServer::start(&["client.test"], |_| json_answer("200 OK", "{}")).await;
    let url = format!("https://client.test:{}/keys", server.port);
    for inside in ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fd00::1", "0.0.0.0", "::ffff:127.0.0.1"] {
        let settings = Outgoing { loopback: false, ..loopback(&server) };
        let fetcher = Fetcher::with_names(&settings, leading_to(&[inside]).0).unwrap();
        assert_eq!(fetcher.get_json(&url).await.unwrap_err(), FetchFailed::NotPublic, "{inside}");
    }
    let both: Names = Arc::new(|_| Box::pin(async { Ok(vec!["1.1.1.1".parse().unwrap(), [127, 0, 0, 1].into()]) }));
    let settings = Outgoing { loopback: false, ..loopback(&server) };
    let fetcher = Fetcher::with_names(&settings, both).unwrap();
    assert_eq!(fetcher.get_json(&url).await.unwrap_err(), FetchFailed::NotPublic, "one bad address spoils all");
    // With loopback allowed, other private addresses are not.
    let fetcher = Fetcher::with_names(&loopback(&server), leading_to(&["10.0.0.7"]).0).unwrap();
    assert_eq!(fetcher.get_json(&url).await.unwrap_err(), FetchFailed::NotPublic);
    assert_eq!(server.asked(), []);
}

/// SSR-001: a name that changes its mind is judged each time, and what was judged is what is connected to.
#[tokio::test]
async fn ssr_001_rebinding_finds_no_second_look() {
    let server = HttpsServer::start(&["client.test"], |_| json_answer("200 OK", "{}")).await;
    let url = format!("https://client.test:{}/keys", server.port);
    let (names, looked) = leading_to(&["127.0.0.1", "10.0.0.7"]);
    let fetcher = Fetcher::with_names(&loopback(&server), names).unwrap();
    assert_eq!(fetcher.get_json(&url).await.unwrap(), "{}");
    assert_eq!(looked.load(Ordering::Relaxed), 1, "one look for one connection");
    assert_eq!(fetcher.get_json(&url).await.unwrap_err(), FetchFailed::NotPublic);
}

#[tokio::test]
async fn what_comes_back_is_a_bounded_document_or_nothing() {
    let answers = |asked: &sayso_testkit::Asked| match asked.target.as_str() {
        "/good" => json_answer("200 OK", "{\"keys\":[]}"),
        "/redirect" => "HTTP/1.1 302 Found\r\nlocation: https://10.0.0.1/\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "/moved" => "HTTP/1.1 308 Permanent Redirect\r\nlocation: /good\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "/gone" => json_answer("404 Not Found", "{}"),
        "/broken" => json_answer("500 Internal Server Error", "{}"),
        "/most" => json_answer("200 OK", &"x".repeat(LARGEST_ANSWER)),
        "/large" => json_answer("200 OK", &"x".repeat(LARGEST_ANSWER + 1)),
        "/cut" => "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx".to_owned(),
        _ => "no HTTP".to_owned(),
    };
    let server = HttpsServer::start(&[], answers).await;
    let fetcher = to_loopback(&server);
    assert_eq!(fetcher.get_json(&server.url("/good")).await.unwrap(), "{\"keys\":[]}");
    assert_eq!(fetcher.get_json(&server.url("/most")).await.unwrap().len(), LARGEST_ANSWER);
    for (path, why) in [
        ("/redirect", FetchFailed::Redirect),
        ("/moved", FetchFailed::Redirect),
        ("/gone", FetchFailed::Status(404)),
        ("/broken", FetchFailed::Status(500)),
        ("/large", FetchFailed::TooLarge),
        ("/cut", FetchFailed::Unreachable),
        ("/other", FetchFailed::Unreachable),
    ] {
        assert_eq!(fetcher.get_json(&server.url(path)).await.unwrap_err(), why, "{path}");
    }
    let seen = server.asked();
    assert!(seen.iter().all(|asked| asked.method == "GET" && !asked.head.contains("cookie")), "{seen:?}");

    fetcher.post_form(&server.url("/good"), "logout_token=abc".to_owned()).await.unwrap();
    let posted = server.asked().pop().unwrap();
    assert_eq!((posted.method.as_str(), posted.body.as_str()), ("POST", "logout_token=abc"));
    assert!(posted.head.contains("content-type: application/x-www-form-urlencoded"), "{}", posted.head);
    assert_eq!(fetcher.post_form(&server.url("/moved"), String::new()).await.unwrap_err(), FetchFailed::Redirect);
    assert_eq!(fetcher.post_form(&server.url("/gone"), String::new()).await.unwrap_err(), FetchFailed::Status(404));
}

#[tokio::test]
async fn a_certificate_must_be_trusted_and_for_that_name() {
    let server = HttpsServer::start(&[], |_| json_answer("200 OK", "{}")).await;
    let stranger = Outgoing { extra_ca: None, loopback: true };
    let fetcher = Fetcher::with_names(&stranger, leading_to(&["127.0.0.1"]).0).unwrap();
    assert_eq!(fetcher.get_json(&server.url("/")).await.unwrap_err(), FetchFailed::Untrusted);
    let other = format!("https://other.test:{}/", server.port);
    assert_eq!(to_loopback(&server).get_json(&other).await.unwrap_err(), FetchFailed::Untrusted);
    for pem in ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let settings = Outgoing { extra_ca: Some(pem.into()), loopback: false };
        assert!(Fetcher::new(&settings).unwrap_err().to_string().contains("give a PEM file"), "{pem:?}");
    }
}

const KEY: &str = r#"{"kty":"EC","crv":"P-256","kid":"KID",
    "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#;

fn set_of(kid: &str) -> String {
    json_answer("200 OK", &format!("{{\"keys\":[{}]}}", KEY.replace("KID", kid)))
}

#[tokio::test]
async fn keys_are_fetched_once_and_again_for_an_unknown_id_at_a_bounded_rate() {
    let answer = Arc::new(Mutex::new(set_of("one")));
    let shown = answer.clone();
    let server = HttpsServer::start(&[], move |_| shown.lock().unwrap().clone()).await;
    let clock = TestClock::new();
    let sets = KeySets::new(to_loopback(&server), Arc::new(clock.clone()));
    let url = server.url("/keys");
    let wait = |seconds| clock.advance(Lifetime::from_seconds(seconds));

    // Eight at once: one fetches, the others wait for it.
    let at_once: Vec<_> = (0..8).map(|_| sets.at(&url, Some("one"))).collect();
    let mut found = Vec::new();
    for asking in at_once {
        found.push(asking.await.unwrap().find("one").is_some());
    }
    assert_eq!((found, server.asked().len()), (vec![true; 8], 1));

    *answer.lock().unwrap() = set_of("two");
    for _ in 0..5 {
        assert!(sets.at(&url, Some("two")).await.unwrap().find("two").is_none());
    }
    assert_eq!(server.asked().len(), 1, "fetched a moment ago");
    wait(30);
    assert!(sets.at(&url, Some("two")).await.unwrap().find("two").is_some());
    assert_eq!(server.asked().len(), 2);
    wait(599);
    sets.at(&url, Some("two")).await.unwrap();
    assert_eq!(server.asked().len(), 2, "known ones are kept");
    wait(1);
    sets.at(&url, None).await.unwrap();
    assert_eq!(server.asked().len(), 3, "for ten minutes");

    // While they cannot be fetched, those kept count for an hour; the server is asked every ten seconds.
    *answer.lock().unwrap() = json_answer("500 Internal Server Error", "{}");
    wait(600);
    for _ in 0..3 {
        assert!(sets.at(&url, Some("two")).await.is_ok());
    }
    assert_eq!(server.asked().len(), 4);
    wait(3000);
    assert_eq!(sets.at(&url, Some("two")).await.unwrap_err(), NoKeys::Fetch(FetchFailed::Status(500)));
    *answer.lock().unwrap() = json_answer("200 OK", "<html>");
    wait(10);
    assert_eq!(sets.at(&url, Some("two")).await.unwrap_err(), NoKeys::NotAKeySet);
    *answer.lock().unwrap() = set_of("two");
    wait(10);
    assert!(sets.at(&url, Some("two")).await.unwrap().find("two").is_some(), "and all is well again");
}

/// Truly at the same time, on many threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_ask_at_once_cause_one_fetch() {
    let server = HttpsServer::start(&[], |_| set_of("one")).await;
    let sets = Arc::new(KeySets::new(to_loopback(&server), Arc::new(TestClock::new())));
    let url = server.url("/keys");
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (sets, url) = (sets.clone(), url.clone());
            tokio::spawn(async move { sets.at(&url, Some("one")).await.is_ok() })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap());
    }
    assert_eq!(server.asked().len(), 1);
}

/// A certificate authority of the operator's own may be in a private network; everything else is as for anybody.
#[tokio::test]
async fn a_server_that_the_operator_has_named_may_be_here_and_all_else_is_bounded() {
    let server = HttpsServer::start(&[], |asked| match asked.target.as_str() {
        "/large" => json_answer("200 OK", &"x".repeat(300 * 1024)),
        "/moved" => "HTTP/1.1 302 Found\r\nlocation: https://localhost/\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "/busy" => json_answer("429 Too Many Requests", "{\"wait\":1}"),
        _ => json_answer("200 OK", &asked.body),
    })
    .await;
    let named = NamedServer::new(Some(server.ca.clone().into_bytes())).unwrap();
    let post = |url: String| http::Request::post(url).body(Bytes::from_static(b"asked")).unwrap();
    for (path, status, body) in [("/", 200, "asked"), ("/busy", 429, "{\"wait\":1}"), ("/moved", 302, "")] {
        let answer = named.exchange(post(server.url(path))).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.body().as_ref()), (status, body.as_bytes()), "{path}");
    }
    assert_eq!(server.asked().len(), 3, "no redirect is followed");
    let strange = NamedServer::new(None).unwrap();
    for (named, url, words) in [
        (&named, server.url("/large"), "more than 262144 bytes"),
        (&named, format!("http://127.0.0.1:{}/", server.port), "URL scheme is not allowed"),
        (&strange, server.url("/"), "invalid peer certificate"),
        (&named, "https://localhost:1/".to_owned(), "refused"),
    ] {
        let error = named.exchange(post(url)).await.unwrap_err().to_string();
        assert!(error.contains(words), "{words}: {error}");
    }
    assert!(NamedServer::new(Some(b"rubbish".to_vec())).is_err());
}
