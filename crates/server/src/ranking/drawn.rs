//! A site that was drawn by hand, measured and ranked among the others.

use std::sync::Arc;

use geo::{Coord, LineString, MultiPolygon, Polygon, Validation};
use phteah_layers::measures::{DrawnSite, Ground, Measured};
use phteah_layers::{Catalogue, Crs, LayersError, NoProgress, Reprojector};
use phteah_planning::matrix::{Column, Matrix};
use phteah_planning::measure::Tenure;
use phteah_planning::notice::Notice;
use phteah_planning::problem::Warning;
use phteah_planning::said::Percent;

use super::{RankError, RankedSites};
use crate::tiles::plane::Plane;

/// Id of a drawn site among the others.
pub const ID: &str = "drawn";

/// The most corners of a drawn outline.
pub const MOST_CORNERS: usize = 2000;

/// The most square metres of a drawn site: 10 km², more than any relocation site.
const LARGEST_M2: f64 = 10_000_000.0;

/// Cut away shares below this are drawing inaccuracy.
const WORTH_TELLING: f64 = 0.005;

/// What is stated of the land of a drawn site; where nothing is, the parcels under it are asked.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Land {
    /// Its tenure.
    pub tenure: Option<Tenure>,
    /// Its price in US$ per m².
    pub price_usd_m2: Option<f64>,
}

