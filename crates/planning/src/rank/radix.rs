//! Sorting of packed words in time that grows as their number: dealt into groups by their top bits, then each group
//! radix-sorted in parallel.

use rayon::prelude::*;

/// Bits by which words are first dealt: few enough that every bucket's end stays in the first-level cache.
const DEAL_BITS: u32 = 10;
/// Bits of one pass of the radix sort.
const PASS_BITS: u32 = 10;
/// Words that one task sorts, more or less: their two copies stay in the second-level cache.
const TASK: usize = 1 << 15;

/// Sorts words in which nothing but the bits `low..high` differs in a way that matters: words equal there keep their
/// order.
pub(super) fn sort(words: &[u64], low: u32, high: u32) -> Vec<u64> {
    let shift = high.saturating_sub(DEAL_BITS).max(low);
    let bucket = |word: u64| (word >> shift) as usize;
    let mut ends = vec![0_u32; 1 << (high - shift)];
    for word in words {
        ends[bucket(*word)] += 1;
    }
    // Tasks of whole buckets, while their sizes are still at hand.
    let mut sizes = vec![0];
    for size in &ends {
        match sizes.last_mut() {
            Some(last) if *last < TASK => *last += *size as usize,
            _ => sizes.push(*size as usize),
        }
    }
    let mut start = 0;
    for end in &mut ends {
        (*end, start) = (start, start + *end);
    }
    let mut sorted = vec![0; words.len()];
    // Dealing moves each bucket's start to its end.
    for word in words {
        let next = &mut ends[bucket(*word)];
        sorted[*next as usize] = *word;
        *next += 1;
    }
    let mut tasks = Vec::with_capacity(sizes.len());
    let mut rest = sorted.as_mut_slice();
    for size in sizes {
        let (task, after) = rest.split_at_mut(size);
        tasks.push(task);
        rest = after;
    }
    tasks.into_par_iter().for_each(|task| sort_task(task, low));
    sorted
}

/// Radix sort from the lowest bits up.
fn sort_task(words: &mut [u64], low: u32) {
    let varying = words
        .first()
        .map_or(0, |first| words.iter().fold(0, |all, word| all | (word ^ first)));
    let high = u64::BITS - varying.leading_zeros();
    if high <= low {
        return;
    }
    let passes = (high - low).div_ceil(PASS_BITS);
    let bits = (high - low).div_ceil(passes);
    let mut other = words.to_vec();
    for pass in 0..passes {
        // The two copies take turns.
        let (from, to): (&[u64], &mut [u64]) = if pass % 2 == 0 {
            (words, &mut other)
        } else {
            (&other, words)
        };
        deal(from, to, low + pass * bits, bits);
    }
    if passes % 2 == 1 {
        words.copy_from_slice(&other);
    }
}

fn deal(from: &[u64], to: &mut [u64], shift: u32, bits: u32) {
    let mask = (1_u64 << bits) - 1;
    let digit = |word: u64| ((word >> shift) & mask) as usize;
    let mut ends = [0_u32; 1 << PASS_BITS];
    for word in from {
        ends[digit(*word)] += 1;
    }
    let mut start = 0;
    for end in &mut ends {
        (*end, start) = (start, start + *end);
    }
    for word in from {
        let next = &mut ends[digit(*word)];
        to[*next as usize] = *word;
        *next += 1;
    }
}
