//! Outlines of where a field exceeds a level (marching squares), as valid polygons with holes.

use std::collections::BTreeMap;

use geo::{Coord, LineString, Polygon};

use crate::raster::Frame;
use crate::shape::{along, cm, in_ring, ring_area};

/// A crossing of the outline with the mesh: the cell, and whether towards the next column (else the next row).
type Edge = (usize, usize, bool);

/// Polygons of more than `least_m2` where `values` exceed `level`; holes smaller than that are filled.
pub(crate) fn above(frame: &Frame, values: &[f64], level: f64, least_m2: f64) -> Vec<Polygon<f64>> {
    let mut next: BTreeMap<Edge, (Edge, Coord<f64>)> = BTreeMap::new();
    // The rim counts as below, so that every outline closes.
    let value = |col: usize, row: usize| {
        let rim = col == 0 || row == 0 || col == frame.cols - 1 || row == frame.rows - 1;
        let above = values[row * frame.cols + col] - level;
        if rim {
            -1.0
        } else if above == 0.0 {
            1e-9
        } else {
            above
        }
    };
    let point = |(col, row, sideways): Edge| {
        let (to_col, to_row) = if sideways { (col + 1, row) } else { (col, row + 1) };
        let (a, b) = (value(col, row), value(to_col, to_row));
        let share = (a / (a - b)).clamp(0.03, 0.97);
        cm(along(frame.middle(col, row), frame.middle(to_col, to_row), share))
    };
    for row in 0..frame.rows - 1 {
        for col in 0..frame.cols - 1 {
            // Corners and edges counter-clockwise from the north-west: edge k runs from corner k to corner k + 1.
            let corners = [
                value(col, row),
                value(col, row + 1),
                value(col + 1, row + 1),
                value(col + 1, row),
            ];
            let edges: [Edge; 4] = [
                (col, row, false),
                (col, row + 1, true),
                (col + 1, row, false),
                (col, row, true),
            ];
            let inside = corners.map(|corner| corner > 0.0);
            let middle_inside = corners.iter().sum::<f64>() > 0.0;
            for k in 0..4 {
                // The outline leaves the cell where the walk around it goes from inside to outside…
                if !inside[k] || inside[(k + 1) % 4] {
                    continue;
                }
                // …and came in at the crossing before, or, in a saddle that is joined in the middle, the one after.
                let entries = (0..4).map(|step| {
                    if middle_inside {
                        (k + 1 + step) % 4
                    } else {
                        (k + 4 - step) % 4
                    }
                });
                let enters = |&k: &usize| !inside[k] && inside[(k + 1) % 4];
                if let Some(entry) = entries.into_iter().find(enters) {
                    next.insert(edges[k], (edges[entry], point(edges[k])));
                }
            }
        }
    }
    let (mut shells, mut holes) = (Vec::new(), Vec::new());
    while let Some((&start, _)) = next.first_key_value() {
        let (mut ring, mut at) = (Vec::new(), start);
        while let Some((to, c)) = next.remove(&at) {
            ring.push(c);
            at = to;
        }
        let area = ring_area(&ring);
        if area.abs() >= least_m2 {
            if area > 0.0 {
                shells.push((area, ring));
            } else {
                holes.push(ring);
            }
        }
    }
    // A hole belongs to the smallest shell around it.
    shells.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut polygons: Vec<_> = shells
        .into_iter()
        .map(|(_, ring)| Polygon::new(LineString(ring), vec![]))
        .collect();
    for hole in holes {
        if let Some(shell) = polygons
            .iter_mut()
            .find(|shell| in_ring(&shell.exterior().0, hole[0]))
        {
            shell.interiors_push(LineString(hole));
        }
    }
    polygons
}

#[cfg(test)]
mod tests {
    use geo::{Area, Validation};

    use super::*;
    use crate::shape::distance;

    #[test]
    fn a_ring_shaped_field_gives_a_polygon_with_a_hole() {
        let frame = Frame::new([0.0, 0.0, 2.0, 2.0], 20.0);
        let centre = Coord {
            x: 1_000.0,
            y: 1_000.0,
        };
        let crest = |cell: usize| {
            let d = distance(frame.middle(cell % frame.cols, cell / frame.cols), centre);
            200.0 - (d - 500.0).abs()
        };
        let values: Vec<f64> = (0..frame.rows * frame.cols).map(crest).collect();
        let polygons = above(&frame, &values, 0.0, 100.0);
        assert_eq!(polygons.len(), 1);
        assert!(polygons[0].is_valid() && polygons[0].interiors().len() == 1);
        let expected = std::f64::consts::PI * (700.0 * 700.0 - 300.0 * 300.0);
        assert!((polygons[0].unsigned_area() / expected - 1.0).abs() < 0.01);
    }

    #[test]
    fn a_chessboard_of_saddles_stays_valid() {
        let frame = Frame::new([0.0, 0.0, 1.0, 1.0], 50.0);
        let sign = |cell: usize| {
            if (cell % frame.cols + cell / frame.cols).is_multiple_of(2) {
                1.0
            } else {
                -0.9
            }
        };
        let values: Vec<f64> = (0..frame.rows * frame.cols).map(sign).collect();
        let polygons = above(&frame, &values, 0.0, 0.0);
        assert!(!polygons.is_empty() && polygons.iter().all(Validation::is_valid));
    }
}
