//! Forgeries and tricks of serialisation.

use aws_lc_rs::hmac;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{assert_denied, judge, want};
use crate::algorithm::Algorithm;
use crate::encoding::{base64url, from_base64url};
use crate::guard::{Check, Reason, check_jwt, unknown_key};
use crate::jwk::JwkSet;
use crate::jws::MAX_TOKEN_BYTES;
use crate::testing::{good_claims, good_header, key, keys, now, object, signed, strangers_key, token, with};

fn es() -> &'static crate::keyring::SigningKey {
    key(Algorithm::Es256)
}

fn header(name: &str, value: Option<Value>) -> String {
    json!(with(good_header(es()), name, value)).to_string()
}

fn payload() -> String {
    json!(good_claims()).to_string()
}

#[track_caller]
fn assert_forged(name: &str, token: &str) {
    assert_denied(name, &judge(token), Check::TrustedSignature, Reason::Signature);
}

#[track_caller]
fn assert_malformed(name: &str, token: &str) {
    assert_denied(name, &judge(token), Check::WellFormed, Reason::Format);
}

/// JWT-001: with a signature part, with an empty one and without.
#[test]
fn alg_none_in_any_spelling_is_no_signature() {
    let spellings = ["none", "None", "NONE", "nOnE", "", "null", "rs256", "ES256 ", "HS256", "PS256", "ES384", "EdDSA"];
    let mut algs: Vec<_> = spellings.iter().map(|alg| Some(json!(alg))).collect();
    algs.extend([None, Some(Value::Null), Some(json!(["ES256"])), Some(json!(256))]);
    for alg in algs {
        let signed = signed(&header("alg", alg.clone()), &payload(), es());
        assert_forged(&format!("{alg:?}, signed"), &signed);
        let (body, _) = signed.rsplit_once('.').unwrap();
        assert_forged(&format!("{alg:?}, empty signature"), &format!("{body}."));
        assert_malformed(&format!("{alg:?}, no signature"), body);
    }
}

#[test]
fn a_public_key_is_no_shared_secret() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let public = key(algorithm).public().to_json();
        let coordinate = public["n"].as_str().or(public["x"].as_str()).unwrap();
        let secrets = [
            public.to_string().into_bytes(),
            coordinate.as_bytes().to_vec(),
            from_base64url(coordinate).unwrap(),
            Vec::new(),
        ];
        for alg in ["HS256", algorithm.name()] {
            let header = with(good_header(key(algorithm)), "alg", Some(json!(alg)));
            let body =
                format!("{}.{}", base64url(json!(header).to_string().as_bytes()), base64url(payload().as_bytes()));
            for secret in &secrets {
                let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), body.as_bytes());
                assert_forged(alg, &format!("{body}.{}", base64url(tag.as_ref())));
            }
        }
    }
}

#[test]
fn a_key_signs_with_its_own_algorithm_only() {
    for (named, signer) in [(Algorithm::Rs256, Algorithm::Es256), (Algorithm::Es256, Algorithm::Rs256)] {
        let header = with(good_header(key(signer)), "alg", Some(json!(named.name())));
        assert_forged(named.name(), &signed(&json!(header).to_string(), &payload(), key(signer)));
    }
}

/// JWT-004: keys and addresses of keys in the header are not looked at.
#[test]
fn a_token_does_not_bring_its_own_key() {
    let stranger = strangers_key();
    let foreign = with(good_header(stranger), "jwk", Some(stranger.public().to_json()));
    assert_forged("stranger's key in jwk", &signed(&json!(foreign).to_string(), &payload(), stranger));
    let parameters = ["jku", "jwk", "x5c", "x5t", "x5t#S256", "x5u"];
    for name in parameters {
        for value in [json!("https://authority.test/open?to=evil.test"), json!(["MIIB"]), Value::Null] {
            assert_forged(name, &signed(&header(name, Some(value)), &payload(), es()));
        }
    }
}

