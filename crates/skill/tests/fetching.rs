//! The HTTP client keeps to its bounds against servers that do not.
#![cfg(all(feature = "axum", feature = "http"))]
#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use sayso_skill::outside::{Fetch, FetchFailed, Form, HttpFetch, Outgoing};
use sayso_skill::token::secret::Secret;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A server that reads one request, then writes each part after a pause; gives its address and what it read.
async fn serve(parts: Vec<(u64, Vec<u8>)>) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut read = vec![0; 16 * 1024];
        let length = stream.read(&mut read).await.unwrap();
        for (pause, part) in parts {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            if stream.write_all(&part).await.is_err() {
                break;
            }
        }
        String::from_utf8_lossy(read.get(..length).unwrap_or_default()).into_owned()
    });
    (url, task)
}

fn get(url: &str) -> Outgoing {
    Outgoing {
        url: url.to_owned(),
        accept: "application/json",
        authorization: None,
        form: None,
        deadline: Duration::from_millis(300),
        largest_body: 1_024,
    }
}

fn whole(head: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

#[tokio::test]
async fn a_body_in_parts_is_joined_before_anyone_looks() {
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"act\r\n".to_vec();
    let (url, _) = serve(vec![(0, chunked), (50, b"a\r\nive\":true}\r\n0\r\n\r\n".to_vec())]).await;
    let answer = HttpFetch::new().unwrap().fetch(get(&url)).await.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (200, &b"{\"active\":true}"[..]));
}

#[tokio::test]
async fn redirects_and_errors_are_returned_not_followed() {
    for head in ["302 Found\r\nlocation: http://127.0.0.1:9/evil", "500 Oops", "404 Not Found"] {
        let (url, _) = serve(vec![(0, whole(head, "x"))]).await;
        let answer = HttpFetch::new().unwrap().fetch(get(&url)).await.unwrap();
        assert_eq!(answer.status.to_string(), head[..3], "{head}");
    }
}

#[tokio::test]
async fn slow_and_large_answers_are_given_up() {
    let large = whole("200 OK", &"x".repeat(1_025));
    let endless = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let chunk = format!("400\r\n{}\r\n", "x".repeat(1_024)).into_bytes();
    for (parts, expected) in [
        (vec![(2_000, whole("200 OK", "x"))], FetchFailed::TooSlow),
        (vec![(0, b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx".to_vec()), (2_000, vec![])], FetchFailed::TooSlow),
        (vec![(0, large)], FetchFailed::TooLarge),
        (vec![(0, endless), (0, chunk.clone()), (0, chunk)], FetchFailed::TooLarge),
        (vec![(0, b"not http\r\n\r\n".to_vec())], FetchFailed::Unreachable),
    ] {
        let (url, _) = serve(parts).await;
        let started = Instant::now();
        assert_eq!(HttpFetch::new().unwrap().fetch(get(&url)).await.unwrap_err(), expected);
        assert!(started.elapsed() < Duration::from_millis(1_500), "{expected}");
    }
    let nobody = get("http://127.0.0.1:1/keys");
    assert_eq!(HttpFetch::new().unwrap().fetch(nobody).await.unwrap_err(), FetchFailed::Unreachable);
}

#[tokio::test]
async fn a_form_is_posted_with_its_credentials() {
    let (url, server) = serve(vec![(0, whole("200 OK", "{}"))]).await;
    let (form, authorization) = (Some(Form::urlencoded("token=t")), Some(Secret::new("Basic YTpi")));
    HttpFetch::new().unwrap().fetch(Outgoing { form, authorization, ..get(&url) }).await.unwrap();
    let request = server.await.unwrap();
    assert!(request.starts_with("POST /keys HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: Basic YTpi\r\n"), "{request}");
    assert!(request.contains("content-type: application/x-www-form-urlencoded\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\ntoken=t"), "{request}");
}
