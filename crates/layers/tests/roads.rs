//! Streets of a map as they come: the same numbers from OpenStreetMap's XML and PBF, from GeoJSON with its tags, and by every mode of travel.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may fail loudly, and exact values are meant"
)]

mod common;

use common::{Bench, ran};
use geo::{MultiPolygon, Rect};
use phteah_layers::measures::measure_drawn;
use phteah_layers::{CoverageSource, Crs, Deployment, NoProgress, Reprojector, Role, Value};
use phteah_planning::matrix::{Cell, Unknown};
use phteah_planning::scenario::Scenario;

/// A small map: nodes with their places in thousandths of a degree east of 104.9 and north of 11.5, ways with their nodes and tags.
#[derive(Default)]
struct Map {
    /// The box that the file says it was cut to: west, south, east, north.
    cut: Option<[f64; 4]>,
    nodes: Vec<(i64, i32, i32)>,
    ways: Vec<(Vec<i64>, Vec<(&'static str, &'static str)>)>,
    /// What is said of a node.
    said: Vec<(i64, Vec<(&'static str, &'static str)>)>,
}

impl Map {
    fn place(&self, node: i64) -> (f64, f64) {
        let (_, x, y) = self.nodes.iter().find(|(id, ..)| *id == node).unwrap();
        (104.9 + f64::from(*x) / 1000.0, 11.5 + f64::from(*y) / 1000.0)
    }

    fn tags_of(&self, node: i64) -> &[(&'static str, &'static str)] {
        let said = self.said.iter().find(|(id, _)| *id == node);
        said.map_or(&[], |(_, tags)| tags)
    }

    fn xml(&self) -> String {
        let mut text = String::from("<?xml version='1.0' encoding='UTF-8'?>\n<osm version=\"0.6\">\n");
        if let Some([w, s, e, n]) = self.cut {
            text += &format!("<bounds minlat=\"{s}\" minlon=\"{w}\" maxlat=\"{n}\" maxlon=\"{e}\"/>\n");
        }
        for (id, ..) in &self.nodes {
            let (lon, lat) = self.place(*id);
            text += &format!("<node id=\"{id}\" lat=\"{lat:.7}\" lon=\"{lon:.7}\" version=\"1\"");
            match self.tags_of(*id) {
                [] => text += "/>\n",
                tags => {
                    text += ">";
                    for (k, v) in tags {
                        text += &format!("<tag k=\"{k}\" v=\"{v}\"/>");
                    }
                    text += "</node>\n";
                }
            }
        }
        for (number, (nodes, tags)) in self.ways.iter().enumerate() {
            text += &format!("<way id=\"{}\" version=\"1\">", 100 + number);
            for node in nodes {
                text += &format!("<nd ref=\"{node}\"/>");
            }
            for (k, v) in tags {
                text += &format!("<tag k=\"{k}\" v=\"{v}\"/>");
            }
            text += "</way>\n";
        }
        text + "</osm>\n"
    }

