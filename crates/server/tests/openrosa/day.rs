//! A worker's day with Collect, from the QR code to the second visit.

use phteah_forms::library::md5;

use super::office;
use crate::collect::{Collect, Office, answers, document, fact, said, survey, uuid, visit};

/// Gets every form with its files as Collect does, and compares the hashes; the forms' ids.
async fn every_form(phone: &Collect) -> Vec<String> {
    // The list of forms, as the OpenRosa form list API has it.
    let answer = phone.get("/formList").await;
    assert_eq!(answer.status, 200);
    let list = document(&answer);
    assert_eq!(
        (list.name.as_str(), list.namespace.as_str()),
        ("xforms", "http://openrosa.org/xforms/xformsList")
    );
    let mut seen = Vec::new();
    for form in list.elements() {
        let of = |name: &str| {
            form.child(name)
                .map(phteah_forms::xml::Element::text)
                .unwrap_or_default()
        };
        seen.push(of("formID"));
        let here = |url: String| {
            let (_, path) = url.split_once(&phone.base).unwrap_or_else(|| panic!("{url}"));
            assert!(url.starts_with("https://phteah.example.org/odk/key/"), "{url}");
            path.to_owned()
        };
        let xml = phone.get(&here(of("downloadUrl"))).await;
        assert_eq!(xml.status, 200);
        assert_eq!(of("hash"), format!("md5:{}", md5(&xml.body)), "{}", of("formID"));
        if of("manifestUrl").is_empty() {
            continue;
        }
        let manifest = document(&phone.get(&here(of("manifestUrl"))).await);
        assert_eq!(manifest.namespace, "http://openrosa.org/xforms/xformsManifest");
        for file in manifest.elements() {
            let of = |name: &str| {
                file.child(name)
                    .map(phteah_forms::xml::Element::text)
                    .unwrap_or_default()
            };
            let got = phone.get(&here(of("downloadUrl"))).await;
            assert_eq!(got.status, 200, "{}", of("filename"));
            assert_eq!(
                of("hash"),
                format!("md5:{}", md5(&got.body)),
                "{}",
                of("filename")
            );
            let again = phone
                .send(
                    "GET",
                    &here(of("downloadUrl")),
                    &[("if-none-match", got.header("etag"))],
                    axum::body::Body::empty(),
                )
                .await;
            assert_eq!(again.status, 304);
            let (tag, path) = (got.header("etag").to_owned(), here(of("downloadUrl")));
            // RFC 9110: a list of tags, compared weakly.
            for (tags, status) in [
                (format!("W/{tag}"), 304),
                (format!("\"other\", W/{tag}"), 304),
                ("*".to_owned(), 304),
                ("\"other\"".to_owned(), 200),
            ] {
                let headers = [("if-none-match", tags.as_str())];
                let again = phone
                    .send("GET", &path, &headers, axum::body::Body::empty())
                    .await;
                assert_eq!(again.status, status, "{tags}");
            }
            let is_entities = ["households.csv", "tasks.csv"].contains(&of("filename").as_str());
            assert_eq!(file.attribute("type"), is_entities.then_some("entityList"));
            assert_eq!(!of("integrityUrl").is_empty(), is_entities);
        }
    }
    seen
}

