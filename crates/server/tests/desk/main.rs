//! The desk through the router, as a coordinator, a caseworker and a planner find it. All people here are illustrative.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

#[path = "../common/mod.rs"]
mod common;
mod releases;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use common::{Answer, ask};
use jiff::Timestamp;
use phteah_registry::event::{EventId, HouseholdId};
use phteah_server::api::app;
use phteah_server::http::limits::Limits as Rates;
use phteah_server::partner::state::PartnerOptions;
use phteah_server::ranking::measure::survey;
use phteah_server::state::{AppState, Limits};
use phteah_store::registry::{Clocks, Incoming};
use phteah_store::{Actor, Chosen, NewAccount, Role, Store, code_at};
use serde_json::{Value, json};

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

struct House {
    dir: tempfile::TempDir,
    store: Store,
    state: Arc<AppState>,
    router: Router,
}

impl House {
    fn new() -> Self {
        let dir = common::city();
        let store = Store::open(dir.path()).unwrap();
        for (name, area) in [("North", "120101"), ("South", "120201")] {
            let root = store.command_line();
            store
                .add_team(
                    &root,
                    name,
                    &area.parse().unwrap(),
                    &random(),
                    "",
                    Timestamp::now(),
                )
                .unwrap();
        }
        let options = PartnerOptions {
            limits: Rates::per_second(1e6),
            ..PartnerOptions::default()
        };
        let state = AppState::open_for(dir.path().to_owned(), Limits::default(), 7, survey, options).unwrap();
        let state = Arc::new(state);
        Self {
            router: app(Arc::clone(&state)),
            state,
            store,
            dir,
        }
    }

    /// Another team.
    fn team(&self, name: &str, area: &str) {
        let (root, now) = (self.store.command_line(), Timestamp::now());
        let area = area.parse().unwrap();
        self.store
            .add_team(&root, name, &area, &random(), "", now)
            .unwrap();
    }

    /// Somebody of this role in a team, signed in: the session's cookie.
    fn person(&self, name: &str, role: Role, team: &str) -> String {
        let (root, now) = (self.store.command_line(), Timestamp::now());
        let new = NewAccount {
            name,
            roles: &[role],
            teams: &[team],
        };
        let (_, link) = self.store.add_account(&root, &new, &random(), "", now).unwrap();
        let secret = self.store.welcome(link.expose(), now).unwrap().code_secret;
        let code = secret.map(|secret| code_at(&secret, now).unwrap());
        let chosen = Chosen {
            password: "three wet ducks",
            code: code.as_deref(),
            client: "test",
        };
        let token = self
            .store
            .use_link(link.expose(), &chosen, &random(), now)
            .unwrap();
        format!("phteah_session={}", token.expose())
    }

    async fn send(&self, method: &str, path: &str, cookie: &str, body: Value) -> Answer {
        let request = Request::builder()
            .method(method.parse::<Method>().unwrap())
            .uri(path)
            .header("host", "data.example.org")
            .header("content-type", "application/json")
            .header("cookie", cookie);
        let body = if body.is_null() {
            Body::empty()
        } else {
            body.to_string().into()
        };
        ask(self.router.clone(), request.body(body).unwrap()).await
    }

