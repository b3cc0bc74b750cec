//! The program as a person runs it: what it prints, what it leaves behind, its exit codes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use common::{data, small_city};

fn phteah(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_phteah"))
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Checks the exit code and gives back stdout and stderr.
#[track_caller]
fn ends(arguments: &[&str], code: i32) -> (String, String) {
    let output = phteah(arguments);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments:?}\nstdout: {out}\nstderr: {err}"
    );
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

/// A few parcels in WGS 84 near the centre, one of them refused for its geometry.
fn parcels(dir: &Path) -> String {
    let square = |x: f64, y: f64| {
        let s = 0.001;
        format!(
            "[[[{x},{y}],[{},{y}],[{},{}],[{x},{}],[{x},{y}]]]",
            x + s,
            x + s,
            y + s,
            y + s
        )
    };
    let features = [
        format!(
            r#"{{"type":"Feature","properties":{{"parcel_id":"a","tenure":"hard_title"}},"geometry":{{"type":"Polygon","coordinates":{}}}}}"#,
            square(104.9, 11.55)
        ),
        format!(
            r#"{{"type":"Feature","properties":{{"parcel_id":"b","available":"yes"}},"geometry":{{"type":"Polygon","coordinates":{}}}}}"#,
            square(104.91, 11.55)
        ),
        r#"{"type":"Feature","properties":{"parcel_id":"c"},"geometry":null}"#.to_owned(),
    ];
    let file = dir.join("parcels.geojson");
    fs::write(
        &file,
        format!(
            r#"{{"type":"FeatureCollection","features":[{}]}}"#,
            features.join(",")
        ),
    )
    .unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn files_become_a_layer_with_a_report() {
    let dir = tempfile::tempdir().unwrap();
    let (file, data) = (parcels(dir.path()), dir.path().join("data"));
    let (data, report) = (data.to_str().unwrap(), dir.path().join("report.json"));
    let report_name = report.to_str().unwrap();
    let (out, err) = ends(
        &[
            "import",
            "parcels",
            &file,
            "--data",
            data,
            "--licence",
            "CC-BY-4.0",
            "--attribution",
            "City of Tests",
            "--report",
            report_name,
        ],
        0,
    );
    assert!(
        out.contains("parcels") && !out.contains('\u{1b}') && !err.contains('\u{1b}'),
        "plain lines: {out} {err}"
    );
    let told: serde_json::Value = serde_json::from_str(&fs::read_to_string(&report).unwrap()).unwrap();
    assert_eq!(
        (&told["kept"], &told["refused"]),
        (&2.into(), &1.into()),
        "{told}"
    );
    let (out, _) = ends(&["layers", "--data", data], 0);
    for word in [
        "parcels",
        "2 features",
        "EPSG:32648",
        "parcels.geojson",
        "CC-BY-4.0",
        "City of Tests",
        "hash ",
    ] {
        assert!(out.contains(word), "{word} is missing: {out}");
    }
    let (json, _) = ends(&["layers", "--data", data, "--json"], 0);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&json).unwrap()[0]["name"],
        "parcels"
    );

    ends(
        &[
            "import",
            "parcels",
            &file,
            "--data",
            data,
            "--licence",
            "CC-BY-4.0",
            "--attribution",
            "City of Tests",
        ],
        0,
    );
    let (after, _) = ends(&["layers", "--data", data, "--json"], 0);
    assert_eq!(json, after, "the same bytes again change nothing");

    ends(&["import", "parcels", &file, "--data", data, "--strict"], 1);
    assert_eq!(
        ends(&["layers", "--data", data, "--json"], 0).0,
        after,
        "a refused import leaves what was there"
    );
}

