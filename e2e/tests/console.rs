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
        the_doctor_finds_nothing(stage).await?;
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
    a_token_is_looked_into(stage).await?;
    browser.follow("#clock-day").await?;
    ensure!(browser.read("main").await?.contains("Over since"));
    stage.look("timeline").await?;
    stage.console("/").await?;
    let spoken = stage.hear(COLOR).await?;
    ensure!(spoken == "Ada's favorite color is teal.", "{spoken}");
    let diagram = browser.evaluate("return document.querySelector('.turn:last-of-type svg').textContent").await?;
    ensure!(
        diagram.as_str().is_some_and(|text| text.contains("Scope granted · ") && text.contains("Is this token good?")),
        "{diagram}"
    );
    let hops = browser.evaluate("return document.querySelector('.turn:last-of-type .hops').textContent").await?;
    ensure!(hops.as_str().is_some_and(|hops| hops.contains("Refresh the access token")), "{hops}");
    stage.console("/timeline").await?;
    browser.follow("#clock-real").await?;
    ensure!(browser.read("main").await?.contains("The real time"));
    Ok(())
}

/// A signed token is opened, and its issuer's published key verifies it.
async fn a_token_is_looked_into(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    browser.follow(".life .verify").await?;
    let signature = browser.read(".life .signature").await?;
    ensure!(signature.contains("Signature verified."), "{signature}");
    ensure!(browser.read(".life .claims").await?.contains("alg"));
    stage.look("token").await?;
    stage.console("/timeline").await
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

/// Sayso's own server and skill have nothing that keeps Alexa from linking, and a refresh that comes twice costs nothing.
async fn the_doctor_finds_nothing(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    stage.console(&format!("/companion/{QUIZ}")).await?;
    browser.follow("#doctor").await?;
    ensure!(browser.all("#diagnosis").await?.is_empty(), "looking examines nothing");
    stage.look("doctor").await?;
    browser.click(&browser.find("input[name=refresh]").await?).await?;
    browser.follow("#examine").await?;
    let diagnosis = browser.read("#diagnosis").await?;
    let bad = browser.read_all(".doctor .bad").await?;
    ensure!(bad.is_empty(), "{diagnosis}: {bad:?}");
    let good = browser.read_all(".doctor .good .name").await?;
    for name in ["The same refresh twice", "Tokens that nobody issued", "A request of half an hour ago"] {
        ensure!(good.iter().any(|one| one == name), "{name} is not among {good:?}");
    }
    ensure!(browser.read(".doctor .good .why").await?.contains("Amazon"), "who says so is missing");
    accessibility::check_focus(browser, 8).await?;
    stage.look("doctor-found").await?;
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

#[tokio::test]
async fn what_happens_elsewhere_is_seen_while_it_happens() -> anyhow::Result<()> {
    Stage::play("news", Scripts::On, async |stage| {
        stage.browser.window(Window::Phone).await?;
        a_turn_of_a_shell_appears(stage).await?;
        a_linking_is_drawn(stage).await?;
        a_lost_stream_is_found_again(stage).await
    })
    .await
}

/// Says the sentence as a script would, not in the page that is looked at.
async fn elsewhere(stage: &Stage, path: &str, body: &str) -> anyhow::Result<()> {
    let url = format!("{}{path}", stage.demo.console());
    let client = reqwest::Client::builder().no_proxy().build()?;
    let sent = client.post(url).header("content-type", "application/json").body(body.to_owned()).send().await?;
    ensure!(sent.status().is_success(), "{}", sent.status());
    Ok(())
}

async fn a_turn_of_a_shell_appears(stage: &Stage) -> anyhow::Result<()> {
    stage.console("/").await?;
    elsewhere(stage, "/api/turns", &format!("{{\"utterance\": \"{COLOR}\"}}")).await?;
    ensure!(stage.browser.read("article.turn .spoken").await?.contains("link"));
    stage.console("/flow").await?;
    let before = stage.browser.all(".drawn").await?.len();
    elsewhere(stage, "/api/turns", &format!("{{\"utterance\": \"{COLOR}\"}}")).await?;
    stage.browser.find(&format!(".drawn:nth-child({}) svg a", before + 1)).await?;
    accessibility::check_focus(&stage.browser, 8).await?;
    stage.look("flow").await?;
    // By the keyboard, an arrow leads to its request and answer, which stand open.
    stage.browser.evaluate("document.querySelector('.drawn .on-desk a').focus()").await?;
    stage.browser.press_enter_and_follow().await?;
    ensure!(stage.browser.read(".hop details[open]").await?.contains("Request"));
    stage.browser.content().await
}

async fn a_linking_is_drawn(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    link(stage).await?;
    stage.console("/flow").await?;
    let titles = browser.read_all(".drawn h2").await?;
    ensure!(titles.first().is_some_and(|title| title.contains("Link an account")), "{titles:?}");
    stage.console("/timeline").await?;
    elsewhere(stage, "/api/clock", "{\"seconds\": 86400}").await?;
    browser.find("#clock-real").await?;
    ensure!(browser.read("main").await?.contains("Over since"));
    Ok(())
}

/// A hidden page, or one that was left, has no stream; when it is seen again it shows what it has missed.
async fn a_lost_stream_is_found_again(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    stage.console("/").await?;
    let before = browser.all("article.turn").await?.len();
    browser.evaluate("dispatchEvent(new Event('pagehide'))").await?;
    elsewhere(stage, "/api/turns", &format!("{{\"utterance\": \"{COLOR}\"}}")).await?;
    browser.evaluate("dispatchEvent(new Event('pageshow'))").await?;
    browser.find(&format!("#conversation article.turn:nth-of-type({})", before + 1)).await?;
    ensure!(browser.all("#under-way .drawn").await?.is_empty());
    browser.content().await
}

/// What the browser would say, told to the test instead of a loudspeaker.
const DEAF: &str = "
window.said = [];
speechSynthesis.speak = (words) => { said.push([words.text, words.lang, words.rate]); setTimeout(() => words.onend?.(), 0); };
";
/// What a microphone would hear.
const HEARS: &str = "
webkitSpeechRecognition.prototype.start = function () {
  setTimeout(() => { this.onresult({ results: [[{ transcript: SENTENCE }]] }); this.onend(); }, 0);
};
";

#[tokio::test]
async fn answers_are_spoken_and_sentences_heard_when_a_person_asks_for_it() -> anyhow::Result<()> {
    Stage::play("speech", Scripts::On, async |stage| {
        stage.browser.window(Window::Phone).await?;
        stage.console("/").await?;
        marks_steer_the_voice(stage).await?;
        nothing_is_said_unasked(stage).await?;
        a_sentence_is_spoken(stage).await
    })
    .await
}

async fn marks_steer_the_voice(stage: &Stage) -> anyhow::Result<()> {
    let script = "return import('/assets/speech.js').then(({ pieces }) => pieces(SSML, 'de-DE'));";
    for (ssml, expected) in [
        (
            "<speak>One<break time=\"1s\"/><prosody rate=\"slow\">two</prosody> <say-as interpret-as=\"digits\">12</say-as></speak>",
            "One de-DE 1|1000|two de-DE 0.75|1 2 de-DE 1",
        ),
        (
            "<speak><amazon:effect name=\"whispered\">psst</amazon:effect><lang xml:lang=\"fr-FR\">oui</lang><audio src=\"x\"/> &amp;</speak>",
            "psst de-DE 1|oui fr-FR 1|& de-DE 1",
        ),
        ("<speak>broken <b>", "broken de-DE 1"),
    ] {
        let found = stage.browser.evaluate(&script.replace("SSML", &serde_json::to_string(ssml)?)).await?;
        let shown: Vec<String> = found.as_array().into_iter().flatten().map(piece).collect();
        ensure!(shown.join("|") == expected, "{ssml}: {}", shown.join("|"));
    }
    Ok(())
}

fn piece(piece: &serde_json::Value) -> String {
    match piece.get("pause") {
        Some(pause) => pause.to_string(),
        None => ["text", "lang", "rate"]
            .map(|name| {
                piece.get(name).map_or_else(String::new, |value| value.to_string().trim_matches('"').to_owned())
            })
            .join(" "),
    }
}

async fn nothing_is_said_unasked(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    browser.evaluate(DEAF).await?;
    let before = stage.hear(COLOR).await?;
    ensure!(browser.evaluate("return said.length").await? == 0, "it speaks by itself");
    browser.find(".hear").await?.click().await?;
    let said = browser.evaluate("return said[0][0]").await?;
    ensure!(said.as_str().is_some_and(|said| before.starts_with(said.trim_end_matches('.'))), "{said} of {before}");
    browser.find("#aloud").await?.click().await?;
    ensure!(browser.evaluate("return document.querySelector('#aloud').ariaPressed").await? == "true");
    let count = browser.evaluate("return said.length").await?.as_u64().unwrap_or_default();
    stage.hear(COLOR).await?;
    stage.wait_for(&format!("return said.length > {count}")).await?;
    elsewhere(stage, "/api/turns", &format!("{{\"utterance\": \"{COLOR}\"}}")).await?;
    browser.find("#conversation article:nth-of-type(3)").await?;
    accessibility::check_focus(browser, 8).await?;
    stage.look("talk-voice").await
}

async fn a_sentence_is_spoken(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    browser.evaluate(&HEARS.replace("SENTENCE", &serde_json::to_string(COLOR)?)).await?;
    browser.find("#listen").await?.click().await?;
    browser.find("#conversation article:nth-of-type(4)").await?;
    ensure!(browser.read("#conversation article:nth-of-type(4) .said").await?.contains("favorite color"));
    ensure!(browser.evaluate("return document.querySelector('#listen').ariaPressed").await? == "false");
    browser.content().await
}
