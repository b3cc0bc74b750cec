//! A feature as it lies in a prepared layer: a few dozen bytes, read in one pass.
//!
//! ```text
//! length of the rest │ levels at which something of it is left │ number │ kind │ id │ value or – of each field │ shape
//! ```
//! Numbers are varints; a shape's vertices are differences, as they are in tiles.

use super::super::generalise::{Outline, straighten_line, straighten_ring, whole_area};
use super::super::mvt::{Point, write_varint, zigzag};
use super::snap::{LEVELS, Place, Snap};

/// Of what a shape consists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Points = 1,
    Lines = 2,
    Polygons = 3,
}

/// A value of a feature: none, an entry of the layer's dictionary, or spelt out.
pub(super) enum Tag<'a> {
    Unknown,
    Entry(usize),
    Spelt(&'a [u8]),
}

const UNKNOWN: u64 = 0;
const SPELT: u64 = 1;

/// A shape on its way into a record.
#[derive(Debug)]
pub(super) struct Shape {
    pub kind: Kind,
    /// Polygons, each of rings; lines and points are polygons of one ring.
    parts: Vec<Vec<Vec<Place>>>,
}

impl Shape {
    /// Takes an outline whose unit is the world's.
    pub fn of(outline: &Outline) -> Self {
        let place = |&(x, y): &(f64, f64)| (whole(x), whole(y));
        let path = |points: &Vec<(f64, f64)>| points.iter().map(place).collect::<Vec<_>>();
        let (kind, parts) = match outline {
            Outline::Points(points) => (Kind::Points, vec![vec![path(points)]]),
            Outline::Lines(lines) => (Kind::Lines, lines.iter().map(|line| vec![path(line)]).collect()),
            Outline::Polygons(polygons) => (
                Kind::Polygons,
                polygons
                    .iter()
                    .map(|rings| rings.iter().map(path).collect())
                    .collect(),
            ),
        };
        Self { kind, parts }
    }

    /// West, north, east, south.
    pub fn bounds(&self) -> [i64; 4] {
        let mut bounds = [i64::MAX, i64::MAX, i64::MIN, i64::MIN];
        for &(x, y) in self.parts.iter().flatten().flatten() {
            bounds = [
                bounds[0].min(x),
                bounds[1].min(y),
                bounds[2].max(x),
                bounds[3].max(y),
            ];
        }
        bounds
    }

    /// At which levels something of it is left, a bit each.
    pub fn levels(&self) -> u16 {
        let bounds = self.bounds();
        (0..LEVELS)
            .filter(|&level| {
                let snap = Snap::of_level(level);
                let (low, high) = (snap.at((bounds[0], bounds[1])), snap.at((bounds[2], bounds[3])));
                match self.kind {
                    Kind::Points => true,
                    Kind::Lines => {
                        low != high
                            && self
                                .parts
                                .iter()
                                .flatten()
                                .any(|line| line_on(snap, line).len() > 1)
                    }
                    Kind::Polygons => {
                        low.0 != high.0
                            && low.1 != high.1
                            && self
                                .parts
                                .iter()
                                .filter_map(|rings| rings.first())
                                .any(|outer| covers(snap, outer))
                    }
                }
            })
            .fold(0, |bits, level| bits | (1 << level))
    }

    /// Appends the shape.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut at = (0, 0);
        write_varint(out, self.parts.len() as u64);
        for rings in &self.parts {
            if self.kind == Kind::Polygons {
                write_varint(out, rings.len() as u64);
            }
            for ring in rings {
                write_varint(out, ring.len() as u64);
                for &(x, y) in ring {
                    write_varint(out, zigzag(x - at.0));
                    write_varint(out, zigzag(y - at.1));
                    at = (x, y);
                }
            }
        }
    }
}

/// World units, kept within the world.
fn whole(v: f64) -> i64 {
    (v.floor() as i64).clamp(0, (1 << 32) - 1)
}

fn line_on(snap: Snap, line: &[Place]) -> Vec<Point> {
    let mut points = Vec::new();
    snap.path(line, &mut points);
    straighten_line(points)
}

fn covers(snap: Snap, ring: &[Place]) -> bool {
    let mut points = Vec::with_capacity(ring.len());
    snap.path(ring, &mut points);
    if points.len() > 1 && points.first() == points.last() {
        points.pop();
    }
    let points = straighten_ring(points);
    points.len() > 2 && whole_area(&points) > 0
}

/// Appends a value that is not known.
pub(super) fn write_unknown(out: &mut Vec<u8>) {
    write_varint(out, UNKNOWN);
}

/// Appends an entry of the dictionary.
pub(super) fn write_entry(out: &mut Vec<u8>, entry: usize) {
    write_varint(out, SPELT + 1 + entry as u64);
}

/// Appends a value as tiles spell it.
pub(super) fn write_spelt(out: &mut Vec<u8>, value: &[u8]) {
    write_varint(out, SPELT);
    write_text(out, value);
}

/// Appends bytes with their length.
pub(super) fn write_text(out: &mut Vec<u8>, bytes: &[u8]) {
    write_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Bytes that nobody here has written, or not all of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Damaged;

type Result<T> = std::result::Result<T, Damaged>;

/// Reads records.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub bytes: &'a [u8],
}

