//! Exposure on small rasters whose answer is known, and its invariants.

use geo::{Polygon, Rect};
use phteah_geoproc::exposure::{Exposure, ExposureError, exposure};
use phteah_geoproc::grid::{Grid, MemoryRaster, Raster, ReadError, Window};
use proptest::prelude::*;

fn grid(columns: usize, rows: usize) -> Grid {
    Grid::new(0.0, rows as f64, 1.0, 1.0, columns, rows).unwrap()
}

fn raster(values: &[Option<f32>], columns: usize) -> MemoryRaster {
    MemoryRaster::new(grid(columns, values.len() / columns), values.iter().copied())
}

fn one(shape: &Polygon<f64>, raster: &dyn Raster, limit: f64) -> Exposure {
    exposure(&[shape], &[raster], limit).unwrap()[0][0]
}

#[test]
fn a_rectangle_across_three_cells() {
    let raster = raster(&[Some(0.0), Some(0.4), Some(1.0), Some(9.0)], 4);
    let e = one(&Rect::new((0.5, 0.0), (2.25, 1.0)).to_polygon(), &raster, 0.3);
    let d = e.known.unwrap();
    assert!((e.known_share - 1.0).abs() < 1e-12);
    assert!((d.mean - (0.4_f32 as f64 + 0.25) / 1.75).abs() < 1e-9, "{d:?}");
    assert!((d.max - 1.0).abs() < 1e-12 && (d.deeper_share - 1.25 / 1.75).abs() < 1e-9);
}

#[test]
fn a_depth_equal_to_the_limit_is_not_deeper() {
    let raster = raster(&[Some(0.3)], 1);
    let d = one(&Rect::new((0.0, 0.0), (1.0, 1.0)).to_polygon(), &raster, 0.3)
        .known
        .unwrap();
    assert!(d.deeper_share.abs() < 1e-12);
}

#[test]
fn unknown_cells_widen_the_bounds() {
    let raster = raster(&[Some(1.0), None], 2);
    let e = one(&Rect::new((0.0, 0.0), (2.0, 1.0)).to_polygon(), &raster, 0.3);
    assert!((e.known_share - 0.5).abs() < 1e-12);
    let (mean, share) = (e.mean_bounds().unwrap(), e.deeper_share_bounds().unwrap());
    assert!((mean.lowest - 0.5).abs() < 1e-12 && (mean.highest - 1.0).abs() < 1e-12);
    assert!((share.lowest - 0.5).abs() < 1e-12 && (share.highest - 1.0).abs() < 1e-12);
}

#[test]
fn beyond_the_raster_is_unknown_and_stops_nothing() {
    let raster = raster(&[Some(2.0); 4], 2);
    let shapes = [
        Rect::new((50.0, 50.0), (60.0, 60.0)),
        Rect::new((1.0, 0.0), (3.0, 1.0)),
    ]
    .map(|r| r.to_polygon());
    let result = &exposure(&shapes, &[&raster], 0.3).unwrap()[0];
    assert_eq!(result[0], Exposure::UNKNOWN);
    assert!((result[1].known_share - 0.5).abs() < 1e-12);
}

#[test]
fn nan_and_infinity_in_a_raster_are_unknown() {
    let raster = raster(&[Some(f32::NAN), Some(f32::INFINITY), Some(1.0)], 3);
    let e = one(&Rect::new((0.0, 0.0), (3.0, 1.0)).to_polygon(), &raster, 0.3);
    assert!((e.known_share - 1.0 / 3.0).abs() < 1e-12 && (e.known.unwrap().mean - 1.0).abs() < 1e-12);
}

#[test]
fn rasters_of_different_grids_are_taken_on_their_own() {
    let fine = raster(&[Some(1.0), Some(3.0)], 2);
    let coarse = MemoryRaster::new(Grid::new(0.0, 1.0, 2.0, 1.0, 1, 1).unwrap(), [Some(5.0)]);
    let shape = Rect::new((0.0, 0.0), (2.0, 1.0)).to_polygon();
    let result = exposure(&[shape], &[&fine, &coarse], 0.3).unwrap();
    assert!((result[0][0].known.unwrap().mean - 2.0).abs() < 1e-12);
    assert!((result[1][0].known.unwrap().mean - 5.0).abs() < 1e-12);
}

struct Torn(Grid);

