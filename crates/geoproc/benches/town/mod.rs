//! An invented town for the benchmarks: parcels in blocks, streets between them, zones across.

#![allow(dead_code, reason = "each benchmark uses its part")]

use std::f64::consts::TAU;

use geo::{Coord, LineString, Polygon};
use phteah_geoproc::grid::{Grid, MemoryRaster};
use phteah_geoproc::network::{Direction, ModeSpeeds, Road};

/// Repeatable noise between 0 and 1 (`SplitMix64`).
pub fn noise(seed: u64) -> f64 {
    let mut z = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Slanted plots of about 5 × 18 m that fill a square of `side` metres.
pub fn parcels(count: usize, side: f64) -> Vec<Polygon<f64>> {
    let columns = ((count as f64).sqrt() * 1.8) as usize;
    let rows = count.div_ceil(columns);
    let (width, height) = (side / columns as f64, side / rows as f64);
    (0..count)
        .map(|i| {
            let (x, y) = ((i % columns) as f64 * width, (i / columns) as f64 * height);
            let (w, h) = (width * (0.7 + 0.3 * noise(i as u64)), height * 0.9);
            let lean = 0.3 * width;
            let ring = vec![
                (x, y),
                (x + w, y + lean),
                (x + w - lean / 2.0, y + h),
                (x - lean / 2.0, y + h - lean),
            ];
            Polygon::new(LineString::from(ring), vec![])
        })
        .collect()
}

/// Zones of ragged outline strewn over a square of `side` metres.
pub fn zones(count: usize, vertices: usize, side: f64) -> Vec<Polygon<f64>> {
    (0..count)
        .map(|zone| {
            let seed = zone as u64 * 1_000_003;
            let centre = (noise(seed) * side, noise(seed + 1) * side);
            let radius = side * (0.01 + 0.05 * noise(seed + 2));
            let ring: Vec<(f64, f64)> = (0..vertices)
                .map(|i| {
                    let angle = TAU * i as f64 / vertices as f64;
                    let r = radius * (1.0 + 0.3 * (angle * 5.0).sin() + 0.04 * noise(seed + 3 + i as u64));
                    (centre.0 + r * angle.cos(), centre.1 + r * angle.sin())
                })
                .collect();
            Polygon::new(LineString::from(ring), vec![])
        })
        .collect()
}

/// Streets on a bent lattice of `columns` × `rows` nodes; about five streets of six exist, one in eight is one-way.
pub fn roads(columns: usize, rows: usize, spacing: f64) -> Vec<Road> {
    let node = |column: usize, row: usize| {
        let seed = (row * columns + column) as u64;
        let jitter = |salt: u64| (noise(seed * 7 + salt) - 0.5) * 0.5;
        Coord {
            x: (column as f64 + jitter(0)) * spacing,
            y: (row as f64 + jitter(1)) * spacing,
        }
    };
    let mut roads = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            for (across, next) in [(true, (column + 1, row)), (false, (column, row + 1))] {
                let seed = (((row * columns) + column) * 2 + usize::from(across)) as u64 * 31;
                if next.0 >= columns || next.1 >= rows || noise(seed) > 0.85 {
                    continue;
                }
                let main = if across { row % 12 == 0 } else { column % 12 == 0 };
                let speeds = ModeSpeeds {
                    walk: Some(4.5),
                    motorbike: Some(if main { 30.0 } else { 18.0 }),
                };
                let direction = if noise(seed + 1) < 0.125 {
                    Direction::Forward
                } else {
                    Direction::Both
                };
                let line = LineString(vec![node(column, row), node(next.0, next.1)]);
                roads.push(Road::new(line, speeds, direction));
            }
        }
    }
    roads
}

/// Places strewn over a square of `side` metres.
pub fn places(count: usize, side: f64, seed: u64) -> Vec<Option<Coord<f64>>> {
    let at = |i: u64| Coord {
        x: noise(seed + 2 * i) * side,
        y: noise(seed + 2 * i + 1) * side,
    };
    (0..count as u64).map(|i| Some(at(i))).collect()
}

/// Depths that vary over a kilometre or so, dry in half of the cells, on square cells of `cell` metres.
pub fn depths(columns: usize, rows: usize, cell: f64, rise: f32) -> MemoryRaster {
    let grid = Grid {
        west: 0.0,
        north: rows as f64 * cell,
        cell_width: cell,
        cell_height: cell,
        columns,
        rows,
    };
    let depth = |i: usize| {
        let (x, y) = ((i % columns) as f32 * 0.01, (i / columns) as f32 * 0.013);
        Some((x.sin() + y.cos() + rise).max(0.0))
    };
    MemoryRaster::new(grid, (0..columns * rows).map(depth))
}
