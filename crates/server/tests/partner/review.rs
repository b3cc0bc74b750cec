//! The review of every route: what is not to be seen cannot be told from what does not exist, and is kept by no cache that others share. A
//! route that is not in the list below fails the first test; whoever adds one says here how it keeps silent and who may keep its answers,
//! and the other tests then hold it to that.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use axum::http::Method;
use phteah_store::KeyScope;

use crate::house::{House, shape};

/// How a route keeps silent about what its caller may not see.
pub enum Silence {
    /// It is about one layer: a hidden one answers as an absent one does, whatever is asked of it. The queries to ask.
    OneLayer(&'static [&'static str]),
    /// It lists layers: hidden ones are not among them.
    Lists,
    /// It belongs to the team: strangers get the same refusal whatever they ask for.
    Walled,
    /// Nothing in it comes from layers.
    Constant,
}

pub use Silence::{Constant, Lists, OneLayer, Walled};

/// Who may keep the answers of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// Whoever asked, and no cache that others share: what is in it depends on who asks.
    Asker,
    /// Everybody where everybody sees the layer; where somebody's key opens it, they alone.
    ByGrant,
    /// Everybody: it is the same for all.
    Everybody,
}

pub use Keeping::{Asker, ByGrant, Everybody};

/// Every address of the program. `{layer}` stands for a layer's name, everything else in braces for what [`filled`] puts there.
pub const REVIEWED: &[(&str, Silence, Keeping)] = &[
    ("/data", Lists, Asker),
    ("/data/", Lists, Asker),
    ("/data/style.css", Constant, Everybody),
    ("/data/khmer-400.woff2", Constant, Everybody),
    ("/data/khmer-600.woff2", Constant, Everybody),
    ("/data/{name}", OneLayer(FILES), ByGrant),
    ("/data/{name}/tiles.json", OneLayer(&["", "?x=1"]), Asker),
    ("/data/{name}/tiles/{z}/{x}/{y}", OneLayer(&["", "?x=1"]), Asker),
    ("/data/{name}/map.svg", OneLayer(&["", "?x=1"]), Asker),
    (
        "/data/{name}/changes",
        OneLayer(&["", "?since=HASH", "?since=x", "?x=1"]),
        Asker,
    ),
    ("/ogc", Lists, Asker),
    ("/ogc/", Lists, Asker),
    ("/ogc/conformance", Constant, Asker),
    ("/ogc/api", Lists, Asker),
    ("/ogc/api.html", Lists, Asker),
    ("/ogc/collections", Lists, Asker),
    (
        "/ogc/collections/{id}",
        OneLayer(&["", "?f=html", "?f=x", "?x=1"]),
        Asker,
    ),
    (
        "/ogc/collections/{id}/queryables",
        OneLayer(&["", "?f=html", "?x=1"]),
        Asker,
    ),
    ("/ogc/collections/{id}/items", OneLayer(ITEMS), Asker),
    (
        "/ogc/collections/{id}/items/{feature}",
        OneLayer(&["", "?f=html", "?crs=x", "?properties=x", "?x=1"]),
        Asker,
    ),
    ("/sign-in", Constant, Asker),
    ("/sign-in.js", Constant, Everybody),
    ("/sign-out", Constant, Asker),
    ("/welcome/{link}", Constant, Asker),
    ("/account", Constant, Asker),
    ("/account/password", Constant, Asker),
    ("/account/sessions/{id}/end", Constant, Asker),
    ("/account/sign-out-everywhere", Constant, Asker),
    ("/api/me", Constant, Asker),
    ("/devices", Constant, Asker),
    ("/devices/code", Constant, Asker),
    ("/devices/{id}/revoke", Constant, Asker),
    ("/field", Constant, Everybody),
    ("/field/", Constant, Everybody),
    ("/field/{*path}", Constant, Everybody),
    ("/assets/{*path}", Constant, Everybody),
    ("/favicon.svg", Constant, Everybody),
    ("/favicon.ico", Constant, Everybody),
    ("/api/field/enrol", Constant, Asker),
    ("/api/field/setup", Constant, Asker),
    ("/api/field/packs/{id}/{file}", Constant, Asker),
    ("/api/field/lists/{name}", Constant, Asker),
    ("/odk/key/{token}/formList", Constant, Asker),
    ("/odk/key/{token}/forms/{id}/{version}/form.xml", Constant, Asker),
    ("/odk/key/{token}/forms/{id}/{version}/manifest", Constant, Asker),
    (
        "/odk/key/{token}/forms/{id}/{version}/media/{name}",
        Constant,
        Asker,
    ),
    ("/odk/key/{token}/lists/{name}", Constant, Asker),
    ("/odk/key/{token}/integrity/{list}", Constant, Asker),
    ("/odk/key/{token}/submission", Constant, Asker),
    ("/api/field/forms/{id}/{version}/form.xml", Constant, Asker),
    ("/api/field/forms/{id}/{version}/media/{name}", Constant, Asker),
    ("/api/field/events", Constant, Asker),
    ("/api/field/changes", Constant, Asker),
    ("/api/field/files/{sha256}", Constant, Asker),
    ("/api/desk/setup", Constant, Asker),
    ("/api/desk/today", Constant, Asker),
    ("/api/desk/households", Constant, Asker),
    ("/api/desk/households/sites", Constant, Asker),
    ("/api/desk/households/{household}", Constant, Asker),
    ("/api/desk/households/{household}/given", Constant, Asker),
    ("/api/desk/households/{household}/hidden", Constant, Asker),
    ("/api/desk/households/{household}/audit", Constant, Asker),
    ("/api/desk/households/{household}/map.svg", Constant, Asker),
    ("/api/desk/events", Constant, Asker),
    ("/api/desk/quarantine", Constant, Asker),
    ("/api/desk/quarantine/{entry}", Constant, Asker),
    ("/api/desk/decisions", Constant, Asker),
    ("/api/desk/placements", Constant, Asker),
    ("/api/desk/sheets", Constant, Asker),
    ("/api/desk/outcomes", Constant, Asker),
    ("/api/desk/releases", Constant, Asker),
    ("/api/desk/releases/{release}", Constant, Asker),
    ("/api/desk/releases/{release}/tables/{table}", Constant, Asker),
    ("/api/desk/releases/{release}/audit", Constant, Asker),
    ("/api/desk/releases/{release}/confirm", Constant, Asker),
    ("/api/desk/releases/{release}/audience", Constant, Asker),
    ("/api/desk/releases/{release}/withdraw", Constant, Asker),
    ("/api/desk/counts", Constant, Asker),
    ("/api/desk/tasks", Constant, Asker),
    ("/api/desk/tasks/{task}", Constant, Asker),
    ("/api/desk/tasks/{task}/files/{hash}", Constant, Asker),
    ("/api/field/tasks", Constant, Asker),
    ("/desk", Constant, Asker),
    ("/health", Constant, Everybody),
    ("/api/openapi.json", Walled, Asker),
    ("/api/deployment", Walled, Asker),
    ("/api/layers", Walled, Asker),
    ("/api/work", Walled, Asker),
    ("/api/scenarios", Walled, Asker),
    ("/api/scenarios/{name}", Walled, Asker),
    ("/api/scenarios/{name}/plots", Walled, Asker),
    ("/api/rankings", Walled, Asker),
    ("/api/rankings/{id}", Walled, Asker),
    ("/api/rankings/{id}/sites", Walled, Asker),
    ("/api/rankings/{id}/sites/{site}", Walled, Asker),
    ("/api/rankings/{id}/matrix", Walled, Asker),
    ("/api/rankings/{id}/sites/{site}/flood", Walled, Asker),
    ("/api/rankings/{id}/sites/{site}/routes", Walled, Asker),
    ("/api/rankings/{id}/drawn", Walled, Asker),
    ("/api/rankings/{id}/download", Walled, Asker),
    ("/api/rankings/{id}/record", Walled, Asker),
    ("/api/here", Walled, Asker),
    ("/api/settlements", Walled, Asker),
    ("/api/streets", Walled, Asker),
    ("/api/rankings/{id}/methods", Walled, Asker),
    ("/api/rankings/{id}/unknowns", Walled, Asker),
    ("/api/rankings/{id}/robustness", Walled, Asker),
    ("/api/rankings/{id}/compare", Walled, Asker),
    ("/tiles/sites/{z}/{x}/{y}", Walled, Asker),
    ("/tiles/{layer}/{z}/{x}/{y}", Walled, Asker),
];

