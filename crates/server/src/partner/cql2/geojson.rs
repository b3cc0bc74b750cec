//! Shapes in CQL2 JSON: GeoJSON geometries.

use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};
use serde_json::Value;

use super::{About, FilterError, Result, shown};

/// Reads a GeoJSON geometry. Collections within collections are refused.
pub fn geometry(kind: &str, object: &serde_json::Map<String, Value>) -> Result<Geometry<f64>> {
    if kind == "GeometryCollection" {
        let parts = object
            .get("geometries")
            .and_then(Value::as_array)
            .ok_or_else(malformed)?;
        let parts: Result<Vec<_>> = parts
            .iter()
            .map(|part| match part.get("type").and_then(Value::as_str) {
                Some(kind) if kind != "GeometryCollection" => {
                    geometry(kind, part.as_object().ok_or_else(malformed)?)
                }
                _ => Err(malformed()),
            })
            .collect();
        return Ok(Geometry::GeometryCollection(GeometryCollection(parts?)));
    }
    let at = object.get("coordinates").ok_or_else(malformed)?;
    Ok(match kind {
        "Point" => Point(coord(at)?).into(),
        "LineString" => line(at)?.into(),
        "Polygon" => polygon(at)?.into(),
        "MultiPoint" => MultiPoint(each(at, |v| coord(v).map(Point))?).into(),
        "MultiLineString" => MultiLineString(each(at, line)?).into(),
        "MultiPolygon" => MultiPolygon(each(at, polygon)?).into(),
        other => {
            return Err(FilterError::about(
                About::Shape,
                format!("'{}' is no kind of shape.", shown(other)),
            ));
        }
    })
}

fn malformed() -> FilterError {
    FilterError::about(
        About::Shape,
        "A shape in the filter is no GeoJSON geometry with numbers as coordinates.",
    )
}

fn each<T>(value: &Value, one: impl Fn(&Value) -> Result<T>) -> Result<Vec<T>> {
    value
        .as_array()
        .filter(|parts| !parts.is_empty())
        .ok_or_else(malformed)?
        .iter()
        .map(one)
        .collect()
}

fn coord(value: &Value) -> Result<Coord<f64>> {
    match value.as_array().map(Vec::as_slice) {
        Some([x, y] | [x, y, _] | [x, y, _, _]) => {
            let (x, y) = x.as_f64().zip(y.as_f64()).ok_or_else(malformed)?;
            Ok(Coord { x, y })
        }
        _ => Err(malformed()),
    }
}

fn line(value: &Value) -> Result<LineString<f64>> {
    each(value, coord).map(LineString)
}

fn polygon(value: &Value) -> Result<Polygon<f64>> {
    let mut rings = each(value, line)?;
    let outer = rings.remove(0);
    Ok(Polygon::new(outer, rings))
}
