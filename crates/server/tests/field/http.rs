//! The phones' part of the API through the router.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use futures_util::StreamExt as _;
use jiff::Timestamp;
use phteah_layers::Catalogue;
use phteah_server::api::app;
use phteah_server::http::limits::Limits as Rates;
use phteah_server::partner::state::PartnerOptions;
use phteah_server::state::{AppState, Limits};
use phteah_store::{DeviceId, NewAccount, Role, Store};
use sha2::{Digest, Sha256};

use crate::common::{self, Answer, ask};
use crate::events::{batch, event, household, random, survey};

struct Field {
    dir: tempfile::TempDir,
    store: Store,
    router: Router,
}

impl Field {
    fn new() -> Self {
        Self::at("data")
    }

    /// In a data directory of this name.
    fn at(name: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join(name);
        Catalogue::open_or_create(&data).unwrap();
        let store = Store::open(&data).unwrap();
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
        let state = AppState::open_for(data, Limits::default(), 7, common::sites, options).unwrap();
        Self {
            router: app(Arc::new(state)),
            store,
            dir,
        }
    }

    /// A worker's phone: its token and its id.
    fn phone(&self, name: &str, team: &str) -> (String, DeviceId) {
        let (root, now) = (self.store.command_line(), Timestamp::now());
        let new = NewAccount {
            name,
            roles: &[Role::FieldWorker],
            teams: &[team],
        };
        self.store.add_account(&root, &new, &random(), "", now).unwrap();
        let code = self
            .store
            .make_device_code(&root, name, None, &random(), "", now)
            .unwrap();
        let enrolled = self.store.enrol(code.expose(), "phone", &random(), now).unwrap();
        (enrolled.token.expose().to_owned(), enrolled.device)
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method.parse::<Method>().unwrap())
            .uri(path)
            .header("authorization", format!("Bearer {token}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        ask(self.router.clone(), request.body(body.into()).unwrap()).await
    }

    async fn push(&self, token: &str, events: &[String]) -> serde_json::Value {
        let answer = self
            .send("POST", "/api/field/events", token, &[], batch(events))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        assert!(answer.header("cache-control").contains("no-store"));
        answer.json()
    }

    async fn get(&self, path: &str, token: &str) -> Answer {
        self.send("GET", path, token, &[], Body::empty()).await
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_made_is_told_in_words() {
    // Longer than a name may be once ".key" is behind it: that holds for every user, root too.
    let field = Field::at(&"d".repeat(253));
    let (token, _) = field.phone("Dara", "North");
    let answer = field.get("/api/field/changes", &token).await;
    assert!(!answer.header("retry-after").is_empty());
    answer.is_error(503, "registry_unavailable");
}

/// An answer without the request's id, which differs each time, and the server's time.
fn bytes(answer: &Answer) -> (u16, Vec<String>, String) {
    let id = answer.header("x-request-id");
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "x-request-id")
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort();
    let body = String::from_utf8_lossy(&answer.body).replace(id, "ID");
    (answer.status.as_u16(), headers, body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_come_in_and_go_out() {
    let field = Field::new();
    let (one, _) = field.phone("One Illustrative", "North");
    let (two, _) = field.phone("Two Illustrative", "North");
    let h = household();
    let (first, text) = survey(h, "120101");
    let (_, visit) = event(h, "visited", &[first], "");
    let json = field
        .push(&one, &[text.clone(), "{\"id\":7}".to_owned(), visit.clone()])
        .await;
    let receipts = json["receipts"].as_array().unwrap();
    assert_eq!(receipts.len(), 3);
    assert_eq!(
        (&receipts[0]["status"], &receipts[0]["id"]),
        (&"stored".into(), &first.to_string().into())
    );
    assert_eq!(
        (&receipts[1]["status"], receipts[1]["code"].is_string()),
        (&"quarantined".into(), true)
    );
    assert_eq!(receipts[2]["status"], "stored");
    assert!(json["server_time"].is_string() && receipts[0]["seq"].is_i64());
    let again = field.push(&one, std::slice::from_ref(&text)).await;
    assert_eq!(
        (&again["receipts"][0]["status"], &again["receipts"][0]["seq"]),
        (&"duplicate".into(), &receipts[0]["seq"])
    );
    // The other phone of the team takes them, in two pages.
    let page = field.get("/api/field/changes?after=0&limit=1", &two).await.json();
    assert_eq!(
        (page["events"].as_array().unwrap().len(), page["more"].as_bool()),
        (1, Some(true))
    );
    let sent: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(page["events"][0], sent);
    // Who works together knows who recorded it.
    assert_eq!(
        page["authors"],
        serde_json::json!({first.to_string(): "One Illustrative"})
    );
    let rest = field
        .get(&format!("/api/field/changes?after={}", page["next"]), &two)
        .await;
    let json = rest.json();
    assert_eq!(
        (json["events"].as_array().unwrap().len(), json["more"].as_bool()),
        (1, Some(false))
    );
    // Nothing new, and said so.
    let path = format!("/api/field/changes?after={}", json["next"]);
    let nothing = field.get(&path, &two).await;
    let etag = nothing.header("etag").to_owned();
    let same = field
        .send("GET", &path, &two, &[("if-none-match", &etag)], Body::empty())
        .await;
    assert_eq!(same.status, 304);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_name_of_somebody_of_another_team_is_not_told() {
    let field = Field::new();
    let root = field.store.command_line();
    let area = "120101".parse().unwrap();
    field
        .store
        .add_team(&root, "Beside", &area, &random(), "", Timestamp::now())
        .unwrap();
    let (own, _) = field.phone("Own Illustrative", "North");
    let (other, _) = field.phone("Other Illustrative", "Beside");
    let (id, text) = survey(household(), "120101");
    field.push(&other, &[text]).await;
    let page = field.get("/api/field/changes?after=0", &own).await.json();
    assert_eq!(page["events"][0]["id"], id.to_string());
    assert_eq!(page["authors"], serde_json::json!({}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_taken_is_said_in_a_sentence() {
    let field = Field::new();
    let (token, device) = field.phone("One Illustrative", "North");
    let many = vec!["{}".to_owned(); 501];
    let answer = field
        .send("POST", "/api/field/events", &token, &[], batch(&many))
        .await;
    answer.is_error(413, "batch_too_large");
    for (body, code) in [
        ("", "bad_json"),
        ("{", "bad_json"),
        ("[]", "bad_json"),
        ("{\"events\":7}", "bad_json"),
    ] {
        field
            .send("POST", "/api/field/events", &token, &[], body)
            .await
            .is_error(400, code);
    }
    let clock = "{\"events\":[],\"device_time\":\"yesterday\"}";
    field
        .send("POST", "/api/field/events", &token, &[], clock)
        .await
        .is_error(400, "bad_parameter");
    let slow = field
        .send(
            "POST",
            "/api/field/events",
            &token,
            &[],
            "{\"events\":[],\"device_time\":\"2020-01-01T00:00:00Z\"}",
        )
        .await;
    assert!(slow.json()["clock"]["offset_s"].as_i64().unwrap() < -600);
    let large = format!("{{\"events\":[\"{}\"]}}", "x".repeat(17 << 20));
    field
        .send("POST", "/api/field/events", &token, &[], large)
        .await
        .is_error(413, "too_large");
    for query in ["?after=-1", "?after=x", "?limit=0", "?limit=2001", "?x=1"] {
        field
            .get(&format!("/api/field/changes{query}"), &token)
            .await
            .is_error(400, "bad_parameter");
    }
    field
        .get("/api/field/changes?after=99999", &token)
        .await
        .is_error(409, "unknown_number");
    for token in ["", "phteahd_0", "x"] {
        field
            .get("/api/field/changes", token)
            .await
            .is_error(401, "bad_key");
    }
    field
        .store
        .revoke_device(&field.store.command_line(), &device, "lost", Timestamp::now())
        .unwrap();
    for path in ["/api/field/changes", "/api/field/setup"] {
        field.get(path, &token).await.is_error(403, "device_revoked");
    }
    field
        .send("POST", "/api/field/events", &token, &[], batch(&[]))
        .await
        .is_error(403, "device_revoked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_teams_household_answers_as_none_at_all() {
    let field = Field::new();
    let (north, _) = field.phone("One Illustrative", "North");
    let (south, _) = field.phone("Two Illustrative", "South");
    let h = household();
    field.push(&south, &[survey(h, "120201").1]).await;
    let theirs = event(h, "visited", &[], "").1;
    let nobody = household();
    let nobodys = theirs.replace(&h.to_string(), &nobody.to_string());
    let mut answers = Vec::new();
    for text in [theirs, nobodys] {
        let answer = field
            .send("POST", "/api/field/events", &north, &[], batch(&[text]))
            .await;
        let (status, headers, body) = bytes(&answer);
        let time = answer.json()["server_time"].as_str().unwrap().to_owned();
        answers.push((
            status,
            headers
                .into_iter()
                .filter(|h| !h.starts_with("content-length"))
                .collect::<Vec<_>>(),
            body.replace(&time, "TIME"),
        ));
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0].2.contains("out_of_scope"));
    assert_eq!(
        field.get("/api/field/changes", &north).await.json()["events"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    assert_eq!(
        field.get("/api/field/changes", &south).await.json()["events"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_setup_has_a_version() {
    let field = Field::new();
    let (token, _) = field.phone("One Illustrative", "North");
    let answer = field.get("/api/field/setup", &token).await;
    assert_eq!(answer.status, 200);
    let json = answer.json();
    assert_eq!(json["area"]["sangkats"], serde_json::json!(["120101"]));
    assert_eq!(json["schedule"]["visits"].as_array().unwrap().len(), 7);
    for part in ["area", "schedule", "forms", "services", "map_packs"] {
        assert!(json[part]["version"].is_string(), "{part}");
    }
    let etag = answer.header("etag").to_owned();
    let same = field
        .send(
            "GET",
            "/api/field/setup",
            &token,
            &[("if-none-match", &etag)],
            Body::empty(),
        )
        .await;
    assert_eq!(same.status, 304);
    let root = field.store.command_line();
    field
        .store
        .change_area(
            &root,
            "North",
            &"120101,120102".parse().unwrap(),
            "",
            Timestamp::now(),
        )
        .unwrap();
    let changed = field
        .send(
            "GET",
            "/api/field/setup",
            &token,
            &[("if-none-match", &etag)],
            Body::empty(),
        )
        .await;
    assert_eq!(changed.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_about_files_says_which_protocol_is_spoken() {
    let field = Field::new();
    let (token, _) = field.phone("One Illustrative", "North");
    let path = format!("/api/field/files/{}", "0".repeat(64));
    let tus = ("tus-resumable", "1.0.0");
    let length = ("upload-length", "9");
    let other_version = field.send("POST", &path, &token, &[length], Body::empty()).await;
    other_version.is_error(412, "bad_upload");
    assert_eq!(other_version.header("tus-version"), "1.0.0");
    // Every answer says which protocol is spoken, a refusal as well.
    let none = field.send("HEAD", &path, &token, &[tus], Body::empty()).await;
    let no_piece = field.send("PATCH", &path, &token, &[tus], Body::empty()).await;
    let no_token = field.send("HEAD", &path, "x", &[tus], Body::empty()).await;
    let no_method = field.send("DELETE", &path, &token, &[tus], Body::empty()).await;
    let no_name = field
        .send("HEAD", "/api/field/files/x", &token, &[tus], Body::empty())
        .await;
    for (answer, status) in [
        (&other_version, 412),
        (&none, 404),
        (&no_piece, 415),
        (&no_token, 401),
        (&no_method, 405),
        (&no_name, 400),
    ] {
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.header("tus-resumable"), "1.0.0", "{status}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photo_comes_in_pieces() {
    let field = Field::new();
    let (token, _) = field.phone("One Illustrative", "North");
    let (foreign, _) = field.phone("Two Illustrative", "South");
    let photo = [&b"\xff\xd8\xff"[..], &vec![9; 70_000]].concat();
    let name: String = Sha256::digest(&photo)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let path = format!("/api/field/files/{name}");
    let length = photo.len().to_string();
    let tus = ("tus-resumable", "1.0.0");
    let piece = ("content-type", "application/offset+octet-stream");
    let begin = [tus, ("upload-length", length.as_str())];
    field
        .send("POST", &path, &token, &begin[1..], Body::empty())
        .await
        .is_error(412, "bad_upload");
    assert_eq!(
        field
            .send("HEAD", &path, &token, &[tus], Body::empty())
            .await
            .status,
        404
    );
    let begun = field.send("POST", &path, &token, &begin, Body::empty()).await;
    assert_eq!(
        (
            begun.status.as_u16(),
            begun.header("location"),
            begun.header("upload-offset")
        ),
        (201, path.as_str(), "0")
    );
    assert_eq!(
        field
            .send("HEAD", &path, &foreign, &[tus], Body::empty())
            .await
            .status,
        404
    );
    // It stops half-way: what had come is kept.
    let cut = futures_like(vec![
        Ok(photo[..40_000].to_vec()),
        Err(std::io::Error::other("the line is gone")),
    ]);
    field
        .send("PATCH", &path, &token, &[tus, piece, ("upload-offset", "0")], cut)
        .await
        .is_error(400, "bad_json");
    let here = field.send("HEAD", &path, &token, &[tus], Body::empty()).await;
    assert_eq!(
        (here.header("upload-offset"), here.header("upload-length")),
        ("40000", length.as_str())
    );
    let wrong = [tus, piece, ("upload-offset", "39999")];
    field
        .send("PATCH", &path, &token, &wrong, photo[39_999..].to_vec())
        .await
        .is_error(409, "wrong_offset");
    let mut hurt = photo[40_000..].to_vec();
    hurt[0] ^= 1;
    let go_on = [tus, piece, ("upload-offset", "40000")];
    field
        .send("PATCH", &path, &token, &go_on, hurt)
        .await
        .is_error(422, "hash_differs");
    let whole = field
        .send(
            "PATCH",
            &path,
            &token,
            &[tus, piece, ("upload-offset", "0")],
            photo.clone(),
        )
        .await;
    assert_eq!(
        (whole.status.as_u16(), whole.header("upload-offset")),
        (204, length.as_str())
    );
    let text = b"this is no photo at all";
    let name: String = Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let path = format!("/api/field/files/{name}");
    let begin = [tus, piece, ("upload-length", "23")];
    field
        .send("POST", &path, &token, &begin, text.to_vec())
        .await
        .is_error(415, "not_an_image");
    let huge = [tus, ("upload-length", "99999999999")];
    field
        .send("POST", &path, &token, &huge, Body::empty())
        .await
        .is_error(413, "file_too_large");
    field
        .send("POST", "/api/field/files/x", &token, &huge, Body::empty())
        .await
        .is_error(400, "bad_parameter");
}

/// A body that comes in parts and may end badly.
fn futures_like(parts: Vec<Result<Vec<u8>, std::io::Error>>) -> Body {
    struct Parts(std::collections::VecDeque<Result<Vec<u8>, std::io::Error>>);
    impl http_body::Body for Parts {
        type Data = axum::body::Bytes;
        type Error = std::io::Error;
        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
            std::task::Poll::Ready(
                self.0
                    .pop_front()
                    .map(|part| part.map(|bytes| http_body::Frame::data(bytes.into()))),
            )
        }
    }
    Body::new(Parts(parts.into()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_gets_the_forms_and_every_version_stays() {
    let field = Field::new();
    let (token, _) = field.phone("Forms Illustrative", "North");
    let setup = field.get("/api/field/setup", &token).await.json();
    let survey = setup["forms"]["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|form| form["id"] == "survey")
        .unwrap()
        .clone();
    assert_eq!(survey["purpose"], "survey");
    assert_eq!(survey["event"], "surveyed");
    assert_eq!(survey["consent"], "consent/registration");
    assert_eq!(survey["location"], "place/position");
    assert_eq!(survey["facts"]["head/name"], "head.name");
    assert_eq!(
        survey["facts"]["members[]/birth_year"],
        "members/{members}/birth_year"
    );
    assert_eq!(survey["repeat_ids"]["members"], "id");
    assert_eq!(survey["types"]["size"], "integer");
    assert_eq!(survey["types"]["dwelling/flooded"], "boolean");
    assert!(survey["title"]["km"].as_str().unwrap().contains("គ្រួសារ"));
    let url = survey["form"]["url"].as_str().unwrap().to_owned();
    let form = field.get(&url, &token).await;
    assert_eq!(form.status, 200);
    assert_eq!(form.body.len() as u64, survey["form"]["bytes"].as_u64().unwrap());
    let hash: String = Sha256::digest(&form.body)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(survey["form"]["sha256"], hash.as_str());
    assert_eq!(form.header("etag"), format!("\"{hash}\""));
    let again = field
        .send(
            "GET",
            &url,
            &token,
            &[("if-none-match", form.header("etag"))],
            Body::empty(),
        )
        .await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    field
        .get("/api/field/forms/survey/999/form.xml", &token)
        .await
        .is_error(404, "not_found");
    field
        .get("/api/field/forms/survey/1/media/..%2f..%2fform.json", &token)
        .await
        .is_error(404, "not_found");
    field.get(&url, "phteahd_wrong").await.is_error(401, "bad_key");

    // A team brings its own: a workbook's XForm with a voice, in two versions.
    let data = field.dir.path().join("data");
    let library = phteah_forms::Library::new(&data);
    let own = |version: &str, label: &str| phteah_forms::Addition {
        source: own_form(version, label).into_bytes(),
        facts: Some("event = \"visited\"\n[facts]\n\"nights\" = \"outcome.nights_a_week\"\n".to_owned()),
        media: [("nights.mp3".to_owned(), b"ID3 a voice".to_vec())].into(),
        ..phteah_forms::Addition::default()
    };
    let now = Timestamp::now();
    assert!(!library.add(&own("1", "Nights"), now).unwrap().was_there);
    assert!(library.add(&own("1", "Nights"), now).unwrap().was_there);
    let taken = library
        .add(&own("1", "Nights here"), now)
        .unwrap_err()
        .to_string();
    assert!(taken.contains("another version"), "{taken}");
    let before = field.get("/api/field/setup", &token).await;
    library
        .add(&own("2", "Nights here"), now + jiff::SignedDuration::from_secs(1))
        .unwrap();
    let setup = field.get("/api/field/setup", &token).await;
    assert_ne!(before.header("etag"), setup.header("etag"));
    let items = setup.json()["forms"]["items"].as_array().unwrap().clone();
    let visits: Vec<&serde_json::Value> = items.iter().filter(|form| form["id"] == "own").collect();
    assert_eq!(visits.len(), 1);
    assert_eq!(
        (visits[0]["version"].as_str(), visits[0]["event"].as_str()),
        (Some("2"), Some("visited"))
    );
    let voice = &visits[0]["media"][0];
    assert_eq!(
        (voice["name"].as_str(), voice["bytes"].as_u64()),
        (Some("nights.mp3"), Some(11))
    );
    let sound = field.get(voice["url"].as_str().unwrap(), &token).await;
    assert_eq!(
        (sound.status.as_u16(), sound.header("content-type")),
        (200, "audio/mpeg")
    );
    assert_eq!(sound.body, b"ID3 a voice");
    for (version, label) in [("1", "Nights"), ("2", "Nights here")] {
        let form = field
            .get(&format!("/api/field/forms/own/{version}/form.xml"), &token)
            .await;
        assert_eq!(String::from_utf8(form.body).unwrap(), own_form(version, label));
    }
}

/// A form as a team would bring it, with a voice.
fn own_form(version: &str, label: &str) -> String {
    format!(
        r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa">
<h:head><h:title>Own</h:title><model><itext><translation lang="en"><text id="/data/nights:label"><value>{label}</value><value form="audio">jr://audio/nights.mp3</value></text></translation></itext>
<instance><data id="own" version="{version}"><nights/><meta><instanceID/></meta></data></instance>
<bind nodeset="/data/nights" type="int"/><bind nodeset="/data/meta/instanceID" type="string" jr:preload="uid"/></model></h:head>
<h:body><input ref="/data/nights"><label ref="jr:itext('/data/nights:label')"/></input></h:body></h:html>"#
    )
}

/// A body of which the rest comes when it is asked for; `begun` counts those that somebody reads.
fn in_two_parts(
    first: String,
    rest: String,
    begun: &Arc<AtomicUsize>,
    wait: tokio::sync::oneshot::Receiver<()>,
) -> Body {
    let begun = Arc::clone(begun);
    let first = futures_util::stream::once(async move {
        begun.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::io::Error>(first)
    });
    let rest = futures_util::stream::once(async move {
        wait.await.unwrap();
        Ok(rest)
    });
    Body::from_stream(first.chain(rest))
}

/// Waits until so many bodies are being read.
async fn are_read(begun: &AtomicUsize, bodies: usize) {
    while begun.load(Ordering::SeqCst) < bodies {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

fn post_events(token: &str, body: Body) -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri("/api/field/events")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(body)
        .unwrap()
}

#[tokio::test]
async fn what_a_phone_began_to_send_before_it_was_revoked_is_not_taken() {
    let field = Field::new();
    let (token, device) = field.phone("Sok Illustrative", "North");
    let whole = batch(&[survey(household(), "120101").1]);
    let (first, rest) = whole.split_at(whole.len() / 2);
    let (go_on, wait) = tokio::sync::oneshot::channel();
    let begun = Arc::default();
    let body = in_two_parts(first.to_owned(), rest.to_owned(), &begun, wait);
    let sent = tokio::spawn(ask(field.router.clone(), post_events(&token, body)));
    are_read(&begun, 1).await;
    let root = field.store.command_line();
    field
        .store
        .revoke_device(&root, &device, "lost", Timestamp::now())
        .unwrap();
    go_on.send(()).unwrap();
    sent.await.unwrap().is_error(403, "device_revoked");
}

#[tokio::test]
async fn one_phone_has_a_few_places_and_keeps_nobody_out() {
    let field = Field::new();
    let (token, _) = field.phone("Sok Illustrative", "North");
    let (other, _) = field.phone("Keo Illustrative", "North");
    let begun = Arc::default();
    let mut held = Vec::new();
    let mut waiting = Vec::new();
    for _ in 0..8 {
        let (go_on, wait) = tokio::sync::oneshot::channel();
        let body = in_two_parts("{\"events\"".to_owned(), ": []}".to_owned(), &begun, wait);
        waiting.push(tokio::spawn(ask(field.router.clone(), post_events(&token, body))));
        held.push(go_on);
    }
    are_read(&begun, 8).await;
    let more = ask(
        field.router.clone(),
        post_events(&token, Body::from("{\"events\": []}")),
    )
    .await;
    more.is_error(429, "too_often");
    let good = ask(
        field.router.clone(),
        post_events(&other, Body::from("{\"events\": []}")),
    )
    .await;
    assert_eq!(good.status, 200);
    for go_on in held {
        go_on.send(()).unwrap();
    }
    for sent in waiting {
        assert_eq!(sent.await.unwrap().status, 200);
    }
}
