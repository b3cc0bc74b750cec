//! Every route, in process, and every bad request.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use common::{SITES, ask, data, get, get_with, post, ranking, router, scenario, state};
use phteah_server::api::app;
use phteah_server::partner::state::{Open, PartnerOptions};
use phteah_server::state::{AppState, Limits};
use serde_json::{Value, json};

#[tokio::test]
async fn health_says_which_version_answers() {
    let answer = get("/health").await;
    assert_eq!(
        answer.json(),
        json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")})
    );
}

#[tokio::test]
async fn the_deployment_says_that_its_data_are_illustrative() {
    let deployment = get("/api/deployment").await.json();
    assert_eq!(deployment["illustrative"], true);
    assert_eq!(deployment["crs"], "EPSG:32648");
    assert!(
        deployment["title"]["km"]
            .as_str()
            .is_some_and(|title| !title.is_empty())
    );
    let bounds: Vec<f64> = serde_json::from_value(deployment["bounds"].clone()).unwrap();
    assert!(
        bounds[0] < 104.92 && bounds[2] > 104.92 && bounds[1] < 11.56 && bounds[3] > 11.56,
        "{bounds:?}"
    );
}

#[tokio::test]
async fn every_layer_carries_its_licence_and_says_what_it_is() {
    let layers = get("/api/layers").await.json()["layers"]
        .as_array()
        .unwrap()
        .clone();
    assert!(layers.len() >= 15);
    for layer in &layers {
        assert_eq!(layer["illustrative"], true);
        for field in [
            "name",
            "role",
            "title",
            "crs",
            "source",
            "licence",
            "attribution",
            "hash",
            "imported_at",
        ] {
            assert!(
                layer[field].as_str().is_some_and(|text| !text.is_empty()),
                "{field} of {layer}"
            );
        }
        assert!(layer["min_zoom"].as_u64() <= layer["max_zoom"].as_u64());
    }
    let named = |name: &str| layers.iter().find(|layer| layer["name"] == name).unwrap();
    assert_eq!(named("parcels")["geometry"], "polygon");
    assert_eq!(named("parcels")["features"], 400);
    assert!(
        named("parcels")["fields"]
            .as_array()
            .unwrap()
            .contains(&json!({"name": "price_usd_m2", "type": "number", "unit": "USD/m²"}))
    );
    assert_eq!(named("flood_depth_rp100")["return_period"], 100);
    assert_eq!(named("flood_depth_rp100")["kind"], "raster");
}

#[tokio::test]
async fn scenarios_are_listed_and_given_whole() {
    let list = get("/api/scenarios").await.json();
    assert_eq!(list["scenarios"][0]["name"], "default");
    let given = get("/api/scenarios/default").await.json();
    assert_eq!(given, serde_json::to_value(scenario()).unwrap());
    get("/api/scenarios/none").await.is_error(404, "no_such_scenario");
    get("/api/scenarios/..%2Fcatalogue")
        .await
        .is_error(404, "no_such_scenario");
}

