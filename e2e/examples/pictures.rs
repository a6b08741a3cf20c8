//! Takes the pictures in `docs/images` from the running demo: `cargo run --package sayso-e2e --example pictures`.
//! The ports 4000 to 4002 must be free, because they are seen in the pictures.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sayso_e2e::browser::{Browser, Scripts, Window};
use sayso_e2e::demo::Demo;
use sayso_e2e::stage::Stage;
use serde_json::json;

const COLOR: &str = "alexa, ask sample quiz game what is my favorite color";
const WEAR: &str = "alexa, ask what should i wear what should i wear today";
const WASH: &str = "alexa, tell what should i wear my jacket is in the wash";
/// Opens the last turn, and in it the call by which the skill asks for the token.
const OPEN: &str = "
const turn = document.querySelector('.turn:last-of-type');
turn.querySelector('.happened').open = true;
turn.querySelector('.hop:last-of-type details').open = true;
document.activeElement.blur();
";
const DOWN_TO_CHECKS: &str = "
scrollTo(0, 0);
const checks = document.querySelector('.turn:last-of-type .checks').getBoundingClientRect();
return Math.ceil(checks.bottom + document.querySelector('.composer').offsetHeight + 14);
";

const DOWN_TO_DRAWN: &str = "
const drawn = document.querySelector('.drawn').getBoundingClientRect();
return Math.ceil(drawn.bottom + 16);
";
const OPEN_TURN: &str =
    "document.querySelector('.turn:last-of-type .happened').open = true; document.activeElement.blur();";
/// Puts what the person said at the top, below the head of the page; how high a window shows all checks below it.
const TO_API: &str = "
const turn = document.querySelector('.turn:last-of-type');
scrollTo(0, 0);
scrollTo(0, turn.getBoundingClientRect().top - document.querySelector('.top').offsetHeight - 16);
const checks = [...turn.querySelectorAll('.checks')].at(-1).getBoundingClientRect();
return Math.ceil(checks.bottom + document.querySelector('.composer').offsetHeight + 14);
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let stage = Stage { demo: Demo::start_at(4000)?, browser: Browser::start(Scripts::On).await? };
    take(&stage).await?;
    stage.browser.quit().await
}

async fn take(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    stage.console("/").await?;
    stage.ask(COLOR).await?;
    browser.follow(".card.link a").await?;
    browser.window(Window::Phone).await?;
    browser.follow("#enable").await?;
    stage.sign_in("ada", stage.demo.password("ada")).await?;
    keep(browser, "consent").await?;
    browser.follow("#allow").await?;

    stage.console("/").await?;
    stage.ask(COLOR).await?;
    browser.evaluate(OPEN).await?;
    window(browser, 900).await?;
    // As far down as the six checks, above what stands at the foot of the window.
    let height = browser.evaluate(DOWN_TO_CHECKS).await?.as_u64().context("the checks are somewhere")?;
    window(browser, height).await?;
    browser.evaluate("scrollTo(0, 0)").await?;
    keep(browser, "console").await?;
    window(browser, 1000).await?;
    browser.evaluate("scrollTo(0, document.documentElement.scrollHeight)").await?;
    keep(browser, "hops").await?;
    an_api(stage).await
}

/// A skill that asks an API: what was refused there, in the turn and in the flow view, on a desk and on a phone.
async fn an_api(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    browser.window(Window::Phone).await?;
    stage.console("/companion/what-should-i-wear").await?;
    browser.follow("#enable").await?;
    // Signed in at the other authority, and a person of both.
    if browser.all("#login").await?.is_empty() {
        browser.follow("#allow").await?;
    } else {
        stage.sign_in("ada", stage.demo.password("ada")).await?;
        browser.follow("#allow").await?;
    }
    stage.console("/").await?;
    // The first question, for which skill and API fetch their keys.
    stage.ask(WEAR).await?;
    window(browser, 800).await?;
    stage.console("/flow").await?;
    let height = browser.evaluate(DOWN_TO_DRAWN).await?.as_u64().context("the turn is drawn")?;
    window(browser, height).await?;
    keep(browser, "flow").await?;

    browser.window(Window::Phone).await?;
    stage.console("/").await?;
    stage.ask(WASH).await?;
    stage.console("/flow").await?;
    browser.evaluate("scrollTo(0, document.querySelector('.drawn').offsetTop - 68)").await?;
    keep(browser, "flow-phone").await?;

    stage.console("/").await?;
    browser.evaluate(OPEN_TURN).await?;
    window(browser, 1400).await?;
    let top = browser.evaluate(TO_API).await?.as_u64().context("the API's checks are somewhere")?;
    window(browser, top).await?;
    browser.evaluate(TO_API).await?;
    keep(browser, "api").await
}

/// Looks through a window in which a column of text fills the picture: about 1200 pixels of the picture's own.
async fn window(browser: &Browser, height: u64) -> anyhow::Result<()> {
    let size = json!({ "width": 960, "height": height, "deviceScaleFactor": 1.25, "mobile": true });
    browser.driver().cdp().send_raw("Emulation.setDeviceMetricsOverride", size).await?;
    browser.driver().cdp().send_raw("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await?;
    Ok(())
}

/// Takes a picture and puts it where the documentation shows it.
async fn keep(browser: &Browser, name: &str) -> anyhow::Result<()> {
    let taken = browser.picture(name).await?;
    let kept = folder().join(format!("{name}.png"));
    std::fs::copy(taken, &kept)?;
    println!("{}: {} bytes", kept.display(), std::fs::metadata(&kept)?.len());
    Ok(())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/images")
}
