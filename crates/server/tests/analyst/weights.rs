//! `phteah weights`.

use crate::files::Files;

const JUDGEMENTS: &str = "id,slope,drainage,land_use\nslope,1,3,5\ndrainage,1/3,1,3\nland_use,1/5,1/3,1\n";

#[test]
fn the_principal_eigenvector_and_its_consistency() {
    let files = Files::new();
    files.text("pairs.csv", JUDGEMENTS);
    let ended = files.phteah("weights pairs.csv --json").done();
    let json: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let close = |found: &serde_json::Value, expected: f64, tolerance: f64| {
        let found = found.as_f64().unwrap();
        assert!((found - expected).abs() < tolerance, "{found} is not {expected}");
    };
    for (index, expected) in [0.636_986, 0.258_285, 0.104_729].into_iter().enumerate() {
        close(&json["weights"][index], expected, 5e-6);
    }
    close(&json["lambda_max"], 3.038_511, 5e-6);
    close(&json["ci"], 0.019_255, 5e-6);
    close(&json["cr"], 0.0332, 5e-5);
    assert_eq!(json["consistent"], true);
}

#[test]
fn inconsistent_judgements_warn_and_still_answer() {
    let files = Files::new();
    files.text("pairs.csv", "id,a,b,c\na,1,9,1/9\nb,1/9,1,9\nc,9,1/9,1\n");
    let ended = files.phteah("weights pairs.csv").done();
    assert!(ended.out.contains("not consistent"), "{}", ended.out);
    assert!(ended.out.contains("Hurts consistency most"), "{}", ended.out);
    assert!(ended.err.contains("Note:"), "{}", ended.err);
    let json = files
        .phteah("weights pairs.csv --json --random-index tummala-ling --method geometric-mean")
        .done();
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["consistent"], false);
}

#[test]
fn every_pair_that_contradicts_itself_is_named() {
    let files = Files::new();
    files.text("pairs.csv", "id,a,b,c\na,1,3,5\nb,1/2,1,3\nc,1/5,1/4,1\n");
    files
        .phteah("weights pairs.csv --json")
        .refused(1, &["a / b", "b / c"]);
    files.phteah("weights none.csv").refused(1, &["none.csv"]);
    files
        .phteah("weights pairs.csv --method guess")
        .refused(2, &["guess"]);
}

#[test]
fn several_people_are_joined_and_their_consensus_told() {
    let files = Files::new();
    files.text("planner.csv", "id,flood,cost\nflood,1,4\ncost,1/4,1\n");
    // The same criteria in another order: cost is as important as flood.
    files.text("engineer.csv", "id,cost,flood\ncost,1,1\nflood,1,1\n");
    let ended = files.phteah("weights planner.csv engineer.csv --json").done();
    let json: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let flood = json["weights"][0].as_f64().unwrap();
    assert!((flood - 2.0 / 3.0).abs() < 1e-9, "{flood}");
    assert_eq!(json["people"].as_array().map(Vec::len), Some(2));
    let consensus = json["consensus"].as_f64().unwrap();
    assert!(consensus > 0.0 && consensus < 1.0, "{consensus}");
    files.text("other.csv", "id,flood,school\nflood,1,4\nschool,1/4,1\n");
    files
        .phteah("weights planner.csv other.csv")
        .refused(1, &["judges flood, school where the first judges flood, cost"]);
    files.text("broken.csv", "id,flood,cost\nflood,1,4\ncost,4,1\n");
    files
        .phteah("weights broken.csv broken.csv")
        .refused(1, &["broken.csv: flood / cost: is 4 one way and 4 the other"]);
}
