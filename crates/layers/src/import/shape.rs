//! Geometry as it may be stored: flat, straight, finite, closed, valid, of the role's kind.

use gdal::cpl::CslStringList;
use geo::{
    Area, Coord, CoordsIter, Euclidean, Geometry, InteriorPoint, Length, LineString, MultiLineString,
    MultiPolygon, Polygon,
};

use crate::gdal_rim;
use crate::reading_process::Mender;
use crate::schema::GeometryKind;
use crate::wkb;

/// Why a geometry cannot be stored.
#[derive(Debug, PartialEq)]
pub(super) struct Refusal {
    pub code: &'static str,
    pub place: Option<String>,
    pub message: String,
}

/// Something done to a geometry.
#[derive(Debug, PartialEq)]
pub(super) struct Change {
    pub code: &'static str,
    pub place: Option<String>,
    pub message: String,
}

fn refuse<T>(code: &'static str, place: Option<String>, message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal {
        code,
        place,
        message: message.into(),
    })
}

/// Checks that do not depend on the CRS: there is something, and its coordinates are numbers.
pub(super) fn check_coordinates(geometry: &Geometry<f64>) -> Result<(), Refusal> {
    if geometry.coords_count() == 0 {
        return refuse("empty_geometry", None, "its geometry is empty");
    }
    if geometry.coords_iter().all(|c| c.x.is_finite() && c.y.is_finite()) {
        return Ok(());
    }
    let ring = rings(geometry)
        .into_iter()
        .find(|(_, ring)| ring.0.iter().any(|c| !c.x.is_finite() || !c.y.is_finite()));
    refuse(
        "not_a_number",
        ring.map(|(name, _)| name),
        "a coordinate is no number",
    )
}

/// Brings a geometry to the kind that is wanted. `area_unit` names the unit of the coordinates' squares in messages.
pub(super) fn fit(
    geometry: Geometry<f64>,
    kind: GeometryKind,
    changes: &mut Vec<Change>,
) -> Result<Geometry<f64>, Refusal> {
    match kind {
        GeometryKind::Any => Ok(geometry),
        GeometryKind::Point => point(geometry, changes),
        GeometryKind::Line => lines(geometry, changes),
        GeometryKind::Polygon => polygons(geometry, changes),
        GeometryKind::PolygonOrPoint => match geometry {
            Geometry::Point(_) | Geometry::MultiPoint(_) => point(geometry, changes),
            Geometry::GeometryCollection(parts) if !parts.0.iter().any(holds_polygon) => {
                point(Geometry::GeometryCollection(parts), changes)
            }
            other => polygons(other, changes),
        },
    }
}

fn point(geometry: Geometry<f64>, changes: &mut Vec<Change>) -> Result<Geometry<f64>, Refusal> {
    match geometry {
        Geometry::Point(_) => Ok(geometry),
        Geometry::MultiPoint(points) if points.0.len() == 1 => Ok(points.0[0].into()),
        Geometry::MultiPoint(points) => refuse(
            "several_points",
            None,
            format!("it is {} points at once; a place is one point", points.0.len()),
        ),
        Geometry::Polygon(_) | Geometry::MultiPolygon(_) => {
            let shape = polygons(geometry, changes)?;
            let Some(inside) = shape.interior_point() else {
                return refuse("empty_geometry", None, "its outline encloses nothing");
            };
            changes.push(Change {
                code: "outline_made_point",
                place: None,
                message: "its outline is stored as a point inside it".into(),
            });
            Ok(inside.into())
        }
        Geometry::GeometryCollection(parts) => {
            let all = parts.0.len();
            let parts = flattened(parts.0);
            let (points, others): (Vec<_>, Vec<_>) = parts
                .into_iter()
                .partition(|part| matches!(part, Geometry::Point(_)));
            let areas: Vec<Polygon<f64>> = others.iter().cloned().flat_map(polygon_parts).collect();
            let left = match (points.len(), areas.is_empty()) {
                (0, true) => return refuse("wrong_geometry", None, "it is a collection without a point"),
                (0, false) => point(joined(areas), changes)?,
                (1, _) => points[0].clone(),
                (n, _) => {
                    return refuse(
                        "several_points",
                        None,
                        format!("it is {n} points at once; a place is one point"),
                    );
                }
            };
            if !others.is_empty() {
                changes.push(reduced(all, "a point"));
            }
            Ok(left)
        }
        other => refuse(
            "wrong_geometry",
            None,
            format!("it is a {}, a point is needed", name(&other)),
        ),
    }
}

