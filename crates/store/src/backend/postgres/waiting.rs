//! Waiting for an answer, and going away before it comes.

use std::time::Duration;

use deadpool_postgres::Client;
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::failure::Failure;
use super::{leave, transaction};
use crate::backend::{Row, Value};

/// Asks on that connection, which is given back, or up, afterwards.
pub(super) async fn ask(
    client: Client,
    patience: Duration,
    sql: &'static str,
    values: &[Value],
) -> Result<Vec<Row>, Failure> {
    let mut waiting = Waiting { client: Some(client), patience };
    // It is there until the answer is.
    let Some(client) = &waiting.client else { return Err(Failure::slow()) };
    let answer = match timeout(patience, transaction::run(client, sql, values)).await {
        Ok(answer) => answer.map_err(|error| Failure::of(&error)),
        Err(_) => Err(Failure::slow()),
    };
    if let (Some(client), Err(failure)) = (waiting.client.take(), &answer) {
        leave(client, failure);
    }
    answer
}

/// A connection that owes an answer.
struct Waiting {
    client: Option<Client>,
    patience: Duration,
}

/// Whoever waited went away. A server that has fallen silent would hold up one caller after the other on this connection,
/// so it goes back only when the server answers again.
impl Drop for Waiting {
    fn drop(&mut self) {
        let (Some(client), Ok(here)) = (self.client.take(), Handle::try_current()) else { return };
        let patience = self.patience;
        here.spawn(async move {
            if !matches!(timeout(patience, client.batch_execute("")).await, Ok(Ok(()))) {
                drop(Client::take(client));
            }
        });
    }
}
