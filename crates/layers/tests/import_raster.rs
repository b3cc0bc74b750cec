//! Rasters: on their own grid, in metres, unknown cells unknown.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may fail loudly, and exact values are meant"
)]

mod common;

use common::{Bench, now, request};
use gdal::cpl::CslStringList;
use gdal::raster::Buffer;
use gdal::spatial_ref::SpatialRef;
use gdal::{Dataset, DriverManager, Metadata};
use phteah_layers::import::report::Outcome;
use phteah_layers::{
    Deployment, Grid, GridRequest, ImportReport, ImportRequest, LayersError, NoProgress, RasterFile, Role,
    Window, import_grid,
};

/// How a test raster is made.
struct Tif {
    cells: Vec<f32>,
    columns: usize,
    nodata: Option<f64>,
    scale: Option<(f64, f64)>,
    unit: Option<&'static str>,
    crs: Option<u32>,
    transform: [f64; 6],
}

impl Tif {
    fn of(cells: &[f32]) -> Self {
        Self {
            cells: cells.to_vec(),
            columns: 2,
            nodata: Some(-9999.0),
            scale: None,
            unit: Some("m"),
            crs: Some(4326),
            transform: [104.9, 0.01, 0.0, 11.6, 0.0, -0.01],
        }
    }

    fn write(&self, bench: &Bench, name: &str) -> std::path::PathBuf {
        let plain = bench.files.join(format!("plain-{name}"));
        let rows = self.cells.len() / self.columns;
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        {
            let mut dataset = driver
                .create_with_band_type::<f32, _>(&plain, self.columns, rows, 1)
                .unwrap();
            dataset.set_geo_transform(&self.transform).unwrap();
            if let Some(code) = self.crs {
                dataset
                    .set_spatial_ref(&SpatialRef::from_epsg(code).unwrap())
                    .unwrap();
            }
            let mut band = dataset.rasterband(1).unwrap();
            band.set_no_data_value(self.nodata).unwrap();
            if let Some((scale, offset)) = self.scale {
                band.set_scale(scale).unwrap();
                band.set_offset(offset).unwrap();
            }
            let mut buffer = Buffer::new((self.columns, rows), self.cells.clone());
            band.write((0, 0), (self.columns, rows), &mut buffer).unwrap();
            dataset.close().unwrap();
        }
        let path = bench.files.join(name);
        let Some(unit) = self.unit else {
            std::fs::rename(plain, &path).unwrap();
            return path;
        };
        // Only a virtual raster can be given a unit through the safe interface.
        let vrt = bench.files.join("unit.vrt");
        gdal::programs::raster::build_vrt(Some(&vrt), &[Dataset::open(&plain).unwrap()], None)
            .unwrap()
            .close()
            .unwrap();
        let text = std::fs::read_to_string(&vrt).unwrap();
        let scale = self.scale.map_or(String::new(), |(s, o)| {
            format!("<Offset>{o}</Offset><Scale>{s}</Scale>")
        });
        let text = text.replacen(
            "<ComplexSource>",
            &format!("<UnitType>{unit}</UnitType>{scale}<ComplexSource>"),
            1,
        );
        let text = text.replacen(
            "<SimpleSource>",
            &format!("<UnitType>{unit}</UnitType>{scale}<SimpleSource>"),
            1,
        );
        std::fs::write(&vrt, text).unwrap();
        Dataset::open(&vrt)
            .unwrap()
            .create_copy(&driver, &path, &CslStringList::new())
            .unwrap()
            .close()
            .unwrap();
        path
    }
}

