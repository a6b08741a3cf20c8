//! Where a story plays: the running demo and a browser in front of it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use thirtyfour::{By, WebElement};

use crate::accessibility;
use crate::browser::{Browser, Lamp, Scripts, Window};
use crate::demo::Demo;

const PATIENCE: Duration = Duration::from_secs(15);

/// The running demo and a browser in front of it.
#[derive(Debug)]
pub struct Stage {
    /// `sayso dev`.
    pub demo: Demo,
    /// The person's browser.
    pub browser: Browser,
}

impl Stage {
    /// Plays a story and clears up after it. When it fails, the last page is kept as `target/e2e/failed-NAME.png`, and
    /// the message says where the story stood.
    ///
    /// # Errors
    /// The story's own, or the stage cannot be set.
    pub async fn play(
        name: &str,
        scripts: Scripts,
        story: impl AsyncFnOnce(&Self) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let demo = Demo::start()?;
        let browser = Browser::start(scripts).await?;
        let stage = Self { demo, browser };
        let played = story(&stage).await;
        let played = match played {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(stage.scene(name).await)),
        };
        let ended = stage.browser.quit().await;
        played.and(ended)
    }

    /// What is seen, for whoever has to find out what went wrong.
    async fn scene(&self, name: &str) -> String {
        let picture = self.browser.picture(&format!("failed-{name}")).await;
        let picture = picture.map(|file| file.display().to_string()).unwrap_or_else(|error| error.to_string());
        let address = self.browser.address().await.unwrap_or_default();
        let text = self.browser.read("body").await.unwrap_or_default();
        let complaints = self.browser.complaints().await.unwrap_or_default().join("\n");
        let log = self.demo.log();
        format!(
            "the story {name:?} failed at {address} (picture: {picture})\n--- the page\n{text}\n--- the browser's \
             complaints\n{complaints}\n--- the log of sayso dev\n{log}"
        )
    }

    /// Opens a page of the console: `/`, `/companion`.
    ///
    /// # Errors
    /// It does not load.
    pub async fn console(&self, path: &str) -> anyhow::Result<()> {
        self.browser.open(&format!("{}{path}", self.demo.console())).await
    }

    /// Says a sentence in the console, which must be open, and waits for the answer: the turn's `article`.
    ///
    /// # Errors
    /// No answer comes.
    pub async fn ask(&self, sentence: &str) -> anyhow::Result<WebElement> {
        let before = self.browser.all("article.turn").await?.len();
        self.browser.fill("#utterance", sentence).await?;
        self.browser.find("#send").await?.click().await?;
        let begun = Instant::now();
        loop {
            let turns = self.browser.all("article.turn").await?;
            if turns.len() > before {
                return turns.into_iter().last().context("the turn is gone again");
            }
            ensure!(begun.elapsed() < PATIENCE, "no answer to {sentence:?}");
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }

    /// Says a sentence in the console and reads what is spoken.
    ///
    /// # Errors
    /// No answer comes.
    pub async fn hear(&self, sentence: &str) -> anyhow::Result<String> {
        let turn = self.ask(sentence).await?;
        let spoken = turn.find(By::Css(".spoken")).await?.text().await?;
        Ok(spoken.trim_start_matches("Alexa says:").trim().to_owned())
    }

    /// Waits until a script of the test's own answers `true`.
    ///
    /// # Errors
    /// It does not, for too long.
    pub async fn wait_for(&self, script: &str) -> anyhow::Result<()> {
        let begun = Instant::now();
        while self.browser.evaluate(script).await? != true {
            ensure!(begun.elapsed() < PATIENCE, "not so: {script}");
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        Ok(())
    }

    /// Fills the login form in and sends it.
    ///
    /// # Errors
    /// There is no form, or nothing follows.
    pub async fn sign_in(&self, username: &str, password: &str) -> anyhow::Result<()> {
        self.browser.fill("#username", username).await?;
        self.browser.fill("#password", password).await?;
        self.browser.follow("#login").await
    }

    /// Looks closely at a page: nothing the browser complains of, nothing that is hard to use, no token in its source;
    /// with pictures of it on a phone, light and dark, and on a desk.
    ///
    /// # Errors
    /// Something of it does not hold.
    pub async fn look(&self, name: &str) -> anyhow::Result<()> {
        self.browser.content().await?;
        self.no_token().await?;
        for (lamp, dark) in [(Lamp::Light, ""), (Lamp::Dark, "-dark")] {
            self.browser.lamp(lamp).await?;
            self.browser.window(Window::Phone).await?;
            accessibility::check(&self.browser).await?;
            self.browser.picture(&format!("{name}-phone{dark}")).await?;
            self.browser.window(Window::Desktop(1200, 900)).await?;
            accessibility::check(&self.browser).await?;
            self.browser.picture(&format!("{name}-desk{dark}")).await?;
        }
        self.browser.lamp(Lamp::Light).await?;
        self.browser.content().await
    }

    /// Holds when the page's source has neither one of the tokens that the household keeps, nor anything like a signed
    /// token.
    ///
    /// # Errors
    /// A token is on the page.
    pub async fn no_token(&self) -> anyhow::Result<()> {
        let source = self.browser.driver().source().await?;
        self.holds_no_token(&source).context("in the page's source")
    }

    /// Holds when the text has neither one of the tokens that the household keeps, nor anything like a signed token.
    ///
    /// # Errors
    /// It has.
    pub fn holds_no_token(&self, text: &str) -> anyhow::Result<()> {
        ensure!(!has_signed_token(text), "there is something like a signed token");
        for token in self.tokens()? {
            ensure!(!text.contains(&token), "there is a token of a linked account");
        }
        Ok(())
    }

    /// The access and refresh tokens of the accounts that are linked now.
    ///
    /// # Errors
    /// The household's memory cannot be read.
    pub fn tokens(&self) -> anyhow::Result<Vec<String>> {
        let file = self.demo.data().join("simulator/household.json");
        let kept: Value = serde_json::from_slice(&std::fs::read(&file).with_context(|| file.display().to_string())?)?;
        let skills = kept.get("skills").and_then(Value::as_object).context("the household knows no skills")?;
        let links = skills.values().filter_map(|skill| skill.get("link"));
        let tokens = links.flat_map(|link| ["access_token", "refresh_token"].map(|name| link.get(name)));
        Ok(tokens.flatten().filter_map(Value::as_str).map(str::to_owned).collect())
    }
}

/// Whether the text has two parts of base64url, joined by a dot, that begin like the header of a JWT.
fn has_signed_token(text: &str) -> bool {
    let is_part = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_');
    text.match_indices("eyJ").any(|(at, _)| {
        let from = text.get(at..).unwrap_or_default();
        let header = from.find(|sign| !is_part(sign)).unwrap_or(from.len());
        from.get(header..).is_some_and(|rest| rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(is_part)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_tokens_are_told_from_other_base64() {
        for (text, found) in [
            ("x eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", true),
            ("\"eyJhbGciOiJSUzI1NiJ9.eyJz…", true),
            ("signature-256: abceyJdef/gh+==", false),
            ("eyJust a word. And more", false),
            ("", false),
        ] {
            assert_eq!(has_signed_token(text), found, "{text}");
        }
    }
}