/// The parts of collections within collections and of multi-part geometries, each by itself.
fn flattened(parts: Vec<Geometry<f64>>) -> Vec<Geometry<f64>> {
    parts
        .into_iter()
        .flat_map(|part| match part {
            Geometry::GeometryCollection(parts) => flattened(parts.0),
            Geometry::MultiPoint(points) => points.0.into_iter().map(Into::into).collect(),
            Geometry::MultiLineString(lines) => lines.0.into_iter().map(Into::into).collect(),
            other => vec![other],
        })
        .collect()
}

fn holds_polygon(part: &Geometry<f64>) -> bool {
    match part {
        Geometry::GeometryCollection(parts) => parts.0.iter().any(holds_polygon),
        Geometry::Point(_) | Geometry::MultiPoint(_) => false,
        _ => true,
    }
}

fn reduced(all: usize, kept: &str) -> Change {
    Change {
        code: "collection_reduced",
        place: None,
        message: format!("of a collection of {all} geometries only {kept} is stored"),
    }
}

fn lines(geometry: Geometry<f64>, changes: &mut Vec<Change>) -> Result<Geometry<f64>, Refusal> {
    let parts = match geometry {
        Geometry::LineString(line) => vec![line],
        Geometry::MultiLineString(lines) => lines.0,
        Geometry::GeometryCollection(parts) => {
            let all = parts.0.len();
            let (mut lines, mut others) = (Vec::new(), false);
            for part in flattened(parts.0) {
                match part {
                    Geometry::LineString(line) => lines.push(line),
                    _ => others = true,
                }
            }
            if lines.is_empty() {
                return refuse("wrong_geometry", None, "it is a collection without a line");
            }
            if others {
                changes.push(reduced(all, "what is a line"));
            }
            lines
        }
        other => {
            return refuse(
                "wrong_geometry",
                None,
                format!("it is a {}, a line is needed", name(&other)),
            );
        }
    };
    let all = parts.len();
    let mut parts: Vec<LineString<f64>> = parts
        .into_iter()
        .filter(|line| Euclidean.length(line) > 0.0)
        .collect();
    if !parts.is_empty() && parts.len() < all {
        changes.push(Change {
            code: "part_without_length",
            place: None,
            message: format!(
                "{} of its {all} parts have no length and were dropped",
                all - parts.len()
            ),
        });
    }
    match (parts.len(), parts.pop()) {
        (_, None) => refuse("no_length", None, "its line has no length"),
        (1, Some(line)) => Ok(line.into()),
        (_, Some(last)) => {
            parts.push(last);
            Ok(MultiLineString(parts).into())
        }
    }
}

fn polygons(geometry: Geometry<f64>, changes: &mut Vec<Change>) -> Result<Geometry<f64>, Refusal> {
    let parts = match geometry {
        Geometry::Polygon(polygon) => vec![polygon],
        Geometry::MultiPolygon(polygons) => polygons.0,
        Geometry::Rect(rect) => vec![rect.to_polygon()],
        Geometry::Triangle(triangle) => vec![triangle.to_polygon()],
        Geometry::LineString(line) if line.is_closed() && line.0.len() >= 4 => {
            changes.push(Change {
                code: "line_made_polygon",
                place: None,
                message: "its closed line is stored as the outline of a polygon".into(),
            });
            vec![Polygon::new(line, Vec::new())]
        }
        Geometry::GeometryCollection(parts) => {
            let all = parts.0.len();
            let only: Vec<Polygon<f64>> = parts.0.into_iter().flat_map(polygon_parts).collect();
            changes.push(Change {
                code: "collection_reduced",
                place: None,
                message: format!("of a collection of {all} geometries only the polygons are stored"),
            });
            only
        }
        other => {
            return refuse(
                "wrong_geometry",
                None,
                format!("it is a {}, a polygon is needed", name(&other)),
            );
        }
    };
    let mut kept = Vec::with_capacity(parts.len());
    let mut dropped = None;
    let many = parts.len() > 1;
    for (i, polygon) in parts.into_iter().enumerate() {
        let (outer, holes) = polygon.into_inner();
        let part = if many {
            format!("part {}, ", i + 1)
        } else {
            String::new()
        };
        if is_degenerate(&outer) {
            dropped = Some(format!("{part}outer ring"));
            continue;
        }
        let (good, bad): (Vec<_>, Vec<_>) = holes
            .into_iter()
            .enumerate()
            .partition(|(_, hole)| !is_degenerate(hole));
        for (hole, _) in bad {
            changes.push(Change {
                code: "ring_without_area",
                place: Some(format!("{part}hole {}", hole + 1)),
                message: "the ring encloses nothing and was dropped".into(),
            });
        }
        kept.push(Polygon::new(
            outer,
            good.into_iter().map(|(_, hole)| hole).collect(),
        ));
    }
    match (kept.is_empty(), dropped) {
        (true, Some(place)) => {
            return refuse(
                "no_area",
                Some(place),
                "the ring encloses nothing (fewer than three different corners, or all in line)",
            );
        }
        (true, None) => return refuse("empty_geometry", None, "its geometry holds no polygon"),
        (false, Some(place)) => changes.push(Change {
            code: "ring_without_area",
            place: Some(place),
            message: "the part encloses nothing and was dropped".into(),
        }),
        (false, None) => {}
    }
    Ok(joined(kept))
}