#[test]
fn refused_data_end_with_one_and_wrong_usage_with_two() {
    let dir = tempfile::tempdir().unwrap();
    let file = parcels(dir.path());
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    for usage in [
        &["import", "castles", &file, "--data", data][..],
        &["import", "parcels", "--data", data],
        &["import", "--preset", "nobody", &file, "--data", data],
        &["import", "parcels", &file, "--data", data, "--map", "nonsense"],
        &["import", "parcels", &file],
        &["rank", "--data", data, "--scenario", "default"],
        &[
            "rank",
            "--data",
            data,
            "--scenario",
            "default",
            "--out",
            "ranking.doc",
        ],
        &["demo", "--data", data, "--parcels", "3"],
        &["serve", "--data", data, "--listen", "nowhere"],
        &["fly"],
        &[],
    ] {
        let (_, err) = ends(usage, 2);
        assert!(!err.is_empty());
    }
    let truncated = dir.path().join("truncated.geojson");
    fs::write(&truncated, &fs::read(&file).unwrap()[..200]).unwrap();
    for refused in [
        &["import", "parcels", truncated.to_str().unwrap(), "--data", data][..],
        &["import", "parcels", "no-such-file.geojson", "--data", data],
        &["layers", "--data", "no-such-directory"],
        &["serve", "--data", "no-such-directory"],
        &[
            "rank",
            "--data",
            "no-such-directory",
            "--scenario",
            "default",
            "--out",
            "out.csv",
        ],
    ] {
        let (_, err) = ends(refused, 1);
        assert!(err.lines().count() >= 1 && err.len() > 30, "says nothing: {err}");
    }
}

#[test]
fn sources_say_where_they_come_from() {
    let (out, _) = ends(&["sources"], 0);
    for name in [
        "osm",
        "jrc-flood",
        "unosat",
        "google-buildings",
        "microsoft-buildings",
        "cod-ab",
        "odk",
        "cadastre",
    ] {
        assert!(out.contains(&format!("{name}: ")), "{name} is missing");
    }
    assert!(out.contains("https://") && out.contains("ODbL"));
}

#[test]
fn the_city_is_the_same_again_and_never_replaces_real_data() {
    let city = common::city();
    let path = city.path().to_str().unwrap();
    let before = fs::read(city.path().join("catalogue.json")).unwrap();
    let (out, _) = ends(&small_city(path), 0);
    assert!(out.contains("Unchanged"), "{out}");
    assert_eq!(fs::read(city.path().join("catalogue.json")).unwrap(), before);

    let dir = tempfile::tempdir().unwrap();
    let (file, real) = (parcels(dir.path()), dir.path().join("data"));
    let real = real.to_str().unwrap();
    ends(&["import", "parcels", &file, "--data", real], 0);
    let (_, err) = ends(&["demo", "--data", real, "--parcels", "400"], 1);
    assert!(err.contains("real layers (parcels)"), "{err}");
}

