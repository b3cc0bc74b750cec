//! The way from one place to the nearest service of a kind, as a line.

use geo::{Coord, LineString};
use phteah_geoproc::access::Access;
use phteah_planning::measure::{Measure, Mode, Service};

use super::travel::{ServicePlace, Ways};

/// How a place reaches the nearest service of a kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Reached {
    /// By this route.
    By {
        /// Minutes, the ways to and from the road included.
        minutes: f64,
        /// Length in metres.
        metres: f64,
        /// The service.
        to: ServicePlace,
        /// The course, in the deployment's CRS.
        line: LineString<f64>,
    },
    /// It has a road, but no service can be reached over it.
    Unreachable,
    /// No road comes near.
    OffNetwork,
    /// Not known: no service of the kind is loaded.
    Unknown,
}

/// A route to the nearest service of a kind.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceRoute {
    /// Kind of service.
    pub service: Service,
    /// How people travel.
    pub mode: Mode,
    /// With roads cut by the flood of this return period in years; `None` while they are dry.
    pub cut: Option<u32>,
    /// Whether and how.
    pub reached: Reached,
}

/// The routes for every kind of service and mode of the measures, in their order, dry first, then for every flood
/// whose cut roads are known.
pub(super) fn of(ways: &Ways, measures: &[Measure], place: Coord<f64>) -> Vec<ServiceRoute> {
    let mut kinds: Vec<(Service, Mode)> = Vec::new();
    for measure in measures {
        if let Measure::TravelTime { service, mode, .. } | Measure::ServicesWithin { service, mode, .. } =
            measure
            && !kinds.contains(&(*service, *mode))
        {
            kinds.push((*service, *mode));
        }
    }
    let mut routes = Vec::new();
    for (service, mode) in kinds {
        for cut in std::iter::once(None).chain(ways.cuts().map(Some)) {
            routes.push(ServiceRoute {
                service,
                mode,
                cut,
                reached: reach(ways, service, mode, cut, place),
            });
        }
    }
    routes
}

fn reach(ways: &Ways, kind: Service, mode: Mode, cut: Option<u32>, place: Coord<f64>) -> Reached {
    let (Some(services), Some(travel)) = (ways.services(kind), ways.travel(mode, cut)) else {
        return Reached::Unknown;
    };
    let snapper = ways.snapper(mode);
    let from = ways.snap(&snapper, &[Some(place)]);
    let to = ways.snap_services(&snapper, services);
    let journey = match travel.nearest(&from, &to).first() {
        Some(Access::Reached(journey)) => *journey,
        Some(Access::OffNetwork) => return Reached::OffNetwork,
        Some(Access::Unreachable) | None => return Reached::Unreachable,
    };
    let ends = from.first().copied().flatten().zip(to[journey.service]);
    match ends.and_then(|(from, to)| travel.route(&from, &to)) {
        // The measure's own figures: a route that is searched from the other end may differ in the last bit.
        Some(route) => Reached::By {
            minutes: journey.minutes,
            metres: journey.metres,
            to: services[journey.service].clone(),
            line: route.line,
        },
        None => Reached::Unreachable,
    }
}