const FILES: &[&str] = &[
    "",
    "?f=json",
    "?lang=km",
    "?x=1",
    ".gpkg",
    ".geojson",
    ".geojsonl",
    ".csv",
    ".fgb",
    ".parquet",
    ".tif",
    ".xyz",
    ".csv?x=1",
    ".csv?crs=EPSG:3857",
    ".csv?limit=1",
    ".gpkg?bbox=104,11,105,12",
    ".geojson?filter=households%20%3E%203",
    ".csv?filter=(",
    ".csv?sortby=households",
    ".csv?properties=households",
    ".csv?after=3",
];

const ITEMS: &[&str] = &[
    "",
    "?f=html",
    "?limit=5",
    "?limit=0",
    "?bbox=104,11,105,12",
    "?bbox=x",
    "?datetime=2020-01-01",
    "?filter=households%20%3E%203",
    "?filter=nothing%20%3E%203",
    "?filter=(",
    "?sortby=households",
    "?sortby=nothing",
    "?properties=households",
    "?after=1",
    "?before=9",
    "?crs=http://www.opengis.net/def/crs/EPSG/0/4326",
    "?crs=x",
    "?households=3",
    "?x=1",
];

/// A route with a layer's name, and a feature, tile or version that the layer has.
pub fn filled(route: &str, layer: &str) -> String {
    let braces = ["{name}", "{id}", "{layer}"];
    let route = braces
        .iter()
        .fold(route.to_owned(), |route, brace| route.replace(brace, layer));
    route
        .replace("{z}", "12")
        .replace("{x}", "3241")
        .replace("{y}", "1916")
        .replace("{feature}", "UPS-0001")
        .replace("{site}", "site-1")
        .replace("{*path}", "page")
        .replace("{household}", "5b0f2d0e-1111-4222-8333-abcdefabcdef")
        .replace("{entry}", "1")
        .replace("{release}", "1")
        .replace("{table}", "families_by_area")
}

