//! What a ranking says beyond its order: how sure it is, how sites compare.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod common;

use common::{SITES, get, get_with, ranking_id};
use serde_json::Value;

fn shares(list: &Value) -> Vec<f64> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|share| share.as_f64().unwrap())
        .collect()
}

#[tokio::test]
async fn robustness_counts_ranks_over_plausible_weightings() {
    let id = ranking_id().await;
    let answer = get(&format!("/api/rankings/{id}/robustness?first=5&sites=12")).await;
    let found = answer.json();
    assert_eq!((&found["weights"], &found["first"]), (&"given".into(), &5.into()));
    assert!(found["draws"].as_u64().unwrap() >= 1000);
    let matrix = get(&format!("/api/rankings/{id}/matrix")).await.json();
    let among = found["among_first"].as_array().unwrap();
    assert_eq!(among.len(), SITES);
    for (row, share) in among.iter().enumerate() {
        assert_eq!(share.is_null(), matrix["rank"][row].is_null(), "row {row}");
    }
    // Five places are given away in each draw, more only where sites tie.
    let total: f64 = among.iter().filter_map(Value::as_f64).sum();
    assert!(total > 4.98, "{total}");
    let sites = found["sites"].as_array().unwrap();
    assert_eq!(sites.len(), 12);
    let page = get(&format!("/api/rankings/{id}/sites?limit=12")).await.json();
    for (site, listed) in sites.iter().zip(page["sites"].as_array().unwrap()) {
        assert_eq!(site["id"], listed["id"]);
        let ranks = shares(&site["ranks"]);
        assert_eq!(ranks.len(), 12);
        let first: f64 = ranks.iter().take(5).sum();
        let row = usize::try_from(site["i"].as_u64().unwrap()).unwrap();
        assert!((first - among[row].as_f64().unwrap()).abs() < 0.001);
        if ranks[0] > 0.0 {
            let central: f64 = shares(&site["central_weights"]).iter().sum();
            assert!((central - 1.0).abs() < 0.001);
            assert!((0.0..=1.0).contains(&site["confidence"].as_f64().unwrap()));
        } else {
            assert!(site["central_weights"].is_null() && site["confidence"].is_null());
        }
    }
    assert!(found["in_words"]["en"].as_str().unwrap().contains("Chamkar Mon"));
    assert!(found["in_words"]["km"].as_str().unwrap().contains("ចំការមន"));
    let path = format!("/api/rankings/{id}/robustness?first=5&sites=12");
    let again = get_with(&path, "if-none-match", answer.header("etag")).await;
    assert_eq!(again.status, 304);
}

#[tokio::test]
async fn less_knowledge_of_the_weights_leaves_the_leader_less_sure() {
    let id = ranking_id().await;
    let leader = async |weights: &str| {
        let path = format!("/api/rankings/{id}/robustness?weights={weights}");
        shares(&get(&path).await.json()["sites"][0]["ranks"])[0]
    };
    let (given, order, uniform) = (
        leader("given").await,
        leader("order").await,
        leader("uniform").await,
    );
    assert!(
        given > uniform && order > uniform && uniform > 0.0,
        "{given} {order} {uniform}"
    );
}

#[tokio::test]
async fn robustness_refuses_what_it_cannot_count() {
    let id = ranking_id().await;
    for query in [
        "weights=guess",
        "first=0",
        "first=101",
        "sites=0",
        "sites=many",
        "draws=5",
    ] {
        get(&format!("/api/rankings/{id}/robustness?{query}"))
            .await
            .is_error(400, "bad_parameter");
    }
    get("/api/rankings/0123/robustness")
        .await
        .is_error(404, "no_such_ranking");
}

