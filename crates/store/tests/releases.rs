//! Releases through the store: who may, in which order, against what. All people here are illustrative.
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests do")]

mod field;

use std::collections::BTreeMap;

use field::{Deployment, all, event, household, later, now};
use jiff::SignedDuration;
use phteah_registry::event::HouseholdId;
use phteah_registry::indicators::IndicatorSet;
use phteah_registry::releases::ReleaseSet;
use phteah_store::registry::{ReceiptStatus, ReleaseAudit, ReleaseState};
use phteah_store::{Actor, Role, StoreError};

const PLACES: [&str; 4] = ["120101", "120102", "120201", "120202"];

/// Families surveyed: how many in each of the places, with a head of either sex in turn.
fn survey(deployment: &Deployment, actor: &Actor, counts: [usize; 4]) -> Vec<HouseholdId> {
    let mut ids = Vec::new();
    let mut events = Vec::new();
    for (place, count) in PLACES.iter().zip(counts) {
        for number in 0..count {
            let id = household();
            let sex = ["female", "male"][number % 2];
            let facts = format!(
                r#""facts":{{"dwelling.sangkat":"{place}","head.sex":"{sex}","head.name":"Illustrative","record.illustrative":true}}"#
            );
            events.push(event(id, "surveyed", &[], &facts).1);
            ids.push(id);
        }
    }
    for batch in events.chunks(400) {
        assert!(all(&deployment.push(actor, batch), ReceiptStatus::Stored));
    }
    ids
}

fn tables() -> IndicatorSet {
    IndicatorSet::built_in()
        .unwrap()
        .only(&["families_by_area", "school_by_khan"])
}

struct House {
    deployment: Deployment,
    planner: Actor,
    coordinator: Actor,
    worker: Actor,
}

fn house() -> House {
    let deployment = Deployment::new();
    House {
        planner: deployment.person("Planner Illustrative", Role::Planner, "All"),
        coordinator: deployment.person("Coordinator Illustrative", Role::Coordinator, "All"),
        worker: deployment.person("Caseworker Illustrative", Role::Caseworker, "All"),
        deployment,
    }
}

impl House {
    fn prepare(&self) -> i64 {
        let made =
            self.deployment
                .registry
                .prepare_release(&self.planner, &tables(), None, ("monthly", now()));
        made.unwrap().n
    }

    fn set(&self, n: i64) -> ReleaseSet {
        self.deployment.registry.release_set(&self.planner, n).unwrap().1
    }
}

/// The counts of a table by the names of its cells.
fn counts(set: &ReleaseSet, table: &str) -> BTreeMap<String, Option<u64>> {
    let table = set.tables.iter().find(|one| one.id == table).unwrap();
    let cells = table.cells.iter();
    cells.map(|cell| (cell.names.join("|"), cell.families)).collect()
}

#[test]
fn one_prepares_and_another_confirms() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 5]);
    let n = house.prepare();
    let registry = &house.deployment.registry;
    let set = house.set(n);
    let told = counts(&set, "families_by_area");
    assert_eq!(told["total|total|total|total|total"], Some(111));
    assert_eq!(told["1202|120202|total|total|total"], None);
    assert!(set.illustrative);
    // Not published, and not by whoever prepared it.
    assert!(registry.published_release(&house.planner, n).is_err());
    let error = registry
        .confirm_release(&house.planner, n, "", now())
        .unwrap_err();
    assert!(matches!(error, StoreError::Denied(_)), "{error}");
    // Not by the command line as such either.
    let error = registry
        .confirm_release(&house.deployment.root, n, "", now())
        .unwrap_err();
    assert!(error.to_string().contains("by persons"), "{error}");
    let confirmed = registry
        .confirm_release(&house.coordinator, n, "looked at", now())
        .unwrap();
    assert_eq!(confirmed.state, ReleaseState::Confirmed);
    let (record, public) = registry.published_release(&house.planner, n).unwrap();
    assert_eq!(record.hash, confirmed.hash);
    assert!(!serde_json::to_string(&public).unwrap().contains("reason"));
    // Frozen: a second confirmation changes nothing.
    assert!(
        registry
            .confirm_release(&house.coordinator, n, "", now())
            .is_err()
    );
}

