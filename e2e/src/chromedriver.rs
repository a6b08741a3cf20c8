//! Chromium's driver, on a port that the system chooses.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context as _, bail};

const PATIENCE: Duration = Duration::from_secs(20);
/// The names under which the browser is installed.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const REMEDY: &str = "`.ci/need browser` installs both (on Debian: apt-get install chromium chromium-driver)";

/// A running chromedriver. Dropped, it ends, and every browser it started.
#[derive(Debug)]
pub struct Chromedriver {
    process: Child,
    url: String,
    profile: PathBuf,
}

impl Chromedriver {
    /// Starts the driver; its browser is going to use the folder `profile`.
    ///
    /// # Errors
    /// It is not installed or does not start.
    pub fn start(profile: &Path) -> anyhow::Result<Self> {
        let program = on_path("chromedriver").with_context(|| format!("chromedriver is not installed: {REMEDY}"))?;
        let mut process = Command::new(program)
            .arg("--port=0")
            // What the browser leaves lying about goes with its profile.
            .env("TMPDIR", profile)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start chromedriver")?;
        let stdout = process.stdout.take();
        let mut driver = Self { process, url: String::new(), profile: profile.to_owned() };
        let (said, heard) = mpsc::channel();
        std::thread::spawn(move || {
            // Read to the end: a driver whose stdout is closed would stop.
            for line in stdout.into_iter().flat_map(|stdout| BufReader::new(stdout).lines()).map_while(Result::ok) {
                if let Some(port) = port_in(&line) {
                    let _ = said.send(port);
                }
            }
        });
        match heard.recv_timeout(PATIENCE) {
            Ok(port) => driver.url = format!("http://127.0.0.1:{port}"),
            Err(_) => bail!("chromedriver did not start: {REMEDY}"),
        }
        Ok(driver)
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        // A browser that outlives its driver is known by its profile folder, which it writes to until it is gone.
        for _ in 0..20 {
            let left = processes_naming(&self.profile);
            if left.is_empty() {
                break;
            }
            let _ = Command::new("kill").arg("-KILL").args(left).stderr(Stdio::null()).status();
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The browser's program.
///
/// # Errors
/// None is installed.
pub fn browser_program() -> anyhow::Result<PathBuf> {
    BROWSERS
        .iter()
        .find_map(|name| on_path(name))
        .with_context(|| format!("neither of {} is installed: {REMEDY}", BROWSERS.join(", ")))
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// `ChromeDriver was started successfully on port 40123.`
fn port_in(line: &str) -> Option<u16> {
    line.split_once("started successfully on port ")?.1.trim_end().trim_end_matches('.').parse().ok()
}

/// Ids of the processes whose command line names this folder.
fn processes_naming(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let folder = folder.to_string_lossy();
    let names_it = |pid: &String| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&*folder)
    };
    let pids = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    pids.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).filter(names_it).collect()
}
