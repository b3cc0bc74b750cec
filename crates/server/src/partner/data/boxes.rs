//! The boxes of a layer's features in memory, by number: how a page of a box is found at the same cost wherever it is.
//!
//! The file's own R-tree gives the features of a box in no useful order; a page would have to collect and sort all of them first. Here the
//! boxes are simply looked through from where the last page ended: a million of them take a fraction of a millisecond.

use rusqlite::Connection;

/// A feature's number and box; the box in single precision, rounded outwards, as the file's R-tree has it.
#[derive(Debug, Clone, Copy)]
struct Entry {
    fid: i64,
    bounds: [f32; 4],
}

/// Boxes summed up in one. Features that follow each other mostly lie near each other: most of a layer is passed over by looking at these.
const BLOCK: usize = 64;

/// All boxes of one version of a layer.
#[derive(Debug)]
pub struct Boxes {
    entries: Vec<Entry>,
    /// The box around each [`BLOCK`] entries.
    blocks: Vec<[f32; 4]>,
}

/// A box that is searched, in the layer's CRS.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// What lies outside of it does not match.
    pub within: [f64; 4],
    /// What lies wholly inside of it does. `None` where that cannot be told from a box.
    pub inner: Option<[f64; 4]>,
}

/// Features whose numbers follow each other without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The smallest number.
    pub first: i64,
    /// The greatest.
    pub last: i64,
    /// Whether all of them match; else their shapes decide.
    pub sure: bool,
}

/// The most features in a span: more than a page needs would be looked for in vain.
const MAX_SPAN: i64 = 512;

impl Boxes {
    /// Reads them from a GeoPackage's R-tree.
    pub fn read(conn: &Connection, table: &str) -> rusqlite::Result<Self> {
        let name = format!("rtree_{table}_geom").replace('"', "\"\"");
        let mut statement = conn.prepare(&format!("SELECT id, minx, miny, maxx, maxy FROM \"{name}\""))?;
        let mut rows = statement.query([])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            let bounds = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?].map(|v: f64| v as f32);
            entries.push(Entry {
                fid: row.get(0)?,
                bounds,
            });
        }
        entries.shrink_to_fit();
        Ok(Self::new(entries))
    }

    fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_unstable_by_key(|entry| entry.fid);
        let around =
            |a: [f32; 4], b: [f32; 4]| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])];
        let nowhere = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
        let blocks = entries
            .chunks(BLOCK)
            .map(|block| block.iter().map(|entry| entry.bounds).fold(nowhere, around))
            .collect();
        Self { entries, blocks }
    }

    /// Bytes that they take.
    pub fn size(&self) -> usize {
        self.entries.len() * size_of::<Entry>() + self.blocks.len() * size_of::<[f32; 4]>()
    }

    /// The features with numbers greater than `after` whose box meets the window, rising.
    pub fn meeting(&self, window: Window, after: i64) -> impl Iterator<Item = Span> + '_ {
        let start = self.entries.partition_point(|entry| entry.fid <= after);
        let (within, inner) = (outwards(window.within), window.inner);
        let blocks = (start / BLOCK..self.blocks.len()).filter(move |&i| meets(self.blocks[i], within));
        let entries = blocks.flat_map(move |i| &self.entries[start.max(i * BLOCK)..self.end_of(i)]);
        spans(hits(entries, within, inner), 1)
    }

    /// The features with numbers smaller than `before` whose box meets the window, falling.
    pub fn before(&self, window: Window, before: i64) -> impl Iterator<Item = Span> + '_ {
        let end = self.entries.partition_point(|entry| entry.fid < before);
        let (within, inner) = (outwards(window.within), window.inner);
        let blocks = (0..end.div_ceil(BLOCK))
            .rev()
            .filter(move |&i| meets(self.blocks[i], within));
        let entries = blocks.flat_map(move |i| self.entries[i * BLOCK..end.min(self.end_of(i))].iter().rev());
        spans(hits(entries, within, inner), -1)
    }

    fn end_of(&self, block: usize) -> usize {
        self.entries.len().min((block + 1) * BLOCK)
    }

    /// About so many numbers, evenly spread.
    pub fn spread(&self, wanted: usize) -> impl Iterator<Item = i64> + '_ {
        let step = self.entries.len().div_ceil(wanted.max(1)).max(1);
        self.entries.iter().step_by(step).map(|entry| entry.fid)
    }
}

