//! Where the records of a table without geometry lie: WKT, longitude and latitude, or ODK's `lat lon altitude accuracy`.

use std::path::{Path, PathBuf};

use gdal::Dataset;
use gdal::vector::LayerAccess;
use geo::{Geometry, Point};

use super::OpenOptions;
use crate::error::{LayersError, Result, base_name};
use crate::text::column_key;
use crate::value::{Field, Value};
use crate::wkb::{self, Parsed};

/// Rows looked at to recognise ODK's way.
const LOOKED_AT: usize = 200;

/// How a record says where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placement {
    /// By a geometry.
    Native,
    /// By WKT in a column.
    Wkt(usize),
    /// By longitude and latitude in two columns.
    LonLat(usize, usize),
    /// By `lat lon [altitude [accuracy]]` in one column.
    GeoPoint(usize),
}

const WKT: [&str; 6] = ["wkt", "geometry", "geom", "thegeom", "wktgeom", "shape"];
const LON: [&str; 5] = ["longitude", "lon", "lng", "long", "x"];
const LAT: [&str; 4] = ["latitude", "lat", "y", "lati"];

impl Placement {
    /// Finds the columns by name, ODK's also by content.
    pub fn find(path: &Path, dataset: &Dataset, layer: &str, columns: &[Field]) -> Result<Self> {
        let keys: Vec<String> = columns.iter().map(|c| column_key(&c.name)).collect();
        let exact = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| keys.iter().position(|key| key == name))
        };
        if let Some(i) = exact(&WKT) {
            return Ok(Self::Wkt(i));
        }
        if let (Some(lon), Some(lat)) = (exact(&LON), exact(&LAT)) {
            return Ok(Self::LonLat(lon, lat));
        }
        // ODK Central and KoboToolbox write `gps-Latitude` and `_gps_latitude`.
        let ends = |name: &str| keys.iter().position(|key| key.ends_with(name));
        if let (Some(lon), Some(lat)) = (ends("longitude"), ends("latitude")) {
            return Ok(Self::LonLat(lon, lat));
        }
        if let Some(i) = geopoint_column(dataset, layer, columns.len()) {
            return Ok(Self::GeoPoint(i));
        }
        let have: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
        Err(LayersError::unreadable(
            path,
            format!(
                "no column says where its records lie: name one 'wkt', or two 'lon' and 'lat'. The columns are: {}",
                have.join(", ")
            ),
        ))
    }

    /// Whether coordinates are longitude and latitude by their very form.
    pub fn is_lon_lat(self) -> bool {
        matches!(self, Self::LonLat(..) | Self::GeoPoint(_))
    }

    /// The shape that a row describes.
    pub fn shape(self, row: &[Option<Value>]) -> std::result::Result<Option<Parsed>, String> {
        let text = |i: usize| row.get(i).and_then(Option::as_ref).map(ToString::to_string);
        let number = |i: usize, what: &str| match text(i) {
            None => Ok(None),
            Some(text) => text
                .trim()
                .parse::<f64>()
                .map(Some)
                .map_err(|_| format!("its {what} '{text}' is no number")),
        };
        match self {
            Self::Native => Ok(None),
            Self::Wkt(i) => {
                let Some(text) = text(i) else { return Ok(None) };
                // Some sources break long WKT over several lines.
                let text = text.replace(['\n', '\r'], " ");
                let geometry =
                    gdal::vector::Geometry::from_wkt(text.trim()).map_err(|_| "its WKT cannot be read")?;
                let bytes = geometry.iso_wkb().map_err(|e| e.to_string())?;
                wkb::parse(&bytes).map(Some).map_err(str::to_owned)
            }
            Self::LonLat(lon, lat) => Ok(number(lon, "longitude")?.zip(number(lat, "latitude")?).map(at)),
            Self::GeoPoint(i) => match text(i) {
                None => Ok(None),
                Some(text) => geopoint(&text)
                    .map(|p| Some(at(p)))
                    .ok_or_else(|| format!("'{text}' is no 'lat lon altitude accuracy'")),
            },
        }
    }
}

