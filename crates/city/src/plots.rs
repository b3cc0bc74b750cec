//! Plots of a block: rows back to back along the longer side, cut by the block's outline.

use geo::Coord;

use crate::blocks::clip;
use crate::draw::Draw;
use crate::shape::{cm, cross, direction, distance, dot, left, ring_area};

/// How finely a block is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grain {
    /// Shophouses, 4–5 × 15–25 m.
    Shophouse,
    /// Villas, 10–16 × 18–28 m.
    Villa,
    /// Compounds, 25–45 × 40–70 m.
    Compound,
    /// Estates and gardens, 70–110 × 80–130 m.
    Estate,
    /// Fields, 100–200 × 150–300 m.
    Field,
}

impl Grain {
    /// Range of widths, range of depths and passage behind two rows, in metres.
    const fn sizes(self) -> ([f64; 2], [f64; 2], f64) {
        match self {
            Self::Shophouse => ([4.0, 5.0], [15.0, 25.0], 3.0),
            Self::Villa => ([10.0, 16.0], [18.0, 28.0], 4.0),
            Self::Compound => ([25.0, 45.0], [40.0, 70.0], 5.0),
            Self::Estate => ([70.0, 110.0], [80.0, 130.0], 5.0),
            Self::Field => ([100.0, 200.0], [150.0, 300.0], 4.0),
        }
    }

    /// Usual area of a plot in m².
    pub(crate) const fn usual_m2(self) -> f64 {
        let ([w0, w1], [d0, d1], _) = self.sizes();
        (w0 + w1) * (d0 + d1) / 4.0
    }
}

/// A plot and its place in the mesh of its block: plots with neighbouring places share a whole side.
#[derive(Debug, Clone)]
pub(crate) struct Plot {
    pub row: usize,
    pub column: usize,
    /// Counter-clockwise, rounded to 1 cm, without closing point.
    pub ring: Vec<Coord<f64>>,
}

/// Divides a convex outline into plots.
pub(crate) fn divide(outline: &[Coord<f64>], grain: Grain, draw: &mut Draw) -> Vec<Plot> {
    if outline.len() < 3 || ring_area(outline) < 30.0 {
        return vec![];
    }
    let (widths, depths, passage) = grain.sizes();
    let u = long_side(outline);
    let v = left(u);
    let origin = outline[0];
    let (u_low, u_high) = range(outline, origin, u);
    let (v_low, v_high) = range(outline, origin, v);
    let rows = rows(v_low, v_high, depths, passage);
    let columns = columns(u_low, u_high, widths, draw);
    let mut plots = Vec::new();
    for (row, &(near, far)) in rows.iter().enumerate() {
        for (column, w) in columns.windows(2).enumerate() {
            let at = |s: f64, t: f64| origin + u * s + v * t;
            let cell = [at(w[0], near), at(w[1], near), at(w[1], far), at(w[0], far)];
            let whole = (w[1] - w[0]) * (far - near);
            if let Some(ring) = cut_to(&cell, outline, whole) {
                plots.push(Plot { row, column, ring });
            }
        }
    }
    plots
}

/// Direction of the longest side.
fn long_side(outline: &[Coord<f64>]) -> Coord<f64> {
    let sides = (0..outline.len()).map(|k| outline[(k + 1) % outline.len()] - outline[k]);
    let longest = sides.max_by(|a, b| dot(*a, *a).total_cmp(&dot(*b, *b)));
    direction(longest.unwrap_or(Coord { x: 1.0, y: 0.0 }))
}

fn range(outline: &[Coord<f64>], origin: Coord<f64>, axis: Coord<f64>) -> (f64, f64) {
    let values = outline.iter().map(|&c| dot(c - origin, axis));
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
        (low.min(v), high.max(v))
    })
}

