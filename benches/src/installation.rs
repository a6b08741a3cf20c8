//! The installation that is measured: the two tutorials' authorities, and an API that signs with ES256.

use std::sync::Arc;

use sayso_authority::record::api::Api;
use sayso_authority::record::authority::Authority;
use sayso_server::{Server, Settings};
use sayso_store::Store;
use sayso_testkit::tutorials::{quiz_authority, wear_api, wear_authority};
use sayso_token::algorithm::Algorithm;
use sayso_token::entropy::SharedEntropy;

use crate::ambience::{OsEntropy, SystemClock};

/// The API whose tokens are signed with ES256.
pub(crate) const ES256_AUDIENCE: &str = "https://es256.example";
/// The `Host` of the first tutorial's authority, and of the second's.
pub(crate) const WEAR_HOST: &str = "wear.example";
pub(crate) const QUIZ_HOST: &str = "quiz.example";
/// The same for every node of one database.
const MASTER: [u8; 32] = [7; 32];

/// Opens it on this store, as the binary does, with the machine's clock and chance.
pub(crate) async fn open(store: Store) -> anyhow::Result<Server> {
    let settings = Settings {
        authorities: authorities(),
        attributes: Vec::new(),
        store,
        masters: MASTER.into(),
        clock: Arc::new(SystemClock),
        entropy: SharedEntropy::new(OsEntropy),
        overrides: None,
        admin: None,
        outgoing: sayso_server::Outgoing::default(),
        connection_secrets: sayso_server::ConnectionSecrets::none(),
    };
    Ok(Server::open(settings).await?)
}

fn authorities() -> Vec<Authority> {
    let mut wear = wear_authority();
    wear.apis.push(Api { audience: ES256_AUDIENCE.to_owned(), algorithm: Algorithm::Es256, ..wear_api() });
    vec![wear, quiz_authority()]
}
