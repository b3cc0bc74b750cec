//! What only PostgreSQL can do to us: refuse us, be too new, be shared, and go away in the middle.
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests do")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use phteah_store::registry::{Incoming, ReceiptStatus};
use phteah_store::{Database, Part, Role, Store, StoreError, carry, hashes};

use crate::cluster::{Cluster, Database as Made, PASSWORD, shared};
use crate::field::{Deployment, NORTH, clocks, household, now, survey};
use crate::place::Place;

fn open(address: &str) -> Result<Store, StoreError> {
    let dir = tempfile::tempdir().unwrap();
    Store::open_in(dir.path(), &Database::read(Some(address))?)
}

/// Checks that an answer says what it should, and tells nobody the password.
#[track_caller]
fn refused(address: &str, words: &str) -> StoreError {
    let error = open(address).map(|_| ()).unwrap_err();
    let said = error.to_string();
    assert!(said.contains(words), "{said}");
    for text in [said, format!("{error:?}")] {
        assert!(!text.contains("kraham") && !text.contains("meas"), "{text}");
    }
    error
}

#[test]
fn who_cannot_be_served_is_told_why() {
    let made = shared().database();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let nobody = format!("postgres://tester:kraham-7Q%40meas@127.0.0.1:{port}/x");
    assert!(matches!(
        refused(&nobody, "Is it running there?"),
        StoreError::Unavailable(_)
    ));
    refused(&shared().address("tester", PASSWORD, "no_such_thing"), "createdb");
    made.sql("CREATE ROLE guarded LOGIN PASSWORD 'another'; CREATE ROLE poor LOGIN")
        .unwrap();
    refused(
        &shared().address("guarded", PASSWORD, &made.name),
        "does not let the user guarded in",
    );
    made.sql(&format!(
        "REVOKE ALL ON DATABASE {} FROM PUBLIC; GRANT CONNECT ON DATABASE {} TO poor",
        made.name, made.name
    ))
    .unwrap();
    refused(
        &shared().address("poor", PASSWORD, &made.name),
        "GRANT CREATE ON DATABASE",
    );
    made.sql("DROP OWNED BY poor; DROP ROLE guarded, poor").unwrap();
    for (address, words) in [
        ("mysql://kraham@x/y", "does not begin with postgres://"),
        ("postgres://tester:kraham@127.0.0.1", "names no database"),
        ("postgres://tester:kraham@127.0.0.1:meas/x", "cannot be read"),
        (
            "postgres://tester:kraham@db.example.org/x",
            "would not be encrypted",
        ),
        (
            "postgres://tester:kraham@db.example.org/x?sslmode=require",
            "encrypted tunnel",
        ),
    ] {
        assert!(refused(address, words).is_usage());
    }
    let database = Database::read(Some(&made.address())).unwrap();
    assert!(!format!("{database:?}").contains("kraham"));
}

#[test]
fn tables_of_a_newer_program_are_refused_and_left_alone() {
    let made = shared().database();
    drop(open(&made.address()).unwrap());
    made.sql("UPDATE phteah_access.tables_version SET version = 900")
        .unwrap();
    let error = refused(&made.address(), "newer Phteah");
    assert!(matches!(error, StoreError::NewerFile { found: 900, .. }));
    assert!(error.to_string().contains("phteah_access"));
    let version = made
        .sql("SELECT version FROM phteah_access.tables_version")
        .unwrap();
    assert_eq!(version.trim(), "900");
}

#[test]
fn many_programs_open_a_new_database_at_once() {
    let made = shared().database();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| open(&made.address()).unwrap());
        }
    });
    assert_eq!(open(&made.address()).unwrap().keys().unwrap().len(), 0);
}

#[test]
fn it_may_be_asked_from_any_thread() {
    let made = shared().database();
    let store = open(&made.address()).unwrap();
    let ask = || store.rule("wells").unwrap().layer;
    let expected = ask();
    let one = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    assert_eq!(one.block_on(async { ask() }), expected);
    let many = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    assert_eq!(many.block_on(async { ask() }), expected);
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(ask(), expected));
    });
    // Others go on while one waits: a statement that sleeps holds no thread of the runtime.
    let address = made.address();
    let (slept, ticks) = many.block_on(async {
        let sleeper = tokio::spawn(async move {
            let store = open(&address).unwrap();
            for _ in 0..200 {
                store.keys().unwrap();
            }
        });
        let mut ticks = 0;
        while !sleeper.is_finished() {
            tokio::time::sleep(Duration::from_millis(1)).await;
            ticks += 1;
        }
        (sleeper.await.is_ok(), ticks)
    });
    assert!(slept && ticks > 0);
}

