//! `phteah team`, `account`, `device` and `audit` as an administrator types them. All persons are illustrative.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod common;

use std::process::Command;

use serde_json::Value;

/// A data directory without layers.
fn house() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[track_caller]
fn ends(dir: &tempfile::TempDir, arguments: &[&str], code: i32) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_phteah"))
        .args(arguments)
        .args(["--data", dir.path().to_str().unwrap()])
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

#[track_caller]
fn json(dir: &tempfile::TempDir, arguments: &[&str]) -> Value {
    let mut arguments = arguments.to_vec();
    arguments.push("--json");
    let (out, _) = ends(dir, &arguments, 0);
    serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}"))
}

#[test]
fn from_the_first_team_to_the_first_phone() {
    let dir = house();
    let team = json(&dir, &["team", "add", "North", "--area", "120101,120102"]);
    assert_eq!(team["area"], serde_json::json!(["120101", "120102"]));
    ends(&dir, &["team", "add", "All", "--area", "everywhere"], 0);
    assert_eq!(json(&dir, &["team", "list"])[0]["area"], "everywhere");
    let (out, _) = ends(
        &dir,
        &[
            "account", "add", "Sok Dara", "--role", "planner", "--why", "joins",
        ],
        0,
    );
    assert!(out.starts_with("http://127.0.0.1:8080/welcome/"), "{out}");
    let made = json(
        &dir,
        &[
            "account",
            "add",
            "Keo Neary",
            "--role",
            "field-worker",
            "--team",
            "North",
            "--url",
            "https://map.example.org/",
        ],
    );
    let link = made["link"].as_str().unwrap();
    assert!(link.starts_with("https://map.example.org/welcome/"), "{link}");
    assert!(made["expires_at"].is_string());
    let code = json(&dir, &["device", "code", "--worker", "keo neary"]);
    let keys: Vec<&String> = code.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["address", "code", "expires_at"]);
    assert_eq!(
        code["address"].as_str().unwrap(),
        format!(
            "http://127.0.0.1:8080/field#enrol={}",
            code["code"].as_str().unwrap()
        )
    );
    assert_eq!(code["code"].as_str().unwrap().len(), 19);
    let store = phteah_store::Store::open(dir.path()).unwrap();
    let phone = store
        .enrol(
            code["code"].as_str().unwrap(),
            "phone 7",
            &[7; phteah_store::ENROL_ENTROPY_BYTES],
            jiff::Timestamp::now(),
        )
        .unwrap();
    let listed = json(&dir, &["device", "list"]);
    assert_eq!(
        (&listed[0]["worker"], &listed[0]["team"]),
        (&"Keo Neary".into(), &"North".into())
    );
    ends(
        &dir,
        &["device", "revoke", phone.device.as_str(), "--why", "lost"],
        0,
    );
    assert!(json(&dir, &["device", "list"])[0]["revoked_at"].is_string());
    ends(
        &dir,
        &[
            "account",
            "change",
            "Sok Dara",
            "--role",
            "planner,coordinator",
            "--team",
            "All",
        ],
        0,
    );
    assert_eq!(
        json(&dir, &["account", "list"])[1]["roles"],
        serde_json::json!(["coordinator", "planner"])
    );
    ends(&dir, &["account", "disable", "Sok Dara", "--why", "left"], 0);
    let (_, err) = ends(&dir, &["account", "link", "Sok Dara"], 2);
    assert!(err.contains("disabled"), "{err}");
    ends(&dir, &["account", "enable", "Sok Dara"], 0);
    ends(&dir, &["account", "link", "Sok Dara"], 0);
    ends(&dir, &["team", "area", "North", "--area", "everywhere"], 0);

    let rows = json(&dir, &["audit", "list", "--last", "100"]);
    assert!(rows.as_array().unwrap().len() >= 11, "{rows}");
    assert!(rows.as_array().unwrap().iter().any(|row| row["why"] == "lost"));
    let whole = json(&dir, &["audit", "verify"]);
    assert_eq!(whole["whole"], true);
    let head = whole["head"].as_str().unwrap();
    ends(&dir, &["team", "add", "South", "--area", "120201"], 0);
    ends(&dir, &["audit", "verify", "--head", head], 0);
    let file = rusqlite::Connection::open(dir.path().join("access.sqlite")).unwrap();
    file.execute_batch("DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_deleted;")
        .unwrap();
    // Cut off at the end, nothing is broken, but the hash that was kept is gone.
    let last: i64 = file
        .query_row("SELECT max(seq) FROM audit", [], |row| row.get(0))
        .unwrap();
    file.execute("DELETE FROM audit WHERE seq >= ?1", [last - 1])
        .unwrap();
    ends(&dir, &["audit", "verify"], 0);
    let (_, err) = ends(&dir, &["audit", "verify", "--head", head], 1);
    assert!(err.contains("cut off"), "{err}");
    file.execute("UPDATE audit SET what = 'nothing' WHERE seq = 4", [])
        .unwrap();
    let (_, err) = ends(&dir, &["audit", "verify"], 1);
    assert!(err.contains("row 4"), "{err}");
}

