//! A server with two teams, and a client that asks as ODK Collect does.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use jiff::Timestamp;
use phteah_forms::xml::{self, Element};
use phteah_layers::Catalogue;
use phteah_registry::event::HouseholdId;
use phteah_registry::state::State;
use phteah_server::api::app;
use phteah_server::http::limits::Limits as Rates;
use phteah_server::partner::state::PartnerOptions;
use phteah_server::state::{AppState, Limits};
use phteah_store::registry::{Household, QuarantineState, Registry};
use phteah_store::{NewAccount, Role, Store};

use crate::common::{self, Answer, ask};
use crate::place::Place;

pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

pub fn uuid() -> String {
    HouseholdId::new(random()).to_string()
}

/// The smallest thing that is taken for a photo, each another one.
pub fn photo(n: u8) -> Vec<u8> {
    let mut bytes = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01".to_vec();
    bytes.push(n);
    bytes
}

pub struct Office {
    pub place: Place,
    pub store: Store,
    pub state: Arc<AppState>,
}

impl Office {
    pub fn on(place: Place) -> Self {
        let data = place.data();
        Catalogue::open_or_create(&data).unwrap();
        let store = Store::open_in(&data, &place.database()).unwrap();
        let (root, now) = (store.command_line(), Timestamp::now());
        for (name, area) in [("North", "120101"), ("South", "120201")] {
            store
                .add_team(&root, name, &area.parse().unwrap(), &random(), "", now)
                .unwrap();
        }
        let options = PartnerOptions {
            limits: Rates::per_second(1e6),
            public_url: Some("https://phteah.example.org".to_owned()),
            database: place.database(),
            ..PartnerOptions::default()
        };
        let state = AppState::open_for(data, Limits::default(), 7, common::sites, options).unwrap();
        Self {
            place,
            store,
            state: Arc::new(state),
        }
    }

    pub fn router(&self) -> Router {
        app(Arc::clone(&self.state))
    }

    pub fn worker(&self, name: &str, team: &str) {
        let new = NewAccount {
            name,
            roles: &[Role::FieldWorker],
            teams: &[team],
        };
        let (root, now) = (self.store.command_line(), Timestamp::now());
        self.store.add_account(&root, &new, &random(), "", now).unwrap();
    }

    /// A worker's phone with Collect.
    pub fn collect(&self, name: &str, team: &str) -> Collect {
        self.worker(name, team);
        self.token(name)
    }

    pub fn token(&self, name: &str) -> Collect {
        let (root, now) = (self.store.command_line(), Timestamp::now());
        let token = self
            .store
            .make_odk_token(&root, name, None, &random(), "", now)
            .unwrap();
        Collect {
            base: format!("/odk/key/{}", token.expose()),
            router: self.router(),
        }
    }

    /// The same worker's phone with our own app: its token.
    pub fn app_token(&self, name: &str) -> String {
        let (root, now) = (self.store.command_line(), Timestamp::now());
        let code = self
            .store
            .make_device_code(&root, name, None, &random(), "", now)
            .unwrap();
        let enrolled = self.store.enrol(code.expose(), "phone", &random(), now).unwrap();
        enrolled.token.expose().to_owned()
    }

    pub fn registry(&self) -> Arc<Registry> {
        self.state.registry.open().unwrap()
    }

    pub fn household(&self, id: &str) -> Household {
        let root = self.store.command_line();
        self.registry()
            .household(&root, id.parse().unwrap(), "a test", Timestamp::now())
            .unwrap()
    }

    pub fn known(&self, id: &str) -> State {
        let root = self.store.command_line();
        self.registry()
            .state(&root, id.parse().unwrap(), "a test", Timestamp::now())
            .unwrap()
    }

    /// How many events lie in quarantine.
    pub fn quarantined(&self) -> Vec<String> {
        let root = self.store.command_line();
        let found = self
            .registry()
            .quarantine(&root, Some(QuarantineState::Open), 0, 100, jiff::Timestamp::now())
            .unwrap();
        found
            .into_iter()
            .map(|entry| entry.notes[0].code.clone())
            .collect()
    }

    pub fn households(&self) -> usize {
        self.registry()
            .households(&self.store.command_line())
            .unwrap()
            .len()
    }
}

/// A fact's one value as text.
pub fn fact(state: &State, path: &str) -> String {
    let fact = state.facts.get(path).unwrap_or_else(|| panic!("no fact {path}"));
    fact.value()
        .unwrap_or_else(|| panic!("{path} is in conflict"))
        .to_string()
}

#[derive(Clone)]
pub struct Collect {
    pub base: String,
    pub router: Router,
}

/// One part of a multipart body.
pub struct Part<'a> {
    pub name: &'a str,
    pub file: Option<&'a str>,
    pub bytes: Vec<u8>,
}

pub fn answers(xml: &str) -> Part<'static> {
    Part {
        name: "xml_submission_file",
        file: Some("submission.xml"),
        bytes: xml.as_bytes().to_vec(),
    }
}

pub fn file(name: &str, bytes: Vec<u8>) -> Part<'_> {
    Part {
        name,
        file: Some(name),
        bytes,
    }
}

pub fn incomplete() -> Part<'static> {
    Part {
        name: "*isIncomplete*",
        file: None,
        bytes: b"yes".to_vec(),
    }
}

pub const BOUNDARY: &str = "----collect-boundary-7MA4YWxk";

