//! Overlay against polygon clipping, and its invariants.

use geo::orient::{Direction, Orient};
use geo::{Area, BooleanOps, LineString, MultiPolygon, Polygon, Rect, unary_union, wkt};
use phteah_geoproc::overlay::{FeatureZones, Zones};
use proptest::prelude::*;

fn area_in(overlay: &FeatureZones, class: usize) -> f64 {
    overlay
        .classes
        .iter()
        .find(|c| c.class == class)
        .map_or(0.0, |c| c.area)
}

fn square(x: f64, y: f64, side: f64) -> Polygon<f64> {
    Rect::new((x, y), (x + side, y + side)).to_polygon()
}

#[test]
fn overlapping_zones_of_one_class_count_once() {
    let zones = Zones::new([
        (square(0.0, 0.0, 6.0), 7),
        (square(4.0, 0.0, 6.0), 7),
        (square(0.0, 0.0, 5.0), 2),
    ]);
    let overlay = &zones.overlay(&[square(0.0, 0.0, 10.0)])[0];
    assert_eq!(
        overlay.classes.iter().map(|c| c.class).collect::<Vec<_>>(),
        [2, 7]
    );
    assert!((area_in(overlay, 7) - 60.0).abs() < 1e-12);
    assert!((area_in(overlay, 2) - 25.0).abs() < 1e-12);
    assert!((overlay.classes[0].share - 0.25).abs() < 1e-12);
}

#[test]
fn touching_is_not_overlapping() {
    // Coordinates of UTM size, so that rounding has its chance.
    let at = |x: f64, y: f64| square(491_000.1 + x, 1_277_000.3 + y, 10.0);
    let zones = Zones::new([(at(10.0, 0.0), 0), (at(0.0, -10.0), 0), (at(10.0, 10.0), 0)]);
    assert!(zones.overlay(&[at(0.0, 0.0)])[0].classes.is_empty());
    let slanted = wkt!(POLYGON((0. 0., 9. 3., 9. 9., 0. 0.)));
    let beside = wkt!(POLYGON((0. 0., 3. 1., 6. 2., 9. 3., 9. 0., 0. 0.)));
    assert!(
        Zones::new([(slanted, 0)]).overlay(&[beside])[0]
            .classes
            .is_empty()
    );
}

#[test]
fn inside_outside_and_in_a_hole() {
    let ring = wkt!(POLYGON((0. 0., 9. 0., 9. 9., 0. 9., 0. 0.), (3. 3., 6. 3., 6. 6., 3. 6., 3. 3.)));
    let zones = Zones::new([(ring, 0)]);
    let overlay = zones.overlay(&[
        square(1.0, 1.0, 1.0),
        square(4.0, 4.0, 1.0),
        square(20.0, 1.0, 1.0),
        square(3.0, 3.0, 3.0),
    ]);
    assert!((overlay[0].classes[0].share - 1.0).abs() < 1e-12);
    assert!(overlay[1..].iter().all(|o| o.classes.is_empty()));
}

#[test]
fn rings_that_touch_themselves_and_holes_that_touch_the_shell() {
    let pinched = wkt!(POLYGON((1. 1., 3. 1., 3. 3., 5. 3., 5. 5., 3. 5., 3. 3., 1. 3., 1. 1.)));
    let holed = wkt!(POLYGON((1. 1., 5. 1., 5. 5., 1. 5., 1. 1.), (1. 3., 3. 2., 3. 4., 1. 3.)));
    let zones = Zones::new([(pinched, 0), (holed, 1)]);
    let overlay = &zones.overlay(&[square(0.0, 0.0, 9.0)])[0];
    assert!((area_in(overlay, 0) - 8.0).abs() < 1e-12 && (area_in(overlay, 1) - 14.0).abs() < 1e-12);
}

#[test]
fn bad_geometry_overlaps_nothing() {
    let empty = Polygon::<f64>::new(LineString(vec![]), vec![]);
    let nan = Polygon::new(
        LineString::from(vec![(0.0, 0.0), (f64::NAN, 1.0), (1.0, 1.0)]),
        vec![],
    );
    let flat = Polygon::new(LineString::from(vec![(0.0, 0.0), (1.0, 1.0), (0.0, 0.0)]), vec![]);
    let zones = Zones::new([
        (empty.clone(), 0),
        (nan.clone(), 0),
        (flat.clone(), 0),
        (square(0.0, 0.0, 1.0), 1),
    ]);
    let overlay = zones.overlay(&[empty, nan, flat, square(0.0, 0.0, 1.0)]);
    assert!(overlay[..3].iter().all(|o| *o == FeatureZones::default()));
    assert_eq!(overlay[3].classes.len(), 1);
    assert!(
        Zones::default().overlay(&[square(0.0, 0.0, 1.0)])[0]
            .classes
            .is_empty()
    );
}

