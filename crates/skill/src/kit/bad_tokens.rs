//! Access tokens that no skill may accept.

use sayso_token::encoding::base64url;
use sayso_token::keyring::SigningKey;
use serde_json::{Map, Value, json};

use super::signer::token_keys;
use super::world::World;

/// A token that no skill may accept, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct BadToken {
    /// What is wrong.
    pub why: String,
    /// The token.
    pub token: String,
}

/// Header and payload as they stand, signed by `key` whatever they say.
fn signed(header: &str, payload: &str, key: &SigningKey) -> String {
    let body = format!("{}.{}", base64url(header.as_bytes()), base64url(payload.as_bytes()));
    let signature = key.sign(body.as_bytes()).unwrap_or_default();
    format!("{body}.{}", base64url(&signature))
}

/// Makes variations of one good token.
struct Forge {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    found: Vec<BadToken>,
}

impl Forge {
    fn add(&mut self, why: impl Into<String>, token: impl Into<String>) {
        self.found.push(BadToken { why: why.into(), token: token.into() });
    }

    fn with_header(&mut self, name: &str, value: Option<Value>) {
        let why = format!("header {name} = {}", shown(value.as_ref()));
        let header = changed(&self.header, name, value);
        let token = signed(&json!(header).to_string(), &json!(self.claims).to_string(), token_keys().0);
        self.add(why, token);
    }

    fn with_claim(&mut self, name: &str, value: Option<Value>) {
        let why = format!("claim {name} = {}", shown(value.as_ref()));
        let claims = changed(&self.claims, name, value);
        let token = signed(&json!(self.header).to_string(), &json!(claims).to_string(), token_keys().0);
        self.add(why, token);
    }

    fn with_payload(&mut self, why: &str, payload: &str) {
        let token = signed(&json!(self.header).to_string(), payload, token_keys().0);
        self.add(why, token);
    }
}

fn changed(members: &Map<String, Value>, name: &str, value: Option<Value>) -> Map<String, Value> {
    let mut members = members.clone();
    match value {
        Some(value) => members.insert(name.to_owned(), value),
        None => members.remove(name),
    };
    members
}

fn shown(value: Option<&Value>) -> String {
    let text = value.map_or_else(|| "absent".to_owned(), Value::to_string);
    text.chars().take(60).collect()
}

/// Some 160 tokens, each with one fault, made from one that would pass with these scopes.
///
/// They are the faults of the JWT best practices (RFC 8725), of RFC 9068 and RFC 9700, and of verifiers that got them wrong: `none`, keys from
/// the header, `kid` as a path, claims of another type, members that stand twice, ID tokens, other audiences, and so on.
#[must_use]
pub fn bad_tokens(world: &World, scopes: &str) -> Vec<BadToken> {
    let own = token_keys().0;
    let header = match json!({"alg": "RS256", "typ": "at+jwt", "kid": own.kid()}) {
        Value::Object(header) => header,
        _ => Map::new(),
    };
    let mut forge = Forge { header, claims: world.claims(scopes), found: Vec::new() };
    signatures(&mut forge, world, scopes);
    headers(&mut forge);
    claims_of_other_types(&mut forge);
    claims_of_other_values(&mut forge, world);
    lesser_scopes(&mut forge, scopes);
    forms(&mut forge, world, scopes);
    forge.found
}

fn signatures(forge: &mut Forge, world: &World, scopes: &str) {
    let good = world.token(scopes);
    let (body, signature) = good.rsplit_once('.').unwrap_or_default();
    for alg in ["none", "None", "NONE", "nOnE", "", "HS256", "HS512", "rs256", "RS1", "ES256", "PS256", "EdDSA"] {
        forge.with_header("alg", Some(json!(alg)));
    }
    forge.with_header("alg", None);
    forge.with_header("alg", Some(Value::Null));
    forge.with_header("alg", Some(json!(["RS256"])));
    for alg in ["none", "None"] {
        let header = changed(&forge.header, "alg", Some(json!(alg)));
        let unsigned = format!(
            "{}.{}.",
            base64url(json!(header).to_string().as_bytes()),
            base64url(json!(forge.claims).to_string().as_bytes())
        );
        forge.add(format!("alg {alg}, no signature"), unsigned);
    }
    forge.add("no signature", format!("{body}."));
    forge.add("the signature of another token", {
        let other = world.token("other");
        format!("{body}.{}", other.rsplit('.').next().unwrap_or_default())
    });
    forge.add("zeros for a signature", format!("{body}.{}", "A".repeat(signature.len())));
    forge.add("half a signature", format!("{body}.{}", signature.get(..signature.len() / 2).unwrap_or_default()));
    forge.add(
        "signed by a stranger under the authority's key id",
        signed(&json!(forge.header).to_string(), &json!(forge.claims).to_string(), token_keys().1),
    );
}

