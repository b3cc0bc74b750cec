//! Cell-key perturbation: the other way to protect a table, by small noise that is the same for the same households.
//!
//! Every record has a key from 0 to before 1. A cell's key is the sum of its records' keys without the whole part, so the same set of households
//! has the same noise in every table, and asking twice does not average it away (Fraser and Wooton 2005; Handbook on Statistical Disclosure
//! Control, cell key method). **Totals no longer add up**: each is perturbed by itself. A table is perturbed or has hidden cells, never both: exact
//! totals beside perturbed parts would give the noise away.

use super::rules::FLOOR;

/// How far a count is moved at most.
pub const MOST_NOISE: u64 = 5;

/// A perturbed count: never 1 to 9, never a lie about nobody.
///
/// - A true 0 stays 0.
/// - Another count is moved by -5 to 5, evenly by the cell's key.
/// - What would come out as 1 to 9 becomes 0 or 10, so that its mean stays: by the same key once more.
///
/// # Errors
/// None for a key that is not from 0 to before 1.
pub fn perturbed(count: u64, cell_key: f64) -> Option<u64> {
    if !(0.0..1.0).contains(&cell_key) {
        return None;
    }
    if count == 0 {
        return Some(0);
    }
    let steps = (2 * MOST_NOISE + 1) as f64;
    let noise = (cell_key * steps).floor();
    let rest = (cell_key * steps).fract();
    let moved = (count + noise as u64).saturating_sub(MOST_NOISE);
    if moved >= FLOOR {
        return Some(moved);
    }
    // As often 10 as its share of 10.
    Some(if rest < moved as f64 / FLOOR as f64 {
        FLOOR
    } else {
        0
    })
}

/// A cell's key: the sum of its records' keys, without the whole part.
pub fn cell_key(record_keys: impl IntoIterator<Item = f64>) -> f64 {
    record_keys.into_iter().sum::<f64>().fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_households_have_the_same_noise() {
        let keys = [0.25, 0.5, 0.75, 0.125];
        let mut other = keys;
        other.reverse();
        assert_eq!(perturbed(40, cell_key(keys)), perturbed(40, cell_key(other)));
    }

    #[test]
    fn no_small_count_comes_out_and_nobody_is_made_up() {
        for count in 0..60 {
            let (mut sum, mut least, mut most) = (0.0, u64::MAX, 0);
            for key in 0..11_000 {
                let value = perturbed(count, f64::from(key) / 11_000.0).unwrap();
                assert!(value == 0 || value >= FLOOR);
                assert!(count > 0 || value == 0);
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
        assert_eq!(perturbed(12, 1.0), None);
        assert_eq!(perturbed(12, f64::NAN), None);
    }
}
