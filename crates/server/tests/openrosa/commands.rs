//! The commands, as somebody at the office types them.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::place;
use crate::place::Place;

/// A workbook with one question, in one language.
fn workbook(path: &Path, kind: &str) {
    let mut book = rust_xlsxwriter::Workbook::new();
    let survey = book.add_worksheet().set_name("survey").unwrap();
    for (column, (head, cell)) in [("type", kind), ("name", "nights"), ("label", "Nights a week")]
        .into_iter()
        .enumerate()
    {
        survey.write(0, column as u16, head).unwrap();
        survey.write(1, column as u16, cell).unwrap();
    }
    let settings = book.add_worksheet().set_name("settings").unwrap();
    for (column, (head, cell)) in [("form_id", "nights"), ("form_title", "Nights")]
        .into_iter()
        .enumerate()
    {
        settings.write(0, column as u16, head).unwrap();
        settings.write(1, column as u16, cell).unwrap();
    }
    book.save(path).unwrap();
}

/// Takes a file with one filled survey in, twice: the second time it is known.
fn taken_in_once(place: &Place, path: &Path) {
    let path = path.to_str().unwrap();
    // Whoever begins at the other command is led here.
    let (done, _, error) = place.run(&["registry", "import", path]);
    assert!(!done && error.contains("phteah odk import"), "{error}");
    let import = [
        "odk",
        "import",
        path,
        "--form",
        "survey",
        "--worker",
        "Neary Illustrative",
    ];
    for (stored, known) in [(1, 0), (0, 1)] {
        let taken = place.json(&import);
        assert_eq!(
            (
                taken["stored"].as_u64(),
                taken["known"].as_u64(),
                taken["quarantined_events"].as_u64()
            ),
            (Some(stored), Some(known), Some(0)),
            "{taken}"
        );
    }
}

#[test]
fn a_form_is_added_listed_shown_and_tested() {
    let place = place();
    let dir = place.dir();
    let (book, facts) = (dir.join("nights.xlsx"), dir.join("nights.toml"));
    let (file, mapped) = (book.to_str().unwrap(), facts.to_str().unwrap());
    workbook(&book, "integer");
    std::fs::write(
        &facts,
        "event = \"visited\"\n[facts]\n\"nights\" = \"outcome.nights_a_week\"\n",
    )
    .unwrap();
    let (done, _, error) = place.run(&["form", "add", file, "--facts", mapped]);
    assert!(!done && error.contains("The form has no version"), "{error}");
    let dry = place.json(&[
        "form",
        "add",
        file,
        "--facts",
        mapped,
        "--version",
        "1",
        "--dry-run",
    ]);
    assert_eq!(
        (dry["added"].as_bool(), dry["facts"].as_u64()),
        (Some(false), Some(1))
    );
    assert!(!place.data().join("forms").exists());
    let added = place.json(&["form", "add", file, "--facts", mapped, "--version", "1"]);
    assert_eq!(added["added"], true);
    let again = place.json(&["form", "add", file, "--facts", mapped, "--version", "1"]);
    assert_eq!(again["added"], false);
    workbook(&book, "decimal");
    let (done, _, error) = place.run(&["form", "add", file, "--facts", mapped, "--version", "1"]);
    assert!(!done && error.contains("A version is never changed"), "{error}");
    let list = place.json(&["form", "list"]);
    let ids: Vec<&str> = list["forms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|form| form["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        [
            "nights",
            "not_found",
            "referral",
            "site_task",
            "survey",
            "verification",
            "visit"
        ]
    );
    let shown = place.json(&["form", "show", "nights"]);
    assert_eq!(shown["questions"][0]["fact"], "outcome.nights_a_week");
    let tested = place.json(&["form", "test", "nights"]);
    assert_eq!(tested["odk_validate"], Value::Null);
    // What is wrong is told with its place.
    workbook(&book, "integr");
    let (done, _, error) = place.run(&["form", "add", file, "--version", "2"]);
    assert!(
        !done && error.contains("sheet survey, row 2, column type"),
        "{error}"
    );
    std::fs::write(
        &facts,
        "event = \"visited\"\n[facts]\n\"night\" = \"outcome.nights_a_week\"\n",
    )
    .unwrap();
    workbook(&book, "integer");
    let (done, _, error) = place.run(&["form", "add", file, "--facts", mapped, "--version", "2"]);
    assert!(
        !done && error.contains("line 3") && error.contains("does not have"),
        "{error}"
    );
}

#[test]
fn a_form_of_the_program_becomes_ones_own() {
    let place = place();
    let book = place.dir().join("mine.xlsx");
    let file = book.to_str().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_phteah"))
        .args(["form", "take", "survey", file])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let facts = book.with_extension("toml");
    // Unchanged it is the one that is there; with a version of its own it is a new one.
    let same = place.json(&["form", "add", file, "--facts", facts.to_str().unwrap()]);
    assert_eq!(same["added"], false, "{same}");
    let newer = place.json(&[
        "form",
        "add",
        file,
        "--facts",
        facts.to_str().unwrap(),
        "--version",
        "2",
    ]);
    assert_eq!(
        (newer["added"].as_bool(), newer["version"].as_str()),
        (Some(true), Some("2"))
    );
    let all = place.json(&["form", "list", "--all"]);
    let versions: Vec<&str> = all["forms"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|form| form["id"] == "survey")
        .map(|form| form["version"].as_str().unwrap())
        .collect();
    assert_eq!(versions, ["1", "2"]);
}

