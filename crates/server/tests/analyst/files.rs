//! Small files in a folder of their own, and the program run on them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use gdal::raster::{Buffer, RasterCreationOptions};
use gdal::spatial_ref::SpatialRef;
use gdal::{Dataset, DriverManager};
use tempfile::TempDir;

/// Where the little world of these tests begins, in EPSG:32648.
pub const WEST: f64 = 490_000.0;
/// Its northern edge.
pub const NORTH: f64 = 1_280_000.0;

/// What a run of the program ended with.
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    #[track_caller]
    pub fn done(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self
    }

    /// Checks the exit code and that everything is said that should be.
    #[track_caller]
    pub fn refused(&self, code: i32, said: &[&str]) {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        for words in said {
            assert!(self.err.contains(words), "{words:?} is not in:\n{}", self.err);
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
    }
}

/// A folder with the files of one test.
pub struct Files(TempDir);

impl Files {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn text(&self, name: &str, text: &str) -> &Self {
        std::fs::write(self.path(name), text).unwrap();
        self
    }

    /// A GeoJSON file in EPSG:32648: geometry type, coordinates relative to the corner of the world, properties.
    pub fn features(&self, name: &str, features: &[(&str, &str, &str)]) -> &Self {
        let features: Vec<String> = features
            .iter()
            .map(|(kind, coordinates, properties)| {
                format!(
                    r#"{{"type":"Feature","properties":{{{properties}}},"geometry":{{"type":"{kind}","coordinates":{}}}}}"#,
                    placed(coordinates)
                )
            })
            .collect();
        self.text(
            name,
            &format!(
                r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:EPSG::32648"}}}},"features":[{}]}}"#,
                features.join(",")
            ),
        )
    }

    /// The same features in another CRS, as GDAL brings them there.
    pub fn moved(&self, from: &str, to: &str, epsg: u32) -> &Self {
        let status = Command::new("ogr2ogr")
            .args(["-t_srs", &format!("EPSG:{epsg}"), to, from])
            .current_dir(self.0.path())
            .status()
            .unwrap();
        assert!(status.success(), "ogr2ogr {from} to {to}");
        self
    }

    /// A raster of `columns` × `rows` cells of 10 m from the corner of the world, its values by row from the north.
    pub fn raster(&self, name: &str, columns: usize, values: &[f32]) -> &Self {
        self.raster_with(name, columns, values, None, None)
    }

    pub fn raster_with(
        &self,
        name: &str,
        columns: usize,
        values: &[f32],
        nodata: Option<f64>,
        unit: Option<&str>,
    ) -> &Self {
        self.write_raster(name, 32648, (WEST, NORTH), 10.0, columns, values, nodata);
        if let Some(unit) = unit {
            self.tag(name, columns, values.len() / columns, unit);
        }
        self
    }

    /// A raster of square cells from a corner, in any CRS.
    pub fn raster_at(
        &self,
        name: &str,
        epsg: u32,
        corner: (f64, f64),
        cell: f64,
        columns: usize,
        values: &[f32],
    ) -> &Self {
        self.write_raster(name, epsg, corner, cell, columns, values, None);
        self
    }

    #[allow(clippy::too_many_arguments, reason = "all that a raster consists of")]
    fn write_raster(
        &self,
        name: &str,
        epsg: u32,
        (west, north): (f64, f64),
        cell: f64,
        columns: usize,
        values: &[f32],
        nodata: Option<f64>,
    ) {
        let rows = values.len() / columns;
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        let options = RasterCreationOptions::from_iter(["TILED=YES", "COMPRESS=DEFLATE"]);
        let mut raster = driver
            .create_with_band_type_with_options::<f32, _>(self.path(name), columns, rows, 1, &options)
            .unwrap();
        raster
            .set_geo_transform(&[west, cell, 0.0, north, 0.0, -cell])
            .unwrap();
        raster
            .set_spatial_ref(&SpatialRef::from_epsg(epsg).unwrap())
            .unwrap();
        let mut band = raster.rasterband(1).unwrap();
        if nodata.is_some() {
            band.set_no_data_value(nodata).unwrap();
        }
        let mut buffer = Buffer::new((columns, rows), values.to_vec());
        band.write((0, 0), (columns, rows), &mut buffer).unwrap();
    }

