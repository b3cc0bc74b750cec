//! The GeoPackage geometry blob: a header with the box, then WKB (OGC 12-128r18, 2.1.3).

use geo::{BoundingRect, Geometry, MultiLineString, MultiPolygon};

use crate::schema::GeometryKind;
use crate::wkb;

/// Little-endian, envelope of x and y.
const WITH_BOX: u8 = 0b0000_0011;
/// Little-endian, no envelope: a point is its own.
const WITHOUT_BOX: u8 = 0b0000_0001;

/// Writes the blob into `out` (cleared first) and returns the box `[min x, min y, max x, max y]`; `None` for an empty geometry.
pub(super) fn encode(geometry: &Geometry<f64>, srs_id: i32, out: &mut Vec<u8>) -> Option<[f64; 4]> {
    let rect = geometry.bounding_rect()?;
    let bounds = [rect.min().x, rect.min().y, rect.max().x, rect.max().y];
    out.clear();
    out.extend_from_slice(b"GP\0");
    let point = matches!(geometry, Geometry::Point(_));
    out.push(if point { WITHOUT_BOX } else { WITH_BOX });
    out.extend_from_slice(&srs_id.to_le_bytes());
    if !point {
        for value in [bounds[0], bounds[2], bounds[1], bounds[3]] {
            out.extend_from_slice(&value.to_le_bytes());
        }
    }
    wkb::write(geometry, out);
    Some(bounds)
}

/// Reads a blob. Multis with a single part come as that part, which is what they are nearly always about.
pub(crate) fn decode(blob: &[u8]) -> Result<Geometry<f64>, &'static str> {
    let [b'G', b'P', _, flags, _, _, _, _, rest @ ..] = blob else {
        return Err("a geometry has no GeoPackage header");
    };
    let envelope = match (flags >> 1) & 0b111 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return Err("a geometry's envelope is of no known kind"),
    };
    let wkb = rest.get(envelope..).ok_or("a geometry ends too early")?;
    Ok(single(wkb::parse(wkb)?.geometry))
}

/// The one part of a single-part multi, anything else as it is.
pub(crate) fn single(geometry: Geometry<f64>) -> Geometry<f64> {
    match geometry {
        Geometry::MultiPolygon(mut m) if m.0.len() == 1 => {
            m.0.pop().map_or(Geometry::MultiPolygon(m), Into::into)
        }
        Geometry::MultiLineString(mut m) if m.0.len() == 1 => {
            m.0.pop().map_or(Geometry::MultiLineString(m), Into::into)
        }
        Geometry::MultiPoint(mut m) if m.0.len() == 1 => {
            m.0.pop().map_or(Geometry::MultiPoint(m), Into::into)
        }
        other => other,
    }
}

/// The form that a table of this kind declares: polygons and lines as multis, so that one table may hold both single and multi parts.
pub(super) fn declared(geometry: Geometry<f64>, kind: GeometryKind) -> Geometry<f64> {
    match (kind, geometry) {
        (GeometryKind::Polygon, Geometry::Polygon(p)) => MultiPolygon(vec![p]).into(),
        (GeometryKind::Line, Geometry::LineString(l)) => MultiLineString(vec![l]).into(),
        (_, other) => other,
    }
}
