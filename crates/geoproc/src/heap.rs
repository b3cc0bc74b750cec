//! A four-ary min-heap of costs: shallower than a binary one, its children share a cache line.

/// A min-heap of items by cost. Costs are not NaN; items of equal cost come in their own order, so that what a search
/// does never depends on the history of the heap.
#[derive(Debug, Clone)]
pub(crate) struct Heap<T> {
    entries: Vec<(f64, T)>,
}

impl<T> Default for Heap<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T: Copy + Ord> Heap<T> {
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    fn before(a: &(f64, T), b: &(f64, T)) -> bool {
        a.0 < b.0 || (a.0 <= b.0 && a.1 < b.1)
    }

    pub(crate) fn push(&mut self, cost: f64, item: T) {
        let entry = (cost, item);
        let mut at = self.entries.len();
        self.entries.push(entry);
        while at > 0 {
            let parent = (at - 1) / 4;
            if !Self::before(&entry, &self.entries[parent]) {
                break;
            }
            self.entries[at] = self.entries[parent];
            at = parent;
        }
        self.entries[at] = entry;
    }

    pub(crate) fn pop(&mut self) -> Option<(f64, T)> {
        let top = *self.entries.first()?;
        let entry = self.entries.pop()?;
        let count = self.entries.len();
        if count == 0 {
            return Some(top);
        }
        let mut at = 0;
        loop {
            let first = 4 * at + 1;
            if first >= count {
                break;
            }
            let mut least = first;
            for child in first + 1..(first + 4).min(count) {
                if Self::before(&self.entries[child], &self.entries[least]) {
                    least = child;
                }
            }
            if !Self::before(&self.entries[least], &entry) {
                break;
            }
            self.entries[at] = self.entries[least];
            at = least;
        }
        self.entries[at] = entry;
        Some(top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn items_come_out_in_order(items in prop::collection::vec((0_u8..9, 0_u32..9), 0..300)) {
            let mut heap = Heap::default();
            for &(cost, item) in &items {
                heap.push(f64::from(cost), item);
            }
            let mut sorted = items;
            sorted.sort_unstable();
            for (cost, item) in sorted {
                prop_assert_eq!(heap.pop(), Some((f64::from(cost), item)));
            }
            prop_assert_eq!(heap.pop(), None);
        }
    }
}
