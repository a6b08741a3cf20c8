//! What the handlers of a skill share: a database, a client, settings.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::sync::Arc;

/// Values by their type, for as long as the skill lives.
#[derive(Default)]
pub(crate) struct State {
    by_type: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

/// The skill was built without a value of this type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the skill has no state of the type {0}; name it with `state` when it is built")]
pub struct NoState(&'static str);

impl State {
    pub(crate) fn insert<T: Any + Send + Sync>(&mut self, value: T) {
        self.by_type.insert(TypeId::of::<T>(), Arc::new(value));
    }

    pub(crate) fn get<T: Any + Send + Sync>(&self) -> Result<Arc<T>, NoState> {
        let found = self.by_type.get(&TypeId::of::<T>()).cloned();
        found.and_then(|value| value.downcast().ok()).ok_or_else(|| NoState(type_name::<T>()))
    }
}
