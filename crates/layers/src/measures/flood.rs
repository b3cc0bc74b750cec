//! Flood depth at return periods, and expected over a year.

use phteah_geoproc::annual;
use phteah_geoproc::exposure::{Bounds, Exposure};
use phteah_planning::matrix::{Cell, Column, Unknown};
use phteah_planning::measure::{AnnualStatistic, DepthStatistic, Measure};
use phteah_planning::notice::Notice;

use super::input::Inputs;
use super::sites::Site;
use super::zones::FloodZones;
use super::{column, of_measures, rasters, unknown, zone_depth};
use crate::error::{LayersError, Result};
use crate::raster::RasterFile;
use crate::schema::Role;

/// The limit above which land counts as flooded in the expected annual flooded share.
const FLOODED: f64 = 0.0;

/// What is known of one measure over one site: its bounds, equal where it is known exactly.
type Known = Option<Bounds>;

pub(super) fn columns(
    inputs: &mut Inputs<'_>,
    zones: &FloodZones,
    measures: &[Measure],
    sites: &[Site],
) -> Result<Vec<(usize, Column)>> {
    let wanted = |m: &Measure| matches!(m, Measure::FloodDepth { .. } | Measure::AnnualFlood { .. });
    if !measures.iter().any(wanted) {
        return Ok(Vec::new());
    }
    let floods = Floods::load(inputs, sites.iter().map(|site| site.shape.clone()).collect())?;
    of_measures(measures, |measure| match *measure {
        Measure::FloodDepth { return_period, .. } if floods.of_period(return_period).next().is_none() => {
            let years = return_period as usize;
            let notices = (Notice::FloodFromZones { years }, Notice::NoFloodRaster { years });
            Some(from_zones(inputs, zones, measure, sites, notices))
        }
        Measure::AnnualFlood { .. } if floods.layers.is_empty() => {
            let notices = (Notice::YearFromZones, Notice::NoFloodDepths);
            Some(from_zones(inputs, zones, measure, sites, notices))
        }
        Measure::FloodDepth {
            return_period,
            statistic,
            deeper_than_m,
        } => Some(floods.depth(return_period, statistic, deeper_than_m.unwrap_or(FLOODED))),
        Measure::AnnualFlood { statistic } => Some(floods.annual(statistic)),
        _ => None,
    })
}

/// A measure whose depths are not loaded: what the flood zones say of it, else nothing; the first notice or the second.
fn from_zones(
    inputs: &mut Inputs<'_>,
    zones: &FloodZones,
    measure: &Measure,
    sites: &[Site],
    (from_zones, not_loaded): (Notice, Notice),
) -> Result<Column> {
    if let Some(found) = zone_depth::of(zones, measure, sites)? {
        inputs.warn(from_zones);
        return Ok(found);
    }
    inputs.warn(not_loaded);
    unknown(sites.len())
}

/// The flood depth rasters with the sites that they are asked about.
struct Floods {
    layers: Vec<(u32, RasterFile)>,
    shapes: Vec<geo::MultiPolygon<f64>>,
    crs: crate::Crs,
}

impl Floods {
    fn load(inputs: &mut Inputs<'_>, shapes: Vec<geo::MultiPolygon<f64>>) -> Result<Self> {
        let mut layers = Vec::new();
        for (entry, raster) in inputs.rasters(Role::FloodDepth)? {
            match entry.return_period {
                Some(years) => layers.push((years, raster)),
                None => inputs.warn(Notice::NoReturnPeriod {
                    layer: entry.name.clone(),
                }),
            }
        }
        let crs = inputs.catalogue().crs()?;
        Ok(Self { layers, shapes, crs })
    }

    fn of_period(&self, years: u32) -> impl Iterator<Item = &RasterFile> {
        self.layers
            .iter()
            .filter(move |(of, _)| *of == years)
            .map(|(_, raster)| raster)
    }

    fn depth(&self, years: u32, statistic: DepthStatistic, limit: f64) -> Result<Column> {
        let known = self.measured(&[years], limit, |exposure| match statistic {
            DepthStatistic::Mean => exposure.mean_bounds(),
            // The unknown part is taken to be no deeper than the deepest that is known.
            DepthStatistic::Max => exposure.known.map(|d| Bounds {
                lowest: d.max,
                highest: d.max,
            }),
            DepthStatistic::DeeperShare => exposure.deeper_share_bounds(),
        })?;
        known.first().map_or_else(
            || unknown(self.shapes.len()),
            |known| column(known.iter().map(cell)),
        )
    }

    fn annual(&self, statistic: AnnualStatistic) -> Result<Column> {
        let mut years: Vec<u32> = self.layers.iter().map(|(years, _)| *years).collect();
        years.sort_unstable();
        years.dedup();
        if years.is_empty() {
            return unknown(self.shapes.len());
        }
        let periods: Vec<f64> = years.iter().map(|&y| f64::from(y)).collect();
        let weights = annual::weights(&periods).map_err(|e| LayersError::refused(e.to_string()))?;
        let known = self.measured(&years, FLOODED, |exposure| match statistic {
            AnnualStatistic::Depth => exposure.mean_bounds(),
            AnnualStatistic::Share => exposure.deeper_share_bounds(),
        })?;
        let expected = |site: usize, end: fn(&Bounds) -> f64| {
            let of_periods: Vec<Option<f64>> = known.iter().map(|k| k[site].as_ref().map(end)).collect();
            annual::expected(&weights, of_periods)
        };
        column((0..self.shapes.len()).map(|site| {
            let bounds = expected(site, |b| b.lowest).zip(expected(site, |b| b.highest));
            cell(&bounds.map(|(lowest, highest)| Bounds { lowest, highest }))
        }))
    }

