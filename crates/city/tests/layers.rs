//! What the layers of the default city promise.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{DEFAULT, generate};
use geo::{Area, BoundingRect, Contains, Distance, Euclidean, Line, Point, Validation, Winding};
use phteah_city::{Known, Level, NODATA, RETURN_PERIODS, ServiceKind, SettlementShape, WaterKind};

const CENTRE: geo::Coord<f64> = geo::Coord {
    x: 491_600.0,
    y: 1_279_000.0,
};

fn bits(c: geo::Coord<f64>) -> (i64, i64) {
    ((c.x * 100.0).round() as i64, (c.y * 100.0).round() as i64)
}

#[test]
fn sangkats_tile_the_municipality_and_khans_are_their_unions() {
    let city = &*DEFAULT;
    let mut unmatched: BTreeMap<Level, BTreeSet<_>> = BTreeMap::new();
    for (level, count) in [(Level::Khan, 14), (Level::Sangkat, 105)] {
        let units: Vec<_> = city
            .boundaries
            .iter()
            .filter(|unit| unit.level == level)
            .collect();
        assert_eq!(units.len(), count);
        let mut sides = BTreeSet::new();
        for unit in &units {
            assert!(unit.geometry.is_valid(), "{}", unit.code);
            for polygon in &unit.geometry.0 {
                for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                    for w in ring.0.windows(2) {
                        assert!(
                            sides.insert((bits(w[0]), bits(w[1]))),
                            "two units on the same side of a border"
                        );
                    }
                }
            }
        }
        // A border without a neighbour on its other side is the municipality's.
        unmatched.insert(
            level,
            sides
                .iter()
                .filter(|&&(a, b)| !sides.contains(&(b, a)))
                .copied()
                .collect(),
        );
    }
    assert_eq!(unmatched[&Level::Khan], unmatched[&Level::Sangkat]);
    let area = |level| -> f64 {
        city.boundaries
            .iter()
            .filter(|unit| unit.level == level)
            .map(|unit| unit.geometry.unsigned_area())
            .sum()
    };
    assert!((area(Level::Khan) - area(Level::Sangkat)).abs() < 1.0);
    assert!(
        (600e6..800e6).contains(&area(Level::Khan)),
        "{}",
        area(Level::Khan)
    );
    for sangkat in city.boundaries.iter().filter(|unit| unit.level == Level::Sangkat) {
        assert_eq!(sangkat.parent, sangkat.code[..4]);
    }
}

#[test]
fn wavering_borders_stay_valid_for_other_seeds() {
    for seed in 2..8 {
        let city = generate(10, seed, 500.0);
        for unit in &city.boundaries {
            assert!(unit.geometry.is_valid(), "seed {seed}, {}", unit.code);
        }
        for water in &city.water {
            assert!(water.geometry.is_valid(), "seed {seed}, {}", water.name_en);
        }
        for zone in &city.flood_zones {
            assert!(zone.geometry.is_valid(), "seed {seed}, {}", zone.class);
        }
    }
}

#[test]
fn areas_are_valid() {
    let city = &*DEFAULT;
    for water in &city.water {
        assert!(water.geometry.is_valid(), "{}", water.name_en);
    }
    for protected in &city.protected {
        assert!(protected.geometry.is_valid(), "{}", protected.name_en);
    }
    for zone in &city.flood_zones {
        assert!(zone.geometry.is_valid(), "{}", zone.class);
        assert!(
            zone.confidence
                .is_none_or(|confidence| (0.0..=1.0).contains(&confidence))
        );
    }
    for settlement in &city.settlements {
        if let SettlementShape::Area(area) = &settlement.geometry {
            assert!(area.is_valid(), "{}", settlement.survey_id);
        }
    }
    for parcel in &city.parcels {
        assert!(parcel.geometry.is_valid(), "{}", parcel.parcel_id);
        assert!(parcel.geometry.exterior().is_ccw() && parcel.geometry.unsigned_area() >= 20.0);
    }
}

#[test]
fn rivers_meet_at_chaktomuk() {
    let rivers: Vec<_> = DEFAULT
        .water
        .iter()
        .filter(|water| water.kind == WaterKind::River)
        .collect();
    for name in ["Mekong", "Tonle Sap", "Bassac"] {
        let near = |water: &&&phteah_city::Water| {
            Euclidean.distance(&water.geometry, &Point::new(493_900.0, 1_277_900.0)) < 600.0
        };
        assert!(
            rivers.iter().filter(near).any(|water| water.name_en == name),
            "{name}"
        );
    }
}

#[test]
fn everything_lies_within_the_deployment() {
    // 104.55–105.15° E, 11.30–11.95° N, as a box within that window in EPSG:32648.
    let city = &*DEFAULT;
    let mut rects: Vec<geo::Rect<f64>> = Vec::new();
    rects.extend(
        city.parcels
            .iter()
            .filter_map(|parcel| parcel.geometry.bounding_rect()),
    );
    rects.extend(
        city.water
            .iter()
            .filter_map(|water| water.geometry.bounding_rect()),
    );
    rects.extend(city.roads.iter().filter_map(|road| road.geometry.bounding_rect()));
    rects.extend(
        city.boundaries
            .iter()
            .filter_map(|unit| unit.geometry.bounding_rect()),
    );
    rects.extend(
        city.flood_zones
            .iter()
            .filter_map(|zone| zone.geometry.bounding_rect()),
    );
    for rect in rects {
        assert!(rect.min().x > 451_100.0 && rect.max().x < 516_300.0, "{rect:?}");
        assert!(
            rect.min().y > 1_249_300.0 && rect.max().y < 1_320_900.0,
            "{rect:?}"
        );
    }
}

