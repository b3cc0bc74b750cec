//! Sites on the ground of the illustrative city: ways, floods, sites drawn by hand, settlements.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod common;

use std::sync::Arc;

use axum::Router;
use common::{address, ask, city, json_post, phteah, scenario, surveyed};
use phteah_server::api::app;
use phteah_server::state::{AppState, Limits};
use serde_json::{Value, json};

async fn best(router: &Router, ranking: &Value, sites: usize) -> Vec<Value> {
    let path = format!(
        "/api/rankings/{}/sites?limit={sites}",
        ranking["id"].as_str().unwrap()
    );
    let page = ask(router.clone(), address(&path)).await.json();
    page["sites"].as_array().unwrap().clone()
}

async fn about(router: &Router, ranking: &Value, site: &Value, what: &str) -> Value {
    let (id, site) = (ranking["id"].as_str().unwrap(), site["id"].as_str().unwrap());
    let path = format!("/api/rankings/{id}/sites/{site}{what}");
    ask(router.clone(), address(&path)).await.json()
}

fn criterion<'a>(site: &'a Value, id: &Value) -> &'a Value {
    site["criteria"]
        .as_array()
        .unwrap()
        .iter()
        .find(|criterion| criterion["id"] == *id)
        .unwrap()
}

#[tokio::test]
async fn routes_lead_where_the_criteria_say() {
    let (router, ranking) = surveyed().await;
    let (mut reached, mut cut) = (0, 0);
    for site in best(&router, &ranking, 5).await {
        let detail = about(&router, &ranking, &site, "").await;
        let found = about(&router, &ranking, &site, "/routes").await;
        let routes = found["routes"].as_array().unwrap();
        // Six kinds of service, each dry and in the scenario's flood.
        assert_eq!(routes.len(), 12);
        for route in routes {
            cut += usize::from(route["cut"] == 100);
            if !route["criterion"].is_null() {
                let measured = criterion(&detail, &route["criterion"]);
                let minutes = (route["minutes"].as_f64(), measured["raw"].as_f64());
                assert_eq!(minutes.0.is_some(), minutes.1.is_some(), "{route} {measured}");
                if let (Some(route), Some(measured)) = minutes {
                    assert!((route - measured).abs() < 1e-5, "{route} {measured}");
                }
            }
            if route["status"] != "known" {
                assert!(route["line"].is_null() && route["to"].is_null() && route["minutes"].is_null());
                continue;
            }
            reached += 1;
            let line = route["line"]["coordinates"].as_array().unwrap();
            let ends = (&line[0], line.last().unwrap());
            let near = |position: &Value, lon: &Value, lat: &Value| {
                (position[0].as_f64().unwrap() - lon.as_f64().unwrap()).abs() < 1e-6
                    && (position[1].as_f64().unwrap() - lat.as_f64().unwrap()).abs() < 1e-6
            };
            assert!(near(ends.0, &site["lon"], &site["lat"]), "{route}");
            assert!(near(ends.1, &route["to"]["lon"], &route["to"]["lat"]), "{route}");
            assert!(!route["to"]["id"].as_str().unwrap().is_empty());
        }
    }
    assert!(reached > 20 && cut == 30, "{reached} {cut}");
}

#[tokio::test]
async fn floods_are_told_at_every_return_period() {
    let (router, ranking) = surveyed().await;
    for site in best(&router, &ranking, 5).await {
        let detail = about(&router, &ranking, &site, "").await;
        let flood = about(&router, &ranking, &site, "/flood").await;
        let depths = flood["depths"].as_array().unwrap();
        let periods: Vec<u64> = depths
            .iter()
            .map(|depth| depth["return_period"].as_u64().unwrap())
            .collect();
        assert_eq!(periods, [10, 20, 50, 100, 200, 500]);
        for depth in depths {
            let (lowest, highest) = (depth["lowest"].as_f64(), depth["highest"].as_f64());
            assert!(lowest <= depth["mean"].as_f64() && lowest <= highest, "{depth}");
            assert!(depth["mean"].as_f64() <= depth["max"].as_f64());
        }
        assert_eq!(flood["limit_m"], 1.0);
        let measured = criterion(&detail, &json!("flood_100"));
        if let Some(raw) = measured["raw"].as_f64() {
            assert!((raw - depths[3]["mean"].as_f64().unwrap()).abs() < 1e-5);
        }
        let yearly = criterion(&detail, &json!("flood_yearly"));
        assert_eq!(yearly["raw"], flood["annual_depth"]);
    }
}

