//! Travel on small networks against an independent search, and its invariants.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use geo::{Coord, LineString, coord, wkt};
use phteah_geoproc::access::{Access, Travel};
use phteah_geoproc::network::{
    Direction, EdgeSet, Joins, Mode, ModeSpeeds, Network, NetworkError, Road, Snap, Snapper,
};
use proptest::prelude::*;

const SPEEDS: ModeSpeeds = ModeSpeeds {
    walk: Some(4.5),
    motorbike: Some(18.0),
};

fn road(line: LineString<f64>) -> Road {
    Road::new(line, SPEEDS, Direction::Both)
}

fn snaps(network: &Network, mode: Mode, places: &[(f64, f64)]) -> Vec<Option<Snap>> {
    let places: Vec<_> = places.iter().map(|&(x, y)| Some(Coord { x, y })).collect();
    Snapper::new(network, mode).snap_all(&places, 1000.0)
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

#[test]
fn lines_meet_in_their_middles() {
    let network = Network::new(
        &[
            road(wkt!(LINESTRING(0. 0., 100. 0., 200. 0.))),
            road(wkt!(LINESTRING(100. 50., 100. 0., 100. -50.))),
        ],
        0.0,
    )
    .unwrap();
    let report = network.report();
    assert_eq!((report.nodes, report.edges, report.components), (5, 4, 1));
    // Crossing without a shared vertex is a bridge.
    let bridge = [
        road(wkt!(LINESTRING(0. 0., 200. 0.))),
        road(wkt!(LINESTRING(100. 50., 100. -50.))),
    ];
    let report = *Network::new(&bridge, 0.0).unwrap().report();
    assert_eq!((report.nodes, report.edges, report.components), (4, 2, 2));
    assert!(close(report.largest_share, 200.0 / 300.0));
}

#[test]
fn near_vertices_join_but_curves_do_not_collapse() {
    let near = [
        road(wkt!(LINESTRING(0. 0., 100. 0.))),
        road(wkt!(LINESTRING(100.3 0.2, 200. 0.))),
    ];
    assert_eq!(Network::new(&near, 0.0).unwrap().report().components, 2);
    let joined = Network::new(&near, 0.5).unwrap();
    assert_eq!(
        (
            joined.report().components,
            joined.report().nodes,
            joined.report().joined_vertices
        ),
        (1, 3, 1)
    );
    let curve: Vec<(f64, f64)> = (0..100)
        .map(|i| (f64::from(i) * 0.1, (f64::from(i) * 0.1).sin()))
        .collect();
    let network = Network::new(&[road(LineString::from(curve))], 0.15).unwrap();
    assert!(network.report().length > 9.9);
}

#[test]
fn vertices_within_the_tolerance_do_not_chain_a_road_into_a_point() {
    let xs = |spacing: f64| {
        (0..=4000)
            .map(move |i| f64::from(i) * spacing)
            .take_while(|x| *x <= 1000.0)
    };
    for spacing in [0.1, 0.25, 0.3, 0.5, 1.0] {
        let whole = road(xs(spacing).map(|x| (x, 0.0)).collect());
        let length = xs(spacing).last().unwrap();
        // The same in as many pieces as it has segments, and in pieces of many segments.
        let vertices: Vec<(f64, f64)> = xs(spacing).map(|x| (x, 0.0)).collect();
        let pieces: Vec<Road> = vertices
            .windows(2)
            .map(|w| road(LineString::from(w.to_vec())))
            .collect();
        let longer: Vec<Road> = vertices
            .chunks(7)
            .enumerate()
            .map(|(i, chunk)| {
                let next = vertices.get((i + 1) * 7).copied();
                road(LineString::from(
                    chunk.iter().copied().chain(next).collect::<Vec<_>>(),
                ))
            })
            .collect();
        for roads in [vec![whole], pieces, longer] {
            let network = Network::new(&roads, 0.5).unwrap();
            let travel = Travel::new(&network, Mode::Walk, &EdgeSet::none());
            let snapper = Snapper::new(&network, Mode::Walk);
            let ends = snapper.snap_all(
                &[
                    Some(coord! { x: 0.0, y: 0.0 }),
                    Some(coord! { x: length, y: 0.0 }),
                ],
                1.0,
            );
            let metres = travel.nearest(&ends[..1], &ends[1..])[0]
                .journey()
                .unwrap()
                .metres;
            assert!(
                close(metres, length),
                "{} roads, {spacing} m: {metres}",
                roads.len()
            );
        }
    }
}

#[test]
fn near_vertices_join_where_no_short_way_does() {
    // A side road ends 0.3 m beside a finely drawn street, between two of its vertices.
    let street = road((0..=400).map(|i| (f64::from(i) * 0.25, 0.0)).collect());
    let side = road(wkt!(LINESTRING(50.1 0.3, 50.1 100.)));
    // A ring that nearly closes, and two lines that cross with a vertex each, 0.2 m apart.
    let ring = road(wkt!(LINESTRING(200. 0., 300. 0., 300. 100., 200. 100., 200. 0.4)));
    let across = [
        road(wkt!(LINESTRING(400. 0., 450. 0., 500. 0.))),
        road(wkt!(LINESTRING(450. -50., 450. 0.2, 450. 50.))),
    ];
    let found = |roads: &[Road]| *Network::new(roads, 0.5).unwrap().report();
    let t = found(&[street.clone(), side.clone()]);
    assert_eq!((t.components, t.joined_vertices), (1, 1));
    assert!(close(t.length, 100.0 + 99.7));
    let o = found(&[ring]);
    assert_eq!((o.components, o.nodes, o.joined_vertices), (1, 1, 1));
    let x = found(&across);
    assert_eq!((x.components, x.nodes, x.edges), (1, 5, 4));
    // So many vertices within the tolerance cannot all be mistakes.
    let crowd: Vec<Road> = (0..6000)
        .map(|i| {
            road(LineString::from(vec![
                (f64::from(i) * 0.001, 0.0),
                (f64::from(i) * 0.001, 1000.0),
            ]))
        })
        .collect();
    assert!(matches!(
        Network::new(&crowd, 50.0),
        Err(NetworkError::TooDense(_))
    ));
}

#[test]
fn roads_of_a_map_meet_at_the_same_node_alone() {
    let mapped = |line, apart: &[(u32, i64)]| Road {
        joins: Joins::ByNode(apart.to_vec()),
        ..road(line)
    };
    let over = || wkt!(LINESTRING(0. 0., 50. 0., 100. 0.));
    let under = || wkt!(LINESTRING(50. -50., 50. 0., 50. 50.));
    let components = |roads: &[Road]| Network::new(roads, 0.5).unwrap().report().components;
    assert_eq!(components(&[mapped(over(), &[]), mapped(under(), &[])]), 1);
    assert_eq!(
        components(&[mapped(over(), &[(1, 2)]), mapped(under(), &[(1, 12)])]),
        2
    );
    assert_eq!(
        components(&[mapped(over(), &[(1, 2)]), mapped(under(), &[(1, 2)])]),
        1
    );
    // A line that passes both nodes, one after the other in the same place, joins them.
    let both = mapped(
        wkt!(LINESTRING(0. 9., 50. 0., 50. 0., 99. 9.)),
        &[(1, 2), (2, 12)],
    );
    assert_eq!(
        components(&[mapped(over(), &[(1, 2)]), mapped(under(), &[(1, 12)]), both]),
        1
    );
    // Nodes of a map that lie near each other are two all the same; a road drawn by hand is joined by place.
    let near = wkt!(LINESTRING(50.2 0.1, 50. 50.));
    assert_eq!(components(&[mapped(over(), &[]), mapped(near.clone(), &[])]), 2);
    assert_eq!(components(&[mapped(over(), &[]), road(near)]), 1);
}

#[test]
fn roads_that_pass_on_different_levels_do_not_meet() {
    let at = |level: i8, line| Road { level, ..road(line) };
    let over = || wkt!(LINESTRING(0. 0., 50. 0., 100. 0.));
    let under = || wkt!(LINESTRING(50. -50., 50. 0., 50. 50.));
    let components = |roads: &[Road]| Network::new(roads, 0.5).unwrap().report().components;
    assert_eq!(components(&[at(0, over()), at(0, under())]), 1);
    assert_eq!(components(&[at(1, over()), at(0, under())]), 2);
    // As well where their vertices are a little apart.
    let beside = wkt!(LINESTRING(50. -50., 50. 0.1, 50. 50.));
    assert_eq!(components(&[at(1, over()), at(0, beside)]), 2);
    // A ramp that ends on the bridge meets the bridge; a bridge that ends on a street meets the street.
    let ramp = wkt!(LINESTRING(50. 0., 60. 90.));
    assert_eq!(
        components(&[at(1, over()), at(0, under()), at(1, ramp.clone())]),
        2
    );
    assert_eq!(components(&[at(1, over()), at(0, ramp.clone())]), 1);
    assert_eq!(components(&[at(0, over()), at(1, ramp)]), 1);
    // A ring passes where it closes.
    let ring = wkt!(LINESTRING(50. 0., 60. 10., 40. 10., 50. 0.));
    assert_eq!(components(&[at(1, over()), at(0, ring)]), 2);
}

#[test]
fn bad_lines_are_counted_and_stop_nothing() {
    let network = Network::new(
        &[
            road(wkt!(LINESTRING(0. 0., 0. 0., 100. 0., 100. 0.))),
            road(wkt!(LINESTRING(5. 5., 5. 5.))),
            road(LineString::from(vec![(0.0, 0.0), (f64::NAN, 1.0)])),
            road(LineString(vec![])),
        ],
        0.1,
    )
    .unwrap();
    let report = network.report();
    assert_eq!(
        (
            report.edges,
            report.zero_length_segments,
            report.invalid_lines,
            report.empty_lines
        ),
        (1, 3, 1, 2)
    );
    assert!(matches!(
        Network::new(&[], f64::NAN),
        Err(NetworkError::Tolerance(_))
    ));
    // At a speed next to nothing every way would take for ever, and lines beyond the Earth are as long as that.
    for kmh in [0.0, -1.0, 1e-300, 1e300, f64::NAN] {
        let still = Road {
            speeds: ModeSpeeds {
                walk: Some(kmh),
                motorbike: None,
            },
            ..road(wkt!(LINESTRING(0. 0., 1. 0.)))
        };
        assert!(matches!(
            Network::new(&[still], 0.0),
            Err(NetworkError::Speed { road: 0, .. })
        ));
    }
    let endless = road(LineString::from(vec![(0.0, 0.0), (1e300, 1.0)]));
    assert_eq!(Network::new(&[endless], 0.1).unwrap().report().invalid_lines, 1);
}

#[test]
fn an_empty_network_reaches_nothing() {
    let network = Network::new(&[], 0.5).unwrap();
    assert_eq!(network.report().largest_share.to_bits(), 0.0_f64.to_bits());
    let snaps = snaps(&network, Mode::Walk, &[(0.0, 0.0)]);
    let travel = Travel::new(&network, Mode::Walk, &EdgeSet::none());
    assert_eq!(travel.nearest(&snaps, &snaps), [Access::OffNetwork]);
    assert_eq!(travel.within(&snaps, &snaps, 10.0), [None]);
    assert_eq!(travel.times(&snaps, &snaps).minutes(0, 0), None);
}

#[test]
fn both_ends_are_walked() {
    let network = Network::new(&[road(wkt!(LINESTRING(0. 0., 1000. 0.)))], 0.0).unwrap();
    let travel = Travel::new(&network, Mode::Motorbike, &EdgeSet::none());
    let from = snaps(&network, Mode::Motorbike, &[(100.0, 75.0), (100.0, 5000.0)]);
    // Feature and service are in the middle of the same edge.
    let to = snaps(&network, Mode::Motorbike, &[(700.0, -150.0)]);
    let access = travel.nearest(&from, &to);
    let journey = access[0].journey().unwrap();
    assert!(close(journey.metres, 75.0 + 600.0 + 150.0));
    assert!(
        close(journey.minutes, 225.0 / 75.0 + 600.0 / 300.0),
        "4.5 km/h is 75 m/min, 18 km/h 300"
    );
    assert_eq!(access[1].status(), "off_network");
    let route = travel.route(&from[0].unwrap(), &to[0].unwrap()).unwrap();
    assert_eq!(
        route.line,
        wkt!(LINESTRING(100. 75., 100. 0., 700. 0., 700. -150.))
    );
    assert!(close(route.minutes, journey.minutes) && close(route.metres, journey.metres));
}

#[test]
fn one_way_streets_bind_motorbikes_alone() {
    let roads = [
        Road {
            direction: Direction::Forward,
            ..road(wkt!(LINESTRING(0. 0., 300. 0.)))
        },
        road(wkt!(LINESTRING(300. 0., 300. 300., 0. 300., 0. 0.))),
    ];
    let network = Network::new(&roads, 0.0).unwrap();
    let minutes = |mode, from, to| {
        let travel = Travel::new(&network, mode, &EdgeSet::none());
        let (from, to) = (snaps(&network, mode, &[from]), snaps(&network, mode, &[to]));
        let access = travel.nearest(&from, &to)[0].journey().unwrap().metres;
        assert!(close(
            travel.route(&from[0].unwrap(), &to[0].unwrap()).unwrap().metres,
            access
        ));
        access
    };
    assert!(close(minutes(Mode::Motorbike, (100.0, 0.0), (200.0, 0.0)), 100.0));
    assert!(close(
        minutes(Mode::Motorbike, (200.0, 0.0), (100.0, 0.0)),
        1100.0
    ));
    assert!(close(minutes(Mode::Walk, (200.0, 0.0), (100.0, 0.0)), 100.0));
}

#[test]
fn a_service_on_no_road_is_reached_by_nobody() {
    let network = Network::new(&[road(wkt!(LINESTRING(0. 0., 1000. 0.)))], 0.0).unwrap();
    let travel = Travel::new(&network, Mode::Walk, &EdgeSet::none());
    let from = snaps(&network, Mode::Walk, &[(0.0, 0.0)]);
    assert_eq!(travel.nearest(&from, &[None]), [Access::Unreachable]);
    assert_eq!(travel.within(&from, &[None], 60.0), [Some(0)]);
}

#[test]
fn a_place_on_a_closed_edge_is_cut_off_but_a_node_is_not() {
    let roads = [
        road(wkt!(LINESTRING(0. 0., 100. 0.))),
        road(wkt!(LINESTRING(100. 0., 200. 0.))),
    ];
    let network = Network::new(&roads, 0.0).unwrap();
    let first = (0..2)
        .find(|&edge| network.edges()[edge as usize].road == 0)
        .unwrap();
    let travel = Travel::new(&network, Mode::Walk, &EdgeSet::from_iter([first]));
    let from = snaps(&network, Mode::Walk, &[(50.0, 1.0), (100.0, 1.0), (150.0, 1.0)]);
    let to = snaps(&network, Mode::Walk, &[(200.0, 0.0)]);
    let status: Vec<&str> = travel.nearest(&from, &to).iter().map(Access::status).collect();
    assert_eq!(status, ["unreachable", "reached", "reached"]);
}

#[test]
fn disruption_counts_households() {
    let network = Network::new(
        &[
            road(wkt!(LINESTRING(0. 0., 750. 0.))),
            road(wkt!(LINESTRING(5000. 0., 6000. 0.))),
        ],
        0.0,
    )
    .unwrap();
    let travel = Travel::new(&network, Mode::Walk, &EdgeSet::none());
    let settlements = snaps(&network, Mode::Walk, &[(0.0, 0.0), (375.0, 0.0), (5500.0, 0.0)]);
    let sites = snaps(&network, Mode::Walk, &[(750.0, 0.0)]);
    let times = travel.times(&settlements, &sites);
    assert_eq!((times.origins(), times.destinations()), (3, 1));
    let disruption = times.disruption(&[10.0, 30.0, 10.0])[0];
    assert!(close(
        disruption.minutes.unwrap(),
        (10.0 * 10.0 + 30.0 * 5.0) / 40.0
    ));
    assert!(close(disruption.reached_share, 0.8));
}

/// Streets of a town: a grid with holes, random speeds and one-ways; some streets bend.
fn town() -> impl Strategy<Value = Vec<Road>> {
    let street = (0.5..2.0_f64, 0..5_u8, 0.0..1.0_f64);
    prop::collection::vec(prop::option::weighted(0.8, street), 2 * 6 * 6).prop_map(|streets| {
        let mut roads = Vec::new();
        for (i, street) in streets.into_iter().enumerate() {
            let Some((pace, way, bend)) = street else { continue };
            let (x, y, across) = ((i / 2 % 6) as f64, (i / 12) as f64, i % 2 == 0);
            let end = if across { (x + 1.0, y) } else { (x, y + 1.0) };
            let middle = (
                x + 0.5 + if across { 0.0 } else { bend / 3.0 },
                y + 0.5 - if across { bend / 3.0 } else { 0.0 },
            );
            let middle = if across {
                (middle.0, middle.1 - 0.5)
            } else {
                (middle.0 - 0.5, middle.1)
            };
            let line = [(x, y), middle, end].map(|(x, y)| (x * 100.0, y * 100.0));
            let speeds = ModeSpeeds {
                walk: Some(4.5),
                motorbike: Some(20.0 * pace),
            };
            let direction = match way {
                0 => Direction::Forward,
                1 => Direction::Backward,
                _ => Direction::Both,
            };
            roads.push(Road::new(LineString::from(line.to_vec()), speeds, direction));
        }
        roads
    })
}

fn places(count: usize) -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((-20.0..620.0_f64, -20.0..620.0_f64), count)
}

