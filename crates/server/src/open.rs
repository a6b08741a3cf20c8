//! Opening an installation: keys, pages and routes from its settings.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use sayso_authority::record::authority::Authority;
use sayso_authority::record::user::Attribute;
use sayso_authority::wire::metadata::metadata;
use sayso_connections::password::PasswordHasher;
use sayso_store::Store;
use sayso_token::entropy::SharedEntropy;
use sayso_token::seal::Sealer;
use sayso_token::time::{Clock, Lifetime};
use sayso_web::cookies::{CookieRule, UnsafeAddress};
use sayso_web::csrf::Csrf;
use sayso_web::host::Hosts;
use sayso_web::limits::{Buckets, Rate};
use sayso_web::manners::Manners;
use sayso_web::pages::BadPages;

use crate::keys::BadKeys;
use crate::place::{Desk, House, Limits, Place};
use crate::{keys, pages, routes};

/// Everything an installation is made of.
pub struct Settings {
    /// The authorities, each with an issuer of its own; all issuers share one origin.
    pub authorities: Vec<Authority>,
    /// The profile schema.
    pub attributes: Vec<Attribute>,
    /// What is remembered.
    pub store: Store,
    /// The key under which keys and secrets are sealed.
    pub master: [u8; 32],
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: SharedEntropy,
    /// A folder with the owner's templates, locales and assets.
    pub overrides: Option<PathBuf>,
}

/// Why an installation cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// An issuer that cannot carry a session.
    #[error(transparent)]
    Address(#[from] UnsafeAddress),
    /// An authority has no keys to sign with.
    #[error(transparent)]
    Keys(#[from] BadKeys),
    /// A page of the owner's cannot be used.
    #[error(transparent)]
    Pages(#[from] BadPages),
}

/// An installation, ready to be served.
pub struct Server {
    router: Router,
}

impl Server {
    /// Opens an installation: loads or makes its keys, loads its pages, lays its routes.
    ///
    /// # Errors
    /// Says which part cannot be used and what to do.
    pub async fn open(settings: Settings) -> Result<Self, OpenError> {
        let sealer = Arc::new(Sealer::new(settings.master));
        let (clock, entropy) = (settings.clock, settings.entropy);
        let house = Arc::new(House {
            csrf: Csrf::new(sealer.clone(), entropy.clone(), clock.clone()),
            pages: pages::load(settings.overrides.as_deref())?,
            passwords: PasswordHasher::new(hashing_places()),
            schema: settings.attributes,
            limits: limits(&clock),
            store: settings.store,
            sealer,
            clock,
            entropy,
        });
        let issuers: Vec<String> = settings.authorities.iter().map(|authority| authority.issuer.clone()).collect();
        let mut router = house.pages.assets().router();
        for authority in settings.authorities {
            let desk = Arc::new(desk(authority, &house).await?);
            router = router.merge(routes::of_authority(Place { house: house.clone(), desk }));
        }
        let router = router.fallback(sayso_web::faces::not_found);
        let manners = Manners::new(house.entropy.clone(), Hosts::of_urls(issuers));
        Ok(Self { router: manners.dress(router) })
    }

    /// All routes of all authorities.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Whether the stored keys of these authorities open under this master key. Makes none.
    ///
    /// # Errors
    /// [`OpenError::Keys`] when they do not.
    pub async fn check_master_key(authorities: &[Authority], store: &Store, master: [u8; 32]) -> Result<(), OpenError> {
        let sealer = Sealer::new(master);
        for authority in authorities {
            keys::check(authority, store, &sealer).await?;
        }
        Ok(())
    }

    /// Reads a master key file's text: 32 bytes in base64url.
    pub fn master_key(text: &str) -> Option<[u8; 32]> {
        keys::master(text)
    }
}

async fn desk(authority: Authority, house: &House) -> Result<Desk, OpenError> {
    let keyring = keys::keyring(&authority, &house.store, &house.sealer, (&*house.clock, &house.entropy)).await?;
    Ok(Desk {
        public: keyring.public(),
        jwks: Bytes::from(keys::document(&keyring)),
        metadata: Bytes::from(metadata(&authority).to_string()),
        cookies: CookieRule::for_url(&authority.issuer, &authority.id)?,
        base: path_of(&authority.issuer).to_owned(),
        keyring,
        authority,
    })
}

/// The path of an issuer identifier, without a trailing slash: empty at the root.
fn path_of(issuer: &str) -> &str {
    let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default().trim_end_matches('/')
}

/// Argon2id takes about 19 MiB and a core for each: as many at once as there are cores.
fn hashing_places() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn limits(clock: &Arc<dyn Clock>) -> Limits {
    let buckets = |burst, seconds| {
        let rate = Rate { burst, refill: Lifetime::from_seconds(seconds) };
        Buckets::new(clock.clone(), rate, 10_000)
    };
    Limits { account: buckets(10, 90), source: buckets(60, 5), client: buckets(20, 5), scanning: buckets(500, 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_an_issuer_has_no_trailing_slash() {
        for (issuer, path) in [
            ("http://127.0.0.1:4000", ""),
            ("https://id.example/", ""),
            ("http://127.0.0.1:4000/oauth2/quiz", "/oauth2/quiz"),
        ] {
            assert_eq!(path_of(issuer), path);
        }
    }
}
