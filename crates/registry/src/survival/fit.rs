//! The curve that makes what was observed most likely.

use std::collections::BTreeMap;

use super::isotonic::isotonic;
use super::kaplan_meier::kaplan_meier;
use super::observation::Observation;
use super::support::{Ends, Support, supports};

/// The log-likelihood may be below its maximum by so much for each observation at the most.
const TOLERANCE: f64 = 1e-10;

/// Rounds after which a fit is given as it is, said not to have converged.
const MAX_ROUNDS: usize = 5_000;

/// A smaller share than this is none.
const SMALLEST: f64 = 1e-9;

/// Turnbull's estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// How many families.
    pub families: usize,
    /// Where the curve falls, in order.
    pub supports: Vec<Support>,
    /// By how much it falls in each; the sum is 1. Those that are 0 are left out.
    pub masses: Vec<f64>,
    /// The logarithm of the likelihood.
    pub log_likelihood: f64,
    /// By how much the log-likelihood may be below its maximum at the most, proven by the optimality conditions.
    pub doubt: f64,
    /// Whether that is next to nothing.
    pub converged: bool,
}

/// Rows of one kind counted together: first and last support, and how many.
type Rows = Vec<(usize, usize, f64)>;

/// The non-parametric maximum likelihood estimate for times that are known between two (Turnbull 1976).
///
/// Where every time is exact or still open it is the Kaplan–Meier estimate, which is computed directly. Otherwise rounds of expectation and
/// maximisation alternate with steps of the iterative convex minorant (Wellner and Zhan 1997), until the optimality conditions hold: with
/// dⱼ = Σᵢ 1\[i holds j\]/Pᵢ no dⱼ is above n, and as the likelihood is concave it is below its maximum by max dⱼ − n at the most.
pub fn fit(observations: &[Observation], ends: Ends) -> Fit {
    let (supports, ranges) = supports(observations, ends);
    let mut counted: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for range in ranges {
        *counted.entry(range).or_default() += 1.0;
    }
    let rows: Rows = counted
        .into_iter()
        .map(|((from, to), many)| (from, to, many))
        .collect();
    let mut masses = match kaplan_meier(observations) {
        Some(steps) => {
            let mut masses = vec![0.0; supports.len()];
            let mut before = 1.0;
            let mut exact = supports
                .iter()
                .enumerate()
                .filter(|(_, support)| support.to == Some(support.from));
            for step in steps {
                if let Some((at, _)) = exact.find(|(_, support)| support.from == step.time) {
                    masses[at] = before - step.survival;
                }
                before = step.survival;
            }
            if let Some((last, support)) = masses.last_mut().zip(supports.last())
                && support.to.is_none()
            {
                *last = before;
            }
            masses
        }
        None => climb(&rows, supports.len()),
    };
    for mass in &mut masses {
        if *mass < SMALLEST {
            *mass = 0.0;
        }
    }
    let sum: f64 = masses.iter().sum();
    for mass in &mut masses {
        *mass /= sum;
    }
    let shares = shares(&rows, &masses);
    let doubt = doubt(&rows, &shares, supports.len());
    let log_likelihood = log_likelihood(&rows, &shares);
    let (supports, masses) = supports
        .into_iter()
        .zip(masses)
        .filter(|(_, mass)| *mass > 0.0)
        .unzip();
    Fit {
        families: observations.len(),
        supports,
        masses,
        log_likelihood,
        doubt,
        converged: doubt <= 1e-6 * observations.len().max(1) as f64,
    }
}

/// The probability of each row.
fn shares(rows: &Rows, masses: &[f64]) -> Vec<f64> {
    rows.iter()
        .map(|(from, to, _)| masses[*from..=*to].iter().sum())
        .collect()
}

fn log_likelihood(rows: &Rows, shares: &[f64]) -> f64 {
    rows.iter()
        .zip(shares)
        .map(|((_, _, many), share)| many * share.ln())
        .sum()
}

