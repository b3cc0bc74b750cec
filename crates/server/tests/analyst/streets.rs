//! `phteah access` on streets as a map has them.

use crate::files::Files;

/// Two streets in a row with a stretch between them that has these tags, as OpenStreetMap's XML, and places at both ends.
fn row(tags: &[(&str, &str)]) -> Files {
    let files = Files::new();
    let tags: String = tags
        .iter()
        .map(|(k, v)| format!("<tag k=\"{k}\" v=\"{v}\"/>"))
        .collect();
    let street = "<tag k=\"highway\" v=\"primary\"/>";
    let nodes: String = (1..=4)
        .map(|node| {
            format!(
                "<node id=\"{node}\" lat=\"11.55\" lon=\"{}\"/>",
                104.9 + f64::from(node) * 0.005
            )
        })
        .collect();
    let ways = format!(
        "<way id=\"7\"><nd ref=\"1\"/><nd ref=\"2\"/>{street}</way><way id=\"8\"><nd ref=\"2\"/><nd ref=\"3\"/>{tags}</way><way id=\"9\"><nd ref=\"3\"/><nd ref=\"4\"/>{street}</way>"
    );
    let map = format!("<?xml version=\"1.0\"?><osm version=\"0.6\">{nodes}{ways}</osm>");
    std::fs::write(files.path("map.osm"), map).unwrap();
    std::fs::write(
        files.path("home.csv"),
        "id,latitude,longitude\nhome,11.55,104.905\n",
    )
    .unwrap();
    std::fs::write(
        files.path("market.csv"),
        "id,kind,latitude,longitude\nm,market,11.55,104.92\n",
    )
    .unwrap();
    files
}

fn status(files: &Files, mode: &str) -> (String, String) {
    let ask = "access home.csv --services market.csv --roads map.osm#lines --out out.csv";
    let ended = files.phteah(&format!("{ask} --mode {mode}")).done();
    let status = files.table("out.csv")["home"].text("market_status").to_owned();
    (status, ended.out)
}

#[test]
fn tags_of_a_map_say_who_travels() {
    for (tags, motorbike, walk) in [
        (&[("highway", "primary")][..], "reached", "reached"),
        (
            &[("highway", "primary"), ("access", "private")],
            "unreachable",
            "unreachable",
        ),
        (
            &[("highway", "primary"), ("motor_vehicle", "no")],
            "unreachable",
            "reached",
        ),
        (
            &[("highway", "primary"), ("oneway", "-1")],
            "unreachable",
            "reached",
        ),
        (&[("highway", "razed")], "unreachable", "unreachable"),
        (
            &[("highway", "footway"), ("motorcycle", "yes"), ("foot", "no")],
            "reached",
            "unreachable",
        ),
    ] {
        let files = row(tags);
        assert_eq!(status(&files, "motorbike").0, motorbike, "{tags:?}");
        assert_eq!(status(&files, "walk").0, walk, "{tags:?}");
    }
    let (_, said) = status(&row(&[("highway", "primary"), ("access", "no")]), "walk");
    assert!(
        said.contains("Roads that their tags close to this mode of travel: 1."),
        "{said}"
    );
}
