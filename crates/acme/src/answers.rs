//! What an authority is shown that looks whether a name is ours (RFC 8737).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use sayso_token::digest::Digest;
use sayso_token::time::{Clock, Lifetime, Timestamp};
use sayso_web::listen::{ACME_TLS, Answering, Validations};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::keep::{Item, Keep};

/// No authority looks later than this after it was told to.
const GOOD_FOR: Lifetime = Lifetime::from_seconds(60 * 60);

/// The answers of all who serve the names, by way of what they share. Clones are the same.
#[derive(Clone)]
pub(crate) struct Answers(Arc<Kept>);

struct Kept {
    names: Vec<String>,
    keep: Arc<dyn Keep>,
    clock: Arc<dyn Clock>,
    /// Made from the answer last seen for a name: a key is not drawn for each look.
    made: Mutex<HashMap<String, (Digest, Arc<ServerConfig>)>>,
}

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Answer {
    /// The SHA-256 of the key authorization (RFC 8555 section 8.1).
    digest: Digest,
    until: Timestamp,
}

impl Answers {
    pub(crate) fn new(names: Vec<String>, keep: Arc<dyn Keep>, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Kept { names, keep, clock, made: Mutex::default() }))
    }

    /// From now on, everybody who serves the name can answer for it.
    pub(crate) async fn give(&self, name: &str, digest: Digest) -> Result<(), Failure> {
        let answer = Answer { digest, until: self.0.clock.now() + GOOD_FOR };
        let text = serde_json::to_vec(&answer).map_err(|error| Failure::Keep(error.to_string()))?;
        Ok(self.0.keep.save(&Item::Answer(name.to_owned()), &text).await?)
    }

    /// Nobody answers any more.
    pub(crate) async fn take_back(&self, names: &[String]) {
        for name in names {
            if let Err(error) = self.0.keep.forget(&Item::Answer(name.clone())).await {
                // It is over in an hour all the same.
                tracing::debug!(%error, "an answer for a certificate authority could not be taken back");
            }
        }
        self.0.made.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Kept {
    async fn answer(&self, name: String) -> Option<Arc<ServerConfig>> {
        // Anybody may ask, for any name.
        if !self.names.contains(&name) {
            return None;
        }
        let kept = self.keep.load(&Item::Answer(name.clone())).await.unwrap_or_default()?;
        let answer: Answer = serde_json::from_slice(&kept).ok()?;
        if self.clock.now() >= answer.until {
            return None;
        }
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((digest, config)) = made.get(&name)
            && *digest == answer.digest
        {
            return Some(config.clone());
        }
        let config = shown(&name, &answer.digest)?;
        made.insert(name, (answer.digest, config.clone()));
        Some(config)
    }
}

impl Validations for Answers {
    fn answer(&self, name: String) -> Answering {
        let kept = self.0.clone();
        Box::pin(async move { kept.answer(name).await })
    }
}

/// A certificate that nobody but the authority believes: for the name alone, with the digest in it (RFC 8737 section 3).
fn shown(name: &str, digest: &Digest) -> Option<Arc<ServerConfig>> {
    let key = KeyPair::generate().ok()?;
    let mut params = CertificateParams::new(vec![name.to_owned()]).ok()?;
    params.distinguished_name = DistinguishedName::new();
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest.as_bytes())];
    let certificate = params.self_signed(&key).ok()?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    // Not by way of `with_single_cert`, which refuses a certificate with an extension that must be understood.
    let certified =
        CertifiedKey::new(vec![certificate.der().clone()], provider.key_provider.load_private_key(key).ok()?);
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    let resolver = Arc::new(SingleCertAndKey::from(certified));
    let mut config = builder.with_no_client_auth().with_cert_resolver(resolver);
    config.alpn_protocols = vec![ACME_TLS.to_vec()];
    Some(Arc::new(config))
}