#[test]
fn a_picture_of_a_map_is_no_raster_of_values() {
    let bench = Bench::new();
    for bands in [3, 4] {
        let path = bench.files.join(format!("picture-{bands}.tif"));
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        let mut dataset = driver.create_with_band_type::<u8, _>(&path, 2, 2, bands).unwrap();
        dataset
            .set_geo_transform(&[104.9, 0.01, 0.0, 11.6, 0.0, -0.01])
            .unwrap();
        dataset
            .set_spatial_ref(&SpatialRef::from_epsg(4326).unwrap())
            .unwrap();
        dataset.close().unwrap();
        let (message, _) = common::refused(bench.run(&depth(&path)));
        assert!(message.contains("picture of a map"), "{message}");
    }
}

fn depth(file: &std::path::Path) -> ImportRequest {
    ImportRequest {
        return_period: Some(100),
        ..request(Role::FloodDepth, file)
    }
}

fn cells(bench: &Bench, layer: &str) -> Vec<Option<f32>> {
    let raster = bench.catalogue().raster(layer).unwrap();
    let block = raster.read(raster.grid().window()).unwrap();
    block
        .values
        .iter()
        .zip(&block.valid)
        .map(|(value, valid)| valid.then_some(*value))
        .collect()
}

fn refused(result: Result<ImportReport, LayersError>) -> String {
    let error = result.expect_err("the import should have been refused");
    assert!(!error.is_usage(), "a usage error: {error}");
    error.to_string()
}

/// Said to be complete in the west alone, it knows nothing of the east.
#[test]
fn cells_beyond_where_a_raster_is_complete_are_unknown() {
    let bench = Bench::new();
    let file = Tif::of(&[1.0, 2.0, 3.0, 4.0, -9999.0, 6.0]).write(&bench, "flood_rp50.tif");
    let with = |coverage: &str| {
        let request = ImportRequest {
            coverage: Some(coverage.parse().unwrap()),
            ..depth(&file)
        };
        bench.run(&request).unwrap()
    };
    let report = with("104.9,11.5,104.911,11.6");
    assert_eq!(
        cells(&bench, "flood_depth_rp100"),
        [Some(1.0), None, Some(3.0), None, None, None]
    );
    assert_eq!((report.read, report.kept), (6, 2), "{report}");
    assert!(
        report
            .warnings
            .iter()
            .any(|w| w.starts_with("3 cells with a value lie outside")),
        "{report}"
    );
    // A cell of which more than half lies inside counts.
    with("104.9,11.5,104.916,11.6");
    assert_eq!(cells(&bench, "flood_depth_rp100")[1], Some(2.0));
    with("104.9,11.58,104.92,11.6");
    assert_eq!(
        cells(&bench, "flood_depth_rp100"),
        [Some(1.0), Some(2.0), Some(3.0), Some(4.0), None, None]
    );
}

#[test]
fn a_raster_keeps_its_grid_its_values_and_its_gaps() {
    let bench = Bench::new();
    let file = Tif::of(&[0.0, 0.5, -9999.0, f32::NAN, 1.25, 2.0]).write(&bench, "flood_rp50.tif");
    let report = bench.import(Role::FloodDepth, &file).unwrap();
    assert_eq!((report.read, report.kept, report.left_out), (6, 4, 2), "{report}");
    let catalogue = bench.catalogue();
    let entry = catalogue.layer("flood_depth_rp50").unwrap();
    assert_eq!(
        (entry.return_period, entry.unit.as_deref(), entry.crs.as_str()),
        (Some(50), Some("m"), "EPSG:4326")
    );
    let raster = catalogue.raster("flood_depth_rp50").unwrap();
    let grid = raster.grid();
    assert_eq!((grid.columns, grid.rows), (2, 3));
    assert!((grid.west - 104.9).abs() < 1e-12 && (grid.cell_height - 0.01).abs() < 1e-12);
    assert_eq!(raster.unit(), Some("m"));
    assert_eq!(
        cells(&bench, "flood_depth_rp50"),
        [Some(0.0), Some(0.5), None, None, Some(1.25), Some(2.0)]
    );
    // It is a cloud-optimised GeoTIFF that says where it comes from.
    let stored = Dataset::open(catalogue.path(entry)).unwrap();
    assert_eq!(
        stored.metadata_item("LAYOUT", "IMAGE_STRUCTURE").as_deref(),
        Some("COG")
    );
    assert_eq!(
        stored.metadata_item("SOURCE", "").as_deref(),
        Some("flood_rp50.tif")
    );
    assert_eq!(
        bench.import(Role::FloodDepth, &file).unwrap().outcome,
        Outcome::Unchanged
    );
    bench.assert_tidy();
}

