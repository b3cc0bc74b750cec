//! Weighted least squares under "never falls".

/// The nearest numbers to `values` that never fall, weighted: pools neighbours that are out of order (Ayer and others 1955).
pub(super) fn isotonic(values: &[f64], weights: &[f64]) -> Vec<f64> {
    // Mean, weight and length of each pool.
    let mut pools: Vec<(f64, f64, usize)> = Vec::with_capacity(values.len());
    for (value, weight) in values.iter().zip(weights) {
        let mut pool = (*value, *weight, 1);
        while let Some(last) = pools.last().filter(|last| last.0 >= pool.0) {
            let weight = last.1 + pool.1;
            let mean = if weight > 0.0 {
                (last.0 * last.1 + pool.0 * pool.1) / weight
            } else {
                pool.0
            };
            pool = (mean, weight, last.2 + pool.2);
            pools.pop();
        }
        pools.push(pool);
    }
    pools
        .into_iter()
        .flat_map(|(mean, _, length)| std::iter::repeat_n(mean, length))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_out_of_order_become_their_mean() {
        assert_eq!(isotonic(&[1.0, 3.0, 2.0, 4.0], &[1.0; 4]), [1.0, 2.5, 2.5, 4.0]);
        assert_eq!(isotonic(&[3.0, 1.0], &[3.0, 1.0]), [2.5, 2.5]);
        assert_eq!(isotonic(&[3.0, 2.0, 1.0], &[1.0; 3]), [2.0; 3]);
        assert!(isotonic(&[], &[]).is_empty());
    }
}
