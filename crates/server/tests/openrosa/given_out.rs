//! A team's own records out again, as ODK Central gives them out.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::path::Path;

use jiff::Timestamp;
use phteah_registry::event::EventId;
use phteah_store::registry::{Clocks, Incoming};
use phteah_store::{NewAccount, Role};

use super::office;
use crate::collect::{Office, answers, file, photo, random, survey, uuid, visit};

fn instance() -> String {
    format!("uuid:{}", uuid())
}

/// The files of a ZIP.
fn unpacked(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(std::fs::read(path).unwrap())).unwrap();
    let mut files = BTreeMap::new();
    for n in 0..zip.len() {
        let mut part = zip.by_index(n).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        files.insert(part.name().unwrap().into_owned(), bytes);
    }
    files
}

/// A table's rows by their columns.
fn rows(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(files[name].as_slice());
    let head: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        head.iter().cloned().zip(row.iter().map(str::to_owned)).collect()
    });
    rows.collect()
}

fn hide(office: &Office, household: &str) {
    let now = Timestamp::now();
    let heads = office.known(household).heads;
    let event = serde_json::json!({
        "id": EventId::new(now, random()).to_string(), "household": household, "kind": "corrected",
        "after": heads.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "happened_on": "2026-03-02", "recorded_at": "2026-03-02T03:00:00Z", "facts": {"protection.hidden": true},
    });
    let incoming = vec![Incoming::read(&event.to_string())];
    let clocks = Clocks { now, offset: None };
    office
        .registry()
        .push(&office.store.command_line(), incoming, clocks)
        .unwrap();
}

