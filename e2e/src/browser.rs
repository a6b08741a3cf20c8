//! A browser as a person uses it: look, click, type, turn the lamp off.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::common::log::LoggingPrefsLogLevel;
use thirtyfour::extensions::query::ElementPollerWithTimeout;
use thirtyfour::prelude::{ElementQueryable as _, WebDriverResult};
use thirtyfour::{By, ChromiumLikeCapabilities as _, DesiredCapabilities, Key, WebDriver, WebElement};

use crate::chromedriver::{Chromedriver, browser_program};
use crate::demo::pictures;

/// How long a page may take to show what is waited for.
const PATIENCE: Duration = Duration::from_secs(15);
/// A page that loads slower than this does not load.
const LONGEST_COMMAND: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(40);
/// Nothing here may reach out to the network, ask questions or need a screen.
const ARGUMENTS: [&str; 11] = [
    "--headless=new",
    // What is still fading in or scrolling cannot be read or clicked.
    "--force-prefers-reduced-motion",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
];

/// Whether the pages' scripts run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    /// They run.
    On,
    /// The person has switched JavaScript off.
    Off,
}

/// The window a person looks at, width and height in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// 360 by 780, with a finger: as small as phones are.
    Phone,
    /// This wide and high, with a mouse.
    Desktop(u32, u32),
}

/// The lamp: which colours the system prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lamp {
    /// Light pages.
    Light,
    /// Dark pages.
    Dark,
}

/// A headless browser with a fresh profile. Dropped, everything it started ends.
pub struct Browser {
    // Dropped in this order: the processes, the session (which need not wait for an answer then), their folder.
    _chromedriver: Chromedriver,
    driver: WebDriver,
    _profile: TempDir,
    scripts: Scripts,
}

impl Browser {
    /// Starts it.
    ///
    /// # Errors
    /// Chromium or its driver is not installed, or does not start.
    pub async fn start(scripts: Scripts) -> anyhow::Result<Self> {
        let profile = tempfile::Builder::new().prefix("sayso-browser-").tempdir()?;
        let chromedriver = Chromedriver::start(profile.path())?;
        let mut wanted = DesiredCapabilities::chrome();
        wanted.set_binary(&browser_program()?.to_string_lossy())?;
        for argument in ARGUMENTS {
            wanted.add_arg(argument)?;
        }
        wanted.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
        if scripts == Scripts::Off {
            let off = json!({ "profile.managed_default_content_settings.javascript": 2 });
            wanted.add_experimental_option("prefs", off)?;
        }
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All)?;

