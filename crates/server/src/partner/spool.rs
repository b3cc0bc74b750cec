//! Finished files, kept for downloads that are repeated or resumed: formats that cannot be written from front to back, and ranges.
//!
//! A file is made once for all who ask for it meanwhile, a few files at a time; the rest wait. It is made as long as somebody waits for it: a
//! client that goes away takes the work with it, unless another one wants the same.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use phteah_layers::LayersError;
use tokio::sync::{Semaphore, oneshot, watch};

use super::data::scan::Until;
use crate::api::error::ApiError;
use crate::http::background;

const DIR: &str = "downloads";

/// A directory of finished files, the least recently used of which go when it grows too large.
#[derive(Debug)]
pub struct Spool {
    dir: PathBuf,
    max_bytes: u64,
    making: Mutex<HashMap<String, Making>>,
    places: Arc<Semaphore>,
}

/// A file that is being made or waits for its turn.
#[derive(Debug, Clone)]
struct Making {
    wish: Weak<Wish>,
    /// What came of it; a sender that is gone means that the maker has come to grief.
    made: watch::Receiver<Option<Result<(), ApiError>>>,
}

/// Held by everyone who waits for a file; dropping the last one gives the file up.
#[derive(Debug)]
struct Wish(Arc<AtomicBool>);

impl Drop for Wish {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Tells whoever makes a file whether anybody still waits for it.
#[derive(Debug, Clone, Default)]
pub struct Wanted(Arc<AtomicBool>);

impl Wanted {
    /// For a search that goes on as long as somebody waits.
    pub fn until(&self) -> Until {
        let given_up = Arc::clone(&self.0);
        Until::unwanted(move || given_up.load(Ordering::Relaxed))
    }

    /// An error once nobody waits any more.
    pub fn check(&self) -> Result<(), ApiError> {
        if self.0.load(Ordering::Relaxed) {
            Err(ApiError::given_up())
        } else {
            Ok(())
        }
    }
}

impl Spool {
    /// Takes over the directory; what an earlier run left unfinished is removed. At most `at_a_time` files are made at once.
    pub fn new(data: &Path, max_bytes: u64, at_a_time: usize) -> Result<Self, LayersError> {
        let dir = data.join(DIR);
        fs::create_dir_all(&dir).map_err(|e| LayersError::io(&dir, "making", e))?;
        for entry in fs::read_dir(&dir)
            .map_err(|e| LayersError::io(&dir, "reading", e))?
            .flatten()
        {
            if entry.file_name().to_string_lossy().starts_with('.') {
                // What cannot be removed does no harm.
                let _ = fs::remove_dir_all(entry.path()).or_else(|_| fs::remove_file(entry.path()));
            }
        }
        Ok(Self {
            dir,
            max_bytes,
            making: Mutex::default(),
            places: Arc::new(Semaphore::new(at_a_time)),
        })
    }

    /// Opens the file of this name, made by `make` if it is not there. Who asks for the same meanwhile waits for it.
    ///
    /// Dropping what this returns before it is done says that the file is no longer wanted by this one.
    pub async fn open(
        self: &Arc<Self>,
        name: &str,
        make: impl FnOnce(&Path, &Wanted) -> Result<(), ApiError> + Send + 'static,
    ) -> Result<File, ApiError> {
        let mut make = Some(make);
        loop {
            let (making, wish) = {
                let mut all = self.making.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(making) = all.get(name) {
                    // One that was given up but has not yet stopped is waited for, and then made anew.
                    (making.clone(), making.wish.upgrade())
                } else if let Ok(file) = File::open(self.dir.join(name)) {
                    // Its age is that of its last use. Where that cannot be noted it is merely forgotten sooner.
                    let _ = file.set_modified(std::time::SystemTime::now());
                    return Ok(file);
                } else {
                    let Some(make) = make.take() else {
                        return Err(ApiError::internal("a finished file was gone at once"));
                    };
                    let (making, wish) = self.begin(name, make);
                    all.insert(name.to_owned(), making.clone());
                    (making, Some(wish))
                }
            };
            let mut made = making.made;
            let answer = match made.wait_for(Option::is_some).await {
                Ok(answer) => answer.clone(),
                Err(_) => Some(Err(ApiError::internal("a file's maker panicked"))),
            };
            if let (Some(_), Some(Err(error))) = (&wish, answer) {
                return Err(error);
            }
        }
    }

