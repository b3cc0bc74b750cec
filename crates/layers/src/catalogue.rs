//! The data directory of a deployment: which layers there are and where.
//!
//! ```text
//! DIR/deployment.toml                 settings
//!     catalogue.json                  the layers; replaced as a whole, so readers see the old or the new, never half
//!     layers/<name>-<hash>.gpkg|.tif  one file per version of a layer; never changed once it has its name
//!     layers/<file>.json              a copy of the layer's entry, from which a lost catalogue is made again
//!     sources/*.toml                  presets of this deployment (optional)
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::crs::Crs;
use crate::deployment::{self, Deployment};
use crate::error::{LayersError, Result};
use crate::gpkg::VectorLayer;
use crate::raster::RasterFile;
use crate::schema::Role;

mod coverage;
mod entry;
mod health;
mod listing;
mod lock;
mod repair;
mod salvage;
mod seal;

pub use coverage::{Coverage, CoverageSource};
pub use entry::{LayerEntry, LayerKind, ReportSummary};
use listing::{layer_files, read_listing};
pub(crate) use lock::WriteLock;
pub use lock::{Batch, ServeLock};
pub use repair::{RepairReport, repair};
pub use seal::FileSeal;

const CATALOGUE: &str = "catalogue.json";
const LAYERS: &str = "layers";

/// A data directory as it was when it was opened. Opening is cheap: open it again to see what an import has changed.
#[derive(Clone, Debug)]
pub struct Catalogue {
    dir: PathBuf,
    deployment: Deployment,
    /// The deployment's CRS once somebody has asked for it: understanding its definition takes longer than most requests.
    crs: OnceLock<Crs>,
    layers: Vec<LayerEntry>,
    /// Held by a batch: what is imported is listed when it ends.
    batch: Option<Arc<lock::Held>>,
}

impl Catalogue {
    /// Opens an existing data directory; one without a catalogue is an error.
    pub fn open(dir: &Path) -> Result<Self> {
        let is_none = |name: &str| !dir.join(name).is_file();
        if is_none(CATALOGUE) && is_none(deployment::FILE_NAME) && layer_files(dir).is_empty() {
            return Err(LayersError::NoCatalogue(dir.to_owned()));
        }
        Self::read(dir)
    }

