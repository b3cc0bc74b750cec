//! Cell-key perturbation: the other way to protect a table, by small noise that is the same for the same households.
//!
//! Every record has a key. A cell's key is the sum of its records' keys, so the same set of households has the same noise in every table, and asking
//! twice does not average it away (Fraser and Wooton 2005; Handbook on Statistical Disclosure Control, cell key method). **Totals no longer add
//! up**: each is perturbed by itself. A table is perturbed or has hidden cells, never both: exact totals beside perturbed parts would give the noise
//! away.

use super::read::TableError;
use super::records::RecordsFile;
use super::rules::FLOOR;
use super::table::Table;

/// How far a count is moved at most, before what would be too small is told as 0 or as the floor.
pub const MOST_NOISE: u64 = 5;

/// How far from the truth a count can come out: moved down to one below the floor, and told as 0.
pub const MOST_OFF: u64 = FLOOR - 1 + MOST_NOISE;

/// A table of which every count has its noise.
#[derive(Clone, Debug)]
pub struct Perturbed {
    table: Table,
    counts: Vec<u64>,
}

impl Perturbed {
    /// Counts records and perturbs every cell. `key_of` gives a record's key by its id: any number, always the same one for a household, which
    /// nobody can guess.
    ///
    /// # Errors
    /// If a breakdown is no tree, or there are too many cells.
    pub fn of(records: &RecordsFile, key_of: impl Fn(&str) -> u32) -> Result<Self, TableError> {
        let (table, keys) = (records.table(|_| 1)?, records.table(key_of)?);
        let both = table.values().iter().zip(keys.values());
        let counts = both.map(|(&count, &key)| perturbed(count, key as u32)).collect();
        Ok(Self { table, counts })
    }

    /// The cells: a name for each column and "total" for sums, and the perturbed count.
    pub fn cells(&self) -> impl Iterator<Item = (Vec<(&str, &str)>, u64)> {
        let cells = self.counts.iter().enumerate();
        cells.map(|(cell, &count)| {
            let dimensions = self.table.dimensions().iter().enumerate();
            let labels = dimensions.flat_map(|(number, tree)| tree.labels(self.table.node(cell, number)));
            (labels.collect(), count)
        })
    }
}

/// A perturbed count: never 1 to 9, never a lie about nobody.
///
/// - A true 0 stays 0.
/// - Another count is moved by -5 to 5, evenly by the cell's key.
/// - What would come out as 1 to 9 becomes 0 or 10, so that its mean stays: by the same key once more.
pub fn perturbed(count: u64, cell_key: u32) -> u64 {
    if count == 0 {
        return 0;
    }
    let step = u64::from(cell_key) * (2 * MOST_NOISE + 1);
    let (noise, rest) = (step >> 32, step as u32);
    let moved = (count + noise).saturating_sub(MOST_NOISE);
    if moved >= FLOOR {
        return moved;
    }
    // As often 10 as its share of 10.
    if u64::from(rest) * FLOOR < moved << 32 {
        FLOOR
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_small_count_comes_out_and_nobody_is_made_up() {
        for count in 0..60 {
            let (mut sum, mut least, mut most) = (0.0, u64::MAX, 0);
            for key in 0..11_000_u64 {
                let value = perturbed(count, ((key << 32) / 11_000) as u32);
                assert!(value == 0 || value >= FLOOR);
                assert!(count > 0 || value == 0);
                assert!(value.abs_diff(count) <= MOST_OFF);
                (least, most) = (least.min(value), most.max(value));
                sum += value as f64;
            }
            if count > MOST_NOISE {
                assert!(
                    (sum / 11_000.0 - count as f64).abs() < 0.05,
                    "{count}: {}",
                    sum / 11_000.0
                );
            }
            if count >= FLOOR + MOST_NOISE {
                assert_eq!((least, most), (count - MOST_NOISE, count + MOST_NOISE));
            }
        }
        assert_eq!(perturbed(60, u32::MAX), 65);
        let farthest = (0..1 << 20)
            .map(|key| perturbed(14, key << 12).abs_diff(14))
            .max();
        assert_eq!(farthest, Some(MOST_OFF));
    }
}
