//! Share of a site inside mapped flood zones.

use phteah_geoproc::overlay::{FeatureZones, Zones};
use phteah_planning::matrix::{Cell, Column, Unknown};
use phteah_planning::measure::Measure;
use phteah_planning::notice::Notice;

use super::covered::Covered;
use super::input::Inputs;
use super::sites::{Site, polygons};
use super::{column, of_measures, unknown, zone_depth};
use crate::error::Result;
use crate::schema::Role;
use crate::value::Value;

/// The class of zones in which nothing was seen: that is not dry, it is not known.
const NOT_SEEN: &str = "unknown";
/// The class of zones that stay dry.
const DRY: &str = "dry";

/// A flood zone.
#[derive(Debug)]
pub(super) struct FloodZone {
    pub(super) shape: geo::MultiPolygon<f64>,
    class: Option<String>,
    /// Least and greatest depth in metres, as far as they are stated.
    pub(super) depth: (Option<f64>, Option<f64>),
    /// Annual return period in years.
    pub(super) return_period: Option<u32>,
}

impl FloodZone {
    /// Whether nobody saw what is here.
    pub(super) fn is_unseen(&self) -> bool {
        self.class.as_deref() == Some(NOT_SEEN)
    }

    /// Whether it floods.
    pub(super) fn is_wet(&self) -> bool {
        !matches!(self.class.as_deref(), Some(NOT_SEEN | DRY))
    }
}

/// Flood zones, and where they are complete.
#[derive(Debug, Default)]
pub(super) struct FloodZones {
    /// Whether a layer of them is loaded.
    pub(super) loaded: bool,
    pub(super) zones: Vec<FloodZone>,
    pub(super) covered: Covered,
}

/// Reads the flood zones where a measure asks for them, or where they stand for depths that are not loaded.
pub(super) fn load(inputs: &mut Inputs<'_>, measures: &[Measure]) -> Result<FloodZones> {
    let asked = measures.iter().any(|m| matches!(m, Measure::ZoneShare { .. }));
    if !asked && !zone_depth::wanted(inputs, measures) {
        return Ok(FloodZones::default());
    }
    let mut zones = Vec::new();
    let layers = inputs.features(Role::FloodZones, |feature| {
        let zone = FloodZone {
            shape: geo::MultiPolygon::new(Vec::new()),
            class: feature.text("class").map(str::to_owned),
            depth: (feature.number("depth_min_m"), feature.number("depth_max_m")),
            return_period: feature
                .get("return_period")
                .and_then(Value::as_i64)
                .and_then(|years| u32::try_from(years).ok()),
        };
        if let Some(shape) = feature.geometry.and_then(polygons) {
            zones.push(FloodZone { shape, ..zone });
        }
    })?;
    if layers == 0 && asked {
        inputs.warn(Notice::NoFloodZones);
    }
    Ok(FloodZones {
        loaded: layers > 0,
        zones,
        covered: Covered::load(inputs, Role::FloodZones)?,
    })
}

pub(super) fn columns(
    zones: &FloodZones,
    measures: &[Measure],
    sites: &[Site],
) -> Result<Vec<(usize, Column)>> {
    let shapes: Vec<&geo::MultiPolygon<f64>> = sites.iter().map(|site| &site.shape).collect();
    of_measures(measures, |measure| {
        let Measure::ZoneShare { class: wanted } = measure else {
            return None;
        };
        if !zones.loaded {
            return Some(unknown(sites.len()));
        }
        let is_wanted = |zone: &&FloodZone| match wanted {
            Some(wanted) => zone.class.as_deref() == Some(wanted),
            None => zone.is_wet(),
        };
        // Class 0 is the one asked for, class 1 what was not seen; all other zones do not matter here.
        let asked = zones.zones.iter().filter(is_wanted).map(|zone| (&zone.shape, 0));
        let unseen = zones.zones.iter().filter(|zone| zone.is_unseen());
        let prepared = Zones::new(asked.chain(unseen.map(|zone| (&zone.shape, 1))));
        let found = prepared.overlay(&shapes);
        let cell = |(found, shape): (FeatureZones, &&geo::MultiPolygon<f64>)| {
            let (inside, unseen) = (share(&found, 0), share(&found, 1));
            // Beyond where the zones are complete, nobody knows.
            let unknown = unseen + (1.0 - zones.covered.share(shape));
            if unknown >= 1.0 && inside <= 0.0 {
                Cell::Unknown(Unknown::NoData)
            } else if unknown > LEAST_UNKNOWN && inside < 1.0 {
                Cell::Interval(inside, (inside + unknown).min(1.0))
            } else {
                Cell::Known(inside)
            }
        };
        Some(column(found.into_iter().zip(&shapes).map(cell)))
    })
}

/// Less than this share is rounding.
pub(super) const LEAST_UNKNOWN: f64 = 1e-9;

/// The share of a site in the zones of a class.
pub(super) fn share(found: &FeatureZones, class: usize) -> f64 {
    let of_class = found.classes.iter().find(|c| c.class == class);
    of_class.map_or(0.0, |c| c.share.min(1.0))
}
