//! The console in a real browser: what goes wrong is tried, the clock is moved, and what came of it is seen.

use anyhow::{Context as _, ensure};
use sayso_e2e::accessibility;
use sayso_e2e::browser::{Scripts, Window};
use sayso_e2e::stage::Stage;

const COLOR: &str = "alexa, ask sample quiz game what is my favorite color";
const QUIZ: &str = "sample-quiz-game";

#[tokio::test]
async fn faults_and_the_clock_are_tried() -> anyhow::Result<()> {
    Stage::play("console", Scripts::On, async |stage| {
        stage.browser.window(Window::Phone).await?;
        a_forged_request_is_refused(stage).await?;
        link(stage).await?;
        the_clock_makes_a_token_run_out(stage).await?;
        a_lost_answer_costs_nothing(stage).await?;
        the_model_is_read(stage).await
    })
    .await
}

/// Says the sentence with this fault; the verdict.
async fn with_fault(stage: &Stage, fault: &str) -> anyhow::Result<String> {
    let browser = &stage.browser;
    stage.console("/").await?;
    browser
        .evaluate(&format!(
            "document.querySelector('.how').open = true; document.querySelector('#fault').value = '{fault}'"
        ))
        .await?;
    stage.ask(COLOR).await?;
    let verdict = browser.evaluate("return document.querySelector('.turn:last-of-type .fault').textContent").await?;
    verdict.as_str().map(str::to_owned).context("the turn has no verdict")
}

async fn a_forged_request_is_refused(stage: &Stage) -> anyhow::Result<()> {
    for fault in ["signature-wrong", "certificate-root", "replayed"] {
        let verdict = with_fault(stage, fault).await?;
        ensure!(verdict.contains("refused the request, as it must"), "{fault}: {verdict}");
    }
    stage.browser.evaluate("document.querySelector('.turn:last-of-type .happened').open = true").await?;
    stage.look("console-fault").await
}

async fn link(stage: &Stage) -> anyhow::Result<()> {
    stage.console(&format!("/companion/{QUIZ}")).await?;
    stage.look("companion-choices").await?;
    stage.browser.follow("#enable").await?;
    stage.sign_in("ada", stage.demo.password("ada")).await?;
    stage.browser.follow("#allow").await?;
    let banner = stage.browser.read("#linked").await?;
    ensure!(banner.contains("is linked"), "{banner}");
    Ok(())
}

async fn the_clock_makes_a_token_run_out(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    stage.console("/timeline").await?;
    ensure!(browser.read("main").await?.contains("seconds are left"));
    accessibility::check_focus(browser, 8).await?;
    browser.follow("#clock-day").await?;
    ensure!(browser.read("main").await?.contains("Over since"));
    stage.look("timeline").await?;
    stage.console("/").await?;
    let spoken = stage.hear(COLOR).await?;
    ensure!(spoken == "Ada's favorite color is teal.", "{spoken}");
    let hops = browser.evaluate("return document.querySelector('.turn:last-of-type .hops').textContent").await?;
    ensure!(hops.as_str().is_some_and(|hops| hops.contains("Refresh the access token")), "{hops}");
    stage.console("/timeline").await?;
    browser.follow("#clock-real").await?;
    ensure!(browser.read("main").await?.contains("The real time"));
    Ok(())
}

async fn a_lost_answer_costs_nothing(stage: &Stage) -> anyhow::Result<()> {
    for fault in ["token-lost", "token-doubled"] {
        let verdict = with_fault(stage, fault).await?;
        ensure!(verdict.contains("It went on, as it must."), "{fault}: {verdict}");
    }
    stage.console("/").await?;
    let spoken = stage.hear(COLOR).await?;
    ensure!(spoken == "Ada's favorite color is teal.", "{spoken}");
    Ok(())
}

async fn the_model_is_read(stage: &Stage) -> anyhow::Result<()> {
    stage.console(&format!("/companion/{QUIZ}")).await?;
    stage.browser.follow("#model").await?;
    ensure!(stage.browser.read("main").await?.contains("FavoriteColorIntent"));
    stage.look("model").await
}