#[test]
fn centimetres_become_metres_and_scale_and_offset_count() {
    let bench = Bench::new();
    let file = Tif {
        unit: Some("cm"),
        ..Tif::of(&[0.0, 50.0, 125.0, -9999.0])
    }
    .write(&bench, "cm.tif");
    let report = bench.run(&depth(&file)).unwrap();
    assert_eq!(
        cells(&bench, "flood_depth_rp100"),
        [Some(0.0), Some(0.5), Some(1.25), None]
    );
    assert!(
        report
            .warnings
            .iter()
            .any(|w| w.contains("unit is cm") && w.contains("0.01")),
        "{report}"
    );

    let scaled = Tif {
        scale: Some((0.1, 1.0)),
        ..Tif::of(&[0.0, 5.0, 20.0, -9999.0])
    }
    .write(&bench, "scaled.tif");
    bench.run(&depth(&scaled)).unwrap();
    let got = cells(&bench, "flood_depth_rp100");
    for (got, expected) in got.iter().zip([Some(1.0), Some(1.5), Some(3.0), None]) {
        assert_eq!(
            got.map(|v| (v * 1e5).round()),
            expected.map(|v: f32| (v * 1e5).round())
        );
    }
    let odd = Tif {
        unit: Some("furlong"),
        ..Tif::of(&[0.0, 1.0])
    }
    .write(&bench, "odd.tif");
    assert!(refused(bench.run(&depth(&odd))).contains("furlong"));
    let silent = Tif {
        unit: None,
        ..Tif::of(&[0.0, 1.0])
    }
    .write(&bench, "silent.tif");
    assert!(
        bench
            .run(&depth(&silent))
            .unwrap()
            .warnings
            .iter()
            .any(|w| w.contains("does not say its unit"))
    );
}

#[test]
fn depths_that_cannot_be_are_refused() {
    let bench = Bench::new();
    let good = Tif::of(&[0.0, 1.0]).write(&bench, "good.tif");
    bench.run(&depth(&good)).unwrap();
    let negative = Tif::of(&[0.0, 1.0, -3.0, -1.0]).write(&bench, "negative.tif");
    let message = refused(bench.run(&depth(&negative)));
    assert!(
        message.contains("2 cells hold negative depths (down to -3 m)"),
        "{message}"
    );
    let undeclared = Tif {
        nodata: None,
        ..Tif::of(&[0.0, 1.0, 32767.0, 1.0])
    }
    .write(&bench, "undeclared.tif");
    assert!(refused(bench.run(&depth(&undeclared))).contains("deeper than 100 m"));
    let empty = Tif::of(&[-9999.0, -9999.0]).write(&bench, "empty.tif");
    assert!(refused(bench.run(&depth(&empty))).contains("Not one cell"));
    // What was there before is still there.
    assert_eq!(cells(&bench, "flood_depth_rp100"), [Some(0.0), Some(1.0)]);
    let noise = Tif::of(&[0.0, 1.0, -0.000_001, 1.0]).write(&bench, "noise.tif");
    let report = bench.run(&depth(&noise)).unwrap();
    assert_eq!(report.count("negative_noise"), 1);
    assert_eq!(cells(&bench, "flood_depth_rp100")[2], Some(0.0));
    bench.assert_tidy();
}

