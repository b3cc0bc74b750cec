//! The tree of boxes and the features: a FlatGeobuf file from its header on.
//!
//! Features wait on the disk until their order is known; of the tree only what lies above its leaves is held in memory.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::curve::{self, Bounds, Waiting, around};

/// Children of a node of the tree.
pub(super) const NODE_SIZE: u16 = 16;

/// Bytes of a node: its box and where its first child or its feature lies.
const NODE_BYTES: u64 = 40;

/// Features as they come.
pub(super) struct Pile {
    features: BufWriter<File>,
    boxes: curve::Pile,
    bytes: u64,
}

impl Pile {
    /// An empty pile whose files lie in `dir`.
    pub fn create(dir: &Path) -> io::Result<Self> {
        Ok(Self {
            features: BufWriter::new(tempfile::tempfile_in(dir)?),
            boxes: curve::Pile::create(dir)?,
            bytes: 0,
        })
    }

    /// Features on it.
    pub fn len(&self) -> u64 {
        self.boxes.len()
    }

    /// The box around all of them.
    pub fn extent(&self) -> Option<Bounds> {
        self.boxes.extent()
    }

    /// Puts an encoded feature on it.
    pub fn push(&mut self, feature: &[u8], bounds: Bounds) -> io::Result<()> {
        self.features.write_all(feature)?;
        self.boxes.push(Waiting {
            bounds,
            key: self.bytes,
            size: u32::try_from(feature.len()).map_err(io::Error::other)?,
        })?;
        self.bytes += feature.len() as u64;
        Ok(())
    }

    /// Writes the tree and the features behind the header, which `out` (the file at `path`) holds already.
    pub fn pour_out(self, path: &Path, mut out: File) -> io::Result<()> {
        if self.len() == 0 {
            return Ok(());
        }
        let start = out.stream_position()?;
        let sizes = level_sizes(self.len());
        let nodes: u64 = sizes.iter().sum();
        let leaves = nodes - self.len();
        let write_at = |at: u64| -> io::Result<BufWriter<File>> {
            let mut file = OpenOptions::new().write(true).open(path)?;
            file.seek(SeekFrom::Start(at))?;
            Ok(BufWriter::new(file))
        };
        let mut leaf_out = write_at(start + leaves * NODE_BYTES)?;
        let mut feature_out = write_at(start + nodes * NODE_BYTES)?;
        let features = self
            .features
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        let mut parents = Level::new(leaves);
        let (mut at, mut feature) = (0, Vec::new());
        self.boxes.in_order(|next| {
            leaf_out.write_all(&node(next.bounds, at))?;
            parents.add(next.bounds);
            at += u64::from(next.size);
            feature.resize(next.size as usize, 0);
            features.read_exact_at(&mut feature, next.key)?;
            feature_out.write_all(&feature)
        })?;
        leaf_out.flush()?;
        feature_out.flush()?;
        // The levels above the leaves, the lowest first; the root is the first node of the file.
        let mut first = leaves;
        for size in &sizes[1..] {
            first -= size;
            let mut above = Level::new(first);
            let mut level = write_at(start + first * NODE_BYTES)?;
            for &(bounds, child) in &parents.nodes {
                level.write_all(&node(bounds, child))?;
                above.add(bounds);
            }
            level.flush()?;
            parents = above;
        }
        Ok(())
    }
}

/// Nodes of each level, from the leaves to the root.
fn level_sizes(features: u64) -> Vec<u64> {
    let mut sizes = vec![features];
    let mut size = features;
    loop {
        size = size.div_ceil(u64::from(NODE_SIZE));
        sizes.push(size);
        if size == 1 {
            return sizes;
        }
    }
}

/// The parents of a level of nodes.
struct Level {
    /// Number of the next child.
    next: u64,
    nodes: Vec<(Bounds, u64)>,
    children: u16,
}

impl Level {
    fn new(first_child: u64) -> Self {
        Self {
            next: first_child,
            nodes: Vec::new(),
            children: NODE_SIZE,
        }
    }

    fn add(&mut self, bounds: Bounds) {
        match self.nodes.last_mut() {
            Some((parent, _)) if self.children < NODE_SIZE => {
                *parent = around(*parent, bounds);
                self.children += 1;
            }
            _ => {
                self.nodes.push((bounds, self.next));
                self.children = 1;
            }
        }
        self.next += 1;
    }
}

fn node(bounds: Bounds, at: u64) -> [u8; NODE_BYTES as usize] {
    let mut bytes = [0; NODE_BYTES as usize];
    for (i, value) in bounds.iter().enumerate() {
        bytes[8 * i..][..8].copy_from_slice(&value.to_le_bytes());
    }
    bytes[32..].copy_from_slice(&at.to_le_bytes());
    bytes
}
