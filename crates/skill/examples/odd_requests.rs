//! Prints a good request, odd ones that are good as well, and the kit's bad ones, each with the status that a skill of this SDK answers: for the cross-check with Amazon's
//! own verifier in `benches/node/cross-check.mjs`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use sayso_skill::kit::{BadPost, Device, World, bad_posts, signed};
use sayso_skill::token::encoding::base64;
use sayso_skill::{Answer, HandlerError, HandlerInput, On, Post, Skill};
use serde_json::{Value, json};

async fn hello(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    Ok(input.respond().speak("hello"))
}

fn skill(world: &World) -> Skill {
    Skill::builder(World::SKILL_ID, world.outside()).trust(world.trust()).on(On::anything(), hello).build().unwrap()
}

/// Requests that are Alexa's, though no one has seen their like.
fn odd_but_good(world: &World, good: &Value) -> Vec<BadPost> {
    let signed_as = |why: &str, body: Vec<u8>| {
        let (signature, address) = signed(&body);
        BadPost { why: why.to_owned(), signatures: vec![signature], chain_urls: vec![address], body, chain: None }
    };
    let changed = |why: &str, place: &str, name: &str, value: Value| {
        let mut envelope = good.clone();
        envelope.pointer_mut(place).unwrap().as_object_mut().unwrap().insert(name.to_owned(), value);
        signed_as(why, envelope.to_string().into_bytes())
    };
    let deep = (0..60).fold(json!(1), |value, _| json!([value]));
    let mut posts = vec![
        changed("a time 150 s ago", "/request", "timestamp", json!("2026-11-22T11:57:30Z")),
        changed("a time with a fraction", "/request", "timestamp", json!("2026-11-22T11:58:00.123456Z")),
        changed("a time of another zone", "/request", "timestamp", json!("2026-11-22T13:00:00+01:00")),
        changed("a type of tomorrow", "/request", "type", json!("Alexa.OfTomorrow")),
        changed("a member of tomorrow", "/request", "ofTomorrow", json!({"a": [1, null, 2.5]})),
        changed("sixty lists in one another", "/session/attributes", "deep", deep),
        changed("a hundred thousand letters", "/session/attributes", "much", json!("x".repeat(100_000))),
        changed("letters of all kinds", "/session/attributes", "ä", json!("größer 茶 🍵 \u{0}\u{7f}\u{202e}")),
        changed("a name that means something elsewhere", "/session/attributes", "__proto__", json!({"a": 1})),
        changed("a number beyond 2^53", "/session/attributes", "n", json!(u64::MAX)),
        changed("no locale", "/request", "locale", Value::Null),
        changed("a locale that is none", "/request", "locale", json!(["en"])),
        changed("a version of tomorrow", "", "version", json!("2.0")),
        signed_as("blanks and line breaks", serde_json::to_vec_pretty(good).unwrap()),
        signed_as("blanks around it", format!(" \r\n{good}\n\t ").into_bytes()),
        signed_as("a byte order mark", format!("\u{feff}{good}").into_bytes()),
        signed_as("escapes for letters", good.to_string().replace("LaunchRequest", "\\u004caunchRequest").into_bytes()),
        changed("attributes that are null", "/session", "attributes", Value::Null),
    ];
    let mut outside = good.clone();
    outside.as_object_mut().unwrap().remove("session");
    outside["request"]["type"] = json!("AudioPlayer.PlaybackStopped");
    posts.push(signed_as("no session", outside.to_string().into_bytes()));
    for name in
        ["SkillEnabled", "SkillDisabled", "SkillAccountLinked", "SkillPermissionAccepted", "SkillPermissionChanged"]
    {
        let mut event = outside.clone();
        event["request"]["type"] = json!(format!("AlexaSkillEvent.{name}"));
        event["request"]["timestamp"] = json!("2026-11-22T11:00:00Z");
        posts.push(signed_as(&format!("{name}, an hour late"), event.to_string().into_bytes()));
    }
    let chain = world.chain_pem();
    let leaf = chain.split_inclusive("-----END CERTIFICATE-----").next().unwrap().to_owned() + "\n";
    for (why, chain) in [
        ("a chain with the line ends of Windows", chain.replace('\n', "\r\n")),
        ("a chain with words before and between", format!("subject=x\n{leaf}issuer=y\n{}", world.root_pem())),
        ("a chain without its root", leaf.clone()),
        ("a chain with its root twice", chain.clone() + &world.root_pem()),
        ("a chain without a line break at its end", chain.trim_end().to_owned()),
    ] {
        posts.push(BadPost { chain: Some((200, chain)), ..signed_as(why, good.to_string().into_bytes()) });
    }
    posts
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let world = World::new();
    let good_chain = world.chain_pem();
    let envelope = Device::of(&world, skill(&world)).envelope(json!({"type": "LaunchRequest"}));
    let body = envelope.to_string().into_bytes();
    let (signature, address) = signed(&body);
    let good = BadPost {
        why: "nothing".to_owned(),
        signatures: vec![signature],
        chain_urls: vec![address],
        body,
        chain: None,
    };
    let mut shown = Vec::new();
    let odd = odd_but_good(&world, &envelope).into_iter().map(|post| (true, post));
    let bad = bad_posts(&world, &envelope).into_iter().map(|post| (false, post));
    for (is_good, post) in std::iter::once((true, good)).chain(odd).chain(bad) {
        let world = World::new();
        let (status, chain) = post.chain.clone().unwrap_or_else(|| (200, good_chain.clone()));
        for address in post.chain_urls.iter().filter(|address| !address.contains("not-there")) {
            world.answer(address, status, chain.clone());
        }
        let device = Device::of(&world, skill(&world));
        let sayso = device
            .post_as_it_is(Post {
                signatures: post.signatures.iter().map(String::as_bytes).collect(),
                chain_urls: post.chain_urls.iter().map(String::as_bytes).collect(),
                body: &post.body,
            })
            .await
            .status();
        assert_eq!(sayso, if is_good { 200 } else { 400 }, "{}", post.why);
        shown.push(json!({
            "why": post.why, "signatures": post.signatures, "chainUrls": post.chain_urls, "body": base64(&post.body),
            "status": status, "chain": chain, "sayso": sayso,
        }));
    }
    let now = world.now().millis();
    println!("{}", json!({"now": now, "root": world.root_pem(), "address": World::CHAIN_URL, "posts": shown}));
}
