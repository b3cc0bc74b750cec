//! Any polygons on any grid: coverage and exposure neither panic nor give a number that is none.
#![no_main]

use arbitrary::{Arbitrary, Unstructured};
use geo::{Coord, LineString, MultiPolygon, Polygon};
use libfuzzer_sys::fuzz_target;
use phteah_geoproc::coverage::coverage;
use phteah_geoproc::exposure::exposure;
use phteah_geoproc::grid::{Grid, MemoryRaster};

/// Numbers that a file may hold: mostly near the grid, on cell edges or between them; sometimes anything at all.
fn number(bytes: &mut Unstructured<'_>) -> arbitrary::Result<f64> {
    Ok(match bytes.int_in_range(0..=7_u8)? {
        0..=2 => f64::from(i8::arbitrary(bytes)?) / 4.0,
        3..=5 => f64::from(i16::arbitrary(bytes)?) / 1000.0,
        6 => f64::from(f32::arbitrary(bytes)?),
        _ => f64::arbitrary(bytes)?,
    })
}

fn ring(bytes: &mut Unstructured<'_>) -> arbitrary::Result<LineString<f64>> {
    let corners = bytes.int_in_range(0..=12_usize)?;
    (0..corners)
        .map(|_| {
            Ok(Coord {
                x: number(bytes)?,
                y: number(bytes)?,
            })
        })
        .collect()
}

#[derive(Debug)]
struct Case {
    grid: Grid,
    shape: MultiPolygon<f64>,
    values: Vec<Option<f32>>,
}

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let grid = Grid {
            west: number(bytes)?,
            north: number(bytes)?,
            cell_width: number(bytes)?,
            cell_height: number(bytes)?,
            columns: bytes.int_in_range(0..=40)?,
            rows: bytes.int_in_range(0..=40)?,
        };
        let mut parts = Vec::new();
        for _ in 0..bytes.int_in_range(0..=3_u8)? {
            let holes = bytes.int_in_range(0..=2_u8)?;
            let shell = ring(bytes)?;
            parts.push(Polygon::new(
                shell,
                (0..holes).map(|_| ring(bytes)).collect::<Result<_, _>>()?,
            ));
        }
        let values = (0..bytes.int_in_range(0..=60_u8)?)
            .map(|_| Ok(Some(f32::from(u8::arbitrary(bytes)?) / 50.0).filter(|depth| *depth < 4.0)))
            .collect::<arbitrary::Result<_>>()?;
        Ok(Self {
            grid,
            shape: MultiPolygon::new(parts),
            values,
        })
    }
}

fuzz_target!(|case: Case| {
    let Case { grid, shape, values } = case;
    if grid.check().is_err() {
        return;
    }
    let covered = coverage(&shape, &grid);
    let mut last = (0, 0);
    for span in &covered.spans {
        assert!(span.row < grid.rows && span.first < span.end && span.end <= grid.columns, "{span:?}");
        assert!((span.row, span.first) >= last, "{span:?} after {last:?}");
        assert!(span.fraction > 0.0 && span.fraction <= 1.0, "{span:?}");
        last = (span.row, span.end);
    }
    assert!(covered.total_cells >= 0.0, "{}", covered.total_cells);

    let raster = MemoryRaster::new(grid, values);
    let found = exposure(&[shape], &[&raster], 0.3).expect("a memory raster can be read");
    let found = found[0][0];
    assert!((0.0..=1.0).contains(&found.known_share), "{found:?}");
    if let Some(depths) = found.known {
        assert!(found.known_share > 0.0, "{found:?}");
        assert!(depths.mean >= 0.0 && depths.mean <= depths.max * (1.0 + 1e-9), "{found:?}");
        assert!((0.0..=1.0).contains(&depths.deeper_share), "{found:?}");
        for bounds in [found.mean_bounds(), found.deeper_share_bounds()] {
            let bounds = bounds.expect("what is known in part has bounds");
            assert!(bounds.lowest >= 0.0 && bounds.lowest <= bounds.highest, "{found:?} {bounds:?}");
        }
    }
});
