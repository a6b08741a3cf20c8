//! What the skill says, and to whom it says nothing.

use sayso_skill::Skill;
use sayso_skill::kit::{Device, World, intent};
use serde_json::json;

use hello_you::{AUDIENCE, Setup, skill};

/// The skill as `main` builds it, in a world without a network.
fn in_the_kit(world: &World) -> Skill {
    world.set_audience(AUDIENCE);
    let setup = Setup { skill_id: World::SKILL_ID.to_owned(), trust: world.trust(), issuer: world.issuer() };
    skill(setup, world.outside()).expect("the skill is complete")
}

// Some two hundred forged, expired and misaddressed tokens and requests: none gets an answer.
sayso_skill::refuses_bad_requests!(nobody_comes_in, in_the_kit, intent("WhoAmIIntent"), "read:name");

#[tokio::test]
async fn somebody_who_is_linked_hears_their_name() {
    let world = World::new();
    let mut device = Device::of(&world, in_the_kit(&world));
    device.say(intent("WhoAmIIntent")).await.assert_asks_to_link();

    let mut claims = world.claims("read:name");
    device.link(world.token_of(&claims));
    let said = device.say(intent("WhoAmIIntent")).await;
    said.assert_says("I know your account, but you have not told it your name.");

    claims.insert("first_name".to_owned(), json!("Ada"));
    device.link(world.token_of(&claims));
    let said = device.say(intent("WhoAmIIntent")).await;
    said.assert_says("You are Ada.");
    said.assert_ends();
}

#[tokio::test]
async fn what_every_skill_is_asked() {
    let world = World::new();
    let mut device = Device::of(&world, in_the_kit(&world));
    let welcome = device.open().await;
    welcome.assert_says("Hello! Ask me who you are.");
    welcome.assert_listens();
    for name in ["AMAZON.HelpIntent", "AMAZON.FallbackIntent"] {
        device.say(intent(name)).await.assert_says("Ask me who you are.");
    }
    for name in ["AMAZON.StopIntent", "AMAZON.CancelIntent", "AMAZON.NavigateHomeIntent"] {
        let goodbye = device.say(intent(name)).await;
        goodbye.assert_says("Goodbye!");
        goodbye.assert_ends();
    }
}
