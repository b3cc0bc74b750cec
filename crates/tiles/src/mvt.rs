//! Mapbox Vector Tile 2.1, encoded.
//!
//! The format is a handful of protobuf messages; writing them directly keeps feature geometry in one pass from integers to bytes.
//! Source: <https://github.com/mapbox/vector-tile-spec/tree/master/2.1>.

use std::collections::HashMap;

use super::grid::EXTENT;

/// A vertex in tile units.
pub type Point = (i32, i32);

/// What a tile feature looks like.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Points.
    Points(Vec<Point>),
    /// Lines of at least two vertices.
    Lines(Vec<Vec<Point>>),
    /// Polygons, each an outer ring followed by its holes; rings are not closed. Outer rings have positive area in tile units
    /// (y downwards), holes negative.
    Polygons(Vec<Vec<Vec<Point>>>),
}

/// The value of an attribute. An unknown attribute is left out: the format has no null.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A number; must be finite.
    Number(f64),
    /// A number that a map needs no more than six digits of; must be finite.
    Coarse(f32),
    /// A whole number.
    Integer(i64),
    /// A yes or no.
    Boolean(bool),
}

/// One layer of a tile in the making.
#[derive(Debug)]
pub struct LayerWriter {
    name: String,
    features: Vec<u8>,
    keys: Dictionary,
    values: Dictionary,
    scratch: Vec<u8>,
}

/// Distinct encoded entries, numbered in the order of their first use.
#[derive(Debug, Default)]
struct Dictionary {
    index: HashMap<Vec<u8>, u32>,
    count: u32,
    bytes: Vec<u8>,
}

impl Dictionary {
    fn number(&mut self, field: u32, entry: &[u8]) -> u32 {
        if let Some(&n) = self.index.get(entry) {
            return n;
        }
        let n = self.append(field, entry);
        self.index.insert(entry.to_vec(), n);
        n
    }

    fn append(&mut self, field: u32, entry: &[u8]) -> u32 {
        write_bytes(&mut self.bytes, field, entry);
        self.count += 1;
        self.count - 1
    }
}

impl LayerWriter {
    /// An empty layer of that name.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            features: Vec::new(),
            keys: Dictionary::default(),
            values: Dictionary::default(),
            scratch: Vec::new(),
        }
    }

    /// Adds a feature. Numbers that are not finite are left out, as unknown.
    pub fn add<'a>(
        &mut self,
        id: Option<u64>,
        shape: &Shape,
        attributes: impl IntoIterator<Item = (&'a str, Value)>,
    ) {
        let mut tags = Vec::new();
        for (key, value) in attributes {
            let Some(value) = encode_value(&value) else {
                continue;
            };
            tags.push(self.key(key));
            tags.push(self.value(&value));
        }
        self.feature(id, shape.kind(), &tags, &shape.commands());
    }

    /// The number of a key.
    pub(super) fn key(&mut self, name: &str) -> u32 {
        self.keys.number(3, name.as_bytes())
    }

    /// The number of an encoded value.
    pub(super) fn value(&mut self, value: &[u8]) -> u32 {
        self.values.number(4, value)
    }

    /// The number of an encoded value that the caller knows to be given once only.
    pub(super) fn single_value(&mut self, value: &[u8]) -> u32 {
        self.values.append(4, value)
    }

    /// Adds a feature whose parts are encoded: numbers of keys and values in turn, and the geometry's commands.
    pub(super) fn feature(&mut self, id: Option<u64>, kind: u64, tags: &[u32], commands: &[u8]) {
        self.scratch.clear();
        for &tag in tags {
            write_varint(&mut self.scratch, u64::from(tag));
        }
        let id_bytes = id.map_or(0, |id| 1 + varint_size(id));
        let size = |bytes: usize| 1 + varint_size(bytes as u64) + bytes;
        let length = id_bytes + size(self.scratch.len()) + 1 + varint_size(kind) + size(commands.len());
        write_varint(&mut self.features, (2 << 3) | 2);
        write_varint(&mut self.features, length as u64);
        if let Some(id) = id {
            write_number(&mut self.features, 1, id);
        }
        write_bytes(&mut self.features, 2, &self.scratch);
        write_number(&mut self.features, 3, kind);
        write_bytes(&mut self.features, 4, commands);
    }

    /// Bytes so far, near enough to keep a budget.
    pub fn size(&self) -> usize {
        self.features.len() + self.keys.bytes.len() + self.values.bytes.len() + self.name.len() + 16
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.features.is_empty()
    }

    /// The tile that holds this one layer; no bytes at all if it is empty.
    pub fn finish(self) -> Vec<u8> {
        if self.is_empty() {
            return Vec::new();
        }
        let mut layer = Vec::with_capacity(self.size());
        write_number(&mut layer, 15, 2);
        write_bytes(&mut layer, 1, self.name.as_bytes());
        layer.extend_from_slice(&self.features);
        layer.extend_from_slice(&self.keys.bytes);
        layer.extend_from_slice(&self.values.bytes);
        write_number(&mut layer, 5, EXTENT as u64);
        let mut tile = Vec::with_capacity(layer.len() + 8);
        write_bytes(&mut tile, 3, &layer);
        tile
    }
}

impl Shape {
    fn kind(&self) -> u64 {
        match self {
            Self::Points(_) => 1,
            Self::Lines(_) => 2,
            Self::Polygons(_) => 3,
        }
    }

