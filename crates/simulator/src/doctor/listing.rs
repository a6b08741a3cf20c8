//! What a reviewer looks up in the skill's listing: its manifest, its privacy policy, its terms.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use sayso_alexa::check::{Finding, Package, check_package};
use serde_json::Value;
use url::Url;

use super::{Checked, trials};
use crate::outbound::{Incoming, Lost};
use crate::package::{Skill, manifest_file};
use crate::simulator::Inner;

const PATIENCE: Duration = Duration::from_secs(8);
const LARGEST: usize = 2 * 1024 * 1024;
/// More addresses than this are not opened.
const MOST_PAGES: usize = 24;
const MOST_REDIRECTS: usize = 5;
/// A policy has more letters than this.
const FEWEST_LETTERS: usize = 200;

/// What the manifest lacks because the skill links accounts.
pub(crate) fn certified(skill: &Skill) -> Vec<Checked> {
    let trial = trials::CERTIFIED;
    let Ok(bytes) = manifest_file(&skill.root) else { return Vec::new() };
    let found = |is_linked| check_package(&bytes, &Package { models: Vec::new(), is_linked }, |_, _, _| true);
    let without = found(false);
    let is_of_linking = |one: &Finding| !without.iter().any(|other| (other.line, &other.what) == (one.line, &one.what));
    let checks: Vec<Checked> = (found(true).into_iter().filter(is_of_linking))
        .map(|one| {
            Checked::doubtful(trial, format!("skill.json:{}: {}.", one.line, one.what), &super::sentence(&one.fix))
        })
        .collect();
    if checks.is_empty() {
        return vec![Checked::good(trial, "The manifest has what a skill with account linking must have.")];
    }
    checks
}

/// The pages that the manifest names, each with the places that name it.
fn named(skill: &Skill) -> BTreeMap<String, Vec<String>> {
    let mut pages: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let locales = skill.manifest.rest.get("privacyAndCompliance").and_then(|privacy| privacy.get("locales"));
    for (locale, texts) in locales.and_then(Value::as_object).into_iter().flatten() {
        for (key, what) in [("privacyPolicyUrl", "privacy policy"), ("termsOfUseUrl", "terms")] {
            if let Some(url) = texts.get(key).and_then(Value::as_str).filter(|url| !url.is_empty()) {
                pages.entry(url.to_owned()).or_default().push(format!("{what} {locale}"));
            }
        }
    }
    pages
}

impl Inner {
    /// Opens the privacy policy and the terms in every locale.
    pub(crate) async fn examine_pages(&self, skill: &Skill) -> Vec<Checked> {
        let pages = named(skill);
        let looked = join_all(pages.iter().take(MOST_PAGES).map(|(address, places)| async move {
            let what = format!("{address} ({})", places.join(", "));
            let Ok(url) = Url::parse(address) else { return Some(doubt(&what, "is no web address")) };
            let answered = self.opened(url.clone(), |_| true).await.map(|(_, incoming)| incoming);
            judge(&what, &url, answered)
        }));
        let looked = looked.await;
        let good = looked.iter().filter(|doubt| doubt.is_none()).count();
        let mut checks: Vec<Checked> = looked.into_iter().flatten().collect();
        if good > 0 {
            let pages = if good == 1 { "1 page answers".to_owned() } else { format!("{good} pages answer") };
            checks.push(Checked::good(trials::PRIVACY, format!("{pages} with something to read.")));
        }
        checks
    }

    /// Opens an address and goes where it sends, as long as that may be.
    pub(crate) async fn opened(&self, url: Url, may: impl Fn(&Url) -> bool) -> Result<(Url, Incoming), Lost> {
        let incoming = self.outbound.get(url.clone(), PATIENCE, LARGEST).await?;
        self.led_on((url, incoming), may).await
    }

