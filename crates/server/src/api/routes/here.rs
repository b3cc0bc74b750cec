//! What is here? Every layer that the reader looks at, asked about one place on the map.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use geo::{Contains, Distance, Euclidean, Geometry, Point};
use phteah_layers::{
    Catalogue, Crs, Feature, LayerEntry, LayerKind, LayersError, Query, Reprojector, Role, Value,
};
use serde::Deserialize;

use super::rankings::kept;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::QueryParts;
use crate::api::types::{Here, HereCell, HereFeature, HereLayer, HereValue, Text};
use crate::partner::{code_in_both, meaning_in_both};
use crate::ranking::RankedSites;
use crate::state::AppState;

/// The most features that one layer answers with: a click on a pile of them needs no more.
const MOST_FEATURES: usize = 5;

/// How far from the place a line or a point may lie at the most, in metres.
const FARTHEST_M: f64 = 500.0;

/// What is asked.
#[derive(Debug, Deserialize)]
pub struct HereQuery {
    lon: f64,
    lat: f64,
    /// Lines and points up to so many metres away count too.
    #[serde(default)]
    within_m: f64,
    /// Names of layers, separated by commas; all where left out.
    layers: Option<String>,
    /// A ranking, by which parcels say why they are in no site.
    ranking: Option<String>,
}

/// What the layers say about a place: features with their values and source, and the cells of rasters.
#[utoipa::path(get, path = "/api/here", operation_id = "here",
    params(
        ("lon" = f64, Query, description = "Longitude in degrees"),
        ("lat" = f64, Query, description = "Latitude in degrees"),
        ("within_m" = Option<f64>, Query, description = "Lines and points up to so many metres away count too, at most 500"),
        ("layers" = Option<String>, Query, description = "Names of layers, separated by commas; all where left out"),
        ("ranking" = Option<String>, Query, description = "A ranking's id, by which parcels say why they are in no site"),
    ),
    responses((status = 200, body = Here), (status = "default", body = ErrorBody)))]
pub async fn here(
    State(state): State<Arc<AppState>>,
    QueryParts(query): QueryParts<HereQuery>,
) -> Result<Json<Here>, ApiError> {
    if !(query.lon.abs() <= 180.0 && query.lat.abs() <= 90.0) {
        return Err(ApiError::bad_parameter(
            "lon",
            "lon and lat must be degrees: lon from -180 to 180, lat from -90 to 90.",
        ));
    }
    if !(0.0..=FARTHEST_M).contains(&query.within_m) {
        return Err(ApiError::bad_parameter(
            "within_m",
            format!("within_m must be metres from 0 to {FARTHEST_M}."),
        ));
    }
    let ranked = match query.ranking.as_deref() {
        Some(id) => Some(kept(&state, id).await?),
        None => None,
    };
    let reader = Arc::clone(&state);
    let answer = state
        .work(move || {
            let catalogue = reader.catalogue()?;
            Ok(ask(&catalogue, &query, ranked.as_deref())?)
        })
        .await?;
    Ok(Json(answer))
}

fn ask(catalogue: &Catalogue, query: &HereQuery, ranked: Option<&RankedSites>) -> Result<Here, LayersError> {
    let place = Reprojector::new(&Crs::wgs84(), &catalogue.crs()?)?.point(query.lon, query.lat);
    let wanted = |entry: &&LayerEntry| {
        let named = |names: &String| names.split(',').any(|name| name == entry.name);
        query.layers.as_ref().is_none_or(named)
    };
    let mut answers = Vec::new();
    for entry in catalogue.layers().iter().filter(wanted) {
        let answer = match entry.kind {
            LayerKind::Raster => Some(cell(catalogue, entry, query)?),
            LayerKind::Vector => match place {
                Ok((x, y)) => features(catalogue, entry, Point::new(x, y), query.within_m, ranked)?,
                // A place that the deployment's plane does not have is far from all of its layers.
                Err(_) => None,
            },
        };
        answers.extend(answer);
    }
    Ok(Here {
        lon: query.lon,
        lat: query.lat,
        answers,
    })
}

fn about(entry: &LayerEntry) -> HereLayer {
    HereLayer {
        layer: entry.name.clone(),
        role: entry.role.to_string(),
        title: entry.title.clone(),
        source: entry.source.clone(),
        illustrative: entry.illustrative,
        features: Vec::new(),
        more: false,
        cell: None,
    }
}

