//! OpenStreetMap, as XML and as the packed form in which extracts come.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may fail loudly, and exact values are meant"
)]

mod common;

use common::{Bench, now, ran};
use phteah_layers::{ImportRequest, NoProgress, Role, import_preset};

const OSM: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="by hand">
 <node id="1" lat="11.550" lon="104.920"/>
 <node id="2" lat="11.551" lon="104.921"/>
 <node id="3" lat="11.552" lon="104.922"/>
 <node id="4" lat="11.550" lon="104.922"/>
 <node id="5" lat="11.555" lon="104.925"><tag k="amenity" v="clinic"/><tag k="name" v="Clinic"/><tag k="name:km" v="គ្លីនិក"/></node>
 <node id="6" lat="11.556" lon="104.926"><tag k="highway" v="bus_stop"/></node>
 <node id="7" lat="11.557" lon="104.927"><tag k="amenity" v="restaurant"/></node>
 <node id="8" lat="11.560" lon="104.930"/>
 <node id="9" lat="11.560" lon="104.931"/>
 <node id="10" lat="11.561" lon="104.931"/>
 <node id="11" lat="11.558" lon="104.928"><tag k="amenity" v="school"/><tag k="isced:level" v="2;3"/></node>
 <node id="12" lat="13.7" lon="100.5"><tag k="amenity" v="hospital"/></node>
 <way id="100"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary_link"/><tag k="oneway" v="-1"/><tag k="surface" v="asphalt"/><tag k="name" v="ផ្លូវ"/><tag k="name:en" v="Street 1"/></way>
 <way id="101"><nd ref="1"/><nd ref="4"/><tag k="highway" v="construction"/></way>
 <way id="102"><nd ref="8"/><nd ref="9"/><nd ref="10"/><nd ref="8"/><tag k="amenity" v="school"/><tag k="name" v="School"/></way>
 <way id="103"><nd ref="1"/><nd ref="4"/><nd ref="3"/><nd ref="1"/><tag k="natural" v="water"/><tag k="water" v="pond"/></way>
 <way id="104"><nd ref="3"/><nd ref="4"/><tag k="highway" v="footway"/></way>
</osm>
"#;

#[test]
fn osm_fills_roads_services_and_water() {
    let bench = Bench::new();
    let reports = ran(&bench, "osm", &bench.file("pp.osm", OSM));
    assert_eq!(
        reports.iter().map(|r| r.role).collect::<Vec<_>>(),
        [Role::Roads, Role::Services, Role::Water, Role::Protected]
    );
    let roads = bench.features("roads");
    assert_eq!(roads.len(), 2, "{}", reports[0]);
    let link = roads.iter().find(|f| f.id == "100").unwrap();
    assert_eq!(link.text("class"), Some("primary"));
    assert_eq!(link.text("one_way"), Some("backward"));
    assert_eq!(link.text("surface"), Some("paved"));
    assert_eq!(
        (link.text("name"), link.text("name_km")),
        (Some("Street 1"), None)
    );
    let mut kinds: Vec<_> = bench
        .features("services")
        .into_iter()
        .map(|f| {
            (
                f.text("kind").unwrap().to_owned(),
                f.text("name_km").map(str::to_owned),
            )
        })
        .collect();
    kinds.sort();
    assert_eq!(
        kinds,
        [
            ("bus_stop".into(), None),
            ("health_centre".into(), Some("គ្លីនិក".into())),
            ("primary_school".into(), None)
        ]
    );
    assert_eq!(reports[1].count("outside_extent"), 1, "{}", reports[1]);
    assert_eq!(bench.features("water")[0].text("kind"), Some("pond"));
    assert_eq!(reports[3].kept, 0);
    let catalogue = bench.catalogue();
    let entry = catalogue.layer("roads").unwrap();
    assert_eq!(
        (entry.licence.as_str(), entry.attribution.as_str()),
        ("ODbL-1.0", "© OpenStreetMap contributors")
    );
    assert!(
        entry
            .report
            .warnings
            .iter()
            .any(|w| w.contains("complete where people map"))
    );
    // One of the roles alone, under a name of one's own.
    let request = ImportRequest {
        preset: Some("osm".into()),
        role: Some(Role::Water),
        layer: Some("ponds".into()),
        files: vec![bench.files.join("pp.osm")],
        ..ImportRequest::default()
    };
    import_preset(&bench.catalogue(), &request, now(), &mut NoProgress).unwrap();
    assert_eq!(bench.features("ponds").len(), 1);
    bench.assert_tidy();
}