#[test]
#[allow(clippy::too_many_lines, reason = "one story, told in its order")]
fn the_demonstration_has_families_that_every_role_can_look_at() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let demo = |households: &str| {
        let arguments = [
            "demo",
            "--data",
            data,
            "--parcels",
            "400",
            "--cell",
            "300",
            "--households",
            households,
        ];
        ends(&arguments, 0).0
    };
    let out = demo("250");
    assert!(
        out.contains("250 families") && out.contains("illustrative"),
        "{out}"
    );
    // The key lies beside the directory, for its owner alone.
    let key = dir.path().join("data.key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let json = |arguments: &[&str]| -> serde_json::Value {
        let arguments = [arguments, &["--json", "--data", data]].concat();
        serde_json::from_str(&ends(&arguments, 0).0).unwrap()
    };
    let quarantine = json(&["registry", "quarantine", "list"]);
    assert_eq!(quarantine[0]["notes"][0][0], "birth_in_future", "{quarantine}");
    let conflicts = json(&["registry", "conflicts"]);
    let differs_in_size = |row: &&serde_json::Value| {
        let all = row["conflicts"].as_array().unwrap();
        all.len() == 1 && all[0]["path"] == "size"
    };
    let found = conflicts
        .as_array()
        .unwrap()
        .iter()
        .find(differs_in_size)
        .unwrap();
    let household = found["household"].as_str().unwrap();
    let sides = found["conflicts"][0]["sides"].as_array().unwrap();
    assert!(
        sides.len() == 2 && sides[0]["by"] != sides[1]["by"],
        "two workers: {conflicts}"
    );
    let shown = json(&["registry", "show", household, "--why", "a look"]);
    assert_eq!(shown["facts"]["record.illustrative"], serde_json::json!([true]));
    let code = shown["facts"]["card.code"][0].as_str().unwrap().to_owned();
    assert_eq!(json(&["registry", "show", &code])["household"], household);
    let accounts = json(&["account", "list"]);
    let roles: std::collections::BTreeSet<&str> = accounts
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|account| account["roles"].as_array().unwrap())
        .map(|role| role.as_str().unwrap())
        .collect();
    assert_eq!(
        roles.into_iter().collect::<Vec<_>>(),
        [
            "administrator",
            "caseworker",
            "coordinator",
            "field-worker",
            "partner",
            "planner"
        ]
    );
    assert_eq!(json(&["device", "list"]).as_array().unwrap().len(), 8);
    // Again it changes nothing; more adds some; another city leaves the families that are there.
    assert!(!demo("250").contains("families"));
    assert!(demo("260").contains("10 families"));
    let other = [
        "demo",
        "--data",
        data,
        "--parcels",
        "400",
        "--cell",
        "300",
        "--households",
        "260",
        "--seed",
        "2",
    ];
    assert!(ends(&other, 0).0.contains("stay as they are"));

    let (server, doors) = Server::told(data, &["--listen", "127.0.0.1:0"], 8);
    let address = format!("http://{}/", server.address);
    for role in ["administrator", "coordinator", "caseworker", "planner", "partner"] {
        let line = doors
            .lines()
            .find(|line| line.trim().starts_with(role))
            .unwrap_or_else(|| panic!("{role}: {doors}"));
        let link = line.split_whitespace().nth(1).unwrap();
        let path = link.strip_prefix(&address).unwrap();
        assert!(
            server.get(&format!("/{path}")).starts_with("HTTP/1.1 200"),
            "{link}"
        );
    }
    assert!(doors.contains("/field#enrol="), "{doors}");
    drop(server);
    let (outside, told) = Server::with(
        data,
        &["--listen", "127.0.0.1:0", "--public-url", "https://example.org"],
    );
    assert!(!told.contains("welcome"), "{told}");
    drop(outside);
    // A wrong key: the server does not start, and says what to do.
    fs::write(&key, format!("phteah-key-1 {}\n", "ab".repeat(32))).unwrap();
    let (_, err) = ends(&["serve", "--data", data, "--listen", "127.0.0.1:0"], 1);
    assert!(
        err.contains("not the one of this registry") && err.contains("key restore"),
        "{err}"
    );
}

#[test]
fn exports_carry_their_licence() {
    let dir = tempfile::tempdir().unwrap();
    let city = data().to_str().unwrap();
    for extension in ["geojson", "gpkg", "fgb", "csv"] {
        let file = dir.path().join(format!("services.{extension}"));
        let (out, _) = ends(
            &[
                "export",
                "services",
                "--data",
                city,
                "--out",
                file.to_str().unwrap(),
            ],
            0,
        );
        assert!(
            out.contains("Attribution: ") && out.contains("Illustrative data"),
            "{out}"
        );
        assert!(fs::metadata(&file).unwrap().len() > 1000);
    }
    let shapes = fs::read_to_string(dir.path().join("services.geojson")).unwrap();
    assert!(shapes.contains("llustrative"));
    let out = dir.path().join("x.csv");
    ends(
        &[
            "export",
            "nothing",
            "--data",
            city,
            "--out",
            out.to_str().unwrap(),
        ],
        2,
    );
    let odd = dir.path().join("services.docx");
    ends(
        &[
            "export",
            "services",
            "--data",
            city,
            "--out",
            odd.to_str().unwrap(),
        ],
        2,
    );
    assert!(!out.exists() && !odd.exists());
}

