//! The decision record: it verifies after a round through JSON, and says what differs when something does.

use phteah_planning::canonical;
use phteah_planning::decision::{Ranking, decide};
use phteah_planning::matrix::{Cell, Column, Matrix, Unknown};
use phteah_planning::record::{Choice, Input, Override, Record, RecordFault, RecordMistake, Signature};
use phteah_planning::scenario::Scenario;
use proptest::prelude::*;

fn scenario() -> Scenario {
    let text = r#"
        title = { en = "Where next", km = "ទៅណាបន្ទាប់" }
        [[criterion]]
        id = "area"
        measure = { kind = "area" }
        weight = 3
        value = { kind = "logistic", midpoint = 5000, slope = 0.001 }
        [[criterion]]
        id = "price"
        measure = { kind = "land_price" }
        weight = 1
        value = { kind = "linear", worst = 300, best = 20 }
    "#;
    Scenario::parse(text).expect("parses")
}

fn ranking(price: f64) -> Ranking {
    let mut matrix = Matrix::new(["s1", "s2", "s3"].map(String::from).to_vec()).expect("ids differ");
    matrix
        .push(
            "area",
            Column::numbers(vec![1234.5, 9876.1, 4321.7]).expect("finite"),
        )
        .expect("fits");
    matrix
        .push(
            "land_price",
            Column::numbers(vec![33.3, price, 250.0]).expect("finite"),
        )
        .expect("fits");
    decide(&scenario(), &matrix).expect("decides")
}

fn inputs(hash: &str) -> Vec<Input> {
    let input = |layer: &str, hash: &str| Input {
        layer: layer.into(),
        role: layer.into(),
        hash: hash.into(),
        illustrative: true,
    };
    vec![input("roads", hash), input("parcels", "aa")]
}

fn signature() -> Signature {
    Signature {
        version: "0.1.0".into(),
        who: "planner".into(),
        when: "2026-01-02T03:04:05Z".into(),
        notes: "after the visit".into(),
        chosen: Vec::new(),
        overrides: vec![Override {
            alternative: "s3".into(),
            decision: "taken before s2".into(),
            reason: "the families asked for it".into(),
            who: "planner".into(),
            when: "2026-01-02T03:04:05Z".into(),
        }],
    }
}

/// Nothing but who decided.
fn undersigned() -> Signature {
    Signature {
        who: "planner".into(),
        ..Signature::default()
    }
}

/// The one mistake that a signature has.
fn fault(signature: Signature) -> RecordFault {
    let refused = Record::seal(&scenario(), inputs("bb"), &ranking(99.9), signature).expect_err("is wrong");
    assert_eq!(refused.0.len(), 1, "{refused}");
    refused.0[0].clone()
}

fn record() -> Record {
    Record::seal(&scenario(), inputs("bb"), &ranking(99.9), signature()).expect("is whole")
}

#[test]
fn a_record_read_back_is_identical() {
    let text = serde_json::to_string_pretty(&record()).expect("serialises");
    let read: Record = serde_json::from_str(&text).expect("reads");
    assert_eq!(read, record());
    assert_eq!(read.differences(&inputs("bb"), &ranking(99.9)), []);
}

#[test]
fn the_seal_is_the_same_on_every_machine() {
    assert_eq!(
        record().seal,
        "f24df4ec81725bd74e4daee23f4f754484580a256cfd3e1f671f204bb22df0da"
    );
}

#[test]
fn what_differs_is_named() {
    let what = |record: &Record, inputs: &[Input], price: f64| -> Vec<String> {
        record
            .differences(inputs, &ranking(price))
            .into_iter()
            .map(|one| one.what)
            .collect()
    };
    let sealed = record();
    assert_eq!(what(&sealed, &inputs("cc"), 99.9), ["input roads"]);
    assert_eq!(what(&sealed, &inputs("bb")[..1], 99.9), ["input parcels"]);
    assert_eq!(
        what(&sealed, &inputs("bb"), 99.8),
        ["result s2"],
        "a score that differs in its fourth decimal"
    );
    let forged = |forge: fn(&mut serde_json::Value)| -> Record {
        let mut json = serde_json::to_value(&sealed).expect("serialises");
        forge(&mut json);
        serde_json::from_value(json).expect("reads")
    };
    let notes = forged(|json| json["notes"] = "nothing to see".into());
    assert_eq!(what(&notes, &inputs("bb"), 99.9), ["seal"]);
    let rank = forged(|json| json["result"][0]["rank"] = 2.into());
    assert_eq!(what(&rank, &inputs("bb"), 99.9), ["seal", "result s2"]);
    let added = forged(|json| json["approved"] = true.into());
    assert_eq!(what(&added, &inputs("bb"), 99.9), ["seal"]);
}

