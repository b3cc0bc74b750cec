//! Filled forms with photos: in parts, again, in any order, too late.

use super::office;
use crate::collect::{BOUNDARY, answers, fact, file, incomplete, multipart, photo, said, survey, uuid};

const PHOTO: &str = "<photo>1700000000001.jpg</photo>";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_again_is_quiet_and_another_under_its_id_is_refused() {
    let office = office();
    let phone = office.collect("Again Illustrative", "North");
    let (household, instance) = (uuid(), format!("uuid:{}", uuid()));
    let xml = survey(&instance, &household, "120101", "");
    for _ in 0..3 {
        phone.fills(&xml).await;
    }
    assert_eq!(office.household(&household).events.len(), 2);
    let other = phone.post(&[answers(&xml.replace("<size>2<", "<size>3<"))]).await;
    assert_eq!(other.status, 409);
    assert!(said(&other).contains("stored already"), "{}", said(&other));
    assert_eq!(fact(&office.known(&household), "size"), "2");
    // The same id for another form is another filled form.
    let visit = crate::collect::visit(&instance, &household, 7, "baseVersion=\"1\"");
    phone.fills(&visit).await;
    assert_eq!(office.household(&household).events.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn photos_come_in_parts_in_any_order() {
    let office = office();
    let phone = office.collect("Parts Illustrative", "North");
    let (household, instance) = (uuid(), format!("uuid:{}", uuid()));
    let xml = survey(&instance, &household, "120101", PHOTO).replace("<near>", "<voice>1.m4a</voice><near>");
    let voice = b"\0\0\0\x18ftypM4A \0\0\0\0voice".to_vec();
    // The answers stand behind the photo, as some clients send them.
    let first = phone
        .post(&[file("1700000000001.jpg", photo(1)), incomplete(), answers(&xml)])
        .await;
    assert_eq!(first.status, 202, "{}", said(&first));
    assert_eq!(office.households(), 0, "it counts when all of it has come");
    // Lost on the way, and sent again.
    let again = phone
        .post(&[answers(&xml), file("1700000000001.jpg", photo(1)), incomplete()])
        .await;
    assert_eq!(again.status, 202);
    let last = phone
        .post(&[
            answers(&xml),
            file("1.m4a", voice.clone()),
            file("unasked.jpg", photo(9)),
        ])
        .await;
    assert_eq!(last.status, 201, "{}", said(&last));
    let events = office.household(&household).events;
    assert_eq!(events.len(), 2);
    let hashes = [
        phteah_forms::library::sha256(&photo(1)),
        phteah_forms::library::sha256(&voice),
    ];
    let mut files: Vec<&str> = events[1].event.files.iter().map(AsRef::as_ref).collect();
    files.sort_unstable();
    let mut expected: Vec<&str> = hashes.iter().map(String::as_str).collect();
    expected.sort_unstable();
    assert_eq!(files, expected, "and not the one that no answer names");
    let state = office.known(&household);
    assert_eq!(fact(&state, "dwelling.photo"), format!("\"{}\"", hashes[0]));
    assert_eq!(fact(&state, "voice.note"), format!("\"{}\"", hashes[1]));
    // The bytes are there, for those who may see them.
    let root = office.store.command_line();
    let hash = phteah_store::registry::FileHash::read(&hashes[0]).unwrap();
    assert_eq!(office.registry().file(&root, hash).unwrap().as_slice(), photo(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photo_that_comes_late_is_added() {
    let office = office();
    let phone = office.collect("Late Illustrative", "North");
    let (household, instance) = (uuid(), format!("uuid:{}", uuid()));
    let xml = survey(&instance, &household, "120101", PHOTO);
    phone.fills(&xml).await;
    assert!(!office.known(&household).facts.contains_key("dwelling.photo"));
    for _ in 0..2 {
        let late = phone
            .post(&[answers(&xml), file("1700000000001.jpg", photo(2))])
            .await;
        assert_eq!(late.status, 201, "{}", said(&late));
    }
    let events = office.household(&household).events;
    let kinds: Vec<&str> = events.iter().map(|stored| stored.event.kind.as_str()).collect();
    assert_eq!(kinds, ["consent_given", "surveyed", "corrected"]);
    assert_eq!(events[2].event.after, [events[1].event.id]);
    let state = office.known(&household);
    assert_eq!(
        fact(&state, "dwelling.photo"),
        format!("\"{}\"", phteah_forms::library::sha256(&photo(2)))
    );
    assert!(state.conflicts.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_neither_photo_nor_sound_is_told_and_stops_nothing() {
    let office = office();
    let phone = office.collect("Other Illustrative", "North");
    let household = uuid();
    let xml = survey(&format!("uuid:{}", uuid()), &household, "120101", PHOTO);
    let answer = phone
        .post(&[
            answers(&xml),
            file("1700000000001.jpg", b"<html>no photo at all</html>".to_vec()),
        ])
        .await;
    assert_eq!(answer.status, 201);
    assert!(
        said(&answer).contains("1 files were not kept"),
        "{}",
        said(&answer)
    );
    assert!(!office.known(&household).facts.contains_key("dwelling.photo"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_file_under_the_same_name_is_left_out_and_told() {
    let office = office();
    let phone = office.collect("Name Illustrative", "North");
    let household = uuid();
    let xml = survey(&format!("uuid:{}", uuid()), &household, "120101", PHOTO);
    let name = "1700000000001.jpg";
    let first = format!("\"{}\"", phteah_forms::library::sha256(&photo(1)));
    let part = phone
        .post(&[answers(&xml), file(name, photo(1)), incomplete()])
        .await;
    assert_eq!(part.status, 202);
    // In a later part, in one POST, and when all of it is here.
    for (sent, told) in [
        (vec![photo(2)], "1 files were not kept"),
        (vec![photo(1), photo(2)], "1 files were not kept"),
        (vec![photo(1), photo(1)], "has been received."),
    ] {
        let mut parts = vec![answers(&xml)];
        parts.extend(sent.into_iter().map(|bytes| file(name, bytes)));
        let answer = phone.post(&parts).await;
        assert_eq!(answer.status, 201, "{}", said(&answer));
        assert!(said(&answer).contains(told), "{}", said(&answer));
        assert_eq!(fact(&office.known(&household), "dwelling.photo"), first);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_cut_anywhere_is_asked_for_again() {
    let office = office();
    let phone = office.collect("Cut Illustrative", "North");
    let household = uuid();
    let xml = survey(&format!("uuid:{}", uuid()), &household, "120101", PHOTO);
    let body = multipart(&[answers(&xml), file("1700000000001.jpg", photo(3))]);
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let mut cut = 0;
    for at in (0..body.len() - BOUNDARY.len() - 8).step_by(97) {
        let answer = phone
            .send(
                "POST",
                "/submission",
                &[("content-type", &kind)],
                body[..at].to_vec(),
            )
            .await;
        assert_eq!(answer.status, 400, "at {at}: {}", said(&answer));
        cut += 1;
    }
    assert!(cut > 10);
    assert_eq!(office.households(), 0);
    let whole = phone
        .send("POST", "/submission", &[("content-type", &kind)], body)
        .await;
    assert_eq!(whole.status, 201);
    assert_eq!(office.household(&household).events.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edited_form_comes_after_the_one_that_it_replaces() {
    let office = office();
    let phone = office.collect("Edited Illustrative", "North");
    let (household, old) = (uuid(), format!("uuid:{}", uuid()));
    phone.fills(&survey(&old, &household, "120101", "")).await;
    let edited = |replaced: &str| {
        survey(&format!("uuid:{}", uuid()), &household, "120101", "")
            .replace("<size>2<", "<size>4<")
            .replace(
                "</meta>",
                &format!("<deprecatedID>{replaced}</deprecatedID></meta>"),
            )
    };
    let unknown = phone.post(&[answers(&edited("uuid:nobody"))]).await;
    assert_eq!(unknown.status, 404, "{}", said(&unknown));
    phone.fills(&edited(&old)).await;
    let state = office.known(&household);
    assert_eq!(fact(&state, "size"), "4");
    assert!(state.conflicts.is_empty(), "{:?}", state.conflicts);
    // An edit that says no takes the agreement back, even where it says that it makes the household.
    let no = edited(&old).replace(">yes</registration>", ">no</registration>");
    assert!(no.contains(">no<"), "{no}");
    phone.fills(&no).await;
    let state = office.known(&household);
    assert!(
        !matches!(
            state.consent(phteah_registry::state::REGISTRATION),
            phteah_registry::state::Consent::Given
        ),
        "{:?}",
        state.consent(phteah_registry::state::REGISTRATION)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_of_a_form_of_which_nothing_was_kept_arrives() {
    let office = office();
    let phone = office.collect("Refused Illustrative", "North");
    let (household, old) = (uuid(), format!("uuid:{}", uuid()));
    let no = survey(&old, &household, "120101", "").replace(">yes</registration>", ">no</registration>");
    phone.fills(&no).await;
    assert_eq!(office.households(), 0);
    let edited = survey(&format!("uuid:{}", uuid()), &household, "120101", "")
        .replace("</meta>", &format!("<deprecatedID>{old}</deprecatedID></meta>"));
    phone.fills(&edited).await;
    assert_eq!(office.households(), 1);
    assert_eq!(fact(&office.known(&household), "size"), "2");
}
