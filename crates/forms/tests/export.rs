//! What Central and Kobo give out becomes the same filled forms that Collect would have sent. Column names are those of their documentation:
//! <https://docs.getodk.org/central-submissions/>, <https://support.kobotoolbox.org/export_download.html>.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::sync::Arc;

use phteah_forms::submission::{Around, events, understand};
use phteah_forms::{Version, builtin, export};
use serde_json::json;

const KEY: &str = "uuid:0b5b2f3e-6f0e-4d0a-9c55-1c2d3e4f5a6b";

fn survey() -> &'static Arc<Version> {
    builtin::all()
        .iter()
        .find(|version| version.id() == "survey")
        .unwrap()
}

/// The facts and the household of the only filled form.
fn only(export: &export::Export) -> serde_json::Value {
    assert!(export.problems.is_empty(), "{:?}", export.problems);
    let [(submission, _)] = export.filled.as_slice() else {
        panic!("{} filled forms", export.filled.len());
    };
    assert_eq!(submission.instance_id, KEY);
    let filled = understand(submission, survey(), &BTreeMap::new());
    let around = Around::default();
    let made = events(submission, &filled, &around);
    assert_eq!(made.len(), 2);
    made[1].clone()
}

fn check(event: &serde_json::Value) {
    assert_eq!(event["household"], KEY.trim_start_matches("uuid:"));
    assert_eq!(event["kind"], "surveyed");
    assert_eq!(event["happened_on"], "2026-01-20");
    assert_eq!(event["location"]["lat"], 11.55);
    assert_eq!(event["location"]["accuracy_m"], 6.0);
    let facts = &event["facts"];
    assert_eq!(facts["head.name"], "ឧទាហរណ៍");
    assert_eq!(facts["dwelling.sangkat"], "120101");
    assert_eq!(facts["size"], 3);
    assert_eq!(facts["wish.near"], json!(["work", "school"]));
    let members: Vec<&serde_json::Value> = [
        "11111111-1111-4111-8111-111111111111",
        "22222222-2222-4222-8222-222222222222",
    ]
    .iter()
    .map(|id| &facts[format!("members/{id}/birth_year")])
    .collect();
    assert_eq!(members, [&json!(2015), &json!(2018)]);
}

