//! Travel times from sites to services, and from the settlements that would move to the sites.

use std::collections::BTreeMap;

use geo::{Coord, Geometry};
use phteah_geoproc::access::{Access, Travel};
use phteah_geoproc::network::{EdgeSet, Network, Snap, Snapper};
use phteah_geoproc::surface::representative_point;
use phteah_planning::matrix::{Cell, Column, Unknown};
use phteah_planning::measure::{Measure, Mode, Service};
use phteah_planning::scenario::{Scenario, Settlements};

use super::input::Inputs;
use super::roads;
use super::sites::Site;
use super::{column, of_measures, unknown};
use crate::crs::{Crs, Reprojector};
use crate::error::{LayersError, Result};
use crate::schema::Role;

pub(super) fn columns(
    inputs: &mut Inputs<'_>,
    scenario: &Scenario,
    measures: &[Measure],
    sites: &[Site],
) -> Result<Vec<(usize, Column)>> {
    if !measures
        .iter()
        .any(|m| m.is_travel() || matches!(m, Measure::ServicesWithin { .. }))
    {
        return Ok(Vec::new());
    }
    let network = roads::network(inputs, scenario)?;
    let mut ways = Ways::new(inputs, scenario, &network, sites)?;
    ways.cut_by_floods(inputs, measures)?;
    ways.warn_of_missing(inputs, measures);
    let moving = if measures.iter().any(|m| matches!(m, Measure::Disruption { .. })) {
        Moving::load(inputs, scenario)?
    } else {
        Moving::default()
    };
    let mut warnings = Vec::new();
    let found = of_measures(measures, |measure| match *measure {
        Measure::TravelTime {
            service,
            mode,
            cut_return_period,
        } => Some(ways.travel_time(service, mode, cut_return_period)),
        Measure::ServicesWithin {
            service,
            mode,
            minutes,
        } => Some(ways.services_within(service, mode, minutes)),
        Measure::Disruption { .. } => {
            Some(ways.disruption(&moving, scenario.mode_of(measure), &mut warnings))
        }
        _ => None,
    })?;
    for (code, message) in warnings {
        inputs.warn(code, message);
    }
    Ok(found)
}

/// The network with the sites and services on it.
struct Ways<'a> {
    network: &'a Network,
    max_snap: f64,
    cut_depth: f64,
    sites: Vec<Option<Coord<f64>>>,
    services: BTreeMap<Service, Vec<Option<Coord<f64>>>>,
    /// Roads closed by the flood of each return period that is loaded.
    closed: BTreeMap<u32, EdgeSet>,
}

impl<'a> Ways<'a> {
    fn new(
        inputs: &mut Inputs<'_>,
        scenario: &Scenario,
        network: &'a Network,
        sites: &[Site],
    ) -> Result<Self> {
        let mut services: BTreeMap<Service, Vec<Option<Coord<f64>>>> = BTreeMap::new();
        inputs.features(Role::Services, |feature| {
            if let Some(kind) = feature.text("kind").and_then(Service::from_name) {
                services
                    .entry(kind)
                    .or_default()
                    .push(feature.geometry.as_ref().and_then(representative_point));
            }
        })?;
        Ok(Self {
            network,
            max_snap: scenario.travel.max_snap_m,
            cut_depth: scenario.travel.cut_depth_m,
            sites: sites.iter().map(|site| Some(site.centre)).collect(),
            services,
            closed: BTreeMap::new(),
        })
    }

