//! Files of every released version are brought up to date; files of a newer program are refused in words and left alone.
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests do")]

use std::path::Path;

use phteah_store::{FILE_NAME, KeyScope, Store, StoreError, Visibility};
use rusqlite::Connection;

const RELEASED: [&str; 3] = [
    include_str!("versions/access-1.sql"),
    include_str!("versions/access-2.sql"),
    include_str!("versions/access-3.sql"),
];

fn file(dir: &Path, sql: &str) {
    Connection::open(dir.join(FILE_NAME))
        .unwrap()
        .execute_batch(sql)
        .unwrap();
}

fn schema(dir: &Path) -> Vec<(String, String)> {
    let conn = Connection::open(dir.join(FILE_NAME)).unwrap();
    let mut found = conn
        .prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
        .unwrap();
    let rows = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(|row| {
        let (name, sql): (String, String) = row.unwrap();
        let words: Vec<&str> = sql.split_whitespace().collect();
        (name, words.join(" ").replace("IF NOT EXISTS ", ""))
    })
    .collect()
}

#[test]
fn every_released_version_becomes_the_same_as_a_new_file() {
    let new = tempfile::tempdir().unwrap();
    Store::open(new.path()).unwrap();
    for (i, sql) in RELEASED.iter().enumerate() {
        let dir = tempfile::tempdir().unwrap();
        file(dir.path(), sql);
        let store = Store::open(dir.path()).unwrap();
        assert_eq!(schema(dir.path()), schema(new.path()), "version {}", i + 1);
        assert_eq!(store.rule("wells").unwrap().field("depth_m"), Visibility::Partner);
        let keys = store.keys().unwrap();
        assert_eq!(keys.len(), 1);
        assert_eq!(keys[0].scope, KeyScope::Layers(vec!["wells".into()]));
        assert_eq!(store.downloads(None, 10).unwrap().len(), 1);
        assert_eq!(store.changes(10).unwrap().len(), usize::from(i >= 1));
        // Opened again, nothing is done twice.
        drop(store);
        assert_eq!(Store::open(dir.path()).unwrap().keys().unwrap().len(), 1);
    }
}

#[test]
fn a_newer_file_is_refused_in_words_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    Store::open(dir.path()).unwrap();
    file(
        dir.path(),
        "CREATE TABLE of_the_future (x); PRAGMA user_version = 900;",
    );
    let before = schema(dir.path());
    let error = Store::open(dir.path()).unwrap_err();
    assert!(
        matches!(error, StoreError::NewerFile { found: 900, .. }),
        "{error:?}"
    );
    let words = error.to_string();
    assert!(
        words.contains("access.sqlite") && words.contains("newer Phteah") && words.contains("900"),
        "{words}"
    );
    assert_eq!(schema(dir.path()), before);
}

#[test]
fn many_programs_open_an_old_file_at_once() {
    let dir = tempfile::tempdir().unwrap();
    file(dir.path(), RELEASED[0]);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| Store::open(dir.path()).unwrap());
        }
    });
    assert_eq!(Store::open(dir.path()).unwrap().keys().unwrap().len(), 1);
}

#[test]
fn a_file_that_is_no_database_is_said_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join(FILE_NAME),
        b"this is no database at all, but somebody's letter",
    )
    .unwrap();
    assert!(Store::open(dir.path()).is_err());
    assert!(
        std::fs::read(dir.path().join(FILE_NAME))
            .unwrap()
            .starts_with(b"this is no")
    );
}
