//! What a skill remembers from one session to the next.
//!
//! ```
//! use sayso_skill::persistence::{MemoryAttributes, by_person};
//! use sayso_skill::{Answer, HandlerError, HandlerInput, On, SkillBuilder};
//!
//! async fn welcome(input: &mut HandlerInput) -> Result<Answer, HandlerError> {
//!     let kept = input.persistent_attributes_mut().await?;
//!     let visits = kept.get("visits").and_then(|visits| visits.as_u64()).unwrap_or_default() + 1;
//!     kept.insert("visits".to_owned(), visits.into());
//!     Ok(input.respond().speak(format!("This is visit {visits}.")).end_session())
//! }
//!
//! /// With the feature `sqlite`: `SqliteAttributes::open("visits.db")?` in place of `MemoryAttributes`.
//! fn visited(skill: SkillBuilder) -> SkillBuilder {
//!     skill.persistence_by(by_person, MemoryAttributes::default()).on(On::launch(), welcome)
//! }
//! ```
//!
//! What was changed is saved when the handler has answered, before the answer is sent. Of two requests that change the same at once, one
//! is told [`NotSaved::Changed`], as its failure: nothing is overwritten.

mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::sync::Arc;

use async_trait::async_trait;
use sayso_alexa::envelope::RequestEnvelope;
use serde_json::{Map, Value};

use crate::handler::HandlerError;

pub use memory::MemoryAttributes;
#[cfg(feature = "sqlite")]
pub use sqlite::{BadAttributesFile, SqliteAttributes};

/// What is kept under one key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeptAttributes {
    /// Any JSON object.
    pub attributes: Map<String, Value>,
    /// Counts the times it was saved; 0 when it never was.
    pub version: u64,
}

/// Why attributes were not saved.
#[derive(Debug, thiserror::Error)]
pub enum NotSaved {
    /// Another request saved meanwhile: two devices of one household, for instance. Nothing was overwritten.
    #[error("the attributes were changed by another request meanwhile")]
    Changed,
    /// The store failed.
    #[error("the attributes could not be saved: {0:?}")]
    Store(HandlerError),
}

/// Where attributes are kept.
///
/// [`MemoryAttributes`] forgets with the process; `SqliteAttributes` (feature `sqlite`) keeps a file. Another store is three
/// functions; the guide's page on Lambda has the ones for DynamoDB.
#[async_trait]
pub trait Persistence: Send + Sync {
    /// What is kept under `key`; nothing is version 0.
    ///
    /// # Errors
    /// The store failed.
    async fn load(&self, key: &str) -> Result<KeptAttributes, HandlerError>;

    /// Keeps these attributes with the version after `kept.version`, if that is the version there is.
    ///
    /// # Errors
    /// Another request saved meanwhile, or the store failed.
    async fn save(&self, key: &str, kept: &KeptAttributes) -> Result<(), NotSaved>;

    /// Keeps nothing any more.
    ///
    /// # Errors
    /// The store failed.
    async fn forget(&self, key: &str) -> Result<(), HandlerError>;
}

/// One store for a skill and for whoever else looks into it, such as its tests.
#[async_trait]
impl<P: Persistence + ?Sized> Persistence for Arc<P> {
    async fn load(&self, key: &str) -> Result<KeptAttributes, HandlerError> {
        (**self).load(key).await
    }

    async fn save(&self, key: &str, kept: &KeptAttributes) -> Result<(), NotSaved> {
        (**self).save(key, kept).await
    }

    async fn forget(&self, key: &str) -> Result<(), HandlerError> {
        (**self).forget(key).await
    }
}

/// Under which key a request's attributes are kept; `None` when it has none.
pub type KeyOf = Arc<dyn Fn(&RequestEnvelope) -> Option<String> + Send + Sync>;

/// The Amazon account, as this skill sees it: the same for a household, another one after the skill was disabled.
#[must_use]
pub fn by_user(envelope: &RequestEnvelope) -> Option<String> {
    Some(format!("user:{}", envelope.user()?.user_id.text()?))
}

/// The recognised person where there is one, the account otherwise.
#[must_use]
pub fn by_person(envelope: &RequestEnvelope) -> Option<String> {
    let person = envelope.person().and_then(|person| person.person_id.text());
    person.map(|person| format!("person:{person}")).or_else(|| by_user(envelope))
}

/// The device.
#[must_use]
pub fn by_device(envelope: &RequestEnvelope) -> Option<String> {
    Some(format!("device:{}", envelope.device()?.device_id.text()?))
}

/// The attributes of one request: loaded when they are first asked for, saved when they were changed.
#[derive(Clone, Default)]
pub(crate) struct Persistent {
    store: Option<(Arc<dyn Persistence>, KeyOf)>,
    loaded: Option<Loaded>,
}

#[derive(Clone)]
struct Loaded {
    key: String,
    kept: KeptAttributes,
    is_changed: bool,
}

/// There is nothing that could be remembered, or nowhere to keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAttributes {
    /// The skill was built without a store.
    #[error("the skill has no store; name one with `persistence` when it is built")]
    NoStore,
    /// The request names no user, person or device to remember something for.
    #[error("the request names nobody to remember something for")]
    Nobody,
}

impl Persistent {
    pub(crate) fn kept_in(store: Option<(Arc<dyn Persistence>, KeyOf)>) -> Self {
        Self { store, loaded: None }
    }

    pub(crate) async fn attributes(
        &mut self,
        envelope: &RequestEnvelope,
        will_change: bool,
    ) -> Result<&mut Map<String, Value>, HandlerError> {
        let (store, key_of) = self.store.as_ref().ok_or(NoAttributes::NoStore)?;
        if self.loaded.is_none() {
            let key = key_of(envelope).ok_or(NoAttributes::Nobody)?;
            let kept = store.load(&key).await?;
            self.loaded = Some(Loaded { key, kept, is_changed: false });
        }
        let loaded = self.loaded.as_mut().ok_or(NoAttributes::Nobody)?;
        loaded.is_changed |= will_change;
        Ok(&mut loaded.kept.attributes)
    }

    pub(crate) async fn forget(&mut self, envelope: &RequestEnvelope) -> Result<(), HandlerError> {
        let (store, key_of) = self.store.as_ref().ok_or(NoAttributes::NoStore)?;
        let key = key_of(envelope).ok_or(NoAttributes::Nobody)?;
        self.loaded = None;
        store.forget(&key).await
    }

    /// Saves what was changed.
    pub(crate) async fn save(&mut self) -> Result<(), HandlerError> {
        let (Some((store, _)), Some(loaded)) = (&self.store, &mut self.loaded) else { return Ok(()) };
        if loaded.is_changed {
            store.save(&loaded.key, &loaded.kept).await?;
            loaded.kept.version += 1;
            loaded.is_changed = false;
        }
        Ok(())
    }
}