fn outline(site: &Value) -> Value {
    let rings = match site["geometry"]["type"].as_str() {
        Some("Polygon") => site["geometry"]["coordinates"].clone(),
        _ => site["geometry"]["coordinates"][0].clone(),
    };
    json!({"type": "Polygon", "coordinates": rings})
}

async fn draw(router: &Router, ranking: &Value, body: Value) -> common::Answer {
    let path = format!("/api/rankings/{}/drawn", ranking["id"].as_str().unwrap());
    ask(router.clone(), json_post(&path, body.to_string())).await
}

#[tokio::test]
async fn a_drawn_site_is_measured_like_the_others() {
    let (router, ranking) = surveyed().await;
    let of = ranking["totals"]["ranked"].as_u64().unwrap();
    let mut compared = 0;
    for site in best(&router, &ranking, 6).await {
        let detail = about(&router, &ranking, &site, "").await;
        if detail["geometry"]["type"] != "Polygon" {
            continue;
        }
        let answer = draw(
            &router,
            &ranking,
            json!({"polygon": outline(&detail), "name": "Behind the pagoda"}),
        )
        .await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        let drawn = answer.json();
        assert_eq!(
            (&drawn["site"]["id"], &drawn["site"]["name"]["km"]),
            (&json!("drawn"), &json!("Behind the pagoda"))
        );
        assert_eq!(drawn["of"], of + 1);
        assert!(drawn["site"]["parcels"].as_array().unwrap().is_empty());
        let areas = [&drawn, &json!({"site": detail})].map(|of| of["site"]["area_m2"].as_f64().unwrap());
        assert!((areas[0] / areas[1] - 1.0).abs() < 2e-3, "{areas:?}");
        for measured in detail["criteria"].as_array().unwrap() {
            let own = criterion(&drawn["site"], &measured["id"]);
            assert_eq!(own["status"], measured["status"]);
            let own_unit = own["unit"].as_str().unwrap();
            if let (Some(own), Some(measured)) = (own["raw"].as_f64(), measured["raw"].as_f64()) {
                // Corners are rounded to a centimetre, and the point inside that travel starts from jumps with them.
                assert!(
                    (own - measured).abs()
                        <= if own_unit == "min" {
                            5.0
                        } else {
                            0.02 * measured.abs().max(1.0)
                        },
                    "{own} {measured}"
                );
                compared += 1;
            }
        }
        assert_eq!(drawn["rank"], drawn["site"]["rank"]);
        assert_eq!(drawn["routes"].as_array().unwrap().len(), 12);
        assert_eq!(drawn["flood"]["depths"].as_array().unwrap().len(), 6);
    }
    assert!(compared > 30);
}

#[tokio::test]
async fn stated_tenure_and_price_go_before_those_of_the_parcels() {
    let (router, ranking) = surveyed().await;
    let site = best(&router, &ranking, 1).await[0].clone();
    let (lon, lat) = (site["lon"].as_f64().unwrap(), site["lat"].as_f64().unwrap());
    let ring = [
        [0.0, 0.0],
        [0.0006, 0.0],
        [0.0006, 0.0006],
        [0.0, 0.0006],
        [0.0, 0.0],
    ]
    .map(|[x, y]| json!([lon + x - 0.0003, lat + y - 0.0003]));
    let body = |tenure: Value, price: Value| json!({"polygon": {"type": "Polygon", "coordinates": [ring]}, "tenure": tenure, "price_usd_m2": price});
    let of_kind = |drawn: &Value, kind: &str| -> Value {
        let named = ranking["criteria"].as_array().unwrap();
        let id = &named.iter().find(|one| one["measure"]["kind"] == kind).unwrap()["id"];
        criterion(&drawn["site"], id).clone()
    };
    for (tenure, price) in [("monastery", 7.5), ("hard_title", 210.0)] {
        let answer = draw(&router, &ranking, body(json!(tenure), json!(price))).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        let drawn = answer.json();
        assert_eq!(of_kind(&drawn, "tenure")["category"], tenure);
        assert_eq!(of_kind(&drawn, "land_price")["raw"], price);
    }
    for (tenure, price) in [
        (json!("rented"), Value::Null),
        (Value::Null, json!(-1)),
        (Value::Null, json!(1e9)),
    ] {
        draw(&router, &ranking, body(tenure, price))
            .await
            .is_error(400, "bad_parameter");
    }
}