    /// The same in blocks of protocol buffers, uncompressed.
    fn pbf(&self) -> Vec<u8> {
        let mut words: Vec<&str> = vec![""];
        let mut at = |word: &'static str| {
            words.iter().position(|known| *known == word).unwrap_or_else(|| {
                words.push(word);
                words.len() - 1
            }) as u64
        };
        let mut group = Vec::new();
        for (id, ..) in &self.nodes {
            let (lon, lat) = self.place(*id);
            let whole = |degrees: f64| zigzag((degrees * 1e7).round() as i64);
            let tags = self.tags_of(*id);
            let keys: Vec<u8> = tags.iter().flat_map(|(k, _)| varint(at(k))).collect();
            let values: Vec<u8> = tags.iter().flat_map(|(_, v)| varint(at(v))).collect();
            // A list that is empty is not written.
            let tags = if tags.is_empty() {
                Vec::new()
            } else {
                [bytes(2, &keys), bytes(3, &values)].concat()
            };
            let node = [
                number(1, zigzag(*id)),
                tags,
                number(8, whole(lat)),
                number(9, whole(lon)),
            ]
            .concat();
            group.extend(bytes(1, &node));
        }
        let mut ways = Vec::new();
        for (n, (nodes, tags)) in self.ways.iter().enumerate() {
            let keys: Vec<u8> = tags.iter().flat_map(|(k, _)| varint(at(k))).collect();
            let values: Vec<u8> = tags.iter().flat_map(|(_, v)| varint(at(v))).collect();
            let mut last = 0;
            let refs: Vec<u8> = nodes
                .iter()
                .flat_map(|node| varint(zigzag(node - std::mem::replace(&mut last, *node))))
                .collect();
            let way = [
                number(1, 100 + n as u64),
                bytes(2, &keys),
                bytes(3, &values),
                bytes(8, &refs),
            ]
            .concat();
            ways.extend(bytes(3, &way));
        }
        let table: Vec<u8> = words.iter().flat_map(|word| bytes(1, word.as_bytes())).collect();
        let block = [bytes(1, &table), bytes(2, &group), bytes(2, &ways)].concat();
        let side = |field: u64, degrees: f64| number(field, zigzag((degrees * 1e9).round() as i64));
        let cut = self.cut.map_or(Vec::new(), |[w, s, e, n]| {
            bytes(1, &[side(1, w), side(2, e), side(3, n), side(4, s)].concat())
        });
        let header = [cut, bytes(4, b"OsmSchema-V0.6"), bytes(4, b"DenseNodes")].concat();
        let mut file = Vec::new();
        for (kind, data) in [("OSMHeader", header), ("OSMData", block)] {
            let blob = [bytes(1, &data), number(2, data.len() as u64)].concat();
            let head = [bytes(1, kind.as_bytes()), number(3, blob.len() as u64)].concat();
            file.extend((head.len() as u32).to_be_bytes());
            file.extend(head);
            file.extend(blob);
        }
        file
    }

    fn geojson(&self) -> String {
        let features: Vec<serde_json::Value> = self
            .ways
            .iter()
            .map(|(nodes, tags)| {
                let course: Vec<[f64; 2]> = nodes.iter().map(|node| self.place(*node).into()).collect();
                let tags: serde_json::Map<String, serde_json::Value> =
                    tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).into())).collect();
                serde_json::json!({ "type": "Feature", "properties": tags,
                    "geometry": { "type": "LineString", "coordinates": course } })
            })
            .collect();
        serde_json::json!({ "type": "FeatureCollection", "features": features }).to_string()
    }
}

fn varint(mut n: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while n >= 0x80 {
        bytes.push(n as u8 | 0x80);
        n >>= 7;
    }
    bytes.push(n as u8);
    bytes
}

fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

fn number(field: u64, n: u64) -> Vec<u8> {
    [varint(field << 3), varint(n)].concat()
}

fn bytes(field: u64, data: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(data.len() as u64), data.to_vec()].concat()
}

/// Minutes to the market by motorbike and on foot, or why not.
type Times = [Result<f64, Unknown>; 2];

