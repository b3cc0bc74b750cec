//! Several rasters that make one: each tile by its own type, scale, unit, nodata value and direction, or refused with the reason.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may fail loudly, and exact values are meant"
)]

mod common;

use std::path::PathBuf;

use common::{Bench, now};
use gdal::raster::{Buffer, GdalDataType};
use phteah_layers::{ImportReport, ImportRequest, LayersError, NoProgress, import_preset};

/// A tile of 4 × 4 cells; by default 32-bit floats in degrees, cells of 0.01°, without unit.
struct Tile {
    west: f64,
    north: f64,
    cell: f64,
    value: f64,
    kind: GdalDataType,
    nodata: Option<f64>,
    scale: Option<f64>,
    bands: usize,
    south_up: bool,
    unit: Option<&'static str>,
}

impl Tile {
    fn at(west: f64, value: f64) -> Self {
        Self {
            west,
            north: 11.6,
            cell: 0.01,
            value,
            kind: GdalDataType::Float32,
            nodata: None,
            scale: None,
            bands: 1,
            south_up: false,
            unit: None,
        }
    }

    /// Row by row from the north: the value, and one more in the northernmost row.
    fn write(&self, bench: &Bench, name: &str) -> PathBuf {
        let path = bench.files.join(name);
        let driver = gdal::DriverManager::get_driver_by_name("GTiff").unwrap();
        let (n, bands) = (4, self.bands);
        let mut dataset = match self.kind {
            GdalDataType::Float64 => driver.create_with_band_type::<f64, _>(&path, n, n, bands),
            GdalDataType::Int16 => driver.create_with_band_type::<i16, _>(&path, n, n, bands),
            GdalDataType::UInt8 => driver.create_with_band_type::<u8, _>(&path, n, n, bands),
            _ => driver.create_with_band_type::<f32, _>(&path, n, n, bands),
        }
        .unwrap();
        let transform = if self.south_up {
            [
                self.west,
                self.cell,
                0.0,
                self.north - 4.0 * self.cell,
                0.0,
                self.cell,
            ]
        } else {
            [self.west, self.cell, 0.0, self.north, 0.0, -self.cell]
        };
        dataset.set_geo_transform(&transform).unwrap();
        let wgs84 = gdal::spatial_ref::SpatialRef::from_epsg(4326).unwrap();
        dataset.set_spatial_ref(&wgs84).unwrap();
        let mut cells = [[self.value + 1.0; 4].to_vec(), vec![self.value; 12]].concat();
        if self.south_up {
            cells.rotate_left(4);
        }
        let mut band = dataset.rasterband(1).unwrap();
        band.set_no_data_value(self.nodata).unwrap();
        if let Some(scale) = self.scale {
            band.set_scale(scale).unwrap();
        }
        band.write((0, 0), (n, n), &mut Buffer::new((n, n), cells))
            .unwrap();
        dataset.close().unwrap();
        let Some(unit) = self.unit else { return path };
        // Only a virtual raster can be given a unit through the safe interface.
        let vrt = bench.files.join(format!("{name}.vrt"));
        let plain = gdal::Dataset::open(&path).unwrap();
        gdal::programs::raster::build_vrt(Some(&vrt), &[plain], None)
            .unwrap()
            .close()
            .unwrap();
        let text = std::fs::read_to_string(&vrt).unwrap();
        let source = if text.contains("<ComplexSource>") {
            "<ComplexSource>"
        } else {
            "<SimpleSource>"
        };
        let text = text.replacen(source, &format!("<UnitType>{unit}</UnitType>{source}"), 1);
        std::fs::write(&vrt, text).unwrap();
        let with_unit = bench.files.join(format!("unit-{name}"));
        gdal::Dataset::open(&vrt)
            .unwrap()
            .create_copy(&driver, &with_unit, &gdal::cpl::CslStringList::new())
            .unwrap()
            .close()
            .unwrap();
        with_unit
    }
}

fn import(bench: &Bench, files: &[PathBuf]) -> Result<ImportReport, LayersError> {
    let request = ImportRequest {
        preset: Some("jrc-flood".into()),
        files: files.to_vec(),
        ..ImportRequest::default()
    };
    import_preset(&bench.catalogue(), &request, now(), &mut NoProgress).map(|mut reports| reports.remove(0))
}

