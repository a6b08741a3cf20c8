//! Some two hundred forged, expired and misaddressed tokens and requests, tried on this skill by the kit; the authority is the kit's.
#![allow(clippy::unwrap_used)]

use sample_quiz_game::{AUDIENCE, Setup, skill};
use sayso_skill::Skill;
use sayso_skill::kit::{World, intent};
use sayso_skill::token::secret::Secret;

fn in_the_kit(world: &World) -> Skill {
    world.set_audience(AUDIENCE);
    let setup = Setup {
        skill_id: World::SKILL_ID.to_owned(),
        trust: world.trust(),
        issuer: world.issuer(),
        introspection_url: World::INTROSPECTION_URL.to_owned(),
        client_id: "skill".to_owned(),
        client_secret: Secret::new("secret"),
    };
    skill(setup, world.outside()).unwrap()
}

// The handler takes any linked account, whatever its scopes: none are named, and none are tried.
sayso_skill::refuses_bad_requests!(nobody_comes_in, in_the_kit, intent("FavoriteColorIntent"), "");
