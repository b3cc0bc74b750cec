//! Several programs over one database: what one has written the others see at once, in order and once. All people here are illustrative.
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests do")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use phteah_store::registry::{Incoming, Receipt, ReceiptStatus, Registry};
use phteah_store::{
    Actor, AuditState, KeyScope, LayerRule, NewKey, Role, StoreError, Viewer, Visibility, carry, hashes,
};

use super::place;
use crate::field::{Deployment, NORTH, SOUTH, clocks, code, event, household, later, now, random, survey};
use crate::place::holds;

fn push(registry: &Registry, actor: &Actor, event: &str) -> Receipt {
    registry
        .push(actor, vec![Incoming::read(event)], clocks())
        .unwrap()
        .remove(0)
}

#[test]
fn what_one_program_changes_the_other_sees_at_once() {
    let deployment = Deployment::on(place());
    let (one, other) = (&deployment.store, deployment.place.store());
    let public = LayerRule {
        layer: Visibility::Public,
        fields: BTreeMap::from([("depth_m".to_owned(), Visibility::Public)]),
    };
    let seen = || other.grant(&Viewer::anyone(), "wells", ["depth_m"]).unwrap();
    for _ in 0..3 {
        assert!(seen().is_none());
        one.publish(&deployment.root, "wells", &public, "", now())
            .unwrap();
        assert_eq!(seen().unwrap().fields(), ["depth_m"]);
        one.publish(&deployment.root, "wells", &LayerRule::default(), "", now())
            .unwrap();
    }
    let key = NewKey {
        name: "city hall",
        scope: KeyScope::EveryPartnerLayer,
        expires_at: later(jiff::SignedDuration::from_hours(1)),
    };
    let key = one.add_key(&deployment.root, &key, &random(), "", now()).unwrap();
    assert!(other.viewer(key.expose(), now()).is_ok());
    one.revoke_key(&deployment.root, "city hall", "", now()).unwrap();
    assert!(matches!(
        other.viewer(key.expose(), now()),
        Err(StoreError::BadKey)
    ));
    let (token, _) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    assert!(other.device_contact(token.expose(), now()).is_ok());
    one.disable_account(&deployment.root, "Sok Illustrative", "left", now())
        .unwrap();
    assert!(matches!(
        other.device_contact(token.expose(), now()),
        Err(StoreError::DeviceRevoked)
    ));
}

#[test]
fn an_event_that_comes_fifty_times_at_once_is_stored_once() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let other = deployment.place.registry().unwrap();
    let (_, text) = survey(household(), NORTH, "Chan Illustrative");
    let receipts: Vec<Receipt> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..50)
            .map(|i| {
                let registry = if i % 2 == 0 { &*deployment.registry } else { &other };
                let (phone, text) = (&phone, &text);
                scope.spawn(move || push(registry, phone, text))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let stored = receipts
        .iter()
        .filter(|receipt| receipt.status == ReceiptStatus::Stored)
        .count();
    assert_eq!(stored, 1, "{receipts:?}");
    assert!(receipts.iter().all(|receipt| receipt.seq == receipts[0].seq));
    assert_eq!(deployment.pull(&phone, 0, 10).0.len(), 1);
}

#[test]
fn the_last_plot_is_given_once() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let other = deployment.place.registry().unwrap();
    for plot in 0..5 {
        let moves: Vec<String> = (0..4)
            .map(|_| {
                let h = household();
                let (first, text) = survey(h, NORTH, "Chan Illustrative");
                push(&deployment.registry, &phone, &text);
                event(h, "moved", &[first], &format!(r#""site":"S1","plot":"P{plot}""#)).1
            })
            .collect();
        let receipts: Vec<Receipt> = std::thread::scope(|scope| {
            let threads: Vec<_> = moves
                .iter()
                .enumerate()
                .map(|(i, text)| {
                    let registry = if i % 2 == 0 { &*deployment.registry } else { &other };
                    let phone = &phone;
                    scope.spawn(move || push(registry, phone, text))
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let (stored, kept): (Vec<_>, Vec<_>) = receipts
            .iter()
            .partition(|receipt| receipt.status == ReceiptStatus::Stored);
        assert_eq!((stored.len(), kept.len()), (1, 3), "{receipts:?}");
        assert!(
            kept.iter().all(|receipt| code(receipt) == "plot_taken"),
            "{kept:?}"
        );
    }
}

/// A device asks with the last number that it has: one that was seen after a greater one would be lost to it for good.
#[test]
fn no_number_is_seen_before_a_smaller_one() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let (_, reader) = deployment.device("Keo Illustrative", Role::FieldWorker, "North");
    let registries = [
        deployment.place.registry().unwrap(),
        deployment.place.registry().unwrap(),
    ];
    // The reader holds one household, in which all the others write.
    let h = household();
    let (first, text) = survey(h, NORTH, "Chan Illustrative");
    push(&deployment.registry, &phone, &text);
    let done = AtomicBool::new(false);
    let (mut seen, mut after) = (Vec::new(), 0);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..6)
            .map(|i| {
                let (registry, phone) = (&registries[i % 2], &phone);
                scope.spawn(move || {
                    for _ in 0..15 {
                        let visit = event(h, "visited", &[first], "").1;
                        let receipt = push(registry, phone, &visit);
                        assert_eq!(receipt.status, ReceiptStatus::Stored);
                    }
                })
            })
            .collect();
        let done = &done;
        let reading = scope.spawn(|| {
            let (mut seen, mut after) = (Vec::new(), 0);
            while !done.load(Ordering::SeqCst) {
                let (events, _, next) = deployment.pull(&reader, after, 7);
                seen.extend(events);
                after = next;
            }
            (seen, after)
        });
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::SeqCst);
        (seen, after) = reading.join().unwrap();
    });
    seen.extend(deployment.pull(&reader, after, 7).0);
    assert_eq!(seen.len(), 91);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 91, "none came twice");
}

