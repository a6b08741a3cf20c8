//! Writing parameters into a URL that may already carry some.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved signs of RFC 3986, so that no reader can take a value apart differently.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Adds parameters to `url`: with `?`, or with `&` where it has a query already. `url` has no fragment.
pub fn with_parameters(url: &str, parameters: &[(&str, &str)]) -> String {
    let mut out = url.to_owned();
    let mut separator = match url.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    for (name, value) in parameters {
        out.push_str(separator);
        out.push_str(name);
        out.push('=');
        out.extend(utf8_percent_encode(value, RESERVED));
        separator = "&";
    }
    out
}

/// One name or value of `application/x-www-form-urlencoded`: also what RFC 6749 section 2.3.1 wants of client credentials.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// `application/x-www-form-urlencoded`.
pub fn form_encoded(parameters: &[(&str, &str)]) -> String {
    let pairs: Vec<_> =
        parameters.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_and_the_first_sign_fits() {
        for (url, expected) in [
            ("https://a.test/cb", "https://a.test/cb?state=a%2B%26%20%3D"),
            ("https://a.test/cb?x=1", "https://a.test/cb?x=1&state=a%2B%26%20%3D"),
            ("https://a.test/cb?", "https://a.test/cb?state=a%2B%26%20%3D"),
        ] {
            assert_eq!(with_parameters(url, &[("state", "a+& =")]), expected);
        }
    }
}
