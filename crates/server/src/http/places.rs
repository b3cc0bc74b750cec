//! Places for work: so many in all, and fewer for one key or one address, so that nobody keeps the rest out.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use super::limits::RateLimitKey;

/// All places.
#[derive(Debug, Clone)]
pub struct Places {
    all: Arc<Semaphore>,
    each: usize,
    taken: Arc<Mutex<HashMap<RateLimitKey, usize>>>,
}

/// A place that was taken; free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    key: RateLimitKey,
    taken: Arc<Mutex<HashMap<RateLimitKey, usize>>>,
    _permit: OwnedSemaphorePermit,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPlace {
    /// All are taken.
    Full,
    /// This key or address has as many as one may have.
    Enough {
        /// So many.
        each: usize,
    },
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

    /// Takes a place, or says why there is none.
    pub fn take(&self, key: &RateLimitKey) -> Result<Place, NoPlace> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = taken.get(key).copied().unwrap_or(0);
        if mine >= self.each {
            return Err(NoPlace::Enough { each: self.each });
        }
        let permit = Arc::clone(&self.all)
            .try_acquire_owned()
            .map_err(|_| NoPlace::Full)?;
        taken.insert(key.clone(), mine + 1);
        Ok(Place {
            key: key.clone(),
            taken: Arc::clone(&self.taken),
            _permit: permit,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mine) = taken.get_mut(&self.key) {
            *mine -= 1;
            if *mine == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

tokio::task_local! {
    /// Whose request is being answered, for work that waits for its turn.
    static ASKER: RateLimitKey;
}

/// Answers a request on behalf of `key`: whatever waits for a worker meanwhile waits in the queue of this key.
pub async fn on_behalf_of<F: Future>(key: RateLimitKey, answer: F) -> F::Output {
    ASKER.scope(key, answer).await
}

/// Workers, of which one key or one address gets some and not all: who asks for much waits behind himself.
#[derive(Debug)]
pub struct Workers {
    all: Arc<Semaphore>,
    each: usize,
    queues: Mutex<HashMap<RateLimitKey, Arc<Semaphore>>>,
}

/// A worker's time.
#[derive(Debug)]
pub struct Turn {
    _all: OwnedSemaphorePermit,
    _mine: Option<OwnedSemaphorePermit>,
}

/// Queues after which those that nobody stands in are removed.
const MANY_QUEUES: usize = 1_000;

impl Workers {
    /// So many in all and for each.
    pub fn new(all: usize, each: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all)),
            each: each.clamp(1, all.max(1)),
            queues: Mutex::default(),
        }
    }

    /// Waits for a worker.
    pub async fn turn(&self) -> Result<Turn, AcquireError> {
        let mine = match ASKER.try_with(|key| self.queue(key)) {
            Ok(queue) => Some(queue.acquire_owned().await?),
            // The server's own work.
            Err(_) => None,
        };
        let all = Arc::clone(&self.all).acquire_owned().await?;
        Ok(Turn {
            _all: all,
            _mine: mine,
        })
    }

    fn queue(&self, key: &RateLimitKey) -> Arc<Semaphore> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if queues.len() >= MANY_QUEUES {
            queues.retain(|_, queue| Arc::strong_count(queue) > 1);
        }
        Arc::clone(
            queues
                .entry(key.clone())
                .or_insert_with(|| Arc::new(Semaphore::new(self.each))),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> RateLimitKey {
        RateLimitKey::Key(name.to_owned())
    }

    #[test]
    fn nobody_takes_all_places() {
        let places = Places::new(5, 2);
        let first = places.take(&key("a")).unwrap();
        let _second = places.take(&key("a")).unwrap();
        assert_eq!(places.take(&key("a")).unwrap_err(), NoPlace::Enough { each: 2 });
        let _others = [places.take(&key("b")).unwrap(), places.take(&key("b")).unwrap()];
        drop(first);
        let _third = places.take(&key("a")).unwrap();
        let _last = places.take(&key("c")).unwrap();
        assert_eq!(places.take(&key("d")).unwrap_err(), NoPlace::Full);
        // Being refused takes nothing.
        assert!(!places.taken.lock().unwrap().contains_key(&key("d")));
    }

    #[tokio::test]
    async fn who_asks_for_much_waits_behind_himself() {
        let workers = Arc::new(Workers::new(4, 2));
        let turn = |name: &str| {
            let workers = Arc::clone(&workers);
            on_behalf_of(key(name), async move { workers.turn().await.unwrap() })
        };
        let _held = [turn("greedy").await, turn("greedy").await];
        let mut waiting = Vec::new();
        for _ in 0..50 {
            let mut next = Box::pin(turn("greedy"));
            assert!(futures_now(&mut next).is_none());
            waiting.push(next);
        }
        let _other = turn("other").await;
        let _third = turn("third").await;
        let mut fourth = Box::pin(turn("fourth"));
        assert!(futures_now(&mut fourth).is_none(), "four in all");
    }

    /// What a future has to say at once.
    fn futures_now<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::Pin::new(future).poll(&mut context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        }
    }
}
