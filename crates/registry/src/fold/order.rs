//! Which events come after which.

use crate::event::EventId;

/// The order of a set of events, which are numbered in order of id.
pub(super) struct Order {
    /// Words of one row of `before`.
    words: usize,
    /// A row of bits per event: all events that it comes after, near and far.
    before: Vec<u64>,
    /// The events, each after those that it comes after.
    pub(super) sequence: Vec<usize>,
    /// Events that each come after the other.
    pub(super) circles: Vec<Vec<usize>>,
    /// Whether no other event comes after it (but those of its own circle).
    pub(super) is_head: Vec<bool>,
    /// What each event names that is not in the set.
    pub(super) missing: Vec<(usize, EventId)>,
}

impl Order {
    /// `ids` are in order, each once; `after(i)` is what the event `i` names.
    pub(super) fn new<'a>(ids: &[EventId], after: impl Fn(usize) -> &'a [EventId]) -> Self {
        let mut missing = Vec::new();
        let mut parents: Vec<usize> = Vec::new();
        let mut starts = Vec::with_capacity(ids.len() + 1);
        let mut is_in_order = true;
        for i in 0..ids.len() {
            starts.push(parents.len());
            for id in after(i) {
                match ids.binary_search(id) {
                    Ok(parent) => {
                        is_in_order &= parent < i;
                        parents.push(parent);
                    }
                    Err(_) => missing.push((i, *id)),
                }
            }
        }
        starts.push(parents.len());
        let parents_of = |i: usize| &parents[starts[i]..starts[i + 1]];
        // Ids tell the time of their making, so their order is nearly always an order of events, too. Where it is not, a clock was wrong.
        let groups: Vec<Vec<usize>> = if is_in_order {
            (0..ids.len()).map(|i| vec![i]).collect()
        } else {
            strongly_connected(ids.len(), parents_of)
        };
        let mut group_of = vec![0; ids.len()];
        for (number, group) in groups.iter().enumerate() {
            for i in group {
                group_of[*i] = number;
            }
        }
        let words = ids.len().div_ceil(64);
        let mut order = Self {
            words,
            before: vec![0; words * ids.len()],
            sequence: Vec::with_capacity(ids.len()),
            circles: Vec::new(),
            is_head: vec![true; ids.len()],
            missing,
        };
        let mut row = vec![0_u64; words];
        for (number, group) in groups.iter().enumerate() {
            row.fill(0);
            for parent in group.iter().flat_map(|i| parents_of(*i)) {
                if group_of[*parent] == number {
                    continue;
                }
                add(&mut row, &order.before[parent * words..(parent + 1) * words]);
                for i in &groups[group_of[*parent]] {
                    order.is_head[*i] = false;
                    row[i / 64] |= 1 << (i % 64);
                }
            }
            for i in group {
                order.before[i * words..(i + 1) * words].copy_from_slice(&row);
                order.sequence.push(*i);
            }
            let names_itself = group.len() == 1 && parents_of(group[0]).contains(&group[0]);
            if group.len() > 1 || names_itself {
                order.circles.push(group.clone());
            }
        }
        order
    }

    /// Whether `late` comes after `early`, near or far.
    pub(super) fn is_after(&self, late: usize, early: usize) -> bool {
        self.before[late * self.words + early / 64] >> (early % 64) & 1 == 1
    }

    /// All events that `i` comes after, as a row of bits.
    pub(super) fn row(&self, i: usize) -> &[u64] {
        &self.before[i * self.words..(i + 1) * self.words]
    }

    /// A row in which nothing is set.
    pub(super) fn empty_row(&self) -> Vec<u64> {
        vec![0; self.words]
    }
}

/// Whether a row has a bit.
pub(super) fn has(row: &[u64], i: usize) -> bool {
    row[i / 64] >> (i % 64) & 1 == 1
}

/// Adds a row to another.
pub(super) fn add(row: &mut [u64], more: &[u64]) {
    for (bits, more) in row.iter_mut().zip(more) {
        *bits |= more;
    }
}

/// Tarjan's strongly connected components, without recursion: parents come before their children, and each group is in order.
fn strongly_connected<'a>(n: usize, parents_of: impl Fn(usize) -> &'a [usize]) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let mut index = vec![UNSEEN; n];
    let mut low = vec![0; n];
    let mut is_on_stack = vec![false; n];
    let mut stack = Vec::new();
    let mut groups = Vec::new();
    let mut next = 0;
    for root in 0..n {
        if index[root] != UNSEEN {
            continue;
        }
        let mut work = vec![(root, 0)];
        while let Some((i, at)) = work.pop() {
            if at == 0 {
                index[i] = next;
                low[i] = next;
                next += 1;
                stack.push(i);
                is_on_stack[i] = true;
            }
            if let Some(&parent) = parents_of(i).get(at) {
                work.push((i, at + 1));
                if index[parent] == UNSEEN {
                    work.push((parent, 0));
                } else if is_on_stack[parent] {
                    low[i] = low[i].min(index[parent]);
                }
                continue;
            }
            if low[i] == index[i] {
                let from = stack.iter().rposition(|on| *on == i).unwrap_or(0);
                let mut group = stack.split_off(from);
                for on in &group {
                    is_on_stack[*on] = false;
                }
                group.sort_unstable();
                groups.push(group);
            }
            if let Some((child, _)) = work.last() {
                low[*child] = low[*child].min(low[i]);
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn order(after: &[&[usize]]) -> (Vec<EventId>, Order) {
        let ids: Vec<EventId> = (0..after.len())
            .map(|i| {
                let mut random = [0; 10];
                random[8..].copy_from_slice(&u16::try_from(i).unwrap().to_be_bytes());
                EventId::new(Timestamp::UNIX_EPOCH, random)
            })
            .collect();
        let named: Vec<Vec<EventId>> = after
            .iter()
            .map(|list| list.iter().map(|i| ids[*i]).collect())
            .collect();
        let order = Order::new(&ids, |i| &named[i]);
        (ids, order)
    }

    #[test]
    fn far_events_are_after_too() {
        let (_, order) = order(&[&[], &[0], &[1], &[0]]);
        assert!(
            order.is_after(2, 0) && order.is_after(3, 0) && !order.is_after(3, 1) && !order.is_after(0, 2)
        );
        assert_eq!(order.is_head, [false, false, true, true]);
    }

    #[test]
    fn ids_out_of_order_do_not_matter() {
        let (_, order) = order(&[&[2], &[0], &[]]);
        assert_eq!(order.sequence, [2, 0, 1]);
        assert!(order.is_after(1, 2) && order.circles.is_empty());
    }

    #[test]
    fn circles_are_told_and_keep_their_place() {
        let (_, order) = order(&[&[], &[0, 3], &[1], &[2], &[3], &[5]]);
        assert_eq!(order.circles, [vec![1, 2, 3], vec![5]]);
        assert!(
            order.is_after(1, 0) && order.is_after(4, 1) && !order.is_after(1, 2) && !order.is_after(2, 1)
        );
        assert_eq!(order.is_head, [false, false, false, false, true, true]);
    }

    #[test]
    fn a_long_chain_does_not_exhaust_the_stack() {
        let n = 20_000;
        let chain: Vec<Vec<usize>> = (0..n)
            .map(|i| if i + 1 < n { vec![i + 1] } else { vec![] })
            .collect();
        let chain: Vec<&[usize]> = chain.iter().map(Vec::as_slice).collect();
        let groups = strongly_connected(n, |i| chain[i]);
        assert_eq!(groups.len(), n);
        assert_eq!(groups[0], [n - 1]);
    }
}
