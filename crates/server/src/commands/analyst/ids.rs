//! Ids that are not alone.

use std::hash::{BuildHasher, RandomState};

use rayon::prelude::*;

/// The rows whose id stands in an earlier row already, in ascending order.
///
/// Sorted hashes instead of a set: every thread helps, and a million ids are looked at in the order of the memory.
pub fn repeated(ids: &[String]) -> Vec<usize> {
    let hashing = RandomState::new();
    let mut hashed: Vec<(u64, usize)> = ids
        .par_iter()
        .enumerate()
        .map(|(row, id)| (hashing.hash_one(id), row))
        .collect();
    hashed.par_sort_unstable();
    let mut rows = Vec::new();
    for alike in hashed.chunk_by(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1) {
        // Rows ascend within a hash. Two ids may share one by chance: the ids themselves decide.
        for (i, &(_, row)) in alike.iter().enumerate() {
            if alike[..i].iter().any(|&(_, earlier)| ids[earlier] == ids[row]) {
                rows.push(row);
            }
        }
    }
    rows.sort_unstable();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_later_ones_are_repeated() {
        let ids = ["a", "b", "a", "c", "b", "a"].map(str::to_owned);
        assert_eq!(repeated(&ids), [2, 4, 5]);
        assert_eq!(repeated(&ids[..2]), [0_usize; 0]);
    }
}
