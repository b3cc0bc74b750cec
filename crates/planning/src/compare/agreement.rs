//! How far two orders of the same sites agree.

/// Kendall's τ-b of two lists of ranks: 1 where they order every pair alike, −1 where they order every pair the other
/// way round, ties in either counted out. Rows without a rank in one of them take no part.
///
/// `None` where fewer than two rows have both ranks, or one of the lists ties them all. Knight's algorithm (1966): sort by
/// the first, count the exchanges that sort the second: n log n.
pub fn kendall(a: &[Option<u32>], b: &[Option<u32>]) -> Option<f64> {
    let mut pairs: Vec<(u32, u32)> = a.iter().zip(b).filter_map(|(a, b)| a.zip(*b)).collect();
    pairs.sort_unstable();
    let n = pairs.len() as u64;
    let all = n * n.saturating_sub(1) / 2;
    let tied_in_a = tied(pairs.iter().map(|pair| pair.0));
    let tied_in_both = tied(pairs.iter().copied());
    let mut second: Vec<u32> = pairs.into_iter().map(|pair| pair.1).collect();
    let mut buffer = vec![0; second.len()];
    let exchanges = sort_counting(&mut second, &mut buffer);
    let tied_in_b = tied(second.iter().copied());
    let concordant_less_discordant =
        (all + tied_in_both) as f64 - (tied_in_a + tied_in_b + 2 * exchanges) as f64;
    let scale = ((all - tied_in_a) as f64 * (all - tied_in_b) as f64).sqrt();
    (scale > 0.0).then(|| concordant_less_discordant / scale)
}

/// Pairs of equals in a sorted list.
fn tied<T: PartialEq>(sorted: impl Iterator<Item = T>) -> u64 {
    let (mut pairs, mut run, mut last) = (0, 0, None);
    for item in sorted {
        run = if last.as_ref() == Some(&item) { run + 1 } else { 0 };
        pairs += run;
        last = Some(item);
    }
    pairs
}

/// Merge sort; gives the number of pairs that stood the wrong way round.
fn sort_counting(list: &mut [u32], buffer: &mut [u32]) -> u64 {
    if list.len() < 2 {
        return 0;
    }
    let middle = list.len() / 2;
    let mut exchanges = {
        let (left, right) = list.split_at_mut(middle);
        let (left_buffer, right_buffer) = buffer.split_at_mut(middle);
        sort_counting(left, left_buffer) + sort_counting(right, right_buffer)
    };
    let (mut left, mut right) = (0, middle);
    for slot in buffer.iter_mut() {
        if right == list.len() || (left < middle && list[left] <= list[right]) {
            *slot = list[left];
            left += 1;
        } else {
            *slot = list[right];
            right += 1;
            exchanges += (middle - left) as u64;
        }
    }
    list.copy_from_slice(buffer);
    exchanges
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, pair by pair.
    fn by_definition(a: &[Option<u32>], b: &[Option<u32>]) -> Option<f64> {
        let pairs: Vec<(u32, u32)> = a.iter().zip(b).filter_map(|(a, b)| a.zip(*b)).collect();
        let (mut sum, mut of_a, mut of_b) = (0, 0, 0);
        for (index, one) in pairs.iter().enumerate() {
            for other in &pairs[..index] {
                let (x, y) = (one.0.cmp(&other.0) as i32, one.1.cmp(&other.1) as i32);
                sum += x * y;
                of_a += x * x;
                of_b += y * y;
            }
        }
        let scale = (f64::from(of_a) * f64::from(of_b)).sqrt();
        (scale > 0.0).then(|| f64::from(sum) / scale)
    }

    proptest! {
        #[test]
        fn it_is_what_the_definition_says(
            ranks in prop::collection::vec((prop::option::weighted(0.9, 1..9_u32), prop::option::weighted(0.9, 1..9_u32)), 0..40)
        ) {
            let (a, b): (Vec<_>, Vec<_>) = ranks.into_iter().unzip();
            match (kendall(&a, &b), by_definition(&a, &b)) {
                (Some(found), Some(expected)) => prop_assert!((found - expected).abs() < 1e-12, "{found} is not {expected}"),
                (found, expected) => prop_assert_eq!(found, expected),
            }
        }
    }
}
