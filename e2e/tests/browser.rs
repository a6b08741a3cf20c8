//! The main job as a person lives it, in a real browser: an account is linked by voice, heard, changed, and unlinked.

use anyhow::{Context as _, ensure};
use sayso_e2e::accessibility;
use sayso_e2e::browser::{Browser, Scripts, Window};
use sayso_e2e::stage::Stage;
use thirtyfour::{By, WebElement};

const COLOR: &str = "alexa, ask sample quiz game what is my favorite color";
const WEAR: &str = "alexa, ask what should i wear what should i wear today";
const WASH: &str = "alexa, tell what should i wear my jacket is in the wash";
const QUIZ: &str = "sample-quiz-game";
const WARDROBE: &str = "what-should-i-wear";

#[tokio::test]
async fn an_account_is_linked_by_voice_and_heard() -> anyhow::Result<()> {
    Stage::play("link", Scripts::On, async |stage| {
        told_to_link(stage).await?;
        wrong_credentials_tell_nothing(stage).await?;
        deny(stage).await?;
        allow(stage).await?;
        change_the_color(stage).await?;
        link_by_keyboard(stage).await?;
        an_api_refuses(stage).await?;
        every_hop_is_seen(stage).await?;
        unlink(stage).await
    })
    .await
}

/// Step 2: the question is refused with a card.
async fn told_to_link(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    browser.window(Window::Desktop(1200, 900)).await?;
    stage.console("/").await?;
    stage.look("console-empty").await?;
    accessibility::check_focus(browser, 12).await?;

    let turn = stage.ask(COLOR).await?;
    let spoken = text(&turn, ".spoken").await?;
    ensure!(spoken.contains("link your account"), "{spoken}");
    let card = text(&turn, ".card.link").await?;
    ensure!(card.contains("Link your account") && card.contains("Sample Quiz Game"), "{card}");
    ensure!(text(&turn, ".pill").await? == "Refused");
    stage.look("console-refused").await?;

    // Step 3 begins: the card leads into the companion.
    browser.follow(".card.link a").await?;
    let address = browser.address().await?;
    ensure!(address == format!("{}/companion/{QUIZ}", stage.demo.console()), "{address}");
    stage.look("companion-skill").await?;
    accessibility::check_focus(browser, 10).await
}

/// Step 7: neither a wrong password nor an unknown user is told from the other.
async fn wrong_credentials_tell_nothing(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    browser.follow("#enable").await?;
    let address = browser.address().await?;
    ensure!(address.starts_with(stage.demo.issuer(QUIZ)), "the login page is the authorization server's: {address}");
    stage.look("login").await?;
    accessibility::check_focus(browser, 8).await?;

    let mut answers = Vec::new();
    for (username, password) in [("ada", "not her password"), ("nobody", "not her password")] {
        stage.sign_in(username, password).await?;
        answers.push(browser.read("#problem").await?);
        ensure!(browser.find("#username").await?.value().await?.as_deref() == Some(username), "the name stays");
        ensure!(browser.find("#password").await?.value().await?.unwrap_or_default().is_empty(), "the password goes");
        only_401(browser).await?;
    }
    ensure!(answers.iter().all(|answer| answer.contains("do not match")), "{answers:?}");
    ensure!(answers.first() == answers.last(), "the answers tell whether the user exists: {answers:?}");
    stage.look("login-wrong").await
}

/// Steps 3 and 7: the consent page says who asks whom for what; denied, Alexa says so.
async fn deny(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    stage.sign_in("ada", stage.demo.password("ada")).await?;
    let page = browser.read("main").await?;
    for part in ["Link Sample Quiz Game?", "Ada", "Recognize you when you come back", "See your name and profile"] {
        ensure!(page.contains(part), "the consent page does not say {part:?}:\n{page}");
    }
    for technical in ["openid", "scope", "OAuth"] {
        ensure!(!page.contains(technical), "the consent page says {technical:?}:\n{page}");
    }
    stage.look("consent").await?;
    accessibility::check_focus(browser, 8).await?;

    browser.follow("#deny").await?;
    let banner = browser.read("#not-linked").await?;
    ensure!(browser.address().await?.starts_with(stage.demo.console()), "back at the console");
    ensure!(banner.to_lowercase().contains("unable to link"), "what Alexa would say: {banner}");
    stage.look("companion-denied").await?;

    stage.console("/").await?;
    let turn = stage.ask(COLOR).await?;
    let outcome = text(&turn, ".pill").await?;
    ensure!(outcome == "Refused", "denied is not linked: {outcome}");
    browser.content().await
}

/// Steps 3 and 4: allowed, linked, heard.
async fn allow(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    stage.console(&format!("/companion/{QUIZ}")).await?;
    browser.follow("#enable").await?;
    browser.follow("#allow").await.context("still signed in, so asked for consent at once")?;
    let banner = browser.read("#linked").await?;
    ensure!(banner.contains("Sample Quiz Game is linked"), "{banner}");
    let address = browser.address().await?;
    ensure!(!address.contains("code="), "the code is still in the address: {address}");
    stage.look("companion-linked").await?;
    ensure!(stage.tokens()?.len() == 2, "the household keeps an access token and a refresh token");

    stage.console("/").await?;
    let spoken = stage.hear(COLOR).await?;
    ensure!(spoken == "Ada's favorite color is teal.", "{spoken}");
    stage.look("console-answered").await
}

