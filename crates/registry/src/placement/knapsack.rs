//! The best filling of one site, and what it would cost to force one item in or out (Martello and Toth 1990, chapter 2; Posta, Ferland and
//! Michelon 2012 for the use that is made of it).

/// Capacities are divided so finely at the most. Beyond it loads are rounded down, which can only overstate what fits.
const MAX_CAPACITY: i64 = 4096;

/// One thing that may go in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    /// Which choice it is.
    pub(super) choice: usize,
    /// What it is worth; below 0 nobody takes it by himself.
    pub(super) value: i64,
    /// What it takes.
    pub(super) load: i64,
}

/// Memory that is used again.
#[derive(Debug, Default)]
pub(super) struct Knapsack {
    rows: Vec<i64>,
    back: Vec<i64>,
    loads: Vec<usize>,
    order: Vec<usize>,
    positive: Vec<usize>,
    grain: i64,
}

/// How a filling was found.
enum Way {
    /// Everything worth something fits.
    All(i64),
    /// All loads are the same: so many of the best.
    Count(usize),
    /// By dynamic programming over a capacity.
    Table(usize),
}

impl Knapsack {
    /// The most that can be filled in, at least 0; `taken` becomes the choices of it.
    pub(super) fn fill(&mut self, items: &[Item], capacity: i64, taken: &mut Vec<usize>) -> i64 {
        taken.clear();
        match self.way(items, capacity) {
            Way::All(_) => {
                taken.extend(self.positive.iter().map(|item| items[*item].choice));
                self.positive.iter().map(|item| items[*item].value).sum()
            }
            Way::Count(count) => {
                self.best_first(items);
                let best = &self.order[..count.min(self.order.len())];
                taken.extend(best.iter().map(|item| items[*item].choice));
                best.iter().map(|item| items[*item].value).sum()
            }
            Way::Table(capacity) => {
                self.forward(items, capacity);
                let width = capacity + 1;
                let mut left = capacity;
                for at in (0..self.positive.len()).rev() {
                    if self.rows[(at + 1) * width + left] != self.rows[at * width + left] {
                        taken.push(items[self.positive[at]].choice);
                        left -= self.loads[at];
                    }
                }
                self.rows[self.positive.len() * width + capacity]
            }
        }
    }

    /// For each item, by how much the best filling falls if it is forced in, or forced out if it was `taken`; at most 0 each.
    pub(super) fn forced(
        &mut self,
        items: &[Item],
        capacity: i64,
        taken: impl Fn(usize) -> bool,
        change: &mut Vec<i64>,
    ) {
        change.clear();
        change.resize(items.len(), 0);
        let way = self.way(items, capacity);
        match way {
            Way::All(left) if Self::others_fit(items, left) => {
                for (item, change) in items.iter().zip(change.iter_mut()) {
                    *change = -item.value.abs();
                }
            }
            Way::Count(count) => {
                self.best_first(items);
                let next = self.order.get(count).map_or(0, |item| items[*item].value);
                let last = match count.checked_sub(1).and_then(|last| self.order.get(last)) {
                    Some(item) => items[*item].value,
                    None if count == 0 => i64::MAX,
                    None => 0,
                };
                for (item, change) in items.iter().zip(change.iter_mut()) {
                    *change = if taken(item.choice) {
                        next - item.value
                    } else if last == i64::MAX {
                        i64::MIN / 4
                    } else {
                        item.value - last
                    };
                }
            }
            Way::All(left) => {
                let full: i64 = self.positive.iter().map(|item| items[*item].load).sum();
                let capacity = self.divided(items, left + full);
                self.by_table(items, capacity, taken, change);
            }
            Way::Table(capacity) => self.by_table(items, capacity, taken, change),
        }
    }

    fn by_table(
        &mut self,
        items: &[Item],
        capacity: usize,
        taken: impl Fn(usize) -> bool,
        change: &mut [i64],
    ) {
        self.forward(items, capacity);
        let width = capacity + 1;
        let count = self.positive.len();
        let best = self.rows[count * width + capacity];
        for (index, item) in items.iter().enumerate().filter(|(_, item)| item.value <= 0) {
            let load = (item.load / self.grain) as usize;
            change[index] = if load > capacity {
                i64::MIN / 4
            } else {
                item.value + self.rows[count * width + capacity - load] - best
            };
        }
        self.back.clear();
        self.back.resize(width, 0);
        for at in (0..count).rev() {
            let index = self.positive[at];
            let item = &items[index];
            let without = |room: usize| -> i64 {
                let before = &self.rows[at * width..=at * width + room];
                let after = &self.back[..=room];
                before
                    .iter()
                    .zip(after.iter().rev())
                    .map(|(a, b)| a + b)
                    .max()
                    .unwrap_or(0)
            };
            change[index] = if taken(item.choice) {
                without(capacity) - best
            } else if self.loads[at] > capacity {
                i64::MIN / 4
            } else {
                item.value + without(capacity - self.loads[at]) - best
            };
            let load = self.loads[at];
            for room in (load..width).rev() {
                self.back[room] = self.back[room].max(self.back[room - load] + item.value);
            }
        }
    }