/// Rows of plots across the block: pairs that share their back, with a passage between pairs.
fn rows(low: f64, high: f64, depths: [f64; 2], passage: f64) -> Vec<(f64, f64)> {
    let (height, usual) = (high - low, f64::midpoint(depths[0], depths[1]));
    if height < 1.5 * usual {
        return vec![(low, high.min(low + depths[1]))];
    }
    let mut pairs = ((height + passage) / (2.0 * usual + passage)).round().max(1.0);
    if (height + passage) / pairs - passage > 2.0 * depths[1] {
        pairs += 1.0;
    }
    let depth = ((height + passage) / pairs - passage) / 2.0;
    (0..pairs as usize)
        .flat_map(|pair| {
            let start = low + pair as f64 * (2.0 * depth + passage);
            [(start, start + depth), (start + depth, start + 2.0 * depth)]
        })
        .collect()
}

/// Cuts between the columns: about even, since a row was parcelled out at one time.
fn columns(low: f64, high: f64, widths: [f64; 2], draw: &mut Draw) -> Vec<f64> {
    let usual = draw.between(widths[0], widths[1]);
    let count = ((high - low) / usual).floor().max(1.0);
    let usual = ((high - low) / count).clamp(widths[0], widths[1]);
    let mut cuts: Vec<f64> = (0..=count as usize).map(|k| low + k as f64 * usual).collect();
    let last = cuts.len() - 1;
    let room = (widths[1] - widths[0]) * 0.1;
    for cut in &mut cuts[1..last.max(1)] {
        *cut += draw.between(-room, room);
    }
    cuts
}

/// A cell cut to the block's outline, if enough of it is left to be a plot.
fn cut_to(cell: &[Coord<f64>; 4], outline: &[Coord<f64>], whole: f64) -> Option<Vec<Coord<f64>>> {
    let mut ring = cell.to_vec();
    for (k, &a) in outline.iter().enumerate() {
        let side = outline[(k + 1) % outline.len()] - a;
        if ring.iter().any(|&c| cross(side, c - a) < 0.0) {
            ring = clip(&ring, a, left(direction(side)));
        }
    }
    let mut ring: Vec<_> = ring.into_iter().map(cm).collect();
    ring.dedup_by(|a, b| distance(*a, *b) < 0.02);
    while ring.len() > 1 && distance(ring[0], ring[ring.len() - 1]) < 0.02 {
        ring.pop();
    }
    (ring.len() >= 3 && ring_area(&ring) >= (0.45 * whole).max(24.0)).then_some(ring)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Part;

    #[test]
    fn shophouses_have_their_usual_shape_and_share_whole_sides() {
        let outline = [(0.0, 0.0), (120.0, 0.0), (120.0, 42.0), (0.0, 42.0)].map(|(x, y)| Coord { x, y });
        let plots = divide(&outline, Grain::Shophouse, &mut Draw::new(1, Part::Fabric, 1));
        assert!((48..=60).contains(&plots.len()), "{} plots", plots.len());
        for plot in &plots {
            let (width, depth) = (
                distance(plot.ring[0], plot.ring[1]),
                distance(plot.ring[0], plot.ring[3]),
            );
            assert!(
                (3.8..=5.2).contains(&width) && (15.0..=25.0).contains(&depth),
                "{width} × {depth} m"
            );
            if let Some(next) = plots
                .iter()
                .find(|p| p.row == plot.row && p.column == plot.column + 1)
            {
                assert_eq!([plot.ring[1], plot.ring[2]], [next.ring[0], next.ring[3]]);
            }
        }
    }

    #[test]
    fn slivers_hold_no_plots() {
        let sliver = [(0.0, 0.0), (90.0, 0.0), (90.0, 0.3)].map(|(x, y)| Coord { x, y });
        assert!(divide(&sliver, Grain::Shophouse, &mut Draw::new(1, Part::Fabric, 1)).is_empty());
        assert!(divide(&[], Grain::Field, &mut Draw::new(1, Part::Fabric, 1)).is_empty());
    }
}