/// Σᵢ 1\[i holds j\]/Pᵢ for every support.
fn slopes(rows: &Rows, shares: &[f64], supports: usize) -> Vec<f64> {
    let mut change = vec![0.0; supports + 1];
    for ((from, to, many), share) in rows.iter().zip(shares) {
        change[*from] += many / share;
        change[to + 1] -= many / share;
    }
    let mut sum = 0.0;
    change.truncate(supports);
    for change in &mut change {
        sum += *change;
        *change = sum;
    }
    change
}

fn doubt(rows: &Rows, shares: &[f64], supports: usize) -> f64 {
    let many: f64 = rows.iter().map(|(_, _, many)| many).sum();
    let steepest = slopes(rows, shares, supports).into_iter().fold(0.0, f64::max);
    (steepest - many).max(0.0)
}

fn climb(rows: &Rows, supports: usize) -> Vec<f64> {
    let many: f64 = rows.iter().map(|(_, _, many)| many).sum();
    let mut masses = vec![1.0 / supports.max(1) as f64; supports];
    for _ in 0..MAX_ROUNDS {
        let shares = shares(rows, &masses);
        let slopes = slopes(rows, &shares, supports);
        let steepest = slopes.iter().copied().fold(0.0, f64::max);
        if steepest - many <= TOLERANCE * many {
            break;
        }
        // Expectation and maximisation, in one formula.
        for (mass, slope) in masses.iter_mut().zip(&slopes) {
            *mass *= slope / many;
        }
        minorant(rows, &mut masses);
    }
    masses
}