#[test]
fn a_token_is_shown_and_an_export_is_taken_in_once() {
    let place = place();
    let dir = place.dir();
    north(&place);
    let (done, _, error) = place.run(&["odk", "token", "--worker", "Neary Illustrative"]);
    assert!(!done && error.contains("--server"), "{error}");
    let svg = dir.join("code.svg");
    let arguments = [
        "odk",
        "token",
        "--worker",
        "Neary Illustrative",
        "--server",
        "https://phteah.example.org",
        "--svg",
        svg.to_str().unwrap(),
    ];
    let token = place.json(&arguments);
    let url = token["settings"]["general"]["server_url"].as_str().unwrap();
    assert!(
        url.starts_with("https://phteah.example.org/odk/key/phteaho_"),
        "{url}"
    );
    assert_eq!(token["settings"]["general"]["app_language"], "km");
    assert!(std::fs::read_to_string(&svg).unwrap().contains("<svg"));
    assert_eq!(place.json(&arguments)["ended"], 1);
    let csv = dir.join("survey.csv");
    std::fs::write(
        &csv,
        "KEY,start,today,consent-registration,place-sangkat,head-name,size\nuuid:0b5b2f3e-6f0e-4d0a-9c55-1c2d3e4f5a6b,2026-01-20T08:00:00+07:00,2026-01-20,yes,120101,Somebody Illustrative,3\n",
    )
    .unwrap();
    let import = [
        "odk",
        "import",
        csv.to_str().unwrap(),
        "--form",
        "survey",
        "--worker",
        "Neary Illustrative",
    ];
    let taken = place.json(&import);
    assert_eq!(
        (taken["stored"].as_u64(), taken["quarantined_events"].as_u64()),
        (Some(1), Some(0)),
        "{taken}"
    );
    let again = place.json(&import);
    assert_eq!(
        (again["stored"].as_u64(), again["known"].as_u64()),
        (Some(0), Some(1)),
        "{again}"
    );
    let shown = place.json(&[
        "registry",
        "show",
        "0b5b2f3e-6f0e-4d0a-9c55-1c2d3e4f5a6b",
        "--why",
        "a test",
    ]);
    assert_eq!(shown["facts"]["size"][0], 3, "{shown}");
}

/// A team with one worker.
fn north(place: &Place) {
    place.json(&["team", "add", "North", "--area", "120101"]);
    place.json(&[
        "account",
        "add",
        "Neary Illustrative",
        "--role",
        "field-worker",
        "--team",
        "North",
    ]);
}

const IMPORTED: &str = "0b5b2f3e-6f0e-4d0a-9c55-1c2d3e4f5a6b";

#[test]
fn a_zip_with_photos_and_repeats_is_taken_in_once() {
    let place = place();
    north(&place);
    let photo = crate::collect::photo(7);
    let main = format!(
        "SubmissionDate,start,today,consent-registration,place-sangkat,head-name,size,dwelling-photo,KEY\n2026-01-20T02:00:00Z,2026-01-20T08:00:00+07:00,2026-01-20,yes,120101,Somebody Illustrative,3,1.jpg,uuid:{IMPORTED}\n"
    );
    let members = format!(
        "id,name,birth_year,PARENT_KEY,KEY\n11111111-1111-4111-8111-111111111111,One,2015,uuid:{IMPORTED},uuid:{IMPORTED}/members[1]\n22222222-2222-4222-8222-222222222222,Two,2018,uuid:{IMPORTED},uuid:{IMPORTED}/members[2]\n"
    );
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in [
        ("survey.csv", main.as_bytes()),
        ("survey-members.csv", members.as_bytes()),
        ("media/1.jpg", photo.as_slice()),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        std::io::Write::write_all(&mut zip, bytes).unwrap();
    }
    let path = place.dir().join("survey.zip");
    std::fs::write(&path, zip.finish().unwrap().into_inner()).unwrap();
    taken_in_once(&place, &path);
    let shown = place.json(&["registry", "show", IMPORTED, "--why", "a test"]);
    let facts = &shown["facts"];
    assert_eq!(
        facts["dwelling.photo"][0],
        phteah_forms::library::sha256(&photo),
        "{shown}"
    );
    assert_eq!(
        facts["members/22222222-2222-4222-8222-222222222222/birth_year"][0], 2018,
        "{shown}"
    );
}

#[test]
fn json_of_another_server_is_taken_in_once() {
    let place = place();
    north(&place);
    let odata = serde_json::json!({"value": [{
        "__id": format!("uuid:{IMPORTED}"), "start": "2026-01-20T08:00:00+07:00", "today": "2026-01-20",
        "consent": {"registration": "yes"}, "place": {"sangkat": "120101"}, "head": {"name": "Somebody Illustrative"}, "size": 3,
        "__system": {"submissionDate": "2026-01-20T02:00:00Z"},
        "members": [{"id": "11111111-1111-4111-8111-111111111111", "name": "One", "birth_year": 2015}],
    }]});
    let path = place.dir().join("survey.json");
    std::fs::write(&path, odata.to_string()).unwrap();
    taken_in_once(&place, &path);
    let shown = place.json(&["registry", "show", IMPORTED, "--why", "a test"]);
    assert_eq!(shown["facts"]["size"][0], 3, "{shown}");
    assert_eq!(
        shown["facts"]["members/11111111-1111-4111-8111-111111111111/birth_year"][0], 2015,
        "{shown}"
    );
}