/// Minutes from one snap to another by Bellman and Ford's relaxation, with the places as vertices of their own.
fn reference(
    network: &Network,
    roads: &[Road],
    mode: Mode,
    closed: &EdgeSet,
    from: &Snap,
    to: &Snap,
) -> Option<f64> {
    let count = network.nodes().len();
    let (start, goal) = (count, count + 1);
    let mut arcs: Vec<(usize, usize, f64)> = Vec::new();
    for (at, edge) in network.edges().iter().enumerate() {
        let road = &roads[edge.road as usize];
        let pace = 3.6 / road.speeds.of(mode).unwrap();
        let with = mode == Mode::Walk || road.direction != Direction::Backward;
        let against = mode == Mode::Walk || road.direction != Direction::Forward;
        let mut stops = vec![(0.0, edge.from as usize), (edge.length, edge.to as usize)];
        for (snap, stop) in [(from, start), (to, goal)] {
            if snap.edge as usize == at {
                stops.push((snap.along, stop));
            }
        }
        stops.sort_by(|a, b| a.0.total_cmp(&b.0));
        for pair in stops.windows(2) {
            let (metres, a, b) = (pair[1].0 - pair[0].0, pair[0].1, pair[1].1);
            let closed = closed.contains(at as u32) && metres > 0.0;
            if !closed && (with || metres <= 0.0) {
                arcs.push((a, b, metres * pace));
            }
            if !closed && (against || metres <= 0.0) {
                arcs.push((b, a, metres * pace));
            }
        }
    }
    let mut seconds = vec![f64::INFINITY; count + 2];
    seconds[start] = 0.0;
    for _ in 0..count + 2 {
        for &(a, b, cost) in &arcs {
            seconds[b] = seconds[b].min(seconds[a] + cost);
        }
    }
    seconds[goal]
        .is_finite()
        .then(|| (seconds[goal] + (from.distance + to.distance) * 0.8) / 60.0)
}

