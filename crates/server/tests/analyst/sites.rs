//! `phteah sites`.

use crate::files::Files;

const SCENARIO: &str = include_str!("../../../../geodata/scenarios/default.toml");

#[test]
fn available_parcels_become_sites_with_area_and_capacity() {
    let files = Files::new();
    files.phteah("demo --data data --parcels 2000 --cell 300").done();
    files.text("scenario.toml", SCENARIO);
    let ended = files
        .phteah("sites --data data --scenario scenario.toml --out sites.csv")
        .done();
    assert!(ended.out.contains("Illustrative data"), "{}", ended.out);
    let text = std::fs::read_to_string(files.path("sites.csv")).unwrap();
    assert!(text.starts_with("id,net_area_m2,capacity,compactness,"), "{text}");
    let table = files.table("sites.csv");
    assert!(!table.is_empty());
    for row in table.values() {
        let number = |column: &str| row.text(column).parse::<f64>().unwrap();
        // 35 % for circulation, plots of 4 × 12 m; a billionth of a plot forgives rounding.
        let capacity = (number("net_area_m2") * 0.65 / 48.0 + 1e-9).floor();
        assert!((number("capacity") - capacity).abs() < 0.5, "{row:?}");
        assert!((0.0..=1.0).contains(&number("compactness")), "{row:?}");
        assert!(!row.text("parcels").is_empty());
    }
    files
        .phteah("sites --data data --scenario scenario.toml --out again.csv")
        .done();
    assert_eq!(text, std::fs::read_to_string(files.path("again.csv")).unwrap());
}

#[test]
fn bad_scenarios_and_missing_data_are_refused() {
    let files = Files::new();
    files.text(
        "scenario.toml",
        "method = \"guess\"\n[sites]\nplot_width_m = -4\n",
    );
    files
        .phteah("sites --data data --scenario scenario.toml --out sites.csv")
        .refused(1, &["holds no Phteah data"]);
    files.phteah("demo --data data --parcels 50 --cell 300").done();
    files
        .phteah("sites --data data --scenario scenario.toml --out sites.csv")
        .refused(1, &["method", "plot_width_m"]);
    files
        .phteah("sites --data data --scenario none.toml --out sites.csv")
        .refused(1, &["none.toml"]);
}
