//! Comparisons with a limit that binary rounding does not turn over.
//!
//! Most decimal numbers have no exact binary form: 0.8 − 0.7 comes out a little above 0.1, and 0.7 m stored as 70 cm a
//! little beside 0.7. Two numbers that differ by no more than a few last bits of the larger one count as equal wherever a
//! limit, a threshold or a step is decided, so that the same numbers in another unit give the same answer. The one
//! place that says how many bits is here.

/// How many units in the last place of the larger number count as rounding: a subtraction, a product and the reading of
/// both numbers cost at most half a unit each.
const UNITS: f64 = 4.0;

/// What rounding alone may make of numbers of this size.
#[inline]
fn slack(size: f64) -> f64 {
    UNITS * f64::EPSILON * size
}

/// Whether a number is at most the limit.
///
/// Example: `at_most(0.1 + 0.2, 0.3)`, although the sum is 0.30000000000000004.
#[inline]
pub fn at_most(number: f64, limit: f64) -> bool {
    number <= limit || number - limit <= slack(number.abs().max(limit.abs()))
}

/// Whether a number is at least the limit.
#[inline]
pub fn at_least(number: f64, limit: f64) -> bool {
    at_most(limit, number)
}

/// Whether `upper` lies more than `threshold` above `lower`. The difference carries the rounding of both numbers, not
/// its own: 1000.3 − 1000.2 is 0.1 with an error of the size of 1000's last bits.
#[inline]
pub fn more_than_apart(upper: f64, lower: f64, threshold: f64) -> bool {
    let size = upper.abs().max(lower.abs()).max(threshold.abs());
    upper - lower - threshold > slack(size)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rounding_is_no_difference() {
        assert!(at_most(0.1 + 0.2, 0.3) && at_least(0.3, 0.1 + 0.2));
        assert!(!at_most(0.300_001, 0.3) && !at_least(0.299_999, 0.3));
        assert!(!more_than_apart(0.8, 0.7, 0.1), "0.8 - 0.7 > 0.1 in binary");
        assert!(!more_than_apart(1000.3, 1000.2, 0.1));
        assert!(more_than_apart(0.81, 0.7, 0.1));
        assert!(at_most(0.0, 0.0) && !at_most(1e-300, 0.0) && at_most(f64::MIN, f64::MAX));
    }

    proptest! {
        /// The same decimal numbers in another unit.
        #[test]
        fn ten_times_everything_changes_no_answer(upper in 0_u32..2000, lower in 0_u32..2000, threshold in 0_u32..2000, unit in 0..5_i32) {
            let (fine, coarse) = (10_f64.powi(-unit), 10_f64.powi(1 - unit));
            let read = |number: u32, unit: f64| f64::from(number) * unit;
            let by_whole_numbers = i64::from(upper) - i64::from(lower) > i64::from(threshold);
            for unit in [fine, coarse] {
                prop_assert_eq!(more_than_apart(read(upper, unit), read(lower, unit), read(threshold, unit)), by_whole_numbers);
                prop_assert_eq!(at_most(read(upper, unit), read(lower, unit)), upper <= lower);
                prop_assert_eq!(at_least(read(upper, unit), read(lower, unit)), upper >= lower);
            }
        }
    }
}