    fn commands(&self) -> Vec<u8> {
        let mut pen = Pen::default();
        match self {
            Self::Points(points) => pen.points(points),
            Self::Lines(lines) => lines.iter().for_each(|line| pen.line(line)),
            Self::Polygons(polygons) => polygons.iter().flatten().for_each(|ring| pen.ring(ring)),
        }
        pen.bytes
    }
}

const MOVE_TO: u64 = 1;
const LINE_TO: u64 = 2;
const CLOSE_PATH: u64 = 7;

/// Writes geometry commands.
#[derive(Default)]
pub(super) struct Pen {
    at: Point,
    pub bytes: Vec<u8>,
}

impl Pen {
    /// Goes back to where every feature begins.
    pub fn lift(&mut self) {
        self.at = (0, 0);
    }

    pub fn points(&mut self, points: &[Point]) {
        self.run(MOVE_TO, points);
    }

    pub fn line(&mut self, line: &[Point]) {
        self.run(MOVE_TO, &line[..1]);
        self.run(LINE_TO, &line[1..]);
    }

    pub fn ring(&mut self, ring: &[Point]) {
        self.line(ring);
        write_varint(&mut self.bytes, CLOSE_PATH | (1 << 3));
    }

    fn run(&mut self, command: u64, points: &[Point]) {
        write_varint(&mut self.bytes, command | ((points.len() as u64) << 3));
        for &(x, y) in points {
            write_varint(&mut self.bytes, zigzag(i64::from(x) - i64::from(self.at.0)));
            write_varint(&mut self.bytes, zigzag(i64::from(y) - i64::from(self.at.1)));
            self.at = (x, y);
        }
    }
}

pub(super) fn encode_value(value: &Value) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    match value {
        Value::Text(text) => write_bytes(&mut out, 1, text.as_bytes()),
        Value::Number(v) => {
            if !v.is_finite() {
                return None;
            }
            write_varint(&mut out, (3 << 3) | 1);
            out.extend_from_slice(&v.to_le_bytes());
        }
        Value::Coarse(v) => {
            if !v.is_finite() {
                return None;
            }
            write_varint(&mut out, (2 << 3) | 5);
            out.extend_from_slice(&v.to_le_bytes());
        }
        Value::Integer(v) if *v >= 0 => write_number(&mut out, 5, *v as u64),
        Value::Integer(v) => write_number(&mut out, 6, zigzag(*v)),
        Value::Boolean(v) => write_number(&mut out, 7, u64::from(*v)),
    }
    Some(out)
}

pub(super) fn zigzag(v: i64) -> u64 {
    ((v << 1) ^ (v >> 63)) as u64
}

pub(super) fn write_varint(out: &mut Vec<u8>, mut v: u64) {
    while v >= 0x80 {
        out.push((v as u8 & 0x7f) | 0x80);
        v >>= 7;
    }
    out.push(v as u8);
}

fn varint_size(v: u64) -> usize {
    (64 - (v | 1).leading_zeros() as usize).div_ceil(7)
}

fn write_number(out: &mut Vec<u8>, field: u32, v: u64) {
    write_varint(out, u64::from(field) << 3);
    write_varint(out, v);
}

fn write_bytes(out: &mut Vec<u8>, field: u32, bytes: &[u8]) {
    write_varint(out, (u64::from(field) << 3) | 2);
    write_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specifications_own_examples() {
        assert_eq!(Shape::Points(vec![(25, 17)]).commands(), [9, 50, 34]);
        assert_eq!(Shape::Points(vec![(5, 7), (3, 2)]).commands(), [17, 10, 14, 3, 9]);
        assert_eq!(
            Shape::Lines(vec![vec![(2, 2), (2, 10), (10, 10)]]).commands(),
            [9, 4, 4, 18, 0, 16, 16, 0]
        );
        let polygon = Shape::Polygons(vec![vec![vec![(3, 6), (8, 12), (20, 34)]]]);
        assert_eq!(polygon.commands(), [9, 6, 12, 18, 10, 12, 24, 44, 15]);
        let holed = Shape::Polygons(vec![
            vec![vec![(0, 0), (10, 0), (10, 10), (0, 10)]],
            vec![
                vec![(11, 11), (20, 11), (20, 20), (11, 20)],
                vec![(13, 13), (13, 17), (17, 17), (17, 13)],
            ],
        ]);
        assert_eq!(
            holed.commands(),
            [
                9, 0, 0, 26, 20, 0, 0, 20, 19, 0, 15, 9, 22, 2, 26, 18, 0, 0, 18, 17, 0, 15, 9, 4, 13, 26, 0,
                8, 8, 0, 0, 7, 15
            ]
        );
    }

    #[test]
    fn unknown_values_are_left_out_and_known_ones_shared() {
        let mut layer = LayerWriter::new("sites");
        for id in 0..2 {
            layer.add(
                Some(id),
                &Shape::Points(vec![(1, 1)]),
                [
                    ("a", Value::Number(f64::NAN)),
                    ("b", Value::Coarse(f32::INFINITY)),
                    ("c", Value::Boolean(true)),
                ],
            );
        }
        assert_eq!((layer.keys.index.len(), layer.values.index.len()), (1, 1));
        assert!(LayerWriter::new("empty").finish().is_empty());
    }
}