fn joined(mut parts: Vec<Polygon<f64>>) -> Geometry<f64> {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only.into(),
        (_, last) => {
            parts.extend(last);
            MultiPolygon(parts).into()
        }
    }
}

fn polygon_parts(part: Geometry<f64>) -> Vec<Polygon<f64>> {
    match part {
        Geometry::Polygon(polygon) => vec![polygon],
        Geometry::MultiPolygon(polygons) => polygons.0,
        Geometry::GeometryCollection(parts) => parts.0.into_iter().flat_map(polygon_parts).collect(),
        _ => Vec::new(),
    }
}

/// Whether a ring has fewer than three different corners. (A thin but real ring is judged by its validity, not here.)
fn is_degenerate(ring: &LineString<f64>) -> bool {
    let mut different: Vec<Coord<f64>> = Vec::with_capacity(3);
    for c in &ring.0 {
        if !different.contains(c) {
            different.push(*c);
            if different.len() == 3 {
                return Polygon::new(ring.clone(), Vec::new()).unsigned_area() == 0.0 && all_in_line(ring);
            }
        }
    }
    true
}

/// A bow tie has no area by the usual formula either, but it is not a line.
#[allow(
    clippy::float_cmp,
    reason = "rings that are nearly in line are real; only exact ones enclose nothing"
)]
fn all_in_line(ring: &LineString<f64>) -> bool {
    let [a, rest @ ..] = &ring.0[..] else { return true };
    let Some(b) = rest.iter().find(|c| *c != a) else {
        return true;
    };
    ring.0
        .iter()
        .all(|c| (b.x - a.x) * (c.y - a.y) == (b.y - a.y) * (c.x - a.x))
}

/// Polygons of more corners than these are judged in a process apart: made for it, they would keep this one busy for hours.
const FEW_CORNERS: usize = 10_000;

/// What GEOS says against a polygon; `None` where it is valid. Only polygons can be invalid.
pub(super) fn invalidity(
    geometry: &Geometry<f64>,
    buffer: &mut Vec<u8>,
    mender: &Mender,
) -> Result<Option<String>, Refusal> {
    if !matches!(geometry, Geometry::Polygon(_) | Geometry::MultiPolygon(_)) {
        return Ok(None);
    }
    buffer.clear();
    wkb::write(geometry, buffer);
    if geometry.coords_count() <= FEW_CORNERS {
        return Ok(said_against(buffer));
    }
    let corners = geometry.coords_count();
    mender.judge(buffer).map_err(|why| Refusal {
        code: "beyond_repair",
        place: None,
        message: format!("whether it is valid is not known, with {corners} corners: {why}"),
    })
}

/// What GEOS says against a polygon in WKB; `None` where it is valid.
pub(crate) fn said_against(wkb: &[u8]) -> Option<String> {
    gdal_rim::clear();
    let valid = gdal::vector::Geometry::from_wkb(wkb).is_ok_and(|g| g.is_valid());
    if valid {
        return None;
    }
    let said = gdal_rim::take();
    Some(
        said.warnings
            .into_iter()
            .chain(said.failures)
            .next()
            .unwrap_or_else(|| "it is not valid".into()),
    )
}

