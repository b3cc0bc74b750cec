//! Which vertices are one place: those that coincide, unless the map says that they do not meet.

use std::collections::{BTreeMap, HashMap};

use geo::Coord;
use rayon::prelude::*;

use super::build::Lines;
use super::{Joins, Road};

/// Gives vertices that meet one place.
pub(super) fn assign(lines: &mut Lines, roads: &[Road], apart: &Apart) {
    let vertices = &lines.vertices;
    let mut order: Vec<u32> = (0..vertices.len() as u32).collect();
    order.par_sort_unstable_by(|&a, &b| {
        let (at, bt) = (vertices[a as usize], vertices[b as usize]);
        at.x.total_cmp(&bt.x).then(at.y.total_cmp(&bt.y)).then(a.cmp(&b))
    });
    let levels = Levels::of(lines, roads, apart);
    let mut places = vec![0; vertices.len()];
    let mut positions: Vec<Coord<f64>> = Vec::new();
    for here in order.chunk_by(|&a, &b| vertices[a as usize] == vertices[b as usize]) {
        let first = positions.len() as u32;
        let groups = match &levels {
            Some(levels) if here.len() > 1 => levels.divide(lines, here, apart, &mut places, first),
            _ => {
                for &vertex in here {
                    places[vertex as usize] = first;
                }
                1
            }
        };
        positions.extend(std::iter::repeat_n(vertices[here[0] as usize], groups));
    }
    lines.places = places;
    lines.positions = positions;
}

/// Vertices that share their place with another node of the map, and which node each is.
#[derive(Debug, Default)]
pub(super) struct Apart {
    nodes: HashMap<u32, i64>,
    /// Nodes that one line passes without any distance between them.
    same: HashMap<i64, i64>,
}

impl Apart {
    /// Notes the node of a vertex.
    pub(super) fn note(&mut self, vertex: usize, node: i64) {
        match self.nodes.get(&(vertex as u32)).copied() {
            None => {
                self.nodes.insert(vertex as u32, node);
            }
            Some(known) => {
                let (a, b) = (self.root(known), self.root(node));
                if a != b {
                    self.same.insert(a.max(b), a.min(b));
                }
            }
        }
    }

    /// Forgets the vertices from this one on.
    pub(super) fn forget_from(&mut self, vertex: usize) {
        self.nodes.retain(|&noted, _| (noted as usize) < vertex);
    }

    fn root(&self, mut node: i64) -> i64 {
        while let Some(&next) = self.same.get(&node) {
            node = next;
        }
        node
    }

    /// The node that a vertex is, where that is noted.
    fn node(&self, vertex: u32) -> Option<i64> {
        self.nodes.get(&vertex).map(|&node| self.root(node))
    }
}

/// What vertices in one place are told apart by.
struct Levels {
    /// The line of each vertex.
    line: Vec<u32>,
}

/// What the vertices of one group have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// They are this node of the map; `None` where the map names it nowhere because it is the only one here.
    Node(Option<i64>),
    /// Lines that are drawn, not mapped by nodes, pass here on this level.
    Level(i8),
    /// Drawn lines end here, and nothing passes.
    Ends,
}

impl Levels {
    /// `None` where nothing tells vertices in one place apart.
    fn of(lines: &Lines, roads: &[Road], apart: &Apart) -> Option<Self> {
        let special = !apart.nodes.is_empty()
            || roads
                .iter()
                .any(|road| road.level != 0 && road.joins == Joins::ByPlace);
        special.then(|| {
            let mut line = vec![0; lines.vertices.len()];
            for (number, stretch) in lines.stretches.iter().enumerate() {
                line[stretch.range.clone()].fill(number as u32);
            }
            Self { line }
        })
    }

    /// Divides the vertices of one position into groups that meet, numbered from `first`; says how many groups there are.
    fn divide(&self, lines: &Lines, here: &[u32], apart: &Apart, places: &mut [u32], first: u32) -> usize {
        let stretch = |vertex: u32| &lines.stretches[self.line[vertex as usize] as usize];
        let alike = |&vertex: &u32| {
            stretch(vertex).level == stretch(here[0]).level && apart.node(vertex) == apart.node(here[0])
        };
        if here.iter().all(alike) {
            for &vertex in here {
                places[vertex as usize] = first;
            }
            return 1;
        }
        // The ends of a ring are no ends: it passes there.
        let is_end = |vertex: u32| {
            let range = &stretch(vertex).range;
            let ends = vertex as usize == range.start || vertex as usize + 1 == range.end;
            ends && lines.vertices[range.start] != lines.vertices[range.end - 1]
        };
        // Which group each key is, and the level on which it lies.
        let mut groups: BTreeMap<Key, i8> = BTreeMap::new();
        let mut keys: Vec<Option<Key>> = Vec::with_capacity(here.len());
        for &vertex in here {
            let road = stretch(vertex);
            let key = match (road.of_nodes, is_end(vertex)) {
                (true, _) => Some(Key::Node(apart.node(vertex))),
                (false, false) => Some(Key::Level(road.level)),
                (false, true) => None,
            };
            if let Some(key) = key {
                let level = groups.entry(key).or_insert(road.level);
                *level = nearer_ground(*level, road.level);
            }
            keys.push(key);
        }
        // A drawn line that passes meets the node of its own level.
        let node_at = |level: i8| {
            let mut nodes = groups.iter().filter(|(key, _)| matches!(key, Key::Node(_)));
            nodes.find(|(_, at)| **at == level).map(|(key, _)| *key)
        };
        let moved: BTreeMap<Key, Key> = groups
            .keys()
            .filter_map(|key| match key {
                Key::Level(level) => Some((*key, node_at(*level)?)),
                _ => None,
            })
            .collect();
        let left: Vec<(Key, i8)> = groups
            .into_iter()
            .filter(|(key, _)| !moved.contains_key(key))
            .collect();
        // A drawn line that ends here meets what lies nearest to its own level.
        let meets = |level: i8| {
            let distance = |(_, at): &&(Key, i8)| (i16::from(*at) - i16::from(level)).abs();
            left.iter()
                .min_by_key(distance)
                .map_or(Key::Ends, |(key, _)| *key)
        };
        let mut numbers: BTreeMap<Key, u32> = BTreeMap::new();
        for (&vertex, key) in here.iter().zip(&keys) {
            let key = key.unwrap_or_else(|| meets(stretch(vertex).level));
            let key = moved.get(&key).copied().unwrap_or(key);
            let next = first + numbers.len() as u32;
            places[vertex as usize] = *numbers.entry(key).or_insert(next);
        }
        numbers.len()
    }
}

fn nearer_ground(a: i8, b: i8) -> i8 {
    if b.unsigned_abs() < a.unsigned_abs() { b } else { a }
}
