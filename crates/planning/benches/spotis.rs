//! SPOTIS of 500,000 × 12.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use phteah_planning::methods::spotis::distances;
use phteah_planning::value::Goal;

#[path = "support/scattered.rs"]
mod scattered;

fn spotis(criterion: &mut Criterion) {
    let columns = scattered::columns(500_000, 12);
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let (goals, shares, bounds) = ([Goal::Max; 12], [1.0 / 12.0; 12], [[0.0, 1.0]; 12]);
    criterion.bench_function("spotis/500000x12", |bencher| {
        bencher.iter(|| distances(black_box(&columns), &goals, &shares, &bounds));
    });
}

criterion_group!(benches, spotis);
criterion_main!(benches);
