//! Areas of a feature by class of zone, integrated over horizontal slabs.
//!
//! A window holds the edges that cross it, and *steps*: how winding numbers on its western side change with height,
//! which is all that matters of what lies west of it. A window with many edges is halved first, so that the cost grows
//! with the number of edges and not with its square.

use geo::Coord;

use super::bands::{Edge, edges_of};
use super::sweep::Sweep;
use crate::index::Bounds;
use crate::surface::Surface;

/// A window with more edges than this is halved.
const EDGES_PER_WINDOW: usize = 48;

/// Halving stops here: it does not separate thousands of edges that run through one point.
const DEEPEST: u32 = 24;

/// The feature among the owners of edges; zones follow.
pub(super) const FEATURE: u32 = 0;

/// An edge of the feature or of a zone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owned {
    pub(super) edge: Edge,
    pub(super) owner: u32,
}

/// A change of an owner's winding number on the western side of a window, going up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) y: f64,
    pub(super) owner: u32,
    pub(super) change: i32,
}

/// What a window holds.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) edges: Vec<Owned>,
    /// Once [`Content::settle`]d, sorted by height, and without those that cancel.
    pub(super) steps: Vec<Step>,
}

impl Content {
    /// Adds the part of an edge that lies in the window or west of it.
    fn add(&mut self, window: &Bounds, owner: u32, edge: &Edge) {
        let (west, east) = (window.min.x, window.max.x);
        let (y0, y1) = (edge.y0.max(window.min.y), edge.y1.min(window.max.y));
        if y0 >= y1 {
            return;
        }
        let mut part = Edge {
            x0: edge.x_at(y0),
            y0,
            x1: edge.x_at(y1),
            y1,
            change: edge.change,
        };
        if part.x0 >= east && part.x1 >= east {
            return;
        }
        if part.x0 <= west && part.x1 <= west {
            self.step(owner, y0, y1, edge.change);
            return;
        }
        // At most one end lies beyond each side; what is cut off in the east does not matter here.
        if part.x0 < west {
            (part.x0, part.y0) = (west, part.y_at(west));
            self.step(owner, y0, part.y0, edge.change);
        } else if part.x1 < west {
            (part.x1, part.y1) = (west, part.y_at(west));
            self.step(owner, part.y1, y1, edge.change);
        }
        if part.x0 > east {
            (part.x0, part.y0) = (east, part.y_at(east));
        } else if part.x1 > east {
            (part.x1, part.y1) = (east, part.y_at(east));
        }
        if part.y0 < part.y1 {
            self.edges.push(Owned { edge: part, owner });
        }
    }

    fn step(&mut self, owner: u32, from: f64, to: f64, change: i32) {
        if from < to {
            self.steps.push(Step {
                y: from,
                owner,
                change,
            });
            self.steps.push(Step {
                y: to,
                owner,
                change: -change,
            });
        }
    }

    /// Merges steps at one height, as those of consecutive edges of a ring, and sorts the rest by height.
    fn settle(&mut self, window: &Bounds) {
        self.steps.retain(|step| step.y < window.max.y);
        self.steps
            .sort_unstable_by(|a, b| a.owner.cmp(&b.owner).then(a.y.total_cmp(&b.y)));
        self.steps.dedup_by(|step, kept| {
            let same = step.owner == kept.owner && step.y.total_cmp(&kept.y).is_eq();
            if same {
                kept.change += step.change;
            }
            same
        });
        self.steps.retain(|step| step.change != 0);
        self.steps.sort_by(|a, b| a.y.total_cmp(&b.y));
    }

    /// The content of a part of the window.
    fn within(&self, part: &Bounds) -> Self {
        let raise = |step: &Step| Step {
            y: step.y.max(part.min.y),
            ..*step
        };
        let mut content = Self {
            edges: Vec::new(),
            steps: self.steps.iter().map(raise).collect(),
        };
        for Owned { edge, owner } in &self.edges {
            content.add(part, *owner, edge);
        }
        content.settle(part);
        content
    }

    /// Whether the window can hold any part of the feature, and any part of a zone.
    fn holds_both(&self) -> bool {
        let owners = || {
            self.edges
                .iter()
                .map(|e| e.owner)
                .chain(self.steps.iter().map(|s| s.owner))
        };
        owners().any(|owner| owner == FEATURE) && owners().any(|owner| owner != FEATURE)
    }
}

/// A reusable integrator for one feature after the other. Coordinates are relative to the feature's south-western
/// corner, so that none of their precision is spent on the distance from the CRS's origin.
#[derive(Debug, Default)]
pub(super) struct Slabs {
    /// The feature's bounds, in the CRS.
    bounds: Bounds,
    /// The same relative to their own corner.
    window: Bounds,
    content: Content,
    sweep: Sweep,
}

impl Slabs {
    /// Starts on a feature with these bounds.
    pub(super) fn start(&mut self, bounds: &Bounds) {
        self.bounds = *bounds;
        self.window = Bounds::of(Coord { x: 0.0, y: 0.0 }, bounds.max - bounds.min);
        self.content.edges.clear();
        self.content.steps.clear();
        self.sweep.start();
    }

    /// The feature's bounds, in the CRS.
    pub(super) fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// The edges that follow belong to a further zone, of this class.
    pub(super) fn add_zone(&mut self, class: usize) {
        self.sweep.add_owner(class);
    }

    /// Adds an edge of the last zone.
    pub(super) fn add_zone_edge(&mut self, edge: &Edge) {
        let owner = self.sweep.last_owner();
        self.content
            .add(&self.window, owner, &edge.moved(self.bounds.min));
    }

    /// Whether any zone may overlap the feature.
    pub(super) fn meets_zones(&self) -> bool {
        !(self.content.edges.is_empty() && self.content.steps.is_empty())
    }

    /// The area of the feature in each class, ascending by class; `area` is that of the whole feature.
    pub(super) fn areas<S: Surface + ?Sized>(&mut self, feature: &S, area: f64) -> Vec<(usize, f64)> {
        self.content.settle(&self.window);
        if self.content.edges.is_empty() && self.content.steps.iter().all(|step| step.y <= 0.0) {
            // No zone ends within the bounds: the feature lies in each of them whole or not at all.
            return self
                .sweep
                .classes_at_start(&self.content.steps)
                .into_iter()
                .map(|class| (class, area))
                .collect();
        }
        for edge in feature.polygons().iter().flat_map(edges_of) {
            self.content
                .add(&self.window, FEATURE, &edge.moved(self.bounds.min));
        }
        self.content.settle(&self.window);
        integrate(&mut self.content, &self.window, &mut self.sweep, 0);
        self.sweep.areas()
    }
}

fn integrate(content: &mut Content, window: &Bounds, sweep: &mut Sweep, depth: u32) {
    if !content.holds_both() {
        return;
    }
    if content.edges.len() <= EDGES_PER_WINDOW || depth == DEEPEST {
        sweep.integrate(content, window);
        return;
    }
    let (mut first, mut second) = (*window, *window);
    if window.max.x - window.min.x > window.max.y - window.min.y {
        let middle = f64::midpoint(window.min.x, window.max.x);
        (first.max.x, second.min.x) = (middle, middle);
    } else {
        let middle = f64::midpoint(window.min.y, window.max.y);
        (first.max.y, second.min.y) = (middle, middle);
    }
    for part in [first, second] {
        integrate(&mut content.within(&part), &part, sweep, depth + 1);
    }
}