    /// Opens a data directory, making it with default settings where there is none.
    pub fn open_or_create(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir.join(LAYERS)).map_err(|e| LayersError::io(dir, "making", e))?;
        // Before anything is written: what cannot be read is left as it is.
        read_listing(dir)?;
        let settings = dir.join(deployment::FILE_NAME);
        if !settings.exists() {
            lock::replace(
                dir,
                deployment::FILE_NAME,
                Deployment::default().to_toml()?.as_bytes(),
            )?;
        }
        Self::read(dir)
    }

    fn read(dir: &Path) -> Result<Self> {
        Ok(Self {
            dir: dir.to_owned(),
            deployment: Deployment::read(dir)?,
            crs: OnceLock::new(),
            layers: read_listing(dir)?.layers,
            batch: None,
        })
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Title, CRS, extent and other settings.
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// The deployment's CRS.
    pub fn crs(&self) -> Result<Crs> {
        if let Some(crs) = self.crs.get() {
            return Ok(crs.clone());
        }
        let crs = Crs::parse(&self.deployment.crs, &self.deployment)?;
        Ok(self.crs.get_or_init(|| crs).clone())
    }

    /// All layers, by name.
    pub fn layers(&self) -> &[LayerEntry] {
        &self.layers
    }

    /// The layer of this name.
    pub fn layer(&self, name: &str) -> Result<&LayerEntry> {
        self.layers
            .iter()
            .find(|entry| entry.name == name)
            .ok_or_else(|| {
                let known: Vec<&str> = self.layers.iter().map(|entry| entry.name.as_str()).collect();
                LayersError::NoSuchLayer {
                    name: name.chars().take(80).collect(),
                    known: if known.is_empty() {
                        "none".into()
                    } else {
                        known.join(", ")
                    },
                }
            })
    }

    /// The layers of a role, by name.
    pub fn of_role(&self, role: Role) -> impl Iterator<Item = &LayerEntry> {
        self.layers.iter().filter(move |entry| entry.role == role)
    }

    /// Whether anything in it is illustrative, which every screen and export must then say.
    pub fn is_illustrative(&self) -> bool {
        self.layers.iter().any(|entry| entry.illustrative)
    }

    /// Where a layer's file is.
    pub fn path(&self, entry: &LayerEntry) -> PathBuf {
        self.dir.join(LAYERS).join(&entry.file)
    }

    /// Opens a vector layer; its features come in the deployment's CRS.
    pub fn vector(&self, name: &str) -> Result<VectorLayer> {
        let entry = self.layer(name)?;
        if entry.kind != LayerKind::Vector {
            return Err(LayersError::Usage(format!(
                "The layer '{name}' is a raster, it has no features."
            )));
        }
        self.check(entry)?;
        VectorLayer::open(&self.path(entry), &entry.name, &entry.fields)
    }

    /// Opens a raster layer on its own grid and CRS.
    pub fn raster(&self, name: &str) -> Result<RasterFile> {
        let entry = self.layer(name)?;
        if entry.kind != LayerKind::Raster {
            return Err(LayersError::Usage(format!(
                "The layer '{name}' is a vector layer, it has no cells."
            )));
        }
        self.check(entry)?;
        let raster = RasterFile::own(&self.path(entry), &self.deployment)?;
        self.check_crs(entry, raster.crs())?;
        Ok(raster)
    }

    /// Where a layer is complete, in the deployment's CRS: as its entry says or, of a layer that was imported before entries said it, as its
    /// grid or its features show (which reads the layer). Of a layer that lies in another CRS than the deployment's, an error.
    pub fn coverage(&self, entry: &LayerEntry) -> Result<Coverage> {
        let crs = self.crs()?;
        if let Some(coverage) = &entry.coverage
            && coverage.crs == crs.name()
        {
            return Ok(coverage.clone());
        }
        match entry.kind {
            LayerKind::Raster => {
                let raster = self.raster(&entry.name)?;
                let own = raster.crs().ok_or_else(|| LayersError::Damaged {
                    file: entry.file.clone(),
                    cause: "it does not say its CRS".into(),
                })?;
                let polygon = crate::import::coverage::outline(&raster.grid(), own, &crs)?;
                Ok(crate::import::coverage::coverage(
                    CoverageSource::Extent,
                    &crs,
                    polygon,
                ))
            }
            LayerKind::Vector => {
                let mut hull = crate::import::coverage::Hull::default();
                self.vector(&entry.name)?
                    .for_each(&crate::gpkg::Query::default(), |feature| {
                        if let Some(geometry) = &feature.geometry {
                            hull.add(geometry);
                        }
                        Ok::<(), LayersError>(())
                    })?;
                Ok(crate::import::coverage::coverage(
                    CoverageSource::Hull,
                    &crs,
                    hull.polygon(),
                ))
            }
        }
    }

    /// Claims the directory for a server. A second server is refused; imports may go on beside it.
    pub fn lock_for_serving(&self) -> Result<ServeLock> {
        ServeLock::claim(&self.dir)
    }

    /// Claims the directory for writing; waits a little for another writer.
    pub(crate) fn lock_for_writing(&self) -> Result<WriteLock> {
        match &self.batch {
            Some(held) => Ok(WriteLock::shared(held)),
            None => WriteLock::claim(&self.dir),
        }
    }

    /// Begins to change several layers at once: they are listed together, or none of them.
    pub fn begin(&self) -> Result<Batch> {
        Batch::begin(self)
    }

    /// Removes what killed writes have left; leaves it where somebody writes now. Says whether it could look.
    pub fn sweep(&self) -> Result<bool> {
        Ok(WriteLock::claim_if_free(&self.dir)?.is_some())
    }

    /// Removes a layer.
    pub fn remove(&self, name: &str) -> Result<()> {
        self.layer(name)?;
        self.lock_for_writing()?
            .commit(|layers| layers.retain(|entry| entry.name != name))
    }
}

/// How the name begins of what [`replace_file`] has not finished, should the program end meanwhile. It counts for nothing and may be removed.
pub const UNFINISHED: &str = lock::WORK;

/// Replaces a file of a data directory as a whole, so that a reader sees the old or the new and a kill leaves one of them.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<()> {
    lock::replace_from(path.parent().unwrap_or(Path::new(".")), path, bytes)
}
