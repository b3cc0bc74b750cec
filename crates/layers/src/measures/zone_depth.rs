//! Flood measures from flood zones, where no depths are loaded: coarser, and always between bounds that hold.
//!
//! A zone of the return period that is asked for counts, else one that states none. How deep the water stands in it lies between its stated
//! depths; where it states none, between nothing and [`DEEPEST`]. What was not seen, or lies where the zones are not complete, may be
//! anything. A year's expectation needs zones of stated return periods; without them it lies between nothing and the flood that is mapped.

use phteah_geoproc::annual;
use phteah_geoproc::exposure::Bounds;
use phteah_geoproc::overlay::Zones;
use phteah_planning::matrix::{Cell, Column, Unknown};
use phteah_planning::measure::{AnnualStatistic, DepthStatistic, Measure};

use super::column;
use super::input::Inputs;
use super::sites::Site;
use super::zones::{FloodZone, FloodZones, LEAST_UNKNOWN, share};
use crate::error::{LayersError, Result};
use crate::schema::Role;

/// No flood in a settlement is deeper, in metres.
const DEEPEST: f64 = 20.0;

/// Whether a measure asks for depths that no raster holds.
pub(super) fn wanted(inputs: &Inputs<'_>, measures: &[Measure]) -> bool {
    let catalogue = inputs.catalogue();
    let loaded: Vec<u32> = catalogue
        .of_role(Role::FloodDepth)
        .filter_map(|layer| layer.return_period)
        .collect();
    measures.iter().any(|measure| match measure {
        Measure::FloodDepth { return_period, .. } => !loaded.contains(return_period),
        Measure::AnnualFlood { .. } => loaded.is_empty(),
        _ => false,
    })
}

/// What is asked of the water over a site.
#[derive(Clone, Copy)]
enum Asked {
    Mean,
    Max,
    DeeperThan(f64),
}

/// The column of a flood measure; `None` where no zone says anything of it.
pub(super) fn of(zones: &FloodZones, measure: &Measure, sites: &[Site]) -> Result<Option<Column>> {
    let found = match *measure {
        Measure::FloodDepth {
            return_period,
            statistic,
            deeper_than_m,
        } => {
            let asked = match statistic {
                DepthStatistic::Mean => Asked::Mean,
                DepthStatistic::Max => Asked::Max,
                DepthStatistic::DeeperShare => Asked::DeeperThan(deeper_than_m.unwrap_or(0.0)),
            };
            at_period(zones, return_period, asked, sites)
        }
        Measure::AnnualFlood { statistic } => {
            let asked = match statistic {
                AnnualStatistic::Depth => Asked::Mean,
                AnnualStatistic::Share => Asked::DeeperThan(0.0),
            };
            in_a_year(zones, asked, sites)?
        }
        _ => None,
    };
    let Some(found) = found else { return Ok(None) };
    let cell = |bounds: Option<Bounds>| match bounds {
        None => Cell::Unknown(Unknown::NoData),
        Some(Bounds { lowest, highest }) if highest - lowest <= LEAST_UNKNOWN => Cell::Known(lowest),
        Some(Bounds { lowest, highest }) => Cell::Interval(lowest, highest),
    };
    Ok(Some(column(found.into_iter().map(cell))?.coarser()))
}

fn at_period(zones: &FloodZones, years: u32, asked: Asked, sites: &[Site]) -> Option<Vec<Option<Bounds>>> {
    let of = |period: Option<u32>| -> Vec<&FloodZone> {
        zones
            .zones
            .iter()
            .filter(|zone| zone.return_period == period)
            .collect()
    };
    let mut chosen = of(Some(years));
    if chosen.is_empty() {
        chosen = of(None);
    }
    (!chosen.is_empty()).then(|| bounds(zones, &chosen, asked, sites))
}

