//! `phteah backup` and `phteah restore` as an administrator types them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

#[cfg(has_postgres)]
#[path = "../../store/tests/cluster/mod.rs"]
mod cluster;
mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use phteah_registry::event::{EventId, HouseholdId};
use phteah_store::registry::{
    Clocks, DeploymentKey, Entropy, FileHash, Incoming, ReceiptStatus, Registry, key_file,
};
use phteah_store::{Actor, Area, Database, NewAccount, Role, Store};
use sha2::{Digest, Sha256};

#[track_caller]
fn ends(arguments: &[&str], code: i32) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_phteah"))
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

fn add_team(dir: &Path, name: &str) {
    let store = Store::open(dir).unwrap();
    let entropy: [u8; phteah_store::TEAM_ENTROPY_BYTES] =
        std::array::from_fn(|i| name.as_bytes()[i % name.len()]);
    let now = jiff::Timestamp::now();
    store
        .add_team(&store.command_line(), name, &Area::Everywhere, &entropy, "", now)
        .unwrap();
}

fn teams(dir: &Path) -> Vec<String> {
    let store = Store::open(dir).unwrap();
    let all = store.teams(&store.command_line()).unwrap();
    all.into_iter().map(|team| team.name).collect()
}

/// Bytes for keys and ids of tests.
fn bytes<const N: usize>(seed: u8) -> [u8; N] {
    std::array::from_fn(|i| seed.wrapping_mul(31).wrapping_add(i as u8))
}

