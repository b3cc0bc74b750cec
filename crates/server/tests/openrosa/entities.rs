//! Households as entities: what a phone had seen, changes made without contact, and conflicts.

use phteah_registry::event::EventId;

use super::office;
use crate::collect::{Office, fact, random, survey, uuid, visit};

fn instance() -> String {
    format!("uuid:{}", uuid())
}

/// A change on a branch: made on top of version `base`, where the last version from the server was `trunk`.
fn on_branch(household: &str, nights: u8, branch: &str, trunk: &str, base: u64) -> String {
    visit(
        &instance(),
        household,
        nights,
        &format!("baseVersion=\"{base}\" trunkVersion=\"{trunk}\" branchId=\"{branch}\""),
    )
}

fn nights(office: &Office, household: &str) -> Vec<String> {
    let state = office.known(household);
    let values = &state.facts["outcome.nights_a_week"].values;
    values.iter().map(|held| held.value.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_one_branch_are_one_after_the_other_in_whatever_order_they_come() {
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
        let office = office();
        let phone = office.collect("Branch Illustrative", "North");
        let household = uuid();
        phone.fills(&survey(&instance(), &household, "120101", "")).await;
        let branch = uuid();
        let changes: Vec<String> = (0..3)
            .map(|n| on_branch(&household, 4 + n, &branch, "1", 1 + u64::from(n)))
            .collect();
        for at in order {
            phone.fills(&changes[at]).await;
        }
        assert_eq!(nights(&office, &household), ["6"], "{order:?}");
        let state = office.known(&household);
        assert!(
            state.conflicts.is_empty() && state.troubles.is_empty(),
            "{order:?}: {:?}",
            state.conflicts
        );
        assert!(office.quarantined().is_empty());
        assert_eq!(phone.list("households.csv").await[&household]["__version"], "4");
    }
}

/// A filled verification that corrects the number of people.
fn verification(household: &str, size: u8, entity: &str) -> String {
    let at = "2026-03-01T08:00:00.000+07:00";
    format!(
        r#"<data id="verification" version="1"><start>{at}</start><end>{at}</end><today>2026-03-01</today><household>{household}</household><agrees>changed</agrees><corrections><size>{size}</size></corrections><meta><entity dataset="households" id="{household}" update="1" {entity}/><instanceID>{}</instanceID></meta></data>"#,
        instance()
    )
}

/// What one phone does without contact: it makes a household of two people, and corrects their number to five and to six.
fn made_and_changed_twice(household: &str) -> [String; 3] {
    let branch = uuid();
    let on_branch = |base: u8| format!("baseVersion=\"{base}\" trunkVersion=\"\" branchId=\"{branch}\"");
    [
        survey(&instance(), household, "120101", ""),
        verification(household, 5, &on_branch(1)),
        verification(household, 6, &on_branch(2)),
    ]
}

fn size_is_six(office: &Office, household: &str, how: &str) {
    assert!(
        office.quarantined().is_empty(),
        "{how}: {:?}",
        office.quarantined()
    );
    let state = office.known(household);
    assert_eq!(
        state.facts["size"].values.len(),
        1,
        "{how}: {:?}",
        state.conflicts
    );
    assert_eq!(fact(&state, "size"), "6", "{how}");
    assert!(
        state.conflicts.is_empty() && state.troubles.is_empty(),
        "{how}: {:?} {:?}",
        state.conflicts,
        state.troubles
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_branch_that_begins_with_its_household_comes_in_any_order() {
    let office = office();
    let phone = office.collect("Begins Illustrative", "North");
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let household = uuid();
        let sent = made_and_changed_twice(&household);
        for at in order {
            phone.fills(&sent[at]).await;
        }
        size_is_six(&office, &household, &format!("{order:?}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_branch_that_begins_with_its_household_comes_all_at_once() {
    let office = office();
    let phone = office.collect("Once Illustrative", "North");
    for _ in 0..4 {
        let household = uuid();
        let sent = made_and_changed_twice(&household);
        let all: Vec<_> = sent.iter().map(|xml| tokio::spawn(phone.fills(xml))).collect();
        for one in all {
            one.await.unwrap();
        }
        size_is_six(&office, &household, "at once");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_change_follows_a_household_that_our_own_app_has_made() {
    let office = office();
    let phone = office.collect("Other Way Illustrative", "North");
    let household = uuid();
    let token = office.app_token("Other Way Illustrative");
    let id = EventId::new(jiff::Timestamp::now(), random());
    let event = serde_json::json!({
        "id": id.to_string(), "household": household, "kind": "surveyed", "after": [], "happened_on": "2026-01-02",
        "recorded_at": "2026-01-02T03:00:00Z", "facts": {"size": 2, "dwelling.sangkat": "120101"},
    });
    let receipts = office.app_pushes(&token, &[event]).await;
    assert_eq!(receipts[0]["status"], "stored", "{receipts:?}");
    for xml in &made_and_changed_twice(&household)[1..] {
        phone.fills(xml).await;
    }
    size_is_six(&office, &household, "made by our own app");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_forms_that_make_one_household_are_both_kept() {
    let office = office();
    let phone = office.collect("Twice Illustrative", "North");
    let household = uuid();
    let first = survey(&instance(), &household, "120101", "");
    phone.fills(&first).await;
    phone
        .fills(&survey(&instance(), &household, "120101", "").replace("<size>2<", "<size>3<"))
        .await;
    phone.fills(&first).await;
    assert!(office.quarantined().is_empty(), "{:?}", office.quarantined());
    assert_eq!(office.known(&household).facts["size"].values.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_nobody_has_ends_no_conflict() {
    let office = office();
    let phone = office.collect("Nobody Illustrative", "North");
    let household = uuid();
    phone.fills(&survey(&instance(), &household, "120101", "")).await;
    let begun_later = |nights: u8, entity: &str| {
        // Begun when both sides of the conflict had been received.
        let xml = visit(&instance(), &household, nights, entity);
        xml.replace("2026-03-01T08", "2099-03-01T08")
            .replace("<end>2099", "<end>2026")
    };
    // Without a conflict, the time at which the form was begun decides.
    phone.fills(&begun_later(4, "baseVersion=\"1\"")).await;
    phone.fills(&begun_later(5, "baseVersion=\"99\"")).await;
    assert_eq!(nights(&office, &household), ["5"]);
    phone.fills(&on_branch(&household, 6, &uuid(), "1", 1)).await;
    assert_eq!(nights(&office, &household), ["5", "6"]);
    let branch = uuid();
    for (n, entity) in [
        String::new(),
        "baseVersion=\"\"".to_owned(),
        "baseVersion=\"0\"".to_owned(),
        "baseVersion=\"-1\"".to_owned(),
        "baseVersion=\"two\"".to_owned(),
        "baseVersion=\"99\"".to_owned(),
        "baseVersion=\"4\" trunkVersion=\"4\"".to_owned(),
        format!("baseVersion=\"50\" trunkVersion=\"50\" branchId=\"{branch}\""),
        format!("baseVersion=\"51\" trunkVersion=\"50\" branchId=\"{branch}\""),
        format!("baseVersion=\"4\" trunkVersion=\"x\" branchId=\"{branch}\""),
        format!("baseVersion=\"4\" trunkVersion=\"5\" branchId=\"{branch}\""),
        "baseVersion=\"4\" trunkVersion=\"4\" branchId=\"nonsense\"".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        phone.fills(&begun_later((n % 2) as u8, &entity)).await;
        let stands = nights(&office, &household);
        assert!(
            stands.len() > 1 && stands.contains(&"6".to_owned()),
            "{entity}: {stands:?}"
        );
        assert!(
            office
                .known(&household)
                .conflict("outcome.nights_a_week")
                .is_some(),
            "{entity}"
        );
    }
    assert!(office.quarantined().is_empty(), "{:?}", office.quarantined());
    // Somebody who has seen all of it ends the conflict.
    let version = phone.list("households.csv").await[&household]["__version"].clone();
    phone
        .fills(&visit(
            &instance(),
            &household,
            7,
            &format!("baseVersion=\"{version}\""),
        ))
        .await;
    assert_eq!(nights(&office, &household), ["7"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_phones_without_contact_are_a_conflict_and_the_later_contact_of_one_is_none() {
    let office = office();
    let one = office.collect("One Illustrative", "North");
    let two = office.collect("Two Illustrative", "North");
    let household = uuid();
    one.fills(&survey(&instance(), &household, "120101", "")).await;
    // Both saw version 1.
    one.fills(&on_branch(&household, 4, &uuid(), "1", 1)).await;
    two.fills(&on_branch(&household, 6, &uuid(), "1", 1)).await;
    assert_eq!(nights(&office, &household), ["4", "6"]);
    let state = office.known(&household);
    let conflict = state.conflict("outcome.nights_a_week").unwrap();
    assert_eq!(conflict.sides.len(), 2);
    // One gets the list again, sees both, and asks the family once more.
    let version: u64 = one.list("households.csv").await[&household]["__version"]
        .parse()
        .unwrap();
    assert_eq!(version, 3);
    one.fills(&on_branch(&household, 5, &uuid(), "3", version)).await;
    assert_eq!(nights(&office, &household), ["5"]);
    assert!(office.known(&household).conflicts.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn collect_and_our_own_app_come_to_the_same_conflict() {
    let office = office();
    let phone = office.collect("Both Illustrative", "North");
    let household = uuid();
    phone.fills(&survey(&instance(), &household, "120101", "")).await;
    let heads = office.known(&household).heads;
    let token = office.app_token("Both Illustrative");
    let id = EventId::new(jiff::Timestamp::now(), random());
    let event = serde_json::json!({
        "id": id.to_string(), "household": household, "kind": "visited", "after": heads.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "happened_on": "2026-03-02", "recorded_at": "2026-03-02T03:00:00Z", "facts": {"outcome.nights_a_week": 2},
    });
    let receipts = office.app_pushes(&token, &[event]).await;
    assert_eq!(receipts[0]["status"], "stored");
    phone.fills(&on_branch(&household, 6, &uuid(), "1", 1)).await;
    assert_eq!(nights(&office, &household), ["2", "6"]);
    assert_eq!(
        office
            .known(&household)
            .conflict("outcome.nights_a_week")
            .unwrap()
            .sides
            .len(),
        2
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_worker_sees_the_own_area_and_nobody_a_hidden_household() {
    let office = office();
    let north = office.collect("North Illustrative", "North");
    let south = office.collect("South Illustrative", "South");
    let (open, hidden) = (uuid(), uuid());
    north.fills(&survey(&instance(), &open, "120101", "")).await;
    north.fills(&survey(&instance(), &hidden, "120101", "")).await;
    assert_eq!(north.list("households.csv").await.len(), 2);
    assert!(south.list("households.csv").await.is_empty());
    // Somebody is in danger.
    let registry = office.registry();
    let now = jiff::Timestamp::now();
    let heads = office.known(&hidden).heads;
    let event = serde_json::json!({
        "id": EventId::new(now, random()).to_string(), "household": hidden, "kind": "corrected", "after": heads.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "happened_on": "2026-03-02", "recorded_at": "2026-03-02T03:00:00Z", "facts": {"protection.hidden": true},
    });
    let incoming = vec![phteah_store::registry::Incoming::read(&event.to_string())];
    let clocks = phteah_store::registry::Clocks { now, offset: None };
    registry
        .push(&office.store.command_line(), incoming, clocks)
        .unwrap();
    let listed = north.list("households.csv").await;
    assert_eq!(listed.keys().collect::<Vec<_>>(), [&open]);
    let nowhere = uuid();
    let answer = north
        .get(&format!(
            "/integrity/households?id={open},{hidden},{nowhere},x%3Cy"
        ))
        .await;
    let document = crate::collect::document(&answer);
    let told: Vec<(String, String)> = document
        .child("entities")
        .unwrap()
        .elements()
        .map(|entity| {
            (
                entity.attribute("id").unwrap().to_owned(),
                entity.child("deleted").unwrap().text(),
            )
        })
        .collect();
    let is = |id: &str, deleted: &str| (id.to_owned(), deleted.to_owned());
    assert_eq!(
        told,
        [
            is(&open, "false"),
            is(&hidden, "true"),
            is(&nowhere, "true"),
            is("x<y", "true")
        ]
    );
    // Who writes about a household that is not theirs is told the same as always; the event waits for a coordinator.
    south.fills(&on_branch(&open, 3, "", "1", 1)).await;
    assert_eq!(office.quarantined(), ["out_of_scope"]);
    assert!(!office.known(&open).facts.contains_key("outcome.nights_a_week"));
}

/// They tell of places, not of people; no boundary says here that any of them is far away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_are_the_same_for_the_workers_of_two_areas() {
    let office = office();
    let csv = office.place.dir().join("services.csv");
    std::fs::write(
        &csv,
        "id,kind,name,name_km,lon,lat\nC1,health_centre,Clinic Illustrative,មណ្ឌលសុខភាព,104.92,11.55\nS1,primary_school,School Illustrative,,104.95,11.58\n",
    )
    .unwrap();
    let (done, _, error) = office.place.run(&["import", "services", csv.to_str().unwrap()]);
    assert!(done, "{error}");
    let north = office.collect("North Illustrative", "North");
    let south = office.collect("South Illustrative", "South");
    let told = north.list("services.csv").await;
    assert_eq!(told.keys().collect::<Vec<_>>(), ["C1", "S1"]);
    assert_eq!(told, south.list("services.csv").await);
    // Households and tasks are not.
    north.fills(&survey(&instance(), &uuid(), "120101", "")).await;
    assert_ne!(
        north.list("households.csv").await,
        south.list("households.csv").await
    );
}
