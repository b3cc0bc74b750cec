//! What was worked out of rankings since the start, up to a number of bytes.

use std::sync::Arc;

use moka::sync::Cache;

/// Bytes of answers kept.
const MAX_BYTES: u64 = 64 << 20;

/// A cache of encoded and compressed answers. Rankings are named by the hashes of what they are made of, so that an answer which follows from
/// a ranking and a question alone never goes stale.
#[derive(Debug)]
pub struct Answers {
    answers: Cache<String, Arc<[u8]>>,
}

impl Default for Answers {
    fn default() -> Self {
        let weigh =
            |key: &String, answer: &Arc<[u8]>| u32::try_from(key.len() + answer.len()).unwrap_or(u32::MAX);
        Self {
            answers: Cache::builder().max_capacity(MAX_BYTES).weigher(weigh).build(),
        }
    }
}

impl Answers {
    /// The answer, worked out if it is not there; who asks the same meanwhile waits for it instead of doing it again.
    pub fn get_or_make<E: Clone + Send + Sync + 'static>(
        &self,
        key: String,
        make: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Arc<[u8]>, E> {
        self.answers
            .try_get_with(key, || make().map(Into::into))
            .map_err(|e: Arc<E>| (*e).clone())
    }
}
