//! SMAA of 5,000 sites × 12 criteria × 10,000 draws, top 20.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use phteah_planning::robustness::Values;
use phteah_planning::robustness::draws::Knowledge;
use phteah_planning::robustness::smaa::{Request, smaa};

#[path = "support/scattered.rs"]
mod scattered;

fn bench(criterion: &mut Criterion) {
    let columns = scattered::columns(5_000, 12);
    let request = Request {
        knowledge: Knowledge::Nothing,
        draws: 10_000,
        seed: 1,
        ranks: 20,
    };
    let mut group = criterion.benchmark_group("smaa");
    group.sample_size(10);
    let certain = Values::exact(columns.clone()).expect("equally long");
    group.bench_function("certain_5000x12_10000_draws_top_20", |bencher| {
        bencher.iter(|| smaa(black_box(&certain), &request).expect("fits"));
    });
    // One cell in twelve is not known.
    let mut high = columns.clone();
    high[3] = vec![1.0; 5_000];
    let uncertain = Values::between(columns, &high).expect("equally long");
    group.bench_function("uncertain_5000x12_10000_draws_top_20", |bencher| {
        bencher.iter(|| smaa(black_box(&uncertain), &request).expect("fits"));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