#[test]
fn nobody_else_prepares_or_sees() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let n = house.prepare();
    let registry = &house.deployment.registry;
    let partner = house
        .deployment
        .person("Partner Illustrative", Role::Partner, "All");
    for actor in [&house.worker, &partner] {
        assert!(registry.releases(actor).is_err());
        assert!(registry.release_set(actor, n).is_err());
        assert!(
            registry
                .prepare_release(actor, &tables(), None, ("", now()))
                .is_err()
        );
        assert!(registry.confirm_release(actor, n, "", now()).is_err());
        assert!(registry.withdraw_release(actor, n, "why", now()).is_err());
    }
}

#[test]
fn of_two_at_once_the_second_has_to_be_prepared_anew() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let (first, second) = (house.prepare(), house.prepare());
    let registry = &house.deployment.registry;
    registry
        .confirm_release(&house.coordinator, first, "", now())
        .unwrap();
    let error = registry
        .confirm_release(&house.coordinator, second, "", now())
        .unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Refused {
                code: "release_overtaken",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn who_is_hidden_or_erased_meanwhile_makes_it_stale() {
    let house = house();
    let ids = survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let registry = &house.deployment.registry;
    let n = house.prepare();
    registry
        .hide(&house.worker, ids[3], true, "somebody is in danger", now())
        .unwrap();
    let error = registry
        .confirm_release(&house.coordinator, n, "", now())
        .unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Refused {
                code: "release_stale",
                ..
            }
        ),
        "{error}"
    );
    let n = house.prepare();
    let root = &house.deployment.root;
    registry.erase(root, root, ids[4], "asked to", now()).unwrap();
    assert!(
        registry
            .confirm_release(&house.coordinator, n, "", now())
            .is_err()
    );
}

#[test]
fn hidden_families_leave_no_trace() {
    let (with, without) = (house(), house());
    for house in [&with, &without] {
        survey(&house.deployment, &house.worker, [40, 31, 36, 12]);
    }
    let more = survey(&with.deployment, &with.worker, [7, 0, 4, 11]);
    for id in more {
        with.deployment
            .registry
            .hide(&with.worker, id, true, "in danger", now())
            .unwrap();
    }
    let (one, other) = (with.prepare(), without.prepare());
    let bytes = |house: &House, n| serde_json::to_vec(&house.set(n)).unwrap();
    assert_eq!(bytes(&with, one), bytes(&without, other));
    let hash = |house: &House| {
        house.deployment.registry.releases(&house.planner).unwrap()[0]
            .hash
            .clone()
    };
    assert_eq!(hash(&with), hash(&without));
}

#[test]
fn every_release_ever_made_is_in_the_audit_of_the_next() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let registry = &house.deployment.registry;
    let first = house.prepare();
    registry
        .confirm_release(&house.coordinator, first, "", now())
        .unwrap();
    let before = counts(&house.set(first), "families_by_area");
    assert_eq!(before["1201|120101|total|total|total"], Some(40));
    // Two families come. Even with the first release withdrawn, the difference is not told.
    survey(&house.deployment, &house.worker, [2, 0, 0, 0]);
    let withdrawn = registry
        .withdraw_release(&house.coordinator, first, "wrong year in the title", now())
        .unwrap();
    assert_eq!(withdrawn.state, ReleaseState::Withdrawn);
    assert!(registry.published_release(&house.planner, first).is_err());
    let made = registry.prepare_release(&house.planner, &tables(), None, ("", now()));
    match made {
        Ok(second) => {
            let now = counts(&house.set(second.n), "families_by_area");
            for (cell, value) in now {
                if let (Some(now), Some(Some(before))) = (value, before.get(&cell)) {
                    let change = now.abs_diff(*before);
                    assert!(change == 0 || change >= 10, "{cell}: {before} and {now}");
                }
            }
        }
        // Or nothing is told at all.
        Err(error) => assert!(
            matches!(
                error,
                StoreError::Refused {
                    code: "release_not_safe",
                    ..
                }
            ),
            "{error}"
        ),
    }
}

