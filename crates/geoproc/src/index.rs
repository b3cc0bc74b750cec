//! A static tree of boxes, packed along a Hilbert curve: quick to build, for window and nearest-neighbour queries.

use geo::{Coord, Rect};
use rayon::prelude::*;

use crate::heap::Heap;
use crate::hilbert::Hilbert;

/// Children of an inner node.
const FANOUT: usize = 8;

/// An axis-parallel box, smaller than `geo::Rect`'s checked constructor allows for in a hot loop.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Bounds {
    pub(crate) min: Coord<f64>,
    pub(crate) max: Coord<f64>,
}

impl Bounds {
    /// The box between two corners.
    pub(crate) fn of(a: Coord<f64>, b: Coord<f64>) -> Self {
        Self {
            min: Coord {
                x: a.x.min(b.x),
                y: a.y.min(b.y),
            },
            max: Coord {
                x: a.x.max(b.x),
                y: a.y.max(b.y),
            },
        }
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self {
            min: Coord {
                x: self.min.x.min(other.min.x),
                y: self.min.y.min(other.min.y),
            },
            max: Coord {
                x: self.max.x.max(other.max.x),
                y: self.max.y.max(other.max.y),
            },
        }
    }

    pub(crate) fn intersects(&self, other: &Self) -> bool {
        self.min.x <= other.max.x
            && other.min.x <= self.max.x
            && self.min.y <= other.max.y
            && other.min.y <= self.max.y
    }

    /// The box grown by `by` on every side.
    pub(crate) fn grown(&self, by: f64) -> Self {
        Self {
            min: Coord {
                x: self.min.x - by,
                y: self.min.y - by,
            },
            max: Coord {
                x: self.max.x + by,
                y: self.max.y + by,
            },
        }
    }

    fn squared_distance(&self, p: Coord<f64>) -> f64 {
        let dx = (self.min.x - p.x).max(p.x - self.max.x).max(0.0);
        let dy = (self.min.y - p.y).max(p.y - self.max.y).max(0.0);
        dx * dx + dy * dy
    }
}

impl From<Rect<f64>> for Bounds {
    fn from(rect: Rect<f64>) -> Self {
        Self {
            min: rect.min(),
            max: rect.max(),
        }
    }
}

/// The tree. Boxes lie level after level, leaves first; the children of the `i`-th box of a level are the boxes
/// `FANOUT · i ..` of the level below.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    boxes: Vec<Bounds>,
    /// Where each level starts in `boxes`, and the end of the last.
    levels: Vec<usize>,
    /// Items in the order of the leaves.
    items: Vec<u32>,
}

impl Tree {
    /// A tree of `boxes`; item `i` is the `i`-th box.
    pub(crate) fn new(boxes: &[Bounds]) -> Self {
        let Some(all) = boxes.iter().copied().reduce(Bounds::union) else {
            return Self::default();
        };
        let curve = Hilbert::over(Rect::new(all.min, all.max));
        let middle = |b: &Bounds| Coord {
            x: f64::midpoint(b.min.x, b.max.x),
            y: f64::midpoint(b.min.y, b.max.y),
        };
        let mut keys: Vec<(u32, u32)> = boxes
            .par_iter()
            .enumerate()
            .map(|(i, b)| (curve.place(middle(b)), i as u32))
            .collect();
        keys.par_sort_unstable();
        let items: Vec<u32> = keys.into_iter().map(|(_, item)| item).collect();
        let mut tree = Self {
            boxes: items.iter().map(|&item| boxes[item as usize]).collect(),
            levels: vec![0, items.len()],
            items,
        };
        let (mut start, mut end) = (0, tree.boxes.len());
        while end - start > 1 {
            for first in (start..end).step_by(FANOUT) {
                let children = &tree.boxes[first..(first + FANOUT).min(end)];
                let parent = children
                    .iter()
                    .copied()
                    .reduce(Bounds::union)
                    .unwrap_or(children[0]);
                tree.boxes.push(parent);
            }
            (start, end) = (end, tree.boxes.len());
            tree.levels.push(end);
        }
        tree
    }