/// JWT-005: a path, a query or an address is a key id that nobody has.
#[test]
fn a_kid_is_looked_up_and_nothing_else() {
    let kids = [
        json!("../../dev/null"),
        json!("' OR 1=1 --"),
        json!("k".repeat(10_000)),
        json!("\u{0}"),
        json!("https://evil.test/keys"),
        json!([es().kid()]),
        json!({"kid": es().kid()}),
        json!(1),
        json!(true),
        Value::Null,
        json!(""),
        json!("unknown"),
        json!(es().kid().to_lowercase()),
        json!(strangers_key().kid()),
    ];
    for kid in kids {
        let name = kid.to_string();
        assert_forged(&name[..name.len().min(40)], &signed(&header("kid", Some(kid)), &payload(), es()));
    }
    assert_forged("a known kid over a stranger's signature", &signed(&header("x", None), &payload(), strangers_key()));
}

#[test]
fn a_published_key_of_an_overlong_id_is_nobodys() {
    for (length, known) in [(256, true), (257, false)] {
        let kid = "k".repeat(length);
        let mut published = es().public().to_json();
        published["kid"] = json!(kid);
        let keys = JwkSet::parse(json!({ "keys": [published] }).to_string().as_bytes()).unwrap();
        let token = signed(&header("kid", Some(json!(kid))), &payload(), es());
        let verdict = check_jwt(&token, &keys, &want(), now(), &|_| true);
        assert_eq!(verdict.result.is_ok(), known, "an id of {length} bytes");
    }
}

#[test]
fn without_a_kid_only_a_lone_key_is_tried() {
    let bare = signed(&header("kid", None), &payload(), es());
    assert_forged("two keys", &bare);
    let alone = JwkSet::new(vec![es().public().clone()]);
    assert!(check_jwt(&bare, &alone, &want(), now(), &|_| true).result.is_ok());
    let verdict = check_jwt(&bare, &JwkSet::default(), &want(), now(), &|_| true);
    assert_denied("no keys", &verdict, Check::TrustedSignature, Reason::Signature);
}

#[test]
fn keys_are_fetched_again_only_for_a_key_id_never_seen() {
    let of_kid = |kid: Value| signed(&header("kid", Some(kid)), &payload(), es());
    let cases = [
        ("known", of_kid(json!(es().kid())), false),
        ("unknown", of_kid(json!("new")), true),
        ("as long as an id may be", of_kid(json!("k".repeat(256))), true),
        ("oversize", of_kid(json!("k".repeat(257))), false),
        ("unreadable", of_kid(json!(1)), false),
        ("absent", signed(&header("kid", None), &payload(), es()), false),
        ("no token", "x.y.z".to_owned(), false),
        ("too long", "a".repeat(MAX_TOKEN_BYTES + 1), false),
    ];
    for (name, token, fetch) in cases {
        assert_eq!(unknown_key(&token, &keys()), fetch, "{name}");
    }
}

/// JWT-006: zeros, the order of the curve, and DER.
#[test]
fn ecdsa_signatures_that_no_key_made() {
    let good = token(&good_claims(), es());
    let (body, signature) = good.rsplit_once('.').unwrap();
    let raw = from_base64url(signature).unwrap();
    let order: Vec<u8> = (0..64)
        .step_by(2)
        .map(|at| {
            let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
            u8::from_str_radix(&order[at..at + 2], 16).unwrap()
        })
        .collect();
    let der = [&[0x30, 0x44, 0x02, 0x20], &raw[..32], &[0x02, 0x20], &raw[32..]].concat();
    let swapped = [&raw[32..], &raw[..32]].concat();
    let cases = [
        ("zero", vec![0; 64]),
        ("r is the order", [&order[..], &raw[32..]].concat()),
        ("s is the order", [&raw[..32], &order[..]].concat()),
        ("both are the order", order.repeat(2)),
        ("all ones", vec![0xFF; 64]),
        ("r zero", [&[0; 32][..], &raw[32..]].concat()),
        ("s zero", [&raw[..32], &[0; 32][..]].concat()),
        ("DER", der),
        ("halves swapped", swapped),
        ("one byte short", raw[..63].to_vec()),
        ("one byte more", [&raw[..], &[0]].concat()),
        ("empty", Vec::new()),
    ];
    for (name, signature) in cases {
        assert_forged(name, &format!("{body}.{}", base64url(&signature)));
    }
}

