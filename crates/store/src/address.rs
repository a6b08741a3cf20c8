//! Where the database is.

mod hosts;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::percent_decode_str;
use sayso_token::secret::Secret;

use hosts::Hosts;

const POOL_SIZE: usize = 16;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(5);
/// Nobody waits longer for one statement, and a pool beyond it is a mistake.
const MOST: u64 = 1000;

/// Where the database is: a SQLite file, or a PostgreSQL server. Prints without the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A SQLite file.
    File(PathBuf),
    /// A database on a PostgreSQL server.
    Postgres(Box<PostgresAddress>),
}

/// A database on a PostgreSQL server, and how it is reached.
#[derive(Clone)]
pub struct PostgresAddress {
    pub(crate) hosts: Hosts,
    pub(crate) database: String,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Secret>,
    /// Settings for each connection, as in `-c search_path=sayso`.
    pub(crate) options: Option<String>,
    pub(crate) encryption: Encryption,
    /// Connections at most.
    pub(crate) pool_size: usize,
    /// How long a caller waits for a connection.
    pub(crate) connect_timeout: Duration,
    /// How long a statement may take.
    pub(crate) statement_timeout: Duration,
}

/// How the way to the server is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// Not at all: the same machine, or a network that is trusted.
    Off,
    /// TLS, and the certificate must be the host's, by the public authorities or by those in the PEM file.
    Verified(Option<PathBuf>),
}

/// Why an address cannot be used. Never quotes it: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Neither a path nor one of the two schemes.
    #[error("it is neither a path nor begins with sqlite: or postgres://")]
    Scheme,
    /// Not a URL.
    #[error("it is not a URL: {0}")]
    Url(url::ParseError),
    /// No database is named.
    #[error("it names no database: postgres://host/database")]
    NoDatabase,
    /// A parameter is unknown.
    #[error(
        "it has a parameter {0:?}, which is none of host, user, options, sslmode, sslrootcert, pool_size, \
         connect_timeout, statement_timeout"
    )]
    UnknownParameter(String),
    /// A parameter has no usable value.
    #[error("its {name} must be {expected}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What would do.
        expected: &'static str,
    },
}

impl Address {
    /// Reads a path, `sqlite:PATH`, or
    /// `postgres://user:password@host:port/database?sslmode=…` (also `postgresql://`), what stands in the URL being
    /// percent-encoded. Several hosts are joined by commas; the one that takes writes is used.
    /// Parameters as libpq knows them: `host` (the folder of a Unix socket), `user`, `options`,
    /// `sslmode` (`disable`, or `verify-full`; `require` is taken as `verify-full`), `sslrootcert`, `connect_timeout`
    /// in seconds; and our own `pool_size`, `statement_timeout` in seconds. Without `sslmode`, TLS is used unless the
    /// server is on this machine.
    ///
    /// # Errors
    /// [`BadAddress`] says what is wrong, without quoting the address.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return Ok(Self::File(path.strip_prefix("//").unwrap_or(path).into()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return PostgresAddress::read(text).map(|address| Self::Postgres(Box::new(address)));
        }
        if text.contains("://") {
            return Err(BadAddress::Scheme);
        }
        Ok(Self::File(text.into()))
    }
}

impl PostgresAddress {
    /// Settings for each connection, as in `-c search_path=sayso`.
    pub fn options(&self) -> Option<&str> {
        self.options.as_deref()
    }

    fn read(text: &str) -> Result<Self, BadAddress> {
        let (hosts, url) = Hosts::read(text)?;
        let database = decoded(url.path().trim_start_matches('/'));
        if database.is_empty() {
            return Err(BadAddress::NoDatabase);
        }
        let mut address = Self {
            hosts,
            database,
            user: Some(decoded(url.username())).filter(|user| !user.is_empty()),
            password: url.password().map(|password| Secret::new(decoded(password))),
            options: None,
            encryption: Encryption::Off,
            pool_size: POOL_SIZE,
            connect_timeout: CONNECT_TIMEOUT,
            statement_timeout: STATEMENT_TIMEOUT,
        };
        let (mut mode, mut roots) = (None, None);
        for (name, value) in url.query_pairs() {
            match &*name {
                "sslmode" => mode = Some(wants_tls(&value)?),
                "sslrootcert" => roots = Some(PathBuf::from(&*value)),
                _ => address.set(&name, &value)?,
            }
        }
        if mode.unwrap_or(!address.hosts.are_here()) {
            address.encryption = Encryption::Verified(roots);
        }
        Ok(address)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), BadAddress> {
        match name {
            "host" => self.hosts.rename(value),
            "user" => self.user = Some(value.to_owned()),
            "options" => self.options = Some(value.to_owned()),
            "pool_size" => {
                self.pool_size = usize::try_from(number("pool_size", value)?).unwrap_or(POOL_SIZE);
            }
            "connect_timeout" => self.connect_timeout = Duration::from_secs(number("connect_timeout", value)?),
            "statement_timeout" => self.statement_timeout = Duration::from_secs(number("statement_timeout", value)?),
            _ => return Err(BadAddress::UnknownParameter(name.to_owned())),
        }
        Ok(())
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn wants_tls(mode: &str) -> Result<bool, BadAddress> {
    match mode {
        "disable" => Ok(false),
        "require" | "verify-full" => Ok(true),
        _ => Err(BadAddress::Parameter { name: "sslmode", expected: "disable or verify-full" }),
    }
}

fn number(name: &'static str, value: &str) -> Result<u64, BadAddress> {
    let number = value.parse().ok().filter(|number| (1..=MOST).contains(number));
    number.ok_or(BadAddress::Parameter { name, expected: "a number from 1 to 1000" })
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => file.display().fmt(f),
            Self::Postgres(address) => address.fmt(f),
        }
    }
}

impl fmt::Display for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgres://")?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        write!(f, "{}/{}", self.hosts, self.database)
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

// Secrets are compared in constant time only; for the rest what is written decides.
impl PartialEq for PostgresAddress {
    fn eq(&self, other: &Self) -> bool {
        let password = match (&self.password, &other.password) {
            (None, None) => true,
            (Some(one), Some(another)) => one.matches(another),
            _ => false,
        };
        let rest = |address: &Self| {
            let times = (address.connect_timeout, address.statement_timeout);
            (address.to_string(), address.options.clone(), address.encryption.clone(), address.pool_size, times)
        };
        password && rest(self) == rest(other)
    }
}

impl Eq for PostgresAddress {}

impl From<&Address> for Address {
    fn from(address: &Address) -> Self {
        address.clone()
    }
}

impl From<&Path> for Address {
    fn from(file: &Path) -> Self {
        Self::File(file.to_owned())
    }
}

impl From<&PathBuf> for Address {
    fn from(file: &PathBuf) -> Self {
        Self::File(file.clone())
    }
}

#[cfg(test)]
mod tests;
