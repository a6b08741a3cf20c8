//! The six checks of a local token beside the bare verification of its signature by the same kept key, in turn. Prints the medians, in
//! nanoseconds, and the median of the ratios.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use sayso_skill::kit::World;
use sayso_skill::outside::Outgoing;
use sayso_skill::token::guard::check_jwt;
use sayso_skill::token::jwk::JwkSet;
use sayso_skill::token::jws;
use serde_json::json;

const ROUNDS: usize = 51;
const CHECKS: u32 = 200;

fn timed(mut work: impl FnMut() -> bool) -> anyhow::Result<f64> {
    let begun = Instant::now();
    for _ in 0..CHECKS {
        ensure!(work(), "a good token was refused");
    }
    Ok(begun.elapsed().as_secs_f64() * 1e9 / f64::from(CHECKS))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let world = World::new();
    let asked = Outgoing {
        url: World::JWKS_URL.to_owned(),
        accept: "application/jwk-set+json",
        authorization: None,
        form: None,
        deadline: Duration::from_secs(1),
        largest_body: 65_536,
    };
    let keys = JwkSet::parse(&world.outside().fetch.fetch(asked).await?.body)?;
    let (token, want, now) = (world.token("read:color"), world.requirements().scope("read:color"), world.now());
    let parts = jws::parse(&token).context("the token is one")?;
    let kid = parts.header.get("kid").and_then(serde_json::Value::as_str);
    let key = kid.map_or_else(|| keys.only(), |kid| keys.find(kid)).context("the key is there")?;

    let (mut bare, mut checked) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(timed(|| key.verifies(black_box(parts.signed.as_bytes()), black_box(&parts.signature)))?);
        checked.push(timed(|| check_jwt(black_box(&token), &keys, &want, now, &|_| true).result.is_ok())?);
    }
    let ratio = median(bare.iter().zip(&checked).map(|(bare, checked)| bare / checked).collect());
    println!("{}", json!({"bare": median(bare), "checked": median(checked), "ratio": ratio}));
    Ok(())
}
