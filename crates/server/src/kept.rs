//! What was made and is kept for whoever asks again, up to a number of bytes: the least recently used goes first, and never what somebody is
//! using just now.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A keeper of things by their names.
#[derive(Debug)]
pub struct Kept<V> {
    max_bytes: u64,
    shelf: Mutex<Shelf<V>>,
    making: Mutex<HashMap<String, Arc<Mutex<()>>>>,
}

#[derive(Debug)]
struct Shelf<V> {
    things: HashMap<String, Thing<V>>,
    bytes: u64,
    uses: u64,
}

#[derive(Debug)]
struct Thing<V> {
    value: Arc<V>,
    bytes: u64,
    used: u64,
}

impl<V> Shelf<V> {
    fn take(&mut self, name: &str) -> Option<Arc<V>> {
        self.uses += 1;
        let thing = self.things.get_mut(name)?;
        thing.used = self.uses;
        Some(Arc::clone(&thing.value))
    }

    /// Drops what was used longest ago until the rest fits. What is in use stays, and so does `newest`, however large it is.
    fn shrink(&mut self, max_bytes: u64, newest: &str) {
        while self.bytes > max_bytes {
            let oldest = self
                .things
                .iter()
                .filter(|(name, thing)| *name != newest && Arc::strong_count(&thing.value) == 1)
                .min_by_key(|(_, thing)| thing.used)
                .map(|(name, _)| name.clone());
            let Some(dropped) = oldest.and_then(|name| self.things.remove(&name)) else {
                return;
            };
            self.bytes -= dropped.bytes;
        }
    }
}

impl<V> Kept<V> {
    /// Room for so many bytes.
    pub fn new(max_bytes: u64) -> Self {
        Self {
            max_bytes,
            shelf: Mutex::new(Shelf {
                things: HashMap::new(),
                bytes: 0,
                uses: 0,
            }),
            making: Mutex::default(),
        }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf<V>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The thing of this name, if it is here.
    pub fn get(&self, name: &str) -> Option<Arc<V>> {
        self.shelf().take(name)
    }

    /// Keeps a thing of so many bytes.
    pub fn put(&self, name: &str, value: Arc<V>, bytes: u64) {
        let mut shelf = self.shelf();
        shelf.uses += 1;
        let used = shelf.uses;
        let thing = Thing { value, bytes, used };
        if let Some(before) = shelf.things.insert(name.to_owned(), thing) {
            shelf.bytes -= before.bytes;
        }
        shelf.bytes += bytes;
        shelf.shrink(self.max_bytes, name);
    }

    /// The thing of this name, made if it is not here. Who asks for the same meanwhile waits for it instead of making it again; where it could
    /// not be made, the next one tries.
    pub fn get_or_make<E>(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<Arc<V>, E>,
        weigh: impl FnOnce(&V) -> u64,
    ) -> Result<Arc<V>, E> {
        if let Some(value) = self.get(name) {
            return Ok(value);
        }
        let turn = {
            let mut making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(making.entry(name.to_owned()).or_default())
        };
        let made = {
            let _mine = turn.lock().unwrap_or_else(PoisonError::into_inner);
            match self.get(name) {
                Some(value) => Ok(value),
                None => make().inspect(|value| self.put(name, Arc::clone(value), weigh(value))),
            }
        };
        drop(turn);
        let mut making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if making.get(name).is_some_and(|turn| Arc::strong_count(turn) == 1) {
            making.remove(name);
        }
        made
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn put(kept: &Kept<u32>, name: &str, bytes: u64) {
        kept.put(name, Arc::new(0), bytes);
    }

    #[test]
    fn the_least_recently_used_goes_and_newcomers_are_let_in() {
        let kept = Kept::new(30);
        for name in ["a", "b", "c"] {
            put(&kept, name, 10);
        }
        assert!(kept.get("a").is_some());
        put(&kept, "d", 10);
        assert!(kept.get("b").is_none());
        for name in ["a", "c", "d"] {
            assert!(kept.get(name).is_some(), "{name}");
        }
        // One that is larger than all the room is kept until the next one comes.
        put(&kept, "large", 100);
        assert!(kept.get("large").is_some() && kept.get("d").is_none());
        put(&kept, "e", 10);
        assert!(kept.get("large").is_none() && kept.get("e").is_some());
    }

    #[test]
    fn what_is_in_use_stays() {
        let kept = Kept::new(20);
        put(&kept, "held", 10);
        let held = kept.get("held").unwrap();
        for n in 0..100 {
            put(&kept, &format!("{n}"), 10);
        }
        assert!(Arc::ptr_eq(&held, &kept.get("held").unwrap()));
        assert!(kept.get("99").is_some() && kept.get("98").is_none());
    }

    #[test]
    fn it_is_made_once_for_all_who_wait_and_again_after_a_failure() {
        let kept = Kept::new(100);
        let made = AtomicUsize::new(0);
        let failed: Result<Arc<u32>, &str> = kept.get_or_make("x", || Err("no"), |_| 1);
        assert!(failed.is_err());
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let make = || {
                        std::thread::sleep(std::time::Duration::from_millis(20));
                        made.fetch_add(1, Ordering::SeqCst);
                        Ok::<_, &str>(Arc::new(7))
                    };
                    assert_eq!(*kept.get_or_make("x", make, |_| 1).unwrap(), 7);
                });
            }
        });
        assert_eq!(made.load(Ordering::SeqCst), 1);
        assert!(kept.making.lock().unwrap().is_empty());
    }
}
