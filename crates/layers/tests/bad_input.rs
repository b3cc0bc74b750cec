//! Input and circumstances that are bad: nothing panics, hangs or leaves half a layer.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may fail loudly, and exact values are meant"
)]

mod common;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Bench, geojson, now, point, request, square};
use phteah_layers::{
    Catalogue, ImportRequest, LayersError, NoProgress, OpenOptions, RecordsRequest, Role, export_layer,
    import_records, open_vector,
};

fn message(result: Result<phteah_layers::ImportReport, LayersError>) -> String {
    result
        .expect_err("the import should have been refused")
        .to_string()
}

#[test]
fn truncated_geojson() {
    let bench = Bench::new();
    let squares: Vec<String> = (0..2000).map(|i| square(f64::from(i) / 100.0, 0.0)).collect();
    let features: Vec<(&str, &str)> = squares.iter().map(|g| ("{}", g.as_str())).collect();
    let whole = geojson(&features);
    bench
        .import(Role::Parcels, &bench.file("whole.geojson", &whole))
        .unwrap();
    for share in [0.1, 0.5, 0.999] {
        let part = &whole[..(whole.len() as f64 * share) as usize];
        let file = bench.file("part.geojson", part);
        let said = message(bench.import(Role::Parcels, &file));
        assert!(said.starts_with("part.geojson cannot be read"), "{said}");
        assert!(
            !said.contains(&*bench.files.to_string_lossy()),
            "a machine's path is told: {said}"
        );
    }
    assert_eq!(bench.features("parcels").len(), 2000);
    bench.assert_tidy();
}

#[test]
fn truncated_files_of_other_formats() {
    let bench = Bench::new();
    let squares: Vec<String> = (0..500).map(|i| square(f64::from(i) / 100.0, 0.0)).collect();
    let features: Vec<(&str, &str)> = squares.iter().map(|g| ("{}", g.as_str())).collect();
    bench
        .import(Role::Parcels, &bench.file("p.geojson", geojson(&features)))
        .unwrap();
    for extension in ["gpkg", "fgb"] {
        let whole = bench.files.join(format!("w.{extension}"));
        export_layer(&bench.catalogue(), "parcels", &whole, None).unwrap();
        let bytes = std::fs::read(&whole).unwrap();
        let file = bench.file(&format!("cut.{extension}"), &bytes[..bytes.len() * 6 / 10]);
        let result = bench.import(Role::Water, &file);
        assert!(result.is_err(), "{extension}: {}", result.unwrap());
    }
    for (name, bytes) in [
        ("noise.shp", &[7_u8; 300][..]),
        ("noise.gpkg", b"SQLite format 3\0 and then noise"),
        ("noise.fgb", b"fgb\x03fgb\0 noise"),
        ("empty.geojson", b""),
        ("noise.zip", b"PK\x03\x04 noise"),
        ("noise.osm.pbf", &[9; 100]),
        ("noise.csv.gz", b"\x1f\x8b noise"),
        ("noise.xlsx", b"PK noise"),
        ("noise.geojson", b"{\"type\":\"FeatureCollection\""),
    ] {
        let file = bench.file(name, bytes);
        let said = message(bench.import(Role::Water, &file));
        assert!(said.contains(name), "{said}");
    }
    let said = message(bench.import(Role::Water, Path::new("nowhere.geojson")));
    assert!(said.contains("there is no such file"), "{said}");
    bench.assert_tidy();
}

/// A zip whose one member unpacks to `bytes` zeros; `declared` is what its directory says.
fn bomb(bytes: usize, declared: Option<u32>) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    out.start_file(
        "bomb.geojson",
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated),
    )
    .unwrap();
    out.write_all(&vec![b' '; bytes]).unwrap();
    let mut zip = out.finish().unwrap().into_inner();
    if let Some(declared) = declared {
        let real = u32::try_from(bytes).unwrap().to_le_bytes();
        for i in 0..zip.len() - 4 {
            if zip[i..i + 4] == real {
                zip[i..i + 4].copy_from_slice(&declared.to_le_bytes());
            }
        }
    }
    zip
}