fn same(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => close(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_search_agrees_with_the_reference(
        roads in town(), from in places(4), to in places(4), mode in prop::sample::select(vec![Mode::Walk, Mode::Motorbike]),
        cut in prop::collection::vec(0..60_u32, 0..6), minutes in 0.5..8.0_f64,
    ) {
        let network = Network::new(&roads, 0.0).unwrap();
        let (from, to) = (snaps(&network, mode, &from), snaps(&network, mode, &to));
        let closed: EdgeSet = cut.into_iter().collect();
        let travel = Travel::new(&network, mode, &closed);
        let (nearest, times) = (travel.nearest(&from, &to), travel.times(&from, &to));
        let within = travel.within(&from, &to, minutes);
        for (i, a) in from.iter().enumerate() {
            let expected: Vec<Option<f64>> = to.iter()
                .map(|b| reference(&network, &roads, mode, &closed, a.as_ref()?, b.as_ref()?)).collect();
            let least = expected.iter().flatten().copied().reduce(f64::min);
            prop_assert!(same(nearest[i].journey().map(|j| j.minutes), least), "{:?} {least:?}", nearest[i]);
            for (j, (b, &expected)) in to.iter().zip(&expected).enumerate() {
                prop_assert!(same(times.minutes(i, j), expected));
                if let (Some(a), Some(b)) = (a, b) {
                    let route = travel.route(a, b);
                    prop_assert!(same(route.as_ref().map(|r| r.minutes), expected));
                    if let Some(route) = route {
                        use geo::{Euclidean, Length};
                        prop_assert!(close(Euclidean.length(&route.line), route.metres));
                    }
                }
            }
            let count = expected.iter().flatten().filter(|&&m| m <= minutes).count();
            let near_limit = expected.iter().flatten().any(|m| close(*m, minutes));
            prop_assert!(near_limit || a.is_none() || within[i] == Some(count as u32));
        }
    }

    /// The soonest of all origins is the least of the times from each.
    #[test]
    fn the_soonest_origin_is_the_least_of_all_times(roads in town(), from in places(4), to in places(6)) {
        let network = Network::new(&roads, 0.0).unwrap();
        for mode in [Mode::Walk, Mode::Motorbike] {
            let travel = Travel::new(&network, mode, &EdgeSet::none());
            let (from, to) = (snaps(&network, mode, &from), snaps(&network, mode, &to));
            let times = travel.times(&from, &to);
            let soonest = travel.soonest_from(&from, &to);
            for (place, found) in soonest.iter().enumerate() {
                let least = (0..from.len()).filter_map(|origin| times.minutes(origin, place)).reduce(f64::min);
                prop_assert!(same(least, found.is_finite().then_some(*found)), "{least:?} and {found}");
            }
        }
    }

    #[test]
    fn the_triangle_inequality_holds_on_the_network(roads in town(), places in places(3)) {
        let network = Network::new(&roads, 0.0).unwrap();
        // On the road itself: walking to it and back would break the detour's sum.
        let on_road: Vec<Option<Snap>> =
            snaps(&network, Mode::Motorbike, &places).into_iter().map(|s| s.map(|s| Snap { distance: 0.0, ..s })).collect();
        let travel = Travel::new(&network, Mode::Motorbike, &EdgeSet::none());
        let t = travel.times(&on_road, &on_road);
        if let (Some(ab), Some(bc)) = (t.minutes(0, 1), t.minutes(1, 2)) {
            prop_assert!(t.minutes(0, 2).is_some_and(|ac| ac <= ab + bc + 1e-9));
        }
    }

    #[test]
    fn cutting_a_road_never_shortens(roads in town(), from in places(6), to in places(2), cut in prop::collection::vec(0..60_u32, 1..9)) {
        let network = Network::new(&roads, 0.0).unwrap();
        let (from, to) = (snaps(&network, Mode::Motorbike, &from), snaps(&network, Mode::Motorbike, &to));
        let dry = Travel::new(&network, Mode::Motorbike, &EdgeSet::none()).nearest(&from, &to);
        let wet = Travel::new(&network, Mode::Motorbike, &cut.into_iter().collect()).nearest(&from, &to);
        for (dry, wet) in dry.iter().zip(&wet) {
            if let Some(wet) = wet.journey() {
                prop_assert!(dry.journey().is_some_and(|dry| dry.minutes <= wet.minutes + 1e-9));
            }
        }
    }
}
