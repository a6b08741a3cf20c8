//! What interceptors and handlers hand one another during one request.

use std::any::{Any, TypeId};
use std::collections::HashMap;

/// Values by their type, for as long as one request lasts.
///
/// ```
/// use sayso_skill::RequestAttributes;
///
/// struct Started(u64);
///
/// let mut attributes = RequestAttributes::default();
/// attributes.insert(Started(7));
/// assert_eq!(attributes.get::<Started>().map(|started| started.0), Some(7));
/// ```
#[derive(Default)]
pub struct RequestAttributes {
    by_type: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
}

impl RequestAttributes {
    /// Keeps a value, in place of one of the same type.
    pub fn insert<T: Any + Send + Sync>(&mut self, value: T) {
        self.by_type.insert(TypeId::of::<T>(), Box::new(value));
    }

    /// The value of this type.
    #[must_use]
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.by_type.get(&TypeId::of::<T>())?.downcast_ref()
    }

    /// The value of this type, for changing.
    pub fn get_mut<T: Any>(&mut self) -> Option<&mut T> {
        self.by_type.get_mut(&TypeId::of::<T>())?.downcast_mut()
    }
}
