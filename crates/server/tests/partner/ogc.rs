//! OGC API – Features: pages, order, filters, CRSs, and what is refused.

use std::collections::HashSet;

use crate::common::{Answer, get, get_with};
use serde_json::Value;

const ITEMS: &str = "/ogc/collections/parcels/items";

fn ids(page: &Value) -> Vec<String> {
    page["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["id"].as_str().unwrap().to_owned())
        .collect()
}

fn link(page: &Value, rel: &str) -> Option<String> {
    let links = page["links"].as_array().unwrap();
    let found = links.iter().find(|link| link["rel"] == rel)?;
    Some(
        found["href"]
            .as_str()
            .unwrap()
            .split_once("/ogc/")
            .map(|(_, path)| format!("/ogc/{path}"))
            .unwrap(),
    )
}

async fn page(path: &str) -> Value {
    let answer = get(path).await;
    assert_eq!(
        answer.status,
        200,
        "{path}: {}",
        String::from_utf8_lossy(&answer.body)
    );
    answer.json()
}

/// All pages from one on, by its links.
async fn walk(first: &str) -> Vec<Value> {
    let mut pages = vec![page(first).await];
    while let Some(next) = link(pages.last().unwrap(), "next") {
        pages.push(page(&next).await);
        assert!(pages.len() < 200, "the pages never end");
    }
    pages
}

fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

#[tokio::test]
async fn pages_hold_every_feature_once_in_either_direction() {
    for order in [
        "",
        "&sortby=tenure",
        "&sortby=-price_usd_m2",
        "&sortby=price_usd_m2,-id",
        "&sortby=-sangkat,tenure",
    ] {
        for condition in [
            "",
            "&bbox=104.80,11.40,104.95,11.70",
            "&filter=available%20%3C%3E%20'no'",
        ] {
            let first = format!("{ITEMS}?limit=37{order}{condition}");
            let pages = walk(&first).await;
            let forwards: Vec<String> = pages.iter().flat_map(ids).collect();
            let unique: HashSet<&String> = forwards.iter().collect();
            assert_eq!(unique.len(), forwards.len(), "{first}");
            let all = page(&format!("{ITEMS}?limit=10000{order}{condition}")).await;
            assert_eq!(ids(&all), forwards, "{first}");
            assert!(forwards.len() > 37, "{first} is no test of paging");

            let mut backwards = vec![pages.last().unwrap().clone()];
            while let Some(previous) = link(backwards.last().unwrap(), "prev") {
                backwards.push(page(&previous).await);
            }
            let back: Vec<String> = backwards.iter().rev().flat_map(ids).collect();
            assert_eq!(back, forwards, "{first} backwards");
        }
    }
}

#[tokio::test]
async fn order_is_what_was_asked_for_with_the_unknown_first() {
    let all = page(&format!("{ITEMS}?limit=10000&sortby=price_usd_m2")).await;
    let prices: Vec<Option<f64>> = all["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["properties"]["price_usd_m2"].as_f64())
        .collect();
    assert!(
        prices
            .windows(2)
            .all(|pair| pair[0].is_none() || pair[0] <= pair[1])
    );
    assert!(prices.first().unwrap().is_none() && prices.last().unwrap().is_some());
}

#[tokio::test]
async fn a_box_selects_by_shape() {
    let everything = page(&format!("{ITEMS}?limit=10000")).await;
    let corner = |axis: usize| {
        let first = |f: &Value| f["geometry"]["coordinates"][0][0][0][axis].as_f64().unwrap();
        let mut all: Vec<f64> = everything["features"]
            .as_array()
            .unwrap()
            .iter()
            .map(first)
            .collect();
        all.sort_by(f64::total_cmp);
        // Off every vertex: answers are rounded to a centimetre, the search is not.
        (all[100] + 1.234e-5, all[300] + 1.234e-5)
    };
    let ((w, e), (s, n)) = (corner(0), corner(1));
    let part = page(&format!("{ITEMS}?limit=10000&bbox={w},{s},{e},{n}")).await;
    let window = geo::Rect::new((w, s), (e, n)).to_polygon();
    let expected: Vec<String> = everything["features"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| {
            use geo::Intersects;
            let rings = &f["geometry"]["coordinates"];
            rings.as_array().unwrap().iter().any(|polygon| {
                let ring = polygon[0]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|c| (c[0].as_f64().unwrap(), c[1].as_f64().unwrap()));
                geo::Polygon::new(ring.collect(), vec![]).intersects(&window)
            })
        })
        .map(|f| f["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids(&part), expected);
    assert!(!expected.is_empty() && expected.len() < 400);
    // The same box in other CRSs.
    let lat_lon = format!(
        "{ITEMS}?limit=10000&bbox={s},{w},{n},{e}&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326"
    );
    assert_eq!(ids(&page(&lat_lon).await), expected);
    let mercator = |lon: f64, lat: f64| {
        (
            lon.to_radians() * 6_378_137.0,
            lat.to_radians().tan().asinh() * 6_378_137.0,
        )
    };
    let ((x0, y0), (x1, y1)) = (mercator(w, s), mercator(e, n));
    let projected = format!(
        "{ITEMS}?limit=10000&bbox={x0},{y0},{x1},{y1}&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/3857"
    );
    assert_eq!(ids(&page(&projected).await), expected);
    let filter = encoded(&format!("S_INTERSECTS(geometry, BBOX({w},{s},{e},{n}))"));
    assert_eq!(
        ids(&page(&format!("{ITEMS}?limit=10000&filter={filter}")).await),
        expected
    );
    // The world, and nothing of it.
    assert_eq!(
        ids(&page(&format!("{ITEMS}?limit=10000&bbox=-180,-90,180,90")).await).len(),
        400
    );
    assert!(ids(&page(&format!("{ITEMS}?bbox=0,0,1,1")).await).is_empty());
    assert!(ids(&page(&format!("{ITEMS}?bbox=170,-10,-170,10")).await).is_empty());
}

#[tokio::test]
async fn filters_select_what_they_say() {
    let all = page(&format!("{ITEMS}?limit=10000")).await;
    let count = async |filter: &str| {
        page(&format!("{ITEMS}?limit=10000&filter={}", encoded(filter))).await["numberReturned"]
            .as_u64()
            .unwrap()
    };
    let holding = |test: &dyn Fn(&Value) -> bool| {
        all["features"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|f| test(&f["properties"]))
            .count() as u64
    };
    let hard = holding(&|p| p["tenure"] == "hard_title");
    assert!(hard > 0 && hard < 400);
    assert_eq!(count("tenure = 'hard_title'").await, hard);
    assert_eq!(count("NOT tenure = 'hard_title'").await, 400 - hard);
    assert_eq!(count("tenure LIKE 'hard%'").await, hard);
    assert_eq!(count("tenure LIKE 'HARD%'").await, 0);
    assert_eq!(count("CASEI(tenure) LIKE casei('HARD%')").await, hard);
    assert_eq!(
        count("tenure IN ('hard_title', 'soft_title')").await,
        holding(&|p| p["tenure"] == "hard_title" || p["tenure"] == "soft_title")
    );
    let unknown = holding(&|p| p["price_usd_m2"].is_null());
    assert_eq!(count("price_usd_m2 IS NULL").await, unknown);
    let dear = holding(&|p| p["price_usd_m2"].as_f64().is_some_and(|v| v > 100.0));
    assert_eq!(count("price_usd_m2 > 100").await, dear);
    assert_eq!(
        count("NOT price_usd_m2 > 100").await,
        400 - unknown - dear,
        "unknown is neither"
    );
    assert_eq!(count("price_usd_m2 / 2 > 50").await, dear);
    assert_eq!(count("S_DISJOINT(geometry, BBOX(0,0,1,1))").await, 400);
    assert_eq!(count("S_WITHIN(geometry, BBOX(104,11,106,12.5))").await, 400);
    let place = page("/ogc/collections/settlements/items?limit=10000").await;
    let since = "2024-01-01";
    let later = place["features"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["properties"]["surveyed_on"].as_str().is_some_and(|d| d > since))
        .count();
    let asked = format!(
        "/ogc/collections/settlements/items?limit=10000&filter={}",
        encoded("T_AFTER(surveyed_on, DATE('2024-01-01'))")
    );
    assert_eq!(ids(&page(&asked).await).len(), later);
    let by_field = page(&format!("{ITEMS}?limit=10000&tenure=hard_title")).await;
    assert_eq!(by_field["numberReturned"], hard);
}

#[tokio::test]
async fn the_number_of_matches_comes_along() {
    assert_eq!(page(&format!("{ITEMS}?limit=1")).await["numberMatched"], 400);
    let filtered = format!("{ITEMS}?limit=1&filter=tenure%20%3D%20'hard_title'");
    let all =
        page(&format!("{ITEMS}?limit=10000&filter=tenure%20%3D%20'hard_title'")).await["numberReturned"]
            .clone();
    let mut matched = Value::Null;
    for _ in 0..50 {
        matched = page(&filtered).await["numberMatched"].clone();
        if !matched.is_null() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(matched, all);
}

#[tokio::test]
async fn one_feature_and_its_crs() {
    let first = page(&format!("{ITEMS}?limit=1")).await;
    let id = ids(&first).remove(0);
    let answer = get(&format!("{ITEMS}/{id}")).await;
    assert_eq!(
        answer.header("content-crs"),
        "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    );
    let feature = answer.json();
    assert_eq!(feature["geometry"], first["features"][0]["geometry"]);
    let lon = feature["geometry"]["coordinates"][0][0][0][0].as_f64().unwrap();
    let swapped = get(&format!(
        "{ITEMS}/{id}?crs=http://www.opengis.net/def/crs/EPSG/0/4326"
    ))
    .await
    .json();
    let longitudes: Vec<f64> = swapped["geometry"]["coordinates"][0][0]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c[1].as_f64().unwrap())
        .collect();
    assert!(longitudes.iter().any(|v| (v - lon).abs() < 1e-9));
    let stored = get(&format!(
        "{ITEMS}/{id}?crs=http://www.opengis.net/def/crs/EPSG/0/32648"
    ))
    .await
    .json();
    assert!(stored["geometry"]["coordinates"][0][0][0][1].as_f64().unwrap() > 1e6);
    get(&format!("{ITEMS}/no-such"))
        .await
        .is_error(404, "no_such_feature");
    get(&format!("{ITEMS}/{}", encoded("' OR 1=1 --")))
        .await
        .is_error(404, "no_such_feature");
}

#[tokio::test]
async fn rings_follow_the_right_hand_rule() {
    let all = page(&format!("{ITEMS}?limit=10000")).await;
    for feature in all["features"].as_array().unwrap() {
        for polygon in feature["geometry"]["coordinates"].as_array().unwrap() {
            for (i, ring) in polygon.as_array().unwrap().iter().enumerate() {
                let c: Vec<(f64, f64)> = ring
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|c| (c[0].as_f64().unwrap(), c[1].as_f64().unwrap()))
                    .collect();
                assert_eq!(c.first(), c.last());
                let area: f64 = c
                    .windows(2)
                    .map(|p| (p[0].0 - c[0].0) * (p[1].1 - c[0].1) - (p[1].0 - c[0].0) * (p[0].1 - c[0].1))
                    .sum();
                assert_eq!(area > 0.0, i == 0, "{}", feature["id"]);
            }
        }
    }
}

#[tokio::test]
async fn what_cannot_be_understood_is_refused_with_a_reason() {
    for question in [
        "limit=0",
        "limit=-1",
        "limit=x",
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "bbox=1,9,2,3",
        "bbox=nan,0,1,1",
        "bbox-crs=EPSG:1&bbox=0,0,1,1",
        "crs=EPSG:9999",
        "datetime=yesterday",
        "datetime=../..",
        "datetime=2020-02-30",
        "datetime=2021-01-01/2020-01-01",
        "filter=%28",
        "filter-lang=sql&filter=1",
        "filter=S_INTERSECTS%28geometry,POLYGON%28%280%200,1%201,1%200,0%201,0%200%29%29%29",
        "sortby=nothing",
        "properties=nothing",
        "unknown=1",
        "f=xml",
        "after=zz",
        "after=1&before=2",
        "limit=1&limit=2",
        "filter=price_usd_m2%20%3D%20'x'",
        "sortby=tenure&after=17",
        "price_usd_m2=dear",
        "offset=10",
    ] {
        let answer = get(&format!("{ITEMS}?{question}")).await;
        let error = answer.is_error(400, "bad_parameter");
        assert!(!error["details"].as_array().unwrap().is_empty(), "{question}");
    }
    let many = get(&format!("{ITEMS}?limit=0&bbox=1&sortby=x&filter=%28"))
        .await
        .is_error(400, "bad_parameter");
    assert_eq!(
        many["details"].as_array().unwrap().len(),
        4,
        "all mistakes at once"
    );
    get_with(ITEMS, "accept", "image/png")
        .await
        .is_error(406, "not_acceptable");
    get("/ogc/collections/elevation/items")
        .await
        .is_error(404, "no_such_layer");
}

/// As long as an address may be; what is longer HTTP itself refuses (414) before anybody here reads it.
#[tokio::test]
async fn hostile_filters_are_refused_quickly_and_with_a_reason() {
    let nested = format!(
        "{}true{}",
        r#"{"op":"not","args":["#.repeat(800),
        "]}".repeat(800)
    );
    let hostile = [
        "(".repeat(20_000),
        format!("{}price_usd_m2 = 1{}", "NOT (".repeat(2_000), ")".repeat(2_000)),
        nested,
        "[".repeat(20_000),
        format!("price_usd_m2 = 1{}", "+1".repeat(10_000)),
        format!("tenure IN ('a'{})", ",'a'".repeat(4_500)),
        format!("S_INTERSECTS(geometry, {}", "GEOMETRYCOLLECTION(".repeat(800)),
        "fid = 1 OR rowid = 1".to_owned(),
        "geom IS NULL".to_owned(),
        "tenure = 'x'; DROP TABLE parcels; --".to_owned(),
        "1 = (SELECT count(*) FROM sqlite_master)".to_owned(),
        "load_extension('x') = 'y'".to_owned(),
        "price_usd_m2 > 'dear'".to_owned(),
        "tenure > 3".to_owned(),
        "\u{0}".to_owned(),
    ];
    // The city is made before the clock runs.
    assert_eq!(get(ITEMS).await.status, 200);
    for filter in hostile {
        for address in [ITEMS, "/data/parcels.csv"] {
            let begun = std::time::Instant::now();
            let answer = get(&format!("{address}?filter={}", encoded(&filter))).await;
            let error = answer.is_error(400, "bad_parameter");
            assert_eq!(error["details"][0]["field"], "filter");
            let shown: String = filter.chars().take(40).collect();
            assert!(
                begun.elapsed().as_secs() < 2,
                "{shown}… took {:?}",
                begun.elapsed()
            );
            assert!(answer.body.len() < 5_000, "{shown}… is thrown back whole");
        }
    }
}

#[tokio::test]
async fn every_document_is_there_as_json_and_as_a_page() {
    for path in [
        "/ogc",
        "/ogc/",
        "/ogc/conformance",
        "/ogc/collections",
        "/ogc/collections/parcels",
        "/ogc/collections/parcels/queryables",
        ITEMS,
    ] {
        for asked in [path.to_owned(), format!("{path}?lang=km")] {
            let json = get(&asked).await;
            assert_eq!(json.status, 200, "{asked}");
            json.json();
        }
        get(&format!("{path}?lang=fr"))
            .await
            .is_error(400, "bad_parameter");
        let khmer = get(&format!("{path}?f=html&lang=km")).await;
        let khmer = String::from_utf8_lossy(&khmer.body).into_owned();
        assert!(
            khmer.contains("<html lang=\"km\">") && khmer.contains("ស្រទាប់ទាំងអស់"),
            "{path}"
        );
        for answer in [
            get(&format!("{path}?f=html")).await,
            get_with(path, "accept", "text/html,*/*").await,
        ] {
            assert!(answer.header("content-type").starts_with("text/html"), "{path}");
            assert!(answer.body.starts_with(b"<!doctype html>"));
            assert!(
                !String::from_utf8_lossy(&answer.body).contains("<script"),
                "{path}"
            );
        }
    }
    let api = get("/ogc/api").await;
    assert!(api.header("content-type").contains("version=3.0"));
    assert_eq!(api.json()["openapi"], "3.0.3");
}

/// Addresses in links are those that lead back here.
#[tokio::test]
async fn links_lead_somewhere() {
    let mut seen = HashSet::new();
    let mut open = vec!["/ogc".to_owned()];
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) || seen.len() > 150 {
            continue;
        }
        let answer: Answer = get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        let Ok(document) = serde_json::from_slice::<Value>(&answer.body) else {
            continue;
        };
        let own = document["links"].as_array().cloned().unwrap_or_default();
        let of_collections = document["collections"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|c| c["links"].as_array().cloned().unwrap_or_default());
        for link in own.into_iter().chain(of_collections) {
            let path = link["href"].as_str().unwrap().replacen("http://localhost", "", 1);
            if !path.contains("://") && !path.contains("/data/roads") {
                open.push(path);
            }
        }
    }
    assert!(seen.len() > 50);
}
