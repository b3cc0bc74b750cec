//! Features of any vector file, each with the id that its row will carry.

use std::borrow::Cow;
use std::path::Path;

use geo::{Coord, Geometry, MultiPolygon, Polygon};
use phteah_geoproc::surface::Surface;
use phteah_layers::{Crs, Deployment, Feature, OpenOptions, Reprojector, VectorFile, open_vector};
use rayon::prelude::*;

use super::given::{self, Given};
use super::{Problems, ids};
use crate::commands::CommandError;

/// The features that are measured.
pub struct Features {
    /// Base name of their file.
    pub file: String,
    /// Name of the column that their ids come from.
    pub id_name: String,
    /// The file's CRS.
    pub crs: Crs,
    /// Their ids, in the file's order.
    pub ids: Vec<String>,
    /// Their shapes in the file's CRS; `None` where a record has none that can be used.
    pub shapes: Vec<Option<Geometry<f64>>>,
    /// What was wrong with single records.
    pub problems: Problems,
}

/// Opens a file as it is written on the command line (see [`Given`]); `id` is the column that holds the ids.
pub fn open(path: &Path, id: Option<&str>) -> Result<VectorFile, CommandError> {
    let Given { path, layer, crs } = Given::new(path);
    let options = OpenOptions {
        layer,
        crs,
        id: id.map(str::to_owned),
        deployment: settings(),
        advice: given::ADVICE,
        ..OpenOptions::default()
    };
    Ok(open_vector(&path, &options)?)
}

impl Features {
    /// Reads a file whole. `wanted` says which shapes the measure is for: an unusable one is told and left unknown.
    pub fn read(
        path: &Path,
        id: Option<&str>,
        wanted: impl Fn(Geometry<f64>) -> Result<Sound, String> + Sync,
    ) -> Result<Self, CommandError> {
        let file = open(path, id)?;
        let crs = file.crs().clone();
        let id_column = file.columns().iter().find(|column| match id {
            Some(id) => column.name == id,
            None => column.name.eq_ignore_ascii_case("id"),
        });
        let id_name = id_column.map_or_else(|| "id".to_owned(), |column| column.name.clone());
        let found = file.shapes(|shape| {
            shape.map_or_else(|| Err("it has no geometry that can be read".to_owned()), &wanted)
        })?;
        let count = found.iter().map(Vec::len).sum();
        let mut features = Self {
            file: file.file().to_owned(),
            id_name,
            crs,
            ids: Vec::with_capacity(count),
            shapes: Vec::with_capacity(count),
            problems: Problems::default(),
        };
        let mut notes: Vec<(usize, String)> = Vec::new();
        for (row, (id, shape)) in found.into_iter().flatten().enumerate() {
            features.ids.push(id.unwrap_or_else(|| (row + 1).to_string()));
            let (shape, note) = match shape {
                Ok(Sound { shape, repair }) => {
                    (Some(shape), repair.map(|repair| format!("repaired: {repair}")))
                }
                Err(why) => (None, Some(format!("{why}; its measures are unknown"))),
            };
            features.shapes.push(shape);
            notes.extend(note.map(|note| (row, note)));
        }
        let again = "another record has this id too; both are measured";
        notes.extend(
            ids::repeated(&features.ids)
                .into_iter()
                .map(|row| (row, again.to_owned())),
        );
        notes.sort_by_key(|(row, _)| *row);
        for (row, note) in notes {
            let record = format!("record {} ({})", row + 1, features.ids[row]);
            features.problems.note(&features.file, &record, note);
        }
        Ok(features)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// The shapes in another CRS, borrowed where it is their own. One that cannot be brought there becomes `None`.
    pub fn shapes_in(&self, crs: &Crs) -> Result<Cow<'_, [Option<Geometry<f64>>]>, CommandError> {
        if *crs == self.crs {
            return Ok(Cow::Borrowed(&self.shapes));
        }
        // Refused here, once, where there is no way between the two.
        Reprojector::new(&self.crs, crs)?;
        let moved: Result<Vec<Vec<_>>, phteah_layers::LayersError> = self
            .shapes
            .par_chunks(4096)
            .map(|shapes| {
                let mut way = Reprojector::new(&self.crs, crs)?;
                let brought = |shape: &Option<Geometry<f64>>| {
                    let mut shape = shape.clone()?;
                    way.geometry(&mut shape).ok().map(|()| shape)
                };
                Ok(shapes.iter().map(brought).collect())
            })
            .collect();
        Ok(Cow::Owned(moved?.into_iter().flatten().collect()))
    }
}