#[test]
fn files_and_a_database_are_never_both_in_use() {
    let made = shared().database();
    let dir = tempfile::tempdir().unwrap();
    Store::open(dir.path()).unwrap();
    let database = Database::read(Some(&made.address())).unwrap();
    let error = Store::open_in(dir.path(), &database).unwrap_err().to_string();
    assert!(error.contains("phteah move"), "{error}");
    let carried = carry(
        Part::Access,
        (dir.path(), &Database::Files),
        (dir.path(), &database),
    )
    .unwrap();
    assert_eq!(carried, hashes(Part::Access, dir.path(), &database).unwrap());
    let file = dir.path().join(phteah_store::FILE_NAME);
    let moved = dir
        .path()
        .join(format!("{}.{}", phteah_store::FILE_NAME, phteah_store::MOVED));
    std::fs::rename(file, moved).unwrap();
    assert!(Store::open_in(dir.path(), &database).is_ok());
    let error = Store::open(dir.path()).unwrap_err().to_string();
    assert!(error.contains("is on PostgreSQL"), "{error}");
}

/// Kills of the database, in the middle of pushes. `PHTEAH_KILLS=100` does more.
#[test]
fn what_has_a_receipt_survives_the_death_of_the_database() {
    let kills: usize = std::env::var("PHTEAH_KILLS").map_or(2, |n| n.parse().unwrap());
    let cluster: &'static Cluster = Box::leak(Box::new(Cluster::start()));
    let deployment = Deployment::on(Place::on(cluster.database()));
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let registry = &deployment.registry;
    let stored = AtomicUsize::new(0);
    for round in 1..=kills {
        let goal = round * 40;
        std::thread::scope(|scope| {
            let killer = scope.spawn(|| {
                while stored.load(Ordering::SeqCst) < goal - 20 {
                    std::thread::yield_now();
                }
                cluster.kill();
                cluster.restart();
            });
            while stored.load(Ordering::SeqCst) < goal || !killer.is_finished() {
                let text = survey(household(), NORTH, "Chan Illustrative").1;
                deliver(&deployment, &phone, &text);
                stored.fetch_add(1, Ordering::SeqCst);
            }
            killer.join().unwrap();
        });
    }
    let all = stored.load(Ordering::SeqCst);
    assert_eq!(deployment.pull(&phone, 0, 1_000).0.len(), all);
    assert_eq!(registry.households(&phone).unwrap().len(), all);
    assert!(
        deployment.store.teams(&deployment.root).is_ok(),
        "the store has come back too"
    );
}

/// Sends an event as a phone does: again, until it has a receipt.
fn deliver(deployment: &Deployment, phone: &phteah_store::Actor, text: &str) {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        match deployment
            .registry
            .push(phone, vec![Incoming::read(text)], clocks())
        {
            Ok(receipts) => {
                assert!(
                    [ReceiptStatus::Stored, ReceiptStatus::Duplicate].contains(&receipts[0].status),
                    "{receipts:?}"
                );
                return;
            }
            // "It may be tried again" is all that may be said while the database is away.
            Err(StoreError::Unavailable(_)) if Instant::now() < patience => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_database_is_carried_between_two_servers_by_way_of_files() {
    let deployment = Deployment::on(Place::postgres());
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    deployment.push(&phone, &[survey(household(), NORTH, "Chan Illustrative").1]);
    let (files, second) = (deployment.place.around().join("files"), shared().database());
    std::fs::create_dir(&files).unwrap();
    let first = (&*deployment.data(), &deployment.place.database);
    let second: (&Made, Database) = (&second, Database::read(Some(&second.address())).unwrap());
    for part in Part::ALL {
        let out = carry(part, first, (&files, &Database::Files)).unwrap();
        let back = carry(part, (&files, &Database::Files), (&files, &second.1)).unwrap();
        assert_eq!(out, back);
    }
    // Numbers that the database gives by itself go on.
    let store = Store::open_in(deployment.place.around(), &second.1).unwrap();
    assert!(store.note_address("https://example.org").is_ok());
    assert!(
        store
            .add_team(
                &deployment.root,
                "New",
                &"everywhere".parse().unwrap(),
                &[7; 8],
                "",
                now()
            )
            .is_ok()
    );
    let households = second
        .0
        .sql("SELECT nextval(pg_get_serial_sequence('phteah_registry.household', 'n'))");
    assert_eq!(households.unwrap().trim(), "2");
}