/// The stored cells, row by row.
fn rows(bench: &Bench) -> Vec<Vec<Option<f32>>> {
    let raster = bench.catalogue().raster("flood_river_rp100").unwrap();
    let block = raster.read(raster.grid().window()).unwrap();
    let cells: Vec<Option<f32>> = (block.values.iter().zip(&block.valid))
        .map(|(value, valid)| valid.then_some(*value))
        .collect();
    cells.chunks(raster.grid().columns).map(<[_]>::to_vec).collect()
}

/// Imports a first tile of 1 m (2 m in its northernmost row) and another one east of it.
fn beside(second: &Tile) -> (Bench, Result<ImportReport, LayersError>) {
    let bench = Bench::new();
    let files = [
        Tile::at(104.90, 1.0).write(&bench, "w_rp100.tif"),
        second.write(&bench, "e_rp100.tif"),
    ];
    let done = import(&bench, &files);
    (bench, done)
}

#[test]
fn tiles_of_other_types_scales_directions_and_bands_are_read_each_by_its_own() {
    let east = || Tile::at(104.94, 3.0);
    let cases = [
        east(),
        Tile {
            kind: GdalDataType::Float64,
            ..east()
        },
        Tile {
            kind: GdalDataType::Int16,
            ..east()
        },
        Tile {
            kind: GdalDataType::UInt8,
            nodata: Some(255.0),
            ..east()
        },
        Tile {
            south_up: true,
            ..east()
        },
        Tile { bands: 3, ..east() },
        Tile {
            unit: Some("m"),
            ..east()
        },
    ];
    for tile in cases {
        let (bench, done) = beside(&tile);
        let report = done.unwrap();
        let expected: Vec<f32> = [[2.0; 4], [4.0; 4]].concat();
        assert_eq!(
            rows(&bench)[0],
            expected.into_iter().map(Some).collect::<Vec<_>>()
        );
        assert_eq!(rows(&bench)[3][3..5], [Some(1.0), Some(3.0)]);
        let text = report.to_string();
        assert!(text.contains("w_rp100.tif: all 16 cells taken"), "{text}");
        assert!(text.contains("e_rp100.tif: all 16 cells taken"), "{text}");
        assert_eq!(text.contains("turned"), tile.south_up, "{text}");
        assert_eq!(text.contains("the first of 3 bands"), tile.bands == 3, "{text}");
    }
    let (bench, done) = beside(&Tile {
        value: 30.0,
        scale: Some(0.1),
        ..east()
    });
    done.unwrap();
    assert_eq!(rows(&bench)[3][3..5], [Some(1.0), Some(3.0)]);
}

#[test]
fn one_rule_for_the_unit_of_one_file_and_of_many() {
    for unit in ["cm", "mm"] {
        let bench = Bench::new();
        let times = if unit == "cm" { 100.0 } else { 1000.0 };
        let tile = |west| Tile {
            unit: Some(unit),
            ..Tile::at(west, 0.7 * times)
        };
        let one = tile(104.90).write(&bench, "a_rp100.tif");
        import(&bench, std::slice::from_ref(&one)).unwrap();
        assert_eq!(rows(&bench)[1][0], Some(0.7));
        let report = import(&bench, &[one, tile(104.94).write(&bench, "b_rp100.tif")]).unwrap();
        assert_eq!(rows(&bench)[1][0], Some(0.7));
        assert_eq!(rows(&bench)[1][7], Some(0.7));
        assert!(
            report.to_string().contains(&format!("{unit} made metres")),
            "{report}"
        );
    }
    // Each by its own unit; one that says none beside one in other units than metres is a guess.
    let bench = Bench::new();
    let centimetres = Tile {
        unit: Some("cm"),
        ..Tile::at(104.90, 50.0)
    }
    .write(&bench, "a_rp100.tif");
    let metres = Tile {
        unit: Some("m"),
        ..Tile::at(104.94, 0.5)
    }
    .write(&bench, "b_rp100.tif");
    import(&bench, &[centimetres.clone(), metres]).unwrap();
    assert_eq!((rows(&bench)[1][0], rows(&bench)[1][7]), (Some(0.5), Some(0.5)));
    let silent = Tile::at(104.94, 0.5).write(&bench, "c_rp100.tif");
    let told = import(&bench, &[centimetres, silent]).unwrap_err().to_string();
    assert!(told.contains("c_rp100.tif does not say its own"), "{told}");
}