#[test]
fn the_audit_is_one_chain_whoever_writes_it() {
    let deployment = Deployment::on(place());
    let other = deployment.place.store();
    std::thread::scope(|scope| {
        for (i, store) in [&deployment.store, &other, &deployment.store, &other]
            .into_iter()
            .enumerate()
        {
            let root = &deployment.root;
            scope.spawn(move || {
                for n in 0..10 {
                    let area = "everywhere".parse().unwrap();
                    store
                        .add_team(root, &format!("Team {i}-{n}"), &area, &random(), "", now())
                        .unwrap();
                }
            });
        }
    });
    // Three teams came with the deployment.
    let state = other.verify_audit(&deployment.root).unwrap();
    assert!(matches!(state, AuditState::Whole { rows: 43, .. }), "{state:?}");
}

#[test]
fn no_byte_that_is_kept_tells_of_a_family() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let h = household();
    let (first, text) = event(
        h,
        "surveyed",
        &[],
        r#""facts":{"dwelling.sangkat":"120101","head.name":"Srey Unheardof","head.name_km":"ស្រី អរូប","head.phone":"012 987 654"},
          "location":{"lon":104.987654,"lat":11.543210,"accuracy_m":5}"#,
    );
    let visit = event(
        h,
        "visited",
        &[first],
        r#""facts":{"visit.note":"leaks at Zorbatown"}"#,
    )
    .1;
    let refused = r#"{"id":"no id","household":"none","facts":{"head.name":"Quar Antined"}}"#;
    let receipts = deployment.push(&phone, &[text, visit, refused.to_owned()]);
    assert_eq!(receipts[1].status, ReceiptStatus::Stored, "{receipts:?}");
    assert_eq!(receipts[2].status, ReceiptStatus::Quarantined);
    let bytes = deployment.place.bytes();
    assert!(
        holds(&bytes, h.uuid().as_bytes()),
        "a household's id stands there"
    );
    for secret in [
        "Srey",
        "Unheardof",
        "ស្រី",
        "អរូប",
        "987 654",
        "012987654",
        "104.98",
        "11.54",
        "Zorbatown",
        "Quar",
        "Antined",
    ] {
        assert!(!holds(&bytes, secret.as_bytes()), "{secret}");
    }
}

#[test]
fn a_database_is_carried_to_files_and_is_the_same() {
    use phteah_store::{Database, Part, Store};
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    for i in 0..30 {
        let sangkat = if i % 2 == 0 { NORTH } else { SOUTH };
        deployment.push(&phone, &[survey(household(), sangkat, &format!("Family {i}")).1]);
    }
    let to = deployment.place.around().join("carried");
    std::fs::create_dir(&to).unwrap();
    let from = (&*deployment.data(), &deployment.place.database);
    for part in Part::ALL {
        let carried = carry(part, from, (&to, &Database::Files)).unwrap();
        assert!(
            carried.iter().map(|table| table.rows).sum::<u64>() > 10,
            "{carried:?}"
        );
        assert_eq!(carried, hashes(part, from.0, from.1).unwrap());
        assert_eq!(carried, hashes(part, &to, &Database::Files).unwrap());
        let again = carry(part, from, (&to, &Database::Files)).unwrap_err();
        assert!(again.to_string().contains("Nothing was changed"), "{again}");
    }
    let store = Store::open(&to).unwrap();
    assert!(matches!(
        store.verify_audit(&deployment.root).unwrap(),
        AuditState::Whole { .. }
    ));
    // Numbers go on where they were.
    let key = phteah_store::registry::key_file::default_path(&deployment.data());
    let registry = Registry::open(&to, &key, crate::field::entropy()).unwrap();
    assert_eq!(registry.households(&phone).unwrap().len(), 15);
    let receipt = push(&registry, &phone, &survey(household(), NORTH, "One more").1);
    assert_eq!(receipt.status, ReceiptStatus::Stored);
}

#[test]
fn the_key_of_an_erased_household_stands_in_no_table() {
    let deployment = Deployment::on(place());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let h = household();
    deployment.push(&phone, &[survey(h, NORTH, "Chan Illustrative").1]);
    let key = deployment.place.only_data_key();
    assert!(key.len() > 32 && holds(&deployment.place.tables(), &key));
    // Somebody began to read before, and reads on for a while.
    let reader = deployment.place.reads_for_a_second();
    deployment
        .registry
        .erase(&deployment.root, &deployment.root, h, "they asked", now())
        .unwrap();
    reader.join().unwrap();
    assert!(!holds(&deployment.place.tables(), &key));
}
