//! A stored shape brought into another CRS without building it: kinds and counts are copied, coordinates moved.

use super::shape::{Reader, Result, ShapeError};
use crate::partner::data::crs::Plane;

/// The deepest nesting: a multi and its parts.
const DEPTH: u8 = 2;

/// Moves shapes; keeps its scratch memory between them.
pub struct WkbMover {
    plane: Plane,
    x: Vec<f64>,
    y: Vec<f64>,
}

impl WkbMover {
    /// A mover into one CRS.
    pub fn new(plane: Plane) -> Self {
        Self {
            plane,
            x: Vec::new(),
            y: Vec::new(),
        }
    }

    /// Appends the moved shape to `out` and widens `bounds` by it.
    pub fn write(&mut self, wkb: &[u8], out: &mut Vec<u8>, bounds: &mut [f64; 4]) -> Result<()> {
        self.shape(&mut Reader { bytes: wkb }, out, bounds, DEPTH)
    }

    fn shape(
        &mut self,
        reader: &mut Reader<'_>,
        out: &mut Vec<u8>,
        bounds: &mut [f64; 4],
        depth: u8,
    ) -> Result<()> {
        let kind = reader.header()?;
        out.push(1);
        out.extend_from_slice(&kind.to_le_bytes());
        match kind {
            1 => self.positions(reader, 1, out, bounds),
            2 => self.line(reader, out, bounds),
            3 => {
                let rings = count(reader, 4, out)?;
                (0..rings).try_for_each(|_| self.line(reader, out, bounds))
            }
            4..=6 if depth > 1 => {
                let parts = count(reader, 5, out)?;
                (0..parts).try_for_each(|_| self.shape(reader, out, bounds, depth - 1))
            }
            _ => Err(ShapeError::Damaged),
        }
    }

    fn line(&mut self, reader: &mut Reader<'_>, out: &mut Vec<u8>, bounds: &mut [f64; 4]) -> Result<()> {
        let n = count(reader, 16, out)?;
        self.positions(reader, n, out, bounds)
    }

    fn positions(
        &mut self,
        reader: &mut Reader<'_>,
        n: usize,
        out: &mut Vec<u8>,
        bounds: &mut [f64; 4],
    ) -> Result<()> {
        reader.positions(n, &mut self.x, &mut self.y)?;
        self.plane.project(&mut self.x, &mut self.y)?;
        for (&x, &y) in self.x.iter().zip(&self.y) {
            if !(x.is_finite() && y.is_finite()) {
                return Err(ShapeError::Damaged);
            }
            *bounds = [
                bounds[0].min(x),
                bounds[1].min(y),
                bounds[2].max(x),
                bounds[3].max(y),
            ];
            out.extend_from_slice(&x.to_le_bytes());
            out.extend_from_slice(&y.to_le_bytes());
        }
        Ok(())
    }
}

fn count(reader: &mut Reader<'_>, bytes_each: usize, out: &mut Vec<u8>) -> Result<usize> {
    let n = reader.count(bytes_each)?;
    out.extend_from_slice(&u32::try_from(n).map_err(|_| ShapeError::Damaged)?.to_le_bytes());
    Ok(n)
}
