//! Ids that a format keeps elsewhere than in a column, or that GDAL cannot hold.

use std::path::Path;

use gdal::vector::{Feature, Layer, LayerAccess};

use super::geojson_ids::{self, GeoJsonIds};
use crate::error::{LayersError, Result};
use crate::value::{Field, FieldType, Value};

/// Where a file's records have their ids, beside its columns.
pub(super) enum Identity {
    /// Nowhere else.
    Columns,
    /// OpenStreetMap numbers nodes, ways and relations each from 1. Where more than one of them may come, the kind stands before the number:
    /// `way/108`. The column is added here.
    Osm { column: Option<usize>, mixed: bool },
    /// A GeoJSON feature's `id` stands beside its properties; numbers of more digits than GDAL holds are kept as text.
    GeoJson {
        ids: GeoJsonIds,
        column: Option<usize>,
        exact: Vec<(usize, String)>,
    },
}

impl Identity {
    /// Looks at a file and adds the column `id` where the ids come from elsewhere.
    pub fn of(
        driver: &str,
        file: &Path,
        (layers, count): (&[String], Option<u64>),
        columns: &mut Vec<Field>,
        notes: &mut Vec<String>,
    ) -> Result<Self> {
        let has_id = columns.iter().any(|c| c.name.eq_ignore_ascii_case("id"));
        let add = |columns: &mut Vec<Field>| {
            columns.push(Field::new("id", FieldType::Text));
            columns.len() - 1
        };
        match driver {
            "OSM" => Ok(Self::Osm {
                column: (!has_id).then(|| add(columns)),
                mixed: !matches!(layers, [one] if one == "points" || one == "lines"),
            }),
            "GeoJSON" | "GeoJSONSeq" => {
                let wanted = geojson_ids::wanted(file, !has_id);
                if !wanted.map_err(|e| LayersError::io(file, "reading", e))? {
                    return Ok(Self::Columns);
                }
                let ids = match geojson_ids::read(file) {
                    Ok(ids) if count.is_none_or(|count| count == ids.features) => ids,
                    _ => {
                        notes.push(
                            "The features' ids could not be read, as the file is no sound GeoJSON; they are numbered, and numbers of more than 18 digits may be wrong."
                                .to_owned(),
                        );
                        return Ok(Self::Columns);
                    }
                };
                let mut exact = Vec::new();
                for (i, field) in columns.iter_mut().enumerate() {
                    if ids.exact.keys().any(|(_, column)| *column == field.name) {
                        field.kind = FieldType::Text;
                        exact.push((i, field.name.clone()));
                    }
                }
                let column = (!has_id && ids.any).then(|| add(columns));
                Ok(Self::GeoJson { ids, column, exact })
            }
            _ => Ok(Self::Columns),
        }
    }

    /// The same for one layer of the file, ready to be asked record by record.
    pub fn of_layer<'a>(&'a self, layer: &Layer<'_>) -> LayerIdentity<'a> {
        let index = |name: &str| layer.defn().field_index(name).ok();
        let kind = match layer.name().as_str() {
            "points" => "node",
            "lines" => "way",
            _ => "relation",
        };
        LayerIdentity {
            identity: self,
            kind,
            osm_id: index("osm_id"),
            osm_way_id: index("osm_way_id"),
        }
    }
}

pub(super) struct LayerIdentity<'a> {
    identity: &'a Identity,
    kind: &'static str,
    osm_id: Option<usize>,
    osm_way_id: Option<usize>,
}

impl LayerIdentity<'_> {
    /// Adds to a record's values what its columns do not hold.
    pub fn complete(&self, row: &mut [Option<Value>], n: u64, feature: &Feature<'_>) {
        match self.identity {
            Identity::Columns => {}
            Identity::Osm { column, mixed } => {
                let text = |index: Option<usize>| feature.field_as_string(index?).ok().flatten();
                let text = |index| text(index).filter(|text| !text.is_empty());
                let Some(cell) = column.and_then(|i| row.get_mut(i)) else {
                    return;
                };
                // An area is a closed way or a relation.
                let id = text(self.osm_way_id)
                    .map(|id| ("way", id))
                    .or_else(|| text(self.osm_id).map(|id| (self.kind, id)));
                *cell = id.map(|(kind, id)| Value::Text(if *mixed { format!("{kind}/{id}") } else { id }));
            }
            Identity::GeoJson { ids, column, exact } => {
                if let Some(cell) = column.and_then(|i| row.get_mut(i)) {
                    *cell = ids.id(n).map(|id| Value::Text(id.to_owned()));
                }
                for (i, name) in exact {
                    if let Some(cell) = row.get_mut(*i).filter(|cell| cell.is_some())
                        && let Some(text) = ids.exact.get(&(n, name.clone()))
                    {
                        *cell = Some(Value::Text(text.clone()));
                    }
                }
            }
        }
    }
}
