//! The spread of a column: its ends, found in parallel and the same on any number of threads.

use rayon::prelude::*;

use crate::value::Goal;

/// Rows handled at a time: their sums stay in the first-level cache while the columns stream past. Fixed, so that partial
/// sums are always the same and are added in the same order.
///
/// Sums are kept on the stack and written to their vector once. Added up in the vector, its new pages would be read
/// before they are written: two faults for each, the second of which stops the other threads.
pub(crate) const CHUNK: usize = 1024;

/// Numbers compared side by side.
const LANES: usize = 16;

/// The least and the greatest number of a column; both 0 for an empty one.
pub(crate) fn ends(column: &[f64]) -> (f64, f64) {
    let (least, most) = column.par_chunks(8 * CHUNK).map(ends_of).reduce(
        || (f64::INFINITY, f64::NEG_INFINITY),
        |left, right| (lesser(left.0, right.0), greater(left.1, right.1)),
    );
    if least <= most { (least, most) } else { (0.0, 0.0) }
}

fn ends_of(chunk: &[f64]) -> (f64, f64) {
    let (mut least, mut most) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    let (lanes, rest) = chunk.as_chunks::<LANES>();
    for numbers in lanes {
        for lane in 0..LANES {
            least[lane] = lesser(numbers[lane], least[lane]);
            most[lane] = greater(numbers[lane], most[lane]);
        }
    }
    let least = least
        .into_iter()
        .chain(rest.iter().copied())
        .fold(f64::INFINITY, lesser);
    let most = most
        .into_iter()
        .chain(rest.iter().copied())
        .fold(f64::NEG_INFINITY, greater);
    (least, most)
}

/// Plain comparisons, unlike `f64::min`, compile to vector instructions.
#[inline]
fn lesser(left: f64, right: f64) -> f64 {
    if left < right { left } else { right }
}

#[inline]
fn greater(left: f64, right: f64) -> f64 {
    if left > right { left } else { right }
}

/// The best and the worst end under a goal.
pub(crate) fn best_and_worst((least, most): (f64, f64), goal: Goal) -> (f64, f64) {
    match goal {
        Goal::Max => (most, least),
        Goal::Min => (least, most),
    }
}

/// `share ÷ width`, or 0 where the width is nothing: a column without spread tells no rows apart.
pub(crate) fn per_unit(share: f64, width: f64) -> f64 {
    let factor = share / width;
    if factor.is_finite() { factor } else { 0.0 }
}