/// JWT-014, JWT-016: what must be understood, and what turns a JWS into something else.
#[test]
fn header_parameters_that_change_the_reading_are_refused() {
    let cases = [
        ("crit", json!(["exp"])),
        ("crit", json!(["x"])),
        ("crit", json!([])),
        ("crit", Value::Null),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
    ];
    for (name, value) in cases {
        assert_malformed(name, &signed(&header(name, Some(value)), &payload(), es()));
    }
}

/// JWT-015: other serialisations, padding, blanks.
#[test]
fn one_way_to_write_a_token() {
    let good = token(&good_claims(), es());
    let parts: Vec<_> = good.split('.').collect();
    let [head, body, signature] = parts[..] else { panic!("three parts") };
    let json_form = json!({ "payload": body, "protected": head, "signature": signature });
    let general = json!({ "payload": body, "signatures": [{ "protected": head, "signature": signature }] });
    let cases = [
        ("empty", String::new()),
        ("one part", head.to_owned()),
        ("two parts", format!("{head}.{body}")),
        ("four parts", format!("{good}.{signature}")),
        ("JWE", format!("{head}.{body}.{signature}.{body}.{signature}")),
        ("trailing dot", format!("{good}.")),
        ("leading dot", format!(".{good}")),
        ("flattened JSON", json_form.to_string()),
        ("general JSON", general.to_string()),
        ("padding", format!("{head}=.{body}.{signature}")),
        ("padded signature", format!("{good}==")),
        ("plus", format!("{head}.{body}.+{}", &signature[1..])),
        ("slash", format!("{head}.{body}.{}/", &signature[1..])),
        ("blank before", format!(" {good}")),
        ("blank after", format!("{good} ")),
        ("line break", format!("{good}\n")),
        ("tab inside", format!("{head}.\t{body}.{signature}")),
        ("NUL", format!("{good}\u{0}")),
        ("percent", good.replace('.', "%2E")),
        ("Bearer", format!("Bearer {good}")),
        ("detached payload", format!("{head}..{signature}")),
        ("no header", format!(".{body}.{signature}")),
        ("not base64", format!("{head}.ä.{signature}")),
        ("not an object", signed(&header("x", None), "[]", es())),
        ("not JSON", signed(&header("x", None), "hello", es())),
        ("two values", signed(&header("x", None), &format!("{0}{0}", payload()), es())),
        ("header not an object", signed("\"x\"", &payload(), es())),
        ("byte order mark", signed(&header("x", None), &format!("\u{feff}{}", payload()), es())),
    ];
    for (name, token) in cases {
        assert_malformed(name, &token);
    }
}

/// JWT-015: two readers could choose differently.
#[test]
fn a_member_name_stands_once() {
    let payload = payload();
    let twice = |member: &str| format!("{{{member},{}", &payload[1..]);
    let payloads = [
        ("same value", twice("\"sub\":\"usr_ada\"")),
        ("other value", twice("\"sub\":\"usr_eve\"")),
        ("escaped name", twice("\"\\u0073ub\":\"usr_eve\"")),
        ("deep inside", twice("\"x\":[{\"a\":1,\"a\":1}]")),
        ("unpaired surrogate", twice("\"x\":\"\\ud800\"")),
    ];
    for (name, payload) in payloads {
        assert_malformed(name, &signed(&header("x", None), &payload, es()));
    }
    let head = header("x", None);
    for member in ["\"alg\":\"none\"", "\"kid\":\"x\"", "\"\\u0061lg\":\"ES256\""] {
        assert_malformed(member, &signed(&format!("{{{member},{}", &head[1..]), &payload, es()));
    }
}

/// JWT-017: it is refused before it is parsed.
#[test]
fn what_is_too_large_or_too_deep_is_not_read() {
    let deep = |open: &str, levels: usize| {
        let claims = format!("{{\"x\":{},{}", open.repeat(levels), &payload()[1..]);
        signed(&header("x", None), &claims, es())
    };
    let megabyte = with(good_claims(), "x", Some(json!("x".repeat(1 << 20))));
    let scopes = with(good_claims(), "scope", Some(json!("s ".repeat(100_000))));
    let cases = [
        ("a million dots", ".".repeat(1_000_000)),
        ("a megabyte of one letter", "A".repeat(1 << 20)),
        ("a claim of a megabyte", token(&megabyte, es())),
        ("100000 scopes", token(&scopes, es())),
        ("arrays 10000 deep", deep("[", 10_000)),
        ("objects 1000 deep", deep("{\"a\":", 1000)),
        ("arrays 10000 deep in the header", signed(&format!("{{\"x\":{}", "[".repeat(10_000)), &payload(), es())),
    ];
    for (name, token) in cases {
        assert_malformed(name, &token);
    }
}

