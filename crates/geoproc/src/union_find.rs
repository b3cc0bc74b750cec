//! Disjoint sets.

/// Disjoint sets of the numbers below a limit. The smallest member stands for its set, whatever the order of unions.
#[derive(Debug)]
pub struct UnionFind {
    parents: Vec<u32>,
}

impl UnionFind {
    /// Each number alone.
    pub fn new(count: usize) -> Self {
        Self {
            parents: (0..count as u32).collect(),
        }
    }

    /// The smallest member of the set of `item`.
    pub fn find(&mut self, mut item: u32) -> u32 {
        while self.parents[item as usize] != item {
            let parent = self.parents[item as usize];
            self.parents[item as usize] = self.parents[parent as usize];
            item = parent;
        }
        item
    }

    /// Joins two sets.
    pub fn union(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        self.parents[a.max(b) as usize] = a.min(b);
    }
}
