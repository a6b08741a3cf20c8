//! The colours of `sayso.css` can be told apart, in light and in dark (WCAG 2.2: 1.4.3 text 4.5:1, 1.4.11 fields 3:1).
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use super::Shared;

/// The custom properties that are colours, light ones and dark ones laid over them.
fn schemes() -> [BTreeMap<String, f64>; 2] {
    let file = <Shared as rust_embed::RustEmbed>::get("sayso.css").unwrap();
    let css = String::from_utf8(file.data.to_vec()).unwrap();
    let (light, dark) = css.split_once("@media (prefers-color-scheme: dark)").unwrap();
    let light = luminances(light);
    let mut over = light.clone();
    over.extend(luminances(dark.split_once("/* Ground */").unwrap().0));
    [light, over]
}

fn luminances(css: &str) -> BTreeMap<String, f64> {
    css.lines()
        .filter_map(|line| {
            let (name, value) = line.trim().strip_prefix("--")?.split_once(": #")?;
            Some((name.to_owned(), luminance(value.split(';').next()?)?))
        })
        .collect()
}

/// Relative luminance of `rrggbb`.
fn luminance(hex: &str) -> Option<f64> {
    let number = u32::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 6)?;
    let channel = |shift: u32| {
        let share = f64::from((number >> shift) & 0xff) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    Some(0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0))
}

#[test]
fn text_and_fields_can_be_told_from_what_is_behind_them() {
    for (scheme, colors) in ["light", "dark"].into_iter().zip(schemes()) {
        for (front, back, least) in [
            ("ink", "paper", 7.0),
            ("ink", "card", 7.0),
            ("ink", "accent-wash", 7.0),
            ("ink-soft", "paper", 4.5),
            ("ink-soft", "card", 4.5),
            ("ink-soft", "well", 4.5),
            ("accent", "card", 4.5),
            ("accent", "paper", 4.5),
            ("accent", "well", 4.5),
            ("accent-strong", "accent-wash", 4.5),
            ("on-accent", "accent", 4.5),
            ("on-accent", "accent-strong", 4.5),
            ("good", "good-wash", 4.5),
            ("bad", "bad-wash", 4.5),
            ("bad", "card", 4.5),
            ("warn", "warn-wash", 4.5),
            ("edge", "card", 3.0),
            ("edge", "paper", 3.0),
        ] {
            let (one, other) = (colors.get(front).unwrap(), colors.get(back).unwrap());
            let ratio = (one.max(*other) + 0.05) / (one.min(*other) + 0.05);
            assert!(ratio >= least, "{scheme}: {front} on {back} is {ratio:.2}:1, {least}:1 is needed");
        }
    }
}
