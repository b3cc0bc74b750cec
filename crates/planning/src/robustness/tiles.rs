//! Values laid out for scoring under one set of weights after the other.

use super::Values;
use super::top::Top;
use crate::wide::wide;

/// Rows scored side by side: as many numbers as the widest vectors hold.
const LANES: usize = 8;
/// Sets of weights under which a tile is scored while it is at hand.
pub(super) const TOGETHER: usize = 4;

/// Lowest values, eight rows by all criteria at a time, so that a pass reads memory straight through.
pub(super) struct Tiles {
    /// Tile by tile, in each criterion by criterion.
    cells: Vec<[f64; LANES]>,
    /// The row of each lane.
    rows: Vec<u32>,
    criteria: usize,
}

impl Tiles {
    /// All rows in their own order.
    pub(super) fn new(values: &Values) -> Self {
        Self::in_order(values, (0..values.rows() as u32).collect())
    }

    /// All rows, the best under some weights first: the places of a [`Top`] are then soon held by scores that few of the
    /// later rows reach under other weights.
    pub(super) fn best_first(values: &Values, weights: &[f64]) -> Self {
        let tiles = Self::new(values);
        let mut scores = Vec::new();
        tiles.scores(weights, &mut scores);
        let mut rows = tiles.rows;
        rows.sort_by(|left, right| scores[*right as usize].total_cmp(&scores[*left as usize]));
        Self::in_order(values, rows)
    }

    fn in_order(values: &Values, rows: Vec<u32>) -> Self {
        let criteria = values.criteria();
        let mut cells = vec![[0.0; LANES]; rows.len().div_ceil(LANES) * criteria];
        for (criterion, column) in values.low().iter().enumerate() {
            for (index, row) in rows.iter().enumerate() {
                cells[index / LANES * criteria + criterion][index % LANES] = column[*row as usize];
            }
        }
        Self {
            cells,
            rows,
            criteria,
        }
    }

    /// The rows of each tile with its values. The last tile may have fewer rows than lanes.
    #[inline(always)]
    fn each(&self) -> impl Iterator<Item = (&[u32], &[[f64; LANES]])> {
        self.rows
            .chunks(LANES)
            .zip(self.cells.chunks_exact(self.criteria))
    }

    /// Rows in the order of the tiles.
    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Scores by row under one set of weights.
    pub(super) fn scores(&self, weights: &[f64], scores: &mut Vec<f64>) {
        scores.resize(self.rows.len(), 0.0);
        wide!(self.scores_of(weights, scores));
    }

    #[inline(always)]
    fn scores_of(&self, weights: &[f64], scores: &mut [f64]) {
        for (rows, tile) in self.each() {
            let mut sums = [0.0; LANES];
            for (cell, weight) in tile.iter().zip(weights) {
                for lane in 0..LANES {
                    sums[lane] += weight * cell[lane];
                }
            }
            for (row, sum) in rows.iter().zip(sums) {
                scores[*row as usize] = sum;
            }
        }
    }

    /// Offers the score of every row under each of four sets of weights, `weights[criterion][set]`, to the set's own top.
    pub(super) fn offer(&self, weights: &[[f64; TOGETHER]], tops: &mut [Top; TOGETHER]) {
        wide!(self.offer_of(weights, tops));
    }

    #[expect(clippy::needless_bitwise_bool, reason = "one branch for all lanes")]
    #[inline(always)]
    fn offer_of(&self, weights: &[[f64; TOGETHER]], tops: &mut [Top; TOGETHER]) {
        for (rows, tile) in self.each() {
            let sums = sums_together(tile, weights);
            for (top, sums) in tops.iter_mut().zip(&sums) {
                let bar = top.bar();
                if sums.iter().fold(false, |any, sum| any | (*sum >= bar)) {
                    rows.iter().zip(sums).for_each(|(row, sum)| top.offer(*sum, *row));
                }
            }
        }
    }
}

/// Eight rows under four sets of weights: 32 sums in registers.
#[inline(always)]
fn sums_together(tile: &[[f64; LANES]], weights: &[[f64; TOGETHER]]) -> [[f64; LANES]; TOGETHER] {
    let mut sums = [[0.0; LANES]; TOGETHER];
    for (cell, weights) in tile.iter().zip(weights) {
        for slot in 0..TOGETHER {
            for lane in 0..LANES {
                sums[slot][lane] += weights[slot] * cell[lane];
            }
        }
    }
    sums
}
