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

use super::covered::Covered;
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
    /// Where the roads are complete.
    covered: Covered,
    /// Where a way may leave the area in which roads and services are complete.
    exits: Vec<Option<Snap>>,
    /// Where a way may leave the area in which the roads are complete, whatever is known of services there.
    road_exits: Vec<Option<Snap>>,
}

/// As many services as nobody counts: an upper end where there may be more than are loaded.
const MANY: u32 = 1000;

impl Ways {
    /// Reads what the measures need; `None` where none of them travels.
    pub(super) fn load(
        inputs: &mut Inputs<'_>,
        scenario: &Scenario,
        measures: &[Measure],
    ) -> Result<Option<Self>> {
        if !measures.iter().any(Measure::is_along_roads) {
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
            covered: Covered::load(inputs, Role::Roads)?,
            exits: Vec::new(),
            road_exits: Vec::new(),
        };
        let services = Covered::load(inputs, Role::Services)?;
        ways.road_exits = ways.crossings(|place| ways.covered.is_beyond(place));
        ways.exits = ways.crossings(|place| ways.covered.is_beyond(place) || services.is_beyond(place));
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
            .filter(|m| m.is_along_roads())
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

    /// Where a road crosses the border of an area, given by what lies beyond it.
    fn crossings(&self, is_beyond: impl Fn(Coord<f64>) -> bool) -> Vec<Option<Snap>> {
        let network = &self.roads.network;
        let mut exits = Vec::new();
        for edge in 0..network.edges().len() as u32 {
            let shape = network.shape(edge);
            let mut along = 0.0;
            let mut before = shape.first().is_some_and(|&place| is_beyond(place));
            for segment in shape.windows(2) {
                let step = segment[1] - segment[0];
                let length = step.x.hypot(step.y);
                let after = is_beyond(segment[1]);
                if before != after {
                    let share = crossing(|share| is_beyond(segment[0] + step * share) == after);
                    let point = segment[0] + step * share;
                    exits.push(Some(Snap {
                        place: point,
                        point,
                        distance: 0.0,
                        edge,
                        along: along + share * length,
                    }));
                }
                along += length;
                before = after;
            }
        }
        exits
    }

    /// Minutes from each site to where a way leaves the area in which roads and services are complete; infinite where none does. What is
    /// reached sooner is nearest for certain; what is reached later may be, and what is not reached may still lie out there.
    fn minutes_out(&self, travel: &Travel<'_>, sites: &[Option<Snap>]) -> Vec<f64> {
        if self.exits.is_empty() {
            return vec![f64::INFINITY; sites.len()];
        }
        let reached = travel.nearest(sites, &self.exits);
        let minutes = |access: &Access| access.journey().map_or(f64::INFINITY, |journey| journey.minutes);
        reached.iter().map(minutes).collect()
    }

    /// Why nothing along roads is known of a site: it is on no road, and none can be near, or the roads are not complete there.
    fn off_roads(&self, place: Option<Coord<f64>>, snap: Option<&Snap>) -> Option<Unknown> {
        let place = place?;
        match snap {
            None if self.covered.known_radius(place) >= self.max_snap => Some(Unknown::OffNetwork),
            None => Some(Unknown::NoData),
            Some(_) if self.covered.is_beyond(place) => Some(Unknown::NoData),
            Some(_) => None,
        }
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
        let snaps = self.snap(&snapper, sites);
        let reached = travel.nearest(&snaps, &self.snap_services(&snapper, services));
        let out = self.minutes_out(&travel, &snaps);
        let cell = |row: usize| match (self.off_roads(sites[row], snaps[row].as_ref()), &reached[row]) {
            (Some(why), _) => Cell::Unknown(why),
            (None, Access::Reached(journey)) if journey.minutes <= out[row] => Cell::Known(journey.minutes),
            (None, Access::Reached(journey)) => Cell::Interval(out[row], journey.minutes),
            (None, _) if out[row].is_finite() => Cell::Unknown(Unknown::NoData),
            (None, _) => Cell::Unknown(Unknown::Unreachable),
        };
        column((0..sites.len()).map(cell))
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
        let (snaps, services) = (self.snap(&snapper, sites), self.snap_services(&snapper, services));
        let counts = travel.within(&snaps, &services, minutes);
        let out = self.minutes_out(&travel, &snaps);
        let cell = |row: usize| match (self.off_roads(sites[row], snaps[row].as_ref()), counts[row]) {
            (Some(why), _) => Cell::Unknown(why),
            (None, Some(count)) if minutes <= out[row] => Cell::Known(f64::from(count)),
            (None, Some(count)) => Cell::Interval(f64::from(count), f64::from(count.max(MANY))),
            (None, None) => Cell::Unknown(Unknown::NoData),
        };
        column((0..sites.len()).map(cell))
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
        let site_places = sites;
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
        if !self.road_exits.is_empty() {
            let people = People {
                places: &places,
                snaps: &origins,
                weights: &weights,
                to_places: moving.to_places,
            };
            return self.disruption_within(&travel, (site_places, &sites), &people, warnings);
        }
        let disruptions = if moving.to_places {
            to_places(&travel, &sites, &origins, &weights)
        } else if let [site] = sites.as_slice() {
            vec![from_settlements(&travel, *site, &origins, &weights)]
        } else {
            travel.times(&origins, &sites).disruption(&weights)
        };
        let cell = |row: usize| {
            let off = self.off_roads(site_places[row], sites[row].as_ref());
            match (off, disruptions[row].minutes) {
                (Some(why), _) => Cell::Unknown(why),
                (None, Some(minutes)) => Cell::Known(minutes),
                (None, None) => Cell::Unknown(Unknown::Unreachable),
            }
        };
        // A site whose mean nobody has is unreachable as a whole.
        let share = |found: &Disruption| found.minutes.map_or(1.0, |_| found.reached_share);
        column((0..sites.len()).map(cell))?
            .with_reached_share(disruptions.iter().map(share).collect())
            .map_err(internal)
    }
}

/// Who would move, or where a family goes; by row of the list.
struct People<'a> {
    places: &'a [Option<Coord<f64>>],
    snaps: &'a [Option<Snap>],
    weights: &'a [f64],
    /// Whether the ways lead from the sites to them.
    to_places: bool,
}

