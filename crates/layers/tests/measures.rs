//! Candidate sites and their measures: a small town worked out by hand, and the real centre of Phnom Penh.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may fail loudly, and exact values are meant"
)]

mod common;

use common::{Bench, now, real};
use geo::{Geometry, MultiPolygon, Point, Rect, line_string};
use phteah_layers::measures::{Measured, measure, measure_all_drawn, measure_drawn};
use phteah_layers::raster::Grid;
use phteah_layers::{
    CoverageRequest, GridRequest, NoProgress, Record, RecordsRequest, Role, Value, import_grid,
    import_records,
};
use phteah_planning::decision::decide;
use phteah_planning::matrix::{Cell, Unknown};
use phteah_planning::measure::Tenure;
use phteah_planning::scenario::Scenario;

const X: f64 = 490_000.0;
const Y: f64 = 1_278_000.0;

fn record(geometry: impl Into<Geometry<f64>>, attributes: &[(&'static str, Value)]) -> Record {
    let attributes = attributes
        .iter()
        .map(|(name, value)| ((*name).into(), value.clone()))
        .collect();
    Record {
        geometry: geometry.into(),
        attributes,
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn store(bench: &Bench, role: Role, records: Vec<Record>) {
    store_covered(bench, role, CoverageRequest::Extent, records);
}

/// Imports records whose layer is complete where `coverage` says.
fn store_covered(bench: &Bench, role: Role, coverage: CoverageRequest, records: Vec<Record>) {
    let request = RecordsRequest {
        role,
        layer: role.as_str().into(),
        title: role.as_str().into(),
        crs: "EPSG:32648".into(),
        source: "made by hand".into(),
        licence: "CC0-1.0".into(),
        attribution: "a test".into(),
        illustrative: true,
        record: None,
        extra: Vec::new(),
        strict: true,
        coverage: Some(coverage),
    };
    import_records(
        &bench.catalogue(),
        &request,
        records,
        None,
        now(),
        &mut NoProgress,
    )
    .unwrap();
}

/// A flood of one depth west of `X + 140` and of none east of it, in cells of 10 m; unknown from `X + 1500` on.
fn store_flood(bench: &Bench, years: u32, depth: f32) {
    let grid = Grid {
        west: X - 1000.0,
        north: Y + 1000.0,
        cell_width: 10.0,
        cell_height: 10.0,
        columns: 300,
        rows: 200,
    };
    let fill = |_: usize, cells: &mut [Option<f32>]| {
        for (column, cell) in cells.iter_mut().enumerate() {
            *cell = (column < 250).then_some(if column < 114 { depth } else { 0.0 });
        }
    };
    store_depths(bench, years, &grid, fill);
}

/// A raster of flood depths in the plane of the deployment.
fn store_depths(bench: &Bench, years: u32, grid: &Grid, fill: impl FnMut(usize, &mut [Option<f32>])) {
    let request = GridRequest {
        role: Role::FloodDepth,
        layer: format!("flood_depth_rp{years}"),
        title: "Flood".into(),
        crs: "EPSG:32648".into(),
        source: "made by hand".into(),
        licence: "CC0-1.0".into(),
        attribution: "a test".into(),
        illustrative: true,
        return_period: Some(years),
    };
    import_grid(&bench.catalogue(), &request, grid, fill, now(), &mut NoProgress).unwrap();
}

fn square(west: f64, south: f64, side: f64) -> Geometry<f64> {
    Rect::new((X + west, Y + south), (X + west + side, Y + south + side))
        .to_polygon()
        .into()
}

fn parcel(id: &str, west: f64, available: &str, price: Option<f64>) -> Record {
    let mut attributes = vec![
        ("id", text(id)),
        ("tenure", text("hard_title")),
        ("available", text(available)),
    ];
    attributes.extend(price.map(|price| ("price_usd_m2", Value::Number(price))));
    record(square(west, 10.0, 40.0), &attributes)
}

/// Two adjoining parcels that can be had, one that cannot, one that does not say; one straight road south of them; a
/// health centre 960 m along it; a settlement of 50 households across it; floods of 10 and 100 years.
fn town(bridge: bool) -> Bench {
    let bench = Bench::new();
    let khan_and_sangkat = [("1201", "Chamkar Mon"), ("120101", "Tonle Basak")];
    let outline = square(-2000.0, -2000.0, 4000.0);
    let boundary =
        |(code, name): (&str, &str)| record(outline.clone(), &[("code", text(code)), ("name", text(name))]);
    store(
        &bench,
        Role::Boundaries,
        khan_and_sangkat.into_iter().map(boundary).collect(),
    );
    let mut parcels = vec![
        parcel("A", 100.0, "yes", Some(100.0)),
        parcel("B", 140.0, "yes", Some(200.0)),
    ];
    parcels.extend([
        parcel("C", 300.0, "no", None),
        parcel("D", 400.0, "unknown", None),
    ]);
    store(&bench, Role::Parcels, parcels);
    let road = Geometry::LineString(line_string![(x: X, y: Y), (x: X + 2000.0, y: Y)]);
    store(
        &bench,
        Role::Roads,
        vec![record(
            road,
            &[("class", text("residential")), ("bridge", Value::Boolean(bridge))],
        )],
    );
    let clinic = record(
        Point::new(X + 1100.0, Y + 20.0),
        &[("kind", text("health_centre"))],
    );
    store(&bench, Role::Services, vec![clinic]);
    let settlement = record(
        Point::new(X + 140.0, Y - 15.0),
        &[("id", text("S1")), ("households", Value::Integer(50))],
    );
    store(&bench, Role::Settlements, vec![settlement]);
    store_flood(&bench, 10, 0.2);
    store_flood(&bench, 100, 1.0);
    bench
}

const MEASURES: &[(&str, &str)] = &[
    (
        "depth",
        r#"{ kind = "flood_depth", return_period = 100, statistic = "mean" }"#,
    ),
    (
        "deepest",
        r#"{ kind = "flood_depth", return_period = 100, statistic = "max" }"#,
    ),
    (
        "deeper",
        r#"{ kind = "flood_depth", return_period = 100, statistic = "deeper_share", deeper_than_m = 0.5 }"#,
    ),
    ("yearly", r#"{ kind = "annual_flood", statistic = "depth" }"#),
    (
        "clinic",
        r#"{ kind = "travel_time", service = "health_centre", mode = "walk" }"#,
    ),
    (
        "clinic_in_flood",
        r#"{ kind = "travel_time", service = "health_centre", mode = "walk", cut_return_period = 100 }"#,
    ),
    (
        "clinics",
        r#"{ kind = "services_within", service = "health_centre", mode = "walk", minutes = 15 }"#,
    ),
    ("disruption", r#"{ kind = "disruption", mode = "walk" }"#),
    (
        "market",
        r#"{ kind = "travel_time", service = "market", mode = "walk" }"#,
    ),
    (
        "other_flood",
        r#"{ kind = "flood_depth", return_period = 500, statistic = "mean" }"#,
    ),
    ("area", r#"{ kind = "area" }"#),
    ("capacity", r#"{ kind = "capacity" }"#),
    ("price", r#"{ kind = "land_price" }"#),
];

fn scenario(sites: &str) -> Scenario {
    let criterion = |(id, measure): &(&str, &str)| {
        format!(
            "[[criterion]]\nid = \"{id}\"\nmeasure = {measure}\ngoal = \"min\"\nweight = 1\nvalue = {{ kind = \"linear\", worst = 100, best = 0 }}\n"
        )
    };
    let criteria: String = MEASURES.iter().map(criterion).collect();
    let head = "title = { en = \"Town\", km = \"ទីក្រុង\" }\nmethod = \"weighted-sum\"\n";
    Scenario::parse(&format!("{head}[sites]\nwithout = []\n{sites}\n{criteria}")).unwrap()
}

fn measured(bench: &Bench, scenario: &Scenario) -> Measured {
    measure(&bench.catalogue(), scenario, &mut NoProgress).unwrap()
}

fn cell<'a>(measured: &'a Measured, scenario: &Scenario, id: &str, row: usize) -> Cell<'a> {
    let criterion = scenario.criteria.iter().find(|c| c.id == id).unwrap();
    measured.matrix.column(&criterion.measure.id()).unwrap().cell(row)
}

#[track_caller]
fn assert_known(found: Cell<'_>, expected: f64) {
    let Cell::Known(number) = found else {
        panic!("{found:?} instead of {expected}")
    };
    assert!(
        (number - expected).abs() < 1e-6 * expected.abs().max(1.0),
        "{number} instead of {expected}"
    );
}

#[test]
fn every_measure_of_a_small_town_as_worked_out_by_hand() {
    let bench = town(false);
    let scenario = scenario("");
    let found = measured(&bench, &scenario);
    assert_eq!(found.sites.len(), 1, "{:?}", found.dropped);
    let site = &found.sites[0];
    assert_eq!(site.parcels, ["A", "B"]);
    assert_eq!(site.place.label().en, "Tonle Basak 1");
    assert_eq!(site.place.khan.as_ref().unwrap().name.km, "ចំការមន");
    let at = |id| cell(&found, &scenario, id, 0);
    assert_known(at("area"), 3200.0);
    assert_known(at("capacity"), 43.0); // 3,200 × 0.65 ÷ 48 = 43.3
    assert_known(at("price"), 150.0);
    assert_known(at("depth"), 0.5);
    assert_known(at("deepest"), 1.0);
    assert_known(at("deeper"), 0.5);
    // (1/10 − 1/100) × (0.1 + 0.5) ÷ 2 + 0.5 ÷ 100
    assert_known(at("yearly"), 0.032);
    // 30 m to the road, 960 m along it, 20 m to the clinic, all at 75 m a minute.
    assert_known(at("clinic"), 1010.0 / 75.0);
    assert_known(at("clinics"), 1.0);
    assert_known(at("disruption"), 45.0 / 75.0);
    assert_eq!(at("clinic_in_flood"), Cell::Unknown(Unknown::Unreachable));
}

#[test]
fn what_is_not_loaded_is_unknown_and_said_so() {
    let bench = town(false);
    let scenario = scenario("");
    let found = measured(&bench, &scenario);
    assert_eq!(
        cell(&found, &scenario, "market", 0),
        Cell::Unknown(Unknown::NoData)
    );
    assert_eq!(
        cell(&found, &scenario, "other_flood", 0),
        Cell::Unknown(Unknown::NoData)
    );
    let codes: Vec<&str> = found.warnings.iter().map(|w| w.code.as_str()).collect();
    assert!(
        codes.contains(&"no_service") && codes.contains(&"no_flood_raster"),
        "{:?}",
        found.warnings
    );
    let ranking = decide(&scenario, &found.matrix).unwrap();
    assert!(ranking.lowest[0] < ranking.highest[0]);
}

#[test]
fn a_flood_does_not_cut_a_bridge() {
    let bench = town(true);
    let scenario = scenario("");
    let found = measured(&bench, &scenario);
    assert_known(cell(&found, &scenario, "clinic_in_flood", 0), 1010.0 / 75.0);
}

#[test]
fn parcels_that_do_not_say_whether_they_can_be_had_are_taken_only_if_asked_for() {
    let bench = town(false);
    let found = measured(&bench, &scenario("take_unknown_availability = true"));
    let parcels: Vec<&[String]> = found.sites.iter().map(|site| site.parcels.as_slice()).collect();
    assert_eq!(
        parcels,
        [&["A".to_owned(), "B".to_owned()][..], &["D".to_owned()][..]]
    );
}

#[test]
fn a_site_beyond_the_flood_map_is_known_between_bounds_or_not_at_all() {
    let bench = town(false);
    let scenario = scenario("");
    let catalogue = bench.catalogue();
    let drawn = |west: f64| {
        let shape = MultiPolygon::new(vec![
            Rect::new((X + west, Y), (X + west + 20.0, Y + 40.0)).to_polygon(),
        ]);
        measure_drawn(&catalogue, &scenario, "drawn", &shape, &mut NoProgress).unwrap()
    };
    assert_known(cell(&drawn(1480.0), &scenario, "depth", 0), 0.0);
    assert_eq!(
        cell(&drawn(1520.0), &scenario, "depth", 0),
        Cell::Unknown(Unknown::NoData)
    );
    // Half of it unknown, the other half dry: at least dry, at most as deep as the deepest that is known of it.
    assert_known(cell(&drawn(1490.0), &scenario, "depth", 0), 0.0);
    assert!(drawn(1490.0).sites[0].parcels.is_empty());
}

#[test]
fn road_reserve_and_deep_flood_are_cut_out_of_sites() {
    let bench = town(false);
    let area = |sites: &str| {
        let found = measured(&bench, &scenario(sites));
        found.sites.iter().map(|site| site.area_m2).sum::<f64>()
    };
    let close =
        |found: f64, expected: f64| assert!((found - expected).abs() < 1e-6, "{found} instead of {expected}");
    // The parcels reach from 10 to 50 m north of the road, 40 m to either side of where the flood ends.
    close(area("road_reserve_m = 20"), 80.0 * 30.0);
    close(
        area("flooded = { return_period = 100, deeper_than_m = 0.5 }"),
        40.0 * 40.0,
    );
    close(
        area("flooded = { return_period = 100, deeper_than_m = 1.0 }"),
        80.0 * 40.0,
    );
    close(
        area("road_reserve_m = 20\nflooded = { return_period = 100, deeper_than_m = 0.5 }"),
        40.0 * 30.0,
    );
    let all = measured(&bench, &scenario("road_reserve_m = 60"));
    assert!(all.sites.is_empty());
    assert_eq!(all.dropped.len(), 2);
    let missing = measured(
        &bench,
        &scenario("flooded = { return_period = 1000, deeper_than_m = 0.5 }"),
    );
    assert!(
        missing
            .warnings
            .iter()
            .any(|w| w.code == "no_flood_to_cut" && w.message.contains("1000 years")),
        "{:?}",
        missing.warnings
    );
}

#[test]
fn a_drawn_site_has_the_tenure_and_the_price_of_the_land_under_it() {
    let bench = town(false);
    let (catalogue, scenario) = (bench.catalogue(), scenario(""));
    let drawn = |west: f64, width: f64| {
        let shape = Rect::new((X + west, Y + 10.0), (X + west + width, Y + 50.0)).to_polygon();
        measure_drawn(
            &catalogue,
            &scenario,
            "drawn",
            &MultiPolygon::new(vec![shape]),
            &mut NoProgress,
        )
        .unwrap()
    };
    // All of A at 100, half of B at 200.
    let over_two = drawn(100.0, 60.0);
    assert_eq!(over_two.sites[0].tenure, Tenure::HardTitle);
    assert_known(cell(&over_two, &scenario, "price", 0), 400.0 / 3.0);
    // A and as much land without a parcel; then more of that land.
    assert_known(cell(&drawn(60.0, 80.0), &scenario, "price", 0), 100.0);
    let mostly_none = drawn(50.0, 80.0);
    assert_eq!(mostly_none.sites[0].tenure, Tenure::Unknown);
    let unknown = Cell::Unknown(Unknown::NoData);
    assert_eq!(cell(&mostly_none, &scenario, "price", 0), unknown);
    // C has no price, and cannot be had: it is somebody's land all the same.
    let over_c = drawn(290.0, 50.0);
    assert_eq!(over_c.sites[0].tenure, Tenure::HardTitle);
    assert_eq!(cell(&over_c, &scenario, "price", 0), unknown);
    // Touching C is not lying on it.
    assert_known(cell(&drawn(140.0, 40.0), &scenario, "price", 0), 200.0);
}

#[test]
fn many_drawn_sites_are_measured_as_each_alone_and_a_bad_one_stops_none() {
    let bench = town(false);
    let (catalogue, scenario) = (bench.catalogue(), scenario(""));
    let shape = |west: f64, side: f64| match square(west, 10.0, side) {
        Geometry::Polygon(polygon) => MultiPolygon::new(vec![polygon]),
        _ => unreachable!(),
    };
    let shapes = [shape(100.0, 60.0), shape(700.0, 0.0), shape(900.0, 30.0)];
    let named: Vec<(&str, &MultiPolygon<f64>)> = ["a", "b", "c"].into_iter().zip(&shapes).collect();
    let (all, refused) = measure_all_drawn(&catalogue, &scenario, &named, &mut NoProgress).unwrap();
    assert_eq!(
        all.sites.iter().map(|site| site.id.as_str()).collect::<Vec<_>>(),
        ["a", "c"]
    );
    assert!(
        matches!(&refused[..], [(1, why)] if why.contains("no area")),
        "{refused:?}"
    );
    for (row, index) in [(0, 0), (1, 2)] {
        let (id, shape) = named[index];
        let alone = measure_drawn(&catalogue, &scenario, id, shape, &mut NoProgress).unwrap();
        for (criterion, _) in MEASURES {
            assert_eq!(
                cell(&all, &scenario, criterion, row),
                cell(&alone, &scenario, criterion, 0),
                "{id} {criterion}"
            );
        }
    }
}

#[test]
fn a_drawn_shape_without_an_area_is_refused_with_advice() {
    let bench = town(false);
    let nothing = MultiPolygon::<f64>::new(Vec::new());
    let refused = measure_drawn(
        &bench.catalogue(),
        &scenario(""),
        "drawn",
        &nothing,
        &mut NoProgress,
    )
    .unwrap_err();
    assert!(
        refused.to_string().contains("draw at least three corners"),
        "{refused}"
    );
}

#[test]
fn a_catalogue_without_layers_has_no_sites_and_says_what_to_import() {
    let bench = Bench::new();
    let found = measured(&bench, &scenario(""));
    assert!(found.sites.is_empty());
    assert!(
        found.warnings.iter().any(|w| w.code == "no_parcels"),
        "{:?}",
        found.warnings
    );
}

#[test]
fn a_settlement_that_does_not_exist_is_named() {
    let bench = town(false);
    let mut scenario = scenario("");
    scenario.moving.settlements = phteah_planning::scenario::Settlements::Ids(vec!["S1".into(), "S9".into()]);
    let refused = measure(&bench.catalogue(), &scenario, &mut NoProgress).unwrap_err();
    assert!(
        refused.to_string().contains("S9") && !refused.to_string().contains("S1,"),
        "{refused}"
    );
}

/// Buildings stand in for parcels, roads and health centres are real; the floods are generated over the same window.
#[test]
fn the_real_centre_is_ranked() {
    let files = [
        "osm_buildings_central",
        "osm_roads_central",
        "health_centres_2010",
        "osm_water_central",
        "sangkats_geoboundaries",
    ];
    let Some(files) = files
        .iter()
        .map(|f| real(&format!("data/{f}.geojson")))
        .collect::<Option<Vec<_>>>()
    else {
        return;
    };
    let bench = Bench::new();
    bench
        .mapped(Role::Parcels, &files[0], "tenure='hard_title',available='yes'")
        .unwrap();
    bench
        .mapped(Role::Roads, &files[1], "class=class[0:residential|1:primary]")
        .unwrap();
    bench
        .mapped(
            Role::Services,
            &files[2],
            "kind='health_centre',id=FACILITCOD,name=FACILITNAM",
        )
        .unwrap();
    bench.import(Role::Water, &files[3]).unwrap();
    bench
        .mapped(Role::Boundaries, &files[4], "code=pcodes,name=shapeName")
        .unwrap();
    store_flood_over_centre(&bench);
    let text = "title = { en = \"Centre\", km = \"កណ្ដាល\" }\nmethod = \"weighted-sum\"\n[sites]\nwithout = [\"water\"]\n[[criterion]]\nid = \"clinic\"\nmeasure = { kind = \"travel_time\", service = \"health_centre\", mode = \"walk\" }\ngoal = \"min\"\nweight = 1\nvalue = { kind = \"linear\", worst = 60, best = 0 }\n[[criterion]]\nid = \"depth\"\nmeasure = { kind = \"flood_depth\", return_period = 100, statistic = \"mean\" }\ngoal = \"min\"\nweight = 1\nvalue = { kind = \"linear\", worst = 2, best = 0 }\n";
    let scenario = Scenario::parse(text).unwrap();
    let found = measured(&bench, &scenario);
    assert!(found.sites.len() > 2000, "{} sites", found.sites.len());
    let ranking = decide(&scenario, &found.matrix).unwrap();
    let totals = ranking.totals();
    assert_eq!(totals.sites, totals.ranked);
    let reached = (0..totals.sites).filter(
        |&row| matches!(cell(&found, &scenario, "clinic", row), Cell::Known(m) if m > 0.0 && m < 120.0),
    );
    assert!(reached.count() * 100 > totals.sites * 95);
    assert!((0..totals.sites).all(
        |row| matches!(cell(&found, &scenario, "depth", row), Cell::Known(d) if (0.0..=2.0).contains(&d))
    ));
    let named = found
        .sites
        .iter()
        .filter(|site| site.place.sangkat.is_some())
        .count();
    assert!(
        named * 10 > found.sites.len() * 9,
        "{named} sites know their sangkat"
    );
    // The same again, on one thread: the same bits.
    let again = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap()
        .install(|| measured(&bench, &scenario));
    assert_eq!(again.matrix, found.matrix);
}

/// Depth falls evenly from 2 m in the south to nothing in the north.
fn store_flood_over_centre(bench: &Bench) {
    let grid = Grid {
        west: 485_000.0,
        north: 1_284_000.0,
        cell_width: 30.0,
        cell_height: 30.0,
        columns: 400,
        rows: 400,
    };
    let fill = |row: usize, cells: &mut [Option<f32>]| cells.fill(Some(row as f32 / 200.0));
    store_depths(bench, 100, &grid, fill);
}

fn line(vertices: &[(f64, f64)]) -> Geometry<f64> {
    Geometry::LineString(vertices.iter().map(|(x, y)| (X + x, Y + y)).collect())
}

fn street(vertices: &[(f64, f64)]) -> Record {
    record(line(vertices), &[("class", text("residential"))])
}

/// A site of 20 by 20 m.
fn drawn_at(bench: &Bench, scenario: &Scenario, west: f64, south: f64) -> Measured {
    drawn_of_size(bench, scenario, (west, south), (20.0, 20.0))
}

fn drawn_of_size(bench: &Bench, scenario: &Scenario, corner: (f64, f64), size: (f64, f64)) -> Measured {
    let (west, south) = (X + corner.0, Y + corner.1);
    let shape = Rect::new((west, south), (west + size.0, south + size.1)).to_polygon();
    measure_drawn(
        &bench.catalogue(),
        scenario,
        "drawn",
        &MultiPolygon::new(vec![shape]),
        &mut NoProgress,
    )
    .unwrap()
}

#[test]
fn households_that_are_cut_off_leave_a_mean_over_the_others_and_a_share() {
    let bench = town(false);
    let homes = [
        ("S1", 140.0, -15.0, 50),
        ("S2", 140.0, 900.0, 1),
        ("S3", 900.0, -8000.0, 9),
    ];
    let home = |(id, x, y, households): (&str, f64, f64, i64)| {
        record(
            Point::new(X + x, Y + y),
            &[("id", text(id)), ("households", Value::Integer(households))],
        )
    };
    store(&bench, Role::Settlements, homes.map(home).to_vec());
    // S2 lives on a street of its own; S3 on none.
    let streets = vec![
        street(&[(0.0, 0.0), (2000.0, 0.0)]),
        street(&[(0.0, 900.0), (500.0, 900.0)]),
    ];
    store(&bench, Role::Roads, streets);
    let scenario = scenario("");
    let found = measured(&bench, &scenario);
    assert_known(cell(&found, &scenario, "disruption", 0), 45.0 / 75.0);
    let criterion = scenario.criteria.iter().find(|c| c.id == "disruption").unwrap();
    let column = found.matrix.column(&criterion.measure.id()).unwrap();
    assert!((column.reached_share(0) - 50.0 / 60.0).abs() < 1e-12);
    let row = decide(&scenario, &found.matrix).unwrap().row(0);
    let of_row = row.criteria.iter().find(|c| c.id == "disruption").unwrap();
    // Worst 100 minutes, best 0; those who cannot get there have the worst value, which is 0.
    let value = (1.0 - 0.6 / 100.0) * 50.0 / 60.0;
    assert!((of_row.value.unwrap() - value).abs() < 1e-12, "{of_row:?}");
    assert_eq!((of_row.unknown, of_row.low), (None, None));
    let pieces = found
        .warnings
        .iter()
        .find(|w| w.code == "roads_in_pieces")
        .unwrap();
    assert!(
        pieces.message.contains("2 parts") && pieces.message.contains("80%"),
        "{}",
        pieces.message
    );
    // The same of one site alone, which is measured another way.
    let one = drawn_at(&bench, &scenario, 120.0, 20.0);
    let column = one.matrix.column(&criterion.measure.id()).unwrap();
    assert!((column.reached_share(0) - 50.0 / 60.0).abs() < 1e-12);
}

#[test]
fn services_count_on_the_day_that_is_meant() {
    let bench = town(false);
    let clinic = |id: &str, x: f64, dates: &[(&'static str, &str)]| {
        let mut attributes = vec![("id", text(id)), ("kind", text("health_centre"))];
        attributes.extend(dates.iter().map(|(field, date)| (*field, text(date))));
        record(Point::new(X + x, Y), &attributes)
    };
    let clinics = vec![
        clinic("old", 200.0, &[("opened", "1998"), ("closed", "2015-06")]),
        clinic("new", 300.0, &[("opened", "2020-03-01")]),
        clinic("some", 900.0, &[]),
    ];
    store(&bench, Role::Services, clinics);
    let of_day = |day: &str| {
        let mut scenario = scenario("");
        scenario.as_of = phteah_planning::day::Day::parse(day);
        let found = measured(&bench, &scenario);
        let number = |id| match cell(&found, &scenario, id, 0) {
            Cell::Known(number) => number,
            other => panic!("{other:?}"),
        };
        let codes: Vec<String> = found.warnings.iter().map(|w| w.message.clone()).collect();
        (number("clinics"), number("clinic"), codes)
    };
    let way = |metres: f64| (30.0 + metres) / 75.0;
    let (count, minutes, said) = of_day("2012-01-01");
    assert_eq!(count, 2.0);
    assert!((minutes - way(60.0)).abs() < 1e-9);
    assert!(
        said.iter()
            .any(|s| s.contains("1 services are not open on 2012-01-01")),
        "{said:?}"
    );
    assert!(
        said.iter()
            .any(|s| s.contains("Whether 1 services are open on 2012-01-01")),
        "{said:?}"
    );
    let (count, minutes, _) = of_day("2022-01-01");
    assert_eq!(count, 2.0);
    assert!((minutes - way(160.0)).abs() < 1e-9);
    // Within the month in which it closes nobody knows: it counts, and that is said.
    let (count, _, said) = of_day("2015-06-10");
    assert_eq!(count, 2.0);
    assert!(said.iter().any(|s| s.contains("Whether 2 services")), "{said:?}");
    // Without a day, what states a closing does not count.
    let (count, _, said) = of_day("no day");
    assert_eq!(count, 2.0);
    assert!(
        said.iter()
            .any(|s| s.contains("1 services state that they close")),
        "{said:?}"
    );
}

#[test]
fn services_within_a_time_are_counted_with_roads_cut_too() {
    let bench = town(false);
    let mut scenario = scenario("");
    for criterion in &mut scenario.criteria {
        if let phteah_planning::measure::Measure::ServicesWithin {
            cut_return_period, ..
        } = &mut criterion.measure
        {
            *cut_return_period = Some(100);
        }
    }
    let found = measured(&bench, &scenario);
    assert_known(cell(&found, &scenario, "clinics", 0), 0.0);
}

#[test]
fn nothing_is_absent_where_a_layer_is_not_complete() {
    let bench = town(false);
    // Complete 400 m around the town's street; the street goes on.
    let area = |lon: [f64; 2], lat: [f64; 2]| CoverageRequest::Degrees([lon[0], lat[0], lon[1], lat[1]]);
    let crs = |name: &str| phteah_layers::Crs::parse(name, bench.catalogue().deployment()).unwrap();
    let to_degrees = phteah_layers::Reprojector::new(&crs("EPSG:32648"), &crs("EPSG:4326")).unwrap();
    let at = |x: f64, y: f64| to_degrees.point(X + x, Y + y).unwrap();
    let ((west, south), (east, north)) = (at(-2000.0, -2000.0), at(1000.0, 2000.0));
    let complete = || area([west, east], [south, north]);
    let road = || vec![street(&[(0.0, 0.0), (900.0, 0.0), (1100.0, 0.0), (3000.0, 0.0)])];
    store_covered(&bench, Role::Roads, complete(), road());
    let scenario = scenario("");
    let at_site = |west: f64, south: f64, id: &str| {
        let found = drawn_at(&bench, &scenario, west, south);
        match cell(&found, &scenario, id, 0) {
            Cell::Known(number) => (Some(number), Some(number), None),
            Cell::Interval(low, high) => (Some(low), Some(high), None),
            Cell::Unknown(why) => (None, None, Some(why)),
            Cell::Category(_) => (None, None, None),
        }
    };
    let is = |a: Option<f64>, b: f64| assert!((a.unwrap() - b).abs() < 1e-6, "{a:?} instead of {b}");
    // The clinic lies 1,100 m along the street, beyond where the roads are complete: another may be nearer by a way that is not mapped.
    let (low, high, _) = at_site(190.0, 10.0, "clinic");
    assert!((low.unwrap() - (20.0 + 800.0) / 75.0).abs() < 0.02, "{low:?}");
    is(high, (20.0 + 900.0 + 20.0) / 75.0);
    // So is a site beyond, even beside the street; and one far from every road that is mapped.
    assert_eq!(at_site(1500.0, 10.0, "clinic").2, Some(Unknown::NoData));
    assert_eq!(at_site(900.0, 1900.0, "clinic").2, Some(Unknown::NoData));
    // Only where the roads are complete all around it is there no road.
    assert_eq!(at_site(-800.0, 1250.0, "clinic").2, Some(Unknown::NoData));
    let wide = ((at(-9000.0, -9000.0)), (at(9000.0, 9000.0)));
    let everywhere = || area([wide.0.0, wide.1.0], [wide.0.1, wide.1.1]);
    store_covered(&bench, Role::Roads, everywhere(), road());
    assert_eq!(at_site(-800.0, 1950.0, "clinic").2, Some(Unknown::OffNetwork));
    let (low, high, _) = at_site(190.0, 10.0, "clinic");
    is(low, 940.0 / 75.0);
    is(high, 940.0 / 75.0);
    // Services that are not complete beyond a border, which is reached in time: at least those that are loaded.
    let clinic = |x: f64| record(Point::new(X + x, Y + 20.0), &[("kind", text("health_centre"))]);
    store_covered(&bench, Role::Services, complete(), vec![clinic(500.0)]);
    let (low, high, _) = at_site(190.0, 10.0, "clinics");
    is(low, 1.0);
    assert!(high > Some(1.0), "{high:?}");
    store_covered(&bench, Role::Services, everywhere(), vec![clinic(500.0)]);
    is(at_site(190.0, 10.0, "clinics").0, 1.0);
}

#[test]
fn a_way_that_may_leave_the_complete_roads_is_known_between_bounds() {
    let bench = town(false);
    let crs = |name: &str| phteah_layers::Crs::parse(name, bench.catalogue().deployment()).unwrap();
    let to_degrees = phteah_layers::Reprojector::new(&crs("EPSG:32648"), &crs("EPSG:4326")).unwrap();
    let at = |x: f64, y: f64| to_degrees.point(X + x, Y + y).unwrap();
    let ((west, south), (east, north)) = (at(-2000.0, -2000.0), at(1000.0, 2000.0));
    let complete = CoverageRequest::Degrees([west, south, east, north]);
    let streets = vec![
        street(&[(0.0, 0.0), (3000.0, 0.0)]),
        street(&[(0.0, 900.0), (1500.0, 900.0)]),
    ];
    store_covered(&bench, Role::Roads, complete, streets);
    let homes = |homes: &[(&str, f64, f64, i64)]| {
        let home = |(id, x, y, households): &(&str, f64, f64, i64)| {
            record(
                Point::new(X + x, Y + y),
                &[("id", text(id)), ("households", Value::Integer(*households))],
            )
        };
        store(&bench, Role::Settlements, homes.iter().map(home).collect());
    };
    let scenario = scenario("");
    let within = |found: &Measured| match cell(found, &scenario, "disruption", 0) {
        Cell::Interval(low, high) => (low * 75.0, high * 75.0),
        Cell::Known(minutes) => (minutes * 75.0, minutes * 75.0),
        other => panic!("{other:?}"),
    };
    let close =
        |found: f64, metres: f64| assert!((found - metres).abs() < 2.0, "{found} instead of {metres}");
    let told = |found: &Measured| {
        let notice = found.warnings.iter().find(|w| w.code == "disruption_beyond");
        notice.map(|notice| notice.message.clone())
    };
    // 95 m to the site, and 875 m to the border: no way beyond it is quicker.
    homes(&[("near", 140.0, -15.0, 50)]);
    let found = drawn_at(&bench, &scenario, 190.0, 10.0);
    close(within(&found).0, 95.0);
    close(within(&found).1, 95.0);
    assert_eq!(told(&found), None);
    // One lives beyond the border, 820 m from the site by a way that nobody mapped, or 1,335 m along the street. Another
    // lives on a street that no known road joins to the site's.
    homes(&[
        ("near", 140.0, -15.0, 50),
        ("beyond", 1500.0, -15.0, 10),
        ("apart", 100.0, 915.0, 1),
    ]);
    for found in [
        drawn_at(&bench, &scenario, 190.0, 10.0),
        measured(&bench, &scenario),
    ] {
        let (low, high) = within(&found);
        // The drawn site's centre lies 60 m east of the first home; that of the parcels right above it, 30 m from the road.
        let drawn = found.sites[0].parcels.is_empty();
        let (near, by_border, by_road) = if drawn {
            (95.0, 820.0, 1335.0)
        } else {
            (45.0, 890.0, 1405.0)
        };
        close(low, (50.0 * near + 10.0 * by_border) / 60.0);
        close(high, (50.0 * near + 10.0 * by_road) / 60.0);
        let message = told(&found).unwrap();
        assert!(
            message.contains("The way of 2 of the places") && message.contains("to 1 of the sites"),
            "{message}"
        );
        let criterion = scenario.criteria.iter().find(|c| c.id == "disruption").unwrap();
        let column = found.matrix.column(&criterion.measure.id()).unwrap();
        assert!((column.reached_share(0) - 60.0 / 61.0).abs() < 1e-12);
    }
    // Where no known road brings anybody, but the border is reached, it is not known whether they can get there.
    homes(&[("apart", 100.0, 915.0, 1)]);
    let found = drawn_at(&bench, &scenario, 190.0, 10.0);
    assert_eq!(
        cell(&found, &scenario, "disruption", 0),
        Cell::Unknown(Unknown::NoData)
    );
}

#[test]
fn what_is_cut_out_is_told_where_its_layer_is_not_complete() {
    let bench = town(false);
    let crs = |name: &str| phteah_layers::Crs::parse(name, bench.catalogue().deployment()).unwrap();
    let to_degrees = phteah_layers::Reprojector::new(&crs("EPSG:32648"), &crs("EPSG:4326")).unwrap();
    let at = |x: f64, y: f64| to_degrees.point(X + x, Y + y).unwrap();
    let mut scenario = scenario("take_unknown_availability = true");
    scenario.sites.without = vec![phteah_planning::measure::CutOut::Water];
    let told = |east: f64| {
        let ((west, south), (east, north)) = (at(-2000.0, -2000.0), at(east, 2000.0));
        let pond = record(square(-500.0, -500.0, 20.0), &[("kind", text("pond"))]);
        let complete = CoverageRequest::Degrees([west, south, east, north]);
        store_covered(&bench, Role::Water, complete, vec![pond]);
        let found = measured(&bench, &scenario);
        assert_eq!(found.sites.len(), 2);
        let notice = found.warnings.iter().find(|w| w.code == "cut_out_incomplete");
        notice.map(|notice| notice.message.clone())
    };
    assert_eq!(told(2000.0), None);
    // The second site begins 400 m east; the first ends at 180 m.
    let message = told(300.0).unwrap();
    assert!(
        message.contains("layers of water are not complete under 1 of 2 sites"),
        "{message}"
    );
    assert!(told(150.0).unwrap().contains("2 of 2"));
}

#[test]
fn flood_zones_stand_for_depths_that_are_not_loaded_between_bounds() {
    let bench = town(false);
    let zone = |west: f64, side: f64, attributes: &[(&'static str, Value)]| {
        record(square(west, 0.0, side), attributes)
    };
    let years = |years: i64| ("return_period", Value::Integer(years));
    let depth = |least: f64, most: f64| {
        [
            ("depth_min_m", Value::Number(least)),
            ("depth_max_m", Value::Number(most)),
        ]
    };
    let mut half = vec![("class", text("high")), years(500)];
    half.extend(depth(0.5, 1.0));
    // Half of the site under 0.5 to 1 m, a quarter not seen.
    let zones = vec![
        zone(100.0, 40.0, &half),
        zone(140.0, 20.0, &[("class", text("unknown")), years(500)]),
        zone(500.0, 50.0, &[("class", text("dry")), years(500)]),
    ];
    store(&bench, Role::FloodZones, zones);
    let mut text_of = scenario("");
    for criterion in &mut text_of.criteria {
        if criterion.id == "other_flood" {
            criterion.measure = phteah_planning::measure::Measure::FloodDepth {
                return_period: 500,
                statistic: phteah_planning::measure::DepthStatistic::DeeperShare,
                deeper_than_m: Some(0.4),
            };
        }
    }
    let scenario = text_of;
    let at = |west: f64| {
        let found = drawn_of_size(&bench, &scenario, (west, 0.0), (80.0, 20.0));
        let criterion = scenario.criteria.iter().find(|c| c.id == "other_flood").unwrap();
        let column = found.matrix.column(&criterion.measure.id()).unwrap().clone();
        assert!(column.is_coarse());
        let said = found.warnings.iter().any(|w| w.code == "flood_from_zones");
        assert!(said && !found.warnings.iter().any(|w| w.code == "no_flood_raster"));
        match column.cell(0) {
            Cell::Known(n) => (n, n),
            Cell::Interval(low, high) => (low, high),
            other => panic!("{other:?}"),
        }
    };
    let close = |(a, b): (f64, f64), (c, d): (f64, f64)| {
        assert!(
            (a - c).abs() < 1e-6 && (b - d).abs() < 1e-6,
            "{a}..{b} instead of {c}..{d}"
        );
    };
    close(at(100.0), (0.5, 0.75));
    close(at(600.0), (0.0, 0.0));
    // Depths of another period are loaded: the expectation of a year comes from them and is not coarse.
    let found = drawn_of_size(&bench, &scenario, (100.0, 0.0), (80.0, 20.0));
    let yearly = scenario.criteria.iter().find(|c| c.id == "yearly").unwrap();
    assert!(!found.matrix.column(&yearly.measure.id()).unwrap().is_coarse());
}
