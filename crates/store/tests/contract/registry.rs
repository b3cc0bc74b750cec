//! The registry through the store's own front door. All people here are illustrative.
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests do")]

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;
use phteah_registry::event::{Event, HouseholdId};
use phteah_store::registry::{
    Clocks, DeploymentKey, FileHash, ImportedEvent, Incoming, MAX_BATCH, QuarantineState, ReceiptStatus,
    RetentionRule, RetentionState, Standing, key_file,
};
use phteah_store::{AnswerableTasks, AuditState, Database, Role, StoreError};
use sha2::{Digest, Sha256};

use super::place;
use crate::field::{
    Deployment, NORTH, SOUTH, all, clocks, code, entropy, event, event_id, household, later, now, random,
    survey,
};

use ReceiptStatus::{Duplicate, Quarantined, Stored};

fn ids(events: &[String]) -> Vec<String> {
    events
        .iter()
        .map(|event| Event::read(event.as_bytes()).unwrap().id.to_string())
        .collect()
}

#[test]
fn an_event_is_stored_once_and_survives_the_end_of_the_process() {
    let mut deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let h = household();
    let (first, survey) = survey(h, NORTH, "Chan Dara");
    let (_, visit) = event(h, "visited", &[first], "");
    let receipts = deployment.push(&phone, &[survey.clone(), visit.clone()]);
    assert!(all(&receipts, Stored), "{receipts:?}");
    deployment.reopen();
    let again = deployment.push(&phone, &[visit, survey]);
    assert!(all(&again, Duplicate), "{again:?}");
    assert_eq!((again[1].seq, again[0].seq), (receipts[0].seq, receipts[1].seq));
    let (events, _, _) = deployment.pull(&phone, 0, 1);
    assert_eq!(events.len(), 2);
}

#[test]
fn one_event_posted_fifty_times_at_once_is_stored_once() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let (_, survey) = survey(household(), NORTH, "Chan Dara");
    let receipts: Vec<_> = std::thread::scope(|scope| {
        let posts: Vec<_> = (0..50)
            .map(|_| scope.spawn(|| deployment.push(&phone, std::slice::from_ref(&survey)).remove(0)))
            .collect();
        posts.into_iter().map(|post| post.join().unwrap()).collect()
    });
    assert_eq!(
        receipts.iter().filter(|receipt| receipt.status == Stored).count(),
        1
    );
    assert_eq!(
        receipts
            .iter()
            .filter(|receipt| receipt.status == Duplicate)
            .count(),
        49
    );
    assert_eq!(
        receipts
            .iter()
            .map(|receipt| receipt.seq)
            .collect::<BTreeSet<_>>()
            .len(),
        1
    );
    assert_eq!(deployment.pull(&phone, 0, 10).0.len(), 1);
}

#[test]
fn the_same_id_with_other_bytes_lies_in_quarantine_and_can_be_released_beside_it() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let chief = deployment.person("Chief Illustrative", Role::Coordinator, "North");
    let (_, text) = survey(household(), NORTH, "Chan Dara");
    let other = text.replace("Chan Dara", "Chan Bopha");
    let receipts = deployment.push(&phone, &[text.clone(), other.clone(), text.clone(), other]);
    let statuses: Vec<_> = receipts.iter().map(|receipt| receipt.status).collect();
    assert_eq!(statuses, [Stored, Quarantined, Duplicate, Quarantined]);
    assert_eq!(code(&receipts[1]), "id_reused");
    let entries = deployment
        .registry
        .quarantine(&chief, Some(QuarantineState::Open), 0, 10, now())
        .unwrap();
    assert_eq!(entries.len(), 1, "sent twice, it lies there once");
    assert!(entries[0].raw.contains("Chan Bopha"));
    assert!(
        deployment
            .registry
            .release(&chief, entries[0].n, &AnswerableTasks::default(), " ", now())
            .unwrap_err()
            .is_usage()
    );
    let receipt = deployment
        .registry
        .release(
            &chief,
            entries[0].n,
            &AnswerableTasks::default(),
            "two phones with one queue",
            now(),
        )
        .unwrap();
    assert_eq!(receipt.status, Stored);
    assert!(
        deployment
            .registry
            .dismiss(&chief, entries[0].n, "again", now())
            .unwrap_err()
            .is_usage()
    );
    assert_eq!(deployment.pull(&phone, 0, 10).0.len(), 2);
}

#[test]
fn each_bad_event_is_kept_and_told_and_stops_no_other() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let (_, foreign) = deployment.device("Keo Illustrative", Role::FieldWorker, "South");
    let chief = deployment.person("Chief Illustrative", Role::Coordinator, "North");
    let south = household();
    deployment.push(&foreign, &[survey(south, SOUTH, "Prak Sothea").1]);
    let good = survey(household(), NORTH, "Chan Dara").1;
    let v4 = good.replace(&ids(std::slice::from_ref(&good))[0], &household().to_string());
    let far = phteah_registry::event::EventId::new(later(SignedDuration::from_hours(24 * 366)), random());
    let (own, text) = survey(household(), NORTH, "Chan Dara");
    let ahead = text.replace(&own.to_string(), &far.to_string());
    let born = event(
        household(),
        "surveyed",
        &[],
        &format!(
            r#""facts":{{"dwelling.sangkat":"{NORTH}","members/{}/birth_year":2031}}"#,
            household()
        ),
    );
    let long = event(
        household(),
        "visited",
        &[],
        &format!(r#""facts":{{"note":"{}"}}"#, "ក".repeat(3_500_000)),
    );
    let elsewhere = survey(household(), SOUTH, "Chan Dara").1;
    let theirs = event(south, "visited", &[], "").1;
    let nobodys = event(household(), "visited", &[], "").1;
    let batch = [
        "{".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        v4,
        ahead,
        born.1,
        long.1,
        elsewhere,
        theirs,
        nobodys,
        good,
    ];
    let receipts = deployment.push(&phone, &batch);
    let told: Vec<&str> = receipts.iter().map(code).collect();
    assert_eq!(
        told,
        [
            "json_invalid",
            "json_invalid",
            "json_invalid",
            "id_invalid",
            "id_ahead",
            "birth_in_future",
            "event_too_large",
            "out_of_scope",
            "out_of_scope",
            "out_of_scope",
            ""
        ]
    );
    assert!(
        receipts[..10]
            .iter()
            .all(|receipt| receipt.status == Quarantined && !receipt.notes[0].message.is_empty())
    );
    assert_eq!(receipts[10].status, Stored);
    // Another team's household and none at all are told apart by nothing.
    assert_eq!(receipts[8].notes, receipts[9].notes);
    let kept = deployment
        .registry
        .quarantine(&chief, None, 0, 100, now())
        .unwrap();
    assert_eq!(kept.len(), 10);
    for (at, (entry, sent)) in kept.iter().zip(&batch).enumerate() {
        // Of an event about a household that the reader may not know of, or that is none, it is shown that it came.
        if (8..10).contains(&at) {
            assert!(
                entry.raw.contains("visited") && !entry.raw.contains("household"),
                "{}",
                entry.raw
            );
        } else {
            assert_eq!(&entry.raw, sent);
        }
    }
    assert_eq!(kept[8].raw, kept[9].raw);
    assert!(
        deployment
            .registry
            .push(&phone, vec![Incoming::read("{}"); MAX_BATCH + 1], clocks())
            .unwrap_err()
            .is_usage()
    );
}

