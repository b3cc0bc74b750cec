//! Streets found by name: as people write them, in both scripts, once for each place where they lie.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::Bench;
use phteah_layers::Role;
use phteah_layers::streets::{Street, StreetIndex};

/// Roads on a plain, each a line of some metres: name, Khmer name, and how many hundred metres east and north it begins.
fn roads(bench: &Bench, roads: &[(&str, &str, i32, i32)]) {
    let features: Vec<String> = roads
        .iter()
        .enumerate()
        .map(|(n, (name, km, east, north))| {
            let (lon, lat) = (104.85 + f64::from(*east) * 0.00092, 11.52 + f64::from(*north) * 0.0009);
            let text = |name: &str| if name.is_empty() { "null".to_owned() } else { format!("\"{name}\"") };
            format!(
                r#"{{"type":"Feature","properties":{{"road_id":"r{n}","class":"residential","name":{},"name_km":{}}},
                "geometry":{{"type":"LineString","coordinates":[[{lon:.6},{lat:.6}],[{:.6},{lat:.6}],[{:.6},{lat:.6}]]}}}}"#,
                text(name),
                text(km),
                lon + 0.0004,
                lon + 0.0008,
            )
        })
        .collect();
    let json = format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    );
    bench
        .import(Role::Roads, &bench.file("roads.geojson", json))
        .unwrap();
}

fn index(all: &[(&str, &str, i32, i32)]) -> StreetIndex {
    let bench = Bench::new();
    roads(&bench, all);
    StreetIndex::of(&bench.catalogue()).unwrap()
}

fn names(found: &[&Street]) -> Vec<String> {
    found.iter().map(|street| street.name.en.clone()).collect()
}

#[test]
fn a_number_is_found_however_the_word_for_a_street_is_written() {
    let index = index(&[
        ("St. 318", "ផ្លូវ ៣១៨", 0, 0),
        ("Street 3180", "", 20, 0),
        ("Street 31", "", 40, 0),
        ("St 318B", "", 60, 0),
        ("", "", 80, 0),
    ]);
    assert_eq!(index.len(), 4, "a road without a name is no street");
    for query in [
        "Street 318",
        "st. 318",
        "St318",
        "318",
        "#318",
        "ផ្លូវ ៣១៨",
        "ផ្លូវលេខ៣១៨",
        "ផ្លូវ\u{200b} 318",
        "  STREET   318 ",
    ] {
        let found = names(&index.find(query, 8));
        assert_eq!(found[0], "St. 318", "{query}");
        assert!(!found.contains(&"Street 31".to_owned()), "{query}: {found:?}");
    }
    // A letter goes on with a number before another digit does.
    assert_eq!(
        names(&index.find("318", 8)),
        ["St. 318", "St 318B", "Street 3180"]
    );
    assert_eq!(names(&index.find("318b", 8)), ["St 318B"]);
}

#[test]
fn a_name_is_found_by_a_part_of_it_and_in_another_spelling() {
    let index = index(&[
        ("Oknha Sovanna Boulevard", "មហាវិថីឧកញ៉ាសុវណ្ណា", 0, 0),
        ("Sothearith Street", "", 30, 0),
        ("", "ផ្លូវព្រះធម្មជាតិ", 60, 0),
    ]);
    for query in [
        "Sovanna",
        "sovanna blvd",
        "okn sov",
        "SOVANA",
        "Sovanna Oknha",
        "សុវណ្ណា",
        "ឧកញ៉ាសុវណ្ណា",
    ] {
        assert_eq!(
            names(&index.find(query, 8)),
            ["Oknha Sovanna Boulevard"],
            "{query}"
        );
    }
    assert_eq!(names(&index.find("Sotheareth", 8)), ["Sothearith Street"]);
    // One that has no English name is shown by its own.
    let found = index.find("ធម្មជាតិ", 8);
    assert_eq!((found.len(), found[0].name.en.as_str()), (1, "ផ្លូវព្រះធម្មជាតិ"));
    for query in [
        "",
        "Street",
        "blvd",
        "ផ្លូវ",
        "—",
        "Nowhere At All",
        "\u{0}",
        "%",
        "' OR 1=1",
    ] {
        assert!(index.find(query, 8).is_empty(), "{query:?}");
    }
}

#[test]
fn roads_of_one_name_are_one_street_where_they_meet_and_two_where_they_lie_apart() {
    let index = index(&[
        ("Street 9", "ផ្លូវ ៩", 0, 0),
        ("St. 9", "ផ្លូវ ៩", 1, 0),
        ("St 9", "ផ្លូវ ៩", 2, 0),
        ("St 9", "ផ្លូវ ៩", 3, 0),
        ("Street 9", "", 90, 70),
    ]);
    let found = index.find("street 9", 8);
    assert_eq!(found.len(), 2);
    let [longer, other] = found[..] else { panic!() };
    // The longer first, by the spelling that most of it has.
    assert_eq!(
        (longer.name.en.as_str(), longer.name.km.as_str()),
        ("St 9", "ផ្លូវ ៩")
    );
    assert_eq!(
        (other.name.en.as_str(), other.name.km.as_str()),
        ("Street 9", "Street 9")
    );
    for street in [longer, other] {
        let [west, south, east, north] = street.bounds;
        let [lon, lat] = street.at;
        assert!(
            west <= lon && lon <= east && south <= lat && lat <= north,
            "{street:?}"
        );
    }
    assert!(longer.bounds[2] < other.bounds[0]);
}

#[test]
fn answers_are_bounded_and_long_names_are_read_no_further() {
    let many: Vec<(String, i32)> = (0..60).map(|n| (format!("Palm Lane {n}"), n * 10)).collect();
    let roads: Vec<(&str, &str, i32, i32)> = many
        .iter()
        .map(|(name, east)| (name.as_str(), "", *east, 0))
        .collect();
    let index = index(&roads);
    assert_eq!(index.find("palm", 8).len(), 8);
    assert!(index.find(&"palm ".repeat(100_000), 8).len() <= 8);
    assert!(index.find(&"ក".repeat(100_000), 8).is_empty());
}

#[test]
fn a_deployment_without_roads_has_no_streets() {
    let bench = Bench::new();
    let index = StreetIndex::of(&bench.catalogue()).unwrap();
    assert!(index.is_empty() && index.find("271", 8).is_empty());
}
