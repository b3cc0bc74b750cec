//! A stored shape as GeoJSON or WKT, in one pass over its bytes.

use phteah_layers::LayersError;

use super::number::push_fixed;
use crate::partner::data::crs::Plane;

const POINT: u32 = 1;
const LINE: u32 = 2;
const POLYGON: u32 = 3;
const MULTI_POINT: u32 = 4;
const MULTI_LINE: u32 = 5;
const MULTI_POLYGON: u32 = 6;

/// Which text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// A GeoJSON geometry; outer rings counter-clockwise, inner ones clockwise (RFC 7946).
    GeoJson,
    /// Well-known text; rings as they are stored.
    Wkt,
}

/// Writes shapes in one CRS; keeps its scratch memory between them.
pub struct ShapeWriter {
    plane: Plane,
    syntax: Syntax,
    decimals: u32,
    x: Vec<f64>,
    y: Vec<f64>,
}

/// What is wrong with stored bytes.
#[derive(Debug)]
pub enum ShapeError {
    /// They are no WKB of two dimensions.
    Damaged,
    /// Their coordinates cannot be brought into the CRS asked for.
    Crs(LayersError),
}

impl From<LayersError> for ShapeError {
    fn from(error: LayersError) -> Self {
        Self::Crs(error)
    }
}

pub(super) type Result<T> = std::result::Result<T, ShapeError>;

impl ShapeWriter {
    /// A writer for one CRS.
    pub fn new(plane: Plane, syntax: Syntax) -> Self {
        let decimals = plane.target().decimals();
        Self {
            plane,
            syntax,
            decimals,
            x: Vec::new(),
            y: Vec::new(),
        }
    }

    /// Writes one shape.
    pub fn write(&mut self, wkb: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let mut reader = Reader { bytes: wkb };
        self.shape(&mut reader, out)
    }

