//! Boxes put into the order of the Hilbert curve, in memory that does not grow with their number: what lies near each other then mostly comes
//! near each other, which is what files with a tree of boxes want.
//!
//! They wait on the disk until the last one has come, for the curve is drawn over the box of all. Sorting is done in runs that fit into a few
//! megabytes; the runs are merged while they are handed over.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Boxes sorted at a time.
const RUN: usize = 50_000;

/// Bytes of one that waits.
const WAITING_BYTES: usize = 44;

/// `[min x, min y, max x, max y]`.
pub(crate) type Bounds = [f64; 4];

/// A box that waits for its place, and what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Waiting {
    /// The box.
    pub bounds: Bounds,
    /// Whatever tells it from the others: a feature's number, or where its bytes lie. Of two at one place of the curve the smaller comes first.
    pub key: u64,
    /// How many bytes belong to it.
    pub size: u32,
}

impl Waiting {
    fn to_bytes(self) -> [u8; WAITING_BYTES] {
        let mut bytes = [0; WAITING_BYTES];
        for (i, value) in self.bounds.iter().enumerate() {
            bytes[8 * i..][..8].copy_from_slice(&value.to_le_bytes());
        }
        bytes[32..40].copy_from_slice(&self.key.to_le_bytes());
        bytes[40..].copy_from_slice(&self.size.to_le_bytes());
        bytes
    }

    fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut bounds = [0.0; 4];
        for value in &mut bounds {
            *value = f64::from_bits(number(from)?);
        }
        let (key, mut size) = (number(from)?, [0; 4]);
        from.read_exact(&mut size)?;
        Ok(Self {
            bounds,
            key,
            size: u32::from_le_bytes(size),
        })
    }
}