    fn begin(
        self: &Arc<Self>,
        name: &str,
        make: impl FnOnce(&Path, &Wanted) -> Result<(), ApiError> + Send + 'static,
    ) -> (Making, Arc<Wish>) {
        let wanted = Wanted::default();
        let wish = Arc::new(Wish(Arc::clone(&wanted.0)));
        let (sender, made) = watch::channel(None);
        let making = Making {
            wish: Arc::downgrade(&wish),
            made,
        };
        let (spool, name) = (Arc::clone(self), name.to_owned());
        tokio::spawn(async move {
            let answer = match Arc::clone(&spool.places).acquire_owned().await {
                Err(closed) => Err(ApiError::internal(closed)),
                Ok(place) => {
                    let path = spool.dir.join(&name);
                    let (sender, made) = oneshot::channel();
                    let begun = background::spawn(move || {
                        let _place = place;
                        // Nobody may be left who waits.
                        let _ = sender.send(wanted.check().and_then(|()| make(&path, &wanted)));
                    });
                    match begun {
                        Ok(()) => made
                            .await
                            .unwrap_or_else(|_| Err(ApiError::internal("a file's maker panicked"))),
                        Err(cause) => Err(ApiError::internal(cause)),
                    }
                }
            };
            if answer.is_ok() {
                spool.shrink(&spool.dir.join(&name));
            }
            let mut all = spool.making.lock().unwrap_or_else(PoisonError::into_inner);
            all.remove(&name);
            drop(all);
            // Nobody may be left who waits.
            let _ = sender.send(Some(answer));
        });
        (making, wish)
    }

    /// Size of the file of this name, if it is there.
    pub fn size(&self, name: &str) -> Option<u64> {
        fs::metadata(self.dir.join(name)).ok().map(|file| file.len())
    }

    /// Removes the least recently used files until the rest fits. Those being read stay readable until they are closed.
    fn shrink(&self, keep: &Path) {
        let Ok(entries) = fs::read_dir(&self.dir) else {
            return;
        };
        let mut files: Vec<_> = entries
            .flatten()
            .filter_map(|entry| {
                let about = entry.metadata().ok().filter(fs::Metadata::is_file)?;
                Some((about.modified().ok()?, about.len(), entry.path()))
            })
            .collect();
        files.sort();
        let mut total: u64 = files.iter().map(|(_, size, _)| size).sum();
        for (_, size, path) in files {
            if total <= self.max_bytes {
                break;
            }
            if path != keep && fs::remove_file(&path).is_ok() {
                total -= size;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    fn spool(at_a_time: usize) -> (tempfile::TempDir, Arc<Spool>) {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::new(dir.path(), 1 << 20, at_a_time).unwrap();
        (dir, Arc::new(spool))
    }

    fn write(path: &Path) -> Result<(), ApiError> {
        fs::write(path, "made").map_err(ApiError::internal)
    }

    #[tokio::test]
    async fn it_is_made_once_for_all_who_wait() {
        let (_dir, spool) = spool(1);
        let (go, wait) = mpsc::channel();
        let first = tokio::spawn({
            let spool = Arc::clone(&spool);
            async move {
                let make = move |path: &Path, _: &Wanted| {
                    wait.recv().map_err(ApiError::internal)?;
                    write(path)
                };
                spool.open("file", make).await.map(|_| ())
            }
        });
        while spool.making.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        let second = tokio::spawn({
            let spool = Arc::clone(&spool);
            async move {
                let never = |_: &Path, _: &Wanted| Err(ApiError::internal("made twice"));
                spool.open("file", never).await.map(|_| ())
            }
        });
        tokio::task::yield_now().await;
        go.send(()).unwrap();
        assert!(first.await.unwrap().is_ok() && second.await.unwrap().is_ok());
        assert_eq!(spool.size("file"), Some(4));
    }

    #[tokio::test]
    async fn it_is_given_up_when_nobody_waits_and_made_anew_when_somebody_does() {
        let (_dir, spool) = spool(1);
        let (told, stopped) = mpsc::channel();
        let slow = move |_: &Path, wanted: &Wanted| loop {
            if let Err(error) = wanted.check() {
                told.send(()).map_err(ApiError::internal)?;
                return Err(error);
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        let impatient = tokio::time::timeout(Duration::from_millis(20), spool.open("file", slow));
        assert!(impatient.await.is_err());
        // The place is free again, and the name too.
        let file = spool.open("file", |path, _| write(path)).await.unwrap();
        assert_eq!(file.metadata().unwrap().len(), 4);
        assert!(stopped.recv().is_ok());
        assert!(spool.making.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_failure_is_told_to_all_and_not_kept() {
        let (_dir, spool) = spool(1);
        let failing = |_: &Path, _: &Wanted| Err(ApiError::internal("disk full"));
        assert!(spool.open("file", failing).await.is_err());
        assert!(spool.open("file", |path, _| write(path)).await.is_ok());
    }
}
