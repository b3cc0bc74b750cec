//! A tile out of a prepared layer: blocks that meet it are read, their shapes put on the grid and cut side by side, then written in order.

use std::collections::HashSet;
use std::io;
use std::ops::Range;

use rayon::prelude::*;

use super::super::clip;
use super::super::generalise::{straighten_line, straighten_ring, whole_area};
use super::super::grid::TileId;
use super::super::mvt::{LayerWriter, Pen, Point};
use super::super::vector::{HOPELESS_BYTES, MAX_BYTES, hash};
use super::record::{Cursor, Damaged, Head, Kind, Tag};
use super::snap::{Place, Snap, window};
use super::{Block, Prepared};

/// The least bytes of a feature in a tile: a square with an id.
const LEAST_BYTES: usize = 20;

/// Bytes that one thread draws faster than it could share them out.
const ALONE: usize = 1 << 20;

/// Blocks read at once by one thread.
const RUN: usize = 48;

/// One attempt at a tile.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt {
    pub tile: TileId,
    /// Side of a grid cell in tile units, as a power of two.
    pub step: u32,
    /// The grid is coarser than the zoom's own: of shapes that became the same, one is enough.
    pub thinned: bool,
    /// No coarser grid is to come: the budget cuts the list instead.
    pub last: bool,
}

/// A feature as it will stand in the tile, its values and commands in the buffer of its run.
struct Drawn {
    fid: u64,
    kind: Kind,
    values: Range<usize>,
    commands: Range<usize>,
    /// What shapes that look the same have in common.
    place: u64,
}

/// Draws several layers as one of this name; `None` as soon as it is hopelessly large.
pub(super) fn draw(name: &str, layers: &[&Prepared], attempt: Attempt) -> io::Result<Option<Vec<u8>>> {
    let mut writer = LayerWriter::new(name);
    let mut taken = HashSet::new();
    for layer in layers {
        let Some(drawn) = runs(layer, attempt)? else {
            return Ok(None);
        };
        match write(layer, attempt, &drawn, &mut writer, &mut taken) {
            Written::All => {}
            Written::Full => break,
            Written::TooMuch => return Ok(None),
        }
    }
    Ok(Some(writer.finish()))
}

/// The layer's features in the tile, run by run; `None` where there are hopelessly many.
fn runs(layer: &Prepared, attempt: Attempt) -> io::Result<Option<Vec<(Vec<u8>, Vec<Drawn>)>>> {
    let snap = Snap::of(attempt.tile, attempt.step);
    let level = snap.level();
    let window = window(attempt.tile, attempt.step);
    let hits = layer
        .blocks
        .iter()
        .filter(|block| block.meets(window) && level.is_none_or(|level| block.left[level] > 0));
    let mut runs: Vec<Run> = Vec::new();
    let mut surely_inside = 0;
    for block in hits {
        if block.within(window) {
            surely_inside += level.map_or(usize::from(block.features), |level| {
                usize::from(block.left[level])
            });
        }
        match runs.last_mut() {
            Some(run) if run.start + run.length as u64 == block.start && run.blocks < RUN => run.add(block),
            _ => runs.push(Run::of(block)),
        }
    }
    if surely_inside * LEAST_BYTES > HOPELESS_BYTES && !attempt.last && !attempt.thinned_to_cells(layer) {
        return Ok(None);
    }
    let drawn: io::Result<Vec<_>> = if runs.iter().map(|run| run.length).sum::<usize>() > ALONE {
        runs.par_iter()
            .map(|run| run.draw(layer, attempt, snap))
            .collect()
    } else {
        runs.iter().map(|run| run.draw(layer, attempt, snap)).collect()
    };
    drawn.map(Some)
}

impl Attempt {
    /// Whether far fewer features may be left than lie there: points that share a cell.
    fn thinned_to_cells(self, layer: &Prepared) -> bool {
        self.thinned && layer.has_points
    }
}

/// Blocks that lie one behind the other in the file.
struct Run {
    start: u64,
    length: usize,
    blocks: usize,
}

impl Run {
    fn of(block: &Block) -> Self {
        Self {
            start: block.start,
            length: block.length,
            blocks: 1,
        }
    }

    fn add(&mut self, block: &Block) {
        self.length += block.length;
        self.blocks += 1;
    }

    fn draw(&self, layer: &Prepared, attempt: Attempt, snap: Snap) -> io::Result<(Vec<u8>, Vec<Drawn>)> {
        let mut bytes = vec![0; self.length];
        layer.read(self.start, &mut bytes)?;
        let mut brush = Brush {
            snap,
            attempt,
            fields: layer.keys.len(),
            out: Pen::default(),
            places: Vec::new(),
            points: Vec::new(),
        };
        let (mut cursor, mut drawn) = (Cursor { bytes: &bytes }, Vec::new());
        let level = snap.level();
        while !cursor.bytes.is_empty() {
            let damaged = |Damaged| io::Error::new(io::ErrorKind::InvalidData, "a prepared layer is damaged");
            let Some(head) = cursor.record(level).map_err(damaged)? else {
                continue;
            };
            drawn.extend(brush.feature(&head).map_err(damaged)?);
        }
        Ok((brush.out.bytes, drawn))
    }
}

/// Draws one feature after the other into one buffer.
struct Brush {
    snap: Snap,
    attempt: Attempt,
    fields: usize,
    out: Pen,
    places: Vec<Place>,
    points: Vec<Point>,
}