    /// Goes on from an answer that sends elsewhere.
    pub(crate) async fn led_on(
        &self,
        (mut url, mut incoming): (Url, Incoming),
        may: impl Fn(&Url) -> bool,
    ) -> Result<(Url, Incoming), Lost> {
        for _ in 0..MOST_REDIRECTS {
            let to =
                (300..=399).contains(&incoming.status).then(|| url.join(incoming.header("location")?).ok()).flatten();
            let Some(to) = to.filter(|to| matches!(to.scheme(), "https" | "http") && may(to)) else { break };
            incoming = self.outbound.get(to.clone(), PATIENCE, LARGEST).await?;
            url = to;
        }
        Ok((url, incoming))
    }
}

fn doubt(what: &str, why: &str) -> Checked {
    let remedy = "Give an address that everybody can open: certification opens it, and refuses the skill otherwise.";
    Checked::doubtful(trials::PRIVACY, format!("{what} {why}."), remedy)
}

/// What speaks against a page, if anything.
fn judge(what: &str, url: &Url, answered: Result<Incoming, Lost>) -> Option<Checked> {
    let incoming = match answered {
        Ok(incoming) => incoming,
        Err(Lost::TooSlow) => return Some(doubt(what, "did not answer in time")),
        Err(Lost::TooLarge) => return Some(doubt(what, "is larger than any policy")),
        Err(Lost::Unreachable) => return Some(doubt(what, "cannot be reached, or its certificate is not believed")),
    };
    if incoming.status != 200 {
        return Some(doubt(what, &format!("answers with status {}", incoming.status)));
    }
    if url.scheme() != "https" {
        return Some(doubt(what, "is not https"));
    }
    let is_page = incoming.header("content-type").is_some_and(|kind| kind.starts_with("text/"));
    if is_page && letters(&String::from_utf8_lossy(&incoming.body)) < FEWEST_LETTERS {
        return Some(doubt(what, "shows next to nothing without a script"));
    }
    None
}

/// How many letters a page has for people, outside of its tags and scripts.
fn letters(source: &str) -> usize {
    let (mut count, mut rest) = (0, source);
    while let Some((text, tag)) = rest.split_once('<') {
        count += text.chars().filter(|sign| sign.is_alphanumeric()).count();
        let lower = tag.get(..7).unwrap_or_default().to_ascii_lowercase();
        let end = ["script", "style"].into_iter().find(|name| lower.starts_with(name)).map(|name| format!("</{name}"));
        let after = end.and_then(|end| tag.split_once(&end)).map_or(tag, |(_, after)| after);
        rest = after.split_once('>').map_or("", |(_, after)| after);
    }
    count + rest.chars().filter(|sign| sign.is_alphanumeric()).count()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_everybody_can_read_is_good() {
        let page = |status, body: &str| {
            let headers = [(reqwest::header::CONTENT_TYPE, "text/html".parse().unwrap())].into_iter().collect();
            Ok(Incoming { status, headers, body: body.as_bytes().to_vec() })
        };
        let words = "<p>What we keep of you, and for how long.</p>".repeat(20);
        let (safe, plain) = (Url::parse("https://a.example/p").unwrap(), Url::parse("http://a.example/p").unwrap());
        assert!(judge("it", &safe, page(200, &words)).is_none());
        for (url, answered, said) in [
            (&plain, page(200, &words), "not https"),
            (&safe, page(410, &words), "status 410"),
            (&safe, page(200, "<div id=app></div><script>draw()</script>"), "next to nothing"),
            (&safe, Err(Lost::TooSlow), "in time"),
        ] {
            assert!(judge("it", url, answered).unwrap().found.contains(said), "{said}");
        }
    }

    #[test]
    fn what_people_read_is_told_from_what_browsers_do() {
        for (source, count) in [
            ("", 0),
            ("We keep nothing.", 13),
            ("<p>We <b>keep</b> nothing.</p>", 13),
            ("<script>var a = 1;</script>ab<style>p {}</style>", 2),
            ("<div id=root></div><script src=x></script>", 0),
            ("<script>never closed", 11),
            ("broken < tag", 6),
        ] {
            assert_eq!(letters(source), count, "{source}");
        }
    }
}