    fn shape(&mut self, reader: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<()> {
        let kind = reader.header()?;
        let (json, wkt) = match kind {
            POINT => ("Point", "POINT "),
            LINE => ("LineString", "LINESTRING "),
            POLYGON => ("Polygon", "POLYGON "),
            MULTI_POINT => ("MultiPoint", "MULTIPOINT "),
            MULTI_LINE => ("MultiLineString", "MULTILINESTRING "),
            MULTI_POLYGON => ("MultiPolygon", "MULTIPOLYGON "),
            _ => return Err(ShapeError::Damaged),
        };
        match self.syntax {
            Syntax::GeoJson => {
                out.extend_from_slice(b"{\"type\":\"");
                out.extend_from_slice(json.as_bytes());
                out.extend_from_slice(b"\",\"coordinates\":");
            }
            Syntax::Wkt => out.extend_from_slice(wkt.as_bytes()),
        }
        match kind {
            POINT => {
                self.take(reader, 1)?;
                let brackets = self.syntax == Syntax::Wkt;
                if brackets {
                    out.push(b'(');
                }
                self.position(0, out);
                if brackets {
                    out.push(b')');
                }
            }
            LINE => self.line(reader, out)?,
            POLYGON => self.rings(reader, out)?,
            _ => {
                let parts = reader.count(5)?;
                self.open(out);
                for i in 0..parts {
                    if i > 0 {
                        out.push(b',');
                    }
                    match (kind, reader.header()?) {
                        (MULTI_POINT, POINT) => {
                            self.take(reader, 1)?;
                            self.position(0, out);
                        }
                        (MULTI_LINE, LINE) => self.line(reader, out)?,
                        (MULTI_POLYGON, POLYGON) => self.rings(reader, out)?,
                        _ => return Err(ShapeError::Damaged),
                    }
                }
                self.close(out);
            }
        }
        if self.syntax == Syntax::GeoJson {
            out.push(b'}');
        }
        Ok(())
    }

    fn open(&self, out: &mut Vec<u8>) {
        out.push(if self.syntax == Syntax::GeoJson {
            b'['
        } else {
            b'('
        });
    }

    fn close(&self, out: &mut Vec<u8>) {
        out.push(if self.syntax == Syntax::GeoJson {
            b']'
        } else {
            b')'
        });
    }

    fn line(&mut self, reader: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<()> {
        let n = reader.count(16)?;
        self.take(reader, n)?;
        self.positions(0..n, out);
        Ok(())
    }

    fn rings(&mut self, reader: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<()> {
        let rings = reader.count(4)?;
        self.open(out);
        for ring in 0..rings {
            if ring > 0 {
                out.push(b',');
            }
            let n = reader.count(16)?;
            self.take(reader, n)?;
            let outer = ring == 0;
            // The right-hand rule is about longitude and latitude; with the axes the other way round a ring turns the other way.
            let turned = self.plane.target() == crate::partner::data::crs::OutCrs::Epsg4326;
            if self.syntax == Syntax::GeoJson && (self.turns_left() != (outer != turned)) {
                self.positions((0..n).rev(), out);
            } else {
                self.positions(0..n, out);
            }
        }
        self.close(out);
        Ok(())
    }

    /// Whether the ring in hand runs counter-clockwise. Measured from its first point, so that large coordinates cancel out.
    fn turns_left(&self) -> bool {
        let (Some(&x0), Some(&y0)) = (self.x.first(), self.y.first()) else {
            return true;
        };
        let mut doubled_area = 0.0;
        for i in 1..self.x.len() {
            let (ax, ay) = (self.x[i - 1] - x0, self.y[i - 1] - y0);
            let (bx, by) = (self.x[i] - x0, self.y[i] - y0);
            doubled_area += ax * by - bx * ay;
        }
        doubled_area >= 0.0
    }

    /// Takes positions in hand, in the CRS asked for.
    fn take(&mut self, reader: &mut Reader<'_>, n: usize) -> Result<()> {
        reader.positions(n, &mut self.x, &mut self.y)?;
        self.plane.project(&mut self.x, &mut self.y)?;
        // Never NaN or infinity in an answer.
        if self.x.iter().chain(&self.y).all(|v| v.is_finite()) {
            Ok(())
        } else {
            Err(ShapeError::Damaged)
        }
    }

    fn positions(&self, order: impl Iterator<Item = usize>, out: &mut Vec<u8>) {
        self.open(out);
        for (k, i) in order.enumerate() {
            if k > 0 {
                out.push(b',');
            }
            self.position(i, out);
        }
        self.close(out);
    }

    fn position(&self, i: usize, out: &mut Vec<u8>) {
        let json = self.syntax == Syntax::GeoJson;
        if json {
            out.push(b'[');
        }
        push_fixed(out, self.x[i], self.decimals);
        out.push(if json { b',' } else { b' ' });
        push_fixed(out, self.y[i], self.decimals);
        if json {
            out.push(b']');
        }
    }
}

/// Little-endian WKB of two dimensions: what our own files hold.
pub(super) struct Reader<'a> {
    pub bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (head, tail) = self.bytes.split_at_checked(n).ok_or(ShapeError::Damaged)?;
        self.bytes = tail;
        Ok(head)
    }

    fn u32(&mut self) -> Result<u32> {
        self.take(4)?
            .try_into()
            .map(u32::from_le_bytes)
            .map_err(|_| ShapeError::Damaged)
    }

    pub fn header(&mut self) -> Result<u32> {
        if self.take(1)? == [1] {
            self.u32()
        } else {
            Err(ShapeError::Damaged)
        }
    }

    /// A count of things of at least so many bytes each; a false one must not make us write for hours.
    pub fn count(&mut self, bytes_each: usize) -> Result<usize> {
        let n = self.u32()? as usize;
        if n <= self.bytes.len() / bytes_each {
            Ok(n)
        } else {
            Err(ShapeError::Damaged)
        }
    }

    /// Takes positions into `x` and `y`, cleared first.
    pub fn positions(&mut self, n: usize, x: &mut Vec<f64>, y: &mut Vec<f64>) -> Result<()> {
        x.clear();
        y.clear();
        let bytes = self.take(n.checked_mul(16).ok_or(ShapeError::Damaged)?)?;
        for pair in bytes.chunks_exact(16) {
            let (first, second) = pair.split_at(8);
            let number = |bytes: &[u8]| {
                bytes
                    .try_into()
                    .map(f64::from_le_bytes)
                    .map_err(|_| ShapeError::Damaged)
            };
            x.push(number(first)?);
            y.push(number(second)?);
        }
        Ok(())
    }
}
