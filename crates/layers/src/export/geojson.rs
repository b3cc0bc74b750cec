//! GeoJSON after RFC 7946: WGS 84, right-hand rule, seven decimals (a centimetre), nothing that is not a number.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use geo::{Coord, Geometry, LineString, Orient, Polygon, orient::Direction};
use serde_json::{Map, Value as Json};

use super::TableMeta;
use crate::error::{LayersError, Result};
use crate::value::{Field, Value};

pub(super) struct GeoJson {
    out: BufWriter<File>,
    path: PathBuf,
    fields: Vec<String>,
    line: String,
    first: bool,
}

impl GeoJson {
    pub fn create(path: &Path, fields: &[Field], meta: &TableMeta) -> Result<Self> {
        let io = |e| LayersError::io(path, "writing", e);
        let mut out = BufWriter::new(File::create_new(path).map_err(io)?);
        let mut head = String::from("{\"type\":\"FeatureCollection\"");
        if !meta.name.is_empty() {
            push_member(&mut head, "name", &Json::from(meta.name.as_str()));
        }
        push_member(&mut head, "illustrative", &Json::from(meta.illustrative));
        for (key, value) in meta.items().iter().filter(|(key, _)| key != "illustrative") {
            push_member(&mut head, key, &Json::from(value.as_str()));
        }
        let units: Map<String, Json> = fields
            .iter()
            .filter_map(|field| Some((field.name.clone(), Json::from(field.unit.as_deref()?))))
            .collect();
        if !units.is_empty() {
            push_member(&mut head, "units", &Json::Object(units));
        }
        head.push_str(",\"features\":[");
        out.write_all(head.as_bytes()).map_err(io)?;
        let fields = fields
            .iter()
            .map(|field| Json::from(field.name.as_str()).to_string())
            .collect();
        Ok(Self {
            out,
            path: path.to_owned(),
            fields,
            line: String::new(),
            first: true,
        })
    }

    pub fn push(
        &mut self,
        id: &str,
        geometry: Option<Geometry<f64>>,
        values: &[Option<Value>],
    ) -> Result<()> {
        let line = &mut self.line;
        line.clear();
        line.push_str(if self.first { "\n" } else { ",\n" });
        self.first = false;
        let id = Json::from(id).to_string();
        line.push_str("{\"type\":\"Feature\",\"id\":");
        line.push_str(&id);
        line.push_str(",\"properties\":{\"id\":");
        line.push_str(&id);
        for (field, value) in self.fields.iter().zip(values) {
            line.push(',');
            line.push_str(field);
            line.push(':');
            match value {
                Some(value) => line.push_str(&value.to_json().to_string()),
                None => line.push_str("null"),
            }
        }
        line.push_str("},\"geometry\":");
        match geometry {
            Some(geometry) => write_geometry(&geometry, line),
            None => line.push_str("null"),
        }
        line.push('}');
        self.out
            .write_all(line.as_bytes())
            .map_err(|e| LayersError::io(&self.path, "writing", e))
    }

    pub fn finish(mut self) -> Result<()> {
        let done = self.out.write_all(b"\n]}\n").and_then(|()| self.out.flush());
        done.map_err(|e| LayersError::io(&self.path, "writing", e))
    }
}

fn push_member(out: &mut String, key: &str, value: &Json) {
    out.push(',');
    out.push_str(&Json::from(key).to_string());
    out.push(':');
    out.push_str(&value.to_string());
}

/// Appends a geometry; outer rings anticlockwise, holes clockwise.
pub(crate) fn write_geometry(geometry: &Geometry<f64>, out: &mut String) {
    let member = |name: &str, out: &mut String| {
        out.push_str("{\"type\":\"");
        out.push_str(name);
        out.push_str("\",\"coordinates\":");
    };
    match geometry {
        Geometry::Point(point) => {
            member("Point", out);
            write_coord(point.0, out);
        }
        Geometry::MultiPoint(points) => {
            member("MultiPoint", out);
            write_list(&points.0, out, |point, out| write_coord(point.0, out));
        }
        Geometry::Line(line) => {
            return write_geometry(&LineString(vec![line.start, line.end]).into(), out);
        }
        Geometry::LineString(line) => {
            member("LineString", out);
            write_line(line, out);
        }
        Geometry::MultiLineString(lines) => {
            member("MultiLineString", out);
            write_list(&lines.0, out, write_line);
        }
        Geometry::Polygon(polygon) => {
            member("Polygon", out);
            write_polygon(polygon, out);
        }
        Geometry::MultiPolygon(polygons) => {
            member("MultiPolygon", out);
            write_list(&polygons.0, out, write_polygon);
        }
        Geometry::Rect(rect) => return write_geometry(&rect.to_polygon().into(), out),
        Geometry::Triangle(triangle) => return write_geometry(&triangle.to_polygon().into(), out),
        Geometry::GeometryCollection(parts) => {
            out.push_str("{\"type\":\"GeometryCollection\",\"geometries\":");
            write_list(&parts.0, out, write_geometry);
        }
    }
    out.push('}');
}

fn write_list<T>(items: &[T], out: &mut String, one: impl Fn(&T, &mut String)) {
    out.push('[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        one(item, out);
    }
    out.push(']');
}

fn write_line(line: &LineString<f64>, out: &mut String) {
    write_list(&line.0, out, |coord, out| write_coord(*coord, out));
}

fn write_polygon(polygon: &Polygon<f64>, out: &mut String) {
    let polygon = polygon.orient(Direction::Default);
    out.push('[');
    write_line(polygon.exterior(), out);
    for hole in polygon.interiors() {
        out.push(',');
        write_line(hole, out);
    }
    out.push(']');
}

fn write_coord(coord: Coord<f64>, out: &mut String) {
    out.push('[');
    write_number(coord.x, out);
    out.push(',');
    write_number(coord.y, out);
    out.push(']');
}

fn write_number(value: f64, out: &mut String) {
    use std::fmt::Write as _;
    let start = out.len();
    let _ = write!(out, "{value:.7}");
    while out.ends_with('0') {
        out.pop();
    }
    if out.ends_with('.') {
        out.pop();
    }
    if &out[start..] == "-0" {
        out.replace_range(start.., "0");
    }
}
