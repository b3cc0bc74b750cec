//! How many families a stretch of the curve rests on.

use super::observation::Observation;

/// Families who can still be seen to leave after a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtRisk {
    /// Those known to be there at the time or later.
    pub certain: usize,
    /// Those who may be: nobody saw them gone by then, or later than they were last seen.
    pub possible: usize,
}

/// The numbers at risk at a time. With exact days both are Kaplan and Meier's number.
pub fn at_risk(observations: &[Observation], time: f64) -> AtRisk {
    AtRisk {
        certain: observations.iter().filter(|one| one.left() >= time).count(),
        possible: observations
            .iter()
            .filter(|one| one.left() >= time || one.right().is_some_and(|right| right >= time))
            .count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_have_left_is_possible_and_not_certain() {
        let observations = [(1., Some(3.)), (2., Some(2.)), (4., None), (1., None)]
            .map(|(left, right)| Observation::new(left, right).unwrap());
        let numbers = |time| {
            let AtRisk { certain, possible } = at_risk(&observations, time);
            (certain, possible)
        };
        assert_eq!(numbers(0.0), (4, 4));
        assert_eq!(numbers(2.0), (2, 3));
        assert_eq!(numbers(3.5), (1, 1));
        assert_eq!(numbers(9.0), (0, 0));
    }
}
