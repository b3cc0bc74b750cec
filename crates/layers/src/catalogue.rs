//! The data directory of a deployment: which layers there are and where.
//!
//! ```text
//! DIR/deployment.toml                 settings
//!     catalogue.json                  the layers; replaced as a whole, so readers see the old or the new, never half
//!     layers/<name>-<hash>.gpkg|.tif  one file per version of a layer; never changed once it has its name
//!     sources/*.toml                  presets of this deployment (optional)
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::crs::Crs;
use crate::deployment::{self, Deployment};
use crate::error::{LayersError, Result};
use crate::gpkg::VectorLayer;
use crate::raster::RasterFile;
use crate::schema::Role;

mod coverage;
mod entry;
mod lock;

pub use coverage::{Coverage, CoverageSource};
pub use entry::{LayerEntry, LayerKind, ReportSummary};
pub use lock::ServeLock;
pub(crate) use lock::WriteLock;

const CATALOGUE: &str = "catalogue.json";
const LAYERS: &str = "layers";

#[derive(Default, Serialize, Deserialize)]
struct Listing {
    version: u32,
    layers: Vec<LayerEntry>,
}

/// A data directory as it was when it was opened. Opening is cheap: open it again to see what an import has changed.
#[derive(Clone, Debug)]
pub struct Catalogue {
    dir: PathBuf,
    deployment: Deployment,
    /// The deployment's CRS once somebody has asked for it: understanding its definition takes longer than most requests.
    crs: OnceLock<Crs>,
    layers: Vec<LayerEntry>,
}

impl Catalogue {
    /// Opens an existing data directory; one without a catalogue is an error.
    pub fn open(dir: &Path) -> Result<Self> {
        if !dir.join(CATALOGUE).is_file() && !dir.join(deployment::FILE_NAME).is_file() {
            return Err(LayersError::NoCatalogue(dir.to_owned()));
        }
        Self::read(dir)
    }

    /// Opens a data directory, making it with default settings where there is none.
    pub fn open_or_create(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir.join(LAYERS)).map_err(|e| LayersError::io(dir, "making", e))?;
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
        RasterFile::open(&self.path(entry), &self.deployment)
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
        WriteLock::claim(&self.dir)
    }

    /// Removes a layer.
    pub fn remove(&self, name: &str) -> Result<()> {
        self.layer(name)?;
        self.lock_for_writing()?
            .commit(|layers| layers.retain(|entry| entry.name != name))
    }
}

fn read_listing(dir: &Path) -> Result<Listing> {
    let path = dir.join(CATALOGUE);
    match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| LayersError::Damaged {
            file: CATALOGUE.into(),
            cause: e.to_string(),
        }),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Listing {
            version: 1,
            layers: Vec::new(),
        }),
        Err(e) => Err(LayersError::io(&path, "reading", e)),
    }
}
