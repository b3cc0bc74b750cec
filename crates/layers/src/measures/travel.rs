//! Travel times from sites to services, and from the settlements that would move to the sites.

use phteah_planning::notice::Notice;
use std::collections::BTreeMap;

use geo::Coord;
use phteah_geoproc::access::{Access, Travel};
use phteah_geoproc::matrix::Disruption;
use phteah_geoproc::network::{EdgeSet, Snap, Snapper};
use phteah_geoproc::surface::representative_point;
use phteah_planning::matrix::{Cell, Column, Unknown};
use phteah_planning::measure::{Measure, Mode, Service};
use phteah_planning::scenario::Scenario;

use super::input::Inputs;
use super::moving::Moving;
use super::opening::Opening;
use super::roads::{self, Roads};
use super::sites::Site;
use super::{column, internal, of_measures, unknown};
use crate::catalogue::Catalogue;
use crate::error::Result;
use crate::schema::Role;

/// A service as people look for it.
#[derive(Debug, Clone, PartialEq)]
pub struct ServicePlace {
    /// Its id in its layer.
    pub id: String,
    /// Its name, where one is stated.
    pub name: Option<String>,
    /// Its name in Khmer, where one is stated.
    pub name_km: Option<String>,
    /// Where it is, in the deployment's CRS.
    pub place: Option<Coord<f64>>,
}

/// The network with the services and settlements on it: read once, asked about any sites.
#[derive(Debug)]
pub(super) struct Ways {
    roads: Roads,
    max_snap: f64,
    cut_depth: f64,
    services: BTreeMap<Service, Vec<ServicePlace>>,
    /// Roads closed by the flood of each return period that is loaded.
    closed: BTreeMap<u32, EdgeSet>,
    moving: Moving,
}

impl Ways {
    /// Reads what the measures need; `None` where none of them travels.
    pub(super) fn load(
        inputs: &mut Inputs<'_>,
        scenario: &Scenario,
        measures: &[Measure],
    ) -> Result<Option<Self>> {
        if !measures.iter().any(Measure::needs_roads) {
            return Ok(None);
        }
        let roads = roads::load(inputs, scenario)?;
        let mut services: BTreeMap<Service, Vec<ServicePlace>> = BTreeMap::new();
        let mut opening = Opening::new(scenario, measures);
        inputs.features(Role::Services, |feature| {
            if let Some(kind) = feature.text("kind").and_then(Service::from_name)
                && opening.counts(kind, feature.text("opened"), feature.text("closed"))
            {
                let text = |field: &str| feature.text(field).map(str::to_owned);
                services.entry(kind).or_default().push(ServicePlace {
                    name: text("name"),
                    name_km: text("name_km"),
                    place: feature.geometry.as_ref().and_then(representative_point),
                    id: feature.id,
                });
            }
        })?;
        opening.tell(inputs);
        let mut ways = Self {
            roads,
            max_snap: scenario.travel.max_snap_m,
            cut_depth: scenario.travel.cut_depth_m,
            services,
            closed: BTreeMap::new(),
            moving: Moving::default(),
        };
        ways.cut_by_floods(inputs, measures)?;
        ways.cut_by_the_rarest(inputs.catalogue())?;
        ways.warn_of_missing(inputs, measures);
        if measures.iter().any(|m| matches!(m, Measure::Disruption { .. })) {
            ways.moving = Moving::load(inputs, scenario)?;
        }
        Ok(Some(ways))
    }

    /// The columns of the travel measures for these sites.
    pub(super) fn columns(
        &self,
        inputs: &mut Inputs<'_>,
        scenario: &Scenario,
        measures: &[Measure],
        sites: &[Site],
    ) -> Result<Vec<(usize, Column)>> {
        let places: Vec<Option<Coord<f64>>> = sites.iter().map(|site| Some(site.centre)).collect();
        let mut warnings = Vec::new();
        let found = of_measures(measures, |measure| match *measure {
            Measure::TravelTime {
                service,
                mode,
                cut_return_period,
            } => Some(self.travel_time(&places, service, mode, cut_return_period)),
            Measure::ServicesWithin {
                service,
                mode,
                minutes,
                cut_return_period,
            } => Some(self.services_within(&places, service, mode, minutes, cut_return_period)),
            Measure::Disruption { .. } => {
                Some(self.disruption(&places, scenario.mode_of(measure), &mut warnings))
            }
            _ => None,
        })?;
        for warning in warnings {
            inputs.warn(warning);
        }
        Ok(found)
    }

