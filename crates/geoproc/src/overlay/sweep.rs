//! The sweep itself: slab after slab upwards, and from west to east along the middle of each.

use super::bands::Edge;
use super::slabs::{Content, FEATURE};
use crate::index::Bounds;

/// Winding numbers of all owners at one place, and the areas summed so far.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    /// Class of each owner; the feature has none.
    owners: Vec<usize>,
    winding: Vec<i32>,
    /// Per class: how many zones hold the place, and the area so far.
    depth: Vec<u32>,
    area: Vec<f64>,
    /// The classes that hold the place.
    covering: Vec<usize>,
    heights: Vec<f64>,
    active: Vec<Crossing>,
}

/// An edge that passes through a slab.
#[derive(Debug, Clone, Copy)]
struct Crossing {
    edge: Edge,
    owner: u32,
    /// X at the slab's bottom and top.
    bottom: f64,
    top: f64,
}

impl Sweep {
    /// Forgets the last feature.
    pub(super) fn start(&mut self) {
        for &class in self.owners.iter().skip(1) {
            self.depth[class] = 0;
            self.area[class] = 0.0;
        }
        self.owners.clear();
        self.owners.push(usize::MAX);
        self.winding.clear();
        self.winding.push(0);
        self.covering.clear();
    }

    pub(super) fn add_owner(&mut self, class: usize) {
        self.owners.push(class);
        self.winding.push(0);
        if self.area.len() <= class {
            self.area.resize(class + 1, 0.0);
            self.depth.resize(class + 1, 0);
        }
    }

    pub(super) fn last_owner(&self) -> u32 {
        self.owners.len() as u32 - 1
    }

    /// The classes with an area, ascending.
    pub(super) fn areas(&self) -> Vec<(usize, f64)> {
        let mut classes: Vec<usize> = self.owners[1..].to_vec();
        classes.sort_unstable();
        classes.dedup();
        classes
            .into_iter()
            .map(|class| (class, self.area[class]))
            .filter(|&(_, area)| area > 0.0)
            .collect()
    }

    /// The classes that hold the place to which `steps` lead, ascending.
    pub(super) fn classes_at_start(&mut self, steps: &[super::slabs::Step]) -> Vec<usize> {
        for step in steps {
            self.cross(step.owner, step.change);
        }
        let mut classes = std::mem::take(&mut self.covering);
        classes.sort_unstable();
        classes
    }

    /// Crosses an edge: the owner's winding number changes.
    fn cross(&mut self, owner: u32, change: i32) {
        let winding = &mut self.winding[owner as usize];
        let was = *winding > 0;
        *winding += change;
        let is = *winding > 0;
        if was == is || owner == FEATURE {
            return;
        }
        let class = self.owners[owner as usize];
        if is {
            self.depth[class] += 1;
            if self.depth[class] == 1 {
                self.covering.push(class);
            }
        } else {
            self.depth[class] -= 1;
            if self.depth[class] == 0 {
                self.covering.retain(|&held| held != class);
            }
        }
    }

    /// Adds the areas of the feature by class within a window.
    pub(super) fn integrate(&mut self, content: &mut Content, window: &Bounds) {
        let mut heights = std::mem::take(&mut self.heights);
        heights.clear();
        heights.extend([window.min.y, window.max.y]);
        heights.extend(content.steps.iter().map(|step| step.y));
        heights.extend(
            content
                .edges
                .iter()
                .flat_map(|owned| [owned.edge.y0, owned.edge.y1]),
        );
        heights.sort_unstable_by(f64::total_cmp);
        heights.dedup();
        content
            .edges
            .sort_unstable_by(|a, b| a.edge.y0.total_cmp(&b.edge.y0));

        let mut active = std::mem::take(&mut self.active);
        active.clear();
        let (mut edges, mut steps) = (content.edges.iter().peekable(), content.steps.iter().peekable());
        for slab in heights.windows(2) {
            let (bottom, top) = (slab[0], slab[1]);
            while let Some(step) = steps.next_if(|step| step.y <= bottom) {
                self.cross(step.owner, step.change);
            }
            active.retain(|crossing: &Crossing| crossing.edge.y1 > bottom);
            while let Some(owned) = edges.next_if(|owned| owned.edge.y0 <= bottom) {
                active.push(Crossing {
                    edge: owned.edge,
                    owner: owned.owner,
                    bottom: 0.0,
                    top: 0.0,
                });
            }
            if !active.is_empty() || !self.covering.is_empty() {
                self.add_slab(&mut active, window, bottom, top);
            }
        }
        // Leave the winding numbers as they were found, for the next window.
        for step in content.steps.iter().take(content.steps.len() - steps.len()) {
            self.cross(step.owner, -step.change);
        }
        (self.heights, self.active) = (heights, active);
    }

    /// Adds a slab in which no edge ends, cutting it where edges cross.
    fn add_slab(&mut self, active: &mut [Crossing], window: &Bounds, bottom: f64, top: f64) {
        for crossing in &mut *active {
            crossing.bottom = crossing.edge.x_at(bottom);
            crossing.top = crossing.edge.x_at(top);
        }
        let order = |c: &Crossing| (c.bottom, c.top);
        active.sort_unstable_by(|a, b| a.bottom.total_cmp(&b.bottom).then(a.top.total_cmp(&b.top)));
        if active.windows(2).all(|w| w[0].top <= w[1].top) {
            let middles = active
                .iter()
                .map(|c| (f64::midpoint(c.bottom, c.top), c.owner, c.edge.change));
            self.add_line(middles, window, top - bottom);
            return;
        }
        let mut cuts = vec![bottom, top];
        for (i, a) in active.iter().enumerate() {
            for b in active[i + 1..].iter().filter(|b| b.top < a.top) {
                let ((a_bottom, a_top), (b_bottom, b_top)) = (order(a), order(b));
                let (apart_below, apart_above) = (b_bottom - a_bottom, a_top - b_top);
                let cut = bottom + (top - bottom) * (apart_below / (apart_below + apart_above));
                if bottom < cut && cut < top {
                    cuts.push(cut);
                }
            }
        }
        cuts.sort_unstable_by(f64::total_cmp);
        cuts.dedup();
        let mut line: Vec<(f64, u32, i32)> = Vec::with_capacity(active.len());
        for cut in cuts.windows(2) {
            let share = (f64::midpoint(cut[0], cut[1]) - bottom) / (top - bottom);
            line.clear();
            line.extend(
                active
                    .iter()
                    .map(|c| (c.bottom + (c.top - c.bottom) * share, c.owner, c.edge.change)),
            );
            line.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
            self.add_line(line.iter().copied(), window, cut[1] - cut[0]);
        }
    }

    /// Sweeps along the middle of a slab from the western side of the window to the eastern.
    fn add_line(
        &mut self,
        line: impl DoubleEndedIterator<Item = (f64, u32, i32)> + Clone,
        window: &Bounds,
        height: f64,
    ) {
        let mut from = window.min.x;
        for (x, owner, change) in line.clone() {
            self.add_stretch((x - from) * height);
            self.cross(owner, change);
            from = x;
        }
        self.add_stretch((window.max.x - from) * height);
        for (_, owner, change) in line.rev() {
            self.cross(owner, -change);
        }
    }

    fn add_stretch(&mut self, area: f64) {
        if self.winding[FEATURE as usize] > 0 {
            for &class in &self.covering {
                self.area[class] += area;
            }
        }
    }
}
