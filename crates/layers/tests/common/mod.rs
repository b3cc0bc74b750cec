//! What the tests of this crate share: a data directory of their own, small files made by hand, real files where there are any.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may fail loudly, and exact values are meant"
)]
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use phteah_layers::import::report::Detail;
use phteah_layers::{
    Catalogue, Feature, ImportReport, ImportRequest, LayersError, NoProgress, Query, Role, import,
    import_preset, parse_map,
};
use tempfile::TempDir;

/// Lets the tests of this program read files: they start it once more, for this test alone.
#[test]
fn phteah_reading_process() {
    phteah_layers::reading_process::serve_if_asked();
}

/// A fixed time: nothing here reads the clock.
pub fn now() -> Timestamp {
    "2026-01-15T08:30:00Z".parse().unwrap()
}

/// A data directory and a place for source files.
pub struct Bench {
    _dir: TempDir,
    pub data: PathBuf,
    pub files: PathBuf,
}

impl Bench {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (data, files) = (dir.path().join("data"), dir.path().join("files"));
        std::fs::create_dir(&files).unwrap();
        Catalogue::open_or_create(&data).unwrap();
        Self {
            _dir: dir,
            data,
            files,
        }
    }

    pub fn catalogue(&self) -> Catalogue {
        Catalogue::open(&self.data).unwrap()
    }

    /// Writes a source file.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.files.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Imports with everything else at its default.
    pub fn import(&self, role: Role, file: &Path) -> Result<ImportReport, LayersError> {
        self.run(&request(role, file))
    }

    pub fn mapped(&self, role: Role, file: &Path, map: &str) -> Result<ImportReport, LayersError> {
        self.run(&ImportRequest {
            map: parse_map(map).unwrap(),
            ..request(role, file)
        })
    }

    pub fn run(&self, request: &ImportRequest) -> Result<ImportReport, LayersError> {
        import(&self.catalogue(), request, now(), &mut NoProgress)
    }

    /// All features of a layer.
    pub fn features(&self, layer: &str) -> Vec<Feature> {
        self.catalogue()
            .vector(layer)
            .unwrap()
            .features(&Query::default())
            .unwrap()
    }

    /// Nothing but what belongs there is left in the data directory.
    pub fn assert_tidy(&self) {
        let catalogue = self.catalogue();
        let mut known: Vec<String> = [
            "deployment.toml",
            "catalogue.json",
            "layers",
            "write.lock",
            "serve.lock",
        ]
        .map(str::to_owned)
        .into();
        known.push("sources".into());
        for entry in std::fs::read_dir(&self.data).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(known.contains(&name), "left behind: {name}");
        }
        for layer in catalogue.layers() {
            assert!(catalogue.path(layer).is_file(), "{} has no file", layer.name);
        }
    }
}

pub fn request(role: Role, file: &Path) -> ImportRequest {
    ImportRequest {
        role: Some(role),
        files: vec![file.to_owned()],
        ..ImportRequest::default()
    }
}

/// A real file, or `None`, said aloud, where the shared data are absent.
pub fn real(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = if beside.is_dir() {
        Some(beside)
    } else {
        std::env::var_os("PHTEAH_SHARED").map(PathBuf::from)
    };
    let found = shared
        .map(|shared| shared.join(name))
        .filter(|path| path.is_file());
    if found.is_none() {
        eprintln!("SKIPPED: {name} is not there (beside the repository, or in PHTEAH_SHARED)");
    }
    found
}

/// A GeoJSON file of features, each `(properties, geometry)` as JSON text.
pub fn geojson(features: &[(&str, &str)]) -> String {
    let features: Vec<String> = features
        .iter()
        .map(|(properties, geometry)| {
            format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
        })
        .collect();
    format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    )
}

/// A square of about 100 m, its south-west corner so many thousandths of a degree east and north of the city's centre.
pub fn square(east: f64, north: f64) -> String {
    let (w, s) = (104.92 + east / 1000.0, 11.55 + north / 1000.0);
    let (e, n) = (w + 0.001, s + 0.001);
    format!(r#"{{"type":"Polygon","coordinates":[[[{w},{s}],[{e},{s}],[{e},{n}],[{w},{n}],[{w},{s}]]]}}"#)
}

pub fn point(lon: f64, lat: f64) -> String {
    format!(r#"{{"type":"Point","coordinates":[{lon},{lat}]}}"#)
}

pub fn first<'a>(report: &'a ImportReport, code: &str) -> &'a Detail {
    let finding = report.findings.iter().find(|f| f.code == code);
    &finding
        .unwrap_or_else(|| panic!("no finding {code} in\n{report}"))
        .first[0]
}

pub fn refused(result: Result<ImportReport, LayersError>) -> (String, Option<ImportReport>) {
    let error = result.expect_err("the import should have been refused");
    assert!(!error.is_usage(), "a usage error: {error}");
    (error.to_string(), error.report().cloned())
}

pub fn preset(bench: &Bench, name: &str, files: &[PathBuf]) -> Result<Vec<ImportReport>, LayersError> {
    let request = ImportRequest {
        preset: Some(name.into()),
        files: files.to_vec(),
        ..ImportRequest::default()
    };
    import_preset(&bench.catalogue(), &request, now(), &mut NoProgress)
}

pub fn ran(bench: &Bench, name: &str, file: &Path) -> Vec<ImportReport> {
    preset(bench, name, &[file.to_owned()]).unwrap_or_else(|e| panic!("{name}: {e}\n{:?}", e.report()))
}
