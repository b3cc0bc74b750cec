//! Weighted sum and full order of 500,000 × 12, beside the time it takes only to read the same memory.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use phteah_planning::methods::weighted_sum::scores;
use phteah_planning::rank::{Better, order};
use rayon::prelude::*;

#[path = "support/scattered.rs"]
mod scattered;

fn weighted_sum(criterion: &mut Criterion) {
    let columns = scattered::columns(500_000, 12);
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let shares = vec![1.0 / 12.0; 12];
    let mut group = criterion.benchmark_group("weighted_sum");
    group.bench_function("sum_and_order_500000x12", |bencher| {
        bencher.iter(|| order(&scores(black_box(&columns), &shares), Better::Higher));
    });
    group.bench_function("sum_500000x12", |bencher| {
        bencher.iter(|| scores(black_box(&columns), &shares));
    });
    let summed = scores(&columns, &shares);
    group.bench_function("order_500000", |bencher| {
        bencher.iter(|| order(black_box(&summed), Better::Higher));
    });
    // The floor: every number read once and nothing else done.
    group.bench_function("read_memory_500000x12", |bencher| {
        bencher.iter(|| {
            let read = |chunk: &[f64]| {
                let mut sums = [0.0; 16];
                for lanes in chunk.chunks_exact(16) {
                    sums.iter_mut()
                        .zip(lanes)
                        .for_each(|(sum, number)| *sum += number);
                }
                sums.iter().sum::<f64>()
            };
            black_box(&columns)
                .par_iter()
                .map(|column| column.par_chunks(1 << 14).map(read).sum::<f64>())
                .sum::<f64>()
        });
    });
    group.finish();
}

criterion_group!(benches, weighted_sum);
criterion_main!(benches);
