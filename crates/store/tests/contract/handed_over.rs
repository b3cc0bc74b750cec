//! What a phone hands over as a file comes in as if it had been sent. The bytes are those that the field app writes
//! (`web/src/field/sync/sync.test.ts`).
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests do")]

use phteah_registry::event::HouseholdId;
use phteah_store::registry::Taken;
use phteah_store::{AnswerableTasks, Role};

use super::place;
use crate::field::{Deployment, NORTH, household, now, survey};

const QUEUE: &str = include_str!("../../../../tests/vectors/hand-over.json");

fn take(deployment: &Deployment, text: &str) -> phteah_store::Result<Taken> {
    let phone = deployment.store.accounts(&deployment.root).unwrap();
    let worker = phone
        .iter()
        .find(|account| account.name == "Sok Illustrative")
        .unwrap();
    let actor = deployment
        .store
        .in_the_stead_of(&deployment.root, &worker.id)
        .unwrap();
    deployment
        .registry
        .take_file(&actor, &AnswerableTasks::default(), &mut text.as_bytes(), now())
}

fn counts(taken: &Taken) -> (usize, usize, usize) {
    (taken.stored, taken.duplicates, taken.quarantined_count)
}

fn marks(deployment: &Deployment) -> Vec<Vec<String>> {
    marks_of(
        deployment,
        "7f3c2a10-5b1e-4c7d-9a2f-0000000000b1".parse().unwrap(),
    )
}

fn marks_of(deployment: &Deployment, household: HouseholdId) -> Vec<Vec<String>> {
    let chief = deployment.person(&format!("Chief of {household}"), Role::Coordinator, "North");
    let known = deployment
        .registry
        .household(&chief, household, "", now())
        .unwrap();
    known.events.into_iter().map(|stored| stored.marks).collect()
}

#[test]
fn a_queue_of_several_lines_is_taken_in_whole_and_twice() {
    let deployment = Deployment::on(place());
    deployment.person("Sok Illustrative", Role::FieldWorker, "North");
    assert_eq!(counts(&take(&deployment, QUEUE).unwrap()), (3, 0, 0));
    assert_eq!(counts(&take(&deployment, QUEUE).unwrap()), (0, 3, 0));
    // The phone's clock was two hours slow when it last met the server's.
    assert_eq!(marks(&deployment), [["clock_wrong"]; 3]);
}

#[test]
fn the_shape_of_the_lines_does_not_matter() {
    let deployment = Deployment::on(place());
    deployment.person("Sok Illustrative", Role::FieldWorker, "North");
    let value: serde_json::Value = serde_json::from_str(QUEUE).unwrap();
    let spread = serde_json::to_string_pretty(&value).unwrap();
    assert_eq!(counts(&take(&deployment, &spread).unwrap()), (3, 0, 0));
    let windows = format!("\u{feff}\r\n{}", QUEUE.replace('\n', "\r\n"));
    assert_eq!(counts(&take(&deployment, &windows).unwrap()), (0, 3, 0));
    assert_eq!(counts(&take(&deployment, &value.to_string()).unwrap()), (0, 3, 0));
    let lines: Vec<String> = value["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(counts(&take(&deployment, &lines.join("\n")).unwrap()), (0, 3, 0));
}

#[test]
fn of_a_file_that_is_cut_off_the_whole_events_come_in_and_the_rest_is_kept() {
    let deployment = Deployment::on(place());
    deployment.person("Sok Illustrative", Role::FieldWorker, "North");
    let cut = &QUEUE[..QUEUE.rfind("nobody_there").unwrap()];
    let taken = take(&deployment, cut).unwrap();
    assert_eq!(counts(&taken), (2, 0, 1));
    assert_eq!(
        (taken.quarantined[0].0, taken.quarantined[0].1.as_str()),
        (4, "json_invalid")
    );
    assert_eq!(marks(&deployment), [["clock_wrong"]; 2]);
    let nothing_whole = &QUEUE[..QUEUE.find("registration").unwrap()];
    assert!(take(&deployment, nothing_whole).unwrap_err().is_usage());
    assert!(
        take(&deployment, "<html>\n<title>Sign in</title>\n</html>")
            .unwrap_err()
            .is_usage()
    );
}

#[test]
fn a_bad_event_is_told_by_its_line_and_stops_no_other() {
    let deployment = Deployment::on(place());
    deployment.person("Sok Illustrative", Role::FieldWorker, "North");
    let bad = QUEUE.replacen("\"kind\":\"surveyed\"", "\"kind\":7", 1);
    let taken = take(&deployment, &bad).unwrap();
    assert_eq!(counts(&taken), (2, 0, 1));
    assert_eq!(taken.quarantined[0].0, 3);
}

#[test]
fn a_clock_that_is_ahead_of_ours_is_wrong_whatever_was_measured() {
    let deployment = Deployment::on(place());
    deployment.person("Sok Illustrative", Role::FieldWorker, "North");
    let year = QUEUE
        .replace("\"device_time\":\"2026", "\"device_time\":\"2027")
        .replace("\"clock_offset_s\":-7200,", "");
    assert_eq!(counts(&take(&deployment, &year).unwrap()), (3, 0, 0));
    // By that clock the day of the visit lies behind the time at which it was written down.
    assert_eq!(
        marks(&deployment),
        [["clock_wrong", "happened_after_recorded"]; 3]
    );
    // What was never measured and is not ahead says nothing: the file may have lain for days.
    let id = household();
    let (_, other) = survey(id, NORTH, "Chan Dara");
    let unknown = format!(
        "{{\"device\":\"x\",\"device_time\":\"2026-11-01T00:00:00Z\",\"clock_offset_s\":\"?\",\"events\":[\n{other}\n]}}"
    );
    assert_eq!(counts(&take(&deployment, &unknown).unwrap()), (1, 0, 0));
    assert_eq!(marks_of(&deployment, id), [Vec::<String>::new()]);
}
