//! In which CRS a file is: as the caller says, as it states itself, or as its form says.

use std::path::Path;

use gdal::Dataset;
use gdal::vector::LayerAccess;
use geo::BoundingRect;

use super::placement::{Place, Placement, written_shape};
use super::{OpenOptions, Sample};
use crate::crs::Crs;
use crate::error::{LayersError, Result};
use crate::value::Field;

/// A file's CRS, and what says so.
pub(super) struct Stated {
    pub crs: Crs,
    pub from: &'static str,
    /// The column that says it, and its text.
    pub column: Option<(usize, String)>,
    /// The SRID that stands with the shapes.
    pub srid: Option<u32>,
}

impl Stated {
    fn plain(crs: Crs, from: &'static str) -> Self {
        Self {
            crs,
            from,
            column: None,
            srid: None,
        }
    }
}

pub(super) fn stated(
    path: &Path,
    dataset: &Dataset,
    layer: &str,
    (columns, sample, placement): (&[Field], &Sample, &Placement),
    options: &OpenOptions,
) -> Result<Stated> {
    if let Some(text) = &options.crs {
        return Ok(Stated::plain(Crs::parse(text, &options.deployment)?, "as given"));
    }
    if let Some((column, text)) = crs_column(path, columns, sample, placement)? {
        let crs = Crs::parse(&with_authority(&text), &options.deployment);
        if let Ok(crs) = crs {
            return Ok(Stated {
                column: Some((column, text)),
                ..Stated::plain(crs, "as its column crs states")
            });
        }
    }
    if placement.is_lon_lat() {
        let from = "longitude and latitude are taken as WGS 84";
        return Ok(Stated::plain(Crs::wgs84(), from));
    }
    if let Some(srid) = srid(sample, placement) {
        let crs = Crs::parse(&format!("EPSG:{srid}"), &options.deployment)?;
        return Ok(Stated {
            srid: Some(srid),
            ..Stated::plain(crs, "as the SRID of its shapes states")
        });
    }
    let layer = dataset.layer_by_name(layer).ok();
    let stated = layer.as_ref().and_then(LayerAccess::spatial_ref);
    if let Some(srs) = stated.filter(|srs| srs.is_geographic() || srs.is_projected() || srs.is_compound()) {
        let crs = Crs::from_srs(&srs, &options.deployment)?;
        return Ok(Stated::plain(crs, "as the file states"));
    }
    let bounds = match placement {
        Placement::Native => layer
            .and_then(|layer| layer.get_extent().ok())
            .map(|e| [e.MinX, e.MinY, e.MaxX, e.MaxY]),
        Placement::Columns(places) => sampled_bounds(sample, places),
    };
    let degrees = bounds.is_some_and(|[west, south, east, north]| {
        west >= -180.0 && east <= 180.0 && south >= -90.0 && north <= 90.0
    });
    // TopoJSON names no CRS but, like GeoJSON, means longitude and latitude, unless it was made for one picture.
    if degrees && dataset.driver().short_name() == "TopoJSON" {
        return Ok(Stated::plain(
            Crs::wgs84(),
            "TopoJSON in degrees is taken as WGS 84",
        ));
    }
    let advice = &options.advice.crs;
    Err(LayersError::unreadable(
        path,
        if degrees {
            format!(
                "it does not say in which CRS its coordinates are. They are probably degrees of WGS 84, which is EPSG:4326: give it {advice}"
            )
        } else {
            format!("it does not say in which CRS its coordinates are: give it {advice}")
        },
    ))
}

/// A table's column `crs` and what it says, as the files written here have it.
fn crs_column(
    path: &Path,
    columns: &[Field],
    sample: &Sample,
    placement: &Placement,
) -> Result<Option<(usize, String)>> {
    if *placement == Placement::Native {
        return Ok(None);
    }
    let Some(column) = columns.iter().position(|c| c.name.eq_ignore_ascii_case("crs")) else {
        return Ok(None);
    };
    let mut texts = sample.texts(column).map(|text| text.trim().to_owned());
    let Some(first) = texts.next() else {
        return Ok(None);
    };
    if let Some(other) = texts.find(|text| *text != first) {
        return Err(LayersError::unreadable(
            path,
            format!("its records are in several CRS ({first}, {other}): split it by the column crs"),
        ));
    }
    Ok(Some((column, first)))
}

/// A bare number is an EPSG code.
fn with_authority(text: &str) -> String {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        format!("EPSG:{text}")
    } else {
        text.to_owned()
    }
}

fn shapes<'a>(
    sample: &'a Sample,
    places: &'a [Place],
) -> impl Iterator<Item = super::placement::Placed> + 'a {
    let columns = places.iter().filter_map(|place| match *place {
        Place::Shape(i) => Some(i),
        _ => None,
    });
    columns.flat_map(|i| sample.texts(i).filter_map(|text| written_shape(&text).ok()))
}

/// The SRID of the first shape that has one; 0 says nothing.
fn srid(sample: &Sample, placement: &Placement) -> Option<u32> {
    let Placement::Columns(places) = placement else {
        return None;
    };
    shapes(sample, places)
        .find_map(|(_, srid)| srid)
        .filter(|srid| *srid > 0)
}

fn sampled_bounds(sample: &Sample, places: &[Place]) -> Option<[f64; 4]> {
    let rects = shapes(sample, places).filter_map(|(parsed, _)| parsed.geometry.bounding_rect());
    rects
        .map(|r| [r.min().x, r.min().y, r.max().x, r.max().y])
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
}
