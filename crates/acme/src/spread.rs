//! Where in a span of time something is done, so that not all installations do it at the same moment.

/// A part of a whole, evenly spread over certificates or tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread(u32);

impl Spread {
    /// From 32 bits of chance, or of a digest.
    pub const fn new(bits: u32) -> Self {
        Self(bits)
    }

    /// This part of so many milliseconds; nothing of a negative span.
    pub fn of(self, millis: i64) -> i64 {
        let part = (i128::from(millis.max(0)) * i128::from(self.0)) >> 32;
        i64::try_from(part).unwrap_or(i64::MAX)
    }
}

impl From<[u8; 4]> for Spread {
    fn from(bytes: [u8; 4]) -> Self {
        Self(u32::from_be_bytes(bytes))
    }
}
