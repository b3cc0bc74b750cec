//! A filled form that was taken in comes out again as it was, as far as its event has it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::collections::BTreeMap;
use std::sync::Arc;

use phteah_forms::central_csv::{self, Row};
use phteah_forms::recover::{Beside, Recovered, recover};
use phteah_forms::submission::{Around, Submission, events, understand};
use phteah_forms::{Version, builtin, export};
use phteah_registry::event::Event;

const ONE: &str = "99999999-1111-4111-8111-111111111111";
const TWO: &str = "11111111-2222-4222-8222-222222222222";
const INSTANCE: &str = "uuid:0b5b2f3e-6f0e-4d0a-9c55-1c2d3e4f5a6b";
const HOUSEHOLD: &str = "5b0b2f3e-6f0e-4d0a-9c55-1c2d3e4f5a6b";

fn version(id: &str) -> &'static Arc<Version> {
    builtin::all().iter().find(|version| version.id() == id).unwrap()
}

/// The main event of a filled form, and whether its consent is an event.
fn event_of(xml: &str, version: &Version, files: &BTreeMap<String, String>) -> (Event, bool) {
    let submission = Submission::read(xml.as_bytes()).unwrap();
    let filled = understand(&submission, version, files);
    let mut made = events(&submission, &filled, &Around::default());
    let main = made.pop().unwrap();
    (
        Event::read(main.to_string().as_bytes()).unwrap(),
        !made.is_empty(),
    )
}

fn survey() -> String {
    format!(
        r#"<data id="survey" version="1" xmlns:orx="http://openrosa.org/xforms"><start>2026-01-20T08:00:00.000+07:00</start><end>2026-01-20T08:08:00.000+07:00</end><today>2026-01-20</today><consent><registration>yes</registration></consent><place><position>11.55 104.9 0.0 6.0</position><khan>1201</khan><sangkat>120101</sangkat></place><head><name>ឧទាហរណ៍ &amp; គំរូ</name><sex>female</sex><born>1990</born></head><size>3</size><members><id>{ONE}</id><name>First</name><relation>child</relation><sex>male</sex><birth_year>2015</birth_year><age>11</age><school>yes</school></members><members><id>{TWO}</id><name>Second</name><relation>child</relation><birth_year>2018</birth_year><age>8</age></members><dwelling><tenure>no_title</tenure><flooded>yes</flooded><water>no</water><photo>1.jpg</photo></dwelling><livelihood><work>vendor</work><minutes>20</minutes></livelihood><near>work school</near><meta><entity dataset="households" id="{HOUSEHOLD}" create="1"><label>x</label></entity><orx:instanceID>{INSTANCE}</orx:instanceID></meta></data>"#
    )
}

fn photo() -> BTreeMap<String, String> {
    [("1.jpg".to_owned(), "ab".repeat(32))].into()
}

fn whole() -> Recovered {
    let version = version("survey");
    let (event, consents) = event_of(&survey(), version, &photo());
    let beside = Beside {
        consents,
        endings: [("ab".repeat(32), "jpg")].into(),
        ..Beside::default()
    };
    recover(&event, version, &beside)
}

/// Answers by their places, without those of the record itself.
fn answers(xml: &str, version: &Version) -> (serde_json::Value, serde_json::Value, Option<String>) {
    let submission = Submission::read(xml.as_bytes()).unwrap();
    let hash = "ab".repeat(32);
    let files = [("1.jpg".to_owned(), hash.clone()), (format!("{hash}.jpg"), hash)].into();
    let filled = understand(&submission, version, &files);
    (
        filled.facts.into(),
        filled.answers.into(),
        filled.household.map(|household| household.to_string()),
    )
}

#[test]
fn a_survey_comes_back_as_it_was() {
    let back = whole();
    assert_eq!((back.instance.as_str(), back.lost), (INSTANCE, 0));
    let version = version("survey");
    assert_eq!(answers(&back.xml(), version), answers(&survey(), version));
    let xml = back.xml();
    // The order of members is the one in which they were asked, not that of their ids.
    assert!(xml.find("First").unwrap() < xml.find("Second").unwrap(), "{xml}");
    for part in [
        "<flooded>yes</flooded>",
        "<near>work school</near>",
        "<position>11.55 104.9 0 6.0</position>",
        "<registration>yes</registration>",
        "ឧទាហរណ៍ &amp; គំរូ",
        &format!("<photo>{}.jpg</photo>", "ab".repeat(32)),
        &format!("id=\"{HOUSEHOLD}\" create=\"1\""),
        "<today>2026-01-20</today>",
    ] {
        assert!(xml.contains(part), "{part} is not in {xml}");
    }
    // And again: what comes out is what was taken in.
    let (event, consents) = event_of(
        &xml,
        version,
        &[(format!("{}.jpg", "ab".repeat(32)), "ab".repeat(32))].into(),
    );
    let (first, _) = event_of(&survey(), version, &photo());
    assert!(consents);
    assert_eq!(event.facts, first.facts);
    assert_eq!(event.household, first.household);
}