#[test]
fn central_gives_a_zip_with_a_table_for_each_repeat() {
    let main = format!(
        "SubmissionDate,start,today,consent-registration,place-position-Latitude,place-position-Longitude,place-position-Altitude,place-position-Accuracy,place-sangkat,head-name,size,near,dwelling-photo,members-count,meta-instanceID,KEY,SubmitterID,FormVersion,colour\n\
         2026-01-20T02:00:00.000Z,2026-01-20T08:00:00.000+07:00,2026-01-20,yes,11.55,104.9,0,6,120101,ឧទាហរណ៍,3,work school,1.jpg,2,{KEY},{KEY},7,1,red\n\
         2026-01-20T02:00:00.000Z,,,,,,,,,,,,,,,,7,1,\n"
    );
    let members = format!(
        "id,name,relation,sex,birth_year,PARENT_KEY,KEY\n\
         11111111-1111-4111-8111-111111111111,\"One, Illustrative\",child,male,2015,{KEY},{KEY}/members[1]\n\
         22222222-2222-4222-8222-222222222222,Two,child,female,2018,{KEY},{KEY}/members[2]\n\
         33333333-3333-4333-8333-333333333333,Nobody's,child,female,2018,uuid:other,uuid:other/members[1]\n"
    );
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in [
        ("survey.csv", main.as_str()),
        ("survey-members.csv", &members),
        ("media/1.jpg", "photo"),
        ("media/../../x", "no"),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    let mut export = export::read("survey.zip", &bytes, survey()).unwrap();
    assert_eq!(
        export.problems.len(),
        1,
        "the row without an id is told: {:?}",
        export.problems
    );
    assert!(
        export.problems[0].to_string().contains("row 3"),
        "{:?}",
        export.problems
    );
    export.problems.clear();
    check(&only(&export));
    assert_eq!(export.filled[0].1.as_deref(), Some("2026-01-20T02:00:00.000Z"));
    assert_eq!(export.media.keys().collect::<Vec<_>>(), ["1.jpg", "x"]);
    assert!(
        export.unknown_columns.contains("colour"),
        "{:?}",
        export.unknown_columns
    );
    assert!(!export.unknown_columns.contains("SubmitterID"));
}

#[test]
fn kobo_gives_slashes_semicolons_and_its_own_columns() {
    let csv = format!(
        "\u{feff}start;today;consent/registration;place/position;_place/position_latitude;place/sangkat;head/name;size;near;near/work;_id;_uuid;_submission_time\n\
         2026-01-20T08:00:00.000+07:00;2026-01-20;yes;11.55 104.9 0 6;11.55;120101;ឧទាហរណ៍;3;work school;1;17;{};2026-01-20T02:00:00\n",
        KEY.trim_start_matches("uuid:")
    );
    let export = export::read("all.csv", csv.as_bytes(), survey()).unwrap();
    let event = only(&export);
    assert_eq!(event["facts"]["head.name"], "ឧទាហរណ៍");
    assert_eq!(event["location"]["lon"], 104.9);
    assert_eq!(export.unknown_columns.iter().collect::<Vec<_>>(), ["near/work"]);
}

#[test]
fn kobos_interface_gives_repeats_in_one_another() {
    let json = json!({"count": 1, "results": [{
        "_id": 17, "_uuid": KEY.trim_start_matches("uuid:"), "meta/instanceID": KEY, "start": "2026-01-20T08:00:00.000+07:00", "today": "2026-01-20",
        "consent/registration": "yes", "place/position": "11.55 104.9 0 6", "place/sangkat": "120101", "head/name": "ឧទាហរណ៍", "size": "3", "near": "work school",
        "members": [
            {"members/id": "11111111-1111-4111-8111-111111111111", "members/name": "One", "members/birth_year": "2015"},
            {"members/id": "22222222-2222-4222-8222-222222222222", "members/name": "Two", "members/birth_year": "2018"},
        ],
        "_attachments": [], "_submission_time": "2026-01-20T02:00:00",
    }]});
    let export = export::read("kobo.json", json.to_string().as_bytes(), survey()).unwrap();
    check(&only(&export));
}

#[test]
fn centrals_interface_gives_groups_as_objects() {
    let json = json!({"value": [{
        "__id": KEY, "__system": {"submissionDate": "2026-01-20T02:00:00.000Z"}, "start": "2026-01-20T08:00:00.000+07:00", "today": "2026-01-20",
        "consent": {"registration": "yes"},
        "place": {"position": {"type": "Point", "coordinates": [104.9, 11.55, 0], "properties": {"accuracy": 6}}, "sangkat": "120101"},
        "head": {"name": "ឧទាហរណ៍", "nickname": null}, "size": 3, "near": "work school",
        "members": [
            {"__id": "a", "id": "11111111-1111-4111-8111-111111111111", "name": "One", "birth_year": 2015},
            {"__id": "b", "id": "22222222-2222-4222-8222-222222222222", "name": "Two", "birth_year": 2018},
        ],
    }]});
    let export = export::read("central.json", json.to_string().as_bytes(), survey()).unwrap();
    check(&only(&export));
}

#[test]
fn the_same_row_gives_the_same_events_and_what_is_no_export_is_told() {
    let csv = format!(
        "KEY,start,today,consent-registration,size\n{KEY},2026-01-20T08:00:00+07:00,2026-01-20,yes,3\n"
    );
    let made = || {
        let export = export::read("x.csv", csv.as_bytes(), survey()).unwrap();
        (only(&export), export.filled[0].0.canonical())
    };
    assert_eq!(made(), made());
    for (name, bytes) in [
        ("x.xlsx", &b""[..]),
        ("x.json", b"{"),
        ("x.json", b"{\"a\":1}"),
        ("x.zip", b"no"),
        ("x.csv", b"a,b\n1,2\n\xff\n"),
    ] {
        assert!(export::read(name, bytes, survey()).is_err(), "{name}");
    }
}