#[test]
fn a_raster_without_crs_or_elsewhere_or_rotated_is_refused() {
    let bench = Bench::new();
    let bare = Tif {
        crs: None,
        ..Tif::of(&[0.0, 1.0])
    }
    .write(&bench, "bare.tif");
    assert!(refused(bench.run(&depth(&bare))).contains("--crs"));
    let given = ImportRequest {
        crs: Some("EPSG:4326".into()),
        ..depth(&bare)
    };
    assert_eq!(bench.run(&given).unwrap().crs_from, "as given");
    let metres = Tif {
        transform: [491_000.0, 10.0, 0.0, 1_280_000.0, 0.0, -10.0],
        ..Tif::of(&[0.0, 1.0])
    };
    assert!(
        refused(bench.run(&depth(&metres.write(&bench, "metres.tif")))).contains("metres read as degrees")
    );
    let elsewhere = Tif {
        transform: [2.0, 0.01, 0.0, 48.0, 0.0, -0.01],
        ..Tif::of(&[0.0, 1.0])
    };
    assert!(refused(bench.run(&depth(&elsewhere.write(&bench, "paris.tif")))).contains("outside"));
    let rotated = Tif {
        unit: None,
        transform: [104.9, 0.01, 0.002, 11.6, 0.002, -0.01],
        ..Tif::of(&[0.0, 1.0])
    };
    assert!(refused(bench.run(&depth(&rotated.write(&bench, "rotated.tif")))).contains("rotated"));
    let text = bench.file("text.tif", "this is no raster");
    assert!(refused(bench.run(&depth(&text))).contains("text.tif cannot be read"));
    let no_rp = Tif::of(&[0.0, 1.0]).write(&bench, "flood.tif");
    assert!(bench.import(Role::FloodDepth, &no_rp).unwrap_err().is_usage());
    bench.assert_tidy();
}

#[test]
fn a_south_up_raster_is_read_from_the_north() {
    let bench = Bench::new();
    let file = Tif {
        unit: None,
        transform: [104.9, 0.01, 0.0, 11.6, 0.0, 0.01],
        ..Tif::of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    }
    .write(&bench, "up.tif");
    let raster = RasterFile::open(&file, &Deployment::default()).unwrap();
    assert!((raster.grid().north - 11.63).abs() < 1e-9);
    let all = raster.read(raster.grid().window()).unwrap();
    assert_eq!(all.values, [5.0, 6.0, 3.0, 4.0, 1.0, 2.0]);
    let part = raster
        .read(Window {
            column: 1,
            row: 1,
            columns: 1,
            rows: 2,
        })
        .unwrap();
    assert_eq!(part.values, [4.0, 2.0]);
    assert!(
        raster
            .read(Window {
                column: 1,
                row: 0,
                columns: 2,
                rows: 1
            })
            .is_err()
    );
}

#[test]
fn a_large_raster_is_cut_to_the_extent_along_cell_edges() {
    let bench = Bench::new();
    let (columns, rows) = (1000, 1000);
    let cells: Vec<f32> = (0..columns * rows)
        .map(|i| (i % columns) as f32 / 100.0)
        .collect();
    let file = Tif {
        columns,
        transform: [100.0, 0.01, 0.0, 20.0, 0.0, -0.01],
        ..Tif::of(&cells)
    }
    .write(&bench, "wide.tif");
    let report = bench.run(&depth(&file)).unwrap();
    assert!(
        report
            .warnings
            .iter()
            .any(|w| w.starts_with("Cut to the deployment's extent")),
        "{report}"
    );
    let raster = bench.catalogue().raster("flood_depth_rp100").unwrap();
    let grid = raster.grid();
    assert!(grid.columns < 200 && grid.rows < 200);
    let column = ((grid.west - 100.0) / 0.01).round();
    assert!(
        (grid.west - (100.0 + column * 0.01)).abs() < 1e-9,
        "not on the original cells' edges"
    );
    let block = raster
        .read(Window {
            column: 3,
            row: 5,
            columns: 1,
            rows: 1,
        })
        .unwrap();
    assert!((block.values[0] - (column as f32 + 3.0) / 100.0).abs() < 1e-6);
}