#[test]
fn a_zip_bomb_is_refused_by_what_it_says_and_by_what_it_does() {
    let bench = Bench::new();
    let settings = bench.data.join("deployment.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let at = text.find("max_unpacked_bytes = ").unwrap();
    std::fs::write(
        &settings,
        format!(
            "{}max_unpacked_bytes = 1000000\n{}",
            &text[..at],
            text[at..].split_once('\n').unwrap().1
        ),
    )
    .unwrap();
    assert_eq!(bench.catalogue().deployment().max_unpacked_bytes, 1_000_000);
    let honest = bench.file("honest.zip", bomb(5_000_000, None));
    assert!(std::fs::metadata(&honest).unwrap().len() < 20_000);
    let said = message(bench.import(Role::Parcels, &honest));
    assert!(said.contains("unpack to more than 1,000,000 bytes"), "{said}");
    let liar = bench.file("liar.zip", bomb(5_000_000, Some(100)));
    let said = message(bench.import(Role::Parcels, &liar));
    assert!(said.contains("liar.zip cannot be read"), "{said}");
    let sheet = bench.file("sheet.xlsx", bomb(5_000_000, None));
    assert!(message(bench.import(Role::Parcels, &sheet)).contains("unpack to more"));
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gz.write_all(&vec![b' '; 5_000_000]).unwrap();
    let gz = bench.file("b.geojson.gz", gz.finish().unwrap());
    assert!(message(bench.import(Role::Parcels, &gz)).contains("unpack to more"));
    bench.assert_tidy();
}

#[test]
fn a_zip_that_climbs_out_of_its_directory() {
    let bench = Bench::new();
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    out.start_file("../../escaped.geojson", zip::write::SimpleFileOptions::default())
        .unwrap();
    out.write_all(geojson(&[("{}", &square(0.0, 0.0))]).as_bytes())
        .unwrap();
    let file = bench.file("climb.zip", out.finish().unwrap().into_inner());
    let said = message(bench.import(Role::Parcels, &file));
    assert!(said.contains("out of the archive"), "{said}");
    assert!(
        !bench.data.join("escaped.geojson").exists()
            && !bench.data.parent().unwrap().join("escaped.geojson").exists()
    );
}

#[test]
fn an_empty_parcel_layer() {
    let bench = Bench::new();
    let said = message(bench.import(Role::Parcels, &bench.file("e.geojson", geojson(&[]))));
    assert!(said.contains("The layer is empty"), "{said}");
    let said = message(bench.import(
        Role::Parcels,
        &bench.file("n.geojson", geojson(&[("{}", "null"), ("{}", "null")])),
    ));
    assert!(said.contains("None of the 2 records"), "{said}");
    assert!(bench.catalogue().layers().is_empty());
    bench.assert_tidy();
}

#[test]
fn names_and_roles_that_cannot_be() {
    let bench = Bench::new();
    let file = bench.file("p.geojson", geojson(&[("{}", &square(0.0, 0.0))]));
    for name in ["", "Sites", "sites", "../x", "a b", "1a", "x\"y", &"a".repeat(61)] {
        let request = ImportRequest {
            layer: Some(name.into()),
            ..request(Role::Parcels, &file)
        };
        assert!(bench.run(&request).unwrap_err().is_usage(), "{name}");
    }
    assert!("people".parse::<Role>().unwrap_err().is_usage());
    assert!(
        bench
            .run(&ImportRequest {
                files: vec![file],
                ..ImportRequest::default()
            })
            .unwrap_err()
            .is_usage()
    );
}

#[test]
fn numbers_that_are_none_and_lists_that_never_end() {
    let bench = Bench::new();
    let csv = "id,wkt\na,\"POLYGON ((nan 1,2 3,4 5,nan 1))\"\nb,\"POLYGON ((1e400 1,2 3,4 5,1e400 1))\"\nc,\"POLYGON ((\"\nd,\"LINESTRING (1 1)\"\n";
    let file = bench.file("n.csv", csv);
    let request = ImportRequest {
        crs: Some("EPSG:4326".into()),
        ..request(Role::Parcels, &file)
    };
    let error = bench.run(&request).unwrap_err();
    assert_eq!(
        error.report().unwrap().refused + error.report().unwrap().left_out,
        4,
        "{error}"
    );
    let deep = format!("{}{}", "GEOMETRYCOLLECTION (".repeat(200), ")".repeat(200));
    let file = bench.file("deep.csv", format!("id,wkt\n1,\"{deep}\"\n"));
    assert!(
        bench
            .run(&ImportRequest {
                files: vec![file],
                ..request
            })
            .is_err()
    );
}

#[test]
fn deployment_settings_that_cannot_be() {
    let bench = Bench::new();
    for text in [
        "extent = [105.0, 11.0, 104.0, 12.0]",
        "crs = \"EPSG:4326\"",
        "crs = \"nonsense\"",
        "colour = 1",
        "not toml",
    ] {
        std::fs::write(bench.data.join("deployment.toml"), text).unwrap();
        let error = Catalogue::open(&bench.data).unwrap_err();
        assert!(
            error.is_usage() && error.to_string().contains("deployment.toml"),
            "{text}: {error}"
        );
    }
    assert!(matches!(
        Catalogue::open(&bench.files),
        Err(LayersError::NoCatalogue(_))
    ));
    std::fs::write(bench.data.join("deployment.toml"), "").unwrap();
    std::fs::write(bench.data.join("catalogue.json"), "{").unwrap();
    assert!(matches!(
        Catalogue::open(&bench.data),
        Err(LayersError::CatalogueDamaged { .. })
    ));
}

/// Not a test of its own: what the two tests below run in a process that may not write. Does nothing when run by itself.
#[test]
fn import_in_a_process_of_its_own() {
    let Ok(data) = std::env::var("PHTEAH_TEST_DATA") else {
        return;
    };
    let records = (0..200_000).map(|i| phteah_layers::Record {
        geometry: geo::Point::new(480_000.0 + f64::from(i), 1_278_000.0).into(),
        attributes: vec![("kind".into(), "market".into())],
    });
    let request = RecordsRequest {
        role: Role::Services,
        layer: "services".into(),
        title: "Services".into(),
        crs: "EPSG:32648".into(),
        source: "generator".into(),
        licence: String::new(),
        attribution: String::new(),
        illustrative: true,
        record: None,
        extra: Vec::new(),
        strict: false,
        coverage: None,
    };
    let result = Catalogue::open(Path::new(&data))
        .and_then(|c| import_records(&c, &request, records, None, now(), &mut NoProgress));
    match result {
        Ok(_) => println!("IMPORTED"),
        Err(e) => println!("SAID {e}"),
    }
}

fn in_a_process(bench: &Bench, shell: &str) -> String {
    let me = std::env::current_exe().unwrap();
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!(
            "{shell} \"$0\" --exact import_in_a_process_of_its_own --nocapture"
        ))
        .arg(me)
        .env("PHTEAH_TEST_DATA", &bench.data)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_full_disk_leaves_what_was_there() {
    let bench = Bench::new();
    let file = bench.file(
        "s.geojson",
        geojson(&[(r#"{"kind":"market","id":"old"}"#, &point(104.92, 11.55))]),
    );
    bench.import(Role::Services, &file).unwrap();
    // No file may grow beyond 2 MB, and the signal that would end the process is ignored: writing fails as on a full disk.
    let said = in_a_process(&bench, "trap '' XFSZ; ulimit -f 4096;");
    assert!(said.contains("is full: free some space"), "{said}");
    assert_eq!(bench.features("services")[0].id, "old");
    bench.assert_tidy();
}

#[test]
fn a_read_only_directory_is_said_to_be_one() {
    let bench = Bench::new();
    let file = bench.file(
        "s.geojson",
        geojson(&[(r#"{"kind":"market","id":"old"}"#, &point(104.92, 11.55))]),
    );
    bench.import(Role::Services, &file).unwrap();
    let set = |mode: u32| {
        use std::os::unix::fs::PermissionsExt;
        for path in [
            bench.data.join("layers"),
            bench.data.join("write.lock"),
            bench.data.clone(),
        ] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    set(0o555);
    // The directory's parents must be open to the account that is nobody.
    let parent = bench.data.parent().unwrap().to_owned();
    std::fs::set_permissions(&parent, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let root = Command::new("id")
        .arg("-u")
        .output()
        .unwrap()
        .stdout
        .starts_with(b"0");
    // Nothing is forbidden to root: run as somebody else then.
    let said = in_a_process(
        &bench,
        if root {
            "exec setpriv --reuid=65534 --clear-groups"
        } else {
            "exec"
        },
    );
    set(0o755);
    if root && !said.contains("SAID") && !said.contains("IMPORTED") {
        eprintln!("SKIPPED: this machine lets nobody run the test program as another account ({said})");
        return;
    }
    assert!(said.contains("cannot be written to: it is read-only"), "{said}");
    // Reading needs no right to write.
    assert_eq!(bench.features("services")[0].id, "old");
    bench.assert_tidy();
}

#[test]
fn a_second_import_waits_and_is_refused_a_second_server_too() {
    let bench = Bench::new();
    let file = bench.file(
        "s.geojson",
        geojson(&[(r#"{"kind":"market","id":"a"}"#, &point(104.92, 11.55))]),
    );
    let held = std::fs::File::create(bench.data.join("write.lock")).unwrap();
    held.lock().unwrap();
    let error = bench.import(Role::Services, &file).unwrap_err();
    assert!(matches!(error, LayersError::Busy(_)), "{error}");
    drop(held);
    let serving = bench.catalogue().lock_for_serving().unwrap();
    let second = bench.catalogue().lock_for_serving().unwrap_err();
    assert!(matches!(second, LayersError::AlreadyServed(_)), "{second}");
    // Imports go on beside a running server.
    bench.import(Role::Services, &file).unwrap();
    drop(serving);
    bench.catalogue().lock_for_serving().unwrap();
}

#[test]
fn what_a_killed_import_left_is_swept_away() {
    let bench = Bench::new();
    let before = bench.file(
        "b.geojson",
        geojson(&[(r#"{"kind":"market","id":"b"}"#, &point(104.92, 11.55))]),
    );
    bench.import(Role::Services, &before).unwrap();
    std::fs::create_dir(bench.data.join(".work-dead")).unwrap();
    std::fs::write(bench.data.join(".work-dead/layer.gpkg"), "half").unwrap();
    std::fs::write(bench.data.join(".work-half.json"), "half").unwrap();
    // A change names the files it brings in before it does; a file that none has named is not its to remove.
    std::fs::write(bench.data.join("layers/orphan-123.gpkg"), "orphan").unwrap();
    std::fs::write(bench.data.join(".publishing"), r#"["orphan-123.gpkg"]"#).unwrap();
    let file = bench.file(
        "s.geojson",
        geojson(&[(r#"{"kind":"market","id":"a"}"#, &point(104.92, 11.55))]),
    );
    bench.import(Role::Services, &file).unwrap();
    assert!(!bench.data.join(".work-dead").exists() && !bench.data.join("layers/orphan-123.gpkg").exists());
    bench.assert_tidy();
}

#[test]
fn readers_keep_their_version_while_a_new_one_comes() {
    let bench = Bench::new();
    let version = |id: &str| {
        bench.file(
            "s.geojson",
            geojson(&[(
                &format!(r#"{{"kind":"market","id":"{id}"}}"#),
                &point(104.92, 11.55),
            )]),
        )
    };
    bench.import(Role::Services, &version("one")).unwrap();
    let old = bench.catalogue();
    bench.import(Role::Services, &version("two")).unwrap();
    // The old catalogue's file is still there for those who had not opened it yet.
    let features = old
        .vector("services")
        .unwrap()
        .features(&phteah_layers::Query::default())
        .unwrap();
    assert_eq!(features[0].id, "one");
    assert_eq!(bench.features("services")[0].id, "two");
    bench.import(Role::Services, &version("three")).unwrap();
    assert!(matches!(
        old.vector("services"),
        Err(LayersError::Unavailable { .. })
    ));
    bench.catalogue().remove("services").unwrap();
    assert!(bench.catalogue().layers().is_empty());
    assert!(matches!(
        bench.catalogue().layer("services"),
        Err(LayersError::NoSuchLayer { .. })
    ));
}

#[test]
fn a_damaged_layer_is_an_error_not_a_panic() {
    let bench = Bench::new();
    let squares: Vec<String> = (0..300).map(|i| square(f64::from(i) / 10.0, 0.0)).collect();
    let features: Vec<(&str, &str)> = squares.iter().map(|g| ("{}", g.as_str())).collect();
    bench
        .import(Role::Parcels, &bench.file("p.geojson", geojson(&features)))
        .unwrap();
    let catalogue = bench.catalogue();
    let path: PathBuf = catalogue.path(catalogue.layer("parcels").unwrap());
    let mut bytes = std::fs::read(&path).unwrap();
    let (from, to) = (bytes.len() / 2, bytes.len() * 3 / 4);
    bytes[from..to].fill(0xaa);
    std::fs::write(&path, bytes).unwrap();
    let result = catalogue
        .vector("parcels")
        .and_then(|layer| layer.features(&phteah_layers::Query::default()));
    assert!(result.is_err());
}

#[test]
fn any_file_is_opened_in_any_crs() {
    let bench = Bench::new();
    let file = bench.file(
        "s.geojson",
        geojson(&[
            (r#"{"id":"a","n":1}"#, &point(104.923, 11.5763)),
            (r#"{"id":"b"}"#, "null"),
        ]),
    );
    let options = OpenOptions::default();
    let opened = open_vector(&file, &options).unwrap();
    assert_eq!(opened.crs().name(), "EPSG:4326");
    let utm = bench.catalogue().crs().unwrap();
    let features = phteah_layers::read_vector(&file, &options, &utm).unwrap();
    let Some(geo::Geometry::Point(p)) = &features[0].geometry else {
        panic!()
    };
    assert!((p.x() - 491_604.985).abs() < 0.01 && (p.y() - 1_279_703.552).abs() < 0.01);
    assert_eq!(
        (features[0].id.as_str(), features[0].number("n")),
        ("a", Some(1.0))
    );
    assert!(features[1].geometry.is_none() && features[1].get("n").is_none());
    let by = OpenOptions {
        id: Some("nothing".into()),
        ..options
    };
    assert!(open_vector(&file, &by).err().unwrap().is_usage());
}
