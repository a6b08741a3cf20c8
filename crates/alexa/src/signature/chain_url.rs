//! Where the certificate chain may be fetched from.
//!
//! The address comes from whoever sent the request. Only after it passed here may anything be fetched, and only the
//! normalised form is fetched, so what was judged and what is asked for cannot differ.

use url::Url;

/// Addresses are short; a longer one is not Amazon's.
const LONGEST_URL: usize = 2_048;
const AMAZON_HOST: &str = "s3.amazonaws.com";
const AMAZON_PATH: &str = "/echo.api/";

/// Whose chain an address leads to, and so which root it must end at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChainSource {
    /// Amazon's bucket; the chain must end at a public root.
    Amazon,
    /// The simulator on this machine; the chain must end at the simulator's own root.
    DangerousLocal,
}

/// An address that passed, in normal form: compare and fetch this one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ChainUrl {
    url: String,
    source: ChainSource,
}

impl ChainUrl {
    /// The normalised address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Whose chain it leads to.
    #[must_use]
    pub fn source(&self) -> ChainSource {
        self.source
    }
}

/// The one extra place a chain may come from while a skill runs against a local simulator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DangerousPrefix(String);

/// The extra place is not a directory's address in normal form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the prefix must be a normalised http or https address of a directory, ending in a slash")]
pub struct BadPrefix;

impl DangerousPrefix {
    /// Takes an address such as `http://127.0.0.1:4001/echo.api/`.
    ///
    /// # Errors
    /// It is not an address, not in normal form, or names no directory: a prefix without its final slash would also let
    /// its neighbours pass.
    pub fn new(prefix: &str) -> Result<Self, BadPrefix> {
        let url = Url::parse(prefix).map_err(|_| BadPrefix)?;
        let is_web = matches!(url.scheme(), "http" | "https");
        let has_directory = url.path().len() > 1 && url.path().ends_with('/');
        if is_web && has_directory && url.as_str() == prefix && shape(prefix, &url).is_ok() {
            Ok(Self(prefix.to_owned()))
        } else {
            Err(BadPrefix)
        }
    }
}

/// Why an address was refused. Nothing is fetched then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainUrlRefused {
    /// Not an absolute address, or too long.
    #[error("the address is malformed")]
    Malformed,
    /// A backslash, which some parsers take for a slash.
    #[error("the address holds a backslash")]
    Backslash,
    /// A user name or password, even an empty one.
    #[error("the address holds user information")]
    UserInformation,
    /// A query, even an empty one.
    #[error("the address holds a query")]
    Query,
    /// A fragment, even an empty one.
    #[error("the address holds a fragment")]
    Fragment,
    /// Not `https`.
    #[error("the scheme is not https")]
    Scheme,
    /// Not `s3.amazonaws.com`.
    #[error("the host is not s3.amazonaws.com")]
    Host,
    /// Not 443.
    #[error("the port is not 443")]
    Port,
    /// Not under `/echo.api/` after dot segments and percent-encoding were resolved.
    #[error("the path is not under /echo.api/")]
    Path,
    /// Percent-encoding of a character that means something in a path; it could be decoded once more on the way.
    #[error("the path holds percent-encoding that is not needed")]
    EncodedPath,
}

impl ChainUrlRefused {
    /// The stable reason code.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Malformed => "chain_url_malformed",
            Self::Backslash => "chain_url_backslash",
            Self::UserInformation => "chain_url_user_information",
            Self::Query => "chain_url_query",
            Self::Fragment => "chain_url_fragment",
            Self::Scheme => "chain_url_scheme",
            Self::Host => "chain_url_host",
            Self::Port => "chain_url_port",
            Self::Path => "chain_url_path",
            Self::EncodedPath => "chain_url_encoded_path",
        }
    }
}

/// Judges the value of the `SignatureCertChainUrl` header.
///
/// Amazon's rule: `https`, host `s3.amazonaws.com` in any case, port 443 or none, a path that starts with `/echo.api/`
/// (in that case) after normalisation. `dangerous` adds one prefix and takes nothing away.
///
/// # Errors
/// The address is not one of those; nothing may be fetched.
pub fn check_chain_url(header: &str, dangerous: Option<&DangerousPrefix>) -> Result<ChainUrl, ChainUrlRefused> {
    if header.len() > LONGEST_URL || !header.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ChainUrlRefused::Malformed);
    }
    let mut url = Url::parse(header).map_err(|_| ChainUrlRefused::Malformed)?;
    shape(header, &url)?;
    let path = decoded_path(url.path())?;
    url.set_path(&path);

    if let Some(DangerousPrefix(prefix)) = dangerous
        && header.starts_with(prefix.as_str())
        && url.as_str().starts_with(prefix.as_str())
    {
        return Ok(ChainUrl { url: url.into(), source: ChainSource::DangerousLocal });
    }
    if url.scheme() != "https" {
        return Err(ChainUrlRefused::Scheme);
    }
    if url.host_str() != Some(AMAZON_HOST) {
        return Err(ChainUrlRefused::Host);
    }
    // The parser drops the scheme's own port, so `:443` is no port here.
    if url.port().is_some() {
        return Err(ChainUrlRefused::Port);
    }
    if !url.path().starts_with(AMAZON_PATH) {
        return Err(ChainUrlRefused::Path);
    }
    Ok(ChainUrl { url: url.into(), source: ChainSource::Amazon })
}

/// Refuses the parts no chain address has; the raw text is asked too, because a parser may repair it silently.
fn shape(raw: &str, url: &Url) -> Result<(), ChainUrlRefused> {
    if raw.contains('\\') {
        return Err(ChainUrlRefused::Backslash);
    }
    let after_scheme = raw.split_once("://").ok_or(ChainUrlRefused::Malformed)?.1;
    let authority = after_scheme.split(['/', '?', '#']).next().unwrap_or_default();
    // The parser would skip further slashes, and take what stands behind them for the host.
    if authority.is_empty() {
        return Err(ChainUrlRefused::Malformed);
    }
    if authority.contains('@') {
        return Err(ChainUrlRefused::UserInformation);
    }
    if url.query().is_some() {
        return Err(ChainUrlRefused::Query);
    }
    if url.fragment().is_some() {
        return Err(ChainUrlRefused::Fragment);
    }
    Ok(())
}

/// Decodes percent-encoded unreserved characters (RFC 3986 section 6.2.2.2) and refuses all other percent-encoding.
///
/// The parser has resolved dot segments already, `%2e%2e` included, so decoding cannot bring new ones: a segment that
/// still holds a dot is not a dot segment, and encoded slashes and percent signs are refused.
fn decoded_path(path: &str) -> Result<String, ChainUrlRefused> {
    let mut decoded = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        decoded.push_str(before);
        let (digits, tail) = after.split_at_checked(2).ok_or(ChainUrlRefused::EncodedPath)?;
        let byte = u8::from_str_radix(digits, 16).map_err(|_| ChainUrlRefused::EncodedPath)?;
        if !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')) {
            return Err(ChainUrlRefused::EncodedPath);
        }
        decoded.push(char::from(byte));
        rest = tail;
    }
    decoded.push_str(rest);
    Ok(decoded)
}

#[cfg(test)]
#[path = "chain_url_tests.rs"]
mod tests;
