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
    let told: Vec<String> = export.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        told.len(),
        2,
        "the row without an id, and nobody's member: {told:?}"
    );
    assert!(told[0].contains("survey-members.csv, row 4"), "{told:?}");
    assert!(told[1].contains("survey.csv, row 3"), "{told:?}");
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

#[test]
fn a_row_that_slipped_is_told_and_never_read() {
    let csv = format!(
        "KEY,start,today,consent-registration,head-name,place-sangkat\n{KEY},2026-01-20T08:00:00+07:00,2026-01-20,yes,Somebody, Illustrative,120101\n"
    );
    let export = export::read("x.csv", csv.as_bytes(), survey()).unwrap();
    assert!(export.filled.is_empty());
    assert!(
        export.problems[0]
            .to_string()
            .contains("The row has 7 cells, and the first row has 6"),
        "{:?}",
        export.problems
    );
    let twice = format!("KEY,head-name,head-name\n{KEY},A,B\n");
    let error = export::read("x.csv", twice.as_bytes(), survey()).unwrap_err();
    assert!(
        error.to_string().contains("Two columns are called head-name"),
        "{error}"
    );
    // Of the survey's members there is no table: that is said, and no member is taken for absent.
    assert!(
        export.missing_repeats.contains("members"),
        "{:?}",
        export.missing_repeats
    );
}

#[test]
fn an_edited_row_replaces_its_first_answers() {
    let edited = "uuid:99999999-6f0e-4d0a-9c55-1c2d3e4f5a6b";
    let central = format!(
        "KEY,meta-instanceID,today,consent-registration,size,Edits\n{KEY},{edited},2026-01-20,yes,4,1\n"
    );
    let kobo = format!(
        "today;consent/registration;size;_uuid;meta/rootUuid\n2026-01-20;yes;4;{};{KEY}\n",
        edited.trim_start_matches("uuid:")
    );
    let json = json!({"results": [{"_uuid": edited.trim_start_matches("uuid:"), "meta/rootUuid": KEY, "today": "2026-01-20", "size": "4"}]});
    for (name, bytes) in [
        ("central.csv", central.into_bytes()),
        ("kobo.csv", kobo.into_bytes()),
        ("kobo.json", json.to_string().into_bytes()),
    ] {
        let export = export::read(name, &bytes, survey()).unwrap();
        let (submission, _) = &export.filled[0];
        assert_eq!(
            (
                submission.instance_id.as_str(),
                submission.deprecated_id.as_deref()
            ),
            (edited, Some(KEY)),
            "{name}"
        );
        // Where the first answers never came, it stands in their place, with their id.
        let first = submission.in_place_of_the_first().unwrap();
        assert_eq!((first.instance_id.as_str(), &first.deprecated_id), (KEY, &None));
        assert!(!first.canonical().contains("deprecatedID") && first.canonical().contains(KEY));
    }
}

#[test]
fn what_the_other_server_set_aside_and_the_rest_of_a_list_are_told() {
    let one = |more: serde_json::Value| {
        let mut one = json!({"_uuid": KEY.trim_start_matches("uuid:"), "today": "2026-01-20", "size": "4"});
        one.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        one
    };
    let json = json!({"count": 9, "next": "https://example.org/?page=2", "results": [
        one(json!({"_validation_status": {"uid": "validation_status_not_approved"}})),
        one(json!({"__system": {"reviewState": "rejected"}})),
        one(json!({"__system": {"deletedAt": "2026-02-01T00:00:00Z"}})),
        one(json!({"__system": {"reviewState": "hasIssues"}})),
    ]});
    let export = export::read("x.json", json.to_string().as_bytes(), survey()).unwrap();
    assert_eq!(export.filled.len(), 1);
    let told: Vec<String> = export.problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(
        told[0].contains("the first part of the filled forms alone"),
        "{told:?}"
    );
    assert!(told[3].contains("deleted"), "{told:?}");
}

#[test]
fn without_the_familys_yes_nothing_is_kept() {
    let made = |consent: &str, around: &Around| {
        let csv = format!(
            "KEY,today,consent-registration,head-name\n{KEY},2026-01-20,{consent},Somebody Illustrative\n"
        );
        let export = export::read("x.csv", csv.as_bytes(), survey()).unwrap();
        let (submission, _) = &export.filled[0];
        let filled = understand(submission, survey(), &BTreeMap::new());
        let kinds = events(submission, &filled, around);
        kinds
            .iter()
            .map(|event| event["kind"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let fresh = Around::default();
    for refusal in ["no", "", "perhaps"] {
        assert!(made(refusal, &fresh).is_empty(), "{refusal}");
    }
    // Kobo gives labels out as well.
    assert_eq!(made("Yes", &fresh), ["consent_given", "surveyed"]);
    // An edited form that says no takes the agreement back.
    let edited = Around {
        replaces: true,
        ..Around::default()
    };
    assert_eq!(made("no", &edited), ["consent_withdrawn"]);
}

#[test]
fn two_people_with_one_id_stay_two_and_a_position_that_cannot_be_read_is_kept() {
    let id = "11111111-1111-4111-8111-111111111111";
    let json = json!({"results": [{
        "_uuid": KEY.trim_start_matches("uuid:"), "today": "2026-01-20", "consent/registration": "yes", "place/position": "104.9 11.55 0 6",
        "members": [{"members/id": id, "members/name": "One"}, {"members/id": id, "members/name": "Two"}],
    }]});
    let export = export::read("x.json", json.to_string().as_bytes(), survey()).unwrap();
    let event = only(&export);
    let facts = event["facts"].as_object().unwrap();
    let names: Vec<&serde_json::Value> = facts
        .iter()
        .filter(|(path, _)| path.starts_with("members/") && path.ends_with("/name"))
        .map(|(_, name)| name)
        .collect();
    assert_eq!(names.len(), 2, "{facts:?}");
    assert!(names.contains(&&json!("One")) && names.contains(&&json!("Two")));
    assert_eq!(event["answers"]["place/position"], "104.9 11.55 0 6", "{event}");
}

#[test]
fn more_rows_than_an_export_has_are_refused_when_they_are_counted() {
    let rows = |n: usize| format!("KEY,size\n{}", "a,\n".repeat(n));
    let read = |text: String| export::read("survey.csv", text.as_bytes(), survey());
    let said = read(rows(export::MAX_ROWS + 1)).unwrap_err().to_string();
    assert!(said.contains("more than 100000 rows"), "{said}");
    // Tables of one ZIP count together, and rows that are none count as well.
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, columns) in [
        ("survey.csv", "KEY,size"),
        ("survey-members.csv", "KEY,PARENT_KEY"),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        let text = format!("{columns}\n{}", "a\n".repeat(export::MAX_ROWS / 2 + 1));
        zip.write_all(text.as_bytes()).unwrap();
    }
    let zip = zip.finish().unwrap().into_inner();
    assert!(zip.len() < 10_000, "{}", zip.len());
    let said = export::read("survey.zip", &zip, survey())
        .unwrap_err()
        .to_string();
    assert!(said.contains("more than 100000 rows"), "{said}");
}