#[test]
fn a_count_that_fell_is_looked_at_as_if_the_erased_had_been_in_it_and_as_if_not() {
    let house = house();
    let ids = survey(&house.deployment, &house.worker, [60, 50, 56, 40]);
    let registry = &house.deployment.registry;
    let first = house.prepare();
    registry
        .confirm_release(&house.coordinator, first, "", now())
        .unwrap();
    // Ten families leave the first sangkat's count: nine were found to be recorded twice, one is erased.
    for id in &ids[..9] {
        let facts = format!(r#""to":"{}","reason":"twice (illustrative)""#, ids[10]);
        let merged = event(*id, "merged", &[], &facts).1;
        assert!(all(
            &house.deployment.push(&house.worker, &[merged]),
            ReceiptStatus::Stored
        ));
    }
    let root = &house.deployment.root;
    registry.erase(root, root, ids[9], "asked to", now()).unwrap();
    let tomorrow = later(SignedDuration::from_hours(24));
    let made = registry.prepare_release(&house.planner, &tables(), None, ("", tomorrow));
    if let Ok(second) = made {
        let told = counts(&house.set(second.n), "families_by_area");
        // 60 and 50 differ by ten, but by nine if the erased family had been elsewhere.
        assert_eq!(told["1201|120101|total|total|total"], None);
    }
}

#[test]
fn the_threshold_goes_up_only() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let registry = &house.deployment.registry;
    let root = &house.deployment.root;
    registry
        .raise_release_threshold(root, 15, "the board", now())
        .unwrap();
    let error = registry.raise_release_threshold(root, 12, "", now()).unwrap_err();
    assert!(error.to_string().contains("never lowered"), "{error}");
    let error = registry
        .prepare_release(&house.planner, &tables(), Some(12), ("", now()))
        .unwrap_err();
    assert!(error.to_string().contains("below 15"), "{error}");
    let made = registry
        .prepare_release(&house.planner, &tables(), None, ("", now()))
        .unwrap();
    assert_eq!(made.threshold, 15);
    assert!(
        registry
            .raise_release_threshold(&house.planner, 20, "", now())
            .is_err()
    );
}

#[test]
fn an_audit_repeats_what_was_done_and_tells_what_has_changed() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let registry = &house.deployment.registry;
    let n = house.prepare();
    let audit = || {
        registry
            .audit_release(&house.planner, &tables(), n, ("checked", now()))
            .unwrap()
    };
    assert!(matches!(audit(), ReleaseAudit::Same(_)));
    survey(&house.deployment, &house.worker, [12, 0, 0, 0]);
    let ReleaseAudit::Changed(tables) = audit() else {
        panic!("twelve families have come")
    };
    assert!(tables.contains(&"families_by_area".to_owned()));
}

#[test]
fn a_release_is_sealed_and_outlives_the_key() {
    let mut house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let n = house.prepare();
    let before = house.set(n);
    house
        .deployment
        .registry
        .rotate_key(
            &house.deployment.root,
            "yearly",
            later(SignedDuration::from_hours(1)),
        )
        .unwrap();
    assert_eq!(house.set(n), before);
    house.deployment.reopen();
    assert_eq!(house.set(n), before);
    let file = std::fs::read(house.deployment.data().join("registry.sqlite")).unwrap();
    let has = |text: &str| file.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(has("CREATE TABLE release"));
    assert!(!has("families_by_area") && !has("120101"));
}

#[test]
fn what_was_prepared_and_never_confirmed_is_discarded_with_a_reason() {
    let house = house();
    survey(&house.deployment, &house.worker, [40, 30, 36, 20]);
    let registry = &house.deployment.registry;
    let n = house.prepare();
    assert!(registry.withdraw_release(&house.planner, n, " ", now()).is_err());
    let record = registry
        .withdraw_release(&house.planner, n, "another title", now())
        .unwrap();
    assert_eq!(record.state, ReleaseState::Discarded);
    assert!(
        registry
            .confirm_release(&house.coordinator, n, "", now())
            .is_err()
    );
    assert!(matches!(
        registry.release_set(&house.planner, 99).unwrap_err(),
        StoreError::NotFound(_)
    ));
}