/// A `.osm.pbf` of two nodes and one way, written field by field: header block, then one block of dense nodes and a way.
fn pbf() -> Vec<u8> {
    fn varint(mut n: u64, out: &mut Vec<u8>) {
        while n >= 0x80 {
            out.push((n as u8) | 0x80);
            n >>= 7;
        }
        out.push(n as u8);
    }
    fn bytes(field: u64, data: &[u8], out: &mut Vec<u8>) {
        varint(field << 3 | 2, out);
        varint(data.len() as u64, out);
        out.extend_from_slice(data);
    }
    fn number(field: u64, n: u64, out: &mut Vec<u8>) {
        varint(field << 3, out);
        varint(n, out);
    }
    fn zigzag(n: i64) -> u64 {
        ((n << 1) ^ (n >> 63)) as u64
    }
    fn packed(values: &[u64]) -> Vec<u8> {
        let mut out = Vec::new();
        for v in values {
            varint(*v, &mut out);
        }
        out
    }
    fn blob(kind: &str, data: &[u8], out: &mut Vec<u8>) {
        let mut body = Vec::new();
        bytes(1, data, &mut body);
        let mut header = Vec::new();
        bytes(1, kind.as_bytes(), &mut header);
        number(3, body.len() as u64, &mut header);
        out.extend_from_slice(&(header.len() as u32).to_be_bytes());
        out.extend_from_slice(&header);
        out.extend_from_slice(&body);
    }
    let mut head = Vec::new();
    bytes(4, b"OsmSchema-V0.6", &mut head);
    bytes(4, b"DenseNodes", &mut head);
    let mut strings = Vec::new();
    for text in ["", "highway", "residential", "surface", "laterite"] {
        bytes(1, text.as_bytes(), &mut strings);
    }
    let mut dense = Vec::new();
    bytes(1, &packed(&[zigzag(1), zigzag(1)]), &mut dense);
    bytes(8, &packed(&[zigzag(115_500_000), zigzag(10_000)]), &mut dense);
    bytes(9, &packed(&[zigzag(1_049_200_000), zigzag(10_000)]), &mut dense);
    let mut nodes = Vec::new();
    bytes(2, &dense, &mut nodes);
    let mut way = Vec::new();
    number(1, 100, &mut way);
    bytes(2, &packed(&[1, 3]), &mut way);
    bytes(3, &packed(&[2, 4]), &mut way);
    bytes(8, &packed(&[zigzag(1), zigzag(1)]), &mut way);
    let mut ways = Vec::new();
    bytes(3, &way, &mut ways);
    let mut block = Vec::new();
    bytes(1, &strings, &mut block);
    bytes(2, &nodes, &mut block);
    bytes(2, &ways, &mut block);
    let mut out = Vec::new();
    blob("OSMHeader", &head, &mut out);
    blob("OSMData", &block, &mut out);
    out
}

#[test]
fn osm_pbf_is_read_too() {
    let bench = Bench::new();
    let reports = ran(&bench, "osm", &bench.file("pp.osm.pbf", pbf()));
    assert_eq!(reports[0].kept, 1, "{}", reports[0]);
    let road = &bench.features("roads")[0];
    assert_eq!(
        (road.id.as_str(), road.text("class"), road.text("surface")),
        ("100", Some("residential"), Some("gravel"))
    );
}
