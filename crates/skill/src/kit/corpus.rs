//! Tries the bad tokens and the bad requests on a skill.

use super::bad_posts::bad_posts;
use super::bad_tokens::bad_tokens;
use super::device::{Device, IntentWords};
use super::signer;
use super::world::World;
use crate::skill::Skill;
use crate::verification::Post;

/// Tries a good request, every bad token and every bad request on the skill; see [`crate::refuses_bad_requests`].
///
/// # Panics
/// The skill refuses what is good, or answers what is bad.
pub fn assert_refuses_bad_requests(skill: impl Fn(&World) -> Skill, intent: impl Fn() -> IntentWords, scopes: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
    runtime.block_on(Box::pin(assert_all(&skill, &intent, scopes)));
}

async fn assert_all(skill: &dyn Fn(&World) -> Skill, intent: &dyn Fn() -> IntentWords, scopes: &str) {
    let world = World::new();
    let mut device = Device::of(&world, skill(&world));
    device.link(world.token(scopes));
    let good = device.say(intent()).await;
    assert!(good.status() == 200 && !good.asks_to_link(), "a good token with {scopes:?} is not accepted: {good:?}");
    device.unlink();
    device.say(intent()).await.assert_asks_to_link();

    for bad in bad_tokens(&world, scopes) {
        device.link(&bad.token);
        let said = device.say(intent()).await;
        assert!(
            said.status() == 200 && said.asks_to_link() && said.speech() != good.speech(),
            "a token with {} is accepted: {said:?}",
            bad.why
        );
    }

    device.link(world.token(scopes));
    let envelope = device.envelope(intent().request());
    for bad in bad_posts(&world, &envelope) {
        // Each against a skill of its own, that has not seen the good chain yet.
        let world = World::new();
        if let Some((status, chain)) = &bad.chain {
            world.answer(World::CHAIN_URL, *status, chain.clone());
        }
        // What would be a good chain, if the skill asked for it at a bad address.
        for address in &bad.chain_urls {
            if address != World::CHAIN_URL && !address.contains("not-there") {
                world.answer(address, 200, signer::chain_pem(|_| {}));
            }
        }
        let device = Device::of(&world, skill(&world));
        let post = Post {
            signatures: bad.signatures.iter().map(String::as_bytes).collect(),
            chain_urls: bad.chain_urls.iter().map(String::as_bytes).collect(),
            body: &bad.body,
        };
        let said = device.post_as_it_is(post).await;
        assert_eq!(said.status(), 400, "a request with {} is answered: {said:?}", bad.why);
    }
}
