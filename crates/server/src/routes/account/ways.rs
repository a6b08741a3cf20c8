//! The ways to sign in beside the password, as the account page shows them.

use sayso_authority::record::connection::Connection;
use sayso_authority::record::user::User;
use sayso_store::StoreError;

use crate::pages::{Ago, SignInWay};
use crate::place::Place;

/// The accounts elsewhere that are connected, whether or not their connection is still there; then the providers of which none is.
pub(super) async fn of(place: &Place, user: &User) -> Result<Vec<SignInWay>, StoreError> {
    let (authority, now) = (place.authority(), place.now());
    let identities = place.house.store.lookups().identities_of(&user.id).await?;
    let removable = user.has_password() || identities.len() > 1;
    let connected = identities.iter().map(|identity| {
        let named = authority.connections.iter().find(|connection| connection.issuer == identity.issuer);
        let provider = named.map_or(identity.issuer.as_str(), |connection| connection.name.as_str());
        let since = Ago::of(Some(identity.connected_at), now);
        SignInWay::connected(provider, (&identity.id(), &identity.shown_as), since, removable)
    });
    let free = |connection: &&Connection| identities.iter().all(|identity| identity.issuer != connection.issuer);
    let to_connect = authority.connections.iter().filter(free).map(|connection| {
        SignInWay::to_connect(&connection.name, &place.path(&format!("/connections/{}/begin", connection.id)))
    });
    Ok(connected.chain(to_connect).collect())
}
