//! Releases as layers: from the tables that went through the gate to what `/data`, `/ogc` and tiles show of them.
//!
//! This is the only place where something about people becomes a layer, and it sees nothing but what a release says to its readers.

pub mod job;
pub mod readers;
pub mod tables;

use std::borrow::Cow;
use std::collections::HashMap;

use geo::{Geometry, MultiPolygon};
use jiff::Timestamp;
use phteah_layers::{
    Catalogue, Field, FieldType, ImportReport, LayerEntry, LayersError, Query, RecordsRequest, ReleasedRow,
    Role, Value, import_released,
};
use phteah_registry::indicators::UNKNOWN;
use phteah_registry::releases::{ReleaseSet, ReleasedCell, ReleasedTable};
use phteah_store::registry::ReleaseRecord;

/// What the sum over all categories of a breakdown is called.
const TOTAL: &str = "total";

/// An area with its names and its outline in the deployment's CRS.
#[derive(Clone, Debug)]
struct Area {
    name: Option<String>,
    name_km: Option<String>,
    shape: MultiPolygon<f64>,
}

/// Stores every table of a release as a layer of its indicator's name, but for those in whose place a newer release stands. Who sees them is said
/// with `phteah publish`, as for any other layer.
///
/// # Errors
/// If a name is that of another layer, or the layers cannot be written.
pub fn lay_down(
    catalogue: &Catalogue,
    record: &ReleaseRecord,
    set: &ReleaseSet,
) -> Result<Vec<ImportReport>, LayersError> {
    let areas = areas(catalogue)?;
    // As old as its confirmation: the same release gives the same layer.
    let at = record.confirmed.as_ref().map_or(record.prepared.0, |(at, _)| *at);
    let standing = readers::standing(catalogue);
    let is_old = |table: &&ReleasedTable| standing.get(&table.id).is_some_and(|newer| *newer > record.n);
    set.tables
        .iter()
        .filter(|table| !is_old(table))
        .map(|table| {
            let catalogue = Catalogue::open(catalogue.dir())?;
            store(&catalogue, record, set, table, &areas, at)
        })
        .collect()
}

/// What the source of every layer of a release begins with.
fn source_of(n: i64) -> String {
    format!("Release {n} ")
}

/// The release that a layer holds a table of.
pub fn release_of(entry: &LayerEntry) -> Option<i64> {
    if entry.role != Role::ReleasedTable {
        return None;
    }
    let (number, _) = entry.source.strip_prefix("Release ")?.split_once(' ')?;
    number.parse().ok()
}

fn store(
    catalogue: &Catalogue,
    record: &ReleaseRecord,
    set: &ReleaseSet,
    table: &ReleasedTable,
    areas: &HashMap<String, Area>,
    at: Timestamp,
) -> Result<ImportReport, LayersError> {
    let request = RecordsRequest {
        role: Role::ReleasedTable,
        layer: table.id.clone(),
        title: if set.illustrative {
            format!("{} (illustrative data)", table.title[0])
        } else {
            table.title[0].clone()
        },
        crs: catalogue.crs()?.name().to_owned(),
        source: rules(record, set, table),
        licence: String::new(),
        attribution: catalogue.deployment().title.en.clone(),
        illustrative: set.illustrative,
        record: None,
        extra: fields(table),
        strict: true,
        coverage: None,
    };
    let rows = table.cells.iter().map(|cell| row(table, cell, areas));
    import_released(catalogue, &request, rows.collect(), at)
}

/// The rules under which it was released, for whoever reads the layer without anything else.
fn rules(record: &ReleaseRecord, set: &ReleaseSet, table: &ReleasedTable) -> String {
    format!(
        "{}of families recorded by {}, SHA-256 {}. {} Each family counts once in a table. Numbers from 1 to {} are hidden, and as many more as it takes so that no hidden number can be worked out closer than {} from this or any earlier release; {} of the {} cells that are not told as 0 are hidden. A hidden number is empty, which is not zero. Families in danger are in no number.",
        source_of(record.n),
        set.day,
        record.hash,
        table.about[0],
        set.threshold - 1,
        set.threshold,
        table.hidden(),
        table.not_zero(),
    )
}

