//! Second opinions: other methods, and what is worth finding out.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod common;

use common::{get, ranking_id};
use serde_json::Value;

#[tokio::test]
async fn the_methods_stand_side_by_side() {
    let id = ranking_id().await;
    let found = get(&format!("/api/rankings/{id}/methods?sites=5")).await.json();
    let methods: Vec<&str> = found["methods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m.as_str().unwrap())
        .collect();
    assert_eq!(
        methods,
        ["weighted-sum", "topsis", "vikor", "promethee-ii", "spotis"]
    );
    let matrix = get(&format!("/api/rankings/{id}/matrix")).await.json();
    let sites = found["sites"].as_array().unwrap();
    assert!(sites.len() >= 5);
    for site in sites {
        let row = usize::try_from(site["i"].as_u64().unwrap()).unwrap();
        assert_eq!(
            site["ranks"][0], matrix["rank"][row],
            "the first method is the ranking's own"
        );
        assert!(
            site["ranks"]
                .as_array()
                .unwrap()
                .iter()
                .any(|rank| rank.as_u64().unwrap() <= 5)
        );
    }
    let agreement = found["agreement"].as_array().unwrap();
    assert_eq!(agreement.len(), 10);
    for pair in agreement {
        assert!((-1.0..=1.0).contains(&pair["tau"].as_f64().unwrap()), "{pair}");
    }
    for part in found["parts"].as_array().unwrap() {
        assert!(part["best"]["rank"].as_u64() < part["worst"]["rank"].as_u64());
        assert!(!part["sentence"]["km"].as_str().unwrap().is_empty());
    }
    get(&format!("/api/rankings/{id}/methods?sites=0"))
        .await
        .is_error(400, "bad_parameter");
    get("/api/rankings/0123/methods")
        .await
        .is_error(404, "no_such_ranking");
}

#[tokio::test]
async fn facts_worth_finding_out_come_most_useful_first() {
    let id = ranking_id().await;
    let found = get(&format!("/api/rankings/{id}/unknowns?limit=7")).await.json();
    let facts = found["facts"].as_array().unwrap();
    assert!(!facts.is_empty() && facts.len() <= 7);
    let settles: Vec<f64> = facts
        .iter()
        .map(|fact| fact["settles"].as_f64().unwrap())
        .collect();
    assert!(settles.is_sorted_by(|a, b| a >= b), "{settles:?}");
    for fact in facts {
        assert!(
            fact["criterion"].is_string() != fact["exclusion"].is_string(),
            "{fact}"
        );
        assert!(fact["score_low"].as_f64() <= fact["score_high"].as_f64());
        assert!(fact["rank_low"].as_u64() <= fact["rank_high"].as_u64());
        for language in ["en", "km"] {
            let words: &Value = &fact["in_words"][language];
            assert!(!words.as_str().unwrap().is_empty());
        }
    }
    get(&format!("/api/rankings/{id}/unknowns?limit=101"))
        .await
        .is_error(400, "bad_parameter");
}
