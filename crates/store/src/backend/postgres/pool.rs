//! Connections that are kept.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{SslMode, TargetSessionAttrs};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure::cannot_open;
use crate::StoreError;
use crate::address::{Encryption, PostgresAddress};

/// After so much silence the system asks whether the server is still there.
const KEEPALIVE: Duration = Duration::from_secs(20);

/// A pool for the address. Connects to nothing yet.
pub(super) fn make(address: &PostgresAddress) -> Result<Pool, StoreError> {
    let config = config(address);
    // A dead connection is noticed by its own task, so nothing has to be asked of a kept one before its use.
    let keeping = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = match &address.encryption {
        Encryption::Off => Manager::from_config(config, NoTls, keeping),
        Encryption::Verified(roots) => {
            let tls = tls(roots.as_deref()).map_err(|why| cannot_open(address, why))?;
            Manager::from_config(config, MakeRustlsConnect::new(tls), keeping)
        }
    };
    let settings = settings(address);
    Pool::builder(manager)
        .max_size(address.pool_size)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(address.connect_timeout))
        .create_timeout(Some(address.connect_timeout))
        .post_create(Hook::async_fn(move |client, _| {
            let settings = settings.clone();
            Box::pin(async move { client.batch_execute(&settings).await.map_err(HookError::Backend) })
        }))
        .build()
        .map_err(|error| cannot_open(address, error.to_string()))
}

fn config(address: &PostgresAddress) -> Config {
    let mut config = Config::new();
    for host in address.hosts.iter() {
        config.host(&host.name).port(host.port);
    }
    config
        .dbname(&address.database)
        .application_name("sayso")
        // For each host, and a caller waits no longer for all of them: one that is silent must leave the next its time.
        .connect_timeout(address.connect_timeout / u32::try_from(address.hosts.iter().len()).unwrap_or(1))
        .keepalives_idle(KEEPALIVE)
        .tcp_user_timeout(KEEPALIVE)
        // A standby takes no writes; of several hosts, named or behind one name, the one that does is looked for.
        .target_session_attrs(TargetSessionAttrs::ReadWrite)
        .ssl_mode(if address.encryption == Encryption::Off { SslMode::Disable } else { SslMode::Require });
    if let Some(user) = &address.user {
        config.user(user);
    }
    if let Some(password) = &address.password {
        config.password(password.expose());
    }
    if let Some(options) = &address.options {
        config.options(options);
    }
    config
}

/// What every connection begins with. A transaction whose client fell silent must not hold its locks for long.
fn settings(address: &PostgresAddress) -> String {
    let millis = address.statement_timeout.as_millis();
    format!(
        "SET statement_timeout = {millis}; SET idle_in_transaction_session_timeout = {}; \
         SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED",
        2 * millis
    )
}

fn tls(roots: Option<&Path>) -> Result<ClientConfig, String> {
    let mut trusted = RootCertStore::empty();
    match roots {
        None => trusted.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(file) => {
            let unreadable = |why: String| format!("the certificates in {} cannot be used: {why}", file.display());
            let found = CertificateDer::pem_file_iter(file).map_err(|error| unreadable(error.to_string()))?;
            for certificate in found {
                let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
                trusted.add(certificate).map_err(|error| unreadable(error.to_string()))?;
            }
            if trusted.is_empty() {
                return Err(unreadable("there is none".to_owned()));
            }
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(config.map_err(|error| error.to_string())?.with_root_certificates(trusted).with_no_client_auth())
}
