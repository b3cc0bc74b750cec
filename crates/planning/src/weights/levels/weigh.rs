//! Criteria of any kind with the weights that levels give them.

use super::{Given, Levels, Weighed, Weighting, overall};
use crate::problem::Problem;

/// A criterion that has a weight among others.
pub(crate) trait Weighable {
    /// The criterion as its overall weight is concerned.
    fn weighed(&self) -> Weighed<'_>;
    /// Gives it its overall weight.
    fn weigh(&mut self, weight: f64);
}

/// Gives every criterion that was read its overall weight. `None` where one of them or a level is broken, which has been
/// reported.
pub(crate) fn weigh<T: Weighable>(
    read: Vec<Option<(T, Given)>>,
    levels: Option<&Levels>,
    weighting: Weighting,
    problems: &mut Vec<Problem>,
) -> Option<Vec<T>> {
    let mut read: Vec<(T, Given)> = read.into_iter().collect::<Option<_>>()?;
    let weighed: Vec<Weighed<'_>> = read
        .iter()
        .map(|(criterion, given)| Weighed {
            weight: given.0,
            ..criterion.weighed()
        })
        .collect();
    let weights = overall(levels?, weighting, &weighed, problems)?;
    for ((criterion, _), weight) in read.iter_mut().zip(weights) {
        criterion.weigh(weight);
    }
    Some(read.into_iter().map(|(criterion, _)| criterion).collect())
}
