//! Where the curve can fall at all: Turnbull's innermost intervals.

use super::observation::Observation;

/// An interval (from, to] in which the curve falls, or the very time where both are equal. The data say how much it falls there, never how
/// within.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Support {
    /// Its beginning, not included unless it is also its end.
    pub from: f64,
    /// Its end, included; `None` for "later than anybody was seen".
    pub to: Option<f64>,
}

/// Whether a family can have left at the very time at which it was last known to be there. It matters where some were last there at a time at
/// which others were first gone, as with visits on fixed days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ends {
    /// It can: both ends belong to the interval, \[left, right\]. Published estimates mostly have it so (Turnbull 1976, lifelines).
    #[default]
    Closed,
    /// It cannot: (left, right\]. Whoever was seen at a visit left later.
    LeftOpen,
}

/// A place on the axis of time: a time itself, or just after it. Whoever is still there at a time of leaving counts as there afterwards, as with
/// Kaplan and Meier.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct Place(f64, bool);

fn first_place(observation: &Observation, ends: Ends) -> Place {
    let after = match ends {
        Ends::LeftOpen => !observation.is_exact(),
        Ends::Closed => observation.right().is_none(),
    };
    Place(observation.left(), after)
}

fn last_place(observation: &Observation, ends: Ends) -> Place {
    let after = ends == Ends::Closed && !observation.is_exact();
    Place(observation.right().unwrap_or(f64::INFINITY), after)
}

fn order(a: Place, b: Place) -> std::cmp::Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
}

/// Whether it matters to these families whether ends are closed: some were last there at the very time at which others were first gone.
pub fn ends_touch(observations: &[Observation]) -> bool {
    let between = || observations.iter().filter(|one| !one.is_exact());
    let mut rights: Vec<f64> = between().filter_map(Observation::right).collect();
    rights.sort_by(f64::total_cmp);
    between().any(|one| {
        rights
            .binary_search_by(|right| right.total_cmp(&one.left()))
            .is_ok()
    })
}

/// The innermost intervals in order, and for every observation the first and the last of them that it holds (Turnbull 1976: a beginning
/// followed by an end, with no other beginning or end between).
pub(super) fn supports(observations: &[Observation], ends_are: Ends) -> (Vec<Support>, Vec<(usize, usize)>) {
    // Beginnings before ends at one place: an exact time is an interval.
    let mut ends: Vec<(Place, bool)> = Vec::with_capacity(2 * observations.len());
    for observation in observations {
        ends.push((first_place(observation, ends_are), false));
        ends.push((last_place(observation, ends_are), true));
    }
    ends.sort_by(|a, b| order(a.0, b.0).then(a.1.cmp(&b.1)));
    let mut places: Vec<(Place, Place)> = Vec::new();
    for pair in ends.windows(2) {
        if let [(from, false), (to, true)] = pair {
            places.push((*from, *to));
        }
    }
    let ranges = observations
        .iter()
        .map(|observation| {
            let (first, last) = (
                first_place(observation, ends_are),
                last_place(observation, ends_are),
            );
            let from = places.partition_point(|(begin, _)| order(*begin, first).is_lt());
            let to = places.partition_point(|(_, end)| order(*end, last).is_le());
            // Every observation holds at least one: the last beginning within it and the first end after that.
            (from, to - 1)
        })
        .collect();
    let supports = places
        .into_iter()
        .map(|(from, to)| Support {
            from: from.0,
            to: to.0.is_finite().then_some(to.0),
        })
        .collect();
    (supports, ranges)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn innermost_intervals_lie_between_a_beginning_and_the_next_end() {
        let observations: Vec<Observation> = [(0., 1.), (4., 6.), (2., 6.), (0., 3.), (2., 4.), (5., 7.)]
            .map(|(left, right)| Observation::new(left, Some(right)).unwrap())
            .to_vec();
        let (supports, ranges) = supports(&observations, Ends::LeftOpen);
        let pairs: Vec<(f64, Option<f64>)> = supports.iter().map(|one| (one.from, one.to)).collect();
        assert_eq!(pairs, [(0., Some(1.)), (2., Some(3.)), (5., Some(6.))]);
        assert_eq!(ranges, [(0, 0), (2, 2), (1, 2), (0, 1), (1, 1), (2, 2)]);
    }

    #[test]
    fn an_exact_time_is_not_in_an_interval_that_begins_there() {
        let observations = [(1., Some(1.)), (1., Some(2.)), (0., Some(1.)), (1., None)]
            .map(|(left, right)| Observation::new(left, right).unwrap());
        let (supports, ranges) = supports(&observations, Ends::LeftOpen);
        assert_eq!(supports.len(), 2);
        assert_eq!((supports[0].from, supports[0].to), (1.0, Some(1.0)));
        assert_eq!(ranges, [(0, 0), (1, 1), (0, 0), (1, 1)]);
    }

    #[test]
    fn closed_ends_that_touch_have_a_time_in_common() {
        let observations = [(2., Some(4.)), (4., Some(6.)), (6., None)]
            .map(|(left, right)| Observation::new(left, right).unwrap());
        let (touching, ranges) = supports(&observations, Ends::Closed);
        let pairs: Vec<(f64, Option<f64>)> = touching.iter().map(|one| (one.from, one.to)).collect();
        assert_eq!(pairs, [(4., Some(4.)), (6., Some(6.))]);
        assert_eq!(ranges, [(0, 0), (0, 1), (1, 1)]);
        assert!(ends_touch(&observations));
        // But whoever is seen on the day on which another is known to have left stays longer.
        let observations =
            [(4., Some(4.)), (4., None)].map(|(left, right)| Observation::new(left, right).unwrap());
        assert_eq!(supports(&observations, Ends::Closed).1, [(0, 0), (1, 1)]);
        assert!(!ends_touch(&observations));
    }

    proptest! {
        #[test]
        fn every_observation_holds_an_interval(
            rows in prop::collection::vec((0_u8..9, prop::option::of(0_u8..5)), 0..30),
            closed in any::<bool>(),
        ) {
            let ends = if closed { Ends::Closed } else { Ends::LeftOpen };
            let observations: Vec<Observation> = rows
                .iter()
                .map(|(left, longer)| {
                    let right = longer.map(|longer| f64::from(left + longer));
                    Observation::new(f64::from(*left), right).unwrap()
                })
                .collect();
            let (supports, ranges) = supports(&observations, ends);
            for (observation, (from, to)) in observations.iter().zip(ranges) {
                prop_assert!(from <= to && to < supports.len());
                prop_assert!(supports[from].from >= observation.left());
                if let Some(right) = observation.right() {
                    prop_assert!(supports[to].to.is_some_and(|to| to <= right));
                }
            }
        }
    }
}