/// Step 4: what is changed on the account page is heard at the next question.
async fn change_the_color(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    browser.open(&format!("{}/account", stage.demo.issuer(QUIZ))).await?;
    ensure!(browser.read("h1").await?.contains("Ada"));
    stage.look("account").await?;
    accessibility::check_focus(browser, 10).await?;
    ensure!(browser.find("#attribute-favoriteColor").await?.value().await?.as_deref() == Some("teal"));
    browser.fill("#attribute-favoriteColor", "ultramarine").await?;
    browser.follow("#save").await?;
    let notice = browser.read("#notice").await?;
    ensure!(notice.starts_with("Saved"), "{notice}");
    stage.look("account-saved").await?;

    stage.console("/").await?;
    let spoken = stage.hear(COLOR).await?;
    ensure!(spoken == "Ada's favorite color is ultramarine.", "{spoken}");
    Ok(())
}

/// Step 5: the first tutorial's skill, linked without a mouse.
async fn link_by_keyboard(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    stage.console(&format!("/companion/{WARDROBE}")).await?;
    browser.tab_to("enable").await?;
    browser.press_enter_and_follow().await?;
    ensure!(browser.focus().await? == "username", "the first field of the login page has the focus");
    browser.press("ada").await?;
    browser.tab_to("password").await?;
    browser.press(stage.demo.password("ada")).await?;
    browser.press_enter_and_follow().await?;
    let page = browser.read("main").await?;
    ensure!(page.contains("read what you should wear today"), "{page}");
    browser.tab_to("allow").await?;
    browser.press_enter_and_follow().await?;
    ensure!(browser.read("#linked").await?.contains("is linked"));
    stage.look("companion-linked-wardrobe").await?;
    stage.console("/companion").await?;
    stage.look("companion").await?;

    stage.console("/").await?;
    let spoken = stage.hear(WEAR).await?;
    ensure!(spoken == "Long pants, short sleeves, jacket in the afternoon", "{spoken}");
    Ok(())
}

/// The skill asks an API with the person's token; the API checks it again, and refuses what the link does not allow.
async fn an_api_refuses(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    let turn = stage.ask(WASH).await?;
    let spoken = text(&turn, ".spoken").await?;
    ensure!(spoken.contains("Your link does not allow that"), "{spoken}");
    ensure!(text(&turn, ".pill").await? == "Refused");
    ensure!(text(&turn, ".card.link").await?.contains("What Should I Wear"));
    browser.click(&turn.find(By::Css(".happened > summary")).await?).await?;
    let explanation = text(&turn, ".explanation").await?;
    ensure!(explanation.contains("The API refused the token at the check scope_granted"), "{explanation}");
    let checks = texts(&turn, ".checks li").await?;
    let failed: Vec<&String> = checks.iter().filter(|check| check.contains("failed")).collect();
    ensure!(checks.len() == 12 && failed.len() == 1, "six by the skill, six by the API, one failed: {checks:#?}");
    let scope = checks.last().context("there are checks")?;
    ensure!(scope.contains("failed") && scope.contains("s\n"), "the last one, with its time and why: {scope}");
    stage.look("console-api").await?;

    stage.console("/flow").await?;
    let drawn = browser.read(".drawn .on-desk").await?;
    for word in ["Person", "Alexa", "Skill", "API", "POST …/api/laundry", "Scope granted: failed", "403 · "] {
        ensure!(drawn.contains(word), "{word} is not drawn: {drawn}");
    }
    let before = browser.evaluate("return document.querySelectorAll('.drawn .on-desk')[1].textContent").await?;
    ensure!(
        before.as_str().is_some_and(|text| text.contains("GET …/api/today") && text.contains("200 · ")),
        "{before}"
    );
    stage.look("flow-api").await?;
    // By the keyboard, the arrow to the API opens its request and the refusal.
    let api = "const arrows = [...document.querySelectorAll('.drawn:first-child .on-desk a')];
        arrows.find((arrow) => arrow.textContent.includes('laundry')).focus()";
    browser.evaluate(api).await?;
    browser.press_enter_and_follow().await?;
    let hop = browser.read(".hop details[open]").await?;
    ensure!(hop.contains("/api/laundry") && hop.contains("Status 403"), "{hop}");
    stage.no_token().await?;
    stage.console("/").await
}