fn path(office: &Office, name: &str) -> String {
    office.place.dir().join(name).to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_form_has_recorded_comes_out_sealed_and_is_opened_with_a_reason() {
    let office = office();
    let phone = office.collect("Neary Illustrative", "North");
    let (open, hidden) = (uuid(), uuid());
    let (first, edited) = (instance(), instance());
    let xml = survey(&first, &open, "120101", "<photo>1.jpg</photo>");
    assert_eq!(
        phone.post(&[answers(&xml), file("1.jpg", photo(5))]).await.status,
        201
    );
    phone
        .fills(
            &survey(&edited, &open, "120101", "<photo>1.jpg</photo>")
                .replace("<size>2<", "<size>4<")
                .replace("</meta>", &format!("<deprecatedID>{first}</deprecatedID></meta>")),
        )
        .await;
    phone
        .fills(
            &survey(&instance(), &hidden, "120101", "").replace("Second Illustrative", "Somebody in danger"),
        )
        .await;
    hide(&office, &hidden);
    let sealed = path(&office, "survey.sealed");
    let done = office.place.json(&["odk", "export", &sealed, "--form", "survey"]);
    assert_eq!(
        (done["filled"].as_u64(), done["sealed"].as_bool()),
        (Some(1), Some(true)),
        "{done}"
    );
    let bytes = std::fs::read(&sealed).unwrap();
    assert!(!bytes.windows(2).any(|two| two == b"PK" && bytes.starts_with(two)));
    for secret in ["Second Illustrative", "survey.csv"] {
        assert!(
            !bytes.windows(secret.len()).any(|part| part == secret.as_bytes()),
            "{secret}"
        );
    }
    // Nothing is written over, and nothing is opened without a reason.
    let (done, _, error) = office.place.run(&["odk", "export", &sealed, "--form", "survey"]);
    assert!(!done && error.contains("cannot be made"), "{error}");
    let zip = path(&office, "survey.zip");
    let (done, _, error) = office.place.run(&["odk", "open", &sealed, &zip]);
    assert!(!done && error.contains("Say why"), "{error}");
    assert!(!Path::new(&zip).exists());
    office
        .place
        .json(&["odk", "open", &sealed, &zip, "--why", "our own analysis"]);
    let files = unpacked(Path::new(&zip));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let media = format!("media/{}.jpg", phteah_forms::library::sha256(&photo(5)));
    assert_eq!(names, [media.as_str(), "survey-members.csv", "survey.csv"]);
    assert_eq!(files[&media], photo(5));
    let main = rows(&files, "survey.csv");
    assert_eq!(
        main.len(),
        1,
        "an edited one stands once, as it was left; a hidden household not at all"
    );
    for (column, cell) in [
        ("KEY", edited.as_str()),
        ("size", "4"),
        ("Edits", "1"),
        ("head-born", "1990"),
        ("place-sangkat", "120101"),
        ("SubmitterName", "Neary Illustrative"),
        ("meta-entity-id", &open),
        ("FormVersion", "1"),
    ] {
        assert_eq!(main[0][column], cell, "{column}");
    }
    let members = rows(&files, "survey-members.csv");
    assert_eq!(
        (members.len(), members[0]["PARENT_KEY"].as_str()),
        (1, edited.as_str())
    );
    let all: Vec<u8> = files.into_values().flatten().collect();
    assert!(!all.windows(18).any(|part| part == b"Somebody in danger"));
    // A file that was cut off or changed is told.
    let cut = path(&office, "cut.sealed");
    std::fs::write(&cut, &bytes[..bytes.len() - 1]).unwrap();
    let out = path(&office, "cut.zip");
    let (done, _, error) = office.place.run(&["odk", "open", &cut, &out, "--why", "a test"]);
    assert!(!done && error.contains("cut off"), "{error}");
    assert!(!Path::new(&out).exists());
    let (done, _, error) = office.place.run(&["odk", "open", &zip, &out, "--why", "a test"]);
    assert!(!done && error.contains("no file that"), "{error}");
    // All of it stands in the audit.
    let audit = office.place.json(&["audit", "list", "--registry"]).to_string();
    for word in [
        "form_exported",
        "form survey",
        "odk-csv, sealed",
        "sealed_file_opened",
        "our own analysis",
    ] {
        assert!(audit.contains(word), "{word} is not in {audit}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn xml_is_what_collect_sends_and_can_be_sent_again() {
    let office = office();
    let phone = office.collect("Neary Illustrative", "North");
    let household = uuid();
    phone.fills(&survey(&instance(), &household, "120101", "")).await;
    let id = instance();
    let sent = visit(
        &id,
        &household,
        6,
        "baseVersion=\"1\" trunkVersion=\"\" branchId=\"\"",
    );
    phone.fills(&sent).await;
    let zip = path(&office, "visit.zip");
    let xml = ["odk", "export", &zip, "--form", "visit", "--as", "xml", "--open"];
    let (done, _, error) = office.place.run(&xml);
    assert!(!done && error.contains("Say why"), "{error}");
    let (done, _, error) = office
        .place
        .run(&[&xml[..], &["--why", "handed to the ministry"]].concat());
    assert!(done, "{error}");
    let files = unpacked(Path::new(&zip));
    assert!(
        files.contains_key("visit/visit-1.xml"),
        "the form itself: {:?}",
        files.keys()
    );
    let folder = id.replace(':', "_");
    let back = String::from_utf8(files[&format!("visit/instances/{folder}/submission.xml")].clone()).unwrap();
    for part in [
        "<nights>6</nights>",
        "<resident>yes</resident>",
        "<toilet>unknown</toilet>",
        "<grievance>no</grievance>",
    ] {
        assert!(back.contains(part), "{part} is not in {back}");
    }
    // Another deployment takes it in as the same filled form, about the same household.
    let other = super::office();
    let there = other.collect("Other Illustrative", "North");
    there.fills(&survey(&instance(), &household, "120101", "")).await;
    there.fills(&back).await;
    assert_eq!(
        crate::collect::fact(&other.known(&household), "outcome.nights_a_week"),
        "6"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_takes_out_what_a_coordinator_may_read() {
    let office = office();
    let (north, south) = (
        office.collect("North Illustrative", "North"),
        office.collect("South Illustrative", "South"),
    );
    let (one, two) = (uuid(), uuid());
    north.fills(&survey(&instance(), &one, "120101", "")).await;
    south.fills(&survey(&instance(), &two, "120201", "")).await;
    let (root, now) = (office.store.command_line(), Timestamp::now());
    for (name, role) in [
        ("Chief Illustrative", Role::Coordinator),
        ("Plan Illustrative", Role::Planner),
    ] {
        let new = NewAccount {
            name,
            roles: &[role],
            teams: &["South"],
        };
        office.store.add_account(&root, &new, &random(), "", now).unwrap();
    }
    let zip = path(&office, "south.zip");
    let export = |name: &str, who: &str| {
        let file = path(&office, name);
        office.place.run(&[
            "odk", "export", &file, "--form", "survey", "--open", "--why", "a test", "--for", who,
        ])
    };
    let (done, _, error) = export("south.zip", "Chief Illustrative");
    assert!(done, "{error}");
    let main = rows(&unpacked(Path::new(&zip)), "survey.csv");
    assert_eq!(main.len(), 1);
    assert_eq!(main[0]["meta-entity-id"], two);
    for who in ["Plan Illustrative", "North Illustrative"] {
        let (done, _, error) = export("nothing.zip", who);
        assert!(!done, "{who}: {error}");
        assert!(!Path::new(&path(&office, "nothing.zip")).exists());
    }
    let (done, _, error) = export("nobody.zip", "Nobody");
    assert!(!done && error.contains("no account Nobody"), "{error}");
}
