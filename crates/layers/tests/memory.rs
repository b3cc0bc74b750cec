//! A million polygons need no more memory than their ids.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::io::Write;
use std::process::Command;

use common::{Bench, now, request};
use phteah_layers::{Catalogue, NoProgress, Role, import};

/// Not a test of its own: imports the file that it is told to, and says how much memory that took at most.
#[test]
fn import_and_tell_the_memory() {
    let Ok(data) = std::env::var("PHTEAH_TEST_DATA") else {
        return;
    };
    let file = std::path::PathBuf::from(std::env::var("PHTEAH_TEST_FILE").unwrap());
    let catalogue = Catalogue::open(std::path::Path::new(&data)).unwrap();
    let report = import(&catalogue, &request(Role::Parcels, &file), now(), &mut NoProgress).unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    println!(
        "KEPT {} PEAK {}",
        report.kept,
        peak.trim().trim_end_matches(" kB")
    );
}

/// Peak memory in MB of importing so many parcels, in a process of its own.
fn peak(parcels: usize) -> f64 {
    let bench = Bench::new();
    let path = bench.files.join("parcels.geojson");
    let mut out = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    write!(out, r#"{{"type":"FeatureCollection","features":["#).unwrap();
    for i in 0..parcels {
        let (column, row) = (i % 1000, i / 1000);
        let (w, s) = (104.3 + column as f64 * 0.001, 11.1 + row as f64 * 0.0009);
        let (e, n) = (w + 0.0009, s + 0.0008);
        let comma = if i == 0 { "" } else { "," };
        // One in a thousand crosses itself.
        let ring = if i % 1000 == 7 {
            format!("[{w:.6},{s:.6}],[{e:.6},{n:.6}],[{e:.6},{s:.6}],[{w:.6},{n:.6}],[{w:.6},{s:.6}]")
        } else {
            format!("[{w:.6},{s:.6}],[{e:.6},{s:.6}],[{e:.6},{n:.6}],[{w:.6},{n:.6}],[{w:.6},{s:.6}]")
        };
        write!(out, "{comma}\n{{\"type\":\"Feature\",\"properties\":{{\"parcel_id\":\"P{i}\",\"tenure\":\"hard title\",\"land_use\":\"rice\"}},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[[{ring}]]}}}}").unwrap();
    }
    write!(out, "]}}").unwrap();
    out.flush().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "import_and_tell_the_memory", "--nocapture"])
        .env("PHTEAH_TEST_DATA", &bench.data)
        .env("PHTEAH_TEST_FILE", &path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let words: Vec<&str> = said
        .split_whitespace()
        .skip_while(|word| *word != "KEPT")
        .collect();
    assert_eq!(words.get(1), Some(&parcels.to_string().as_str()), "{said}");
    words[3].parse::<f64>().unwrap() / 1024.0
}

#[test]
fn memory_does_not_grow_with_the_number_of_polygons() {
    let most = std::env::var("PHTEAH_TEST_PARCELS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(60_000);
    let (few, many) = (peak(6_000), peak(most));
    println!("{few:.0} MB for 6,000 parcels, {many:.0} MB for {most}");
    // Ids cost up to 100 bytes each while their table grows; SQLite and GDAL keep caches of a fixed size.
    let allowed = 60.0 + most as f64 * 100.0 / 1e6;
    assert!(many - few < allowed, "{few:.0} MB grew to {many:.0} MB");
}
