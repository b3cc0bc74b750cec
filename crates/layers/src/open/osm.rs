//! Which tags of OpenStreetMap become columns. GDAL's own settings hide most that matter here (`name:km`, `healthcare`, `surface`) in one
//! text of all remaining tags.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::error::{LayersError, Result};

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
    "type",
];

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
        "lines",
        "multipolygons",
        "multilinestrings",
        "other_relations",
    ] {
        let _ = write!(
            text,
            "\n[{layer}]\nosm_id=yes\nosm_version=no\nattributes={}\nother_tags=no\n",
            TAGS.join(",")
        );
    }
    std::fs::write(&path, text).map_err(|e| LayersError::io(work, "writing to", e))?;
    Ok(path)
}
