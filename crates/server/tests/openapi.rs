//! The description of the API is kept as a golden file: a change of the API is a change that somebody sees.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::path::Path;

/// `UPDATE_GOLDEN=1 cargo test -p phteah-server --test openapi` rewrites the file; a normal run never does.
#[test]
fn the_description_is_the_golden_one() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/openapi.json");
    let now = phteah_server::api::openapi_document().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &now).unwrap();
        return;
    }
    let golden = std::fs::read_to_string(&file).unwrap();
    assert!(
        golden == now,
        "The API differs from tests/golden/openapi.json. If that is meant: UPDATE_GOLDEN=1 cargo test -p phteah-server --test openapi"
    );
}

#[test]
fn every_reference_leads_somewhere() {
    let document = serde_json::to_value(phteah_server::api::openapi_document()).unwrap();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 20);
    for reference in references {
        assert!(
            document.pointer(reference.trim_start_matches('#')).is_some(),
            "{reference} leads nowhere"
        );
    }
}

fn collect(value: &serde_json::Value, references: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) => {
            references.extend(
                map.get("$ref")
                    .and_then(|reference| reference.as_str())
                    .map(str::to_owned),
            );
            map.values().for_each(|value| collect(value, references));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}
