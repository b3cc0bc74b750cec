//! Site assembly: joining, cutting, dropping, stable ids; and which roads a flood cuts.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use geo::{MultiPolygon, Polygon, Rect, wkt};
use phteah_geoproc::flooded::{deeper_than, edge_depths};
use phteah_geoproc::grid::{Grid, MemoryRaster};
use phteah_geoproc::network::{Direction, ModeSpeeds, Network, Road};
use phteah_geoproc::sites::{Assembly, Cut, DropReason, Exclusions, Parcel, Rules, assemble};

fn rect(x: f64, y: f64, w: f64, h: f64) -> MultiPolygon<f64> {
    MultiPolygon::new(vec![Rect::new((x, y), (x + w, y + h)).to_polygon()])
}

fn run(
    parcels: &[(&str, u32, MultiPolygon<f64>)],
    exclusions: &[MultiPolygon<f64>],
    rules: &Rules,
) -> Assembly {
    let parcels: Vec<Parcel> = parcels
        .iter()
        .map(|(id, group, shape)| Parcel {
            id,
            group: *group,
            shape,
        })
        .collect();
    assemble(&parcels, &Exclusions::new(exclusions), rules).unwrap()
}

#[test]
fn parcels_join_along_boundaries_and_narrow_gaps_but_not_at_corners() {
    let parcels = [
        ("b", 0, rect(0.0, 0.0, 20.0, 20.0)),
        ("a", 0, rect(20.0, 0.0, 20.0, 20.0)),
        ("c", 0, rect(40.4, 0.0, 20.0, 20.0)),
        ("corner", 0, rect(60.4, 20.0, 20.0, 20.0)),
        ("far", 0, rect(61.4, 0.0, 20.0, 19.0)),
        ("other", 1, rect(0.0, 20.0, 20.0, 20.0)),
    ];
    let assembly = run(&parcels, &[], &Rules::default());
    let joined: Vec<Vec<usize>> = assembly.sites.iter().map(|site| site.parcels.clone()).collect();
    assert_eq!(joined, [vec![1, 0, 2], vec![3], vec![4], vec![5]]);
    assert!(assembly.sites[0].id.starts_with("a-") && assembly.sites[0].id.ends_with("-1"));
    assert!((assembly.sites[0].measures.net_area - 1200.0).abs() < 1e-3);
    assert_eq!(assembly.sites[0].measures.capacity, 16);
    assert!(assembly.dropped.is_empty());
}

#[test]
fn ids_do_not_depend_on_the_order_of_the_input() {
    let mut parcels: Vec<(String, MultiPolygon<f64>)> = (0..40)
        .map(|i| {
            (
                format!("P{i:03}"),
                rect(f64::from(i % 8) * 15.0, f64::from(i / 8) * 20.0, 15.0, 20.0),
            )
        })
        .collect();
    let canal = [rect(50.0, -5.0, 4.0, 200.0), rect(-5.0, 33.0, 200.0, 3.0)];
    let rules = Rules {
        max_area: 2500.0,
        ..Rules::default()
    };
    let summary = |parcels: &[(String, MultiPolygon<f64>)]| {
        let list: Vec<(&str, u32, MultiPolygon<f64>)> = parcels
            .iter()
            .map(|(id, s)| (id.as_str(), 0, s.clone()))
            .collect();
        let sites = run(&list, &canal, &rules).sites;
        sites
            .into_iter()
            .map(|s| (s.id, s.measures.capacity, s.measures.net_area.to_bits()))
            .collect::<Vec<_>>()
    };
    let before = summary(&parcels);
    parcels.reverse();
    parcels.swap(3, 17);
    assert_eq!(before, summary(&parcels));
    assert!(before.len() > 4);
    let mut ids: Vec<&String> = before.iter().map(|site| &site.0).collect();
    ids.dedup();
    assert_eq!(ids.len(), before.len());
}

#[test]
fn a_pond_stays_out_whichever_way_its_ring_runs() {
    let ring = |x: f64| {
        MultiPolygon::new(vec![Polygon::new(
            vec![(x, 0.0), (x + 30.0, 0.0), (x + 30.0, 30.0), (x, 30.0)].into(),
            vec![
                vec![
                    (x + 10.0, 10.0),
                    (x + 20.0, 10.0),
                    (x + 20.0, 20.0),
                    (x + 10.0, 20.0),
                ]
                .into(),
            ],
        )])
    };
    let assembly = run(
        &[("a", 0, ring(0.0)), ("b", 0, ring(30.0))],
        &[],
        &Rules::default(),
    );
    assert_eq!(assembly.sites.len(), 1);
    assert!((assembly.sites[0].measures.net_area - 1600.0).abs() < 1e-3);
}

#[test]
fn a_canal_through_a_parcel_makes_two_sites_of_it() {
    let assembly = run(
        &[("p", 0, rect(0.0, 0.0, 100.0, 50.0))],
        &[rect(40.0, -10.0, 10.0, 80.0)],
        &Rules::default(),
    );
    assert_eq!(assembly.sites.len(), 2);
    assert!(assembly.sites[0].id.ends_with("-1") && assembly.sites[1].id.ends_with("-2"));
    assert!((assembly.sites[0].measures.net_area - 2500.0).abs() < 1e-3);
    assert!((assembly.sites[1].measures.net_area - 2000.0).abs() < 1e-3);
}

