//! Requests that are not Alexa's.

use rcgen::{CertificateParams, KeyUsagePurpose, date_time_ymd};
use serde_json::{Value, json};

use super::device::timestamp;
use super::signer::{chain_pem, root_pem, sign, sign_as_a_stranger, strangers_chain_pem};
use super::world::World;

/// A request that must be refused, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct BadPost {
    /// What is wrong.
    pub why: String,
    /// Every value of `Signature-256`.
    pub signatures: Vec<String>,
    /// Every value of `SignatureCertChainUrl`.
    pub chain_urls: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
    /// What lies at [`World::CHAIN_URL`], with its status; the good chain unless set.
    pub chain: Option<(u16, String)>,
}

impl BadPost {
    fn of(why: impl Into<String>, body: &[u8]) -> Self {
        Self {
            why: why.into(),
            signatures: vec![sign(body)],
            chain_urls: vec![World::CHAIN_URL.to_owned()],
            body: body.to_vec(),
            chain: None,
        }
    }
}

/// Some 75 requests that must be refused, made from a good one: headers, addresses and chains of certificates, signatures, times, skill ids.
#[must_use]
pub fn bad_posts(world: &World, good: &Value) -> Vec<BadPost> {
    let body = good.to_string().into_bytes();
    let mut posts = headers(&body);
    posts.extend(addresses(&body));
    posts.extend(chains(&body));
    posts.extend(bodies(world, good));
    posts
}

fn headers(body: &[u8]) -> Vec<BadPost> {
    let mut altered = body.to_vec();
    altered.push(b' ');
    let signatures =
        |why: &str, signatures: &[String]| BadPost { signatures: signatures.to_vec(), ..BadPost::of(why, body) };
    let addresses = |why: &str, chain_urls: &[&str]| BadPost {
        chain_urls: chain_urls.iter().map(ToString::to_string).collect(),
        ..BadPost::of(why, body)
    };
    vec![
        signatures("no signature", &[]),
        signatures("an empty signature", &[String::new()]),
        signatures("two signatures", &[sign(body), sign(body)]),
        signatures("a good and a bad signature", &[sign(body), sign(b"x")]),
        signatures("a signature of another body", &[sign(b"{}")]),
        signatures("a stranger's signature", &[sign_as_a_stranger(body)]),
        signatures("a signature that is not base64", &["!!!".to_owned()]),
        signatures("zeros for a signature", &["A".repeat(344)]),
        signatures("half a signature", &[sign(body).chars().take(172).collect()]),
        signatures("a signature with a blank", &[format!("{} ", sign(body))]),
        signatures(
            "a signature in the URL alphabet",
            &[sign(body).replace('+', "-").replace('/', "_").replace('=', "")],
        ),
        signatures("a signature twice over", &[sign(body) + &sign(body)]),
        BadPost { body: altered, ..BadPost::of("a body with one byte more", body) },
        BadPost { body: Vec::new(), ..BadPost::of("no body", body) },
        addresses("no address", &[]),
        addresses("an empty address", &[""]),
        addresses("two addresses", &[World::CHAIN_URL, World::CHAIN_URL]),
    ]
}

