//! Requests that are not Alexa's.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose, SanType, date_time_ymd,
};
use sayso_alexa::signature::certificate::SIGNER_NAME;
use sayso_token::encoding::base64;
use serde_json::{Value, json};

use super::device::timestamp;
use super::signer::{
    chain_pem, leaf_pem, private_key_pem, root_pem, sign, sign_as_a_stranger, sign_otherwise, strangers_chain_pem,
};
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

/// Some hundred requests that must be refused, made from a good one: headers, addresses and chains of certificates, signatures, times, skill ids.
#[must_use]
pub fn bad_posts(world: &World, good: &Value) -> Vec<BadPost> {
    let body = good.to_string().into_bytes();
    let mut posts = headers(&body);
    posts.extend(addresses(&body));
    posts.extend(chains(&body));
    posts.extend(chains_of_other_make(&body));
    posts.extend(other_signatures(&body));
    posts.extend(bodies(world, good));
    posts.extend(events(world, good));
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
    let other_name = |name: &str| chain_pem(|leaf| leaf.subject_alt_names = alternative_names(name));
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

/// What a verifier may take for a chain that only looks for its parts.
fn chains_of_other_make(body: &[u8]) -> Vec<BadPost> {
    let of = |why: &str, pem: String| BadPost { chain: Some((200, pem)), ..BadPost::of(why, body) };
    let twenty = leaf_pem() + &root_pem().repeat(20);
    vec![
        of(
            "an authority's certificate for a leaf",
            chain_pem(|leaf| leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)),
        ),
        of(
            "a certificate for clients",
            chain_pem(|leaf| leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]),
        ),
        of(
            "the name among the subject's alone",
            chain_pem(|leaf| {
                leaf.subject_alt_names.clear();
                leaf.distinguished_name.push(DnType::CommonName, SIGNER_NAME);
            }),
        ),
        of(
            "the name with a dot behind",
            chain_pem(|leaf| leaf.subject_alt_names = alternative_names(&format!("{SIGNER_NAME}."))),
        ),
        of(
            "the name as a mail address",
            chain_pem(|leaf| {
                leaf.subject_alt_names = SIGNER_NAME.try_into().map(SanType::Rfc822Name).into_iter().collect();
            }),
        ),
        of("a private key", private_key_pem()),
        of("the root in front of the leaf", root_pem() + &leaf_pem()),
        of("a stranger's leaf behind the root's", root_pem() + &strangers_chain_pem()),
        of("the first half of a chain", leaf_pem().chars().take(400).collect()),
        of("the chain in the JSON of an error", json!({"error": chain_pem(|_| {})}).to_string()),
        of("twenty certificates", twenty),
        of("a chain behind a megabyte of words", "x".repeat(1_000_000) + "\n" + &chain_pem(|_| {})),
    ]
}

fn alternative_names(name: &str) -> Vec<SanType> {
    CertificateParams::new([name.to_owned()]).map(|params| params.subject_alt_names).unwrap_or_default()
}

fn other_signatures(body: &[u8]) -> Vec<BadPost> {
    let good = sign(body);
    let middle = good.len() / 2;
    let parts = good.split_at(middle);
    let mut posts: Vec<BadPost> = sign_otherwise(body)
        .into_iter()
        .map(|(kind, signature)| BadPost {
            signatures: vec![signature],
            ..BadPost::of(format!("a signature by {kind}"), body)
        })
        .collect();
    for (why, signature) in [
        ("a signature with a line break in it", format!("{}\n{}", parts.0, parts.1)),
        ("a signature with its first half doubled", format!("{}{good}", parts.0)),
        ("a signature in quotation marks", format!("\"{good}\"")),
        ("its digest alone", base64(&[0; 32])),
    ] {
        posts.push(BadPost { signatures: vec![signature], ..BadPost::of(why, body) });
    }
    posts
}

/// Skill events may come an hour late, and no later.
fn events(world: &World, good: &Value) -> Vec<BadPost> {
    let now = world.now().seconds();
    [
        ("AlexaSkillEvent.SkillDisabled", now - 3_601),
        ("AlexaSkillEvent.SkillEnabled", now + 151),
        ("alexaskillevent.SkillEnabled", now - 3_000),
        ("AudioPlayer.PlaybackStarted", now - 3_000),
    ]
    .into_iter()
    .map(|(request_type, sent)| {
        let mut changed = good.clone();
        if let Some(request) = changed.pointer_mut("/request").and_then(Value::as_object_mut) {
            request.insert("type".to_owned(), json!(request_type));
            request.insert("timestamp".to_owned(), json!(timestamp(sent)));
        }
        BadPost::of(format!("{request_type}, {} s old", now - sent), changed.to_string().as_bytes())
    })
    .collect()
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
