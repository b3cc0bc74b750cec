//! Sorting of packed words in time that grows as their number: dealt into buckets by their top bits on all threads,
//! then each bucket radix-sorted where it stays in the first-level cache.

use std::slice::IterMut;

use rayon::prelude::*;

/// Bits by which words are dealt: 256 buckets, so that the next place of each stays in the first-level cache.
const DEAL_BITS: u32 = 8;
const BUCKETS: usize = 1 << DEAL_BITS;
/// Words that one task counts and deals.
const PART: usize = 1 << 16;
/// Bits of one pass over a bucket.
const PASS_BITS: u32 = 9;
/// Bits beyond those that could count a bucket's words: so many leave one word in a hundred equal to another.
const SPARE_BITS: u32 = 7;
/// A bucket of fewer words is sorted by comparison.
const FEW: usize = 256;

/// The words of all scores in rising order; they are below `2^bits`.
///
/// Equal words cannot be told apart, so the result is the same on any number of threads.
pub(super) fn sort(scores: &[f64], bits: u32, word: impl Fn(f64, usize) -> u64 + Copy + Sync) -> Vec<u64> {
    let shift = bits.saturating_sub(DEAL_BITS);
    let sizes: Vec<[usize; BUCKETS]> = scores
        .par_chunks(PART)
        .enumerate()
        .map(|(part, scores)| {
            let mut sizes = [0; BUCKETS];
            for (score, row) in scores.iter().zip(part * PART..) {
                sizes[(word(*score, row) >> shift) as usize % BUCKETS] += 1;
            }
            sizes
        })
        .collect();
    let mut words = vec![0; scores.len()];
    scores
        .par_chunks(PART)
        .zip(places(&mut words, &sizes))
        .enumerate()
        .for_each(|(part, (scores, mut places))| {
            let (word, places) = (word, &mut places[..BUCKETS]);
            for (score, row) in scores.iter().zip(part * PART..) {
                let word = word(*score, row);
                if let Some(place) = places[(word >> shift) as usize % BUCKETS].next() {
                    *place = word;
                }
            }
        });
    let totals = (0..BUCKETS).map(|bucket| sizes.iter().map(|sizes| sizes[bucket]).sum());
    split(&mut words, totals)
        .into_par_iter()
        .for_each_init(Vec::new, |other, bucket| sort_bucket(bucket, other));
    words
}

/// The places that each part fills in each bucket: buckets follow one another, and within a bucket the parts.
fn places<'a>(words: &'a mut [u64], sizes: &[[usize; BUCKETS]]) -> Vec<Vec<IterMut<'a, u64>>> {
    let mut places: Vec<Vec<_>> = sizes.iter().map(|_| Vec::with_capacity(BUCKETS)).collect();
    let by_bucket = (0..BUCKETS).flat_map(|bucket| sizes.iter().map(move |sizes| sizes[bucket]));
    for (index, stretch) in split(words, by_bucket).into_iter().enumerate() {
        places[index % sizes.len()].push(stretch.iter_mut());
    }
    places
}

fn split(mut words: &mut [u64], sizes: impl Iterator<Item = usize>) -> Vec<&mut [u64]> {
    sizes.map_while(|size| words.split_off_mut(..size)).collect()
}

/// Radix passes over as many of the top bits that differ as tell nearly all words apart, from the lowest of these up; then
/// the few that these bits leave equal are sorted by comparison.
fn sort_bucket(words: &mut [u64], other: &mut Vec<u64>) {
    if words.len() < FEW {
        return words.sort_unstable();
    }
    let differing = words.iter().fold(0, |all, word| all | (word ^ words[0]));
    let high = u64::BITS - differing.leading_zeros();
    let telling = usize::BITS - words.len().leading_zeros() + SPARE_BITS;
    let passes = telling.min(high).div_ceil(PASS_BITS);
    let low = high.saturating_sub(passes * PASS_BITS);
    other.resize(words.len(), 0);
    for pass in 0..passes {
        // The two copies take turns.
        let shift = low + pass * PASS_BITS;
        if pass % 2 == 0 {
            deal(words, other, shift);
        } else {
            deal(other, words, shift);
        }
    }
    if passes % 2 == 1 {
        words.copy_from_slice(other);
    }
    // Passes keep the order of equal digits, so that a word out of place shows beside its equals.
    let mut sorted = 0;
    while let Some(at) = words[sorted..].windows(2).position(|pair| pair[0] > pair[1]) {
        let same = |word: &u64| word >> low == words[sorted + at] >> low;
        let start = words[..sorted + at]
            .iter()
            .rposition(|word| !same(word))
            .map_or(0, |last| last + 1);
        let len = words[start..].iter().take_while(|word| same(word)).count();
        words[start..start + len].sort_unstable();
        sorted = start + len - 1;
    }
}

/// Copies words in the order of one digit, those with the same digit in the order in which they stood.
fn deal(from: &[u64], to: &mut [u64], shift: u32) {
    let digit = |word: u64| (word >> shift) as usize % (1 << PASS_BITS);
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