impl Raster for Torn {
    fn grid(&self) -> Grid {
        self.0
    }
    fn block_size(&self) -> (usize, usize) {
        (64, 64)
    }
    fn read(&self, _: Window, _: &mut [f32]) -> Result<(), ReadError> {
        Err("the file ends early".into())
    }
}

#[test]
fn an_unreadable_raster_is_named() {
    let shape = Rect::new((0.0, 0.0), (2.0, 1.0)).to_polygon();
    let whole = raster(&[Some(1.0), Some(3.0)], 2);
    let error = exposure(&[shape], &[&whole, &Torn(grid(9, 9))], 0.3).unwrap_err();
    assert!(
        matches!(&error, ExposureError::Read(read) if read.raster == 1),
        "{error}"
    );
}

/// Parcels over a raster of several tiles, some of them across its edge.
fn city() -> (Vec<Polygon<f64>>, MemoryRaster) {
    let parcels = (0..2000_u32).map(|i| {
        let (x, y) = (
            f64::from(i * 7919 % 700) - 20.0,
            f64::from(i * 104_729 % 900) - 20.0,
        );
        let (w, h) = (f64::from(i % 37) + 0.3, f64::from(i % 11) * 9.0 + 0.7);
        Rect::new((x, y), (x + w, y + h)).to_polygon()
    });
    let value = |cell: usize| (cell % 17 != 0).then_some((cell * 31 % 100) as f32 / 10.0);
    (
        parcels.collect(),
        MemoryRaster::new(grid(640, 800), (0..640 * 800).map(value)),
    )
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    let (parcels, raster) = city();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| exposure(&parcels, &[&raster as &dyn Raster], 3.0).unwrap())
    };
    let (one, three) = (on(1), on(3));
    assert_eq!(one, three);
}

#[test]
fn tiles_change_nothing() {
    // One raster in many tiles, the same in one strip-shaped block each: means must agree.
    struct Strips(MemoryRaster);
    impl Raster for Strips {
        fn grid(&self) -> Grid {
            self.0.grid()
        }
        fn block_size(&self) -> (usize, usize) {
            (640, 1)
        }
        fn read(&self, window: Window, values: &mut [f32]) -> Result<(), ReadError> {
            assert_eq!((window.column, window.columns), (0, 640));
            self.0.read(window, values)
        }
    }
    let (parcels, raster) = city();
    let strips = Strips(raster.clone());
    let a = exposure(&parcels, &[&raster], 3.0).unwrap();
    let b = exposure(&parcels, &[&strips], 3.0).unwrap();
    for (a, b) in a[0].iter().zip(&b[0]) {
        assert!((a.known_share - b.known_share).abs() < 1e-9);
        if let (Some(a), Some(b)) = (a.known, b.known) {
            assert!((a.mean - b.mean).abs() < 1e-9 && (a.deeper_share - b.deeper_share).abs() < 1e-9);
            assert!((a.max - b.max).abs() < 1e-12);
        }
    }
}

proptest! {
    #[test]
    fn deeper_floods_never_lower_exposure(
        depths in prop::collection::vec(prop::option::of(0.0..3.0_f32), 36),
        rise in prop::collection::vec(0.0..2.0_f32, 36),
        (x, y, w, h) in (-1.0..5.0_f64, -1.0..5.0_f64, 0.01..4.0_f64, 0.01..4.0_f64),
    ) {
        let deeper: Vec<Option<f32>> = depths.iter().zip(&rise).map(|(d, r)| d.map(|d| d + r)).collect();
        let shape = Rect::new((x, y), (x + w, y + h)).to_polygon();
        let (before, after) = (one(&shape, &raster(&depths, 6), 1.0), one(&shape, &raster(&deeper, 6), 1.0));
        prop_assert_eq!(before.known_share.to_bits(), after.known_share.to_bits());
        prop_assert_eq!(before.known.is_some(), after.known.is_some());
        if let (Some(b), Some(a)) = (before.known, after.known) {
            prop_assert!(a.mean >= b.mean - 1e-12 && a.max >= b.max && a.deeper_share >= b.deeper_share);
            let (b, a) = (before.mean_bounds().unwrap(), after.mean_bounds().unwrap());
            prop_assert!(b.lowest <= b.highest && a.lowest >= b.lowest - 1e-12);
        }
    }
}