fn registry(data: &Path, database: &Database) -> Registry {
    let entropy = Entropy::new(|bytes| {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(1);
        for chunk in bytes.chunks_mut(8) {
            let mut z = NEXT
                .fetch_add(1, Ordering::SeqCst)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            chunk.copy_from_slice(&(z ^ (z >> 32)).to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    });
    Registry::open_in(data, database, &key_file::default_path(data), entropy).unwrap()
}

/// A deployment with one caseworker, who has surveyed a family and photographed its house. All people here are illustrative.
fn photographed(data: &Path, database: &Database) -> (Actor, FileHash, Vec<u8>) {
    let now = jiff::Timestamp::now();
    let store = Store::open_in(data, database).unwrap();
    let root = store.command_line();
    store
        .add_team(&root, "North", &Area::Everywhere, &bytes(1), "", now)
        .unwrap();
    let new = NewAccount {
        name: "Case Illustrative",
        roles: &[Role::Caseworker],
        teams: &["North"],
    };
    let (id, _) = store.add_account(&root, &new, &bytes(2), "", now).unwrap();
    let case = store.in_the_stead_of(&root, &id).unwrap();
    key_file::create(&key_file::default_path(data), data, &DeploymentKey::new(bytes(3))).unwrap();
    let registry = registry(data, database);
    let photo: Vec<u8> = [&b"\x89PNG\r\n\x1a\n"[..], &[7; 900]].concat();
    let name: String = Sha256::digest(&photo)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let hash = FileHash::read(&name).unwrap();
    registry.begin_file(&case, hash, photo.len() as u64, now).unwrap();
    registry.append_file(&case, hash, 0, photo.clone()).unwrap();
    visit(&registry, &case, &format!(r#","files":["{name}"]"#), 4);
    (case, hash, photo)
}

/// One more family.
fn visit(registry: &Registry, actor: &Actor, more: &str, seed: u8) {
    let now = jiff::Timestamp::now();
    let text = format!(
        r#"{{"id":"{}","household":"{}","kind":"surveyed","after":[],"happened_on":"2026-01-20","recorded_at":"{now}"{more}}}"#,
        EventId::new(now, bytes(seed)),
        HouseholdId::new(bytes(seed)),
    );
    let clocks = Clocks { now, offset: None };
    let receipts = registry.push(actor, vec![Incoming::read(&text)], clocks).unwrap();
    assert_eq!(receipts[0].status, ReceiptStatus::Stored, "{receipts:?}");
}

/// Backs a deployment with a photo up, brings it back elsewhere, and reads the photo there.
fn a_photo_comes_back(database: &Database, more: &[&str]) {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let city = common::city();
    fs::rename(city.path(), &data).unwrap();
    if matches!(database, Database::Postgres(_)) {
        fs::remove_file(data.join("access.sqlite")).unwrap_or_default();
    }
    let (case, hash, photo) = photographed(&data, database);
    let file = place.path().join("b.zip");
    let (file, other) = (file.to_str().unwrap(), place.path().join("other"));
    let there = ["backup", file, "--data", data.to_str().unwrap()];
    ends(&[&there, more].concat(), 0);
    ends(&["restore", file, "--data", other.to_str().unwrap()], 0);
    fs::copy(key_file::default_path(&data), key_file::default_path(&other)).unwrap();
    assert_eq!(
        *registry(&other, &Database::Files).file(&case, hash).unwrap(),
        photo
    );
    // What was brought back is backed up again.
    ends(
        &["backup", file, "--data", other.to_str().unwrap(), "--replace"],
        0,
    );
}

#[test]
fn a_registry_with_a_photo_is_backed_up_and_comes_back() {
    a_photo_comes_back(&Database::Files, &[]);
}

#[cfg(has_postgres)]
#[test]
fn a_registry_with_a_photo_on_postgresql_is_backed_up_and_comes_back() {
    let made = cluster::shared().database();
    let address = made.address();
    a_photo_comes_back(
        &Database::read(Some(&address)).unwrap(),
        &["--database", &address],
    );
}

/// Every file below a directory with its bytes, but for what only a running program means.
fn content(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(next) = todo.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(dir).unwrap().to_string_lossy().into_owned();
            if name.starts_with('.')
                || name.contains(".sqlite")
                || path.extension().is_some_and(|end| end == "lock")
                || name == "downloads"
            {
                continue;
            }
            if path.is_dir() {
                todo.push(path);
            } else {
                found.push((name, fs::read(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn what_was_backed_up_while_serving_comes_back_whole() {
    let city = common::city();
    let dir = city.path();
    let data = dir.to_str().unwrap();
    // A server holds the directory, and somebody writes all the while.
    let state = common::state(dir, phteah_server::state::Limits::default());
    add_team(dir, "North");
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("b.zip");
    let file = file.to_str().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..10 {
                add_team(dir, &format!("later {n}"));
            }
        });
        ends(&["backup", file, "--data", data], 0);
    });
    let (_, err) = ends(&["backup", file, "--data", data], 2);
    assert!(err.contains("--replace"), "{err}");
    let (out, _) = ends(&["backup", file, "--data", data, "--replace", "--json"], 0);
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["sha256"].as_str().unwrap().len(), 64);
    let (out, _) = ends(&["restore", file, "--check", "--data", data, "--json"], 0);
    let checked: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&checked["whole"], &checked["sha256"]),
        (&true.into(), &told["sha256"])
    );
    let (out, _) = ends(&["restore", file, "--check", "--data", data], 0);
    assert!(out.contains(told["sha256"].as_str().unwrap()), "{out}");
    drop(state);

    let other = place.path().join("elsewhere");
    ends(&["restore", file, "--data", other.to_str().unwrap()], 0);
    assert_eq!(content(&other), content(dir));
    assert_eq!(teams(&other), teams(dir));
    for verify in [&["audit", "verify"][..], &["registry", "audit", "verify"]] {
        let (out, _) = ends(&[verify, &["--data", other.to_str().unwrap()]].concat(), 0);
        assert!(out.contains("whole"), "{out}");
    }
    let (out, _) = ends(&["layers", "--data", other.to_str().unwrap()], 0);
    assert!(out.contains("parcels"), "{out}");
    // Nothing was left beside the backup.
    let names: Vec<_> = fs::read_dir(place.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn nothing_is_overwritten_untold_and_nothing_newer_lost() {
    let city = common::city();
    let dir = city.path();
    let data = dir.to_str().unwrap();
    add_team(dir, "North");
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("b.zip");
    let file = file.to_str().unwrap();
    ends(&["backup", file, "--data", data], 0);
    let (_, err) = ends(&["restore", file, "--data", data], 2);
    assert!(err.contains("not empty"), "{err}");
    add_team(dir, "South");
    let (_, err) = ends(&["restore", file, "--data", data, "--replace"], 1);
    assert!(
        err.contains("would be lost") && err.contains("--discard-newer"),
        "{err}"
    );
    assert_eq!(teams(dir), ["North", "South"]);
    // Not under a server's feet.
    let catalogue = phteah_layers::Catalogue::open(dir).unwrap();
    let serving = catalogue.lock_for_serving().unwrap();
    ends(
        &["restore", file, "--data", data, "--replace", "--discard-newer"],
        1,
    );
    drop(serving);
    let (out, _) = ends(
        &["restore", file, "--data", data, "--replace", "--discard-newer"],
        0,
    );
    assert_eq!(teams(dir), ["North"]);
    let kept = out.split("kept in ").nth(1).unwrap().trim().trim_end_matches('.');
    assert_eq!(teams(Path::new(kept)), ["North", "South"]);
    // What is kept from before goes into no later backup.
    ends(&["backup", file, "--data", data, "--replace"], 0);
    let other = place.path().join("elsewhere");
    ends(&["restore", file, "--data", other.to_str().unwrap()], 0);
    assert_eq!(content(&other), content(dir));
}

#[test]
fn a_backup_that_is_not_whole_changes_nothing() {
    let city = common::city();
    let data = city.path().to_str().unwrap();
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("b.zip");
    ends(&["backup", file.to_str().unwrap(), "--data", data], 0);
    let whole = fs::read(&file).unwrap();
    let other = place.path().join("elsewhere");
    let refused = |bytes: &[u8], what: &str| {
        fs::write(&file, bytes).unwrap();
        let (_, err) = ends(
            &[
                "restore",
                file.to_str().unwrap(),
                "--data",
                other.to_str().unwrap(),
            ],
            1,
        );
        assert!(err.contains("no whole backup"), "{what}: {err}");
        assert!(
            !other.exists() || fs::read_dir(&other).unwrap().next().is_none(),
            "{what}"
        );
    };
    for cut in [0, 1, 100, whole.len() / 2, whole.len() - 1] {
        refused(&whole[..cut], &format!("cut at {cut}"));
    }
    for at in [whole.len() / 3, whole.len() / 2] {
        let mut bent = whole.clone();
        bent[at] ^= 1;
        refused(&bent, &format!("one bit at {at}"));
    }
    refused(b"a letter", "no archive at all");
    fs::write(&file, &whole).unwrap();
    ends(
        &[
            "restore",
            file.to_str().unwrap(),
            "--data",
            other.to_str().unwrap(),
        ],
        0,
    );
}

/// An archive with these files and a list of them.
fn archive(path: &Path, form: u32, files: &[(&str, &[u8])], databases: &serde_json::Value) {
    use sha2::{Digest, Sha256};
    use std::io::Write;
    let mut listed = serde_json::Map::new();
    let mut zip = zip::ZipWriter::new(fs::File::create(path).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    for (name, bytes) in files {
        let sha256: String = Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
        listed.insert(
            (*name).to_owned(),
            serde_json::json!({"bytes": bytes.len(), "sha256": sha256}),
        );
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    let manifest = serde_json::json!({
        "form": form, "program": "test", "made_at": "2026-11-20T03:10:00Z", "files": listed, "databases": databases,
    });
    zip.start_file("backup.json", options).unwrap();
    zip.write_all(manifest.to_string().as_bytes()).unwrap();
    zip.finish().unwrap();
}

#[test]
fn hostile_and_newer_backups_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let (file, other) = (place.path().join("b.zip"), place.path().join("elsewhere"));
    let none = serde_json::json!({});
    let restore = || {
        let (_, err) = ends(
            &[
                "restore",
                file.to_str().unwrap(),
                "--data",
                other.to_str().unwrap(),
            ],
            1,
        );
        err
    };
    for name in ["../out", "/tmp/out", "a/../../out", ".work-1/x"] {
        archive(&file, 1, &[(name, b"x")], &none);
        let err = restore();
        assert!(
            err.contains("leads out") || err.contains("no whole backup"),
            "{name}: {err}"
        );
    }
    archive(&file, 2, &[("a", b"x")], &none);
    assert!(restore().contains("newer Phteah"));
    let newer = serde_json::json!({"access.sqlite": {"version": 900, "audited": 0, "events": 0}});
    archive(&file, 1, &[("access.sqlite", b"x")], &newer);
    let err = restore();
    assert!(err.contains("newer Phteah") && err.contains("900"), "{err}");
    assert!(!place.path().join("out").exists());
    assert!(!other.exists() || fs::read_dir(&other).unwrap().next().is_none());
}

#[cfg(has_postgres)]
#[test]
fn a_deployment_moves_to_postgresql_is_backed_up_there_and_comes_back() {
    let city = common::city();
    let dir = city.path();
    let data = dir.to_str().unwrap();
    add_team(dir, "North");
    let made = cluster::shared().database();
    let address = made.address();
    let (out, _) = ends(&["move", "--from", data, "--to", &address, "--json"], 0);
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    let tables = told["access.sqlite"].as_array().unwrap();
    let rows = |name: &str| tables.iter().find(|table| table["table"] == name).unwrap()["rows"].clone();
    assert_eq!((rows("team"), rows("device")), (1.into(), 0.into()));
    // The files count no more, and no command takes them for what counts.
    let (_, err) = ends(&["team", "list", "--data", data], 2);
    assert!(err.contains("is on PostgreSQL"), "{err}");
    let there = ["--data", data, "--database", &address];
    let with = |arguments: &[&str]| ends(&[arguments, &there].concat(), 0).0;
    assert!(with(&["team", "list"]).contains("North"));
    with(&["team", "add", "South", "--area", "120101"]);
    let (out, _) = ends(&[&["publish"][..], &there].concat(), 0);
    assert!(out.contains("parcels"), "{out}");
    // A backup holds it as files; another directory takes them.
    let place = tempfile::tempdir().unwrap();
    let (file, other) = (place.path().join("b.zip"), place.path().join("other"));
    let (file, other) = (file.to_str().unwrap(), other.to_str().unwrap());
    with(&["backup", file]);
    ends(&["restore", file, "--data", other], 0);
    assert_eq!(teams(Path::new(other)), ["North", "South"]);
    assert!(!Path::new(other).join("on-postgresql.txt").exists());
    assert!(
        !Path::new(other)
            .join("access.sqlite.moved-to-postgresql")
            .exists()
    );
    // Back into the directory that it came from.
    let (_, err) = ends(&["move", "--from", data, "--to", &address], 1);
    assert!(err.contains("nothing to be moved"), "{err}");
    ends(&["move", "--from", &address, "--to", data], 0);
    let (_, err) = ends(&[&["team", "list"][..], &there].concat(), 2);
    assert!(err.contains("only one of them can count"), "{err}");
    assert_eq!(teams(dir), ["North", "South"]);
    let (out, _) = ends(&["audit", "verify", "--data", data], 0);
    assert!(out.contains("whole"), "{out}");
}

#[cfg(has_postgres)]
#[test]
fn a_deployment_on_postgresql_is_not_put_back_on_older_files_untold() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    fs::rename(common::city().path(), &data).unwrap();
    fs::remove_file(data.join("access.sqlite")).unwrap_or_default();
    let made = cluster::shared().database();
    let address = made.address();
    let database = Database::read(Some(&address)).unwrap();
    let (case, ..) = photographed(&data, &database);
    let (dir, file) = (data.to_str().unwrap(), place.path().join("b.zip"));
    let file = file.to_str().unwrap();
    ends(&["backup", file, "--data", dir, "--database", &address], 0);
    // Since then one family came, and another one was erased.
    let store = Store::open_in(&data, &database).unwrap();
    let (root, now) = (store.command_line(), jiff::Timestamp::now());
    let there = registry(&data, &database);
    visit(&there, &case, "", 9);
    let gone = HouseholdId::new(bytes(4));
    there.erase(&root, &root, gone, "they asked", now).unwrap();
    drop((store, there));
    let restore = ["restore", file, "--data", dir, "--replace"];
    let (_, err) = ends(&restore, 1);
    assert!(
        err.contains("on PostgreSQL") && err.contains("--database") && err.contains("--discard-newer"),
        "{err}"
    );
    let with = [&restore[..], &["--database", &address]].concat();
    let (_, err) = ends(&with, 1);
    assert!(
        err.contains("would be lost") && err.contains("--discard-newer") && !err.contains("kraham"),
        "{err}"
    );
    assert!(!data.join("registry.sqlite").exists());
    let (out, _) = ends(&[&with[..], &["--discard-newer", "--json"]].concat(), 0);
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["erased_again"], 1, "{told}");
    let back = registry(&data, &Database::Files);
    assert!(back.household(&root, gone, "looking", now).is_err());
    assert_eq!(back.households(&root).unwrap().len(), 0);
    drop(back);
    // Once more, when nothing of the other database is to be had: what is not known is said.
    let lost = place.path().join("lost");
    fs::rename(common::city().path(), &lost).unwrap();
    fs::remove_file(lost.join("access.sqlite")).unwrap_or_default();
    fs::write(lost.join(Database::ELSEWHERE), "").unwrap();
    let lost = lost.to_str().unwrap();
    let restore = ["restore", file, "--data", lost, "--replace"];
    let (_, err) = ends(&restore, 1);
    assert!(err.contains("on PostgreSQL"), "{err}");
    let (out, _) = ends(&[&restore[..], &["--discard-newer"]].concat(), 0);
    assert!(out.contains("Erase them again"), "{out}");
}

#[cfg(has_postgres)]
#[test]
fn a_database_that_is_not_there_is_said_in_words_and_without_the_password() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!(
        "postgres://tester:kraham-7Q@{}/phteah",
        free.local_addr().unwrap()
    );
    drop(free);
    let (out, err) = ends(
        &[
            "team",
            "add",
            "North",
            "--area",
            "everywhere",
            "--data",
            data,
            "--database",
            &address,
        ],
        1,
    );
    assert!(
        err.contains("PostgreSQL at 127.0.0.1") && err.contains("Is it running there?"),
        "{err}"
    );
    assert!(!format!("{out}{err}").contains("kraham"), "{out}{err}");
    assert!(
        !dir.path().join("access.sqlite").exists(),
        "nothing was written elsewhere instead"
    );
}

#[cfg(not(has_postgres))]
#[test]
#[ignore = "SKIPPED: PostgreSQL's server is not installed (apt-get install postgresql)"]
fn a_deployment_moves_to_postgresql_is_backed_up_there_and_comes_back() {}
