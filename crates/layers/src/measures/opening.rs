//! Which services are open on the day that a scenario means.

use std::collections::BTreeSet;

use phteah_planning::day::{Day, PartialDate};
use phteah_planning::measure::{Measure, Service};
use phteah_planning::notice::Notice;
use phteah_planning::scenario::Scenario;

use super::input::Inputs;

/// Whether a service is open on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Yes,
    No,
    Unknown,
}

/// Decides which services count, and counts those of which that has to be told.
///
/// With a day (`as_of`): those not open on it do not count; those of which nobody knows do, and are counted. Without a day: those that state
/// a closing do not count, whenever it is.
pub(super) struct Opening {
    as_of: Option<Day>,
    /// Kinds that a measure asks for.
    asked: BTreeSet<Service>,
    not_open: usize,
    unknown: usize,
}

impl Opening {
    pub(super) fn new(scenario: &Scenario, measures: &[Measure]) -> Self {
        let asked = measures.iter().filter_map(|measure| match measure {
            Measure::TravelTime { service, .. } | Measure::ServicesWithin { service, .. } => Some(*service),
            _ => None,
        });
        Self {
            as_of: scenario.as_of,
            asked: asked.collect(),
            not_open: 0,
            unknown: 0,
        }
    }

    /// Whether a service of a kind with these dates counts.
    pub(super) fn counts(&mut self, kind: Service, opened: Option<&str>, closed: Option<&str>) -> bool {
        let open = match self.as_of {
            Some(day) => open_on(day, opened, closed),
            None if closed.is_some() => Open::No,
            None => Open::Yes,
        };
        if self.asked.contains(&kind) {
            self.not_open += usize::from(open == Open::No);
            self.unknown += usize::from(open == Open::Unknown);
        }
        open != Open::No
    }

    pub(super) fn tell(self, inputs: &mut Inputs<'_>) {
        let Some(day) = self.as_of.map(|day| day.to_string()) else {
            if self.not_open > 0 {
                inputs.warn(Notice::ServicesClosed {
                    services: self.not_open,
                });
            }
            return;
        };
        if self.not_open > 0 {
            inputs.warn(Notice::ServicesNotOpen {
                services: self.not_open,
                day: day.clone(),
            });
        }
        if self.unknown > 0 {
            inputs.warn(Notice::ServiceDatesUnknown {
                services: self.unknown,
                day,
            });
        }
    }
}

/// Whether a service is open on a day. A closing before the opening is that of an earlier time: the service opened again.
fn open_on(day: Day, opened: Option<&str>, closed: Option<&str>) -> Open {
    let (opened, closed) = (
        opened.and_then(PartialDate::parse),
        closed.and_then(PartialDate::parse),
    );
    let reopened = opened
        .zip(closed)
        .is_some_and(|(opened, closed)| closed.latest < opened.earliest);
    let closed = closed.filter(|_| !reopened);
    if opened.is_some_and(|opened| opened.earliest > day) || closed.is_some_and(|closed| closed.latest <= day)
    {
        return Open::No;
    }
    // What states an opening and no closing is taken to go on.
    let has_opened = opened.is_some_and(|opened| opened.latest <= day);
    let not_closed = closed.is_none_or(|closed| closed.earliest > day);
    if has_opened && not_closed {
        Open::Yes
    } else {
        Open::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_open_from_its_opening_to_its_closing() {
        let of = |day: &str, opened: Option<&str>, closed: Option<&str>| {
            Day::parse(day).map(|day| open_on(day, opened, closed))
        };
        let day = "2012-05-17";
        for (opened, closed, expected) in [
            (Some("2012-05-17"), None, Open::Yes),
            (Some("2012-05-18"), None, Open::No),
            (Some("2011"), None, Open::Yes),
            (Some("2012"), None, Open::Unknown),
            (Some("2012-05"), None, Open::Unknown),
            (Some("2013"), None, Open::No),
            (Some("2001"), Some("2012-05-17"), Open::No),
            (Some("2001"), Some("2012-05-18"), Open::Yes),
            (Some("2001"), Some("2012"), Open::Unknown),
            (None, Some("2011"), Open::No),
            (None, Some("2020"), Open::Unknown),
            (None, None, Open::Unknown),
            (Some("2012-01-01"), Some("2009"), Open::Yes),
        ] {
            assert_eq!(of(day, opened, closed), Some(expected), "{opened:?} {closed:?}");
        }
    }
}