        // The driver is spoken to without TLS; the client wants to know whose it would use. A connection per command,
        // because one kept open would not answer any more while a failed test is being cleared up.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client =
            reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).timeout(LONGEST_COMMAND).build()?;
        let driver = WebDriver::builder(chromedriver.url(), wanted)
            .client(client)
            .poller(Arc::new(ElementPollerWithTimeout::new(PATIENCE, POLL)))
            .connect()
            .await
            .context("the browser does not start")?;
        Ok(Self { driver, scripts, _chromedriver: chromedriver, _profile: profile })
    }

    /// Ends it in good order.
    ///
    /// # Errors
    /// The driver does not answer any more.
    pub async fn quit(self) -> anyhow::Result<()> {
        Ok(self.driver.quit().await?)
    }

    /// The driver, for what is not named here.
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Whether the pages' scripts run.
    pub fn scripts(&self) -> Scripts {
        self.scripts
    }

    /// Looks through this window from now on.
    ///
    /// # Errors
    /// The driver refuses.
    pub async fn window(&self, window: Window) -> WebDriverResult<()> {
        let (width, height, phone) = match window {
            Window::Phone => (360, 780, true),
            Window::Desktop(width, height) => (width, height, false),
        };
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone });
        self.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", screen).await?;
        Ok(())
    }

    /// Sets the lamp.
    ///
    /// # Errors
    /// The driver refuses.
    pub async fn lamp(&self, lamp: Lamp) -> WebDriverResult<()> {
        let value = if lamp == Lamp::Dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.driver.cdp().send_raw("Emulation.setEmulatedMedia", media).await?;
        Ok(())
    }

    /// Saves what is seen as `target/e2e/NAME.png`, and says where.
    ///
    /// # Errors
    /// The picture cannot be taken or written.
    pub async fn picture(&self, name: &str) -> anyhow::Result<PathBuf> {
        let file = pictures()?.join(format!("{name}.png"));
        self.driver.screenshot(&file).await?;
        Ok(file)
    }

    /// Opens an address.
    ///
    /// # Errors
    /// It does not load.
    pub async fn open(&self, url: &str) -> anyhow::Result<()> {
        self.driver.goto(url).await.with_context(|| format!("{url} does not open"))
    }

    /// The address shown.
    ///
    /// # Errors
    /// The driver does not answer.
    pub async fn address(&self) -> anyhow::Result<String> {
        Ok(self.driver.current_url().await?.to_string())
    }

    /// The first element for a CSS selector, as soon as it is there.
    ///
    /// # Errors
    /// It does not come.
    pub async fn find(&self, css: &str) -> anyhow::Result<WebElement> {
        self.driver.query(By::Css(css)).first().await.with_context(|| format!("there is no {css}"))
    }

    /// All elements that are there now.
    ///
    /// # Errors
    /// The driver does not answer.
    pub async fn all(&self, css: &str) -> anyhow::Result<Vec<WebElement>> {
        Ok(self.driver.find_all(By::Css(css)).await?)
    }

    /// The text a person reads in the first such element, as soon as it is there.
    ///
    /// # Errors
    /// It does not come.
    pub async fn read(&self, css: &str) -> anyhow::Result<String> {
        Ok(self.find(css).await?.text().await?)
    }

    /// The texts of all such elements.
    ///
    /// # Errors
    /// The driver does not answer.
    pub async fn read_all(&self, css: &str) -> anyhow::Result<Vec<String>> {
        let mut texts = Vec::new();
        for element in self.all(css).await? {
            texts.push(element.text().await?);
        }
        Ok(texts)
    }

    /// Types into a field, in place of what it held.
    ///
    /// # Errors
    /// There is no such field.
    pub async fn fill(&self, css: &str, text: &str) -> anyhow::Result<()> {
        let field = self.find(css).await?;
        field.clear().await?;
        field.send_keys(text).await.with_context(|| format!("cannot type into {css}"))
    }

    /// Clicks an element in the middle of the window, where nothing that sticks to its edges lies above it.
    ///
    /// # Errors
    /// It cannot be clicked.
    pub async fn click(&self, element: &WebElement) -> anyhow::Result<()> {
        let into_sight = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' });";
        self.driver.execute(into_sight, vec![element.to_json()?]).await?;
        Ok(element.click().await?)
    }

    /// Clicks something that leads to another page, and waits for that page.
    ///
    /// # Errors
    /// It cannot be clicked, or nothing follows.
    pub async fn follow(&self, css: &str) -> anyhow::Result<()> {
        let page = self.find("html").await?;
        self.click(&self.find(css).await?).await.with_context(|| format!("cannot click {css}"))?;
        self.left(&page).await.with_context(|| format!("nothing followed the click on {css}"))
    }

    /// Presses keys where the keyboard's focus is.
    ///
    /// # Errors
    /// The driver refuses.
    pub async fn press(&self, keys: &str) -> anyhow::Result<()> {
        Ok(self.driver.action_chain().send_keys(keys).perform().await?)
    }

    /// Presses Enter, which leads to another page, and waits for that page.
    ///
    /// # Errors
    /// Nothing follows.
    pub async fn press_enter_and_follow(&self) -> anyhow::Result<()> {
        let page = self.find("html").await?;
        self.press(&char::from(Key::Enter).to_string()).await?;
        self.left(&page).await.context("nothing followed the key Enter")
    }

    /// Presses Tab until the element with this id has the focus, at most 30 times.
    ///
    /// # Errors
    /// The keyboard does not reach it.
    pub async fn tab_to(&self, id: &str) -> anyhow::Result<()> {
        for _ in 0..30 {
            self.press(&char::from(Key::Tab).to_string()).await?;
            if self.focus().await? == id {
                return Ok(());
            }
        }
        bail!("the keyboard does not reach #{id}")
    }

    /// The id of the element that has the focus; empty when it has none.
    ///
    /// # Errors
    /// The driver does not answer.
    pub async fn focus(&self) -> anyhow::Result<String> {
        Ok(self.driver.active_element().await?.id().await?.unwrap_or_default())
    }

    /// Runs a script of the test's own, which works also where the pages' scripts are off.
    ///
    /// # Errors
    /// The script fails.
    pub async fn evaluate(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.driver.execute(script, Vec::new()).await?.json().clone())
    }

    /// What the browser has complained of since it was last asked: blocked loads, errors in scripts, warnings.
    ///
    /// # Errors
    /// The driver does not answer.
    pub async fn complaints(&self) -> anyhow::Result<Vec<String>> {
        let entries = self.driver.browser_log().await?;
        Ok(entries.into_iter().map(|entry| format!("{} {}", entry.level, entry.message)).collect())
    }

    /// Holds when the browser has nothing to complain of.
    ///
    /// # Errors
    /// It has.
    pub async fn content(&self) -> anyhow::Result<()> {
        let complaints = self.complaints().await?;
        ensure!(complaints.is_empty(), "the browser complains:\n{}", complaints.join("\n"));
        Ok(())
    }

    /// Waits until the page of this `html` element is gone and the next one is loaded.
    async fn left(&self, page: &WebElement) -> anyhow::Result<()> {
        let begun = Instant::now();
        while page.tag_name().await.is_ok() {
            ensure!(begun.elapsed() < PATIENCE, "still at {}", self.address().await?);
            tokio::time::sleep(POLL).await;
        }
        self.find("body").await.map(drop)
    }
}

impl fmt::Debug for Browser {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Browser").field("scripts", &self.scripts).finish_non_exhaustive()
    }
}