/// As long as the names of the hidden ones, so that lengths can be compared as well.
const HIDDEN: [(&str, &str); 3] = [
    ("settlements", "nettlements"),
    ("services", "cervices"),
    ("elevation", "alevation"),
];

#[test]
fn every_route_has_been_reviewed() {
    let mut found = Vec::new();
    routes_in(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(
        found.len() > 20,
        "the sources say where the routes are: {found:?}"
    );
    for route in &found {
        assert!(
            REVIEWED.iter().any(|(reviewed, ..)| reviewed == route),
            "{route} is new: say in REVIEWED how it keeps silent about hidden layers and who may keep its answers"
        );
    }
    for (reviewed, ..) in REVIEWED {
        assert!(found.iter().any(|route| route == reviewed), "{reviewed} is gone");
    }
}

/// The addresses that the sources give to the router.
fn routes_in(dir: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        // Roads have routes, too; commands serve nothing.
        if path.ends_with("commands") {
            continue;
        }
        if path.is_dir() {
            routes_in(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            for call in source.split(".route(").skip(1) {
                let literal = call
                    .trim_start()
                    .strip_prefix('"')
                    .expect("a route's address is written out");
                found.push(literal.split('"').next().unwrap().to_owned());
            }
            for other in [".nest(", ".nest_service(", ".route_service("] {
                assert!(
                    !source.contains(other),
                    "{}: {other} hides its routes from this review",
                    path.display()
                );
            }
        }
    }
}

#[tokio::test]
async fn a_hidden_layer_answers_as_an_absent_one() {
    let house = House::walled();
    let bearer = format!("Bearer {}", house.narrow_key());
    let team = format!("Bearer {}", house.key("team", KeyScope::Team));
    let mut compared = 0;
    for (hidden, absent) in HIDDEN {
        // What only those know who see the layer: its version and the tag of its file.
        let file = format!(
            "/data/{hidden}.{}",
            if hidden == "elevation" { "tif" } else { "csv" }
        );
        let seen = house.ask(Method::GET, &file, &[("authorization", &team)]).await;
        assert_eq!(seen.status, 200, "{file}");
        let catalogue = phteah_layers::Catalogue::open(house.dir.path()).unwrap();
        let hash = catalogue.layer(hidden).unwrap().hash.clone();
        let etag = seen.header("etag").to_owned();
        for (route, silence, _) in REVIEWED {
            let OneLayer(queries) = silence else { continue };
            for query in *queries {
                let query = query.replace("HASH", &hash);
                let there = filled(route, hidden) + &query;
                let nowhere = filled(route, absent) + &query;
                for method in [Method::GET, Method::HEAD, Method::POST, Method::OPTIONS] {
                    let asked: [&[(&str, &str)]; 5] = [
                        &[],
                        &[("authorization", &bearer)],
                        &[("if-none-match", &etag)],
                        &[("if-none-match", "*"), ("accept-encoding", "gzip, br")],
                        &[
                            ("range", "bytes=0-9"),
                            ("if-range", &etag),
                            ("accept", "text/html"),
                        ],
                    ];
                    for headers in asked {
                        let a = house.ask(method.clone(), &there, headers).await;
                        let b = house.ask(method.clone(), &nowhere, headers).await;
                        assert_eq!(
                            shape(&a, hidden),
                            shape(&b, absent),
                            "{method} {there} {headers:?}"
                        );
                        if method == Method::GET {
                            assert!([400, 404].contains(&a.status.as_u16()), "{there}: {}", a.status);
                        }
                        compared += 1;
                    }
                }
            }
        }
    }
    assert!(compared > 1000, "{compared}");
    // Nor does the log tell: what was not allowed is no download. The team's own are there.
    let log = house.store.downloads(None, 1000).unwrap();
    assert!(log.iter().all(|row| row.who == "team"), "{log:?}");
}

#[tokio::test]
async fn a_hidden_layer_takes_as_long_as_an_absent_one() {
    let house = House::walled();
    for (route, silence, _) in REVIEWED {
        let OneLayer(_) = silence else { continue };
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..30 {
            for (name, times) in ["settlements", "nettlements"].iter().zip(&mut times) {
                let begun = Instant::now();
                house.ask(Method::GET, &filled(route, name), &[]).await;
                times.push(begun.elapsed());
            }
        }
        let [hidden, absent] = times.map(|mut times| {
            times.sort();
            times[times.len() / 2]
        });
        // Opening the file of a layer, reading its boxes or encoding anything would show here.
        let apart = hidden.abs_diff(absent);
        assert!(
            apart < Duration::from_millis(1) + absent / 2,
            "{route}: {hidden:?} and {absent:?}"
        );
    }
}

#[tokio::test]
async fn lists_name_nothing_hidden() {
    let house = House::walled();
    let bearer = format!("Bearer {}", house.narrow_key());
    for (route, silence, _) in REVIEWED {
        if !matches!(silence, Lists | Constant) {
            continue;
        }
        for (query, headers) in [
            ("", vec![]),
            ("?f=json", vec![]),
            ("?f=html", vec![]),
            ("?lang=km", vec![("accept", "text/html")]),
            ("", vec![("authorization", bearer.as_str())]),
        ] {
            let answer = house.ask(Method::GET, &format!("{route}{query}"), &headers).await;
            let body = String::from_utf8_lossy(&answer.body);
            for hidden in ["settlements", "services", "elevation", "price_usd_m2"] {
                assert!(!names(&body, hidden), "{route}{query} names {hidden}");
            }
        }
    }
}

/// Whether a list names something hidden. A layer in a list always comes with its address; "services" alone is also the unit of a measure
/// that a public ranking was made by.
fn names(text: &str, hidden: &str) -> bool {
    match hidden {
        "services" => ["/services", "#services", "id=\"services\""]
            .iter()
            .any(|name| text.contains(name)),
        other => text.contains(other),
    }
}

#[allow(clippy::match_same_arms, reason = "a case a line")]
#[tokio::test]
async fn what_only_some_may_see_is_kept_by_no_shared_cache() {
    let house = House::walled();
    let team = format!("Bearer {}", house.key("team", KeyScope::Team));
    let narrow = format!("Bearer {}", house.narrow_key());
    let ranking = house.ranking(&team).await;
    let site = "site-0001";
    let mut public = 0;
    for (route, _, keeping) in REVIEWED {
        for layer in ["parcels", "services", "settlements"] {
            let path = filled(route, layer).replace("site-1", site);
            let path = match path.as_str() {
                path if path.starts_with("/api/rankings/") => path.replace(layer, &ranking),
                path if path.starts_with("/tiles/sites") => format!("{path}?ranking={ranking}"),
                path => path.to_owned(),
            };
            let path = match *route {
                "/data/{name}" => format!("{path}.csv"),
                "/api/here" => format!("{path}?lon=104.92&lat=11.56"),
                "/api/streets" => format!("{path}?q=271"),
                "/api/rankings/{id}/compare" => format!("{path}?sites=site-0001,site-0002"),
                "/api/rankings/{id}/download" => format!("{path}?format=csv"),
                _ => path,
            };
            for key in [None, Some(&narrow), Some(&team)] {
                let headers: Vec<(&str, &str)> =
                    key.iter().map(|key| ("authorization", key.as_str())).collect();
                let answer = house.ask(Method::GET, &path, &headers).await;
                let kept = answer.header("cache-control").to_owned();
                let told = format!("{path} as {key:?}: {} {kept}", answer.status);
                let answered = answer.status.is_success();
                if !answered {
                    assert!(kept.contains("no-store"), "{told}");
                    continue;
                }
                match keeping {
                    Everybody => continue,
                    Asker => {}
                    ByGrant if key.is_none() => {
                        assert!(kept.contains("public"), "{told}");
                        public += 1;
                    }
                    ByGrant => {}
                }
                if *keeping == Asker || key.is_some() {
                    assert!(kept.contains("private") || kept.contains("no-store"), "{told}");
                    assert!(!kept.contains("public"), "{told}");
                }
                let vary = answer.header("vary").to_ascii_lowercase();
                if !kept.contains("no-store") {
                    for name in ["authorization", "cookie"] {
                        assert!(
                            vary.split(',').any(|one| one.trim() == name),
                            "{told}: vary {vary}"
                        );
                    }
                }
            }
        }
    }
    assert!(public > 0);
    // What may be kept longest: the map's own tiles and all that follows from a ranking.
    for path in [
        format!("/api/rankings/{ranking}/matrix"),
        format!("/tiles/sites/12/3241/1916?ranking={ranking}"),
    ] {
        let kept = house.ask(Method::GET, &path, &[("authorization", &team)]).await;
        assert_eq!(
            kept.header("cache-control"),
            "private, max-age=31536000, immutable",
            "{path}"
        );
    }
}
