//! Tables by code, joined to boundaries, and what a site gets of them; places by name.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may fail loudly, and exact values are meant"
)]

mod common;

use common::{Bench, geojson, now, request};
use geo::{MultiPolygon, Rect};
use phteah_layers::measures::{Measured, measure_all_drawn};
use phteah_layers::{ImportRequest, NoProgress, Role, export_layer, import};
use phteah_planning::matrix::Cell;
use phteah_planning::scenario::Scenario;

/// Side of a boundary in degrees.
const SIDE: f64 = 0.02;

/// A boundary: the `n`th square of a row from west to east.
fn boundary(n: u32, code: &str, en: &str, km: &str) -> (String, String) {
    let (w, s) = (104.80 + f64::from(n) * SIDE, 11.50);
    let (e, north) = (w + SIDE, s + SIDE);
    let shape = format!(
        r#"{{"type":"Polygon","coordinates":[[[{w},{s}],[{e},{s}],[{e},{north}],[{w},{north}],[{w},{s}]]]}}"#
    );
    (
        serde_json::json!({ "code": code, "name": en, "name:km": km }).to_string(),
        shape,
    )
}

fn boundaries(bench: &Bench, all: &[(&str, &str, &str)]) {
    let features: Vec<(String, String)> = (0_u32..)
        .zip(all)
        .map(|(n, (code, en, km))| boundary(n, code, en, km))
        .collect();
    let features: Vec<(&str, &str)> = features.iter().map(|(p, g)| (p.as_str(), g.as_str())).collect();
    let file = bench.file("boundaries.geojson", geojson(&features));
    bench.import(Role::Boundaries, &file).unwrap();
}

const TOWNS: [(&str, &str, &str); 4] = [
    ("050301", "Alpha", "អាល់ហ្វា"),
    ("050302", "Borey", "បុរី"),
    ("050303", "Cheung Ti Muoy", "ជើងទី១"),
    ("050304", "Cheung Ti Pir", "ជើងទី២"),
];

/// A square of so many degrees, its south-west corner so many sides from the row's.
fn plot(bench: &Bench, east: f64, size: f64) -> MultiPolygon<f64> {
    let catalogue = bench.catalogue();
    let way =
        phteah_layers::Reprojector::new(&phteah_layers::Crs::wgs84(), &catalogue.crs().unwrap()).unwrap();
    let (w, s) = (104.80 + east * SIDE, 11.505);
    let mut shape = geo::Geometry::MultiPolygon(Rect::new((w, s), (w + size, s + size)).to_polygon().into());
    let mut way = way;
    way.geometry(&mut shape).unwrap();
    match shape {
        geo::Geometry::MultiPolygon(shape) => shape,
        _ => unreachable!(),
    }
}

fn drawn(bench: &Bench, measure: &str, plots: &[MultiPolygon<f64>]) -> Measured {
    let scenario = scenario(measure);
    let named: Vec<(String, &MultiPolygon<f64>)> = plots
        .iter()
        .enumerate()
        .map(|(n, plot)| (n.to_string(), plot))
        .collect();
    let named: Vec<(&str, &MultiPolygon<f64>)> = named.iter().map(|(n, p)| (n.as_str(), *p)).collect();
    let (measured, refused) =
        measure_all_drawn(&bench.catalogue(), &scenario, &named, &mut NoProgress).unwrap();
    assert!(refused.is_empty(), "{refused:?}");
    measured
}

fn scenario(measure: &str) -> Scenario {
    Scenario::parse(&format!(
        "title = {{ en = \"T\", km = \"ទ\" }}\nmethod = \"weighted-sum\"\n[sites]\nwithout = []\n[[criterion]]\nid = \"it\"\nmeasure = {{ kind = \"indicator\", {measure} }}\ngoal = \"min\"\nweight = 1\nvalue = {{ kind = \"linear\", worst = 100, best = 0 }}\n"
    ))
    .unwrap()
}