fn in_a_year(zones: &FloodZones, asked: Asked, sites: &[Site]) -> Result<Option<Vec<Option<Bounds>>>> {
    let mut periods: Vec<u32> = zones.zones.iter().filter_map(|zone| zone.return_period).collect();
    periods.sort_unstable();
    periods.dedup();
    // A flood that comes more than once a year has no place on the scale.
    periods.retain(|&years| years > 1);
    if periods.is_empty() {
        let all: Vec<&FloodZone> = zones.zones.iter().collect();
        let lowest = |found: Option<Bounds>| {
            found.map(|bounds| Bounds {
                lowest: 0.0,
                ..bounds
            })
        };
        let found = (!all.is_empty()).then(|| bounds(zones, &all, asked, sites));
        return Ok(found.map(|found| found.into_iter().map(lowest).collect()));
    }
    let years: Vec<f64> = periods.iter().map(|&years| f64::from(years)).collect();
    let weights = annual::weights(&years).map_err(|e| LayersError::refused(e.to_string()))?;
    let known: Vec<Vec<Option<Bounds>>> = periods
        .iter()
        .filter_map(|&years| at_period(zones, years, asked, sites))
        .collect();
    let expected = |site: usize, end: fn(&Bounds) -> f64| {
        let of_periods: Vec<Option<f64>> = known.iter().map(|known| known[site].as_ref().map(end)).collect();
        annual::expected(&weights, of_periods)
    };
    let of_site = |site: usize| {
        let ends = expected(site, |b| b.lowest).zip(expected(site, |b| b.highest));
        ends.map(|(lowest, highest)| Bounds { lowest, highest })
    };
    Ok(Some((0..sites.len()).map(of_site).collect()))
}

/// What can be said of each site by these zones; `None` where nothing can.
fn bounds(all: &FloodZones, zones: &[&FloodZone], asked: Asked, sites: &[Site]) -> Vec<Option<Bounds>> {
    // Class 0 is all that floods, class 1 what was not seen, then one for each depth range: zones of one range may overlap.
    let mut ranges: Vec<(f64, f64)> = Vec::new();
    let mut parts: Vec<(&geo::MultiPolygon<f64>, usize)> = Vec::new();
    for zone in zones {
        if zone.is_unseen() {
            parts.push((&zone.shape, 1));
        } else if zone.is_wet() {
            let least = zone.depth.0.unwrap_or(0.0);
            let range = (least, zone.depth.1.unwrap_or(DEEPEST).max(least));
            let number = ranges
                .iter()
                .position(|known| *known == range)
                .unwrap_or_else(|| {
                    ranges.push(range);
                    ranges.len() - 1
                });
            parts.push((&zone.shape, 0));
            parts.push((&zone.shape, 2 + number));
        }
    }
    let shapes: Vec<&geo::MultiPolygon<f64>> = sites.iter().map(|site| &site.shape).collect();
    let overlaid = Zones::new(parts).overlay(&shapes);
    let of_site = |(found, shape): (phteah_geoproc::overlay::FeatureZones, &&geo::MultiPolygon<f64>)| {
        let wet = share(&found, 0);
        let open = (share(&found, 1) + 1.0 - all.covered.share(shape)).clamp(0.0, 1.0 - wet);
        let open = if open > LEAST_UNKNOWN { open } else { 0.0 };
        if open >= 1.0 {
            return None;
        }
        let here: Vec<(f64, f64, f64)> = ranges
            .iter()
            .enumerate()
            .map(|(number, &(least, most))| (share(&found, 2 + number), least, most))
            .filter(|(share, ..)| *share > 0.0)
            .collect();
        let most_of = |pick: fn(&(f64, f64, f64)) -> f64| here.iter().map(pick).fold(0.0, f64::max);
        Some(match asked {
            Asked::Mean => {
                let sum: f64 = here.iter().map(|(share, _, most)| share * most).sum();
                Bounds {
                    lowest: most_of(|(share, least, _)| share * least),
                    highest: sum.min(wet * most_of(|(.., most)| *most)) + open * DEEPEST,
                }
            }
            Asked::Max => Bounds {
                lowest: most_of(|(_, least, _)| *least),
                highest: if open > 0.0 {
                    DEEPEST
                } else {
                    most_of(|(.., most)| *most)
                },
            },
            Asked::DeeperThan(limit) => {
                let deeper = |depth: f64| depth > limit || limit <= 0.0;
                let sure = here.iter().filter(|(_, least, _)| deeper(*least));
                let may: f64 = here
                    .iter()
                    .filter(|(.., most)| deeper(*most))
                    .map(|(share, ..)| share)
                    .sum();
                Bounds {
                    lowest: sure.map(|(share, ..)| *share).fold(0.0, f64::max),
                    highest: may.min(wet) + open,
                }
            }
        })
    };
    overlaid.into_iter().zip(&shapes).map(of_site).collect()
}
