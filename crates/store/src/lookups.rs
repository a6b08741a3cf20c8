//! What a decision may ask for.
//!
//! Every lookup goes by a key and reads what is committed. Whether something has expired, was spent or revoked is the
//! decision's business: the record is returned as it is.

pub mod audit;
mod code;
pub(crate) mod grant;
mod session;
mod signing_key;
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

    async fn one<T>(
        &self,
        sql: &'static str,
        values: &[Value],
        read: fn(Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.backend.read(sql, values).await?.into_iter().next().map(read).transpose()
    }

    async fn many<T>(
        &self,
        sql: &'static str,
        values: &[Value],
        read: fn(Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.backend.read(sql, values).await?.into_iter().map(read).collect()
    }
}
