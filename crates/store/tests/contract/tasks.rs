//! Tasks about places, and what teams answer. All people here are illustrative.
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests do")]

use crate::field::{Deployment, clocks, code, event_id, now, random};
use phteah_registry::event::EventId;
use phteah_store::registry::{FileHash, Incoming, QuarantineState, Receipt, ReceiptStatus};
use phteah_store::{Actor, NewTask, Right, Role, StoreError, Task, TaskSite};
use sha2::{Digest, Sha256};

fn task(question: &str) -> NewTask {
    NewTask {
        question: question.to_owned(),
        site: Some(TaskSite {
            id: "s1".into(),
            name: "Site 1".into(),
            lon: 104.912_345,
            lat: 11.5,
        }),
        team: None,
        due: Some("2026-12-31".parse().unwrap()),
    }
}

fn answer(id: EventId, task: &str, more: &str) -> String {
    format!(
        r#"{{"id":"{id}","household":"{task}","kind":"task_answered","after":[],"happened_on":"2026-02-01","recorded_at":"2026-02-01T02:00:00Z","task":"{task}"{more}}}"#
    )
}

fn send(deployment: &Deployment, actor: &Actor, events: &[String]) -> Vec<Receipt> {
    let events = events.iter().map(|event| Incoming::read(event)).collect();
    let events = deployment.store.for_tasks(actor, events).unwrap();
    deployment.registry.push(actor, events, clocks()).unwrap()
}

fn known(deployment: &Deployment, actor: &Actor, id: &str) -> Task {
    let tasks = deployment.store.tasks(actor).unwrap();
    tasks.into_iter().find(|task| task.id == id).unwrap()
}

fn said(deployment: &Deployment, actor: &Actor, id: &str) -> Vec<String> {
    let tasks = [known(deployment, actor, id)];
    let answers = deployment.registry.task_answers(actor, &tasks).unwrap();
    let of_task = answers.get(id).map_or(&[][..], Vec::as_slice);
    let texts = of_task.iter().map(|answer| {
        let (_, value) = answer.event.facts.iter().next().unwrap();
        value.as_text().unwrap_or_default().to_owned()
    });
    texts.collect()
}

#[test]
fn tasks_go_to_the_teams_that_they_are_for() {
    let deployment = Deployment::on(super::place());
    let planner = deployment.person("Plan Illustrative", Role::Planner, "North");
    let chief = deployment.person("Chief Illustrative", Role::Coordinator, "North");
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let (_, other) = deployment.device("Keo Illustrative", Role::FieldWorker, "South");
    let store = &deployment.store;
    let id = store
        .ask_task(&planner, &task(" Which title? "), random(), now())
        .unwrap();
    let mut north = task("Whose land?");
    north.team = chief.scope().teams.first().cloned();
    let hidden = store.ask_task(&chief, &north, random(), now()).unwrap();
    assert_eq!(store.tasks(&phone).unwrap().len(), 2);
    let seen = store.tasks(&other).unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(
        (seen[0].asked.question.as_str(), &seen[0].asked.site),
        ("Which title?", &task("").site)
    );
    assert!(store.answerable_tasks(&phone).unwrap().has(&hidden));
    assert!(!store.answerable_tasks(&other).unwrap().has(&hidden));
    // Whoever decides about places records nothing.
    assert!(planner.reach(Right::RecordEvents).is_none());
    assert!(!store.answerable_tasks(&planner).unwrap().has(&id));
    // A worker asks and takes back nothing.
    assert!(matches!(
        store.ask_task(&phone, &task("?"), random(), now()),
        Err(StoreError::Denied(_))
    ));
    assert!(matches!(
        store.ask_task(&planner, &task("  "), random(), now()),
        Err(StoreError::Usage(_))
    ));
    // A team asks itself alone, and takes back nothing that was asked of all.
    for team in [None, other.scope().teams.first().cloned()] {
        let mut foreign = task("Whose?");
        foreign.team = team;
        assert!(matches!(
            store.ask_task(&chief, &foreign, random(), now()),
            Err(StoreError::Denied(_))
        ));
    }
    assert!(matches!(
        store.withdraw_task(&chief, &id, now()),
        Err(StoreError::Denied(_))
    ));
    store.withdraw_task(&planner, &id, now()).unwrap();
    assert_eq!(store.tasks(&other).unwrap().len(), 0);
    assert!(!store.answerable_tasks(&other).unwrap().has(&id));
}

