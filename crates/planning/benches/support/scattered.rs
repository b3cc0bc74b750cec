//! Numbers without pattern for the benchmarks, the same in every run.

/// `criteria` columns of `rows` numbers in 0..1.
pub fn columns(rows: usize, criteria: usize) -> Vec<Vec<f64>> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..criteria)
        .map(|_| (0..rows).map(|_| next()).collect())
        .collect()
}