#[test]
fn tables_are_those_of_central_and_can_be_taken_in() {
    let version = version("survey");
    let row = Row {
        filled: whole(),
        version: "1".to_owned(),
        received: "2026-01-20T02:00:00.000Z".to_owned(),
        submitter: Some(("7".to_owned(), "Neary, Illustrative".to_owned())),
        device: Some("d1".to_owned()),
        edits: 0,
        household: HOUSEHOLD.to_owned(),
    };
    let tables = central_csv::tables("survey", &[version], &[row]);
    let names: Vec<&str> = tables.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["survey.csv", "survey-members.csv"]);
    let read = |bytes: &[u8]| -> Vec<BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_reader(bytes);
        let head: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows = reader.records().map(|row| {
            let row = row.unwrap();
            head.iter().cloned().zip(row.iter().map(str::to_owned)).collect()
        });
        rows.collect()
    };
    let main = read(&tables[0].1);
    assert_eq!(main.len(), 1);
    for (column, cell) in [
        ("SubmissionDate", "2026-01-20T02:00:00.000Z"),
        ("head-name", "ឧទាហរណ៍ & គំរូ"),
        ("place-position-Latitude", "11.55"),
        ("place-position-Longitude", "104.9"),
        ("place-position-Accuracy", "6.0"),
        ("meta-instanceID", INSTANCE),
        ("meta-entity-id", HOUSEHOLD),
        ("KEY", INSTANCE),
        ("SubmitterName", "Neary, Illustrative"),
        ("AttachmentsPresent", "1"),
        ("DeviceID", "d1"),
        ("Edits", "0"),
        ("FormVersion", "1"),
    ] {
        assert_eq!(main[0].get(column).map(String::as_str), Some(cell), "{column}");
    }
    let members = read(&tables[1].1);
    let of = |n: usize, column: &str| members[n][column].as_str();
    assert_eq!(
        (of(0, "name"), of(1, "name"), members.len()),
        ("First", "Second", 2)
    );
    assert_eq!(
        (of(0, "PARENT_KEY"), of(1, "KEY")),
        (INSTANCE, &*format!("{INSTANCE}/members[2]"))
    );
    assert_eq!(of(0, "id"), ONE);
    let first = String::from_utf8(tables[0].1.clone()).unwrap();
    assert!(first.starts_with("SubmissionDate,start,end,today,"), "{first}");
    // What was given out is what can be taken in.
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in &tables {
        zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default())
            .unwrap();
        std::io::Write::write_all(&mut zip, bytes).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    let again = export::read("survey.zip", &bytes, version).unwrap();
    assert!(
        again.problems.is_empty() && again.unknown_columns.is_empty(),
        "{:?}",
        again.unknown_columns
    );
    let (submission, _) = &again.filled[0];
    let filled = understand(submission, version, &BTreeMap::new());
    assert_eq!(filled.household.unwrap().to_string(), HOUSEHOLD);
    assert_eq!(filled.facts[&format!("members/{TWO}/birth_year")], 2018);
}

#[test]
fn what_no_place_is_known_of_is_counted_and_put_nowhere() {
    let version = version("survey");
    // As events were before the order of a repeat's entries was kept: facts by ids, and answers by numbers.
    let (event, _) = event_of(&survey(), version, &photo());
    let mut json: serde_json::Value = serde_json::from_str(&event.canonical()).unwrap();
    let answers = json["answers"].as_object_mut().unwrap();
    let ids: Vec<String> = answers
        .keys()
        .filter(|place| place.ends_with("/id"))
        .cloned()
        .collect();
    assert_eq!(ids.len(), 2);
    for id in ids {
        answers.remove(&id);
    }
    assert!(
        answers.keys().any(|place| place.starts_with("members[2]/")),
        "{answers:?}"
    );
    let old = Event::read(json.to_string().as_bytes()).unwrap();
    let back = recover(&old, version, &Beside::default());
    assert!(back.lost > 0);
    assert!(!back.xml().contains("First"), "{}", back.xml());
    assert!(back.xml().contains("vendor"));
}

#[test]
fn a_form_that_says_more_than_facts_comes_back_with_its_fields() {
    let version = version("not_found");
    let xml = format!(
        r#"<data id="not_found" version="1"><start>2026-03-01T08:00:00+07:00</start><today>2026-03-01</today><household>{HOUSEHOLD}</household><found>gone</found><last_there>2026-02-01</last_there><first_gone>2026-02-20</first_gone><where_to>province</where_to><why>work</why><meta><entity dataset="households" id="{HOUSEHOLD}" update="1" baseVersion="1"/><instanceID>{INSTANCE}</instanceID></meta></data>"#
    );
    let (event, _) = event_of(&xml, version, &BTreeMap::new());
    assert_eq!(event.kind.as_str(), "left");
    let back = recover(&event, version, &Beside::default()).xml();
    for part in [
        "<found>gone</found>",
        "<last_there>2026-02-01</last_there>",
        "<first_gone>2026-02-20</first_gone>",
        "<where_to>province</where_to>",
        "<why>work</why>",
        &format!("<household>{HOUSEHOLD}</household>"),
        "update=\"1\"",
    ] {
        assert!(back.contains(part), "{part} is not in {back}");
    }
}
