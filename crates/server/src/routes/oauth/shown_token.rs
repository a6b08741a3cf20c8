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
    let desk = &place.desk;
    let identify = || identify_token(&desk.authority, token, &desk.public, &place.house.sealer);
    let token = desk.verified.recall_or(token, identify);
    let (grant, user) = match token.grant() {
        Some(grant) => lookups.grant_and_user(grant).await?,
        None => (None, None),
    };
    Ok(ShownToken { token, grant, user })
}