#[test]
fn what_is_wrong_is_said_in_words() {
    let dir = house();
    ends(&dir, &["team", "add", "First", "--area", "everywhere"], 0);
    for (arguments, said) in [
        (
            &["team", "add", "North", "--area", "near the river"][..],
            "codes of sangkats",
        ),
        (&["team", "add", "", "--area", "everywhere"], "on one line"),
        (&["account", "add", "Sok Dara", "--role", "king"], "is no role"),
        (&["account", "add", "Sok Dara"], "--role"),
        (
            &["account", "add", "Sok Dara", "--role", "field-worker"],
            "phteah team add",
        ),
        (
            &[
                "account",
                "add",
                "Sok Dara",
                "--role",
                "field-worker",
                "--team",
                "X",
            ],
            "no team called 'X'",
        ),
        (&["account", "disable", "Nobody"], "no account called"),
        (&["device", "code", "--worker", "Nobody"], "no account called"),
        (&["device", "revoke", "7"], "sixteen digits"),
        (&["device", "revoke", "0123456789abcdef"], "no device"),
    ] {
        let (_, err) = ends(&dir, arguments, 2);
        assert!(err.contains(said), "{arguments:?}: {err}");
    }
    ends(&dir, &["team", "add", "North", "--area", "everywhere"], 0);
    let (_, err) = ends(&dir, &["team", "add", " north", "--area", "everywhere"], 2);
    assert!(err.contains("already"), "{err}");
    ends(
        &dir,
        &["account", "add", "P", "--role", "planner", "--team", "North"],
        0,
    );
    let (_, err) = ends(&dir, &["device", "code", "--worker", "P"], 2);
    assert!(err.contains("no role in the field"), "{err}");
    let (_, err) = ends(&dir, &["account", "add", "p", "--role", "planner"], 2);
    assert!(
        err.contains("already") || err.contains("There is, or was"),
        "{err}"
    );
}

#[test]
fn help_teaches() {
    let dir = house();
    for (arguments, said) in [
        (&["team", "add", "--help"][..], "120101,120102"),
        (&["account", "add", "--help"], "authenticator"),
        (&["account", "--help"], "sign-in link"),
        (&["device", "code", "--help"], "works once"),
        (&["audit", "verify", "--help"], "--head"),
    ] {
        let (out, _) = ends(&dir, arguments, 0);
        assert!(out.contains(said), "{arguments:?}: {out}");
    }
}

#[test]
fn they_work_while_the_server_holds_the_directory() {
    let dir = common::city();
    let state = common::state(dir.path(), phteah_server::state::Limits::default());
    let rows = |dir| json(dir, &["audit", "verify"])["rows"].as_i64().unwrap();
    let before = rows(&dir);
    std::thread::scope(|scope| {
        for n in 0..4 {
            let dir = &dir;
            scope.spawn(move || {
                for i in 0..3 {
                    ends(
                        dir,
                        &["team", "add", &format!("Team {n}.{i}"), "--area", "everywhere"],
                        0,
                    );
                }
            });
        }
    });
    assert_eq!(json(&dir, &["team", "list"]).as_array().unwrap().len(), 12);
    assert_eq!(rows(&dir), before + 12);
    drop(state);
}