/// Each answer of the survey is the fact that it should be.
fn what_was_answered(office: &Office, household: &str) {
    let state = office.known(household);
    let member = "members/11111111-1111-4111-8111-111111111111";
    for (path, value) in [
        ("head.name", "\"ឧទាហរណ៍ គំរូ\""),
        ("head.birth_year", "1990"),
        ("head.wg_seeing", "\"some\""),
        ("size", "2"),
        ("dwelling.sangkat", "\"120101\""),
        ("dwelling.flooded_last_year", "true"),
        ("dwelling.water", "false"),
        ("money.debt", "\"unknown\""),
        ("wish.near", "[\"work\",\"school\"]"),
        (format!("{member}/birth_year").as_str(), "2015"),
        (format!("{member}/school_attends").as_str(), "true"),
        ("consent.registration", "true"),
    ] {
        assert_eq!(fact(&state, path), value, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forms_manifests_lists_and_filled_forms() {
    let office = office();
    let phone = office.collect("Collect Illustrative", "North");

    assert_eq!(
        every_form(&phone).await,
        [
            "not_found",
            "referral",
            "site_task",
            "survey",
            "verification",
            "visit"
        ]
    );

    // One form alone.
    for (query, count) in [
        ("formID=survey", 1),
        ("verbose=true&formID=site_task", 1),
        ("formID=nobody", 0),
        ("formID=", 6),
        ("verbose=true", 6),
    ] {
        let list = document(&phone.get(&format!("/formList?{query}")).await);
        assert_eq!(list.elements().count(), count, "{query}");
    }

    // Where to send to.
    let head = phone
        .send("HEAD", "/submission", &[], axum::body::Body::empty())
        .await;
    assert_eq!((head.status.as_u16(), head.body.len()), (204, 0));
    assert_eq!(
        head.header("location"),
        format!("https://phteah.example.org{}/submission", phone.base)
    );
    assert!(
        head.header("x-openrosa-accept-content-length")
            .parse::<u64>()
            .unwrap()
            >= 1 << 20
    );

    // A survey.
    let household = uuid();
    let first = survey(&format!("uuid:{}", uuid()), &household, "120101", "");
    let answer = phone.post(&[answers(&first)]).await;
    assert_eq!(answer.status, 201);
    assert_eq!(said(&answer), "The form has been received.");
    let whole = office.household(&household);
    let kinds: Vec<&str> = whole
        .events
        .iter()
        .map(|stored| stored.event.kind.as_str())
        .collect();
    assert_eq!(kinds, ["consent_given", "surveyed"]);
    let surveyed = &whole.events[1].event;
    assert_eq!(surveyed.after, [whole.events[0].event.id]);
    assert_eq!(surveyed.happened_on.to_string(), "2026-01-20");
    assert_eq!(surveyed.recorded_at.at, "2026-01-20T01:08:00Z".parse().unwrap());
    assert_eq!(
        surveyed.form.as_ref().map(|form| (&*form.id, &*form.version)),
        Some(("survey", "1"))
    );
    let location = surveyed.location.as_ref().unwrap();
    assert_eq!(
        (location.lon.as_f64(), location.lat.as_f64()),
        (Some(104.9), Some(11.55))
    );
    assert_eq!(
        location
            .accuracy_m
            .as_ref()
            .and_then(phteah_registry::event::Number::as_f64),
        Some(6.0)
    );
    what_was_answered(&office, &household);
    // What is no fact is kept all the same.
    assert!(
        surveyed.canonical().contains("\"place/khan\":\"1201\""),
        "{}",
        surveyed.canonical()
    );

    // The list has it now, and the next form finds it there.
    let listed = phone.list("households.csv").await;
    let row = &listed[&household];
    assert_eq!(
        (row["__version"].as_str(), row["dwelling_tenure"].as_str()),
        ("1", "no_title")
    );
    let lies_open = |column: &&String| column.contains("phone") || column.contains("card");
    assert_eq!(row.keys().find(lies_open), None);
    let seen = "baseVersion=\"1\" trunkVersion=\"\" branchId=\"\"";
    phone
        .fills(&visit(&format!("uuid:{}", uuid()), &household, 6, seen))
        .await;
    let state = office.known(&household);
    assert_eq!(fact(&state, "outcome.nights_a_week"), "6");
    assert_eq!(fact(&state, "visit.resident"), "true");
    assert!(state.conflicts.is_empty(), "{:?}", state.conflicts);
    assert_eq!(phone.list("households.csv").await[&household]["__version"], "2");
    assert!(office.quarantined().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_consent_nothing_is_kept() {
    let office = office();
    let phone = office.collect("Refused Illustrative", "North");
    let household = uuid();
    let xml = survey(&format!("uuid:{}", uuid()), &household, "120101", "")
        .replace("<registration>yes<", "<registration>no<");
    phone.fills(&xml).await;
    phone.fills(&xml).await;
    assert_eq!(office.households(), 0);
    assert!(office.quarantined().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_departure_is_told_by_the_answer_that_says_so() {
    let office = office();
    let phone = office.collect("Left Illustrative", "North");
    let household = uuid();
    phone
        .fills(&survey(&format!("uuid:{}", uuid()), &household, "120101", ""))
        .await;
    let form = |found: &str, more: &str| {
        format!(
            r#"<data id="not_found" version="1"><start>2026-03-01T08:00:00+07:00</start><today>2026-03-01</today><household>{household}</household><found>{found}</found>{more}<meta><entity dataset="households" id="{household}" update="1" baseVersion="1"/><instanceID>uuid:{}</instanceID></meta></data>"#,
            uuid()
        )
    };
    phone.fills(&form("nobody_there", "")).await;
    phone.fills(&form("gone", "<last_there>2026-02-01</last_there><first_gone>2026-02-20</first_gone><where_to>province</where_to><why>work</why>")).await;
    let events = office.household(&household).events;
    let told: Vec<(&str, Option<&str>)> = events[2..]
        .iter()
        .map(|stored| (stored.event.kind.as_str(), stored.event.text("reason")))
        .collect();
    assert_eq!(
        told,
        [("not_found", Some("nobody_there")), ("left", Some("work"))]
    );
    assert_eq!(events[3].event.text("first_gone"), Some("2026-02-20"));
    assert!(office.quarantined().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_of_ones_own_with_a_voice_in_two_versions() {
    let office = office();
    let phone = office.collect("Voice Illustrative", "North");
    let dir = office.place.dir();
    let (form, facts, voices) = (
        dir.join("nights.xml"),
        dir.join("nights.toml"),
        dir.join("voices"),
    );
    std::fs::create_dir(&voices).unwrap();
    std::fs::write(voices.join("nights_km.mp3"), b"ID3 an illustrative voice").unwrap();
    std::fs::write(
        &facts,
        "event = \"visited\"\nhousehold = \"household\"\n[facts]\n\"nights\" = \"outcome.nights_a_week\"\n",
    )
    .unwrap();
    for version in ["1", "2"] {
        std::fs::write(
            &form,
            format!(
                r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>Nights</h:title><model>
<itext><translation lang="km" default="true()"><text id="n"><value>Nights</value><value form="audio">jr://audio/nights_km.mp3</value></text></translation></itext>
<instance><data id="nights" version="{version}"><today/><household/><nights/><meta><instanceID/></meta></data></instance>
<bind nodeset="/data/today" type="date" jr:preload="date" jr:preloadParams="today"/><bind nodeset="/data/household" type="string"/><bind nodeset="/data/nights" type="int"/></model></h:head>
<h:body><input ref="/data/household"><label>H</label></input><input ref="/data/nights"><label ref="jr:itext('n')"/></input></h:body></h:html>"#
            ),
        )
        .unwrap();
        let added = office.place.json(&[
            "form",
            "add",
            form.to_str().unwrap(),
            "--facts",
            facts.to_str().unwrap(),
            "--media",
            voices.to_str().unwrap(),
        ]);
        assert_eq!(added["missing_media"].as_array().unwrap().len(), 0, "{added}");
    }
    // Each file comes as its hash says.
    assert!(every_form(&phone).await.contains(&"nights".to_owned()));
    let manifest = document(&phone.get("/forms/nights/2/manifest").await);
    let voice = manifest.elements().next().unwrap();
    assert_eq!(
        voice.child("hash").unwrap().text(),
        format!("md5:{}", md5(b"ID3 an illustrative voice"))
    );
    // A phone that had the first version sends what was filled by it.
    let household = uuid();
    phone
        .fills(&survey(&format!("uuid:{}", uuid()), &household, "120101", ""))
        .await;
    phone
        .fills(&format!(
            "<data id=\"nights\" version=\"1\"><today>2026-03-01</today><household>{household}</household><nights>3</nights><meta><instanceID>uuid:{}</instanceID></meta></data>",
            uuid()
        ))
        .await;
    assert!(office.quarantined().is_empty(), "{:?}", office.quarantined());
    let events = office.household(&household).events;
    let last = events.last().unwrap();
    assert_eq!(&*last.event.form.as_ref().unwrap().version, "1");
    assert_eq!(fact(&office.known(&household), "outcome.nights_a_week"), "3");
}