#[test]
fn floods_only_deepen_with_rarity() {
    let city = &*DEFAULT;
    assert_eq!(
        city.flood_depth
            .iter()
            .map(|flood| flood.return_period)
            .collect::<Vec<_>>(),
        RETURN_PERIODS
    );
    let cells = city.elevation.rows * city.elevation.cols;
    assert!(
        city.elevation
            .values
            .iter()
            .all(|z| z.is_finite() && *z != NODATA)
    );
    assert_eq!(city.elevation.values.len(), cells);
    for pair in city.flood_depth.windows(2) {
        let (often, seldom) = (&pair[0].depth, &pair[1].depth);
        assert_eq!(often.values.len(), cells);
        let mut deeper = 0;
        for (a, b) in often.values.iter().zip(&seldom.values) {
            assert!(a.is_finite() && b.is_finite());
            assert_eq!(*a == NODATA, *b == NODATA);
            assert!(*a == NODATA || (*a >= 0.0 && b >= a));
            deeper += usize::from(b > a);
        }
        assert!(deeper > cells / 20);
    }
    let outside = city.flood_depth[0]
        .depth
        .values
        .iter()
        .filter(|depth| **depth == NODATA)
        .count();
    assert!(outside > cells / 20 && outside < cells / 2);
}

#[test]
fn every_khan_has_parcels_and_daily_services() {
    let city = &*DEFAULT;
    for khan in city.boundaries.iter().filter(|unit| unit.level == Level::Khan) {
        let of_khan = |parcel: &&phteah_city::Parcel| {
            parcel.sangkat.as_ref().is_some_and(|code| code[..4] == khan.code)
        };
        assert!(
            city.parcels.iter().filter(of_khan).count() >= 50,
            "{}",
            khan.name_en
        );
        for kind in [
            ServiceKind::PrimarySchool,
            ServiceKind::HealthCentre,
            ServiceKind::Market,
        ] {
            let here = |service: &&phteah_city::Service| {
                service.kind == kind && khan.geometry.contains(&service.geometry)
            };
            assert!(
                city.services.iter().any(|service| here(&service)),
                "{kind} in {}",
                khan.name_en
            );
        }
    }
    for kind in ServiceKind::ALL {
        let count = city
            .services
            .iter()
            .filter(|service| service.kind == *kind)
            .count();
        assert!((15..=700).contains(&count), "{count} × {kind}");
    }
    for factory in city
        .services
        .iter()
        .filter(|service| service.kind == ServiceKind::Factory)
    {
        assert!(factory.has_nursery.is_some() && factory.capacity == factory.employees);
    }
    assert!(
        city.services
            .iter()
            .any(|service| service.has_nursery == Some(Known::Yes))
    );
    let mut ids: Vec<_> = city.services.iter().map(|service| &service.service_id).collect();
    ids.dedup();
    assert_eq!(ids.len(), city.services.len());
}

#[test]
fn settlements_lie_along_water_and_rail() {
    let city = &*DEFAULT;
    assert_eq!(city.settlements.len(), 280);
    let place = |shape: &SettlementShape| match shape {
        SettlementShape::Area(area) => geo::Centroid::centroid(area).expect("an area has a centroid"),
        SettlementShape::Place(point) => *point,
    };
    let wet = city.settlements.iter().filter(|settlement| {
        let at = place(&settlement.geometry);
        city.water
            .iter()
            .any(|water| Euclidean.distance(&water.geometry, &at) < 60.0)
    });
    let share = wet.count() as f64 / 280.0;
    assert!((0.38..0.62).contains(&share), "{share}");
    let rail = city.settlements.iter().filter(|settlement| {
        let at = place(&settlement.geometry);
        city.rail
            .iter()
            .flat_map(|rail| rail.geometry.lines())
            .any(|l: Line<f64>| Euclidean.distance(&l, &at) < 60.0)
    });
    assert!(rail.count() > 20);
    assert!(
        city.settlements
            .iter()
            .all(|s| s.name_en.contains("illustrative") && s.name_km.contains("ឧទាហរណ៍"))
    );
}

#[test]
fn land_is_dearer_in_the_centre() {
    let mean = |near: f64, far: f64| {
        let prices: Vec<f64> = DEFAULT
            .parcels
            .iter()
            .filter(|parcel| {
                let d = Euclidean.distance(parcel.geometry.exterior().0[0], CENTRE);
                (near..far).contains(&d)
            })
            .filter_map(|parcel| parcel.price_usd_m2)
            .collect();
        prices.iter().sum::<f64>() / prices.len() as f64
    };
    let rings = [
        mean(0.0, 1_500.0),
        mean(1_500.0, 4_000.0),
        mean(4_000.0, 9_000.0),
        mean(9_000.0, 25_000.0),
    ];
    assert!(rings.windows(2).all(|w| w[0] > 1.5 * w[1]), "{rings:?}");
}
