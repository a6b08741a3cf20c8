//! Whether a request really comes from Alexa: the pure rules of request signing.
//!
//! The rim does the rest: it hands over the headers as received, fetches the certificate chain from the address that
//! [`chain_url::check_chain_url`] let pass, and keeps what [`certificate::verify_chain`] judged. The order is that of
//! Amazon's "Host a Custom Skill as a Web Service"; where the official SDKs are lenient (path normalisation, dates of
//! cached certificates, repeated headers) these rules are not.

pub mod certificate;
pub mod chain_url;
pub mod header;

pub use certificate::{ChainRefused, SignatureRefused, VerifiedChain, read_chain, read_root, verify_chain};
pub use chain_url::{ChainSource, ChainUrl, ChainUrlRefused, DangerousPrefix, check_chain_url};
pub use header::{HeaderRefused, exactly_one};

/// The header with the RSA signature over the SHA-256 of the body, in base64.
pub const SIGNATURE_HEADER: &str = "signature-256";

/// The header with the address of the certificate chain.
pub const CHAIN_URL_HEADER: &str = "signaturecertchainurl";
