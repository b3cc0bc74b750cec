//! Durable events a second: 8 clients that push batches of 100, checked, sealed and receipted, beside bare SQLite in the same run: the same
//! texts, unchecked and unsealed, 100 to a transaction, with the same durability (WAL, `synchronous = FULL`).
//!
//! Bare SQLite is measured twice: as one loop, and as 8 threads with a connection each. Where PostgreSQL is installed the registry is measured on it
//! as well, on a server of its own whose commits wait for the disk.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark stops where something fails"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use phteah_registry::event::{EventId, HouseholdId};
use phteah_store::registry::{Clocks, DeploymentKey, Incoming, ReceiptStatus, Registry, key_file};
use phteah_store::{Actor, Database, NewAccount, Role, Store};
use rusqlite::Connection;

#[cfg(has_postgres)]
#[path = "../tests/cluster/mod.rs"]
mod cluster;
mod seeded;

use seeded::{entropy, now, random};

const CLIENTS: usize = 8;
const BATCH: usize = 100;
const EVENTS_PER_HOUSEHOLD: usize = 10;

fn main() {
    let batches: usize = std::env::var("BATCHES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(100);
    let dir = tempfile::tempdir().unwrap();
    let work: Vec<Vec<Vec<(EventId, String)>>> = (0..CLIENTS)
        .map(|_| (0..batches).map(|_| batch()).collect())
        .collect();
    let events = CLIENTS * batches * BATCH;
    let bytes: usize = work.iter().flatten().flatten().map(|(_, text)| text.len()).sum();
    println!(
        "{events} events of {} bytes on average, {CLIENTS} clients, {BATCH} to a batch",
        bytes / events
    );
    let rate = |took: Duration| events as f64 / took.as_secs_f64();
    // Twice each, in turn: whatever else the machine does touches all of them.
    let (mut one, mut eight, mut ours) = (0.0_f64, 0.0_f64, 0.0_f64);
    for round in 0..2 {
        one = one.max(rate(bare(&dir.path().join(format!("one-{round}")), &work, false)));
        eight = eight.max(rate(bare(
            &dir.path().join(format!("eight-{round}")),
            &work,
            true,
        )));
        ours = ours.max(rate(sealed(
            &dir.path().join(format!("ours-{round}")),
            &Database::Files,
            &work,
        )));
    }
    println!("bare SQLite, one loop:      {one:>9.0} events/s");
    println!("bare SQLite, 8 connections: {eight:>9.0} events/s");
    println!("registry, sealed, receipts: {ours:>9.0} events/s");
    println!("registry / bare loop:       {:>9.2}", ours / one);
    #[cfg(has_postgres)]
    {
        let cluster: &'static _ = Box::leak(Box::new(cluster::Cluster::durable()));
        let made = cluster.database();
        let database = Database::read(Some(&made.address())).unwrap();
        let there = rate(sealed(&dir.path().join("postgresql"), &database, &work));
        println!("registry on PostgreSQL:     {there:>9.0} events/s");
    }
    #[cfg(not(has_postgres))]
    println!("SKIPPED registry on PostgreSQL: its server is not installed (apt-get install postgresql)");
}

/// A hundred events of ten illustrative families: a survey and nine visits each.
fn batch() -> Vec<(EventId, String)> {
    let mut events = Vec::with_capacity(BATCH);
    for _ in 0..BATCH / EVENTS_PER_HOUSEHOLD {
        let household = HouseholdId::new(random());
        let mut after = String::new();
        for i in 0..EVENTS_PER_HOUSEHOLD {
            let id = EventId::new(now(), random());
            let kind = if i == 0 { "surveyed" } else { "visited" };
            let member = HouseholdId::new(random());
            events.push((
                id,
                format!(
                    r#"{{"id":"{id}","household":"{household}","kind":"{kind}","after":[{after}],"happened_on":"2026-11-20","recorded_at":"2026-11-20T03:10:00Z","form":{{"id":"survey","version":"3"}},"facts":{{"head.name":"សុខ ដារា","members/{member}/birth_year":1990,"dwelling.tenure":"rented","dwelling.sangkat":"120101","income.month":1{i}0,"nights_per_week":6}},"location":{{"lon":104.9,"lat":11.55,"accuracy_m":6,"method":"gps"}}}}"#
                ),
            ));
            after = format!("\"{id}\"");
        }
    }
    events
}

fn bare(path: &Path, work: &[Vec<Vec<(EventId, String)>>], each_its_own: bool) -> Duration {
    let connect = || {
        let conn = Connection::open(path).unwrap();
        conn.busy_timeout(Duration::from_secs(60)).unwrap();
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;
             CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, body BLOB NOT NULL) STRICT;",
        )
        .unwrap();
        conn
    };
    let insert = |conn: &mut Connection, batch: &[(EventId, String)]| {
        let transaction = conn
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
            .unwrap();
        {
            let mut statement = transaction
                .prepare_cached("INSERT INTO event (id, body) VALUES (?1, ?2)")
                .unwrap();
            for (id, text) in batch {
                statement
                    .execute(rusqlite::params![id.uuid().as_bytes(), text.as_bytes()])
                    .unwrap();
            }
        }
        transaction.commit().unwrap();
    };
    let mut conn = connect();
    let started = Instant::now();
    if each_its_own {
        std::thread::scope(|scope| {
            for batches in work {
                scope.spawn(move || {
                    let mut conn = connect();
                    for batch in batches {
                        insert(&mut conn, batch);
                    }
                });
            }
        });
    } else {
        work.iter().flatten().for_each(|batch| insert(&mut conn, batch));
    }
    started.elapsed()
}

fn sealed(data: &Path, database: &Database, work: &[Vec<Vec<(EventId, String)>>]) -> Duration {
    std::fs::create_dir(data).unwrap();
    let store = Store::open_in(data, database).unwrap();
    key_file::create(&key_file::default_path(data), data, &DeploymentKey::new(random())).unwrap();
    let registry = Registry::open_in(data, database, &key_file::default_path(data), entropy()).unwrap();
    let actors: Vec<Actor> = (0..CLIENTS).map(|i| device(&store, i)).collect();
    let started = Instant::now();
    std::thread::scope(|scope| {
        for (batches, actor) in work.iter().zip(&actors) {
            let registry = &registry;
            scope.spawn(move || {
                for batch in batches {
                    let incoming = batch.iter().map(|(_, text)| Incoming::read(text)).collect();
                    let receipts = registry
                        .push(
                            actor,
                            incoming,
                            Clocks {
                                now: now(),
                                offset: None,
                            },
                        )
                        .unwrap();
                    assert!(
                        receipts
                            .iter()
                            .all(|receipt| receipt.status == ReceiptStatus::Stored)
                    );
                }
            });
        }
    });
    started.elapsed()
}

fn device(store: &Store, i: usize) -> Actor {
    let root = store.command_line();
    if i == 0 {
        store
            .add_team(&root, "All", &"everywhere".parse().unwrap(), &random(), "", now())
            .unwrap();
    }
    let name = format!("Worker {i}");
    let new = NewAccount {
        name: &name,
        roles: &[Role::FieldWorker],
        teams: &["All"],
    };
    store.add_account(&root, &new, &random(), "", now()).unwrap();
    let code = store
        .make_device_code(&root, &name, None, &random(), "", now())
        .unwrap();
    let enrolled = store.enrol(code.expose(), "phone", &random(), now()).unwrap();
    store
        .device_contact(enrolled.token.expose(), now())
        .unwrap()
        .actor
}