#[test]
fn a_program_s_grid_is_stored_row_by_row() {
    let bench = Bench::new();
    let grid = Grid {
        west: 480_000.0,
        north: 1_280_000.0,
        cell_width: 10.0,
        cell_height: 10.0,
        columns: 700,
        rows: 600,
    };
    let request = GridRequest {
        role: Role::FloodDepth,
        layer: "flood_rain_rp10".into(),
        title: "Rain flood".into(),
        crs: "EPSG:32648".into(),
        source: "generator".into(),
        licence: "CC0-1.0".into(),
        attribution: String::new(),
        illustrative: true,
        return_period: Some(10),
    };
    let fill = |row: usize, cells: &mut [Option<f32>]| {
        for (column, cell) in cells.iter_mut().enumerate() {
            *cell = (column % 7 != 0).then_some((row * 700 + column) as f32 / 1e5);
        }
    };
    let run = || import_grid(&bench.catalogue(), &request, &grid, fill, now(), &mut NoProgress).unwrap();
    let report = run();
    assert_eq!(report.read, 420_000);
    assert_eq!(report.kept, 600 * 600);
    let raster = bench.catalogue().raster("flood_rain_rp10").unwrap();
    assert_eq!(raster.grid(), grid);
    let block = raster
        .read(Window {
            column: 511,
            row: 511,
            columns: 3,
            rows: 2,
        })
        .unwrap();
    assert_eq!(block.valid, [false, true, true, false, true, true]);
    assert_eq!(block.values[1], (511.0 * 700.0 + 512.0) / 1e5);
    let coarse = raster.read_decimated(grid.window(), 70, 60).unwrap();
    assert_eq!(coarse.values.len(), 4200);
    assert_eq!(run().outcome, Outcome::Unchanged);
    bench.assert_tidy();
}

#[test]
fn a_mask_band_hides_cells() {
    let bench = Bench::new();
    let file = Tif {
        nodata: None,
        unit: None,
        ..Tif::of(&[1.0, 2.0])
    }
    .write(&bench, "masked.tif");
    {
        gdal::config::set_thread_local_config_option("GDAL_TIFF_INTERNAL_MASK", "YES").unwrap();
        let options = gdal::DatasetOptions {
            open_flags: gdal::GdalOpenFlags::GDAL_OF_UPDATE | gdal::GdalOpenFlags::GDAL_OF_RASTER,
            ..Default::default()
        };
        let dataset = Dataset::open_ex(&file, options).unwrap();
        let mut band = dataset.rasterband(1).unwrap();
        band.create_mask_band(true).unwrap();
        let mut mask = band.open_mask_band().unwrap();
        mask.write((0, 0), (2, 1), &mut Buffer::new((2, 1), vec![255_u8, 0]))
            .unwrap();
    }
    let raster = RasterFile::open(&file, &Deployment::default()).unwrap();
    assert_eq!(raster.read(raster.grid().window()).unwrap().valid, [true, false]);
}

#[test]
fn many_threads_read_one_raster() {
    let bench = Bench::new();
    let cells: Vec<f32> = (0..400 * 400).map(|i| i as f32).collect();
    let file = Tif {
        columns: 400,
        ..Tif::of(&cells)
    }
    .write(&bench, "wide.tif");
    let raster = RasterFile::open(&file, &Deployment::default()).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let raster = &raster;
            scope.spawn(move || {
                for row in (thread..400).step_by(8) {
                    let mut line = vec![0.0; 400];
                    raster
                        .read_into(
                            Window {
                                column: 0,
                                row,
                                columns: 400,
                                rows: 1,
                            },
                            &mut line,
                        )
                        .unwrap();
                    assert!(
                        line.iter()
                            .enumerate()
                            .all(|(i, value)| *value == (row * 400 + i) as f32)
                    );
                }
            });
        }
    });
}