#[test]
fn a_ranking_is_written_in_every_format_and_the_same_again() {
    let dir = tempfile::tempdir().unwrap();
    let city = data().to_str().unwrap();
    for extension in ["geojson", "gpkg", "csv", "json"] {
        let file = |n: u32| dir.path().join(format!("sites-{n}.{extension}"));
        for n in [1, 2] {
            let to = file(n);
            let (out, _) = ends(
                &[
                    "rank",
                    "--data",
                    city,
                    "--scenario",
                    "default",
                    "--out",
                    to.to_str().unwrap(),
                ],
                0,
            );
            assert!(
                out.contains("candidate sites") && out.contains("Illustrative data"),
                "{out}"
            );
        }
        assert!(
            fs::read(file(1)).unwrap() == fs::read(file(2)).unwrap(),
            "{extension}: other bytes"
        );
    }
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(dir.path().join("sites-1.json")).unwrap()).unwrap();
    assert_eq!(json["notice"], "Illustrative data, not real.");
    assert!(json["attribution"].as_str().unwrap().contains("illustrative"));
    let sites = json["sites"].as_array().unwrap();
    assert_eq!(json["ranking"]["totals"]["sites"], sites.len());
    assert!(sites.len() > 3, "{} sites", sites.len());
    let shapes: serde_json::Value =
        serde_json::from_slice(&fs::read(dir.path().join("sites-1.geojson")).unwrap()).unwrap();
    let features = shapes["features"].as_array().unwrap();
    assert_eq!(features.len(), sites.len());
    assert_eq!(features[0]["id"], sites[0]["id"], "best first");
    for (name, value) in features[0]["properties"].as_object().unwrap() {
        assert!(
            !value.is_string() || !value.as_str().unwrap().contains("NaN"),
            "{name}"
        );
    }
}

/// Ids are for files: people read names.
#[test]
fn sets_of_sites_are_told_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (scenario, out) = (file("one.toml"), file("sites.json"));
    let default = include_str!("../../../geodata/scenarios/default.toml");
    let of_one = default.replace("settlements = \"all\"", "settlements = [\"UPS-0001\"]");
    assert_ne!(of_one, default);
    fs::write(&scenario, of_one).unwrap();
    let city = data().to_str().unwrap();
    let (said, _) = ends(
        &["rank", "--data", city, "--scenario", &scenario, "--out", &out],
        0,
    );
    let json: serde_json::Value = serde_json::from_slice(&fs::read(&out).unwrap()).unwrap();
    let set = said
        .lines()
        .find(|line| line.starts_with("Best set: "))
        .unwrap_or("");
    let told = |key: &str, site: &serde_json::Value| {
        set.contains(site[key].as_str().or(site[key]["en"].as_str()).unwrap())
    };
    let sites = json["sites"].as_array().unwrap();
    assert!(sites.iter().any(|site| told("name", site)), "{said}");
    assert!(!sites.iter().any(|site| told("id", site)), "{said}");
}

#[test]
fn a_broken_scenario_names_every_mistake() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("broken.toml");
    fs::write(
        &file,
        "method = \"guess\"\n[[criterion]]\nid = \"a\"\nweight = -1\nmeasure = { kind = \"beauty\" }\n",
    )
    .unwrap();
    let out = dir.path().join("out.csv");
    let (_, err) = ends(
        &[
            "rank",
            "--data",
            data().to_str().unwrap(),
            "--scenario",
            file.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
        ],
        1,
    );
    for place in ["method", "weight", "measure", "title"] {
        assert!(err.contains(place), "{place} is not told: {err}");
    }
    assert!(!out.exists());
}

