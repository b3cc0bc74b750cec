//! `phteah record`.

use crate::files::Files;

const SCENARIO: &str = include_str!("../../../../geodata/scenarios/default.toml");

fn decided() -> Files {
    let files = Files::new();
    files.phteah("demo --data data --parcels 2000 --cell 300").done();
    files.text("scenario.toml", SCENARIO);
    files
        .phteah("record make --data data --scenario scenario.toml --who Planner --when 2026-01-02T03:04:05Z --notes first --out record.json")
        .done();
    files
}

#[test]
fn a_record_is_recomputed_to_the_last_bit() {
    let files = decided();
    let ended = files.phteah("record verify record.json --data data").done();
    assert!(ended.out.contains("identical"), "{}", ended.out);
    let record: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(files.path("record.json")).unwrap()).unwrap();
    assert_eq!(record["who"], "Planner");
    assert_eq!(record["when"], "2026-01-02T03:04:05Z");
    assert!(!record["inputs"].as_array().unwrap().is_empty());
}

#[test]
fn the_default_scenario_needs_no_file_and_another_build_is_told() {
    let files = Files::new();
    files.phteah("demo --data data --parcels 2000 --cell 300").done();
    files
        .phteah("record make --data data --scenario default --who Planner --out record.json")
        .done();
    let text = std::fs::read_to_string(files.path("record.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&text).unwrap();
    let version = record["version"].as_str().unwrap();
    assert_eq!(version, phteah_server::build_id::VERSION);
    assert!(
        version.contains('+'),
        "the version alone does not tell one build from another"
    );
    files.text("older.json", &text.replace(version, "0.1.0"));
    let older = files.phteah("record verify older.json --data data");
    assert!(older.out.contains("Recorded by version 0.1.0"), "{}", older.out);
}

#[test]
fn a_record_that_was_changed_is_told_apart() {
    let files = decided();
    let text = std::fs::read_to_string(files.path("record.json")).unwrap();
    files.text("forged.json", &text.replace("\"Planner\"", "\"Somebody\""));
    let forged = files.phteah("record verify forged.json --data data");
    forged.refused(1, &["differs"]);
    assert!(forged.out.contains("seal"), "{}", forged.out);
}

#[test]
fn other_data_give_differences_by_layer() {
    let files = decided();
    files
        .phteah("demo --data other --parcels 2000 --cell 300 --seed 2")
        .done();
    let other = files.phteah("record verify record.json --data other");
    other.refused(1, &["differs"]);
    assert!(other.out.contains("input parcels"), "{}", other.out);
    assert!(!other.out.contains("seal:"), "{}", other.out);
}

#[test]
fn what_is_no_record_is_refused() {
    let files = Files::new();
    files.phteah("demo --data data --parcels 50 --cell 300").done();
    files.text("noise.json", "{\"who\": 3");
    files
        .phteah("record verify noise.json --data data")
        .refused(1, &["noise.json", "no decision record"]);
    files
        .phteah("record verify none.json --data data")
        .refused(1, &["none.json"]);
}

#[test]
fn an_override_needs_a_site_of_the_ranking_and_a_reason() {
    let files = decided();
    let line = "record make --data data --scenario scenario.toml --who Planner --out two.json";
    files
        .phteah(&format!("{line} --override nowhere=chosen:asked"))
        .refused(1, &["nowhere"]);
    files
        .phteah(&format!("{line} --override nonsense"))
        .refused(2, &["nonsense"]);
    assert!(!files.path("two.json").exists());
}