fn values(bench: &Bench, measure: &str, plots: &[MultiPolygon<f64>]) -> Vec<Option<f64>> {
    let id = scenario(measure).criteria[0].measure.id();
    let measured = drawn(bench, measure, plots);
    let column = measured.matrix.column(&id).unwrap();
    (0..plots.len())
        .map(|row| match column.cell(row) {
            Cell::Known(value) => Some(value),
            Cell::Unknown(_) => None,
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn codes_are_recognised_however_they_are_written() {
    for codes in [
        ["KH050301", "KH050302", "KH050303", "KH050304"],
        ["050301", "050302", "050303", "050304"],
        ["50301.0", "50302.0", "50303.0", "50304.0"],
        ["50301", "50302", "50303", "50304"],
        [" KH 05 03 01", "kh050302 ", "KH\u{a0}050303", "050304\u{200b}"],
        ["០៥០៣០១", "KH០៥០៣០២", "៥០៣០៣", "050304"],
    ] {
        let bench = Bench::new();
        boundaries(&bench, &TOWNS);
        let rows: Vec<String> = codes
            .iter()
            .enumerate()
            .map(|(n, code)| format!("{code},{n}.5"))
            .collect();
        let file = bench.file("t.csv", format!("pcode,Flood index\n{}\n", rows.join("\n")));
        let report = bench.import(Role::Indicators, &file).unwrap();
        assert_eq!((report.kept, report.count("no_boundary")), (4, 0), "{report}");
        let ids: Vec<String> = bench.features("indicators").into_iter().map(|f| f.id).collect();
        assert_eq!(ids, ["050301", "050302", "050303", "050304"], "{codes:?}");
        let found = values(&bench, "field = \"flood_index\"", &[plot(&bench, 2.2, 0.002)]);
        assert_eq!(found, [Some(2.5)]);
    }
}

#[test]
fn what_did_not_match_is_told_in_both_directions() {
    let bench = Bench::new();
    boundaries(&bench, &TOWNS);
    let table = "\
ADM3_PCODE,ADM3_EN,Poverty rate (%),year,Source
KH050301,alpha,12.5 %,2020,survey
KH050302,Delta Krom,40,2020,survey
KH050303,Cheung 2,30,2020,survey
KH050399,Nowhere,50,2020,survey
,,,,
KH050301,Alpha,99,2020,survey
many,Alpha,1,2020,survey
";
    let file = bench.file("t.csv", table);
    let report = bench.import(Role::Indicators, &file).unwrap();
    assert_eq!(
        (report.read, report.kept, report.refused, report.left_out),
        (7, 4, 2, 1),
        "{report}"
    );
    // 050302 is Borey in the boundaries, and 050303 Cheung 1, not 2, which has a boundary of its own.
    assert_eq!(report.count("code_of_another_place"), 1, "{report}");
    assert_eq!(report.count("joined_by_name"), 1, "{report}");
    assert_eq!(report.count("no_boundary"), 1, "{report}");
    assert_eq!(report.count("boundary_without_record"), 2, "{report}");
    assert_eq!(report.not_taken, ["Source"]);
    let text = report.to_string();
    assert!(
        text.contains("050302 is 'Delta Krom' here and 'Borey' in the boundaries"),
        "{text}"
    );
    let layer = bench.catalogue().layer("indicators").unwrap().clone();
    let field = layer
        .fields
        .iter()
        .find(|field| field.name == "poverty_rate")
        .unwrap();
    assert_eq!(field.unit.as_deref(), Some("%"));
    // What has no boundary is kept, without a place, and counts nowhere.
    let without: Vec<String> = bench
        .features("indicators")
        .into_iter()
        .filter(|feature| feature.geometry.is_none())
        .map(|feature| feature.id)
        .collect();
    assert_eq!(without, ["050302-2020", "050399-2020"]);
    let plots = [0.2, 1.2, 2.2, 3.2].map(|east| plot(&bench, east, 0.002));
    assert_eq!(
        values(&bench, "field = \"poverty_rate\"", &plots),
        [Some(12.5), None, None, Some(30.0)]
    );
    for name in ["o.geojson", "o.csv", "o.gpkg"] {
        export_layer(&bench.catalogue(), "indicators", &bench.files.join(name), None).unwrap();
    }
}

#[test]
fn a_site_in_two_boundaries_gets_their_mean_by_area_and_one_beyond_them_nothing() {
    let bench = Bench::new();
    boundaries(&bench, &TOWNS);
    let file = bench.file(
        "t.csv",
        "code,rate,population_2019,population_2023\n050301,10,100,110\n050302,30,\"1,200\",1500\n050303,n/a,300,-\n",
    );
    bench.import(Role::Indicators, &file).unwrap();
    let plots = [
        plot(&bench, 0.95, 0.004),
        plot(&bench, 1.95, 0.004),
        plot(&bench, 3.2, 0.002),
        plot(&bench, 6.0, 0.002),
    ];
    let found = values(&bench, "field = \"rate\"", &plots);
    // A quarter of the first lies in Alpha. Of the second, three quarters lie where nothing is known.
    assert!((found[0].unwrap() - 25.0).abs() < 0.05, "{found:?}");
    assert_eq!(found[1..], [None, None, None]);
    let at = [plot(&bench, 1.2, 0.002), plot(&bench, 2.2, 0.002)];
    assert_eq!(
        values(&bench, "field = \"population\", year = 2019", &at),
        [Some(1200.0), Some(300.0)]
    );
    assert_eq!(
        values(&bench, "field = \"population\", year = 2023", &at),
        [Some(1500.0), None]
    );
    let measured = drawn(&bench, "field = \"population\", year = 1990", &at);
    assert!(
        measured.warnings.iter().any(|w| w.code == "no_indicator"),
        "{:?}",
        measured.warnings
    );
}

#[test]
fn of_several_years_the_latest_counts_unless_one_is_asked_for() {
    let bench = Bench::new();
    boundaries(&bench, &TOWNS);
    let file = bench.file(
        "t.csv",
        "code,year,index\n050301,2015,1\n050301,2021,3\n050302,2015,5\n050301,2018,2\n",
    );
    bench.import(Role::Indicators, &file).unwrap();
    let plots = [plot(&bench, 0.2, 0.002), plot(&bench, 1.2, 0.002)];
    assert_eq!(
        values(&bench, "field = \"index\"", &plots),
        [Some(3.0), Some(5.0)]
    );
    assert_eq!(
        values(&bench, "field = \"index\", year = 2018", &plots),
        [Some(2.0), None]
    );
    let measured = drawn(&bench, "field = \"index\", year = 1999", &plots);
    assert!(
        measured.warnings.iter().any(|w| w.code == "no_indicator_year"),
        "{:?}",
        measured.warnings
    );
}

#[test]
fn tables_that_cannot_be_joined_are_refused_with_advice() {
    let bench = Bench::new();
    let file = bench.file("t.csv", "code,rate\n050301,10\n");
    let (message, _) = common::refused(bench.import(Role::Indicators, &file));
    assert!(message.contains("Import boundaries first"), "{message}");
    boundaries(&bench, &TOWNS);
    let other = bench.file("o.csv", "code,rate\n990301,10\n");
    let (message, report) = common::refused(bench.import(Role::Indicators, &other));
    assert!(
        message.contains("None of the 1 records has a boundary"),
        "{message}"
    );
    assert_eq!(report.unwrap().count("no_boundary"), 1);
    let words = bench.file("w.csv", "code,word\n050301,high\n");
    let (message, _) = common::refused(bench.import(Role::Indicators, &words));
    assert!(message.contains("No column holds numbers"), "{message}");
    let nameless = bench.file("n.csv", "place,rate\n050301,10\n");
    let error = bench.import(Role::Indicators, &nameless).unwrap_err();
    assert!(
        error.is_usage() && error.to_string().contains("--map code=COLUMN"),
        "{error}"
    );
    bench.mapped(Role::Indicators, &nameless, "code=place").unwrap();
    bench.assert_tidy();
}

#[test]
fn the_same_table_over_other_boundaries_is_joined_anew() {
    let bench = Bench::new();
    boundaries(&bench, &TOWNS[..2]);
    let file = bench.file("t.csv", "code,rate\n050301,10\n050303,20\n");
    let first = bench.import(Role::Indicators, &file).unwrap();
    assert_eq!(first.count("no_boundary"), 1);
    boundaries(&bench, &TOWNS);
    // Measured, the record has found its boundary; in the layer it does when the table is imported again.
    assert_eq!(
        values(&bench, "field = \"rate\"", &[plot(&bench, 2.2, 0.002)]),
        [Some(20.0)]
    );
    let second = bench.import(Role::Indicators, &file).unwrap();
    assert_eq!(second.count("no_boundary"), 0);
    let again = import(
        &bench.catalogue(),
        &ImportRequest {
            ..request(Role::Indicators, &file)
        },
        now(),
        &mut NoProgress,
    );
    assert_eq!(
        again.unwrap().outcome,
        phteah_layers::import::report::Outcome::Unchanged
    );
}

#[test]
fn a_place_keeps_its_own_name_whatever_its_code_means_today() {
    let bench = Bench::new();
    // Two codes of an earlier division that today's gazetteer gives to others, one that is the same.
    boundaries(
        &bench,
        &[
            ("121104", "Kouk Roka", ""),
            ("121002", "Preaek Lieb", ""),
            ("120510", "Prey Sa", ""),
            ("121003", "", ""),
        ],
    );
    let report = bench
        .import(Role::Boundaries, &bench.files.join("boundaries.geojson"))
        .unwrap();
    assert_eq!(report.outcome, phteah_layers::import::report::Outcome::Unchanged);
    let plots = [0.2, 1.2, 2.2, 3.2, 5.0].map(|east| plot(&bench, east, 0.002));
    let measured = drawn(&bench, "field = \"x\"", &plots);
    let label = |n: usize| measured.sites[n].place.label();
    let khan = |n: usize| {
        measured.sites[n]
            .place
            .khan
            .as_ref()
            .map(|khan| khan.name.en.clone())
    };
    assert_eq!(label(0).en, "Kouk Roka 1");
    // Its Khmer name is that of the place of its name, not of its code.
    let own = phteah_layers::gazetteer::sangkats()
        .find(|d| d.en == "Kouk Roka")
        .unwrap();
    assert_eq!(label(0).km, format!("{} 1", own.km));
    assert_eq!(
        khan(0),
        phteah_layers::gazetteer::division(&own.code[..4]).map(|khan| khan.en.clone())
    );
    assert_eq!(
        (label(1).en.as_str(), label(2).km.as_str()),
        ("Preaek Lieb 1", "ព្រៃស 1")
    );
    // A code without a name, in a file whose codes mean other places: the code is all that is known.
    assert_eq!((label(3).en.as_str(), khan(3)), ("121003 1", None));
    // Beyond all boundaries: how far and which way from the nearest.
    assert_eq!(label(4).en, "2.3 km east of 121003");
    assert!(label(4).km.contains("2.3 គម ទិសកើត"), "{}", label(4).km);
}

#[test]
fn codes_that_mean_another_place_are_listed() {
    let bench = Bench::new();
    let rows = [
        boundary(0, "121104", "Kouk Roka", ""),
        boundary(1, "120510", "Prey Sar", ""),
    ];
    let features: Vec<(&str, &str)> = rows.iter().map(|(p, g)| (p.as_str(), g.as_str())).collect();
    let file = bench.file("b.geojson", geojson(&features));
    let report = bench.import(Role::Boundaries, &file).unwrap();
    assert_eq!(report.count("code_of_another_place"), 1, "{report}");
    let message = &common::first(&report, "code_of_another_place").message;
    assert!(
        message.contains("121104 is 'Kouk Roka' here and 'Preaek Lieb'"),
        "{message}"
    );
    assert!(
        report.warnings.iter().any(|w| w.starts_with("1 of the 2 codes")),
        "{report}"
    );
}

#[test]
fn without_boundaries_a_site_is_named_from_a_service_or_by_its_coordinates() {
    let bench = Bench::new();
    let plots = [plot(&bench, 1.0, 0.002)];
    let measured = drawn(&bench, "field = \"x\"", &plots);
    assert_eq!(measured.sites[0].place.label().en, "11.5060, 104.8210");
    let market = r#"{"type":"Point","coordinates":[104.821,11.500]}"#;
    let file = bench.file(
        "s.geojson",
        geojson(&[(r#"{"kind":"market","name":"Old Market"}"#, market)]),
    );
    bench.import(Role::Services, &file).unwrap();
    let measured = drawn(&bench, "field = \"x\"", &plots);
    assert_eq!(measured.sites[0].place.label().en, "660 m north of Old Market");
}

#[test]
fn columns_about_persons_row_numbers_and_further_codes_are_no_indicators() {
    let bench = Bench::new();
    boundaries(&bench, &TOWNS);
    let table = "No,code,khan_code,Phone,lat,rate,rate (%)\n1,050301,0503,12345678,11.5,10,20\n";
    let report = bench
        .import(Role::Indicators, &bench.file("t.csv", table))
        .unwrap();
    let layer = bench.catalogue().layer("indicators").unwrap().clone();
    let numbers: Vec<&str> = layer
        .fields
        .iter()
        .filter(|field| field.kind == phteah_layers::FieldType::Number)
        .map(|field| field.name.as_str())
        .collect();
    assert_eq!(numbers, ["rate", "rate_2"], "{report}");
}

#[test]
fn a_table_in_long_form_is_made_wide() {
    let bench = Bench::new();
    boundaries(&bench, &TOWNS);
    let table = "\
ADM3_PCODE,ADM3_EN,Year,Indicator Name,Value,Unit
KH050301,Alpha,2020,Poverty rate,12.5,%
KH050301,Alpha,2020,Population,\"1,234\",people
KH050302,Borey,2020,Poverty rate,40,%
KH050302,Borey,2020,Population,..,people
KH050301,Alpha,2021,Poverty rate,10,%
KH050301,Alpha,2020,Poverty rate,99,%
";
    let report = bench
        .import(Role::Indicators, &bench.file("long.csv", table))
        .unwrap();
    assert_eq!((report.kept, report.refused), (3, 0), "{report}");
    assert_eq!(report.count("duplicate_value"), 1, "{report}");
    assert!(
        report
            .warnings
            .iter()
            .any(|w| w.contains("long form") && w.contains("2 indicators")),
        "{report}"
    );
    let value = |n: usize, field: &str| bench.features("indicators")[n].number(field);
    assert_eq!(
        (value(0, "poverty_rate"), value(0, "population")),
        (Some(12.5), Some(1234.0))
    );
    assert_eq!(
        (value(1, "poverty_rate"), value(1, "population")),
        (Some(40.0), None),
        "not known is not 0"
    );
    let plots = [plot(&bench, 0.2, 0.002), plot(&bench, 1.2, 0.002)];
    assert_eq!(
        values(&bench, "field = \"poverty_rate\"", &plots),
        [Some(10.0), Some(40.0)]
    );
    assert_eq!(
        values(&bench, "field = \"population\", year = 2020", &plots),
        [Some(1234.0), None]
    );
    // The units of the table are those of the scenario's criteria.
    for (field, unit) in [("poverty_rate", "%"), ("population", "people")] {
        let measure = format!("field = \"{field}\"");
        let measured = drawn(&bench, &measure, &plots);
        assert_eq!(measured.unit(&scenario(&measure).criteria[0].measure), unit);
    }
}

#[test]
fn two_columns_that_only_sound_so_make_no_long_form() {
    let bench = Bench::new();
    boundaries(&bench, &TOWNS);
    // Without a code no row says which place it is about; with numbers for names nothing is an indicator.
    let table = "pcode,measure,value\n050301,1,5\n050302,2,6\n";
    let report = bench
        .import(Role::Indicators, &bench.file("t.csv", table))
        .unwrap();
    assert_eq!(report.kept, 2, "{report}");
    assert_eq!(bench.features("indicators")[0].number("value"), Some(5.0));
}

/// Divisions were numbered and named anew: what was imported before is still about the same ground.
#[test]
fn a_record_is_found_by_its_outline_where_code_and_name_fail() {
    let bench = Bench::new();
    boundaries(&bench, &TOWNS[..2]);
    let file = bench.file("t.csv", "pcode,name,rate\n050301,Alpha,10\n050302,Borey,20\n");
    bench.import(Role::Indicators, &file).unwrap();
    let plots = [plot(&bench, 0.2, 0.002), plot(&bench, 1.2, 0.002)];
    boundaries(&bench, &[("070901", "Omega", "អូមេហ្គា"), ("070902", "Psi", "ព្សី")]);
    assert_eq!(
        values(&bench, "field = \"rate\"", &plots),
        [Some(10.0), Some(20.0)]
    );
    // Of another cut of the land nothing is known.
    let (w, s) = (104.80, 11.50);
    let (e, n) = (w + 2.0 * SIDE, s + SIDE);
    let shape = format!(
        r#"{{"type":"Polygon","coordinates":[[[{w},{s}],[{e},{s}],[{e},{n}],[{w},{n}],[{w},{s}]]]}}"#
    );
    let file = bench.file(
        "boundaries.geojson",
        geojson(&[(r#"{"code":"070903","name":"Both"}"#, &shape)]),
    );
    bench.import(Role::Boundaries, &file).unwrap();
    assert_eq!(values(&bench, "field = \"rate\"", &plots), [None, None]);
}

#[test]
fn a_sangkat_is_in_the_khan_around_it_where_code_and_name_fail() {
    let bench = Bench::new();
    let (w, s) = (104.80, 11.50);
    let square = |side: f64| {
        let (e, n) = (w + side, s + side);
        format!(r#"{{"type":"Polygon","coordinates":[[[{w},{s}],[{e},{s}],[{e},{n}],[{w},{n}],[{w},{s}]]]}}"#)
    };
    let file = bench.file(
        "boundaries.geojson",
        geojson(&[
            (r#"{"code":"9901","name":"Great"}"#, &square(0.1)),
            (r#"{"code":"880101","name":"Small"}"#, &square(0.02)),
        ]),
    );
    bench.import(Role::Boundaries, &file).unwrap();
    let measured = drawn(&bench, "field = \"rate\"", &[plot(&bench, 0.2, 0.002)]);
    let place = &measured.sites[0].place;
    assert_eq!(place.sangkat.as_ref().unwrap().name.en, "Small");
    assert_eq!(place.khan.as_ref().unwrap().name.en, "Great");
}
