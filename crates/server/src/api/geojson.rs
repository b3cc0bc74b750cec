//! Shapes as `GeoJSON` (RFC 7946): WGS 84, outer rings counter-clockwise, seven decimals (1 cm).

use geo::{MultiPolygon, Winding};
use serde_json::{Value, json};

use crate::tiles::plane::Plane;

/// A shape of the projected plane as a `GeoJSON` geometry; `None` where the plane means nothing.
pub fn geometry(shape: &MultiPolygon<f64>, plane: &Plane) -> Option<Value> {
    let polygons = shape
        .iter()
        .map(|polygon| polygon_rings(polygon, plane))
        .collect::<Option<Vec<_>>>()?;
    Some(match <[Value; 1]>::try_from(polygons) {
        Ok([rings]) => json!({ "type": "Polygon", "coordinates": rings }),
        Err(polygons) => json!({ "type": "MultiPolygon", "coordinates": polygons }),
    })
}

/// A line of the projected plane as a `GeoJSON` `LineString`; `None` where the plane means nothing.
pub fn line(line: &geo::LineString<f64>, plane: &Plane) -> Option<Value> {
    Some(json!({ "type": "LineString", "coordinates": ring(line, plane)? }))
}

fn polygon_rings(polygon: &geo::Polygon<f64>, plane: &Plane) -> Option<Value> {
    let mut exterior = polygon.exterior().clone();
    exterior.make_ccw_winding();
    let mut rings = vec![ring(&exterior, plane)?];
    for interior in polygon.interiors() {
        let mut interior = interior.clone();
        interior.make_cw_winding();
        rings.push(ring(&interior, plane)?);
    }
    Some(Value::Array(rings))
}

fn ring(ring: &geo::LineString<f64>, plane: &Plane) -> Option<Value> {
    let degrees = |v: f64| (v * 1e7).round() / 1e7;
    let position = |c: &geo::Coord<f64>| {
        plane
            .to_degrees(c.x, c.y)
            .map(|(lon, lat)| json!([degrees(lon), degrees(lat)]))
    };
    ring.0
        .iter()
        .map(position)
        .collect::<Option<Vec<_>>>()
        .map(Value::Array)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Polygon, polygon};

    #[test]
    fn rings_wind_as_rfc_7946_asks() {
        let clockwise: Polygon<f64> =
            polygon![(x: 0., y: 0.), (x: 0., y: 1.), (x: 1., y: 1.), (x: 1., y: 0.)];
        let json = geometry(&MultiPolygon(vec![clockwise]), &Plane::Degrees).unwrap();
        assert_eq!(json["type"], "Polygon");
        assert_eq!(json["coordinates"][0][1], json!([1.0, 0.0]));
    }
}
