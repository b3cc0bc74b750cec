//! Tasks about places: given out at the desk, chosen and answered in ODK Collect.

use axum::body::Body;
use jiff::Timestamp;
use phteah_registry::event::EventId;
use phteah_store::{Actor, NewAccount, NewTask, Role, TaskSite};

use super::office;
use crate::collect::{Office, answers, document, file, photo, random, said, uuid};

fn planner(office: &Office) -> Actor {
    let (root, now) = (office.store.command_line(), Timestamp::now());
    let new = NewAccount {
        name: "Plan Illustrative",
        roles: &[Role::Planner],
        teams: &["North"],
    };
    let (id, _) = office.store.add_account(&root, &new, &random(), "", now).unwrap();
    office.store.in_the_stead_of(&root, &id).unwrap()
}

/// Asks every team, or that of one actor.
fn ask(office: &Office, question: &str, of: Option<&Actor>) -> String {
    let task = NewTask {
        question: question.to_owned(),
        site: Some(TaskSite {
            id: "s7".to_owned(),
            name: "Site 7".to_owned(),
            lon: 104.9,
            lat: 11.55,
        }),
        team: of.and_then(|actor| actor.scope().teams.first().cloned()),
        due: Some("2026-12-31".parse().unwrap()),
    };
    let root = office.store.command_line();
    office
        .store
        .ask_task(&root, &task, random(), Timestamp::now())
        .unwrap()
}

/// The form that comes with the program, filled in, as Collect writes it.
fn filled(instance: &str, task: &str, vacant: &str, more: &str) -> String {
    format!(
        r#"<data id="site_task" version="1" xmlns:orx="http://openrosa.org/xforms"><start>2026-03-01T08:00:00.000+07:00</start><end>2026-03-01T08:08:00.000+07:00</end><today>2026-03-01</today><known_task/><chosen>{task}</chosen><task>{task}</task><asked>Is it vacant?</asked><answered>yes</answered><position>11.551 104.901 0 6</position><vacant>{vacant}</vacant><owner>monastery</owner><flooded>yes</flooded>{more}<meta><entity dataset="tasks" id="{task}" update="1" baseVersion="1" trunkVersion="1" branchId=""/><orx:instanceID>{instance}</orx:instanceID></meta></data>"#
    )
}

/// What came back for a task, the newest first, as the desk has it.
fn came_back(office: &Office, task: &str) -> Vec<phteah_store::registry::StoredEvent> {
    let root = office.store.command_line();
    let tasks = office.store.tasks(&root).unwrap();
    let mut answers = office.registry().task_answers(&root, &tasks).unwrap();
    answers.remove(task).unwrap_or_default()
}