/// A polygon in WKB made valid by GEOS, in WKB. Call it in a process apart: it may take any time.
pub(crate) fn made_valid(wkb: &[u8]) -> Option<Vec<u8>> {
    // "Structure" keeps what a shell encloses and takes away what holes do, as the polygon's author meant it; "linework" would turn
    // overlapping loops into holes.
    let options = CslStringList::from_iter(["METHOD=STRUCTURE"]);
    gdal_rim::clear();
    let repaired = gdal::vector::Geometry::from_wkb(wkb).and_then(|g| g.make_valid(&options));
    repaired.and_then(|g| g.wkb()).ok()
}

/// Repairs a polygon that is invalid for this reason.
pub(super) fn repair(
    geometry: &Geometry<f64>,
    reason: &str,
    buffer: &mut Vec<u8>,
    mender: &Mender,
) -> Result<Geometry<f64>, Refusal> {
    const IT_COULD_NOT: &str = "it could not be repaired";
    let failed = |why: &str| Refusal {
        code: "beyond_repair",
        place: nearest_ring(geometry, reason),
        message: format!("{reason}; {why}"),
    };
    buffer.clear();
    wkb::write(geometry, buffer);
    let bytes = mender.mend(buffer).map_err(|why| failed(&why))?;
    let parts = wkb::parse(&bytes)
        .map(|parsed| polygon_parts(parsed.geometry))
        .map_err(|_| failed(IT_COULD_NOT))?;
    let fixed = joined(parts);
    if fixed.unsigned_area() > 0.0 {
        Ok(fixed)
    } else {
        Err(failed(IT_COULD_NOT))
    }
}

/// What a repair did to the area, in words; both geometries in metres.
pub(super) fn areas(before: &Geometry<f64>, after: &Geometry<f64>) -> String {
    let (before, after) = (before.unsigned_area(), after.unsigned_area());
    if (before - after).abs() <= 1e-9 * after.max(before) {
        format!("area {after:.2} m² as before")
    } else {
        format!("area {before:.2} → {after:.2} m²")
    }
}

/// The ring nearest to the spot that GEOS names in its reason.
pub(super) fn nearest_ring(geometry: &Geometry<f64>, reason: &str) -> Option<String> {
    let numbers: Vec<f64> = reason
        .split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | 'e' | '+')))
        .filter_map(|word| word.parse().ok())
        .collect();
    let [.., x, y] = numbers[..] else { return None };
    let away = |ring: &LineString<f64>| {
        ring.lines()
            .map(|l| distance(x, y, l.start, l.end))
            .fold(f64::INFINITY, f64::min)
    };
    rings(geometry)
        .into_iter()
        .map(|(name, ring)| (away(ring), name))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

fn distance(x: f64, y: f64, a: Coord<f64>, b: Coord<f64>) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length = dx * dx + dy * dy;
    let t = if length > 0.0 {
        (((x - a.x) * dx + (y - a.y) * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (a.x + t * dx - x).hypot(a.y + t * dy - y)
}

/// The rings (or lines) of a geometry with the names they have in reports.
fn rings(geometry: &Geometry<f64>) -> Vec<(String, &LineString<f64>)> {
    fn of_polygon<'a>(prefix: &str, polygon: &'a Polygon<f64>, out: &mut Vec<(String, &'a LineString<f64>)>) {
        out.push((format!("{prefix}outer ring"), polygon.exterior()));
        out.extend(
            polygon
                .interiors()
                .iter()
                .enumerate()
                .map(|(i, hole)| (format!("{prefix}hole {}", i + 1), hole)),
        );
    }
    let mut out = Vec::new();
    match geometry {
        Geometry::Polygon(polygon) => of_polygon("", polygon, &mut out),
        Geometry::MultiPolygon(polygons) => {
            for (i, polygon) in polygons.0.iter().enumerate() {
                of_polygon(&format!("part {}, ", i + 1), polygon, &mut out);
            }
        }
        Geometry::LineString(line) => out.push(("line".into(), line)),
        Geometry::MultiLineString(lines) => {
            out.extend(
                lines
                    .0
                    .iter()
                    .enumerate()
                    .map(|(i, line)| (format!("line {}", i + 1), line)),
            );
        }
        _ => {}
    }
    out
}

fn name(geometry: &Geometry<f64>) -> &'static str {
    match geometry {
        Geometry::Point(_) | Geometry::MultiPoint(_) => "point",
        Geometry::Line(_) | Geometry::LineString(_) | Geometry::MultiLineString(_) => "line",
        Geometry::Polygon(_) | Geometry::MultiPolygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => {
            "polygon"
        }
        Geometry::GeometryCollection(_) => "collection of geometries",
    }
}