    /// The children of box `at` of `level`, as places in `boxes`.
    fn children(&self, level: usize, at: usize) -> std::ops::Range<usize> {
        let first = self.levels[level - 1] + (at - self.levels[level]) * FANOUT;
        first..(first + FANOUT).min(self.levels[level])
    }

    /// Calls `found` for every item whose box meets `window`, in the order of the leaves.
    pub(crate) fn search(&self, window: &Bounds, mut found: impl FnMut(u32)) {
        if !self.boxes.is_empty() {
            self.search_below(self.levels.len() - 2, self.boxes.len() - 1, window, &mut found);
        }
    }

    fn search_below(&self, level: usize, at: usize, window: &Bounds, found: &mut impl FnMut(u32)) {
        if !self.boxes[at].intersects(window) {
            return;
        }
        if level == 0 {
            found(self.items[at]);
            return;
        }
        for child in self.children(level, at) {
            self.search_below(level - 1, child, window, found);
        }
    }

    /// The item with the least squared distance not above `limit`, and that distance; of several the smallest item.
    /// `distance` measures one item exactly.
    pub(crate) fn nearest(
        &self,
        point: Coord<f64>,
        limit: f64,
        queue: &mut Heap<(u32, u32)>,
        mut distance: impl FnMut(u32) -> f64,
    ) -> Option<(u32, f64)> {
        queue.clear();
        let root = self.boxes.last()?;
        queue.push(
            root.squared_distance(point),
            (self.levels.len() as u32 - 2, self.boxes.len() as u32 - 1),
        );
        let mut best: Option<(u32, f64)> = None;
        while let Some((lower, (level, at))) = queue.pop() {
            let bound = best.map_or(limit, |(_, d)| d);
            if lower > bound {
                break;
            }
            if level == 0 {
                let item = self.items[at as usize];
                let d = distance(item);
                if d <= limit && best.is_none_or(|(old, least)| d < least || (d <= least && item < old)) {
                    best = Some((item, d));
                }
                continue;
            }
            for child in self.children(level as usize, at as usize) {
                let lower = self.boxes[child].squared_distance(point);
                if lower <= bound {
                    queue.push(lower, (level - 1, child as u32));
                }
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn boxes() -> impl Strategy<Value = Vec<Bounds>> {
        let corner = || (0.0..100.0_f64, 0.0..100.0_f64);
        prop::collection::vec(
            (corner(), (0.0..9.0_f64, 0.0..9.0_f64))
                .prop_map(|((x, y), (w, h))| Bounds::of(Coord { x, y }, Coord { x: x + w, y: y + h })),
            0..200,
        )
    }

    proptest! {
        #[test]
        fn searching_finds_what_a_scan_finds(boxes in boxes(), x in 0.0..90.0_f64, y in 0.0..90.0_f64) {
            let window = Bounds::of(Coord { x, y }, Coord { x: x + 10.0, y: y + 10.0 });
            let mut found = Vec::new();
            Tree::new(&boxes).search(&window, |item| found.push(item));
            found.sort_unstable();
            let expected: Vec<u32> =
                (0..boxes.len() as u32).filter(|&i| boxes[i as usize].intersects(&window)).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn the_nearest_is_what_a_scan_finds(boxes in boxes(), x in -9.0..109.0_f64, y in -9.0..109.0_f64) {
            let p = Coord { x, y };
            let found = Tree::new(&boxes)
                .nearest(p, 400.0, &mut Heap::default(), |i| boxes[i as usize].squared_distance(p));
            let expected = (0..boxes.len() as u32)
                .map(|i| (i, boxes[i as usize].squared_distance(p)))
                .filter(|&(_, d)| d <= 400.0)
                .min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            prop_assert_eq!(found, expected);
        }
    }
}
