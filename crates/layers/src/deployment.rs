//! What a deployment is about: its title, its CRS, its extent. Read from `deployment.toml` in the data directory.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{LayersError, Result};

/// Name of the settings file in a data directory.
pub const FILE_NAME: &str = "deployment.toml";

/// Text for people, in the languages of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalText {
    /// English.
    pub en: String,
    /// Khmer.
    pub km: String,
}

/// Settings of a deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Deployment {
    /// Shown on every screen.
    pub title: LocalText,
    /// The projected CRS, in metres, in which layers are stored and everything is measured.
    pub crs: String,
    /// West, south, east, north in WGS 84 degrees; what lies wholly outside is not taken.
    pub extent: [f64; 4],
    /// Geocentric shift (x, y, z in metres) from Indian 1960 to WGS 84, pinned because PROJ has none for Cambodia and would silently
    /// apply nothing (473 m wrong). Stated accuracy of the default: 44 m.
    pub indian_1960_shift: [f64; 3],
    /// Largest size in bytes to which an archive may unpack.
    pub max_unpacked_bytes: u64,
}

impl Default for Deployment {
    fn default() -> Self {
        Self {
            title: LocalText {
                en: "Phnom Penh".into(),
                km: "ភ្នំពេញ".into(),
            },
            crs: "EPSG:32648".into(),
            extent: [104.2, 11.0, 105.4, 12.1],
            indian_1960_shift: [198.0, 881.0, 317.0],
            max_unpacked_bytes: 16 << 30,
        }
    }
}

const HEADER: &str = "\
# Settings of this deployment. Layers already imported are not changed by an edit: import them again.
# extent: west, south, east, north in degrees (WGS 84).
# indian_1960_shift: metres added to geocentric x, y, z of Indian 1960 coordinates (old cadastre, EPSG:3148).
# max_unpacked_bytes: an archive that would unpack to more is refused.

";

impl Deployment {
    /// Reads `deployment.toml` of `dir`, or the defaults where there is none.
    pub fn read(dir: &Path) -> Result<Self> {
        let path = dir.join(FILE_NAME);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => return Err(LayersError::io(&path, "reading", e)),
        };
        let deployment: Self = toml::from_str(&text)
            .map_err(|e| LayersError::Usage(format!("{FILE_NAME} cannot be understood: {}", e.message())))?;
        deployment.check()?;
        Ok(deployment)
    }

    /// The settings as the commented file that a new data directory gets.
    pub fn to_toml(&self) -> Result<String> {
        let body = toml::to_string(self).map_err(|e| LayersError::Usage(format!("{FILE_NAME}: {e}")))?;
        Ok(format!("{HEADER}{body}"))
    }

    fn check(&self) -> Result<()> {
        let [west, south, east, north] = self.extent;
        let ordered = west < east && south < north;
        let on_earth = west >= -180.0 && east <= 180.0 && south >= -90.0 && north <= 90.0;
        if !(ordered && on_earth) {
            return Err(LayersError::Usage(format!(
                "{FILE_NAME}: extent must be west, south, east, north in degrees, not {:?}.",
                self.extent
            )));
        }
        if !self
            .indian_1960_shift
            .iter()
            .all(|v| v.is_finite() && v.abs() < 10_000.0)
        {
            return Err(LayersError::Usage(format!(
                "{FILE_NAME}: indian_1960_shift must be three numbers of metres, not {:?}.",
                self.indian_1960_shift
            )));
        }
        crate::crs::Crs::parse(&self.crs, self).and_then(|crs| {
            if crs.is_metric() {
                Ok(())
            } else {
                Err(LayersError::Usage(format!(
                    "{FILE_NAME}: crs must be projected in metres, {} is not.",
                    self.crs
                )))
            }
        })
    }
}
