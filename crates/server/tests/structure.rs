//! Arrows between crates point one way, and people never reach places: read off the manifests, so that a new arrow is a decision.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::Table;

/// Each crate and those of ours that it may use. A crate that is missing here fails the test: say what it is for in docs/architecture.md.
const ALLOWED: [(&str, &[&str]); 9] = [
    ("geoproc", &[]),
    ("planning", &[]),
    ("city", &["registry"]),
    ("registry", &[]),
    ("forms", &["registry"]),
    ("layers", &["geoproc", "planning"]),
    ("store", &["planning", "registry"]),
    ("tiles", &["geoproc", "layers"]),
    (
        "server",
        &[
            "city", "forms", "geoproc", "layers", "planning", "registry", "store", "tiles",
        ],
    ),
];

/// What pure crates may never use: files of others, SQL, HTTP, clocks.
const IMPURE: [&str; 8] = [
    "gdal", "rusqlite", "axum", "tokio", "hyper", "tempfile", "reqwest", "chrono",
];

const PURE: [&str; 3] = ["geoproc", "planning", "registry"];

fn crates() -> BTreeMap<String, BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(&folder).expect("crates are there") {
        let folder = entry.expect("an entry").path();
        let manifest: PathBuf = folder.join("Cargo.toml");
        let Ok(text) = std::fs::read_to_string(&manifest) else {
            continue;
        };
        let table: Table = text.parse().expect("a manifest is TOML");
        let uses = table
            .get("dependencies")
            .and_then(toml::Value::as_table)
            .map(|uses| uses.keys().cloned().collect())
            .unwrap_or_default();
        let name = folder.file_name().expect("a folder has a name");
        found.insert(name.to_string_lossy().into_owned(), uses);
    }
    found
}

#[test]
fn arrows_point_one_way() {
    let found = crates();
    let known: BTreeMap<&str, &[&str]> = ALLOWED.into_iter().collect();
    let names: BTreeSet<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        known.keys().copied().collect(),
        "crates that are there, and those of the list"
    );
    for (name, uses) in &found {
        for one in uses.iter().filter_map(|one| one.strip_prefix("phteah-")) {
            assert!(
                known[name.as_str()].contains(&one),
                "{name} uses {one}: an arrow that the list does not have"
            );
        }
    }
}

#[test]
fn pure_crates_use_no_files_sql_or_http() {
    let found = crates();
    for name in PURE {
        let impure: Vec<&String> = found[name]
            .iter()
            .filter(|one| IMPURE.contains(&one.as_str()))
            .collect();
        assert!(impure.is_empty(), "{name} is pure and uses {impure:?}");
    }
}

#[test]
fn no_path_leads_from_people_to_places() {
    let found = crates();
    let mut open = vec!["registry".to_owned(), "store".to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if seen.insert(name.clone()) {
            open.extend(
                found[&name]
                    .iter()
                    .filter_map(|one| one.strip_prefix("phteah-").map(str::to_owned)),
            );
        }
    }
    for place in ["layers", "tiles", "features", "assess"] {
        assert!(!seen.contains(place), "people's records come to {place}");
    }
}
