//! Which language to speak to the reader.

use std::sync::Arc;

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

/// A language that texts exist in, as a BCP 47 tag such as `en` or `de-AT`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Locale(Arc<str>);

impl Locale {
    /// The language without the region: `de` of `de-AT`.
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// The language every text exists in.
    pub const FALLBACK: &'static str = "en";

    pub(crate) fn new(tag: &str) -> Self {
        Self(tag.into())
    }

    /// The tag, for the `lang` attribute.
    pub fn tag(&self) -> &str {
        &self.0
    }

    /// `rtl` or `ltr`, for the `dir` attribute.
    pub fn direction(&self) -> &'static str {
        let language = self.0.split('-').next().unwrap_or_default();
        if matches!(language, "ar" | "dv" | "fa" | "he" | "ks" | "ps" | "sd" | "ug" | "ur" | "yi") {
            "rtl"
        } else {
            "ltr"
        }
    }
}

/// The most wished-for locale among `available`: first the client's `ui_locales` (OpenID Connect Core section 3.1.2.1,
/// space separated, most wanted first), then `Accept-Language` by its weights. A wish for `de-AT` takes `de` and a wish
/// for `de` takes any `de-…`. Without a match: `en`, or else the first one.
pub fn negotiate(available: &[Locale], ui_locales: Option<&str>, headers: &HeaderMap) -> Locale {
    let asked = ui_locales.unwrap_or_default().split_ascii_whitespace().take(MOST_WISHES).map(str::to_owned);
    let accepted = accepted(headers);
    asked
        .chain(accepted)
        .find_map(|wish| fitting(available, &wish))
        .or_else(|| available.iter().find(|locale| locale.tag() == Locale::FALLBACK))
        .or_else(|| available.first())
        .cloned()
        .unwrap_or_else(|| Locale::new(Locale::FALLBACK))
}

/// More wishes than a person has.
const MOST_WISHES: usize = 32;

/// The tags of `Accept-Language`, heaviest first (RFC 9110 section 12.5.4).
fn accepted(headers: &HeaderMap) -> Vec<String> {
    let mut wishes: Vec<(u16, String)> = headers
        .get_all(ACCEPT_LANGUAGE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .take(MOST_WISHES)
        .filter_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let tag = parts.next().filter(|tag| !tag.is_empty())?;
            let weight = match parts.find_map(|part| part.strip_prefix("q=")) {
                None => 1000,
                Some(weight) => thousandths(weight)?,
            };
            (weight > 0).then(|| (weight, tag.to_owned()))
        })
        .collect();
    wishes.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    wishes.into_iter().map(|(_, tag)| tag).collect()
}

fn thousandths(weight: &str) -> Option<u16> {
    let weight: f32 = weight.parse().ok().filter(|weight| (0.0..=1.0).contains(weight))?;
    // Within 0 and 1000 by the check above.
    Some((weight * 1000.0).round() as u16)
}

fn fitting<'a>(available: &'a [Locale], wish: &str) -> Option<&'a Locale> {
    let exact = available.iter().find(|locale| locale.tag().eq_ignore_ascii_case(wish));
    exact.or_else(|| {
        let language = wish.split('-').next().unwrap_or_default();
        available.iter().find(|locale| locale.tag().eq_ignore_ascii_case(language)).or_else(|| {
            let same =
                |locale: &&Locale| locale.tag().split('-').next().is_some_and(|l| l.eq_ignore_ascii_case(language));
            available.iter().find(same)
        })
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn the_most_wished_for_language_is_spoken() {
        let available: Vec<_> = ["de", "en", "fr-CA"].into_iter().map(Locale::new).collect();
        for (ui_locales, accept, spoken) in [
            (None, "", "en"),
            (None, "de", "de"),
            (None, "DE-at,en;q=0.5", "de"),
            (None, "en;q=0.3, de;q=0.8", "de"),
            (None, "fr", "fr-CA"),
            (None, "ja, de;q=0.1", "de"),
            (None, "de;q=0", "en"),
            (None, "de;q=nan, fr;q=2", "en"),
            (None, "*", "en"),
            (None, ";;;,,,q=", "en"),
            (Some("de"), "en", "de"),
            (Some("ja de"), "en", "de"),
            (Some("ja"), "fr", "fr-CA"),
            (Some(""), "fr", "fr-CA"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(accept));
            assert_eq!(negotiate(&available, ui_locales, &headers).tag(), spoken, "{ui_locales:?} {accept}");
        }
        assert_eq!(negotiate(&[], None, &HeaderMap::new()).tag(), "en");
    }

    #[test]
    fn arabic_runs_from_right_to_left() {
        assert_eq!(Locale::new("ar-EG").direction(), "rtl");
        assert_eq!(Locale::new("de").direction(), "ltr");
    }
}