/// As an earlier version wrote it, whose scenarios knew no road reserve.
#[test]
fn a_record_of_an_earlier_version_is_still_intact() {
    let mut json = serde_json::to_value(record()).expect("serialises");
    let sites = json["scenario"]["sites"].as_object_mut().expect("is a table");
    assert!(sites.remove("road_reserve_m").is_some());
    json["seal"] = "".into();
    json["seal"] = canonical::digest(&json).into();
    let read: Record = serde_json::from_value(json).expect("reads");
    assert!(read.is_intact());
    assert_eq!(read.differences(&inputs("bb"), &ranking(99.9)), []);
}

/// As it was written before there were rules of order: no format 2, no key in the scenario, the middle of what is open for
/// what is not known, and an unreachable school among it.
#[test]
fn a_record_from_before_the_rules_verifies_as_it_was_sealed() {
    let text = r#"
        title = { en = "t", km = "t" }
        [[criterion]]
        id = "area"
        measure = { kind = "area" }
        weight = 1
        value = { kind = "linear", worst = 0, best = 100 }
        [[criterion]]
        id = "school"
        measure = { kind = "travel_time", service = "primary_school", mode = "walk" }
        weight = 3
        value = { kind = "linear", worst = 60, best = 0 }
    "#;
    let scenario = Scenario::parse(text).expect("parses");
    let mut matrix = Matrix::new(["s1", "s2"].map(String::from).to_vec()).expect("ids differ");
    matrix
        .push("area", Column::numbers(vec![40.0, 80.0]).expect("finite"))
        .expect("fits");
    let school = [
        Cell::Unknown(Unknown::Unreachable),
        Cell::Unknown(Unknown::NoData),
    ];
    matrix
        .push(
            "travel_time_walk_primary_school",
            Column::from_cells(school).expect("fits"),
        )
        .expect("fits");
    let today = decide(&scenario, &matrix).expect("decides");
    assert_eq!(
        today.rank,
        [Some(1), None],
        "three quarters of the second are unknown"
    );
    let mut json =
        serde_json::to_value(Record::seal(&scenario, inputs("bb"), &today, undersigned()).expect("is whole"))
            .expect("serialises");
    json["format"] = 1.into();
    json["scenario"]
        .as_object_mut()
        .expect("is a table")
        .remove("order");
    let placed = |id: &str, rank: u32, lowest: f64| {
        serde_json::json!({ "id": id, "rank": rank, "score": lowest + 0.375, "lowest": lowest, "highest": lowest + 0.75,
            "standing": { "best": 1, "worst": 2 }, "status": "ranked" })
    };
    json["result"] = serde_json::json!([placed("s2", 1, 0.2), placed("s1", 2, 0.1)]);
    json["seal"] = "".into();
    json["seal"] = canonical::digest(&json).into();
    let read: Record = serde_json::from_value(json).expect("reads");
    let again = decide(&read.scenario, &matrix).expect("decides");
    assert_eq!(read.differences(&inputs("bb"), &again), []);
}

/// As format 2 wrote it: a site that may yet be excluded stood among the others by its score.
#[test]
fn a_record_that_ordered_by_score_alone_verifies_as_it_was_sealed() {
    let text = r#"
        title = { en = "t", km = "t" }
        [[criterion]]
        id = "area"
        measure = { kind = "area" }
        weight = 1
        value = { kind = "linear", worst = 0, best = 100 }
        [[exclusion]]
        measure = { kind = "slope" }
        at_most = 10
        reason = { en = "Too steep", km = "ចោតពេក" }
    "#;
    let scenario = Scenario::parse(text).expect("parses");
    let mut matrix = Matrix::new(["s1", "s2"].map(String::from).to_vec()).expect("ids differ");
    matrix
        .push("area", Column::numbers(vec![40.0, 80.0]).expect("finite"))
        .expect("fits");
    let slope = [Cell::Known(5.0), Cell::Unknown(Unknown::NoData)];
    matrix
        .push("slope", Column::from_cells(slope).expect("fits"))
        .expect("fits");
    let today = decide(&scenario, &matrix).expect("decides");
    assert_eq!(today.rank, [Some(1), Some(2)], "the second may be too steep");
    let record = Record::seal(&scenario, inputs("bb"), &today, undersigned()).expect("is whole");
    assert_eq!(record.format, 3);
    let mut json = serde_json::to_value(record).expect("serialises");
    json["format"] = 2.into();
    let placed = |id: &str, rank: u32, score: f64, status: &str| {
        serde_json::json!({ "id": id, "rank": rank, "score": score, "lowest": score, "highest": score,
            "standing": { "best": 1, "worst": rank }, "status": status })
    };
    json["result"] = serde_json::json!([
        placed("s2", 1, 0.8, "exclusion_unknown"),
        placed("s1", 2, 0.4, "ranked")
    ]);
    json["seal"] = "".into();
    json["seal"] = canonical::digest(&json).into();
    let read: Record = serde_json::from_value(json).expect("reads");
    let again = decide(&read.scenario, &matrix).expect("decides");
    assert_eq!(again.rank, [Some(2), Some(1)]);
    assert_eq!(read.differences(&inputs("bb"), &again), []);
}