fn fields(table: &ReleasedTable) -> Vec<Field> {
    let field = |name: &str, kind, meaning: String| {
        let mut field = Field::new(name, kind);
        field.meaning = Some(meaning);
        field
    };
    let mut fields = Vec::new();
    for levels in &table.by {
        for column in levels {
            let meaning = match column.as_str() {
                "khan" => "code of the khan; \"total\" for all".to_owned(),
                "sangkat" => "code of the sangkat; \"total\" for all".to_owned(),
                "site" => "id of the site; \"total\" for all".to_owned(),
                other => format!("{}; \"total\" for all", other.replace('_', " ")),
            };
            fields.push(field(column, FieldType::Text, meaning));
        }
    }
    for share in &table.shares {
        let meaning = format!(
            "{}: share of families, 0 to 1, among those that the description of the table names",
            share.trim_start_matches("share_").replace('_', " ")
        );
        fields.push(field(share, FieldType::Number, meaning));
    }
    if let Some([fact, unit]) = &table.median {
        let meaning = format!(
            "median of {}, rounded; kept until so many families have come or gone as the least number that is told",
            fact.replace(['.', '_'], " ")
        );
        fields.push(field("median", FieldType::Number, meaning).unit(unit.clone()));
        fields.push(field(
            "median_of",
            FieldType::Date,
            "day of which the median is".to_owned(),
        ));
    }
    fields
}

fn row(table: &ReleasedTable, cell: &ReleasedCell, areas: &HashMap<String, Area>) -> ReleasedRow {
    let mut attributes: Vec<(Cow<'static, str>, Value)> = vec![("id".into(), cell.names.join("|").into())];
    let mut put = |name: &str, value: Option<Value>| {
        attributes.extend(value.map(|value| (Cow::Owned(name.to_owned()), value)));
    };
    // The finest area that the row is about.
    let levels = table.by.first().map_or(0, Vec::len);
    let area = cell.names[..levels.min(cell.names.len())]
        .iter()
        .rev()
        .find(|name| *name != TOTAL)
        .filter(|name| *name != UNKNOWN)
        .and_then(|code| areas.get(code));
    put("name", area.and_then(|area| area.name.clone()).map(Into::into));
    put(
        "name_km",
        area.and_then(|area| area.name_km.clone()).map(Into::into),
    );
    put("families", cell.families.map(|count| (count as i64).into()));
    put("hidden", Some(cell.families.is_none().into()));
    for (column, name) in table.columns().into_iter().zip(&cell.names) {
        put(column, Some(name.clone().into()));
    }
    for (name, share) in table.shares.iter().zip(&cell.shares) {
        put(
            name,
            share.map(|share| ((share * 1000.0).round() / 1000.0).into()),
        );
    }
    put("median", cell.median.map(Into::into));
    put("median_of", cell.median_of.map(|(_, day)| day.into()));
    ReleasedRow {
        area: area.map(|area| area.shape.clone()),
        attributes,
    }
}

/// Khans and sangkats by their codes, ranked sites by their ids.
fn areas(catalogue: &Catalogue) -> Result<HashMap<String, Area>, LayersError> {
    let mut found = HashMap::new();
    let places = catalogue
        .of_role(Role::Boundaries)
        .chain(catalogue.of_role(Role::RankedSites));
    for entry in places {
        catalogue
            .vector(&entry.name)?
            .for_each(&Query::default(), |feature| {
                let code = match entry.role {
                    Role::Boundaries => feature.text("code").map(str::to_owned),
                    _ => Some(feature.id.clone()),
                };
                let text = |field: &str| feature.text(field).map(str::to_owned);
                let (name, name_km) = (text("name"), text("name_km"));
                let shape = match feature.geometry {
                    Some(Geometry::Polygon(polygon)) => Some(MultiPolygon::new(vec![polygon])),
                    Some(Geometry::MultiPolygon(parts)) => Some(parts),
                    _ => None,
                };
                if let (Some(code), Some(shape)) = (code, shape) {
                    found.insert(code, Area { name, name_km, shape });
                }
                Ok::<(), LayersError>(())
            })?;
    }
    Ok(found)
}
