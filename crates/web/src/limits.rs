//! Bounds: how large, how many at once, how often.

pub(crate) mod body;
mod buckets;
mod gate;

use http::{HeaderName, HeaderValue};
use sayso_token::time::Lifetime;

pub use body::BodyLimit;
pub use buckets::{Buckets, Rate, TooMany};
pub use gate::{Busy, Gate, Permit};

/// The `Retry-After` header (RFC 9110 section 10.2.3), at least one second.
pub fn retry_after(wait: Lifetime) -> (HeaderName, HeaderValue) {
    (http::header::RETRY_AFTER, HeaderValue::from(wait.seconds().max(1)))
}