/// From a site at one node to a market at another.
fn times(bench: &Bench, map: &Map, from: i64, to: i64) -> Times {
    let (lon, lat) = map.place(to);
    let market = common::geojson(&[(r#"{"kind":"market"}"#, &common::point(lon, lat))]);
    let file = bench.file("market.geojson", market);
    bench.import(Role::Services, &file).unwrap();
    let crs = |name: &str| Crs::parse(name, &Deployment::default()).unwrap();
    let (lon, lat) = map.place(from);
    let plane = Reprojector::new(&crs("EPSG:4326"), &crs("EPSG:32648")).unwrap();
    let (x, y) = plane.point(lon, lat).unwrap();
    let shape = MultiPolygon::new(vec![
        Rect::new((x - 10.0, y - 10.0), (x + 10.0, y + 10.0)).to_polygon(),
    ]);
    let criterion = |id: &str, mode: &str| {
        format!(
            "[[criterion]]\nid = \"{id}\"\nmeasure = {{ kind = \"travel_time\", service = \"market\", mode = \"{mode}\" }}\nweight = 1\nvalue = {{ kind = \"linear\", worst = 100, best = 0 }}\n"
        )
    };
    let scenario = Scenario::parse(&format!(
        "title = {{ en = \"t\", km = \"t\" }}\nmethod = \"weighted-sum\"\n[sites]\nwithout = []\n{}{}",
        criterion("motorbike", "motorbike"),
        criterion("walk", "walk")
    ))
    .unwrap();
    let found = measure_drawn(&bench.catalogue(), &scenario, "site", &shape, &mut NoProgress).unwrap();
    ["motorbike", "walk"].map(|id| {
        let criterion = scenario.criteria.iter().find(|c| c.id == id).unwrap();
        match found.matrix.column(&criterion.measure.id()).unwrap().cell(0) {
            Cell::Known(minutes) => Ok(minutes),
            Cell::Unknown(why) => Err(why),
            other => panic!("{other:?}"),
        }
    })
}

/// The times in every form; all forms must agree, but for what GeoJSON cannot say: which node a vertex is.
fn in_every_form(map: &Map, from: i64, to: i64, nodes_matter: bool) -> Times {
    let of = |name: &str, content: &[u8]| {
        let bench = Bench::new();
        let file = bench.file(name, content);
        if name.ends_with("geojson") {
            bench.import(Role::Roads, &file).unwrap();
        } else {
            let text = "name = \"streets\"\ntitle = \"t\"\npublisher = \"t\"\nurl = \"t\"\nform = \"t\"\nlicence = \"t\"\nattribution = \"t\"\n[[layer]]\nrole = \"roads\"\nfrom = [\"lines\"]\nfields = { id = \"osm_id\", class = \"highway\", one_way = \"oneway\" }\n";
            std::fs::create_dir_all(bench.data.join("sources")).unwrap();
            std::fs::write(bench.data.join("sources/streets.toml"), text).unwrap();
            ran(&bench, "streets", &file);
        }
        times(&bench, map, from, to)
    };
    let xml = of("streets.osm", map.xml().as_bytes());
    let close = |a: &Times, b: &Times| {
        a.iter().zip(b).all(|(a, b)| match (a, b) {
            (Ok(a), Ok(b)) => (a - b).abs() < 1e-6,
            (a, b) => a == b,
        })
    };
    let pbf = of("streets.osm.pbf", &map.pbf());
    assert!(close(&xml, &pbf), "{xml:?} from XML, {pbf:?} from PBF");
    if !nodes_matter {
        let geojson = of("streets.geojson", map.geojson().as_bytes());
        assert!(
            close(&xml, &geojson),
            "{xml:?} from XML, {geojson:?} from GeoJSON"
        );
    }
    xml
}

/// Three stretches in a row, of which the middle one has these tags.
fn row(middle: &[(&'static str, &'static str)]) -> Map {
    let ends = vec![("highway", "primary")];
    Map {
        nodes: vec![(1, 0, 50), (2, 5, 50), (3, 10, 50), (4, 15, 50)],
        ways: vec![
            (vec![1, 2], ends.clone()),
            (vec![2, 3], middle.to_vec()),
            (vec![3, 4], ends),
        ],
        ..Map::default()
    }
}

#[test]
fn a_barrier_stops_whom_it_says_wherever_it_stands_on_a_road() {
    let open = in_every_form(&row(&[("highway", "residential")]), 1, 4, true);
    let [Ok(ride), Ok(walk)] = open else {
        panic!("{open:?}");
    };
    // The same streets as one way, so that a barrier stands within it, and with a node of their own for it.
    let within = |tags: &[(&'static str, &'static str)]| Map {
        nodes: vec![(1, 0, 50), (2, 5, 50), (3, 10, 50), (4, 15, 50)],
        ways: vec![
            (vec![1, 2, 3], vec![("highway", "residential")]),
            (vec![3, 4], vec![("highway", "residential")]),
        ],
        said: vec![(2, tags.to_vec())],
        ..Map::default()
    };
    let between = |tags: &[(&'static str, &'static str)]| Map {
        said: vec![(3, tags.to_vec())],
        ..row(&[("highway", "residential")])
    };
    let far = Err(Unknown::Unreachable);
    let cases: [(&[(&'static str, &'static str)], [bool; 2]); 9] = [
        (&[("barrier", "gate")], [true, true]),
        (&[("barrier", "bollard")], [true, true]),
        (&[("barrier", "gate"), ("access", "private")], [false, false]),
        (
            &[("barrier", "gate"), ("access", "no"), ("foot", "yes")],
            [false, true],
        ),
        (&[("barrier", "gate"), ("motor_vehicle", "no")], [false, true]),
        (&[("barrier", "jersey_barrier")], [false, true]),
        (
            &[("barrier", "jersey_barrier"), ("motorcycle", "yes")],
            [true, true],
        ),
        (&[("barrier", "wall")], [false, false]),
        // What is no barrier stops nobody.
        (&[("entrance", "main"), ("access", "private")], [true, true]),
    ];
    for (tags, [rides, walks]) in cases {
        for (map, name) in [(within(tags), "within a way"), (between(tags), "between ways")] {
            let found = in_every_form(&map, 1, 4, true);
            // Where it makes a difference, it does so in both directions.
            let back = (rides != walks).then(|| in_every_form(&map, 4, 1, true));
            for times in [Some(&found), back.as_ref()].into_iter().flatten() {
                assert_eq!(times[0].is_ok(), rides, "{tags:?} {name}: {times:?}");
                assert_eq!(times[1].is_ok(), walks, "{tags:?} {name}: {times:?}");
                assert!(rides || times[0] == far, "{tags:?} {name}: {times:?}");
                assert!(walks || times[1] == far, "{tags:?} {name}: {times:?}");
            }
            if name == "between ways" && rides && walks {
                // The way is no longer for having a barrier on it.
                let close = |a: &Result<f64, Unknown>, b: f64| (a.as_ref().unwrap() - b).abs() < 1e-6;
                assert!(
                    close(&found[0], ride) && close(&found[1], walk),
                    "{tags:?}: {found:?}"
                );
            }
            // Up to the barrier all is as it was.
            let before = in_every_form(&map, 1, 2, true);
            assert!(
                name != "between ways" || before.iter().all(Result::is_ok),
                "{tags:?}: {before:?}"
            );
        }
    }
}

#[test]
fn tags_close_roads_to_whom_they_forbid_in_every_form() {
    for (tags, motorbike, walk) in [
        (&[("highway", "primary")][..], true, true),
        (&[("highway", "disused")], false, false),
        (&[("highway", "planned")], false, false),
        (&[("highway", "demolished")], false, false),
        (&[("highway", "a word of nobody")], false, false),
        (&[("highway", "service"), ("access", "private")], false, false),
        (
            &[("highway", "service"), ("access", "no"), ("foot", "yes")],
            false,
            true,
        ),
        (
            &[
                ("highway", "service"),
                ("motor_vehicle", "no"),
                ("motorcycle", "yes"),
            ],
            true,
            true,
        ),
        (&[("highway", "service"), ("motorcycle", "no")], false, true),
        (&[("highway", "service"), ("foot", "no")], true, false),
        (&[("highway", "footway"), ("motorcycle", "yes")], true, true),
        (&[("highway", "primary"), ("oneway", "-1")], false, true),
        (
            &[
                ("highway", "primary"),
                ("oneway", "-1"),
                ("oneway:motorcycle", "no"),
            ],
            true,
            true,
        ),
        (&[("highway", "primary"), ("construction", "yes")], false, false),
    ] {
        let found = in_every_form(&row(tags), 1, 4, false);
        assert_eq!(
            found.map(|time| time.is_ok()),
            [motorbike, walk],
            "{tags:?}: {found:?}"
        );
        assert!(
            found
                .iter()
                .all(|time| !matches!(time, Err(why) if *why != Unknown::Unreachable)),
            "{tags:?}"
        );
    }
}

#[test]
fn a_roundabout_is_driven_one_way_and_walked_both() {
    // A square ring around (10, 50), drawn against the clock; in from the west, out to the north.
    let ring = |tags: &[(&'static str, &'static str)]| Map {
        nodes: vec![
            (1, 12, 50),
            (2, 10, 52),
            (3, 8, 50),
            (4, 10, 48),
            (5, 0, 50),
            (6, 10, 60),
        ],
        ways: vec![
            (vec![1, 2, 3, 4, 1], [&[("highway", "primary")], tags].concat()),
            (vec![5, 3], vec![("highway", "primary")]),
            (vec![2, 6], vec![("highway", "primary")]),
        ],
        ..Map::default()
    };
    let both = in_every_form(&ring(&[]), 5, 6, false);
    let around = in_every_form(&ring(&[("junction", "roundabout")]), 5, 6, false);
    assert_eq!(both[1], around[1]);
    // Three sides instead of one, about 308 m each, at 30 km/h.
    let more = around[0].unwrap() - both[0].unwrap();
    assert!((more - 2.0 * 0.308 / 30.0 * 60.0).abs() < 0.02, "{more}");
    let back = in_every_form(&ring(&[("junction", "circular")]), 6, 5, false);
    assert!((back[0].unwrap() - both[0].unwrap()).abs() < 1e-6);
}

#[test]
fn two_nodes_in_one_place_are_no_crossing() {
    let cross = |second: i64, tags: &[(&'static str, &'static str)]| Map {
        nodes: vec![
            (1, 0, 50),
            (2, 5, 50),
            (3, 10, 50),
            (11, 5, 45),
            (12, 5, 50),
            (13, 5, 55),
        ],
        ways: vec![
            (vec![1, 2, 3], vec![("highway", "primary")]),
            (vec![11, second, 13], [&[("highway", "primary")], tags].concat()),
        ],
        ..Map::default()
    };
    let unreachable = [Err(Unknown::Unreachable); 2];
    assert!(
        in_every_form(&cross(2, &[]), 1, 13, false)
            .iter()
            .all(Result::is_ok)
    );
    assert_eq!(in_every_form(&cross(12, &[]), 1, 13, true), unreachable);
    // Where nothing says which node a vertex is, the level does.
    let bridge = &[("bridge", "yes"), ("layer", "1")];
    assert_eq!(in_every_form(&cross(12, bridge), 1, 13, false), unreachable);
    // A bridge that shares the node meets the street, whatever its level.
    assert!(
        in_every_form(&cross(2, bridge), 1, 13, true)
            .iter()
            .all(Result::is_ok)
    );
}

#[test]
fn what_a_road_allows_is_stored_and_read_again_from_an_export() {
    let bench = Bench::new();
    let map = row(&[
        ("highway", "footway"),
        ("motorcycle", "yes"),
        ("bridge", "viaduct"),
        ("junction", "circular"),
    ]);
    let file = bench.file("streets.geojson", map.geojson());
    bench.import(Role::Roads, &file).unwrap();
    let stored = bench.features("roads");
    let middle = stored
        .iter()
        .find(|road| road.text("class") == Some("footway"))
        .unwrap();
    assert_eq!(middle.get("motorbike"), Some(&Value::Boolean(true)));
    assert_eq!(middle.get("walk"), Some(&Value::Boolean(true)));
    assert_eq!(middle.get("bridge"), Some(&Value::Boolean(true)));
    assert_eq!(middle.text("one_way"), Some("forward"));
    assert_eq!(middle.get("level"), Some(&Value::Integer(1)));
    let columns = phteah_layers::roads::RoadColumns::find(&middle.fields, None);
    let again = columns.road(&middle.values);
    assert!(again.bridge && again.speeds.motorbike == Some(10.0) && again.level == 1);
}

#[test]
fn a_map_is_complete_where_it_says_it_was_cut_to() {
    let mut map = row(&[("highway", "primary")]);
    map.cut = Some([104.899, 11.549, 104.91, 11.551]);
    let files = [("cut.osm", map.xml().into_bytes()), ("cut.osm.pbf", map.pbf())];
    for (name, content) in files {
        let bench = Bench::new();
        let text = "name = \"streets\"\ntitle = \"t\"\npublisher = \"t\"\nurl = \"t\"\nform = \"t\"\nlicence = \"t\"\nattribution = \"t\"\n[[layer]]\nrole = \"roads\"\nfrom = [\"lines\"]\nfields = { id = \"osm_id\", class = \"highway\" }\n";
        std::fs::create_dir_all(bench.data.join("sources")).unwrap();
        std::fs::write(bench.data.join("sources/streets.toml"), text).unwrap();
        let report = ran(&bench, "streets", &bench.file(name, content)).remove(0);
        assert_eq!(report.coverage, Some(CoverageSource::Extent), "{name}: {report}");
        assert!(
            !report.warnings.iter().any(|w| w.contains("--coverage")),
            "{report}"
        );
        let catalogue = bench.catalogue();
        let coverage = catalogue.coverage(&catalogue.layers()[0]).unwrap();
        let crs = |name: &str| Crs::parse(name, &Deployment::default()).unwrap();
        let plane = Reprojector::new(&crs("EPSG:4326"), &crs("EPSG:32648")).unwrap();
        let covers = |lon: f64, lat: f64| {
            let (x, y) = plane.point(lon, lat).unwrap();
            coverage.covers(geo::Coord { x, y })
        };
        assert!(covers(104.9095, 11.5495), "{name}: in the box, beside every road");
        assert!(!covers(104.914, 11.55), "{name}: on a road that leaves the box");
    }
}
