//! Places for downloads: so many in all, and fewer for one key or one address, so that nobody keeps the rest out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::limits::Asker;
use crate::api::error::ApiError;

/// All places.
#[derive(Debug, Clone)]
pub struct Places {
    all: Arc<Semaphore>,
    each: usize,
    taken: Arc<Mutex<HashMap<Asker, usize>>>,
}

/// A place that was taken; free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    asker: Asker,
    taken: Arc<Mutex<HashMap<Asker, usize>>>,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    /// So many in all and for each.
    pub fn new(all: usize, each: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all)),
            each,
            taken: Arc::default(),
        }
    }

    /// Takes a place, or says that one has to come again.
    pub fn take(&self, asker: &Asker) -> Result<Place, ApiError> {
        let full = |_| ApiError::overloaded();
        let permit = Arc::clone(&self.all).try_acquire_owned().map_err(full)?;
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = taken.entry(asker.clone()).or_default();
        if *mine >= self.each {
            return Err(ApiError::too_many_downloads(self.each));
        }
        *mine += 1;
        Ok(Place {
            asker: asker.clone(),
            taken: Arc::clone(&self.taken),
            _permit: permit,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mine) = taken.get_mut(&self.asker) {
            *mine -= 1;
            if *mine == 0 {
                taken.remove(&self.asker);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_all_places() {
        let places = Places::new(5, 2);
        let asker = |name: &str| Asker::Key(name.to_owned());
        let first = places.take(&asker("a")).unwrap();
        let _second = places.take(&asker("a")).unwrap();
        assert_eq!(places.take(&asker("a")).unwrap_err().status(), 429);
        let _others = [
            places.take(&asker("b")).unwrap(),
            places.take(&asker("b")).unwrap(),
        ];
        drop(first);
        let _third = places.take(&asker("a")).unwrap();
        let _last = places.take(&asker("c")).unwrap();
        assert_eq!(places.take(&asker("d")).unwrap_err().status(), 503);
    }
}