impl Brush {
    /// `None` where nothing of the feature is in the tile.
    fn feature(&mut self, head: &Head<'_>) -> Result<Option<Drawn>, Damaged> {
        let before = self.out.bytes.len();
        let mut cursor = head.rest;
        let values = cursor.bytes;
        cursor.text()?;
        for _ in 0..self.fields {
            cursor.tag()?;
        }
        let length = values.len() - cursor.bytes.len();
        self.out.lift();
        let place = match head.kind {
            Kind::Points => self.group(cursor)?,
            Kind::Lines => self.lines(cursor)?,
            Kind::Polygons => self.polygons(cursor)?,
        };
        let commands = before..self.out.bytes.len();
        if commands.is_empty() {
            return Ok(None);
        }
        let place = place.unwrap_or_else(|| hash(&self.out.bytes[commands.clone()]));
        let start = self.out.bytes.len();
        self.out.bytes.extend_from_slice(&values[..length]);
        Ok(Some(Drawn {
            fid: head.fid,
            kind: head.kind,
            values: start..start + length,
            commands,
            place,
        }))
    }

    /// Points keep their place; where they are thinned, those in one cell are one.
    fn group(&mut self, mut cursor: Cursor<'_>) -> Result<Option<u64>, Damaged> {
        let fine = Snap::of(self.attempt.tile, 0);
        cursor.varint()?;
        cursor.places(&mut (0, 0), &mut self.places)?;
        let points: Vec<Point> = self
            .places
            .iter()
            .map(|&place| fine.at(place))
            .filter(|&point| clip::holds(point))
            .collect();
        if points.is_empty() {
            return Ok(None);
        }
        self.out.points(&points);
        let cells: Vec<Point> = points
            .iter()
            .map(|(x, y)| (x >> self.attempt.step, y >> self.attempt.step))
            .collect();
        Ok(Some(hash(&cells)))
    }

    fn lines(&mut self, mut cursor: Cursor<'_>) -> Result<Option<u64>, Damaged> {
        let mut at = (0, 0);
        for _ in 0..cursor.varint()? {
            cursor.places(&mut at, &mut self.places)?;
            self.snap.path(&self.places, &mut self.points);
            let straight = straighten_line(std::mem::take(&mut self.points));
            if clip::holds_all(&straight) {
                if straight.len() > 1 {
                    self.out.line(&straight);
                }
            } else {
                for part in clip::line(&straight) {
                    self.out.line(&part);
                }
            }
            self.points = straight;
        }
        Ok(None)
    }

    fn polygons(&mut self, mut cursor: Cursor<'_>) -> Result<Option<u64>, Damaged> {
        let mut at = (0, 0);
        for _ in 0..cursor.varint()? {
            let mut is_there = true;
            for hole in 0..cursor.varint()? {
                cursor.places(&mut at, &mut self.places)?;
                if !is_there {
                    continue;
                }
                let ring = self.ring();
                let turns = whole_area(&ring);
                let right_way = if hole == 0 { turns > 0 } else { turns < 0 };
                if ring.len() > 2 && right_way {
                    self.out.ring(&ring);
                } else if hole == 0 {
                    is_there = false;
                }
                self.points = ring;
            }
        }
        Ok(None)
    }

    fn ring(&mut self) -> Vec<Point> {
        let mut points = std::mem::take(&mut self.points);
        self.snap.path(&self.places, &mut points);
        if points.len() > 1 && points.first() == points.last() {
            points.pop();
        }
        straighten_ring(clip::ring(points))
    }
}

/// What came of writing a layer.
enum Written {
    /// All of it is in the tile.
    All,
    /// The budget has cut it.
    Full,
    /// It is hopelessly large.
    TooMuch,
}

/// Writes the features in order; values that many share stand in the tile once.
fn write(
    layer: &Prepared,
    attempt: Attempt,
    runs: &[(Vec<u8>, Vec<Drawn>)],
    writer: &mut LayerWriter,
    taken: &mut HashSet<u64>,
) -> Written {
    let mut entries: Vec<Option<u32>> = vec![None; layer.dictionary.len()];
    let mut keys: Vec<Option<u32>> = vec![None; layer.keys.len()];
    let (mut id_key, mut tags) = (None, Vec::new());
    for (bytes, drawn) in runs {
        for feature in drawn {
            if attempt.thinned && !taken.insert(feature.place) {
                continue;
            }
            if attempt.last && writer.size() > MAX_BYTES {
                return Written::Full;
            }
            tags.clear();
            let values = &bytes[feature.values.clone()];
            let read = tag(
                layer,
                values,
                writer,
                (&mut id_key, &mut keys, &mut entries),
                &mut tags,
            );
            if read.is_none() {
                return Written::TooMuch;
            }
            writer.feature(
                Some(feature.fid),
                feature.kind as u64,
                &tags,
                &bytes[feature.commands.clone()],
            );
            if writer.size() > HOPELESS_BYTES && !attempt.last {
                return Written::TooMuch;
            }
        }
    }
    Written::All
}

/// The numbers of a feature's keys and values; `None` where they cannot be read.
fn tag(
    layer: &Prepared,
    values: &[u8],
    writer: &mut LayerWriter,
    (id_key, keys, entries): (&mut Option<u32>, &mut [Option<u32>], &mut [Option<u32>]),
    tags: &mut Vec<u32>,
) -> Option<()> {
    let mut values = Cursor { bytes: values };
    let key = *id_key.get_or_insert_with(|| writer.key("id"));
    tags.extend([key, writer.single_value(values.text().ok()?)]);
    for (name, key) in layer.keys.iter().zip(keys) {
        let value = match values.tag().ok()? {
            Tag::Unknown => continue,
            Tag::Spelt(value) => writer.value(value),
            Tag::Entry(entry) => {
                let value = layer.dictionary.get(entry)?;
                *entries
                    .get_mut(entry)?
                    .get_or_insert_with(|| writer.single_value(value))
            }
        };
        tags.extend([*key.get_or_insert_with(|| writer.key(name)), value]);
    }
    Some(())
}