#[test]
fn an_answer_is_kept_sealed_once_and_begins_no_household() {
    let deployment = Deployment::on(super::place());
    let planner = deployment.person("Plan Illustrative", Role::Planner, "North");
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let store = &deployment.store;
    let id = store
        .ask_task(&planner, &task("Whose land?"), random(), now())
        .unwrap();
    assert!(deployment.registry.answered_tasks(&planner).unwrap().is_empty());
    let event = event_id();
    let first = answer(
        event,
        &id,
        r#","facts":{"task.answer":"A monastery's, quietly told"}"#,
    );
    let receipts = send(&deployment, &phone, &[first.clone(), first.clone()]);
    assert_eq!(receipts[0].status, ReceiptStatus::Stored);
    assert!(receipts[0].seq.is_some());
    assert_eq!(receipts[1].status, ReceiptStatus::Duplicate);
    assert_eq!(receipts[1].seq, receipts[0].seq);
    // The same id with other words is another event, and waits for a person.
    let other = answer(event, &id, r#","facts":{"task.answer":"Nobody's"}"#);
    assert_eq!(code(&send(&deployment, &phone, &[other])[0]), "id_reused");
    // A later answer is the newest; the one before is kept.
    let newer = answer(event_id(), &id, r#","facts":{"task.answer":"The state's"}"#);
    assert_eq!(
        send(&deployment, &phone, &[newer])[0].status,
        ReceiptStatus::Stored
    );
    assert_eq!(
        said(&deployment, &planner, &id),
        ["The state's", "A monastery's, quietly told"]
    );
    assert_eq!(
        deployment.registry.answered_tasks(&phone).unwrap(),
        [id.clone()].into()
    );
    let root = store.command_line();
    assert!(deployment.registry.households(&root).unwrap().is_empty());
    let bytes = deployment.place.bytes();
    let secret = b"quietly told";
    assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    // With another deployment key it is still there.
    deployment.registry.rotate_key(&root, "a test", now()).unwrap();
    assert_eq!(said(&deployment, &planner, &id).len(), 2);
}

#[test]
fn what_answers_no_task_of_the_team_waits_and_is_told_the_same() {
    let deployment = Deployment::on(super::place());
    let chief = deployment.person("Chief Illustrative", Role::Coordinator, "North");
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let (_, other) = deployment.device("Keo Illustrative", Role::FieldWorker, "South");
    let store = &deployment.store;
    let mut north = task("Whose land?");
    north.team = chief.scope().teams.first().cloned();
    let id = store.ask_task(&chief, &north, random(), now()).unwrap();
    let nothing = crate::field::household().to_string();
    let facts = r#","facts":{"task.answer":"x"}"#;
    let unseen = &send(&deployment, &other, &[answer(event_id(), &id, facts)])[0];
    let absent = &send(&deployment, &other, &[answer(event_id(), &nothing, facts)])[0];
    assert_eq!(
        (unseen.status, code(unseen)),
        (ReceiptStatus::Quarantined, "task_unknown")
    );
    assert_eq!(unseen.notes, absent.notes);
    // A task that was taken back while the phone had no contact; nor does releasing the answer bring the task back.
    store.withdraw_task(&chief, &id, now()).unwrap();
    let late = answer(event_id(), &id, facts);
    assert_eq!(code(&send(&deployment, &phone, &[late])[0]), "task_unknown");
    let entries = deployment
        .registry
        .quarantine(&chief, Some(QuarantineState::Open), 0, 10, now())
        .unwrap();
    assert_eq!(entries.len(), 1);
    let tasks = store.answerable_tasks(&chief).unwrap();
    let refused = deployment
        .registry
        .release(&chief, entries[0].n, &tasks, "a test", now())
        .unwrap_err();
    assert!(refused.to_string().contains("no such task"), "{refused}");
    assert!(
        deployment
            .registry
            .households(&store.command_line())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_coordinator_releases_an_answer_of_a_task_that_is_there() {
    let deployment = Deployment::on(super::place());
    let chief = deployment.person("Chief Illustrative", Role::Coordinator, "North");
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let store = &deployment.store;
    let id = store
        .ask_task(&store.command_line(), &task("Whose land?"), random(), now())
        .unwrap();
    let event = event_id();
    let taken = answer(event, &id, r#","facts":{"task.answer":"one"}"#);
    let again = answer(event, &id, r#","facts":{"task.answer":"another"}"#);
    send(&deployment, &phone, &[taken, again]);
    let entries = deployment
        .registry
        .quarantine(&chief, Some(QuarantineState::Open), 0, 10, now())
        .unwrap();
    let tasks = store.answerable_tasks(&chief).unwrap();
    let receipt = deployment
        .registry
        .release(&chief, entries[0].n, &tasks, "two phones with one queue", now())
        .unwrap();
    assert_eq!(receipt.status, ReceiptStatus::Stored);
    assert_eq!(said(&deployment, &chief, &id), ["another", "one"]);
}

#[test]
fn photos_of_an_answer_are_for_those_who_may_know_of_the_task() {
    let deployment = Deployment::on(super::place());
    let planner = deployment.person("Plan Illustrative", Role::Planner, "North");
    let (_, phone) = deployment.device("Sok Illustrative", Role::FieldWorker, "North");
    let id = deployment
        .store
        .ask_task(&planner, &task("Is it vacant?"), random(), now())
        .unwrap();
    let photo = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x02".to_vec();
    let name: String = Sha256::digest(&photo)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let hash = FileHash::read(&name).unwrap();
    let registry = &deployment.registry;
    registry
        .begin_file(&phone, hash, photo.len() as u64, now())
        .unwrap();
    registry.append_file(&phone, hash, 0, photo.clone()).unwrap();
    let task = known(&deployment, &planner, &id);
    assert!(
        registry.task_file(&planner, &task, hash).is_err(),
        "no answer names it"
    );
    let event = answer(
        event_id(),
        &id,
        &format!(r#","facts":{{"site.photo":"{name}"}},"files":["{name}"]"#),
    );
    assert_eq!(
        send(&deployment, &phone, &[event])[0].status,
        ReceiptStatus::Stored
    );
    assert_eq!(*registry.task_file(&planner, &task, hash).unwrap(), photo);
    // It is no household's, so no other door gives it.
    assert!(registry.file(&deployment.store.command_line(), hash).is_err());
}
