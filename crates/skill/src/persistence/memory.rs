//! Attributes in memory: for tests, and for a skill that may forget.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::{KeptAttributes, NotSaved, Persistence};
use crate::handler::HandlerError;

/// Keeps attributes as long as the process lives.
#[derive(Debug, Default)]
pub struct MemoryAttributes {
    kept: Mutex<HashMap<String, KeptAttributes>>,
}

#[async_trait]
impl Persistence for MemoryAttributes {
    async fn load(&self, key: &str) -> Result<KeptAttributes, HandlerError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(kept.get(key).cloned().unwrap_or_default())
    }

    async fn save(&self, key: &str, new: &KeptAttributes) -> Result<(), NotSaved> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let before = kept.get(key).map_or(0, |kept| kept.version);
        if before != new.version {
            return Err(NotSaved::Changed);
        }
        kept.insert(key.to_owned(), KeptAttributes { version: before + 1, ..new.clone() });
        Ok(())
    }

    async fn forget(&self, key: &str) -> Result<(), HandlerError> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        Ok(())
    }
}