impl Ways {
    /// The disruption where a way may leave the area in which the roads are complete. It takes at least as long as to
    /// the border and back from it: what is quicker over known roads is quickest for certain, anything else is known
    /// between these two. Whom no known road brings there counts as not reached; that it may be otherwise is told.
    fn disruption_within(
        &self,
        travel: &Travel<'_>,
        (site_places, sites): (&[Option<Coord<f64>>], &[Option<Snap>]),
        people: &People<'_>,
        warnings: &mut Vec<Notice>,
    ) -> Result<Column> {
        let (from, to) = if people.to_places {
            ((site_places, sites), (people.places, people.snaps))
        } else {
            ((people.places, people.snaps), (site_places, sites))
        };
        let times = travel.times(from.1, to.1);
        let reached = travel.nearest(from.1, &self.road_exits);
        let out = reached
            .iter()
            .map(|access| access.journey().map_or(f64::INFINITY, |way| way.minutes));
        let out = self.at_the_border(from, out.collect());
        let back = self.at_the_border(to, travel.soonest_from(&self.road_exits, to.1));
        let mut touched = vec![false; people.places.len()];
        let (mut cells, mut shares, mut uncertain) = (Vec::new(), Vec::new(), 0);
        for (row, snap) in sites.iter().enumerate() {
            let mut sum = Between::default();
            for (person, &weight) in people
                .weights
                .iter()
                .enumerate()
                .filter(|(_, weight)| **weight > 0.0)
            {
                let (from, to) = if people.to_places {
                    (row, person)
                } else {
                    (person, row)
                };
                let beyond = out[from] + back[to];
                touched[person] |= sum.add(times.minutes(from, to), beyond, weight);
            }
            let off = self.off_roads(site_places[row], snap.as_ref());
            uncertain += usize::from(sum.open && off.is_none());
            cells.push(off.map_or_else(|| sum.cell(), Cell::Unknown));
            shares.push(sum.reached_share());
        }
        if uncertain > 0 {
            warnings.push(Notice::DisruptionBeyond {
                places: touched.iter().filter(|touched| **touched).count(),
                sites: uncertain,
            });
        }
        column(cells)?.with_reached_share(shares).map_err(internal)
    }

    /// Minutes to or from the border, 0 for a place that lies beyond it, or near which a road may be that is not known.
    fn at_the_border(
        &self,
        (places, snaps): (&[Option<Coord<f64>>], &[Option<Snap>]),
        mut minutes: Vec<f64>,
    ) -> Vec<f64> {
        for ((place, snap), minutes) in places.iter().zip(snaps).zip(&mut minutes) {
            if self.off_roads(*place, snap.as_ref()) == Some(Unknown::NoData) {
                *minutes = 0.0;
            }
        }
        minutes
    }
}

/// Minutes that are known between bounds, summed by weight.
#[derive(Debug, Clone, Copy, Default)]
struct Between {
    low: f64,
    high: f64,
    reached: f64,
    total: f64,
    /// Whether a way beyond the border could change anything.
    open: bool,
}

impl Between {
    /// Counts one who needs so long over known roads, if these lead there at all, and at least `beyond` over others. The
    /// answer is whether others could bring them there, or sooner.
    fn add(&mut self, minutes: Option<f64>, beyond: f64, weight: f64) -> bool {
        self.total += weight;
        let open = beyond < minutes.unwrap_or(f64::INFINITY);
        self.open |= open;
        if let Some(minutes) = minutes {
            self.reached += weight;
            self.low += weight * minutes.min(beyond);
            self.high += weight * minutes;
        }
        open
    }

    fn reached_share(&self) -> f64 {
        // A site whose mean nobody has is unreachable, or unknown, as a whole.
        if self.reached > 0.0 {
            self.reached / self.total
        } else {
            1.0
        }
    }

    fn cell(&self) -> Cell<'static> {
        if self.reached <= 0.0 {
            let why = if self.open {
                Unknown::NoData
            } else {
                Unknown::Unreachable
            };
            return Cell::Unknown(why);
        }
        let (low, high) = (self.low / self.reached, self.high / self.reached);
        if low < high {
            Cell::Interval(low, high)
        } else {
            Cell::Known(high)
        }
    }
}

/// How far along a segment it leaves an area, 0 to 1, to a millionth; `is_past` holds at 1 and not at 0.
fn crossing(is_past: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..20 {
        let middle = f64::midpoint(low, high);
        if is_past(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    low
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
