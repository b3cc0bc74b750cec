//! Share of a site inside mapped flood zones.

use phteah_geoproc::overlay::Zones;
use phteah_planning::matrix::{Cell, Column};
use phteah_planning::measure::Measure;
use phteah_planning::notice::Notice;

use super::input::Inputs;
use super::sites::{Site, polygons};
use super::{column, of_measures, unknown};
use crate::error::Result;
use crate::schema::Role;

/// The class of zones in which nothing was seen: that is not dry, it is not known.
const NOT_SEEN: &str = "unknown";

/// Flood zones with their classes; `None` where none are loaded.
pub(super) type FloodZones = Option<Vec<(geo::MultiPolygon<f64>, Option<String>)>>;

/// Reads the flood zones where a measure asks for them.
pub(super) fn load(inputs: &mut Inputs<'_>, measures: &[Measure]) -> Result<FloodZones> {
    if !measures.iter().any(|m| matches!(m, Measure::ZoneShare { .. })) {
        return Ok(None);
    }
    let mut zones = Vec::new();
    let layers = inputs.features(Role::FloodZones, |feature| {
        let class = feature.text("class").map(str::to_owned);
        if let Some(shape) = feature.geometry.and_then(polygons) {
            zones.push((shape, class));
        }
    })?;
    if layers == 0 {
        inputs.warn(Notice::NoFloodZones);
    }
    Ok((layers > 0).then_some(zones))
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
        let Some(zones) = zones else {
            return Some(unknown(sites.len()));
        };
        let is_wanted = |class: &Option<String>| match wanted {
            Some(wanted) => class.as_deref() == Some(wanted),
            None => class.as_deref() != Some(NOT_SEEN),
        };
        // Class 0 is the one asked for, class 1 what was not seen; all other zones do not matter here.
        let asked = zones
            .iter()
            .filter(|(_, class)| is_wanted(class))
            .map(|(shape, _)| (shape, 0));
        let not_seen = zones
            .iter()
            .filter(|(_, class)| class.as_deref() == Some(NOT_SEEN))
            .map(|(shape, _)| (shape, 1));
        let prepared = Zones::new(asked.chain(not_seen));
        let cell = |found: phteah_geoproc::overlay::FeatureZones| {
            let share = |class| {
                found
                    .classes
                    .iter()
                    .find(|c| c.class == class)
                    .map_or(0.0, |c| c.share.min(1.0))
            };
            let (inside, unseen) = (share(0), share(1));
            if unseen > 0.0 {
                Cell::Interval(inside, (inside + unseen).min(1.0))
            } else {
                Cell::Known(inside)
            }
        };
        Some(column(prepared.overlay(&shapes).into_iter().map(cell)))
    })
}