/// Alexa's documentation, and the verifiers that compared before they normalised.
fn addresses(body: &[u8]) -> Vec<BadPost> {
    let addresses = [
        "http://s3.amazonaws.com/echo.api/echo-api-cert.pem",
        "ftp://s3.amazonaws.com/echo.api/echo-api-cert.pem",
        "https://notamazon.com/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com.evil.test/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com./echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com@evil.test/echo.api/echo-api-cert.pem",
        "https://user@s3.amazonaws.com/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com:563/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com:80/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com/EcHo.aPi/echo-api-cert.pem",
        "https://s3.amazonaws.com/invalid.path/echo-api-cert.pem",
        "https://s3.amazonaws.com/echo.api",
        "https://s3.amazonaws.com/echo.apix/cert.pem",
        "https://s3.amazonaws.com//echo.api/cert.pem",
        "https://s3.amazonaws.com/echo.api/../invalid/cert.pem",
        "https://s3.amazonaws.com/echo.api/%2e%2e/invalid/cert.pem",
        "https://s3.amazonaws.com/echo.api/.%2E/invalid/cert.pem",
        "https://s3.amazonaws.com/echo.api/%252e%252e/invalid/cert.pem",
        "https://s3.amazonaws.com/echo.api/..%2finvalid/cert.pem",
        "https://s3.amazonaws.com/echo.api/..%5cinvalid/cert.pem",
        r"https://s3.amazonaws.com/echo.api/..\invalid\cert.pem",
        "https://s3.amazonaws.com/echo.api/cert.pem?x",
        "https://s3.amazonaws.com/echo.api/cert.pem#x",
        "https:s3.amazonaws.com/echo.api/cert.pem",
        "//s3.amazonaws.com/echo.api/cert.pem",
        "file:///echo.api/cert.pem",
        "https://127.0.0.1/echo.api/cert.pem",
        "https://[::1]/echo.api/cert.pem",
        "http://127.0.0.1:4001/echo.api/../secret.pem",
        "http://127.0.0.1:4002/echo.api/echo-api-cert.pem",
        "http://127.0.0.1:4001/echo.api/not-there.pem",
    ];
    addresses
        .map(|address| BadPost {
            chain_urls: vec![address.to_owned()],
            ..BadPost::of(format!("the chain at {address}"), body)
        })
        .into()
}

fn chains(body: &[u8]) -> Vec<BadPost> {
    let of = |why: &str, status: u16, pem: String| BadPost { chain: Some((status, pem)), ..BadPost::of(why, body) };
    let other_name = |name: &str| {
        let names =
            CertificateParams::new([name.to_owned()]).map(|params| params.subject_alt_names).unwrap_or_default();
        chain_pem(|leaf| leaf.subject_alt_names = names)
    };
    vec![
        of("an expired certificate", 200, chain_pem(|leaf| leaf.not_after = date_time_ymd(2026, 11, 1))),
        of("a certificate that is not yet valid", 200, chain_pem(|leaf| leaf.not_before = date_time_ymd(2026, 12, 1))),
        of("another name", 200, other_name("evil.test")),
        of("a wildcard", 200, other_name("*.amazon.com")),
        of("the name as a part of another", 200, other_name("echo-api.amazon.com.evil.test")),
        of("no alternative name", 200, chain_pem(|leaf| leaf.subject_alt_names.clear())),
        of("no digitalSignature", 200, chain_pem(|leaf| leaf.key_usages = vec![KeyUsagePurpose::KeyEncipherment])),
        of("a root for a leaf", 200, root_pem()),
        of("an untrusted root", 200, strangers_chain_pem()),
        of("no PEM", 200, "<html></html>".to_owned()),
        of("nothing", 200, String::new()),
        of("a redirect", 302, chain_pem(|_| {})),
        of("not found", 404, chain_pem(|_| {})),
        of("an error", 500, chain_pem(|_| {})),
    ]
}

fn bodies(world: &World, good: &Value) -> Vec<BadPost> {
    let now = world.now().seconds();
    let mut posts: Vec<BadPost> = [
        ("/request/timestamp", json!(timestamp(now - 151))),
        ("/request/timestamp", json!(timestamp(now + 151))),
        ("/request/timestamp", json!("yesterday")),
        ("/request/timestamp", json!(now)),
        ("/request/timestamp", Value::Null),
        ("/session/application/applicationId", json!("amzn1.ask.skill.other")),
        ("/context/System/application/applicationId", json!("amzn1.ask.skill.other")),
        ("/context/System/application/applicationId", Value::Null),
        ("/session/user/userId", json!("amzn1.ask.account.B")),
        ("/request/type", Value::Null),
        ("/request", Value::Null),
    ]
    .into_iter()
    .map(|(pointer, value)| {
        let mut changed = good.clone();
        let why = format!("{pointer} = {value}");
        if let Some(member) = changed.pointer_mut(pointer) {
            *member = value;
        }
        BadPost::of(why, changed.to_string().as_bytes())
    })
    .collect();
    posts.extend(
        ["{", "null", "[]", "{}", "\u{0}"].map(|body| BadPost::of(format!("the body {body:?}"), body.as_bytes())),
    );
    posts
}
