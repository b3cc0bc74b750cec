//! How sure the curve is: bands by drawing the families again.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::curve::Curve;
use super::fit::fit;
use super::observation::Observation;
use super::support::Ends;

/// Between which values the share still there lies at a time, with 95 % confidence at each time alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// The time.
    pub time: f64,
    /// The lower end, of what the curve is at the least.
    pub low: f64,
    /// The upper end, of what it is at the most.
    pub high: f64,
}

/// Bands by the bootstrap (Efron 1981): as many families are drawn again, with replacement, `draws` times, and 2.5 % of the curves lie below
/// and above. Where the data do not determine the curve, the band holds its whole range. The same seed gives the same bands.
///
/// For the estimate from interval-censored times the bootstrap is the usual way and only approximately right; with few families (below 30, say)
/// bands are too narrow. None for no families or no draws.
pub fn bootstrap(
    observations: &[Observation],
    ends_are: Ends,
    times: &[f64],
    draws: usize,
    seed: u64,
) -> Vec<Band> {
    if observations.is_empty() || draws == 0 {
        return Vec::new();
    }
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut ends: Vec<(Vec<f64>, Vec<f64>)> = vec![Default::default(); times.len()];
    let mut drawn = observations.to_vec();
    for _ in 0..draws {
        for one in &mut drawn {
            *one = observations[(generator.next_u64() % observations.len() as u64) as usize];
        }
        let curve = Curve::of(&fit(&drawn, ends_are));
        for (time, (lows, highs)) in times.iter().zip(&mut ends) {
            if let Some((low, high)) = curve.at(*time) {
                lows.push(low);
                highs.push(high);
            }
        }
    }
    times
        .iter()
        .zip(ends)
        .filter_map(|(time, (mut lows, mut highs))| {
            lows.sort_by(f64::total_cmp);
            highs.sort_by(f64::total_cmp);
            let last = lows.len().checked_sub(1)?;
            Some(Band {
                time: *time,
                low: lows[(0.025 * last as f64).floor() as usize],
                high: highs[(0.975 * last as f64).ceil() as usize],
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_hold_the_curve_and_repeat() {
        let observations: Vec<Observation> = (0..60)
            .map(|family| {
                let left = f64::from(family % 7);
                Observation::new(left, (family % 3 > 0).then_some(left + 2.0)).unwrap()
            })
            .collect();
        let times = [0.0, 3.0, 5.0];
        let bands = bootstrap(&observations, Ends::Closed, &times, 100, 7);
        assert_eq!(bands, bootstrap(&observations, Ends::Closed, &times, 100, 7));
        assert_ne!(bands, bootstrap(&observations, Ends::Closed, &times, 100, 8));
        let curve = Curve::of(&fit(&observations, Ends::Closed));
        for band in &bands {
            let (low, high) = curve.at(band.time).unwrap();
            assert!(band.low <= low && high <= band.high, "{band:?} {low} {high}");
        }
        assert!(bootstrap(&[], Ends::Closed, &times, 10, 1).is_empty());
        assert!(bootstrap(&observations, Ends::Closed, &times, 0, 1).is_empty());
    }
}