/// A shape that can be measured.
pub struct Sound {
    /// The shape.
    pub shape: Geometry<f64>,
    /// What had to be done to it.
    pub repair: Option<String>,
}

/// Polygons alone: for measures of areas. Rings that cross themselves are repaired, saying so.
pub fn area(shape: Geometry<f64>) -> Result<Sound, String> {
    if let Geometry::Polygon(polygon) = &shape
        && is_convex(polygon)
    {
        return Ok(Sound { shape, repair: None });
    }
    let (shape, repair) = phteah_layers::sound_polygon(shape)?;
    Ok(Sound { shape, repair })
}

/// Polygons, as [`area`] takes them, and points: for measures of what lies beneath.
pub fn ground(shape: Geometry<f64>) -> Result<Sound, String> {
    match shape {
        Geometry::Point(_) => anywhere(shape),
        shape => area(shape),
    }
}

/// Any shape that has a place.
pub fn anywhere(shape: Geometry<f64>) -> Result<Sound, String> {
    match phteah_geoproc::surface::representative_point(&shape) {
        Some(_) => Ok(Sound { shape, repair: None }),
        None => Err("its geometry is empty, or a coordinate is no number".to_owned()),
    }
}

/// A convex ring without holes is valid: a check that costs nothing beside the real one, and most plots pass it.
fn is_convex(polygon: &Polygon<f64>) -> bool {
    let ring = &polygon.exterior().0;
    if !polygon.interiors().is_empty() || ring.len() < 4 || ring.first() != ring.last() {
        return false;
    }
    let corners = &ring[..ring.len() - 1];
    let corner = |i: usize| corners[i % corners.len()];
    let (mut left, mut right, mut turns_back) = (false, false, 0);
    for i in 0..corners.len() {
        let (a, b, c) = (corner(i), corner(i + 1), corner(i + 2));
        let turn = (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x);
        // A repeated or collinear corner may hide a spike: leave it to the real check. So does NaN.
        if turn.is_nan() || turn.abs() <= 0.0 {
            return false;
        }
        left |= turn > 0.0;
        right |= turn < 0.0;
        // A ring that winds twice turns one way only, too; but it changes its direction in x more than twice.
        if (b.x - a.x >= 0.0) != (c.x - b.x >= 0.0) {
            turns_back += 1;
        }
    }
    left != right && turns_back <= 2
}

/// A shape as an area, or as the place of a point; nothing where it is unknown.
pub struct Area<'a>(pub Option<&'a Geometry<f64>>);

impl Surface for Area<'_> {
    fn polygons(&self) -> &[Polygon<f64>] {
        self.0.map_or(&[], |shape| shape.polygons())
    }

    fn place(&self) -> Option<Coord<f64>> {
        self.0.and_then(Surface::place)
    }
}

/// The polygons of a shape.
pub fn into_polygons(shape: Geometry<f64>) -> MultiPolygon<f64> {
    match shape {
        Geometry::Polygon(polygon) => MultiPolygon::new(vec![polygon]),
        Geometry::MultiPolygon(polygons) => polygons,
        _ => MultiPolygon::new(Vec::new()),
    }
}

/// The text of a feature's value, whatever its kind; `None` where it is empty or unknown.
pub fn text(feature: &Feature, column: Option<&str>) -> Option<String> {
    let text = feature.get(column?)?.to_string();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The settings that reading files outside of a data directory goes by.
pub fn settings() -> Deployment {
    Deployment::default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::wkt;

    #[test]
    fn plots_are_convex_and_shapes_that_need_a_closer_look_are_not() {
        assert!(is_convex(&wkt!(POLYGON((0. 0., 4. 1., 5. 5., 1. 4., 0. 0.)))));
        assert!(is_convex(&wkt!(POLYGON((0. 0., 1. 4., 5. 5., 4. 1., 0. 0.)))));
        let bow_tie = wkt!(POLYGON((0. 0., 4. 4., 4. 0., 0. 4., 0. 0.)));
        let corner_in = wkt!(POLYGON((0. 0., 4. 0., 1. 1., 0. 4., 0. 0.)));
        let pentagram = wkt!(POLYGON((0. 3., 2. -2., -3. 1., 3. 1., -2. -2., 0. 3.)));
        let spike = wkt!(POLYGON((0. 0., 4. 0., 4. 4., 8. 4., 4. 4., 0. 4., 0. 0.)));
        for shape in [bow_tie, corner_in, pentagram, spike] {
            assert!(!is_convex(&shape), "{shape:?}");
        }
    }
}
