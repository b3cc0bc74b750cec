//! The spread of a column: its ends, found in parallel and the same on any number of threads.

use rayon::prelude::*;

use crate::value::Goal;

/// Rows handled at a time. Fixed, so that partial sums are always the same and are added in the same order.
pub(crate) const CHUNK: usize = 1024;

/// The least and the greatest number of a column; both 0 for an empty one.
pub(crate) fn ends(column: &[f64]) -> (f64, f64) {
    let (least, most) = column
        .par_chunks(CHUNK)
        .map(|chunk| {
            // Plain comparisons, unlike f64::min, compile to vector instructions.
            chunk
                .iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), &number| {
                    (
                        if number < least { number } else { least },
                        if number > most { number } else { most },
                    )
                })
        })
        .reduce(
            || (f64::INFINITY, f64::NEG_INFINITY),
            |left, right| (left.0.min(right.0), left.1.max(right.1)),
        );
    if least <= most { (least, most) } else { (0.0, 0.0) }
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
