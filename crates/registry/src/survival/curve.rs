//! The curve in words of time: between these times it lies between these values.

use super::fit::Fit;

/// A stretch of time and what is known of the curve on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Beginning, included.
    pub from: f64,
    /// End, not included; `None` for ever after.
    pub to: Option<f64>,
    /// The share still there is not below this …
    pub low: f64,
    /// … and not above this. Equal where the data determine it.
    pub high: f64,
}

/// The share of families still there, from 0 on, without gaps.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// In order of time; none if there are no families.
    pub segments: Vec<Segment>,
}

impl Curve {
    /// The curve of a fit.
    pub fn of(fit: &Fit) -> Self {
        let mut segments: Vec<Segment> = Vec::new();
        let mut push = |from: f64, to: Option<f64>, low: f64, high: f64| {
            if to == Some(from) {
                return;
            }
            segments.push(Segment { from, to, low, high });
        };
        let (mut time, mut gone) = (0.0, 0.0);
        for (support, mass) in fit.supports.iter().zip(&fit.masses) {
            let before = left_after(gone);
            gone += mass;
            push(time, Some(support.from), before, before);
            match support.to {
                Some(to) => {
                    push(support.from, Some(to), left_after(gone), before);
                    time = to;
                }
                None => push(support.from, None, 0.0, before),
            }
        }
        if fit.supports.last().is_some_and(|last| last.to.is_some()) {
            push(time, None, 0.0, 0.0);
        }
        Self { segments }
    }

    /// The same, cut off at a time.
    #[must_use]
    pub fn until(mut self, time: f64) -> Self {
        self.segments.retain(|segment| segment.from < time);
        if let Some(last) = self.segments.last_mut() {
            last.to = Some(last.to.map_or(time, |to| to.min(time)));
        }
        self
    }

    /// Between which values the share still there lies at a time; `None` if there are no families or it is no time.
    pub fn at(&self, time: f64) -> Option<(f64, f64)> {
        let segment = self
            .segments
            .iter()
            .rev()
            .find(|segment| segment.from <= time && segment.to.is_none_or(|to| time < to))?;
        // At the very beginning of an interval nobody has left within it.
        Some(if segment.from == time && segment.low < segment.high {
            (segment.high, segment.high)
        } else {
            (segment.low, segment.high)
        })
    }
}

/// What remains when so much is gone: without the last digits that a sum of shares loses.
fn left_after(gone: f64) -> f64 {
    let left = 1.0 - gone;
    if left.abs() < 1e-9 { 0.0 } else { left }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survival::{Ends, Observation, fit};

    fn curve(rows: &[(f64, Option<f64>)], ends: Ends) -> Curve {
        let observations: Vec<Observation> = rows
            .iter()
            .map(|(left, right)| Observation::new(*left, *right).unwrap())
            .collect();
        Curve::of(&fit(&observations, ends))
    }

    #[test]
    fn a_curve_has_no_gaps_and_says_what_is_not_known() {
        let curve = curve(
            &[
                (0., Some(1.)),
                (4., Some(6.)),
                (2., Some(6.)),
                (0., Some(3.)),
                (2., Some(4.)),
                (5., Some(7.)),
            ],
            Ends::Closed,
        );
        let at = |time| {
            curve
                .at(time)
                .map(|(low, high)| ((low * 1e6).round() / 1e6, (high * 1e6).round() / 1e6))
        };
        assert_eq!(at(0.5), Some((0.75, 1.0)));
        assert_eq!(at(2.0), Some((0.75, 0.75)));
        assert_eq!(at(2.5), Some((0.5, 0.75)));
        assert_eq!(at(3.9), Some((0.5, 0.5)));
        assert_eq!(at(4.0), Some((0.375, 0.375)));
        assert_eq!(at(5.5), Some((0.0, 0.375)));
        assert_eq!(at(6.0), Some((0.0, 0.0)));
        for pair in curve.segments.windows(2) {
            assert_eq!(pair[0].to, Some(pair[1].from));
        }
    }

    #[test]
    fn after_the_last_visit_nothing_is_known() {
        let curve = curve(
            &[(2.0, Some(2.0)), (5.0, None), (5.0, None), (1.0, None)],
            Ends::Closed,
        );
        assert_eq!(curve.at(1.9), Some((1.0, 1.0)));
        let (low, high) = curve.at(2.0).unwrap();
        assert!((low - 2.0 / 3.0).abs() < 1e-12 && low == high);
        let (low, high) = curve.at(6.0).unwrap();
        assert!(low == 0.0 && (high - 2.0 / 3.0).abs() < 1e-12);
        let cut = curve.clone().until(5.0);
        assert_eq!(cut.segments.last().unwrap().to, Some(5.0));
        assert_eq!((cut.at(4.9), cut.at(5.0)), (curve.at(4.9), None));
        assert_eq!(curve.clone().until(0.0).segments, []);
        assert_eq!(curve.at(-1.0), None);
        assert_eq!(curve.at(f64::NAN), None);
        assert_eq!(Curve::of(&fit(&[], Ends::Closed)).segments, []);
    }
}
