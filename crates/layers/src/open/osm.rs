//! Which tags of OpenStreetMap become columns. GDAL's own settings hide most that matter here (`name:km`, `healthcare`, `surface`) in one
//! text of all remaining tags.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::osm_nodes::{self, Apart, Vertices};
use crate::error::{LayersError, Result};
use crate::roads;
use crate::value::{Field, FieldType, Value};

/// Tags of points, lines and areas alike; one column each, `:` written as `_`.
const TAGS: &[&str] = &[
    "name",
    "name:en",
    "name:km",
    "highway",
    "oneway",
    "surface",
    "junction",
    "amenity",
    "healthcare",
    "shop",
    "landuse",
    "man_made",
    "public_transport",
    "social_facility",
    "office",
    "natural",
    "water",
    "waterway",
    "boundary",
    "admin_level",
    "protect_class",
    "leisure",
    "building",
    "building:levels",
    "height",
    "capacity",
    "isced:level",
    "school",
    "ref",
    "tunnel",
    "opening_date",
    "start_date",
    "end_date",
    "type",
];

/// GDAL's layer of ways that are no areas.
const LINES: &str = "lines";

/// Column that is added to the lines: how their vertices meet, which GDAL does not say.
const JOINS: &str = "joins";

/// How the ways of a file meet.
pub(super) struct Ways {
    apart: Apart,
    /// Columns of the way's id and of its class.
    id: usize,
    highway: usize,
}

impl Ways {
    /// Looks it up where the lines are to be read, and adds the column.
    pub(super) fn find(path: &Path, layers: &[String], columns: &mut Vec<Field>) -> Result<Option<Self>> {
        let column = |name: &str| columns.iter().position(|column| column.name == name);
        let (Some(id), Some(highway)) = (column("osm_id"), column("highway")) else {
            return Ok(None);
        };
        if layers != [LINES] || !is_osm(path) {
            return Ok(None);
        }
        let apart = osm_nodes::apart(path)?;
        columns.push(Field::new(JOINS, FieldType::Text));
        Ok(Some(Self { apart, id, highway }))
    }

    /// Fills the added column, the last of a row.
    pub(super) fn fill(&self, row: &mut [Option<Value>]) {
        if row[self.highway].is_none() {
            return;
        }
        let id = row[self.id]
            .as_ref()
            .and_then(|id| id.to_string().parse::<i64>().ok());
        let none = Vertices::default();
        let Vertices { apart, barriers } = id.and_then(|id| self.apart.get(&id)).unwrap_or(&none);
        if let Some(last) = row.last_mut() {
            *last = Some(Value::Text(roads::joins_text(apart, barriers)));
        }
    }
}

/// Whether a file is OpenStreetMap's.
pub(super) fn is_osm(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("osm") || e.eq_ignore_ascii_case("pbf"))
}

/// Writes the settings for GDAL's reader.
pub(super) fn settings(work: &Path) -> Result<PathBuf> {
    let path = work.join("osmconf.ini");
    let mut text = String::from("attribute_name_laundering=yes\nreport_all_nodes=no\nreport_all_ways=no\n");
    // Closed ways of these kinds are areas, whatever else they carry.
    text.push_str(
        "closed_ways_are_polygons=aeroway,amenity,boundary,building,craft,geological,healthcare,historic,landuse,leisure,man_made,military,natural,office,place,shop,sport,tourism,water,highway=platform,public_transport=platform\n",
    );
    for layer in [
        "points",
        LINES,
        "multipolygons",
        "multilinestrings",
        "other_relations",
    ] {
        let mut tags = TAGS.to_vec();
        if layer == LINES {
            tags.extend(roads::osm_tags().filter(|tag| !TAGS.contains(tag)));
        }
        let _ = write!(
            text,
            "\n[{layer}]\nosm_id=yes\nosm_version=no\nattributes={}\nother_tags=no\n",
            tags.join(",")
        );
    }
    std::fs::write(&path, text).map_err(|e| LayersError::io(work, "writing to", e))?;
    Ok(path)
}
