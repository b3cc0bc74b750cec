//! The boxes of a layer's features in memory, by number: how a page of a box is found at the same cost wherever it is.
//!
//! The file's own R-tree gives the features of a box in no useful order; a page would have to collect and sort all of them first. Here the
//! boxes are simply looked through from where the last page ended: a million of them take about a millisecond.

use rusqlite::Connection;

/// A feature's number and box; the box in single precision, rounded outwards, as the file's R-tree has it.
#[derive(Debug, Clone, Copy)]
struct Entry {
    fid: i64,
    bounds: [f32; 4],
}

/// All boxes of one version of a layer.
#[derive(Debug)]
pub struct Boxes {
    entries: Vec<Entry>,
}

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
        entries.sort_unstable_by_key(|entry| entry.fid);
        entries.shrink_to_fit();
        Ok(Self { entries })
    }

    /// Bytes that they take.
    pub fn size(&self) -> usize {
        self.entries.len() * size_of::<Entry>()
    }

    /// The numbers greater than `after` whose box meets `within`, rising.
    pub fn meeting(&self, within: [f64; 4], after: i64) -> impl Iterator<Item = i64> + '_ {
        let start = self.entries.partition_point(|entry| entry.fid <= after);
        let within = outwards(within);
        self.entries[start..]
            .iter()
            .filter(move |entry| meets(entry.bounds, within))
            .map(|entry| entry.fid)
    }

    /// The numbers smaller than `before` whose box meets `within`, falling.
    pub fn before(&self, within: [f64; 4], before: i64) -> impl Iterator<Item = i64> + '_ {
        let end = self.entries.partition_point(|entry| entry.fid < before);
        let within = outwards(within);
        self.entries[..end]
            .iter()
            .rev()
            .filter(move |entry| meets(entry.bounds, within))
            .map(|entry| entry.fid)
    }

    /// About so many numbers, evenly spread.
    pub fn spread(&self, wanted: usize) -> impl Iterator<Item = i64> + '_ {
        let step = self.entries.len().div_ceil(wanted.max(1)).max(1);
        self.entries.iter().step_by(step).map(|entry| entry.fid)
    }

    /// How many boxes lie wholly inside `inner`, and the numbers of those that meet `within` and do not.
    pub fn split(&self, within: [f64; 4], inner: [f64; 4]) -> (u64, Vec<i64>) {
        let (mut inside, mut edge) = (0, Vec::new());
        let within = outwards(within);
        let [iw, is, ie, in_] = inner;
        for entry in &self.entries {
            if meets(entry.bounds, within) {
                let [x0, y0, x1, y1] = entry.bounds.map(f64::from);
                if x0 >= iw && y0 >= is && x1 <= ie && y1 <= in_ {
                    inside += 1;
                } else {
                    edge.push(entry.fid);
                }
            }
        }
        (inside, edge)
    }
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
