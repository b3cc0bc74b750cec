//! Maps for phones: what is in them, who gets them, and how.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use geo::{Contains, Geometry};
use jiff::Timestamp;
use phteah_layers::{Catalogue, Query, Role as LayerRole};
use phteah_server::api::app;
use phteah_server::http::limits::Limits as Rates;
use phteah_server::partner::state::PartnerOptions;
use phteah_server::state::{AppState, Limits};
use phteah_store::{NewAccount, Role, Store};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::common::{self, Answer, ask, city};
use crate::events::random;
use crate::pmtiles::{Archive, features, place};

/// A city, a server, and a phone in each of two sangkats and one for all.
struct Town {
    dir: tempfile::TempDir,
    router: Router,
    store: Store,
    /// The sangkat of the first team.
    home: String,
    /// The shape of it, in the deployment's plane.
    shape: Geometry<f64>,
}

impl Town {
    fn new() -> Self {
        let dir = city();
        let catalogue = Catalogue::open(dir.path()).unwrap();
        let mut sangkats: Vec<(String, Geometry<f64>)> = Vec::new();
        for entry in catalogue.of_role(LayerRole::Boundaries) {
            let layer = catalogue.vector(&entry.name).unwrap();
            for feature in layer.features(&Query::default()).unwrap() {
                if feature.text("level") == Some("sangkat") {
                    sangkats.push((
                        feature.text("code").unwrap().to_owned(),
                        feature.geometry.unwrap(),
                    ));
                }
            }
        }
        // The one with the most services: there is something to see.
        let places = service_places(&catalogue);
        let inside = |shape: &Geometry<f64>| places.iter().filter(|(_, at)| shape.contains(at)).count();
        sangkats.sort_by_key(|(code, shape)| (inside(shape), code.clone()));
        let (home, shape) = sangkats.pop().unwrap();
        let (other, _) = sangkats.swap_remove(0);
        let store = Store::open(dir.path()).unwrap();
        for (name, area) in [("Home", home.as_str()), ("Other", &other), ("All", "everywhere")] {
            let root = store.command_line();
            let area = area.parse().unwrap();
            store
                .add_team(&root, name, &area, &random(), "", Timestamp::now())
                .unwrap();
        }
        Self {
            router: serve(dir.path()),
            dir,
            store,
            home,
            shape,
        }
    }

    /// The token of a new phone.
    fn phone(&self, team: &str, role: Role) -> String {
        let (root, now) = (self.store.command_line(), Timestamp::now());
        let name = format!("{role} of {team}");
        let new = NewAccount {
            name: &name,
            roles: &[role],
            teams: &[team],
        };
        self.store.add_account(&root, &new, &random(), "", now).unwrap();
        let code = self
            .store
            .make_device_code(&root, &name, None, &random(), "", now)
            .unwrap();
        let enrolled = self.store.enrol(code.expose(), "phone", &random(), now).unwrap();
        enrolled.token.expose().to_owned()
    }