    async fn get(&self, path: &str, cookie: &str) -> Value {
        let answer = self.send("GET", path, cookie, Value::Null).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.json());
        assert_eq!(answer.header("cache-control"), "no-store");
        answer.json()
    }

    async fn post(&self, path: &str, cookie: &str, body: Value) -> Value {
        let answer = self.send("POST", path, cookie, body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.json());
        answer.json()
    }

    /// Takes in an event as a field worker of North sends it: what cannot be accepted goes to quarantine.
    async fn takes_in(&self, worker: &Actor, event: &Value) {
        let (worker, incoming) = (worker.clone(), Incoming::read(&event.to_string()));
        let clocks = Clocks {
            now: Timestamp::now(),
            offset: None,
        };
        let pushed = self
            .state
            .registry
            .ask(move |registry| registry.push(&worker, vec![incoming], clocks));
        pushed.await.unwrap();
    }

    /// Records one event; what became of it.
    async fn record(&self, cookie: &str, event: Value) -> Value {
        self.post("/api/desk/events", cookie, json!({"events": [event]}))
            .await["results"][0]
            .clone()
    }

    /// A family with a survey, as a coordinator records it; its id and the survey's.
    async fn family(&self, cookie: &str, sangkat: &str, name: &str) -> (String, String) {
        let household = HouseholdId::new(random()).to_string();
        let mut event = event(&household, "surveyed", &[]);
        event["facts"] = json!({
            "dwelling.sangkat": sangkat, "head.name": name, "head.name_latin": "Sok Illustrative", "size": 4,
            format!("members/{}/birth_year", HouseholdId::new(random())): 2022,
        });
        event["location"] = json!({"lon": 104.92, "lat": 11.56, "accuracy_m": 5, "method": "gps"});
        let id = event["id"].as_str().unwrap().to_owned();
        let result = self.record(cookie, event).await;
        assert_eq!(result["status"], "stored", "{result}");
        (household, id)
    }
}

impl House {
    /// So many families with a survey and a head of either sex in turn; their ids and the surveys'.
    async fn families(&self, cookie: &str, sangkat: &str, count: usize) -> Vec<(String, String)> {
        let mut made = Vec::new();
        let mut events = Vec::new();
        for number in 0..count {
            let household = HouseholdId::new(random()).to_string();
            let sex = ["female", "male"][number % 2];
            let mut event = event(&household, "surveyed", &[]);
            event["facts"] = json!({
                "dwelling.sangkat": sangkat, "head.sex": sex, "head.name": "Illustrative",
                "record.illustrative": true,
            });
            made.push((household, event["id"].as_str().unwrap().to_owned()));
            events.push(event);
        }
        let answer = self
            .post("/api/desk/events", cookie, json!({"events": events}))
            .await;
        for result in answer["results"].as_array().unwrap() {
            assert_eq!(result["status"], "stored", "{result}");
        }
        made
    }
}

