//! Well-known binary, both ways. Reading takes every form that GDAL hands out: either byte order, ISO and old Z/M codes, curves and
//! surfaces. Heights and measures are dropped, arcs become chords; the reader says so.

use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};

mod arc;

/// A geometry and what had to be left out or replaced to make it flat and straight.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The flat, straight geometry; single-part multis stay multis.
    pub geometry: Geometry<f64>,
    /// It had heights or measures.
    pub had_z: bool,
    /// It had arcs, which were replaced by chords no more than 4 degrees long each.
    pub had_curves: bool,
    /// So many rings did not end where they began, and were closed.
    pub unclosed_rings: usize,
}

/// Nested collections deeper than this are hostile.
const MAX_DEPTH: usize = 16;

/// Reads a WKB geometry. `Err` says what is wrong with the bytes.
pub fn parse(bytes: &[u8]) -> Result<Parsed, &'static str> {
    let mut reader = Reader {
        bytes,
        at: 0,
        had_z: false,
        had_curves: false,
        unclosed_rings: 0,
    };
    let geometry = reader.geometry(0)?;
    Ok(Parsed {
        geometry,
        had_z: reader.had_z,
        had_curves: reader.had_curves,
        unclosed_rings: reader.unclosed_rings,
    })
}

/// The SRID that an EWKB geometry carries.
pub fn srid(bytes: &[u8]) -> Option<u32> {
    let word = |at: usize| {
        let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
        Some(match bytes[0] {
            0 => u32::from_be_bytes(four),
            _ => u32::from_le_bytes(four),
        })
    };
    (word(1)? & 0x2000_0000 != 0).then(|| word(5)).flatten()
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    had_z: bool,
    had_curves: bool,
    unclosed_rings: usize,
}

/// Byte order and width of one geometry's coordinates.
#[derive(Clone, Copy)]
struct Layout {
    little: bool,
    dimensions: usize,
}

const SHORT: &str = "the geometry's bytes end too early";

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        let slice = self.bytes.get(self.at..self.at + N).ok_or(SHORT)?;
        self.at += N;
        slice.try_into().map_err(|_| SHORT)
    }

    fn u32(&mut self, little: bool) -> Result<u32, &'static str> {
        let bytes = self.take()?;
        Ok(if little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }

    /// A count that the remaining bytes can hold; a false count must not make us allocate gigabytes.
    fn count(&mut self, little: bool, least_bytes: usize) -> Result<usize, &'static str> {
        let n = self.u32(little)? as usize;
        if n.saturating_mul(least_bytes) > self.bytes.len() - self.at {
            Err(SHORT)
        } else {
            Ok(n)
        }
    }

    fn header(&mut self) -> Result<(u32, Layout), &'static str> {
        let little = match self.take::<1>()? {
            [0] => false,
            [1] => true,
            _ => return Err("the geometry's byte order is unknown"),
        };
        let code = self.u32(little)?;
        let old_z = code & 0x8000_0000 != 0;
        let old_m = code & 0x4000_0000 != 0;
        if code & 0x2000_0000 != 0 {
            self.u32(little)?; // an EWKB SRID; the CRS comes from the layer
        }
        let code = code & 0x1fff_ffff;
        let (z, m) = match code / 1000 {
            0 => (old_z, old_m),
            1 => (true, false),
            2 => (false, true),
            3 => (true, true),
            _ => return Err("the geometry's type is unknown"),
        };
        self.had_z |= z || m;
        Ok((
            code % 1000,
            Layout {
                little,
                dimensions: 2 + usize::from(z) + usize::from(m),
            },
        ))
    }

    fn coord(&mut self, layout: Layout) -> Result<Coord<f64>, &'static str> {
        let mut xy = [0.0; 2];
        for value in &mut xy {
            let bytes = self.take()?;
            *value = if layout.little {
                f64::from_le_bytes(bytes)
            } else {
                f64::from_be_bytes(bytes)
            };
        }
        let rest = 8 * (layout.dimensions - 2);
        if self.bytes.len() - self.at < rest {
            return Err(SHORT);
        }
        self.at += rest;
        Ok(Coord { x: xy[0], y: xy[1] })
    }

    fn coords(&mut self, layout: Layout) -> Result<Vec<Coord<f64>>, &'static str> {
        let n = self.count(layout.little, 8 * layout.dimensions)?;
        (0..n).map(|_| self.coord(layout)).collect()
    }

    fn polygon(&mut self, layout: Layout) -> Result<Polygon<f64>, &'static str> {
        let n = self.count(layout.little, 4)?;
        let mut rings = Vec::with_capacity(n);
        for _ in 0..n {
            rings.push(LineString(self.coords(layout)?));
        }
        Ok(self.polygon_of(rings))
    }

    /// `Polygon::new` closes open rings without a word; the report wants to know.
    fn polygon_of(&mut self, rings: Vec<LineString<f64>>) -> Polygon<f64> {
        self.unclosed_rings += rings
            .iter()
            .filter(|ring| ring.0.first() != ring.0.last())
            .count();
        let mut rings = rings.into_iter();
        let exterior = rings.next().unwrap_or_else(|| LineString(Vec::new()));
        Polygon::new(exterior, rings.collect())
    }

    fn parts(&mut self, layout: Layout, depth: usize) -> Result<Vec<Geometry<f64>>, &'static str> {
        if depth >= MAX_DEPTH {
            return Err("the geometry nests too deeply");
        }
        let n = self.count(layout.little, 5)?;
        (0..n).map(|_| self.geometry(depth + 1)).collect()
    }

    /// One line made of the parts of a compound curve, or of a single line or arc.
    fn curve(&mut self, depth: usize) -> Result<Vec<Coord<f64>>, &'static str> {
        match self.geometry(depth + 1)? {
            Geometry::LineString(line) => Ok(line.0),
            _ => Err("a curve has a part that is no line"),
        }
    }

    fn geometry(&mut self, depth: usize) -> Result<Geometry<f64>, &'static str> {
        if depth > MAX_DEPTH {
            return Err("the geometry nests too deeply");
        }
        let (code, layout) = self.header()?;
        self.had_curves |= (8..=12).contains(&code);
        Ok(match code {
            1 => {
                let at = self.coord(layout)?;
                // An empty point is written as NaN, NaN.
                if at.x.is_nan() && at.y.is_nan() {
                    MultiPoint(Vec::new()).into()
                } else {
                    Point(at).into()
                }
            }
            2 => LineString(self.coords(layout)?).into(),
            8 => LineString(arc::chords(&self.coords(layout)?)).into(),
            9 => {
                let n = self.count(layout.little, 5)?;
                let mut line: Vec<Coord<f64>> = Vec::new();
                for _ in 0..n {
                    let part = self.curve(depth)?;
                    let joined = usize::from(line.last().is_some() && line.last() == part.first());
                    line.extend_from_slice(&part[joined.min(part.len())..]);
                }
                LineString(line).into()
            }
            3 | 17 => self.polygon(layout)?.into(),
            10 => {
                let n = self.count(layout.little, 5)?;
                let rings = (0..n)
                    .map(|_| self.curve(depth).map(LineString))
                    .collect::<Result<Vec<_>, _>>()?;
                self.polygon_of(rings).into()
            }
            4 => MultiPoint(flatten(self.parts(layout, depth)?, points)?).into(),
            5 | 11 => MultiLineString(flatten(self.parts(layout, depth)?, lines)?).into(),
            6 | 12 | 15 | 16 => MultiPolygon(flatten(self.parts(layout, depth)?, polygons)?).into(),
            7 => Geometry::GeometryCollection(GeometryCollection(self.parts(layout, depth)?)),
            _ => return Err("the geometry's type is unknown"),
        })
    }
}