/// A step of the iterative convex minorant: the cumulated curve goes to the nearest rising one to where Newton's method, looking at each of its
/// values alone, would have it; as far as the likelihood rises.
fn minorant(rows: &Rows, masses: &mut [f64]) {
    let inner = masses.len().saturating_sub(1);
    if inner == 0 {
        return;
    }
    let shares = shares(rows, masses);
    let (mut slope, mut bend) = (vec![0.0; inner], vec![0.0; inner]);
    for ((from, to, many), share) in rows.iter().zip(&shares) {
        let (first, second) = (many / share, many / (share * share));
        if *to < inner {
            slope[*to] += first;
            bend[*to] += second;
        }
        if *from > 0 {
            slope[from - 1] -= first;
            bend[from - 1] += second;
        }
    }
    let mut sum = 0.0;
    let curve: Vec<f64> = masses[..inner]
        .iter()
        .map(|mass| {
            sum += mass;
            sum
        })
        .collect();
    let wanted: Vec<f64> = (0..inner)
        .map(|at| {
            if bend[at] > 0.0 {
                curve[at] + slope[at] / bend[at]
            } else {
                curve[at]
            }
        })
        .collect();
    let target: Vec<f64> = isotonic(&wanted, &bend)
        .into_iter()
        .map(|value| value.clamp(0.0, 1.0))
        .collect();
    let rise: f64 = (0..inner).map(|at| slope[at] * (target[at] - curve[at])).sum();
    let before = log_likelihood(rows, &shares);
    let masses_of = |curve: &dyn Fn(usize) -> f64| -> Vec<f64> {
        let mut last = 0.0;
        (0..=inner)
            .map(|at| {
                let value = if at == inner { 1.0 } else { curve(at) };
                let mass = (value - last).max(0.0);
                last = value;
                mass
            })
            .collect()
    };
    let mut length = 1.0;
    for _ in 0..30 {
        let trial = masses_of(&|at| curve[at] + length * (target[at] - curve[at]));
        let after = log_likelihood(rows, &self::shares(rows, &trial));
        if after.is_finite() && after >= before + 0.1 * length * rise {
            masses.copy_from_slice(&trial);
            return;
        }
        length *= 0.5;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn observed(rows: &[(f64, Option<f64>)]) -> Vec<Observation> {
        rows.iter()
            .map(|(left, right)| Observation::new(*left, *right).unwrap())
            .collect()
    }

    const TOUCHING: [(f64, Option<f64>); 6] = [
        (0., Some(1.)),
        (4., Some(6.)),
        (2., Some(6.)),
        (0., Some(3.)),
        (2., Some(4.)),
        (5., Some(7.)),
    ];

    fn near(masses: &[f64], expected: &[f64]) -> bool {
        let close = |(mass, expected): (&f64, &f64)| (mass - expected).abs() < 1e-6;
        masses.len() == expected.len() && masses.iter().zip(expected).all(close)
    }

    /// Intervals as in the tests of lifelines, which took them from R's icenReg: the curve is 0.75 at 2 and 0.5 before 4. The masses follow from
    /// the optimality conditions by hand.
    #[test]
    fn a_published_case_has_its_published_masses() {
        let fit = fit(&observed(&TOUCHING), Ends::Closed);
        assert!(near(&fit.masses, &[0.25, 0.25, 0.125, 0.375]), "{fit:?}");
        assert!(fit.converged);
    }

    #[test]
    fn visits_on_fixed_days_need_ends_that_are_open() {
        let rows = [(0., Some(1.)), (1., Some(3.)), (3., Some(6.)), (6., None)];
        let open = fit(&observed(&rows), Ends::LeftOpen);
        assert!(near(&open.masses, &[0.25; 4]), "{open:?}");
        let closed = fit(&observed(&rows), Ends::Closed);
        assert!(
            closed
                .supports
                .iter()
                .all(|support| support.to == Some(support.from))
        );
    }

    #[test]
    fn nobody_and_one_family_are_cases_too() {
        let nobody = fit(&[], Ends::Closed);
        assert!(nobody.supports.is_empty() && nobody.converged);
        let open = fit(&observed(&[(3.0, None)]), Ends::Closed);
        assert_eq!(
            (open.masses.as_slice(), open.supports[0].to),
            ([1.0].as_slice(), None)
        );
        let known = fit(&observed(&[(3.0, Some(3.0))]), Ends::Closed);
        assert_eq!(
            known.supports[0],
            Support {
                from: 3.0,
                to: Some(3.0)
            }
        );
    }

    proptest! {
        #[test]
        fn the_optimality_conditions_hold(
            rows in prop::collection::vec((0_u8..30, prop::option::of(0_u8..20)), 1..60),
            closed in any::<bool>(),
        ) {
            let ends = if closed { Ends::Closed } else { Ends::LeftOpen };
            let rows: Vec<(f64, Option<f64>)> = rows
                .iter()
                .map(|(left, longer)| (f64::from(*left), longer.map(|longer| f64::from(left + longer))))
                .collect();
            let fit = fit(&observed(&rows), ends);
            prop_assert!(fit.converged, "{} {rows:?}", fit.doubt);
            prop_assert!((fit.masses.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }

        #[test]
        fn known_days_give_kaplan_and_meier(rows in prop::collection::vec((0_u8..20, any::<bool>()), 1..40)) {
            let rows: Vec<(f64, Option<f64>)> = rows
                .iter()
                .map(|(time, left)| (f64::from(*time), left.then_some(f64::from(*time))))
                .collect();
            let observations = observed(&rows);
            let direct = fit(&observations, Ends::Closed);
            prop_assert!(direct.converged, "{}", direct.doubt);
            let (all, ranges) = supports(&observations, Ends::Closed);
            let counted: Rows = ranges.into_iter().map(|(from, to)| (from, to, 1.0)).collect();
            let climbed = climb(&counted, all.len());
            let climbed: Vec<f64> = climbed.into_iter().filter(|mass| *mass > 1e-7).collect();
            prop_assert_eq!(climbed.len(), direct.masses.len());
            for (one, other) in climbed.iter().zip(&direct.masses) {
                prop_assert!((one - other).abs() < 1e-4, "{} {}", one, other);
            }
        }
    }
}
