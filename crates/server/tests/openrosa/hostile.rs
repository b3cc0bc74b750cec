//! What strangers and broken clients send. Status codes are those of ODK Central for the same, where its tests have the case.

use axum::body::Body;
use jiff::Timestamp;

use super::office;
use crate::collect::{BOUNDARY, Collect, answers, file, photo, said, survey, uuid};

fn instance() -> String {
    format!("uuid:{}", uuid())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_key_is_403_whatever_is_asked() {
    let office = office();
    let phone = office.collect("Key Illustrative", "North");
    let app = office.app_token("Key Illustrative");
    let good = phone.base.clone();
    let last = if good.ends_with('0') { "1" } else { "0" };
    let strangers = [
        format!("/odk/key/{}", "a".repeat(64)),
        format!("{}{last}", &good[..good.len() - 1]),
        // A token of our own app opens nothing here.
        format!("/odk/key/{app}"),
    ]
    .map(|base| Collect {
        base,
        router: phone.router.clone(),
    });
    for stranger in &strangers {
        let answer = stranger.get("/formList").await;
        assert_eq!(answer.status, 403);
        assert!(said(&answer).contains("coordinator"));
    }
    for path in [
        "/lists/households.csv",
        "/integrity/households?id=x",
        "/forms/survey/1/form.xml",
    ] {
        assert_eq!(strangers[0].get(path).await.status, 403, "{path}");
    }
    assert_eq!(
        strangers[0]
            .send("HEAD", "/submission", &[], Body::empty())
            .await
            .status,
        403
    );
    let answer = strangers[0]
        .post(&[answers(&survey(&instance(), &uuid(), "120101", ""))])
        .await;
    assert_eq!(answer.status, 403);
    // A key is not to be guessed: who tries many in a short time waits. The right one goes on.
    let mut refused = Vec::new();
    for _ in 0..20 {
        refused.push(strangers[0].get("/formList").await.status.as_u16());
    }
    assert!(
        refused.ends_with(&[429]) && !refused.iter().any(|status| *status < 400),
        "{refused:?}"
    );
    assert_eq!(phone.get("/formList").await.status, 200);
    // And Collect's opens nothing of our own app's.
    let token = good.rsplit('/').next().unwrap();
    let own = Collect {
        base: String::new(),
        router: phone.router.clone(),
    };
    let answer = own
        .send(
            "GET",
            "/api/field/setup",
            &[("authorization", &format!("Bearer {token}"))],
            Body::empty(),
        )
        .await;
    answer.is_error(401, "bad_key");
    // A worker has one; it can be revoked.
    assert_eq!(phone.get("/formList").await.status, 200);
    let newer = office.token("Key Illustrative");
    assert_eq!(phone.get("/formList").await.status, 403);
    assert_eq!(newer.get("/formList").await.status, 200);
    let (root, now) = (office.store.command_line(), Timestamp::now());
    for device in office.store.devices(&root).unwrap() {
        office
            .store
            .revoke_device(&root, &device.id, "lost", now)
            .unwrap();
    }
    assert_eq!(newer.get("/formList").await.status, 403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_filled_form_is_refused_with_a_sentence() {
    let office = office();
    let phone = office.collect("Hostile Illustrative", "North");
    let good = survey(&instance(), &uuid(), "120101", "");
    let bomb = format!(
        "<!DOCTYPE data [<!ENTITY a \"{}\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>{}",
        "x".repeat(1000),
        good.replace("no_title", "&b;")
            .replace("<?xml version='1.0' ?>", "")
    );
    let outside = format!(
        "<!DOCTYPE data [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>{}",
        good.replace("no_title", "&a;")
            .replace("<?xml version='1.0' ?>", "")
    );
    let deep = format!(
        "<data id=\"survey\" version=\"1\">{}{}</data>",
        "<a>".repeat(5000),
        "</a>".repeat(5000)
    );
    for (xml, status, says) in [
        (bomb.as_str(), 400, "DOCTYPE"),
        (outside.as_str(), 400, "DOCTYPE"),
        (deep.as_str(), 400, "deeply"),
        ("<test", 400, "read"),
        ("", 400, "read"),
        (
            "<data><meta><instanceID>x</instanceID></meta></data>",
            400,
            "which form",
        ),
        ("<data id=\"survey\" version=\"1\"/>", 400, "no id"),
        (
            "<data id=\"nonexistent\"><meta><instanceID>x</instanceID></meta></data>",
            404,
            "does not know this form",
        ),
        (
            "<data id=\"survey\" version=\"-1\"><meta><instanceID>x</instanceID></meta></data>",
            404,
            "this version",
        ),
        (
            "<data id=\"../../etc\" version=\"1\"><meta><instanceID>x</instanceID></meta></data>",
            404,
            "does not know",
        ),
    ] {
        let answer = phone.post(&[answers(xml)]).await;
        assert_eq!(
            answer.status,
            status,
            "{}: {}",
            &xml[..xml.len().min(80)],
            said(&answer)
        );
        assert!(
            said(&answer).contains(says),
            "{}: {}",
            &xml[..xml.len().min(80)],
            said(&answer)
        );
        assert!(!said(&answer).contains("root:"), "nothing of a file of ours");
    }
    let no_answers = phone.post(&[file("1.jpg", photo(1))]).await;
    assert_eq!(no_answers.status, 400);
    assert!(said(&no_answers).contains("xml_submission_file"));
    for (kind, body) in [
        ("text/xml", good.clone()),
        ("multipart/form-data", good.clone()),
        (
            &*format!("multipart/form-data; boundary={BOUNDARY}"),
            String::new(),
        ),
        (
            &*format!("multipart/form-data; boundary={BOUNDARY}"),
            "--BOUNDARY--".to_owned(),
        ),
    ] {
        let answer = phone
            .send("POST", "/submission", &[("content-type", kind)], body)
            .await;
        assert_eq!(answer.status, 400, "{kind}");
    }
    let bare = axum::http::Request::post(format!("{}/submission", phone.base))
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        crate::common::ask(phone.router.clone(), bare).await.status,
        400,
        "without X-OpenRosa-Version"
    );
    assert_eq!(office.households(), 0);
    assert!(office.quarantined().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_much_is_refused_and_what_goes_astray_is_left_alone() {
    let office = office();
    let phone = office.collect("Much Illustrative", "North");
    let household = uuid();
    let xml = survey(&instance(), &household, "120101", "<photo>1.jpg</photo>");
    let names: Vec<String> = (0..10_000).map(|n| format!("{n}.jpg")).collect();
    let mut parts = vec![answers(&xml)];
    parts.extend(names.iter().map(|name| file(name, photo(0))));
    let many = phone.post(&parts).await;
    assert_eq!(many.status, 413, "{}", said(&many));
    let huge = phone
        .post(&[answers(&xml), file("1.jpg", vec![0; 200 << 20])])
        .await;
    assert_eq!(huge.status, 413, "{}", said(&huge));
    assert_eq!(office.households(), 0);
    // Names with paths are nobody's: no answer names them, and nothing is written where they point.
    let paths = [
        "../../etc/passwd",
        "..\\x.jpg",
        "/tmp/x.jpg",
        ".hidden.jpg",
        "a/b.jpg",
    ];
    let mut parts: Vec<_> = paths.iter().map(|name| file(name, photo(1))).collect();
    parts.push(answers(&xml));
    let answer = phone.post(&parts).await;
    assert_eq!(answer.status, 201, "{}", said(&answer));
    assert!(office.household(&household).events[1].event.files.is_empty());
    let mut found = Vec::new();
    let mut open = vec![office.place.dir().to_owned()];
    while let Some(path) = open.pop() {
        for entry in std::fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    assert!(
        !found.iter().any(|name| name.contains(".jpg") || name == "passwd"),
        "{found:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_cannot_be_accepted_waits_for_a_coordinator() {
    let office = office();
    let phone = office.collect("Faulty Illustrative", "North");
    let household = uuid();
    let xml = survey(&instance(), &household, "120101", "").replace("<born>1990<", "<born>2090<");
    // Taken: nothing is gained by a phone that holds it for ever.
    phone.fills(&xml).await;
    assert_eq!(office.quarantined(), ["birth_in_future"]);
    phone.fills(&xml).await;
    assert_eq!(office.quarantined().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_encrypted_stays_on_the_phone() {
    let office = office();
    let phone = office.collect("Sealed Illustrative", "North");
    let xml = format!(
        r#"<data xmlns="http://opendatakit.org/submissions" encrypted="yes" id="survey" version="1"><base64EncryptedKey>bm8=</base64EncryptedKey><orx:meta xmlns:orx="http://openrosa.org/xforms"><orx:instanceID>{}</orx:instanceID></orx:meta><encryptedXmlFile>submission.xml.enc</encryptedXmlFile><base64EncryptedElementSignature>bm8=</base64EncryptedElementSignature></data>"#,
        instance()
    );
    let unmarked = xml.replace(" encrypted=\"yes\"", "");
    for xml in [&xml, &unmarked] {
        for parts in [
            vec![answers(xml), file("submission.xml.enc", vec![7; 64])],
            vec![
                answers(xml),
                file("1.jpg.enc", vec![7; 64]),
                crate::collect::incomplete(),
            ],
        ] {
            let answer = phone.post(&parts).await;
            assert_eq!(answer.status, 400, "{}", said(&answer));
            assert!(said(&answer).contains("stays on the phone"), "{}", said(&answer));
        }
    }
    assert_eq!(office.households(), 0);
    assert!(office.quarantined().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filled_form_without_a_version_is_of_the_newest() {
    let office = office();
    let phone = office.collect("Bare Illustrative", "North");
    let household = uuid();
    let xml = survey(&instance(), &household, "120101", "").replace(" version=\"1\"", "");
    assert!(!xml.contains(" version=\"1\""));
    for _ in 0..2 {
        phone.fills(&xml).await;
    }
    assert!(office.quarantined().is_empty(), "{:?}", office.quarantined());
    let events = office.household(&household).events;
    assert_eq!(events.len(), 2);
    assert_eq!(&*events[1].event.form.as_ref().unwrap().version, "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_filled_by_a_wrong_clock_is_taken_and_told() {
    let now = Timestamp::now();
    let in_days =
        |days: i64| (now + jiff::SignedDuration::from_hours(24 * days)).to_string()[..10].to_owned();
    for (day, quarantined, marks) in [
        // By more than half a year: nobody can tell what came first, and a coordinator decides.
        (in_days(5 * 365), &["id_ahead", "id_ahead"][..], &[][..]),
        (in_days(170), &[], &["clock_wrong"]),
        // A phone that has lost its clock.
        ("1970-01-01".to_owned(), &[], &[]),
    ] {
        let office = office();
        let phone = office.collect("Clock Illustrative", "North");
        let household = uuid();
        let xml = survey(&instance(), &household, "120101", "").replace("2026-01-20", &day);
        for _ in 0..2 {
            phone.fills(&xml).await;
        }
        assert_eq!(office.quarantined(), quarantined, "{day}");
        if quarantined.is_empty() {
            let events = office.household(&household).events;
            assert_eq!(events.len(), 2, "{day}");
            for stored in &events {
                let told = stored.marks.iter().map(String::as_str);
                assert_eq!(
                    told.filter(|mark| *mark == "clock_wrong").collect::<Vec<_>>(),
                    marks,
                    "{day}"
                );
            }
        } else {
            assert_eq!(office.households(), 0, "{day}");
        }
    }
}
