//! The Pareto front: alternatives than which no other is at least as good in everything and better in something.

use rayon::prelude::*;

/// Rows of the front, in row order. `columns[criterion][row]`, more is better; equal rows do not beat each other.
///
/// Rows are looked at from the greatest sum down (Chomicki et al. 2003): whoever beats a row has a greater sum, or
/// the same after rounding and then comes first in the order of the columns, so each row is compared with the front
/// found so far alone. Time: rows × front × criteria at worst.
///
/// # Panics
/// If columns differ in length.
pub fn front(columns: &[&[f64]]) -> Vec<u32> {
    let rows = columns.first().map_or(0, |column| column.len());
    let row = |index: u32| -> Vec<f64> { columns.iter().map(|column| column[index as usize]).collect() };
    let mut sorted: Vec<(f64, Vec<f64>, u32)> = (0..rows as u32)
        .into_par_iter()
        .with_min_len(4096)
        .map(|index| {
            let values = row(index);
            (values.iter().sum(), values, index)
        })
        .collect();
    sorted.par_sort_unstable_by(|left, right| {
        let by_columns = || {
            right
                .1
                .iter()
                .zip(&left.1)
                .map(|(right, left)| right.total_cmp(left))
                .find(|o| o.is_ne())
        };
        right
            .0
            .total_cmp(&left.0)
            .then_with(|| by_columns().unwrap_or(std::cmp::Ordering::Equal))
            .then(left.2.cmp(&right.2))
    });
    let mut front: Vec<(Vec<f64>, u32)> = Vec::new();
    for (_, values, index) in sorted {
        if !front.iter().any(|(other, _)| beats(other, &values)) {
            front.push((values, index));
        }
    }
    let mut rows: Vec<u32> = front.into_iter().map(|(_, index)| index).collect();
    rows.sort_unstable();
    rows
}

/// Whether a row is on the front, without looking for the rest of it. Time: rows × criteria at worst.
///
/// # Panics
/// If columns differ in length or there is no such row.
pub fn is_on_front(columns: &[&[f64]], row: usize) -> bool {
    let rows = columns.first().map_or(0, |column| column.len());
    let beaten_by = |other: usize| {
        columns.iter().all(|column| column[other] >= column[row])
            && columns.iter().any(|column| column[other] > column[row])
    };
    !(0..rows).any(beaten_by)
}

fn beats(left: &[f64], right: &[f64]) -> bool {
    left.iter().zip(right).all(|(left, right)| left >= right) && left != right
}
