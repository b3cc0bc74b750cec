//! TOPSIS of 500,000 × 12.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use phteah_planning::methods::Normalisation;
use phteah_planning::methods::topsis::closeness;
use phteah_planning::value::Goal;

#[path = "support/scattered.rs"]
mod scattered;

fn topsis(criterion: &mut Criterion) {
    let columns = scattered::columns(500_000, 12);
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let (goals, shares) = ([Goal::Max; 12], [1.0 / 12.0; 12]);
    criterion.bench_function("topsis/vector_500000x12", |bencher| {
        bencher.iter(|| closeness(black_box(&columns), &goals, &shares, Normalisation::Vector));
    });
}

criterion_group!(benches, topsis);
criterion_main!(benches);