#[test]
fn what_is_dropped_says_why() {
    let nan = Polygon::new(vec![(0.0, 0.0), (f64::NAN, 1.0), (1.0, 1.0)].into(), vec![]);
    let parcels = [
        ("small", 0, rect(0.0, 0.0, 8.0, 9.0)),
        ("thin", 0, rect(100.0, 0.0, 3.0, 90.0)),
        ("wet", 0, rect(200.0, 0.0, 20.0, 20.0)),
        ("bad", 0, MultiPolygon::new(vec![nan])),
        ("empty", 0, MultiPolygon::new(vec![])),
    ];
    let assembly = run(&parcels, &[rect(190.0, -10.0, 50.0, 50.0)], &Rules::default());
    assert!(assembly.sites.is_empty());
    let reason = |parcel: usize| {
        assembly
            .dropped
            .iter()
            .find(|d| d.parcels == [parcel])
            .unwrap()
            .reason
    };
    assert!(matches!(reason(0), DropReason::TooSmall { net_area } if (net_area - 72.0).abs() < 1e-6));
    assert!(matches!(reason(1), DropReason::TooThin { width } if (width - 3.0).abs() < 0.08));
    assert_eq!(
        (reason(2), reason(3), reason(4)),
        (DropReason::Excluded, DropReason::NoArea, DropReason::NoArea)
    );
}

#[test]
fn a_block_larger_than_the_limit_is_divided_along_parcels() {
    let parcels: Vec<(String, MultiPolygon<f64>)> = (0..400)
        .map(|i| {
            (
                format!("{i}"),
                rect(f64::from(i % 20) * 10.0, f64::from(i / 20) * 10.0, 10.0, 10.0),
            )
        })
        .collect();
    let list: Vec<(&str, u32, MultiPolygon<f64>)> = parcels
        .iter()
        .map(|(id, s)| (id.as_str(), 0, s.clone()))
        .collect();
    let sites = run(
        &list,
        &[],
        &Rules {
            max_area: 6000.0,
            ..Rules::default()
        },
    )
    .sites;
    assert!(sites.iter().all(|site| site.measures.net_area <= 6000.0 + 1e-3));
    assert!(sites.len() >= 7 && sites.len() <= 12);
    assert_eq!(sites.iter().map(|site| site.parcels.len()).sum::<usize>(), 400);
}

#[test]
fn all_bad_rules_are_told_at_once() {
    let rules = Rules {
        gap: -1.0,
        circulation_share: 1.0,
        plot_area: f64::NAN,
        ..Rules::default()
    };
    assert_eq!(
        assemble(&[], &Exclusions::default(), &rules).unwrap_err().len(),
        3
    );
}

#[test]
fn a_drawn_polygon_is_cut_like_a_parcel() {
    let exclusions = Exclusions::new(&[rect(5.0, 0.0, 100.0, 100.0)]);
    let Cut::Left(left) = exclusions.cut(&rect(0.0, 0.0, 10.0, 10.0)) else {
        panic!("something is left")
    };
    assert!((phteah_geoproc::surface::area(&left) - 50.0).abs() < 1e-6);
    assert_eq!(exclusions.cut(&rect(20.0, 20.0, 5.0, 5.0)), Cut::Nothing);
}

#[test]
fn a_flood_cuts_the_edges_it_covers() {
    let speeds = ModeSpeeds {
        walk: Some(4.5),
        motorbike: None,
    };
    let road = |line| Road::new(line, speeds, Direction::Both);
    let roads = [
        road(wkt!(LINESTRING(0.5 3.5, 3.5 3.5))),
        road(wkt!(LINESTRING(0.5 0.5, 3.5 0.5))),
        // Along the edge of the flooded cell: it belongs to the cell south of it, which is dry.
        road(wkt!(LINESTRING(0. 1., 4. 1.))),
        // Through the corner that four cells share.
        road(wkt!(LINESTRING(1. 3., 3. 1.))),
        road(wkt!(LINESTRING(2.2 0.5, 9.2 0.5))),
    ];
    let network = Network::new(&roads, 0.0).unwrap();
    let mut cells = vec![Some(0.0); 16];
    cells[1] = Some(0.5);
    cells[6] = Some(2.0);
    cells[9] = Some(3.0);
    let raster = MemoryRaster::new(Grid::new(0.0, 4.0, 1.0, 1.0, 4, 4).unwrap(), cells);
    let depths = edge_depths(&network, &raster).unwrap();
    let of = |road: u32| &depths[network.edges().iter().position(|e| e.road == road).unwrap()];
    assert_eq!(of(0).max, Some(0.5));
    assert_eq!(of(1).max, Some(0.0));
    assert_eq!(of(2).max, Some(0.0));
    assert_eq!(
        of(3).max,
        Some(0.0),
        "cells that are touched in a corner alone do not count"
    );
    assert!((of(4).known_share - 1.8 / 7.0).abs() < 1e-9 && (of(0).known_share - 1.0).abs() < 1e-12);
    let closed = deeper_than(&depths, 0.3);
    assert_eq!(closed.len(), 1);
}
