//! `acme` of `tls`: certificates that the server fetches itself.

use std::path::{Path, PathBuf};

use sayso_acme::{ExternalAccount, LETS_ENCRYPT, Settings};
use sayso_connections::fetch::NamedServer;
use sayso_token::encoding::from_base64url;
use url::{Host, Url};
use zeroize::Zeroizing;

use super::finding::Findings;
use super::{beside, read_by_others, shape};

const FOLDER: &str = "acme";
/// What the largest authority puts into one certificate.
const MOST_NAMES: usize = 100;
/// No key of an external account is longer, as it is written.
const LONGEST_KEY: usize = 4096;
/// Where an authority looks (RFC 8737 section 3).
const VALIDATED_PORT: u16 = 443;

/// Certificates by ACME, and where they are kept.
#[derive(Clone, Debug)]
pub(crate) struct Acme {
    /// From where, and for which names.
    pub(crate) settings: Settings,
    /// Where account and certificate are kept.
    pub(crate) folder: PathBuf,
}

/// What the table says.
pub(super) fn acme(
    table: &toml::Spanned<shape::Acme>,
    file: &shape::File,
    findings: &mut Findings<'_>,
) -> Option<Acme> {
    let span = table.span();
    let table = table.get_ref();
    findings.within("tls.acme".to_owned(), |findings| {
        let directory = directory(table, findings);
        if table.terms_agreed.as_ref().is_none_or(|agreed| !agreed.get_ref()) {
            let span = table.terms_agreed.as_ref().map_or(span.clone(), toml::Spanned::span);
            let what = "certificates are issued to those only who agree to the authority's terms of service";
            let fix = format!("read them (the directory {directory} links to them), then write terms_agreed = true");
            findings.error(span, "terms_agreed", what, fix);
        }
        let settings = Settings {
            names: names(table, file, &directory, findings),
            contact: contact(table, findings),
            external_account: table.external_account.as_ref().and_then(|one| external_account(one, findings)),
            extra_ca: table.directory_ca.as_ref().and_then(|written| extra_ca(written, findings)),
            directory,
        };
        let folder = table.folder.as_ref().map_or(FOLDER, |written| written.get_ref().as_str());
        Some(Acme { settings, folder: beside(findings.file(), folder) })
    })
}

fn directory(table: &shape::Acme, findings: &mut Findings<'_>) -> String {
    let Some(written) = &table.directory else { return LETS_ENCRYPT.to_owned() };
    let whole = Url::parse(written.get_ref()).ok().filter(|url| {
        url.scheme() == "https" && url.has_host() && url.username().is_empty() && url.fragment().is_none()
    });
    if whole.is_none() {
        let what = format!("{:?} is no address of a directory", written.get_ref());
        findings.error(written.span(), "directory", what, format!("write an https address, such as {LETS_ENCRYPT:?}"));
    }
    written.get_ref().clone()
}

fn contact(table: &shape::Acme, findings: &mut Findings<'_>) -> Option<String> {
    let written = table.contact.as_ref()?;
    // One address and nothing else (RFC 8555 section 7.3).
    let address = written.get_ref().strip_prefix("mailto:").filter(|address| {
        let plain = |sign: char| sign.is_ascii_graphic() && !matches!(sign, '?' | ',' | '#');
        let sides = address.split_once('@');
        address.chars().all(plain) && sides.is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
    });
    if address.is_none() {
        let what = format!("the authority cannot write to {:?}", written.get_ref());
        findings.error(written.span(), "contact", what, "write one address, such as \"mailto:ops@example.com\"");
    }
    Some(written.get_ref().clone())
}

/// The names of the certificate: those that are listed, otherwise the hosts of all that is offered on this port.
fn names(table: &shape::Acme, file: &shape::File, directory: &str, findings: &mut Findings<'_>) -> Vec<String> {
    let offered = file.authorities.iter().map(|authority| (&authority.issuer, "issuer"));
    let admin = file.admin.as_ref().and_then(|admin| admin.url.as_ref()).map(|url| (url, "url of admin"));
    let mut hosts: Vec<(String, &shape::Text)> = Vec::new();
    for (address, what) in offered.chain(admin) {
        let Ok(url) = Url::parse(address.get_ref()) else { continue };
        let known = hosts.iter().any(|(host, _)| url.host_str() == Some(host));
        // What is wrong with http is told elsewhere.
        if url.scheme() == "https" && !known {
            hosts.extend(host(&url, address, what, findings).map(|host| (host, address)));
        }
    }
    let names = match &table.names {
        None => hosts.iter().map(|(host, _)| host.clone()).collect(),
        Some(listed) => listed_names(listed, &hosts, findings),
    };
    if directory == LETS_ENCRYPT
        && let Some(name) = names.iter().find(|name| !is_public(name))
    {
        let span = table.names.as_ref().map_or(0..0, toml::Spanned::span);
        let what = format!("no public authority issues for {name:?}");
        findings.error(
            span,
            "names",
            what,
            "use a name of the public DNS, or the directory of an authority of your own",
        );
    }
    names
}