#[test]
fn an_override_needs_a_reason_and_a_site() {
    let with = |alternative: &str, reason: &str| {
        let mut signature = signature();
        signature.overrides[0].alternative = alternative.into();
        signature.overrides[0].reason = reason.into();
        fault(signature)
    };
    assert_eq!(with("s3", " ").what, RecordMistake::NoReason);
    assert_eq!(with("s9", "why not").what, RecordMistake::StrangeSite);
    assert_eq!(
        with("s9", "why not").to_string(),
        "overrides[0].site (s9) names no site of this ranking."
    );
}

#[test]
fn a_decision_has_somebody_who_took_it_and_keeps_to_the_limits() {
    let unsigned = Signature {
        who: " ".into(),
        ..signature()
    };
    assert_eq!(fault(unsigned).to_string(), "decided_by must say who decided.");
    let wordy = Signature {
        notes: "ក".repeat(20_001),
        ..signature()
    };
    assert_eq!(
        fault(wordy).to_string(),
        "notes must have 20000 characters at the most."
    );
    let mut long = signature();
    long.overrides[0].reason = "x".repeat(2_001);
    assert_eq!(fault(long).what, RecordMistake::TooLong { most: 2_000 });
    let mut many = signature();
    many.overrides = vec![many.overrides[0].clone(); 1_001];
    assert_eq!(fault(many).what, RecordMistake::TooMany { most: 1_000 });
    let both = Signature {
        who: String::new(),
        notes: "x".repeat(20_001),
        ..signature()
    };
    let refused = both.check(&ranking(99.9)).expect_err("is wrong");
    assert_eq!(refused.0.len(), 2, "{refused}");
}

#[test]
fn what_was_chosen_is_sealed_with_its_reason() {
    let choice = |alternative: &str, reason: &str| Choice {
        alternative: alternative.into(),
        reason: reason.into(),
    };
    let seal = |chosen: Vec<Choice>| {
        let signature = Signature {
            chosen,
            ..signature()
        };
        Record::seal(&scenario(), inputs("bb"), &ranking(99.9), signature)
    };
    let sealed = seal(vec![choice("s1", "the school is near")]).expect("is whole");
    assert_ne!(sealed.seal, record().seal);
    let text = serde_json::to_string(&sealed).expect("serialises");
    let read: Record = serde_json::from_str(&text).expect("reads");
    assert_eq!(read.chosen, sealed.chosen);
    assert_eq!(read.differences(&inputs("bb"), &ranking(99.9)), []);
    let changed: Record = serde_json::from_str(&text.replace("school", "market")).expect("reads");
    assert!(!changed.is_intact());

    let wrong = |chosen: Vec<Choice>| {
        fault(Signature {
            chosen,
            ..signature()
        })
        .what
    };
    assert_eq!(wrong(vec![choice("s1", "  ")]), RecordMistake::NoReasonToChoose);
    assert_eq!(wrong(vec![choice("s99", "why not")]), RecordMistake::StrangeSite);
    assert_eq!(
        wrong(vec![choice("s1", "once"), choice("s1", "again")]),
        RecordMistake::ChosenTwice
    );
}

#[test]
fn a_record_without_choices_is_written_as_before_there_were_any() {
    let json = serde_json::to_value(record()).expect("serialises");
    assert!(json.get("chosen").is_none());
}

#[test]
fn the_canonical_encoding_sees_content_and_not_spelling() {
    let digest =
        |text: &str| canonical::digest(&serde_json::from_str::<serde_json::Value>(text).expect("is JSON"));
    assert_eq!(
        digest(r#"{"a": 1, "b": [2.0]}"#),
        digest(r#"{"b":[2],"a":1.0,"c":null}"#)
    );
    assert_ne!(digest(r#"["ab", "c"]"#), digest(r#"["a", "bc"]"#));
    assert_ne!(digest("[[], []]"), digest("[[[]]]"));
    assert_ne!(digest("9007199254740993"), digest("9007199254740992"));
    assert_eq!(digest("0.0"), digest("-0.0"));
}

proptest! {
    #[test]
    fn any_number_survives_the_round_through_json(bits: u64) {
        let number = f64::from_bits(bits);
        prop_assume!(number.is_finite());
        let text = serde_json::to_string(&number).expect("serialises");
        prop_assert_eq!(serde_json::from_str::<f64>(&text).expect("reads").to_bits(), bits);
    }
}