#[test]
fn many_edges_are_divided_and_add_up() {
    // Two combs of two hundred teeth, at right angles to each other: forty thousand squares.
    let comb = |turn: bool| {
        let mut points = vec![(0.0, -1.0)];
        for tooth in 0..200 {
            let x = f64::from(tooth);
            points.extend([(x, 200.0), (x + 0.5, 200.0), (x + 0.5, -0.5), (x + 1.0, -0.5)]);
        }
        points.push((200.0, -1.0));
        let points: Vec<(f64, f64)> = points
            .into_iter()
            .map(|(x, y)| if turn { (y, x) } else { (x, y) })
            .collect();
        Polygon::new(LineString::from(points), vec![])
    };
    let (feature, zone) = (comb(false), comb(true));
    let expected = feature.intersection(&zone).unsigned_area();
    let overlay = &Zones::new([(zone, 0)]).overlay(&[feature])[0];
    assert!(
        (area_in(overlay, 0) / expected - 1.0).abs() < 1e-6,
        "{} {expected}",
        area_in(overlay, 0)
    );
}

/// A star-shaped polygon with a hole.
fn star() -> impl Strategy<Value = Polygon<f64>> {
    (
        (0.0..10.0_f64),
        (0.0..10.0_f64),
        prop::collection::vec(0.5..6.0_f64, 3..80),
    )
        .prop_map(|(x, y, radii)| {
            let ring = |scale: f64| {
                let step = std::f64::consts::TAU / radii.len() as f64;
                let at = |(i, r): (usize, &f64)| {
                    (
                        x + scale * r * (step * i as f64).cos(),
                        y + scale * r * (step * i as f64).sin(),
                    )
                };
                LineString::from(radii.iter().enumerate().map(at).collect::<Vec<_>>())
            };
            Polygon::new(ring(1.0), vec![ring(0.4)])
        })
}

/// The same polygon with its rings started elsewhere and run the other way.
fn turned(polygon: &Polygon<f64>, by: usize) -> Polygon<f64> {
    let turn = |ring: &LineString<f64>| {
        let mut open = ring.0[..ring.0.len() - 1].to_vec();
        let by = by % open.len();
        open.rotate_left(by);
        open.reverse();
        open.push(open[0]);
        LineString(open)
    };
    Polygon::new(
        turn(polygon.exterior()),
        polygon.interiors().iter().map(turn).collect(),
    )
}

proptest! {
    #[test]
    fn areas_agree_with_clipping(feature in star(), zones in prop::collection::vec(star(), 1..5)) {
        // The reference fills holes that run the same way as their shell.
        let oriented: Vec<Polygon<f64>> = zones.iter().map(|zone| zone.orient(Direction::Default)).collect();
        let union: MultiPolygon<f64> = unary_union(&oriented);
        let expected = feature.intersection(&union).unsigned_area();
        let overlay = &Zones::new(zones.iter().map(|zone| (zone, 3))).overlay(std::slice::from_ref(&feature))[0];
        prop_assert!((area_in(overlay, 3) - expected).abs() < 1e-6, "{} {}", area_in(overlay, 3), expected);
    }

    #[test]
    fn vertex_order_and_ring_start_do_not_matter(feature in star(), zone in star(), by in 0..50_usize) {
        let plain = Zones::new([(&zone, 0)]).overlay(&[&feature]);
        let turned = Zones::new([(turned(&zone, by), 0)]).overlay(&[turned(&feature, by + 1)]);
        let (plain, turned) = (area_in(&plain[0], 0), area_in(&turned[0], 0));
        prop_assert!((plain - turned).abs() <= 1e-11 * plain.max(1.0));
    }

    #[test]
    fn a_feature_overlaps_itself_whole(feature in star()) {
        let overlay = &Zones::new([(&feature, 0), (&feature, 0)]).overlay(&[&feature])[0];
        prop_assert!((overlay.classes[0].share - 1.0).abs() < 1e-11);
    }

    #[test]
    fn parts_inside_and_outside_add_up(feature in star(), zone in star()) {
        let whole = feature.unsigned_area();
        let frame = Polygon::new(square(-20.0, -20.0, 50.0).exterior().clone(), vec![zone.exterior().clone()]);
        let shell = Polygon::new(zone.exterior().clone(), vec![]);
        let zones = Zones::new([(shell, 0), (frame, 1)]);
        let overlay = &zones.overlay(&[feature])[0];
        prop_assert!((area_in(overlay, 0) + area_in(overlay, 1) - whole).abs() < 1e-11 * whole.max(1.0));
    }
}
