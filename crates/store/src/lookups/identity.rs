//! Accounts at providers elsewhere, and whose they are here.

use sayso_authority::record::identity::Identity;
use sayso_authority::record::user::UserId;

use super::Lookups;
use crate::StoreError;
use crate::backend::Row;

/// One whose person is gone counts for nothing.
macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT i.issuer, i.subject, i.user_id, i.connection, i.shown_as, i.connected_at FROM identities i \
             JOIN users u ON u.id = i.user_id WHERE ",
            $condition
        )
    };
}

const BY_KEY: &str = select!("i.issuer = $1 AND i.subject = $2");
const OF_USER: &str = select!("i.user_id = $1 ORDER BY i.connected_at, i.issuer, i.subject");

impl Lookups {
    /// Whose account that person elsewhere has here.
    pub async fn identity(&self, issuer: &str, subject: &str) -> Result<Option<Identity>, StoreError> {
        self.one(BY_KEY, &[issuer.into(), subject.into()], read).await
    }

    /// The accounts elsewhere that a person signs in with, the oldest first.
    pub async fn identities_of(&self, user: &UserId) -> Result<Vec<Identity>, StoreError> {
        self.many(OF_USER, &[(&user.0).into()], read).await
    }
}

fn read(mut row: Row) -> Result<Identity, StoreError> {
    Ok(Identity {
        issuer: row.text("identities.issuer")?,
        subject: row.text("identities.subject")?,
        user: UserId(row.text("identities.user_id")?),
        connection: row.text("identities.connection")?,
        shown_as: row.text("identities.shown_as")?,
        connected_at: row.time("identities.connected_at")?,
    })
}