    /// Closes the roads that the floods the measures name would cut.
    fn cut_by_floods(&mut self, inputs: &mut Inputs<'_>, measures: &[Measure]) -> Result<()> {
        let cuts = measures
            .iter()
            .filter(|m| m.needs_roads())
            .filter_map(Measure::return_period);
        for years in cuts {
            if !self.closed.contains_key(&years)
                && let Some(closed) = roads::closed_by(inputs, &self.roads, years, self.cut_depth)?
            {
                self.closed.insert(years, closed);
            }
        }
        Ok(())
    }

    /// Where no measure names a flood, the rarest that is loaded shows on routes what a flood would cut. It is no input of
    /// any measure.
    fn cut_by_the_rarest(&mut self, catalogue: &Catalogue) -> Result<()> {
        let periods = catalogue
            .of_role(Role::FloodDepth)
            .filter_map(|layer| layer.return_period);
        if let (true, Some(years)) = (self.closed.is_empty(), periods.max())
            && let Some(closed) =
                roads::closed_by(&mut Inputs::new(catalogue), &self.roads, years, self.cut_depth)?
        {
            self.closed.insert(years, closed);
        }
        Ok(())
    }

    fn warn_of_missing(&self, inputs: &mut Inputs<'_>, measures: &[Measure]) {
        for measure in measures {
            let (Measure::TravelTime { service, .. } | Measure::ServicesWithin { service, .. }) = measure
            else {
                continue;
            };
            if !self.services.contains_key(service) {
                inputs.warn(Notice::NoService {
                    service: service.label(),
                });
            }
        }
    }

    pub(super) fn travel(&self, mode: Mode, cut: Option<u32>) -> Option<Travel<'_>> {
        let closed = match cut {
            None => EdgeSet::none(),
            Some(years) => self.closed.get(&years)?.clone(),
        };
        Some(Travel::new(&self.roads.network, network_mode(mode), &closed))
    }

    pub(super) fn snapper(&self, mode: Mode) -> Snapper<'_> {
        Snapper::new(&self.roads.network, network_mode(mode))
    }

    pub(super) fn snap(&self, snapper: &Snapper<'_>, places: &[Option<Coord<f64>>]) -> Vec<Option<Snap>> {
        snapper.snap_all(places, self.max_snap)
    }

    pub(super) fn services(&self, kind: Service) -> Option<&[ServicePlace]> {
        self.services.get(&kind).map(Vec::as_slice)
    }

    /// Where the services of a kind meet the roads.
    pub(super) fn snap_services(
        &self,
        snapper: &Snapper<'_>,
        services: &[ServicePlace],
    ) -> Vec<Option<Snap>> {
        let places: Vec<Option<Coord<f64>>> = services.iter().map(|service| service.place).collect();
        self.snap(snapper, &places)
    }

    /// Return periods whose floods' roads are known.
    pub(super) fn cuts(&self) -> impl Iterator<Item = u32> {
        self.closed.keys().copied()
    }

    fn travel_time(
        &self,
        sites: &[Option<Coord<f64>>],
        service: Service,
        mode: Mode,
        cut: Option<u32>,
    ) -> Result<Column> {
        let (Some(services), Some(travel)) = (self.services(service), self.travel(mode, cut)) else {
            return unknown(sites.len());
        };
        let snapper = self.snapper(mode);
        let reached = travel.nearest(
            &self.snap(&snapper, sites),
            &self.snap_services(&snapper, services),
        );
        column(reached.iter().map(cell))
    }

    fn services_within(
        &self,
        sites: &[Option<Coord<f64>>],
        service: Service,
        mode: Mode,
        minutes: f64,
        cut: Option<u32>,
    ) -> Result<Column> {
        let (Some(services), Some(travel)) = (self.services(service), self.travel(mode, cut)) else {
            return unknown(sites.len());
        };
        let snapper = self.snapper(mode);
        let (sites, services) = (self.snap(&snapper, sites), self.snap_services(&snapper, services));
        let counts = travel.within(&sites, &services, minutes);
        column(
            counts
                .iter()
                .map(|c| c.map_or(Cell::Unknown(Unknown::OffNetwork), |n| Cell::Known(f64::from(n)))),
        )
    }

    fn disruption(
        &self,
        sites: &[Option<Coord<f64>>],
        mode: Mode,
        warnings: &mut Vec<Notice>,
    ) -> Result<Column> {
        let Some(travel) = self.travel(mode, None) else {
            return unknown(sites.len());
        };
        let (moving, snapper) = (&self.moving, self.snapper(mode));
        let sites = self.snap(&snapper, sites);
        let places: Vec<Option<Coord<f64>>> = moving.people.iter().map(|(place, _)| *place).collect();
        let origins = self.snap(&snapper, &places);
        let off = origins.iter().filter(|snap| snap.is_none()).count();
        if off > 0 {
            warnings.push(Notice::SettlementOffNetwork { places: off });
        }
        let weights: Vec<f64> = moving.people.iter().map(|(_, weight)| *weight).collect();
        if weights.iter().all(|&w| w <= 0.0) {
            return unknown(sites.len());
        }
        let disruptions = if moving.to_places {
            to_places(&travel, &sites, &origins, &weights)
        } else if let [site] = sites.as_slice() {
            vec![from_settlements(&travel, *site, &origins, &weights)]
        } else {
            travel.times(&origins, &sites).disruption(&weights)
        };
        let cell = |(found, site): (&Disruption, &Option<Snap>)| match (found.minutes, site) {
            (_, None) => Cell::Unknown(Unknown::OffNetwork),
            (Some(minutes), _) => Cell::Known(minutes),
            (None, _) => Cell::Unknown(Unknown::Unreachable),
        };
        // A site whose mean nobody has is unreachable as a whole.
        let share = |found: &Disruption| found.minutes.map_or(1.0, |_| found.reached_share);
        column(disruptions.iter().zip(&sites).map(cell))?
            .with_reached_share(disruptions.iter().map(share).collect())
            .map_err(internal)
    }
}