/// The beginning of a record.
pub(super) struct Head<'a> {
    pub fid: u64,
    pub kind: Kind,
    pub rest: Cursor<'a>,
}

impl<'a> Cursor<'a> {
    pub fn varint(&mut self) -> Result<u64> {
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let (&byte, rest) = self.bytes.split_first().ok_or(Damaged)?;
            self.bytes = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
            shift += 7;
            if shift > 63 {
                return Err(Damaged);
            }
        }
    }

    pub fn text(&mut self) -> Result<&'a [u8]> {
        let length = usize::try_from(self.varint()?).map_err(|_| Damaged)?;
        let (head, tail) = self.bytes.split_at_checked(length).ok_or(Damaged)?;
        self.bytes = tail;
        Ok(head)
    }

    /// The next record of a block; passes over it at once where it has nothing at `level`.
    pub fn record(&mut self, level: Option<usize>) -> Result<Option<Head<'a>>> {
        let mut rest = Cursor { bytes: self.text()? };
        let (levels, bytes) = rest.bytes.split_at_checked(2).ok_or(Damaged)?;
        let levels = u16::from_le_bytes(levels.try_into().map_err(|_| Damaged)?);
        if level.is_some_and(|level| levels & (1 << level) == 0) {
            return Ok(None);
        }
        rest.bytes = bytes;
        let fid = rest.varint()?;
        let kind = match rest.varint()? {
            1 => Kind::Points,
            2 => Kind::Lines,
            3 => Kind::Polygons,
            _ => return Err(Damaged),
        };
        Ok(Some(Head { fid, kind, rest }))
    }

    pub fn tag(&mut self) -> Result<Tag<'a>> {
        Ok(match self.varint()? {
            UNKNOWN => Tag::Unknown,
            SPELT => Tag::Spelt(self.text()?),
            entry => Tag::Entry(usize::try_from(entry - SPELT - 1).map_err(|_| Damaged)?),
        })
    }

    /// The vertices of the next ring, line or group of points; `at` is the one before it.
    pub fn places(&mut self, at: &mut Place, out: &mut Vec<Place>) -> Result<()> {
        out.clear();
        for _ in 0..self.varint()? {
            let (x, y) = (unzigzag(self.varint()?), unzigzag(self.varint()?));
            *at = (
                at.0.checked_add(x).ok_or(Damaged)?,
                at.1.checked_add(y).ok_or(Damaged)?,
            );
            out.push(*at);
        }
        Ok(())
    }
}

fn unzigzag(v: u64) -> i64 {
    (v >> 1).cast_signed() ^ -(v & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_comes_back_as_it_went() {
        let rings = vec![
            vec![
                vec![(5.0, 5.0), (9.5, 5.0), (4.0e9, 4.29e9)],
                vec![(6.0, 6.0), (6.0, 7.0), (7.0, 7.0)],
            ],
            vec![vec![(1.0, 1.0), (2.0, 1.0), (2.0, 2.0)]],
        ];
        let shape = Shape::of(&Outline::Polygons(rings));
        let mut bytes = Vec::new();
        shape.write(&mut bytes);
        let mut cursor = Cursor { bytes: &bytes };
        let (mut at, mut ring, mut back) = ((0, 0), Vec::new(), Vec::new());
        for _ in 0..cursor.varint().unwrap() {
            let mut rings = Vec::new();
            for _ in 0..cursor.varint().unwrap() {
                cursor.places(&mut at, &mut ring).unwrap();
                rings.push(ring.clone());
            }
            back.push(rings);
        }
        assert!(cursor.bytes.is_empty());
        assert_eq!(back, shape.parts);
        assert_eq!(shape.bounds(), [1, 1, 4_000_000_000, 4_290_000_000]);
    }

    #[test]
    fn what_is_cut_short_is_no_record() {
        let mut record = Vec::new();
        write_text(&mut record, &[0xff, 0xff, 7, 3, 1]);
        for end in 0..record.len() {
            let mut cursor = Cursor {
                bytes: &record[..end],
            };
            assert!(cursor.record(None).is_err(), "{end}");
        }
        let head = Cursor { bytes: &record }.record(Some(3)).unwrap().unwrap();
        assert_eq!((head.fid, head.kind), (7, Kind::Polygons));
        let nowhere = [3, 0, 0, 7];
        assert!(matches!(Cursor { bytes: &nowhere }.record(Some(3)), Ok(None)));
        let endless = Cursor { bytes: &[0xff; 12] }.varint();
        assert_eq!(endless, Err(Damaged));
    }

    #[test]
    fn a_plot_is_left_only_where_it_covers_a_cell() {
        // Four by four units at the corner of the coarsest cell: gone at coarse levels, there at none finer than its own size.
        let side = f64::from(1 << 12);
        let square = vec![vec![vec![(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)]]];
        let levels = Shape::of(&Outline::Polygons(square)).levels();
        assert_eq!(levels & 1, 0);
        assert_ne!(levels & (1 << 13), 0);
    }
}
