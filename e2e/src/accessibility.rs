//! What every page owes to people with a keyboard, a screen reader or a small screen.

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use thirtyfour::Key;

use crate::browser::Browser;

/// Answers with a list of what is wrong, in words.
const FINDINGS: &str = r#"
const wrong = [];
const shown = (element) => element.getClientRects().length > 0;
const name = (element) => `<${element.localName}${element.id ? ` id="${element.id}"` : ""}>`;
if (!document.documentElement.lang) wrong.push("the page names no language");
if (!document.title.trim()) wrong.push("the page has no title");
const headings = document.querySelectorAll("h1").length;
if (headings !== 1) wrong.push(`the page has ${headings} h1`);
if (!document.querySelector("main")) wrong.push("the page has no main part");
const seen = new Set();
for (const { id } of document.querySelectorAll("[id]")) {
  if (seen.has(id)) wrong.push(`two elements have the id ${id}`);
  seen.add(id);
}
for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
  const label = [...(field.labels ?? [])].some((label) => label.textContent.trim()) || field.ariaLabel?.trim();
  if (!label) wrong.push(`${name(field)} has no label`);
}
for (const one of document.querySelectorAll("button, a[href], summary")) {
  const words = one.textContent.trim() || one.ariaLabel?.trim() || one.querySelector("img")?.alt.trim();
  if (!words) wrong.push(`${name(one)} has no name`);
  const { width, height } = one.getBoundingClientRect();
  const inline = one.localName === "a" && getComputedStyle(one).display === "inline";
  if (shown(one) && !inline && !one.matches(".skip") && Math.min(width, height) < 24) {
    wrong.push(`${name(one)} "${words}" is ${width} by ${height} pixels, too small for a finger`);
  }
}
for (const image of document.querySelectorAll("img:not([alt])")) wrong.push(`${name(image)} has no alt text`);
for (const attribute of ["for", "aria-describedby", "aria-labelledby"]) {
  for (const one of document.querySelectorAll(`[${attribute}]`)) {
    for (const id of one.getAttribute(attribute).split(/\s+/)) {
      if (!seen.has(id)) wrong.push(`${name(one)} points with ${attribute} to ${id}, which is not there`);
    }
  }
}
const { scrollWidth, clientWidth } = document.documentElement;
if (scrollWidth > clientWidth) wrong.push(`the page is ${scrollWidth} pixels wide in a window of ${clientWidth}`);
return wrong;
"#;

/// The element that has the focus: its name, and whether a ring shows that it has.
const FOCUS: &str = r#"
const one = document.activeElement;
if (!one || one === document.body) return null;
const { outlineStyle, outlineWidth } = getComputedStyle(one);
const name = `<${one.localName}${one.id ? ` id="${one.id}"` : ""}> ${one.textContent.trim().slice(0, 30)}`;
return { name, ring: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 };
"#;

/// Looks at the page as it stands.
///
/// # Errors
/// Names what is missing.
pub async fn check(browser: &Browser) -> anyhow::Result<()> {
    let findings = browser.evaluate(FINDINGS).await.context("the page cannot be looked at")?;
    let findings: Vec<&str> = findings.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if findings.is_empty() {
        return Ok(());
    }
    bail!("{} is hard to use:\n{}", browser.address().await?, findings.join("\n"))
}

/// Walks through the page by Tab, at most `steps` elements, and looks for the ring around each.
///
/// # Errors
/// Names the element whose focus cannot be seen.
pub async fn check_focus(browser: &Browser, steps: usize) -> anyhow::Result<()> {
    for _ in 0..steps {
        browser.press(&char::from(Key::Tab).to_string()).await?;
        let focus = browser.evaluate(FOCUS).await?;
        // Past the last element the focus leaves the page.
        let Some(name) = focus.get("name").and_then(Value::as_str) else { break };
        let ring = focus.get("ring").and_then(Value::as_bool).unwrap_or_default();
        ensure!(ring, "{}: the focus on {name} cannot be seen", browser.address().await?);
    }
    Ok(())
}
