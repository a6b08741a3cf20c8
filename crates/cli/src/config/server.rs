//! `[server]`

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use sayso_connections::fetch::{Fetcher, Outgoing};
use sayso_store::purge::AUDIT_MEMORY;
use sayso_store::{Address, Migrate, Retention};
use sayso_token::time::Lifetime;
use sayso_web::listen::Proxies;
use url::Url;

use super::finding::Findings;
use super::peers::Tls;
use super::{addresses, beside, connection, peers, shape};

const LISTEN: &str = "127.0.0.1:4000";
const DATABASE: &str = "sayso.db";
const MASTER_KEY: &str = "master.key";
const DAY: u32 = 24 * 60 * 60;
/// A hundred years.
const MOST_DAYS: u32 = 36_500;

/// Where an installation listens, and where its things are kept.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    /// The address to listen on.
    pub(crate) listen: SocketAddr,
    /// Where the database is.
    pub(crate) database: Address,
    /// The file of the key under which secrets in the database are sealed.
    pub(crate) master_key: PathBuf,
    /// Templates, texts and styles that replace the built-in ones.
    pub(crate) pages: Option<PathBuf>,
    /// Whether a start may bring the schema up to date.
    pub(crate) migrate: Migrate,
    /// How long what is over is remembered.
    pub(crate) retention: Retention,
    /// How requests leave that clients' metadata asks for.
    pub(crate) outgoing: Outgoing,
    /// The files with the secrets of connections, by their ids.
    pub(crate) connection_secrets: BTreeMap<String, PathBuf>,
    /// Where the certificate comes from, if TLS ends here.
    pub(crate) tls: Option<Tls>,
    /// The proxies that are believed about whom they speak for.
    pub(crate) proxies: Proxies,
}

/// What the table says.
pub(super) fn server(whole: &shape::File, findings: &mut Findings<'_>) -> Server {
    let (table, authorities) = (&whole.server, &whole.authorities);
    let file = findings.file();
    let listen = findings.within("server".to_owned(), |findings| listen(table, authorities, findings));
    let database = findings.within("server".to_owned(), |findings| database(table, findings));
    let pages = table.pages.as_ref().map(|written| {
        let folder = beside(file, written.get_ref());
        if !folder.is_dir() {
            let what = format!("there is no folder {}", folder.display());
            findings.error(written.span(), "pages", what, "make it, or leave the key out for the built-in pages");
        }
        folder
    });
    let master_key = beside(file, table.master_key.as_deref().unwrap_or(MASTER_KEY));
    let migrate = match table.migrate {
        None | Some(shape::Migrate::AtStart) => Migrate::AtStart,
        Some(shape::Migrate::ByCommand) => Migrate::ByCommand,
    };
    let audit = findings.within("server".to_owned(), |findings| audit(table, findings));
    let retention = Retention { audit, ..Retention::default() };
    let (tls, proxies) =
        findings.within("server".to_owned(), |findings| (peers::tls(whole, findings), peers::proxies(table, findings)));
    let outgoing = findings.within("server".to_owned(), |findings| outgoing(table, findings));
    let connection_secrets = findings.within("server".to_owned(), |findings| connection::secrets(whole, findings));
    Server { listen, database, master_key, pages, migrate, retention, outgoing, connection_secrets, tls, proxies }
}

fn outgoing(table: &shape::Server, findings: &mut Findings<'_>) -> Outgoing {
    let extra_ca = table.outgoing_ca.as_ref().and_then(|written| {
        let path = beside(findings.file(), written.get_ref());
        let read = std::fs::read(&path).map_err(|error| error.to_string());
        let used = read.and_then(|pem| {
            let settings = Outgoing { extra_ca: Some(pem.clone()), loopback: false };
            Fetcher::new(&settings).map(|_| pem).map_err(|error| error.to_string())
        });
        match used {
            Ok(pem) => Some(pem),
            Err(error) => {
                let fix = "give the path of a PEM file with the certificates to trust beside the public ones";
                findings.error(written.span(), "outgoing_ca", format!("{}: {error}", path.display()), fix);
                None
            }
        }
    });
    Outgoing { extra_ca, loopback: table.outgoing_loopback }
}

fn audit(table: &shape::Server, findings: &mut Findings<'_>) -> Lifetime {
    let Some(written) = &table.audit_days else { return AUDIT_MEMORY };
    let days = u32::try_from(*written.get_ref()).ok().filter(|days| (1..=MOST_DAYS).contains(days));
    if days.is_none() {
        let what = format!("the audit log cannot be kept for {} days", written.get_ref());
        let fix = format!("choose 1 to {MOST_DAYS}, or leave it out for {}", AUDIT_MEMORY.seconds() / DAY);
        findings.error(written.span(), "audit_days", what, fix);
    }
    days.map_or(AUDIT_MEMORY, |days| Lifetime::from_seconds(days * DAY))
}

fn database(table: &shape::Server, findings: &mut Findings<'_>) -> Address {
    let file = findings.file();
    let Some(written) = &table.database else { return Address::File(beside(file, DATABASE)) };
    match Address::parse(written.get_ref()) {
        Ok(Address::File(path)) => Address::File(file.parent().unwrap_or(Path::new("")).join(path)),
        Ok(server) => server,
        Err(error) => {
            // The address is not quoted: it may hold a password.
            let what = format!("this address cannot be used: {error}");
            findings.error(written.span(), "database", what, "write a path, or postgres://user:password@host/database");
            Address::File(beside(file, DATABASE))
        }
    }
}

fn listen(table: &shape::Server, authorities: &[shape::Authority], findings: &mut Findings<'_>) -> SocketAddr {
    let default = SocketAddr::from(([127, 0, 0, 1], 4000));
    debug_assert_eq!(LISTEN.parse(), Ok(default));
    let (address, span) = match &table.listen {
        None => (default, 0..0),
        Some(written) => match written.get_ref().parse() {
            Ok(address) => (address, written.span()),
            Err(_) => {
                let what = format!("{:?} is no address to listen on", written.get_ref());
                let fix = format!("write an IP address and a port, such as {LISTEN:?}");
                findings.error(written.span(), "listen", what, fix);
                return default;
            }
        },
    };
    for authority in authorities {
        let Ok(url) = Url::parse(authority.issuer.get_ref()) else { continue };
        let here = (url.scheme() == "http" || table.tls.is_some()) && addresses::is_loopback(&url);
        if here && url.port_or_known_default() != Some(address.port()) {
            let what =
                format!("{} leads to another port than the {} listened on", authority.issuer.get_ref(), address.port());
            findings.warning(span.clone(), "listen", what, "give issuer and listen the same port");
        }
    }
    address
}