#[test]
fn the_size_limit_is_the_one_named() {
    let sized = |filling: usize| token(&with(good_claims(), "x", Some(json!("x".repeat(filling)))), es());
    let base = sized(0).len();
    let fits = (MAX_TOKEN_BYTES - base) * 3 / 4 - 2;
    assert!(sized(fits).len() <= MAX_TOKEN_BYTES);
    assert!(judge(&sized(fits)).result.is_ok());
    assert!(sized(fits + 8).len() > MAX_TOKEN_BYTES);
    assert_malformed("one too many", &sized(fits + 8));
}

/// A second opinion: a token of another maker passes here, and one with a claim of another type does not.
#[test]
fn tokens_of_another_maker_pass() {
    use jsonwebtoken::{EncodingKey, Header, encode};
    // PKCS#8 of an RSA key of 2048 bits is 26 bytes of frame around the PKCS#1 key that this maker wants.
    let makers = [
        (jsonwebtoken::Algorithm::ES256, EncodingKey::from_ec_der(crate::testing::es_pkcs8()), es()),
        (
            jsonwebtoken::Algorithm::RS256,
            EncodingKey::from_rsa_der(&crate::testing::rsa_pkcs8()[26..]),
            key(Algorithm::Rs256),
        ),
    ];
    for (alg, theirs, ours) in makers {
        let mut header = Header::new(alg);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(ours.kid().to_owned());
        let token = encode(&header, &good_claims(), &theirs).unwrap();
        assert!(judge(&token).result.is_ok(), "{alg:?}");
        let stringly = with(good_claims(), "exp", Some(json!("9999999999")));
        assert_malformed("exp as a text", &encode(&header, &stringly, &theirs).unwrap());
    }
}

#[test]
fn a_token_taken_apart_does_not_print_itself() {
    let good = token(&good_claims(), es());
    let printed = format!("{:?}", crate::jws::parse(&good).unwrap());
    let parts: Vec<_> = good.split('.').collect();
    assert!(!printed.contains(parts[1]) && !printed.contains("usr_ada"), "{printed}");
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics_and_never_passes(text: String) {
        prop_assert!(judge(&text).result.is_err());
        prop_assert!(!unknown_key(&text, &keys()) || text.contains('.'));
    }

    #[test]
    fn arbitrary_parts_never_panic_and_never_pass(head: Vec<u8>, body: Vec<u8>, signature: Vec<u8>) {
        let token = [head, body, signature].map(|part| base64url(&part)).join(".");
        prop_assert!(judge(&token).result.is_err());
    }

    #[test]
    fn an_unsigned_object_never_passes(
        names in proptest::collection::vec("alg|typ|kid|jwk|crit|x", 0..4), value: String, signature: [u8; 64],
    ) {
        let mut head = good_header(es());
        head.extend(names.into_iter().map(|name| (name, json!(value))));
        let parts = [json!(head).to_string(), payload()].map(|part| base64url(part.as_bytes()));
        let token = format!("{}.{}", parts.join("."), base64url(&signature));
        prop_assert!(judge(&token).result.is_err());
    }

    /// One character changed anywhere: never another token that passes.
    #[test]
    fn no_character_can_be_changed(at: prop::sample::Index, with in "[A-Za-z0-9._=+/ -]") {
        let good = token(&good_claims(), es());
        let at = at.index(good.len());
        let changed = format!("{}{with}{}", &good[..at], &good[at + 1..]);
        prop_assert_eq!(judge(&changed).result.is_ok(), changed == good);
    }

    #[test]
    fn nothing_can_be_cut_off(at: prop::sample::Index) {
        let good = token(&object(json!(good_claims())), es());
        let at = at.index(good.len());
        prop_assert!(judge(&good[..at]).result.is_err());
        prop_assert!(judge(&good[at..]).result.is_err() || at == 0);
    }
}
