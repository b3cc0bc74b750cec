//! Preference sums under the gaussian function, pair by pair: n². The exponential of a squared difference does not
//! split into sums over either side, so sorting cannot help.

use rayon::prelude::*;

use super::Preference;

/// For each row: how far it is preferred to all others, and they to it.
pub(super) fn sums(column: &[f64], preference: Preference) -> (Vec<f64>, Vec<f64>) {
    column
        .par_iter()
        .map(|own| {
            let mut sums = (0.0, 0.0);
            for other in column {
                // One of the two is always nothing.
                if own > other {
                    sums.0 += preference.over(*own, *other);
                } else {
                    sums.1 += preference.over(*other, *own);
                }
            }
            sums
        })
        .unzip()
}
