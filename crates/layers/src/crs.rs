//! Coordinate reference systems and the way between them.
//!
//! Two traps are closed here. Axis order: coordinates are always x (east, longitude), y (north, latitude). Datum: PROJ knows no operation for
//! Indian 1960 in Cambodia and would apply nothing, so its shift is pinned by the deployment; for any other datum without a known
//! operation the transformation is refused instead of guessed.

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, CoordTransformOptions, SpatialRef};
use geo::{CoordsIter, MapCoordsInPlace};
use serde::{Deserialize, Serialize};

use crate::deployment::Deployment;
use crate::error::{LayersError, Result};
use crate::gdal_rim;

/// A coordinate reference system; plain data that may cross threads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crs {
    definition: String,
    name: String,
    geographic: bool,
    metric: bool,
    shift: Option<[f64; 3]>,
}

impl Crs {
    /// WGS 84 longitude, latitude in degrees.
    pub fn wgs84() -> Self {
        Self {
            definition: "EPSG:4326".into(),
            name: "EPSG:4326".into(),
            geographic: true,
            metric: false,
            shift: None,
        }
    }

    /// Understands `EPSG:n`, WKT and PROJ strings.
    pub fn parse(text: &str, deployment: &Deployment) -> Result<Self> {
        gdal_rim::clear();
        let text = text.trim();
        if !is_self_contained(text) {
            return Err(not_a_crs(text));
        }
        let srs = SpatialRef::from_definition(text).map_err(|_| not_a_crs(text))?;
        Self::from_srs(&srs, deployment)
    }

    /// A CRS that another process read from a file, if it may be used here.
    pub(crate) fn checked(self) -> std::result::Result<Self, String> {
        if is_self_contained(&self.definition) {
            Ok(self)
        } else {
            let name: String = self.name.chars().take(60).collect();
            Err(format!("its CRS '{name}' needs other files to be understood"))
        }
    }

    /// The CRS that a file states.
    pub(crate) fn from_srs(srs: &SpatialRef, deployment: &Deployment) -> Result<Self> {
        let failed = |e: gdal::errors::GdalError| LayersError::Gdal {
            doing: "reading a coordinate reference system".into(),
            cause: e.to_string(),
        };
        let geographic = srs.is_geographic();
        let metric = srs.is_projected() && (srs.linear_units() - 1.0).abs() < 1e-9;
        let mut srs = srs.clone();
        let authority = |srs: &SpatialRef| {
            let name = srs.auth_name()?;
            srs.auth_code().ok().map(|code| format!("{name}:{code}"))
        };
        // A .prj file names no authority, yet most are an EPSG system word for word.
        if authority(&srs).is_none() {
            let _ = srs.auto_identify_epsg();
        }
        let authority = authority(&srs);
        let name = authority
            .clone()
            .or_else(|| srs.name())
            .unwrap_or_else(|| "unnamed".into());
        let indian = srs
            .get_attr_value("DATUM", 0)
            .ok()
            .flatten()
            .is_some_and(|datum| datum.replace('_', " ").to_lowercase().contains("indian 1960"));
        if indian {
            let proj = srs.to_proj4().map_err(failed)?;
            if let Some(given) = proj
                .split_whitespace()
                .find_map(|word| word.strip_prefix("+towgs84="))
            {
                let shift: Vec<f64> = given.split(',').filter_map(|n| n.parse().ok()).take(3).collect();
                let shift = <[f64; 3]>::try_from(shift).ok();
                return Ok(Self {
                    definition: proj,
                    name,
                    geographic,
                    metric,
                    shift,
                });
            }
            let [x, y, z] = deployment.indian_1960_shift;
            let kept: Vec<&str> = proj
                .split_whitespace()
                .filter(|word| !matches!(*word, "+no_defs" | "+type=crs"))
                .collect();
            let definition = format!("{} +towgs84={x},{y},{z} +no_defs", kept.join(" "));
            return Ok(Self {
                definition,
                name,
                geographic,
                metric,
                shift: Some([x, y, z]),
            });
        }
        let definition = match authority {
            Some(code) => code,
            None => srs.to_wkt().map_err(failed)?,
        };
        Ok(Self {
            definition,
            name,
            geographic,
            metric,
            shift: None,
        })
    }

    /// `EPSG:n` where the system has a code, else its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether coordinates are degrees.
    pub fn is_geographic(&self) -> bool {
        self.geographic
    }

    /// Whether the system is projected in metres.
    pub fn is_metric(&self) -> bool {
        self.metric
    }

    /// The geocentric shift to WGS 84 that was pinned (Indian 1960), x, y, z in metres.
    pub fn shift(&self) -> Option<[f64; 3]> {
        self.shift
    }

    /// The definition, where the name does not say all of it: of a CRS without an EPSG code.
    pub(crate) fn definition_beyond_name(&self) -> Option<String> {
        self.epsg().is_none().then(|| self.definition.clone())
    }

    /// Definition as WKT, for files that carry it.
    pub fn to_wkt(&self) -> Result<String> {
        self.srs()?.to_wkt().map_err(|e| LayersError::Gdal {
            doing: format!("describing {}", self.name),
            cause: e.to_string(),
        })
    }

    /// Definition as PROJJSON, for files that carry it.
    pub fn to_projjson(&self) -> Result<String> {
        self.srs()?.to_projjson().map_err(|e| LayersError::Gdal {
            doing: format!("describing {}", self.name),
            cause: e.to_string(),
        })
    }

