//! KML 2.2, for maps on phones and globes: always WGS 84, one placemark a feature, its fields as typed data.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use geo::{Coord, Geometry, LineString, Polygon};

use super::TableMeta;
use crate::error::{LayersError, Result};
use crate::value::{Field, FieldType, Value};

/// Decimals of a degree that say a centimetre.
const DECIMALS: usize = 7;

pub(super) struct Kml {
    out: BufWriter<File>,
    path: PathBuf,
    fields: Vec<String>,
    /// Where a name stands, English first.
    names: Vec<usize>,
    text: String,
}

impl Kml {
    pub fn create(path: &Path, fields: &[Field], meta: &TableMeta) -> Result<Self> {
        let io = |e| LayersError::io(path, "writing", e);
        let mut out = BufWriter::new(File::create_new(path).map_err(io)?);
        let mut head = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>\n<name>",
        );
        let title = if meta.title.is_empty() {
            &meta.name
        } else {
            &meta.title
        };
        push_text(&mut head, title);
        head.push_str("</name><description>");
        push_text(&mut head, &meta.description());
        head.push_str("</description>\n<Schema name=\"features\" id=\"features\"><SimpleField name=\"id\" type=\"string\"/>");
        for field in fields {
            let kind = match field.kind {
                FieldType::Number => "double",
                // KML's whole numbers have 32 bits, ours 64.
                FieldType::Integer | FieldType::Text | FieldType::Date => "string",
                FieldType::Boolean => "bool",
            };
            head.push_str("<SimpleField name=\"");
            push_text(&mut head, &field.name);
            let _ = write!(head, "\" type=\"{kind}\"><displayName>");
            push_text(&mut head, &field.name);
            if let Some(unit) = &field.unit {
                head.push_str(" (");
                push_text(&mut head, unit);
                head.push(')');
            }
            head.push_str("</displayName></SimpleField>");
        }
        head.push_str("</Schema>\n");
        out.write_all(head.as_bytes()).map_err(io)?;
        let place = |name: &str| fields.iter().position(|field| field.name == name);
        Ok(Self {
            out,
            path: path.to_owned(),
            fields: fields.iter().map(|field| field.name.clone()).collect(),
            names: ["name", "name_km"].into_iter().filter_map(place).collect(),
            text: String::new(),
        })
    }

    pub fn push(
        &mut self,
        id: &str,
        geometry: Option<&Geometry<f64>>,
        values: &[Option<Value>],
    ) -> Result<()> {
        let text = &mut self.text;
        text.clear();
        let named = self
            .names
            .iter()
            .find_map(|at| values.get(*at)?.as_ref()?.as_str());
        // The id as an attribute is what GDAL's reader LIBKML, and with it QGIS, has as the feature's id; other readers look into the data.
        text.push_str("<Placemark id=\"");
        push_text(text, id);
        text.push_str("\"><name>");
        push_text(text, named.unwrap_or(id));
        text.push_str("</name><ExtendedData><SchemaData schemaUrl=\"#features\"><SimpleData name=\"id\">");
        push_text(text, id);
        text.push_str("</SimpleData>");
        for (field, value) in self.fields.iter().zip(values) {
            let Some(value) = value else { continue };
            text.push_str("<SimpleData name=\"");
            push_text(text, field);
            text.push_str("\">");
            match value {
                Value::Text(words) => push_text(text, words),
                Value::Boolean(yes) => text.push(if *yes { '1' } else { '0' }),
                other => {
                    let _ = write!(text, "{other}");
                }
            }
            text.push_str("</SimpleData>");
        }
        text.push_str("</SchemaData></ExtendedData>");
        if let Some(geometry) = geometry {
            push_shape(text, geometry);
        }
        text.push_str("</Placemark>\n");
        self.out
            .write_all(text.as_bytes())
            .map_err(|e| LayersError::io(&self.path, "writing", e))
    }

    pub fn finish(mut self) -> Result<()> {
        self.out
            .write_all(b"</Document></kml>\n")
            .and_then(|()| self.out.flush())
            .map_err(|e| LayersError::io(&self.path, "writing", e))
    }
}

fn push_shape(out: &mut String, geometry: &Geometry<f64>) {
    match geometry {
        Geometry::Point(point) => {
            out.push_str("<Point><coordinates>");
            push_position(out, point.0);
            out.push_str("</coordinates></Point>");
        }
        Geometry::Line(line) => push_line(out, &LineString(vec![line.start, line.end]), "LineString"),
        Geometry::LineString(line) => push_line(out, line, "LineString"),
        Geometry::Polygon(polygon) => push_polygon(out, polygon),
        Geometry::Rect(rect) => push_polygon(out, &rect.to_polygon()),
        Geometry::Triangle(triangle) => push_polygon(out, &triangle.to_polygon()),
        Geometry::MultiPoint(many) => push_many(out, many.iter().map(|part| Geometry::from(*part))),
        Geometry::MultiLineString(many) => {
            push_many(out, many.iter().map(|part| Geometry::from(part.clone())));
        }
        Geometry::MultiPolygon(many) => push_many(out, many.iter().map(|part| Geometry::from(part.clone()))),
        Geometry::GeometryCollection(many) => push_many(out, many.iter().cloned()),
    }
}

fn push_many(out: &mut String, parts: impl Iterator<Item = Geometry<f64>>) {
    out.push_str("<MultiGeometry>");
    parts.for_each(|part| push_shape(out, &part));
    out.push_str("</MultiGeometry>");
}

fn push_polygon(out: &mut String, polygon: &Polygon<f64>) {
    out.push_str("<Polygon><outerBoundaryIs>");
    push_line(out, polygon.exterior(), "LinearRing");
    out.push_str("</outerBoundaryIs>");
    for hole in polygon.interiors() {
        out.push_str("<innerBoundaryIs>");
        push_line(out, hole, "LinearRing");
        out.push_str("</innerBoundaryIs>");
    }
    out.push_str("</Polygon>");
}

fn push_line(out: &mut String, line: &LineString<f64>, element: &str) {
    let _ = write!(out, "<{element}><coordinates>");
    for (i, at) in line.0.iter().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        push_position(out, *at);
    }
    let _ = write!(out, "</coordinates></{element}>");
}

fn push_position(out: &mut String, at: Coord<f64>) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{:.DECIMALS$},{:.DECIMALS$}", at.x, at.y);
}

/// Text within XML. Signs that XML does not know at all are left out.
fn push_text(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'.. => out.push(c),
            _ => {}
        }
    }
}
