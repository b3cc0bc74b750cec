//! Reads `PMTiles` archives as the specification describes them (version 3), by another hand than writes them.
//! Source: <https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md>.

use std::collections::BTreeMap;
use std::io::Read;

use gdal::vector::LayerAccess;

/// One entry of a directory: the first tile's number, how many follow it with the same contents, and where those lie.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub tile: u64,
    pub run: u64,
    pub offset: u64,
    pub length: u64,
}

/// An archive in memory.
pub struct Archive {
    bytes: Vec<u8>,
    pub entries: Vec<Entry>,
    pub metadata: serde_json::Value,
    data: u64,
}

fn number(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap();
    out
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return value;
        }
        shift += 7;
    }
}

fn directory(packed: &[u8]) -> Vec<Entry> {
    let raw = gunzip(packed);
    let mut rest = raw.as_slice();
    let count = varint(&mut rest);
    let mut column = || (0..count).map(|_| varint(&mut rest)).collect::<Vec<_>>();
    let (steps, runs, lengths, offsets) = (column(), column(), column(), column());
    assert!(rest.is_empty(), "nothing follows the directory");
    let (mut tile, mut entries) = (0, Vec::<Entry>::new());
    for i in 0..usize::try_from(count).unwrap() {
        tile += steps[i];
        let offset = match (offsets[i], entries.last()) {
            (0, Some(last)) => last.offset + last.length,
            (given, _) => given - 1,
        };
        entries.push(Entry {
            tile,
            run: runs[i],
            offset,
            length: lengths[i],
        });
    }
    entries
}

impl Archive {
    /// Checks the header and reads every directory.
    pub fn open(bytes: Vec<u8>) -> Self {
        assert_eq!((&bytes[..7], bytes[7]), (b"PMTiles".as_slice(), 3));
        let part = |at: usize| {
            let (offset, length) = (number(&bytes, at), number(&bytes, at + 8));
            &bytes[usize::try_from(offset).unwrap()..usize::try_from(offset + length).unwrap()]
        };
        let (root, metadata, leaves) = (part(8), part(24), part(40));
        assert!(
            number(&bytes, 8) + number(&bytes, 16) <= 16_384,
            "the root comes with the header"
        );
        assert_eq!(bytes[96], 1, "clustered");
        assert_eq!(
            (bytes[97], bytes[98], bytes[99]),
            (2, 2, 1),
            "gzip inside, gzip tiles, MVT"
        );
        let mut entries = Vec::new();
        for entry in directory(root) {
            if entry.run == 0 {
                let from = usize::try_from(entry.offset).unwrap();
                entries.extend(directory(
                    &leaves[from..from + usize::try_from(entry.length).unwrap()],
                ));
            } else {
                entries.push(entry);
            }
        }
        assert!(
            entries
                .windows(2)
                .all(|pair| pair[0].tile + pair[0].run <= pair[1].tile),
            "in order"
        );
        assert_eq!(
            number(&bytes, 72),
            entries.iter().map(|entry| entry.run).sum::<u64>(),
            "tiles"
        );
        assert_eq!(number(&bytes, 80), entries.len() as u64, "entries");
        let mut contents: Vec<u64> = entries.iter().map(|entry| entry.offset).collect();
        contents.sort_unstable();
        contents.dedup();
        assert_eq!(number(&bytes, 88), contents.len() as u64, "contents");
        let metadata = serde_json::from_slice(&gunzip(metadata)).unwrap();
        Self {
            entries,
            metadata,
            data: number(&bytes, 56),
            bytes,
        }
    }

    pub fn zooms(&self) -> (u8, u8) {
        (self.bytes[100], self.bytes[101])
    }

    /// West, south, east, north in degrees.
    pub fn bounds(&self) -> [f64; 4] {
        let degrees =
            |at: usize| f64::from(i32::from_le_bytes(self.bytes[at..at + 4].try_into().unwrap())) / 1e7;
        [degrees(102), degrees(106), degrees(110), degrees(114)]
    }

    /// The contents of an entry, unpacked.
    pub fn tile(&self, entry: &Entry) -> Vec<u8> {
        let from = usize::try_from(self.data + entry.offset).unwrap();
        gunzip(&self.bytes[from..from + usize::try_from(entry.length).unwrap()])
    }
}

/// Zoom, column and row of a tile's number: the zooms one after the other, each along Hilbert's curve.
pub fn place(number: u64) -> (u8, u32, u32) {
    let (mut zoom, mut before) = (0_u8, 0_u64);
    while number - before >= 1 << (2 * zoom) {
        before += 1 << (2 * zoom);
        zoom += 1;
    }
    let (mut along, mut x, mut y) = (number - before, 0_u64, 0_u64);
    let mut side = 1_u64;
    while side < 1 << zoom {
        let right = 1 & (along / 2);
        let low = 1 & (along ^ right);
        if low == 0 {
            if right == 1 {
                (x, y) = (side - 1 - x, side - 1 - y);
            }
            (x, y) = (y, x);
        }
        x += side * right;
        y += side * low;
        along /= 4;
        side *= 2;
    }
    (zoom, u32::try_from(x).unwrap(), u32::try_from(y).unwrap())
}

#[test]
fn numbers_of_tiles_as_the_specification_has_them() {
    for (number, expected) in [
        (0, (0, 0, 0)),
        (1, (1, 0, 0)),
        (2, (1, 0, 1)),
        (3, (1, 1, 1)),
        (4, (1, 1, 0)),
        (5, (2, 0, 0)),
        (19_078_479, (12, 3423, 1763)),
    ] {
        assert_eq!(place(number), expected, "{number}");
    }
}

/// Features of a tile by layer, as GDAL reads them: their attributes.
pub fn features(tile: &[u8]) -> BTreeMap<String, Vec<BTreeMap<String, String>>> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("tile.mvt");
    std::fs::write(&file, tile).unwrap();
    let dataset = gdal::Dataset::open(format!("MVT:{}", file.display())).unwrap();
    let mut found = BTreeMap::new();
    for mut layer in dataset.layers() {
        let names: Vec<String> = layer.defn().fields().map(|field| field.name()).collect();
        let seen = layer.features().map(|feature| {
            let value = |(at, name): (usize, &String)| {
                let text = feature
                    .field_as_string(at)
                    .unwrap()
                    .filter(|text| !text.is_empty());
                text.map(|text| (name.clone(), text))
            };
            names.iter().enumerate().filter_map(value).collect()
        });
        let seen: Vec<_> = seen.collect();
        assert!(found.insert(layer.name(), seen).is_none(), "each layer once");
    }
    found
}
