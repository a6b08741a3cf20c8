//! A token that a caller shows, with what is remembered of its grant.

use sayso_authority::decide::identify_token::{Identified, identify_token};
use sayso_authority::record::grant::Grant;
use sayso_authority::record::user::User;
use sayso_store::{Lookups, StoreError};
use sayso_token::secret::Secret;

use crate::place::Place;

pub(super) struct ShownToken {
    pub(super) token: Identified,
    pub(super) grant: Option<Grant>,
    pub(super) user: Option<User>,
}

pub(super) async fn look_up(place: &Place, token: &Secret, lookups: &Lookups) -> Result<ShownToken, StoreError> {
    let token = identify_token(place.authority(), token, &place.desk.public, &place.house.sealer);
    let grant = match token.grant() {
        Some(grant) => lookups.grant(grant).await?,
        None => None,
    };
    let user = match &grant {
        Some(grant) => lookups.user(&grant.user).await?,
        None => None,
    };
    Ok(ShownToken { token, grant, user })
}
