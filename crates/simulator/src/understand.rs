//! Understanding typed speech: to whom it is said, which intent it means, what its slots hold.

mod built_in;
mod invocation;
mod lexicon;
mod matching;
mod numbers;
mod profile;
mod values;
mod words;

pub use invocation::{Addressed, address};
pub use profile::{Eliciting, FilledSlot, Listener, Resolution, ResolvedValue, Understood};
