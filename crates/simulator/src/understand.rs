//! Understanding typed speech: to whom it is said, which intent it means, what its slots hold.

mod agreement;
mod british;
mod built_in;
mod case;
mod fallback;
mod forms;
mod heard;
mod invocation;
mod lexicon;
mod matching;
mod numbers;
mod profile;
mod several;
mod spelling;
mod values;
mod words;

pub(crate) use numbers::digits;

pub use case::{Asked, Case, Expected, Got, NOON, State, moment};
pub use heard::Heard;
pub use invocation::{Addressed, address};
pub use profile::{Considered, Eliciting, FilledSlot, Listener, Part, Resolution, ResolvedValue, Understood};