/// What reaches a site, or is reached from it, summed by weight.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    minutes: f64,
    reached: f64,
    total: f64,
}

impl Sum {
    fn add(&mut self, access: &Access, weight: f64) {
        if weight <= 0.0 {
            return;
        }
        self.total += weight;
        if let Some(journey) = access.journey() {
            self.reached += weight;
            self.minutes += weight * journey.minutes;
        }
    }

    fn mean(self) -> Disruption {
        Disruption {
            minutes: (self.reached > 0.0).then(|| self.minutes / self.reached),
            reached_share: if self.total > 0.0 {
                self.reached / self.total
            } else {
                0.0
            },
        }
    }
}

/// Weighted mean minutes from everywhere to one site, in one search instead of a contraction of all roads.
fn from_settlements(
    travel: &Travel<'_>,
    site: Option<Snap>,
    origins: &[Option<Snap>],
    weights: &[f64],
) -> Disruption {
    let mut sum = Sum::default();
    for (access, weight) in travel.nearest(origins, &[site]).iter().zip(weights) {
        sum.add(access, *weight);
    }
    sum.mean()
}

/// Weighted mean minutes from every site to a family's own places.
fn to_places(
    travel: &Travel<'_>,
    sites: &[Option<Snap>],
    places: &[Option<Snap>],
    weights: &[f64],
) -> Vec<Disruption> {
    let mut sums = vec![Sum::default(); sites.len()];
    for (place, weight) in places.iter().zip(weights) {
        let reached = travel.nearest(sites, std::slice::from_ref(place));
        for (sum, access) in sums.iter_mut().zip(&reached) {
            sum.add(access, *weight);
        }
    }
    sums.into_iter().map(Sum::mean).collect()
}

fn network_mode(mode: Mode) -> phteah_geoproc::network::Mode {
    match mode {
        Mode::Walk => phteah_geoproc::network::Mode::Walk,
        Mode::Motorbike => phteah_geoproc::network::Mode::Motorbike,
    }
}

fn cell(access: &Access) -> Cell<'static> {
    match access {
        Access::Reached(journey) => Cell::Known(journey.minutes),
        Access::Unreachable => Cell::Unknown(Unknown::Unreachable),
        Access::OffNetwork => Cell::Unknown(Unknown::OffNetwork),
    }
}
