//! PROMETHEE II by sorting at 1,000, 10,000 and 100,000 × 12: the curve is n log n. The gaussian, which is quadratic,
//! stands beside the smallest.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use phteah_planning::methods::promethee::{Preference, flows};
use phteah_planning::value::Goal;

#[path = "support/scattered.rs"]
mod scattered;

fn promethee(criterion: &mut Criterion) {
    let (goals, shares) = ([Goal::Max; 12], [1.0 / 12.0; 12]);
    let mut group = criterion.benchmark_group("promethee");
    group.sample_size(10);
    for rows in [1_000, 10_000, 100_000] {
        let columns = scattered::columns(rows, 12);
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let linear = [Preference::Linear { q: 0.1, p: 0.5 }; 12];
        group.bench_with_input(
            BenchmarkId::new("linear_x12", rows),
            &columns,
            |bencher, columns| {
                bencher.iter(|| flows(black_box(columns), &goals, &shares, &linear));
            },
        );
        if rows == 1_000 {
            let gaussian = [Preference::Gaussian { s: 0.3 }; 12];
            group.bench_with_input(
                BenchmarkId::new("gaussian_x12", rows),
                &columns,
                |bencher, columns| {
                    bencher.iter(|| flows(black_box(columns), &goals, &shares, &gaussian));
                },
            );
        }
    }
    group.finish();
}

criterion_group!(benches, promethee);
criterion_main!(benches);
