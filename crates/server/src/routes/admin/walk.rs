//! Looking through a table page by page. What a call looks at is bounded, however rare what it looks for: it answers what
//! it has found, and a cursor to go on with.

use std::future::Future;

use sayso_store::StoreError;

/// Rows read at once.
pub(super) const PIECE: u32 = 500;
/// Pieces looked at in one call.
const PIECES: usize = 10;

/// What to look for.
pub(super) struct Walk<K> {
    /// Behind which row it begins.
    pub(super) after: K,
    /// How many are wanted.
    pub(super) limit: usize,
}

impl<K> Walk<K> {
    /// Reads pieces by `fetch` until enough are found, all was seen, or it is too much for one call. What was found, and
    /// behind which row to go on; `None` at the end.
    pub(super) async fn through<T, F, Fut>(
        self,
        mut fetch: F,
        key: impl Fn(&T) -> K,
        keep: impl Fn(&T) -> bool,
    ) -> Result<(Vec<T>, Option<K>), StoreError>
    where
        K: Clone,
        F: FnMut(K) -> Fut,
        Fut: Future<Output = Result<Vec<T>, StoreError>>,
    {
        let (mut found, mut after) = (Vec::new(), self.after);
        for _ in 0..PIECES {
            let piece = fetch(after.clone()).await?;
            let last = piece.len() < PIECE as usize;
            for row in piece {
                after = key(&row);
                if keep(&row) {
                    found.push(row);
                    if found.len() == self.limit {
                        return Ok((found, Some(after)));
                    }
                }
            }
            if last {
                return Ok((found, None));
            }
        }
        Ok((found, Some(after)))
    }
}