fn fact(answer: &phteah_store::registry::StoredEvent, path: &str) -> String {
    let found = answer
        .event
        .facts
        .iter()
        .find(|(known, _)| known.as_str() == path);
    found.unwrap_or_else(|| panic!("no fact {path}")).1.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_is_an_entity_that_leaves_the_list_with_its_answer() {
    let office = office();
    let phone = office.collect("Task Illustrative", "North");
    planner(&office);
    let task = ask(&office, "Is it vacant?", None);
    let listed = phone.list("tasks.csv").await;
    let row = &listed[&task];
    assert_eq!(
        [
            &*row["label"],
            &*row["question"],
            &*row["site"],
            &*row["__version"],
            &*row["answered"],
            &*row["due"]
        ],
        [
            "Site 7 · Is it vacant?",
            "Is it vacant?",
            "s7",
            "1",
            "",
            "2026-12-31"
        ]
    );
    let integrity = |ids: String| {
        let phone = phone.clone();
        async move {
            let answer = phone.get(&format!("/integrity/tasks?id={ids}")).await;
            let entities = document(&answer).child("entities").unwrap().clone();
            entities
                .elements()
                .map(|entity| entity.child("deleted").unwrap().text())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(integrity(format!("{task},{}", uuid())).await, ["false", "true"]);
    let instance = format!("uuid:{}", uuid());
    phone
        .fills(&filled(&instance, &task, "used", "<source>A neighbour</source>"))
        .await;
    let back = came_back(&office, &task);
    assert_eq!(back.len(), 1);
    assert_eq!(fact(&back[0], "site.vacant"), "\"used\"");
    assert_eq!(fact(&back[0], "site.owner"), "\"monastery\"");
    assert_eq!(fact(&back[0], "site.flooded_last_year"), "true");
    assert_eq!(fact(&back[0], "site.source"), "\"A neighbour\"");
    assert!(back[0].event.location.is_some());
    assert!(back[0].by.starts_with("device "), "{}", back[0].by);
    assert!(office.quarantined().is_empty(), "{:?}", office.quarantined());
    assert_eq!(office.households(), 0);
    // It is answered: it leaves the lists of Collect and of our own app.
    assert!(phone.list("tasks.csv").await.is_empty());
    assert_eq!(integrity(task.clone()).await, ["true"]);
    let token = office.app_token("Task Illustrative");
    let open = office
        .app_asks(&token, "GET", "/api/field/tasks", Body::empty())
        .await;
    assert_eq!(open.json()["tasks"], serde_json::json!([]));
    // Sent again, and then edited on the phone: one answer, then a newer one; the first is kept.
    phone
        .fills(&filled(&instance, &task, "used", "<source>A neighbour</source>"))
        .await;
    assert_eq!(came_back(&office, &task).len(), 1);
    let edited = filled(&format!("uuid:{}", uuid()), &task, "vacant", "").replace(
        "</meta>",
        &format!("<deprecatedID>{instance}</deprecatedID></meta>"),
    );
    phone.fills(&edited).await;
    let back = came_back(&office, &task);
    assert_eq!(back.len(), 2);
    assert_eq!(fact(&back[0], "site.vacant"), "\"vacant\"");
    assert_eq!(back[0].event.after, [back[1].event.id]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photo_of_a_site_comes_with_the_answer_or_late() {
    let office = office();
    let phone = office.collect("Photo Illustrative", "North");
    let plan = planner(&office);
    let task = ask(&office, "Is it vacant?", None);
    let xml = filled(
        &format!("uuid:{}", uuid()),
        &task,
        "vacant",
        "<photo>1.jpg</photo>",
    );
    phone.fills(&xml).await;
    let late = phone.post(&[answers(&xml), file("1.jpg", photo(4))]).await;
    assert_eq!(late.status, 201, "{}", said(&late));
    let back = came_back(&office, &task);
    assert_eq!(back.len(), 2);
    let hash = phteah_forms::library::sha256(&photo(4));
    assert_eq!(fact(&back[0], "site.photo"), format!("\"{hash}\""));
    assert_eq!(fact(&back[0], "site.vacant"), "\"vacant\"", "the answer is whole");
    let known = office.store.tasks(&plan).unwrap().remove(0);
    let name = phteah_store::registry::FileHash::read(&hash).unwrap();
    let bytes = office.registry().task_file(&plan, &known, name).unwrap();
    assert_eq!(bytes.as_slice(), photo(4));
    assert!(office.quarantined().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_teams_task_is_as_one_that_is_not_there() {
    let office = office();
    let north = office.collect("North Illustrative", "North");
    let south = office.collect("South Illustrative", "South");
    let worker = office.store.accounts(&office.store.command_line()).unwrap();
    let worker = worker
        .iter()
        .find(|one| one.name == "South Illustrative")
        .unwrap();
    let of_south = office
        .store
        .in_the_stead_of(&office.store.command_line(), &worker.id)
        .unwrap();
    let task = ask(&office, "Whose is it?", Some(&of_south));
    assert!(north.list("tasks.csv").await.is_empty());
    assert_eq!(south.list("tasks.csv").await.len(), 1);
    // Taken, since the phone has done its part; it waits for a coordinator, with the same words as for a number that is nobody's.
    north
        .fills(&filled(&format!("uuid:{}", uuid()), &task, "used", ""))
        .await;
    north
        .fills(&filled(&format!("uuid:{}", uuid()), &uuid(), "used", ""))
        .await;
    assert_eq!(office.quarantined(), ["task_unknown", "task_unknown"]);
    assert!(came_back(&office, &task).is_empty());
    // What is no id at all cannot be read as an event, and is kept all the same.
    north
        .fills(&filled(&format!("uuid:{}", uuid()), "12", "used", ""))
        .await;
    assert_eq!(office.quarantined().len(), 3);
    assert_eq!(office.households(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_app_answers_by_the_same_door() {
    let office = office();
    office.worker("App Illustrative", "North");
    let token = office.app_token("App Illustrative");
    let task = ask(&office, "Is it vacant?", None);
    let open = office
        .app_asks(&token, "GET", "/api/field/tasks", Body::empty())
        .await;
    assert_eq!(open.json()["tasks"][0]["id"], *task);
    let event = serde_json::json!({
        "id": EventId::new(Timestamp::now(), random()).to_string(), "household": task, "kind": "task_answered", "after": [], "task": task,
        "happened_on": "2026-03-02", "recorded_at": "2026-03-02T03:00:00Z", "facts": {"task.answer": "Rice grows there"},
    });
    let receipts = office.app_pushes(&token, &[event.clone(), event]).await;
    assert_eq!(receipts[0]["status"], "stored");
    assert!(receipts[0]["seq"].is_number());
    assert_eq!(receipts[1]["status"], "duplicate");
    assert_eq!(
        fact(&came_back(&office, &task)[0], "task.answer"),
        "\"Rice grows there\""
    );
    let open = office
        .app_asks(&token, "GET", "/api/field/tasks", Body::empty())
        .await;
    assert_eq!(open.json()["tasks"], serde_json::json!([]));
    // It is no household: nothing of it comes to a phone.
    let changes = office
        .app_asks(&token, "GET", "/api/field/changes", Body::empty())
        .await;
    assert_eq!(changes.json()["events"], serde_json::json!([]));
}