    /// Closes the roads that the floods the measures name would cut.
    fn cut_by_floods(&mut self, inputs: &mut Inputs<'_>, measures: &[Measure]) -> Result<()> {
        let cuts = measures
            .iter()
            .filter(|m| m.is_travel())
            .filter_map(Measure::return_period);
        for years in cuts {
            if !self.closed.contains_key(&years)
                && let Some(closed) = roads::closed_by(inputs, self.network, years, self.cut_depth)?
            {
                self.closed.insert(years, closed);
            }
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
                let kind = service.label().en;
                inputs.warn(
                    "no_service",
                    format!("No {kind} is loaded: how far sites are from one is unknown, not zero. Import a layer of services that has them."),
                );
            }
        }
    }

    fn travel(&self, mode: Mode, cut: Option<u32>) -> Option<Travel<'a>> {
        let closed = match cut {
            None => EdgeSet::none(),
            Some(years) => self.closed.get(&years)?.clone(),
        };
        Some(Travel::new(self.network, network_mode(mode), &closed))
    }

    fn snap(&self, places: &[Option<Coord<f64>>], mode: Mode) -> Vec<Option<Snap>> {
        Snapper::new(self.network, network_mode(mode)).snap_all(places, self.max_snap)
    }

    fn travel_time(&self, service: Service, mode: Mode, cut: Option<u32>) -> Result<Column> {
        let (Some(services), Some(travel)) = (self.services.get(&service), self.travel(mode, cut)) else {
            return unknown(self.sites.len());
        };
        let reached = travel.nearest(&self.snap(&self.sites, mode), &self.snap(services, mode));
        column(reached.iter().map(cell))
    }

    fn services_within(&self, service: Service, mode: Mode, minutes: f64) -> Result<Column> {
        let (Some(services), Some(travel)) = (self.services.get(&service), self.travel(mode, None)) else {
            return unknown(self.sites.len());
        };
        let counts = travel.within(&self.snap(&self.sites, mode), &self.snap(services, mode), minutes);
        column(
            counts
                .iter()
                .map(|c| c.map_or(Cell::Unknown(Unknown::OffNetwork), |n| Cell::Known(f64::from(n)))),
        )
    }

    fn disruption(
        &self,
        moving: &Moving,
        mode: Mode,
        warnings: &mut Vec<(&'static str, String)>,
    ) -> Result<Column> {
        let Some(travel) = self.travel(mode, None) else {
            return unknown(self.sites.len());
        };
        let sites = self.snap(&self.sites, mode);
        let places: Vec<Option<Coord<f64>>> = moving.people.iter().map(|(place, _)| *place).collect();
        let origins = self.snap(&places, mode);
        let off = origins.iter().filter(|snap| snap.is_none()).count();
        if off > 0 {
            warnings.push((
                "settlement_off_network",
                format!(
                    "{off} of the places to move from lie on no road and do not count in the disruption."
                ),
            ));
        }
        let (origins, weights): (Vec<Option<Snap>>, Vec<f64>) = origins
            .into_iter()
            .zip(&moving.people)
            .filter(|(snap, _)| snap.is_some())
            .map(|(snap, (_, w))| (snap, *w))
            .unzip();
        if weights.iter().all(|&w| w <= 0.0) {
            return unknown(self.sites.len());
        }
        let disruptions = if moving.to_places {
            to_places(&travel, &sites, &origins, &weights)
        } else {
            let all = travel.times(&origins, &sites).disruption(&weights);
            all.into_iter()
                .map(|d| d.minutes.filter(|_| d.reached_share >= 1.0))
                .collect()
        };
        column(
            disruptions
                .iter()
                .zip(&sites)
                .map(|(minutes, site)| match (minutes, site) {
                    (_, None) => Cell::Unknown(Unknown::OffNetwork),
                    (Some(minutes), _) => Cell::Known(*minutes),
                    (None, _) => Cell::Unknown(Unknown::Unreachable),
                }),
        )
    }
}

/// Weighted mean minutes from every site to a family's own places; `None` where one of them cannot be reached.
fn to_places(
    travel: &Travel<'_>,
    sites: &[Option<Snap>],
    places: &[Option<Snap>],
    weights: &[f64],
) -> Vec<Option<f64>> {
    let total: f64 = weights.iter().sum();
    let mut sums: Vec<Option<f64>> = vec![Some(0.0); sites.len()];
    for (place, weight) in places.iter().zip(weights) {
        let reached = travel.nearest(sites, std::slice::from_ref(place));
        for (sum, access) in sums.iter_mut().zip(&reached) {
            *sum = sum
                .zip(access.journey())
                .map(|(sum, journey)| sum + weight * journey.minutes);
        }
    }
    sums.into_iter().map(|sum| sum.map(|sum| sum / total)).collect()
}

/// Who would move, or the places of one family; each with its weight.
#[derive(Default)]
struct Moving {
    people: Vec<(Option<Coord<f64>>, f64)>,
    to_places: bool,
}

impl Moving {
    fn load(inputs: &mut Inputs<'_>, scenario: &Scenario) -> Result<Self> {
        let places = &scenario.moving.places;
        if !places.is_empty() {
            let to_plane = Reprojector::new(&Crs::wgs84(), &inputs.catalogue().crs()?)?;
            let plane = |place: &phteah_planning::scenario::Place| -> Result<_> {
                let (x, y) = to_plane.point(place.lon, place.lat)?;
                Ok((Some(Coord { x, y }), place.weight))
            };
            return Ok(Self {
                people: places.iter().map(plane).collect::<Result<_>>()?,
                to_places: true,
            });
        }
        let mut people = Vec::new();
        let (mut no_number, mut found) = (0_usize, Vec::new());
        inputs.features(Role::Settlements, |feature| {
            let wanted = match &scenario.moving.settlements {
                Settlements::All => true,
                Settlements::Ids(ids) => ids.contains(&feature.id),
            };
            if !wanted {
                return;
            }
            found.push(feature.id.clone());
            match feature.number("households") {
                Some(households) => {
                    people.push((
                        feature
                            .geometry
                            .as_ref()
                            .and_then(|g: &Geometry<f64>| representative_point(g)),
                        households,
                    ));
                }
                None => no_number += 1,
            }
        })?;
        if let Settlements::Ids(ids) = &scenario.moving.settlements {
            let missing: Vec<&str> = ids
                .iter()
                .filter(|id| !found.contains(id))
                .map(String::as_str)
                .collect();
            if !missing.is_empty() {
                let missing = missing.join(", ");
                return Err(LayersError::Usage(format!(
                    "move.settlements: no settlement is called {missing}: take ids that the settlement layer has."
                )));
            }
        }
        if found.is_empty() {
            inputs.warn(
                "no_settlements",
                "No settlements are loaded: how far each site is from today's homes is unknown.",
            );
        }
        if no_number > 0 {
            inputs.warn(
                "households_unknown",
                format!("{no_number} of {} settlements state no number of households and do not count in the disruption.", found.len()),
            );
        }
        Ok(Self {
            people,
            to_places: false,
        })
    }
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