    /// The EPSG code, where there is one.
    pub fn epsg(&self) -> Option<i32> {
        self.name.strip_prefix("EPSG:")?.parse().ok()
    }

    pub(crate) fn srs(&self) -> Result<SpatialRef> {
        gdal_rim::listen();
        let mut srs =
            SpatialRef::from_definition(&self.definition).map_err(|_| not_a_crs(&self.definition))?;
        srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        Ok(srs)
    }
}

/// Whether a definition says all by itself. GDAL's reader of definitions would also open files and addresses, and PROJ grids that a
/// definition names; nobody needs that here.
fn is_self_contained(definition: &str) -> bool {
    const KNOWN: [&str; 16] = [
        "EPSG:", "ESRI:", "OGC:", "IGNF:", "URN:", "+PROJ", "PROJ", "GEOG", "GEOD", "GEOC", "BOUND", "COMPD",
        "VERT", "LOCAL", "ENGCRS", "DERIVED",
    ];
    const FILES: [&str; 5] = ["GRIDS=", "PARAMETERFILE", "+INIT", "+FILE", "+CATALOG"];
    let upper = definition.to_ascii_uppercase().replace("NADGRIDS=@NULL", "");
    KNOWN.iter().any(|prefix| upper.starts_with(prefix)) && !FILES.iter().any(|file| upper.contains(file))
}

fn not_a_crs(text: &str) -> LayersError {
    let text: String = text.chars().take(80).collect();
    LayersError::Usage(format!(
        "'{text}' is no coordinate reference system: write it as EPSG:n, for example EPSG:32648."
    ))
}

/// The way from one CRS to another. Not to be shared between threads: each makes its own (about a millisecond).
pub struct Reprojector {
    transform: Option<CoordTransform>,
    from: String,
    to: String,
    x: Vec<f64>,
    y: Vec<f64>,
}

impl Reprojector {
    /// Prepares the way; refused where no operation between the two datums is known.
    pub fn new(from: &Crs, to: &Crs) -> Result<Self> {
        let transform = if from.definition == to.definition {
            None
        } else {
            gdal_rim::clear();
            let refuse = |e: &gdal::errors::GdalError| {
                LayersError::refused(format!(
                    "No transformation from {} to {} is known ({e}): give the CRS as a PROJ string with +towgs84.",
                    from.name, to.name
                ))
            };
            let mut options = CoordTransformOptions::new().map_err(|e| refuse(&e))?;
            // A "ballpark" operation ignores the difference of the datums: hundreds of metres, silently.
            options.set_ballpark_allowed(false).map_err(|e| refuse(&e))?;
            Some(
                CoordTransform::new_with_options(&from.srs()?, &to.srs()?, &options)
                    .map_err(|e| refuse(&e))?,
            )
        };
        Ok(Self {
            transform,
            from: from.name.clone(),
            to: to.name.clone(),
            x: Vec::new(),
            y: Vec::new(),
        })
    }

    /// Whether nothing changes.
    pub fn is_identity(&self) -> bool {
        self.transform.is_none()
    }

    /// Moves coordinates in place.
    pub fn coords(&self, x: &mut [f64], y: &mut [f64]) -> Result<()> {
        let Some(transform) = &self.transform else {
            return Ok(());
        };
        if x.is_empty() {
            return Ok(());
        }
        gdal_rim::clear();
        let failed = || {
            LayersError::refused(format!(
                "coordinates cannot be brought from {} to {}",
                self.from, self.to
            ))
        };
        transform.transform_coords(x, y, &mut []).map_err(|_| failed())?;
        if x.iter().chain(y.iter()).all(|v| v.is_finite()) {
            Ok(())
        } else {
            Err(failed())
        }
    }

    /// Moves one point.
    pub fn point(&self, x: f64, y: f64) -> Result<(f64, f64)> {
        let (mut xs, mut ys) = ([x], [y]);
        self.coords(&mut xs, &mut ys)?;
        Ok((xs[0], ys[0]))
    }

    /// Moves every vertex of a geometry in place, all in one call to PROJ.
    pub fn geometry(&mut self, geometry: &mut geo::Geometry<f64>) -> Result<()> {
        if self.transform.is_none() {
            return Ok(());
        }
        let (mut x, mut y) = (std::mem::take(&mut self.x), std::mem::take(&mut self.y));
        x.clear();
        y.clear();
        for coord in geometry.coords_iter() {
            x.push(coord.x);
            y.push(coord.y);
        }
        let moved = self.coords(&mut x, &mut y);
        if moved.is_ok() {
            // Coordinates come in the same order as they were taken; the closure must be `Fn`, hence the cell.
            let next = std::cell::Cell::new(0);
            geometry.map_coords_in_place(|_| {
                let i = next.replace(next.get() + 1);
                geo::Coord { x: x[i], y: y[i] }
            });
        }
        (self.x, self.y) = (x, y);
        moved
    }

    /// The box `[west, south, east, north]` around a box, edges followed (21 points each), not only corners.
    pub fn bounds(&self, bounds: [f64; 4]) -> Result<[f64; 4]> {
        let Some(transform) = &self.transform else {
            return Ok(bounds);
        };
        gdal_rim::clear();
        transform.transform_bounds(&bounds, 21).map_err(|_| {
            LayersError::refused(format!(
                "A box cannot be brought from {} to {}.",
                self.from, self.to
            ))
        })
    }
}
