//! The registry of this server: opened at the start where there is one, else when the first phone asks for it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use phteah_store::registry::{DeploymentKey, KEY_BYTES, Registry, key_file};
use phteah_store::{Database, StoreError};
use tokio::sync::Semaphore;

use crate::api::error::ApiError;

/// Requests that may wait for the registry's disk at a time. They are made durable together, so that more of them are no slower.
const AT_ONCE: usize = 64;

pub use crate::random::entropy;

/// Where the deployment's key lies.
#[derive(Debug, Clone)]
pub struct KeyPlace {
    /// The file.
    pub path: PathBuf,
    /// Whether somebody has named it. A file that nobody has named may be made when it is first needed.
    pub is_named: bool,
}

impl KeyPlace {
    /// The file that was named by an option or by the environment, else the one beside the data directory.
    ///
    /// `env` are `PHTEAH_KEY_FILE` and `CREDENTIALS_DIRECTORY`, where systemd puts credentials; ours is called `phteah-key`.
    pub fn find(
        data: &Path,
        option: Option<&Path>,
        env: impl Fn(&str) -> Option<std::ffi::OsString>,
    ) -> Self {
        let named = option
            .map(Path::to_owned)
            .or_else(|| {
                env("PHTEAH_KEY_FILE")
                    .filter(|path| !path.is_empty())
                    .map(PathBuf::from)
            })
            .or_else(|| {
                let credential = PathBuf::from(env("CREDENTIALS_DIRECTORY")?).join("phteah-key");
                credential.exists().then_some(credential)
            });
        match named {
            Some(path) => Self { path, is_named: true },
            None => Self {
                path: key_file::default_path(data),
                is_named: false,
            },
        }
    }

    /// Whether the key is there, or can be made when the first phone or family needs it. One that was named, or that a registry was sealed
    /// with, is read at the start anyway.
    pub fn look(&self, data: &Path, database: &Database) -> Result<(), StoreError> {
        if self.is_named || Registry::exists_in(data, database)? {
            return Ok(());
        }
        if self.path.exists() {
            return key_file::read(&self.path, data).map(|_| ());
        }
        key_file::can_be_made(&self.path, data)
    }

    /// Makes the key, where there is neither one nor a registry that was sealed with one. Tells whether it did.
    pub fn make_first(&self, data: &Path, database: &Database) -> Result<bool, StoreError> {
        if self.is_named || self.path.exists() || Registry::exists_in(data, database)? {
            return Ok(false);
        }
        let secret: [u8; KEY_BYTES] =
            crate::random::bytes().map_err(|error| StoreError::Key(error.to_string()))?;
        key_file::create(&self.path, data, &DeploymentKey::new(secret))?;
        Ok(true)
    }
}

/// The registry, or what it is opened with.
#[derive(Debug)]
pub struct RegistrySlot {
    data: PathBuf,
    database: Database,
    key: KeyPlace,
    open: Mutex<Option<Arc<Registry>>>,
    turns: Semaphore,
}

impl RegistrySlot {
    /// Nothing is opened yet.
    pub fn new(data: &Path, database: Database, key: KeyPlace) -> Self {
        Self {
            data: data.to_owned(),
            database,
            key,
            open: Mutex::default(),
            turns: Semaphore::new(AT_ONCE),
        }
    }

    /// Whether there is a registry to be opened at the start, or a key that was named for one.
    pub fn is_wanted(&self) -> Result<bool, StoreError> {
        Ok(self.key.is_named || Registry::exists_in(&self.data, &self.database)?)
    }

    /// Why neither phones nor families can be kept, where that is known before the first of them comes.
    pub fn lacking(&self) -> Result<(), StoreError> {
        self.key.look(&self.data, &self.database)
    }

    /// Where its key lies.
    pub fn key(&self) -> &KeyPlace {
        &self.key
    }

    /// The registry, opened if it is not yet.
    pub fn open(&self) -> Result<Arc<Registry>, StoreError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(registry) = &*open {
            return Ok(Arc::clone(registry));
        }
        if self.key.make_first(&self.data, &self.database)? {
            tracing::warn!(
                file = %self.key.path.display(),
                "a key for the registry was made; keep a copy of it elsewhere: without it nobody's records can be read"
            );
        }
        let registry = Arc::new(Registry::open_in(
            &self.data,
            &self.database,
            &self.key.path,
            entropy(),
        )?);
        *open = Some(Arc::clone(&registry));
        Ok(registry)
    }

    /// Asks the registry off the threads that answer requests.
    pub async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&Registry) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let _turn = self.turns.acquire().await.map_err(ApiError::internal)?;
        let slot = Arc::clone(self);
        let answer = tokio::task::spawn_blocking(move || question(&*slot.open()?));
        Ok(answer.await.map_err(ApiError::internal)??)
    }
}
