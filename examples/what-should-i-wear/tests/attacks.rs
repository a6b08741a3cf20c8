//! Some two hundred forged, expired and misaddressed tokens and requests, tried on this skill by the kit.
#![allow(clippy::unwrap_used)]

use sayso_skill::Skill;
use sayso_skill::kit::{World, intent};
use what_should_i_wear::{AUDIENCE, Setup, skill};

fn in_the_kit(world: &World) -> Skill {
    world.set_audience(AUDIENCE);
    let setup = Setup {
        skill_id: World::SKILL_ID.to_owned(),
        trust: world.trust(),
        issuer: world.issuer(),
        jwks_url: World::JWKS_URL.to_owned(),
    };
    skill(setup, world.outside()).unwrap()
}

sayso_skill::refuses_bad_requests!(nobody_comes_in, in_the_kit, intent("WhatToWearIntent"), "read:whattowear");