#[test]
fn what_lies_in_no_tile_is_unknown() {
    // Nodata declared in one of them alone, and a gap of one column.
    for (nodata, west, unknown) in [(Some(3.0), 104.94, 12), (None, 104.95, 4)] {
        let (bench, done) = beside(&Tile {
            nodata,
            ..Tile::at(west, 3.0)
        });
        let report = done.unwrap();
        let cells = rows(&bench).concat();
        assert_eq!(
            cells.iter().filter(|cell| cell.is_none()).count(),
            unknown,
            "{report}"
        );
        assert!(!cells.contains(&Some(0.0)));
        assert_eq!(
            report.to_string().contains("4 cells lie in none of the 2 tiles"),
            nodata.is_none(),
            "{report}"
        );
    }
    // A corner without a tile.
    let bench = Bench::new();
    let files = [
        Tile::at(104.90, 1.0).write(&bench, "a_rp100.tif"),
        Tile::at(104.94, 1.0).write(&bench, "b_rp100.tif"),
        Tile {
            north: 11.56,
            ..Tile::at(104.90, 1.0)
        }
        .write(&bench, "c_rp100.tif"),
    ];
    let report = import(&bench, &files).unwrap();
    let rows = rows(&bench);
    assert_eq!((rows.len(), rows[0].len()), (8, 8));
    assert!(
        rows[4..].iter().all(|row| row[4..].iter().all(Option::is_none)),
        "{rows:?}"
    );
    assert_eq!(report.left_out, 16);
}

#[test]
fn overlaps_are_told_where_tiles_differ() {
    for (value, differing) in [(1.0, false), (1.5, true)] {
        let (bench, done) = beside(&Tile::at(104.93, value));
        let report = done.unwrap();
        assert_eq!(rows(&bench)[3][3], Some(1.0));
        assert_eq!(
            report.to_string().contains("differ in 4 cells, by up to 0.5 m"),
            differing,
            "{report}"
        );
    }
}

#[test]
fn rasters_that_are_no_tiles_of_one_are_refused_by_name() {
    for (tile, said) in [
        (
            Tile::at(104.945, 3.0),
            "shifted by 0.50 of a cell to the east and 0.00 to the south",
        ),
        (
            Tile {
                north: 11.604,
                ..Tile::at(104.94, 3.0)
            },
            "to the south",
        ),
        (
            Tile {
                cell: 0.02,
                ..Tile::at(104.94, 3.0)
            },
            "cell size differs",
        ),
        (
            Tile {
                unit: Some("degrees"),
                ..Tile::at(104.94, 3.0)
            },
            "no length known here",
        ),
    ] {
        let (bench, done) = beside(&tile);
        let told = done.unwrap_err().to_string();
        assert!(told.contains(said) && told.contains("e_rp100.tif"), "{told}");
        assert!(bench.catalogue().layers().is_empty());
    }
}

#[test]
fn rasters_that_would_become_one_layer_are_refused_before_anything_is_touched() {
    let bench = Bench::new();
    let files = [
        Tile::at(104.90, 1.0).write(&bench, "a_rp10.tif"),
        Tile::at(104.90, 1.0).write(&bench, "b_rp100.tif"),
    ];
    for (layer, return_period) in [(Some("flood".to_owned()), None), (None, Some(50))] {
        let request = ImportRequest {
            preset: Some("jrc-flood".into()),
            files: files.to_vec(),
            layer,
            return_period,
            ..ImportRequest::default()
        };
        let error = import_preset(&bench.catalogue(), &request, now(), &mut NoProgress).unwrap_err();
        assert!(
            error.is_usage() && error.to_string().contains("would both become the layer"),
            "{error}"
        );
        assert!(bench.catalogue().layers().is_empty());
    }
}