    /// Gives a raster a unit tag, by way of a virtual raster: the safe interface to GDAL has no setter for it.
    fn tag(&self, name: &str, columns: usize, rows: usize, unit: &str) {
        let plain = self.path("plain.tif");
        std::fs::rename(self.path(name), &plain).unwrap();
        let source = Dataset::open(&plain).unwrap();
        let nodata = source.rasterband(1).unwrap().no_data_value();
        let nodata = nodata.map_or_else(String::new, |value| format!("<NoDataValue>{value}</NoDataValue>"));
        let vrt = format!(
            r#"<VRTDataset rasterXSize="{columns}" rasterYSize="{rows}"><SRS>EPSG:32648</SRS>
            <GeoTransform>{WEST}, 10, 0, {NORTH}, 0, -10</GeoTransform>
            <VRTRasterBand dataType="Float32" band="1">{nodata}<UnitType>{unit}</UnitType>
            <SimpleSource><SourceFilename>{}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"#,
            plain.display()
        );
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        let options = RasterCreationOptions::default();
        Dataset::open(vrt)
            .unwrap()
            .create_copy(&driver, self.path(name), &options)
            .unwrap();
        assert_eq!(
            Dataset::open(self.path(name))
                .unwrap()
                .rasterband(1)
                .unwrap()
                .unit(),
            unit
        );
    }

    /// Runs the program in this folder.
    pub fn phteah(&self, line: &str) -> Ended {
        run(self.0.path(), &line.split_whitespace().collect::<Vec<_>>())
    }

    /// The same, with what it prints going elsewhere.
    pub fn phteah_into(&self, line: &str, out: std::process::Stdio) -> Ended {
        let mut command = command(self.0.path(), &line.split_whitespace().collect::<Vec<_>>());
        ended(
            command
                .stdout(out)
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap(),
        )
    }

    /// The rows of a CSV table by their first column, each by the names of its columns.
    #[track_caller]
    pub fn table(&self, name: &str) -> HashMap<String, Row> {
        let text = std::fs::read_to_string(self.path(name)).unwrap();
        let mut lines = text.lines();
        let header: Vec<String> = lines.next().unwrap().split(',').map(str::to_owned).collect();
        let row = |line: &str| {
            let cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            assert_eq!(cells.len(), header.len(), "{line}");
            (cells[0].clone(), Row(header.iter().cloned().zip(cells).collect()))
        };
        lines.map(row).collect()
    }
}

/// One row of a table.
#[derive(Debug)]
pub struct Row(HashMap<String, String>);

impl Row {
    #[track_caller]
    pub fn text(&self, column: &str) -> &str {
        self.0
            .get(column)
            .unwrap_or_else(|| panic!("there is no column {column} among {:?}", self.0.keys()))
    }

    #[track_caller]
    pub fn is(&self, column: &str, expected: f64) {
        let text = self.text(column);
        let found: f64 = text.parse().unwrap_or_else(|_| panic!("{column} is {text:?}"));
        assert!(
            (found - expected).abs() <= 1e-6 * expected.abs().max(1.0),
            "{column} is {found}, not {expected}"
        );
    }

    #[track_caller]
    pub fn unknown(&self, columns: &[&str]) {
        for column in columns {
            assert_eq!(self.text(column), "", "{column}");
        }
    }
}

pub fn run(folder: &Path, arguments: &[&str]) -> Ended {
    let mut command = command(folder, arguments);
    let piped = || std::process::Stdio::piped();
    ended(command.stdout(piped()).stderr(piped()).spawn().unwrap())
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_phteah"));
    command.args(arguments).current_dir(folder);
    command
}

fn ended(child: std::process::Child) -> Ended {
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Moves pairs `[x,y]` to the corner of the world; y counts southwards.
fn placed(coordinates: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(coordinates).unwrap();
    moved(&value).to_string()
}

fn moved(value: &serde_json::Value) -> serde_json::Value {
    match value.as_array() {
        Some(pair) if pair.first().is_some_and(serde_json::Value::is_number) => {
            serde_json::json!([
                WEST + pair[0].as_f64().unwrap(),
                NORTH - pair[1].as_f64().unwrap()
            ])
        }
        Some(parts) => parts.iter().map(moved).collect(),
        None => value.clone(),
    }
}

/// The coordinates of a rectangle: west, north (counted southwards), width, height.
pub fn rect(x: f64, y: f64, width: f64, height: f64) -> String {
    let (east, south) = (x + width, y + height);
    format!("[[[{x},{y}],[{x},{south}],[{east},{south}],[{east},{y}],[{x},{y}]]]")
}
