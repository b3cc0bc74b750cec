//! Sites made of 100,000 parcels with 257 exclusions.

mod town;

use criterion::{Criterion, criterion_group, criterion_main};
use geo::MultiPolygon;
use phteah_geoproc::sites::{Exclusions, Parcel, Rules, assemble};

fn bench(c: &mut Criterion) {
    let side = 10_000.0;
    let shapes: Vec<MultiPolygon<f64>> = town::parcels(100_000, side).into_iter().map(Into::into).collect();
    let ids: Vec<String> = (0..shapes.len()).map(|i| format!("P{i:06}")).collect();
    let parcels: Vec<Parcel> = ids
        .iter()
        .zip(&shapes)
        .enumerate()
        .map(|(i, (id, shape))| Parcel {
            id,
            group: (i / 50 % 3) as u32,
            shape,
        })
        .collect();
    let zones = town::zones(257, 161, side);
    let rules = Rules {
        gap: 2.0,
        ..Rules::default()
    };
    let mut group = c.benchmark_group("sites");
    group.sample_size(10);
    group.bench_function("100,000 parcels, 257 exclusions", |b| {
        b.iter(|| assemble(&parcels, &Exclusions::new(&zones), &rules));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
