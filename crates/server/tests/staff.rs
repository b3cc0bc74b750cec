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
#[allow(clippy::too_many_lines, reason = "one story, told in its order")]
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
        (
            &["team", "add", "Bad", "--area", "Nowhereland"],
            "no sangkat 'Nowhereland'",
        ),
        (
            &["team", "add", "Bad", "--area", "Nowhereland"],
            "The nearest are: 12",
        ),
        (
            &["team", "area", "First", "--area", "120101,1202"],
            "'1202' is a khan",
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

/// Two coordinators: what cannot be undone is asked for by one and confirmed by the other.
const ONE: &str = "One Illustrative";
const OTHER: &str = "Other Illustrative";

/// A data directory with a key beside it, within a folder of its own.
struct Place {
    _dir: tempfile::TempDir,
    files: std::path::PathBuf,
    data: std::path::PathBuf,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let files = dir.path().to_owned();
        Self {
            data: files.join("data"),
            files,
            _dir: dir,
        }
    }

    fn coordinators(&self) {
        for name in [ONE, OTHER] {
            let add = ["account", "add", name, "--role", "coordinator", "--team", "North"];
            self.ends(&add, 0);
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.files.join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    #[track_caller]
    fn ends(&self, arguments: &[&str], code: i32) -> (String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_phteah"))
            .args(arguments)
            .args(["--data", self.data.to_str().unwrap()])
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{out}\n{err}");
        (out, err)
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let (out, _) = self.ends(&[arguments, &["--json"]].concat(), 0);
        serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}"))
    }
}

const MAPPING: &str = r#"
source = "illustrative-2024"
[record]
id = "no"
happened_on = "day"
[facts]
"head.name" = "name"
"head.birth_year" = { column = "born", type = "whole" }
"dwelling.sangkat" = "sangkat"
"record.illustrative" = { constant = true }
"#;

fn counts(report: &Value) -> Value {
    report["counts"].clone()
}

#[test]
#[allow(clippy::too_many_lines, reason = "one story, told in its order")]
fn a_survey_is_looked_at_taken_in_once_and_corrected() {
    let place = Place::new();
    place.ends(&["team", "add", "North", "--area", "120101"], 0);
    place.coordinators();
    let survey = place.write(
        "survey.csv",
        "no,day,name,born,sangkat,remarks\n1,3/5/2024,សុខ តារា,១៩៨០,120101,x\n2,3/5/2024,Keo Maly,1990,120101,y\n3,31/2/2024,Prak Sothea,1970,120101,z\n4,3/5/2024,តារា សុខ,1980,120101,\n".as_bytes(),
    );
    let (guess, _) = place.ends(&["registry", "import", &survey, "--suggest"], 0);
    let guessed = place.write("guess.toml", guess.as_bytes());
    assert!(
        guess.contains("happened_on = \"day\"") && guess.contains("\"dwelling.sangkat\""),
        "{guess}"
    );
    // What was guessed can be read, and tells what it would do.
    assert!(place.json(&["registry", "import", &survey, "--mapping", &guessed])["rows"].is_array());
    // Without a mapping it is told what is missing.
    let (_, err) = place.ends(&["registry", "import", &survey], 2);
    assert!(err.contains("--mapping") && err.contains("--suggest"), "{err}");
    let mapping = place.write("mapping.toml", MAPPING.as_bytes());
    let import = ["registry", "import", &survey, "--mapping", &mapping];
    let look = place.json(&import);
    assert_eq!(
        counts(&look),
        serde_json::json!({"new": 2, "held": 1, "refused": 1}),
        "{look}"
    );
    assert_eq!(
        look["rows"][2]["mistakes"][0],
        "line 4, column day: there is no such day."
    );
    assert_eq!(
        look["rows"][3]["may_be"][0]["household"],
        look["rows"][0]["household"]
    );
    assert_eq!(look["left_out_columns"], serde_json::json!(["survey: remarks"]));
    assert_eq!(place.json(&["registry", "conflicts"]), serde_json::json!([]));
    assert!(
        place
            .json(&["registry", "quarantine", "list"])
            .as_array()
            .unwrap()
            .is_empty(),
        "a look does nothing"
    );
    let report = place.files.join("report.csv");
    let report = report.to_str().unwrap();
    let stored = [&import[..], &["--store", "--team", "North", "--report", report]].concat();
    let (out, _) = place.ends(&stored, 0);
    assert!(out.contains("quarantine list"), "{out}");
    let written = std::fs::read_to_string(report).unwrap();
    assert_eq!(written.lines().count(), 5);
    assert!(
        !written.contains("Maly"),
        "nothing of what stood in it: {written}"
    );
    let again = place.json(&[&import[..], &["--store", "--team", "North"]].concat());
    assert_eq!(
        counts(&again),
        serde_json::json!({"unchanged": 2, "held": 1, "refused": 1})
    );
    let held = place.json(&["registry", "quarantine", "list"]);
    assert_eq!(
        (held.as_array().unwrap().len(), &held[0]["notes"][0][0]),
        (1, &"likely_duplicate".into())
    );
    place.ends(
        &["registry", "quarantine", "release", "1", "--why", "a namesake"],
        0,
    );
    // A corrected file: the later answer takes the place of the earlier one, without a conflict.
    let text = std::fs::read_to_string(&survey).unwrap().replace("1990", "1991");
    place.write("survey.csv", text.as_bytes());
    let corrected = place.json(&[&import[..], &["--store"]].concat());
    assert_eq!(
        counts(&corrected),
        serde_json::json!({"changed": 1, "unchanged": 2, "refused": 1})
    );
    let id = corrected["rows"][1]["household"].as_str().unwrap();
    let shown = place.json(&["registry", "show", id]);
    assert_eq!(shown["facts"]["head.birth_year"], serde_json::json!([1991]));
    assert_eq!(shown["conflicts"], serde_json::json!([]));
    // The operator gives a family into other hands, with a reason.
    let give = ["registry", "give", id, "--to", ONE];
    let (_, err) = place.ends(&give, 2);
    assert!(err.contains("--why"), "{err}");
    let why = ["--why", "her caseworker has left"];
    let (_, err) = place.ends(
        &[&["registry", "give", id, "--to", "Nobody"][..], &why].concat(),
        2,
    );
    assert!(err.contains("no account 'Nobody'"), "{err}");
    place.ends(&[&give[..], &why].concat(), 0);
    // Erased it does not come back with the file.
    let (_, err) = place.ends(
        &[
            "registry",
            "erase",
            id,
            "--confirm",
            corrected["rows"][0]["household"].as_str().unwrap(),
            "--by",
            ONE,
        ],
        2,
    );
    assert!(err.contains("another household"), "{err}");
    // One asks, and cannot confirm it alone.
    let confirm = ["registry", "erase", id, "--confirm", id, "--by"];
    let (_, err) = place.ends(&[&confirm[..], &[OTHER]].concat(), 2);
    assert!(err.contains("Nobody has asked"), "{err}");
    place.ends(&["registry", "erase", id, "--by", ONE], 2);
    let (out, _) = place.ends(&["registry", "erase", id, "--by", ONE, "--why", "they asked"], 0);
    assert!(out.contains("Nothing is erased yet"), "{out}");
    let (_, err) = place.ends(&[&confirm[..], &[ONE]].concat(), 1);
    assert!(err.contains("second person"), "{err}");
    assert_eq!(place.json(&["registry", "show", id])["household"], id);
    let (out, _) = place.ends(
        &[
            "registry",
            "erase",
            id,
            "--confirm",
            id,
            "--by",
            OTHER,
            "--reach-backups",
        ],
        0,
    );
    assert!(out.contains("open no more"), "{out}");
    let after = place.json(&[&import[..], &["--store"]].concat());
    assert_eq!(
        counts(&after),
        serde_json::json!({"erased": 1, "unchanged": 2, "refused": 1})
    );
    let audit = place.json(&["audit", "verify"]);
    assert_eq!(audit["registry"]["whole"], true);
    let head = audit["registry"]["head"].as_str().unwrap();
    place.ends(&["audit", "verify", "--head", head], 0);
    let rows = place.json(&["audit", "list", "--registry"]);
    assert!(
        rows.as_array()
            .unwrap()
            .iter()
            .any(|row| row["what"] == "household_erased"),
        "{rows}"
    );
}

#[test]
fn a_backup_that_is_older_than_the_registry_is_refused_and_brings_nobody_back() {
    let place = Place::new();
    place.ends(&["team", "add", "North", "--area", "120101"], 0);
    place.coordinators();
    let rows = "no,day,name,born,sangkat\n1,3/5/2024,Sok Dara,1980,120101\n2,3/5/2024,Keo Maly,1990,120101\n";
    let survey = place.write("survey.csv", rows.as_bytes());
    let mapping = place.write("mapping.toml", MAPPING.as_bytes());
    let taken = place.json(&["registry", "import", &survey, "--mapping", &mapping, "--store"]);
    let id = |row: usize| taken["rows"][row]["household"].as_str().unwrap();
    let backup = place.files.join("backup.zip");
    let backup = backup.to_str().unwrap();
    place.ends(&["backup", backup], 0);
    place.ends(
        &["registry", "erase", id(0), "--by", ONE, "--why", "they asked"],
        0,
    );
    place.ends(
        &["registry", "erase", id(0), "--confirm", id(0), "--by", OTHER],
        0,
    );
    let (_, err) = place.ends(&["restore", backup, "--replace"], 1);
    assert!(
        err.contains("registry.sqlite") && err.contains("would be lost"),
        "{err}"
    );
    let (out, _) = place.ends(&["restore", backup, "--replace", "--discard-newer"], 0);
    assert!(out.contains("1 households that were erased"), "{out}");
    place.ends(&["registry", "show", id(0)], 2);
    assert_eq!(place.json(&["registry", "show", id(1)])["household"], id(1));
    let whole = std::fs::read(backup).unwrap();
    let cut = place.write("cut.zip", &whole[..whole.len() / 2]);
    place.ends(&["restore", &cut, "--replace", "--discard-newer"], 1);
    assert_eq!(place.json(&["registry", "show", id(1)])["household"], id(1));
}

#[test]
fn a_workbook_with_members_is_taken_in() {
    let place = Place::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let day = rust_xlsxwriter::Format::new().set_num_format("dd/mm/yyyy");
    let main = book.add_worksheet().set_name("main").unwrap();
    for (column, name) in ["_uuid", "today", "head/name", "_index"].into_iter().enumerate() {
        main.write(0, column as u16, name).unwrap();
    }
    main.write(1, 0, "u1").unwrap();
    main.write_datetime_with_format(
        1,
        1,
        rust_xlsxwriter::ExcelDateTime::from_ymd(2024, 5, 3).unwrap(),
        &day,
    )
    .unwrap();
    main.write(1, 2, "Sok Dara").unwrap();
    main.write(1, 3, 1).unwrap();
    let members = book.add_worksheet().set_name("members").unwrap();
    for (column, name) in ["name", "born", "_parent_index"].into_iter().enumerate() {
        members.write(0, column as u16, name).unwrap();
    }
    members.write(1, 0, "Sok Bopha").unwrap();
    members.write(1, 1, 1990).unwrap();
    members.write(1, 2, 1).unwrap();
    members.write(2, 0, "Sok Kolap").unwrap();
    members.write(2, 1, 2051).unwrap();
    members.write(2, 2, 1).unwrap();
    let file = place.write("survey.xlsx", &book.save_to_buffer().unwrap());
    let mapping = place.write(
        "mapping.toml",
        br#"
source = "workbook"
[record]
id = "_uuid"
happened_on = "today"
[facts]
"head.name" = "head/name"
[repeats.members]
sheet = "members"
parent = "_parent_index"
of = "_index"
[repeats.members.facts]
name = "name"
birth_year = { column = "born", type = "whole" }
"#,
    );
    place.ends(&["team", "add", "North", "--area", "120101"], 0);
    place.coordinators();
    let look = place.json(&["registry", "import", &file, "--mapping", &mapping]);
    assert_eq!(counts(&look), serde_json::json!({"refused": 1}));
    let told = look["rows"][0]["mistakes"][0].as_str().unwrap();
    assert!(told.contains("born in") || told.contains("birth"), "{told}");
    let (guess, _) = place.ends(&["registry", "import", &file, "--suggest"], 0);
    assert!(
        guess.contains("[repeats.members]") && guess.contains("of = \"_index\""),
        "{guess}"
    );
    for (name, bytes) in [("cut.xlsx", &b"PK\x03\x04"[..]), ("other.pdf", b"%PDF")] {
        let bad = place.write(name, bytes);
        let (_, err) = place.ends(
            &["registry", "import", &bad, "--mapping", &mapping],
            if name == "other.pdf" { 2 } else { 1 },
        );
        assert!(err.contains(name), "{err}");
    }
}