#[tokio::test]
async fn what_is_no_site_is_refused_in_words() {
    let (router, ranking) = surveyed().await;
    let site = best(&router, &ranking, 1).await[0].clone();
    let (lon, lat) = (site["lon"].as_f64().unwrap(), site["lat"].as_f64().unwrap());
    let corners = |corners: &[(f64, f64)]| -> Value {
        let ring: Vec<Value> = corners.iter().map(|(x, y)| json!([lon + x, lat + y])).collect();
        json!({"polygon": {"type": "Polygon", "coordinates": [ring]}})
    };
    for (body, code) in [
        (
            json!({"polygon": {"type": "Point", "coordinates": [lon, lat]}}),
            "bad_polygon",
        ),
        (
            json!({"polygon": {"type": "Polygon", "coordinates": []}}),
            "bad_polygon",
        ),
        (
            json!({"polygon": {"type": "Polygon", "coordinates": [[[lon], [lon], [lon]]]}}),
            "bad_polygon",
        ),
        (corners(&[(0.0, 0.0), (0.001, 0.0), (0.0, 0.0)]), "bad_polygon"),
        (
            corners(&[(0.0, 0.0), (0.001, 0.001), (0.001, 0.0), (0.0, 0.001)]),
            "drawn_crossing",
        ),
        (
            corners(&[(0.0, 0.0), (0.000_01, 0.0), (0.000_01, 0.000_01)]),
            "drawn_too_small",
        ),
        (
            corners(&[(-0.03, -0.03), (0.03, -0.03), (0.03, 0.03), (-0.03, 0.03)]),
            "drawn_too_large",
        ),
        (corners(&[(0.0, 0.0), (20.0, 0.0), (20.0, 1.0)]), "drawn_outside"),
    ] {
        let answer = draw(&router, &ranking, body.clone()).await;
        answer.is_error(400, code);
    }
    let long = json!({"polygon": corners(&[(0.0, 0.0), (0.001, 0.0), (0.0, 0.001)])["polygon"], "name": "x".repeat(101)});
    draw(&router, &ranking, long).await.is_error(400, "bad_parameter");
    draw(&router, &json!({"id": "0123"}), corners(&[]))
        .await
        .is_error(404, "no_such_ranking");
}

#[tokio::test]
async fn settlements_can_be_chosen_and_ranked_for() {
    let (router, ranking) = surveyed().await;
    let settlements = ask(router.clone(), address("/api/settlements")).await.json();
    let all = settlements["settlements"].as_array().unwrap();
    assert!(all.len() > 10);
    for settlement in all {
        let (lon, lat) = (
            settlement["lon"].as_f64().unwrap(),
            settlement["lat"].as_f64().unwrap(),
        );
        assert!(
            (104.6..105.2).contains(&lon) && (11.3..11.9).contains(&lat),
            "{settlement}"
        );
        // The city's boundaries leave no gap: every settlement has its sangkat, by name.
        assert_eq!(
            settlement["sangkat"]["code"].as_str().unwrap().len(),
            6,
            "{settlement}"
        );
        assert!(!settlement["sangkat"]["km"].as_str().unwrap().is_empty());
    }
    let mut scenario = serde_json::to_value(scenario()).unwrap();
    scenario["move"]["settlements"] = json!([all[0]["id"]]);
    let body = json!({"scenario": scenario}).to_string();
    let for_them = ask(router.clone(), json_post("/api/rankings", body)).await.json();
    assert_ne!(for_them["id"], ranking["id"], "{for_them}");
    scenario["move"]["settlements"] = json!(["nobody lives here"]);
    let body = json!({"scenario": scenario}).to_string();
    ask(router, json_post("/api/rankings", body))
        .await
        .is_error(400, "bad_scenario");
}