    fn way(&mut self, items: &[Item], capacity: i64) -> Way {
        self.positive.clear();
        self.positive
            .extend((0..items.len()).filter(|item| items[*item].value > 0));
        let all: i64 = self.positive.iter().map(|item| items[*item].load).sum();
        if all <= capacity {
            return Way::All(capacity - all);
        }
        let mut loads = items.iter().map(|item| item.load);
        if let Some(load) = loads.next().filter(|load| *load > 0)
            && loads.all(|other| other == load)
        {
            return Way::Count((capacity / load) as usize);
        }
        Way::Table(self.divided(items, capacity))
    }

    fn others_fit(items: &[Item], left: i64) -> bool {
        items.iter().all(|item| item.value > 0 || item.load <= left)
    }

    /// The capacity in steps that a table can have; sets the loads of the positive items.
    fn divided(&mut self, items: &[Item], capacity: i64) -> usize {
        self.grain = capacity / MAX_CAPACITY + 1;
        let by = self.grain;
        self.loads.clear();
        self.loads
            .extend(self.positive.iter().map(|item| (items[*item].load / by) as usize));
        (capacity / by) as usize
    }

    fn best_first(&mut self, items: &[Item]) {
        self.order.clear();
        self.order.extend_from_slice(&self.positive);
        self.order
            .sort_unstable_by(|a, b| items[*b].value.cmp(&items[*a].value).then(a.cmp(b)));
    }

    /// Row `k`: the best filling of every capacity by the first `k` positive items.
    fn forward(&mut self, items: &[Item], capacity: usize) {
        let width = capacity + 1;
        self.rows.clear();
        self.rows.resize((self.positive.len() + 1) * width, 0);
        for (at, &index) in self.positive.iter().enumerate() {
            let (load, value) = (self.loads[at], items[index].value);
            let (done, rest) = self.rows.split_at_mut((at + 1) * width);
            let (before, row) = (&done[at * width..], &mut rest[..width]);
            if load >= width {
                row.copy_from_slice(before);
                continue;
            }
            row[..load].copy_from_slice(&before[..load]);
            for ((row, without), with) in row[load..].iter_mut().zip(&before[load..]).zip(before) {
                *row = (*without).max(*with + value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The best filling by trying every set, with one item forced in (`Some((item, true))`) or out.
    fn tried(items: &[Item], capacity: i64, force: Option<(usize, bool)>) -> Option<i64> {
        (0_u32..1 << items.len())
            .filter(|set| force.is_none_or(|(item, inside)| (set >> item & 1 == 1) == inside))
            .filter_map(|set| {
                let inside = || (0..items.len()).filter(|item| set >> item & 1 == 1);
                let load: i64 = inside().map(|item| items[item].load).sum();
                (load <= capacity).then(|| inside().map(|item| items[item].value).sum())
            })
            .max()
    }

    proptest! {
        #[test]
        fn fillings_are_those_of_trying_everything(
            things in prop::collection::vec((-5_i64..30, 0_i64..9), 0..9),
            capacity in 0_i64..30,
            same in any::<bool>(),
        ) {
            let items: Vec<Item> = things
                .iter()
                .enumerate()
                .map(|(choice, (value, load))| Item { choice, value: *value, load: if same { 3 } else { *load } })
                .collect();
            let mut knapsack = Knapsack::default();
            let (mut taken, mut change) = (Vec::new(), Vec::new());
            let best = knapsack.fill(&items, capacity, &mut taken);
            prop_assert_eq!(Some(best), tried(&items, capacity, None));
            prop_assert_eq!(best, taken.iter().map(|item| items[*item].value).sum::<i64>());
            prop_assert!(taken.iter().map(|item| items[*item].load).sum::<i64>() <= capacity);
            knapsack.forced(&items, capacity, |choice| taken.contains(&choice), &mut change);
            for (item, change) in change.iter().enumerate() {
                match tried(&items, capacity, Some((item, !taken.contains(&item)))) {
                    Some(other) => prop_assert_eq!(best + change, other),
                    None => prop_assert!(best + change < -1_000_000),
                }
            }
        }
    }

    #[test]
    fn large_capacities_are_never_understated() {
        let items: Vec<Item> = (0..12)
            .map(|choice| Item {
                choice,
                value: 10 + choice as i64,
                load: 100_003 + 7919 * choice as i64,
            })
            .collect();
        let mut taken = Vec::new();
        let best = Knapsack::default().fill(&items, 700_000, &mut taken);
        assert!(best >= tried(&items, 700_000, None).unwrap());
    }
}
