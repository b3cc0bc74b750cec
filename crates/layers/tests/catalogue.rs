//! The list of layers and their files: lost, cut off, changed, left over from writers that were killed.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{Bench, geojson, now, point, request, square};
use phteah_layers::{
    Catalogue, Grid, GridRequest, ImportRequest, LayerEntry, LayersError, NoProgress, Record, RecordsRequest,
    Role, import, import_grid, import_records, repair,
};

const LIST: &str = "catalogue.json";

/// Two vector layers and a raster.
fn filled() -> Bench {
    let bench = Bench::new();
    let markets = bench.file(
        "markets.geojson",
        geojson(&[
            (r#"{"kind":"market","id":"a"}"#, &point(104.92, 11.55)),
            (r#"{"kind":"market","id":"b"}"#, &point(104.93, 11.56)),
        ]),
    );
    bench.import(Role::Services, &markets).unwrap();
    let land = bench.file("land.geojson", geojson(&[(r#"{"id":"p1"}"#, &square(0.0, 0.0))]));
    bench
        .run(&ImportRequest {
            title: Some("Land <of> \"all\" & more".into()),
            licence: Some("CC0-1.0".into()),
            ..request(Role::Parcels, &land)
        })
        .unwrap();
    flood(&bench, 0.5);
    bench
}

fn flood(bench: &Bench, depth: f32) {
    let grid = Grid {
        west: 490_000.0,
        north: 1_280_000.0,
        cell_width: 30.0,
        cell_height: 30.0,
        columns: 40,
        rows: 40,
    };
    let request = GridRequest {
        role: Role::FloodDepth,
        layer: "flood_depth_rp100".into(),
        title: "Flood".into(),
        crs: "EPSG:32648".into(),
        source: "made by hand".into(),
        licence: String::new(),
        attribution: String::new(),
        illustrative: true,
        return_period: Some(100),
    };
    let fill = |row: usize, cells: &mut [Option<f32>]| cells.fill(Some(depth + row as f32 / 100.0));
    import_grid(&bench.catalogue(), &request, &grid, fill, now(), &mut NoProgress).unwrap();
}

fn files(data: &Path) -> BTreeSet<String> {
    std::fs::read_dir(data.join("layers"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn layers(data: &Path) -> Vec<LayerEntry> {
    Catalogue::open(data).unwrap().layers().to_vec()
}

fn path_of(data: &Path, layer: &str) -> PathBuf {
    let catalogue = Catalogue::open(data).unwrap();
    catalogue.path(catalogue.layer(layer).unwrap())
}

#[test]
fn a_missing_list_is_no_empty_one_and_repair_makes_it_again() {
    let bench = filled();
    let before = layers(&bench.data);
    let there = files(&bench.data);
    let catalogue = bench.catalogue();
    std::fs::remove_file(bench.data.join(LIST)).unwrap();
    for error in [
        Catalogue::open(&bench.data).unwrap_err(),
        Catalogue::open_or_create(&bench.data).unwrap_err(),
        // A catalogue that was opened before.
        catalogue.remove("services").unwrap_err(),
        {
            let file = bench.file(
                "m.geojson",
                geojson(&[(r#"{"kind":"market"}"#, &point(104.9, 11.5))]),
            );
            import(
                &catalogue,
                &request(Role::Services, &file),
                now(),
                &mut NoProgress,
            )
            .unwrap_err()
        },
    ] {
        assert!(
            matches!(error, LayersError::CatalogueMissing { files: 3, .. }),
            "{error}"
        );
        assert!(error.to_string().contains("phteah repair"), "{error}");
    }
    assert_eq!(files(&bench.data), there);
    let report = repair(&bench.data, now()).unwrap();
    assert_eq!(
        (report.layers, report.recovered.len(), report.unusable.len()),
        (3, 3, 0),
        "{report:?}"
    );
    assert_eq!(layers(&bench.data), before);
    assert!(repair(&bench.data, now()).unwrap().is_clean());
    bench.assert_tidy();
}

#[test]
fn settings_and_list_lost_together_are_no_new_deployment_either() {
    let bench = filled();
    std::fs::remove_file(bench.data.join(LIST)).unwrap();
    std::fs::remove_file(bench.data.join("deployment.toml")).unwrap();
    assert!(Catalogue::open_or_create(&bench.data).is_err());
    let report = repair(&bench.data, now()).unwrap();
    assert_eq!((report.layers, report.mended.len()), (3, 1), "{report:?}");
}

#[test]
fn a_list_cut_off_or_changed_anywhere_is_noticed_and_mended() {
    let bench = filled();
    let (before, good) = (layers(&bench.data), std::fs::read(bench.data.join(LIST)).unwrap());
    let there = files(&bench.data);
    let mut broken: Vec<Vec<u8>> = (0..good.len() - 1)
        .step_by(97)
        .map(|n| good[..n].to_vec())
        .collect();
    for at in (0..good.len()).step_by(61) {
        let mut changed = good.clone();
        changed[at] ^= 1 << (at % 8);
        broken.push(changed);
    }
    broken.push(Vec::new());
    broken.push(vec![0; good.len()]);
    for (n, bytes) in broken.iter().enumerate() {
        std::fs::write(bench.data.join(LIST), bytes).unwrap();
        match Catalogue::open(&bench.data) {
            Err(LayersError::CatalogueDamaged { .. }) => {}
            // The version's digit was hit: that is never overwritten.
            Err(LayersError::CatalogueNewer { .. }) => continue,
            other => panic!("case {n}: {other:?}"),
        }
        if n % 20 > 0 {
            continue;
        }
        let report = repair(&bench.data, now()).unwrap();
        assert!(
            report.list.is_some() && report.set_aside.is_some(),
            "case {n}: {report:?}"
        );
        assert_eq!(layers(&bench.data), before, "case {n}");
        assert_eq!(files(&bench.data), there, "case {n}");
        assert_eq!(std::fs::read(report.set_aside.unwrap()).unwrap(), *bytes);
        assert!(repair(&bench.data, now()).unwrap().is_clean(), "case {n}");
    }
}

#[test]
fn a_newer_list_is_never_overwritten() {
    let bench = filled();
    let newer = br#"{"version":9,"layers":{"kept":"otherwise"}}"#;
    std::fs::write(bench.data.join(LIST), newer).unwrap();
    for error in [
        Catalogue::open(&bench.data).unwrap_err(),
        Catalogue::open_or_create(&bench.data).unwrap_err(),
        repair(&bench.data, now()).unwrap_err(),
    ] {
        assert!(
            matches!(error, LayersError::CatalogueNewer { found: 9, .. }),
            "{error}"
        );
    }
    assert_eq!(std::fs::read(bench.data.join(LIST)).unwrap(), newer);
}

#[test]
fn an_earlier_programs_list_is_read_and_its_layers_are_recovered_from_their_files_alone() {
    let bench = filled();
    let mut json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(bench.data.join(LIST)).unwrap()).unwrap();
    let mut entries = json["layers"].take();
    for entry in entries.as_array_mut().unwrap() {
        let entry = entry.as_object_mut().unwrap();
        for new in ["seal", "coverage", "crs_definition", "crs_shift"] {
            entry.remove(new);
        }
    }
    let old = serde_json::json!({ "version": 1, "layers": entries });
    std::fs::write(bench.data.join(LIST), serde_json::to_vec_pretty(&old).unwrap()).unwrap();
    for file in files(&bench.data)
        .iter()
        .filter(|file| Path::new(file).extension().is_some_and(|end| end == "json"))
    {
        std::fs::remove_file(bench.data.join("layers").join(file)).unwrap();
    }
    let before = layers(&bench.data);
    assert_eq!(before.len(), 3);
    for entry in &before {
        Catalogue::open(&bench.data).unwrap().verify(entry).unwrap();
    }
    // Cut off: what can still be read of the list is believed, the rest comes from the files.
    let text = std::fs::read(bench.data.join(LIST)).unwrap();
    for keep in [text.len() * 2 / 3, 0] {
        std::fs::write(bench.data.join(LIST), &text[..keep]).unwrap();
        let report = repair(&bench.data, now()).unwrap();
        assert_eq!((report.layers, report.unusable.len()), (3, 0), "{report:?}");
        for (old, new) in before.iter().zip(layers(&bench.data)) {
            assert_eq!(
                (&old.name, old.role, &old.title),
                (&new.name, new.role, &new.title)
            );
            assert_eq!(
                (old.features, old.geometry, &old.crs),
                (new.features, new.geometry, &new.crs)
            );
            assert_eq!((&old.licence, &old.source), (&new.licence, &new.source));
            assert_eq!(
                (old.illustrative, old.return_period, &old.unit),
                (new.illustrative, new.return_period, &new.unit)
            );
            assert_eq!(old.fields, new.fields);
        }
        for file in files(&bench.data)
            .iter()
            .filter(|file| Path::new(file).extension().is_some_and(|end| end == "json"))
        {
            std::fs::remove_file(bench.data.join("layers").join(file)).unwrap();
        }
    }
}

#[test]
fn a_removed_layer_and_a_former_version_do_not_come_back() {
    let bench = filled();
    let other = bench.file(
        "m.geojson",
        geojson(&[(r#"{"kind":"market","id":"c"}"#, &point(104.9, 11.5))]),
    );
    bench.import(Role::Services, &other).unwrap();
    bench.catalogue().remove("parcels").unwrap();
    let before = layers(&bench.data);
    assert_eq!(before.len(), 2);
    std::fs::remove_file(bench.data.join(LIST)).unwrap();
    repair(&bench.data, now()).unwrap();
    assert_eq!(layers(&bench.data), before);
}

#[test]
fn a_list_older_than_its_layers_loses_none_of_them() {
    let bench = filled();
    let old = std::fs::read(bench.data.join(LIST)).unwrap();
    let water = bench.file("water.geojson", geojson(&[(r#"{"id":"w"}"#, &square(3.0, 3.0))]));
    bench.import(Role::Water, &water).unwrap();
    // A backup is put back, and work goes on.
    std::fs::write(bench.data.join(LIST), old).unwrap();
    for id in ["c", "d", "e"] {
        let file = bench.file(
            "m.geojson",
            geojson(&[(
                &format!(r#"{{"kind":"market","id":"{id}"}}"#),
                &point(104.9, 11.5),
            )]),
        );
        bench.import(Role::Services, &file).unwrap();
    }
    assert!(files(&bench.data).iter().any(|file| file.starts_with("water-")));
    let report = repair(&bench.data, now()).unwrap();
    assert_eq!(report.recovered.len(), 1, "{report:?}");
    assert!(bench.catalogue().vector("water").is_ok());
}

#[test]
fn files_that_nobody_knows_are_left_and_named() {
    let bench = filled();
    std::fs::write(bench.data.join("layers/holiday.tif"), "no raster").unwrap();
    std::fs::write(bench.data.join("layers/notes.gpkg"), "no database").unwrap();
    for id in ["c", "d", "e"] {
        let file = bench.file(
            "m.geojson",
            geojson(&[(
                &format!(r#"{{"kind":"market","id":"{id}"}}"#),
                &point(104.9, 11.5),
            )]),
        );
        bench.import(Role::Services, &file).unwrap();
    }
    let report = repair(&bench.data, now()).unwrap();
    assert_eq!(report.unknown.len(), 2, "{report:?}");
    assert!(report.recovered.is_empty() && report.list.is_none());
    std::fs::remove_file(bench.data.join(LIST)).unwrap();
    let report = repair(&bench.data, now()).unwrap();
    assert_eq!((report.layers, report.unknown.len()), (3, 2), "{report:?}");
}

#[test]
fn one_broken_layer_is_told_and_importing_its_file_again_mends_it() {
    for damage in ["cut", "changed", "gone"] {
        let bench = filled();
        let file = path_of(&bench.data, "services");
        let good = std::fs::read(&file).unwrap();
        match damage {
            "cut" => std::fs::write(&file, &good[..good.len() / 2]).unwrap(),
            "gone" => std::fs::remove_file(&file).unwrap(),
            _ => {
                let mut changed = good.clone();
                let middle = changed.len() / 2;
                changed[middle] ^= 0x10;
                std::fs::write(&file, changed).unwrap();
            }
        }
        let catalogue = bench.catalogue();
        let error = catalogue
            .verify(catalogue.layer("services").unwrap())
            .unwrap_err();
        assert!(
            matches!(&error, LayersError::Unavailable { layer, .. } if layer == "services"),
            "{error}"
        );
        assert!(catalogue.vector("services").is_err(), "{damage}");
        assert!(catalogue.vector("parcels").is_ok() && catalogue.raster("flood_depth_rp100").is_ok());
        let report = repair(&bench.data, now()).unwrap();
        assert_eq!(report.unusable.len(), 1, "{report:?}");
        let report = bench
            .import(Role::Services, &bench.files.join("markets.geojson"))
            .unwrap();
        assert_eq!(report.kept, 2, "{damage}: {report}");
        let ids: Vec<String> = bench.features("services").into_iter().map(|f| f.id).collect();
        assert_eq!(ids, ["a", "b"], "{damage}");
        assert!(repair(&bench.data, now()).unwrap().unusable.is_empty());
    }
}

#[test]
fn layers_files_changed_at_many_places_never_panic_and_are_noticed() {
    let bench = filled();
    for layer in ["services", "flood_depth_rp100"] {
        let file = path_of(&bench.data, layer);
        let good = std::fs::read(&file).unwrap();
        for at in (0..good.len()).step_by(good.len() / 40) {
            let mut changed = good.clone();
            changed[at] ^= 1 << (at % 8);
            std::fs::write(&file, &changed).unwrap();
            let catalogue = bench.catalogue();
            // In a moment's time stamp two versions of one size may look alike: they are told apart by reading.
            filetime(&file, at as u64);
            assert!(
                catalogue.verify(catalogue.layer(layer).unwrap()).is_err(),
                "{layer} {at}"
            );
        }
        for length in (0..good.len()).step_by(good.len() / 15) {
            std::fs::write(&file, &good[..length]).unwrap();
            let catalogue = bench.catalogue();
            assert!(
                catalogue.check(catalogue.layer(layer).unwrap()).is_err(),
                "{layer} {length}"
            );
        }
        std::fs::write(&file, &good).unwrap();
        filetime(&file, 1_000_000);
        let catalogue = bench.catalogue();
        catalogue.verify(catalogue.layer(layer).unwrap()).unwrap();
    }
}

fn filetime(file: &Path, seconds: u64) {
    let time = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds);
    let file = std::fs::File::options().write(true).open(file).unwrap();
    file.set_modified(time).unwrap();
}

#[test]
fn another_crs_in_the_settings_moves_nothing() {
    let bench = filled();
    let settings = bench.data.join("deployment.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, text.replace("EPSG:32648", "EPSG:32647")).unwrap();
    let catalogue = bench.catalogue();
    let said = catalogue.vector("services").err().unwrap().to_string();
    assert!(
        said.contains("EPSG:32648") && said.contains("EPSG:32647") && said.contains("services"),
        "{said}"
    );
    assert!(catalogue.coverage(catalogue.layer("services").unwrap()).is_err());
    // A raster keeps its own CRS, and where it is complete is worked out in the new one.
    let raster = catalogue.raster("flood_depth_rp100").unwrap();
    assert_eq!(raster.crs().unwrap().name(), "EPSG:32648");
    let coverage = catalogue
        .coverage(catalogue.layer("flood_depth_rp100").unwrap())
        .unwrap();
    assert_eq!(coverage.crs, "EPSG:32647");
    // The same setting in other letters is no change.
    std::fs::write(&settings, text.replace("EPSG:32648", "epsg:32648")).unwrap();
    assert!(bench.catalogue().vector("services").is_ok());
    // Importing again is the way out.
    std::fs::write(&settings, text.replace("EPSG:32648", "EPSG:32647")).unwrap();
    bench
        .import(Role::Services, &bench.files.join("markets.geojson"))
        .unwrap();
    assert!(bench.catalogue().vector("services").is_ok());
}

#[test]
fn another_datum_shift_moves_nothing() {
    let bench = Bench::new();
    let settings = bench.data.join("deployment.toml");
    let text = std::fs::read_to_string(&settings)
        .unwrap()
        .replace("EPSG:32648", "EPSG:3148");
    std::fs::write(&settings, &text).unwrap();
    let file = bench.file(
        "m.geojson",
        geojson(&[(r#"{"kind":"market"}"#, &point(104.9, 11.5))]),
    );
    bench.import(Role::Services, &file).unwrap();
    assert!(bench.catalogue().vector("services").is_ok());
    std::fs::write(&settings, text.replace("198.0", "217.0")).unwrap();
    let said = bench.catalogue().vector("services").err().unwrap().to_string();
    assert!(said.contains("indian_1960_shift"), "{said}");
}

#[test]
fn a_batch_is_listed_together_or_not_at_all() {
    let bench = filled();
    let before = layers(&bench.data);
    let there = files(&bench.data);
    let other = bench.file(
        "m.geojson",
        geojson(&[(r#"{"kind":"market","id":"c"}"#, &point(104.9, 11.5))]),
    );
    let water = bench.file("water.geojson", geojson(&[(r#"{"id":"w"}"#, &square(3.0, 3.0))]));
    let run = |catalogue: &Catalogue| {
        import(
            catalogue,
            &request(Role::Services, &other),
            now(),
            &mut NoProgress,
        )
        .unwrap();
        import(catalogue, &request(Role::Water, &water), now(), &mut NoProgress).unwrap();
    };
    {
        let batch = bench.catalogue().begin().unwrap();
        run(&batch.catalogue().unwrap());
        let seen = batch.catalogue().unwrap();
        assert!(seen.vector("water").is_ok());
        assert_eq!(seen.vector("services").unwrap().count().unwrap(), 1);
        assert_eq!(layers(&bench.data), before);
    }
    assert_eq!(layers(&bench.data), before);
    assert_eq!(files(&bench.data), there);
    bench.assert_tidy();
    let batch = bench.catalogue().begin().unwrap();
    run(&batch.catalogue().unwrap());
    batch.retain(|layer| layer.name != "parcels");
    batch.commit().unwrap();
    let names: Vec<String> = layers(&bench.data).into_iter().map(|layer| layer.name).collect();
    assert_eq!(names, ["flood_depth_rp100", "services", "water"]);
    assert!(repair(&bench.data, now()).unwrap().is_clean());
    bench.assert_tidy();
}

/// Not a test of its own: what the test below kills. Does nothing when run by itself.
#[test]
fn a_writer_to_be_killed() {
    let Ok(data) = std::env::var("PHTEAH_TEST_KILLED") else {
        return;
    };
    let together = std::env::var_os("PHTEAH_TEST_TOGETHER").is_some();
    for n in 0_u32.. {
        let catalogue = Catalogue::open(Path::new(&data)).unwrap();
        let records = |n: u32| {
            (0..200).map(move |i| Record {
                geometry: geo::Point::new(480_000.0 + f64::from(i), 1_278_000.0).into(),
                attributes: vec![
                    ("kind".into(), "market".into()),
                    ("id".into(), format!("{n}-{i}").into()),
                ],
            })
        };
        let store = |catalogue: &Catalogue, layer: &str| {
            let request = RecordsRequest {
                role: Role::Services,
                layer: layer.into(),
                title: format!("{n}"),
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
            import_records(catalogue, &request, records(n), None, now(), &mut NoProgress).unwrap();
        };
        if together {
            let batch = catalogue.begin().unwrap();
            let inside = batch.catalogue().unwrap();
            store(&inside, "left");
            store(&inside, "right");
            batch.commit().unwrap();
        } else {
            store(&catalogue, "left");
        }
    }
}

#[test]
fn writers_killed_at_any_moment_lose_nothing_and_their_leftovers_are_swept() {
    for together in [false, true] {
        let bench = filled();
        let kept: Vec<LayerEntry> = layers(&bench.data);
        for wait in (0..24).map(|n| 15 + n * 7) {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command
                .args(["--exact", "a_writer_to_be_killed", "--nocapture"])
                .env("PHTEAH_TEST_KILLED", &bench.data)
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            if together {
                command.env("PHTEAH_TEST_TOGETHER", "1");
            }
            let mut child = command.spawn().unwrap();
            std::thread::sleep(Duration::from_millis(wait));
            child.kill().unwrap();
            child.wait().unwrap();
            let catalogue = bench.catalogue();
            for entry in catalogue.layers() {
                catalogue.verify(entry).unwrap();
            }
            for entry in &kept {
                assert!(catalogue.layers().contains(entry), "{} was lost", entry.name);
            }
            let title = |name: &str| catalogue.layer(name).ok().map(|layer| layer.title.clone());
            if together {
                assert_eq!(title("left"), title("right"), "half of one and half of the other");
            }
        }
        assert!(bench.catalogue().sweep().unwrap());
        bench.assert_tidy();
        // What is there is listed, retired, or a note of either.
        let list: serde_json::Value =
            serde_json::from_slice(&std::fs::read(bench.data.join(LIST)).unwrap()).unwrap();
        let text = list.to_string();
        for file in files(&bench.data) {
            let of = file.strip_suffix(".json").unwrap_or(&file);
            assert!(text.contains(of), "left behind: {file}");
        }
        assert!(repair(&bench.data, now()).unwrap().is_clean());
    }
}

#[test]
fn a_running_writers_files_are_not_swept() {
    let bench = filled();
    let batch = bench.catalogue().begin().unwrap();
    let water = bench.file("water.geojson", geojson(&[(r#"{"id":"w"}"#, &square(3.0, 3.0))]));
    import(
        &batch.catalogue().unwrap(),
        &request(Role::Water, &water),
        now(),
        &mut NoProgress,
    )
    .unwrap();
    assert!(!bench.catalogue().sweep().unwrap());
    batch.commit().unwrap();
    assert!(bench.catalogue().vector("water").is_ok());
}
