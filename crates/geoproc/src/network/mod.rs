//! A road network: lines that meet at shared vertices, with a speed per mode of travel.
//!
//! Real lines meet in their middles as often as at their ends, so every vertex that two lines share (or one line
//! passes twice) becomes a node; the vertices between stay the shape of an edge. Lines that cross without a shared
//! vertex do not meet: one is a bridge. Nor do those whose shared vertex is two nodes of a map ([`Joins::ByNode`]), or
//! that pass each other on different levels.

mod build;
mod join;
mod places;
mod snap;
mod speeds;

use std::ops::Range;

use geo::{Coord, LineString};

pub use build::NetworkError;
pub use snap::{Snap, Snapper};
pub use speeds::{CLOSED_CLASSES, ModeSpeeds, default_speeds};

/// Walking pace off the roads, in km/h: from a place to its road and from the road to a service.
pub const WALKING_PACE: f64 = 4.5;

/// How people travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// On foot; one-way streets do not bind.
    Walk,
    /// By motorbike; one-way streets bind.
    Motorbike,
}

/// Which way a road may be driven, relative to the order of its vertices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Direction {
    /// Both ways.
    #[default]
    Both,
    /// One-way, as drawn.
    Forward,
    /// One-way, against the drawing (`oneway=-1`).
    Backward,
}

/// A road as it comes from a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Road {
    /// Its course, in metres of a projected CRS.
    pub line: LineString<f64>,
    /// How fast each mode travels on it.
    pub speeds: ModeSpeeds,
    /// Which way it may be driven.
    pub direction: Direction,
    /// How many levels above the ground it runs: 1 for a bridge, −1 for a tunnel. Of roads that are joined by place, those that pass on
    /// different levels do not meet; one that ends there does.
    pub level: i8,
    /// How its vertices meet those of other roads.
    pub joins: Joins,
}

impl Road {
    /// A road on the ground that meets others wherever their vertices are.
    pub fn new(line: LineString<f64>, speeds: ModeSpeeds, direction: Direction) -> Self {
        Self {
            line,
            speeds,
            direction,
            level: 0,
            joins: Joins::ByPlace,
        }
    }
}

/// How the vertices of a road meet those of other roads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Joins {
    /// Where they are in one place, or as near as the tolerance.
    #[default]
    ByPlace,
    /// They are the nodes of a map: where two vertices are the same node. No tolerance applies among such roads. Vertices in one place are
    /// one node, but for those listed here: the vertex by its index and the node that it is.
    ByNode(Vec<(u32, i64)>),
}

/// A stretch of road between two nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// Node at its first vertex.
    pub from: u32,
    /// Node at its last vertex.
    pub to: u32,
    /// The road that it is part of, as an index into the input.
    pub road: u32,
    /// Length in metres, positive.
    pub length: f64,
    /// Its vertices in [`Network`]'s list.
    shape: Range<u32>,
}

/// What a network consists of, and what was wrong with its lines.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct NetworkReport {
    /// Number of nodes.
    pub nodes: usize,
    /// Number of edges.
    pub edges: usize,
    /// Number of connected components, whichever way roads may be driven.
    pub components: usize,
    /// Length of all edges in metres.
    pub length: f64,
    /// Share of the length in the largest component, 0 to 1; 0 for an empty network.
    pub largest_share: f64,
    /// Vertices joined with another at a different place within the tolerance.
    pub joined_vertices: usize,
    /// Segments without length that were dropped.
    pub zero_length_segments: usize,
    /// Lines dropped because a coordinate is not a number, or no place on Earth.
    pub invalid_lines: usize,
    /// Lines dropped because they have no length.
    pub empty_lines: usize,
}

/// A road network, the same for every mode; [`crate::access::Travel`] makes it passable for one.
#[derive(Debug, Clone, Default)]
pub struct Network {
    nodes: Vec<Coord<f64>>,
    edges: Vec<Edge>,
    /// Vertices of all edges, one edge after the other, and how far along its edge each lies in metres.
    vertices: Vec<Coord<f64>>,
    along: Vec<f64>,
    rules: Vec<(ModeSpeeds, Direction)>,
    report: NetworkReport,
}

