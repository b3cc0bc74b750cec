//! Features of any vector file, each with the id that its row will carry.

use std::borrow::Cow;
use std::path::Path;

use geo::kernels::{Kernel, Orientation};
use geo::{Coord, GeoNum, Geometry, MultiPolygon, Polygon};
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
        && is_plain(polygon)
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

/// Rings of so many corners are looked at edge by edge; for longer ones the real check is the quicker one.
const FEW_CORNERS: usize = 24;

/// Whether a polygon is surely valid: one ring of few corners whose edges meet at their ends only. A check that costs little beside the
/// real one, and most plots pass it; what may touch itself anywhere is left to that.
fn is_plain(polygon: &Polygon<f64>) -> bool {
    let ring = &polygon.exterior().0;
    if !polygon.interiors().is_empty()
        || !(4..=FEW_CORNERS).contains(&ring.len())
        || ring.first() != ring.last()
    {
        return false;
    }
    let edges = ring.len() - 1;
    let edge = |i: usize| (ring[i % edges], ring[i % edges + 1]);
    (0..edges).all(|i| {
        goes_on(edge(i), edge(i + 1).1)
            && (i + 2..edges).all(|j| (i == 0 && j == edges - 1) || are_apart(edge(i), edge(j)))
    })
}

type Edge = (Coord<f64>, Coord<f64>);

/// Which side of an edge a place is on.
fn side((from, to): Edge, place: Coord<f64>) -> Orientation {
    <f64 as GeoNum>::Ker::orient2d(from, to, place)
}

/// Whether the edge from the end of `edge` to `next` does not lead back along it, and both have a length.
fn goes_on(edge: Edge, next: Coord<f64>) -> bool {
    let (from, to) = edge;
    let forward = (to.x - from.x) * (next.x - to.x) + (to.y - from.y) * (next.y - to.y);
    // What is no number is neither here nor there.
    forward.is_finite() && (side(edge, next) != Orientation::Collinear || forward > 0.0)
}

/// Whether two edges surely have no place in common.
fn are_apart(a: Edge, b: Edge) -> bool {
    let beside = |a0: f64, a1: f64, b0: f64, b1: f64| a0.max(a1) < b0.min(b1) || b0.max(b1) < a0.min(a1);
    let on_one_side = |edge: Edge, (from, to): Edge| {
        let (one, other) = (side(edge, from), side(edge, to));
        one == other && one != Orientation::Collinear
    };
    beside(a.0.x, a.1.x, b.0.x, b.1.x)
        || beside(a.0.y, a.1.y, b.0.y, b.1.y)
        || on_one_side(a, b)
        || on_one_side(b, a)
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
    fn plots_are_plain_and_shapes_that_need_a_closer_look_are_not() {
        let corner_in = wkt!(POLYGON((0. 0., 4. 0., 1. 1., 0. 4., 0. 0.)));
        let shared_corner_in_an_edge = wkt!(POLYGON((0. 0., 2. 0., 4. 0., 4. 4., 0. 4., 0. 0.)));
        let the_letter_u = wkt!(POLYGON((0. 0., 5. 0., 5. 5., 4. 5., 4. 1., 1. 1., 1. 5., 0. 5., 0. 0.)));
        for plot in [corner_in, shared_corner_in_an_edge, the_letter_u] {
            assert!(is_plain(&plot), "{plot:?}");
        }
        assert!(is_plain(&wkt!(POLYGON((0. 0., 4. 1., 5. 5., 1. 4., 0. 0.)))));
        assert!(is_plain(&wkt!(POLYGON((0. 0., 1. 4., 5. 5., 4. 1., 0. 0.)))));
        let bow_tie = wkt!(POLYGON((0. 0., 4. 4., 4. 0., 0. 4., 0. 0.)));
        let pentagram = wkt!(POLYGON((0. 3., 2. -2., -3. 1., 3. 1., -2. -2., 0. 3.)));
        let spike = wkt!(POLYGON((0. 0., 4. 0., 4. 4., 8. 4., 4. 4., 0. 4., 0. 0.)));
        let spike_at_the_start = wkt!(POLYGON((0. 0., 4. 0., 4. 4., 0. 4., 0. 0., -3. 0., 0. 0.)));
        let twice_a_corner = wkt!(POLYGON((0. 0., 4. 0., 4. 0., 4. 4., 0. 0.)));
        let touching_itself = wkt!(POLYGON((0. 0., 4. 0., 4. 4., 2. 0., 0. 4., 0. 0.)));
        let flat = wkt!(POLYGON((0. 0., 2. 0., 4. 0., 0. 0.)));
        for shape in [
            bow_tie,
            pentagram,
            spike,
            spike_at_the_start,
            twice_a_corner,
            touching_itself,
            flat,
        ] {
            assert!(!is_plain(&shape), "{shape:?}");
        }
        let mut nowhere = wkt!(POLYGON((0. 0., 4. 0., 4. 4., 0. 0.)));
        nowhere.exterior_mut(|ring| ring.0[1].x = f64::NAN);
        assert!(!is_plain(&nowhere));
    }

    proptest::proptest! {
        /// Whatever passes is valid by the full check, too.
        #[test]
        fn what_is_plain_is_valid(corners in proptest::collection::vec((0_i8..6, 0_i8..6), 3..9)) {
            let ring = corners.into_iter().map(|(x, y)| (f64::from(x), f64::from(y))).collect();
            let polygon = Polygon::new(ring, Vec::new());
            if is_plain(&polygon) {
                let (_, repair) = phteah_layers::sound_polygon(polygon.into()).unwrap();
                proptest::prop_assert_eq!(repair, None);
            }
        }
    }
}
