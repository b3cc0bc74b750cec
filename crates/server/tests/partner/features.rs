//! The abstract test suites of OGC API – Features, Part 1 (core, GeoJSON, HTML, `OpenAPI` 3.0), Part 2 (CRS) and Part 3 (queryables, filter), each
//! test by its name and in our own words.

use serde_json::Value;

use crate::common::{get, get_with};
use crate::cql2::{encoded, get as town};

async fn json(path: &str) -> Value {
    let answer = get(path).await;
    assert_eq!(
        answer.status,
        200,
        "{path}: {}",
        String::from_utf8_lossy(&answer.body)
    );
    answer.json()
}

fn links<'a>(document: &'a Value, rel: &str) -> Vec<&'a Value> {
    let all = document["links"].as_array().unwrap();
    all.iter().filter(|link| link["rel"] == rel).collect()
}

fn path_of(link: &Value) -> String {
    link["href"].as_str().unwrap().replacen("http://localhost", "", 1)
}

async fn collections() -> Vec<Value> {
    json("/ogc/collections").await["collections"]
        .as_array()
        .unwrap()
        .clone()
}

/// core: root-op, root-success, api-definition-op, api-definition-success, conformance-op, conformance-success.
#[tokio::test]
async fn landing_page_description_and_conformance() {
    let landing = json("/ogc").await;
    for rel in [
        "service-desc",
        "service-doc",
        "conformance",
        "data",
        "self",
        "alternate",
    ] {
        assert!(!links(&landing, rel).is_empty(), "{rel}");
        for link in links(&landing, rel) {
            assert_eq!(get(&path_of(link)).await.status, 200, "{rel}");
        }
    }
    let description = links(&landing, "service-desc")[0];
    let answer = get(&path_of(description)).await;
    assert_eq!(
        answer.header("content-type"),
        description["type"].as_str().unwrap()
    );
    let conformance = json("/ogc/conformance").await;
    let classes: Vec<&str> = conformance["conformsTo"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c.as_str().unwrap())
        .collect();
    let of = |standard: &str, part: &str| format!("http://www.opengis.net/spec/{standard}/1.0/conf/{part}");
    for (standard, parts) in [
        ("ogcapi-features-1", &["core", "geojson", "html", "oas30"][..]),
        ("ogcapi-features-2", &["crs"]),
        (
            "ogcapi-features-3",
            &[
                "queryables",
                "queryables-query-parameters",
                "filter",
                "features-filter",
            ],
        ),
        (
            "cql2",
            &[
                "cql2-text",
                "cql2-json",
                "basic-cql2",
                "advanced-comparison-operators",
                "case-insensitive-comparison",
                "accent-insensitive-comparison",
                "basic-spatial-functions",
                "basic-spatial-functions-plus",
                "spatial-functions",
                "temporal-functions",
                "property-property",
                "arithmetic",
            ],
        ),
    ] {
        for part in parts {
            assert!(
                classes.contains(&of(standard, part).as_str()),
                "{standard} {part}"
            );
        }
    }
    // What is declared is tested: nothing else is in the list. There are no lists among the fields, and no functions of our own.
    assert_eq!(classes.len(), 21);
    town("/ogc/collections/settlements/items?filter=A_EQUALS(name,name)")
        .await
        .is_error(400, "bad_parameter");
}

/// core: http, query-param-unknown, query-param-invalid.
#[tokio::test]
async fn what_no_one_defined_is_refused() {
    for path in [
        "/ogc",
        "/ogc/conformance",
        "/ogc/collections",
        "/ogc/collections/parcels",
        "/ogc/collections/parcels/items",
    ] {
        get(&format!("{path}?no-such-parameter=1"))
            .await
            .is_error(400, "bad_parameter");
    }
    for wrong in [
        "limit=0",
        "limit=-1",
        "bbox=1,2,3",
        "bbox=5,4,3,2",
        "datetime=soon",
        "datetime=2021-13-01",
    ] {
        get(&format!("/ogc/collections/parcels/items?{wrong}"))
            .await
            .is_error(400, "bad_parameter");
    }
}