fn at((lon, lat): (f64, f64)) -> Parsed {
    Parsed {
        geometry: Geometry::Point(Point::new(lon, lat)),
        had_z: false,
        had_curves: false,
        unclosed_rings: 0,
    }
}

/// Reads `lat lon [altitude [accuracy]]` as longitude, latitude.
fn geopoint(text: &str) -> Option<(f64, f64)> {
    let numbers: Vec<f64> = text
        .split_whitespace()
        .map(|word| word.parse().ok())
        .collect::<Option<_>>()?;
    match numbers[..] {
        [lat, lon] | [lat, lon, _] | [lat, lon, _, _] if lat.abs() <= 90.0 && lon.abs() <= 180.0 => {
            Some((lon, lat))
        }
        _ => None,
    }
}

/// The first column all of whose filled cells, among the first rows, are geopoints.
fn geopoint_column(dataset: &Dataset, layer: &str, columns: usize) -> Option<usize> {
    let mut seen = vec![(0, true); columns];
    let mut layer = dataset.layer_by_name(layer).ok()?;
    for feature in layer.features().take(LOOKED_AT) {
        for (i, (hits, fits)) in seen.iter_mut().enumerate() {
            match feature
                .field_as_string(i)
                .ok()
                .flatten()
                .filter(|text| !text.trim().is_empty())
            {
                Some(text) if geopoint(&text).is_some() => *hits += 1,
                Some(_) => *fits = false,
                None => {}
            }
        }
    }
    seen.iter().position(|(hits, fits)| *fits && *hits > 0)
}

/// The one file to be read of an unpacked archive; the options choose among several.
pub(super) fn vector_in_archive(path: &Path, files: Vec<PathBuf>, options: &OpenOptions) -> Result<PathBuf> {
    const KNOWN: [&str; 15] = [
        "shp", "gpkg", "geojson", "json", "geojsonl", "ndjson", "fgb", "kml", "csv", "xlsx", "gml", "tab",
        "osm", "pbf", "kmz",
    ];
    let is = |file: &Path, extensions: &[&str]| {
        file.extension()
            .is_some_and(|e| extensions.iter().any(|known| e.eq_ignore_ascii_case(known)))
    };
    // Microsoft's `.csv.gz` holds GeoJSON, one feature a line; the name would lead astray.
    if let [only] = &files[..]
        && is(only, &["csv", "txt"])
        && begins_with_json(only)
    {
        let renamed = only.with_extension("geojsonl");
        std::fs::rename(only, &renamed).map_err(|e| LayersError::io(&renamed, "writing", e))?;
        return Ok(renamed);
    }
    let mut candidates: Vec<PathBuf> = files.into_iter().filter(|file| is(file, &KNOWN)).collect();
    if candidates.len() > 1
        && let Some(asked) = &options.layer
    {
        candidates.retain(|file| file.file_stem().is_some_and(|stem| stem == asked.as_str()));
    }
    match candidates.len() {
        1 => Ok(candidates.swap_remove(0)),
        0 => Err(LayersError::unreadable(
            path,
            "it holds no file that can be read here",
        )),
        _ => {
            let stems: Vec<_> = candidates
                .iter()
                .filter_map(|f| f.file_stem())
                .map(|stem| stem.to_string_lossy())
                .collect();
            Err(LayersError::Usage(format!(
                "{} holds several layers; say which {}: {}.",
                base_name(path),
                options.advice.layer,
                stems.join(", ")
            )))
        }
    }
}

fn begins_with_json(file: &Path) -> bool {
    use std::io::Read;
    let mut start = [0; 64];
    std::fs::File::open(file)
        .and_then(|mut file| file.read(&mut start))
        .is_ok_and(|n| start[..n].trim_ascii_start().starts_with(b"{"))
}
