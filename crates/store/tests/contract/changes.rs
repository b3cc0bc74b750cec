//! The log of changes: a row stands there if and only if the change was made.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use phteah_store::{Change, StoreError};

#[test]
fn a_change_is_logged_if_and_only_if_it_was_made() {
    let place = super::place();
    let store = place.store();
    let now = "2026-01-15T08:30:00Z".parse().unwrap();
    let change = Change {
        what: "layer_removed",
        layer: "roads",
        version: "abc",
        detail: "roads, from a.osm",
    };
    let failed = store.with_change(&store.command_line(), &change, now, || {
        Err(StoreError::Usage("no".into()))
    });
    assert!(failed.is_err() && store.changes(10).unwrap().is_empty());
    store
        .with_change(&store.command_line(), &change, now, || Ok::<(), StoreError>(()))
        .unwrap();
    let all = place.store().changes(10).unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(
        (all[0].layer.as_str(), all[0].at.as_str()),
        ("roads", "2026-01-15T08:30:00Z")
    );
}
