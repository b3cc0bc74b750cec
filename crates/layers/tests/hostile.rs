//! Files made to do harm: they reach no other file, no address, and end in a sentence.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use common::{Bench, geojson, point};
use phteah_layers::{Deployment, ImportReport, LayersError, OpenOptions, RasterFile, Role, open_vector};
use rusqlite::Connection;

/// What no layer may ever hold.
const SECRET: &str = "correct-horse-battery-staple";

/// An address that counts who comes.
struct Address(TcpListener);

impl Address {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    #[track_caller]
    fn nobody_came(&self) {
        assert!(self.0.accept().is_err(), "a connection was made");
    }
}

#[track_caller]
fn refused(result: Result<ImportReport, LayersError>) -> String {
    let error = result.expect_err("the import should have been refused");
    let said = error.to_string();
    assert!(
        said.len() > 20 && !said.contains("NULL") && !said.contains("''"),
        "{said}"
    );
    said
}

/// A square of about a hundred metres.
fn square() -> String {
    r#"{"type":"Polygon","coordinates":[[[104.9,11.55],[104.901,11.55],[104.901,11.551],[104.9,11.551],[104.9,11.55]]]}"#
        .to_owned()
}

/// A sound `GeoPackage` with one point layer, to which hostile definitions are added.
fn geopackage(bench: &Bench, name: &str, hostile: &[(&str, &str, &str)]) -> PathBuf {
    let file = bench.file(
        "good.geojson",
        geojson(&[(r#"{"id":"a"}"#, &point(104.9, 11.55))]),
    );
    let opened = open_vector(&file, &OpenOptions::default()).unwrap();
    let path = bench.files.join(name);
    let shape = phteah_layers::TableShape {
        fields: &[],
        geometry: phteah_layers::GeometryKind::Point,
        from: opened.crs(),
        crs: None,
    };
    let meta = phteah_layers::TableMeta {
        name: "survey".into(),
        ..phteah_layers::TableMeta::default()
    };
    let mut writer = phteah_layers::TableWriter::create(&path, &shape, &meta).unwrap();
    writer
        .push("a", Some(geo::Point::new(104.9, 11.55).into()), &[])
        .unwrap();
    writer.finish().unwrap();
    let sqlite = Connection::open(&path).unwrap();
    sqlite.pragma_update(None, "writable_schema", "ON").unwrap();
    for (kind, name, sql) in hostile {
        if *kind == "trigger" {
            sqlite.execute_batch(sql).unwrap();
            continue;
        }
        let add =
            "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES (?1, ?2, ?2, 0, ?3)";
        sqlite.execute(add, [kind, name, sql]).unwrap();
    }
    sqlite.close().unwrap();
    path
}

#[test]
fn a_sound_geopackage_is_read() {
    let bench = Bench::new();
    let file = geopackage(
        &bench,
        "good.gpkg",
        &[("view", "shown", "CREATE VIEW shown AS SELECT * FROM survey")],
    );
    let options = OpenOptions {
        layer: Some("survey".into()),
        ..OpenOptions::default()
    };
    let opened = open_vector(&file, &options).unwrap();
    assert_eq!(
        opened.shapes(|shape| shape.is_some()).unwrap().concat(),
        [(Some("a".into()), true)]
    );
}

#[test]
fn a_database_whose_schema_reaches_out_is_refused_before_it_is_opened() {
    let bench = Bench::new();
    let secret = bench.file("secret.csv", format!("id,lon,lat\n{SECRET},104.9,11.55\n"));
    let secret = secret.display();
    let address = Address::new();
    let url = address.url();
    let cases = [
        (
            "table",
            format!("CREATE VIRTUAL TABLE bad USING VirtualText('{secret}', 'UTF-8', 1, POINT, NONE, ',')"),
            "virtual",
        ),
        ("table", format!("CREATE VIRTUAL TABLE bad USING VirtualOGR('/vsicurl/{url}/a.geojson')"), "virtual"),
        ("table", "CREATE VIRTUAL TABLE bad USING VirtualOGR('PG:host=127.0.0.1')".to_owned(), "virtual"),
        ("table", format!("CREATE/**/VIRTUAL TABLE bad USING \"virtualogr\"('{secret}')"), "virtual"),
        (
            "view",
            "CREATE VIEW bad AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) SELECT n, 104.9 AS lon, 11.5 AS lat FROM c"
                .to_owned(),
            "without end",
        ),
        ("view", format!("CREATE VIEW bad AS SELECT ogr_datasource_load_layers('{secret}')"), "calls the function"),
        ("view", format!("CREATE VIEW bad AS SELECT BlobFromFile('{secret}') AS x"), "calls the function"),
        ("trigger", "CREATE TRIGGER bad AFTER INSERT ON survey BEGIN SELECT load_extension('x'); END".to_owned(), "trigger"),
    ];
    for (number, (kind, sql, said)) in cases.iter().enumerate() {
        for name in ["gpkg", "sqlite"] {
            let file = geopackage(&bench, &format!("bad{number}.gpkg"), &[(kind, "bad", sql)]);
            let renamed = bench.files.join(format!("bad-{number}.{name}"));
            std::fs::rename(file, &renamed).unwrap();
            let told = refused(bench.import(Role::Settlements, &renamed));
            assert!(told.contains(said) && !told.contains(SECRET), "{sql}: {told}");
        }
    }
    address.nobody_came();
    assert!(bench.catalogue().layers().is_empty());
}

#[test]
fn unfinished_changes_beside_a_database_and_lists_of_commands_are_refused() {
    let bench = Bench::new();
    let file = geopackage(&bench, "open.gpkg", &[]);
    bench.file("open.gpkg-wal", "anything");
    let told = refused(bench.import(Role::Settlements, &file));
    assert!(told.contains("another program has it open"), "{told}");
    for (name, start) in [("a.sql", "-- SQL SQLITE\n"), ("b.sql", "-- SQL GPKG\n")] {
        let file = bench.file(name, format!("{start}CREATE TABLE a (b);"));
        refused(bench.import(Role::Settlements, &file));
    }
}

#[test]
fn no_address_in_a_file_is_asked() {
    let bench = Bench::new();
    let address = Address::new();
    let url = address.url();
    let shape = square();
    let linked = format!(
        r#"{{"type":"FeatureCollection","crs":{{"type":"link","properties":{{"href":"{url}/crs","type":"ogcwkt"}}}},"features":[{{"type":"Feature","properties":{{"parcel_id":"a"}},"geometry":{shape}}}]}}"#
    );
    let gml = format!(
        r#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "{url}/entity">]><wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" xmlns:gml="http://www.opengis.net/gml" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:my="http://my" xsi:schemaLocation="http://my {url}/wfs?SERVICE=WFS&amp;VERSION=1.0.0&amp;REQUEST=DescribeFeatureType&amp;typeName=my:a"><gml:featureMember><my:a fid="1"><my:parcel_id xlink:href="{url}/x#y">p</my:parcel_id><my:geom><gml:Point srsName="EPSG:4326"><gml:coordinates>104.9,11.55</gml:coordinates></gml:Point></my:geom></my:a></gml:featureMember></wfs:FeatureCollection>"#
    );
    let vrt = format!(
        r#"<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/vsicurl/{url}/a.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"#
    );
    for (name, text) in [
        ("a.geojson", linked),
        ("b.gml", gml),
        ("c.gpkg", vrt.clone()),
        ("d.csv", vrt.clone()),
        ("e.vrt", vrt),
    ] {
        let file = bench.file(name, text);
        // Taken or refused, as the rest of it deserves.
        let result = bench.import(Role::Parcels, &file);
        if name == "a.geojson" {
            let told = refused(result);
            assert!(told.contains("names an address on the network"), "{told}");
        }
    }
    let _ = bench.import(Role::Parcels, Path::new(&format!("/vsicurl/{url}/a.geojson")));
    address.nobody_came();
}

#[test]
fn what_is_no_file_is_refused_and_never_waited_for() {
    let bench = Bench::new();
    let pipe = bench.files.join("pipe.geojson");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    for (path, said) in [
        (pipe.as_path(), "no file"),
        (Path::new("/dev/zero"), "no file"),
        (bench.files.as_path(), "no file"),
        (Path::new("/vsistdin/"), "no such file"),
        (Path::new("GPKG:a.gpkg:layer"), "no such file"),
    ] {
        let told = refused(bench.import(Role::Parcels, path));
        assert!(told.contains(said), "{told}");
        let told = open_vector(path, &OpenOptions::default())
            .err()
            .unwrap()
            .to_string();
        assert!(told.contains(said), "{told}");
        let told = RasterFile::open(path, &Deployment::default())
            .err()
            .unwrap()
            .to_string();
        assert!(told.contains(said), "{told}");
    }
}

fn zipped(bench: &Bench, name: &str, members: &[(&str, &[u8])], link: Option<(&str, &Path)>) -> PathBuf {
    let path = bench.files.join(name);
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    for (name, bytes) in members {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    if let Some((name, target)) = link {
        zip.add_symlink(name, target.to_str().unwrap(), options).unwrap();
    }
    zip.finish().unwrap();
    path
}

#[test]
fn links_in_an_archive_and_beside_a_file_lead_nowhere() {
    let bench = Bench::new();
    let text = geojson(&[(&format!(r#"{{"id":"{SECRET}"}}"#), &square())]);
    let secret = bench.file("secret.geojson", text);
    let archive = zipped(&bench, "link.zip", &[], Some(("a.geojson", &secret)));
    refused(bench.import(Role::Parcels, &archive));
    // A name that leads out of the archive.
    let archive = zipped(&bench, "up.zip", &[("../../up.geojson", b"{}")], None);
    refused(bench.import(Role::Parcels, &archive));
}

fn tif(path: &Path, value: f32) {
    let driver = gdal::DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut dataset = driver.create_with_band_type::<f32, _>(path, 4, 4, 1).unwrap();
    dataset
        .set_geo_transform(&[104.9, 0.01, 0.0, 11.6, 0.0, -0.01])
        .unwrap();
    let wgs84 = gdal::spatial_ref::SpatialRef::from_epsg(4326).unwrap();
    dataset.set_spatial_ref(&wgs84).unwrap();
    let mut cells = gdal::raster::Buffer::new((4, 4), vec![value; 16]);
    dataset
        .rasterband(1)
        .unwrap()
        .write((0, 0), (4, 4), &mut cells)
        .unwrap();
    dataset.close().unwrap();
}

/// The text of a virtual raster that shows another one, with a grid of its own.
fn virtual_raster(of: &Path) -> String {
    format!(
        r#"<VRTDataset rasterXSize="4" rasterYSize="4"><SRS>EPSG:4326</SRS><GeoTransform>104.94, 0.01, 0, 11.6, 0, -0.01</GeoTransform><VRTRasterBand dataType="Float32" band="1"><SimpleSource><SourceFilename relativeToVRT="0">{}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"#,
        of.display()
    )
}

#[test]
fn a_raster_is_opened_by_the_listed_drivers_at_every_opening() {
    let bench = Bench::new();
    let secret = bench.files.join("secret.tif");
    tif(&secret, 77.0);
    let good = bench.files.join("a.tif");
    tif(&good, 1.0);
    let good = std::fs::read(&good).unwrap();
    let text = virtual_raster(&secret);
    let header = "ENVI\nsamples = 4\nlines = 4\nbands = 1\nheader offset = 0\ndata type = 4\ninterleave = bsq\nbyte order = 0\nmap info = {Geographic Lat/Lon, 1, 1, 104.94, 11.6, 0.01, 0.01, WGS-84}\n";
    // As a tile, as overviews, and under the name of a TIFF.
    let tiles = zipped(
        &bench,
        "tiles.zip",
        &[
            ("a.tif", &good),
            ("p.img", text.as_bytes()),
            ("p.hdr", header.as_bytes()),
        ],
        None,
    );
    let overviews = zipped(
        &bench,
        "over.zip",
        &[("a.tif", &good), ("a.tif.ovr", text.as_bytes())],
        None,
    );
    let disguised = zipped(&bench, "other.zip", &[("a.tif", text.as_bytes())], None);
    for archive in [tiles, overviews, disguised] {
        if bench.import(Role::Elevation, &archive).is_err() {
            continue;
        }
        let raster = bench.catalogue().raster("elevation").unwrap();
        let block = raster.read(raster.grid().window()).unwrap();
        assert!(
            !block.values.contains(&77.0),
            "{}: {:?}",
            archive.display(),
            block.values
        );
    }
}

#[test]
fn a_damaged_raster_is_told_by_what_is_wrong_with_it() {
    let bench = Bench::new();
    let good = bench.files.join("good.tif");
    tif(&good, 1.0);
    let good = std::fs::read(&good).unwrap();
    let mut magic = good.clone();
    magic[1] = 1;
    let mut directory = good.clone();
    directory[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    for (name, bytes, said) in [
        ("magic.tif", &magic[..], "first bytes"),
        ("directory.tif", &directory[..], "directory.tif cannot be read: "),
        ("short.tif", &good[..6], "short.tif cannot be read: "),
        ("empty.tif", b"", "empty"),
        ("text.asc", b"hello, I am no raster", "format"),
    ] {
        let file = bench.file(name, bytes);
        let told = refused(bench.import(Role::Elevation, &file));
        assert!(told.contains(said), "{told}");
    }
    // Whatever byte is damaged: a sentence, or a raster.
    for at in (0..good.len()).step_by(37) {
        let mut bytes = good.clone();
        bytes[at] ^= 0xff;
        let file = bench.file("one.tif", bytes);
        if let Err(error) = RasterFile::open(&file, &Deployment::default()).map(|_| ()) {
            let said = error.to_string();
            assert!(!said.contains("NULL") && !said.ends_with(": "), "{said}");
        }
    }
}

/// A shape that claims more points than there are atoms to hold, and one that is larger than any message.
#[test]
fn a_huge_shape_in_a_database_ends_in_a_sentence() {
    let bench = Bench::new();
    let store = |name: &str, sql: &str| {
        let file = geopackage(&bench, name, &[]);
        let sqlite = Connection::open(&file).unwrap();
        // The index is of no matter, and its triggers want functions that only programs of maps have.
        let triggers: Vec<String> = sqlite
            .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for trigger in triggers {
            sqlite
                .execute_batch(&format!("DROP TRIGGER \"{trigger}\""))
                .unwrap();
        }
        sqlite.execute(sql, []).unwrap();
        sqlite.close().unwrap();
        file
    };
    // A header of a GeoPackage's shape, then a line of 4,294,967,295 points of which one is there.
    let claim = "X'47500001E610000001 02000000 FFFFFFFF 9A99999999395A40 9A99999999192740'".replace(' ', "");
    let claims = store("claims.gpkg", &format!("UPDATE survey SET geom = {claim}"));
    let said = match bench.import(Role::Settlements, &claims) {
        Ok(report) => panic!("{report}"),
        Err(error) => format!(
            "{error} {}",
            error.report().map(ToString::to_string).unwrap_or_default()
        ),
    };
    assert!(said.len() > 20 && !said.contains("NULL"), "{said}");
    let large = store("large.gpkg", "UPDATE survey SET geom = zeroblob(300000000)");
    let said = match bench.import(Role::Settlements, &large) {
        Ok(report) => panic!("{report}"),
        Err(error) => format!(
            "{error} {}",
            error.report().map(ToString::to_string).unwrap_or_default()
        ),
    };
    assert!(said.len() > 20 && !said.contains("NULL"), "{said}");
    bench.assert_tidy();
}

/// A raster of a few hundred bytes, all of whose 14 GB lie in one strip.
#[test]
fn a_huge_strip_ends_in_a_sentence() {
    const SIDE: u32 = 60_000;
    let bench = Bench::new();
    let mut tif: Vec<u8> = b"II*\0\x08\0\0\0".to_vec();
    // Tag, type (3 short, 4 long, 12 double), count, value or place.
    let tags: [(u16, u16, u32, u32); 13] = [
        (256, 4, 1, SIDE),
        (257, 4, 1, SIDE),
        (258, 3, 1, 32),
        (259, 3, 1, 8),
        (262, 3, 1, 1),
        (273, 4, 1, 400),
        (277, 3, 1, 1),
        (278, 4, 1, SIDE),
        (279, 4, 1, 64),
        (284, 3, 1, 1),
        (339, 3, 1, 3),
        (33550, 12, 3, 200),
        (33922, 12, 6, 224),
    ];
    tif.extend((tags.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in tags {
        tif.extend(tag.to_le_bytes());
        tif.extend(kind.to_le_bytes());
        tif.extend(count.to_le_bytes());
        tif.extend(value.to_le_bytes());
    }
    tif.extend([0; 4]);
    tif.resize(200, 0);
    let numbers = [0.00001, 0.00001, 0.0, 0.0, 0.0, 0.0, 104.7, 11.8, 0.0];
    for number in numbers {
        tif.extend(f64::to_le_bytes(number));
    }
    tif.resize(400, 0);
    // A stream of deflate that unpacks to nothing.
    tif.extend([0x78, 0x9c, 0x03, 0, 0, 0, 0, 1]);
    tif.resize(464, 0);
    let file = bench.file("strip_rp100.tif", &tif);
    let request = phteah_layers::ImportRequest {
        crs: Some("EPSG:4326".into()),
        ..common::request(Role::FloodDepth, &file)
    };
    let said = refused(bench.run(&request));
    assert!(said.contains("strip_rp100.tif"), "{said}");
    bench.assert_tidy();
}

/// What unpacks an archive of rasters is a process apart, too, and its files are those of the archive.
#[test]
fn an_archive_of_rasters_is_unpacked_apart() {
    let bench = Bench::new();
    let inside = bench.files.join("inside.tif");
    tif(&inside, 1.5);
    let bytes = std::fs::read(&inside).unwrap();
    let members: [(&str, &[u8]); 2] = [("tiles/a_rp100.tif", &bytes), ("readme.txt", b"one tile")];
    let good = zipped(&bench, "good_rp100.zip", &members, None);
    let report = bench.import(Role::FloodDepth, &good).unwrap();
    assert!(report.kept > 0, "{report}");
    // A link in place of the tile is not followed.
    let bad = zipped(&bench, "bad_rp100.zip", &[], Some(("a_rp100.tif", &inside)));
    refused(bench.import(Role::FloodDepth, &bad));
    // What is no archive is told in a sentence.
    let broken = bench.file("broken_rp100.zip", b"PK\x03\x04 and nothing more");
    refused(bench.import(Role::FloodDepth, &broken));
    bench.assert_tidy();
}