pub fn multipart(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        let file = part
            .file
            .map_or_else(String::new, |file| format!("; filename=\"{file}\""));
        body.extend_from_slice(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"{file}\r\nContent-Type: application/octet-stream\r\n\r\n", part.name).as_bytes(),
        );
        body.extend_from_slice(&part.bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

impl Office {
    /// Events that a phone with our own app sends; the receipts.
    pub async fn app_pushes(&self, token: &str, events: &[serde_json::Value]) -> Vec<serde_json::Value> {
        let body = serde_json::json!({"events": events}).to_string();
        let answer = self.app_asks(token, "POST", "/api/field/events", body).await;
        answer.json()["receipts"].as_array().unwrap().clone()
    }

    /// A request of a phone with our own app.
    pub async fn app_asks(&self, token: &str, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        let request = Request::builder()
            .method(method.parse::<Method>().unwrap())
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        ask(self.router(), request.body(body.into()).unwrap()).await
    }
}

impl Collect {
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method.parse::<Method>().unwrap())
            .uri(format!("{}{path}", self.base))
            .header("x-openrosa-version", "1.0")
            .header("user-agent", "org.odk.collect.android/v2025.1");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        ask(self.router.clone(), request.body(body.into()).unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], Body::empty()).await
    }

    pub async fn post(&self, parts: &[Part<'_>]) -> Answer {
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let query = "/submission?deviceID=collect%3Aillustrative";
        self.send("POST", query, &[("content-type", &kind)], multipart(parts))
            .await
    }

    /// A filled form without photos, and that it was taken.
    #[track_caller]
    pub fn fills(&self, xml: &str) -> impl Future<Output = ()> + use<> {
        let (client, xml) = (self.clone(), xml.to_owned());
        async move {
            let answer = client.post(&[answers(&xml)]).await;
            assert_eq!(answer.status, 201, "{}", said(&answer));
        }
    }

    /// A list by its entries' ids, each with its columns.
    pub async fn list(&self, name: &str) -> BTreeMap<String, BTreeMap<String, String>> {
        let answer = self.get(&format!("/lists/{name}")).await;
        assert_eq!(answer.status, 200);
        let mut reader = csv::Reader::from_reader(answer.body.as_slice());
        let columns: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        reader
            .records()
            .map(|row| {
                let row = row.unwrap();
                let cells = columns.iter().cloned().zip(row.iter().map(str::to_owned));
                (row[0].to_owned(), cells.collect())
            })
            .collect()
    }
}

/// The document that came, which says that it is OpenRosa's.
#[track_caller]
pub fn document(answer: &Answer) -> Element {
    assert_eq!(answer.header("x-openrosa-version"), "1.0");
    assert!(
        answer.header("content-type").starts_with("text/xml"),
        "{}",
        answer.header("content-type")
    );
    xml::read(&answer.body, 10 << 20).unwrap()
}

/// The sentence of an answer.
#[track_caller]
pub fn said(answer: &Answer) -> String {
    let root = document(answer);
    assert_eq!(
        (root.name.as_str(), root.namespace.as_str()),
        ("OpenRosaResponse", "http://openrosa.org/http/response")
    );
    root.child("message").unwrap().text()
}

/// A filled survey, as Collect writes it.
pub fn survey(instance: &str, household: &str, sangkat: &str, more: &str) -> String {
    format!(
        r#"<?xml version='1.0' ?><data id="survey" version="1" xmlns:ev="http://www.w3.org/2001/xml-events" xmlns:orx="http://openrosa.org/xforms"><start>2026-01-20T08:00:00.000+07:00</start><end>2026-01-20T08:08:00.000+07:00</end><today>2026-01-20</today><consent><consent_text/><registration>yes</registration></consent><place><position>11.55 104.9 0.0 6.0</position><khan>1201</khan><sangkat>{sangkat}</sangkat><community/><card/></place><head><name>ឧទាហរណ៍ គំរូ</name><sex>female</sex><born>1990</born><functioning><seeing>some</seeing></functioning></head><name_of_head>ឧទាហរណ៍ គំរូ</name_of_head><size>2</size><members><id>11111111-1111-4111-8111-111111111111</id><name>Second Illustrative</name><relation>child</relation><sex>male</sex><birth_year>2015</birth_year><age>11</age><school>yes</school></members><dwelling><tenure>no_title</tenure><flooded>yes</flooded><water>no</water>{more}</dwelling><livelihood><work>vendor</work><minutes>20</minutes><debt>unknown</debt><id_poor>none</id_poor></livelihood><near>work school</near><meta><entity dataset="households" id="{household}" create="1"><label>x</label></entity><orx:instanceID>{instance}</orx:instanceID></meta></data>"#
    )
}

/// A filled visit: nights a week, and what the phone had seen.
pub fn visit(instance: &str, household: &str, nights: u8, entity: &str) -> String {
    format!(
        r#"<data id="visit" version="1"><start>2026-03-01T08:00:00.000+07:00</start><end>2026-03-01T08:08:00.000+07:00</end><today>2026-03-01</today><known_household/><card/><by_card/><chosen>{household}</chosen><household>{household}</household><site/><position/><living><nights>{nights}</nights><resident>{}</resident><title>promised</title><plot>kept</plot><water>yes</water><electricity>yes</electricity><toilet>unknown</toilet><flooded>no</flooded></living><work><kind>none</kind><debt>no</debt></work><school><age>0</age></school><grievance>no</grievance><meta><entity dataset="households" id="{household}" update="1" {entity}/><instanceID>{instance}</instanceID></meta></data>"#,
        if nights >= 4 { "yes" } else { "no" }
    )
}