/// core: fc-md-op, fc-md-success, fc-md-links, fc-md-items, fc-md-items-links, fc-md-extent, sfc-md-op, sfc-md-success; crs84.
#[tokio::test]
async fn collections_say_what_they_are() {
    let document = json("/ogc/collections").await;
    assert!(!links(&document, "self").is_empty() && !links(&document, "alternate").is_empty());
    let all = collections().await;
    assert!(all.len() > 4);
    for collection in &all {
        let id = collection["id"].as_str().unwrap();
        for link in collection["links"].as_array().unwrap() {
            assert!(link["rel"].is_string() && link["type"].is_string(), "{link}");
        }
        let kinds: Vec<&str> = links(collection, "items")
            .iter()
            .map(|link| link["type"].as_str().unwrap())
            .collect();
        assert!(
            kinds.contains(&"application/geo+json") && kinds.contains(&"text/html"),
            "{id}"
        );
        let bbox: Vec<f64> = collection["extent"]["spatial"]["bbox"][0]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_f64().unwrap())
            .collect();
        assert!(
            bbox[0] <= bbox[2]
                && bbox[1] <= bbox[3]
                && (104.0..106.0).contains(&bbox[0])
                && (11.0..13.0).contains(&bbox[1])
        );
        assert_eq!(&json(&format!("/ogc/collections/{id}")).await, collection);
        assert_eq!(
            collection["crs"][0],
            "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
        );
    }
    get("/ogc/collections/no_such")
        .await
        .is_error(404, "no_such_layer");
}

/// core: fc-op, fc-response, fc-links, fc-timeStamp, fc-numberMatched, fc-numberReturned, fc-limit-definition, fc-limit-response, f-op,
/// f-success, f-links; geojson: content.
#[tokio::test]
async fn features_come_in_pages_and_alone() {
    for collection in collections().await {
        let id = collection["id"].as_str().unwrap();
        let items = format!("/ogc/collections/{id}/items");
        let answer = get(&items).await;
        assert_eq!(answer.header("content-type"), "application/geo+json");
        let page = answer.json();
        assert_eq!(page["type"], "FeatureCollection");
        let features = page["features"].as_array().unwrap();
        assert!(features.len() <= 10 && page["numberReturned"] == features.len());
        assert!(page["timeStamp"].as_str().unwrap().ends_with('Z'));
        assert!(page["numberMatched"].as_u64().unwrap() >= features.len() as u64);
        for rel in ["self", "alternate"] {
            assert!(
                links(&page, rel).iter().all(|link| link["type"].is_string()),
                "{id} {rel}"
            );
        }
        // More than the most is as much as there is, not an error.
        assert_eq!(get(&format!("{items}?limit=100000")).await.status, 200);
        assert!(
            json(&format!("{items}?limit=3")).await["features"]
                .as_array()
                .unwrap()
                .len()
                <= 3
        );
        let feature = format!("{items}/{}", encoded(features[0]["id"].as_str().unwrap()));
        let alone = json(&feature).await;
        assert_eq!(
            (&alone["type"], &alone["geometry"]),
            (&Value::from("Feature"), &features[0]["geometry"])
        );
        for rel in ["self", "alternate", "collection"] {
            assert!(!links(&alone, rel).is_empty(), "{id} {rel}");
        }
        for member in features {
            assert!(member["properties"].is_object() && member.get("geometry").is_some());
        }
    }
}