#[tokio::test]
async fn a_ranking_explains_itself_and_keeps_its_id() {
    let ranking = ranking().await;
    assert_eq!(ranking["totals"]["sites"], SITES);
    assert_eq!(ranking["method"], "weighted-sum");
    assert_eq!(ranking["illustrative"], true);
    assert!(
        ranking["inputs"]
            .as_array()
            .unwrap()
            .iter()
            .all(|input| !input["licence"].as_str().unwrap().is_empty())
    );
    assert!(
        ranking["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|warning| warning["code"] == "made_for_a_test")
    );
    let criteria = ranking["criteria"].as_array().unwrap();
    let shares: f64 = criteria
        .iter()
        .map(|criterion| criterion["weight"].as_f64().unwrap())
        .sum();
    assert!((shares - 1.0).abs() < 1e-9);
    for criterion in criteria {
        assert!(
            criterion["in_words"]["km"]
                .as_str()
                .is_some_and(|words| !words.is_empty())
        );
        assert!(matches!(criterion["goal"].as_str(), Some("max" | "min")));
        assert!(criterion["measure"]["kind"].is_string() && criterion["value"]["kind"].is_string());
    }
    let again = post("/api/rankings", json!({"scenario": scenario()}).to_string())
        .await
        .json();
    assert_eq!(ranking["id"], again["id"]);
    let id = ranking["id"].as_str().unwrap();
    assert_eq!(get(&format!("/api/rankings/{id}")).await.json(), ranking);
}

#[tokio::test]
async fn another_weight_is_another_ranking() {
    let mut changed = serde_json::to_value(scenario()).unwrap();
    changed["criterion"][0]["weight"] = json!(77);
    let other = post("/api/rankings", json!({"scenario": changed}).to_string())
        .await
        .json();
    assert_ne!(other["id"], ranking().await["id"]);
}

#[tokio::test]
async fn pages_hold_every_site_once_in_order() {
    let id = ranking().await["id"].as_str().unwrap().to_owned();
    let (mut after, mut seen): (Option<String>, Vec<Value>) = (None, Vec::new());
    loop {
        let cursor = after.map(|after| format!("&after={after}")).unwrap_or_default();
        let page = get(&format!("/api/rankings/{id}/sites?limit=33{cursor}"))
            .await
            .json();
        seen.extend(page["sites"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!(seen.len(), SITES);
    let mut ids: Vec<&str> = seen.iter().map(|site| site["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), SITES);
    let ranks: Vec<Option<u64>> = seen.iter().map(|site| site["rank"].as_u64()).collect();
    let ranked = ranks.iter().take_while(|rank| rank.is_some()).count();
    assert!(ranks[..ranked].is_sorted() && ranks[ranked..].iter().all(Option::is_none));
    for site in &seen {
        let (lowest, highest) = (
            site["lowest"].as_f64().unwrap(),
            site["highest"].as_f64().unwrap(),
        );
        if let Some(score) = site["score"].as_f64() {
            assert!(lowest <= score + 1e-9 && score <= highest + 1e-9, "{site}");
        }
        assert_eq!(site["khan"]["en"], "Chamkar Mon");
        assert!(site["sangkat"].is_null());
    }
}

#[tokio::test]
async fn a_ranking_says_how_it_is_ordered_and_who_finds_room() {
    let ranking = ranking().await;
    assert_eq!(ranking["order"]["by"], "lowest");
    assert_eq!(ranking["order"]["alpha"], 0.0);
    let total = |key: &str| ranking["totals"][key].as_u64().unwrap();
    assert_eq!(
        total("sites"),
        total("ranked") + total("excluded") + total("too_little_known")
    );
    let room = &ranking["room"];
    assert!(room["households"].as_u64().unwrap() > 0, "{room}");
    assert_eq!(room["first"], 20);
    let undecided = room["undecided"].as_u64().unwrap();
    assert_eq!(
        room["all"],
        20 * (total("ranked") - undecided),
        "sites that may yet be excluded are in no set"
    );
    assert!(room["cheapest"].is_null(), "the scenario has no unit costs");
    let mut priced = serde_json::to_value(scenario()).unwrap();
    priced["cost"] = json!({ "land_per_m2": 10, "preparation_per_m2": 5, "house_per_household": 4000 });
    let priced = post("/api/rankings", json!({ "scenario": priced }).to_string())
        .await
        .json();
    let room = &priced["room"];
    let enough = room["all"].as_u64() >= room["households"].as_u64();
    assert_eq!(room["best"].is_object(), enough, "{room}");
    for set in [&room["best"], &room["cheapest"]] {
        if set.is_object() {
            assert!(set["room"].as_u64() >= room["households"].as_u64(), "{set}");
            let sites = set["sites"].as_array().unwrap().len() as u64;
            assert_eq!(
                set["cost"].is_null(),
                set["costs_unknown"].as_u64() == Some(sites),
                "{set}"
            );
        }
    }
    let id = priced["id"].as_str().unwrap();
    let page = get(&format!("/api/rankings/{id}/sites?limit=1000")).await.json();
    for site in page["sites"].as_array().unwrap() {
        let apart = site["status"] == "too_little_known";
        assert_eq!(
            apart,
            site["rank"].is_null() && site["status"] != "excluded",
            "{site}"
        );
        assert!(
            !apart || !site["find_out"].as_array().unwrap().is_empty(),
            "{site}"
        );
    }
}

#[tokio::test]
async fn pages_have_limits() {
    let id = ranking().await["id"].as_str().unwrap().to_owned();
    for limit in ["0", "1001", "-1", "many"] {
        get(&format!("/api/rankings/{id}/sites?limit={limit}"))
            .await
            .is_error(400, "bad_parameter");
    }
    get(&format!("/api/rankings/{id}/sites?after=nobody"))
        .await
        .is_error(400, "bad_parameter");
    get(&format!("/api/rankings/{id}/sites?offset=3"))
        .await
        .is_error(400, "bad_parameter");
    let all = get(&format!("/api/rankings/{id}/sites?limit=1000")).await.json();
    assert_eq!(all["sites"].as_array().unwrap().len(), SITES);
    assert!(all["next"].is_null());
}

#[tokio::test]
async fn a_site_shows_what_its_score_is_made_of() {
    let id = ranking().await["id"].as_str().unwrap().to_owned();
    let mut unknowns = 0;
    for n in [0, 7, 11, 120] {
        let site = get(&format!("/api/rankings/{id}/sites/site-{n:04}")).await.json();
        assert_eq!(site["i"], n);
        assert_eq!(site["geometry"]["type"], "Polygon");
        assert_eq!(site["parcels"].as_array().unwrap().len(), 1);
        for criterion in site["criteria"].as_array().unwrap() {
            let known = criterion["status"] == "known";
            unknowns += usize::from(!known);
            assert!(known || criterion["raw"].is_null(), "{criterion}");
            assert_eq!(criterion["value"].is_null(), criterion["contribution"].is_null());
        }
    }
    assert!(unknowns > 0);
    get(&format!("/api/rankings/{id}/sites/nobody"))
        .await
        .is_error(404, "no_such_site");
    get("/api/rankings/0123/sites/site-0001")
        .await
        .is_error(404, "no_such_ranking");
}

#[tokio::test]
async fn the_matrix_adds_up_to_the_scores() {
    let ranking = ranking().await;
    let id = ranking["id"].as_str().unwrap();
    let answer = get(&format!("/api/rankings/{id}/matrix")).await;
    let matrix = answer.json();
    let weights: Vec<f64> = ranking["criteria"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["weight"].as_f64().unwrap())
        .collect();
    let (mut compared, mut between) = (0, 0);
    for row in 0..SITES {
        let values: Option<Vec<f64>> = (0..weights.len())
            .map(|c| matrix["value"][c][row].as_f64())
            .collect();
        if let (Some(values), Some(score)) = (values, matrix["score"][row].as_f64()) {
            let sum: f64 = values
                .iter()
                .zip(&weights)
                .map(|(value, weight)| value * weight)
                .sum();
            assert!((sum - score).abs() < 1e-8, "row {row}: {sum} and {score}");
            compared += 1;
        }
        for c in 0..weights.len() {
            let value = matrix["value"][c][row].as_f64();
            let bounds = matrix["bounds"][c].as_array().unwrap();
            let own = bounds.iter().find(|bounds| bounds[0] == row);
            if let Some([_, low, high]) = own.map(|own| [0, 1, 2].map(|at| own[at].as_f64().unwrap())) {
                assert!(value.is_some_and(|value| low <= value && value <= high && low < high));
                between += 1;
            }
        }
        assert!(matrix["excluded"][row].as_u64() != Some(1) || matrix["rank"][row].is_null());
    }
    assert!(compared > 0 && between > 0);
    assert_eq!(matrix["places"]["1201"]["en"], "Chamkar Mon");
    assert_eq!(matrix["range"][0], json!([0.0, 1.0]));
    let known = get_with(
        &format!("/api/rankings/{id}/matrix"),
        "if-none-match",
        answer.header("etag"),
    )
    .await;
    assert_eq!(known.status, 304);
}

#[tokio::test]
async fn scenarios_are_refused_with_every_mistake_at_once() {
    let bad = |scenario: Value| async move {
        post("/api/rankings", json!({"scenario": scenario}).to_string()).await
    };
    let mut five = serde_json::to_value(scenario()).unwrap();
    five["criterion"][0]["weight"] = json!(-1);
    five["criterion"][1]["measure"]["kind"] = json!("beauty");
    five["criterion"][2]["value"] = json!({"kind": "linear", "worst": 3, "best": 3});
    five["method"] = json!("guess");
    five["exclusion"] = json!([{"criterion": "nothing", "at_most": 1, "reason": {"en": "a", "km": "b"}}]);
    let error = bad(five).await.is_error(400, "bad_scenario");
    let details = error["details"].as_array().unwrap();
    assert!(details.len() >= 5, "{error}");
    assert!(
        details
            .iter()
            .all(|detail| detail["field"].is_string() && detail["message"].is_string())
    );
    let mut nothing = serde_json::to_value(scenario()).unwrap();
    for criterion in nothing["criterion"].as_array_mut().unwrap() {
        criterion["weight"] = json!(0);
    }
    bad(nothing).await.is_error(400, "bad_scenario");
    bad(json!(null)).await.is_error(400, "bad_scenario");
    bad(json!([1, 2])).await.is_error(400, "bad_scenario");
}

#[tokio::test]
async fn bodies_that_are_no_json_are_told_apart() {
    post("/api/rankings", "{\"scenario\": ")
        .await
        .is_error(400, "bad_json");
    post("/api/rankings", "scenario=default")
        .await
        .is_error(400, "bad_json");
    post("/api/rankings", vec![0xff, 0xfe])
        .await
        .is_error(400, "bad_json");
    post("/api/rankings", "").await.is_error(400, "bad_json");
    post("/api/rankings", "{}").await.is_error(400, "bad_json");
    post(
        "/api/rankings",
        vec![b' '; phteah_server::api::MAX_BODY_BYTES + 1],
    )
    .await
    .is_error(413, "too_large");
    let form = Request::post("/api/rankings").header("content-type", "application/x-www-form-urlencoded");
    ask(router(), form.body(Body::from("a=b")).unwrap())
        .await
        .is_error(415, "not_json");
    let deep = "[".repeat(100_000);
    post("/api/rankings", deep).await.is_error(400, "bad_json");
}

#[tokio::test]
async fn unknown_addresses_and_methods_answer_in_the_same_shape() {
    for path in [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/rankings/a/b/c/d",
        "/nothing",
        "/tiles/parcels",
        "/assets/x.js",
    ] {
        get(path).await.is_error(404, "not_found");
    }
    let delete = Request::builder()
        .method(Method::DELETE)
        .uri("/api/layers")
        .body(Body::empty())
        .unwrap();
    ask(router(), delete).await.is_error(405, "method_not_allowed");
    let post = Request::post("/").body(Body::empty()).unwrap();
    ask(router(), post).await.is_error(405, "method_not_allowed");
}

#[tokio::test]
async fn every_answer_is_safe_to_show() {
    for path in [
        "/",
        "/health",
        "/api/layers",
        "/api/nothing",
        "/tiles/water/10/810/479",
    ] {
        let answer = get(path).await;
        assert!(
            answer
                .header("content-security-policy")
                .starts_with("default-src 'self'"),
            "{path}"
        );
        assert!(
            !answer.header("content-security-policy").contains("http"),
            "no foreign host"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(!answer.header("x-request-id").is_empty());
    }
    let (one, two) = (get("/health").await, get("/health").await);
    assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
}

#[tokio::test]
async fn the_page_is_asked_for_again_and_not_sent_twice() {
    let page = get("/").await;
    assert_eq!(
        (page.status.as_u16(), page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    assert_eq!(page.header("cache-control"), "private, no-cache");
    let again = get_with("/", "if-none-match", page.header("etag")).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    assert_eq!(get("/index.html").await.body, page.body);
}

#[tokio::test]
async fn json_is_compressed_for_those_who_take_it() {
    let plain = get("/api/layers").await;
    for coding in ["gzip", "br"] {
        let packed = get_with("/api/layers", "accept-encoding", coding).await;
        assert_eq!(packed.header("content-encoding"), coding);
        assert!(packed.body.len() < plain.body.len() / 3);
    }
}

#[tokio::test]
async fn a_server_with_too_much_to_do_says_when_to_come_back() {
    let ask_with = async |limits| {
        let router = app(Arc::new(state(data(), limits)));
        ask(router, Request::get("/api/layers").body(Body::empty()).unwrap()).await
    };
    let full = ask_with(Limits {
        requests: 0,
        ..Limits::default()
    })
    .await;
    full.is_error(503, "overloaded");
    let slow = ask_with(Limits {
        request_time: Duration::ZERO,
        workers: 0,
        ..Limits::default()
    })
    .await;
    slow.is_error(503, "timeout");
    assert!(!full.header("retry-after").is_empty() && !slow.header("retry-after").is_empty());
}

#[tokio::test]
async fn the_illustrative_city_is_measured_and_ranked() {
    let measure = phteah_server::ranking::measure::survey;
    let state = AppState::open(data().to_owned(), Limits::default(), 1, measure).unwrap();
    let router = app(Arc::new(state));
    let body = json!({"scenario": scenario()}).to_string();
    let request = Request::post("/api/rankings").header("content-type", "application/json");
    let ranking = ask(router.clone(), request.body(Body::from(body)).unwrap())
        .await
        .json();
    assert!(ranking["totals"]["ranked"].as_u64() > Some(0), "{ranking}");
    let path = format!("/api/rankings/{}/sites?limit=1", ranking["id"].as_str().unwrap());
    let first = ask(router, Request::get(path).body(Body::empty()).unwrap())
        .await
        .json()["sites"][0]
        .clone();
    assert_eq!(first["rank"], 1);
    assert!(
        first["khan"]["km"].is_string() && first["capacity"].as_u64() >= Some(10),
        "{first}"
    );
    let (lon, lat) = (first["lon"].as_f64().unwrap(), first["lat"].as_f64().unwrap());
    assert!(
        (104.6..105.2).contains(&lon) && (11.3..11.9).contains(&lat),
        "{first}"
    );
}

#[tokio::test]
async fn layers_and_parcels_that_are_not_there_are_said_to_be_missing() {
    let dir = tempfile::tempdir().unwrap();
    phteah_layers::Catalogue::open_or_create(dir.path()).unwrap();
    let measure = phteah_server::ranking::measure::survey;
    let open = PartnerOptions {
        open: Open::All,
        ..PartnerOptions::default()
    };
    let state = AppState::open_for(dir.path().to_owned(), Limits::default(), 1, measure, open);
    let router = app(Arc::new(state.unwrap()));
    let deployment = ask(
        router.clone(),
        Request::get("/api/deployment").body(Body::empty()).unwrap(),
    )
    .await;
    assert_eq!(deployment.json()["illustrative"], false);
    let body = json!({"scenario": scenario()}).to_string();
    let request = Request::post("/api/rankings").header("content-type", "application/json");
    let answer = ask(router, request.body(Body::from(body)).unwrap()).await;
    let json = answer.json();
    let told = json["warnings"].to_string() + &json["error"].to_string();
    assert!(told.contains("arcel"), "{json}");
    assert!(json["totals"]["sites"] == 0 || answer.status == 409, "{json}");
}

#[tokio::test]
async fn the_description_is_served() {
    let served = get("/api/openapi.json").await.json();
    assert_eq!(
        served,
        serde_json::to_value(phteah_server::api::openapi_document()).unwrap()
    );
    assert!(data().is_dir());
}

#[tokio::test]
async fn a_ranking_that_is_not_kept_any_more_is_made_again() {
    let limits = Limits {
        ranking_bytes: 1,
        ..Limits::default()
    };
    let router = app(Arc::new(state(data(), limits)));
    let mut ids = Vec::new();
    for n in 0..40 {
        let mut scenario = serde_json::to_value(scenario()).unwrap();
        scenario["criterion"][0]["weight"] = json!(1.0 + f64::from(n));
        let request = common::json_post("/api/rankings", json!({"scenario": scenario}).to_string());
        let answer = ask(router.clone(), request).await;
        assert_eq!(answer.status, 200);
        ids.push(answer.json()["id"].as_str().unwrap().to_owned());
    }
    for id in [&ids[0], &ids[39], &ids[17]] {
        for path in ["", "/matrix", "/sites?limit=1", "/robustness"] {
            let path = format!("/api/rankings/{id}{path}");
            let answer = ask(router.clone(), common::address(&path)).await;
            assert_eq!(answer.status, 200, "{path}");
        }
    }
    let never = ask(router, common::address("/api/rankings/0123/matrix")).await;
    never.is_error(404, "no_such_ranking");
}

#[tokio::test]
async fn a_thousand_mistakes_are_counted_and_a_hundred_told() {
    let criteria: Vec<_> = (0..1000).map(|n| json!({ "id": n, "wrong": true })).collect();
    let answer = post(
        "/api/rankings",
        json!({"scenario": { "criterion": criteria }}).to_string(),
    )
    .await;
    let error = answer.is_error(400, "bad_scenario");
    assert_eq!(error["details"].as_array().unwrap().len(), 100);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("mistakes; the first 100"), "{message}");
    // A megabyte of them is not even read.
    let many = json!({"scenario": { "criterion": vec![json!({}); 300_000] }}).to_string();
    let answer = post("/api/rankings", many).await;
    let error = answer.is_error(400, "bad_scenario");
    assert_eq!(error["details"].as_array().unwrap().len(), 1);
    assert_eq!(error["details"][0]["said"]["code"], "too_many_values");
}

#[tokio::test]
async fn a_defect_tells_its_cause_to_the_log_alone() {
    fn broken(
        _: &phteah_layers::Catalogue,
        _: &phteah_planning::scenario::Scenario,
        _: &mut dyn phteah_layers::Progress,
    ) -> Result<phteah_server::ranking::measure::Survey, phteah_server::ranking::RankError> {
        let cause = "column 3 of /secret/place has no cell".to_owned();
        Err(phteah_layers::LayersError::Defect { cause }.into())
    }
    let router = app(Arc::new(
        AppState::open(data().to_owned(), Limits::default(), 1, broken).unwrap(),
    ));
    let body = json!({"scenario": scenario()}).to_string();
    let answer = ask(router, common::json_post("/api/rankings", body)).await;
    answer.is_error(500, "internal");
    assert!(!String::from_utf8_lossy(&answer.body).contains("secret"));
    let error = phteah_server::api::error::ApiError::internal("/secret/place");
    assert!(!error.to_string().contains("secret") && error.cause() == Some("/secret/place"));
}