    async fn get(&self, path: &str, token: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path).header("authorization", format!("Bearer {token}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        ask(self.router.clone(), request.body(Body::empty()).unwrap()).await
    }

    /// The setup once nothing is being made any more.
    async fn setup(&self, token: &str) -> Value {
        loop {
            let answer = self.get("/api/field/setup", token, &[]).await;
            assert_eq!(answer.status, 200, "{}", answer.json());
            let setup = answer.json();
            if setup["map_packs"]["being_made"] != true {
                return setup;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}

fn serve(dir: &Path) -> Router {
    let options = PartnerOptions {
        limits: Rates::per_second(1e6),
        ..PartnerOptions::default()
    };
    let state = AppState::open_for(dir.to_owned(), Limits::default(), 7, common::sites, options).unwrap();
    app(Arc::new(state))
}

fn service_places(catalogue: &Catalogue) -> Vec<(String, geo::Point<f64>)> {
    let mut places = Vec::new();
    for entry in catalogue.of_role(LayerRole::Services) {
        let layer = catalogue.vector(&entry.name).unwrap();
        for feature in layer.features(&Query::default()).unwrap() {
            if let Some(Geometry::Point(at)) = feature.geometry {
                places.push((feature.id, at));
            }
        }
    }
    places
}

/// All features of a zoom by layer: attributes by id.
fn at_zoom(archive: &Archive, wanted: u8) -> BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>> {
    let mut all: BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>> = BTreeMap::new();
    for entry in &archive.entries {
        if place(entry.tile).0 != wanted {
            continue;
        }
        for (layer, found) in features(&archive.tile(entry)) {
            let known = all.entry(layer).or_default();
            for mut attributes in found {
                attributes.remove("mvt_id");
                known.insert(attributes["id"].clone(), attributes);
            }
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_gets_the_map_of_its_area_and_no_other() {
    let town = Town::new();
    let phone = town.phone("Home", Role::FieldWorker);
    let first = town.get("/api/field/setup", &phone, &[]).await.json();
    assert_eq!(first["map_packs"]["being_made"], true, "{}", first["map_packs"]);
    assert_eq!(first["map_packs"]["items"], serde_json::json!([]));
    let setup = town.setup(&phone).await;
    let pack = &setup["map_packs"]["items"][0];
    assert_eq!(
        (&pack["id"], &pack["missing"]),
        (&"area".into(), &serde_json::json!([])),
        "{pack}"
    );
    assert_eq!(
        (&pack["min_zoom"], &pack["max_zoom"], &pack["illustrative"]),
        (&10.into(), &15.into(), &true.into())
    );
    let url = pack["url"].as_str().unwrap();
    let whole = town.get(url, &phone, &[]).await;
    assert_eq!(
        (whole.status.as_u16(), whole.header("content-type")),
        (200, "application/vnd.pmtiles")
    );
    let kept = whole.header("cache-control");
    assert!(kept.contains("private") && kept.contains("immutable"), "{kept}");
    assert_eq!(whole.body.len() as u64, pack["bytes"].as_u64().unwrap());
    let sum: String = Sha256::digest(&whole.body)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(pack["sha256"], sum.as_str());

    // Parts of it, as a reader on the network or a broken download asks for them.
    let part = town.get(url, &phone, &[("range", "bytes=0-126")]).await;
    assert_eq!(part.status, 206);
    assert_eq!(
        part.header("content-range"),
        format!("bytes 0-126/{}", whole.body.len())
    );
    assert_eq!(part.body, whole.body[..127]);
    let etag = whole.header("etag");
    let from = whole.body.len() - 10;
    let range = format!("bytes={from}-");
    let rest = town
        .get(url, &phone, &[("range", &range), ("if-range", etag)])
        .await;
    assert_eq!(
        (rest.status.as_u16(), rest.body.as_slice()),
        (206, &whole.body[from..])
    );
    let changed = town
        .get(url, &phone, &[("range", &range), ("if-range", "\"another\"")])
        .await;
    assert_eq!(
        (changed.status.as_u16(), changed.body.len()),
        (200, whole.body.len())
    );
    let beyond = format!("bytes={}-", whole.body.len());
    town.get(url, &phone, &[("range", &beyond)])
        .await
        .is_error(416, "no_such_range");
    assert_eq!(
        town.get(url, &phone, &[("if-none-match", etag)]).await.status,
        304
    );

    // A phone of another area does not learn that it exists.
    let other = town.phone("Other", Role::FieldWorker);
    let strange = town.get(url, &other, &[]).await.is_error(404, "not_found");
    let nothing = town
        .get("/api/field/packs/area/0123456789abcdef.pmtiles", &other, &[])
        .await
        .is_error(404, "not_found");
    assert_eq!(strange["error"]["message"], nothing["error"]["message"]);
    for wrong in [
        "/api/field/packs/other/VERSION.pmtiles",
        "/api/field/packs/area/VERSION",
        "/api/field/packs/area/..%2f..%2faccess.sqlite",
    ] {
        let path = wrong.replace("VERSION", pack["version"].as_str().unwrap());
        town.get(&path, &phone, &[]).await.is_error(404, "not_found");
    }
    town.get(url, "phteahd_0", &[]).await.is_error(401, "bad_key");

    // The same layers give the same bytes.
    std::fs::remove_dir_all(town.dir.path().join("packs")).unwrap();
    let again = town.setup(&phone).await;
    assert_eq!(again["map_packs"]["items"][0], *pack);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_map_is_begun_when_a_phone_is_added() {
    let town = Town::new();
    let root = town.store.command_line();
    let new = NewAccount {
        name: "First Illustrative",
        roles: &[Role::FieldWorker],
        teams: &["Home"],
    };
    let now = Timestamp::now();
    town.store.add_account(&root, &new, &random(), "", now).unwrap();
    let code = town
        .store
        .make_device_code(&root, new.name, None, &random(), "", now)
        .unwrap();
    let body = serde_json::json!({"code": code.expose(), "device_name": "phone"}).to_string();
    let enrol = Request::post("/api/field/enrol")
        .header("content-type", "application/json")
        .body(Body::from(body))
        .unwrap();
    let enrolled = ask(town.router.clone(), enrol).await;
    assert_eq!(enrolled.status, 200, "{}", enrolled.json());
    // Nobody has asked for the setup yet.
    let packs = town.dir.path().join("packs");
    let is_drawn = || {
        let names = std::fs::read_dir(&packs).into_iter().flatten().flatten();
        names.map(|entry| entry.path()).any(|path| {
            path.extension().is_some_and(|kind| kind == "json")
                && !path.file_name().unwrap().as_encoded_bytes().starts_with(b".")
        })
    };
    for _ in 0..600 {
        if is_drawn() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(is_drawn());
    let token = enrolled.json()["token"].as_str().unwrap().to_owned();
    let setup = town.get("/api/field/setup", &token, &[]).await.json();
    assert_eq!(setup["map_packs"]["items"][0]["id"], "area");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_map_holds_names_and_shapes_of_the_area_and_nothing_else() {
    let town = Town::new();
    // Nobody outside sees settlements; the team that walks there does. Sites of a decision are told when they are public.
    let path = town.dir.path().to_str().unwrap();
    common::phteah(&["publish", "settlements", "internal", "--data", path]);
    let phone = town.phone("Home", Role::FieldWorker);
    let setup = town.setup(&phone).await;
    let pack = &setup["map_packs"]["items"][0];
    let archive = Archive::open(town.get(pack["url"].as_str().unwrap(), &phone, &[]).await.body);
    assert_eq!(archive.zooms(), (10, 15));
    for (told, written) in pack["bounds"].as_array().unwrap().iter().zip(archive.bounds()) {
        assert!((told.as_f64().unwrap() - written).abs() < 1e-6);
    }
    let ours: BTreeSet<&str> = [
        "boundaries",
        "water",
        "buildings",
        "roads",
        "settlements",
        "services",
        "sites",
    ]
    .into();
    let known: BTreeSet<&str> = ["id", "name", "name_km", "kind", "class"].into();
    let deepest = at_zoom(&archive, 15);
    for (layer, found) in &deepest {
        assert!(ours.contains(layer.as_str()), "{layer}");
        for attributes in found.values() {
            assert!(
                attributes.keys().all(|key| known.contains(key.as_str())),
                "{layer}: {attributes:?}"
            );
        }
    }
    let said: BTreeSet<&str> = archive.metadata["vector_layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|layer| layer["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        said,
        deepest.keys().map(String::as_str).collect(),
        "the archive says what it holds"
    );
    assert!(archive.metadata["illustrative"] == true);
    assert_eq!(deepest["boundaries"][&town.home]["kind"], "sangkat");
    assert!(deepest["roads"].values().any(|road| road.contains_key("class")));

    // Every service of the sangkat is there, and none from far away: in the map and in the list.
    let catalogue = Catalogue::open(town.dir.path()).unwrap();
    let places = service_places(&catalogue);
    let listed: BTreeMap<&str, &Value> = setup["services"]["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["id"].as_str().unwrap(), item))
        .collect();
    let centre = geo::Centroid::centroid(&town.shape).unwrap();
    let reach = geo::BoundingRect::bounding_rect(&town.shape).unwrap();
    let reach = reach.width().hypot(reach.height());
    let (mut inside, mut far) = (0, 0);
    for (id, at) in &places {
        let distance = geo::Distance::distance(&geo::Euclidean, centre, *at);
        if town.shape.contains(at) {
            inside += 1;
            assert!(deepest["services"].contains_key(id), "{id} is missing on the map");
            assert!(listed.contains_key(id.as_str()), "{id} is missing in the list");
        } else if distance > reach + 5_000.0 {
            far += 1;
            assert!(!deepest["services"].contains_key(id), "{id} is far away");
            if let Some(item) = listed.get(id.as_str()) {
                let kind = item["kind"].as_str().unwrap();
                assert!(["hospital", "social_service"].contains(&kind), "{item}");
            }
        }
    }
    assert!(inside > 3 && far > 10, "{inside} {far}");
    // Hospitals are few: they are listed wherever they are.
    let hospitals = |item: &&&Value| item["kind"] == "hospital";
    assert_eq!(listed.values().filter(hospitals).count(), 18);
    let some = listed.values().next().unwrap();
    for field in ["id", "layer", "kind", "name", "lon", "lat"] {
        assert!(!some[field].is_null(), "{field}: {some}");
    }
    // Small roads come in where there is room for them.
    let far_out = at_zoom(&archive, 12);
    let classes: BTreeSet<&str> = far_out["roads"]
        .values()
        .filter_map(|road| road.get("class"))
        .map(String::as_str)
        .collect();
    assert!(!classes.contains("residential"), "{classes:?}");

    // Whoever works everywhere gets all of it.
    let all = town.phone("All", Role::Caseworker);
    let setup = town.setup(&all).await;
    assert_eq!(setup["services"]["items"].as_array().unwrap().len(), places.len());
    let url = setup["map_packs"]["items"][0]["url"].as_str().unwrap();
    let archive = Archive::open(town.get(url, &all, &[]).await.body);
    let drawn = at_zoom(&archive, 15);
    let missing: Vec<&String> = places
        .iter()
        .map(|(id, _)| id)
        .filter(|id| !drawn["services"].contains_key(*id))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    town.get(url, &phone, &[]).await.is_error(404, "not_found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_layers_make_a_new_map_and_the_former_one_serves_meanwhile() {
    let town = Town::new();
    let phone = town.phone("Home", Role::FieldWorker);
    let before = town.setup(&phone).await;
    let catalogue = Catalogue::open(town.dir.path()).unwrap();
    let crs = catalogue.crs().unwrap();
    let to_degrees = phteah_layers::Reprojector::new(&crs, &phteah_layers::Crs::wgs84()).unwrap();
    let centre = geo::InteriorPoint::interior_point(&town.shape).unwrap();
    let (lon, lat) = to_degrees.point(centre.x(), centre.y()).unwrap();
    let feature = |id: &str, more: &str| {
        format!(
            r#"{{"type":"Feature","properties":{{"id":"{id}","kind":"market","name":"Illustrative {id}"{more}}},"geometry":{{"type":"Point","coordinates":[{lon},{lat}]}}}}"#
        )
    };
    let file = town.dir.path().join("more.geojson");
    let all = [
        feature("open", ""),
        feature("gone", r#","closed":"2020""#),
        feature("to-come", r#","opened":"2999""#),
        feature("again", r#","closed":"2019","opened":"2021""#),
    ];
    std::fs::write(
        &file,
        format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, all.join(",")),
    )
    .unwrap();
    let (data, file) = (town.dir.path().to_str().unwrap(), file.to_str().unwrap());
    common::phteah(&["import", "services", file, "--layer", "more", "--data", data]);
    // A layer more: another set of layers, of which no former map exists. The list has it at once.
    let during = town.get("/api/field/setup", &phone, &[]).await.json();
    let listed: BTreeSet<&str> = during["services"]["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["layer"] == "more")
        .map(|item| item["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        listed,
        BTreeSet::from(["again", "open", "to-come"]),
        "what has closed is left out"
    );
    let second = town.setup(&phone).await;
    assert_ne!(before["map_packs"]["version"], second["map_packs"]["version"]);
    // Its contents change: the same set of layers, so that the former map goes on being offered.
    std::fs::write(
        file,
        format!(
            r#"{{"type":"FeatureCollection","features":[{}]}}"#,
            all[..1].join(",")
        ),
    )
    .unwrap();
    common::phteah(&["import", "services", file, "--layer", "more", "--data", data]);
    let during = town.get("/api/field/setup", &phone, &[]).await.json();
    assert_eq!(during["map_packs"]["being_made"], true);
    assert_eq!(during["map_packs"]["items"], second["map_packs"]["items"]);
    let third = town.setup(&phone).await;
    assert_ne!(second["map_packs"]["items"], third["map_packs"]["items"]);
    let former = second["map_packs"]["items"][0]["url"].as_str().unwrap();
    assert_eq!(
        town.get(former, &phone, &[]).await.status,
        200,
        "whoever is in the middle of it may go on"
    );
}

#[tokio::test]
async fn without_a_boundary_there_is_no_map_and_that_is_said() {
    let town = Town::new();
    let root = town.store.command_line();
    let area = "999999".parse().unwrap();
    town.store
        .add_team(&root, "Nowhere", &area, &random(), "", Timestamp::now())
        .unwrap();
    let phone = town.phone("Nowhere", Role::FieldWorker);
    let setup = town.setup(&phone).await;
    assert_eq!(setup["map_packs"]["items"], serde_json::json!([]));
    let why = setup["map_packs"]["why"].as_str().unwrap();
    assert!(
        why.starts_with("No loaded boundary") && why.ends_with('.'),
        "{why}"
    );
}