/// core: fc-bbox-definition, fc-bbox-response, fc-time-definition, fc-time-response.
#[tokio::test]
async fn boxes_and_times_select() {
    let ids = async |query: &str| {
        let page = town(&format!("/ogc/collections/settlements/items?limit=100&{query}"))
            .await
            .json();
        page["features"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["id"].as_str().unwrap().to_owned())
            .collect::<String>()
    };
    assert_eq!(ids("bbox=104.89,11.54,104.93,11.58").await, "ab");
    assert_eq!(ids("bbox=104.89,11.54,-10,104.93,11.58,10").await, "ab");
    assert_eq!(ids("bbox=170,-10,-170,10").await, "");
    assert_eq!(ids("bbox=-180,-90,180,90").await, "abcdef");
    // What has no day is about any day.
    for (when, expected) in [
        ("2022-04-16", "bdf"),
        ("2022-04-16T10:00:00Z", "bdf"),
        ("2022-01-01/2022-12-31", "bdef"),
        ("../2021-12-31", "adf"),
        ("2023-01-01/..", "cdf"),
        ("/2021-12-31", "adf"),
    ] {
        assert_eq!(ids(&format!("datetime={when}")).await, expected, "{when}");
    }
    assert_eq!(
        ids("datetime=2022-01-01/..&bbox=104.89,11.54,104.93,11.58").await,
        "b"
    );
}

/// html: content, definition. oas30: completeness, exception-codes, security, oas-definition.
#[tokio::test]
async fn pages_and_description() {
    for path in [
        "/ogc",
        "/ogc/conformance",
        "/ogc/collections",
        "/ogc/collections/parcels",
        "/ogc/collections/parcels/items?limit=2",
    ] {
        let page = get_with(path, "accept", "text/html").await;
        let text = String::from_utf8(page.body).unwrap();
        assert!(
            text.starts_with("<!doctype html>") && text.contains("href="),
            "{path}"
        );
    }
    let api = json("/ogc/api").await;
    assert_eq!(api["openapi"], "3.0.3");
    for path in [
        "/",
        "/conformance",
        "/collections",
        "/collections/{collectionId}",
        "/collections/{collectionId}/queryables",
        "/collections/{collectionId}/items",
        "/collections/{collectionId}/items/{featureId}",
    ] {
        let responses = &api["paths"][path]["get"]["responses"];
        assert!(
            responses["200"].is_object() && responses["400"].is_object() && responses["401"].is_object(),
            "{path}"
        );
    }
    assert!(api["components"]["securitySchemes"]["bearer"].is_object());
    let limit = &api["components"]["parameters"]["limit"]["schema"];
    assert!(limit["minimum"] == 1 && limit["default"].as_u64() <= limit["maximum"].as_u64());
    let bbox = &api["components"]["parameters"]["bbox"];
    assert!(bbox["explode"] == false && bbox["schema"]["type"] == "array");
    // The description speaks of the service. What licence data have says each collection.
    assert!(api["info"]["license"].is_null());
    for collection in collections().await {
        assert_eq!(collection["license"], "CC BY 4.0");
    }
}