/// A running server, stopped when dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Over real layers, open to whoever reaches it.
    fn start(dir: &str) -> Self {
        Self::with(dir, &["--listen", "127.0.0.1:0", "--open"]).0
    }

    /// With other options; tells what it says of who may come in.
    fn with(dir: &str, options: &[&str]) -> (Self, String) {
        Self::told(dir, options, 1)
    }

    /// The same, with so many lines of what it says after its address.
    fn told(dir: &str, options: &[&str], lines: usize) -> (Self, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_phteah"))
            .args(["serve", "--data", dir])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let mut next = || {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            line
        };
        let address = next().trim().strip_prefix("Serving http://").unwrap().to_owned();
        let told: String = (0..lines).map(|_| next()).collect();
        (Self { child, address }, told)
    }

    /// The body of an answer to a plain GET.
    fn get(&self, path: &str) -> String {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn links_lead_to_an_address_that_a_browser_can_go_to() {
    let dir = tempfile::tempdir().unwrap();
    let (file, data) = (parcels(dir.path()), dir.path().join("data"));
    let data = data.to_str().unwrap();
    ends(&["import", "parcels", &file, "--data", data], 0);
    let (server, _) = Server::with(data, &["--listen", "0.0.0.0:0"]);
    let (_, port) = server.address.rsplit_once(':').unwrap();
    let (made, _) = ends(
        &["account", "add", "Sophea", "--role", "planner", "--data", data],
        0,
    );
    let (again, _) = ends(&["account", "link", "Sophea", "--data", data], 0);
    for told in [made, again] {
        assert!(told.contains(&format!("http://127.0.0.1:{port}/")), "{told}");
    }
}

#[test]
fn a_key_that_cannot_be_made_is_told_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    // Longer than a name may be once ".key" is behind it: that holds for every user, root too.
    let (file, data) = (parcels(dir.path()), dir.path().join("d".repeat(253)));
    let data = data.to_str().unwrap();
    ends(&["import", "parcels", &file, "--data", data], 0);
    let told = |options: &[&str]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_phteah"))
            .args(["serve", "--data", data, "--listen", "127.0.0.1:0"])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        child.kill().unwrap();
        let err = text(&child.wait_with_output().unwrap().stderr);
        assert!(line.starts_with("Serving http://"), "{line}{err}");
        err
    };
    let err = told(&[]);
    assert!(
        err.contains("Phones and families cannot be kept") && err.contains("phteah key make --key-file FILE"),
        "{err}"
    );
    let key = dir.path().join("phteah.key");
    let key = key.to_str().unwrap();
    ends(&["key", "make", "--data", data, "--key-file", key], 0);
    let err = told(&["--key-file", key]);
    assert!(!err.contains("Phones and families"), "{err}");
}

#[test]
fn a_server_shows_an_import_without_a_restart_and_is_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (file, data) = (parcels(dir.path()), dir.path().join("data"));
    let data = data.to_str().unwrap();
    ends(&["import", "parcels", &file, "--data", data], 0);
    let mut server = Server::start(data);
    assert!(server.get("/health").contains("\"ok\""));
    let (_, err) = ends(&["serve", "--data", data, "--listen", "127.0.0.1:0"], 1);
    assert!(err.contains("Another server"), "{err}");

    let layers = server.get("/api/layers");
    assert!(layers.contains("\"parcels\"") && !layers.contains("\"more\""));
    ends(
        &["import", "parcels", &file, "--data", data, "--layer", "more"],
        0,
    );
    assert!(server.get("/api/layers").contains("\"more\""));

    // Told to stop, it stops, and the directory is free again.
    let pid = server.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert!(server.child.wait().unwrap().success());
    drop(Server::start(data));
}

#[test]
fn who_may_come_in_is_said_aloud_and_no_address_decides_it() {
    let dir = tempfile::tempdir().unwrap();
    let (file, data) = (parcels(dir.path()), dir.path().join("data"));
    let data = data.to_str().unwrap();
    ends(&["import", "parcels", &file, "--data", data], 0);
    {
        let (server, entrance) = Server::with(data, &["--listen", "localhost:0"]);
        assert!(
            entrance.contains("phteah account add NAME --role planner"),
            "{entrance}"
        );
        assert!(server.get("/api/layers").starts_with("HTTP/1.1 401"));
        assert!(server.get("/data").starts_with("HTTP/1.1 200"));
    }
    let (key, _) = ends(&["key", "add", "Sokha", "--team", "--data", data], 0);
    assert!(key.starts_with("phteah_"));
    {
        let (_, entrance) = Server::with(data, &["--listen", "127.0.0.1:0"]);
        assert!(
            entrance.contains("asks people to sign in; a script sends a key of the team."),
            "{entrance}"
        );
    }
    {
        let (server, entrance) = Server::with(data, &["--listen", "127.0.0.1:0", "--open"]);
        assert!(entrance.starts_with("OPEN"), "{entrance}");
        assert!(server.get("/api/layers").starts_with("HTTP/1.1 200"));
    }
    let public = [
        "serve",
        "--data",
        data,
        "--open",
        "--public-url",
        "https://map.example.org",
    ];
    let (_, err) = ends(&public, 2);
    assert!(err.contains("--open"), "{err}");
    let city = common::city();
    let path = city.path().to_str().unwrap();
    {
        let here = ["--listen", "127.0.0.1:0", "--open=illustrative"];
        let (server, entrance) = Server::with(path, &here);
        assert!(entrance.contains("asks nobody"), "{entrance}");
        assert!(server.get("/api/layers").starts_with("HTTP/1.1 200"));
        // What is open for illustrative layers is not for real ones.
        let (server, entrance) = Server::with(data, &here);
        assert!(entrance.contains("asks people to sign in"), "{entrance}");
        assert!(server.get("/api/layers").starts_with("HTTP/1.1 401"));
    }
    // Unless it is opened, and where others reach it, an illustrative city asks as every other does.
    for closed in [
        &["--listen", "127.0.0.1:0"][..],
        &["--listen", "0.0.0.0:0", "--open=illustrative"],
        &[
            "--listen",
            "127.0.0.1:0",
            "--open=illustrative",
            "--trusted-proxy",
            "127.0.0.1",
        ],
    ] {
        let (mut server, entrance) = Server::with(path, closed);
        assert!(
            entrance.contains("asks people to sign in"),
            "{closed:?} {entrance}"
        );
        server.address = server.address.replace("0.0.0.0", "127.0.0.1");
        assert!(server.get("/api/layers").starts_with("HTTP/1.1 401"));
    }
}