#[tokio::test]
async fn compared_sites_say_who_leads_in_what() {
    let id = ranking_id().await;
    let page = get(&format!("/api/rankings/{id}/sites?limit=3")).await.json();
    let ids: Vec<&str> = (0..3).map(|n| page["sites"][n]["id"].as_str().unwrap()).collect();
    // Asked for in another order than that of their ranks.
    let path = format!(
        "/api/rankings/{id}/compare?sites={},{},{}",
        ids[2], ids[0], ids[1]
    );
    let found = get(&path).await.json();
    assert_eq!(found["sites"][0], ids[2]);
    assert_eq!(found["pairs"].as_array().unwrap().len(), 3);
    assert!(found["pareto"][ids[0]].is_boolean());
    let score = |id: &Value| {
        let listed = page["sites"]
            .as_array()
            .unwrap()
            .iter()
            .find(|site| site["id"] == *id);
        listed.unwrap()["score"].as_f64().unwrap()
    };
    for pair in found["pairs"].as_array().unwrap() {
        let difference = pair["difference"].as_f64().unwrap();
        assert!((difference - (score(&pair["ahead"]) - score(&pair["behind"]))).abs() < 2e-6);
        let sum = |list: &Value| -> f64 {
            let leads = list.as_array().unwrap().iter();
            leads.map(|lead| lead["difference"].as_f64().unwrap()).sum()
        };
        assert!(
            (sum(&pair["ahead_by"]) - sum(&pair["behind_by"]) - difference).abs() < 1e-4,
            "{pair}"
        );
        for language in ["en", "km"] {
            assert!(!pair["sentence"][language].as_str().unwrap().is_empty());
        }
        if let Some(swap) = pair["swap"].as_object() {
            let total: f64 = shares(&swap["weights"]).iter().sum();
            assert!((total - 1.0).abs() < 1e-4);
            assert!(difference <= 0.0 || !swap["changes"].as_array().unwrap().is_empty());
        }
    }
    for criterion in found["criteria"].as_array().unwrap() {
        assert!(criterion["spread"].is_null() || !criterion["best"].as_array().unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_weights_of_a_swap_do_swap() {
    let ranking = common::ranking().await;
    let id = ranking["id"].as_str().unwrap();
    let page = get(&format!("/api/rankings/{id}/sites?limit=20")).await.json();
    let ids: Vec<&str> = (0..20)
        .map(|n| page["sites"][n]["id"].as_str().unwrap())
        .collect();
    let (first, mut found) = (ids[0], None);
    for second in &ids[1..] {
        let path = format!("/api/rankings/{id}/compare?sites={first},{second}");
        let pair = get(&path).await.json()["pairs"][0].clone();
        assert_eq!(pair["ahead"], first);
        if pair["swap"]["can_overtake"] == true && pair["difference"].as_f64() > Some(0.0) {
            found = Some((*second, pair));
            break;
        }
    }
    let (second, pair) = found.unwrap();
    let swap = &pair["swap"];
    let mut scenario = ranking["scenario"].clone();
    // A little further than where they tie.
    for (n, weight) in shares(&swap["weights"]).into_iter().enumerate() {
        let now = ranking["criteria"][n]["weight"].as_f64().unwrap();
        scenario["criterion"][n]["weight"] = (now + 1.02 * (weight - now)).max(0.0).into();
    }
    let body = serde_json::json!({"scenario": scenario}).to_string();
    let changed = common::post("/api/rankings", body).await.json();
    let score = async |site: &str| {
        let path = format!("/api/rankings/{}/sites/{site}", changed["id"].as_str().unwrap());
        get(&path).await.json()["score"].as_f64().unwrap()
    };
    assert!(score(second).await > score(first).await);
}

#[tokio::test]
async fn an_excluded_site_is_compared_by_its_reason() {
    let id = ranking_id().await;
    let sites = get(&format!("/api/rankings/{id}/sites?limit=1000")).await.json();
    let sites = sites["sites"].as_array().unwrap();
    let excluded = sites
        .iter()
        .find(|site| site["rank"].is_null() && site["excluded"] != Value::Array(vec![]));
    let (best, excluded) = (&sites[0], excluded.unwrap());
    let path = format!(
        "/api/rankings/{id}/compare?sites={},{}",
        excluded["id"].as_str().unwrap(),
        best["id"].as_str().unwrap()
    );
    let found = get(&path).await.json();
    let pair = &found["pairs"][0];
    assert_eq!(pair["ahead"], best["id"]);
    assert!(pair["difference"].is_null() && pair["swap"].is_null() && pair["single"].is_null());
    let reason = excluded["excluded"][0]["text"]["en"].as_str().unwrap();
    assert!(
        pair["sentence"]["en"].as_str().unwrap().contains(reason),
        "{pair}"
    );
    assert!(found["pareto"][excluded["id"].as_str().unwrap()].is_null());
}

#[tokio::test]
async fn only_two_to_four_different_sites_are_compared() {
    let id = ranking_id().await;
    for sites in [
        "",
        "site-0001",
        "site-0001,site-0001",
        "site-0001,site-0002,site-0003,site-0004,site-0005",
    ] {
        get(&format!("/api/rankings/{id}/compare?sites={sites}"))
            .await
            .is_error(400, "bad_parameter");
    }
    get(&format!("/api/rankings/{id}/compare"))
        .await
        .is_error(400, "bad_parameter");
    get(&format!("/api/rankings/{id}/compare?sites=site-0001,nobody"))
        .await
        .is_error(404, "no_such_site");
}
