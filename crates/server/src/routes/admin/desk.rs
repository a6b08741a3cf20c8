//! Where a handler of the admin API stands.

use std::sync::Arc;

use sayso_authority::decide::admin::{Actor, Designated};
use sayso_authority::record::authority::Authority;
use sayso_authority::record::configuration::Configuration;
use sayso_store::{Lookups, Store};
use sayso_token::time::Timestamp;

use crate::open::ReadConfiguration;
use crate::place::{House, Place};
use crate::sealing::Ambience;

/// The state of every handler: the designated authority, and what the node was built from.
#[derive(Clone)]
pub(crate) struct AdminDesk {
    /// The designated authority, where tokens are judged.
    pub(crate) place: Place,
    /// It as it is configured, without clients that have registered themselves.
    pub(crate) authority: Arc<Authority>,
    /// Which it is.
    pub(crate) designated: Arc<Designated>,
    /// What counts as long as no configuration was put in force.
    pub(crate) own: Arc<Configuration>,
    /// Reads a configuration file's text.
    pub(crate) read: ReadConfiguration,
}

impl AdminDesk {
    pub(super) fn house(&self) -> &House {
        &self.place.house
    }

    pub(super) fn lookups(&self) -> Lookups {
        self.house().store.lookups()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.place.now()
    }

    /// The store, writing into the audit who asked, and from where.
    pub(super) fn store_of(&self, actor: &Actor) -> Store {
        self.house().store.stamped("by", &actor.client).seen_from(actor.address.as_deref())
    }

    pub(super) fn ambience(&self) -> Ambience {
        Ambience { clock: self.house().clock.clone(), entropy: self.house().entropy.clone() }
    }
}