/// Each entry that meets the window: its number, and whether it surely matches.
fn hits<'a>(
    entries: impl Iterator<Item = &'a Entry>,
    within: [f32; 4],
    inner: Option<[f64; 4]>,
) -> impl Iterator<Item = (i64, bool)> {
    entries
        .filter(move |entry| meets(entry.bounds, within))
        .map(move |entry| {
            let [x0, y0, x1, y1] = entry.bounds.map(f64::from);
            let sure = inner.is_some_and(|[w, s, e, n]| x0 >= w && y0 >= s && x1 <= e && y1 <= n);
            (entry.fid, sure)
        })
}

/// Joins what follows each other, in steps of 1 or -1.
fn spans(hits: impl Iterator<Item = (i64, bool)>, step: i64) -> impl Iterator<Item = Span> {
    let mut hits = hits.peekable();
    std::iter::from_fn(move || {
        let (from, sure) = hits.next()?;
        let mut to = from;
        while (to - from).abs() < MAX_SPAN - 1 && hits.next_if_eq(&(to + step, sure)).is_some() {
            to += step;
        }
        Some(Span {
            first: from.min(to),
            last: from.max(to),
            sure,
        })
    })
}

fn meets(a: [f32; 4], b: [f32; 4]) -> bool {
    a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1]
}

/// Single precision, never smaller than the box it stands for.
fn outwards([w, s, e, n]: [f64; 4]) -> [f32; 4] {
    let low = |v: f64| {
        if f64::from(v as f32) > v {
            (v as f32).next_down()
        } else {
            v as f32
        }
    };
    let high = |v: f64| {
        if f64::from(v as f32) < v {
            (v as f32).next_up()
        } else {
            v as f32
        }
    };
    [low(w), low(s), high(e), high(n)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A strip of squares from west to east, their numbers with a gap after every hundredth.
    fn strip() -> Boxes {
        let square = |i: i64| {
            let x = i as f32;
            Entry {
                fid: i + i / 100,
                bounds: [x, 0.0, x + 1.0, 1.0],
            }
        };
        Boxes::new((0..1_000).map(square).collect())
    }

    fn numbers(spans: impl Iterator<Item = Span>) -> Vec<i64> {
        spans.flat_map(|span| span.first..=span.last).collect()
    }

    #[test]
    fn spans_hold_what_meets_the_window_and_nothing_else() {
        let boxes = strip();
        for (west, east) in [
            (0.5, 999.5),
            (90.5, 230.5),
            (300.5, 300.6),
            (-9.0, -1.0),
            (64.5, 127.5),
        ] {
            let window = Window {
                within: [west, 0.2, east, 0.8],
                inner: Some([west + 20.0, -1.0, east - 20.0, 2.0]),
            };
            let expected: Vec<i64> = boxes
                .entries
                .iter()
                .filter(|entry| f64::from(entry.bounds[2]) >= west && f64::from(entry.bounds[0]) <= east)
                .map(|entry| entry.fid)
                .collect();
            assert_eq!(numbers(boxes.meeting(window, i64::MIN)), expected);
            let mut falling = numbers(boxes.before(window, i64::MAX));
            falling.sort_unstable();
            assert_eq!(falling, expected);
            for after in [0, 63, 64, 100, 155, 900] {
                let rest: Vec<i64> = expected.iter().copied().filter(|&fid| fid > after).collect();
                assert_eq!(numbers(boxes.meeting(window, after)), rest, "after {after}");
                let mut rest = numbers(boxes.before(window, after));
                rest.sort_unstable();
                assert!(
                    rest.iter().eq(expected.iter().filter(|&&fid| fid < after)),
                    "before {after}"
                );
            }
            for span in boxes.meeting(window, i64::MIN).filter(|span| span.sure) {
                assert!(span.last - span.first < MAX_SPAN);
                assert!((span.first..=span.last).all(|fid| {
                    let x = f64::from(boxes.entries[(fid - fid / 101) as usize].bounds[0]);
                    x >= west + 20.0 && x < east - 20.0
                }));
            }
        }
    }
}
