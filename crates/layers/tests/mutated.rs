//! Damaged files of every kind: each import ends soon, in a layer or in a sentence, and leaves the data directory as it should be.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::path::Path;

use common::{Bench, geojson, request, square};
use gdal::DriverManager;
use gdal::spatial_ref::SpatialRef;
use phteah_layers::{ImportRequest, Role, export_layer};

/// Mutated files of each kind: `PHTEAH_MUTATIONS` in a longer run.
fn per_kind() -> u64 {
    let asked = std::env::var("PHTEAH_MUTATIONS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(24)
}

/// Numbers from a seed (splitmix64): a run that fails can be run again.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }
}

/// What a cable, a disk or an editor does to a file: bytes changed, cut off, doubled, zeroed, a number blown up.
fn mutated(sound: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(bytes.len());
        let end = (at + 1 + dice.below(64)).min(bytes.len());
        match dice.below(6) {
            0 => bytes[at] = dice.next().to_le_bytes()[0],
            1 => bytes.truncate(at.max(1)),
            2 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            3 => bytes[at..end].fill(0),
            4 => bytes[at..end].fill(0xff),
            _ => {
                let digit = bytes.iter().skip(at).position(u8::is_ascii_digit);
                let at = digit.map_or(at, |more| at + more);
                bytes.splice(at..at, *b"99999999999");
            }
        }
    }
    bytes
}

/// Imports mutated copies of a sound file; the sound one goes in, so that the mutated ones get as far as damage lets them.
fn try_all(kind: &str, role: Role, sound: &Path) {
    let bench = Bench::new();
    let extension = sound.extension().unwrap().to_str().unwrap();
    let bytes = std::fs::read(sound).unwrap();
    let ask = |file: &Path| ImportRequest {
        layer: Some("tried".into()),
        crs: (extension == "csv").then(|| "EPSG:32648".into()),
        ..request(role, file)
    };
    bench
        .run(&ask(sound))
        .unwrap_or_else(|error| panic!("{kind}: the sound file: {error}"));
    let (mut taken, mut refused) = (0, 0);
    for seed in 0..per_kind() {
        let damaged = mutated(&bytes, &mut Dice(seed));
        let file = bench.file(&format!("damaged.{extension}"), damaged);
        match bench.run(&ask(&file)) {
            Ok(_) => taken += 1,
            Err(error) => {
                refused += 1;
                let said = error.to_string();
                assert!(
                    said.len() > 20 && !said.contains("panicked") && !said.contains("unwrap"),
                    "{kind} {seed}: {said}"
                );
            }
        }
        // Whatever came of it, what is in the catalogue can be read.
        for layer in bench.catalogue().layers() {
            if bench.catalogue().raster(&layer.name).is_err() {
                bench.features(&layer.name);
            }
        }
    }
    bench.assert_tidy();
    eprintln!("{kind}: {taken} taken, {refused} refused");
    assert!(refused > 0, "{kind}: no damage was seen");
}

#[test]
fn damaged_vector_files_end_in_a_layer_or_a_sentence() {
    let bench = Bench::new();
    let lots: Vec<(String, String)> = (0..30)
        .map(|n| {
            let shape = square(f64::from(n % 6) * 0.01, f64::from(n / 6) * 0.01);
            (
                format!(r#"{{"parcel_id":"P{n}","tenure":"hard title","price":{n}.5,"land_use":"ស្រែ"}}"#),
                shape,
            )
        })
        .collect();
    let lots: Vec<(&str, &str)> = lots
        .iter()
        .map(|(about, shape)| (about.as_str(), shape.as_str()))
        .collect();
    let source = bench.file("lots.geojson", geojson(&lots));
    try_all("geojson", Role::Parcels, &source);
    bench.import(Role::Parcels, &source).unwrap();
    for extension in ["gpkg", "fgb", "csv", "kml", "shp.zip"] {
        let file = bench.files.join(format!("sound.{extension}"));
        export_layer(&bench.catalogue(), "parcels", &file, None).unwrap();
        try_all(extension, Role::Parcels, &file);
    }
}

#[test]
fn damaged_rasters_end_in_a_layer_or_a_sentence() {
    let bench = Bench::new();
    let file = bench.files.join("depth.tif");
    {
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        let mut dataset = driver.create_with_band_type::<f32, _>(&file, 40, 30, 1).unwrap();
        dataset
            .set_geo_transform(&[104.9, 0.001, 0.0, 11.6, 0.0, -0.001])
            .unwrap();
        dataset
            .set_spatial_ref(&SpatialRef::from_epsg(4326).unwrap())
            .unwrap();
        let mut band = dataset.rasterband(1).unwrap();
        band.set_no_data_value(Some(-9999.0)).unwrap();
        let depths = (0..1200_u16).map(|cell| f32::from(cell % 9) / 4.0).collect();
        let mut buffer = gdal::raster::Buffer::new((40, 30), depths);
        band.write((0, 0), (40, 30), &mut buffer).unwrap();
    }
    try_all("tif", Role::Elevation, &file);
}
