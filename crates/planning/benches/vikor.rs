//! VIKOR of 500,000 × 12.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use phteah_planning::methods::vikor::vikor;
use phteah_planning::value::Goal;

#[path = "support/scattered.rs"]
mod scattered;

fn bench(criterion: &mut Criterion) {
    let columns = scattered::columns(500_000, 12);
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let (goals, shares) = ([Goal::Max; 12], [1.0 / 12.0; 12]);
    criterion.bench_function("vikor/500000x12", |bencher| {
        bencher.iter(|| vikor(black_box(&columns), &goals, &shares, 0.5));
    });
}

criterion_group!(benches, bench);
criterion_main!(benches);
