//! Services near by and the sites of the published decision, as lists for the phone: what a family is referred to, and where it may move.

use geo::{Centroid, Geometry, InteriorPoint};
use jiff::Timestamp;
use phteah_layers::{Catalogue, Feature, LayerEntry, LayersError, Query, Role};
use phteah_planning::day::{Day, PartialDate};
use serde_json::{Value, json};

use super::ground::{Ground, in_world};
use super::inputs::Inputs;
use crate::tiles::plane::Plane;

/// The most things of a list. A phone is asked for the nearest of them, not for a register of the country.
const MOST: usize = 5_000;

/// Kinds that families are sent to from all over the deployment.
const FROM_AFAR: [&str; 2] = ["hospital", "social_service"];

/// The two lists.
#[derive(Debug, Default)]
pub struct Places {
    /// Services.
    pub services: Vec<Value>,
    /// Sites.
    pub sites: Vec<Value>,
}

/// Services and sites for whoever has these inputs. Services that had closed by `now` are left out; those that will open say when.
pub fn of(catalogue: &Catalogue, inputs: &Inputs, now: Timestamp) -> Result<Places, LayersError> {
    // Where no boundary tells the area, nothing is known to be far away.
    let ground = Ground::of(catalogue, &inputs.area)?;
    let is_near = |at| ground.as_ref().is_none_or(|ground| ground.is_near(at));
    let plane = Plane::of(&catalogue.crs()?)?;
    let today = now
        .to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(7)))
        .date();
    let today = Day::new(
        today.year().unsigned_abs(),
        today.month().unsigned_abs(),
        today.day().unsigned_abs(),
    );
    let mut places = Places::default();
    for (layer, entry) in layers(inputs) {
        // A hurt layer is told by the map that is drawn of it; the others' places are of use all the same.
        let Ok(features) = catalogue.vector(&entry.name) else {
            continue;
        };
        features.for_each(&Query::default(), |feature| {
            let found = middle(&feature).and_then(|(x, y)| Some((in_world(&plane, x, y)?, plane.to_degrees(x, y)?)));
            let Some((at, (lon, lat))) = found else {
                return Ok::<(), LayersError>(());
            };
            let (lon, lat) = (rounded(lon), rounded(lat));
            if layer == "services" {
                let kind = feature.text("kind").unwrap_or_default();
                let wanted = is_near(at) || FROM_AFAR.contains(&kind);
                let is_closed = today.is_some_and(|today| has_closed(&feature, today));
                if wanted && !is_closed && places.services.len() < MOST {
                    places.services.push(json!({
                        "id": feature.id, "layer": entry.name, "kind": feature.text("kind"),
                        "name": feature.text("name"), "name_km": feature.text("name_km"),
                        "lon": lon, "lat": lat, "opened": feature.text("opened"), "closed": feature.text("closed"),
                    }));
                }
            } else if feature.text("status") != Some("excluded") && places.sites.len() < MOST {
                places.sites.push(json!({
                    "id": feature.id, "name": feature.text("name"), "name_km": feature.text("name_km"),
                    "lon": lon, "lat": lat,
                }));
            }
            Ok(())
        })?;
    }
    Ok(places)
}

/// The layers of services and sites that may be seen, each once.
fn layers(inputs: &Inputs) -> Vec<(&'static str, &LayerEntry)> {
    let mut layers: Vec<(&'static str, &LayerEntry)> = inputs
        .slices
        .iter()
        .filter(|slice| matches!(slice.entry.role, Role::Services | Role::RankedSites))
        .map(|slice| (slice.layer, &slice.entry))
        .collect();
    layers.dedup_by_key(|(_, entry)| entry.name.clone());
    layers
}

/// A place that stands for the feature, on it.
fn middle(feature: &Feature) -> Option<(f64, f64)> {
    let point = match feature.geometry.as_ref()? {
        Geometry::Point(point) => *point,
        areas @ (Geometry::Polygon(_) | Geometry::MultiPolygon(_)) => areas.interior_point()?,
        other => other.centroid()?,
    };
    Some(point.x_y())
}

/// Whether a service is known to be closed for good. One that opened again after its closing is open.
fn has_closed(feature: &Feature, today: Day) -> bool {
    let date = |field: &str| feature.text(field).and_then(PartialDate::parse);
    let Some(closed) = date("closed") else {
        return false;
    };
    let reopened = date("opened").is_some_and(|opened| closed.latest < opened.earliest);
    !reopened && closed.latest <= today
}

/// Eleven centimetres.
fn rounded(degrees: f64) -> f64 {
    (degrees * 1e6).round() / 1e6
}