/// Step 6: every hop of a turn, and never a token.
async fn every_hop_is_seen(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    let turn = stage.ask(COLOR).await?;
    browser.click(&turn.find(By::Css(".happened > summary")).await?).await?;
    let checks = texts(&turn, ".checks li").await?;
    ensure!(checks.len() == 6, "six checks: {checks:#?}");
    ensure!(checks.iter().all(|check| check.contains("passed")), "{checks:#?}");
    let claims = text(&turn, ".claims").await?;
    for claim in ["FirstNameClaim", "Ada", "FavoriteColorClaim", "ultramarine", "http://oktaquizgame.com"] {
        ensure!(claims.contains(claim), "the claims do not have {claim}:\n{claims}");
    }

    for hop in turn.find_all(By::Css(".hop summary")).await? {
        browser.click(&hop).await?;
    }
    let hops = texts(&turn, ".hop").await?;
    let introspection = format!("{}/v1/introspect", stage.demo.issuer(QUIZ));
    let asked = hops.iter().find(|hop| hop.contains("signature-256")).context("no hop shows the signed request")?;
    for part in
        ["signaturecertchainurl", "/echo.api/echo-api-cert.pem", "FavoriteColorIntent", "Status 200", "outputSpeech"]
    {
        ensure!(asked.contains(part), "the hop to the skill does not show {part}:\n{asked}");
    }
    ensure!(asked.contains("\"accessToken\": \"…"), "the token's place is shown, the token is not:\n{asked}");
    ensure!(hops.iter().any(|hop| hop.contains(&introspection)), "no hop shows the introspection call:\n{hops:#?}");
    stage.no_token().await?;
    stage.look("console-hops").await?;

    // The same turn has a page of its own, and is there for scripts.
    let page = turn.find(By::Css(".links a")).await?.prop("href").await?.context("the turn has an address")?;
    browser.open(&page).await?;
    stage.look("turn").await?;
    browser.open(&page.replace("/turns/", "/api/turns/")).await?;
    stage.holds_no_token(&browser.read("body").await?)
}

/// Step 7: unlinked, the next question is refused with a card.
async fn unlink(stage: &Stage) -> anyhow::Result<()> {
    let browser = &stage.browser;
    stage.console(&format!("/companion/{QUIZ}")).await?;
    browser.follow("#unlink").await?;
    let banner = browser.read("#unlinked").await?;
    ensure!(banner.contains("Sample Quiz Game is unlinked"), "{banner}");
    stage.look("companion-unlinked").await?;
    stage.console("/").await?;
    let turn = stage.ask(COLOR).await?;
    ensure!(text(&turn, ".pill").await? == "Refused");
    ensure!(text(&turn, ".card.link").await?.contains("Link your account"));

    browser.open(&format!("{}/account", stage.demo.issuer(QUIZ))).await?;
    let page = browser.read("main").await?;
    ensure!(page.contains("No app is linked to your account"), "the authority keeps the link:\n{page}");
    browser.follow("#logout").await?;
    stage.look("signed-out").await
}

#[tokio::test]
async fn nothing_needs_javascript() -> anyhow::Result<()> {
    Stage::play("no-javascript", Scripts::Off, async |stage| {
        let browser = &stage.browser;
        browser.window(Window::Phone).await?;
        stage.console("/").await?;
        let turn = stage.ask(COLOR).await?;
        ensure!(text(&turn, ".card.link").await?.contains("Link your account"));
        let address = browser.address().await?;
        ensure!(address.contains("/turns/"), "a script answered, though scripts are off: {address}");
        browser.follow(".card.link a").await?;
        browser.follow("#enable").await?;
        stage.sign_in("grace", "not her password").await?;
        ensure!(browser.read("#problem").await?.contains("do not match"));
        only_401(browser).await?;
        stage.sign_in("grace", stage.demo.password("grace")).await?;
        browser.follow("#allow").await?;
        ensure!(browser.read("#linked").await?.contains("Sample Quiz Game is linked"));
        stage.console("/").await?;
        let turn = stage.ask(COLOR).await?;
        ensure!(text(&turn, ".spoken").await?.ends_with("Grace's favorite color is crimson."));
        ensure!(texts(&turn, ".checks li").await?.len() == 6, "without a script the new turn stands open");
        accessibility::check(browser).await?;
        stage.no_token().await?;
        stage.console(&format!("/companion/{QUIZ}")).await?;
        browser.follow("#unlink").await?;
        browser.find("#unlinked").await?;
        browser.content().await
    })
    .await
}

/// A browser notes every page that comes as a refusal; that must be the only thing it notes.
async fn only_401(browser: &Browser) -> anyhow::Result<()> {
    let complaints = browser.complaints().await?;
    ensure!(complaints.iter().all(|line| line.contains("401 (Unauthorized)")), "{complaints:#?}");
    Ok(())
}

async fn text(of: &WebElement, css: &str) -> anyhow::Result<String> {
    let part = of.find(By::Css(css)).await.with_context(|| format!("there is no {css}"))?;
    Ok(part.text().await?)
}

async fn texts(of: &WebElement, css: &str) -> anyhow::Result<Vec<String>> {
    let mut texts = Vec::new();
    for part in of.find_all(By::Css(css)).await? {
        texts.push(part.text().await?);
    }
    Ok(texts)
}