/// Why a drawn outline is no site.
#[derive(Debug, thiserror::Error)]
pub enum DrawnError {
    /// It is no polygon of finite corners.
    #[error("{0}")]
    NoPolygon(String),
    /// A corner lies beyond what the layers cover.
    #[error("A corner lies outside the area that the layers cover: draw the site within the map's data.")]
    Outside,
    /// It crosses itself.
    #[error("The outline crosses or touches itself: move its corners so that no two sides meet.")]
    Crossing,
    /// Not a single plot fits.
    #[error("The drawn site has {area:.0} m², less than a single plot of {plot:.0} m²: draw it larger.")]
    TooSmall {
        /// Its area.
        area: f64,
        /// The plot's.
        plot: f64,
    },
    /// Larger than any site.
    #[error("The drawn site has {:.0} km², more than the {:.0} km² that a site may have: draw a part of it.", area / 1e6, LARGEST_M2 / 1e6)]
    TooLarge {
        /// Its area.
        area: f64,
    },
    /// Nothing of it may be built on.
    #[error("{0}")]
    NothingLeft(String),
    /// It cannot be measured or ranked.
    #[error(transparent)]
    Rank(#[from] RankError),
}

/// An outline in the deployment's CRS, checked. Rings are in degrees (WGS 84), closed or not.
pub fn outline(
    catalogue: &Catalogue,
    bounds: [f64; 4],
    plot_m2: f64,
    rings: &[Vec<[f64; 2]>],
) -> Result<MultiPolygon<f64>, DrawnError> {
    let corners: usize = rings.iter().map(Vec::len).sum();
    if corners > MOST_CORNERS {
        let message =
            format!("The outline has {corners} corners, more than {MOST_CORNERS}: draw it more simply.");
        return Err(DrawnError::NoPolygon(message));
    }
    let [west, south, east, north] = bounds;
    let within = |[lon, lat]: &[f64; 2]| (west..=east).contains(lon) && (south..=north).contains(lat);
    if !rings.iter().flatten().all(within) {
        return Err(DrawnError::Outside);
    }
    let read = |e: LayersError| DrawnError::Rank(RankError::Read(e));
    let to_plane = Reprojector::new(&Crs::wgs84(), &catalogue.crs().map_err(read)?).map_err(read)?;
    let mut lines = Vec::with_capacity(rings.len());
    for ring in rings {
        let mut line = Vec::with_capacity(ring.len() + 1);
        for &[lon, lat] in ring {
            let (x, y) = to_plane.point(lon, lat).map_err(read)?;
            line.push(Coord { x, y });
        }
        // A double click leaves the same corner twice.
        line.dedup();
        let mut line = LineString(line);
        line.close();
        if line.0.len() < 4 {
            let message = "The outline has fewer than three corners: draw at least three.".to_owned();
            return Err(DrawnError::NoPolygon(message));
        }
        lines.push(line);
    }
    if lines.is_empty() {
        let message = "The outline is empty: draw at least three corners.".to_owned();
        return Err(DrawnError::NoPolygon(message));
    }
    let polygon = Polygon::new(lines.remove(0), lines);
    if !polygon.is_valid() {
        return Err(DrawnError::Crossing);
    }
    let shape = MultiPolygon(vec![polygon]);
    let area = phteah_geoproc::surface::area(&shape);
    if area < plot_m2 {
        return Err(DrawnError::TooSmall { area, plot: plot_m2 });
    }
    if area > LARGEST_M2 {
        return Err(DrawnError::TooLarge { area });
    }
    Ok(shape)
}

/// The ranking with the drawn site in it, as its last row, and what a planner should know of it alone.
pub fn rank(
    ranked: &RankedSites,
    ground: &Ground,
    catalogue: &Catalogue,
    shape: &MultiPolygon<f64>,
    land: Land,
) -> Result<(RankedSites, Vec<Warning>), DrawnError> {
    let scenario = &ranked.scenario;
    let plot = DrawnSite {
        id: ID,
        shape,
        tenure: land.tenure,
        price_usd_m2: land.price_usd_m2,
    };
    let (drawn, refused) = ground
        .drawn(catalogue, scenario, &[plot], &mut NoProgress)
        .map_err(RankError::from_layers)?;
    if let Some((_, why)) = refused.into_iter().next() {
        return Err(DrawnError::NothingLeft(why));
    }
    let mut warnings: Vec<Warning> = drawn
        .warnings
        .iter()
        .filter(|warning| !ranked.measured.warnings.contains(warning))
        .cloned()
        .collect();
    for site in &drawn.sites {
        let cut = 1.0 - site.area_m2 / phteah_geoproc::surface::area(shape);
        if cut > WORTH_TELLING {
            let share = Percent(cut.max(0.01));
            warnings.push(Notice::PartCutOut { share }.into());
        }
        if site.capacity < scenario.sites.min_capacity {
            let notice = Notice::FewHouseholds {
                households: site.capacity as usize,
                asked: scenario.sites.min_capacity as usize,
            };
            warnings.push(notice.into());
        }
    }
    let measured = Arc::new(joined(&ranked.measured, drawn).map_err(DrawnError::Rank)?);
    let plane = Plane::of(&catalogue.crs().map_err(RankError::Read)?).map_err(RankError::Read)?;
    let all = RankedSites::decide(ranked.id.clone(), scenario.clone(), measured, catalogue, &plane)?;
    Ok((all, warnings))
}

/// The sites of a ranking and a drawn one, in one matrix.
fn joined(all: &Measured, drawn: Measured) -> Result<Measured, RankError> {
    let contradiction =
        |cause: String| RankError::Layers(format!("The drawn site could not be ranked: {cause}."));
    let ids = all.matrix.ids().iter().chain(drawn.matrix.ids()).cloned();
    let mut matrix = Matrix::new(ids.collect()).map_err(|e| contradiction(e.to_string()))?;
    for (name, column) in all.matrix.columns() {
        let own = drawn
            .matrix
            .column(name)
            .ok_or_else(|| contradiction(format!("{name} was not measured")))?;
        let column = Column::from_cells(column.cells().chain(own.cells()))
            .and_then(|column| matrix.push(name, column));
        column.map_err(|e| contradiction(e.to_string()))?;
    }
    Ok(Measured {
        sites: all.sites.iter().cloned().chain(drawn.sites).collect(),
        matrix,
        inputs: all.inputs.clone(),
        warnings: all.warnings.clone(),
        dropped: Vec::new(),
        units: all.units.clone(),
    })
}
