//! Expected annual value: the integral of a measure over annual exceedance probability.
//!
//! A flood of return period *T* years is exceeded in any one year with probability *p* = 1/*T*. With measures
//! *v₁ … vₙ* at probabilities *p₁ > … > pₙ* the expected annual value is
//!
//! ```text
//! Σ (pᵢ − pᵢ₊₁) · (vᵢ + vᵢ₊₁) / 2   trapezoid between neighbouring return periods
//!   + pₙ · vₙ                       rare tail: floods rarer than the rarest known are taken to be as deep as it
//!   + 0                             frequent tail: floods more frequent than the most frequent known do nothing
//! ```
//!
//! The trapezoid over exceedance probability is the usual one of flood-risk assessment (Meyer, Haase and Scheuer
//! 2009; USACE EM 1110-2-1619). Both tails are conventions; [`CONVENTIONS`] says so next to a result.

/// The conventions of the integral, to be printed with every result.
pub const CONVENTIONS: &str = "trapezoid over annual exceedance probability; floods rarer than the rarest return \
     period count as deep as it; floods more frequent than the most frequent one count as none";

/// Why return periods cannot be integrated over.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AnnualError {
    /// There is nothing to integrate.
    #[error(
        "an expected annual value needs at least one return period; give a raster with its return period in years"
    )]
    Empty,
    /// A return period is not a number of at least one year.
    #[error("{0} is not a return period; give years of 1 or more")]
    NotAReturnPeriod(f64),
    /// The same return period came twice.
    #[error("the return period of {0} years was given twice; keep one raster per return period")]
    Twice(f64),
}

/// The weight of each return period in the integral, in the order given: the integral is linear in the measures, so
/// that weights are computed once and serve every feature.
///
/// ```
/// use phteah_geoproc::annual::weights;
/// let w = weights(&[10.0, 50.0, 100.0])?;
/// let depth = w[0] * 0.2 + w[1] * 0.6 + w[2] * 1.0;
/// assert!((depth - 0.050_f64).abs() < 1e-12); // 0.032 + 0.008 + 0.010
/// # Ok::<(), phteah_geoproc::annual::AnnualError>(())
/// ```
pub fn weights(return_periods: &[f64]) -> Result<Vec<f64>, AnnualError> {
    if return_periods.is_empty() {
        return Err(AnnualError::Empty);
    }
    if let Some(&bad) = return_periods
        .iter()
        .find(|years| !(years.is_finite() && **years >= 1.0))
    {
        return Err(AnnualError::NotAReturnPeriod(bad));
    }
    let mut order: Vec<usize> = (0..return_periods.len()).collect();
    order.sort_by(|&a, &b| return_periods[a].total_cmp(&return_periods[b]));
    let mut weights = vec![0.0; return_periods.len()];
    for pair in order.windows(2) {
        let (frequent, rare) = (return_periods[pair[0]], return_periods[pair[1]]);
        if frequent.total_cmp(&rare).is_eq() {
            return Err(AnnualError::Twice(rare));
        }
        let half = (1.0 / frequent - 1.0 / rare) / 2.0;
        weights[pair[0]] += half;
        weights[pair[1]] += half;
    }
    if let Some(&rarest) = order.last() {
        weights[rarest] += 1.0 / return_periods[rarest];
    }
    Ok(weights)
}

/// The expected annual value of measures at the return periods that `weights` were made for, in the measures' unit
/// per year. Unknown (`None`) as soon as one measure is: a missing raster is not a dry one.
pub fn expected(weights: &[f64], measures: impl IntoIterator<Item = Option<f64>>) -> Option<f64> {
    let mut measures = measures.into_iter();
    let mut sum = 0.0;
    for weight in weights {
        sum += weight * measures.next()??;
    }
    measures.next().is_none().then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_matter() {
        let w = weights(&[100.0, 10.0, 50.0]).unwrap();
        let depth = expected(&w, [Some(1.0), Some(0.2), Some(0.6)]).unwrap();
        assert!((depth - 0.050).abs() < 1e-12);
    }

    #[test]
    fn a_single_period_is_all_rare_tail() {
        assert_eq!(weights(&[20.0]).unwrap(), vec![0.05]);
    }

    #[test]
    fn one_unknown_makes_the_whole_unknown() {
        let w = weights(&[10.0, 50.0]).unwrap();
        assert_eq!(expected(&w, [Some(1.0), None]), None);
        assert_eq!(expected(&w, [Some(1.0)]), None);
        assert_eq!(expected(&w, [Some(1.0); 3]), None);
    }

    #[test]
    fn impossible_periods_are_refused() {
        assert_eq!(weights(&[]), Err(AnnualError::Empty));
        assert_eq!(weights(&[0.5]), Err(AnnualError::NotAReturnPeriod(0.5)));
        assert!(weights(&[f64::NAN]).is_err());
        assert_eq!(weights(&[10.0, 10.0]), Err(AnnualError::Twice(10.0)));
    }
}
