//! Services and workplaces: where people live, factories in their belts, bus stops along the main roads.

use geo::{Coord, Point};

use crate::anchors::Anchor;
use crate::draw::{Draw, Part};
use crate::fabric::{Density, Sangkats};
use crate::facts::{Facts, metres};
use crate::model::{Known, Road, RoadClass, Service, ServiceKind};
use crate::near::Obstacles;
use crate::shape::{along, cm, direction, distance, left};

/// Distance between bus stops in metres.
const STOP_M: f64 = 520.0;
/// Bus lines end at this multiple of the dense city's reach.
const BUS_REACH: f64 = 3.2;

/// How many of a kind, at least how many in each khan, and what they can take.
const KINDS: [(ServiceKind, u32, u32, [u32; 2]); 8] = [
    (ServiceKind::PrimarySchool, 230, 4, [180, 1_400]),
    (ServiceKind::HealthCentre, 52, 1, [40, 180]),
    (ServiceKind::Hospital, 18, 0, [40, 600]),
    (ServiceKind::Market, 80, 2, [60, 900]),
    (ServiceKind::Nursery, 90, 1, [12, 80]),
    (ServiceKind::Preschool, 170, 3, [20, 120]),
    (ServiceKind::SocialService, 46, 1, [40, 400]),
    (ServiceKind::WaterPoint, 280, 5, [15, 150]),
];
const FACTORIES: f64 = 420.0;

/// Generates the services.
pub(crate) fn generate(
    facts: &Facts,
    anchors: &[Anchor<'_>],
    roads: &[Road],
    density: &Density<'_>,
    sangkats: &Sangkats<'_>,
    obstacles: &Obstacles,
    seed: u64,
) -> Vec<Service> {
    let mut services = Vec::new();
    for (kind, count, least, capacity) in KINDS {
        let mut draw = Draw::new(seed, Part::Services, kind as u64);
        let scale = f64::from(capacity[1] - capacity[0]);
        for at in places(kind, count, least, anchors, sangkats, &mut draw) {
            let share = draw.unit();
            let full = capacity[0] + (scale * share * share) as u32;
            let known = draw.chance(0.92);
            services.push(service(kind, at, known.then_some(full)));
        }
    }
    services.extend(factories(facts, anchors, seed));
    services.extend(bus_stops(roads, density, obstacles));
    for (index, service) in services.iter_mut().enumerate() {
        service.service_id = format!("S{:05}", index + 1);
        let kind = service.kind.as_str().replace('_', " ");
        service.name_en = format!(
            "{}{} {} (illustrative)",
            kind[..1].to_uppercase(),
            &kind[1..],
            index + 1
        );
    }
    services
}

fn service(kind: ServiceKind, at: Coord<f64>, capacity: Option<u32>) -> Service {
    Service {
        service_id: String::new(),
        name_en: String::new(),
        kind,
        capacity,
        employees: None,
        has_nursery: None,
        geometry: Point(cm(at)),
    }
}

/// First the least number in each khan, then the rest where people are; water points where pipes are not.
fn places(
    kind: ServiceKind,
    count: u32,
    least: u32,
    anchors: &[Anchor<'_>],
    sangkats: &Sangkats<'_>,
    draw: &mut Draw,
) -> Vec<Coord<f64>> {
    let weight = |anchor: &Anchor<'_>| match kind {
        ServiceKind::WaterPoint => anchor.people.sqrt() / (0.1 + anchor.urban),
        ServiceKind::PrimarySchool | ServiceKind::Preschool => anchor.people + 40.0 * anchor.people.sqrt(),
        _ => anchor.people,
    };
    let khan_of = |anchor: &Anchor<'_>| anchor.sangkat.map(|index| sangkats.get(index).parent.as_str());
    let mut khans: Vec<&str> = anchors.iter().filter_map(khan_of).collect();
    khans.sort_unstable();
    khans.dedup();
    let mut places = Vec::new();
    for khan in khans {
        let own: Vec<(usize, f64)> = weighted(anchors, |anchor| {
            if khan_of(anchor) == Some(khan) {
                weight(anchor)
            } else {
                0.0
            }
        });
        for _ in 0..least {
            places.push(anchors[draw.weighted(&own)].point(draw));
        }
    }
    let all = weighted(anchors, weight);
    if !all.is_empty() {
        while places.len() < count as usize {
            places.push(anchors[draw.weighted(&all)].point(draw));
        }
    }
    places
}

fn weighted(anchors: &[Anchor<'_>], weight: impl Fn(&Anchor<'_>) -> f64) -> Vec<(usize, f64)> {
    let weights = anchors.iter().map(weight).enumerate();
    weights.filter(|&(_, weight)| weight > 0.0).collect()
}

fn factories(facts: &Facts, anchors: &[Anchor<'_>], seed: u64) -> Vec<Service> {
    let mut draw = Draw::new(seed, Part::Services, ServiceKind::Factory as u64);
    let mut factories = Vec::new();
    for belt in &facts.skeleton.factory_belt {
        let (centre, half) = (metres(belt.centre), belt.half.map(|km| km * 1000.0));
        let inside = weighted(anchors, |anchor| {
            let (x, y) = (
                (anchor.at.x - centre.x) / half[0],
                (anchor.at.y - centre.y) / half[1],
            );
            if x * x + y * y < 1.0 { 1.0 } else { 0.0 }
        });
        if inside.is_empty() {
            continue;
        }
        for _ in 0..(FACTORIES * belt.share).round() as usize {
            let at = anchors[draw.weighted(&inside)].point(&mut draw);
            let size = draw.unit();
            let employees = 20 + (3_600.0 * size * size * size) as u32;
            // The law asks for a nursery from 50 employees on, and is rarely acted on.
            let nursery = if employees > 50 {
                draw.weighted(&[(Known::Yes, 0.12), (Known::No, 0.63), (Known::Unknown, 0.25)])
            } else {
                Known::No
            };
            let known = draw.chance(0.9);
            factories.push(Service {
                employees: known.then_some(employees),
                has_nursery: Some(nursery),
                ..service(ServiceKind::Factory, at, known.then_some(employees))
            });
        }
    }
    factories
}

/// Stops at even distances beside the main roads of the city.
fn bus_stops(roads: &[Road], density: &Density<'_>, obstacles: &Obstacles) -> Vec<Service> {
    let mut stops: Vec<Service> = Vec::new();
    let served = |class| {
        matches!(
            class,
            RoadClass::Trunk | RoadClass::Primary | RoadClass::Secondary
        )
    };
    for road in roads.iter().filter(|road| served(road.class) && !road.bridge) {
        let mut left_over = STOP_M / 2.0;
        for w in road.geometry.0.windows(2) {
            let size = distance(w[0], w[1]);
            let mut way = left_over;
            while way < size {
                let at = along(w[0], w[1], way / size)
                    + left(direction(w[1] - w[0])) * (road.reserve_m / 2.0 - 3.0);
                let near = density.centre_distance(at) < density.reach_m.max(3_300.0) * BUS_REACH;
                if near && !obstacles.in_water(at) {
                    stops.push(service(ServiceKind::BusStop, at, None));
                }
                way += STOP_M;
            }
            left_over = way - size;
        }
    }
    stops
}