#[test]
fn what_is_released_is_decided_by_who_may_decide_about_its_household() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let (_, foreign) = deployment.device("Keo Illustrative", Role::FieldWorker, "South");
    let chief = deployment.person("Chief Illustrative", Role::Coordinator, "North");
    let other = deployment.person("Other Illustrative", Role::Coordinator, "South");
    let case = deployment.person("Case Illustrative", Role::Caseworker, "South");
    let [theirs, hidden, own, none] = [household(), household(), household(), household()];
    deployment.push(
        &foreign,
        &[
            survey(theirs, SOUTH, "Prak Sothea").1,
            survey(hidden, SOUTH, "Meas Mealea").1,
        ],
    );
    deployment.push(&phone, &[survey(own, NORTH, "Chan Dara").1]);
    let registry = &deployment.registry;
    registry.hide(&case, hidden, true, "in danger", now()).unwrap();
    // A visit, and an own family that would go on in theirs.
    let mut sent = Vec::new();
    for h in [theirs, hidden, none] {
        sent.push(event(h, "visited", &[], "").1);
        sent.push(event(own, "merged", &[], &format!(r#""to":"{h}""#)).1);
        sent.push(event(h, "merged", &[], &format!(r#""to":"{own}""#)).1);
    }
    let receipts = deployment.push(&phone, &sent);
    assert!(receipts.iter().all(|receipt| code(receipt) == "out_of_scope"));
    let listed = |actor: &phteah_store::Actor| {
        let entries = registry.quarantine(actor, Some(QuarantineState::Open), 0, 100, now());
        entries.unwrap()
    };
    let entries = listed(&chief);
    assert_eq!(entries.len(), 9, "one is as well there as the other");
    let absent = registry
        .household(&chief, household(), "looking", now())
        .unwrap_err()
        .to_string();
    for entry in &entries {
        let refused = registry
            .release(&chief, entry.n, &AnswerableTasks::default(), "mine", now())
            .unwrap_err();
        assert!(matches!(refused, StoreError::NotFound(_)), "{refused}");
        assert_eq!(refused.to_string(), absent, "{}", entry.raw);
    }
    for h in [theirs, hidden] {
        assert!(registry.household(&chief, h, "looking", now()).is_err());
    }
    // No more is shown of one than of another.
    let visits: Vec<&str> = entries
        .iter()
        .map(|entry| entry.raw.as_str())
        .filter(|raw| raw.contains("visited"))
        .collect();
    assert_eq!(visits.len(), 3);
    assert!(
        visits
            .iter()
            .all(|raw| raw == &visits[0] && !raw.contains("household")),
        "{visits:?}"
    );
    // Whose household it is sees what came of it, and decides: of the hidden one nobody but its caseworker, who does not decide.
    let of_theirs = listed(&other);
    assert_eq!(of_theirs.len(), 2);
    assert!(
        of_theirs
            .iter()
            .all(|entry| entry.raw.contains(&format!(r#""household":"{theirs}""#)))
    );
    assert_eq!(listed(&case).len(), 4);
    let receipt = registry
        .release(
            &other,
            of_theirs[0].n,
            &AnswerableTasks::default(),
            "it is true",
            now(),
        )
        .unwrap();
    assert_eq!(receipt.status, Stored);
    // The command line decides about all.
    let root = &deployment.root;
    let rest = listed(root);
    assert_eq!(rest.len(), 8);
    let visit = rest
        .iter()
        .find(|entry| {
            entry
                .raw
                .contains(&format!(r#""household":"{none}","kind":"visited""#))
        })
        .unwrap();
    let receipt = registry.release(root, visit.n, &AnswerableTasks::default(), "it is true", now());
    assert_eq!(receipt.unwrap().status, Stored);
}

#[test]
fn of_an_event_nobody_learns_who_may_not_know_of_its_household() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let (_, colleague) = deployment.device("Chan Illustrative", Role::FieldWorker, "North");
    let (_, foreign) = deployment.device("Keo Illustrative", Role::FieldWorker, "South");
    let chief = deployment.person("Chief Illustrative", Role::Coordinator, "South");
    let (h, own) = (household(), household());
    let (id, theirs) = survey(h, SOUTH, "Prak Sothea");
    assert!(all(
        &deployment.push(&foreign, std::slice::from_ref(&theirs)),
        Stored
    ));
    deployment.push(&phone, &[survey(own, NORTH, "Chan Dara").1]);
    let visit = |h: HouseholdId| event(h, "visited", &[], "").1;
    // The very bytes, other bytes under its id for a household of one's own, and for one that does not exist.
    let with_its_id = |text: &str| text.replace(&ids(&[text.to_owned()])[0], &id.to_string());
    let absent = deployment.push(&phone, &[visit(household())]).remove(0);
    for text in [
        theirs.clone(),
        with_its_id(&visit(own)),
        with_its_id(&visit(household())),
    ] {
        let told = deployment.push(&phone, &[text]).remove(0);
        assert_eq!(
            (told.status, told.seq, &told.notes),
            (absent.status, absent.seq, &absent.notes)
        );
    }
    // Whoever may know of the household is told as before, and so is who has sent it, when it is in other hands by now.
    assert!(all(
        &deployment.push(&chief, std::slice::from_ref(&theirs)),
        Duplicate
    ));
    let account = deployment.person("Else Illustrative", Role::FieldWorker, "South");
    let to = [account.account().unwrap().clone()];
    deployment
        .registry
        .give(&chief, h, &to, "moves on", now())
        .unwrap();
    assert!(all(&deployment.push(&foreign, &[theirs]), Duplicate));
    let changed = deployment.push(&foreign, &[with_its_id(&visit(h))]).remove(0);
    assert_eq!(code(&changed), "id_reused");
    let (_, seen) = survey(household(), NORTH, "Chan Dara");
    assert!(all(&deployment.push(&phone, std::slice::from_ref(&seen)), Stored));
    assert!(all(&deployment.push(&colleague, &[seen]), Duplicate));
}

#[test]
fn what_cannot_be_accepted_fills_no_disk() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let (_, other) = deployment.device("Keo Illustrative", Role::FieldWorker, "South");
    let large = || {
        event(
            household(),
            "noted",
            &[],
            &format!(r#""note":"{}""#, "x".repeat(8 << 20)),
        )
        .1
    };
    let pushed = || {
        let batch = vec![Incoming::read(&large())];
        deployment.registry.push(&phone, batch, clocks())
    };
    for _ in 0..2 {
        assert_eq!(pushed().unwrap()[0].status, Quarantined);
    }
    // More of it stays on the phone; the team's good events, and other teams, go on.
    let refused = pushed().unwrap_err();
    assert!(
        matches!(
            refused,
            StoreError::Refused {
                code: "quarantine_full",
                ..
            }
        ),
        "{refused}"
    );
    let good = survey(household(), NORTH, "Chan Illustrative").1;
    assert_eq!(deployment.push(&phone, &[good])[0].status, Stored);
    assert_eq!(deployment.push(&other, &[large()])[0].status, Quarantined);
}

#[test]
fn what_is_strange_is_kept_and_marked() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let h = household();
    let at = |lon: f64, accuracy: u32| {
        format!(r#""location":{{"lon":{lon},"lat":10.0,"accuracy_m":{accuracy},"method":"gps"}}"#)
    };
    let (_, first) = event(h, "surveyed", &[], &at(103.0, 3000));
    let receipts = deployment.push(&phone, &[first]);
    assert_eq!(receipts[0].status, Stored);
    let codes: Vec<&str> = receipts[0].notes.iter().map(|note| note.code.as_str()).collect();
    assert_eq!(codes, ["location_outside_country", "location_imprecise"]);
    let batch = vec![Incoming::read(&event(h, "visited", &[], "").1)];
    let late = Clocks {
        now: now(),
        offset: Some(SignedDuration::from_hours(-2)),
    };
    let receipt = deployment.registry.push(&phone, batch, late).unwrap().remove(0);
    assert_eq!((receipt.status, code(&receipt)), (Stored, "clock_wrong"));
}

#[test]
fn an_event_waits_for_what_it_comes_after_and_a_circle_is_kept_out() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let h = household();
    let (first, text) = survey(h, NORTH, "Chan Dara");
    let (middle, between) = event(h, "verified", &[first], "");
    let (_, last) = event(h, "visited", &[middle], "");
    let receipts = deployment.push(&phone, &[text, last]);
    assert_eq!((receipts[1].status, code(&receipts[1])), (Stored, "waits"));
    assert!(receipts[1].notes[0].message.contains(&middle.to_string()));
    assert_eq!(code(&deployment.push(&phone, &[between])[0]), "");
    // Two that name one another.
    let (one, two) = (event_id(), event_id());
    let make = |id, after| {
        let (own, text) = event(h, "visited", &[after], "");
        text.replace(&own.to_string(), &phteah_registry::event::EventId::to_string(&id))
    };
    let receipts = deployment.push(&phone, &[make(one, two), make(two, one)]);
    assert_eq!((receipts[0].status, code(&receipts[0])), (Stored, "waits"));
    assert_eq!(
        (receipts[1].status, code(&receipts[1])),
        (Quarantined, "after_circle")
    );
    let (itself, _) = event(h, "visited", &[], "");
    let receipts = deployment.push(&phone, &[make(itself, itself)]);
    assert_eq!(code(&receipts[0]), "after_itself");
}

#[test]
fn what_two_phones_set_differently_is_told_with_the_receipt_until_a_correction_comes() {
    let deployment = Deployment::on(place());
    let (_, one) = deployment.device("One Illustrative", Role::FieldWorker, "North");
    let (_, two) = deployment.device("Two Illustrative", Role::FieldWorker, "North");
    let chief = deployment.person("Chief Illustrative", Role::Coordinator, "North");
    let h = household();
    let (first, text) = survey(h, NORTH, "Chan Dara");
    let rooms = |n: u8| format!(r#""facts":{{"dwelling.rooms":{n}}}"#);
    deployment.push(&one, &[text]);
    let (b, left) = event(h, "verified", &[first], &rooms(2));
    let (c, right) = event(h, "visited", &[first], &rooms(3));
    assert!(deployment.push(&one, &[left])[0].conflicts.is_empty());
    let receipt = deployment.push(&two, &[right]).remove(0);
    assert!(
        receipt.conflicts.iter().any(|path| path == "dwelling.rooms"),
        "{receipt:?}"
    );
    let (found, more) = deployment.registry.disagreements(&chief, 0, 10, now()).unwrap();
    assert_eq!((found.len(), found[0].household, more), (1, h, None));
    let (_, corrected) = event(h, "corrected", &[b, c], &rooms(3));
    assert!(deployment.push(&two, &[corrected])[0].conflicts.is_empty());
    let state = deployment.registry.state(&chief, h, "", now()).unwrap();
    assert!(state.conflict("dwelling.rooms").is_none());
}

#[test]
fn a_visit_that_overtakes_its_survey_counts_when_that_comes() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let h = household();
    let (first, text) = survey(h, NORTH, "Chan Dara");
    let (_, visit) = event(h, "visited", &[first], "");
    assert_eq!(
        deployment.push(&phone, std::slice::from_ref(&visit))[0].status,
        Quarantined
    );
    assert_eq!(deployment.push(&phone, &[text])[0].status, Stored);
    assert_eq!(deployment.push(&phone, &[visit])[0].status, Duplicate);
    assert_eq!(deployment.pull(&phone, 0, 10).0.len(), 2);
}

#[test]
fn two_coordinators_give_the_last_plot_and_one_gets_it() {
    let deployment = Deployment::on(place());
    let chiefs = [
        deployment.person("One Illustrative", Role::Coordinator, "North"),
        deployment.person("Two Illustrative", Role::Coordinator, "North"),
    ];
    let families: Vec<_> = (0..2)
        .map(|_| {
            let h = household();
            let (first, text) = survey(h, NORTH, "Chan Dara");
            assert_eq!(deployment.push(&chiefs[0], &[text])[0].status, Stored);
            (h, first)
        })
        .collect();
    let receipts: Vec<_> = std::thread::scope(|scope| {
        let moves: Vec<_> = families
            .iter()
            .zip(&chiefs)
            .map(|((h, first), chief)| {
                let (_, text) = event(*h, "moved", &[*first], r#""site":"site-7","plot":"12""#);
                let deployment = &deployment;
                scope.spawn(move || deployment.push(chief, &[text]).remove(0))
            })
            .collect();
        moves.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let mut told: Vec<_> = receipts
        .iter()
        .map(|receipt| (receipt.status.as_str(), code(receipt)))
        .collect();
    told.sort_unstable();
    assert_eq!(told, [("quarantined", "plot_taken"), ("stored", "")]);
    // When the one that has it leaves, the other may have it.
    let has = usize::from(receipts[0].status != Stored);
    let (_, left) = event(
        families[has].0,
        "left",
        &[],
        r#""last_known_there":"2026-11-01","first_known_gone":"2026-11-18""#,
    );
    let receipt = deployment.push(&chiefs[0], &[left]).remove(0);
    assert_eq!(receipt.status, Stored, "{receipt:?}");
    let entry = deployment
        .registry
        .quarantine(&chiefs[1], None, 0, 10, now())
        .unwrap()
        .remove(0);
    assert_eq!(
        deployment
            .registry
            .release(
                &chiefs[1],
                entry.n,
                &AnswerableTasks::default(),
                "the plot is free",
                now()
            )
            .unwrap()
            .status,
        Stored
    );
}

#[test]
fn a_device_holds_its_area_and_forgets_what_left_it() {
    let deployment = Deployment::on(place());
    let (token, north) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let (_, south) = deployment.device("Keo Illustrative", Role::FieldWorker, "South");
    let (a, b, c) = (household(), household(), household());
    let (a1, a_text) = survey(a, NORTH, "Chan Dara");
    deployment.push(&north, &[a_text, survey(b, NORTH, "Chan Bopha").1]);
    deployment.push(&south, &[survey(c, SOUTH, "Prak Sothea").1]);
    let (events, forget, after) = deployment.pull(&north, 0, 1);
    assert_eq!((events.len(), forget.len()), (2, 0));
    let (theirs, _, their_after) = deployment.pull(&south, 0, 10);
    assert_eq!(theirs.len(), 1);
    // The first family moves south: one phone forgets it, the other gets all of its past.
    let (_, moved) = event(
        a,
        "moved",
        &[a1],
        &format!(r#""site":"site-7","facts":{{"dwelling.sangkat":"{SOUTH}"}}"#),
    );
    assert_eq!(deployment.push(&north, &[moved])[0].status, Stored);
    let (events, forget, next) = deployment.pull(&north, after, 10);
    assert_eq!((events.len(), forget), (0, vec![a]));
    // An answer that was lost is given again, and given no more once it has arrived.
    assert_eq!(deployment.pull(&north, after, 10).1, vec![a]);
    assert_eq!(deployment.pull(&north, next, 10), (vec![], vec![], next));
    let (events, forget, _) = deployment.pull(&south, their_after, 1);
    assert_eq!((events.len(), forget.len()), (2, 0));
    assert_eq!(deployment.pull(&south, their_after, 10).0, events);
    // Its area grows: the other sangkat's households come, each event once, whatever the pages.
    deployment
        .store
        .change_area(
            &deployment.root,
            "North",
            &format!("{NORTH},{SOUTH}").parse().unwrap(),
            "more",
            now(),
        )
        .unwrap();
    let north = deployment
        .store
        .device_contact(token.expose(), now())
        .unwrap()
        .actor;
    let (events, forget, _) = deployment.pull(&north, next, 1);
    assert_eq!(
        (
            ids(&events).into_iter().collect::<BTreeSet<_>>().len(),
            events.len(),
            forget.len()
        ),
        (3, 3, 0)
    );
    // A phone that lost all begins anew.
    let (events, _, _) = deployment.pull(&north, 0, 2);
    assert_eq!(ids(&events).into_iter().collect::<BTreeSet<_>>().len(), 4);
    assert_eq!(events.len(), 4);
    let ahead = deployment.registry.changes(&north, 1 << 40, 10).unwrap_err();
    assert!(matches!(
        ahead,
        StoreError::Refused {
            code: "unknown_number",
            ..
        }
    ));
}

#[test]
fn a_household_that_was_given_is_its_workers_and_a_hidden_one_its_caseworkers() {
    let deployment = Deployment::on(place());
    let (_, one) = deployment.device("One Illustrative", Role::FieldWorker, "North");
    let (_, two) = deployment.device("Two Illustrative", Role::FieldWorker, "North");
    let (_, case) = deployment.device("Case Illustrative", Role::Caseworker, "North");
    let chief = deployment.person("Chief Illustrative", Role::Coordinator, "North");
    let h = household();
    deployment.push(&one, &[survey(h, NORTH, "Chan Dara").1]);
    let (_, _, two_after) = deployment.pull(&two, 0, 10);
    let (_, _, case_after) = deployment.pull(&case, 0, 10);
    deployment
        .registry
        .give(
            &chief,
            h,
            &[one.account().unwrap().clone()],
            "she knows them",
            now(),
        )
        .unwrap();
    assert_eq!(deployment.pull(&two, two_after, 10).1, vec![h]);
    assert_eq!(deployment.pull(&one, 0, 10).0.len(), 1);
    deployment
        .registry
        .give(&chief, h, &[case.account().unwrap().clone()], "a case", now())
        .unwrap();
    deployment
        .registry
        .hide(&case, h, true, "in danger", now())
        .unwrap();
    let (events, forget, _) = deployment.pull(&case, case_after, 10);
    assert_eq!((events.len(), forget.len()), (0, 0));
    for other in [&chief, &one, &two, &deployment.root] {
        let answer = deployment.registry.household(other, h, "looking", now());
        assert_eq!(answer.is_ok(), other.is_command_line());
        let none = deployment
            .registry
            .household(other, household(), "looking", now())
            .unwrap_err();
        if let Err(error) = answer {
            assert_eq!(error.to_string(), none.to_string());
        }
        assert!(!deployment.registry.households(other).unwrap().contains(&h) || other.is_command_line());
    }
    assert_eq!(deployment.pull(&one, 0, 10).0.len(), 0);
    assert!(deployment.registry.household(&case, h, "", now()).is_ok());
    let visit = event(h, "visited", &[], "").1;
    let hidden = deployment.push(&two, &[visit]).remove(0);
    let none = deployment
        .push(&two, &[event(household(), "visited", &[], "").1])
        .remove(0);
    assert_eq!((hidden.status, &hidden.notes), (none.status, &none.notes));
}

#[test]
fn a_hidden_household_is_never_lost_to_all() {
    let deployment = Deployment::on(place());
    let (_, worker) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let chief = deployment.person("Chief Illustrative", Role::Coordinator, "North");
    let registry = &deployment.registry;
    let sees = |actor: &phteah_store::Actor, h: HouseholdId| registry.households(actor).unwrap().contains(&h);
    let hides = |h: HouseholdId| {
        let more = r#""facts":{"protection.hidden":true}"#;
        event(h, "visited", &[], more).1
    };
    let account = |actor: &phteah_store::Actor| actor.account().unwrap().clone();
    // The team has no caseworker yet: whoever becomes one in its area finds the family.
    let early = household();
    deployment.push(&worker, &[survey(early, NORTH, "Meas Mealea").1]);
    registry
        .give(&chief, early, &[account(&worker)], "near", now())
        .unwrap();
    assert!(all(&deployment.push(&worker, &[hides(early)]), Stored));
    assert!(!sees(&worker, early) && !sees(&chief, early));
    let (_, case) = deployment.device("Case Illustrative", Role::Caseworker, "North");
    let (_, second) = deployment.device("Second Illustrative", Role::Caseworker, "North");
    let south = deployment.person("South Illustrative", Role::Caseworker, "South");
    assert!(sees(&case, early) && sees(&second, early) && !sees(&south, early));
    // A caseworker hides a family that a field worker has: it is the caseworker's from now on.
    let [one, told, own] = [household(), household(), household()];
    for h in [one, told, own] {
        deployment.push(&worker, &[survey(h, NORTH, "Chan Dara").1]);
    }
    registry
        .give(&chief, one, &[account(&worker)], "near", now())
        .unwrap();
    registry.hide(&case, one, true, "in danger", now()).unwrap();
    assert!(sees(&case, one) && !sees(&second, one) && !sees(&worker, one));
    // Another caseworker's hands are left alone.
    registry.hide(&case, one, true, "still in danger", now()).unwrap();
    let given = registry.household(&case, one, "looking", now()).unwrap().given;
    assert_eq!(given.len(), 2);
    registry.hide(&case, one, false, "safe", now()).unwrap();
    assert!(sees(&worker, one), "whoever had it has it again");
    // A field worker's phone records that a family is in danger: the team's caseworkers have it.
    assert!(all(&deployment.push(&worker, &[hides(told)]), Stored));
    assert!(sees(&case, told) && sees(&second, told));
    assert!(!sees(&worker, told) && !sees(&chief, told) && !sees(&south, told));
    registry.hide(&second, told, false, "safe", now()).unwrap();
    // A caseworker's phone does: it is hers alone.
    assert!(all(&deployment.push(&second, &[hides(own)]), Stored));
    assert!(sees(&second, own) && !sees(&case, own));
    // The operator gives it to another caseworker, and to nobody who could not find it.
    let root = &deployment.root;
    for to in [vec![], vec![account(&worker)], vec![account(&chief)]] {
        let refused = registry.give(root, own, &to, "has left", now()).unwrap_err();
        assert!(refused.to_string().contains("caseworker"), "{refused}");
    }
    registry
        .give(root, own, &[account(&case)], "has left", now())
        .unwrap();
    assert!(sees(&case, own) && !sees(&second, own));
    let rows = registry.audit_of(root, own, 10).unwrap();
    assert!(
        rows.iter()
            .any(|row| row.what == "household_given" && row.why == "has left"),
        "{rows:?}"
    );
}

#[test]
fn the_text_of_a_protected_note_is_for_its_caseworkers_alone() {
    const TEXT: &str = "he has threatened her";
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let chief = deployment.person("Chief Illustrative", Role::Coordinator, "North");
    let case = deployment.person("Case Illustrative", Role::Caseworker, "North");
    let other = deployment.person("Other Illustrative", Role::Caseworker, "North");
    let h = household();
    let (first, text) = survey(h, NORTH, "Chan Dara");
    let (second, kept) = event(h, "noted", &[first], &format!(r#""note":"{TEXT}""#));
    assert!(all(&deployment.push(&phone, &[text, kept.clone()]), Stored));
    let registry = &deployment.registry;
    registry
        .give(&chief, h, &[case.account().unwrap().clone()], "a case", now())
        .unwrap();
    // Notes that are refused: another text under the id, a form that is wrong, a household that does not exist, no JSON at all.
    let refused = [
        kept.replace(TEXT, &format!("{TEXT} again")),
        event(h, "noted", &[], &format!(r#""facts":{{"note":"{TEXT}"}}"#)).1,
        event(h, "noted", &[], &format!(r#""form":7,"note":["{TEXT}"]"#)).1,
        event(household(), "noted", &[], &format!(r#""note":"{TEXT}""#)).1,
        event(h, "noted", &[], &format!(r#""note":"{TEXT}""#))
            .1
            .replace('}', ""),
        event(
            h,
            "visited",
            &[first, first],
            &format!(r#""kind":"noted","note":"{TEXT}""#),
        )
        .1,
    ];
    let receipts = deployment.push(&deployment.root, &refused);
    assert!(all(&receipts, Quarantined), "{receipts:?}");
    let shown = |actor: &phteah_store::Actor| -> Vec<String> {
        let entries = registry.quarantine(actor, None, 0, 100, now()).unwrap();
        entries.into_iter().map(|entry| entry.raw).collect()
    };
    let read = shown(&deployment.root);
    assert_eq!(read.len(), refused.len());
    assert!(read.iter().all(|raw| !raw.contains("threatened")), "{read:?}");
    assert!(read[0].contains(&second.to_string()) && read[0].contains("noted"));
    // Phones hold the note that others come after; its text only where its household's caseworker, or whoever wrote it, has the phone.
    let (_, colleague) = deployment.device("Keo Illustrative", Role::FieldWorker, "North");
    let free = household();
    let (first, text) = survey(free, NORTH, "Chan Thida");
    let (note, noted) = event(free, "noted", &[first], &format!(r#""note":"{TEXT}""#));
    let visit = event(free, "visited", &[note], "").1;
    assert!(all(&deployment.push(&phone, &[text, noted, visit]), Stored));
    let held = |actor: &phteah_store::Actor| deployment.pull(actor, 0, 100).0;
    let told = |events: &[String]| events.iter().any(|event| event.contains("threatened"));
    let (own, others) = (held(&phone), held(&colleague));
    assert_eq!((own.len(), others.len()), (3, 3));
    assert!(told(&own) && !told(&others));
    assert!(others[1].contains(&note.to_string()) && others[1].contains("noted"));
    assert!(Event::read(others[1].as_bytes()).is_ok());
    // What was refused is whole for whoever reads the household's notes, and where it is released.
    let by_case = registry
        .push(
            &case,
            vec![Incoming::read(&kept.replace(TEXT, &format!("{TEXT} twice")))],
            clocks(),
        )
        .unwrap();
    assert_eq!(by_case[0].status, Quarantined);
    assert!(shown(&case).iter().any(|raw| raw.contains("twice")));
    assert!(shown(&other).iter().all(|raw| !raw.contains("threatened")));
    assert!(shown(&chief).iter().all(|raw| !raw.contains("threatened")));
    // An open file leaves notes out and says how many; a sealed one is for who has the key, and takes them along.
    let root = &deployment.root;
    let mut open = Vec::new();
    let done = registry.export(root, true, "a test", &mut open, now()).unwrap();
    assert_eq!((done.events, done.notes_left_out), (3, 2));
    let open = String::from_utf8(open).unwrap();
    assert!(open.contains("Chan Dara") && !open.contains("threatened"));
    let done = registry.export(root, false, "", &mut Vec::new(), now()).unwrap();
    assert_eq!((done.events, done.notes_left_out), (5, 0));
}

#[test]
fn lists_that_show_values_write_a_row_for_each_household() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let chief = deployment.person("Chief Illustrative", Role::Coordinator, "North");
    let [one, other, quiet] = [household(), household(), household()];
    for h in [one, other, quiet] {
        let (first, text) = survey(h, NORTH, "Chan Dara");
        deployment.push(&phone, &[text]);
        if h != quiet {
            // Two that do not know of one another, and two that cannot be accepted.
            for name in ["Chan Bopha", "Chan Thida"] {
                let facts = format!(r#""facts":{{"head.name":"{name}"}}"#);
                deployment.push(&phone, &[event(h, "surveyed", &[first], &facts).1]);
                deployment.push(&phone, &[event(h, "declined", &[], &facts).1]);
            }
        }
    }
    let registry = &deployment.registry;
    let readings = |h: HouseholdId, list: &str| {
        let rows = registry.audit_of(&chief, h, 100).unwrap();
        rows.iter()
            .filter(|row| row.what == "household_read" && row.why == list)
            .count()
    };
    assert_eq!(registry.quarantine_waiting(&chief).unwrap(), 4);
    assert_eq!(readings(one, "quarantine"), 0, "a number shows nobody");
    assert_eq!(registry.quarantine(&chief, None, 0, 10, now()).unwrap().len(), 4);
    assert_eq!(registry.disagreements(&chief, 0, 10, now()).unwrap().0.len(), 2);
    for list in ["quarantine", "conflicts"] {
        let told = [one, other, quiet].map(|h| readings(h, list));
        assert_eq!(told, [1, 1, 0], "{list}");
    }
}

#[test]
fn what_an_open_file_holds_of_an_erased_family_stays_erased() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let (gone, stays) = (household(), household());
    let (first, text) = survey(gone, NORTH, "Chan Dara");
    let events = [
        text,
        event(gone, "visited", &[first], "").1,
        survey(stays, NORTH, "Prak Sothea").1,
    ];
    deployment.push(&phone, &events);
    let (registry, root) = (&deployment.registry, &deployment.root);
    let mut file = Vec::new();
    registry.export(root, true, "a test", &mut file, now()).unwrap();
    registry.erase(root, root, gone, "they asked", now()).unwrap();
    let taken = registry
        .take_file(root, &AnswerableTasks::default(), &mut file.as_slice(), now())
        .unwrap();
    assert_eq!(
        (
            taken.erased,
            taken.stored,
            taken.duplicates,
            taken.quarantined_count
        ),
        (2, 0, 1, 0)
    );
    assert_eq!(registry.quarantine_waiting(root).unwrap(), 0);
    assert!(registry.household(root, gone, "looking", now()).is_err());
}

#[test]
fn a_planner_and_an_administrator_read_nobody() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let h = household();
    deployment.push(&phone, &[survey(h, NORTH, "Chan Dara").1]);
    for role in [Role::Planner, Role::Partner, Role::Administrator] {
        let actor = deployment.person(&format!("{role} Illustrative"), role, "North");
        let registry = &deployment.registry;
        assert!(registry.household(&actor, h, "", now()).is_err());
        assert!(registry.households(&actor).is_err());
        assert!(registry.quarantine(&actor, None, 0, 10, now()).is_err());
        assert!(
            registry
                .push(&actor, vec![Incoming::read("{}")], clocks())
                .is_err()
        );
        assert!(registry.changes(&actor, 0, 10).is_err());
        assert!(registry.give(&actor, h, &[], "", now()).is_err());
        assert!(registry.erase(&actor, &actor, h, "why", now()).is_err());
    }
}

#[test]
fn an_erased_household_is_gone_and_stays_gone() {
    let mut deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let chief = deployment.person("Chief Illustrative", Role::Coordinator, "North");
    let second = deployment.person("Second Illustrative", Role::Coordinator, "North");
    let h = household();
    let (first, text) = survey(h, NORTH, "Chan Dara");
    deployment.push(&phone, std::slice::from_ref(&text));
    let (_, _, after) = deployment.pull(&phone, 0, 10);
    assert!(
        deployment
            .registry
            .erase(&chief, &chief, h, "they asked", now())
            .is_err()
    );
    deployment
        .registry
        .erase(&chief, &second, h, "they asked", now())
        .unwrap();
    deployment.reopen();
    assert_eq!(deployment.pull(&phone, after, 10).1, vec![h]);
    assert_eq!(deployment.pull(&phone, 0, 10).0.len(), 0);
    assert!(deployment.registry.household(&chief, h, "", now()).is_err());
    // What an unaware phone still has of it is kept apart.
    let receipts = deployment.push(&phone, &[event(h, "visited", &[first], "").1, text]);
    assert!(all(&receipts, Quarantined), "{receipts:?}");
}

#[test]
fn one_asks_that_a_household_is_erased_and_another_confirms() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let [one, second] = ["One Illustrative", "Two Illustrative"]
        .map(|name| deployment.person(name, Role::Coordinator, "North"));
    let south = deployment.person("South Illustrative", Role::Coordinator, "South");
    let [case, other] = ["Case Illustrative", "Else Illustrative"]
        .map(|name| deployment.person(name, Role::Caseworker, "North"));
    let [gone, old, hidden] = [household(), household(), household()];
    for h in [gone, old, hidden] {
        deployment.push(&phone, &[survey(h, NORTH, "Chan Dara").1]);
    }
    let registry = &deployment.registry;
    let is_there = |h: HouseholdId| registry.households(&deployment.root).unwrap().contains(&h);
    assert!(
        registry
            .confirm_erasure(&second, gone, now())
            .unwrap_err()
            .is_usage()
    );
    assert!(
        registry
            .request_erasure(&one, gone, " ", now())
            .unwrap_err()
            .is_usage()
    );
    for nobody in [&south, &case, &phone] {
        let refused = registry.request_erasure(nobody, gone, "mine", now()).unwrap_err();
        assert!(matches!(refused, StoreError::NotFound(_)), "{refused}");
    }
    registry.request_erasure(&one, gone, "they asked", now()).unwrap();
    assert!(is_there(gone));
    let refused = registry.confirm_erasure(&one, gone, now()).unwrap_err();
    assert!(matches!(refused, StoreError::Denied(_)), "{refused}");
    assert!(registry.confirm_erasure(&south, gone, now()).is_err());
    registry.confirm_erasure(&second, gone, now()).unwrap();
    assert!(!is_there(gone));
    let rows = registry.audit(&deployment.root, None, 10).unwrap();
    let row = rows.iter().find(|row| row.what == "household_erased").unwrap();
    let asked_by = one.account().unwrap().to_string();
    assert!(
        row.why == "they asked" && row.detail.contains(&asked_by),
        "{row:?}"
    );
    // A request that nobody has confirmed for long is asked again.
    registry.request_erasure(&one, old, "they asked", now()).unwrap();
    let late = later(SignedDuration::from_hours(24 * 31));
    assert!(
        registry
            .confirm_erasure(&second, old, late)
            .unwrap_err()
            .is_usage()
    );
    assert!(is_there(old));
    // About a hidden one those decide in whose hands it is.
    let hands = [&case, &other].map(|actor| actor.account().unwrap().clone());
    registry.give(&one, hidden, &hands, "a case", now()).unwrap();
    registry.hide(&case, hidden, true, "in danger", now()).unwrap();
    assert!(
        registry
            .request_erasure(&one, hidden, "they asked", now())
            .is_err()
    );
    registry
        .request_erasure(&case, hidden, "they asked", now())
        .unwrap();
    registry.confirm_erasure(&other, hidden, now()).unwrap();
    assert!(!is_there(hidden));
}

#[test]
fn what_comes_late_of_an_erased_household_goes_when_it_is_dismissed() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let h = household();
    let (first, text) = survey(h, NORTH, "Chan Dara");
    deployment.push(&phone, &[text]);
    let root = &deployment.root;
    deployment
        .registry
        .erase(root, root, h, "they asked", now())
        .unwrap();
    deployment.push(&phone, &[event(h, "visited", &[first], "").1]);
    let kept = deployment.registry.quarantine(root, None, 0, 10, now()).unwrap();
    assert_eq!(kept.len(), 1);
    deployment
        .registry
        .dismiss(root, kept[0].n, "its household is erased", now())
        .unwrap();
    assert!(
        deployment
            .registry
            .quarantine(root, None, 0, 10, now())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn after_an_erasing_and_a_new_key_no_backup_from_before_opens() {
    let mut deployment = Deployment::new();
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let (gone, stays) = (household(), household());
    deployment.push(
        &phone,
        &[
            survey(gone, NORTH, "Chan Dara").1,
            survey(stays, NORTH, "Prak Sothea").1,
        ],
    );
    let elsewhere = tempfile::tempdir().unwrap();
    let backup = elsewhere.path().join("data");
    std::fs::create_dir(&backup).unwrap();
    phteah_store::copy_database(
        &deployment.data().join("registry.sqlite"),
        &backup.join("registry.sqlite"),
    )
    .unwrap();
    let root = &deployment.root;
    deployment
        .registry
        .erase(root, root, gone, "they asked", now())
        .unwrap();
    let key = key_file::default_path(&deployment.data());
    // As long as the key is the same, whoever has both reads all.
    let with_old_key = phteah_store::registry::Registry::open(&backup, &key, entropy()).unwrap();
    assert!(with_old_key.household(root, gone, "looking", now()).is_ok());
    drop(with_old_key);
    deployment.registry.rotate_key(root, "an erasing", now()).unwrap();
    let refused = phteah_store::registry::Registry::open(&backup, &key, entropy()).unwrap_err();
    assert!(
        refused.to_string().contains("not the one of this registry"),
        "{refused}"
    );
    deployment.reopen();
    let root = &deployment.root;
    assert!(
        deployment
            .registry
            .household(root, stays, "looking", now())
            .is_ok()
    );
    assert!(
        deployment
            .registry
            .household(root, gone, "looking", now())
            .is_err()
    );
}

#[test]
fn a_hidden_record_is_not_read_by_way_of_one_that_it_was_merged_with() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let (_, case) = deployment.device("Case Illustrative", Role::Caseworker, "North");
    let chief = deployment.person("Chief Illustrative", Role::Coordinator, "North");
    let (seen, hidden) = (household(), household());
    let (first, text) = survey(seen, NORTH, "Chan Dara");
    deployment.push(&phone, &[text, survey(hidden, NORTH, "Prak Sothea").1]);
    deployment.push(
        &phone,
        &[event(hidden, "merged", &[], &format!(r#""to":"{seen}""#)).1],
    );
    let names = |actor: &phteah_store::Actor| {
        let state = deployment.registry.state(actor, seen, "looking", now()).unwrap();
        state.facts.get("head.name").unwrap().values.len()
    };
    assert_eq!(names(&chief), 2);
    deployment
        .registry
        .give(
            &chief,
            hidden,
            &[case.account().unwrap().clone()],
            "a case",
            now(),
        )
        .unwrap();
    deployment
        .registry
        .hide(&case, hidden, true, "in danger", now())
        .unwrap();
    assert_eq!((names(&chief), names(&case)), (1, 2));
    let receipt = deployment
        .push(
            &phone,
            &[event(seen, "surveyed", &[first], r#""facts":{"head.name":"Chan Dara"}"#).1],
        )
        .remove(0);
    assert_eq!((receipt.status, receipt.conflicts), (Stored, vec![]));
}

#[test]
fn a_phone_that_was_away_for_long_sends_what_it_has_and_its_lease_is_renewed() {
    let deployment = Deployment::on(place());
    let (token, _) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let later = later(SignedDuration::from_hours(24 * 40));
    let contact = deployment.store.device_contact(token.expose(), later).unwrap();
    assert!(contact.lease_had_ended && contact.lease_until > later);
    let two_years_behind = survey(household(), NORTH, "Chan Dara")
        .1
        .replace("2026-11-20", "2024-11-20");
    let clocks = Clocks {
        now: later,
        offset: Some(SignedDuration::from_hours(-24 * 731)),
    };
    let batch = vec![Incoming::read(&two_years_behind)];
    let receipt = deployment
        .registry
        .push(&contact.actor, batch, clocks)
        .unwrap()
        .remove(0);
    assert_eq!((receipt.status, code(&receipt)), (Stored, "clock_wrong"));
    assert!(
        !deployment
            .store
            .device_contact(token.expose(), later)
            .unwrap()
            .lease_had_ended
    );
}

fn survey_event(household: HouseholdId, sangkat: &str, name: &str, born: u16, more: &str) -> String {
    let facts = format!(
        r#""facts":{{"dwelling.sangkat":"{sangkat}","head.name":"{name}","head.birth_year":{born}{more}}}"#
    );
    event(household, "surveyed", &[], &facts).1
}

#[test]
#[allow(clippy::too_many_lines, reason = "one story, told in its order")]
fn an_imported_family_that_may_be_there_already_is_held_for_a_person() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let chief = deployment.person("Chief Illustrative", Role::Coordinator, "North");
    let there = household();
    let danger = household();
    deployment.push(
        &phone,
        &[
            survey_event(there, NORTH, "ចាន់ តារា", 1980, ""),
            survey_event(danger, NORTH, "មាស មាលា", 1990, ""),
        ],
    );
    let root = &deployment.root;
    let case = deployment.person("Case Illustrative", Role::Caseworker, "North");
    let account = case.account().unwrap().clone();
    deployment
        .registry
        .give(root, danger, &[account], "a case", now())
        .unwrap();
    deployment
        .registry
        .hide(&case, danger, true, "in danger", now())
        .unwrap();
    let records: Vec<String> = [
        // Two words that changed places, a year beside: the same family. Another of that name, far away and much younger. One that is hidden.
        ("តារា ចាន់", 1981, NORTH),
        ("ចាន់ តារា", 2005, SOUTH),
        ("មាស មាលា", 1990, NORTH),
        ("Prak Sothea", 1970, NORTH),
        ("Prak Sothea", 1971, NORTH),
    ]
    .into_iter()
    .map(|(name, born, sangkat)| survey_event(household(), sangkat, name, born, r#","record.source":"old""#))
    .collect();
    let events: Vec<Event> = records
        .iter()
        .map(|text| Event::read(text.as_bytes()).unwrap())
        .collect();
    let likely = deployment
        .registry
        .likely(root, &events, "an old survey", now())
        .unwrap();
    let found: Vec<Vec<HouseholdId>> = likely
        .iter()
        .map(|likely| likely.iter().map(|like| like.household).collect())
        .collect();
    assert_eq!(
        found,
        [vec![there], vec![], vec![], vec![], vec![events[3].household]]
    );
    let north = deployment.store.teams(root).unwrap();
    let north = &north.iter().find(|team| team.name == "North").unwrap().id;
    let batch = || {
        let held = records.iter().zip(&found);
        held.map(|(text, may_be)| ImportedEvent {
            event: Incoming::read(text),
            may_be: may_be.clone(),
        })
        .collect::<Vec<_>>()
    };
    let statuses = |receipts: Vec<phteah_store::registry::Receipt>| -> Vec<ReceiptStatus> {
        receipts.into_iter().map(|receipt| receipt.status).collect()
    };
    let taken = deployment
        .registry
        .take_imported(root, Some(north), batch(), clocks())
        .unwrap();
    assert_eq!(
        statuses(taken),
        [Quarantined, Stored, Stored, Stored, Quarantined]
    );
    // The same file again changes nothing.
    let again = deployment
        .registry
        .take_imported(root, Some(north), batch(), clocks())
        .unwrap();
    assert_eq!(
        statuses(again),
        [Quarantined, Duplicate, Duplicate, Duplicate, Quarantined]
    );
    let kept = deployment
        .registry
        .quarantine(&chief, None, 0, 10, now())
        .unwrap();
    assert_eq!(kept.len(), 2);
    assert!(kept[0].notes[0].message.contains(&there.to_string()));
    assert_eq!(kept[0].notes[0].code, "likely_duplicate");
    // Judged as another family it counts; then it is known.
    deployment
        .registry
        .release(
            &chief,
            kept[0].n,
            &AnswerableTasks::default(),
            "a namesake",
            now(),
        )
        .unwrap();
    let standing = deployment
        .registry
        .imported(root, events[0].household, "old")
        .unwrap();
    assert_eq!(standing, Standing::Known(vec![events[0].clone()]));
    assert_eq!(
        deployment.registry.imported(root, household(), "old").unwrap(),
        Standing::New
    );
    deployment
        .registry
        .erase(root, root, events[1].household, "they asked", now())
        .unwrap();
    assert_eq!(
        deployment
            .registry
            .imported(root, events[1].household, "old")
            .unwrap(),
        Standing::Erased
    );
    // Nobody but those who decide about cases may compare.
    assert!(deployment.registry.likely(&phone, &events, "", now()).is_err());
    let key = deployment.registry.import_key(root).unwrap();
    assert_ne!(key.derive(&[b"a", b"b"]), key.derive(&[b"ab"]));
}

#[test]
fn records_past_their_time_are_asked_about_kept_or_erased() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let chief = deployment.person("Chief Illustrative", Role::Coordinator, "North");
    let root = &deployment.root;
    let old = |text: String| text.replace("2026-11-20", "2022-05-01");
    let (silent, kept, alive, merged) = (household(), household(), household(), household());
    let (first, text) = survey(alive, NORTH, "Chan Dara");
    deployment.push(
        &phone,
        &[
            old(survey(silent, NORTH, "Prak Sothea").1),
            old(survey(kept, NORTH, "Keo Maly").1),
            old(text),
            event(alive, "visited", &[first], "").1,
            old(survey(merged, NORTH, "Chan Dara").1),
            old(event(merged, "merged", &[], &format!(r#""to":"{alive}""#)).1),
            // Somebody who was not met is no contact.
            event(silent, "not_found", &[], r#""reason":"nobody_there""#).1,
        ],
    );
    let registry = &deployment.registry;
    let due = |at| registry.retention_due(root, at).unwrap();
    assert_eq!(due(now()), [], "nobody has said how long");
    let rule = RetentionRule {
        months: 36,
        grace_days: 30,
    };
    assert!(registry.set_retention_rule(root, Some(rule), "", now()).is_err());
    assert!(
        registry
            .set_retention_rule(&chief, Some(rule), "agreed", now())
            .is_err()
    );
    registry
        .set_retention_rule(root, Some(rule), "agreed", now())
        .unwrap();
    let found: BTreeSet<HouseholdId> = due(now()).iter().map(|due| due.household).collect();
    assert_eq!(found, BTreeSet::from([silent, kept]));
    assert!(due(now()).iter().all(|due| due.state == RetentionState::NotAsked));
    assert_eq!(registry.ask_retention(&chief, now()).unwrap(), 2);
    assert_eq!(
        registry.ask_retention(&chief, now()).unwrap(),
        0,
        "each is asked once"
    );
    registry.keep(&chief, kept, "a visit is planned", now()).unwrap();
    let day = |days: i64| later(SignedDuration::from_hours(24 * days));
    assert_eq!(due(day(30)).len(), 1);
    assert!(registry.erase_expired(root, root, day(30)).unwrap().is_empty());
    assert_eq!(due(day(31))[0].state, RetentionState::Expired);
    assert_eq!(registry.erase_expired(root, root, day(31)).unwrap(), [silent]);
    assert!(registry.household(root, silent, "looking", now()).is_err());
    assert!(registry.household(root, kept, "looking", now()).is_ok());
    // What was kept on purpose is due again after as many months, and asked about anew.
    let again = due(day(37 * 31));
    assert!(
        again
            .iter()
            .any(|due| due.household == kept && due.state == RetentionState::NotAsked)
    );
    let audit =
        phteah_store::registry::Registry::verify_audit(&deployment.data(), &deployment.place.database, root)
            .unwrap()
            .unwrap();
    assert!(
        matches!(audit, AuditState::Whole { rows, .. } if rows >= 6),
        "{audit:?}"
    );
}

#[test]
fn a_row_of_the_record_of_readings_that_was_changed_is_found() {
    let deployment = Deployment::new();
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let h = household();
    deployment.push(&phone, &[survey(h, NORTH, "Chan Dara").1]);
    let root = &deployment.root;
    for why in ["one", "two", "three"] {
        deployment.registry.household(root, h, why, now()).unwrap();
    }
    let data = deployment.data();
    let check = || phteah_store::registry::Registry::verify_audit(&data, &Database::Files, root).unwrap();
    assert!(matches!(check(), Some(AuditState::Whole { rows: 3, .. })));
    let file = rusqlite::Connection::open(data.join("registry.sqlite")).unwrap();
    file.execute_batch("DROP TRIGGER audit_is_never_changed; UPDATE audit SET why = 'nothing' WHERE seq = 2")
        .unwrap();
    assert!(matches!(check(), Some(AuditState::Broken { seq: 2, .. })));
    let chief = deployment.person("Chief Illustrative", Role::Coordinator, "North");
    assert!(phteah_store::registry::Registry::verify_audit(&data, &Database::Files, &chief).is_err());
}

#[test]
fn a_wrong_key_touches_nothing() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    deployment.push(&phone, &[survey(household(), NORTH, "Chan Dara").1]);
    let data = deployment.data();
    let path = key_file::default_path(&data);
    std::fs::remove_file(&path).unwrap();
    let bytes = || {
        let mut files: Vec<_> = std::fs::read_dir(&data)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        files
            .into_iter()
            .map(|file| (std::fs::read(&file).unwrap(), file))
            .collect::<Vec<_>>()
    };
    let before = bytes();
    assert!(
        deployment
            .place
            .registry()
            .unwrap_err()
            .to_string()
            .contains("no key file")
    );
    key_file::create(&path, &data, &DeploymentKey::new([9; 32])).unwrap();
    let refusal = deployment.place.registry().unwrap_err().to_string();
    assert!(refusal.contains("Nothing was touched"), "{refusal}");
    assert!(before == bytes());
}

#[test]
fn the_key_is_replaced_while_others_write_and_read() {
    let mut deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let events: Vec<String> = (0..600)
        .map(|i| survey(household(), NORTH, &format!("Family {i}")).1)
        .collect();
    deployment.push(&phone, &events[..500]);
    let photo = [&b"\xff\xd8\xff"[..], &[7; 100]].concat();
    let hash = FileHash::read(&format!("{:x}", HexOf(&Sha256::digest(&photo)))).unwrap();
    deployment
        .registry
        .begin_file(&phone, hash, photo.len() as u64, now())
        .unwrap();
    deployment
        .registry
        .append_file(&phone, hash, 0, photo[..50].to_vec())
        .unwrap();
    let path = key_file::default_path(&deployment.data());
    let before = key_file::read(&path, &deployment.data()).unwrap().current().id();
    // Another process, as the command line is.
    let other = deployment.place.registry().unwrap();
    let registry = Arc::clone(&deployment.registry);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for event in &events[500..] {
                let receipts = registry
                    .push(&phone, vec![Incoming::read(event)], clocks())
                    .unwrap();
                assert_eq!(receipts[0].status, Stored);
            }
        });
        let done = other.rotate_key(&deployment.root, "yearly", now()).unwrap();
        assert_eq!(done.from, before);
        assert!(done.wrapped >= 501, "{done:?}");
    });
    drop((other, registry));
    let ring = key_file::read(&path, &deployment.data()).unwrap();
    assert_eq!(ring.keys().len(), 1);
    assert_ne!(ring.current().id(), before);
    deployment.reopen();
    assert_eq!(deployment.pull(&phone, 0, 1000).0.len(), 600);
    assert!(
        deployment
            .registry
            .append_file(&phone, hash, 50, photo[50..].to_vec())
            .unwrap()
            .complete
    );
}

struct HexOf<'a>(&'a [u8]);

impl std::fmt::LowerHex for HexOf<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn hash_of(bytes: &[u8]) -> FileHash {
    FileHash::read(&format!("{:x}", HexOf(&Sha256::digest(bytes)))).unwrap()
}

/// Sends a photo whole, with an event of a new household that names it.
fn photograph(deployment: &Deployment, phone: &phteah_store::Actor) -> (HouseholdId, FileHash, Vec<u8>) {
    let photo: Vec<u8> = [&b"\x89PNG\r\n\x1a\n"[..], &random::<500>()].concat();
    let (h, hash) = (household(), hash_of(&photo));
    let registry = &deployment.registry;
    registry
        .begin_file(phone, hash, photo.len() as u64, now())
        .unwrap();
    registry.append_file(phone, hash, 0, photo.clone()).unwrap();
    let name = format!("{:x}", HexOf(&Sha256::digest(&photo)));
    let (_, text) = event(
        h,
        "surveyed",
        &[],
        &format!(r#""facts":{{"dwelling.sangkat":"{NORTH}"}},"files":["{name}"]"#),
    );
    assert!(all(&deployment.push(phone, &[text]), Stored));
    (h, hash, photo)
}

#[test]
fn a_registry_with_photos_is_copied_whole_and_a_damaged_copy_is_named() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    // Several, so that the order of the table's key and that of its rows differ.
    let made: Vec<_> = (0..5).map(|_| photograph(&deployment, &phone)).collect();
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("data");
    std::fs::create_dir(&copy).unwrap();
    let file = copy.join("registry.sqlite");
    let state = match &deployment.place.database {
        Database::Files => {
            phteah_store::copy_database(&deployment.data().join("registry.sqlite"), &file).unwrap()
        }
        there @ Database::Postgres(_) => {
            phteah_store::copy_as_file(phteah_store::Part::Registry, there, &copy).unwrap()
        }
    };
    assert!(state.events > 0);
    assert_eq!(phteah_store::database_state(&file).unwrap(), state);
    let key = key_file::default_path(&deployment.data());
    let restored = phteah_store::registry::Registry::open(&copy, &key, entropy()).unwrap();
    for (h, hash, photo) in &made {
        assert_eq!(*restored.file(&phone, *hash).unwrap(), *photo);
        assert!(restored.household(&deployment.root, *h, "looking", now()).is_ok());
    }
    drop(restored);
    // A row that an index does not have is found, and the sentence names the file that is hurt.
    let conn = rusqlite::Connection::open(&file).unwrap();
    conn.execute_batch(
        "PRAGMA writable_schema = ON; PRAGMA journal_mode = DELETE;
         UPDATE sqlite_schema SET sql = 'CREATE INDEX file_by_household ON household_file (hash)' WHERE name = 'file_by_household';",
    )
    .unwrap();
    drop(conn);
    let said = phteah_store::database_state(&file).unwrap_err().to_string();
    assert!(
        said.starts_with("registry.sqlite is damaged") && said.contains("phteah restore"),
        "{said}"
    );
}

#[test]
fn a_photo_is_resumed_checked_and_belongs_to_its_household() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let (_, foreign) = deployment.device("Keo Illustrative", Role::FieldWorker, "South");
    let registry = &deployment.registry;
    let photo: Vec<u8> = [&b"\x89PNG\r\n\x1a\n"[..], &[3; 5_000]].concat();
    let hash = hash_of(&photo);
    assert!(matches!(
        registry.file_state(&phone, hash),
        Err(StoreError::NotFound(_))
    ));
    registry
        .begin_file(&phone, hash, photo.len() as u64, now())
        .unwrap();
    assert!(matches!(
        registry.file_state(&foreign, hash),
        Err(StoreError::NotFound(_))
    ));
    registry
        .append_file(&phone, hash, 0, photo[..2_000].to_vec())
        .unwrap();
    let wrong = registry
        .append_file(&phone, hash, 0, photo[..2_000].to_vec())
        .unwrap_err();
    assert!(matches!(
        wrong,
        StoreError::Refused {
            code: "wrong_offset",
            ..
        }
    ));
    assert_eq!(
        registry
            .begin_file(&phone, hash, photo.len() as u64, now())
            .unwrap()
            .received,
        2_000
    );
    // A byte is lost on the way: the file is emptied, and can be sent again.
    let mut hurt = photo[2_000..].to_vec();
    hurt[7] ^= 1;
    let wrong = registry.append_file(&phone, hash, 2_000, hurt).unwrap_err();
    assert!(matches!(
        wrong,
        StoreError::Refused {
            code: "hash_differs",
            ..
        }
    ));
    assert_eq!(registry.file_state(&phone, hash).unwrap().received, 0);
    assert!(
        registry
            .append_file(&phone, hash, 0, photo.clone())
            .unwrap()
            .complete
    );
    assert!(registry.append_file(&phone, hash, 0, vec![1]).is_err());
    let name = format!("{:x}", HexOf(&Sha256::digest(&photo)));
    let (_, text) = event(household(), "surveyed", &[], &format!(r#""files":["{name}"]"#));
    assert!(registry.file(&phone, hash).is_err(), "no household has it yet");
    deployment.push(&phone, &[text]);
    assert_eq!(*registry.file(&phone, hash).unwrap(), photo);
    assert!(registry.file(&foreign, hash).is_err());
    // Neither photo nor sound.
    let text = b"<html>not a photo, whatever it is called</html>";
    registry
        .begin_file(&phone, hash_of(text), text.len() as u64, now())
        .unwrap();
    let wrong = registry
        .append_file(&phone, hash_of(text), 0, text.to_vec())
        .unwrap_err();
    assert!(matches!(
        wrong,
        StoreError::Refused {
            code: "not_an_image",
            ..
        }
    ));
    assert!(registry.file_state(&phone, hash_of(text)).is_err());
    assert!(
        registry
            .begin_file(&phone, hash_of(b"x"), 1 << 40, now())
            .is_err()
    );
}
