//! Any lines as roads: the graph is sound, and every way of travelling over it gives the same times.
#![no_main]

use arbitrary::{Arbitrary, Unstructured};
use geo::{Coord, LineString};
use libfuzzer_sys::fuzz_target;
use phteah_geoproc::access::Travel;
use phteah_geoproc::network::{Direction, EdgeSet, Mode, ModeSpeeds, Network, Road, Snapper};

/// Coordinates that meet often, nearly meet, or are anything at all.
fn number(bytes: &mut Unstructured<'_>) -> arbitrary::Result<f64> {
    Ok(match bytes.int_in_range(0..=15_u8)? {
        0..=9 => f64::from(bytes.int_in_range(0..=7_u8)?) * 100.0,
        10..=12 => f64::from(bytes.int_in_range(0..=7_u8)?) * 100.0 + f64::from(i8::arbitrary(bytes)?) / 100.0,
        13 => f64::from(i16::arbitrary(bytes)?),
        14 => f64::from(f32::arbitrary(bytes)?),
        _ => f64::arbitrary(bytes)?,
    })
}

fn place(bytes: &mut Unstructured<'_>) -> arbitrary::Result<Coord<f64>> {
    Ok(Coord {
        x: number(bytes)?,
        y: number(bytes)?,
    })
}

fn road(bytes: &mut Unstructured<'_>) -> arbitrary::Result<Road> {
    let vertices = bytes.int_in_range(0..=6_u8)?;
    let speed = |bytes: &mut Unstructured<'_>| {
        Ok::<_, arbitrary::Error>(match bytes.int_in_range(0..=4_u8)? {
            0 => None,
            1 => Some(number(bytes)?),
            _ => Some(f64::from(bytes.int_in_range(1..=60_u8)?)),
        })
    };
    Ok(Road {
        line: LineString((0..vertices).map(|_| place(bytes)).collect::<Result<_, _>>()?),
        speeds: ModeSpeeds {
            walk: speed(bytes)?,
            motorbike: speed(bytes)?,
        },
        direction: *bytes.choose(&[Direction::Both, Direction::Forward, Direction::Backward])?,
    })
}

#[derive(Debug)]
struct Case {
    roads: Vec<Road>,
    tolerance: f64,
    places: Vec<Coord<f64>>,
    mode: Mode,
    closed: u32,
}

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let some = |bytes: &mut Unstructured<'a>, most: u8| bytes.int_in_range(0..=most);
        Ok(Self {
            tolerance: match some(bytes, 3)? {
                0 => number(bytes)?,
                step => f64::from(step) / 4.0,
            },
            mode: *bytes.choose(&[Mode::Walk, Mode::Motorbike])?,
            closed: bytes.arbitrary()?,
            places: (0..some(bytes, 5)?)
                .map(|_| place(bytes))
                .collect::<Result<_, _>>()?,
            roads: (0..some(bytes, 12)?)
                .map(|_| road(bytes))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

fuzz_target!(|case: Case| {
    let Ok(network) = Network::new(&case.roads, case.tolerance) else {
        return;
    };
    let report = network.report();
    let (nodes, edges) = (network.nodes(), network.edges());
    assert_eq!((report.nodes, report.edges), (nodes.len(), edges.len()));
    assert!((0.0..=1.0).contains(&report.largest_share), "{report:?}");
    assert!(report.components <= nodes.len() && (report.components == 0) == edges.is_empty(), "{report:?}");
    for (number, edge) in (0..).zip(edges) {
        assert!((edge.from as usize) < nodes.len() && (edge.to as usize) < nodes.len(), "{edge:?}");
        assert!(edge.length > 0.0 && edge.length.is_finite(), "{edge:?}");
        assert!(network.shape(number).len() >= 2, "{edge:?}");
    }

    let places: Vec<Option<Coord<f64>>> = case.places.iter().copied().map(Some).collect();
    let snaps = Snapper::new(&network, case.mode).snap_all(&places, 1e6);
    let dry = Travel::new(&network, case.mode, &EdgeSet::none());
    let shut: EdgeSet = (0..edges.len() as u32)
        .filter(|edge| case.closed >> (edge % 32) & 1 == 1)
        .collect();
    let cut = Travel::new(&network, case.mode, &shut);
    let (times, later) = (dry.times(&snaps, &snaps), cut.times(&snaps, &snaps));
    for from in 0..snaps.len() {
        for to in 0..snaps.len() {
            let minutes = times.minutes(from, to);
            assert!(minutes.is_none_or(|minutes| minutes.is_finite() && minutes >= 0.0), "{minutes:?}");
            // A cut road makes no way quicker, and none where there was none.
            if let Some(cut) = later.minutes(from, to) {
                assert!(minutes.is_some_and(|dry| dry <= cut * (1.0 + 1e-9) + 1e-9), "{minutes:?} {cut}");
            }
            let nearest = dry.nearest(&snaps[from..=from], &snaps[to..=to])[0].journey();
            let route = snaps[from].zip(snaps[to]).and_then(|(from, to)| dry.route(&from, &to));
            match (minutes, nearest, route) {
                (None, None, None) => {}
                (Some(minutes), Some(journey), Some(route)) => {
                    assert!(same(minutes, journey.minutes) && same(minutes, route.minutes), "{minutes} {journey:?} {route:?}");
                    assert!(route.line.0.len() >= 2 || route.metres <= 1e-9, "{route:?}");
                    assert!(route.line.0.iter().all(|c| c.x.is_finite() && c.y.is_finite()), "{route:?}");
                    let within = dry.within(&snaps[from..=from], &snaps[to..=to], minutes * 1.001 + 1e-6);
                    assert_eq!(within, [Some(1)]);
                }
                unlike => panic!("from {from} to {to}: {unlike:?}"),
            }
        }
    }
});