type Parts<T> = fn(Geometry<f64>) -> Option<Vec<T>>;

fn flatten<T>(parts: Vec<Geometry<f64>>, one: Parts<T>) -> Result<Vec<T>, &'static str> {
    let mut all = Vec::with_capacity(parts.len());
    for part in parts {
        all.extend(one(part).ok_or("a multi-part geometry has a part of another kind")?);
    }
    Ok(all)
}

fn points(part: Geometry<f64>) -> Option<Vec<Point<f64>>> {
    match part {
        Geometry::Point(p) => Some(vec![p]),
        Geometry::MultiPoint(ps) => Some(ps.0),
        _ => None,
    }
}

fn lines(part: Geometry<f64>) -> Option<Vec<LineString<f64>>> {
    match part {
        Geometry::LineString(l) => Some(vec![l]),
        Geometry::MultiLineString(ls) => Some(ls.0),
        _ => None,
    }
}

fn polygons(part: Geometry<f64>) -> Option<Vec<Polygon<f64>>> {
    match part {
        Geometry::Polygon(p) => Some(vec![p]),
        Geometry::MultiPolygon(ps) => Some(ps.0),
        _ => None,
    }
}

/// Appends a geometry as little-endian 2D WKB.
pub fn write(geometry: &Geometry<f64>, out: &mut Vec<u8>) {
    match geometry {
        Geometry::Point(p) => {
            head(1, out);
            put(p.0, out);
        }
        Geometry::Line(l) => write(&Geometry::LineString(LineString(vec![l.start, l.end])), out),
        Geometry::LineString(l) => write_line(l, out),
        Geometry::Polygon(p) => write_polygon(p, out),
        Geometry::MultiPoint(ps) => {
            multi(4, ps.0.len(), out);
            for p in &ps.0 {
                head(1, out);
                put(p.0, out);
            }
        }
        Geometry::MultiLineString(ls) => {
            multi(5, ls.0.len(), out);
            ls.0.iter().for_each(|l| write_line(l, out));
        }
        Geometry::MultiPolygon(ps) => {
            multi(6, ps.0.len(), out);
            ps.0.iter().for_each(|p| write_polygon(p, out));
        }
        Geometry::GeometryCollection(gs) => {
            multi(7, gs.0.len(), out);
            gs.0.iter().for_each(|g| write(g, out));
        }
        Geometry::Rect(r) => write_polygon(&r.to_polygon(), out),
        Geometry::Triangle(t) => write_polygon(&t.to_polygon(), out),
    }
}

fn head(code: u32, out: &mut Vec<u8>) {
    out.push(1);
    out.extend_from_slice(&code.to_le_bytes());
}

fn multi(code: u32, n: usize, out: &mut Vec<u8>) {
    head(code, out);
    out.extend_from_slice(&(n as u32).to_le_bytes());
}

fn put(c: Coord<f64>, out: &mut Vec<u8>) {
    out.extend_from_slice(&c.x.to_le_bytes());
    out.extend_from_slice(&c.y.to_le_bytes());
}

fn write_coords(line: &LineString<f64>, out: &mut Vec<u8>) {
    out.extend_from_slice(&(line.0.len() as u32).to_le_bytes());
    line.0.iter().for_each(|c| put(*c, out));
}

fn write_line(line: &LineString<f64>, out: &mut Vec<u8>) {
    head(2, out);
    write_coords(line, out);
}

fn write_polygon(polygon: &Polygon<f64>, out: &mut Vec<u8>) {
    let empty = polygon.exterior().0.is_empty();
    multi(3, if empty { 0 } else { 1 + polygon.interiors().len() }, out);
    if !empty {
        write_coords(polygon.exterior(), out);
        polygon
            .interiors()
            .iter()
            .for_each(|ring| write_coords(ring, out));
    }
}
