//! One member of the metadata, read as what it must be.

use sayso_token::algorithm::Algorithm;
use sayso_token::visible::is_plain;
use serde_json::{Map, Value};
use url::{Host, Url};

use super::BadMetadata;

/// The longest address that is taken.
const LONGEST_URI: usize = 2048;
/// The longest text in a list.
const LONGEST_TEXT: usize = 2048;

/// The members of the body. `null` counts as absent.
pub(super) struct Members<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Members<'a> {
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn wrong(name: &str, must: &str) -> BadMetadata {
        BadMetadata::new(format!("{name} must be {must}"))
    }

    /// A text of at most so many characters, all of which can be seen.
    pub(super) fn text(&self, name: &str, most: usize) -> Result<Option<String>, BadMetadata> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let text = value.as_str().filter(|text| text.chars().count() <= most && is_plain(text));
        let text = text.ok_or_else(|| {
            Self::wrong(name, &format!("a text of at most {most} characters, all of which can be seen"))
        })?;
        Ok(Some(text.to_owned()).filter(|text| !text.trim().is_empty()))
    }

    /// A list of at most so many texts.
    pub(super) fn texts(&self, name: &str, most: usize) -> Result<Option<Vec<String>>, BadMetadata> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let wrong = || Self::wrong(name, &format!("a list of at most {most} texts"));
        let list = value.as_array().filter(|list| list.len() <= most).ok_or_else(wrong)?;
        let text = |item: &Value| item.as_str().filter(|text| text.len() <= LONGEST_TEXT).map(str::to_owned);
        list.iter().map(text).collect::<Option<Vec<_>>>().map(Some).ok_or_else(wrong)
    }

    /// One of these words; the first when it is left out.
    pub(super) fn one_of(&self, name: &str, words: &[&'static str]) -> Result<&'static str, BadMetadata> {
        let Some(value) = self.get(name) else { return Ok(words.first().copied().unwrap_or_default()) };
        let found = words.iter().copied().find(|word| value.as_str() == Some(word));
        found.ok_or_else(|| Self::wrong(name, &format!("one of {}", words.join(", "))))
    }

    /// A signature algorithm.
    pub(super) fn algorithm(&self, name: &str) -> Result<Option<Algorithm>, BadMetadata> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let known = value.as_str().and_then(Algorithm::named);
        known
            .map(Some)
            .ok_or_else(|| Self::wrong(name, &format!("one of {}", Algorithm::ALL.map(Algorithm::name).join(", "))))
    }

    /// An https address without credentials and fragment.
    pub(super) fn https(&self, name: &str) -> Result<Option<String>, BadMetadata> {
        let Some(text) = self.text(name, LONGEST_URI)? else { return Ok(None) };
        let plain = |url: &Url| {
            url.scheme() == "https" && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
        };
        let good = text.bytes().all(|byte| byte.is_ascii_graphic()) && Url::parse(&text).is_ok_and(|url| plain(&url));
        if good { Ok(Some(text)) } else { Err(Self::wrong(name, "an https address without credentials and fragment")) }
    }

    /// A number of seconds.
    pub(super) fn number(&self, name: &str) -> Result<Option<u32>, BadMetadata> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        number.map(Some).ok_or_else(|| Self::wrong(name, "a number of seconds"))
    }

    /// True or false; false when it is left out.
    pub(super) fn flag(&self, name: &str) -> Result<bool, BadMetadata> {
        let Some(value) = self.get(name) else { return Ok(false) };
        value.as_bool().ok_or_else(|| Self::wrong(name, "true or false"))
    }
}

/// What is wrong with a redirect URI: https, or http to this machine, without credentials, wildcard and fragment.
pub(super) fn redirect_uri(uri: &str) -> Result<(), String> {
    let graphic = uri.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let url = Url::parse(uri).ok().filter(|url| graphic && url.has_host() && uri.len() <= LONGEST_URI);
    let Some(url) = url else {
        return Err("a redirect URI must be a whole address, such as https://app.example/cb".into());
    };
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if !(url.scheme() == "https" || (url.scheme() == "http" && loopback)) || !uri.contains("://") {
        return Err("a redirect URI must be https, or http to this machine; an app's own scheme is not offered".into());
    }
    if uri.contains('#') {
        return Err("a redirect URI must have no fragment".into());
    }
    if uri.contains('*') || !url.username().is_empty() || url.password().is_some() {
        return Err("a redirect URI must have no wildcard and no credentials".into());
    }
    Ok(())
}
