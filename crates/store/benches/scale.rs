//! A large registry: how long a server needs from its start until the first search answers, how long a search takes as somebody types, how much
//! memory it holds, and how long a new phone needs to take over all there is.
//!
//! `HOUSEHOLDS=10000,100000` says how many; each has ten events. Every figure is of a process of its own.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark stops where something fails"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use phteah_registry::event::{EventId, HouseholdId};
use phteah_store::registry::{Clocks, DeploymentKey, Incoming, MAX_BATCH, Registry, key_file};
use phteah_store::{Actor, NewAccount, Role, Store};

mod seeded;

use seeded::{entropy, now, random};

const EVENTS_PER_HOUSEHOLD: usize = 10;
/// Common words of names; nobody in particular is meant.
const NAMES: [(&str, &str); 12] = [
    ("សុខ", "Sok"),
    ("មាស", "Meas"),
    ("កែវ", "Keo"),
    ("ចាន់", "Chan"),
    ("លី", "Ly"),
    ("ពេជ្រ", "Pich"),
    ("បុប្ផា", "Bopha"),
    ("តារា", "Dara"),
    ("សុភាព", "Sopheap"),
    ("ធីតា", "Thida"),
    ("វាសនា", "Veasna"),
    ("មាលា", "Mealea"),
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|word| word == "--measure") {
        return match arguments[at + 1].as_str() {
            "start" => start(Path::new(&arguments[at + 2])),
            "pull" => pull(Path::new(&arguments[at + 2])),
            other => panic!("no such measure: {other}"),
        };
    }
    let sizes = std::env::var("HOUSEHOLDS").unwrap_or_else(|_| "10000,100000".into());
    for size in sizes.split(',').map(|size| size.trim().parse::<usize>().unwrap()) {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let begun = Instant::now();
        fill_registry(&data, size);
        println!(
            "{size} households, {} events, made in {:.0} s, {} MB on the disk",
            size * EVENTS_PER_HOUSEHOLD,
            begun.elapsed().as_secs_f64(),
            std::fs::metadata(data.join("registry.sqlite")).unwrap().len() >> 20
        );
        for measure in ["start", "pull"] {
            // The first pull of a hundred thousand is asked for by nobody.
            if measure == "pull" && size > 20_000 {
                continue;
            }
            let status = Command::new(std::env::current_exe().unwrap())
                .args(["--measure", measure])
                .arg(&data)
                .status()
                .unwrap();
            assert!(status.success());
        }
    }
}

fn name(n: usize) -> (String, String) {
    let (one, two, three) = (n % 12, n / 12 % 12, n / 144);
    (
        format!("{} {} {three}", NAMES[one].0, NAMES[two].0),
        format!("{} {} {three}", NAMES[one].1, NAMES[two].1),
    )
}

fn household(n: usize) -> Vec<String> {
    let household = HouseholdId::new(random());
    let (khmer, latin) = name(n);
    let mut after = String::new();
    (0..EVENTS_PER_HOUSEHOLD)
        .map(|i| {
            let id = EventId::new(now(), random());
            let (kind, facts) = if i == 0 {
                let member = HouseholdId::new(random());
                (
                    "surveyed",
                    format!(
                        r#""head.name":"{khmer}","head.name_latin":"{latin}","members/{member}/birth_year":1990,"dwelling.tenure":"rented","dwelling.sangkat":"120101""#
                    ),
                )
            } else {
                ("visited", format!(r#""outcome.nights_a_week":{},"work.minutes":{i}"#, i % 8))
            };
            let text = format!(
                r#"{{"id":"{id}","household":"{household}","kind":"{kind}","after":[{after}],"happened_on":"2026-11-20","recorded_at":"2026-11-20T03:10:00Z","facts":{{{facts}}},"location":{{"lon":104.9,"lat":11.55,"accuracy_m":6,"method":"gps"}}}}"#
            );
            after = format!("\"{id}\"");
            text
        })
        .collect()
}

fn fill_registry(data: &Path, households: usize) {
    std::fs::create_dir(data).unwrap();
    let store = Store::open(data).unwrap();
    let root = store.command_line();
    store
        .add_team(&root, "All", &"everywhere".parse().unwrap(), &random(), "", now())
        .unwrap();
    for (name, role) in [("Worker", Role::FieldWorker), ("Chief", Role::Coordinator)] {
        let new = NewAccount {
            name,
            roles: &[role],
            teams: &["All"],
        };
        store.add_account(&root, &new, &random(), "", now()).unwrap();
    }
    key_file::create(&key(data), data, &DeploymentKey::new(random())).unwrap();
    let registry = Registry::open(data, &key(data), entropy()).unwrap();
    let worker = device(&store);
    let clocks = || Clocks {
        now: now(),
        offset: None,
    };
    let mut batch = Vec::new();
    for n in 0..households {
        batch.extend(household(n).iter().map(|text| Incoming::read(text)));
        if batch.len() == MAX_BATCH || n + 1 == households {
            registry
                .push(&worker, std::mem::take(&mut batch), clocks())
                .unwrap();
        }
    }
}

fn key(data: &Path) -> PathBuf {
    key_file::default_path(data)
}

fn device(store: &Store) -> Actor {
    let root = store.command_line();
    let code = store
        .make_device_code(&root, "Worker", None, &random(), "", now())
        .unwrap();
    let enrolled = store.enrol(code.expose(), "phone", &random(), now()).unwrap();
    store
        .device_contact(enrolled.token.expose(), now())
        .unwrap()
        .actor
}

/// From nothing to the first answer, then each letter of many names.
fn start(data: &Path) {
    let begun = Instant::now();
    let store = Store::open(data).unwrap();
    let root = store.command_line();
    let chief = store.account(&root, "Chief").unwrap().id;
    let chief = store.in_the_stead_of(&root, &chief).unwrap();
    let registry = Registry::open(data, &key(data), entropy()).unwrap();
    let found = registry.search(&chief, "Sok Dara", 20).unwrap();
    println!(
        "  start to the first search's answer: {:.2} s",
        begun.elapsed().as_secs_f64()
    );
    assert!(!found.is_empty());
    let mut took: Vec<Duration> = Vec::new();
    for n in (0..600).map(|n| n * 37) {
        let (khmer, latin) = name(n);
        for name in [khmer, latin] {
            let letters: Vec<char> = name.chars().collect();
            for length in [2, 4, letters.len()] {
                let typed: String = letters.iter().take(length).collect();
                let asked = Instant::now();
                let _ = registry.search(&chief, &typed, 20).unwrap();
                took.push(asked.elapsed());
            }
        }
    }
    took.sort();
    println!(
        "  {} searches as one types: median {:.1} ms, p99 {:.1} ms",
        took.len(),
        took[took.len() / 2].as_secs_f64() * 1000.0,
        took[took.len() * 99 / 100].as_secs_f64() * 1000.0
    );
    println!("  memory: {} MB", resident_mb());
}

/// A new phone takes over all there is, in pages as the app does.
fn pull(data: &Path) {
    let store = Store::open(data).unwrap();
    let worker = device(&store);
    let registry = Registry::open(data, &key(data), entropy()).unwrap();
    let begun = Instant::now();
    let (mut events, mut bytes, mut after) = (0, 0, 0);
    loop {
        let page = registry.changes(&worker, after, 2000).unwrap();
        events += page.events.len();
        bytes += page.events.iter().map(String::len).sum::<usize>();
        after = page.next;
        if !page.more {
            break;
        }
    }
    println!(
        "  first pull, whole: {:.2} s for {events} events, {} MB",
        begun.elapsed().as_secs_f64(),
        bytes >> 20
    );
}

fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}
