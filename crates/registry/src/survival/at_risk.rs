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

/// The last time at which at least so many are certain to be at risk; `None` where there are fewer from the start.
///
/// Beyond it a curve rests on so few that it says more about them than about everybody: it falls to nothing after the last visit of all, which
/// means that nobody was followed any longer, and not that everybody has left.
pub fn followed(observations: &[Observation], least: usize) -> Option<f64> {
    let mut lefts: Vec<f64> = observations.iter().map(Observation::left).collect();
    lefts.sort_unstable_by(|a, b| b.total_cmp(a));
    lefts.get(least.checked_sub(1)?).copied()
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

    #[test]
    fn many_are_followed_until_the_last_time_at_which_they_are_certain_to_be_there() {
        let observations = [(1., Some(3.)), (6., None), (4., None), (2., None)]
            .map(|(left, right)| Observation::new(left, right).unwrap());
        for (least, until) in [
            (1, Some(6.0)),
            (2, Some(4.0)),
            (4, Some(1.0)),
            (5, None),
            (0, None),
        ] {
            assert_eq!(followed(&observations, least), until);
            if let Some(until) = until {
                assert!(at_risk(&observations, until).certain >= least);
                assert!(at_risk(&observations, until + 0.1).certain < least);
            }
        }
    }
}
