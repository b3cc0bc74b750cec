//! Preference sums under a piecewise-linear function, in n log n.
//!
//! In sorted order, the rows over which a row is fully preferred are a prefix, and those over which it is partly
//! preferred are a range after it; both ends only ever move up as the row does. A range on the slope sums to
//! `count × (own − q) − Σ others`, which prefix sums give at once.

use super::preference::Straight;
use crate::tolerance::more_than_apart;

/// For each row: how far it is preferred to all others, and they to it.
pub(super) fn sums(column: &[f64], preference: Straight) -> (Vec<f64>, Vec<f64>) {
    let rows = column.len();
    let mut order: Vec<u32> = (0..rows as u32).collect();
    order.sort_unstable_by(|left, right| column[*left as usize].total_cmp(&column[*right as usize]));
    let sorted: Vec<f64> = order.iter().map(|row| column[*row as usize]).collect();
    let prefix = Prefix::new(&sorted);
    let (mut plus, mut minus) = (vec![0.0; rows], vec![0.0; rows]);
    // Rows below: full preference over [0, full), part preference over [full, part).
    let (mut full, mut part) = (0, 0);
    // Rows above: they have part preference from `from_part` on and full from `from_full` on.
    let (mut from_part, mut from_full) = (0, 0);
    for (row, own) in order.iter().zip(&sorted) {
        while full < rows && more_than_apart(*own, sorted[full], preference.p) {
            full += 1;
        }
        while part < rows && more_than_apart(*own, sorted[part], preference.q) {
            part += 1;
        }
        while from_part < rows && !more_than_apart(sorted[from_part], *own, preference.q) {
            from_part += 1;
        }
        while from_full < rows && !more_than_apart(sorted[from_full], *own, preference.p) {
            from_full += 1;
        }
        plus[*row as usize] = full as f64 + partly(preference, *own, full..part, &prefix);
        minus[*row as usize] =
            (rows - from_full) as f64 + partly(preference, *own, from_part..from_full, &prefix);
    }
    (plus, minus)
}

/// The sum over a range of rows to which the difference lies between q and p.
fn partly(preference: Straight, own: f64, range: std::ops::Range<usize>, prefix: &Prefix) -> f64 {
    let count = range.len() as f64;
    if range.is_empty() {
        return 0.0;
    }
    if !preference.sloped {
        return 0.5 * count;
    }
    let distance = (count * (own - prefix.base) - prefix.sum(range)).abs();
    ((distance - count * preference.q) / (preference.p - preference.q)).clamp(0.0, count)
}

/// Prefix sums of sorted numbers above the least of them. Each is kept with the error of its own rounding
/// (Knuth's two-sum), so that a short range far up loses nothing to the long sum below it.
struct Prefix {
    base: f64,
    sums: Vec<(f64, f64)>,
}

impl Prefix {
    fn new(sorted: &[f64]) -> Self {
        let base = sorted.first().copied().unwrap_or_default();
        let mut sums = Vec::with_capacity(sorted.len() + 1);
        let (mut sum, mut error) = (0.0_f64, 0.0_f64);
        sums.push((sum, error));
        for number in sorted {
            let next = number - base;
            let (total, lost) = two_sum(sum, next);
            sum = total;
            error += lost;
            sums.push((sum, error));
        }
        Self { base, sums }
    }

    fn sum(&self, range: std::ops::Range<usize>) -> f64 {
        let ((end, end_error), (start, start_error)) = (self.sums[range.end], self.sums[range.start]);
        let (difference, lost) = two_sum(end, -start);
        difference + (lost + (end_error - start_error))
    }
}

fn two_sum(left: f64, right: f64) -> (f64, f64) {
    let sum = left + right;
    let virtual_right = sum - left;
    (sum, (left - (sum - virtual_right)) + (right - virtual_right))
}
