//! Geometries as FlatGeobuf has them: flat coordinates, and where each part of them ends.

use flatbuffers::{FlatBufferBuilder, WIPOffset};
use flatgeobuf::{Geometry as Shape, GeometryArgs, GeometryType};
use geo::{Coord, Geometry, LineString, Polygon};

/// Writes shapes; keeps its scratch memory between them.
pub(super) struct Shapes {
    declared: GeometryType,
    xy: Vec<f64>,
    ends: Vec<u32>,
}

type Written = WIPOffset<Shape<'static>>;

impl Shapes {
    /// Shapes of a file that declares this type; `Unknown` where each says its own.
    pub fn new(declared: GeometryType) -> Self {
        Self {
            declared,
            xy: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Writes a geometry; a single part as a multi of one where the file declares multis.
    pub fn write(&mut self, to: &mut FlatBufferBuilder<'static>, geometry: &Geometry<f64>) -> Written {
        match (geometry, self.declared) {
            (Geometry::Polygon(polygon), GeometryType::MultiPolygon) => {
                self.polygons(to, std::slice::from_ref(polygon))
            }
            (Geometry::LineString(line), GeometryType::MultiLineString) => {
                self.lines(to, std::slice::from_ref(line))
            }
            _ => self.plain(to, geometry),
        }
    }

    fn plain(&mut self, to: &mut FlatBufferBuilder<'static>, geometry: &Geometry<f64>) -> Written {
        match geometry {
            Geometry::Point(point) => {
                self.add(&[point.0]);
                self.end(to, GeometryType::Point)
            }
            Geometry::MultiPoint(points) => {
                for point in &points.0 {
                    self.add(&[point.0]);
                }
                self.end(to, GeometryType::MultiPoint)
            }
            Geometry::LineString(line) => {
                self.add(&line.0);
                self.end(to, GeometryType::LineString)
            }
            Geometry::MultiLineString(lines) => self.lines(to, &lines.0),
            Geometry::Polygon(polygon) => self.polygon(to, polygon),
            Geometry::MultiPolygon(polygons) => self.polygons(to, &polygons.0),
            Geometry::GeometryCollection(parts) => {
                let parts: Vec<_> = parts.0.iter().map(|part| self.plain(to, part)).collect();
                group(to, GeometryType::GeometryCollection, &parts)
            }
            Geometry::Line(line) => {
                self.add(&[line.start, line.end]);
                self.end(to, GeometryType::LineString)
            }
            Geometry::Rect(rect) => self.polygon(to, &rect.to_polygon()),
            Geometry::Triangle(triangle) => self.polygon(to, &triangle.to_polygon()),
        }
    }

    fn lines(&mut self, to: &mut FlatBufferBuilder<'static>, lines: &[LineString<f64>]) -> Written {
        for line in lines {
            self.part(&line.0);
        }
        self.end(to, GeometryType::MultiLineString)
    }

    fn polygon(&mut self, to: &mut FlatBufferBuilder<'static>, polygon: &Polygon<f64>) -> Written {
        self.part(&polygon.exterior().0);
        for ring in polygon.interiors() {
            self.part(&ring.0);
        }
        self.end(to, GeometryType::Polygon)
    }

    fn polygons(&mut self, to: &mut FlatBufferBuilder<'static>, polygons: &[Polygon<f64>]) -> Written {
        let parts: Vec<_> = polygons.iter().map(|polygon| self.polygon(to, polygon)).collect();
        group(to, GeometryType::MultiPolygon, &parts)
    }

    fn add(&mut self, coords: &[Coord<f64>]) {
        self.xy.extend(coords.iter().flat_map(|c| [c.x, c.y]));
    }

    fn part(&mut self, coords: &[Coord<f64>]) {
        self.add(coords);
        self.ends.push((self.xy.len() / 2) as u32);
    }

    fn end(&mut self, to: &mut FlatBufferBuilder<'static>, kind: GeometryType) -> Written {
        let xy = Some(to.create_vector(&self.xy));
        // One part ends where the coordinates do; but of a multi line GDAL (to 3.6 at least) wants to be told.
        let told = self.ends.len() > 1 || kind == GeometryType::MultiLineString;
        let ends = told.then(|| to.create_vector(&self.ends));
        self.xy.clear();
        self.ends.clear();
        let shape = GeometryArgs {
            xy,
            ends,
            type_: kind,
            ..GeometryArgs::default()
        };
        Shape::create(to, &shape)
    }
}

fn group(to: &mut FlatBufferBuilder<'static>, kind: GeometryType, parts: &[Written]) -> Written {
    let parts = Some(to.create_vector(parts));
    let shape = GeometryArgs {
        type_: kind,
        parts,
        ..GeometryArgs::default()
    };
    Shape::create(to, &shape)
}
