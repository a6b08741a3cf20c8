//! What a fuzzer tries, each as a function of bytes that panics when something does not hold.
//!
//! The targets in `fuzz_targets/` hand them to libFuzzer; `bounded.rs` tries them for a bounded while on any compiler, and with
//! `crates/skill/tests/fuzzing.rs` whenever the tests run.

use sayso_alexa::envelope::RequestEnvelope;
use sayso_alexa::response::ResponseEnvelope;
use sayso_alexa::signature::{ChainSource, check_chain_url, exactly_one, read_chain, verify_chain};
use sayso_token::algorithm::Algorithm;
use sayso_token::guard::dpop::{ProofAddress, Proven, check_proof};
use sayso_token::guard::{Requirements, challenge, check_introspection, check_jwt, check_tokeninfo, unknown_key};
use sayso_token::jwk::JwkSet;
use sayso_token::time::Timestamp;

const NOW: i64 = 1_795_348_800;

/// Any bytes: no panic; what is read prints back as the same JSON, and reads as the same again.
pub fn envelope(bytes: &[u8]) {
    if let Ok(envelope) = RequestEnvelope::from_slice(bytes) {
        let printed = serde_json::to_vec(&envelope).expect("what was read can be printed");
        let again = RequestEnvelope::from_slice(&printed).expect("what was printed can be read");
        assert_eq!(again, envelope);
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let (Ok(was), Ok(is)) = (value(bytes), value(&printed)) else { panic!("an envelope is JSON") };
        assert_eq!(was, is);
        // Nothing of it panics when it is looked at.
        let _ = (envelope.intent(), envelope.access_token(), envelope.confidence_level(), envelope.is_granted("x"));
        if let Some(request) = envelope.request() {
            let _ = sayso_alexa::timestamp::check(request, NOW * 1_000, Default::default());
        }
        let _ = (sayso_alexa::addressee::check_skill(&envelope, "x"), sayso_alexa::addressee::check_account(&envelope));
        assert!(format!("{envelope:?}").len() < 64 * printed.len() + 65_536);
    }
    if let Ok(response) = ResponseEnvelope::from_slice(bytes) {
        let _ = sayso_alexa::limits::refusals(&response, "IntentRequest", &Default::default());
    }
}

fn value(bytes: &[u8]) -> serde_json::Result<serde_json::Value> {
    serde_json::from_slice(bytes)
}

/// Any bytes as a token, a header, a key set or an authority's answer: no panic, and nothing passes that no key signed.
pub fn token(bytes: &[u8]) {
    let now = Timestamp::from_seconds(NOW);
    let want = Requirements::new("https://authority.test", "https://api.test")
        .expect("both are named")
        .algorithms(vec![Algorithm::Rs256, Algorithm::Es256]);
    let keys = JwkSet::parse(KEYS.as_bytes()).expect("the key set is one");
    if let Ok(text) = std::str::from_utf8(bytes) {
        for want in [want.clone(), want.clone().older_profile("JWT"), want.clone().untyped()] {
            assert!(check_jwt(text, &keys, &want, now, &|_| true).result.is_err(), "no key of this set signed it");
        }
        let _ = unknown_key(text, &keys);
        let address = ProofAddress::parse("https://api.test/x").expect("an address");
        let request = Proven { method: "GET", address: &address, token: "t" };
        assert!(check_proof(text, &request, &Algorithm::ALL, now).is_err(), "no key signed a proof");
        if let Some(address) = ProofAddress::parse(text) {
            assert_eq!(ProofAddress::parse(address.as_str()).as_ref(), Some(&address), "one spelling");
        }
        let _ = challenge::is_in_query(text);
    }
    if let Ok(Some(token)) = challenge::bearer([bytes]) {
        assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
    }
    let verdict = check_introspection(200, bytes, &want, now, &|_| true);
    if verdict.result.is_ok() {
        let answer = value(bytes).expect("an answer that opens something is JSON");
        assert_eq!(answer["active"], serde_json::Value::Bool(true));
        assert_eq!(answer["iss"], "https://authority.test");
    }
    let _ = check_tokeninfo(200, bytes, &want, now, &|_| true);
    if let Ok(keys) = JwkSet::parse(bytes) {
        assert!(JwkSet::parse(keys.to_json().to_string().as_bytes()).is_ok());
    }
}

/// Any bytes as a PEM file: no panic, no chain without a root.
pub fn certificate_chain(bytes: &[u8]) {
    if let Ok(chain) = read_chain(bytes) {
        assert!(!chain.is_empty() && chain.len() <= 10);
        assert!(verify_chain(&chain, &[], NOW * 1_000).is_err(), "no root is trusted");
        for certificate in &chain {
            if let Ok(root) = sayso_alexa::signature::read_root(&pem(certificate)) {
                let _ = verify_chain(&chain, &[root], NOW * 1_000);
            }
        }
    }
}

fn pem(certificate: &rustls_pki_types::CertificateDer<'_>) -> Vec<u8> {
    use sayso_token::encoding::base64;
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", base64(certificate)).into_bytes()
}

/// Any bytes as the address of a chain: no panic; what passes is Amazon's directory, in one spelling.
pub fn chain_url(bytes: &[u8]) {
    let Ok(text) = exactly_one([bytes]) else { return };
    if let Ok(url) = check_chain_url(text, None) {
        let spelled = url.as_str();
        assert_eq!(url.source(), ChainSource::Amazon);
        assert!(spelled.starts_with("https://s3.amazonaws.com/echo.api/"), "{spelled}");
        assert!(!spelled.contains("/../") && !spelled.ends_with("/.."), "{spelled}");
        // An @ is a sign like others behind the host, which is compared above.
        for sign in ['?', '#', '\\', '%'] {
            assert!(!spelled.contains(sign), "{spelled}");
        }
        let again = check_chain_url(spelled, None).expect("what passes passes again");
        assert_eq!(again.as_str(), spelled);
    }
}

/// The public key that RFC 7517 shows in its appendix A.1: whatever a fuzzer makes up is not signed with it.
const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","use":"sig","kid":"k",
"x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}"#;

#[cfg(test)]
#[path = "bounded.rs"]
mod bounded;