fn host(url: &Url, address: &shape::Text, what: &str, findings: &mut Findings<'_>) -> Option<String> {
    if url.port().is_some_and(|port| port != VALIDATED_PORT) {
        let told = format!("the authority looks at port {VALIDATED_PORT} of {}", url.host_str().unwrap_or_default());
        let fix = "let that port lead here as well, or use certificates from files";
        findings.warning(address.span(), "", told, fix);
    }
    if let Some(Host::Domain(name)) = url.host() {
        return Some(name.to_owned());
    }
    let told = format!("the {what} {} has no name that a certificate could be ordered for", address.get_ref());
    findings.error(address.span(), "", told, "give it a name of the DNS, or use certificates from files");
    None
}

fn listed_names(
    listed: &toml::Spanned<Vec<shape::Text>>,
    hosts: &[(String, &shape::Text)],
    findings: &mut Findings<'_>,
) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for written in listed.get_ref() {
        let name = written.get_ref().to_ascii_lowercase();
        let (what, fix) = match fault(&name) {
            None if names.contains(&name) => (format!("{name:?} stands there a second time"), "name it once"),
            None => {
                names.push(name);
                continue;
            }
            Some(fault) => fault,
        };
        findings.error(written.span(), "names", what, fix);
    }
    if names.len() > MOST_NAMES {
        let what = format!("{} names are too many for one certificate", names.len());
        findings.error(listed.span(), "names", what, format!("name {MOST_NAMES} at most"));
    }
    for (host, address) in hosts.iter().filter(|(host, _)| !names.contains(host)) {
        let what =
            format!("the host of {} is not among them: its clients would refuse the certificate", address.get_ref());
        findings.error(
            listed.span(),
            "names",
            what,
            format!("add {host:?}, or leave names out to have the hosts taken"),
        );
    }
    names
}

/// What is wrong with a name, and what to do.
fn fault(name: &str) -> Option<(String, &'static str)> {
    if name.contains('*') {
        let what = format!("{name:?} is for a whole domain, which can only be shown by DNS");
        return Some((what, "write each name out, or use certificates from files"));
    }
    let label = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (1..=63).contains(&label.len()) && plain && !label.starts_with('-') && !label.ends_with('-')
    };
    let number = name.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    let good = name.len() <= 253 && name.split('.').all(label) && !number;
    (!good).then(|| (format!("{name:?} is no name of the DNS"), "write a host's name, without scheme, port and path"))
}

/// Whether a name could be of the public DNS: it has a dot, and does not end in what is kept for other uses (RFC 6761,
/// RFC 6762, RFC 8375, RFC 9476).
fn is_public(name: &str) -> bool {
    const KEPT: [&str; 9] =
        ["alt", "example", "internal", "invalid", "local", "localhost", "onion", "test", "home.arpa"];
    name.contains('.') && !KEPT.iter().any(|kept| name.strip_suffix(kept).is_some_and(|rest| rest.ends_with('.')))
}

fn external_account(table: &shape::ExternalAccount, findings: &mut Findings<'_>) -> Option<ExternalAccount> {
    let path = beside(findings.file(), table.key_file.get_ref());
    match read_key(&path) {
        Ok(key) => Some(ExternalAccount { id: table.id.get_ref().clone(), key }),
        Err((what, fix)) => {
            let what = format!("{}: {what}", path.display());
            findings.error(table.key_file.span(), "external_account.key_file", what, fix);
            None
        }
    }
}

fn read_key(path: &Path) -> Result<Zeroizing<Vec<u8>>, (String, &'static str)> {
    let broken =
        |error: std::io::Error| (error.to_string(), "give the path of a text file, from this file's folder on");
    if read_by_others(&std::fs::metadata(path).map_err(broken)?) {
        return Err(("others on this machine can read it".to_owned(), "chmod 600 it"));
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(broken)?);
    let key = Some(text.trim().trim_end_matches('=')).filter(|text| text.len() <= LONGEST_KEY).and_then(from_base64url);
    key.filter(|key| !key.is_empty()).map(Zeroizing::new).ok_or_else(|| {
        ("it holds no key".to_owned(), "write the HMAC key as the authority gives it, in base64url, on one line")
    })
}

fn extra_ca(written: &shape::Text, findings: &mut Findings<'_>) -> Option<Vec<u8>> {
    let path = beside(findings.file(), written.get_ref());
    let read = std::fs::read(&path).map_err(|error| error.to_string());
    let used = read.and_then(|pem| NamedServer::new(Some(pem.clone())).map(|_| pem).map_err(|error| error.to_string()));
    used.inspect_err(|error| {
        let fix = "give the path of a PEM file with the root of the directory's own server";
        findings.error(written.span(), "directory_ca", format!("{}: {error}", path.display()), fix);
    })
    .ok()
}