#[tokio::test]
async fn the_map_says_what_lies_at_a_place() {
    let (router, ranking) = surveyed().await;
    let id = ranking["id"].as_str().unwrap();
    let site = best(&router, &ranking, 1).await[0].clone();
    let detail = about(&router, &ranking, &site, "").await;
    let (lon, lat) = (detail["lon"].as_f64().unwrap(), detail["lat"].as_f64().unwrap());
    let path = format!("/api/here?lon={lon}&lat={lat}&ranking={id}");
    let here = ask(router.clone(), address(&path)).await.json();
    let of = |role: &str| {
        let answers = here["answers"].as_array().unwrap();
        answers
            .iter()
            .filter(|answer| answer["role"] == role)
            .cloned()
            .collect::<Vec<_>>()
    };
    // The centre of a site is one of its parcels, inside a sangkat.
    let parcel = &of("parcels")[0]["features"][0];
    assert_eq!(parcel["site"], site["id"], "{here}");
    assert!(parcel["no_site"].is_null() && parcel["distance_m"] == 0.0);
    assert!(
        of("boundaries")[0]["features"]
            .as_array()
            .unwrap()
            .iter()
            .all(|division| division["name"]["km"].is_string())
    );
    // Every flood map answers, each with its years; unknown would be null.
    let depths = of("flood_depth");
    assert!(depths.len() > 3 && depths.iter().all(|depth| depth["cell"]["return_period"].is_u64()));
    let values = parcel["values"].as_array().unwrap();
    let tenure = values.iter().find(|value| value["field"] == "tenure").unwrap();
    assert!(
        tenure["meaning"]["km"].as_str().unwrap().contains("ដី"),
        "{tenure}"
    );
    // Codes and units come with their words; what only machines look at does not come.
    for value in values
        .iter()
        .filter(|value| value["field"] == "tenure" || value["field"] == "available")
    {
        let says = value["value"].is_null()
            || value["says"]["en"].is_string() && value["says"]["km"] != value["value"];
        assert!(says, "{value}");
    }
    let beside = ask(
        router.clone(),
        address(&format!("{path}&layers=roads&within_m=500")),
    )
    .await
    .json()
    .to_string();
    assert!(
        beside.contains("\"surface\"") && !beside.contains("\"joins\"") && !beside.contains("\"level\""),
        "{beside}"
    );
    assert!(!here.to_string().contains("name_search"));

    // Only what was asked for; points only as far as was asked for.
    let few = ask(router.clone(), address(&format!("{path}&layers=services,water")))
        .await
        .json();
    let near = few["answers"].as_array().unwrap();
    assert!(
        near.iter()
            .all(|answer| answer["role"] == "services" || answer["role"] == "water")
    );
    let far = ask(
        router.clone(),
        address(&format!("{path}&layers=services&within_m=500")),
    )
    .await
    .json();
    let distances: Vec<f64> = far["answers"][0]["features"]
        .as_array()
        .map(|found| {
            found
                .iter()
                .map(|one| one["distance_m"].as_f64().unwrap())
                .collect()
        })
        .unwrap_or_default();
    assert!(distances.is_sorted() && distances.iter().all(|metres| *metres <= 500.0));

    // Far away nothing is there, and a flood map knows nothing.
    let abroad = ask(router.clone(), address("/api/here?lon=0&lat=51"))
        .await
        .json();
    for answer in abroad["answers"].as_array().unwrap() {
        assert!(answer["cell"]["value"].is_null() && answer["features"].as_array().unwrap().is_empty());
    }
    for bad in [
        "lon=181&lat=0",
        "lon=NaN&lat=1",
        "lon=104&lat=11&within_m=501",
        "lon=104",
    ] {
        ask(router.clone(), address(&format!("/api/here?{bad}")))
            .await
            .is_error(400, "bad_parameter");
    }
}

