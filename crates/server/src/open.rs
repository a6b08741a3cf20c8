//! Building an installation: keys, pages and routes from its settings and what the database says of keys and
//! configuration.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use sayso_authority::decide::admin::Designated;
use sayso_authority::record::attribute::Attribute;
use sayso_authority::record::authority::Authority;
use sayso_authority::record::client::Client;
use sayso_authority::record::configuration::Configuration;
use sayso_authority::wire::metadata::metadata;
use sayso_connections::fetch::{BadOutgoing, Fetcher, Outgoing};
use sayso_connections::key_sets::KeySets;
use sayso_connections::openid::Providers;
use sayso_connections::password::PasswordHasher;
use sayso_store::{Store, StoreError};
use sayso_token::entropy::SharedEntropy;
use sayso_token::time::{Clock, Lifetime, Timestamp};
use sayso_web::cookies::{CookieRule, UnsafeAddress};
use sayso_web::csrf::Csrf;
use sayso_web::host::Hosts;
use sayso_web::limits::{Buckets, Rate};
use sayso_web::manners::{Dressed, Manners};
use sayso_web::pages::{BadPages, Pages};
use sayso_web::published::Published;

use crate::configuration::BadConfiguration;
use crate::connection_secrets::ConnectionSecrets;
use crate::keys::BadKeys;
use crate::live::Newsroom;
use crate::place::{Desk, House, Limits, Place};
use crate::routes::admin::{self, AdminDesk};
use crate::sealing::{Ambience, MasterKeySource, sealing_keys};
use crate::verified_tokens::VerifiedTokens;
use crate::{configuration, keys, pages, routes};

/// Alexa waits 4.5 s for tokens: who is told within that to try again does so, and who hears nothing gives up.
const ANSWERS_WITHIN: Duration = Duration::from_secs(4);

/// Everything an installation is made of.
pub struct Settings {
    /// The authorities, each with an issuer of its own; all issuers share one origin. Those of the configuration in
    /// force, if one was put in force, are taken instead.
    pub authorities: Vec<Authority>,
    /// The profile schema; of the configuration in force, as above.
    pub attributes: Vec<Attribute>,
    /// What is remembered.
    pub store: Store,
    /// The keys under which the sealing keys are sealed.
    pub masters: MasterKeySource,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: SharedEntropy,
    /// A folder with the owner's templates, locales and assets.
    pub overrides: Option<PathBuf>,
    /// How requests leave that clients' metadata asks for.
    pub outgoing: Outgoing,
    /// What this server proves itself with at the providers at which people sign in.
    pub connection_secrets: ConnectionSecrets,
    /// The admin API, where it is switched on.
    pub admin: Option<AdminSettings>,
}

/// Reads the text of a configuration file, with all its checks; what is wrong in it, a line each.
pub type ReadConfiguration = Arc<dyn Fn(&str) -> Result<Configuration, Vec<String>> + Send + Sync>;

