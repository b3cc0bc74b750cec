//! The value of an indicator for the boundary that a site lies in.

use std::collections::BTreeMap;

use geo::{BooleanOps, Intersects, MultiPolygon};
use phteah_geoproc::overlay::Zones;
use phteah_geoproc::surface;
use phteah_planning::matrix::{Cell, Column, Unknown};
use phteah_planning::measure::Measure;
use phteah_planning::notice::Notice;

use super::input::Inputs;
use super::sites::{Site, polygons};
use super::{column, unknown};
use crate::error::Result;
use crate::join::{Place, Places};
use crate::names::Names;
use crate::schema::Role;
use crate::value::Feature;

/// So much of a site must lie in boundaries that have a value. Outlines are simplified: slivers between two of them are no gap.
const KNOWN_SHARE: f64 = 0.99;

pub(super) fn columns(
    inputs: &mut Inputs<'_>,
    measures: &[Measure],
    sites: &[Site],
    units: &mut BTreeMap<String, String>,
) -> Result<Vec<(usize, Column)>> {
    if !measures.iter().any(|m| matches!(m, Measure::Indicator { .. })) {
        return Ok(Vec::new());
    }
    let (mut places, mut shapes) = (Vec::new(), Vec::new());
    inputs.features(Role::Boundaries, |feature| {
        let text = |field: &str| feature.text(field).map(str::to_owned);
        let place = text("code").map(|code| Place {
            code,
            en: text("name"),
            km: text("name_km"),
        });
        if let (Some(place), Some(shape)) = (place, feature.geometry.and_then(polygons)) {
            places.push(place);
            shapes.push(shape);
        }
    })?;
    let places = Places::new(places);
    let mut records: Vec<Feature> = Vec::new();
    inputs.features(Role::Indicators, |feature| records.push(feature))?;
    let site_shapes: Vec<&MultiPolygon<f64>> = sites.iter().map(|site| &site.shape).collect();
    let mut found = Vec::new();
    for (index, measure) in measures.iter().enumerate() {
        let Measure::Indicator { field, year } = measure else {
            continue;
        };
        let values = values(inputs, &records, (&places, &shapes), field, *year);
        units.extend(unit(&records, field, *year).map(|unit| (measure.id(), unit)));
        let known: Vec<(&MultiPolygon<f64>, f64)> =
            values.iter().map(|(at, value)| (&shapes[*at], *value)).collect();
        let cells = if known.is_empty() {
            unknown(sites.len())?
        } else {
            over_sites(&known, &site_shapes)?
        };
        found.push((index, cells));
    }
    Ok(found)
}

/// The unit of an indicator, where all layers that have it state the same.
fn unit(records: &[Feature], field: &str, year: Option<u32>) -> Option<String> {
    let of_year = year.map(|year| format!("{field}_{year}"));
    let mut found: Option<&str> = None;
    for record in records {
        let own = |name: &str| record.fields.iter().find(|f| f.name == name);
        let Some(column) = of_year.as_deref().and_then(own).or_else(|| own(field)) else {
            continue;
        };
        match (found, column.unit.as_deref()?) {
            (Some(other), unit) if other != unit => return None,
            (_, unit) => found = Some(unit),
        }
    }
    found.map(str::to_owned)
}

/// So much of a record's own outline and of a boundary must be the same place, of what either covers.
const SAME_PLACE: f64 = 0.8;

/// The boundary that a record is about by its place: the outline that it was given when it was imported is that of a boundary today, whatever
/// the code and the name. `None` where it has no outline, or none is like it.
fn under(record: &Feature, shapes: &[MultiPolygon<f64>]) -> Option<usize> {
    let own = record.geometry.clone().and_then(polygons)?;
    let rect = surface::bounds(&own)?;
    let meets =
        |other: &MultiPolygon<f64>| surface::bounds(other).is_some_and(|other| other.intersects(&rect));
    let likeness = |other: &MultiPolygon<f64>| {
        let shared = surface::area(&own.intersection(other));
        shared / (surface::area(&own) + surface::area(other) - shared)
    };
    let alike = shapes.iter().enumerate().filter(|(_, shape)| meets(shape));
    let best = alike
        .map(|(at, shape)| (likeness(shape), at))
        .max_by(|left, right| left.0.total_cmp(&right.0))?;
    (best.0 >= SAME_PLACE).then_some(best.1)
}

/// The value of each boundary, by its index.
fn values(
    inputs: &mut Inputs<'_>,
    records: &[Feature],
    (places, shapes): (&Places, &[MultiPolygon<f64>]),
    field: &str,
    year: Option<u32>,
) -> BTreeMap<usize, f64> {
    // A table may have a column for each year instead of a row.
    let of_year = year.map(|year| format!("{field}_{year}"));
    let has = |record: &Feature, name: &str| record.fields.iter().any(|f| f.name == name);
    let (mut is_there, mut of_any_year) = (false, BTreeMap::<usize, (i64, usize, f64)>::new());
    for record in records {
        let own_column = of_year.as_deref().filter(|name| has(record, name));
        if own_column.is_none() && !has(record, field) {
            continue;
        }
        is_there = true;
        let (value, stated) = (
            record.number(own_column.unwrap_or(field)),
            record.get("year").and_then(crate::Value::as_i64),
        );
        let fits = own_column.is_some() || year.is_none_or(|year| stated == Some(i64::from(year)));
        let (Some(value), true, Some(code)) = (value, fits, record.text("code")) else {
            continue;
        };
        let names = Names::new(record.text("name"), record.text("name_km"));
        let joined = places.join(code, names).place();
        let Some(at) = joined.or_else(|| under(record, shapes)) else {
            continue;
        };
        let new = (stated.unwrap_or(i64::MIN), code.len(), value);
        let held = of_any_year.entry(at).or_insert(new);
        if new.0 > held.0 {
            *held = new;
        }
    }
    if !is_there {
        inputs.warn(Notice::NoIndicator {
            field: field.to_owned(),
        });
    } else if let (true, Some(year)) = (of_any_year.is_empty(), year) {
        inputs.warn(Notice::NoIndicatorYear {
            field: field.to_owned(),
            year: year as usize,
        });
    }
    // Of a table with several levels the finest counts: a khan's value would hide those of its sangkats.
    let finest = of_any_year.values().map(|(_, digits, _)| *digits).max();
    of_any_year
        .into_iter()
        .filter(|(_, (_, digits, _))| Some(*digits) == finest)
        .map(|(at, (_, _, value))| (at, value))
        .collect()
}

fn over_sites(known: &[(&MultiPolygon<f64>, f64)], sites: &[&MultiPolygon<f64>]) -> Result<Column> {
    // Every boundary is a class of its own: what is asked is how much of the site lies in each.
    let zones = Zones::new(
        known
            .iter()
            .enumerate()
            .map(|(index, (shape, _))| (*shape, index)),
    );
    let cells = zones.overlay(sites).into_iter().map(|laid| {
        let inside: f64 = laid.classes.iter().map(|part| part.area).sum();
        if inside <= 0.0 || inside < KNOWN_SHARE * laid.area {
            return Cell::Unknown(Unknown::NoData);
        }
        // The value as it stands in the table, not a quotient next to it.
        if let [only] = &laid.classes[..] {
            return Cell::Known(known[only.class].1);
        }
        let weighted: f64 = laid
            .classes
            .iter()
            .map(|part| part.area * known[part.class].1)
            .sum();
        Cell::Known(weighted / inside)
    });
    column(cells)
}