#[test]
fn an_empty_list_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let sites = dir.path().join("lots.geojson");
    std::fs::write(&sites, r#"{"type":"FeatureCollection","features":[]}"#).unwrap();
    // A deployment begins with its first import, also where that is refused.
    ends(&["import", "parcels", sites.to_str().unwrap(), "--data", data], 1);
    for list in [&["publish"][..], &["key", "list"], &["downloads"], &["layers"]] {
        let (out, _) = ends(&[list, &["--data", data]].concat(), 0);
        assert!(
            out.starts_with("No") && out.trim_end().len() > 20,
            "{list:?}: {out}"
        );
    }
}

#[test]
fn reasons_for_keys_and_publishing_are_in_the_audit() {
    let dir = tempfile::tempdir().unwrap();
    let (file, data) = (parcels(dir.path()), dir.path().join("data"));
    let data = data.to_str().unwrap();
    ends(&["import", "parcels", &file, "--data", data], 0);
    for command in [
        &["publish", "parcels", "partner", "--why", "agreed in May"][..],
        &["key", "add", "City hall", "--all-layers", "--why", "new partner"],
        &["key", "revoke", "City hall", "--why", "left the project"],
    ] {
        let mut command = command.to_vec();
        command.extend(["--data", data]);
        ends(&command, 0);
    }
    let (audit, _) = ends(&["audit", "list", "--data", data], 0);
    for (what, why) in [
        ("layer_published", "agreed in May"),
        ("key_added", "new partner"),
        ("key_revoked", "left the project"),
    ] {
        let row = audit.lines().find(|line| line.contains(what));
        assert!(row.is_some_and(|row| row.contains(why)), "{what}: {audit}");
    }
}

#[test]
fn a_record_keeps_to_the_same_limits_as_over_the_network() {
    let dir = tempfile::tempdir().unwrap();
    let city = data().to_str().unwrap();
    let out = dir.path().join("record.json");
    let notes = "x".repeat(20_001);
    let (_, err) = ends(
        &[
            "record",
            "make",
            "--scenario",
            "default",
            "--data",
            city,
            "--who",
            "",
            "--notes",
            &notes,
            "--out",
            out.to_str().unwrap(),
        ],
        1,
    );
    assert!(
        err.contains("--who must say who decided.")
            && err.contains("--notes must have 20000 characters at the most."),
        "{err}"
    );
    assert!(!out.exists());
}

#[test]
fn what_strangers_wrote_steers_no_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let (file, title) = (parcels(dir.path()), "plots\u{1b}[2J\u{202e}");
    let (out, err) = ends(&["import", "parcels", &file, "--data", data, "--title", title], 0);
    let (layers, _) = ends(&["layers", "--data", data], 0);
    for text in [out, err, layers] {
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn a_directory_that_cannot_be_written_to_is_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let (file, data) = (parcels(dir.path()), dir.path().join("data"));
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(data.join("probe"), "").is_ok() {
        let _ = fs::remove_file(data.join("probe"));
        eprintln!(
            "SKIPPED a_directory_that_cannot_be_written_to_is_left_alone: this account may write anywhere"
        );
        return;
    }
    let (_, err) = ends(&["import", "parcels", &file, "--data", data.to_str().unwrap()], 1);
    assert!(err.contains("cannot be written to"), "{err}");
    assert_eq!(fs::read_dir(&data).unwrap().count(), 0);
}