fn event(household: &str, kind: &str, after: &[&str]) -> Value {
    let now = Timestamp::now();
    json!({
        "id": EventId::new(now, random()), "household": household, "kind": kind, "after": after,
        "happened_on": now.to_zoned(jiff::tz::TimeZone::UTC).date().to_string(), "recorded_at": format!("{now:.0}"),
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_finds_reads_and_settles() {
    let house = House::new();
    let chief = house.person("Chief Illustrative", Role::Coordinator, "North");
    let (id, survey) = house.family(&chief, "120101", "សុខ ឧទាហរណ៍").await;
    for size in [5, 6] {
        let mut told = event(&id, "verified", &[&survey]);
        told["facts"] = json!({ "size": size });
        house.record(&chief, told).await;
    }
    let page = house
        .post("/api/desk/households", &chief, json!({"text": "Sok Ilustrative"}))
        .await;
    assert_eq!(
        (&page["total"], &page["households"][0]["id"]),
        (&json!(1), &json!(id))
    );
    assert_eq!(page["households"][0]["needs"], json!(["under_six"]));
    let today = house.get("/api/desk/today", &chief).await;
    assert_eq!(today["conflicts"][0]["id"], json!(id));
    let path = format!("/api/desk/households/{id}");
    let one = house.get(&path, &chief).await;
    assert_eq!(one["conflicts"][0]["path"], "size");
    let mut values: Vec<&Value> = one["conflicts"][0]["values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|side| &side["value"])
        .collect();
    values.sort_by_key(|value| value.as_i64());
    assert_eq!(values, [&json!(5), &json!(6)]);
    assert_eq!(one["events"].as_array().unwrap().len(), 3);
    assert_eq!(one["events"][0]["said"]["author"]["name"], "Chief Illustrative");
    let heads: Vec<&str> = one["heads"]
        .as_array()
        .unwrap()
        .iter()
        .map(|head| head.as_str().unwrap())
        .collect();
    let mut correction = event(&id, "corrected", &heads);
    correction["facts"] = json!({"size": 6});
    let result = house.record(&chief, correction.clone()).await;
    assert_eq!(
        (&result["status"], &result["conflicts"]),
        (&json!("stored"), &json!([]))
    );
    assert_eq!(house.record(&chief, correction).await["status"], "duplicate");
    let one = house.get(&path, &chief).await;
    assert_eq!((&one["conflicts"], &one["size"]), (&json!([]), &json!(6)));
    // Who has read it, for those who answer for it. The list of the page before is no reading of one household.
    let rows = house.get(&format!("{path}/audit"), &chief).await;
    let words: Vec<&str> = rows["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["what"].as_str().unwrap())
        .collect();
    assert_eq!(
        words.iter().filter(|word| **word == "household_read").count(),
        2,
        "{words:?}"
    );
    assert!(!rows.to_string().contains("Sok"));
    let map = house
        .send("GET", &format!("{path}/map.svg"), &chief, Value::Null)
        .await;
    assert_eq!(
        (map.status.as_u16(), map.header("content-type")),
        (200, "image/svg+xml")
    );
    // What cannot be taken is refused in words, and nothing of it is kept.
    let mut wrong = event(&id, "visited", &[]);
    wrong["facts"] = json!({"members/x": 1});
    let result = house.record(&chief, wrong).await;
    assert_eq!(result["status"], "refused");
    assert!(result["message"].as_str().unwrap().ends_with('.'));
    assert_eq!(
        house.get("/api/desk/quarantine", &chief).await["entries"],
        json!([])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_may_not_see_answers_as_what_is_not_there() {
    let house = House::new();
    let north = house.person("North Illustrative", Role::Coordinator, "North");
    let south = house.person("South Illustrative", Role::Coordinator, "South");
    let caseworker = house.person("Case Illustrative", Role::Caseworker, "North");
    let (id, _) = house.family(&north, "120101", "សុខ").await;
    let (hidden, _) = house.family(&north, "120101", "កែវ").await;
    let setup = house.get("/api/desk/setup", &north).await;
    let members = setup["members"].as_array().unwrap();
    let account = members
        .iter()
        .find(|member| member["name"] == "Case Illustrative")
        .unwrap()["account"]
        .clone();
    let given = house
        .send(
            "PUT",
            &format!("/api/desk/households/{hidden}/given"),
            &north,
            json!({"accounts": [account]}),
        )
        .await;
    assert_eq!(given.status, 204);
    let hide = format!("/api/desk/households/{hidden}/hidden");
    let refused = house
        .send("PUT", &hide, &north, json!({"hidden": true, "why": "danger"}))
        .await;
    refused.is_error(403, "no_right");
    let done = house
        .send(
            "PUT",
            &hide,
            &caseworker,
            json!({"hidden": true, "why": "danger"}),
        )
        .await;
    assert_eq!(done.status, 204);
    let absent = HouseholdId::new(random()).to_string();
    let shape = |answer: &Answer, id: &str| {
        let request = answer.header("x-request-id").to_owned();
        let body = String::from_utf8_lossy(&answer.body)
            .replace(&request, "R")
            .replace(id, "ID");
        (answer.status, body)
    };
    for (cookie, unseen) in [(&south, &id), (&south, &hidden), (&north, &hidden)] {
        for (method, end, body) in [
            ("GET", "", Value::Null),
            ("GET", "/audit", Value::Null),
            ("GET", "/map.svg", Value::Null),
            ("PUT", "/given", json!({"accounts": []})),
        ] {
            let there = house
                .send(
                    method,
                    &format!("/api/desk/households/{unseen}{end}"),
                    cookie,
                    body.clone(),
                )
                .await;
            let nowhere = house
                .send(
                    method,
                    &format!("/api/desk/households/{absent}{end}"),
                    cookie,
                    body,
                )
                .await;
            assert_eq!(there.status, 404, "{method} {end}");
            assert_eq!(shape(&there, unseen), shape(&nowhere, &absent), "{method} {end}");
        }
        let recorded = house.record(cookie, event(unseen, "visited", &[])).await;
        let nowhere = house.record(cookie, event(&absent, "visited", &[])).await;
        assert_eq!(
            (&recorded["status"], &recorded["message"]),
            (&nowhere["status"], &nowhere["message"])
        );
        let list = house.post("/api/desk/households", cookie, json!({})).await;
        assert!(!list.to_string().contains(unseen.as_str()));
    }
    let own = house.post("/api/desk/households", &caseworker, json!({})).await;
    assert_eq!(own["total"], 2);
    // Wrong words are told, all at once, and repeat nothing that was typed.
    let wrong = json!({"statuses": ["nowhere"], "needs": ["gold"], "order": "up", "after": "x"});
    let error = house
        .send("POST", "/api/desk/households", &north, wrong)
        .await
        .is_error(400, "bad_parameter");
    assert_eq!(error["details"].as_array().unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::too_many_lines, reason = "one story, told in its order")]
async fn families_are_placed_offered_and_given_a_sheet() {
    let house = House::new();
    let chief = house.person("Chief Illustrative", Role::Coordinator, "North");
    let other = house.person("Other Illustrative", Role::Coordinator, "North");
    let mut families = Vec::new();
    for n in 0..6 {
        families.push(house.family(&chief, "120101", &format!("គ្រួសារ {n}")).await);
    }
    let decisions = house.get("/api/desk/decisions", &chief).await;
    let decision = &decisions["decisions"][0];
    let sites = decision["sites"].as_array().unwrap();
    assert!(!sites.is_empty() && decision["problem"].is_null(), "{decision}");
    let seal = decision["id"].as_str().unwrap();
    let ids: Vec<&str> = families.iter().map(|(id, _)| id.as_str()).collect();
    let asked = json!({"decision": seal, "households": ids});
    let proposal = house.post("/api/desk/placements", &chief, asked.clone()).await;
    assert_eq!(
        (&proposal["placed"], &proposal["proven"]),
        (&json!(6), &json!(true))
    );
    assert_eq!(proposal["value"], proposal["bound"]);
    assert!(proposal["value"].as_f64() >= proposal["greedy_value"].as_f64());
    for family in proposal["families"].as_array().unwrap() {
        let best = family["best"].as_array().unwrap();
        assert!((1..=3).contains(&best.len()));
        assert!(
            best.windows(2)
                .all(|pair| pair[0]["score"].as_f64() >= pair[1]["score"].as_f64())
        );
        // Nobody asked about difficulties, the way to work or consent.
        assert_eq!(family["unknown"], json!(["difficulty", "work", "consent"]));
    }
    // The two coordinators give away the places of one site until it is full.
    let site = sites.iter().min_by_key(|site| site["capacity"].as_u64()).unwrap();
    let capacity = site["capacity"].as_u64().unwrap();
    let mut more = Vec::new();
    for n in 0..=capacity {
        more.push(house.family(&chief, "120101", &format!("ថ្មី {n}")).await);
    }
    let offer = |(id, head): &(String, String)| {
        let mut offer = event(id, "offered", &[head]);
        offer["site"] = site["id"].clone();
        offer["decision"] = json!(seal);
        offer
    };
    let half = more.len() / 2;
    let body =
        |families: &[(String, String)]| json!({"events": families.iter().map(offer).collect::<Vec<_>>()});
    let (one, two) = tokio::join!(
        house.post("/api/desk/events", &chief, body(&more[..half])),
        house.post("/api/desk/events", &other, body(&more[half..])),
    );
    let results = [
        one["results"].as_array().unwrap().clone(),
        two["results"].as_array().unwrap().clone(),
    ]
    .concat();
    let stored = results
        .iter()
        .filter(|result| result["status"] == "stored")
        .count() as u64;
    let full: Vec<&Value> = results
        .iter()
        .filter(|result| result["code"] == "site_full")
        .collect();
    assert_eq!((stored, full.len()), (capacity, 1));
    let after = house.get("/api/desk/decisions", &chief).await;
    let sites_after = after["decisions"][0]["sites"].as_array().unwrap();
    let filled = sites_after.iter().find(|one| one["id"] == site["id"]).unwrap();
    assert_eq!(filled["taken"], json!(capacity));
    let again = house.post("/api/desk/placements", &chief, asked).await;
    assert!(
        again["families"]
            .as_array()
            .unwrap()
            .iter()
            .all(|family| family["site"] != site["id"])
    );
    // A full site is on nobody's sheet but of those who hold it.
    let sheets = house
        .post(
            "/api/desk/sheets",
            &chief,
            json!({"decision": seal, "households": [ids[0], more[0].0, more[1].0]}),
        )
        .await;
    for sheet in sheets["sheets"].as_array().unwrap() {
        let first = &sheet["sites"][0]["id"];
        let shows = sheet["sites"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["id"] == site["id"]);
        assert_eq!(shows, !sheet["held"].is_null());
        assert!(!shows || *first == site["id"]);
    }
    // A site that no decision has cannot be offered.
    let mut elsewhere = offer(&families[0]);
    elsewhere["site"] = json!("nowhere");
    assert_eq!(house.record(&chief, elsewhere).await["status"], "refused");

    let sheets = house
        .post(
            "/api/desk/sheets",
            &chief,
            json!({"decision": seal, "households": [ids[0]]}),
        )
        .await;
    let sheet = &sheets["sheets"][0];
    assert_eq!(
        (&sheets["illustrative"], &sheet["size"]),
        (&json!(true), &json!(4))
    );
    for site in sheet["sites"].as_array().unwrap() {
        assert!(site["map"].as_str().unwrap().starts_with("<svg"));
        assert!(site["kilometres"].as_f64().unwrap() > 0.0);
        assert!(
            site["ways"]
                .as_array()
                .unwrap()
                .iter()
                .any(|way| way["service"] == "health_centre")
        );
        // A family with a child under six is told of nurseries.
        assert!(
            site["ways"]
                .as_array()
                .unwrap()
                .iter()
                .any(|way| way["service"] == "nursery")
        );
        assert!(!site["flood"]["depths"].as_array().unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_site_that_a_family_holds_stands_first_on_its_sheet() {
    let house = House::new();
    let chief = house.person("Chief Illustrative", Role::Coordinator, "North");
    let (id, survey) = house.family(&chief, "120101", "សុខ").await;
    let decisions = house.get("/api/desk/decisions", &chief).await;
    let seal = decisions["decisions"][0]["id"].as_str().unwrap();
    let asked = json!({"decision": seal, "households": [id]});
    let sheet = async || house.post("/api/desk/sheets", &chief, asked.clone()).await["sheets"][0].clone();
    let before = sheet().await;
    assert_eq!(before["held"], Value::Null);
    // It is offered a site that is none of its best three.
    let best: Vec<&Value> = before["sites"]
        .as_array()
        .unwrap()
        .iter()
        .map(|site| &site["id"])
        .collect();
    let sites = decisions["decisions"][0]["sites"].as_array().unwrap();
    let site = &sites.iter().find(|site| !best.contains(&&site["id"])).unwrap()["id"];
    let mut offer = event(&id, "offered", &[&survey]);
    (offer["site"], offer["decision"]) = (site.clone(), json!(seal));
    assert_eq!(house.record(&chief, offer.clone()).await["status"], "stored");
    let offered = sheet().await;
    assert_eq!(
        offered["held"],
        json!({"site": site, "how": "offered", "in_decision": true})
    );
    let shown: Vec<&Value> = offered["sites"]
        .as_array()
        .unwrap()
        .iter()
        .map(|site| &site["id"])
        .collect();
    assert_eq!(shown, [site, best[0], best[1]]);
    // Sites that somebody names come in that order, after the one that it holds.
    let named =
        json!({"decision": seal, "households": [id], "sites": {(id.as_str()): [best[2], best[0], site]}});
    let answer = house.post("/api/desk/sheets", &chief, named).await;
    let shown: Vec<&Value> = answer["sheets"][0]["sites"]
        .as_array()
        .unwrap()
        .iter()
        .map(|site| &site["id"])
        .collect();
    assert_eq!(shown, [site, best[2], best[0]]);
    // The answer is recorded as the desk sends it: with the site alone.
    let path = format!("/api/desk/households/{id}");
    let one = house.get(&path, &chief).await;
    assert_eq!((&one["offered"], &one["site"]), (site, site));
    let mut answer = event(&id, "accepted", &[offer["id"].as_str().unwrap()]);
    answer["site"] = site.clone();
    let result = house.record(&chief, answer.clone()).await;
    assert_eq!(
        (&result["status"], &result["message"]),
        (&json!("stored"), &Value::Null)
    );
    let one = house.get(&path, &chief).await;
    assert_eq!(
        (&one["offered"], &one["site"], &one["statuses"]),
        (&Value::Null, site, &json!(["accepted"]))
    );
    assert_eq!(sheet().await["held"]["how"], "accepted");
    // Who lives somewhere that this decision does not have is told so.
    let (gone, survey) = house.family(&chief, "120101", "កែវ").await;
    let mut moved = event(&gone, "moved", &[&survey]);
    moved["site"] = json!("earlier-site");
    house.record(&chief, moved).await;
    let asked = json!({"decision": seal, "households": [gone]});
    assert_eq!(
        house.post("/api/desk/sheets", &chief, asked).await["sheets"][0]["held"],
        json!({"site": "earlier-site", "how": "moved", "in_decision": false})
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_quarantine_tells_whose_record_it_is_and_what_is_wrong() {
    let house = House::new();
    let chief = house.person("Chief Illustrative", Role::Coordinator, "North");
    let (id, survey) = house.family(&chief, "120101", "សុខ").await;
    let member = HouseholdId::new(random());
    let mut wrong = event(&id, "verified", &[&survey]);
    wrong["facts"] = json!({(format!("members/{member}/birth_year")): 2099, "head.name": "សុខ តារា"});
    let root = house.store.command_line();
    let new = NewAccount {
        name: "Field Illustrative",
        roles: &[Role::FieldWorker],
        teams: &["North"],
    };
    let (account, _) = house
        .store
        .add_account(&root, &new, &random(), "", Timestamp::now())
        .unwrap();
    let worker = house.store.in_the_stead_of(&root, &account).unwrap();
    house.takes_in(&worker, &wrong).await;
    house.takes_in(&worker, &json!("no event")).await;
    let list = house.get("/api/desk/quarantine", &chief).await;
    let entries = list["entries"].as_array().unwrap();
    let entry = entries.iter().find(|entry| entry["kind"] == "verified").unwrap();
    assert_eq!(entry["household"]["id"], json!(id));
    assert_eq!(entry["household"]["names"]["km"], "សុខ");
    assert_eq!(entry["names"]["km"], "សុខ តារា");
    assert_eq!(entry["on"], wrong["happened_on"]);
    assert_eq!(
        (&entry["notes"][0]["code"], &entry["notes"][0]["field"]),
        (
            &json!("birth_in_future"),
            &json!(format!("members/{member}/birth_year"))
        )
    );
    // A family that the reader may not know of is named by what was sent alone.
    let caseworker = house.person("Case Illustrative", Role::Caseworker, "North");
    let setup = house.get("/api/desk/setup", &chief).await;
    let account = setup["members"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "Case Illustrative")
        .unwrap();
    let path = format!("/api/desk/households/{id}");
    let given = json!({"accounts": [account["account"]]});
    house.send("PUT", &format!("{path}/given"), &chief, given).await;
    let hidden = json!({"hidden": true, "why": "danger (illustrative)"});
    house
        .send("PUT", &format!("{path}/hidden"), &caseworker, hidden)
        .await;
    let list = house.get("/api/desk/quarantine", &chief).await;
    assert!(!list.to_string().contains(&id), "{list}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_referral_has_a_consent_of_its_own() {
    let house = House::new();
    let chief = house.person("Chief Illustrative", Role::Coordinator, "North");
    let (id, survey) = house.family(&chief, "120101", "សុខ").await;
    let path = format!("/api/desk/households/{id}");
    let mut consent = event(&id, "consent_given", &[&survey]);
    consent["purposes"] = json!(["survey", "follow_up"]);
    house.record(&chief, consent.clone()).await;
    let mut silent = event(&id, "referred", &[consent["id"].as_str().unwrap()]);
    silent["service"] = json!("nursery");
    house.record(&chief, silent.clone()).await;
    let mut asked = event(&id, "referred", &[silent["id"].as_str().unwrap()]);
    asked["service"] = json!("hospital");
    asked["to"] = json!("Illustrative hospital");
    asked["reason"] = json!("an operation (illustrative)");
    asked["told"] = json!(["size"]);
    assert_eq!(house.record(&chief, asked.clone()).await["status"], "stored");
    let one = house.get(&path, &chief).await;
    // Its own team alone: North has this sangkat, South has not.
    assert_eq!(one["teams"], json!(["North"]));
    let of = |one: &Value, service: &str| {
        let referrals = one["referrals"].as_array().unwrap();
        referrals
            .iter()
            .find(|one| one["service"] == service)
            .unwrap()
            .clone()
    };
    let nursery = of(&one, "nursery");
    assert_eq!(
        (&nursery["consent"], &nursery["told"], &nursery["to"]),
        (&json!("unknown"), &Value::Null, &Value::Null),
        "a consent to a survey is none to tell a service"
    );
    let hospital = of(&one, "hospital");
    assert_eq!(
        (&hospital["consent"], &hospital["told"], &hospital["reason"]),
        (
            &json!("given"),
            &json!(["size"]),
            &json!("an operation (illustrative)")
        )
    );
    // Taking back a consent to something else takes nothing back here; taking back all does.
    let mut less = event(&id, "consent_withdrawn", &[asked["id"].as_str().unwrap()]);
    less["purposes"] = json!(["follow_up"]);
    house.record(&chief, less.clone()).await;
    assert_eq!(
        of(&house.get(&path, &chief).await, "hospital")["consent"],
        "given"
    );
    house
        .record(
            &chief,
            event(&id, "consent_withdrawn", &[less["id"].as_str().unwrap()]),
        )
        .await;
    assert_eq!(
        of(&house.get(&path, &chief).await, "hospital")["consent"],
        "withdrawn"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planner_sees_counts_and_nobody() {
    let house = House::new();
    let chief = house.person("Chief Illustrative", Role::Coordinator, "North");
    let planner = house.person("Plan Illustrative", Role::Planner, "North");
    for n in 0..3 {
        let (id, survey) = house.family(&chief, "120101", &format!("គ្រួសារ {n}")).await;
        let mut moved = event(&id, "moved", &[&survey]);
        moved["site"] = json!("site-x");
        assert_eq!(house.record(&chief, moved).await["status"], "stored");
    }
    let own = house.get("/api/desk/outcomes", &chief).await;
    assert_eq!(
        (&own["all"]["families"], &own["protected"]),
        (&json!(3), &json!(false))
    );
    assert_eq!(own["sites"][0]["key"], "site-x");
    let counts = house.get("/api/desk/outcomes", &planner).await;
    assert_eq!(
        (&counts["all"], &counts["sites"], &counts["protected"]),
        (&Value::Null, &json!([]), &json!(true))
    );
    // Nobody has counted for the gate yet: there is nothing to leave out either.
    assert_eq!(
        (&counts["counted"], &counts["withheld"]),
        (&Value::Null, &json!(0))
    );
    for path in ["/api/desk/today", "/api/desk/quarantine", "/api/desk/decisions"] {
        house
            .send("GET", path, &planner, Value::Null)
            .await
            .is_error(403, "no_right");
    }
    let html = house.send("GET", "/desk", &planner, Value::Null).await;
    assert_eq!(html.status, 200);
    assert!(!String::from_utf8_lossy(&html.body).contains("Illustrative"));
    assert!(house.dir.path().join("registry.sqlite").exists());
}
