//! The fuzz targets without a fuzzer: seeds, and some thousand mutations of each, the same on every run.

use std::time::{Duration, Instant};

/// Chance that repeats itself (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { (self.next() % bound as u64) as usize }
    }
}

/// One to four changes: a byte, a piece cut out, doubled, or taken from another seed.
fn mutated(seed: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=chance.below(4) {
        let (at, length) = (chance.below(bytes.len() + 1), chance.below(16));
        let end = (at + length).min(bytes.len());
        match chance.below(5) {
            0 if at < bytes.len() => bytes[at] = chance.next() as u8,
            1 => drop(bytes.drain(at..end)),
            2 => bytes
                .splice(at..at, seed[at.min(seed.len())..end.min(seed.len()).max(at.min(seed.len()))].to_vec())
                .for_each(drop),
            3 => {
                let from = chance.below(other.len() + 1);
                let piece = other[from..(from + length).min(other.len())].to_vec();
                bytes.splice(at..end, piece).for_each(drop);
            }
            _ => bytes.insert(at, b"\"{}[]:,.%/\\\0="[chance.below(13)]),
        }
    }
    bytes
}

/// How long a target is tried.
#[derive(Clone, Copy)]
enum Bound {
    Rounds(u64),
    Time(Duration),
}

/// `FUZZ_SECONDS` of a target, else `FUZZ_ROUNDS`, else what `make test` has time for.
fn bound() -> Bound {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    match number("FUZZ_SECONDS") {
        Some(seconds) => Bound::Time(Duration::from_secs(seconds)),
        None => Bound::Rounds(number("FUZZ_ROUNDS").unwrap_or(2_000)),
    }
}

fn try_all(target: fn(&[u8]), seeds: &[Vec<u8>]) {
    let (bound, begun) = (bound(), Instant::now());
    let mut chance = Chance(7);
    for seed in seeds {
        target(seed);
    }
    let mut rounds = 0;
    while match bound {
        Bound::Rounds(most) => rounds < most,
        Bound::Time(most) => begun.elapsed() < most,
    } {
        let (seed, other) = (&seeds[chance.below(seeds.len())], &seeds[chance.below(seeds.len())]);
        target(&mutated(seed, other, &mut chance));
        rounds += 1;
    }
    println!("{rounds} rounds in {} s", begun.elapsed().as_secs());
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

#[test]
fn envelope() {
    try_all(
        super::envelope,
        &texts(&[
            r#"{"version":"1.0","session":{"new":true,"sessionId":"s","application":{"applicationId":"a"},"user":{"userId":"u","accessToken":"t","permissions":{"scopes":{"x":{"status":"GRANTED"}}}},"attributes":{"a":[1,2.5,null]}},"context":{"System":{"application":{"applicationId":"a"},"user":{"userId":"u"},"person":{"personId":"p","authenticationConfidenceLevel":{"level":300,"customPolicy":{"policyName":"VOICE_PIN"}}},"device":{"supportedInterfaces":{"AudioPlayer":{}}}},"Geolocation":{"coordinate":{"latitudeInDegrees":1e2}},"Viewport":{"experiences":[{"canRotate":false}]}},"request":{"type":"IntentRequest","requestId":"r","timestamp":"2026-11-22T12:00:00Z","locale":"en-US","dialogState":"STARTED","intent":{"name":"X","confirmationStatus":"NONE","slots":{"S":{"name":"S","value":"v","slotValue":{"type":"List","values":[{"type":"Simple","value":"a"}]},"resolutions":{"resolutionsPerAuthority":[{"status":{"code":"ER_SUCCESS_MATCH"},"values":[{"value":{"name":"n","id":"i"}}]}]}}}}}}"#,
            r#"{"request":{"type":"SessionResumedRequest","cause":{"type":"ConnectionCompleted","status":{"code":"200"},"result":{"status":"ACHIEVED"}}}}"#,
            r#"{"request":{"type":"AlexaSkillEvent.SkillDisabled","body":{"userInformationPersistenceStatus":"PERSISTED"},"timestamp":"2026-11-22T11:30:00.123+02:00"}}"#,
            r#"{"request":{"type":"Alexa.Presentation.APL.UserEvent","arguments":["a",1],"source":{},"token":"t"}}"#,
            r#"{"version":"1.0","response":{"outputSpeech":{"type":"SSML","ssml":"<speak>x</speak>"},"card":{"type":"LinkAccount"},"directives":[{"type":"AudioPlayer.Play","playBehavior":"ENQUEUE","audioItem":{"stream":{"token":"t","url":"u","offsetInMilliseconds":0}}}],"shouldEndSession":null}}"#,
        ]),
    );
}

#[test]
fn token() {
    use sayso_token::encoding::base64url;
    let part = |json: &str| base64url(json.as_bytes());
    let claims = r#"{"iss":"https://authority.test","sub":"ada","aud":"https://api.test","client_id":"c","jti":"j","iat":1795348790,"exp":1795352400,"scope":"a b"}"#;
    let forged = |header: &str| format!("{}.{}.{}", part(header), part(claims), "A".repeat(86));
    let answer = claims.replacen('{', r#"{"active":true,"#, 1);
    let seeds = [
        forged(r#"{"alg":"ES256","typ":"at+jwt","kid":"k"}"#),
        forged(r#"{"alg":"none","typ":"at+jwt"}"#),
        forged(r#"{"alg":"ES256","typ":"JWT","kid":"k","crit":["exp"]}"#),
        answer,
        r#"{"azp":"c","aud":"https://api.test","sub":"1","scope":"a","exp":"1795352400"}"#.to_owned(),
        "Bearer abc.def-_~+/==".to_owned(),
        forged(r#"{"alg":"ES256","typ":"dpop+jwt","jwk":{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}}"#),
        "HTTPS://Api.test:443/%61/../%2fx?y#z".to_owned(),
        r#"{"keys":[{"kty":"RSA","e":"AQAB","n":"AAAA","kid":"r"},{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}"#.to_owned(),
    ];
    try_all(super::token, &seeds.map(String::into_bytes));
}

#[test]
fn certificate_chain() {
    let certificate = include_str!("self_signed.pem");
    let seeds = [
        certificate.to_owned(),
        format!("{certificate}{certificate}"),
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".to_owned(),
        String::new(),
    ];
    try_all(super::certificate_chain, &seeds.map(String::into_bytes));
}

#[test]
fn chain_url() {
    try_all(
        super::chain_url,
        &texts(&[
            "https://s3.amazonaws.com/echo.api/echo-api-cert.pem",
            "HTTPS://S3.AMAZONAWS.COM:443/echo.api/../echo.api/./a.pem",
            "https://s3.amazonaws.com/%65cho.api/%2e%2e/x.pem",
            "https://user@s3.amazonaws.com:563/echo.api/x.pem?y#z",
            r"https:\\s3.amazonaws.com\echo.api\..\x.pem",
        ]),
    );
}
