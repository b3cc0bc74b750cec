//! Scenarios kept for a deployment: written, overwritten, deleted, and never over somebody else's work.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod common;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use common::{Answer, address, ask, city, scenario};
use phteah_server::api::app;
use phteah_server::state::Limits;
use serde_json::{Value, json};

fn server(dir: &std::path::Path) -> Router {
    app(Arc::new(common::state(dir, Limits::default())))
}

async fn put(router: &Router, name: &str, header: Option<(&str, &str)>, body: &Value) -> Answer {
    let mut request =
        Request::put(format!("/api/scenarios/{name}")).header("content-type", "application/json");
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    ask(
        router.clone(),
        request.body(Body::from(body.to_string())).unwrap(),
    )
    .await
}

async fn delete(router: &Router, name: &str, version: &str) -> Answer {
    let request = Request::builder()
        .method(Method::DELETE)
        .uri(format!("/api/scenarios/{name}"))
        .header("if-match", format!("\"{version}\""));
    ask(router.clone(), request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_scenario_is_kept_changed_and_deleted() {
    let dir = city();
    let router = server(dir.path());
    let mut own = serde_json::to_value(scenario()).unwrap();
    own["title"] = json!({"en": "Near work", "km": "ជិតកន្លែងធ្វើការ"});
    let kept = put(
        &router,
        "near-work",
        Some(("if-none-match", "*")),
        &json!({"scenario": own}),
    )
    .await;
    assert_eq!(kept.status, 200, "{}", kept.json());
    let kept = kept.json();
    assert_eq!(
        (&kept["name"], &kept["title"]["en"], &kept["built_in"]),
        (&json!("near-work"), &json!("Near work"), &json!(false))
    );
    let version = kept["version"].as_str().unwrap();
    let given = ask(router.clone(), address("/api/scenarios/near-work")).await;
    assert_eq!(given.header("etag"), format!("\"{version}\""));
    assert_eq!(given.json(), own);
    let list = ask(router.clone(), address("/api/scenarios")).await.json();
    assert_eq!(list["scenarios"][1], kept);
    assert_eq!(
        (&list["scenarios"][0]["name"], &list["scenarios"][0]["built_in"]),
        (&json!("default"), &json!(true))
    );

    own["criterion"][0]["weight"] = json!(33.0);
    let seen = format!("\"{version}\"");
    let newer = put(
        &router,
        "near-work",
        Some(("if-match", &seen)),
        &json!({"scenario": own}),
    )
    .await
    .json();
    assert_ne!(newer["version"], version);
    // Whoever still has the old version is told, and nothing is lost.
    put(
        &router,
        "near-work",
        Some(("if-match", &seen)),
        &json!({"scenario": scenario()}),
    )
    .await
    .is_error(412, "changed_meanwhile");
    delete(&router, "near-work", version)
        .await
        .is_error(412, "changed_meanwhile");
    assert_eq!(
        ask(router.clone(), address("/api/scenarios/near-work"))
            .await
            .json(),
        own
    );
    // A restarted server has it still.
    let restarted = server(dir.path());
    assert_eq!(
        ask(restarted, address("/api/scenarios/near-work")).await.json(),
        own
    );
    assert_eq!(
        delete(&router, "near-work", newer["version"].as_str().unwrap())
            .await
            .status,
        204
    );
    ask(router, address("/api/scenarios/near-work"))
        .await
        .is_error(404, "no_such_scenario");
}

#[tokio::test]
async fn what_must_not_be_written_is_refused_in_words() {
    let dir = city();
    let router = server(dir.path());
    let own = json!({"scenario": scenario()});
    let new = Some(("if-none-match", "*"));
    put(&router, "default", new, &own).await.is_error(409, "built_in");
    let list = ask(router.clone(), address("/api/scenarios")).await.json();
    delete(
        &router,
        "default",
        list["scenarios"][0]["version"].as_str().unwrap(),
    )
    .await
    .is_error(409, "built_in");
    put(&router, "mine", None, &own)
        .await
        .is_error(428, "say_over_what");
    put(&router, "mine", Some(("if-match", "\"0123\"")), &own)
        .await
        .is_error(412, "changed_meanwhile");
    assert_eq!(put(&router, "mine", new, &own).await.status, 200);
    put(&router, "mine", new, &own).await.is_error(412, "name_taken");
    for name in ["..%2Fcatalogue", "a%20b", &"x".repeat(65), "%E1%9E%95"] {
        put(&router, name, new, &own).await.is_error(400, "bad_parameter");
    }
    let mut bad = serde_json::to_value(scenario()).unwrap();
    bad["criterion"][0]["weight"] = json!(-1);
    bad["method"] = json!("guess");
    let error = put(&router, "bad", new, &json!({"scenario": bad}))
        .await
        .is_error(400, "bad_scenario");
    assert!(error["details"].as_array().unwrap().len() >= 2);
    assert!(!dir.path().join("scenarios/bad.toml").exists());
    let left: Vec<_> = std::fs::read_dir(dir.path().join("scenarios"))
        .unwrap()
        .flatten()
        .collect();
    assert_eq!(left.len(), 1, "no half-written file stays");
}

#[tokio::test]
async fn plots_are_kept_with_a_scenario_even_the_programs_own() {
    let dir = city();
    let router = server(dir.path());
    let field = json!({"name": "Rice field", "tenure": "soft_title", "price_usd_m2": 12.5,
        "rings": [[[104.86, 11.56], [104.87, 11.56], [104.87, 11.57]]]});
    let plots = json!({"plots": [field]});
    let none = ask(router.clone(), address("/api/scenarios/default/plots")).await;
    assert_eq!(none.json(), json!({"plots": [], "version": null}));
    put(&router, "default/plots", None, &plots)
        .await
        .is_error(428, "say_over_what");
    let new = Some(("if-none-match", "*"));
    let kept = put(&router, "default/plots", new, &plots).await;
    assert_eq!(kept.status, 200, "{}", kept.json());
    let kept = kept.json();
    assert_eq!(kept["plots"], plots["plots"]);
    // A restarted server has them still, and nobody writes over what they have not seen.
    let restarted = server(dir.path());
    let found = ask(restarted, address("/api/scenarios/default/plots")).await;
    assert_eq!(found.json(), kept);
    put(&router, "default/plots", new, &json!({"plots": []}))
        .await
        .is_error(412, "changed_meanwhile");
    let bad = json!({"plots": [{"name": "", "tenure": "rented", "rings": []}]});
    let error = put(&router, "default/plots", new, &bad)
        .await
        .is_error(400, "bad_plots");
    assert_eq!(error["details"].as_array().unwrap().len(), 3, "{error}");
    for name in ["none/plots", "..%2Fdefault/plots"] {
        put(&router, name, new, &plots)
            .await
            .is_error(404, "no_such_scenario");
    }
    // They are no scenarios, and they go with theirs.
    let list = ask(router.clone(), address("/api/scenarios")).await.json();
    assert_eq!(list["scenarios"].as_array().unwrap().len(), 1);
    let mine = put(&router, "mine", new, &json!({"scenario": scenario()}))
        .await
        .json();
    assert_eq!(put(&router, "mine/plots", new, &plots).await.status, 200);
    delete(&router, "mine", mine["version"].as_str().unwrap()).await;
    assert!(!dir.path().join("scenarios/mine.plots.json").exists());
}

#[tokio::test]
async fn of_two_who_write_at_once_one_is_told() {
    let dir = city();
    let router = server(dir.path());
    let own = json!({"scenario": scenario()});
    let writes = (0..8).map(|_| put(&router, "ours", Some(("if-none-match", "*")), &own));
    let mut written = 0;
    let handles: Vec<_> = writes.collect();
    for answer in futures_like::join_all(handles).await {
        match answer.status.as_u16() {
            200 => written += 1,
            _ => drop(answer.is_error(412, "name_taken")),
        }
    }
    assert_eq!(written, 1);
}

/// Polls all at once; the standard library has no such thing.
mod futures_like {
    use std::future::Future;
    use std::pin::pin;
    use std::task::Poll;

    pub async fn join_all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
        let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
        let mut done: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
        pin!(std::future::poll_fn(move |context| {
            for (future, done) in futures.iter_mut().zip(&mut done) {
                if done.is_none()
                    && let Poll::Ready(output) = future.as_mut().poll(context)
                {
                    *done = Some(output);
                }
            }
            if done.iter().all(Option::is_some) {
                Poll::Ready(done.iter_mut().filter_map(Option::take).collect())
            } else {
                Poll::Pending
            }
        }))
        .await
    }
}