/// Part 2, crs: crs-uri, default-crs, storageCrs, crs-parameter, -default, -invalid, -transform, bbox-crs-parameter, -default, -invalid.
#[tokio::test]
async fn coordinate_reference_systems() {
    let collection = json("/ogc/collections/parcels").await;
    let uris: Vec<&str> = collection["crs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|uri| uri.as_str().unwrap())
        .collect();
    assert!(
        uris.iter()
            .all(|uri| uri.starts_with("http://www.opengis.net/def/crs/"))
    );
    assert!(uris.contains(&collection["storageCrs"].as_str().unwrap()));
    let items = "/ogc/collections/parcels/items?limit=2";
    let plain = get(items).await;
    assert_eq!(plain.header("content-crs"), format!("<{}>", uris[0]));
    for uri in &uris {
        let answer = get(&format!("{items}&crs={}", encoded(uri))).await;
        assert_eq!(answer.header("content-crs"), format!("<{uri}>"));
        let alone = plain.json()["features"][0]["id"].as_str().unwrap().to_owned();
        let alone = get(&format!(
            "/ogc/collections/parcels/items/{alone}?crs={}",
            encoded(uri)
        ))
        .await;
        assert_eq!(alone.header("content-crs"), format!("<{uri}>"));
        assert_eq!(answer.json()["features"][0]["geometry"], alone.json()["geometry"]);
    }
    for parameter in ["crs", "bbox-crs", "filter-crs"] {
        let nowhere = encoded("http://www.opengis.net/def/crs/EPSG/0/1");
        get(&format!("{items}&bbox=0,0,1,1&filter=true&{parameter}={nowhere}"))
            .await
            .is_error(400, "bad_parameter");
    }
    let count = async |query: &str| {
        json(&format!("/ogc/collections/parcels/items?limit=1&{query}")).await["numberReturned"].as_u64()
    };
    let lat_lon = encoded("http://www.opengis.net/def/crs/EPSG/0/4326");
    assert_eq!(count("bbox=104.5,11.2,105.3,12").await, Some(1));
    assert_eq!(
        count(&format!("bbox=11.2,104.5,12,105.3&bbox-crs={lat_lon}")).await,
        Some(1)
    );
}

/// Part 3: get-queryables-uris, get-queryables, query-param, filter-param, filter-lang-default, filter-crs, features-filter.
#[tokio::test]
async fn queryables_and_filters() {
    for name in ["settlements", "roads"] {
        let items = format!("/ogc/collections/{name}/items");
        let answer = town(&items).await;
        let link = answer.header("link").to_owned();
        assert!(
            link.contains("rel=\"http://www.opengis.net/def/rel/ogc/1.0/queryables\""),
            "{link}"
        );
        let address = link.trim_start_matches('<').split('>').next().unwrap();
        let queryables = town(&address.replacen("http://localhost", "", 1)).await;
        assert_eq!(queryables.header("content-type"), "application/schema+json");
        let schema = queryables.json();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(
            (&schema["$id"], &schema["type"]),
            (&Value::from(address), &Value::from("object"))
        );
        for (queryable, about) in schema["properties"].as_object().unwrap() {
            let shape = about["format"]
                .as_str()
                .is_some_and(|format| format.starts_with("geometry-"));
            assert!(about["type"].is_string() || shape, "{queryable}");
            for lang in ["", "&filter-lang=cql2-text"] {
                let filter = encoded(&format!("{queryable} IS NULL"));
                assert_eq!(
                    town(&format!("{items}?filter={filter}{lang}")).await.status,
                    200,
                    "{queryable}"
                );
            }
        }
        town(&format!("{items}?filter={}", encoded("THIS IS NOT A FILTER")))
            .await
            .is_error(400, "bad_parameter");
        town(&format!(
            "{items}?filter={}",
            encoded("no_such_queryable IS NULL")
        ))
        .await
        .is_error(400, "bad_parameter");
    }
    let ids = async |query: &str| {
        let page = town(&format!("/ogc/collections/settlements/items?limit=100&{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        page.json()["features"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["id"].as_str().unwrap().to_owned())
            .collect::<String>()
    };
    for (query, expected) in [
        ("households=12", "af"),
        ("eviction_threat=true", "ae"),
        ("surveyed_on=2022-04-16", "b"),
        ("tenure=hard_title&households=12", "a"),
        ("filter=households%3D12&bbox=104.89,11.54,104.93,11.58", "a"),
        ("filter=households%3D12&datetime=2021-04-16", "af"),
    ] {
        assert_eq!(ids(query).await, expected, "{query}");
    }
    for wrong in ["households=many", "eviction_threat=perhaps", "surveyed_on=spring"] {
        town(&format!("/ogc/collections/settlements/items?{wrong}"))
            .await
            .is_error(400, "bad_parameter");
    }
    let lon_lat = encoded("S_INTERSECTS(geometry,BBOX(104.89,11.54,104.93,11.58))");
    let lat_lon = encoded("S_INTERSECTS(geometry,BBOX(11.54,104.89,11.58,104.93))");
    let epsg_4326 = encoded("http://www.opengis.net/def/crs/EPSG/0/4326");
    assert_eq!(ids(&format!("filter={lon_lat}")).await, "ab");
    assert_eq!(
        ids(&format!("filter={lat_lon}&filter-crs={epsg_4326}")).await,
        "ab"
    );
    town(&format!("/ogc/collections/settlements/items?filter={lat_lon}"))
        .await
        .is_error(400, "bad_parameter");
}