fn number(from: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

/// Boxes put aside in a nameless file, which is gone when this is.
pub(crate) struct Pile {
    dir: PathBuf,
    file: BufWriter<File>,
    extent: Option<Bounds>,
    len: u64,
}

impl Pile {
    /// An empty pile in a directory.
    pub fn create(dir: &Path) -> io::Result<Self> {
        Ok(Self {
            dir: dir.to_owned(),
            file: BufWriter::new(tempfile::tempfile_in(dir)?),
            extent: None,
            len: 0,
        })
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// The box around all of them.
    pub fn extent(&self) -> Option<Bounds> {
        self.extent
    }

    /// Puts one aside.
    pub fn push(&mut self, waiting: Waiting) -> io::Result<()> {
        self.file.write_all(&waiting.to_bytes())?;
        self.extent = Some(
            self.extent
                .map_or(waiting.bounds, |extent| around(extent, waiting.bounds)),
        );
        self.len += 1;
        Ok(())
    }

    /// Hands them over from the end of the curve to its beginning, as programs that write FlatGeobuf do.
    pub fn in_order<E: From<io::Error>>(
        self,
        mut each: impl FnMut(&Waiting) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(extent) = self.extent else { return Ok(()) };
        let mut waiting = BufReader::new(rewound(self.file)?);
        let mut runs = Vec::new();
        let mut left = self.len;
        while left > 0 {
            let size = usize::try_from(left).unwrap_or(RUN).min(RUN);
            left -= size as u64;
            let mut run: Vec<Waiting> = (0..size)
                .map(|_| Waiting::read(&mut waiting))
                .collect::<io::Result<_>>()?;
            run.sort_by_cached_key(|one| order(one, extent));
            if left == 0 && runs.is_empty() {
                return run.iter().try_for_each(each);
            }
            let mut sorted = BufWriter::new(tempfile::tempfile_in(&self.dir)?);
            for one in &run {
                sorted.write_all(&one.to_bytes())?;
            }
            runs.push((BufReader::new(rewound(sorted)?), size));
        }
        let mut heads = BinaryHeap::new();
        let mut firsts = Vec::new();
        for (i, (run, _)) in runs.iter_mut().enumerate() {
            let head = Waiting::read(run)?;
            heads.push(Reverse((order(&head, extent), i)));
            firsts.push(head);
        }
        while let Some(Reverse((_, i))) = heads.pop() {
            each(&firsts[i])?;
            let (run, left) = &mut runs[i];
            *left -= 1;
            if *left > 0 {
                firsts[i] = Waiting::read(run)?;
                heads.push(Reverse((order(&firsts[i], extent), i)));
            }
        }
        Ok(())
    }
}

/// What was written, to be read from its beginning.
fn rewound(written: BufWriter<File>) -> io::Result<File> {
    let mut file = written.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

/// The box around two.
pub(crate) fn around(a: Bounds, b: Bounds) -> Bounds {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

fn order(one: &Waiting, extent: Bounds) -> (Reverse<u32>, u64) {
    (Reverse(place_on_curve(one.bounds, extent)), one.key)
}

/// The place of a box's middle on a Hilbert curve of 2¹⁶ × 2¹⁶ steps.
fn place_on_curve(bounds: Bounds, extent: Bounds) -> u32 {
    const STEPS: f64 = 65_535.0;
    let step = |axis: usize| {
        let width = extent[axis + 2] - extent[axis];
        // Where all lie on one line the quotient is no number, which becomes 0.
        (STEPS * (f64::midpoint(bounds[axis], bounds[axis + 2]) - extent[axis]) / width).floor() as u32
    };
    let (mut x, mut y) = (step(0), step(1));
    let mut place = 0;
    for bit in (0..16).rev() {
        let (right, upper) = ((x >> bit) & 1, (y >> bit) & 1);
        place = (place << 2) | ((3 * right) ^ upper);
        // Each quarter is run through in its own direction: turned as it lies in the whole.
        if upper == 0 {
            if right == 1 {
                (x, y) = (0xffff - x, 0xffff - y);
            }
            (x, y) = (y, x);
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(boxes: impl Iterator<Item = Bounds>) -> Vec<Waiting> {
        let dir = tempfile::tempdir().unwrap();
        let mut pile = Pile::create(dir.path()).unwrap();
        for (key, bounds) in boxes.enumerate() {
            let key = key as u64;
            pile.push(Waiting { bounds, key, size: 7 }).unwrap();
        }
        let mut found = Vec::new();
        pile.in_order(|one| {
            found.push(*one);
            Ok::<_, io::Error>(())
        })
        .unwrap();
        found
    }

    #[test]
    fn neighbours_follow_each_other_over_all_runs() {
        // 512 × 512 cells, more than five runs of them, brought in an order that has nothing to do with their place.
        const SIDE: u64 = 512;
        let cell = |i: u64| {
            let j = i * 40_503 % (SIDE * SIDE);
            let (x, y) = ((j % SIDE) as f64, (j / SIDE) as f64);
            [x, y, x + 1.0, y + 1.0]
        };
        let found = sorted((0..SIDE * SIDE).map(cell));
        assert_eq!(found.len() as u64, SIDE * SIDE);
        for pair in found.windows(2) {
            let steps =
                (pair[0].bounds[0] - pair[1].bounds[0]).abs() + (pair[0].bounds[1] - pair[1].bounds[1]).abs();
            assert!(steps <= 1.0, "{pair:?}");
        }
        let mut keys: Vec<u64> = found.iter().map(|one| one.key).collect();
        keys.sort_unstable();
        assert!(keys.iter().copied().eq(0..SIDE * SIDE));
        assert!(found.iter().all(|one| one.size == 7));
    }

    #[test]
    fn what_lies_on_one_place_keeps_its_order() {
        let found = sorted((0..120_000).map(|_| [3.0, 4.0, 3.0, 4.0]));
        assert!(found.iter().map(|one| one.key).eq(0..120_000));
        assert!(sorted(std::iter::empty()).is_empty());
    }
}
