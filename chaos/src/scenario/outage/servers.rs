//! The servers of an outage.

use sayso_testkit::PostgresServer;

use super::Kind;
use crate::database::Database;

/// The server that takes writes, and its standby where there is one.
pub(super) struct Servers {
    primary: PostgresServer,
    standby: Option<PostgresServer>,
}

impl Servers {
    /// `None` where PostgreSQL is not installed.
    pub(super) fn start(kind: Kind) -> Option<Self> {
        let primary = PostgresServer::start()?;
        let standby = match kind {
            Kind::Restart => None,
            Kind::Failover => {
                let mut standby = PostgresServer::start()?;
                standby.follow(&primary);
                Some(standby)
            }
        };
        Some(Self { primary, standby })
    }

    /// A new database on them.
    pub(super) fn database(&self) -> anyhow::Result<Database> {
        match &self.standby {
            None => Database::on(&self.primary),
            Some(standby) => Database::on_either(&self.primary, standby),
        }
    }

    /// Kills the one that takes writes.
    pub(super) fn stopped(mut self) -> Self {
        self.primary.stop();
        self
    }

    /// There is one again that takes writes.
    pub(super) fn back(mut self) -> Self {
        match &mut self.standby {
            None => self.primary.start_again(),
            Some(standby) => {
                standby.promote();
                std::mem::swap(&mut self.primary, standby);
            }
        }
        self
    }

    /// The one that was killed follows the other.
    pub(super) fn ready_for_the_next(mut self) -> Self {
        if let Some(standby) = &mut self.standby {
            standby.follow(&self.primary);
        }
        self
    }
}