fn cell(catalogue: &Catalogue, entry: &LayerEntry, query: &HereQuery) -> Result<HereLayer, LayersError> {
    let raster = catalogue.raster(&entry.name)?;
    let crs = raster.crs().cloned().map_or_else(|| catalogue.crs(), Ok)?;
    let grid = raster.grid();
    let at = Reprojector::new(&Crs::wgs84(), &crs)?
        .point(query.lon, query.lat)
        .ok()
        .and_then(|(x, y)| grid.cell_at(x, y));
    let value = match at {
        Some(cell) => {
            let block = raster.read(cell)?;
            (block.valid.first() == Some(&true)).then(|| f64::from(block.values[0]))
        }
        None => None,
    };
    Ok(HereLayer {
        cell: Some(HereCell {
            value,
            unit: entry.unit.clone(),
            return_period: entry.return_period,
        }),
        ..about(entry)
    })
}

fn features(
    catalogue: &Catalogue,
    entry: &LayerEntry,
    place: Point<f64>,
    within_m: f64,
    ranked: Option<&RankedSites>,
) -> Result<Option<HereLayer>, LayersError> {
    let (x, y) = place.x_y();
    let bbox = Some([x - within_m, y - within_m, x + within_m, y + within_m]);
    let mut found: Vec<(f64, Feature)> = Vec::new();
    let query = Query {
        bbox,
        ..Query::default()
    };
    let mut more = false;
    catalogue.vector(&entry.name)?.for_each(&query, |feature| {
        let Some(distance) = feature
            .geometry
            .as_ref()
            .and_then(|shape| away(shape, place, within_m))
        else {
            return Ok::<(), LayersError>(());
        };
        let at = found.partition_point(|(nearer, _)| *nearer <= distance);
        found.insert(at, (distance, feature));
        more |= found.len() > MOST_FEATURES;
        found.truncate(MOST_FEATURES);
        Ok(())
    })?;
    if found.is_empty() {
        return Ok(None);
    }
    let features = found
        .into_iter()
        .map(|(distance, feature)| told(entry, &feature, distance, ranked))
        .collect();
    Ok(Some(HereLayer {
        features,
        more,
        ..about(entry)
    }))
}

/// How far a shape lies from the place, in metres; `None` where it is too far. Areas count where they hold the place.
fn away(shape: &Geometry<f64>, place: Point<f64>, within_m: f64) -> Option<f64> {
    match shape {
        Geometry::Polygon(area) => area.contains(&place).then_some(0.0),
        Geometry::MultiPolygon(area) => area.contains(&place).then_some(0.0),
        other => {
            let distance = Euclidean.distance(other, &Geometry::Point(place));
            (distance <= within_m).then_some(distance)
        }
    }
}

/// Fields that are names of the feature, which stand apart.
const NAMES: [&str; 2] = ["name", "name_km"];

/// Whether a field is told as a value: names stand apart, and what a layer keeps for searching and for travel is nothing to read.
fn is_told(role: Role, field: &str) -> bool {
    let working = field == "name_search" || role == Role::Roads && matches!(field, "joins" | "level");
    !working && !NAMES.contains(&field)
}

fn told(entry: &LayerEntry, feature: &Feature, distance_m: f64, ranked: Option<&RankedSites>) -> HereFeature {
    let name = |field: &str| feature.text(field).map(str::to_owned);
    let (en, km) = (name("name"), name("name_km"));
    let values = feature.fields.iter().zip(&feature.values);
    let (site, no_site) = match ranked {
        Some(ranked) if entry.role == Role::Parcels => belongs(feature, ranked),
        _ => (None, None),
    };
    HereFeature {
        id: feature.id.clone(),
        name: en.clone().or_else(|| km.clone()).map(|either| Text {
            en: en.unwrap_or_else(|| either.clone()),
            km: km.unwrap_or(either),
        }),
        distance_m,
        values: values
            .filter(|(field, _)| is_told(entry.role, &field.name))
            .map(|(field, value)| HereValue {
                field: field.name.clone(),
                meaning: field.meaning.as_deref().map(meaning_in_both),
                unit: field.unit.as_deref().map(meaning_in_both),
                says: value
                    .as_ref()
                    .and_then(Value::as_str)
                    .and_then(|code| code_in_both(entry.role, &field.name, code)),
                value: value.as_ref().map_or(serde_json::Value::Null, Value::to_json),
            })
            .collect(),
        site,
        no_site,
    }
}

/// The site that a parcel is part of, or why it is part of none.
fn belongs(parcel: &Feature, ranked: &RankedSites) -> (Option<String>, Option<String>) {
    let site = ranked
        .measured
        .sites
        .iter()
        .find(|site| site.parcels.contains(&parcel.id));
    if let Some(site) = site {
        return (Some(site.id.clone()), None);
    }
    let why = match parcel.text("available") {
        Some("yes") => "too_small_or_cut_out",
        Some("no") => "not_available",
        _ if ranked.scenario.sites.take_unknown_availability => "too_small_or_cut_out",
        _ => "availability_unknown",
    };
    (None, Some(why.to_owned()))
}
