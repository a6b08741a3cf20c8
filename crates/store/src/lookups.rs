//! What a decision may ask for.
//!
//! Every lookup goes by a key and reads what is committed. Whether something has expired, was spent or revoked is the
//! decision's business: the record is returned as it is.

mod acme;
pub mod audit;
mod code;
mod configuration;
pub(crate) mod grant;
pub mod group;
mod identity;
mod logout_notice;
mod pushed_request;
mod registered;
mod sealing_key;
mod session;
mod signing_key;
mod tries;
pub(crate) mod user;

use std::sync::Arc;

use crate::StoreError;
use crate::backend::{Backend, Row, Value};

/// The way to what is remembered: cheap to clone, without a way to change anything.
#[derive(Clone, Debug)]
pub struct Lookups {
    backend: Arc<Backend>,
}

impl Lookups {
    pub(crate) fn new(backend: Arc<Backend>) -> Self {
        Self { backend }
    }

    /// The only row of a query without values.
    pub(crate) async fn first(&self, sql: &'static str) -> Result<Option<Row>, StoreError> {
        Ok(self.backend.read(sql, &[]).await?.into_iter().next())
    }

    pub(crate) async fn one<T>(
        &self,
        sql: &'static str,
        values: &[Value],
        read: fn(Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.backend.read(sql, values).await?.into_iter().next().map(read).transpose()
    }

    pub(crate) async fn many<T>(
        &self,
        sql: &'static str,
        values: &[Value],
        read: fn(Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.backend.read(sql, values).await?.into_iter().map(read).collect()
    }
}