    /// A measure at each return period (outer) for each site (inner). Of several rasters of one period (the river's
    /// flood and the rain's, say) the worse counts; a period without any raster is unknown.
    fn measured(
        &self,
        years: &[u32],
        limit: f64,
        measure: impl Fn(&Exposure) -> Known,
    ) -> Result<Vec<Vec<Known>>> {
        let wanted: Vec<(u32, &RasterFile)> = self
            .layers
            .iter()
            .filter(|(of, _)| years.contains(of))
            .map(|(of, raster)| (*of, raster))
            .collect();
        let rasters: Vec<&RasterFile> = wanted.iter().map(|(_, raster)| *raster).collect();
        let exposures = rasters::exposures(&self.shapes, &self.crs, &rasters, limit)?;
        let of_period = |year: &u32| {
            let sources: Vec<&Vec<Exposure>> = wanted
                .iter()
                .zip(&exposures)
                .filter(|((of, _), _)| of == year)
                .map(|(_, e)| e)
                .collect();
            let worst = |site: usize| sources.iter().map(|e| measure(&e[site])).reduce(worse).flatten();
            (0..self.shapes.len()).map(worst).collect()
        };
        Ok(years.iter().map(of_period).collect())
    }
}

/// How deep one site stands under water at one return period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DepthAt {
    /// Annual return period in years.
    pub return_period: u32,
    /// Share of the site whose depth is known, 0 to 1.
    pub known_share: f64,
    /// Mean depth of the known part in metres; `None` where nothing is known.
    pub mean: Option<f64>,
    /// Depth of the deepest known part in metres.
    pub max: Option<f64>,
    /// Share of the known part under more than the profile's limit, 0 to 1.
    pub deeper_share: Option<f64>,
    /// The least that the mean of the whole site can be, and the greatest.
    pub mean_bounds: Option<Bounds>,
}

/// How deep one site stands under water at every return period that is loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct FloodProfile {
    /// By return period, ascending.
    pub depths: Vec<DepthAt>,
    /// The mean depth expected in a year, in metres: the least that it can be, and the greatest. `None` where a period is unknown.
    pub annual_depth: Option<Bounds>,
    /// The depth in metres over which `deeper_share` counts.
    pub limit_m: f64,
}

/// The flood profile of a shape in the deployment's CRS.
pub(super) fn profile(
    inputs: &mut Inputs<'_>,
    shape: &geo::MultiPolygon<f64>,
    limit_m: f64,
) -> Result<FloodProfile> {
    let floods = Floods::load(inputs, vec![shape.clone()])?;
    let rasters: Vec<&RasterFile> = floods.layers.iter().map(|(_, raster)| raster).collect();
    let exposures = rasters::exposures(&floods.shapes, &floods.crs, &rasters, limit_m)?;
    let mut depths: Vec<DepthAt> = Vec::new();
    for ((years, _), exposures) in floods.layers.iter().zip(&exposures) {
        let Some(exposure) = exposures.first() else {
            continue;
        };
        let found = DepthAt {
            return_period: *years,
            known_share: exposure.known_share,
            mean: exposure.known.map(|known| known.mean),
            max: exposure.known.map(|known| known.max),
            deeper_share: exposure.known.map(|known| known.deeper_share),
            mean_bounds: exposure.mean_bounds(),
        };
        match depths.iter_mut().find(|other| other.return_period == *years) {
            Some(other) => *other = worse_of(*other, found),
            None => depths.push(found),
        }
    }
    depths.sort_by_key(|depth| depth.return_period);
    let periods: Vec<f64> = depths
        .iter()
        .map(|depth| f64::from(depth.return_period))
        .collect();
    let expected = |end: fn(&Bounds) -> f64| {
        let weights = annual::weights(&periods).ok()?;
        let bounds: Vec<Option<f64>> = depths
            .iter()
            .map(|depth| depth.mean_bounds.as_ref().map(end))
            .collect();
        annual::expected(&weights, bounds)
    };
    let annual_depth = expected(|b| b.lowest)
        .zip(expected(|b| b.highest))
        .map(|(lowest, highest)| Bounds { lowest, highest });
    Ok(FloodProfile {
        depths,
        annual_depth,
        limit_m,
    })
}

/// The worse of two floods of one return period, the river's and the rain's, say; where one is unknown, so is the worse.
fn worse_of(a: DepthAt, b: DepthAt) -> DepthAt {
    let worse_number = |a: Option<f64>, b: Option<f64>| a.zip(b).map(|(a, b)| a.max(b));
    DepthAt {
        return_period: a.return_period,
        known_share: a.known_share.min(b.known_share),
        mean: worse_number(a.mean, b.mean),
        max: worse_number(a.max, b.max),
        deeper_share: worse_number(a.deeper_share, b.deeper_share),
        mean_bounds: worse(a.mean_bounds, b.mean_bounds),
    }
}

/// The worse of two floods; where one of them is unknown, so is the worse.
fn worse(a: Known, b: Known) -> Known {
    let (a, b) = (a?, b?);
    Some(Bounds {
        lowest: a.lowest.max(b.lowest),
        highest: a.highest.max(b.highest),
    })
}

fn cell(known: &Known) -> Cell<'static> {
    match *known {
        None => Cell::Unknown(Unknown::NoData),
        Some(Bounds { lowest, highest }) if lowest >= highest => Cell::Known(lowest),
        Some(Bounds { lowest, highest }) => Cell::Interval(lowest, highest),
    }
}