/// Five columns and three rows of heights that all differ, and a gap.
#[tokio::test]
async fn each_cell_tells_its_own_value() {
    const HEIGHTS: [[f64; 5]; 3] = [
        [1.0, 2.0, 3.0, 4.0, 5.0],
        [6.0, 7.0, -9999.0, 9.0, 10.0],
        [11.0, 12.0, 13.0, 14.0, 15.0],
    ];
    let (west, north, side) = (104.86, 11.56, 0.01);
    let dir = city();
    let file = dir.path().join("heights.asc");
    let rows: Vec<String> = HEIGHTS
        .iter()
        .map(|row| row.map(|height| height.to_string()).join(" "))
        .collect();
    let south = north - 3.0 * side;
    let text = format!(
        "ncols 5\nnrows 3\nxllcorner {west}\nyllcorner {south}\ncellsize {side}\nNODATA_value -9999\n{}\n",
        rows.join("\n")
    );
    std::fs::write(&file, text).unwrap();
    let (data, file) = (dir.path().to_str().unwrap(), file.to_str().unwrap());
    let as_layer = [
        "--layer",
        "heights",
        "--crs",
        "EPSG:4326",
        "--illustrative",
        "--data",
        data,
    ];
    phteah(&[&["import", "elevation", file][..], &as_layer].concat());
    phteah(&["publish", "heights", "public", "--data", data]);
    let router = app(Arc::new(common::state(dir.path(), Limits::default())));
    let height = async |column: f64, row: f64| {
        let (lon, lat) = (west + side * column, north - side * row);
        let path = format!("/api/here?lon={lon:.7}&lat={lat:.7}&layers=heights");
        let answer = ask(router.clone(), address(&path)).await;
        assert_eq!(answer.status, 200, "column {column}, row {row}");
        answer.json()["answers"][0]["cell"]["value"].as_f64()
    };
    for (row, heights) in HEIGHTS.iter().enumerate() {
        for (column, known) in heights.iter().enumerate() {
            let told = height(column as f64 + 0.5, row as f64 + 0.5).await;
            assert_eq!(
                told,
                (*known >= 0.0).then_some(*known),
                "column {column}, row {row}"
            );
        }
    }
    // Just inside and just outside of every edge.
    for (column, row, known) in [
        (0.001, 0.001, Some(1.0)),
        (4.999, 0.001, Some(5.0)),
        (0.001, 2.999, Some(11.0)),
        (4.999, 2.999, Some(15.0)),
        (-0.001, 1.5, None),
        (5.001, 1.5, None),
        (2.5, -0.001, None),
        (2.5, 3.001, None),
    ] {
        assert_eq!(height(column, row).await, known, "column {column}, row {row}");
    }
}

/// The panel of a place and the table of a site look at the same maps.
#[tokio::test]
async fn a_place_in_a_site_is_as_deep_as_the_sites_table_says() {
    let (router, ranking) = surveyed().await;
    let mut compared = 0;
    for site in best(&router, &ranking, 64).await {
        let detail = about(&router, &ranking, &site, "").await;
        let ground = about(&router, &ranking, &site, "/flood").await;
        let path = format!("/api/here?lon={}&lat={}", detail["lon"], detail["lat"]);
        let here = ask(router.clone(), address(&path)).await.json();
        let depths = ground["depths"].as_array().unwrap();
        for depth in depths {
            let years = &depth["return_period"];
            let of_years = |answer: &&Value| {
                answer["role"] == "flood_depth" && answer["cell"]["return_period"] == *years
            };
            let answers = here["answers"].as_array().unwrap();
            // Of several floods of one period the table takes the worse.
            let here = answers
                .iter()
                .filter(of_years)
                .filter_map(|answer| answer["cell"]["value"].as_f64())
                .reduce(f64::max);
            let (Some(here), Some(deepest)) = (here, depth["max"].as_f64()) else {
                continue;
            };
            assert!(
                (0.0..=deepest + 1e-4).contains(&here),
                "{} of {years} years: {here} m there, {deepest} m at the most in the site",
                site["id"]
            );
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared}");
}

#[tokio::test]
async fn a_ranking_of_other_layers_is_not_mixed_with_these() {
    let dir = city();
    let survey = phteah_server::ranking::measure::survey;
    let state = AppState::open(dir.path().to_owned(), Limits::default(), 1, survey).unwrap();
    let router = app(Arc::new(state));
    let body = json!({"scenario": scenario()}).to_string();
    let ranking = ask(router.clone(), json_post("/api/rankings", body)).await.json();
    let site = best(&router, &ranking, 1).await[0].clone();
    let detail = about(&router, &ranking, &site, "").await;
    phteah_layers::Catalogue::open(dir.path())
        .unwrap()
        .remove("services")
        .unwrap();
    draw(&router, &ranking, json!({"polygon": outline(&detail)}))
        .await
        .is_error(409, "layers_changed");
    let id = ranking["id"].as_str().unwrap();
    let path = format!("/api/rankings/{id}/sites/{}/routes", site["id"].as_str().unwrap());
    ask(router, address(&path)).await.is_error(409, "layers_changed");
}