/// How the admin API is offered.
#[derive(Clone)]
pub struct AdminSettings {
    /// Where its tokens come from.
    pub designated: Designated,
    /// Whether it has an address of its own: then it is at [`crate::Server::admin_router`] and nowhere else. The URL by
    /// which it is called there.
    pub apart: Option<String>,
    /// Reads what is sent to it.
    pub read: ReadConfiguration,
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
    /// Requests cannot leave as the settings say.
    #[error(transparent)]
    Outgoing(#[from] BadOutgoing),
    /// The configuration in force cannot be used.
    #[error(transparent)]
    Configuration(#[from] BadConfiguration),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What stays while keys and configuration come and go.
pub(crate) struct Foundation {
    pub(crate) store: Store,
    pub(crate) ambience: Ambience,
    masters: MasterKeySource,
    pages: Pages,
    passwords: PasswordHasher,
    limits: Arc<Limits>,
    fetcher: Fetcher,
    client_keys: Arc<KeySets>,
    providers: Providers,
    connection_secrets: ConnectionSecrets,
    pub(crate) newsroom: Newsroom,
    /// What counts as long as none was put in force.
    own: Configuration,
    admin: Option<AdminSettings>,
}

/// All routes of an installation, as keys and configuration were when it was built.
pub(crate) struct Built {
    pub(crate) routes: Dressed,
    /// The admin API, where it has an address of its own.
    pub(crate) admin: Option<Dressed>,
    /// Its authorities.
    pub(crate) places: Arc<[Place]>,
    /// The number of the configuration, if one was put in force.
    pub(crate) configuration: Option<i64>,
    /// When it must be built again though nothing new was written: another sealing key begins to seal, another signing
    /// key to sign, one is published no more, or one is due.
    pub(crate) until: Option<Timestamp>,
}

impl Foundation {
    pub(crate) fn lay(settings: Settings) -> Result<Self, OpenError> {
        let fetcher = Fetcher::new(&settings.outgoing)?;
        Ok(Self {
            client_keys: Arc::new(KeySets::new(fetcher.clone(), settings.clock.clone())),
            fetcher,
            providers: Providers::new(settings.outgoing.extra_ca.clone(), settings.clock.clone())?,
            connection_secrets: settings.connection_secrets,
            newsroom: Newsroom::default(),
            pages: pages::load(settings.overrides.as_deref())?,
            passwords: PasswordHasher::new(hashing_places()),
            limits: Arc::new(limits(&settings.clock)),
            store: settings.store,
            ambience: Ambience { clock: settings.clock, entropy: settings.entropy },
            masters: settings.masters,
            admin: settings.admin,
            own: Configuration { attributes: settings.attributes, authorities: settings.authorities },
        })
    }

    /// Builds on it what the database says now.
    pub(crate) async fn build(&self) -> Result<Built, OpenError> {
        let Ambience { clock, entropy } = &self.ambience;
        let keys = sealing_keys(&self.store, &self.masters.read()?, &self.ambience).await?;
        let now = clock.now();
        let sealer = Arc::new(keys.sealer(now));
        let (number, configuration) = match configuration::in_force(&self.store, &sealer).await? {
            Some((number, configuration)) => (Some(number), configuration),
            None => (None, self.own.clone()),
        };
        let house = Arc::new(House {
            pairwise: keys.pairwise(),
            csrf: Csrf::new(sealer.clone(), entropy.clone(), clock.clone()),
            pages: self.pages.clone(),
            passwords: self.passwords.clone(),
            schema: configuration.attributes,
            limits: self.limits.clone(),
            fetcher: self.fetcher.clone(),
            client_keys: self.client_keys.clone(),
            providers: self.providers.clone(),
            connection_secrets: self.connection_secrets.clone(),
            newsroom: self.newsroom.clone(),
            store: self.store.clone(),
            sealer,
            clock: clock.clone(),
            entropy: entropy.clone(),
        });
        let issuers: Vec<String> = configuration.authorities.iter().map(|one| one.issuer.clone()).collect();
        let (mut router, mut published) = (house.pages.assets().router(), Vec::new());
        let (mut until, mut places, mut admin) = (Vec::from_iter(keys.next_change(now)), Vec::new(), None);
        for mut authority in configuration.authorities {
            // Who registers itself administers nothing.
            let configured = self.admin.as_ref().map(|_| Arc::new(authority.clone()));
            if authority.registration.is_some() {
                authority.admit(&house.store.lookups().registered_clients(&authority.id).await?);
            }
            let (desk, change) = desk(authority, &house).await?;
            let desk = Arc::new(desk);
            until.extend(change);
            let place = Place { house: house.clone(), desk };
            admin = admin.or_else(|| self.admin_at(&place, configured?));
            published.extend(routes::published(&place));
            places.push(place.clone());
            router = router.merge(routes::of_authority(place));
        }
        let apart = self.admin.as_ref().and_then(|settings| settings.apart.as_ref());
        let admin = match (admin, apart) {
            (Some(admin), Some(url)) => {
                let manners = Manners::new(entropy.clone(), Hosts::of_urls([url]));
                Some(manners.around(admin.fallback(sayso_web::faces::not_found)))
            }
            (Some(admin), None) => {
                router = router.merge(admin);
                None
            }
            (None, _) => None,
        };
        let router = router.fallback(sayso_web::faces::not_found);
        let published = Published::by(&router, published).await;
        let manners = Manners::new(entropy.clone(), Hosts::of_urls(issuers)).publishing(published);
        let manners = manners.answers_within(ANSWERS_WITHIN, admin::BASE);
        let (routes, until) = (manners.around(router), until.into_iter().min());
        Ok(Built { routes, admin, places: places.into(), configuration: number, until })
    }
}

impl Foundation {
    /// The admin API, if this is the authority whose tokens count there.
    fn admin_at(&self, place: &Place, authority: Arc<Authority>) -> Option<Router> {
        let settings = self.admin.as_ref().filter(|admin| admin.designated.authority == place.authority().id)?;
        Some(admin::router(AdminDesk {
            place: place.clone(),
            authority,
            designated: Arc::new(settings.designated.clone()),
            own: Arc::new(self.own.clone()),
            read: settings.read.clone(),
        }))
    }
}

/// The authority, ready, and when its keys change.
async fn desk(authority: Authority, house: &House) -> Result<(Desk, Option<Timestamp>), OpenError> {
    let (keyring, change) =
        keys::keyring(&authority, &house.store, &house.sealer, (&*house.clock, &house.entropy)).await?;
    let desk = Desk {
        public: keyring.public(),
        verified: VerifiedTokens::new(),
        jwks: Bytes::from(keys::document(&keyring)),
        metadata: Bytes::from(metadata(&authority, &languages(house)).to_string()),
        cookies: CookieRule::for_url(&authority.issuer, &authority.id)?,
        origins: authority.clients.iter().flat_map(Client::origins).collect(),
        base: path_of(&authority.issuer).to_owned(),
        keyring,
        authority,
    };
    Ok((desk, change))
}

/// The languages of the pages.
fn languages(house: &House) -> Vec<String> {
    house.pages.texts().locales().iter().map(|locale| locale.tag().to_owned()).collect()
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
    Limits { client: buckets(20, 5), leaving: buckets(30, 2), scanning: buckets(500, 1) }
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
