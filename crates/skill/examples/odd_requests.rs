//! Prints the kit's requests, the good one first, each with the status that a skill of this SDK answers: for the cross-check with Amazon's
//! own verifier in `benches/node/cross-check.mjs`.
#![allow(clippy::unwrap_used)]

use sayso_skill::kit::{BadPost, Device, World, bad_posts, signed};
use sayso_skill::token::encoding::base64;
use sayso_skill::{Answer, HandlerError, HandlerInput, On, Post, Skill};
use serde_json::json;

async fn hello(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
    Ok(input.respond().speak("hello"))
}

fn skill(world: &World) -> Skill {
    Skill::builder(World::SKILL_ID, world.outside()).trust(world.trust()).on(On::anything(), hello).build().unwrap()
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
    for post in std::iter::once(good).chain(bad_posts(&world, &envelope)) {
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
        shown.push(json!({
            "why": post.why, "signatures": post.signatures, "chainUrls": post.chain_urls, "body": base64(&post.body),
            "status": status, "chain": chain, "sayso": sayso,
        }));
    }
    let now = world.now().millis();
    println!("{}", json!({"now": now, "root": world.root_pem(), "address": World::CHAIN_URL, "posts": shown}));
}
