//! What the server is doing while people wait for a first ranking.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod common;

use std::sync::{Arc, Barrier, OnceLock};

use axum::body::Body;
use axum::http::Request;
use common::{ask, data, scenario};
use phteah_layers::{Catalogue, Progress};
use phteah_planning::scenario::Scenario;
use phteah_server::api::app;
use phteah_server::ranking::RankError;
use phteah_server::ranking::measure::Survey;
use phteah_server::state::{AppState, Limits};
use serde_json::json;

/// Where measuring and the test meet: once it has begun, once it may go on.
fn gates() -> &'static [Barrier; 2] {
    static GATES: OnceLock<[Barrier; 2]> = OnceLock::new();
    GATES.get_or_init(|| [Barrier::new(2), Barrier::new(2)])
}

fn slowly(
    catalogue: &Catalogue,
    scenario: &Scenario,
    progress: &mut dyn Progress,
) -> Result<Survey, RankError> {
    progress.start("Measuring travel times", Some(4));
    progress.at(1);
    for gate in gates() {
        gate.wait();
    }
    common::sites(catalogue, scenario, progress)
}

#[tokio::test(flavor = "multi_thread")]
async fn measuring_shows_until_it_is_done() {
    let state = Arc::new(AppState::open(data().to_owned(), Limits::default(), 1, slowly).unwrap());
    let router = app(Arc::clone(&state));
    let work = async || {
        let request = Request::get("/api/work").body(Body::empty()).unwrap();
        ask(router.clone(), request).await.json()
    };
    assert_eq!(work().await, json!({"work": []}));
    let warming = {
        let state = Arc::clone(&state);
        tokio::task::spawn_blocking(move || state.warm())
    };
    tokio::task::spawn_blocking(|| gates()[0].wait()).await.unwrap();
    let now = work().await;
    assert_eq!(
        (&now["work"][0]["done"], &now["work"][0]["total"]),
        (&json!(1), &json!(4))
    );
    assert_eq!(now["work"][0]["step"]["en"], "Measuring travel times");
    assert_ne!(now["work"][0]["step"]["km"], now["work"][0]["step"]["en"]);
    tokio::task::spawn_blocking(|| gates()[1].wait()).await.unwrap();
    warming.await.unwrap();
    assert_eq!(work().await, json!({"work": []}));
    // What was warmed is what the first map asks for: nothing is measured again, or this would wait for ever.
    let body = json!({"scenario": scenario()}).to_string();
    let request = Request::post("/api/rankings").header("content-type", "application/json");
    let answer = ask(router, request.body(Body::from(body)).unwrap()).await;
    assert_eq!(answer.json()["totals"]["sites"], common::SITES);
}

/// Remembers what it was told.
struct Told(Vec<String>);

impl Progress for Told {
    fn start(&mut self, what: &str, _: Option<u64>) {
        self.0.push(what.to_owned());
    }
    fn at(&mut self, _: u64) {}
}

#[test]
fn every_step_of_measuring_has_a_khmer_name() {
    let catalogue = Catalogue::open(data()).unwrap();
    let mut told = Told(Vec::new());
    phteah_server::ranking::measure::measure(&catalogue, &scenario(), &mut told).unwrap();
    assert!(told.0.len() >= 4);
    let board = Arc::new(phteah_server::work::Board::default());
    let mut work = board.begin();
    for step in told.0 {
        work.start(&step, None);
        assert_ne!(board.now()[0].what.km, step);
    }
}
