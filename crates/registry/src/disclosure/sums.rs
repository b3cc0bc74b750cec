//! Sums and medians: when one household alone makes a sum, and when a median is somebody's own answer.

use super::rules::Rules;

/// Whether a sum over households tells on one of them, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumTells {
    /// Too few households.
    Few,
    /// The second largest could work out the largest to within the protection: the p % rule (Handbook on Statistical Disclosure Control).
    Dominated,
    /// Two make up nearly all of it: the (n, k) rule with two.
    TwoMakeAll,
    /// All amounts are one and the same, so the mean is everybody's answer.
    AllAlike,
    /// Amounts may be negative, for which the rules on dominance say nothing.
    Negative,
}

/// How close the second largest contributor may come to the largest's amount, as a share of it.
pub const PROTECTION: f64 = 0.15;

/// Which share of a sum two may make.
pub const MOST_OF_TWO: f64 = 0.85;

/// Why a sum of these amounts (one a household, in any unit) must not be published; none if it may.
pub fn sum_tells(amounts: &[f64], rules: Rules) -> Option<SumTells> {
    if (amounts.len() as u64) < rules.threshold() {
        return Some(SumTells::Few);
    }
    if amounts.iter().any(|amount| !amount.is_finite() || *amount < 0.0) {
        return Some(SumTells::Negative);
    }
    let mut sorted = amounts.to_vec();
    sorted.sort_by(|one, other| other.total_cmp(one));
    if (sorted[0] - sorted[sorted.len() - 1]).abs() < f64::EPSILON {
        return Some(SumTells::AllAlike);
    }
    let sum: f64 = sorted.iter().sum();
    let rest: f64 = sorted[2..].iter().sum();
    if rest < PROTECTION * sorted[0] {
        return Some(SumTells::Dominated);
    }
    (sorted[0] + sorted[1] > MOST_OF_TWO * sum).then_some(SumTells::TwoMakeAll)
}

/// The median of answers as it may be published: none with fewer than the threshold on either side of it or with all answers alike.
///
/// It is the mean of the answers around the middle, as many as the threshold, so that it is nobody's own.
pub fn median(answers: &[f64], rules: Rules) -> Option<f64> {
    let around = rules.threshold() as usize;
    if answers.len() < 2 * around || answers.iter().any(|answer| !answer.is_finite()) {
        return None;
    }
    let mut sorted = answers.to_vec();
    sorted.sort_by(f64::total_cmp);
    if (sorted[0] - sorted[sorted.len() - 1]).abs() < f64::EPSILON {
        return None;
    }
    // One more where that keeps the middle in the middle.
    let around = around + (around + sorted.len()) % 2;
    let first = (sorted.len() - around) / 2;
    Some(sorted[first..first + around].iter().sum::<f64>() / around as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_household_does_not_make_a_sum() {
        let rules = Rules::default();
        let even: Vec<f64> = (0..20).map(|number| 100.0 + f64::from(number)).collect();
        assert_eq!(sum_tells(&even, rules), None);
        assert_eq!(sum_tells(&even[..9], rules), Some(SumTells::Few));
        let mut one_large = vec![1.0; 20];
        one_large[3] = 1000.0;
        assert_eq!(sum_tells(&one_large, rules), Some(SumTells::Dominated));
        let mut two_large = vec![10.0; 20];
        (two_large[0], two_large[1]) = (900.0, 800.0);
        assert_eq!(sum_tells(&two_large, rules), Some(SumTells::TwoMakeAll));
        assert_eq!(sum_tells(&[5.0; 12], rules), Some(SumTells::AllAlike));
        assert_eq!(sum_tells(&[-1.0; 12], rules), Some(SumTells::Negative));
    }

    #[test]
    fn a_median_is_nobodys_own_answer() {
        let rules = Rules::default();
        let answers: Vec<f64> = (1..=21).map(f64::from).collect();
        assert_eq!(median(&answers, rules), Some(11.0));
        assert_eq!(median(&answers[..19], rules), None);
        assert_eq!(median(&[4.0; 40], rules), None);
    }
}