impl Network {
    /// Makes a network of roads. Vertices of different roads at most `tolerance` metres apart join, unless a short way
    /// along the roads joins them already, so that no finely drawn line collapses; 0 joins identical coordinates alone.
    /// A line that cannot be used is counted in the report and stops nothing.
    pub fn new(roads: &[Road], tolerance: f64) -> Result<Self, NetworkError> {
        build::build(roads, tolerance)
    }

    /// What the network consists of.
    pub fn report(&self) -> &NetworkReport {
        &self.report
    }

    /// Position of every node.
    pub fn nodes(&self) -> &[Coord<f64>] {
        &self.nodes
    }

    /// All edges.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The vertices of an edge, from its `from` node to its `to` node.
    pub fn shape(&self, edge: u32) -> &[Coord<f64>] {
        let shape = &self.edges[edge as usize].shape;
        &self.vertices[shape.start as usize..shape.end as usize]
    }

    /// The same network in another CRS: nodes, edges and their numbers stay, lengths are those in the new coordinates.
    /// `project` moves all *x* and *y* in place. For laying a network over data of that CRS, not for travel times.
    pub fn map_coords<E>(
        &self,
        project: impl Fn(&mut [f64], &mut [f64]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let moved = |coords: &[Coord<f64>]| -> Result<Vec<Coord<f64>>, E> {
            let (mut x, mut y): (Vec<f64>, Vec<f64>) = coords.iter().map(|c| (c.x, c.y)).unzip();
            project(&mut x, &mut y)?;
            Ok(x.into_iter().zip(y).map(|(x, y)| Coord { x, y }).collect())
        };
        let mut network = Self {
            nodes: moved(&self.nodes)?,
            vertices: moved(&self.vertices)?,
            ..self.clone()
        };
        for edge in &mut network.edges {
            let range = edge.shape.start as usize..edge.shape.end as usize;
            let (vertices, along) = (&network.vertices[range.clone()], &mut network.along[range]);
            for (i, pair) in vertices.windows(2).enumerate() {
                along[i + 1] = along[i] + (pair[1].x - pair[0].x).hypot(pair[1].y - pair[0].y);
            }
            edge.length = along.last().copied().unwrap_or(0.0);
        }
        Ok(network)
    }

    /// How far along its edge each vertex of [`Network::shape`] lies, in metres.
    pub(crate) fn distances_along(&self, edge: u32) -> &[f64] {
        let shape = &self.edges[edge as usize].shape;
        &self.along[shape.start as usize..shape.end as usize]
    }

    /// Seconds per metre on an edge, along and against its drawing; `None` where the mode may not go.
    pub(crate) fn pace(&self, edge: u32, mode: Mode) -> (Option<f64>, Option<f64>) {
        let (speeds, direction) = &self.rules[self.edges[edge as usize].road as usize];
        let pace = speeds.of(mode).map(|kmh| 3.6 / kmh);
        match (mode, direction) {
            (Mode::Walk, _) | (Mode::Motorbike, Direction::Both) => (pace, pace),
            (Mode::Motorbike, Direction::Forward) => (pace, None),
            (Mode::Motorbike, Direction::Backward) => (None, pace),
        }
    }
}

/// A set of edges of one network, for example those that a flood closes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EdgeSet(Vec<bool>);

impl EdgeSet {
    /// No edge at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether the set holds an edge.
    pub fn contains(&self, edge: u32) -> bool {
        self.0.get(edge as usize).copied().unwrap_or(false)
    }

    /// Number of edges in the set.
    pub fn len(&self) -> usize {
        self.0.iter().filter(|&&held| held).count()
    }

    /// Whether the set holds no edge.
    pub fn is_empty(&self) -> bool {
        !self.0.contains(&true)
    }
}

impl FromIterator<u32> for EdgeSet {
    fn from_iter<I: IntoIterator<Item = u32>>(edges: I) -> Self {
        let mut held = Vec::new();
        for edge in edges {
            let edge = edge as usize;
            if held.len() <= edge {
                held.resize(edge + 1, false);
            }
            held[edge] = true;
        }
        Self(held)
    }
}