fn headers(forge: &mut Forge) {
    let stranger = token_keys().1;
    for (name, value) in [
        ("jwk", stranger.public().to_json()),
        ("jku", json!("https://evil.test/keys")),
        ("x5u", json!("https://evil.test/chain")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAA")),
        ("x5t#S256", json!("AAAA")),
    ] {
        let header = changed(&forge.header, name, Some(value.clone()));
        let header = changed(&header, "kid", Some(json!(stranger.kid())));
        let token = signed(&json!(header).to_string(), &json!(forge.claims).to_string(), stranger);
        forge.add(format!("a stranger's key in {name}"), token);
        forge.with_header(name, Some(value));
    }
    for kid in [
        json!("../../dev/null"),
        json!("' OR 1=1 --"),
        json!("k".repeat(10_000)),
        json!("\u{0}"),
        json!("https://evil.test/keys"),
        json!(""),
        json!("unknown"),
        json!(1),
        json!(["a"]),
        json!({"a": 1}),
        Value::Null,
    ] {
        forge.with_header("kid", Some(kid));
    }
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!(["x"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
    ] {
        forge.with_header(name, Some(value));
    }
    for typ in ["JWT", "jwt", "logout+jwt", "dpop+jwt", "token-introspection+jwt", "secevent+jwt", ""] {
        forge.with_header("typ", Some(json!(typ)));
    }
    forge.with_header("typ", None);
    forge.with_header("typ", Some(json!(["at+jwt"])));
    forge.with_header("typ", Some(Value::Null));
}

/// CVE-2026-25537: a claim that cannot be read is not an absent one.
fn claims_of_other_types(forge: &mut Forge) {
    let others = [Value::Null, json!(true), json!([]), json!({}), json!([[1]])];
    for name in ["iss", "sub", "aud", "exp", "iat", "jti", "client_id"] {
        forge.with_claim(name, None);
        for other in &others {
            forge.with_claim(name, Some(other.clone()));
        }
    }
    for name in ["iss", "sub", "aud", "client_id", "scope", "jti"] {
        forge.with_claim(name, Some(json!(7)));
    }
    for name in ["exp", "iat", "nbf"] {
        for other in [json!("1"), json!(-1), json!(1.5), json!(u64::MAX), json!(1e300)] {
            forge.with_claim(name, Some(other));
        }
    }
    forge.with_claim("nbf", Some(Value::Null));
    forge.with_claim("sub", Some(json!("")));
}

fn claims_of_other_values(forge: &mut Forge, world: &World) {
    let (issuer, audience, now) = (&world.issuer(), &world.audience(), world.now().seconds());
    for other in
        [format!("{issuer}/"), issuer.to_uppercase(), format!("{issuer}.evil.test"), "https://evil.test".into()]
    {
        forge.with_claim("iss", Some(json!(other)));
    }
    for other in [
        json!("https://other.test"),
        json!(format!("{audience}/")),
        json!(format!("{audience}2")),
        json!(audience.get(1..)),
        json!(audience.to_uppercase()),
        json!(["https://other.test"]),
        json!(["https://other.test", audience]),
        json!("alexa"),
        json!(""),
    ] {
        forge.with_claim("aud", Some(other));
    }
    for (name, value) in [
        ("exp", now - 121),
        ("exp", now - 86_400),
        ("exp", 0),
        ("iat", now + 121),
        ("nbf", now + 121),
        ("nbf", now + 86_400),
    ] {
        forge.with_claim(name, Some(json!(value)));
    }
    forge.with_claim("cnf", Some(json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})));
}

/// Scopes are whole words.
fn lesser_scopes(forge: &mut Forge, scopes: &str) {
    if scopes.is_empty() {
        return;
    }
    for other in [
        "",
        "openid",
        &format!("{scopes}2"),
        &format!("x{scopes}"),
        &scopes.to_uppercase(),
        &format!("{scopes}\u{a0}x"),
    ] {
        forge.with_claim("scope", Some(json!(other)));
    }
    forge.with_claim("scope", None);
    // Of several, each is needed.
    let needed: Vec<&str> = scopes.split(' ').collect();
    for missing in needed.iter().filter(|_| needed.len() > 1) {
        let rest: Vec<&str> = needed.iter().copied().filter(|scope| scope != missing).collect();
        forge.with_claim("scope", Some(json!(rest.join(" "))));
    }
}

fn forms(forge: &mut Forge, world: &World, scopes: &str) {
    let good = world.token(scopes);
    let (head, rest) = good.split_once('.').unwrap_or_default();
    let (body, signature) = rest.split_once('.').unwrap_or_default();
    let json_form = json!({"payload": body, "protected": head, "signature": signature}).to_string();
    for (why, token) in [
        ("opaque", "opaque".to_owned()),
        ("undefined", "undefined".to_owned()),
        ("one part", head.to_owned()),
        ("two parts", format!("{head}.{body}")),
        ("four parts", format!("{good}.{signature}")),
        ("five parts, as of a JWE", format!("{head}.{body}.{signature}.{body}.{signature}")),
        ("a dot at the end", format!("{good}.")),
        ("a dot in front", format!(".{good}")),
        ("the JSON serialisation", json_form),
        ("padding", format!("{head}=.{body}.{signature}")),
        ("a blank in front", format!(" {good}")),
        ("a line break behind", format!("{good}\n")),
        ("a NUL behind", format!("{good}\u{0}")),
        ("Bearer in front", format!("Bearer {good}")),
        ("a detached payload", format!("{head}..{signature}")),
        ("ten thousand dots", ".".repeat(10_000)),
        ("twenty thousand letters", "A".repeat(20_000)),
    ] {
        forge.add(why, token);
    }
    let payload = json!(forge.claims).to_string();
    let rest = payload.get(1..).unwrap_or_default().to_owned();
    for (why, payload) in [
        ("sub twice", format!("{{\"sub\":\"eve\",{rest}")),
        ("sub twice, once escaped", format!("{{\"\\u0073ub\":\"eve\",{rest}")),
        ("a payload that is an array", format!("[{payload}]")),
        ("a payload that is text", "hello".to_owned()),
        ("two payloads", format!("{payload}{payload}")),
        ("a payload a thousand deep", format!("{{\"x\":{}{},{rest}", "[".repeat(1_000), "]".repeat(1_000))),
    ] {
        forge.with_payload(why, &payload);
    }
}
