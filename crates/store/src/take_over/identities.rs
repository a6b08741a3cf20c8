//! Accounts elsewhere that were disconnected since the backup stay disconnected, and so do those that are another's since: they
//! would let somebody in. Those that were connected since are not taken.

use sayso_authority::record::change::Change;
use sayso_authority::record::user::UserId;

use super::{Failure, Unread};
use crate::backend::{Row, Snapshot};
use crate::tables::PAGE;
use crate::{Store, StoreError, changes};

const IDENTITIES: &str = "SELECT issuer, subject, user_id FROM identities WHERE (issuer, subject) > ($1, $2) \
     ORDER BY issuer, subject LIMIT 200";
const THERE: &str = "SELECT issuer FROM identities WHERE issuer = $1 AND subject = $2 AND user_id = $3";

/// Ends what the replaced database does not know any more.
pub(super) async fn end(replaced: &Snapshot, store: &Store) -> Result<(), Failure> {
    let mut after = (String::new(), String::new());
    loop {
        let here = store.lookups().many(IDENTITIES, &[(&after.0).into(), (&after.1).into()], read).await?;
        for (issuer, subject, user) in &here {
            let known = replaced.read(THERE, &[issuer.into(), subject.into(), user.into()]).await.map_err(Unread)?;
            if known.is_empty() {
                let (issuer, subject, user) = (issuer.clone(), subject.clone(), UserId(user.clone()));
                let remove = Change::RemoveIdentity { issuer, subject, user };
                store.write_one(changes::statement(&remove)).await?;
            }
        }
        match here.last() {
            Some((issuer, subject, _)) if here.len() == PAGE => after = (issuer.clone(), subject.clone()),
            _ => return Ok(()),
        }
    }
}

fn read(mut row: Row) -> Result<(String, String, String), StoreError> {
    Ok((row.text("identities.issuer")?, row.text("identities.subject")?, row.text("identities.user_id")?))
}
