//! Alexa's part: prints root and chain as a line of JSON; then, for each number that it reads, as many fresh requests, each signed and
//! with an id of its own, a line of JSON each.

use std::io::{BufRead as _, Write as _};

use sayso_benches_skill::skill;
use sayso_skill::kit::{Device, World, signed};
use sayso_skill::outside::SystemClock;
use sayso_skill::token::time::Clock as _;
use serde_json::json;

fn main() -> anyhow::Result<()> {
    let world = World::new();
    let mut device = Device::of(&world, skill(world.outside(), world.trust())?);
    let slot = json!({"name": "Color", "value": "teal", "confirmationStatus": "NONE", "source": "USER"});
    let intent = json!({"name": "ColorIntent", "confirmationStatus": "NONE", "slots": {"Color": slot}});
    let request = json!({"type": "IntentRequest", "dialogState": "COMPLETED", "intent": intent});
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", json!({"root": world.root_pem(), "chain": world.chain_pem()}))?;
    for line in std::io::stdin().lock().lines() {
        let count: u32 = line?.trim().parse()?;
        world.advance(SystemClock.now().millis_since(world.now()) / 1_000);
        for _ in 0..count {
            let body = device.envelope(request.clone()).to_string();
            let (signature, _) = signed(body.as_bytes());
            writeln!(out, "{}", json!({"body": body, "signature": signature}))?;
        }
        out.flush()?;
    }
    Ok(())
}