/// `/proc` can be written to by nobody, whoever asks.
#[cfg(target_os = "linux")]
#[test]
fn a_place_where_nothing_can_be_made_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = parcels(dir.path());
    let (_, err) = ends(&["import", "parcels", &file, "--data", "/proc/phteah"], 1);
    assert!(err.contains("/proc/phteah"), "{err}");
    // Nor can a directory be made where a file is.
    let (_, err) = ends(&["import", "parcels", &file, "--data", &file], 1);
    assert!(err.contains("parcels.geojson"), "{err}");
}

#[test]
fn a_removed_layer_is_logged_and_what_used_it_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let (file, data) = (parcels(dir.path()), dir.path().join("data"));
    let data = data.to_str().unwrap();
    ends(&["import", "parcels", &file, "--data", data], 0);
    ends(
        &["import", "parcels", &file, "--data", data, "--layer", "more"],
        0,
    );
    ends(&["publish", "parcels", "public", "--data", data], 0);
    ends(
        &[
            "key",
            "add",
            "Partner",
            "--layers",
            "parcels",
            "--expires",
            "2099-01-01",
            "--data",
            data,
        ],
        0,
    );
    ends(&["layer", "remove", "nothing", "--data", data], 2);
    let (out, _) = ends(&["layer", "remove", "parcels", "--data", data], 0);
    for said in [
        "was removed",
        "They go on with more",
        "Its access rule (public) stays",
        "Keys that open it stay: Partner",
    ] {
        assert!(out.contains(said), "{said}: {out}");
    }
    let (out, _) = ends(&["layers", "--data", data], 0);
    assert!(out.contains("more:") && !out.contains("parcels:"), "{out}");
    let (out, _) = ends(&["layer", "log", "--data", data], 0);
    assert!(out.contains("layer_removed parcels"), "{out}");
    let (out, _) = ends(&["layer", "remove", "more", "--data", data], 0);
    assert!(out.contains("No other layer has its role"), "{out}");
}

#[test]
fn help_lists_roles_and_their_fields_and_how_a_preset_is_written() {
    let (out, _) = ends(&["import", "--help"], 0);
    for said in [
        "settlements (",
        "households",
        "flood_depth",
        "primary_school",
        "--extra",
        "--place",
    ] {
        assert!(out.contains(said), "{said}: {out}");
    }
    let (out, _) = ends(&["sources", "--help"], 0);
    assert!(
        out.contains("DIR/sources/NAME.toml") && out.contains("[[layer]]"),
        "{out}"
    );
    // The preset that the help shows works as it stands.
    let dir = tempfile::tempdir().unwrap();
    let (file, data) = (parcels(dir.path()), dir.path().join("data"));
    ends(&["import", "parcels", &file, "--data", data.to_str().unwrap()], 0);
    fs::create_dir_all(data.join("sources")).unwrap();
    let from = out.find("  name = ").unwrap();
    let preset: String = out[from..]
        .lines()
        .map(|line| format!("{}\n", line.trim()))
        .collect();
    let to = preset.find("Usage:").unwrap_or(preset.len());
    fs::write(data.join("sources/ngo.toml"), &preset[..to]).unwrap();
    let data = data.to_str().unwrap();
    let (out, _) = ends(&["sources", "--data", data], 0);
    assert!(out.contains("your own, sources/ngo.toml"), "{out}");
    let clinics = dir.path().join("c.csv");
    fs::write(
        &clinics,
        "code,name_en,beds,open,lat,lon\n7,A,n/a,yes,11.55,104.92\n8,B,5,no,11.55,104.92\n",
    )
    .unwrap();
    let notes = dir.path().join("notes.csv");
    let arguments = [
        "import",
        "--preset",
        "ngo-clinics",
        clinics.to_str().unwrap(),
        "--data",
        data,
        "--report",
        notes.to_str().unwrap(),
    ];
    ends(&arguments, 0);
    assert!(fs::read_to_string(&notes).unwrap().contains("left out"));
}
